#define_import_path skywell::passes::intersect_closest

#import skywell::passes::bindings::{hits, paths, queues}
#import skywell::records::wavefront::WORKGROUP
#import skywell::traverse::walk::traverse_closest

/// Finds what every path that is alive meets next.
@compute @workgroup_size(WORKGROUP)
fn intersect_closest(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    if (id.x >= queues.counts.alive) {
        return;
    }
    let i = queues.indices[queues.counts.alive_first + id.x];
    hits[i] = traverse_closest(paths[i].origin, paths[i].direction, lane);
}
