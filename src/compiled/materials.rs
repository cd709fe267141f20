//! Materials as the records the shaders read: factors, texture slots, and flags that name the layers there are.
//!
//! A layer that can have no effect is not flagged, so that the shaders skip it. What the records mean for light is
//! told in `shaders/bsdf`.

use super::record::{
    MATERIAL_ALPHA_BLEND, MATERIAL_ALPHA_MASK, MATERIAL_ANISOTROPY, MATERIAL_CLEARCOAT,
    MATERIAL_DIFFUSE_ROUGHNESS, MATERIAL_DIFFUSE_TRANSMISSION, MATERIAL_DOUBLE_SIDED,
    MATERIAL_EMISSIVE, MATERIAL_IRIDESCENCE, MATERIAL_OPEN_BOUNDARY, MATERIAL_SHEEN,
    MATERIAL_SOLID, MATERIAL_SPECULAR_GLOSSINESS, MATERIAL_TRANSMISSION, MATERIAL_UNLIT, Material,
    MaterialLayers,
};
use super::scattering::has_open_boundary;
use super::textures::TextureTable;
use crate::math::portable;
use crate::scene::material::{self, AlphaMode, NormalMap};
use crate::scene::texture::{Encoding, TextureRef};
use glam::Vec3;

/// "No texture" and "no layers".
const INVALID: u32 = u32::MAX;

/// The material tables.
#[derive(Clone, Debug, Default)]
pub struct MaterialTable {
    /// One record a material, in the scene's order.
    pub materials: Vec<Material>,
    /// What few materials have; [`Material::layers`] is an index.
    pub layers: Vec<MaterialLayers>,
}

impl MaterialTable {
    /// Packs `materials`, interning what they use of `textures`.
    pub fn build(materials: &[material::Material], textures: &mut TextureTable) -> Self {
        let mut table = Self::default();
        for material in materials {
            let packed = table.pack(material, textures);
            table.materials.push(packed);
        }
        table
    }

    fn pack(&mut self, material: &material::Material, textures: &mut TextureTable) -> Material {
        let mut slot = |texture: &Option<TextureRef>, encoding| slot(textures, texture, encoding);
        let mut record = Material {
            base_color: material.base_color.to_array(),
            flags: core_flags(material),
            metallic: material.metallic,
            roughness: material.roughness,
            base_color_texture: slot(&material.base_color_texture, Encoding::Srgb),
            metallic_roughness_texture: INVALID,
            specular_color: material.specular_color.to_array(),
            specular: material.specular,
            specular_texture: INVALID,
            specular_color_texture: INVALID,
            normal_texture: INVALID,
            normal_scale: 1.0,
            emissive: material.emissive.to_array(),
            emissive_texture: INVALID,
            base_alpha: material.base_alpha,
            alpha_cutoff: match material.alpha_mode {
                AlphaMode::Mask { cutoff } => cutoff,
                AlphaMode::Opaque | AlphaMode::Blend => 0.0,
            },
            layers: INVALID,
            dielectric_reflectance: normal_reflectance(material.ior),
        };
        if material.unlit {
            return record;
        }
        if let Some(glossiness) = material.glossiness {
            record.flags |= MATERIAL_SPECULAR_GLOSSINESS;
            record.metallic = 0.0;
            record.roughness = glossiness;
            record.dielectric_reflectance = 1.0;
            record.specular = 1.0;
        }
        if material.glossiness.is_none() {
            record.metallic_roughness_texture =
                slot(&material.metallic_roughness_texture, Encoding::Linear);
            record.specular_texture = slot(&material.specular_texture, Encoding::Linear);
        }
        record.specular_color_texture = slot(&material.specular_color_texture, Encoding::Srgb);
        if material.emissive != Vec3::ZERO {
            record.emissive_texture = slot(&material.emissive_texture, Encoding::Srgb);
        }
        (record.normal_texture, record.normal_scale) = normal_map(textures, &material.normal);
        let (layers, flags) = pack_layers(material, textures);
        if flags != 0 {
            record.flags |= flags;
            record.layers = self.layers.len() as u32;
            self.layers.push(layers);
        }
        record
    }
}

/// Reflectance of an interface between air and index `ior` at normal incidence; 1 for glTF's index 0.
fn normal_reflectance(ior: f32) -> f32 {
    let r = (ior - 1.0) / (ior + 1.0);
    r * r
}

fn core_flags(material: &material::Material) -> u32 {
    let alpha = match material.alpha_mode {
        AlphaMode::Opaque => 0,
        AlphaMode::Mask { .. } => MATERIAL_ALPHA_MASK,
        AlphaMode::Blend => MATERIAL_ALPHA_BLEND,
    };
    let solid = material
        .volume
        .as_ref()
        .is_some_and(|volume| volume.thickness_factor > 0.0);
    alpha
        | flag(material.double_sided, MATERIAL_DOUBLE_SIDED)
        | flag(material.unlit, MATERIAL_UNLIT)
        | flag(solid && !material.unlit, MATERIAL_SOLID)
        | flag(has_open_boundary(material), MATERIAL_OPEN_BOUNDARY)
        | flag(
            material.emissive != Vec3::ZERO && !material.unlit,
            MATERIAL_EMISSIVE,
        )
}

fn flag(set: bool, bits: u32) -> u32 {
    if set { bits } else { 0 }
}

fn slot(textures: &mut TextureTable, texture: &Option<TextureRef>, encoding: Encoding) -> u32 {
    texture
        .as_ref()
        .map_or(INVALID, |texture| textures.slot(texture, encoding))
}

/// Slot and scale of a normal map.
fn normal_map(textures: &mut TextureTable, map: &Option<NormalMap>) -> (u32, f32) {
    map.as_ref().map_or((INVALID, 1.0), |map| {
        (textures.slot(&map.texture, Encoding::Linear), map.scale)
    })
}

/// Layers without effect.
const NO_LAYERS: MaterialLayers = MaterialLayers {
    transmission: 0.0,
    transmission_texture: INVALID,
    diffuse_transmission: 0.0,
    diffuse_transmission_texture: INVALID,
    diffuse_transmission_color: [0.0; 3],
    diffuse_transmission_color_texture: INVALID,
    clearcoat: 0.0,
    clearcoat_texture: INVALID,
    clearcoat_roughness: 0.0,
    clearcoat_roughness_texture: INVALID,
    clearcoat_normal_texture: INVALID,
    clearcoat_normal_scale: 1.0,
    anisotropy: 0.0,
    anisotropy_texture: INVALID,
    sheen_color: [0.0; 3],
    sheen_color_texture: INVALID,
    sheen_roughness: 0.0,
    sheen_roughness_texture: INVALID,
    anisotropy_cos: 1.0,
    anisotropy_sin: 0.0,
    iridescence: 0.0,
    iridescence_texture: INVALID,
    iridescence_ior: 1.3,
    iridescence_thickness_texture: INVALID,
    iridescence_thickness_min: 0.0,
    iridescence_thickness_max: 0.0,
    diffuse_roughness: 0.0,
    diffuse_roughness_texture: INVALID,
};

/// The layers of `material` and the flags of those that have an effect.
fn pack_layers(
    material: &material::Material,
    textures: &mut TextureTable,
) -> (MaterialLayers, u32) {
    let mut layers = NO_LAYERS;
    let mut flags = 0;
    if let Some(transmission) = material.transmission.as_ref().filter(|t| t.factor > 0.0) {
        flags |= MATERIAL_TRANSMISSION;
        layers.transmission = transmission.factor;
        layers.transmission_texture = slot(textures, &transmission.texture, Encoding::Linear);
    }
    if let Some(diffuse) = material
        .diffuse_transmission
        .as_ref()
        .filter(|t| t.factor > 0.0)
    {
        flags |= MATERIAL_DIFFUSE_TRANSMISSION;
        layers.diffuse_transmission = diffuse.factor;
        layers.diffuse_transmission_texture = slot(textures, &diffuse.texture, Encoding::Linear);
        layers.diffuse_transmission_color = diffuse.color.to_array();
        layers.diffuse_transmission_color_texture =
            slot(textures, &diffuse.color_texture, Encoding::Srgb);
    }
    if let Some(coat) = material.clearcoat.as_ref().filter(|c| c.factor > 0.0) {
        flags |= MATERIAL_CLEARCOAT;
        layers.clearcoat = coat.factor;
        layers.clearcoat_texture = slot(textures, &coat.texture, Encoding::Linear);
        layers.clearcoat_roughness = coat.roughness;
        layers.clearcoat_roughness_texture =
            slot(textures, &coat.roughness_texture, Encoding::Linear);
        (
            layers.clearcoat_normal_texture,
            layers.clearcoat_normal_scale,
        ) = normal_map(textures, &coat.normal);
    }
    if let Some(anisotropy) = material.anisotropy.as_ref().filter(|a| a.strength > 0.0) {
        flags |= MATERIAL_ANISOTROPY;
        layers.anisotropy = anisotropy.strength;
        let (sin, cos) = portable::sin_cos(anisotropy.rotation.into());
        (layers.anisotropy_cos, layers.anisotropy_sin) = (cos as f32, sin as f32);
        layers.anisotropy_texture = slot(textures, &anisotropy.texture, Encoding::Linear);
    }
    if let Some(sheen) = material.sheen.as_ref().filter(|s| s.color != Vec3::ZERO) {
        flags |= MATERIAL_SHEEN;
        layers.sheen_color = sheen.color.to_array();
        layers.sheen_color_texture = slot(textures, &sheen.color_texture, Encoding::Srgb);
        layers.sheen_roughness = sheen.roughness;
        layers.sheen_roughness_texture = slot(textures, &sheen.roughness_texture, Encoding::Linear);
    }
    if let Some(film) = material.iridescence.as_ref().filter(|i| i.factor > 0.0) {
        flags |= MATERIAL_IRIDESCENCE;
        layers.iridescence = film.factor;
        layers.iridescence_texture = slot(textures, &film.texture, Encoding::Linear);
        layers.iridescence_ior = film.ior;
        layers.iridescence_thickness_min = film.thickness_min_nm;
        layers.iridescence_thickness_max = film.thickness_max_nm;
        layers.iridescence_thickness_texture =
            slot(textures, &film.thickness_texture, Encoding::Linear);
    }
    if let Some(rough) = material
        .diffuse_roughness
        .as_ref()
        .filter(|r| r.factor > 0.0)
    {
        flags |= MATERIAL_DIFFUSE_ROUGHNESS;
        layers.diffuse_roughness = rough.factor;
        layers.diffuse_roughness_texture = slot(textures, &rough.texture, Encoding::Linear);
    }
    (layers, flags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::ImageId;
    use crate::scene::material::{
        Anisotropy, Clearcoat, DiffuseRoughness, DiffuseTransmission, Iridescence, Sheen,
        Transmission, Volume,
    };
    use crate::scene::texture::{Image, Pixels, TexelFilter, Wrap};
    use glam::Affine2;

    fn textures() -> TextureTable {
        TextureTable::new(vec![Image {
            name: String::new(),
            width: 1,
            height: 1,
            pixels: Pixels::Rgba8(vec![255; 4]),
        }])
    }

    fn texture(set: u32) -> TextureRef {
        TextureRef {
            image: ImageId(0),
            texcoord_set: set,
            uv_transform: Affine2::IDENTITY,
            wrap: [Wrap::Repeat; 2],
            filter: TexelFilter::Linear,
        }
    }

    fn pack(material: &material::Material) -> (Material, MaterialTable) {
        let table = MaterialTable::build(std::slice::from_ref(material), &mut textures());
        (table.materials[0], table)
    }

    #[test]
    fn a_plain_material_has_no_layers_and_no_textures() {
        let (record, table) = pack(&material::Material::default());
        assert_eq!((record.flags, record.layers), (0, INVALID));
        assert!(table.layers.is_empty());
        let slots = [
            record.base_color_texture,
            record.metallic_roughness_texture,
            record.specular_texture,
            record.specular_color_texture,
            record.normal_texture,
            record.emissive_texture,
        ];
        assert_eq!(slots, [INVALID; 6]);
        assert!((record.dielectric_reflectance - 0.04).abs() < 1e-7);
    }

    #[test]
    fn glossiness_takes_the_place_of_metal_and_roughness() {
        let (record, _) = pack(&material::Material {
            glossiness: Some(0.75),
            specular: 0.5,
            metallic_roughness_texture: Some(texture(0)),
            ..material::Material::default()
        });
        assert_eq!(record.flags, MATERIAL_SPECULAR_GLOSSINESS);
        assert_eq!((record.metallic, record.roughness), (0.0, 0.75));
        assert_eq!((record.dielectric_reflectance, record.specular), (1.0, 1.0));
        assert_eq!(record.metallic_roughness_texture, INVALID);
    }

    #[test]
    fn index_zero_reflects_everything() {
        let (record, _) = pack(&material::Material {
            ior: 0.0,
            ..material::Material::default()
        });
        assert_eq!(record.dielectric_reflectance, 1.0);
    }

    #[test]
    fn layers_without_effect_are_not_flagged() {
        let (record, table) = pack(&material::Material {
            transmission: Some(Transmission {
                factor: 0.0,
                texture: Some(texture(0)),
            }),
            sheen: Some(Sheen {
                color: Vec3::ZERO,
                color_texture: None,
                roughness: 0.5,
                roughness_texture: None,
            }),
            ..material::Material::default()
        });
        assert_eq!((record.flags, record.layers), (0, INVALID));
        assert!(table.layers.is_empty());
    }

    #[test]
    fn every_layer_arrives_with_its_flag() {
        let all = material::Material {
            alpha_mode: AlphaMode::Mask { cutoff: 0.25 },
            double_sided: true,
            emissive: Vec3::new(1.0, 2.0, 3.0),
            anisotropy: Some(Anisotropy {
                strength: 0.5,
                rotation: std::f32::consts::FRAC_PI_2,
                texture: None,
            }),
            clearcoat: Some(Clearcoat {
                factor: 0.7,
                texture: None,
                roughness: 0.2,
                roughness_texture: Some(texture(1)),
                normal: Some(NormalMap {
                    texture: texture(0),
                    scale: 0.4,
                }),
            }),
            diffuse_roughness: Some(DiffuseRoughness {
                factor: 0.35,
                texture: Some(texture(1)),
            }),
            diffuse_transmission: Some(DiffuseTransmission {
                factor: 0.3,
                texture: None,
                color: Vec3::new(0.1, 0.2, 0.3),
                color_texture: Some(texture(0)),
            }),
            iridescence: Some(Iridescence {
                factor: 0.9,
                texture: None,
                ior: 1.4,
                thickness_min_nm: 100.0,
                thickness_max_nm: 400.0,
                thickness_texture: None,
            }),
            sheen: Some(Sheen {
                color: Vec3::new(0.0, 0.5, 0.0),
                color_texture: None,
                roughness: 0.6,
                roughness_texture: None,
            }),
            transmission: Some(Transmission {
                factor: 0.8,
                texture: None,
            }),
            volume: Some(Volume {
                thickness_factor: 1.0,
                attenuation_distance: f32::INFINITY,
                attenuation_color: Vec3::ONE,
            }),
            ..material::Material::default()
        };
        let (record, table) = pack(&all);
        let expected = MATERIAL_ALPHA_MASK
            | MATERIAL_DOUBLE_SIDED
            | MATERIAL_SOLID
            | MATERIAL_EMISSIVE
            | MATERIAL_TRANSMISSION
            | MATERIAL_DIFFUSE_ROUGHNESS
            | MATERIAL_DIFFUSE_TRANSMISSION
            | MATERIAL_CLEARCOAT
            | MATERIAL_SHEEN
            | MATERIAL_IRIDESCENCE
            | MATERIAL_ANISOTROPY;
        assert_eq!(
            (record.flags, record.layers, record.alpha_cutoff),
            (expected, 0, 0.25)
        );
        let layers = table.layers[0];
        assert_eq!(
            (
                layers.transmission,
                layers.diffuse_transmission,
                layers.clearcoat
            ),
            (0.8, 0.3, 0.7)
        );
        assert_eq!(layers.diffuse_roughness, 0.35);
        assert_ne!(layers.diffuse_roughness_texture, INVALID);
        assert_eq!(layers.sheen_color, [0.0, 0.5, 0.0]);
        assert_eq!(
            (layers.iridescence_ior, layers.iridescence_thickness_max),
            (1.4, 400.0)
        );
        assert!(layers.anisotropy_cos.abs() < 1e-6 && layers.anisotropy_sin == 1.0);
        assert_eq!(
            (layers.clearcoat_normal_scale, layers.clearcoat_texture),
            (0.4, INVALID)
        );
        // Three uses: the coat's roughness in set 1, its normals, and the transmitted colour through the sRGB curve.
        let slots = [
            layers.diffuse_transmission_color_texture,
            layers.clearcoat_roughness_texture,
            layers.clearcoat_normal_texture,
        ];
        assert_eq!(slots, [0, 1, 2]);
    }

    #[test]
    fn unlit_keeps_colour_and_alpha_alone() {
        let (record, table) = pack(&material::Material {
            unlit: true,
            alpha_mode: AlphaMode::Blend,
            emissive: Vec3::ONE,
            base_color_texture: Some(texture(0)),
            sheen: Some(Sheen {
                color: Vec3::ONE,
                color_texture: None,
                roughness: 0.5,
                roughness_texture: None,
            }),
            ..material::Material::default()
        });
        assert_eq!(record.flags, MATERIAL_UNLIT | MATERIAL_ALPHA_BLEND);
        assert_eq!((record.base_color_texture, record.layers), (0, INVALID));
        assert!(table.layers.is_empty());
    }
}
