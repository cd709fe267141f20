#define_import_path skywell::records::texture

/// One use of an image by a material property. 48 bytes.
struct TextureSlot {
    /// Image uv = (dot(uv_row.xy, uv) + uv_row.z, …).
    uv_u: vec3<f32>,
    /// First word in the texel table.
    first_texel: u32,
    uv_v: vec3<f32>,
    /// Bits 0–1 wrap u, 2–3 wrap v (0 repeat, 1 mirrored, 2 clamp), 4 linear filter, 5 sRGB, 6 16-bit texels (2 words each), 8–9 texcoord set.
    flags: u32,
    width: u32,
    height: u32,
    padding_a: u32,
    padding_b: u32,
}
