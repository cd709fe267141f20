#define_import_path skywell::conformance::records

/// Inputs of one call. 64 bytes.
struct Query {
    /// Floats, or the bits of integers.
    a: vec4<f32>,
    b: vec4<f32>,
    c: vec4<f32>,
    /// Which operation.
    op: u32,
    /// Integers.
    i: u32,
    j: u32,
    k: u32,
}

/// What came out, as bits. 16 bytes.
struct Answer {
    bits: vec4<u32>,
}

/// The same in every lane. 32 bytes.
struct Settings {
    a: f32,
    b: f32,
    c: f32,
    op: u32,
    v: vec3<f32>,
    i: u32,
}

@group(0) @binding(0) var<uniform> settings: Settings;

/// Words for reading tables by computed indices.
@group(0) @binding(1) var<storage, read> rows: array<Query>;
