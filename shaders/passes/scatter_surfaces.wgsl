#define_import_path skywell::passes::scatter_surfaces

#import skywell::bsdf::bsdf::{Bsdf, BsdfEval, BsdfSample}
#import skywell::bsdf::eval::eval_bsdf
#import skywell::bsdf::material_point::{View, evaluate_material_point, view_in}
#import skywell::bsdf::parameters::evaluate_bsdf_parameters
#import skywell::geometry::interaction::interpolate_surface
#import skywell::math::basis::{Basis, to_local}
#import skywell::passes::bindings::{hits, paths, queues, shadows, wavefront}
#import skywell::passes::kept_light::{kept_light, kept_light_pdf}
#import skywell::passes::lists::{list_next, list_shadow}
#import skywell::path::media::{Boundary, MediumStack}
#import skywell::path::meet::{event_sampler, surface_boundary}
#import skywell::path::scatter::{Footing, draw_direction, follow_sample, is_mirror, meet_media, weigh_light}
#import skywell::records::material::{LAYERS, LAYERS_CLEAR, LAYERS_COATED}
#import skywell::records::wavefront::{LIST_SCATTER, SCATTER_BARE, SCATTER_CLEAR, SCATTER_COATED, SCATTER_LAYERED, WORKGROUP}
#import skywell::tables::load_material

// Scattering, in a kernel for each class of materials: what a material has not costs it neither time nor registers.

/// Rows of 16 bytes that a lane keeps in workgroup memory.
const KEPT_ROWS: u32 = 5u;

/// What lanes need again only between lobes: the shading frame, the footing, and what was evaluated for the light.
var<workgroup> kept: array<array<vec4<u32>, WORKGROUP>, KEPT_ROWS>;

/// Scatters the paths at materials without a layer.
@compute @workgroup_size(WORKGROUP)
fn scatter_bare(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    scatter_path(SCATTER_BARE, 0u, id.x, lane);
}

/// At coated ones.
@compute @workgroup_size(WORKGROUP)
fn scatter_coated(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    scatter_path(SCATTER_COATED, LAYERS_COATED, id.x, lane);
}

/// At those that let light through.
@compute @workgroup_size(WORKGROUP)
fn scatter_clear(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    scatter_path(SCATTER_CLEAR, LAYERS_CLEAR, id.x, lane);
}

/// At all others.
@compute @workgroup_size(WORKGROUP)
fn scatter_layered(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    scatter_path(SCATTER_LAYERED, LAYERS, id.x, lane);
}

/// Weighs the light that was chosen for path `place` of the list of class `group`, whose materials have no other layers
/// than `layers`, and sends the path on.
fn scatter_path(group: u32, layers: u32, place: u32, lane: u32) {
    let n = queues.counts.scatter[group];
    let i = queues.indices[(LIST_SCATTER + group) * wavefront.capacity + min(place, n - 1u)];
    let direction = paths[i].direction;
    let surface = interpolate_surface(hits[i], direction);
    var material = load_material(surface.material);
    material.flags &= layers | ~LAYERS;
    let boundary = surface_boundary(paths[i], surface);
    let refracted = meet_media(paths[i], boundary, event_sampler(paths[i]));
    if (refracted.path.flags != paths[i].flags && place < n) {
        paths[i] = refracted.path;
    }
    let point = evaluate_material_point(material, surface, -direction);
    keep(lane, point.basis, Footing(surface.n, surface.p_error, boundary));
    forget();
    var bsdf: Bsdf;
    var lit = BsdfEval(vec3<f32>(0.0), 0.0);
    if (place < n) {
        bsdf = evaluate_bsdf_parameters(point, refracted.eta);
        if (!is_mirror(bsdf) && kept_light_pdf(i) > 0.0) {
            lit = eval_bsdf(bsdf, kept_view(lane, i), to_local(kept_basis(lane), shadows[i].direction));
        }
    }
    keep_value(lane, lit);
    forget();
    var scattered: BsdfSample;
    if (place < n) {
        scattered = draw_direction(bsdf, kept_view(lane, i), event_sampler(paths[i]));
    }
    forget();
    if (place >= n) {
        return;
    }

    var t_max = 0.0;
    if (kept_light_pdf(i) > 0.0) {
        let shadow = weigh_light(paths[i], kept_footing(lane), kept_light(i), kept_value(lane));
        shadows[i] = shadow;
        t_max = shadow.t_max;
    }
    let path = paths[i];
    paths[i] = follow_sample(path, kept_footing(lane), kept_basis(lane), scattered, event_sampler(path));
    if (t_max > 0.0) {
        list_shadow(i);
    } else {
        list_next(i);
    }
}

/// Makes a compiler load again what is needed of memory from here on. It would otherwise see through the memory and hold
/// in registers, across all lobes, what had been loaded once.
fn forget() {
    workgroupBarrier();
    storageBarrier();
}

/// Keeps the value of a BSDF for `lane`.
fn keep_value(lane: u32, value: BsdfEval) {
    kept[4][lane] = bitcast<vec4<u32>>(vec4<f32>(value.f, value.pdf));
}

/// The value of `lane`.
fn kept_value(lane: u32) -> BsdfEval {
    let value = bitcast<vec4<f32>>(kept[4][lane]);
    return BsdfEval(value.xyz, value.w);
}

/// Keeps a frame and a footing for `lane`.
fn keep(lane: u32, basis: Basis, footing: Footing) {
    kept[0][lane] = vec4<u32>(bitcast<vec3<u32>>(basis.x), footing.boundary.near);
    kept[1][lane] = vec4<u32>(bitcast<vec3<u32>>(basis.y), footing.boundary.beyond.a);
    kept[2][lane] = vec4<u32>(bitcast<vec3<u32>>(basis.z), footing.boundary.beyond.b);
    kept[3][lane] = vec4<u32>(bitcast<vec3<u32>>(footing.n), bitcast<u32>(footing.p_error));
}

/// The frame of `lane`.
fn kept_basis(lane: u32) -> Basis {
    return Basis(
        bitcast<vec3<f32>>(kept[0][lane].xyz),
        bitcast<vec3<f32>>(kept[1][lane].xyz),
        bitcast<vec3<f32>>(kept[2][lane].xyz),
    );
}

/// From where the surface of `lane`, which path `i` has met, is seen.
fn kept_view(lane: u32, i: u32) -> View {
    return view_in(kept_basis(lane), -paths[i].direction, kept_footing(lane).n);
}

/// The footing of `lane`.
fn kept_footing(lane: u32) -> Footing {
    let last = bitcast<vec4<f32>>(kept[3][lane]);
    let beyond = MediumStack(kept[1][lane].w, kept[2][lane].w);
    return Footing(last.xyz, last.w, Boundary(beyond, kept[0][lane].w));
}
