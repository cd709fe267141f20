#define_import_path skywell::passes::intersect_shadow

#import skywell::passes::bindings::{paths, queues, shadows, wavefront}
#import skywell::path::shadow::shade_shadow
#import skywell::records::path::{INVALID, PATH_COUNT_MAX}
#import skywell::records::wavefront::WORKGROUP
#import skywell::traverse::walk::traverse_shadow

/// Settles the shadow rays of a scene in which all is opaque.
@compute @workgroup_size(WORKGROUP)
fn intersect_shadow(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    if (id.x >= queues.counts.shadow) {
        return;
    }
    let i = queues.indices[2u * wavefront.capacity + id.x];
    let answer = traverse_shadow(shadows[i].origin, shadows[i].direction, shadows[i].t_max, lane);
    if (!answer.occluded) {
        paths[i].radiance += shadows[i].contribution;
    }
}

/// Settles the shadow rays of any scene: a ray goes on behind surfaces that alpha makes thin.
@compute @workgroup_size(WORKGROUP)
fn intersect_shadow_alpha(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    if (id.x >= queues.counts.shadow) {
        return;
    }
    let i = queues.indices[2u * wavefront.capacity + id.x];
    var shadow = shadows[i];
    for (var k = 0u; k < PATH_COUNT_MAX; k += 1u) {
        let answer = traverse_shadow(shadow.origin, shadow.direction, shadow.t_max, lane);
        if (answer.occluded) {
            return;
        }
        if (answer.hit.instance == INVALID) {
            paths[i].radiance += shadow.contribution;
            return;
        }
        shadow = shade_shadow(shadow, answer.hit).shadow;
        if (shadow.occluded != 0u) {
            return;
        }
        atomicAdd(&queues.passed, 1u);
    }
}
