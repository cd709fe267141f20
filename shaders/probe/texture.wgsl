#define_import_path skywell::probe::texture

#import skywell::texture::texture::sample_texture

// A stage that lets tests look textures up.

/// Arguments of `sample_texture`.
struct TextureQuery {
    /// Texture coordinates, sets 0 and 1.
    uv_a: vec2<f32>,
    uv_b: vec2<f32>,
    /// Texture coordinates, set 2.
    uv_c: vec2<f32>,
    /// Index in the slot table.
    slot: u32,
    padding_a: u32,
}

/// What `sample_texture` answers.
struct TextureAnswer {
    /// Linear RGBA.
    value: vec4<f32>,
}

/// `sample_texture`.
fn probe_texture(texture_query: TextureQuery) -> TextureAnswer {
    return TextureAnswer(sample_texture(texture_query.slot, texture_query.uv_a, texture_query.uv_b, texture_query.uv_c));
}
