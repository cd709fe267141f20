#define_import_path skywell::probe::media

#import skywell::path::media::{MediumStack, medium_top, meet_boundary}

// Stage for tests of nested solids.

/// A path inside `media_a`, `media_b` meets the boundary of `medium`.
struct BoundaryQuery {
    media_a: u32,
    media_b: u32,
    medium: u32,
    /// 1: it meets the front.
    front: u32,
}

/// `Boundary`.
struct BoundaryAnswer {
    beyond_a: u32,
    beyond_b: u32,
    near: u32,
    far: u32,
}

/// Stage: meets a boundary.
fn probe_boundary(boundary_query: BoundaryQuery) -> BoundaryAnswer {
    let stack = MediumStack(boundary_query.media_a, boundary_query.media_b);
    let boundary = meet_boundary(stack, boundary_query.medium, boundary_query.front == 1u);
    return BoundaryAnswer(boundary.beyond.a, boundary.beyond.b, boundary.near, medium_top(boundary.beyond));
}
