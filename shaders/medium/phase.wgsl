#define_import_path skywell::medium::phase

#import skywell::math::basis::{basis_from_z, to_world}
#import skywell::math::constants::{INV_PI, TWO_PI}
#import skywell::math::scalar::safe_sqrt

// Where particles of a medium send the light that meets them. Value and solid-angle density are the same: what is
// scattered is all there is.
// Source: Henyey and Greenstein 1941, "Diffuse Radiation in the Galaxy"; pbrt 4e, §11.3.1, with g > 0 forwards.

/// Value, per steradian, for light that travels along unit `direction` and leaves along unit `wi`, of mean cosine
/// `anisotropy` in (−1, 1).
///
/// 1 + g² − 2g cos θ is written (1 − |g|)² + |g| |wi ∓ direction|², which does not cancel where the lobe is narrow.
fn eval_phase(anisotropy: f32, direction: vec3<f32>, wi: vec3<f32>) -> f32 {
    let strength = abs(anisotropy);
    let away = wi + direction * select(1.0, -1.0, anisotropy >= 0.0);
    let squared = (1.0 - strength) * (1.0 - strength) + strength * dot(away, away);
    return (0.25 * INV_PI) * (1.0 - anisotropy * anisotropy) / (squared * sqrt(squared));
}

/// A direction drawn by `eval_phase` for light that travels along unit `direction`; `u` uniform in [0, 1)².
///
/// The inverse of the distribution of cos θ, rearranged to be regular at g = 0.
fn sample_phase(anisotropy: f32, direction: vec3<f32>, u: vec2<f32>) -> vec3<f32> {
    let g = anisotropy;
    let x = 2.0 * u.x - 1.0;
    let base = 1.0 + g * x;
    let bent = x * (1.0 + g * g) + 0.5 * g * (3.0 + x * x) - 0.5 * g * g * g * (1.0 - x * x);
    let cosine = clamp(bent / (base * base), -1.0, 1.0);
    let sine = safe_sqrt(1.0 - cosine * cosine);
    let phi = TWO_PI * u.y;
    return to_world(basis_from_z(direction), vec3<f32>(sine * cos(phi), sine * sin(phi), cosine));
}
