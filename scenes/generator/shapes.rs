//! Triangle shapes: boxes, lathes, grids and what is made of them.

use glam::{Affine3A, Vec2, Vec3, vec2, vec3};
use std::f32::consts::TAU;

/// Triangles with normals, texture coordinates and (for some) vertex colours.
#[derive(Clone, Default)]
pub struct Shape {
    /// Metres.
    pub positions: Vec<[f32; 3]>,
    /// Unit.
    pub normals: Vec<[f32; 3]>,
    /// Unit, along increasing u; `w` = −1, since v runs down the image and up the surface.
    pub tangents: Vec<[f32; 4]>,
    /// In metres of surface unless said otherwise, so that textures keep their size.
    pub uvs: Vec<[f32; 2]>,
    /// Linear RGB; empty or one a vertex.
    pub colors: Vec<[f32; 3]>,
    /// Counter-clockwise from outside.
    pub triangles: Vec<[u32; 3]>,
}

impl Shape {
    fn vertex(&mut self, p: Vec3, n: Vec3, t: Vec3, uv: Vec2) -> u32 {
        let n = n.normalize_or(Vec3::Y);
        let t = t
            .reject_from_normalized(n)
            .normalize_or(n.any_orthonormal_vector());
        self.positions.push(p.into());
        self.normals.push(n.into());
        self.tangents.push(t.extend(-1.0).into());
        self.uvs.push(uv.into());
        self.positions.len() as u32 - 1
    }

    /// Adds a flat parallelogram with a corner at `origin` and sides `u`, `v`; it faces `u × v`.
    pub fn quad(&mut self, origin: Vec3, u: Vec3, v: Vec3) -> &mut Self {
        let n = u.cross(v);
        let (lu, lv) = (u.length(), v.length());
        // Where on the texture a piece starts depends on where it stands, so that equal pieces differ.
        let start = vec2(origin.x + origin.z, origin.y - origin.z) * 0.37;
        let corner = |shape: &mut Self, s: f32, t: f32| {
            shape.vertex(origin + u * s + v * t, n, u, start + vec2(s * lu, t * lv))
        };
        let (a, b, c, d) = (
            corner(self, 0., 0.),
            corner(self, 1., 0.),
            corner(self, 1., 1.),
            corner(self, 0., 1.),
        );
        self.triangles.extend([[a, b, c], [a, c, d]]);
        self
    }

    /// Adds an axis-aligned box.
    pub fn cuboid(&mut self, min: Vec3, max: Vec3) -> &mut Self {
        let d = max - min;
        let (x, y, z) = (Vec3::X * d.x, Vec3::Y * d.y, Vec3::Z * d.z);
        self.quad(min + z, x, y)
            .quad(min + x, -x, y)
            .quad(min, z, y)
            .quad(min + x + z, -z, y)
            .quad(min + y + z, x, -z)
            .quad(min, x, z)
    }

    /// Adds a box by its centre and size.
    pub fn block(&mut self, center: Vec3, size: Vec3) -> &mut Self {
        self.cuboid(center - size * 0.5, center + size * 0.5)
    }

    /// Turns `profile` (radius, height; from bottom to top seen from outside) about the Y axis.
    /// Normals are smooth along the profile except where it bends by more than `crease` radians.
    pub fn lathe(&mut self, profile: &[Vec2], segments: usize, crease: f32) -> &mut Self {
        let normal = |i: usize| {
            let d = profile[i + 1] - profile[i];
            vec2(d.y, -d.x).normalize_or_zero()
        };
        let smooth = |a: Vec2, b: Vec2| {
            if a.angle_to(b).abs() < crease {
                (a + b).normalize_or_zero()
            } else {
                a
            }
        };
        let mut along = 0.0;
        for i in 0..profile.len() - 1 {
            let n = normal(i);
            let n0 = if i > 0 { smooth(n, normal(i - 1)) } else { n };
            let n1 = if i + 2 < profile.len() {
                smooth(n, normal(i + 1))
            } else {
                n
            };
            let length = (profile[i + 1] - profile[i]).length();
            let base = self.positions.len() as u32;
            for k in 0..=segments {
                let phi = TAU * k as f32 / segments as f32;
                let (s, c) = phi.sin_cos();
                let u = k as f32 / segments as f32;
                for (p, n, v) in [
                    (profile[i], n0, along),
                    (profile[i + 1], n1, along + length),
                ] {
                    self.vertex(
                        vec3(c * p.x, p.y, -s * p.x),
                        vec3(c * n.x, n.y, -s * n.x),
                        vec3(-s, 0.0, -c),
                        vec2(u, v),
                    );
                }
            }
            for k in 0..segments as u32 {
                let a = base + 2 * k;
                if profile[i].x > 0.0 {
                    self.triangles.push([a, a + 2, a + 1]);
                }
                if profile[i + 1].x > 0.0 {
                    self.triangles.push([a + 1, a + 2, a + 3]);
                }
            }
            along += length;
        }
        self
    }

    /// Adds a closed cylinder standing on `base`.
    pub fn cylinder(&mut self, base: Vec3, radius: f32, height: f32, segments: usize) -> &mut Self {
        let mut shape = Self::default();
        shape.lathe(
            &[
                vec2(0., 0.),
                vec2(radius, 0.),
                vec2(radius, height),
                vec2(0., height),
            ],
            segments,
            0.5,
        );
        self.append(&shape, Affine3A::from_translation(base))
    }

    /// Adds the surface `p(s, t)`, `s, t` in [0, 1], with `n × m` cells and smooth normals facing `∂p/∂s × ∂p/∂t`.
    pub fn surface(&mut self, n: usize, m: usize, p: impl Fn(f32, f32) -> Vec3) -> &mut Self {
        let base = self.positions.len() as u32;
        let h = 1e-3;
        for j in 0..=m {
            for i in 0..=n {
                let (s, t) = (i as f32 / n as f32, j as f32 / m as f32);
                let along = p(s + h, t) - p(s - h, t);
                let normal = along.cross(p(s, t + h) - p(s, t - h));
                self.vertex(p(s, t), normal, along, vec2(s, t));
            }
        }
        let row = n as u32 + 1;
        for j in 0..m as u32 {
            for i in 0..n as u32 {
                let a = base + j * row + i;
                self.triangles
                    .extend([[a, a + 1, a + row + 1], [a, a + row + 1, a + row]]);
            }
        }
        self
    }

    /// Adds another shape, moved (not mirrored).
    pub fn append(&mut self, other: &Self, placement: Affine3A) -> &mut Self {
        let base = self.positions.len() as u32;
        let normals = placement.matrix3.inverse().transpose();
        self.positions.extend(
            other
                .positions
                .iter()
                .map(|&p| placement.transform_point3(p.into()).to_array()),
        );
        self.normals.extend(
            other
                .normals
                .iter()
                .map(|&n| (normals * glam::Vec3A::from(n)).normalize().to_array()),
        );
        self.tangents
            .extend(other.tangents.iter().map(|&[x, y, z, w]| {
                placement
                    .transform_vector3(vec3(x, y, z))
                    .normalize()
                    .extend(w)
                    .to_array()
            }));
        self.uvs.extend(&other.uvs);
        self.colors.extend(&other.colors);
        self.triangles
            .extend(other.triangles.iter().map(|t| t.map(|i| i + base)));
        self
    }

    /// Gives all vertices not yet coloured this colour.
    pub fn paint(&mut self, color: Vec3) -> &mut Self {
        self.colors.resize(self.positions.len(), color.into());
        self
    }

    /// Multiplies all texture coordinates.
    pub fn scale_uv(&mut self, factor: f32) -> &mut Self {
        for uv in &mut self.uvs {
            *uv = [uv[0] * factor, uv[1] * factor];
        }
        self
    }
}

/// A small deterministic generator of numbers in [0, 1) (Weyl sequence through a mixer).
pub struct Random(u64);

impl Random {
    /// Starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next number in [0, 1).
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let z = (z ^ (z >> 29)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        (z >> 40) as f32 / (1u64 << 24) as f32
    }

    /// The next number in [a, b).
    pub fn range(&mut self, a: f32, b: f32) -> f32 {
        a + (b - a) * self.next()
    }
}
