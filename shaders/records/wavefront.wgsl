#define_import_path skywell::records::wavefront

/// What the GPU's passes work on: `samples` samples of every pixel of a tile, each a path of its own. Path k belongs to
/// pixel k mod pixels, rows of the tile one after the other, and to sample first_sample + k / pixels.
struct Wavefront {
    /// First column of the tile, full-frame pixels.
    tile_x: u32,
    /// First row of the tile, full-frame pixels.
    tile_y: u32,
    /// Columns of the tile.
    tile_width: u32,
    /// Pixels of the tile.
    pixels: u32,
    /// Index of the first sample within its pixel.
    first_sample: u32,
    /// Samples of every pixel.
    samples: u32,
    /// Paths that each list of `Queues` has room for.
    capacity: u32,
    /// 1: sums of squares are kept.
    keeps_squares: u32,
}

/// Where paths are in their lives, as the host reads it. 64 bytes.
struct QueueCounts {
    /// Paths that are alive and have no shadow ray under way.
    alive: u32,
    /// Where in `Queues::indices` their list begins.
    alive_first: u32,
    /// Where the list of those that go on begins.
    next_first: u32,
    /// Shadow rays to trace.
    shadow: u32,
    /// Rays that looked for the nearest surface, low word.
    rays_low: u32,
    /// High word.
    rays_high: u32,
    /// Rays between surfaces and lights, low word.
    shadow_rays_low: u32,
    /// High word.
    shadow_rays_high: u32,
    /// Shadow rays at thin surfaces.
    thin: u32,
    /// Shadow rays that are under way as a round begins.
    waiting: u32,
    padding_a: u32,
    padding_b: u32,
    /// Paths that scatter, by class (`SCATTER_*`).
    scatter: vec4<u32>,
}

/// Classes of materials that have a kernel of their own to scatter at them: those without a layer, …
const SCATTER_BARE: u32 = 0u;
/// … with layers among `LAYERS_COATED`, …
const SCATTER_COATED: u32 = 1u;
/// … among `LAYERS_CLEAR`, …
const SCATTER_CLEAR: u32 = 2u;
/// … and all others.
const SCATTER_LAYERED: u32 = 3u;
/// How many there are.
const SCATTER_CLASSES: u32 = 4u;

/// Lists of `Queues`, by their number: paths that are alive and that go on, in turn 0 and 1; shadow rays to trace, …
const LIST_SHADOW: u32 = 2u;
/// … shadow rays at thin surfaces, …
const LIST_THIN: u32 = 3u;
/// … and the first of the paths that scatter, a list for each class.
const LIST_SCATTER: u32 = 4u;
/// How many there are.
const LISTS: u32 = 8u;

/// Rows of the buffer of dispatches: over the paths that are alive, …
const DISPATCH_ALIVE: u32 = 0u;
/// … the shadow rays, …
const DISPATCH_SHADOW: u32 = 1u;
/// … those at thin surfaces, …
const DISPATCH_THIN: u32 = 2u;
/// … and the first of those that scatter, a row for each class.
const DISPATCH_SCATTER: u32 = 3u;
/// How many there are.
const DISPATCHES: u32 = 7u;

/// A sample that the film cannot add. 32 bytes.
struct RejectedPath {
    /// Column | row << 16, full-frame pixels.
    pixel: u32,
    /// Index of the sample within its pixel.
    sample_index: u32,
    padding_a: u32,
    padding_b: u32,
    /// R, G, B and alpha, bits of f32.
    values: vec4<u32>,
}

/// Invocations of a workgroup of passes over paths and pixels.
const WORKGROUP: u32 = 64u;

/// Entries that the list of rejected samples has room for; more are counted and not named.
const REJECTED_CAPACITY: u32 = 1024u;

/// Rows of 16 bytes of a pixel of film: four sums, the count (taken, rejected, 0, 0), and four sums of squares if kept.
const FILM_ROWS: u32 = 5u;
/// Likewise with sums of squares.
const FILM_ROWS_WITH_SQUARES: u32 = 9u;
