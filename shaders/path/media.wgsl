#define_import_path skywell::path::media

#import skywell::records::material::{MATERIAL_OPEN_BOUNDARY, Material}
#import skywell::records::medium::MEDIUM_SCATTERS
#import skywell::records::path::{INVALID, MEDIUM_NONE}
#import skywell::tables::load_medium

// Nested and overlapping solids.
//
// A path remembers which solids it is inside of. Media are numbered by priority (`compiled::media` gives the smaller
// solid the lower number: the smaller object displaces the larger), and of all solids around a point the one with
// the lowest number fills it. A surface counts only where it changes what fills the space: any other is passed as
// if it were not there. So liquid may be modelled to reach a little into the glass around it, and a stone in water
// needs no hole in the water. Which surfaces count depends on the point alone, not on where the path came from, so
// paths can be walked backwards.
// Source: Schmidt and Budge 2002, "Simple Nested Dielectrics in Ray Traced Images", JGT 7(2). Departs: priorities are
// computed, not authored, and are distinct, unless there are more solids than numbers: then solids of one material
// share a number and count as one solid where they overlap.

/// Solids around a point: four u16 medium numbers, ascending, MEDIUM_NONE where there are fewer.
/// In more than four solids at once the lowest priorities are forgotten.
struct MediumStack {
    /// First (low half) and second.
    a: u32,
    /// Third and fourth.
    b: u32,
}

/// The number of what fills the space, or MEDIUM_NONE.
fn medium_top(stack: MediumStack) -> u32 {
    return stack.a & 0xffffu;
}

/// `stack` with `medium` added.
fn enter_medium(stack: MediumStack, medium: u32) -> MediumStack {
    let first = stack.a & 0xffffu;
    let second = stack.a >> 16u;
    let third = stack.b & 0xffffu;
    let fourth = stack.b >> 16u;
    let after_first = max(first, medium);
    let after_second = max(second, after_first);
    let after_third = max(third, after_second);
    return MediumStack(
        min(first, medium) | (min(second, after_first) << 16u),
        min(third, after_second) | (min(fourth, after_third) << 16u),
    );
}

/// `stack` with `medium` taken away once, if it is there.
fn leave_medium(stack: MediumStack, medium: u32) -> MediumStack {
    let first = stack.a & 0xffffu;
    let second = stack.a >> 16u;
    let third = stack.b & 0xffffu;
    let fourth = stack.b >> 16u;
    let from_first = first == medium;
    let from_second = from_first || second == medium;
    let from_third = from_second || third == medium;
    let from_fourth = from_third || fourth == medium;
    let new_first = select(first, second, from_first);
    let new_second = select(second, third, from_second);
    let new_third = select(third, fourth, from_third);
    let new_fourth = select(fourth, MEDIUM_NONE, from_fourth);
    return MediumStack(new_first | (new_second << 16u), new_third | (new_fourth << 16u));
}

/// A surface as the boundary of a solid, for a path that arrives at it.
struct Boundary {
    /// The solids on the far side; the first fills it.
    beyond: MediumStack,
    /// What fills the near side, or MEDIUM_NONE. For a path that arrives from inside a solid it never entered (an
    /// open mesh), that solid.
    near: u32,
}

/// The boundary of `medium` (INVALID: the surface bounds no solid) met from its front or its back.
fn meet_boundary(stack: MediumStack, medium: u32, front_facing: bool) -> Boundary {
    let top = medium_top(stack);
    if (medium == INVALID) {
        return Boundary(stack, top);
    }
    if (front_facing) {
        return Boundary(enter_medium(stack, medium), top);
    }
    return Boundary(leave_medium(stack, medium), min(top, medium));
}

/// Indices of refraction (red, green, blue) of what fills a place.
fn medium_ior(medium: u32) -> vec3<f32> {
    if (medium == MEDIUM_NONE) {
        return vec3<f32>(1.0);
    }
    return load_medium(medium).ior;
}

/// Metres from which on a way has no end: it leads to what is infinitely far.
const ENDLESS: f32 = 1e37;

/// What is left of light after `way` metres in `medium` (or in MEDIUM_NONE). All of it where there is no end to the
/// way: that leads out of an open mesh.
fn transmittance(medium: u32, way: f32) -> vec3<f32> {
    if (medium == MEDIUM_NONE || way >= ENDLESS) {
        return vec3<f32>(1.0);
    }
    return exp(-load_medium(medium).sigma_t * way);
}

/// Does `medium` (or MEDIUM_NONE) scatter light? How far a path gets in it is then drawn
/// (`skywell::path::medium_event`), and what it takes away is in that.
fn medium_scatters(medium: u32) -> bool {
    if (medium == MEDIUM_NONE) {
        return false;
    }
    return (load_medium(medium).flags & MEDIUM_SCATTERS) != 0u;
}

/// Does the surface of `material` at `boundary` let paths and shadow rays pass unbent?
fn is_open_boundary(material: Material, boundary: Boundary) -> bool {
    if ((material.flags & MATERIAL_OPEN_BOUNDARY) == 0u) {
        return false;
    }
    return all(medium_ior(boundary.near) == medium_ior(medium_top(boundary.beyond)));
}
