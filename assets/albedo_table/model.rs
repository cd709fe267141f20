//! What the albedo table holds, by numerical integration in f64: how much light single scattering returns.
//!
//! All directions are local, z is the normal. The formulas are those of `shaders/bsdf`.

use std::f64::consts::PI;

/// A direction.
pub type Direction = [f64; 3];

/// Smallest GGX alpha of the shaders.
pub const ALPHA_MIN: f64 = 1e-3;
/// Smallest perceptual sheen roughness of the shaders.
pub const SHEEN_ROUGHNESS_MIN: f64 = 0.05;

fn dot(a: Direction, b: Direction) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn normalize(v: Direction) -> Direction {
    let scale = 1.0 / dot(v, v).sqrt();
    v.map(|x| x * scale)
}

/// Direction at `cosine` from the normal and azimuth `phi` from x.
pub fn direction(cosine: f64, phi: f64) -> Direction {
    let sine = (1.0 - cosine * cosine).max(0.0).sqrt();
    [sine * phi.cos(), sine * phi.sin(), cosine]
}

/// Nodes and weights of Gauss and Legendre's rule on [0, 1], by Newton's iteration on the polynomial.
pub fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    (0..n)
        .map(|i| {
            let mut x = (PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut before, mut value) = (1.0, x);
                for k in 2..=n {
                    let k = k as f64;
                    (before, value) = (
                        value,
                        ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k,
                    );
                }
                slope = n as f64 * (x * value - before) / (x * x - 1.0);
                let step = value / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

/// Where to evaluate an integral over visible normals.
pub struct Rule {
    turns: usize,
    heights: Vec<(f64, f64)>,
}

impl Rule {
    /// `turns` azimuths, evenly, by `heights` heights of the spherical cap, after Gauss.
    pub fn new(turns: usize, heights: usize) -> Self {
        Self {
            turns,
            heights: gauss_legendre(heights),
        }
    }
}

/// GGX microfacets of a surface.
#[derive(Clone, Copy)]
pub struct Ggx {
    /// alpha along x.
    pub alpha_x: f64,
    /// alpha along y.
    pub alpha_y: f64,
}

impl Ggx {
    fn lambda(self, w: Direction) -> f64 {
        let slope = ((self.alpha_x * w[0]).powi(2) + (self.alpha_y * w[1]).powi(2))
            / (w[2] * w[2]).max(1e-40);
        0.5 * ((1.0 + slope).sqrt() - 1.0)
    }

    /// Share of light along `wi` that is not shadowed, where `wo` sees the microfacet.
    fn shadowing(self, wo: Direction, wi: Direction) -> f64 {
        let seen = 1.0 + self.lambda(wo);
        seen / (seen + self.lambda(wi))
    }

    /// Normal visible from `wo` (Dupuy and Benyoub 2023).
    fn visible_normal(self, wo: Direction, u: f64, v: f64) -> Direction {
        let warped = normalize([wo[0] * self.alpha_x, wo[1] * self.alpha_y, wo[2]]);
        let phi = 2.0 * PI * u;
        let z = (1.0 - v) * (1.0 + warped[2]) - warped[2];
        let radius = (1.0 - z * z).max(0.0).sqrt();
        let cap = [
            radius * phi.cos() + warped[0],
            radius * phi.sin() + warped[1],
            z + warped[2],
        ];
        normalize([
            cap[0] * self.alpha_x,
            cap[1] * self.alpha_y,
            cap[2].max(1e-12),
        ])
    }

    /// Averages `value` over the normals visible from `wo`.
    fn average<const N: usize>(
        self,
        wo: Direction,
        rule: &Rule,
        value: impl Fn(Direction) -> [f64; N],
    ) -> [f64; N] {
        let mut sum = [0.0; N];
        // Isotropic microfacets mirror themselves in the plane of wo, which then holds x.
        let span = if self.alpha_x == self.alpha_y {
            0.5
        } else {
            1.0
        };
        for i in 0..rule.turns {
            let u = span * (i as f64 + 0.5) / rule.turns as f64;
            for &(v, weight) in &rule.heights {
                let term = value(self.visible_normal(wo, u, v));
                for (sum, term) in sum.iter_mut().zip(term) {
                    *sum += term * weight / rule.turns as f64;
                }
            }
        }
        sum
    }

    /// Reflected share with Fresnel 1 and with (1 − cos)⁵.
    /// `wo` must have azimuth 0 if the microfacets are isotropic.
    pub fn reflection(self, wo: Direction, rule: &Rule) -> [f64; 2] {
        self.average(wo, rule, |h| {
            let cosine = dot(wo, h);
            let wi = [0, 1, 2].map(|k| 2.0 * cosine * h[k] - wo[k]);
            if wi[2] <= 0.0 {
                return [0.0; 2];
            }
            let seen = self.shadowing(wo, wi);
            [seen, seen * (1.0 - cosine.clamp(0.0, 1.0)).powi(5)]
        })
    }

    /// Share reflected or refracted by an interface of relative index `eta`, with its Fresnel reflectance and with
    /// none wherever there is refraction.
    pub fn interface(self, wo: Direction, eta: f64, rule: &Rule) -> [f64; 2] {
        self.average(wo, rule, |h| {
            let cosine = dot(wo, h).clamp(0.0, 1.0);
            let reflected = [0, 1, 2].map(|k| 2.0 * cosine * h[k] - wo[k]);
            let reflected = if reflected[2] > 0.0 {
                self.shadowing(wo, reflected)
            } else {
                0.0
            };
            let beyond_squared = 1.0 - (1.0 - cosine * cosine) / (eta * eta);
            if beyond_squared <= 0.0 {
                return [reflected; 2];
            }
            let beyond = beyond_squared.sqrt();
            let wi = [0, 1, 2].map(|k| h[k] * (cosine / eta - beyond) - wo[k] / eta);
            let refracted = if wi[2] < 0.0 {
                self.shadowing(wo, wi)
            } else {
                0.0
            };
            let perpendicular = (cosine - eta * beyond) / (cosine + eta * beyond);
            let parallel = (eta * cosine - beyond) / (eta * cosine + beyond);
            let fresnel = 0.5 * (perpendicular * perpendicular + parallel * parallel);
            [fresnel * reflected + (1.0 - fresnel) * refracted, refracted]
        })
    }
}

fn charlie_fit(x: f64, alpha: f64) -> f64 {
    let w = (1.0 - alpha) * (1.0 - alpha);
    let mix = |a: f64, b: f64| a + (b - a) * w;
    let (a, b, c) = (
        mix(21.5473, 25.3245),
        mix(3.82987, 3.32435),
        mix(0.19823, 0.16801),
    );
    let (d, e) = (mix(-1.97760, -1.27393), mix(-4.32054, -4.85967));
    a / (1.0 + b * x.powf(c)) + d * x + e
}

fn charlie_lambda(cosine: f64, alpha: f64) -> f64 {
    if cosine < 0.5 {
        charlie_fit(cosine, alpha).exp()
    } else {
        (2.0 * charlie_fit(0.5, alpha) - charlie_fit(1.0 - cosine, alpha)).exp()
    }
}

/// Cosines that the shaders' sheen takes for this when smaller.
const SHEEN_COSINE_MIN: f64 = 1e-3;

/// Share of light that white sheen of perceptual `roughness` reflects towards `cosine`.
pub fn sheen(cosine: f64, roughness: f64, rule: &[(f64, f64)]) -> f64 {
    let alpha = roughness * roughness;
    let wo = direction(cosine, 0.0);
    let cosine = cosine.max(SHEEN_COSINE_MIN);
    let lambda_o = charlie_lambda(cosine, alpha);
    let mut sum = 0.0;
    for &(u, weight_u) in rule {
        // Half the hemisphere by symmetry; cubed, for detail at the horizon.
        let (z, stretch) = (u * u * u, 3.0 * u * u);
        let scale = 1.0 / (4.0 * cosine * (1.0 + lambda_o + charlie_lambda(z, alpha)));
        for &(v, weight_v) in rule {
            let wi = direction(z, PI * v);
            let h = normalize([wi[0] + wo[0], wi[1] + wo[1], wi[2] + wo[2]]);
            let sine_squared = h[0] * h[0] + h[1] * h[1];
            let density = (2.0 + 1.0 / alpha) * sine_squared.powf(0.5 / alpha) / (2.0 * PI);
            sum += 2.0 * PI * stretch * weight_u * weight_v * density * scale;
        }
    }
    sum
}
