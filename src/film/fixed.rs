//! Fixed-point numbers: floats that add up to the same bits in any order.
//!
//! Sums are 128-bit integers with 64 fractional bits. Every float from 2⁻⁴¹ up to
//! [`SAMPLE_LIMIT`] converts without loss; below that, bits finer than 2⁻⁶⁴ are cut off.
//! Squares are unsigned with 48 fractional bits and saturate, which keeps addition associative
//! (all terms are non-negative).

/// Samples must be smaller than this in magnitude: 2⁴⁰. Times [`super::MAX_SAMPLES`] it is the
/// range of the sums.
pub const SAMPLE_LIMIT: f32 = (1_u64 << 40) as f32;

/// Fractional bits of a sum.
const SUM_FRACTION_BITS: i32 = 64;
const TWO_TO_64: f64 = (1_u128 << 64) as f64;
/// Fractional bits of a sum of squares.
const SQUARE_FRACTION_BITS: i32 = 48;

/// Can `value` be added to a film: is it finite and within ±[`SAMPLE_LIMIT`]?
pub(super) fn is_representable(value: f32) -> bool {
    value.abs() < SAMPLE_LIMIT
}

/// `value` · 2⁶⁴, cut off towards zero. `value` must be representable.
pub(super) fn to_fixed(value: f32) -> i128 {
    let (significand, exponent) = decompose(value);
    let shift = exponent + SUM_FRACTION_BITS;
    // Representable values have significand < 2^24 and exponent <= 16: at most 2^104.
    let magnitude = shift_by(u128::from(significand), shift).cast_signed();
    if value.is_sign_negative() {
        -magnitude
    } else {
        magnitude
    }
}

/// `value`² · 2⁴⁸, cut off towards zero. `value` must be representable.
pub(super) fn square_to_fixed(value: f32) -> u128 {
    let (significand, exponent) = decompose(value);
    let square = u128::from(significand) * u128::from(significand);
    shift_by(square, 2 * exponent + SQUARE_FRACTION_BITS)
}

/// Mean of `n` values from their sum. Rounded to `f64`, then to `f32`.
pub(super) fn mean(sum: i128, n: u32) -> f32 {
    if n == 0 {
        return 0.0;
    }
    (sum as f64 / TWO_TO_64 / f64::from(n)) as f32
}

/// Estimated variance of the mean of `n` values, from their sum and sum of squares: the unbiased
/// sample variance over `n`. Infinite when there is no estimate (`n` < 2) or the squares have
/// overflowed.
///
/// The difference of squares is taken in integers, so equal samples have a variance of exactly
/// zero and nothing cancels. Cut-off squares make it too small by less than 2⁻⁴⁸/(n − 1).
pub(super) fn variance_of_mean(sum: i128, sum_of_squares: u128, n: u32) -> f32 {
    if n < 2 || sum_of_squares == u128::MAX {
        return f32::INFINITY;
    }
    // n·S₂ − S₁² with 2·64 fractional bits.
    let squares = Wide::product(sum_of_squares, u128::from(n)).shifted_left(80);
    let square = Wide::product(sum.unsigned_abs(), sum.unsigned_abs());
    let difference = squares.saturating_sub(square).to_f64() / TWO_TO_64 / TWO_TO_64;
    let n = f64::from(n);
    (difference / (n * n * (n - 1.0))) as f32
}

/// Significand and exponent with |`value`| = significand · 2^exponent, significand < 2²⁴.
fn decompose(value: f32) -> (u32, i32) {
    const FRACTION_BITS: u32 = f32::MANTISSA_DIGITS - 1;
    const BIAS: i32 = f32::MAX_EXP - 1 + FRACTION_BITS.cast_signed();
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    match (bits >> FRACTION_BITS) & 0xff {
        0 => (fraction, 1 - BIAS),
        biased => (fraction | 1 << FRACTION_BITS, biased.cast_signed() - BIAS),
    }
}

/// `value` · 2^shift, cut off. The result must fit.
fn shift_by(value: u128, shift: i32) -> u128 {
    if shift >= 0 {
        value << shift
    } else {
        value.checked_shr(shift.unsigned_abs()).unwrap_or(0)
    }
}

/// An unsigned 256-bit integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wide {
    high: u128,
    low: u128,
}

impl Wide {
    fn product(a: u128, b: u128) -> Wide {
        const HALF: u128 = u64::MAX as u128;
        let (a_high, a_low) = (a >> 64, a & HALF);
        let (b_high, b_low) = (b >> 64, b & HALF);
        let low = a_low * b_low;
        // Each fits: (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1.
        let middle = a_high * b_low + (low >> 64);
        let middle_2 = a_low * b_high + (middle & HALF);
        Wide {
            high: a_high * b_high + (middle >> 64) + (middle_2 >> 64),
            low: middle_2 << 64 | (low & HALF),
        }
    }

    /// Shifted by 1 to 127 bits; bits shifted out at the top are lost.
    fn shifted_left(self, bits: u32) -> Wide {
        Wide {
            high: self.high << bits | self.low >> (128 - bits),
            low: self.low << bits,
        }
    }

    fn saturating_sub(self, other: Wide) -> Wide {
        if self < other {
            return Wide { high: 0, low: 0 };
        }
        let (low, borrow) = self.low.overflowing_sub(other.low);
        let high = self.high - other.high - u128::from(borrow);
        Wide { high, low }
    }

    fn to_f64(self) -> f64 {
        self.high as f64 * TWO_TO_64 * TWO_TO_64 + self.low as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edge_values() {
        assert_eq!(to_fixed(0.0), 0);
        assert_eq!(to_fixed(-0.0), 0);
        assert_eq!(to_fixed(1.0), 1 << 64);
        assert_eq!(to_fixed(-1.5), -(3 << 63));
        assert_eq!(to_fixed((-64.0_f32).exp2()), 1);
        assert_eq!(to_fixed((-65.0_f32).exp2()), 0);
        assert_eq!(to_fixed(f32::from_bits(1)), 0);
        assert_eq!(to_fixed(f32::MIN_POSITIVE), 0);
        let largest = SAMPLE_LIMIT.next_down();
        assert_eq!(to_fixed(largest), ((1 << 24) - 1) << (16 + 64));
        assert_eq!(square_to_fixed(2.0), 4 << 48);
        assert_eq!(square_to_fixed((-24.0_f32).exp2()), 1);
        assert_eq!(square_to_fixed((-25.0_f32).exp2()), 0);
        assert!(square_to_fixed(largest) > u128::MAX - (1 << 106));
    }

    #[test]
    fn sums_cannot_overflow() {
        let largest = to_fixed(SAMPLE_LIMIT.next_down());
        assert!(
            largest
                .checked_mul(i128::from(super::super::MAX_SAMPLES))
                .is_some()
        );
    }

    #[test]
    fn limits() {
        for value in [
            f32::NAN,
            f32::INFINITY,
            -f32::INFINITY,
            SAMPLE_LIMIT,
            -SAMPLE_LIMIT,
            f32::MAX,
        ] {
            assert!(!is_representable(value), "{value}");
        }
        for value in [
            0.0,
            -0.0,
            SAMPLE_LIMIT.next_down(),
            f32::MIN_POSITIVE,
            f32::from_bits(1),
        ] {
            assert!(is_representable(value), "{value}");
        }
    }

    #[test]
    fn variance_of_nothing_is_unknown() {
        assert_eq!(
            variance_of_mean(to_fixed(3.0), square_to_fixed(3.0), 1),
            f32::INFINITY
        );
        assert_eq!(variance_of_mean(0, 0, 0), f32::INFINITY);
        assert_eq!(variance_of_mean(0, u128::MAX, 9), f32::INFINITY);
    }

    fn representable() -> impl Strategy<Value = f32> {
        any::<u32>()
            .prop_map(f32::from_bits)
            .prop_filter("representable", |&x| is_representable(x))
    }

    proptest! {
        #[test]
        fn conversion_is_exact_to_the_last_bit_of_the_sum(x in representable()) {
            // f64 holds every f32 and its multiple by a power of two exactly.
            let expected = (f64::from(x) * TWO_TO_64).trunc();
            prop_assert_eq!(to_fixed(x), expected as i128);
            if x.abs() >= (-41.0_f32).exp2() {
                prop_assert_eq!(to_fixed(x) as f64 / TWO_TO_64, f64::from(x));
            }
        }

        #[test]
        fn squares_are_exact_to_the_last_bit_of_the_sum(x in representable()) {
            // A 48-bit square fits f64 exactly; squares below its range are zero either way.
            let expected = (f64::from(x) * f64::from(x) * 48.0_f64.exp2()).trunc();
            prop_assert_eq!(square_to_fixed(x), expected as u128);
        }

        #[test]
        fn equal_samples_have_no_variance(x in representable(), n in 2_u32..1000) {
            prop_assume!(x.abs() < 1e9);
            let sum = to_fixed(x) * i128::from(n);
            let squares = square_to_fixed(x) * u128::from(n);
            prop_assert_eq!(variance_of_mean(sum, squares, n), 0.0);
        }

        #[test]
        fn variance_matches_two_passes(values in prop::collection::vec(-8.0_f32..8.0, 2..40)) {
            let n = values.len() as f64;
            let sum: i128 = values.iter().map(|&x| to_fixed(x)).sum();
            let squares: u128 = values.iter().map(|&x| square_to_fixed(x)).sum();
            let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
            let expected =
                values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / (n * (n - 1.0));
            let found = f64::from(variance_of_mean(sum, squares, values.len() as u32));
            prop_assert!((found - expected).abs() <= 1e-6 * expected + 1e-13, "{} {}", found, expected);
        }

        #[test]
        fn wide_product_agrees_modulo_and_in_size(a: u128, b: u128) {
            let wide = Wide::product(a, b);
            prop_assert_eq!(wide.low, a.wrapping_mul(b));
            let expected = a as f64 * b as f64;
            prop_assert!((wide.to_f64() - expected).abs() <= 1e-14 * expected);
        }

        #[test]
        fn wide_difference_undoes_sum(a: u128, b in any::<u64>(), bits in 1_u32..64) {
            let shifted = Wide::product(a, 1).shifted_left(bits);
            prop_assert_eq!(shifted, Wide::product(a, 1 << bits));
            let difference = shifted.saturating_sub(Wide { high: 0, low: u128::from(b) });
            let (low, borrow) = shifted.low.overflowing_sub(u128::from(b));
            if shifted.high > 0 || !borrow {
                prop_assert_eq!(difference.low, low);
                prop_assert_eq!(difference.high, shifted.high - u128::from(borrow));
            } else {
                prop_assert_eq!(difference, Wide { high: 0, low: 0 });
            }
        }
    }
}
