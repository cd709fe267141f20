//! sin, cos, exp, log, pow and their kin: our own polynomials, one definition for scalars and for lanes.
//!
//! No table, no fused operation, no platform library: every form computes the same IEEE operations in the same order.
//! Polynomials were fitted by Remez' exchange to minimise the relative error, coefficients rounded to `f32` one by one
//! from the lowest with the rest fitted again. Errors stated are in units in the last place (ulp) of the exact result,
//! found by tests/lanes.rs against `f64`.

use super::{Float, Int, Uint};

#[inline(always)]
fn k<T: Float>(value: f32) -> T {
    T::splat(value)
}

/// `sum c[i] x^i` by Horner's rule.
#[inline(always)]
fn polynomial<T: Float, const N: usize>(x: T, c: [f32; N]) -> T {
    let mut sum = k::<T>(c[N - 1]);
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum * x + k(c[i]);
    }
    sum
}

/// `magnitude` (not negative) with the sign of `sign`.
#[inline(always)]
fn with_sign<T: Float>(magnitude: T, sign: T) -> T {
    (magnitude.bits() | (sign.bits() & T::U::splat(1 << 31))).as_float()
}

/// Keeps the upper 12 bits of the significand, so that products of two such floats are exact.
#[inline(always)]
fn upper_half<T: Float>(x: T) -> T {
    (x.bits() & T::U::splat(0xffff_f000)).as_float()
}

/// `2^n` for an integer `n` in [−126, 127].
#[inline(always)]
fn power_of_two<T: Float>(n: T::I) -> T {
    n.plus(T::I::splat(127))
        .unsigned()
        .shift_left::<23>()
        .as_float()
}

/// `x 2^n` for an integer-valued float `n` in [−252, 254], rounding once at the end.
#[inline(always)]
fn scale<T: Float>(x: T, n: T) -> T {
    let n = n.truncate();
    let half = n.shift_right::<1>();
    x * power_of_two(half) * power_of_two(n.minus(half))
}

/// Sine and cosine: at most 2 ulp for |x| ≤ 16π, absolute error below 1.5e-7 for |x| ≤ 12,000; sin(−0) is +0.
///
/// Beyond, the reduction to a quarter turn (Cody and Waite, three parts of π/2) loses digits; results stay in [−1, 1].
#[expect(clippy::eq_op, reason = "r − r is zero, or NaN where r is not finite")]
#[inline(always)]
pub fn sin_cos<T: Float>(x: T) -> (T, T) {
    let turns = (x * k(std::f32::consts::FRAC_2_PI)).round_to_even();
    let r = x - turns * k(1.570_312_5) - turns * k(4.837_513e-4) - turns * k(7.549_79e-8);
    // far away r may leave the quarter, or be NaN, which must stay
    let r = T::select(
        r.magnitude().gt(k(0.8)),
        (r - r) + with_sign(k(std::f32::consts::FRAC_PI_4), r),
        r,
    );
    let z = r * r;
    let s = r + r * z * polynomial(z, [-0.166_666_55, 0.008_332_187, -0.000_195_178_97]);
    let c = k::<T>(1.0)
        - (k::<T>(0.5) * z - z * z * polynomial(z, [0.041_666_653, -0.001_388_761, 2.446_175e-5]));
    let turns = turns
        .greater(k(-2_147_483_648.0))
        .lesser(k(2_147_483_520.0))
        .truncate()
        .unsigned();
    let odd = (turns & T::U::splat(1)).eq(T::U::splat(1));
    let sine = T::select(odd, c, s);
    let cosine = T::select(odd, s, c);
    let sine_sign = (turns & T::U::splat(2)).shift_left::<30>();
    let cosine_sign = (turns.plus(T::U::splat(1)) & T::U::splat(2)).shift_left::<30>();
    (
        (sine.bits() ^ sine_sign).as_float(),
        (cosine.bits() ^ cosine_sign).as_float(),
    )
}

/// Arc tangent of a ratio in [0, 1].
#[inline(always)]
fn atan_unit<T: Float>(x: T) -> T {
    let big = x.gt(k(0.414_213_57));
    let t = T::select(big, (x - k(1.0)) / (x + k(1.0)), x);
    let z = t * t;
    let p = polynomial(
        z,
        [
            -0.333_333_2,
            0.199_986_6,
            -0.142_463_7,
            0.106_112_84,
            -0.061_162_42,
        ],
    );
    let a = t + t * z * p;
    T::select(big, k::<T>(std::f32::consts::FRAC_PI_4) + a, a)
}

/// Arc tangent of `y / x` in [−π, π], by the signs of both: at most 3 ulp. `atan2(±0, x)` is ±0 or ±π.
#[inline(always)]
pub fn atan2<T: Float>(y: T, x: T) -> T {
    let (ax, ay) = (x.magnitude(), y.magnitude());
    let steep = ay.gt(ax);
    let (low, high) = (T::select(steep, ax, ay), T::select(steep, ay, ax));
    let quotient = T::select(low.eq(high), k(1.0), low / high);
    let quotient = T::select(high.eq(k(0.0)), k(0.0), quotient);
    let a = atan_unit(quotient);
    let a = T::select(steep, k::<T>(std::f32::consts::FRAC_PI_2) - a, a);
    let negative = (x.bits().shift_right::<31>()).eq(T::U::splat(1));
    let a = T::select(negative, k::<T>(std::f32::consts::PI) - a, a);
    let a = with_sign(a, y);
    T::select(x.ne(x) | y.ne(y), x + y, a)
}

/// Arc tangent: at most 3 ulp.
#[inline(always)]
pub fn atan<T: Float>(x: T) -> T {
    atan2(x, k(1.0))
}

/// Arc sine of `t` in [0, 1/2], given its square.
#[inline(always)]
fn asin_half<T: Float>(t: T, z: T) -> T {
    t + t
        * z
        * polynomial(
            z,
            [
                0.166_667_31,
                0.074_959_42,
                0.045_404_63,
                0.024_455_315,
                0.041_757_22,
            ],
        )
}

/// Arc sine: at most 3 ulp; NaN outside [−1, 1].
#[inline(always)]
pub fn asin<T: Float>(x: T) -> T {
    let a = x.magnitude();
    let big = a.gt(k(0.5));
    let z = T::select(big, k::<T>(0.5) * (k::<T>(1.0) - a), a * a);
    let t = T::select(big, z.root(), a);
    let p = asin_half(t, z);
    let result = T::select(big, k::<T>(std::f32::consts::FRAC_PI_2) - (p + p), p);
    T::select(result.ne(result), result, with_sign(result, x))
}

/// Arc cosine: at most 3 ulp; NaN outside [−1, 1].
#[inline(always)]
pub fn acos<T: Float>(x: T) -> T {
    let a = x.magnitude();
    let big = a.gt(k(0.5));
    let z = T::select(big, k::<T>(0.5) * (k::<T>(1.0) - a), a * a);
    let t = T::select(big, z.root(), x);
    let p = asin_half(t, z);
    let twice = p + p;
    let outer = T::select(x.lt(k(0.0)), k::<T>(std::f32::consts::PI) - twice, twice);
    T::select(
        big,
        outer,
        k::<T>(std::f32::consts::FRAC_PI_2) - (p - k(-4.371_139e-8)),
    )
}

/// `e^x 2^-halvings`: see [`exp`].
#[inline(always)]
fn exp_halved<T: Float>(x: T, halvings: f32) -> T {
    let x = T::select(
        x.gt(k(90.0)),
        k(90.0),
        T::select(x.lt(k(-110.0)), k(-110.0), x),
    );
    let n = (x * k(std::f32::consts::LOG2_E)).round_to_even();
    let r = (x - n * k(0.693_145_75)) - n * k(1.428_606_8e-6);
    let p = k::<T>(1.0)
        + (r + r
            * r
            * polynomial(
                r,
                [
                    0.499_999_94,
                    0.166_665_17,
                    0.041_668_154,
                    0.008_368_866,
                    0.001_381_976,
                ],
            ));
    scale(p, n - k(halvings))
}

/// `e^x`: at most 1.5 ulp; 0 below −104, ∞ above 88.73; subnormal results are kept.
#[inline(always)]
pub fn exp<T: Float>(x: T) -> T {
    let result = exp_halved(x, 0.0);
    T::select(x.ne(x), x, result)
}

/// `2^(n + r)` for |r| ≤ 1/2 and an integer-valued `n` in [−252, 254].
#[inline(always)]
fn exp2_parts<T: Float>(n: T, r: T) -> T {
    let c = [
        0.693_147_24,
        0.240_226_55,
        0.055_502_73,
        0.009_617_028,
        0.001_341_941_8,
        0.000_158_494_44,
    ];
    scale(k::<T>(1.0) + r * polynomial(r, c), n)
}

/// `2^x`: at most 1.5 ulp, exact for integers; 0 below −150, ∞ from 128.
#[inline(always)]
pub fn exp2<T: Float>(x: T) -> T {
    let clamped = T::select(
        x.gt(k(130.0)),
        k(130.0),
        T::select(x.lt(k(-160.0)), k(-160.0), x),
    );
    let n = clamped.round_to_even();
    let result = exp2_parts(n, clamped - n);
    T::select(x.ne(x), x, result)
}

/// Exponent `e` (an integer) and significand in [√½, √2) of a positive finite float.
#[inline(always)]
fn split<T: Float>(x: T) -> (T, T) {
    let subnormal = x.lt(k(f32::MIN_POSITIVE));
    let x = T::select(subnormal, x * k(8_388_608.0), x);
    let bits = x.bits();
    // the offset is the bit pattern of √½
    let e = bits
        .minus(T::U::splat(0x3f35_04f3))
        .signed()
        .shift_right::<23>();
    let m = bits.minus(e.unsigned().shift_left::<23>()).as_float();
    (e.float() - T::select(subnormal, k(23.0), k(0.0)), m)
}

/// What a logarithm of 0, of a negative number, of ∞ and of NaN is; `result` for all others.
#[inline(always)]
fn log_edges<T: Float>(x: T, result: T) -> T {
    let result = T::select(x.eq(k(0.0)), k(f32::NEG_INFINITY), result);
    let result = T::select(x.lt(k(0.0)), k(f32::NAN), result);
    T::select(x.eq(k(f32::INFINITY)) | x.ne(x), x, result)
}

/// `log(1 + f) = f − correction` for the significand `1 + f`.
///
/// Source: the series in s = f / (2 + f), arranged as in fdlibm's `e_log.c` (f − (f²/2 − s (f²/2 + R))).
#[inline(always)]
fn log_correction<T: Float>(f: T) -> T {
    let s = f / (k::<T>(2.0) + f);
    let z = s * s;
    let r = z * polynomial(z, [0.666_667_8, 0.399_767_9, 0.298_935_2]);
    let half_square = k::<T>(0.5) * f * f;
    half_square - s * (half_square + r)
}

/// Natural logarithm: at most 1.5 ulp; log(0) is −∞, negative numbers give NaN.
#[inline(always)]
pub fn log<T: Float>(x: T) -> T {
    let (e, m) = split(x);
    let f = m - k(1.0);
    let low = e * k(1.428_606_8e-6) - log_correction(f);
    log_edges(x, e * k(0.693_145_75) + (low + f))
}

/// Binary logarithm: at most 2 ulp, exact for powers of two; edges as [`log`].
#[inline(always)]
pub fn log2<T: Float>(x: T) -> T {
    let (e, m) = split(x);
    let f = m - k(1.0);
    let correction = log_correction(f);
    // log₂(1 + f) = (f − correction) / ln 2, the larger part exact
    let high = upper_half(f - correction);
    let low = (f - high) - correction;
    let small = high * k(-0.000_176_052_85) + low * k(std::f32::consts::LOG2_E);
    log_edges(x, e + (small + high * k(1.442_871_1)))
}

/// `x^y` for x ≥ 0: at most 2 ulp where the result is normal. Negative x gives NaN; y = 0 and x = 1 give 1.
///
/// log₂ x is carried in two floats (about 36 bits), as in fdlibm's `e_powf.c`.
#[inline(always)]
pub fn pow<T: Float>(x: T, y: T) -> T {
    let (e, m) = split(x);
    let f = m - k(1.0);
    // s = f / (m + 1) in two parts, the higher of 12 bits
    let d = m + k(1.0);
    let d_low = m - (d - k(1.0));
    let s_high = upper_half(f / d);
    let d_high = upper_half(d);
    let rest = ((f - s_high * d_high) - s_high * (d - d_high)) - s_high * d_low;
    let s_low = rest / d;
    // 2 / ln 2 · (s + s³/3 + …) in two parts
    let s = s_high + s_low;
    let z = s * s;
    let high = s_high * k(2.885_742_2);
    let tail = polynomial(z, [0.961_796_7, 0.577_077_8, 0.412_014_87, 0.334_661_8]);
    let low = s_high * k(-0.000_352_105_7) + (s_low * k(2.885_39) + s * z * tail);
    // log₂ x in two parts
    let sum = e + (high + low);
    let log_low = ((e - sum) + high) + low;
    let log_high = upper_half(sum);
    let log_low = (sum - log_high) + log_low;
    // y · log₂ x in two parts
    let y_high = upper_half(y);
    let p_high = y_high * log_high;
    let p_low = (y - y_high) * log_high + y * log_low;
    let p = p_high + p_low;
    let n = T::select(
        p.gt(k(130.0)),
        k(130.0),
        T::select(p.lt(k(-160.0)), k(-160.0), p),
    )
    .round_to_even();
    let inside = p.magnitude().lt(k(170.0));
    let r = T::select(inside, (p_high - n) + p_low, k(0.0));
    let result = exp2_parts(n, r);
    // zero, infinite and not a number: the exponent alone decides
    let infinity = k::<T>(f32::INFINITY);
    let usual = x.gt(k(0.0)) & x.lt(infinity) & y.magnitude().lt(infinity) & p.eq(p);
    let result = T::select(usual, result, exp2(y * log2(x)));
    T::select(y.eq(k(0.0)) | x.eq(k(1.0)), k(1.0), result)
}

/// `log(1 + x)`, accurate for small x: the rounding error of 1 + x is made good to first order.
#[inline(always)]
fn log_one_plus<T: Float>(x: T) -> T {
    let w = x + k(1.0);
    let lost = x - (w - k(1.0));
    let result = log(w) + lost / w;
    T::select(w.eq(k(f32::INFINITY)), w, result)
}

/// Hyperbolic sine: at most 3 ulp.
#[inline(always)]
pub fn sinh<T: Float>(x: T) -> T {
    let a = x.magnitude();
    let z = a * a;
    let small = a + a
        * z
        * polynomial(
            z,
            [
                0.166_666_67,
                0.008_333_307,
                0.000_198_438_63,
                2.776_186_4e-6,
            ],
        );
    let half = exp_halved(a, 1.0);
    let large = half - k::<T>(0.25) / half;
    let result = with_sign(T::select(a.lt(k(1.0)), small, large), x);
    T::select(x.ne(x), x, result)
}

/// Hyperbolic cosine: at most 2 ulp.
#[inline(always)]
pub fn cosh<T: Float>(x: T) -> T {
    let half = exp_halved(x.magnitude(), 1.0);
    let result = half + k::<T>(0.25) / half;
    T::select(x.ne(x), x, result)
}

/// Hyperbolic tangent: at most 3 ulp.
#[inline(always)]
pub fn tanh<T: Float>(x: T) -> T {
    let a = x.magnitude();
    let z = a * a;
    let c = [
        -0.333_332_87,
        0.133_314_8,
        -0.053_738_6,
        0.020_626_092,
        -0.005_682_84,
    ];
    let small = a + a * z * polynomial(z, c);
    let large = k::<T>(1.0) - k::<T>(2.0) / (exp_halved(a + a, 0.0) + k(1.0));
    let result = with_sign(T::select(a.lt(k(0.625)), small, large), x);
    T::select(x.ne(x), x, result)
}

/// Inverse hyperbolic sine: at most 4 ulp.
#[inline(always)]
pub fn asinh<T: Float>(x: T) -> T {
    let a = x.magnitude();
    let z = a * a;
    let near = log_one_plus(a + z / (k::<T>(1.0) + (z + k(1.0)).root()));
    let far = log(a) + k(std::f32::consts::LN_2);
    let result = with_sign(T::select(a.lt(k(1e9)), near, far), x);
    T::select(x.ne(x), x, result)
}

/// Inverse hyperbolic cosine: at most 4 ulp; NaN below 1.
#[inline(always)]
pub fn acosh<T: Float>(x: T) -> T {
    let t = x - k(1.0);
    let near = log_one_plus(t + (t + t + t * t).root());
    let far = log(x) + k(std::f32::consts::LN_2);
    let result = T::select(x.lt(k(1e9)), near, far);
    T::select(x.lt(k(1.0)), k(f32::NAN), result)
}

/// Inverse hyperbolic tangent: at most 4 ulp; NaN outside [−1, 1].
#[inline(always)]
pub fn atanh<T: Float>(x: T) -> T {
    let a = x.magnitude();
    let result = k::<T>(0.5) * log_one_plus((a + a) / (k::<T>(1.0) - a));
    let result = T::select(a.gt(k(1.0)), k(f32::NAN), result);
    T::select(result.ne(result), result, with_sign(result, x))
}
