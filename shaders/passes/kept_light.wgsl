#define_import_path skywell::passes::kept_light

#import skywell::light::light::LightSample
#import skywell::passes::bindings::shadows
#import skywell::records::path::ShadowRay

// A light that was chosen for a path and not yet weighed lies where the shadow ray to it will be.

/// Keeps `light` for path `i`.
fn keep_light(i: u32, light: LightSample) {
    let is_delta = select(0u, 1u, light.is_delta);
    shadows[i] = ShadowRay(vec3<f32>(light.pdf, 0.0, 0.0), light.distance, light.direction, is_delta, light.radiance, 0u);
}

/// Density of the light kept for path `i`.
fn kept_light_pdf(i: u32) -> f32 {
    return shadows[i].origin.x;
}

/// The light kept for path `i`.
fn kept_light(i: u32) -> LightSample {
    let kept = shadows[i];
    return LightSample(kept.direction, kept.t_max, kept.contribution, kept.origin.x, kept.media_a != 0u);
}
