//! What changes the base layer's reflection: `KHR_materials_ior`, `_specular`, `_anisotropy`,
//! `_iridescence` and `_diffuse_roughness`; and `_pbrSpecularGlossiness`, another base layer.

use super::super::error::Fault;
use super::super::properties::Properties;
use super::super::range::{FINITE, NON_NEGATIVE, ONE_OR_MORE, UNIT};
use super::texture::TextureReader;
use crate::scene::material::{Anisotropy, DiffuseRoughness, Iridescence, Material};
use glam::Vec3;

/// Reads the index of refraction: 1 or more, or 0 for a Fresnel term of 1.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_ior(properties: &Properties<'_>, material: &mut Material) -> Result<(), Fault> {
    let ior = properties.number("ior", 1.5, NON_NEGATIVE)?;
    if ior != 0.0 {
        ONE_OR_MORE.check(ior, || properties.path("ior"))?;
    }
    material.ior = ior;
    Ok(())
}

/// Reads a base layer that states its reflectance at normal incidence.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_glossy(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
    material: &mut Material,
) -> Result<(), Fault> {
    let [red, green, blue, alpha] = properties.vector4("diffuseFactor", 1.0, UNIT)?;
    material.base_color = Vec3::new(red, green, blue);
    material.base_alpha = alpha;
    material.base_color_texture = textures.property(properties, "diffuseTexture")?;
    material.specular_color = properties.vector3("specularFactor", 1.0, UNIT)?;
    material.specular_color_texture = textures.property(properties, "specularGlossinessTexture")?;
    material.glossiness = Some(properties.number("glossinessFactor", 1.0, UNIT)?);
    Ok(())
}

/// Reads strength and colour of the dielectric reflection.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_specular(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
    material: &mut Material,
) -> Result<(), Fault> {
    material.specular = properties.number("specularFactor", 1.0, UNIT)?;
    material.specular_texture = textures.property(properties, "specularTexture")?;
    material.specular_color = properties.vector3("specularColorFactor", 1.0, NON_NEGATIVE)?;
    material.specular_color_texture = textures.property(properties, "specularColorTexture")?;
    Ok(())
}

/// Reads the stretching of highlights; `None` when there is none.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_anisotropy(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
) -> Result<Option<Anisotropy>, Fault> {
    let strength = properties.number("anisotropyStrength", 0.0, UNIT)?;
    let rotation = properties.number("anisotropyRotation", 0.0, FINITE)?;
    if strength == 0.0 {
        return Ok(None);
    }
    let texture = textures.property(properties, "anisotropyTexture")?;
    Ok(Some(Anisotropy {
        strength,
        rotation,
        texture,
    }))
}

/// Reads the thin film; `None` when there is none.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_iridescence(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
) -> Result<Option<Iridescence>, Fault> {
    let factor = properties.number("iridescenceFactor", 0.0, UNIT)?;
    let ior = properties.number("iridescenceIor", 1.3, ONE_OR_MORE)?;
    let thickness_min_nm = properties.number("iridescenceThicknessMinimum", 100.0, NON_NEGATIVE)?;
    let thickness_max_nm = properties.number("iridescenceThicknessMaximum", 400.0, NON_NEGATIVE)?;
    if factor == 0.0 {
        return Ok(None);
    }
    Ok(Some(Iridescence {
        factor,
        texture: textures.property(properties, "iridescenceTexture")?,
        ior,
        thickness_min_nm,
        thickness_max_nm,
        thickness_texture: textures.property(properties, "iridescenceThicknessTexture")?,
    }))
}

/// Reads how rough the diffuse base is; `None` when it is smooth.
///
/// Follows the draft of 15 September 2025. The default of the factor is that of its text, 0; its schema says 1.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_diffuse_roughness(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
) -> Result<Option<DiffuseRoughness>, Fault> {
    let factor = properties.number("diffuseRoughnessFactor", 0.0, UNIT)?;
    if factor == 0.0 {
        return Ok(None);
    }
    let texture = textures.property(properties, "diffuseRoughnessTexture")?;
    Ok(Some(DiffuseRoughness { factor, texture }))
}
