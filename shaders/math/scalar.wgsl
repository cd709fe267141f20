#define_import_path skywell::math::scalar

// Small functions that stay defined where the textbook ones do not.

/// `x * x`.
fn sqr(x: f32) -> f32 {
    return x * x;
}

/// Square root, 0 for negative `x` (rounding below zero).
fn safe_sqrt(x: f32) -> f32 {
    return sqrt(max(x, 0.0));
}

/// `a / b`, or 0 where `b` is 0.
fn safe_divide(a: f32, b: f32) -> f32 {
    return select(a / select(b, 1.0, b == 0.0), 0.0, b == 0.0);
}

/// `v` scaled to unit length, or `fallback` where `v` has no length to speak of.
fn normalize_or(v: vec3<f32>, fallback: vec3<f32>) -> vec3<f32> {
    let squared = dot(v, v);
    let valid = squared > 1e-36;
    return select(fallback, v * (1.0 / sqrt(select(1.0, squared, valid))), valid);
}

/// Neither infinite nor NaN; by bits, as comparisons with NaN may be optimised away.
fn is_finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

/// Largest of three components.
fn max_component(v: vec3<f32>) -> f32 {
    return max(max(v.x, v.y), v.z);
}

/// Relative luminance of linear Rec.709.
fn luminance(rgb: vec3<f32>) -> f32 {
    return dot(rgb, vec3<f32>(0.2126, 0.7152, 0.0722));
}
