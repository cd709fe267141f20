#define_import_path skywell::path::shadow

#import skywell::bsdf::emission::eval_alpha
#import skywell::bsdf::material_point::evaluate_base_color
#import skywell::geometry::interaction::{SurfaceInteraction, interpolate_surface, offset_origin}
#import skywell::math::scalar::max_component
#import skywell::path::media::{Boundary, MediumStack, is_open_boundary, medium_top, meet_boundary, transmittance}
#import skywell::records::frame::FRAME_OPEN_BOUNDARIES
#import skywell::records::material::Material
#import skywell::records::path::{Hit, INVALID, PATH_COUNT_MAX, ShadowRay}
#import skywell::tables::{frame, load_material}

/// Rays that go on have at least this far to go, metres; 0 would say that they are occluded.
const SHADOW_REACH_MIN: f32 = 1e-30;

/// The fourth of four media: none. A shadow ray has no room for it.
const MEDIUM_NONE_LAST: u32 = 0xffff0000u;

/// What `shade_shadow` makes.
struct ShadeShadowResult {
    /// The ray behind the surface, or occluded.
    shadow: ShadowRay,
}

/// Stage: a shadow ray has met the surface at `hit`, which alpha may make thin or which may be the open boundary of a
/// solid: it goes on behind it with what is let through. The fraction is carried along instead of being drawn, as there
/// is nothing else for the ray to do. Or, where there are open boundaries, it has reached its light (a miss).
fn shade_shadow(shadow: ShadowRay, hit: Hit) -> ShadeShadowResult {
    var ray = shadow;
    let has_open = (frame.flags & FRAME_OPEN_BOUNDARIES) != 0u;
    if (hit.instance == INVALID) {
        ray.contribution = received(ray);
        return ShadeShadowResult(ray);
    }
    let surface = interpolate_surface(hit, ray.direction);
    let material = load_material(surface.material);
    let passed = (ray.media_b >> 16u) + 1u;
    let alpha = eval_alpha(material, surface);
    var passing = vec3<f32>(1.0 - alpha);
    if (has_open) {
        let boundary = meet_boundary(MediumStack(ray.media_a, ray.media_b | MEDIUM_NONE_LAST), surface.medium, surface.front_facing);
        passing += open_transmittance(material, surface, boundary) * alpha;
        ray.contribution *= transmittance(ray.media_a & 0xffffu, length(surface.p - ray.origin));
        ray.media_a = boundary.beyond.a;
        ray.media_b = boundary.beyond.b;
    }
    ray.media_b = (ray.media_b & 0xffffu) | (passed << 16u);
    let origin = offset_origin(surface, ray.direction);
    ray.contribution *= passing;
    ray.t_max = max(ray.t_max - length(origin - ray.origin), SHADOW_REACH_MIN);
    ray.origin = origin;
    if (max_component(passing) <= 0.0 || passed >= PATH_COUNT_MAX) {
        ray.t_max = 0.0;
    }
    return ShadeShadowResult(ray);
}

/// What `shadow`, which has reached its light, adds to its path.
fn received(shadow: ShadowRay) -> vec3<f32> {
    if ((frame.flags & FRAME_OPEN_BOUNDARIES) == 0u) {
        return shadow.contribution;
    }
    return shadow.contribution * transmittance(shadow.media_a & 0xffffu, shadow.t_max);
}

/// What the surface of `material` lets through if it is an open boundary; nothing otherwise. One that is displaced is
/// as if it were not there.
fn open_transmittance(material: Material, surface: SurfaceInteraction, boundary: Boundary) -> vec3<f32> {
    if (!is_open_boundary(material, boundary)) {
        return vec3<f32>(0.0);
    }
    return select(evaluate_base_color(material, surface).xyz, vec3<f32>(1.0), boundary.near == medium_top(boundary.beyond));
}
