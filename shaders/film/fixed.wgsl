#define_import_path skywell::film::fixed

// Sums of floats that are the same bits in any order, as `film::fixed` defines them: integers of 128 bits, here as four
// words, lowest first. Sums are two's complement with 64 fractional bits; squares are unsigned with 48 and saturate.

/// Samples must be smaller than this in magnitude: 2⁴⁰, bits of f32.
const SAMPLE_LIMIT_BITS: u32 = 0x53800000u;

/// Can the float of these bits be added: is it finite and smaller than 2⁴⁰ in magnitude?
fn is_representable(bits: u32) -> bool {
    return (bits & 0x7fffffffu) < SAMPLE_LIMIT_BITS;
}

/// Significand below 2²⁴ and biased exponent: |value| = significand · 2^(exponent − 150).
struct Decomposed {
    significand: u32,
    exponent: u32,
}

/// The parts of the float of these bits.
fn decompose_float(bits: u32) -> Decomposed {
    let fraction = bits & 0x7fffffu;
    let biased = (bits >> 23u) & 0xffu;
    return Decomposed(select(fraction | 0x800000u, fraction, biased == 0u), max(biased, 1u));
}

/// `low` + 2³² `high`, shifted to the left by `shift` in [0, 95].
fn shift_left_wide(low: u32, high: u32, shift: u32) -> vec4<u32> {
    let bits = shift & 31u;
    let back = (32u - bits) & 31u;
    let carried_low = select(low >> back, 0u, bits == 0u);
    let carried_high = select(high >> back, 0u, bits == 0u);
    let near = vec4<u32>(low << bits, (high << bits) | carried_low, carried_high, 0u);
    let once = select(near, vec4<u32>(0u, near.xyz), (shift & 32u) != 0u);
    return select(once, vec4<u32>(0u, 0u, once.xy), (shift & 64u) != 0u);
}

/// `low` + 2³² `high`, shifted to the right by `shift`, cut off.
fn shift_right_wide(low: u32, high: u32, shift: u32) -> vec4<u32> {
    let bits = shift & 31u;
    let back = (32u - bits) & 31u;
    let carried = select(high << back, 0u, bits == 0u);
    let near = vec2<u32>((low >> bits) | carried, high >> bits);
    let far = vec2<u32>(high >> bits, 0u);
    let shifted = select(select(near, far, shift >= 32u), vec2<u32>(0u), shift >= 64u);
    return vec4<u32>(shifted, 0u, 0u);
}

/// `value` · 2^`exponent`, cut off, for a value of two words and exponents up to 95.
fn scale_wide(low: u32, high: u32, exponent: i32) -> vec4<u32> {
    let left = shift_left_wide(low, high, u32(clamp(exponent, 0, 95)));
    let right = shift_right_wide(low, high, u32(clamp(-exponent, 0, 95)));
    return select(left, right, exponent < 0);
}

/// A sum and what it carries over.
struct WideSum {
    sum: vec4<u32>,
    /// 1: the sum is 2¹²⁸ larger.
    carry: u32,
}

/// `a` + `b` + `carry`.
fn add_wide(a: vec4<u32>, b: vec4<u32>, carry: u32) -> WideSum {
    let x = a.x + b.x;
    let x_all = x + carry;
    let x_carry = select(0u, 1u, x < a.x || x_all < x);
    let y = a.y + b.y;
    let y_all = y + x_carry;
    let y_carry = select(0u, 1u, y < a.y || y_all < y);
    let z = a.z + b.z;
    let z_all = z + y_carry;
    let z_carry = select(0u, 1u, z < a.z || z_all < z);
    let w = a.w + b.w;
    let w_all = w + z_carry;
    return WideSum(vec4<u32>(x_all, y_all, z_all, w_all), select(0u, 1u, w < a.w || w_all < w));
}

/// `sum` with the float of `bits`, which must be representable, added: 64 fractional bits, cut off towards zero.
fn add_fixed(sum: vec4<u32>, bits: u32) -> vec4<u32> {
    let parts = decompose_float(bits);
    let magnitude = scale_wide(parts.significand, 0u, i32(parts.exponent) - 150 + 64);
    let is_negative = (bits >> 31u) != 0u;
    return add_wide(sum, select(magnitude, ~magnitude, is_negative), select(0u, 1u, is_negative)).sum;
}

/// `sum` with the square of the float of `bits`, which must be representable, added: 48 fractional bits, cut off,
/// saturating.
fn add_square_fixed(sum: vec4<u32>, bits: u32) -> vec4<u32> {
    let parts = decompose_float(bits);
    // (2¹² a + b)² = 2²⁴ a² + 2¹³ a b + b²
    let a = parts.significand >> 12u;
    let b = parts.significand & 0xfffu;
    let cross_product = a * b;
    let low = add_wide(vec4<u32>(b * b, 0u, 0u, 0u), shift_left_wide(cross_product, 0u, 13u), 0u).sum;
    let square = add_wide(low, shift_left_wide(a * a, 0u, 24u), 0u).sum;
    let term = scale_wide(square.x, square.y, 2 * (i32(parts.exponent) - 150) + 48);
    let added = add_wide(sum, term, 0u);
    return select(added.sum, vec4<u32>(0xffffffffu), added.carry != 0u);
}
