#define_import_path skywell::passes::bindings

#import skywell::records::path::{Hit, PathState, ShadowRay}
#import skywell::records::wavefront::{QueueCounts, SCATTER_CLASSES, Wavefront}

// What the passes read and write beside the scene. A path keeps its place; lists of indices say which paths a pass
// works on.

/// Lists of paths, and how long they are.
struct Queues {
    /// Of the lists that are being worked on.
    counts: QueueCounts,
    /// Paths found to go on.
    next: atomic<u32>,
    /// Shadow rays found to be needed, or to go on behind a thin surface.
    next_shadow: atomic<u32>,
    /// Shadow rays found to meet a thin surface.
    next_thin: atomic<u32>,
    padding_a: u32,
    /// Paths found to scatter, by class.
    next_scatter: array<atomic<u32>, SCATTER_CLASSES>,
    /// `LISTS` of `Wavefront::capacity` each.
    indices: array<u32>,
}

@group(0) @binding(0) var<uniform> wavefront: Wavefront;
@group(0) @binding(1) var<storage, read_write> paths: array<PathState>;
@group(0) @binding(2) var<storage, read_write> hits: array<Hit>;
@group(0) @binding(3) var<storage, read_write> shadows: array<ShadowRay>;
@group(0) @binding(4) var<storage, read_write> queues: Queues;
