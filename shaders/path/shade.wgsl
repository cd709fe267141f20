#define_import_path skywell::path::shade

#import skywell::bsdf::bsdf::{BSDF_DELTA, Bsdf, SAMPLE_SPECULAR}
#import skywell::bsdf::emission::{eval_alpha, eval_emission}
#import skywell::bsdf::eval::eval_bsdf
#import skywell::bsdf::parameters::evaluate_bsdf_parameters
#import skywell::bsdf::sample::sample_bsdf
#import skywell::geometry::interaction::{SurfaceInteraction, interpolate_surface, offset_origin}
#import skywell::light::light::{eval_environment_light, pdf_light_triangle, sample_light}
#import skywell::math::basis::{to_local, to_world}
#import skywell::math::constants::FLOAT_MAX
#import skywell::math::octahedral::{decode_normal, encode_normal}
#import skywell::math::scalar::max_component
#import skywell::path::media::{Boundary, MediumStack, meet_boundary, medium_ior}
#import skywell::path::state::{count_passed, count_scattering, end_path, path_depth, path_event}
#import skywell::records::frame::FRAME_BACKGROUND_HIDDEN
#import skywell::records::material::{MATERIAL_DIFFUSE_TRANSMISSION, MATERIAL_EMISSIVE, MATERIAL_TRANSMISSION, MATERIAL_UNLIT, Material}
#import skywell::records::path::{Hit, INVALID, MEDIUM_NONE, PATH_ALIVE, PATH_COVERED, PATH_HERO_SHIFT, PATH_NO_NORMAL, PATH_SPECULAR, PathState, ShadowRay}
#import skywell::records::sampling::{SET_ALPHA, SET_BSDF, SET_BSDF_PICK, SET_HERO, SET_LIGHT, SET_LIGHT_PICK, SET_ROULETTE}
#import skywell::sampling::sobol::{Sampler, draw_sample, draw_sample_2d, start_sampler}
#import skywell::sampling::warp::power_heuristic
#import skywell::tables::{frame, load_material, load_medium}

// One step of a path. Unidirectional path tracing with next-event estimation: light is looked for twice at every
// surface, by choosing a light and by following the path, and the two are weighted by their densities.
// Source: Veach 1997, chapter 9; pbrt 4e, §13.4.
//
// Surfaces are met from both sides. Departs from glTF, whose single-sided materials are culled from behind: a culled
// face must either let light into closed rooms or, if it stops light, leave black what the camera sees through it.
// Single-sidedness is kept where it decides how much light there is: such surfaces emit from the front only.

/// What `shade_surface` makes.
struct ShadeSurfaceResult {
    /// The path after the surface, or ended.
    path: PathState,
    /// The ray to the light chosen at the surface; `t_max` is 0 if there is none.
    shadow: ShadowRay,
}

/// Scattering events after which paths may be ended at random.
const ROULETTE_DEPTH: u32 = 3u;

/// Lights end this much nearer than they are, relatively, so that they do not hide themselves.
const SHADOW_SHORTENING: f32 = 2e-5;

/// Stage: `path` has met what `hit` says. Adds what is emitted there, chooses a light and scatters.
fn shade_surface(path: PathState, hit: Hit) -> ShadeSurfaceResult {
    if (hit.instance == INVALID) {
        return ShadeSurfaceResult(leave_scene(path), ShadowRay());
    }
    let surface = interpolate_surface(hit, path.direction);
    let material = load_material(surface.material);
    let arrived = travel(path, surface);
    let boundary = meet_boundary(MediumStack(path.media_a, path.media_b), surface.medium, surface.front_facing);
    let numbers = start_sampler(frame.seed, path.pixel, path_event(path.flags), path.sample_index);

    let displaced = surface.medium != INVALID && boundary.near == boundary.far;
    if (displaced || passes_alpha(surface, material, numbers)) {
        return ShadeSurfaceResult(pass_surface(arrived, surface, boundary, displaced), ShadowRay());
    }
    let lit = add_emission(arrived, surface, material);
    if ((material.flags & MATERIAL_UNLIT) != 0u || path_depth(lit.flags) >= frame.max_depth) {
        return ShadeSurfaceResult(end_path(lit), ShadowRay());
    }
    return scatter(lit, surface, material, boundary, numbers);
}

/// Where `path` scattered last, or the camera.
fn last_vertex(path: PathState) -> vec3<f32> {
    return path.origin - path.direction * path.distance;
}

/// The normal that lights are chosen for, from its code.
fn receiver_normal(code: u32) -> vec3<f32> {
    if (code == PATH_NO_NORMAL) {
        return vec3<f32>(0.0);
    }
    return decode_normal(code);
}

/// The code of the normal that lights are chosen for at `surface`: the geometric one, below which nothing is
/// reflected; none where light comes through. Choosing a light and weighing it later must use the same normal, so both
/// go through the code.
fn encode_receiver(surface: SurfaceInteraction, material: Material) -> u32 {
    let lets_through = (material.flags & (MATERIAL_TRANSMISSION | MATERIAL_DIFFUSE_TRANSMISSION)) != 0u;
    return select(encode_normal(surface.n), PATH_NO_NORMAL, lets_through);
}

/// Radiance arriving from where nothing is. An environment that is seen covers the pixel.
fn leave_scene(path_in: PathState) -> PathState {
    var path = path_in;
    let is_camera_ray = path_depth(path.flags) == 0u;
    if (!(is_camera_ray && (frame.flags & FRAME_BACKGROUND_HIDDEN) != 0u)) {
        let environment = eval_environment_light(last_vertex(path), receiver_normal(path.last_normal), path.direction);
        let weight = select(power_heuristic(path.bsdf_pdf, environment.pdf), 1.0, (path.flags & PATH_SPECULAR) != 0u);
        path.radiance += path.throughput * environment.radiance * weight;
        path.flags |= select(0u, PATH_COVERED, frame.environment_light != INVALID);
    }
    return end_path(path);
}

/// `path` moved to the surface: what fills the space has absorbed along the way, and the way is counted.
fn travel(path_in: PathState, surface: SurfaceInteraction) -> PathState {
    var path = path_in;
    let way = length(surface.p - path.origin);
    path.throughput *= transmittance(path.media_a & 0xffffu, way);
    path.distance += way;
    path.origin = surface.p;
    return path;
}

/// What is left of light after `way` metres in `medium` (or in MEDIUM_NONE). All of it where there is no end to the
/// way: that leads out of an open mesh.
fn transmittance(medium: u32, way: f32) -> vec3<f32> {
    if (medium == MEDIUM_NONE || way == FLOAT_MAX) {
        return vec3<f32>(1.0);
    }
    return exp(-load_medium(medium).sigma_a * way);
}

/// Does the ray pass through what alpha makes thin? Passes with probability 1 − alpha.
fn passes_alpha(surface: SurfaceInteraction, material: Material, numbers: Sampler) -> bool {
    if (!surface.non_opaque) {
        return false;
    }
    return draw_sample(numbers, SET_ALPHA) >= eval_alpha(material, surface);
}

/// `path` on the far side of a surface that does not scatter it.
///
/// A shadow ray does not see through the boundary of a solid, even a displaced one, so what the path meets behind it
/// was not found by choosing a light either and counts in full.
fn pass_surface(path_in: PathState, surface: SurfaceInteraction, boundary: Boundary, displaced: bool) -> PathState {
    var path = path_in;
    path.origin = offset_origin(surface, path.direction);
    path.flags = count_passed(path.flags | select(0u, PATH_SPECULAR, displaced));
    path.media_a = boundary.beyond.a;
    path.media_b = boundary.beyond.b;
    return path;
}

/// `path` with what the surface emits.
fn add_emission(path_in: PathState, surface: SurfaceInteraction, material: Material) -> PathState {
    var path = path_in;
    path.flags |= PATH_COVERED;
    if ((material.flags & (MATERIAL_EMISSIVE | MATERIAL_UNLIT)) == 0u) {
        return path;
    }
    var weight = 1.0;
    if ((path.flags & PATH_SPECULAR) == 0u && surface.light != INVALID) {
        let last = last_vertex(path);
        let pdf = pdf_light_triangle(surface.light, last, receiver_normal(path.last_normal), path.direction, path.distance);
        weight = power_heuristic(path.bsdf_pdf, pdf);
    }
    path.radiance += path.throughput * eval_emission(material, surface, -path.direction) * weight;
    return path;
}

/// Scatters `path` at a surface it does not pass.
fn scatter(path_in: PathState, surface: SurfaceInteraction, material: Material, boundary: Boundary, numbers: Sampler) -> ShadeSurfaceResult {
    var path = path_in;
    let near = medium_ior(boundary.near);
    let far = medium_ior(boundary.far);
    if (boundary.near != boundary.far) {
        path = choose_hero(path, near, far, numbers);
    }
    let hero = (path.flags >> PATH_HERO_SHIFT) & 3u;
    let eta = hero_channel(far, hero) / hero_channel(near, hero);
    let bsdf = evaluate_bsdf_parameters(material, surface, -path.direction, eta);
    let wo = to_local(bsdf.basis, -path.direction);

    path.last_normal = encode_receiver(surface, material);
    let shadow = choose_light_ray(path, surface, bsdf, wo, boundary, numbers);
    let next = follow_bsdf(path, surface, bsdf, wo, boundary, numbers);
    return ShadeSurfaceResult(next, shadow);
}

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

/// Chooses a light and a point on it: the ray that finds out whether it is seen, with what it adds if it is.
fn choose_light_ray(path: PathState, surface: SurfaceInteraction, bsdf: Bsdf, wo: vec3<f32>, boundary: Boundary, numbers: Sampler) -> ShadowRay {
    var shadow: ShadowRay;
    if ((bsdf.flags & BSDF_DELTA) != 0u && bsdf.pick_specular == 1.0) {
        return shadow;
    }
    let pick = draw_sample(numbers, SET_LIGHT_PICK);
    let light = sample_light(surface.p, receiver_normal(path.last_normal), pick, draw_sample_2d(numbers, SET_LIGHT));
    if (light.pdf <= 0.0) {
        return shadow;
    }
    let wi = to_local(bsdf.basis, light.direction);
    let value = eval_bsdf(bsdf, wo, wi);
    let weight = select(power_heuristic(light.pdf, value.pdf), 1.0, light.is_delta);
    let medium = select(boundary.near, boundary.far, dot(light.direction, surface.n) < 0.0);
    let contribution = path.throughput * value.f * light.radiance * transmittance(medium, light.distance) * (weight / light.pdf);
    if (max_component(contribution) <= 0.0) {
        return shadow;
    }
    shadow.origin = offset_origin(surface, light.direction);
    shadow.direction = light.direction;
    shadow.contribution = contribution;
    shadow.t_max = max(light.distance - (light.distance * SHADOW_SHORTENING + 4.0 * surface.p_error), 0.0);
    return shadow;
}

/// Draws a direction from the BSDF and sends `path` along it.
fn follow_bsdf(path_in: PathState, surface: SurfaceInteraction, bsdf: Bsdf, wo: vec3<f32>, boundary: Boundary, numbers: Sampler) -> PathState {
    var path = path_in;
    let scattered = sample_bsdf(bsdf, wo, draw_sample(numbers, SET_BSDF_PICK), draw_sample_2d(numbers, SET_BSDF));
    if (scattered.pdf <= 0.0) {
        return end_path(path);
    }
    let wi = normalize(to_world(bsdf.basis, scattered.wi));
    path.throughput *= scattered.f / scattered.pdf;
    if (dot(wi, surface.n) < 0.0) {
        path.media_a = boundary.beyond.a;
        path.media_b = boundary.beyond.b;
    }
    let kept = path.flags & (PATH_ALIVE | PATH_COVERED | (3u << PATH_HERO_SHIFT));
    path.flags = count_scattering(path.flags, kept | select(0u, PATH_SPECULAR, (scattered.flags & SAMPLE_SPECULAR) != 0u));
    path.origin = offset_origin(surface, wi);
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
