#define_import_path skywell::passes::intersect_shadows

#import skywell::passes::bindings::{hits, paths, queues, shadows, wavefront}
#import skywell::passes::lists::{list_next, list_thin}
#import skywell::records::frame::FRAME_OPEN_BOUNDARIES
#import skywell::records::path::INVALID
#import skywell::records::wavefront::{LIST_SHADOW, WORKGROUP}
#import skywell::tables::frame
#import skywell::traverse::walk::traverse_shadow

/// Finds what stands between shadow rays and their lights, and settles those that nothing or something opaque does.
@compute @workgroup_size(WORKGROUP)
fn intersect_shadows(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    if (id.x >= queues.counts.shadow) {
        return;
    }
    let i = queues.indices[LIST_SHADOW * wavefront.capacity + id.x];
    let answer = traverse_shadow(shadows[i].origin, shadows[i].direction, shadows[i].t_max, lane);
    // where there are open boundaries, media may lie before the light as well
    if (!answer.occluded && (answer.hit.instance != INVALID || (frame.flags & FRAME_OPEN_BOUNDARIES) != 0u)) {
        hits[i] = answer.hit;
        list_thin(i);
        return;
    }
    if (!answer.occluded) {
        paths[i].radiance += shadows[i].contribution;
    }
    list_next(i);
}
