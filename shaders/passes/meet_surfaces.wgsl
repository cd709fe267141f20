#define_import_path skywell::passes::meet_surfaces

#import skywell::geometry::interaction::interpolate_surface
#import skywell::passes::bindings::{hits, paths, queues}
#import skywell::passes::kept_light::keep_light
#import skywell::passes::lists::{list_next, list_scatter}
#import skywell::path::meet::{event_sampler, leave_scene, meet_surface, surface_boundary}
#import skywell::path::scatter::choose_path_light
#import skywell::records::material::{LAYERS, LAYERS_CLEAR, LAYERS_COATED}
#import skywell::records::path::{HIT_IN_MEDIUM, INVALID}
#import skywell::records::wavefront::{SCATTER_BARE, SCATTER_CLEAR, SCATTER_COATED, SCATTER_LAYERED, WORKGROUP}
#import skywell::tables::load_material

/// Brings every path that is alive to what it has met. Those that scatter get a light and go on a list by the layers of
/// the material.
@compute @workgroup_size(WORKGROUP)
fn meet_surfaces(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= queues.counts.alive) {
        return;
    }
    let i = queues.indices[queues.counts.alive_first + id.x];
    let path = paths[i];
    let hit = hits[i];
    if (hit.instance == HIT_IN_MEDIUM) {
        return;
    }
    if (hit.instance == INVALID) {
        paths[i] = leave_scene(path);
        return;
    }
    let surface = interpolate_surface(hit, path.direction);
    let material = load_material(surface.material);
    let numbers = event_sampler(path);
    let met = meet_surface(path, surface, material, surface_boundary(path, surface), numbers);
    paths[i] = met.path;
    if (met.scatters) {
        keep_light(i, choose_path_light(met.path, numbers));
        list_scatter(i, scatter_class(material.flags));
    } else {
        list_next(i);
    }
}

/// The class of materials with flags `flags`: which of the passes of `scatter_surfaces.wgsl` knows all their layers.
fn scatter_class(flags: u32) -> u32 {
    let layers = flags & LAYERS;
    if (layers == 0u) {
        return SCATTER_BARE;
    }
    if ((layers & ~LAYERS_COATED) == 0u) {
        return SCATTER_COATED;
    }
    if ((layers & ~LAYERS_CLEAR) == 0u) {
        return SCATTER_CLEAR;
    }
    return SCATTER_LAYERED;
}
