#define_import_path skywell::sampling::warp

#import skywell::math::constants::{HALF_PI, TWO_PI}
#import skywell::math::scalar::safe_sqrt

// Maps from the unit square that keep areas in proportion. pbrt 4e, appendix A.

/// A uniform point of the unit disk, concentric squares to concentric circles.
/// Source: Shirley and Chiu 1997, "A Low Distortion Map Between Disk and Square".
fn sample_uniform_disk(u: vec2<f32>) -> vec2<f32> {
    let o = u * 2.0 - 1.0;
    let x_major = abs(o.x) > abs(o.y);
    let r = select(o.y, o.x, x_major);
    let other = select(o.x, o.y, x_major);
    let slope = other / select(r, 1.0, r == 0.0);
    let angle = slope * (0.5 * HALF_PI);
    let phi = select(HALF_PI - angle, angle, x_major);
    return vec2<f32>(cos(phi), sin(phi)) * r;
}

/// A direction about +z with density cos θ / π.
fn sample_cosine_hemisphere(u: vec2<f32>) -> vec3<f32> {
    let d = sample_uniform_disk(u);
    return vec3<f32>(d, safe_sqrt(1.0 - dot(d, d)));
}

/// A uniform direction, density 1 / 4π.
fn sample_uniform_sphere(u: vec2<f32>) -> vec3<f32> {
    let z = 1.0 - 2.0 * u.x;
    let r = safe_sqrt(1.0 - z * z);
    let phi = TWO_PI * u.y;
    return vec3<f32>(r * cos(phi), r * sin(phi), z);
}

/// Barycentric weights (of the second and third vertex) of a uniform point of a triangle.
/// Source: Heitz 2019, "A Low-Distortion Map Between Triangle and Square".
fn sample_uniform_triangle(u: vec2<f32>) -> vec2<f32> {
    let below = u.x < u.y;
    let b = select(u.x - 0.5 * u.y, 0.5 * u.x, below);
    let c = select(0.5 * u.y, u.y - 0.5 * u.x, below);
    return vec2<f32>(b, c);
}

/// Weight of a sample drawn with density `pdf` where another strategy would have had `other_pdf`:
/// the power heuristic with exponent 2.
/// Source: Veach 1997, §9.2.4. Departs: takes the ratio first, so that no square overflows.
fn power_heuristic(pdf: f32, other_pdf: f32) -> f32 {
    let ratio = other_pdf / max(pdf, 1e-30);
    return 1.0 / (1.0 + ratio * ratio);
}
