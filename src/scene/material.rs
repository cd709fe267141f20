//! glTF 2.0 materials with their KHR_materials_* extensions, as authored.
//!
//! Names, units, ranges and defaults are those of the specifications. A texture multiplies the
//! factor beside it, by the channels the specification names. An extension whose factor is 0 is
//! `None`. `Encoding` is fixed by the property (base colour, emissive, specular colour, sheen colour and diffuse-transmission colour are sRGB; all else is linear).

use super::texture::TextureRef;
use glam::Vec3;

/// How base-colour alpha is used.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum AlphaMode {
    /// Alpha ignored.
    #[default]
    Opaque,
    /// Present where alpha ≥ cutoff.
    Mask {
        /// The cutoff.
        cutoff: f32,
    },
    /// Covers by alpha.
    Blend,
}

/// A normal map.
#[derive(Clone, Debug, PartialEq)]
pub struct NormalMap {
    /// Tangent-space normals.
    pub texture: TextureRef,
    /// Scale of x and y.
    pub scale: f32,
}

/// KHR_materials_anisotropy.
#[derive(Clone, Debug, PartialEq)]
pub struct Anisotropy {
    /// [0, 1].
    pub strength: f32,
    /// Radians, counter-clockwise from the tangent.
    pub rotation: f32,
    /// RG: direction in [0, 1] → [−1, 1]; B: strength.
    pub texture: Option<TextureRef>,
}

/// KHR_materials_clearcoat.
#[derive(Clone, Debug, PartialEq)]
pub struct Clearcoat {
    /// [0, 1].
    pub factor: f32,
    /// R.
    pub texture: Option<TextureRef>,
    /// [0, 1], perceptual.
    pub roughness: f32,
    /// G.
    pub roughness_texture: Option<TextureRef>,
    /// The coat's own normals; without it the coat uses the interpolated normal.
    pub normal: Option<NormalMap>,
}

/// KHR_materials_diffuse_roughness.
#[derive(Clone, Debug, PartialEq)]
pub struct DiffuseRoughness {
    /// [0, 1]: standard deviation of the angles of facets, in right angles.
    pub factor: f32,
    /// R.
    pub texture: Option<TextureRef>,
}

/// KHR_materials_diffuse_transmission.
#[derive(Clone, Debug, PartialEq)]
pub struct DiffuseTransmission {
    /// [0, 1].
    pub factor: f32,
    /// A.
    pub texture: Option<TextureRef>,
    /// Linear.
    pub color: Vec3,
    /// RGB, sRGB.
    pub color_texture: Option<TextureRef>,
}

/// KHR_materials_iridescence.
#[derive(Clone, Debug, PartialEq)]
pub struct Iridescence {
    /// [0, 1].
    pub factor: f32,
    /// R.
    pub texture: Option<TextureRef>,
    /// ≥ 1.
    pub ior: f32,
    /// Film thickness where the texture is 0, nanometres.
    pub thickness_min_nm: f32,
    /// Film thickness where the texture is 1 or absent, nanometres.
    pub thickness_max_nm: f32,
    /// G.
    pub thickness_texture: Option<TextureRef>,
}

/// KHR_materials_sheen.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheen {
    /// Linear.
    pub color: Vec3,
    /// RGB, sRGB.
    pub color_texture: Option<TextureRef>,
    /// [0, 1], perceptual.
    pub roughness: f32,
    /// A.
    pub roughness_texture: Option<TextureRef>,
}

/// KHR_materials_transmission.
#[derive(Clone, Debug, PartialEq)]
pub struct Transmission {
    /// [0, 1].
    pub factor: f32,
    /// R.
    pub texture: Option<TextureRef>,
}

/// KHR_materials_volume.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// 0 is thin-walled; any other value makes the mesh the boundary of a solid (path tracing
    /// measures true distances, so the value itself and its texture are not used beyond that).
    pub thickness_factor: f32,
    /// Metres in world space; infinite when absent.
    pub attenuation_distance: f32,
    /// Linear, [0, 1]; what is left of white light after `attenuation_distance`.
    pub attenuation_color: Vec3,
}

/// KHR_materials_volume_scatter.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeScatter {
    /// Linear, [0, 1]; what comes back of white light after any number of scattering events in a deep volume.
    pub multiscatter_color: Vec3,
    /// RGB, sRGB.
    pub multiscatter_color_texture: Option<TextureRef>,
    /// Mean cosine of the angle by which one event turns light, [−1, 1].
    pub anisotropy: f32,
}

/// A material.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    /// Authored name, or empty.
    pub name: String,
    /// Linear.
    pub base_color: Vec3,
    /// [0, 1].
    pub base_alpha: f32,
    /// RGBA, sRGB.
    pub base_color_texture: Option<TextureRef>,
    /// [0, 1].
    pub metallic: f32,
    /// [0, 1], perceptual.
    pub roughness: f32,
    /// B: metallic, G: roughness.
    pub metallic_roughness_texture: Option<TextureRef>,
    /// KHR_materials_pbrSpecularGlossiness, if the material is of that kind: its glossiness, [0, 1].
    /// `base_color` is then its diffuse colour, `specular_color` with its texture (whose A multiplies
    /// the glossiness) the reflectance at normal incidence; `metallic`, `roughness`, their texture,
    /// `ior` and `specular` do not count.
    pub glossiness: Option<f32>,
    /// Normals of everything but the coat.
    pub normal: Option<NormalMap>,
    /// Linear radiance, with KHR_materials_emissive_strength multiplied in.
    pub emissive: Vec3,
    /// RGB, sRGB.
    pub emissive_texture: Option<TextureRef>,
    /// Alpha.
    pub alpha_mode: AlphaMode,
    /// Emits from behind too; what glTF culls from behind is rendered from both sides (see `shaders/path/shade.wgsl`).
    pub double_sided: bool,
    /// KHR_materials_unlit: base colour is the radiance, nothing else counts.
    pub unlit: bool,
    /// KHR_materials_ior; 0 means "infinite" (Fresnel 1), as the extension says.
    pub ior: f32,
    /// KHR_materials_dispersion: 20 / Abbe number; 0 is none.
    pub dispersion: f32,
    /// KHR_materials_specular factor.
    pub specular: f32,
    /// A.
    pub specular_texture: Option<TextureRef>,
    /// KHR_materials_specular colour, linear, may exceed 1.
    pub specular_color: Vec3,
    /// RGB, sRGB.
    pub specular_color_texture: Option<TextureRef>,
    /// Anisotropy.
    pub anisotropy: Option<Anisotropy>,
    /// Clearcoat.
    pub clearcoat: Option<Clearcoat>,
    /// Roughness of the diffuse base.
    pub diffuse_roughness: Option<DiffuseRoughness>,
    /// Diffuse transmission.
    pub diffuse_transmission: Option<DiffuseTransmission>,
    /// Iridescence.
    pub iridescence: Option<Iridescence>,
    /// Sheen.
    pub sheen: Option<Sheen>,
    /// Transmission.
    pub transmission: Option<Transmission>,
    /// Volume.
    pub volume: Option<Volume>,
    /// Scattering in the volume.
    pub volume_scatter: Option<VolumeScatter>,
}

impl Default for Material {
    /// glTF's default material: white, metallic 1, roughness 1.
    fn default() -> Self {
        Self {
            name: String::new(),
            base_color: Vec3::ONE,
            base_alpha: 1.0,
            base_color_texture: None,
            metallic: 1.0,
            roughness: 1.0,
            metallic_roughness_texture: None,
            glossiness: None,
            normal: None,
            emissive: Vec3::ZERO,
            emissive_texture: None,
            alpha_mode: AlphaMode::Opaque,
            double_sided: false,
            unlit: false,
            ior: 1.5,
            dispersion: 0.0,
            specular: 1.0,
            specular_texture: None,
            specular_color: Vec3::ONE,
            specular_color_texture: None,
            anisotropy: None,
            clearcoat: None,
            diffuse_roughness: None,
            diffuse_transmission: None,
            iridescence: None,
            sheen: None,
            transmission: None,
            volume: None,
            volume_scatter: None,
        }
    }
}
