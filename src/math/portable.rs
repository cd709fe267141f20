//! Elementary functions from additions, multiplications and divisions alone.
//!
//! A platform's own differ in their last bits from library to library and from processor to processor. Whatever
//! enters the tables a picture is rendered from must not.

use std::f64::consts::{FRAC_2_PI, PI};

/// π/2 to 33 bits, so that its products with whole numbers below 2^20 are exact.
const HALF_PI_HIGH: f64 = 1.5707963267341256;
/// π/2 − [`HALF_PI_HIGH`].
const HALF_PI_LOW: f64 = 6.077100506506192e-11;

/// Sine and cosine of `x` radians, |x| < 1e6, to within 1e-15.
#[must_use]
pub fn sin_cos(x: f64) -> (f64, f64) {
    let quadrant = (x * FRAC_2_PI).round();
    let r = (x - quadrant * HALF_PI_HIGH) - quadrant * HALF_PI_LOW;
    // Taylor series on [−π/4, π/4], from the last term inwards.
    let (mut sin, mut cos) = (1.0, 1.0);
    for n in (1..=9).rev() {
        let n = f64::from(n);
        sin = 1.0 - sin * r * r / ((2.0 * n) * (2.0 * n + 1.0));
        cos = 1.0 - cos * r * r / ((2.0 * n - 1.0) * (2.0 * n));
    }
    sin *= r;
    match (quadrant as i64).rem_euclid(4) {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// Arc cosine of `x` in [−1, 1], radians, to within 1e-15.
#[must_use]
pub fn acos(x: f64) -> f64 {
    // acos |x| = 2 asin √((1 − |x|) / 2), whose argument keeps clear of the steep end of asin.
    let sine = ((1.0 - x.abs()) * 0.5).max(0.0).sqrt();
    let square = sine * sine;
    let mut half = sine * (1.0 + square * (1.0 / 6.0 + square * (3.0 / 40.0 + square / 12.0)));
    for _ in 0..3 {
        let (sin, cos) = sin_cos(half);
        half -= (sin - sine) / cos;
    }
    if x < 0.0 { PI - 2.0 * half } else { 2.0 * half }
}

/// Natural logarithm of positive, normal, finite `x`, to within 1e-15 relative or absolute, whichever is larger.
///
/// By the series of the inverse hyperbolic tangent, on [√½, √2).
#[must_use]
pub fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i32 - 1023;
    let mut mantissa = f64::from_bits((bits & MANTISSA) | 1.0f64.to_bits());
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let squared = s * s;
    // Below |s| = 0.172 the term after s²³/23 is less than 1e-19.
    let series = (0..12)
        .rev()
        .fold(0.0, |sum, k| sum * squared + 1.0 / f64::from(2 * k + 1));
    2.0 * s * series + f64::from(exponent) * std::f64::consts::LN_2
}

/// Linear value of an sRGB-encoded one in [0, 1].
///
/// Source: IEC 61966-2-1. The power 2.4 is a square times the fifth root of a square, by Newton's method.
#[must_use]
pub fn decode_srgb(encoded: f64) -> f64 {
    if encoded <= 0.04045 {
        return encoded / 12.92;
    }
    let base = (encoded + 0.055) / 1.055;
    let square = base * base;
    let mut root = 1.0;
    for _ in 0..40 {
        let next = 0.2 * (4.0 * root + square / (root * root * root * root));
        if next == root {
            break;
        }
        root = next;
    }
    square * root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_platform() {
        for i in -5000..5000 {
            let x = f64::from(i) * 0.0137;
            let (sin, cos) = sin_cos(x);
            assert!((sin - x.sin()).abs() < 1e-15, "sin {x}");
            assert!((cos - x.cos()).abs() < 1e-15, "cos {x}");
        }
        for i in 0..=65535 {
            let x = f64::from(i) / 65535.0;
            let expected = if x <= 0.04045 {
                x / 12.92
            } else {
                ((x + 0.055) / 1.055f64).powf(2.4)
            };
            assert!((decode_srgb(x) - expected).abs() <= 1e-15, "{x}");
        }
    }

    #[test]
    fn arc_cosine_agrees_with_the_platform() {
        for i in -10_000..=10_000 {
            let x = f64::from(i) * 1e-4;
            assert!((acos(x) - x.acos()).abs() < 1e-15, "acos {x}");
        }
        assert_eq!((acos(1.0), acos(-1.0)), (0.0, PI));
    }

    #[test]
    fn quarter_turns_are_exact() {
        assert_eq!(sin_cos(0.0), (0.0, 1.0));
        assert_eq!(decode_srgb(1.0), 1.0);
    }

    #[test]
    fn logarithms_are_right() {
        for k in 1..=4000 {
            for x in [
                f64::from(k) * 2.5e-4,
                f64::from(k) * 7.3,
                f64::from(k) * 1e-30,
            ] {
                let error = (ln(x) - x.ln()).abs();
                assert!(error <= 1e-15 * x.ln().abs().max(1.0), "{x}: {error:e}");
            }
        }
    }
}
