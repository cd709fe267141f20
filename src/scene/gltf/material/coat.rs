//! What lies on the base layer: `KHR_materials_clearcoat` and `KHR_materials_sheen`.

use super::super::error::Fault;
use super::super::properties::Properties;
use super::super::range::UNIT;
use super::texture::TextureReader;
use crate::scene::material::{Clearcoat, Sheen};
use glam::Vec3;

/// Reads the coat; `None` when there is none.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_clearcoat(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
) -> Result<Option<Clearcoat>, Fault> {
    let factor = properties.number("clearcoatFactor", 0.0, UNIT)?;
    let roughness = properties.number("clearcoatRoughnessFactor", 0.0, UNIT)?;
    if factor == 0.0 {
        return Ok(None);
    }
    Ok(Some(Clearcoat {
        factor,
        texture: textures.property(properties, "clearcoatTexture")?,
        roughness,
        roughness_texture: textures.property(properties, "clearcoatRoughnessTexture")?,
        normal: textures.normal_property(properties, "clearcoatNormalTexture")?,
    }))
}

/// Reads the sheen; `None` when there is none.
///
/// # Errors
/// When a property is impossible.
pub(super) fn read_sheen(
    properties: &Properties<'_>,
    textures: &mut TextureReader<'_>,
) -> Result<Option<Sheen>, Fault> {
    let color = properties.vector3("sheenColorFactor", 0.0, UNIT)?;
    let roughness = properties.number("sheenRoughnessFactor", 0.0, UNIT)?;
    if color == Vec3::ZERO {
        return Ok(None);
    }
    Ok(Some(Sheen {
        color,
        color_texture: textures.property(properties, "sheenColorTexture")?,
        roughness,
        roughness_texture: textures.property(properties, "sheenRoughnessTexture")?,
    }))
}
