#define_import_path skywell::records::light

const LIGHT_TRIANGLE: u32 = 0u;
const LIGHT_POINT: u32 = 1u;
const LIGHT_SPOT: u32 = 2u;
const LIGHT_DIRECTIONAL: u32 = 3u;
const LIGHT_ENVIRONMENT: u32 = 4u;

/// One light, whatever its kind. 64 bytes.
struct Light {
    /// World position (point, spot).
    position: vec3<f32>,
    /// `LIGHT_*`.
    kind: u32,
    /// Unit world direction the light travels along (spot, directional).
    direction: vec3<f32>,
    /// Probability that the light sampler picks this light.
    pmf: f32,
    /// Intensity (W/sr) or irradiance (W/m²), linear Rec.709.
    intensity: vec3<f32>,
    /// Metres; 0 is unlimited.
    range: f32,
    /// Spot: glTF's lightAngleScale and lightAngleOffset.
    angle_scale: f32,
    angle_offset: f32,
    /// Triangle: its instance.
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
    /// Probability of the bin's own outcome.
    pmf: f32,
    padding_a: u32,
}
