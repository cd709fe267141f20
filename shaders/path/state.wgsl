#define_import_path skywell::path::state

#import skywell::records::path::{PATH_ALIVE, PATH_COUNT_MAX, PATH_DEPTH_SHIFT, PATH_PASSED_SHIFT, PathState}

// The counters in `PathState::flags`.

/// Scattering events so far.
fn path_depth(flags: u32) -> u32 {
    return (flags >> PATH_DEPTH_SHIFT) & PATH_COUNT_MAX;
}

/// What distinguishes one surface met by a path from the next: the name of the sampler's event. 0 is the camera's.
fn path_event(flags: u32) -> u32 {
    return (flags >> PATH_DEPTH_SHIFT) + 1u;
}

/// `path`, ended.
fn end_path(path_in: PathState) -> PathState {
    var path = path_in;
    path.flags = path.flags & ~PATH_ALIVE;
    return path;
}

/// `flags` after one more surface passed; not alive when there were too many to count.
fn count_passed(flags: u32) -> u32 {
    let full = (flags >> PATH_PASSED_SHIFT) == PATH_COUNT_MAX;
    return select(flags + (1u << PATH_PASSED_SHIFT), flags & ~PATH_ALIVE, full);
}

/// `flags` after one more scattering event, with `low_byte` for its booleans and hero; surfaces passed start again at
/// none.
fn count_scattering(flags: u32, low_byte: u32) -> u32 {
    let depth = path_depth(flags) + 1u;
    return low_byte | (depth << PATH_DEPTH_SHIFT);
}
