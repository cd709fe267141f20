//! What lets light through: `KHR_materials_transmission`, `_diffuse_transmission` and `_volume`.

use super::super::error::Fault;
use super::super::properties::Properties;
use super::super::range::{NON_NEGATIVE, POSITIVE, UNIT};
use super::texture::TextureReader;
use crate::scene::material::{DiffuseTransmission, Transmission, Volume};

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
