//! Cameras of the core specification.

use super::error::Fault;
use super::node::{PlacedNode, orientation};
use super::range::POSITIVE;
use super::warning::Warnings;
use crate::scene::camera::{Camera, Projection};
use glam::DAffine3;
use gltf::json::validation::Checked;
use gltf::json::{self, Root, camera::Type};

/// Reads the cameras of the placed nodes, by their order in the file.
///
/// # Errors
/// When a camera is missing or has impossible properties.
pub(super) fn read(
    root: &Root,
    nodes: &[PlacedNode],
    warnings: &mut Warnings,
) -> Result<Vec<Camera>, Fault> {
    let mut cameras = Vec::new();
    for placed in nodes {
        let Some(node) = root.nodes.get(placed.index) else {
            continue;
        };
        let Some(index) = node.camera else { continue };
        let Some(authored) = root.cameras.get(index.value()) else {
            return Err(Fault::invalid(
                format!("/nodes/{}/camera", placed.index),
                format!("there is no camera {index}"),
            ));
        };
        let projection = projection(authored, &format!("/cameras/{index}"))?;
        let Some(rotation) = orientation(&placed.world_from_node) else {
            warnings.note(
                format!("/nodes/{}", placed.index),
                "its camera is scaled to nothing and looks nowhere; left out",
            );
            continue;
        };
        let place = DAffine3::from_mat3_translation(rotation, placed.world_from_node.translation);
        cameras.push((
            index.value(),
            Camera {
                name: authored
                    .name
                    .clone()
                    .or_else(|| node.name.clone())
                    .unwrap_or_default(),
                world_from_camera: place.as_affine3a(),
                projection,
            },
        ));
    }
    cameras.sort_by_key(|&(index, _)| index);
    Ok(cameras.into_iter().map(|(_, camera)| camera).collect())
}

fn projection(camera: &json::Camera, path: &str) -> Result<Projection, Fault> {
    let missing = |name: &str| Fault::invalid(format!("{path}/{name}"), "missing");
    match camera.type_ {
        Checked::Valid(Type::Perspective) => {
            let lens = camera
                .perspective
                .as_ref()
                .ok_or_else(|| missing("perspective"))?;
            let path = format!("{path}/perspective");
            POSITIVE.check(lens.yfov, || format!("{path}/yfov"))?;
            if lens.yfov >= std::f32::consts::PI {
                return Err(Fault::invalid(
                    format!("{path}/yfov"),
                    format!("{} is no angle below π", lens.yfov),
                )
                .cure("give the vertical field of view in radians"));
            }
            if let Some(aspect_ratio) = lens.aspect_ratio {
                POSITIVE.check(aspect_ratio, || format!("{path}/aspectRatio"))?;
            }
            Ok(Projection::Perspective {
                yfov: lens.yfov,
                aspect_ratio: lens.aspect_ratio,
            })
        }
        Checked::Valid(Type::Orthographic) => {
            let lens = camera
                .orthographic
                .as_ref()
                .ok_or_else(|| missing("orthographic"))?;
            let path = format!("{path}/orthographic");
            // Negative magnifications are legal and flip the image, which no exporter means.
            for (name, value) in [("xmag", lens.xmag), ("ymag", lens.ymag)] {
                POSITIVE.check(value.abs(), || format!("{path}/{name}"))?;
            }
            Ok(Projection::Orthographic {
                xmag: lens.xmag.abs(),
                ymag: lens.ymag.abs(),
            })
        }
        Checked::Invalid => Err(Fault::invalid(
            format!("{path}/type"),
            "neither perspective nor orthographic",
        )),
    }
}
