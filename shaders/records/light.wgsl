#define_import_path skywell::records::light

/// `Light::kind`: the environment; its numbers are in `Frame`.
const LIGHT_ENVIRONMENT: u32 = 0u;
/// `Light::kind`: parallel.
const LIGHT_DIRECTIONAL: u32 = 1u;
/// `Light::kind`: equal in all directions from one point.
const LIGHT_POINT: u32 = 2u;
/// `Light::kind`: a cone from one point.
const LIGHT_SPOT: u32 = 3u;
/// `Light::kind`: from one point, as a profile says.
const LIGHT_MEASURED: u32 = 4u;
/// `Light::kind`: a triangle of constant radiance. All larger kinds are triangles as well.
const LIGHT_TRIANGLE: u32 = 5u;
/// `Light::kind`: a triangle whose radiance its material gives (by texture, alpha or coat).
const LIGHT_VARYING_TRIANGLE: u32 = 6u;
/// `Light::kind`: a triangle of constant radiance on the side of axis × shape, dark on the other.
const LIGHT_ONE_SIDED_TRIANGLE: u32 = 7u;

/// `Light::trail`: the light is never chosen.
const LIGHT_TRAIL_NONE: u32 = 0xffffffffu;

/// One light, whatever its kind. World space, metres, linear Rec.709. 64 bytes.
struct Light {
    /// Point, spot, measured: where it is. Triangle: the first vertex.
    position: vec3<f32>,
    /// `LIGHT_*`.
    kind: u32,
    /// Spot, directional: unit direction the light travels along. Measured: unit axis of the profile. Triangle: second
    /// vertex − first.
    axis: vec3<f32>,
    /// Point, spot, measured, triangle: the way from the root of the light tree to the light, first step in the lowest bit, 1 for
    /// the second child; or `LIGHT_TRAIL_NONE`.
    trail: u32,
    /// Point, spot: intensity (W/sr). Measured: what multiplies the profile's. Directional: irradiance (W/m²). Triangle:
    /// radiance, if constant.
    intensity: vec3<f32>,
    /// Triangle: its entry in the instance table. Measured: the first word of its profile in the texel table.
    instance: u32,
    /// What else shapes it. Triangle: third vertex − first. Point, spot: x is the distance of no effect, metres (0:
    /// unlimited). Spot: y and z are KHR_lights_punctual's lightAngleScale and lightAngleOffset. Measured: unit direction of
    /// azimuth 0.
    shape: vec3<f32>,
    /// Triangle: its entry in the triangle table.
    triangle: u32,
}

/// `LightNode::child`: the node is a leaf.
const LIGHT_NODE_LEAF: u32 = 0x80000000u;
/// `LightNode::child`: the lights shine to one side of the axis only (else alike to both).
const LIGHT_NODE_ONE_SIDED: u32 = 0x40000000u;
/// `LightNode::child`: the index.
const LIGHT_NODE_INDEX: u32 = 0x3fffffffu;

/// A node of the tree of lights that are somewhere (point, spot, measured, triangle). 48 bytes.
struct LightNode {
    /// Centre of a sphere around the lights, world.
    center: vec3<f32>,
    /// Its radius, metres.
    radius: f32,
    /// Axis of a cone around all directions in which some light is brightest; unit, world.
    axis: vec3<f32>,
    /// Sum over the lights of the largest intensity (mean of the channels), W/sr.
    intensity: f32,
    /// Cosine of the cone's half angle.
    cos_cone: f32,
    /// Sine of the cone's half angle.
    sin_cone: f32,
    /// Cosine of the angle beyond the cone at which there is no light any more.
    cos_falloff: f32,
    /// `LIGHT_NODE_*`, and the index of the light (leaf) or of the first of the two children.
    child: u32,
}

/// One bin of the alias table over the lights that are infinitely far. 16 bytes.
struct AliasBin {
    /// Probability of staying in this bin.
    q: f32,
    /// Otherwise go to this bin.
    alias_index: u32,
    /// Probability of the bin's own outcome.
    own_pmf: f32,
    /// Probability of the outcome `alias_index`.
    alias_pmf: f32,
}

/// One texel of the environment. 16 bytes.
struct EnvironmentTexel {
    /// Radiance before `Frame::environment_strength`, linear Rec.709.
    radiance: vec3<f32>,
    /// Density over the unit square (u, v) at the texel's centre; between centres it is interpolated like
    /// the radiance, and so integrates to 1.
    density: f32,
}
