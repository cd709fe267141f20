//! Unit vectors in 32 bits, the inverse of `shaders/math/octahedral.wgsl`.
//!
//! Source: Cigolle et al. 2014, "A Survey of Efficient Representations for Independent Unit Vectors", JCGT 3(2).

use glam::{Vec2, Vec3, Vec4};

/// Largest code of 16 bits; half of it stands for 0, so that axes are exact.
const STEPS_16: f32 = 65534.0;
/// Largest code of 15 bits.
const STEPS_15: f32 = 32766.0;

/// `Vertex::normal` of a unit vector (of +z for one without length or with NaN). Largest error 0.004°.
#[must_use]
pub fn encode_normal(n: Vec3) -> u32 {
    let e = project(n);
    quantise(e.x, STEPS_16) | quantise(e.y, STEPS_16) << 16
}

/// `Vertex::tangent` of a unit vector and its handedness (the sign of w). Largest error 0.007°.
#[must_use]
pub fn encode_tangent(t: Vec4) -> u32 {
    let e = project(t.truncate());
    let negative = u32::from(t.w < 0.0);
    quantise(e.x, STEPS_16) | negative << 16 | quantise(e.y, STEPS_15) << 17
}

/// Octahedral coordinates in [−1, 1]².
fn project(n: Vec3) -> Vec2 {
    let sum = n.abs().element_sum();
    if !(sum > 0.0 && sum.is_finite()) {
        return Vec2::ZERO;
    }
    let e = n.truncate() / sum;
    if n.z >= 0.0 {
        e
    } else {
        (1.0 - Vec2::new(e.y.abs(), e.x.abs())) * Vec2::ONE.copysign(e)
    }
}

/// [−1, 1] to [0, `steps`], to nearest.
fn quantise(x: f32, steps: f32) -> u32 {
    (0.5 * (x.clamp(-1.0, 1.0) + 1.0) * steps).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `decode_octahedral` of the shader, in f64.
    fn decode(x: f64, y: f64) -> glam::DVec3 {
        let z = 1.0 - x.abs() - y.abs();
        let fold = (-z).max(0.0);
        glam::DVec3::new(
            x - fold * if x >= 0.0 { 1.0 } else { -1.0 },
            y - fold * if y >= 0.0 { 1.0 } else { -1.0 },
            z,
        )
        .normalize()
    }

    #[test]
    fn codes_are_within_the_stated_angle() {
        let (mut worst_normal, mut worst_tangent) = (0.0f64, 0.0f64);
        for i in 0..20_000 {
            let z = 1.0 - 2.0 * (i as f32 + 0.5) / 20_000.0;
            let (s, c) = (i as f32 * 2.399_963).sin_cos();
            let n = Vec3::new(c * (1.0 - z * z).sqrt(), s * (1.0 - z * z).sqrt(), z);
            let code = encode_normal(n);
            let back = decode(
                f64::from(code & 0xffff) / 32767.0 - 1.0,
                f64::from(code >> 16) / 32767.0 - 1.0,
            );
            worst_normal = worst_normal.max(back.angle_between(n.as_dvec3()));
            let code = encode_tangent(n.extend(-1.0));
            assert_eq!(code >> 16 & 1, 1);
            let back = decode(
                f64::from(code & 0xffff) / 32767.0 - 1.0,
                f64::from(code >> 17) / 16383.0 - 1.0,
            );
            worst_tangent = worst_tangent.max(back.angle_between(n.as_dvec3()));
        }
        assert!(worst_normal.to_degrees() < 0.004, "{worst_normal}");
        assert!(worst_tangent.to_degrees() < 0.007, "{worst_tangent}");
    }

    #[test]
    fn vectors_without_direction_become_z() {
        let up = encode_normal(Vec3::Z);
        assert_eq!(encode_normal(Vec3::ZERO), up);
        assert_eq!(encode_normal(Vec3::NAN), up);
        assert_eq!(up, 32767 | 32767 << 16);
    }
}
