#define_import_path skywell::records::material

/// `Material::flags`: rays pass where base-colour alpha is below the cutoff.
const MATERIAL_ALPHA_MASK: u32 = 1u;
/// `Material::flags`: rays pass with probability 1 − alpha.
const MATERIAL_ALPHA_BLEND: u32 = 2u;
/// `Material::flags`: what it emits, it emits from both sides; scattering is from both sides always.
const MATERIAL_DOUBLE_SIDED: u32 = 4u;
/// `Material::flags`: base colour is emitted and nothing is scattered.
const MATERIAL_UNLIT: u32 = 8u;
/// `Material::flags`: the surface bounds a solid, so that what is transmitted is refracted.
const MATERIAL_SOLID: u32 = 16u;
/// `Material::flags`: emission is not black.
const MATERIAL_EMISSIVE: u32 = 32u;
/// `Material::flags`: `MaterialLayers` hold a specular transmission.
const MATERIAL_TRANSMISSION: u32 = 64u;
/// `Material::flags`: `MaterialLayers` hold a diffuse transmission.
const MATERIAL_DIFFUSE_TRANSMISSION: u32 = 128u;
/// `Material::flags`: `MaterialLayers` hold a clearcoat.
const MATERIAL_CLEARCOAT: u32 = 256u;
/// `Material::flags`: `MaterialLayers` hold a sheen.
const MATERIAL_SHEEN: u32 = 512u;
/// `Material::flags`: `MaterialLayers` hold a thin film.
const MATERIAL_IRIDESCENCE: u32 = 1024u;
/// `Material::flags`: `MaterialLayers` hold an anisotropy.
const MATERIAL_ANISOTROPY: u32 = 2048u;
/// `Material::flags`: of KHR_materials_pbrSpecularGlossiness. The base colour is then that of the diffuse part, the
/// specular colour the reflectance at normal incidence, and `roughness` the glossiness, which the specular colour's
/// texture has in A.
const MATERIAL_SPECULAR_GLOSSINESS: u32 = 4096u;
/// `Material::flags`: the surface bounds a solid of index 1 that scatters light, and does nothing itself but tint by
/// its base colour. Where the index is the same on both sides, rays and shadow rays pass it.
const MATERIAL_OPEN_BOUNDARY: u32 = 8192u;
/// `Material::flags`: `MaterialLayers` hold a diffuse roughness.
const MATERIAL_DIFFUSE_ROUGHNESS: u32 = 16384u;
/// `Material::flags`: all that name layers, with what few bases have besides.
const LAYERS: u32 = LAYERS_COATED | LAYERS_CLEAR | MATERIAL_SHEEN | MATERIAL_ANISOTROPY | MATERIAL_DIFFUSE_ROUGHNESS;
/// `Material::flags`: layers over the base that occur together.
const LAYERS_COATED: u32 = MATERIAL_CLEARCOAT | MATERIAL_IRIDESCENCE;
/// `Material::flags`: layers that let light through.
const LAYERS_CLEAR: u32 = MATERIAL_TRANSMISSION | MATERIAL_DIFFUSE_TRANSMISSION;
/// `Material::flags`: any alpha that is not opaque.
const MATERIAL_NON_OPAQUE: u32 = 3u;

/// What every material has: the metallic-roughness base, alpha and emission. Texture fields are indices of texture
/// slots or INVALID; a texture multiplies the factor of its name. 96 bytes.
struct Material {
    /// Linear.
    base_color: vec3<f32>,
    /// `MATERIAL_*`.
    flags: u32,
    /// [0, 1].
    metallic: f32,
    /// [0, 1], perceptual.
    roughness: f32,
    /// RGB: colour, A: alpha.
    base_color_texture: u32,
    /// G: roughness, B: metallic.
    metallic_roughness_texture: u32,
    /// Colour of the dielectric's reflection at normal incidence, linear; may exceed 1.
    specular_color: vec3<f32>,
    /// Weight of the dielectric's reflection, [0, 1].
    specular: f32,
    /// A.
    specular_texture: u32,
    /// RGB.
    specular_color_texture: u32,
    /// Tangent-space normals.
    normal_texture: u32,
    /// Of the normal's x and y.
    normal_scale: f32,
    /// Radiance, linear.
    emissive: vec3<f32>,
    /// RGB.
    emissive_texture: u32,
    /// [0, 1].
    base_alpha: f32,
    /// Mask: the smallest alpha that is there.
    alpha_cutoff: f32,
    /// Index of the material's `MaterialLayers`, or INVALID.
    layers: u32,
    /// Reflectance of the dielectric at normal incidence, before its colour: ((ior − 1) / (ior + 1))².
    dielectric_reflectance: f32,
}

/// What few materials have. Layers that the material's flags do not name hold zeros and INVALID. 128 bytes.
struct MaterialLayers {
    /// [0, 1].
    transmission: f32,
    /// R.
    transmission_texture: u32,
    /// [0, 1].
    diffuse_transmission: f32,
    /// A.
    diffuse_transmission_texture: u32,
    /// Linear.
    diffuse_transmission_color: vec3<f32>,
    /// RGB.
    diffuse_transmission_color_texture: u32,
    /// [0, 1].
    clearcoat: f32,
    /// R.
    clearcoat_texture: u32,
    /// [0, 1], perceptual.
    clearcoat_roughness: f32,
    /// G.
    clearcoat_roughness_texture: u32,
    /// Tangent-space normals of the coat alone.
    clearcoat_normal_texture: u32,
    /// Of the coat normal's x and y.
    clearcoat_normal_scale: f32,
    /// [0, 1].
    anisotropy: f32,
    /// RG: direction, B: strength.
    anisotropy_texture: u32,
    /// Linear.
    sheen_color: vec3<f32>,
    /// RGB.
    sheen_color_texture: u32,
    /// [0, 1], perceptual.
    sheen_roughness: f32,
    /// A.
    sheen_roughness_texture: u32,
    /// Cosine of the angle from tangent to direction, counter-clockwise.
    anisotropy_cos: f32,
    /// Sine of that angle.
    anisotropy_sin: f32,
    /// [0, 1].
    iridescence: f32,
    /// R.
    iridescence_texture: u32,
    /// Index of refraction of the film, ≥ 1.
    iridescence_ior: f32,
    /// G: from minimum to maximum.
    iridescence_thickness_texture: u32,
    /// Nanometres.
    iridescence_thickness_min: f32,
    /// Nanometres; the thickness where there is no texture.
    iridescence_thickness_max: f32,
    /// [0, 1]: standard deviation of facets' angles, in right angles.
    diffuse_roughness: f32,
    /// R.
    diffuse_roughness_texture: u32,
}

// The table of directional albedos (`assets/albedo.bin`): runs of pairs of neighbouring nodes along cos θ, so that
// one load fetches both ends of an interpolation. Each run's rows are contiguous in cos θ.

/// GGX reflection with Fresnel 1 and with (1 − cos)⁵: cells along (cos θ)^¼.
const ALBEDO_GGX_COLUMNS: u32 = 64u;
/// Cells along alpha^¼, from that of the smallest alpha to 1.
const ALBEDO_GGX_ROWS: u32 = 32u;
/// First pair of the cosine-weighted averages of the above, one pair a cell along alpha.
const ALBEDO_AVERAGE_FIRST: u32 = 2112u;
/// First pair of Charlie sheen.
const ALBEDO_SHEEN_FIRST: u32 = 2144u;
/// Cells along (cos θ)^¼.
const ALBEDO_SHEEN_COLUMNS: u32 = 64u;
/// Cells along the square root of perceptual roughness, from that of the smallest to 1.
const ALBEDO_SHEEN_ROWS: u32 = 32u;
/// First pair of anisotropic GGX (as `ALBEDO_GGX`).
const ALBEDO_ANISOTROPIC_FIRST: u32 = 4256u;
/// Cells along (cos θ)^¼.
const ALBEDO_ANISOTROPIC_COLUMNS: u32 = 24u;
/// Cells along alpha^¼ in the plane of the direction and the normal, from the smoother axis' to the rougher's.
const ALBEDO_ANISOTROPIC_AZIMUTHS: u32 = 8u;
/// Cells along alpha^¼ of the smoother axis, as of GGX.
const ALBEDO_ANISOTROPIC_ROWS: u32 = 10u;
/// Cells along anisotropy strength.
const ALBEDO_ANISOTROPIC_STRENGTHS: u32 = 12u;
/// First pair of rough dielectric interfaces: what is reflected or refracted in all, with the exact Fresnel
/// reflectance and with Fresnel 0 wherever refraction is possible.
const ALBEDO_GLASS_FIRST: u32 = 35144u;
/// Cells along (cos θ)^¼.
const ALBEDO_GLASS_COLUMNS: u32 = 32u;
/// Cells along alpha^¼, as of GGX.
const ALBEDO_GLASS_ROWS: u32 = 16u;
/// Cells along ±√|e|, e = 2 (eta − 1) / (eta + 1), from −1 to 1.
const ALBEDO_GLASS_INDICES: u32 = 40u;

/// Albedos at two neighbouring nodes of the table. 16 bytes.
struct AlbedoPair {
    /// At the lower node.
    lower: vec2<f32>,
    /// At the upper node.
    upper: vec2<f32>,
}
