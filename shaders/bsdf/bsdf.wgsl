#define_import_path skywell::bsdf::bsdf

#import skywell::bsdf::albedo::AlbedoRow

// The scattering of one point of a surface: glTF's metallic-roughness base and every layer over and under it, with
// all that depends on the point and on `wo` alone worked out. `parameters.wgsl` fills it, `eval.wgsl` and
// `sample.wgsl` read it.
//
// Local directions are in `MaterialPoint::basis`: z is the shading normal, on the side of `wo`; `wo` and `wi` are unit and
// leave the surface. Lobes:
//
//  - *specular*: GGX reflection of metal, dielectric and glass in one, and, under BSDF_TRANSMISSION, refraction
//    (or the straight passage of a thin wall) through the same microfacets;
//  - *cosine*: diffuse reflection (Lambert's, or that of rough surfaces, `rough_diffuse.wgsl`) and what microfacets return after several bounces;
//  - *uniform*: the same directions and sheen, drawn evenly over the hemisphere: what several bounces between smooth
//    microfacets return, like sheen, lies near the horizon, where Lambert's density is thin;
//  - *diffuse transmission*, *clearcoat*, *sheen*: each behind its flag.
//
// Energy compensation (FRAME_MULTISCATTER) follows Kulla and Conty 2017, "Revisiting Physically Based Shading at
// Imageworks": the loss 1 − albedo(wo) of single scattering is returned in proportion to 1 − albedo(wi); a diffuse
// base gets what the specular layer leaves, in the same reciprocal form. Glass is scaled by one over its albedo
// (Turquin 2019, "Practical Multiple Scattering Compensation for Microfacet Models"), which is not reciprocal; nor
// are, by their specifications, clearcoat and sheen, which dim what is under them by wo alone. Anisotropic GGX takes
// albedo(wo) from a table of its own and the shape over wi from isotropic GGX: lossless, reciprocal within a few per cent.
//
// Without compensation the lobes are the specification's: separable masking, single scattering, a diffuse base
// dimmed by the Fresnel reflectance at the half vector, which gains energy at grazing angles.
//
// White lossless materials lose what the tables round up: at most 0.2 % (metal, dielectric, clearcoat, thin walls,
// diffuse transmission) or 1 % (anisotropic GGX, sheen, solid glass; but rough glass whose index is within 1 % of its
// surroundings' loses more at grazing angles), see `tests/furnace.rs`. They gain nothing. What loses
// more, by its specification: coloured reflection over a diffuse base (specular colour, iridescence) dims all channels
// by the largest; so does coloured sheen; where bumps turn the shading normal, what would be sent under the geometric
// surface is lost.

/// `Bsdf::flags`: microfacets transmit.
const BSDF_TRANSMISSION: u32 = 1u;
/// `Bsdf::flags`: what is transmitted is refracted.
const BSDF_SOLID: u32 = 2u;
/// `Bsdf::flags`: the specular lobe is a mirror (and a window).
const BSDF_DELTA: u32 = 4u;
/// `Bsdf::flags`: there is diffuse transmission.
const BSDF_DIFFUSE_TRANSMISSION: u32 = 8u;
/// `Bsdf::flags`: there is a clearcoat.
const BSDF_CLEARCOAT: u32 = 16u;
/// `Bsdf::flags`: there is sheen.
const BSDF_SHEEN: u32 = 32u;
/// `Bsdf::flags`: the diffuse base is rough.
const BSDF_ROUGH_DIFFUSE: u32 = 64u;

/// `BsdfSample::flags`: `wi` is on the other side.
const SAMPLE_TRANSMISSION: u32 = 1u;
/// `BsdfSample::flags`: `wi` was the only choice of its lobe: f and pdf are the coefficients of a delta distribution.
const SAMPLE_SPECULAR: u32 = 2u;

/// How one point of a surface scatters light towards one `wo`.
struct Bsdf {
    /// `BSDF_*`.
    flags: u32,

    /// Schlick's reflectance of the specular lobe: this at normal incidence …
    specular_normal: vec3<f32>,
    /// … plus this times (1 − cos)⁵.
    specular_slope: vec3<f32>,
    /// GGX alpha along x and y.
    alpha_x: f32,
    alpha_y: f32,
    /// Density of microfacet normals is this over the squared stretched length: 1 / (4π αx αy wo.z (1 + Λ(wo))).
    visible_scale: f32,
    /// Λ(wo) for height-correlated masking, 0 for separable.
    masking: f32,

    /// Coefficient of the multiple-scattering lobe: times 1 − albedo(wi) and cosine.
    multiscatter: vec3<f32>,
    /// Colour of the diffuse base and of what glass transmits.
    base_color: vec3<f32>,
    /// Coefficient of Lambert's reflection: times colour, what the layer over it lets in from wi, and cosine. If rough,
    /// of single scattering along the normal …
    diffuse: f32,
    /// … and, times `rough_multiple` of the colour, of what single scattering loses from wi.
    diffuse_multiple: f32,
    /// As `base_color`, `diffuse` and `diffuse_multiple`, of diffuse transmission.
    diffuse_transmission_color: vec3<f32>,
    diffuse_transmission: f32,
    diffuse_transmission_multiple: f32,
    /// Of the diffuse base, [0, 1].
    diffuse_roughness: f32,
    /// What the layer over the diffuse base reflects, in its strongest channel: this much at normal incidence …
    layer_normal: f32,
    /// … plus this times (1 − cos)⁵ …
    layer_slope: f32,
    /// … plus this share of what single scattering lost.
    layer_multiscatter: f32,
    /// Row of the albedo table of the specular lobe.
    albedo_row: AlbedoRow,

    /// Probabilities of choosing each lobe; they sum to 1, or all are 0.
    pick_specular: f32,
    pick_cosine: f32,
    pick_diffuse_transmission: f32,
    pick_clearcoat: f32,
    pick_uniform: f32,

    /// Index of refraction beyond the surface over that on wo's side (1 for thin walls).
    eta: f32,
    /// Weight of glass.
    glass: f32,
    /// Specular weight of glass: the share of its Fresnel reflectance that is reflected.
    glass_specular: f32,
    /// Reflectance of glass at normal incidence, with its colour.
    glass_normal: vec3<f32>,

    /// Normal of the clearcoat, local, with wo above it.
    clearcoat_normal: vec3<f32>,
    /// Weight of the clearcoat's reflection; everything under it is dimmed by 1 minus this.
    clearcoat: f32,
    clearcoat_alpha: f32,
    /// As `visible_scale`, `masking`, `multiscatter` and `albedo_row`.
    clearcoat_visible_scale: f32,
    clearcoat_masking: f32,
    clearcoat_multiscatter: f32,
    clearcoat_row: AlbedoRow,

    /// Colour of the sheen, times what lies over it.
    sheen: vec3<f32>,
    /// Λ(wo) of the sheen.
    sheen_lambda: f32,
    /// What the sheen leaves of the base, seen from wo (already multiplied into the base).
    sheen_base: f32,
    /// Largest channel of the authored sheen colour.
    sheen_strength: f32,
    sheen_roughness: f32,
}

/// Value of a BSDF.
struct BsdfEval {
    /// Radiance towards wo per radiance from wi and steradian: BSDF times |cosine|.
    f: vec3<f32>,
    /// Density per solid angle with which `sample_bsdf` chooses wi.
    pdf: f32,
}

/// A direction chosen by a BSDF.
struct BsdfSample {
    /// Local, unit.
    wi: vec3<f32>,
    /// Density per solid angle; probability for a SAMPLE_SPECULAR. 0: nothing was chosen, the path ends.
    pdf: f32,
    /// As in `BsdfEval`; throughput is multiplied by f / pdf.
    f: vec3<f32>,
    /// `SAMPLE_*`.
    flags: u32,
    /// Squared ratio of indices of refraction (beyond over before) that `f` is divided by, since radiance is
    /// compressed with the solid angle; 1 unless refracted. Roulette multiplies it back in.
    eta_scale: f32,
}
