#define_import_path skywell::bsdf::rough_diffuse

#import skywell::math::constants::INV_PI
#import skywell::math::scalar::safe_sqrt

// Diffuse reflection by facets that are turned every way, which shade, hide and light each other: single scattering
// after Fujii's form of Oren and Nayar's model, and what is lost by it, returned.
// Source: Portsmouth, Kutz and Hill 2025, "EON: A Practical Energy-Preserving Rough Diffuse BRDF", JCGT 14(1), which
// KHR_materials_diffuse_roughness names; with the exact albedo. Angles are seen from the mean surface.

/// Average over the hemisphere, cosine-weighted, of the albedo of single scattering is `flat_share` times one plus
/// this times the roughness: 2/3 − 28/(15π).
const AVERAGE_SLOPE: f32 = 0.07248821;

/// What of white light single scattering returns along the normal, at `roughness` in [0, 1]: 1 / (1 + (1/2 − 2/(3π)) r).
fn flat_share(roughness: f32) -> f32 {
    return 1.0 / (1.0 + 0.28779341 * roughness);
}

/// Single scattering between `wo` and `wi` (local, above the surface) relative to that along the normal.
fn rough_shape(wo: vec3<f32>, wi: vec3<f32>, roughness: f32) -> f32 {
    let s = wo.x * wi.x + wo.y * wi.y;
    return 1.0 + roughness * s / select(1.0, max(max(wo.z, wi.z), 1e-6), s > 0.0);
}

/// Angle, radians, of cosine `c` in [0, 1], within 2e-8.
/// Source: Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", eq. 4.4.46.
fn angle_of(c: f32) -> f32 {
    let upper = ((-0.0012624911 * c + 0.0066700901) * c - 0.0170881256) * c + 0.0308918810;
    let lower = ((upper * c - 0.0501743046) * c + 0.0889789874) * c - 0.2145988016;
    return sqrt(1.0 - c) * (lower * c + 1.5707963050);
}

/// What of white light single scattering does not return towards `cosine` from the normal.
fn rough_loss(cosine: f32, roughness: f32) -> f32 {
    let c = clamp(cosine, 0.0, 1.0);
    let s = safe_sqrt(1.0 - c * c);
    let g = s * (angle_of(c) - s * c) + (2.0 / 3.0) * s * (c * (1.0 + s + s * s) / (1.0 + s) - 1.0);
    return max(1.0 - flat_share(roughness) * (1.0 + roughness * INV_PI * g), 0.0);
}

/// Average over the hemisphere, cosine-weighted, of `rough_loss`.
fn rough_average_loss(roughness: f32) -> f32 {
    return max(1.0 - flat_share(roughness) * (1.0 + AVERAGE_SLOPE * roughness), 0.0);
}

/// What of the light that single scattering lost comes back after several, from facets of albedo `color`: relative
/// to what was lost on average.
fn rough_multiple(color: vec3<f32>, average_loss: f32) -> vec3<f32> {
    return color * color * (1.0 - average_loss) / (1.0 - color * average_loss);
}
