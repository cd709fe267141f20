//! White furnace, reciprocity and closed forms of the material model.
//!
//! The furnace: a lossless white material in uniform light must vanish. Losses are held to one per cent, gains to
//! the noise of the estimate (five standard errors) and the rounding of f32.

mod bsdf;
mod probes;

use bsdf::{
    Bench, albedo, brushed, coated, cube_point, direction, direction_pairs, filmed, glass, query,
    roughened, sheened, translucent, white,
};
use glam::Vec3;
use skywell::compiled::record::BsdfQuery;
use skywell::scene::material::Material;
use std::f32::consts::PI;

const COSINES: [f32; 7] = [0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 1.0];
const ROUGHNESSES: [f32; 8] = [0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0];
/// What rounding may add.
const ROUNDING: f32 = 5e-4;

/// Runs the furnace over `cases` (name, material, eta) and every cosine: losses up to `loss`, and no gains.
fn furnace(cases: &[(String, Material, f32)], loss: f32, samples: u32) {
    let materials: Vec<Material> = cases.iter().map(|c| c.1.clone()).collect();
    let bench = Bench::new(&materials, true);
    for (index, (name, _, eta)) in cases.iter().enumerate() {
        for (k, cosine) in COSINES.into_iter().enumerate() {
            let wo = direction(cosine, 0.3 + k as f32);
            let (mean, error) = albedo(&bench, index, wo, *eta, samples);
            let noise = 5.0 * error;
            assert!(
                mean <= 1.0 + ROUNDING + noise,
                "{name} at cos {cosine}: gains, {mean} ± {error}"
            );
            assert!(
                mean >= 1.0 - loss - noise,
                "{name} at cos {cosine}: loses, {mean} ± {error}"
            );
        }
    }
}

fn grid(build: impl Fn(f32) -> Vec<(String, Material)>) -> Vec<(String, Material, f32)> {
    ROUGHNESSES
        .into_iter()
        .flat_map(|r| {
            build(r)
                .into_iter()
                .map(move |(n, m)| (format!("{n}, roughness {r}"), m, 1.0))
        })
        .collect()
}

#[test]
fn metal_and_dielectric_lose_nothing() {
    let with_ior = |r: f32, ior: f32| Material {
        ior,
        ..white(0.0, r)
    };
    let cases = grid(|r| {
        vec![
            ("metal".into(), white(1.0, r)),
            ("half metal".into(), white(0.5, r)),
            ("dielectric".into(), white(0.0, r)),
            ("ior 0".into(), with_ior(r, 0.0)),
            ("ior 1".into(), with_ior(r, 1.0)),
            ("ior 2.4".into(), with_ior(r, 2.4)),
            (
                "specular 0.5".into(),
                Material {
                    specular: 0.5,
                    ..white(0.0, r)
                },
            ),
        ]
    });
    furnace(&cases, 0.01, 4096);
}

#[test]
fn brushed_surfaces_lose_nothing() {
    let cases = grid(|r| {
        let mut cases = Vec::new();
        for strength in [0.3, 0.6, 1.0] {
            cases.push((
                format!("brushed metal {strength}"),
                brushed(white(1.0, r), strength, 0.7),
            ));
            cases.push((
                format!("brushed dielectric {strength}"),
                brushed(white(0.0, r), strength, 0.7),
            ));
        }
        cases
    });
    furnace(&cases, 0.01, 4096);
}

#[test]
fn coats_lose_nothing() {
    let cases = grid(|r| {
        let mut cases = Vec::new();
        for (factor, coat) in [(1.0, 0.0), (1.0, 0.4), (0.5, 1.0), (1.0, 1.0)] {
            cases.push((
                format!("coat {factor} {coat} on metal"),
                coated(white(1.0, r), factor, coat),
            ));
            cases.push((
                format!("coat {factor} {coat} on dielectric"),
                coated(white(0.0, r), factor, coat),
            ));
        }
        cases
    });
    furnace(&cases, 0.01, 4096);
}

#[test]
fn sheen_loses_nothing() {
    let cases = grid(|r| {
        [0.05, 0.1, 0.3, 0.6, 1.0]
            .into_iter()
            .flat_map(|s| {
                let base = white(0.0, 0.5);
                [
                    (format!("sheen {s}"), sheened(white(0.0, r), Vec3::ONE, s)),
                    (
                        format!("coat on half sheen {s}"),
                        coated(sheened(base, Vec3::splat(0.5), s), 1.0, r),
                    ),
                ]
            })
            .collect()
    });
    furnace(&cases, 0.01, 4096);
}

#[test]
fn thin_walls_and_diffuse_transmission_lose_nothing() {
    let cases = grid(|r| {
        vec![
            ("window".into(), glass(r, 1.0, false)),
            ("half window".into(), glass(r, 0.5, false)),
            ("paper".into(), translucent(white(0.0, r), 0.5)),
            (
                "coated paper".into(),
                coated(translucent(white(0.0, r), 1.0), 1.0, r),
            ),
            (
                "milky window".into(),
                translucent(glass(r, 0.3, false), 0.7),
            ),
        ]
    });
    furnace(&cases, 0.01, 4096);
}

/// Without a layer over it a rough diffuse base is lossless; with one it loses a little, as the two know nothing of
/// each other.
#[test]
fn rough_diffuse_bases_lose_nothing_of_their_own() {
    let bare = |r: f32, share: f32| Material {
        specular: 0.0,
        ..roughened(translucent(white(0.0, 0.5), share), r)
    };
    let cases = grid(|r| {
        vec![
            ("clay".into(), bare(r, 0.0)),
            ("clay that light passes".into(), bare(r, 0.6)),
        ]
    });
    furnace(&cases, 0.01, 4096);
    let cases = grid(|r| {
        vec![
            ("glossy clay".into(), roughened(white(0.0, 0.3), r)),
            (
                "coated clay".into(),
                coated(roughened(white(0.0, 0.8), r), 1.0, 0.2),
            ),
        ]
    });
    furnace(&cases, 0.03, 4096);
}

/// Fujii's form of Oren and Nayar's model with the light that several facets return, written down once more in f64.
#[test]
fn rough_diffuse_is_the_published_model() {
    use std::f64::consts::PI;
    for roughness in [0.2f32, 0.7, 1.0] {
        let base = [0.9f64, 0.5, 0.1];
        let material = Material {
            base_color: Vec3::new(0.9, 0.5, 0.1),
            specular: 0.0,
            ..roughened(white(0.0, 0.5), roughness)
        };
        let r = f64::from(roughness);
        let a = 1.0 / (1.0 + (0.5 - 2.0 / (3.0 * PI)) * r);
        let albedo = |cosine: f64| {
            let (theta, sine) = (cosine.acos(), (1.0 - cosine * cosine).sqrt());
            let g = sine * (theta - sine * cosine)
                + 2.0 / 3.0 * (sine / cosine * (1.0 - sine.powi(3)) - sine);
            a * (1.0 + r * g / PI)
        };
        let average = a * (1.0 + (2.0 / 3.0 - 28.0 / (15.0 * PI)) * r);
        for multiscatter in [false, true] {
            let bench = Bench::new(std::slice::from_ref(&material), multiscatter);
            for (wo, wi) in direction_pairs(400, 0.02) {
                let answer = bench.eval(&[query(0, wo, wi, 1.0)])[0];
                let (o, i) = (wo.as_dvec3(), wi.as_dvec3());
                let s = o.dot(i) - o.z * i.z;
                let t = if s > 0.0 { o.z.max(i.z) } else { 1.0 };
                for (k, base) in base.into_iter().enumerate() {
                    let single = base * a * (1.0 + r * s / t);
                    let color = base * base * average / (1.0 - base * (1.0 - average));
                    let multiple =
                        color * (1.0 - albedo(o.z)) * (1.0 - albedo(i.z)) / (1.0 - average);
                    let expected = (single + multiple) / PI * i.z;
                    let found = f64::from(answer.f[k]);
                    assert!(
                        (found - expected).abs() <= 1e-3 * expected + 1e-5,
                        "roughness {roughness}: {found}, not {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn solid_glass_loses_nothing() {
    let mut cases = Vec::new();
    for r in ROUGHNESSES {
        for eta in [1.5, 1.0 / 1.5, 1.33, 1.0 / 1.33, 2.4, 1.0 / 2.4, 1.1] {
            cases.push((
                format!("glass {eta}, roughness {r}"),
                glass(r, 1.0, true),
                eta,
            ));
        }
        cases.push((
            format!("half glass, roughness {r}"),
            glass(r, 0.5, true),
            1.5,
        ));
        let dim = Material {
            specular: 0.4,
            ..glass(r, 1.0, true)
        };
        cases.push((format!("dim glass, roughness {r}"), dim, 1.5));
    }
    furnace(&cases, 0.01, 4096);
}

#[test]
fn what_loses_by_its_specification_never_gains() {
    let cases = grid(|r| {
        let tinted = Material {
            specular_color: Vec3::new(0.2, 1.0, 0.5),
            ior: 1.8,
            ..white(0.0, r)
        };
        vec![
            ("tinted".into(), tinted),
            ("film on metal".into(), filmed(white(1.0, r), 400.0)),
            ("film on dielectric".into(), filmed(white(0.0, r), 550.0)),
            ("film on glass".into(), filmed(glass(r, 1.0, false), 300.0)),
            (
                "coloured sheen".into(),
                sheened(white(0.0, r), Vec3::new(1.0, 0.2, 0.1), 0.4),
            ),
        ]
    });
    furnace(&cases, 0.95, 2048);
}

/// A bump that turns the geometric surface by `angle` about y leaves shading consistent.
#[test]
fn bumps_neither_gain_nor_go_black() {
    let materials = [
        white(1.0, 0.3),
        white(0.0, 0.5),
        coated(white(0.0, 0.5), 1.0, 0.1),
        glass(0.3, 1.0, true),
        sheened(white(0.0, 0.5), Vec3::ONE, 0.3),
    ];
    let bench = Bench::new(&materials, true);
    for material in 0..materials.len() {
        for angle in [-1.4f32, -0.9, -0.4, 0.4, 0.9, 1.4] {
            let n = Vec3::new(angle.sin(), 0.0, angle.cos());
            for k in 0..200 {
                let u = cube_point(k, 3);
                // Around the geometric normal, so now and then under the shading normal's horizon.
                let local = direction(u.x.max(1e-3), 2.0 * PI * u.y);
                let x = n.any_orthonormal_vector();
                let wo = (x * local.x + n.cross(x) * local.y + n * local.z).normalize();
                let queries: Vec<BsdfQuery> = (0..512)
                    .map(|i| BsdfQuery {
                        n: n.to_array(),
                        ..query(material, wo, cube_point(i, 0), 1.5)
                    })
                    .collect();
                let mut sum = 0.0;
                for answer in bench.sample(&queries) {
                    assert!(answer.f.iter().all(|x| x.is_finite()) && answer.pdf.is_finite());
                    if answer.pdf > 0.0 {
                        sum += answer.f[1] * answer.eta_scale / answer.pdf / 512.0;
                        let side = Vec3::from(answer.wi).dot(n);
                        assert_eq!(
                            side < 0.0,
                            answer.flags & 1 != 0,
                            "material {material}: leaks"
                        );
                    }
                }
                assert!(sum < 1.1, "material {material}, bump {angle}: gains, {sum}");
                assert!(
                    sum > 0.02,
                    "material {material}, bump {angle}: black, {sum}"
                );
            }
        }
    }
}

#[test]
fn metal_dielectric_and_their_mixtures_are_reciprocal() {
    let materials = [
        white(1.0, 0.4),
        white(0.0, 0.3),
        white(0.5, 0.8),
        Material {
            base_color: Vec3::new(0.9, 0.5, 0.1),
            ..white(1.0, 0.9)
        },
        translucent(white(0.0, 0.6), 0.4),
        roughened(white(0.0, 0.6), 1.0),
    ];
    for multiscatter in [false, true] {
        let bench = Bench::new(&materials, multiscatter);
        for material in 0..materials.len() {
            let pairs = direction_pairs(500, 0.02);
            let there: Vec<_> = pairs
                .iter()
                .map(|&(o, i)| query(material, o, i, 1.0))
                .collect();
            let back: Vec<_> = pairs
                .iter()
                .map(|&(o, i)| query(material, i, o, 1.0))
                .collect();
            for ((a, b), (o, i)) in bench.eval(&there).iter().zip(bench.eval(&back)).zip(pairs) {
                let (x, y) = (a.f[1] / i.z, b.f[1] / o.z);
                assert!(
                    (x - y).abs() <= 2e-3 * x.max(y),
                    "material {material}: {x} and {y} for {o} and {i}"
                );
            }
        }
    }
}

#[test]
fn rough_glass_is_reciprocal_in_single_scattering() {
    let bench = Bench::new(&[glass(0.6, 1.0, true)], false);
    let eta = 1.5;
    let mut compared = 0;
    for (o, beyond) in direction_pairs(2000, 0.1) {
        let there = bench.eval(&[query(0, o, Vec3::new(beyond.x, beyond.y, -beyond.z), eta)])[0];
        let back = bench.eval(&[query(0, beyond, Vec3::new(o.x, o.y, -o.z), 1.0 / eta)])[0];
        // Basic radiance is what is symmetric.
        let (x, y) = (there.f[1] / beyond.z * eta * eta, back.f[1] / o.z);
        assert!((x - y).abs() <= 2e-3 * x.max(y) + 1e-6, "{x} and {y}");
        compared += u32::from(x > 1e-3);
    }
    assert!(compared > 100, "too few directions refract: {compared}");
}

#[test]
fn smooth_glass_reflects_what_fresnel_says() {
    let bench = Bench::new(&[glass(0.0, 1.0, true)], true);
    for (eta, cosine) in [
        (1.5f32, 1.0f32),
        (1.5, 0.6),
        (1.5, 0.1),
        (1.0 / 1.5, 0.9),
        (1.0 / 1.5, 0.5),
        (1.0, 0.4),
    ] {
        let beyond_squared = 1.0 - (1.0 - cosine * cosine) / (eta * eta);
        let expected = if beyond_squared <= 0.0 {
            1.0
        } else {
            let beyond = beyond_squared.sqrt();
            let s = (cosine - eta * beyond) / (cosine + eta * beyond);
            let p = (eta * cosine - beyond) / (eta * cosine + beyond);
            0.5 * (s * s + p * p)
        };
        let wo = direction(cosine, 0.4);
        let answers = bench.sample(&[
            query(0, wo, Vec3::new(0.5, 0.5, 0.0), eta),
            query(0, wo, Vec3::new(0.5, 0.5, 0.999), eta),
        ]);
        if expected > 1e-6 {
            assert!(
                (answers[0].f[1] - expected).abs() < 1e-5
                    && (answers[0].pdf - expected).abs() < 1e-5
            );
            assert!((Vec3::from(answers[0].wi) - Vec3::new(-wo.x, -wo.y, wo.z)).length() < 1e-5);
        }
        if expected < 1.0 {
            let through = answers[1];
            assert!((through.f[1] * eta * eta - (1.0 - expected)).abs() < 1e-5);
            let wi = Vec3::from(through.wi);
            assert!(
                wi.z < 0.0 && (wi.truncate() * eta + wo.truncate()).length() < 1e-4,
                "Snell: {wi}"
            );
        }
    }
}

#[test]
fn without_specular_there_is_lambert() {
    let gray = Material {
        base_color: Vec3::new(0.2, 0.5, 0.8),
        specular: 0.0,
        ..white(0.0, 0.5)
    };
    for multiscatter in [false, true] {
        let bench = Bench::new(std::slice::from_ref(&gray), multiscatter);
        let wi = direction(0.35, 2.0);
        let answer = bench.eval(&[query(0, direction(0.8, 0.0), wi, 1.0)])[0];
        for (f, base) in answer.f.into_iter().zip([0.2, 0.5, 0.8]) {
            assert!((f - base * 0.35 / PI).abs() < 1e-5);
        }
    }
}

/// glTF 2.0, appendix B, written down once more in f64: single scattering, separable masking.
#[test]
fn single_scattering_is_the_specification() {
    for (base, metallic, roughness, specular) in [
        ([0.8, 0.4, 0.1], 0.0f32, 0.4f32, 1.0f32),
        ([0.8, 0.4, 0.1], 1.0, 0.7, 1.0),
        ([0.3, 0.6, 0.9], 0.3, 1.0, 0.5),
        ([0.3, 0.6, 0.9], 0.6, 0.1, 0.0),
    ] {
        let material = Material {
            base_color: Vec3::from(base),
            specular,
            ..white(metallic, roughness)
        };
        let bench = Bench::new(&[material], false);
        for (wo, wi) in direction_pairs(400, 0.02) {
            let answer = bench.eval(&[query(0, wo, wi, 1.0)])[0];
            let (o, l) = (wo.as_dvec3(), wi.as_dvec3());
            let h = (o + l).normalize();
            let alpha = f64::from(roughness * roughness).max(1e-3);
            let d = alpha * alpha
                / (std::f64::consts::PI * (h.z * h.z * (alpha * alpha - 1.0) + 1.0).powi(2));
            let g1 =
                |z: f64| 2.0 * z / (z + (alpha * alpha + (1.0 - alpha * alpha) * z * z).sqrt());
            let lobe = d * g1(o.z) * g1(l.z) / (4.0 * o.z);
            let schlick = (1.0 - o.dot(h)).powi(5);
            let dielectric = f64::from(specular) * (0.04 + 0.96 * schlick);
            for k in 0..3 {
                let base = f64::from(base[k]);
                let layered =
                    base * (1.0 - dielectric) * l.z / std::f64::consts::PI + dielectric * lobe;
                let metal = (base + (1.0 - base) * schlick) * lobe;
                let expected = layered + (metal - layered) * f64::from(metallic);
                let found = f64::from(answer.f[k]);
                assert!(
                    (found - expected).abs() <= 2e-3 * expected + 1e-6,
                    "{found}, not {expected}"
                );
            }
        }
    }
}

also_asks_gpu!(
    metal_and_dielectric_lose_nothing,
    brushed_surfaces_lose_nothing,
    coats_lose_nothing,
    sheen_loses_nothing,
    thin_walls_and_diffuse_transmission_lose_nothing,
    solid_glass_loses_nothing,
    what_loses_by_its_specification_never_gains,
    bumps_neither_gain_nor_go_black,
    metal_dielectric_and_their_mixtures_are_reciprocal,
    rough_glass_is_reciprocal_in_single_scattering,
    smooth_glass_reflects_what_fresnel_says,
    without_specular_there_is_lambert,
    single_scattering_is_the_specification,
);
