#define_import_path skywell::path::medium_event

#import skywell::geometry::interaction::{SurfaceInteraction, interpolate_surface}
#import skywell::math::constants::FLOAT_MAX
#import skywell::math::scalar::max_component
#import skywell::medium::flight::sample_free_flight
#import skywell::medium::phase::{eval_phase, sample_phase}
#import skywell::path::media::{medium_scatters, transmittance}
#import skywell::path::meet::event_sampler
#import skywell::path::scatter::{SHADOW_SHORTENING, choose_path_light, play_roulette}
#import skywell::path::state::{count_scattering, end_path, path_depth}
#import skywell::records::frame::FRAME_OPEN_BOUNDARIES
#import skywell::records::medium::{MEDIUM_LIT, Medium}
#import skywell::records::path::{HIT_IN_MEDIUM, Hit, INVALID, PATH_ALIVE, PATH_COVERED, PATH_HERO_SHIFT, PATH_NO_NORMAL, PATH_SPECULAR, PathState, ShadowRay}
#import skywell::records::sampling::{SET_BSDF, SET_FLIGHT}
#import skywell::sampling::sobol::{Sampler, draw_sample_2d}
#import skywell::sampling::warp::power_heuristic
#import skywell::tables::{frame, load_medium}

// One step of a path within a medium that scatters light, before the surface that it would meet.
//
// As at surfaces, light is looked for twice, by choosing a light and by following the path. A shadow ray gets out of a
// solid only through an open boundary: one without a change of the index of refraction. Refraction would bend it away
// from its light. Light gets into other solids along paths alone, which find it at the boundary: at a rough or diffuse
// one by choosing a light as well, through a smooth one where they happen to meet it, so that a point light, a spot or
// the sun does not light what is behind smooth, refracting surfaces, just as it casts no caustics.
// Source: pbrt 4e, §14.1 and §14.2.

/// What `scatter_in_medium` makes.
struct ScatterInMediumResult {
    /// The path after the scattering event, or on its way to `hit` with what the medium left of it.
    path: PathState,
    /// What the path has met: as it was, or HIT_IN_MEDIUM.
    hit: Hit,
    /// The ray to the light chosen at the event; `t_max` is 0 if there is none.
    shadow: ShadowRay,
}

/// Stage: `path` is on its way to what `hit` says. If it is in a medium that scatters, that may happen first.
fn scatter_in_medium(path: PathState, hit: Hit) -> ScatterInMediumResult {
    let unscattered = ScatterInMediumResult(path, hit, ShadowRay());
    let number = path.media_a & 0xffffu;
    // A way without an end leads out of an open mesh.
    if (hit.instance == INVALID || !medium_scatters(number)) {
        return unscattered;
    }
    let medium = load_medium(number);
    let surface = interpolate_surface(hit, path.direction);
    let numbers = event_sampler(path);
    let way = length(surface.p - path.origin);
    let flight = sample_free_flight(medium.sigma_t, medium.sigma_s, path.throughput, way, draw_sample_2d(numbers, SET_FLIGHT));
    var next = path;
    next.throughput *= flight.weight;
    if (flight.distance == FLOAT_MAX) {
        return ScatterInMediumResult(next, hit, ShadowRay());
    }
    next.flags |= PATH_COVERED;
    let scattered = Hit(0.0, 0.0, HIT_IN_MEDIUM, INVALID);
    if (path_depth(path.flags) >= frame.max_depth) {
        return ScatterInMediumResult(end_path(next), scattered, ShadowRay());
    }
    next.origin = point_before(surface, path.origin + path.direction * flight.distance);
    next.last_normal = PATH_NO_NORMAL;
    let shadow = choose_light_ray_within(next, medium, surface.p_error, numbers);
    return ScatterInMediumResult(follow_phase(next, medium, numbers), scattered, shadow);
}

/// World point `p`, kept clear of the plane of `surface`, which lies behind it, by the error of points there: rounded
/// onto the far side, it would be outside the solid that it is believed to be in.
fn point_before(surface: SurfaceInteraction, p: vec3<f32>) -> vec3<f32> {
    let reach = surface.p_error * dot(abs(surface.n), vec3<f32>(1.0));
    return p + surface.n * max(reach - dot(p - surface.p, surface.n), 0.0);
}

/// Chooses a light and a point on it for `path`, which has been moved to the event in `medium`: the ray that finds out
/// whether it is seen. `p_error` is the distance along any axis by which the event may be off.
fn choose_light_ray_within(path: PathState, medium: Medium, p_error: f32, numbers: Sampler) -> ShadowRay {
    var shadow: ShadowRay;
    if ((medium.flags & MEDIUM_LIT) == 0u) {
        return shadow;
    }
    let light = choose_path_light(path, numbers);
    if (light.pdf <= 0.0) {
        return shadow;
    }
    let phase = eval_phase(medium.anisotropy, path.direction, light.direction);
    let weight = select(power_heuristic(light.pdf, phase), 1.0, light.is_delta);
    var passing = vec3<f32>(1.0);
    if ((frame.flags & FRAME_OPEN_BOUNDARIES) == 0u) {
        passing = transmittance(path.media_a & 0xffffu, light.distance);
    }
    let contribution = path.throughput * light.radiance * passing * (phase * weight / light.pdf);
    if (max_component(contribution) <= 0.0) {
        return shadow;
    }
    shadow.origin = path.origin;
    shadow.direction = light.direction;
    shadow.contribution = contribution;
    shadow.media_a = path.media_a;
    shadow.media_b = path.media_b & 0xffffu;
    shadow.t_max = max(light.distance - (light.distance * SHADOW_SHORTENING + 4.0 * p_error), 0.0);
    return shadow;
}

/// Draws a direction from the phase function and sends `path` along it. Where no light was chosen, what the path finds
/// counts in full.
fn follow_phase(path_in: PathState, medium: Medium, numbers: Sampler) -> PathState {
    var path = path_in;
    let wi = normalize(sample_phase(medium.anisotropy, path.direction, draw_sample_2d(numbers, SET_BSDF)));
    path.bsdf_pdf = eval_phase(medium.anisotropy, path.direction, wi);
    let kept = path.flags & (PATH_ALIVE | PATH_COVERED | (3u << PATH_HERO_SHIFT));
    path.flags = count_scattering(path.flags, kept | select(PATH_SPECULAR, 0u, (medium.flags & MEDIUM_LIT) != 0u));
    path.direction = wi;
    path.distance = 0.0;
    return play_roulette(path, numbers);
}
