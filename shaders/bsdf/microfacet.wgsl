#define_import_path skywell::bsdf::microfacet

#import skywell::math::constants::{PI, TWO_PI}
#import skywell::math::scalar::{safe_sqrt, sqr}

// The GGX (Trowbridge–Reitz) distribution of microfacets, with alpha = roughness² along x and y.
// All directions are local (z is the normal), unit, on the side of the normal unless said otherwise.

/// Smallest alpha. A mirror is as good as sharp at this one, and point lights still show in it.
const ALPHA_MIN: f32 = 1e-3;

/// Density of microfacet normals `h`, per steradian and projected area.
/// Source: glTF 2.0, appendix B.3.2; KHR_materials_anisotropy.
fn ggx_distribution(h: vec3<f32>, alpha_x: f32, alpha_y: f32) -> f32 {
    let stretched = sqr(h.x / alpha_x) + sqr(h.y / alpha_y) + h.z * h.z;
    return 1.0 / (PI * alpha_x * alpha_y * stretched * stretched);
}

/// Smith's Λ of direction `w`: its masking is 1 / (1 + Λ). `w` may lie on either side.
/// Source: Heitz 2014, "Understanding the Masking-Shadowing Function", JCGT 3(2), eq. 72.
fn ggx_lambda(w: vec3<f32>, alpha_x: f32, alpha_y: f32) -> f32 {
    let slope = (sqr(alpha_x * w.x) + sqr(alpha_y * w.y)) / max(w.z * w.z, 1e-20);
    return 0.5 * (sqrt(1.0 + slope) - 1.0);
}

/// A microfacet normal as seen from `wo`, with density masking(wo) · max(dot(wo, h), 0) · distribution(h) / wo.z.
/// Source: Dupuy and Benyoub 2023, "Sampling Visible GGX Normals with Spherical Caps", listing 3.
fn sample_ggx_normal(wo: vec3<f32>, alpha_x: f32, alpha_y: f32, u: vec2<f32>) -> vec3<f32> {
    let warped = normalize(vec3<f32>(wo.x * alpha_x, wo.y * alpha_y, wo.z));
    let phi = TWO_PI * u.x;
    let z = (1.0 - u.y) * (1.0 + warped.z) - warped.z;
    let radius = safe_sqrt(1.0 - z * z);
    let cap = vec3<f32>(radius * cos(phi), radius * sin(phi), z) + warped;
    return normalize(vec3<f32>(cap.x * alpha_x, cap.y * alpha_y, max(cap.z, 1e-7)));
}
