//! `KHR_lights_punctual`.

use super::super::error::Fault;
use super::super::node::{PlacedNode, orientation};
use super::super::properties::Properties;
use super::super::range::{NON_NEGATIVE, UNIT};
use super::super::warning::Warnings;
use super::carried;
use crate::scene::light::{PunctualKind, PunctualLight};
use glam::Vec3;
use gltf::json::Root;
use std::f32::consts::{FRAC_PI_2, FRAC_PI_4};

/// What the file says about a light, whoever carries it.
struct AuthoredLight {
    intensity: Vec3,
    range: Option<f32>,
    kind: PunctualKind,
}

/// Reads the lights of the placed nodes.
///
/// # Errors
/// When a light is missing or has impossible properties.
pub(in super::super) fn read(
    root: &Root,
    nodes: &[PlacedNode],
    warnings: &mut Warnings,
) -> Result<Vec<PunctualLight>, Fault> {
    let mut lights = Vec::new();
    for carried in carried(root, nodes, "KHR_lights_punctual")? {
        let light = parse(&carried.light, warnings)?;
        let world_from_node = &carried.placed.world_from_node;
        let direction = match (orientation(world_from_node), light.kind) {
            (Some(rotation), _) => -rotation.z_axis.as_vec3(),
            (None, PunctualKind::Point) => Vec3::NEG_Z,
            (None, _) => {
                warnings.note(
                    carried.path,
                    "its light is scaled to nothing and shines nowhere; left out",
                );
                continue;
            }
        };
        lights.push(PunctualLight {
            name: carried.name()?,
            position: world_from_node.translation.as_vec3(),
            direction,
            intensity: light.intensity,
            range: light.range,
            kind: light.kind,
        });
    }
    Ok(lights)
}

fn parse(light: &Properties<'_>, warnings: &mut Warnings) -> Result<AuthoredLight, Fault> {
    let color = light.vector3("color", 1.0, UNIT)?;
    let intensity = light.number("intensity", 1.0, NON_NEGATIVE)?;
    // "When given a non-zero value": an explicit zero means unlimited too.
    let range = light
        .optional_number("range", NON_NEGATIVE)?
        .filter(|&range| range > 0.0);
    let (kind, range) = match light.text("type")? {
        Some("directional") => (PunctualKind::Directional, None),
        Some("point") => (PunctualKind::Point, range),
        Some("spot") => (cone(light, warnings)?, range),
        Some(other) => {
            return Err(Fault::invalid(
                light.path("type"),
                format!("\"{other}\" is neither directional, point nor spot"),
            ));
        }
        None => return Err(Fault::invalid(light.path("type"), "missing")),
    };
    Ok(AuthoredLight {
        intensity: color * intensity,
        range,
        kind,
    })
}

fn cone(light: &Properties<'_>, warnings: &mut Warnings) -> Result<PunctualKind, Fault> {
    let Some(spot) = light.object("spot")? else {
        return Ok(PunctualKind::Spot {
            inner_cone_angle: 0.0,
            outer_cone_angle: FRAC_PI_4,
        });
    };
    let inner_cone_angle = spot.number("innerConeAngle", 0.0, NON_NEGATIVE)?;
    let outer_cone_angle = spot.number("outerConeAngle", FRAC_PI_4, NON_NEGATIVE)?;
    // Exporters round π/2 upwards.
    if outer_cone_angle > FRAC_PI_2 * 1.0001 {
        return Err(Fault::invalid(
            spot.path("outerConeAngle"),
            format!("{outer_cone_angle} is outside (0, π/2]"),
        )
        .cure("give half the cone's angle in radians"));
    }
    // Exporters make the two equal for a hard edge, though they must not be.
    if inner_cone_angle > outer_cone_angle {
        warnings.note(
            spot.path("innerConeAngle"),
            "is beyond outerConeAngle; the cone ends there, with a hard edge",
        );
    }
    let outer_cone_angle = outer_cone_angle.min(FRAC_PI_2);
    Ok(PunctualKind::Spot {
        inner_cone_angle: inner_cone_angle.min(outer_cone_angle),
        outer_cone_angle,
    })
}
