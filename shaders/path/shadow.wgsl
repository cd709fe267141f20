#define_import_path skywell::path::shadow

#import skywell::bsdf::emission::eval_alpha
#import skywell::geometry::interaction::{interpolate_surface, offset_origin}
#import skywell::records::path::{Hit, PATH_COUNT_MAX, ShadowRay}
#import skywell::tables::load_material

/// What `shade_shadow` makes.
struct ShadeShadowResult {
    /// The ray behind the surface, or occluded.
    shadow: ShadowRay,
}

/// Stage: a shadow ray has met the surface at `hit`, which alpha may make thin: it goes on behind it with what is
/// let through. The fraction is carried along instead of being drawn, as there is nothing else for the ray to do.
fn shade_shadow(shadow: ShadowRay, hit: Hit) -> ShadeShadowResult {
    var ray = shadow;
    let surface = interpolate_surface(hit, ray.direction);
    let passing = 1.0 - eval_alpha(load_material(surface.material), surface);
    let origin = offset_origin(surface, ray.direction);
    ray.contribution *= passing;
    ray.t_max -= length(origin - ray.origin);
    ray.origin = origin;
    ray.passed += 1u;
    if (passing <= 0.0 || ray.passed >= PATH_COUNT_MAX) {
        ray.occluded = 1u;
    }
    return ShadeShadowResult(ray);
}
