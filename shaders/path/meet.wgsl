#define_import_path skywell::path::meet

#import skywell::bsdf::emission::{eval_alpha, eval_emission}
#import skywell::bsdf::material_point::evaluate_base_color
#import skywell::geometry::interaction::{SurfaceInteraction, offset_origin}
#import skywell::light::light::{eval_environment_light, pdf_light_triangle}
#import skywell::math::octahedral::{decode_normal, encode_normal}
#import skywell::path::media::{Boundary, MediumStack, is_open_boundary, medium_scatters, medium_top, meet_boundary, transmittance}
#import skywell::path::state::{count_passed, end_path, path_depth, path_event}
#import skywell::records::frame::FRAME_BACKGROUND_HIDDEN
#import skywell::records::material::{MATERIAL_DIFFUSE_TRANSMISSION, MATERIAL_EMISSIVE, MATERIAL_OPEN_BOUNDARY, MATERIAL_TRANSMISSION, MATERIAL_UNLIT, Material}
#import skywell::records::path::{INVALID, PATH_COVERED, PATH_NO_NORMAL, PATH_SPECULAR, PathState}
#import skywell::records::sampling::SET_ALPHA
#import skywell::sampling::sobol::{Sampler, draw_sample, start_sampler}
#import skywell::sampling::warp::power_heuristic
#import skywell::tables::frame

// What becomes of a path before it scatters: it leaves the scene, passes what is thin, gathers what is emitted.

/// A path at a surface.
struct MetSurface {
    /// The path: at the surface and about to scatter, or beyond it, or ended.
    path: PathState,
    /// It is about to scatter.
    scatters: bool,
}

/// The random numbers of the surface that `path` meets next.
fn event_sampler(path: PathState) -> Sampler {
    return start_sampler(frame.seed, path.pixel, path_event(path.flags), path.sample_index);
}

/// What `surface` bounds, for `path`.
fn surface_boundary(path: PathState, surface: SurfaceInteraction) -> Boundary {
    return meet_boundary(MediumStack(path.media_a, path.media_b), surface.medium, surface.front_facing);
}

/// `path_in` meets `surface`, of `material`. A path that scatters there has its new `last_normal`.
fn meet_surface(path_in: PathState, surface: SurfaceInteraction, material: Material, boundary: Boundary, numbers: Sampler) -> MetSurface {
    var path = travel(path_in, surface);
    let displaced = surface.medium != INVALID && boundary.near == medium_top(boundary.beyond);
    if (displaced || passes_alpha(surface, material, numbers)) {
        let hidden = displaced && (material.flags & MATERIAL_OPEN_BOUNDARY) == 0u;
        return MetSurface(pass_surface(path, surface, boundary, hidden), false);
    }
    if (is_open_boundary(material, boundary)) {
        path.throughput *= evaluate_base_color(material, surface).xyz;
        return MetSurface(pass_surface(path, surface, boundary, false), false);
    }
    path = add_emission(path, surface, material);
    if ((material.flags & MATERIAL_UNLIT) != 0u || path_depth(path.flags) >= frame.max_depth) {
        return MetSurface(end_path(path), false);
    }
    path.last_normal = encode_receiver(surface, material);
    return MetSurface(path, true);
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
    let medium = path.media_a & 0xffffu;
    if (!medium_scatters(medium)) {
        path.throughput *= transmittance(medium, way);
    }
    path.distance += way;
    path.origin = surface.p;
    return path;
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
/// A shadow ray does not see through the boundary of a solid, even a displaced one, unless it is open: what the path
/// meets behind a surface that is so `hidden` was not found by choosing a light either and counts in full.
fn pass_surface(path_in: PathState, surface: SurfaceInteraction, boundary: Boundary, hidden: bool) -> PathState {
    var path = path_in;
    path.origin = offset_origin(surface, path.direction);
    path.flags = count_passed(path.flags | select(0u, PATH_SPECULAR, hidden));
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
