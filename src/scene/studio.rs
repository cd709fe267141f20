//! The light of a scene that has none: a small neutral photo studio.
//!
//! A soft key high at the front left, a broad weak fill at the right, a narrow rim light behind, and a dim surround,
//! brighter above than below. A white matte surface that faces the key reflects a radiance of about 1.

use std::f64::consts::PI;

use glam::{DVec3, Vec2, Vec3};

use super::light::Environment;
use crate::math::portable::sin_cos;

/// Size of the image; the softest edge is several texels wide.
const SIZE: (usize, usize) = (512, 256);

/// Radiance of the surround at the nadir and at the zenith.
const SURROUND: (f32, f32) = (0.12, 0.42);

/// A rectangular lamp behind diffusing cloth.
struct Softbox {
    /// Towards it from the scene; not normalised. The viewer is assumed towards +Z.
    towards: Vec3,
    /// Half width and half height, as tangents of angles from `towards`.
    half_size: Vec2,
    /// Width of the soft edge, in the same measure.
    edge: f32,
    /// Radiance inside.
    radiance: f32,
}

/// Key, fill and rim.
const SOFTBOXES: [Softbox; 3] = [
    Softbox {
        towards: Vec3::new(-0.75, 0.9, 0.8),
        half_size: Vec2::new(0.42, 0.36),
        edge: 0.12,
        radiance: 4.6,
    },
    Softbox {
        towards: Vec3::new(1.0, 0.35, 0.45),
        half_size: Vec2::new(0.55, 0.75),
        edge: 0.3,
        radiance: 0.55,
    },
    Softbox {
        towards: Vec3::new(0.45, 0.75, -1.0),
        half_size: Vec2::new(0.5, 0.14),
        edge: 0.08,
        radiance: 3.2,
    },
];

/// The studio, the same every time.
pub fn studio_environment() -> Environment {
    let (width, height) = SIZE;
    let mut texels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            texels.push([radiance(direction(x, y)); 3]);
        }
    }
    Environment {
        name: "built-in studio light".to_owned(),
        width,
        height,
        texels,
        strength: 1.0,
        rotation: 0.0,
    }
}

/// Unit direction of the centre of a texel.
fn direction(x: usize, y: usize) -> Vec3 {
    let (sin_theta, cos_theta) = sin_cos(PI * (y as f64 + 0.5) / SIZE.1 as f64);
    let (sin_phi, cos_phi) = sin_cos(2.0 * PI * ((x as f64 + 0.5) / SIZE.0 as f64 - 0.5));
    DVec3::new(sin_theta * cos_phi, cos_theta, sin_theta * sin_phi).as_vec3()
}

/// Radiance from unit `direction`.
fn radiance(direction: Vec3) -> f32 {
    let above = 0.5 + 0.5 * direction.y;
    let surround = SURROUND.0 + (SURROUND.1 - SURROUND.0) * above * above * (3.0 - 2.0 * above);
    SOFTBOXES
        .iter()
        .fold(surround, |sum, softbox| sum + softbox.radiance(direction))
}

impl Softbox {
    /// Radiance from unit `direction`.
    fn radiance(&self, direction: Vec3) -> f32 {
        let z = self.towards.normalize();
        let x = Vec3::Y.cross(z).normalize();
        let y = z.cross(x);
        let depth = direction.dot(z);
        if depth <= 0.0 {
            return 0.0;
        }
        let p = Vec2::new(direction.dot(x), direction.dot(y)).abs() / depth;
        let inside = (self.half_size - p) / self.edge;
        self.radiance * smooth(inside.x) * smooth(inside.y)
    }
}

/// 0 below −1/2, 1 above 1/2, smooth between.
fn smooth(x: f32) -> f32 {
    let t = (x + 0.5).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_facing_the_key_reflects_about_one() {
        let studio = studio_environment();
        let normal = SOFTBOXES[0].towards.normalize();
        let (width, height) = SIZE;
        let mut irradiance = 0.0f64;
        for (i, texel) in studio.texels.iter().enumerate() {
            assert!(
                texel[0].is_finite()
                    && texel[0] > 0.0
                    && texel[0] == texel[1]
                    && texel[1] == texel[2]
            );
            let direction = direction(i % width, i / width);
            let sin_theta = f64::from(1.0 - direction.y * direction.y).sqrt();
            let solid_angle = 2.0 * PI * PI * sin_theta / (width * height) as f64;
            irradiance += f64::from(texel[0] * direction.dot(normal).max(0.0)) * solid_angle;
        }
        let reflected = irradiance / PI;
        assert!((0.9..1.2).contains(&reflected), "{reflected}");
    }
}
