#define_import_path skywell::records::light

/// `Light::kind`: an emissive triangle.
const LIGHT_TRIANGLE: u32 = 0u;
/// `Light::kind`: equal in all directions from one point.
const LIGHT_POINT: u32 = 1u;
/// `Light::kind`: a cone from one point.
const LIGHT_SPOT: u32 = 2u;
/// `Light::kind`: parallel.
const LIGHT_DIRECTIONAL: u32 = 3u;
/// `Light::kind`: the environment; its numbers are in `Frame`.
const LIGHT_ENVIRONMENT: u32 = 4u;

/// One light, whatever its kind. World space, metres, linear Rec.709. 80 bytes.
struct Light {
    /// Point, spot: where it is. Triangle: the first vertex.
    position: vec3<f32>,
    /// `LIGHT_*`.
    kind: u32,
    /// Spot, directional: unit direction the light travels along. Triangle: second vertex − first.
    axis: vec3<f32>,
    /// Probability that the light sampler picks this light.
    pmf: f32,
    /// Point, spot: intensity (W/sr). Directional: irradiance (W/m²). Triangle: radiance, before `texture`.
    intensity: vec3<f32>,
    /// Point, spot: distance of no effect, metres; 0 is unlimited.
    range: f32,
    /// Triangle: third vertex − first.
    edge: vec3<f32>,
    /// Triangle: texture slot that multiplies the radiance, or INVALID.
    texture: u32,
    /// Spot: KHR_lights_punctual's lightAngleScale.
    angle_scale: f32,
    /// Spot: KHR_lights_punctual's lightAngleOffset.
    angle_offset: f32,
    /// Triangle: its entry in the instance table.
    instance: u32,
    /// Triangle: its entry in the triangle table.
    triangle: u32,
}

/// One bin of an alias table. 16 bytes.
struct AliasBin {
    /// Probability of staying in this bin.
    q: f32,
    /// Otherwise go to this bin.
    alias_index: u32,
    padding_a: u32,
    padding_b: u32,
}

/// One texel of the environment. 16 bytes.
struct EnvironmentTexel {
    /// Radiance before `Frame::environment_strength`, linear Rec.709.
    radiance: vec3<f32>,
    /// Density over the unit square (u, v) at the texel's centre; between centres it is interpolated like
    /// the radiance, and so integrates to 1.
    density: f32,
}
