#define_import_path skywell::passes::scatter_in_media

#import skywell::passes::bindings::{hits, paths, queues, shadows}
#import skywell::passes::lists::{list_next, list_shadow}
#import skywell::path::medium_event::scatter_in_medium
#import skywell::records::path::HIT_IN_MEDIUM
#import skywell::records::wavefront::WORKGROUP

/// Lets media scatter every path that is alive before it meets what it is on its way to.
@compute @workgroup_size(WORKGROUP)
fn scatter_in_media(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= queues.counts.alive) {
        return;
    }
    let i = queues.indices[queues.counts.alive_first + id.x];
    let scattered = scatter_in_medium(paths[i], hits[i]);
    paths[i] = scattered.path;
    if (scattered.hit.instance != HIT_IN_MEDIUM) {
        return;
    }
    hits[i] = scattered.hit;
    if (scattered.shadow.t_max > 0.0) {
        shadows[i] = scattered.shadow;
        list_shadow(i);
    } else {
        list_next(i);
    }
}
