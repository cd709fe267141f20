#define_import_path skywell::records::texture

/// `TextureSlot::flags`: wrap modes, bits 0–1 along u and 2–3 along v.
const WRAP_REPEAT: u32 = 0u;
const WRAP_MIRRORED: u32 = 1u;
const WRAP_CLAMP: u32 = 2u;
/// `TextureSlot::flags`: interpolate between texels.
const TEXTURE_LINEAR: u32 = 16u;
/// `TextureSlot::flags`: RGB through the sRGB curve, alpha as it is.
const TEXTURE_SRGB: u32 = 32u;
/// `TextureSlot::flags`: 16 bits a channel, two words a texel (else 8 bits, one word), red in the lowest bits.
const TEXTURE_WIDE: u32 = 64u;
/// `TextureSlot::flags`: first of the two bits of the set of texture coordinates.
const TEXTURE_SET_SHIFT: u32 = 8u;

/// One use of an image by a material property. 48 bytes.
struct TextureSlot {
    /// Image u = dot(uv_u.xy, uv) + uv_u.z.
    uv_u: vec3<f32>,
    /// First word in the texel table; rows follow each other from the top (v = 0).
    first_texel: u32,
    /// Image v = dot(uv_v.xy, uv) + uv_v.z.
    uv_v: vec3<f32>,
    /// Wrap modes, `TEXTURE_*`, set of texture coordinates.
    flags: u32,
    /// Columns, at least 1.
    width: u32,
    /// Rows, at least 1.
    height: u32,
    padding_a: u32,
    padding_b: u32,
}
