#define_import_path skywell::records::geometry

/// `Instance::flags`: world_from_object mirrors, so the front is the clockwise side.
const INSTANCE_MIRRORED: u32 = 1u;
/// `Instance::flags`: alpha may let rays pass (mask, blend).
const INSTANCE_NON_OPAQUE: u32 = 2u;
/// `Instance::flags`: the mesh has `VertexExtra`s.
const INSTANCE_HAS_EXTRA: u32 = 4u;
/// `Instance::flags`: the mesh has authored (or MikkTSpace) tangents.
const INSTANCE_HAS_TANGENTS: u32 = 8u;

/// Object-space vertex. 32 bytes.
struct Vertex {
    position: vec3<f32>,
    /// Unit shading normal: octahedral, x in bits 0–15, y in 16–31, each k / 32767 − 1 for k in [0, 65534].
    normal: u32,
    /// Texture coordinates, set 0.
    uv: vec2<f32>,
    /// Unit tangent: octahedral, x in bits 0–15 as for the normal, y in 17–31 as k / 16383 − 1 for k in
    /// [0, 32766]; bit 16: handedness is negative.
    tangent: u32,
    padding_a: u32,
}

/// What few meshes have. 32 bytes.
struct VertexExtra {
    /// Linear RGBA vertex colour; ones when absent.
    color: vec4<f32>,
    /// Texture coordinates, set 1.
    uv_b: vec2<f32>,
    /// Texture coordinates, set 2.
    uv_c: vec2<f32>,
}

/// Indices into the vertex table. 16 bytes.
struct Triangle {
    a: u32,
    b: u32,
    c: u32,
    padding_a: u32,
}

/// A placed mesh. 80 bytes.
struct Instance {
    /// Rows of the affine world_from_object.
    world_from_object_x: vec4<f32>,
    world_from_object_y: vec4<f32>,
    world_from_object_z: vec4<f32>,
    /// Index in the material table.
    material: u32,
    /// Index in the medium table of what is inside, or INVALID for no solid.
    medium: u32,
    /// Light index of the mesh's first triangle (lights of an instance are consecutive, by triangle), or INVALID.
    first_light: u32,
    /// `INSTANCE_*`.
    flags: u32,
    /// First entry in the triangle table.
    first_triangle: u32,
    /// Add to a vertex index to get its `VertexExtra` (wrapping), if the mesh has any.
    extra_offset: u32,
    padding_a: u32,
    padding_b: u32,
}
