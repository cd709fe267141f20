//! What lets light through: `KHR_materials_transmission`, `_diffuse_transmission`, `_volume` and `_volume_scatter`.

use super::super::error::Fault;
use super::super::properties::Properties;
use super::super::range::{NON_NEGATIVE, POSITIVE, SIGNED_UNIT, UNIT};
use super::texture::TextureReader;
use crate::scene::material::{DiffuseTransmission, Transmission, Volume, VolumeScatter};
use glam::Vec3;

/// Reads the specular transmission; `None` when there is none.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_transmission(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
) -> Result<Option<Transmission>, Fault> {
    let factor = properties.number("transmissionFactor", 0.0, UNIT)?;
    if factor == 0.0 {
        return Ok(None);
    }
    let texture = textures.property(properties, "transmissionTexture")?;
    Ok(Some(Transmission { factor, texture }))
}

/// Reads the diffuse transmission; `None` when there is none.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_diffuse(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
) -> Result<Option<DiffuseTransmission>, Fault> {
    let factor = properties.number("diffuseTransmissionFactor", 0.0, UNIT)?;
    let color = properties.vector3("diffuseTransmissionColorFactor", 1.0, UNIT)?;
    if factor == 0.0 {
        return Ok(None);
    }
    Ok(Some(DiffuseTransmission {
        factor,
        texture: textures.property(properties, "diffuseTransmissionTexture")?,
        color,
        color_texture: textures.property(properties, "diffuseTransmissionColorTexture")?,
    }))
}

/// Reads what is inside. The thickness texture is for renderers that cannot trace rays.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_volume(properties: &Properties<'_>) -> Result<Volume, Fault> {
    let distance = properties.optional_number("attenuationDistance", POSITIVE)?;
    Ok(Volume {
        thickness_factor: properties.number("thicknessFactor", 0.0, NON_NEGATIVE)?,
        attenuation_distance: distance.unwrap_or(f32::INFINITY),
        attenuation_color: properties.vector3("attenuationColor", 1.0, UNIT)?,
    })
}

/// Reads what light meets inside; `None` when nothing scatters it.
///
/// Follows the draft of 9 February 2026, whose schema still has the colour's older name.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_volume_scatter(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
) -> Result<Option<VolumeScatter>, Fault> {
    let older = properties.vector3("multiscatterColor", 0.0, UNIT)?;
    let color = match properties.has("multiscatterColorFactor") {
        true => properties.vector3("multiscatterColorFactor", 0.0, UNIT)?,
        false => older,
    };
    let anisotropy = properties.number("scatterAnisotropy", 0.0, SIGNED_UNIT)?;
    let texture = textures.property(properties, "multiscatterColorTexture")?;
    Ok((color != Vec3::ZERO).then_some(VolumeScatter {
        multiscatter_color: color,
        multiscatter_color_texture: texture,
        anisotropy,
    }))
}
