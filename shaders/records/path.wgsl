#define_import_path skywell::records::path

/// "No such index" in every table.
const INVALID: u32 = 0xffffffffu;

/// `PathState::flags`: the path goes on.
const PATH_ALIVE: u32 = 1u;
/// `PathState::flags`: the last scattering was a delta distribution (or there was none): no MIS weight.
const PATH_SPECULAR: u32 = 2u;
/// `PathState::flags`: a surface or a visible environment has been met (the alpha channel).
const PATH_COVERED: u32 = 4u;
/// `PathState::last_normal`: none.
const PATH_NO_NORMAL: u32 = 0xffffffffu;
/// `PathState::flags`: first bit of the hero channel of dispersion (0 none chosen, 1..3 = R, G, B), 2 bits.
const PATH_HERO_SHIFT: u32 = 4u;
/// `PathState::flags`: first bit of the depth, scattering events so far, 12 bits.
const PATH_DEPTH_SHIFT: u32 = 8u;
/// `PathState::flags`: first bit of the surfaces passed without scattering since the last event, 12 bits.
const PATH_PASSED_SHIFT: u32 = 20u;
/// The largest depth or number of passed surfaces `PathState::flags` can hold; a path ends there.
const PATH_COUNT_MAX: u32 = 4095u;
/// `Hit::instance`: the path was scattered by what fills the space before it met anything.
const HIT_IN_MEDIUM: u32 = 0xfffffffeu;
/// No medium, in `PathState::media_a` and `media_b`.
const MEDIUM_NONE: u32 = 0xffffu;

/// Which sample of which pixel.
struct PixelSample {
    /// Column | row << 16, full-frame pixels.
    pixel: u32,
    /// Sample index within the pixel.
    sample_index: u32,
    padding_a: u32,
    padding_b: u32,
}

/// One path between scattering events. 80 bytes.
struct PathState {
    /// Ray origin, world.
    origin: vec3<f32>,
    /// Column | row << 16.
    pixel: u32,
    /// Unit ray direction, world.
    direction: vec3<f32>,
    /// `PATH_*`: booleans in bits 0–3, hero channel in 4–5, depth in 8–19, surfaces passed in 20–31.
    flags: u32,
    /// Product of f·cos/pdf so far.
    throughput: vec3<f32>,
    /// Solid-angle density with which the last scattering chose `direction`.
    bsdf_pdf: f32,
    /// Radiance gathered so far.
    radiance: vec3<f32>,
    /// Sample index within the pixel.
    sample_index: u32,
    /// Media the ray is inside of: four u16 medium indices, ascending, 0xffff = none. The first,
    /// in the low half of `media_a`, is the one that fills the space.
    media_a: u32,
    media_b: u32,
    /// Normal at the last scattering event, as `Vertex::normal`, or PATH_NO_NORMAL where light mattered from all around.
    last_normal: u32,
    /// Distance from the last scattering event to `origin`, metres (surfaces passed lie between).
    distance: f32,
}

/// What a ray hit. 16 bytes.
struct Hit {
    /// Barycentric weight of the triangle's second vertex.
    barycentric_b: f32,
    /// Barycentric weight of the triangle's third vertex.
    barycentric_c: f32,
    /// Index in the instance table; INVALID is a miss; or HIT_IN_MEDIUM.
    instance: u32,
    /// Index in the triangle table.
    triangle: u32,
}

/// A ray to a light, carrying what it adds when nothing is in the way. 48 bytes.
struct ShadowRay {
    /// World.
    origin: vec3<f32>,
    /// Occluders lie in (0, t_max). 0: there is no ray, or it is known to be occluded.
    t_max: f32,
    /// Unit, world.
    direction: vec3<f32>,
    /// Media the ray is inside of, the first two, as in `PathState`. These are known in frames with FRAME_OPEN_BOUNDARIES only.
    media_a: u32,
    /// Radiance added to the path when unoccluded; with FRAME_OPEN_BOUNDARIES, before what media take away.
    contribution: vec3<f32>,
    /// Low half: the third medium. High half: surfaces passed so far.
    media_b: u32,
}
