#define_import_path skywell::math::octahedral

/// The unit vector at octahedral coordinates `e` in [−1, 1]².
/// Source: Cigolle et al. 2014, "A Survey of Efficient Representations for Independent Unit Vectors", JCGT 3(2).
fn decode_octahedral(e: vec2<f32>) -> vec3<f32> {
    let z = 1.0 - abs(e.x) - abs(e.y);
    let fold = max(-z, 0.0);
    let x = e.x - select(-fold, fold, e.x >= 0.0);
    let y = e.y - select(-fold, fold, e.y >= 0.0);
    return normalize(vec3<f32>(x, y, z));
}

/// The unit vector of `Vertex::normal`.
fn decode_normal(packed: u32) -> vec3<f32> {
    let e = vec2<f32>(f32(i32(packed & 0xffffu)), f32(i32(packed >> 16u)));
    return decode_octahedral(e * (1.0 / 32767.0) - 1.0);
}

/// The code `Vertex::normal` of the unit vector `n`.
fn encode_normal(n: vec3<f32>) -> u32 {
    let e = n.xy * (1.0 / (abs(n.x) + abs(n.y) + abs(n.z)));
    let folded_x = (1.0 - abs(e.y)) * select(-1.0, 1.0, e.x >= 0.0);
    let folded_y = (1.0 - abs(e.x)) * select(-1.0, 1.0, e.y >= 0.0);
    let below = n.z < 0.0;
    let x = clamp(select(e.x, folded_x, below), -1.0, 1.0);
    let y = clamp(select(e.y, folded_y, below), -1.0, 1.0);
    return u32(i32(x * 32767.0 + 32767.5)) | (u32(i32(y * 32767.0 + 32767.5)) << 16u);
}

/// The unit vector of `Vertex::tangent` and its handedness ±1 in w.
fn decode_tangent(packed: u32) -> vec4<f32> {
    let x = f32(i32(packed & 0xffffu)) * (1.0 / 32767.0) - 1.0;
    let y = f32(i32(packed >> 17u)) * (1.0 / 16383.0) - 1.0;
    let handedness = select(1.0, -1.0, (packed & 0x10000u) != 0u);
    return vec4<f32>(decode_octahedral(vec2<f32>(x, y)), handedness);
}
