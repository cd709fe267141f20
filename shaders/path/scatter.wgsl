#define_import_path skywell::path::scatter

#import skywell::bsdf::bsdf::{BSDF_DELTA, Bsdf, BsdfEval, BsdfSample, SAMPLE_SPECULAR}
#import skywell::bsdf::material_point::View
#import skywell::bsdf::sample::sample_bsdf
#import skywell::geometry::interaction::offset_point
#import skywell::light::light::{LightSample, sample_light}
#import skywell::math::basis::{Basis, to_world}
#import skywell::math::scalar::max_component
#import skywell::path::media::{Boundary, medium_ior, medium_top, transmittance}
#import skywell::path::meet::receiver_normal
#import skywell::path::state::{count_scattering, end_path, path_depth}
#import skywell::records::frame::FRAME_OPEN_BOUNDARIES
#import skywell::records::path::{PATH_ALIVE, PATH_COVERED, PATH_HERO_SHIFT, PATH_SPECULAR, PathState, ShadowRay}
#import skywell::records::sampling::{SET_BSDF, SET_BSDF_PICK, SET_HERO, SET_LIGHT, SET_LIGHT_PICK, SET_ROULETTE}
#import skywell::sampling::sobol::{Sampler, draw_sample, draw_sample_2d}
#import skywell::sampling::warp::power_heuristic
#import skywell::tables::frame

// How a path scatters, step by step: a light is chosen, weighed by the BSDF, and a direction drawn to go on in. What a
// step needs of the surface is little, so that a GPU may keep it apart while it evaluates lobes.

/// What a path at a surface must know to leave it.
struct Footing {
    /// As `SurfaceInteraction::n`.
    n: vec3<f32>,
    /// As `SurfaceInteraction::p_error`.
    p_error: f32,
    /// What the surface bounds.
    boundary: Boundary,
}

/// Scattering events after which paths may be ended at random.
const ROULETTE_DEPTH: u32 = 3u;

/// Lights end this much nearer than they are, relatively, so that they do not hide themselves.
const SHADOW_SHORTENING: f32 = 2e-5;

/// The channel of `ior` that the path follows; green before one is chosen.
fn hero_channel(ior: vec3<f32>, hero: u32) -> f32 {
    return select(select(ior.y, ior.x, hero == 1u), ior.z, hero == 3u);
}

/// At the first boundary that bends colours differently the path goes on in one colour, chosen uniformly, which then
/// stands for all three.
fn choose_hero(path_in: PathState, near: vec3<f32>, far: vec3<f32>, numbers: Sampler) -> PathState {
    var path = path_in;
    let disperses = near.x != near.z || far.x != far.z;
    if (disperses && ((path.flags >> PATH_HERO_SHIFT) & 3u) == 0u) {
        let hero = min(u32(i32(draw_sample(numbers, SET_HERO) * 3.0)), 2u);
        path.throughput *= select(vec3<f32>(0.0), vec3<f32>(3.0), vec3<u32>(0u, 1u, 2u) == vec3<u32>(hero));
        path.flags |= (hero + 1u) << PATH_HERO_SHIFT;
    }
    return path;
}

/// A path with the index of refraction that it sees.
struct RefractedPath {
    /// In one colour, if there was one to choose.
    path: PathState,
    /// Index of refraction beyond the surface over that on the near side.
    eta: f32,
}

/// `path_in` at the surface that bounds `boundary`.
fn meet_media(path_in: PathState, boundary: Boundary, numbers: Sampler) -> RefractedPath {
    var path = path_in;
    let far_medium = medium_top(boundary.beyond);
    let near = medium_ior(boundary.near);
    let far = medium_ior(far_medium);
    if (boundary.near != far_medium) {
        path = choose_hero(path, near, far, numbers);
    }
    let hero = (path.flags >> PATH_HERO_SHIFT) & 3u;
    return RefractedPath(path, hero_channel(far, hero) / hero_channel(near, hero));
}

/// Can no light be found at a surface but by following the path?
fn is_mirror(bsdf: Bsdf) -> bool {
    return (bsdf.flags & BSDF_DELTA) != 0u && bsdf.pick_specular == 1.0;
}

/// A light for `path`, which is about to scatter, and a point on it.
fn choose_path_light(path: PathState, numbers: Sampler) -> LightSample {
    let pick = draw_sample(numbers, SET_LIGHT_PICK);
    return sample_light(path.origin, receiver_normal(path.last_normal), pick, draw_sample_2d(numbers, SET_LIGHT));
}

/// The ray that finds out whether `light` is seen, with what it adds to `path` if it is; `value` is the BSDF's in its
/// direction.
fn weigh_light(path: PathState, footing: Footing, light: LightSample, value: BsdfEval) -> ShadowRay {
    var shadow: ShadowRay;
    let weight = select(power_heuristic(light.pdf, value.pdf), 1.0, light.is_delta);
    let beyond = dot(light.direction, footing.n) < 0.0;
    var passing = vec3<f32>(1.0);
    if ((frame.flags & FRAME_OPEN_BOUNDARIES) == 0u) {
        let medium = select(footing.boundary.near, medium_top(footing.boundary.beyond), beyond);
        passing = transmittance(medium, light.distance);
    } else {
        shadow.media_a = select(path.media_a, footing.boundary.beyond.a, beyond);
        shadow.media_b = select(path.media_b, footing.boundary.beyond.b, beyond) & 0xffffu;
    }
    let contribution = path.throughput * value.f * light.radiance * passing * (weight / light.pdf);
    if (max_component(contribution) <= 0.0) {
        return shadow;
    }
    shadow.origin = offset_point(path.origin, footing.p_error, footing.n, light.direction);
    shadow.direction = light.direction;
    shadow.contribution = contribution;
    shadow.t_max = max(light.distance - (light.distance * SHADOW_SHORTENING + 4.0 * footing.p_error), 0.0);
    return shadow;
}

/// A direction to go on in, local.
fn draw_direction(bsdf: Bsdf, view: View, numbers: Sampler) -> BsdfSample {
    return sample_bsdf(bsdf, view, draw_sample(numbers, SET_BSDF_PICK), draw_sample_2d(numbers, SET_BSDF));
}

/// Sends `path_in` along `scattered`, which was drawn in `basis`.
fn follow_sample(path_in: PathState, footing: Footing, basis: Basis, scattered: BsdfSample, numbers: Sampler) -> PathState {
    var path = path_in;
    if (scattered.pdf <= 0.0) {
        return end_path(path);
    }
    let wi = normalize(to_world(basis, scattered.wi));
    path.throughput *= scattered.f / scattered.pdf;
    if (dot(wi, footing.n) < 0.0) {
        path.media_a = footing.boundary.beyond.a;
        path.media_b = footing.boundary.beyond.b;
    }
    let kept = path.flags & (PATH_ALIVE | PATH_COVERED | (3u << PATH_HERO_SHIFT));
    path.flags = count_scattering(path.flags, kept | select(0u, PATH_SPECULAR, (scattered.flags & SAMPLE_SPECULAR) != 0u));
    path.origin = offset_point(path.origin, footing.p_error, footing.n, wi);
    path.direction = wi;
    path.bsdf_pdf = scattered.pdf;
    path.distance = 0.0;
    return play_roulette(path, numbers);
}

/// Ends `path` at random where it carries little, and makes up for it where it goes on.
///
/// What it carries is measured as basic radiance (radiance over the index squared), which refraction leaves alone.
fn play_roulette(path_in: PathState, numbers: Sampler) -> PathState {
    var path = path_in;
    if (path_depth(path.flags) < ROULETTE_DEPTH) {
        return path;
    }
    let ior = medium_ior(path.media_a & 0xffffu).y;
    let survival = min(max_component(path.throughput) * ior * ior, 1.0);
    if (draw_sample(numbers, SET_ROULETTE) >= survival) {
        return end_path(path);
    }
    path.throughput *= 1.0 / survival;
    return path;
}
