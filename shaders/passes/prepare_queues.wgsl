#define_import_path skywell::passes::prepare_queues

#import skywell::passes::bindings::queues
#import skywell::records::wavefront::WORKGROUP

/// Workgroups of the passes that follow, as indirect dispatches read them; one row each: over the paths that are alive,
/// over the shadow rays.
@group(2) @binding(0) var<storage, read_write> dispatches: array<vec4<u32>>;

/// Makes the lists that were filled the lists to work on.
@compute @workgroup_size(1)
fn prepare_queues() {
    let alive = atomicExchange(&queues.next, 0u);
    let shadow = atomicExchange(&queues.next_shadow, 0u);
    let passed = atomicExchange(&queues.passed, 0u);
    let first = queues.counts.next_first;
    queues.counts.alive = alive;
    queues.counts.shadow = shadow;
    queues.counts.next_first = queues.counts.alive_first;
    queues.counts.alive_first = first;
    dispatches[0] = vec4<u32>((alive + WORKGROUP - 1u) / WORKGROUP, 1u, 1u, 0u);
    dispatches[1] = vec4<u32>((shadow + WORKGROUP - 1u) / WORKGROUP, 1u, 1u, 0u);

    let rays = queues.counts.rays_low + alive;
    queues.counts.rays_high += select(0u, 1u, rays < alive);
    queues.counts.rays_low = rays;
    let more = shadow + passed;
    let shadow_rays = queues.counts.shadow_rays_low + more;
    queues.counts.shadow_rays_high += select(0u, 1u, shadow_rays < more);
    queues.counts.shadow_rays_low = shadow_rays;
}
