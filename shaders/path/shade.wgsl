#define_import_path skywell::path::shade

#import skywell::bsdf::eval::eval_bsdf
#import skywell::bsdf::material_point::evaluate_material_point
#import skywell::bsdf::parameters::evaluate_bsdf_parameters
#import skywell::geometry::interaction::{SurfaceInteraction, interpolate_surface}
#import skywell::math::basis::to_local
#import skywell::path::media::Boundary
#import skywell::path::meet::{event_sampler, leave_scene, meet_surface, surface_boundary}
#import skywell::path::scatter::{Footing, choose_path_light, draw_direction, follow_sample, is_mirror, meet_media, weigh_light}
#import skywell::records::material::Material
#import skywell::records::path::{Hit, INVALID, PathState, ShadowRay}
#import skywell::sampling::sobol::Sampler
#import skywell::tables::load_material

// One step of a path. Unidirectional path tracing with next-event estimation: light is looked for twice at every
// surface, by choosing a light and by following the path, and the two are weighted by their densities.
// Source: Veach 1997, chapter 9; pbrt 4e, §13.4.
//
// Surfaces are met from both sides. Departs from glTF, whose single-sided materials are culled from behind: a culled
// face must either let light into closed rooms or, if it stops light, leave black what the camera sees through it.
// Single-sidedness is kept where it decides how much light there is: such surfaces emit from the front only.
//
// This is the step at a stretch, as the CPU takes it. A GPU takes it in passes (`shaders/passes`), out of the same
// functions.

/// What `shade_surface` makes.
struct ShadeSurfaceResult {
    /// The path after the surface, or ended.
    path: PathState,
    /// The ray to the light chosen at the surface; `t_max` is 0 if there is none.
    shadow: ShadowRay,
}

/// Stage: `path` has met what `hit` says. Adds what is emitted there, chooses a light and scatters.
fn shade_surface(path: PathState, hit: Hit) -> ShadeSurfaceResult {
    if (hit.instance == INVALID) {
        return ShadeSurfaceResult(leave_scene(path), ShadowRay());
    }
    let surface = interpolate_surface(hit, path.direction);
    let material = load_material(surface.material);
    let boundary = surface_boundary(path, surface);
    let numbers = event_sampler(path);
    let met = meet_surface(path, surface, material, boundary, numbers);
    if (!met.scatters) {
        return ShadeSurfaceResult(met.path, ShadowRay());
    }
    return scatter(met.path, surface, material, boundary, numbers);
}

/// Scatters `path` at a surface it does not pass.
fn scatter(path: PathState, surface: SurfaceInteraction, material: Material, boundary: Boundary, numbers: Sampler) -> ShadeSurfaceResult {
    let refracted = meet_media(path, boundary, numbers);
    let point = evaluate_material_point(material, surface, -path.direction);
    let bsdf = evaluate_bsdf_parameters(point, refracted.eta);
    let footing = Footing(surface.n, surface.p_error, boundary);
    var shadow: ShadowRay;
    if (!is_mirror(bsdf)) {
        let light = choose_path_light(refracted.path, numbers);
        if (light.pdf > 0.0) {
            let value = eval_bsdf(bsdf, point.view, to_local(point.basis, light.direction));
            shadow = weigh_light(refracted.path, footing, light, value);
        }
    }
    let scattered = draw_direction(bsdf, point.view, numbers);
    return ShadeSurfaceResult(follow_sample(refracted.path, footing, point.basis, scattered, numbers), shadow);
}
