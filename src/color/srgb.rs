//! The sRGB transfer curve.
//!
//! Source: IEC 61966-2-1:1999 §5.2. Evaluated in `f64` and rounded once, so that a mathematics
//! library that is off by its last bits still yields the same `f32`.

/// Linear light of an sRGB-encoded channel in `[0, 1]`.
#[must_use]
pub fn srgb_decode(encoded: f32) -> f32 {
    let encoded = f64::from(encoded);
    let linear = if encoded <= 0.04045 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    };
    linear as f32
}

/// sRGB encoding of a linear channel in `[0, 1]`.
#[must_use]
pub fn srgb_encode(linear: f32) -> f32 {
    let linear = f64::from(linear);
    let encoded = if linear <= 0.003_130_8 {
        linear * 12.92
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    encoded as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(srgb_decode(0.0), 0.0);
        assert_eq!(srgb_decode(1.0), 1.0);
        assert_eq!(srgb_encode(0.0), 0.0);
        assert_eq!(srgb_encode(1.0), 1.0);
        // Middle grey: 18 % reflectance is 46 % of the code range.
        assert!((srgb_encode(0.18) - 0.461_356).abs() < 1e-6);
        assert!((srgb_decode(0.5) - 0.214_041).abs() < 1e-6);
    }

    #[test]
    fn every_code_survives_the_round_trip() {
        for code in 0..=u16::MAX {
            let encoded = f32::from(code) / 65535.0;
            let back = srgb_encode(srgb_decode(encoded)) * 65535.0;
            assert_eq!(back.round() as u16, code);
        }
    }

    #[test]
    fn curves_rise() {
        let codes = (0..=10_000).map(|i| i as f32 / 10_000.0);
        let pairs: Vec<_> = codes.map(|x| (srgb_decode(x), srgb_encode(x))).collect();
        assert!(pairs.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
    }
}
