#define_import_path skywell::texture::texture

#import skywell::records::texture::{TEXTURE_LINEAR, TEXTURE_SET_SHIFT, TEXTURE_SRGB, TEXTURE_WIDE, WRAP_CLAMP, WRAP_MIRRORED, WRAP_REPEAT}
#import skywell::tables::{load_texel, load_texture_slot}
#import skywell::texture::srgb::decode_srgb

/// The two texels along one axis that a coordinate lies between.
struct TexelPair {
    /// The first, in [0, size).
    low: u32,
    /// The second, in [0, size).
    high: u32,
    /// Weight of the second, in [0, 1].
    weight: f32,
}

/// The texels of an axis of `size` texels around coordinate `x` (one image = 1), wrapped.
///
/// Texel k covers [k, k + 1) / size, its value sits in the middle. Everything stays in f32, where whole numbers of
/// this size are exact: no integer division. `x` loses precision as it grows, as it does in any f32 texture unit.
fn wrap_texels(x: f32, size: u32, wrap: u32, linear: bool) -> TexelPair {
    let texels = f32(i32(size));
    let last = texels - 1.0;
    let mirrored = wrap == WRAP_MIRRORED;
    let repeated = wrap == WRAP_REPEAT;

    // Into one period: [0, 1], or [0, 2] where every other image is mirrored.
    let halved = x * select(1.0, 0.5, mirrored);
    let fraction = halved - floor(halved);
    let periodic = fraction * select(1.0, 2.0, mirrored);
    let reduced = select(periodic, clamp(x, 0.0, 1.0), wrap == WRAP_CLAMP);

    let position = reduced * texels - select(0.0, 0.5, linear);
    let first = floor(position);
    let second = first + 1.0;
    let fold = 2.0 * texels - 1.0;
    let low = max(min(first, select(last, fold - first, mirrored)), 0.0);
    let high = max(min(second, select(last, fold - second, mirrored)), 0.0);

    var pair: TexelPair;
    pair.low = u32(i32(select(low, last, repeated & (first < 0.0))));
    pair.high = u32(i32(select(high, 0.0, repeated & (second > last))));
    pair.weight = select(0.0, position - first, linear);
    return pair;
}

/// RGBA in [0, 1] of a texel of 8 bits a channel.
fn unpack_narrow(word: u32) -> vec4<f32> {
    let r = f32(i32(word & 0xffu));
    let g = f32(i32((word >> 8u) & 0xffu));
    let b = f32(i32((word >> 16u) & 0xffu));
    let a = f32(i32(word >> 24u));
    return vec4<f32>(r, g, b, a) * (1.0 / 255.0);
}

/// RGBA in [0, 1] of a texel of 16 bits a channel that starts at word `index`.
fn load_wide(index: u32) -> vec4<f32> {
    let rg = load_texel(index);
    let ba = load_texel(index + 1u);
    let r = f32(i32(rg & 0xffffu));
    let g = f32(i32(rg >> 16u));
    let b = f32(i32(ba & 0xffffu));
    let a = f32(i32(ba >> 16u));
    return vec4<f32>(r, g, b, a) * (1.0 / 65535.0);
}

/// The image of texture slot `slot_index`, wrapped, filtered and made linear, at the surface's texture coordinates
/// (sets 0, 1 and 2, before KHR_texture_transform). RGBA; the sRGB curve is undone before filtering.
/// `slot_index` must be valid.
fn sample_texture(slot_index: u32, uv_a: vec2<f32>, uv_b: vec2<f32>, uv_c: vec2<f32>) -> vec4<f32> {
    let slot = load_texture_slot(slot_index);
    let flags = slot.flags;
    let texcoord_set = (flags >> TEXTURE_SET_SHIFT) & 3u;
    let uv = select(select(uv_a, uv_b, texcoord_set == 1u), uv_c, texcoord_set == 2u);
    let u = dot(slot.uv_u.xy, uv) + slot.uv_u.z;
    let v = dot(slot.uv_v.xy, uv) + slot.uv_v.z;
    let linear = (flags & TEXTURE_LINEAR) != 0u;
    let columns = wrap_texels(u, slot.width, flags & 3u, linear);
    let rows = wrap_texels(v, slot.height, (flags >> 2u) & 3u, linear);

    let top = rows.low * slot.width;
    let bottom = rows.high * slot.width;
    var top_left: vec4<f32>;
    var top_right: vec4<f32>;
    var bottom_left: vec4<f32>;
    var bottom_right: vec4<f32>;
    if ((flags & TEXTURE_WIDE) != 0u) {
        top_left = load_wide(slot.first_texel + 2u * (top + columns.low));
        top_right = load_wide(slot.first_texel + 2u * (top + columns.high));
        bottom_left = load_wide(slot.first_texel + 2u * (bottom + columns.low));
        bottom_right = load_wide(slot.first_texel + 2u * (bottom + columns.high));
    } else {
        top_left = unpack_narrow(load_texel(slot.first_texel + top + columns.low));
        top_right = unpack_narrow(load_texel(slot.first_texel + top + columns.high));
        bottom_left = unpack_narrow(load_texel(slot.first_texel + bottom + columns.low));
        bottom_right = unpack_narrow(load_texel(slot.first_texel + bottom + columns.high));
    }
    if ((flags & TEXTURE_SRGB) != 0u) {
        top_left = vec4<f32>(decode_srgb(top_left.xyz), top_left.w);
        top_right = vec4<f32>(decode_srgb(top_right.xyz), top_right.w);
        bottom_left = vec4<f32>(decode_srgb(bottom_left.xyz), bottom_left.w);
        bottom_right = vec4<f32>(decode_srgb(bottom_right.xyz), bottom_right.w);
    }
    let upper = top_left + (top_right - top_left) * columns.weight;
    let lower = bottom_left + (bottom_right - bottom_left) * columns.weight;
    return upper + (lower - upper) * rows.weight;
}
