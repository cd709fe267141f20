#define_import_path skywell::passes::lists

#import skywell::passes::bindings::{paths, queues, wavefront}
#import skywell::records::path::PATH_ALIVE
#import skywell::records::wavefront::{LIST_SCATTER, LIST_SHADOW, LIST_THIN}

// Putting paths on lists. A path is on one list at a time: while its shadow ray is under way it waits, and goes on when
// that is settled.

/// Path `i` goes on with the next round, if it is alive.
fn list_next(i: u32) {
    if ((paths[i].flags & PATH_ALIVE) != 0u) {
        queues.indices[queues.counts.next_first + atomicAdd(&queues.next, 1u)] = i;
    }
}

/// The shadow ray of path `i` is to be traced.
fn list_shadow(i: u32) {
    queues.indices[LIST_SHADOW * wavefront.capacity + atomicAdd(&queues.next_shadow, 1u)] = i;
}

/// The shadow ray of path `i` has met a surface that alpha may make thin, or what media take from it is to be told.
fn list_thin(i: u32) {
    queues.indices[LIST_THIN * wavefront.capacity + atomicAdd(&queues.next_thin, 1u)] = i;
}

/// Path `i` is to scatter at a material of class `group`.
fn list_scatter(i: u32, group: u32) {
    queues.indices[(LIST_SCATTER + group) * wavefront.capacity + atomicAdd(&queues.next_scatter[group], 1u)] = i;
}
