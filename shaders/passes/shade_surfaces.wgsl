#define_import_path skywell::passes::shade_surfaces

#import skywell::passes::bindings::{hits, paths, queues, shadows, wavefront}
#import skywell::path::shade::shade_surface
#import skywell::records::path::PATH_ALIVE
#import skywell::records::wavefront::WORKGROUP

/// Shades what every path that is alive has met; lists those that go on, and the shadow rays.
@compute @workgroup_size(WORKGROUP)
fn shade_surfaces(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= queues.counts.alive) {
        return;
    }
    let i = queues.indices[queues.counts.alive_first + id.x];
    let shaded = shade_surface(paths[i], hits[i]);
    paths[i] = shaded.path;
    if ((shaded.path.flags & PATH_ALIVE) != 0u) {
        queues.indices[queues.counts.next_first + atomicAdd(&queues.next, 1u)] = i;
    }
    if (shaded.shadow.t_max > 0.0) {
        shadows[i] = shaded.shadow;
        queues.indices[2u * wavefront.capacity + atomicAdd(&queues.next_shadow, 1u)] = i;
    }
}
