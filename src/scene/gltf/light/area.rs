//! `EXT_lights_area`: rectangles and disks that shine to one side.

use super::super::error::Fault;
use super::super::node::{PlacedNode, orientation};
use super::super::properties::Properties;
use super::super::range::{NON_NEGATIVE, POSITIVE, UNIT};
use super::super::warning::Warnings;
use super::carried;
use crate::scene::light::{AreaLight, AreaShape};
use glam::{DAffine3, DVec3, Vec2};
use gltf::json::Root;

/// Luminance of a light that states none, cd/m².
const DEFAULT_INTENSITY: f32 = 1000.0;

/// Reads the lights of the placed nodes.
///
/// # Errors
/// When a light is missing or has impossible properties.
pub(in super::super) fn read(
    root: &Root,
    nodes: &[PlacedNode],
    warnings: &mut Warnings,
) -> Result<Vec<AreaLight>, Fault> {
    let mut lights = Vec::new();
    for carried in carried(root, nodes, "EXT_lights_area")? {
        let light = &carried.light;
        let color = light.vector3("color", 1.0, UNIT)?;
        let radiance = color * light.number("intensity", DEFAULT_INTENSITY, NON_NEGATIVE)?;
        let (shape, size) = shape(light)?;
        let world_from_node = &carried.placed.world_from_node;
        let world_from_light = orientation(world_from_node).map(|rotation| {
            let size = (size * largest_scale(world_from_node) as f32).as_dvec2();
            let scale = DVec3::new(size.x, size.y, size.max_element());
            DAffine3::from_mat3_translation(
                rotation * glam::DMat3::from_diagonal(scale),
                world_from_node.translation,
            )
            .as_affine3a()
        });
        let is_solid = |placed: &glam::Affine3A| {
            placed.matrix3.determinant() != 0.0 && placed.inverse().is_finite()
        };
        let Some(world_from_light) = world_from_light.filter(is_solid) else {
            warnings.note(
                carried.path,
                "its light is scaled to nothing, or beyond what single precision holds; left out",
            );
            continue;
        };
        lights.push(AreaLight {
            name: carried.name()?,
            world_from_light,
            shape,
            radiance,
        });
    }
    Ok(lights)
}

/// The light's shape and its width and height, in the node's space.
fn shape(light: &Properties<'_>) -> Result<(AreaShape, Vec2), Fault> {
    let size = light.number("size", 1.0, POSITIVE)?;
    match light.text("type")? {
        Some("rect") => {
            let aspect = match light.object("rect")? {
                Some(rect) => rect.number("aspect", 1.0, POSITIVE)?,
                None => 1.0,
            };
            Ok((AreaShape::Rectangle, Vec2::new(size * aspect, size)))
        }
        Some("disk") => Ok((AreaShape::Disk, Vec2::splat(size))),
        Some(other) => Err(Fault::invalid(
            light.path("type"),
            format!("\"{other}\" is neither rect nor disk"),
        )),
        None => Err(Fault::invalid(light.path("type"), "missing")),
    }
}

/// How much longer the node makes what it makes longest.
fn largest_scale(world_from_node: &DAffine3) -> f64 {
    let axes = world_from_node.matrix3;
    let lengths = [axes.x_axis, axes.y_axis, axes.z_axis].map(DVec3::length);
    lengths.into_iter().fold(0.0, f64::max)
}
