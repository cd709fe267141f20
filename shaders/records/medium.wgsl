#define_import_path skywell::records::medium

/// What fills a solid. Its index in the table is its priority: where solids overlap, the lowest index fills the space. 32 bytes.
struct Medium {
    /// Absorption, 1/m, linear Rec.709.
    sigma_a: vec3<f32>,
    padding_a: u32,
    /// Index of refraction seen by red, green and blue; equal without dispersion.
    ior: vec3<f32>,
    padding_b: u32,
}
