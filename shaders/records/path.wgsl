#define_import_path skywell::records::path

/// "No such index" in every table.
const INVALID: u32 = 0xffffffffu;

/// `PathState::flags`: the path goes on.
const PATH_ALIVE: u32 = 1u;
/// `PathState::flags`: the last scattering was a delta distribution (or there was none): no MIS weight.
const PATH_SPECULAR: u32 = 2u;

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
    /// `PATH_*` in bits 0–7, depth (scattering events so far) in 8–19, surfaces passed without scattering at this depth in 20–31.
    flags: u32,
    /// Product of f·cos/pdf so far.
    throughput: vec3<f32>,
    /// Solid-angle density with which the last scattering chose `direction`.
    bsdf_pdf: f32,
    /// Radiance gathered so far.
    radiance: vec3<f32>,
    /// Sample index within the pixel.
    sample_index: u32,
    /// Media the ray is inside of: four u16 medium indices, ascending, 0xffff = none.
    media_a: u32,
    media_b: u32,
    /// 1 − transparency seen so far by the camera ray (alpha channel).
    alpha: f32,
    /// Hero channel of dispersion: 0 none chosen, 1..3 = R, G, B.
    hero: u32,
}

/// What a ray hit. 16 bytes.
struct Hit {
    /// Barycentric weight of the triangle's second vertex.
    barycentric_b: f32,
    /// Barycentric weight of the triangle's third vertex.
    barycentric_c: f32,
    /// Index in the instance table; INVALID is a miss.
    instance: u32,
    /// Index in the triangle table.
    triangle: u32,
}

/// A ray to a light, carrying what it adds when nothing is in the way. 48 bytes.
struct ShadowRay {
    /// World.
    origin: vec3<f32>,
    /// Occluders lie in (0, t_max). 0 = there is no ray.
    t_max: f32,
    /// Unit, world.
    direction: vec3<f32>,
    /// Surfaces passed so far.
    passed: u32,
    /// Radiance added to the path when unoccluded.
    contribution: vec3<f32>,
    /// 1: known to be occluded.
    occluded: u32,
}
