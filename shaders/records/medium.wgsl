#define_import_path skywell::records::medium

/// `Medium::flags`: light is scattered in it.
const MEDIUM_SCATTERS: u32 = 1u;
/// `Medium::flags`: a light can be seen from within: there is one inside, or the boundary lets shadow rays pass.
const MEDIUM_LIT: u32 = 2u;

/// What fills a solid. Its index in the table is its priority: where solids overlap, the lowest index fills the space. 48 bytes.
struct Medium {
    /// Attenuation, by absorption and scattering together, 1/m, linear Rec.709.
    sigma_t: vec3<f32>,
    /// Mean cosine of the angle by which scattering turns light, in (−1, 1).
    anisotropy: f32,
    /// What scattering contributes to `sigma_t`.
    sigma_s: vec3<f32>,
    /// `MEDIUM_*`.
    flags: u32,
    /// Index of refraction seen by red, green and blue; equal without dispersion.
    ior: vec3<f32>,
    padding_a: u32,
}
