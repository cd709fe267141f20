#define_import_path skywell::passes::prepare_queues

#import skywell::passes::bindings::queues
#import skywell::records::wavefront::{DISPATCH_ALIVE, DISPATCH_SCATTER, DISPATCH_SHADOW, DISPATCH_THIN, SCATTER_CLASSES, WORKGROUP}

// Between passes: lists that were filled become lists to work on.

/// Workgroups of the passes that follow, as indirect dispatches read them, one row each: `DISPATCH_*`.
@group(2) @binding(0) var<storage, read_write> dispatches: array<vec4<u32>>;

/// Makes dispatch `row` one of `n` invocations.
fn dispatch(row: u32, n: u32) {
    dispatches[row] = vec4<u32>((n + WORKGROUP - 1u) / WORKGROUP, 1u, 1u, 0u);
}

/// Before a round: the paths that go on.
@compute @workgroup_size(1)
fn prepare_round() {
    let alive = atomicExchange(&queues.next, 0u);
    let first = queues.counts.next_first;
    queues.counts.next_first = queues.counts.alive_first;
    queues.counts.alive_first = first;
    queues.counts.alive = alive;
    queues.counts.waiting = atomicLoad(&queues.next_shadow);
    let rays = queues.counts.rays_low + alive;
    queues.counts.rays_high += select(0u, 1u, rays < alive);
    queues.counts.rays_low = rays;
    dispatch(DISPATCH_ALIVE, alive);
}

/// Before scattering: the paths of every class.
@compute @workgroup_size(1)
fn prepare_scatter() {
    for (var group = 0u; group < SCATTER_CLASSES; group += 1u) {
        let n = atomicExchange(&queues.next_scatter[group], 0u);
        queues.counts.scatter[group] = n;
        dispatch(DISPATCH_SCATTER + group, n);
    }
}

/// Before the shadow rays.
@compute @workgroup_size(1)
fn prepare_shadows() {
    let shadow = atomicExchange(&queues.next_shadow, 0u);
    queues.counts.shadow = shadow;
    let rays = queues.counts.shadow_rays_low + shadow;
    queues.counts.shadow_rays_high += select(0u, 1u, rays < shadow);
    queues.counts.shadow_rays_low = rays;
    dispatch(DISPATCH_SHADOW, shadow);
}

/// Before the shadow rays at thin surfaces.
@compute @workgroup_size(1)
fn prepare_thin() {
    let thin = atomicExchange(&queues.next_thin, 0u);
    queues.counts.thin = thin;
    dispatch(DISPATCH_THIN, thin);
}
