//! How far a GPU may be from us: the accuracy that the WGSL specification (§15.7.4) asks of its implementations, to which
//! our own error adds little.

use super::suite::record::Query;

/// Spacing of floats at `x`.
fn ulp(x: f64) -> f64 {
    let exponent = x.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor();
    2f64.powf(exponent - 23.0)
}

/// Whether component `k` of a result of kernel `name` is the same here and on the GPU, as far as WGSL promises.
pub fn agrees(name: &str, query: &Query, k: usize, cpu: u32, gpu: u32) -> bool {
    let (c, g) = (
        f64::from(f32::from_bits(cpu)),
        f64::from(f32::from_bits(gpu)),
    );
    let close = |tolerance: f64| cpu == gpu || c.is_nan() || (c - g).abs() <= tolerance;
    match (name, query.op, k) {
        ("probe_unary", op, _) => close(unary(op, f64::from(query.a[k]), c)),
        ("probe_several", op, _) => close(several(op, query, k, c)),
        // a square root of what cancelled
        ("probe_geometry", 5, _) => close(2e-3),
        // sums of products of numbers below 1
        ("probe_geometry" | "probe_matrix", ..) => close(1e-5),
        // packing may round either way at a tie
        ("probe_packing", 5, 0 | 1) => {
            (0..4).all(|i| steps(cpu >> (8 * i), gpu >> (8 * i), 0xff) <= 1)
        }
        ("probe_packing", 5, _) => {
            (0..2).all(|i| steps(cpu >> (16 * i), gpu >> (16 * i), 0xffff) <= 1)
        }
        ("probe_packing", 8..=10, _) => close(2.0 * ulp(c)),
        ("probe_packing", 11, _) => cpu == gpu || (c.is_nan() && g.is_nan()),
        // a sum of built-in functions of the settings; NaN where a row's entry is
        ("probe_tables", _, 0 | 1) => (c.is_nan() && g.is_nan()) || close(64.0 * ulp(c)),
        _ => cpu == gpu,
    }
}

/// Distance of two numbers modulo `mask + 1`.
fn steps(a: u32, b: u32, mask: u32) -> u32 {
    let d = a.wrapping_sub(b) & mask;
    d.min((mask + 1).wrapping_sub(d) & mask)
}

fn unary(op: u32, x: f64, result: f64) -> f64 {
    match op {
        8 | 9 => 4.0 * ulp(result),
        10 | 11 => 2f64.powi(-11),
        12 => 2f64.powi(-11) * (1.0 + result * result) * 2.0,
        13 | 14 => (4096.0 * ulp(result)).max(6.81e-5),
        15 => 4096.0 * ulp(result),
        16 | 17 => 16.0 * ulp(x.cosh()),
        18 => 32.0 * ulp(1.0),
        // by way of logarithms of sums and quotients that cancel
        19..=21 => 1e-4,
        22 | 23 => (5.0 + 2.0 * x.abs()) * ulp(result),
        24 | 25 => 2f64.powi(-20) + 4.0 * ulp(result),
        26 | 27 => 4.0 * ulp(result),
        // subnormal halves may be flushed
        28 if x.abs() < 6.2e-5 => 6.2e-5,
        _ => 0.0,
    }
}

fn several(op: u32, query: &Query, k: usize, result: f64) -> f64 {
    let (x, y) = (f64::from(query.a[k]), f64::from(query.b[k]));
    match op {
        3 => 3.0 * ulp(result),
        // one quotient rounded up to an integer moves the remainder by the divisor
        4 => y.abs() + ulp(x),
        7 => 4096.0 * ulp(result),
        8 => result.abs() * 2f64.powi(-20) * (4.0 + (y * x.abs().log2()).abs()),
        11 | 13 | 18 => 8.0 * ulp(16.0),
        12 => 64.0 * ulp(1.0),
        19 => ulp(result),
        _ => 0.0,
    }
}
