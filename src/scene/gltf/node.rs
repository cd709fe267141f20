//! The node hierarchy: which scene, and where each of its nodes stands in the world.

use super::error::Fault;
use super::properties::Properties;
use super::warning::Warnings;
use glam::{DAffine3, DMat3, DMat4, DQuat, DVec3};
use gltf::json::{self, Root};

/// A node of the scene and its place, in double precision until all parents are multiplied in.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedNode {
    /// Index in `nodes`.
    pub(super) index: usize,
    /// Node to world.
    pub(super) world_from_node: DAffine3,
    /// Does it show (KHR_node_visibility)? Cameras see and joints move even where nothing shows.
    pub(super) visible: bool,
}

/// Lists the nodes of the wanted scene, parents before children, in file order.
///
/// # Errors
/// When there is no such scene, or its nodes are no tree.
pub(super) fn place(
    root: &Root,
    scene_index: Option<usize>,
    warnings: &mut Warnings,
) -> Result<Vec<PlacedNode>, Fault> {
    let mut seen = vec![false; root.nodes.len()];
    let mut placed = Vec::new();
    // Depth first without recursion; pushed backwards so that popping keeps the file's order.
    let mut pending: Vec<(usize, String, DAffine3, bool)> = Vec::new();
    for (index, path) in roots(root, scene_index, warnings)?.into_iter().rev() {
        pending.push((index, path, DAffine3::IDENTITY, true));
    }
    while let Some((index, path, world_from_parent, parent_visible)) = pending.pop() {
        let (Some(node), Some(seen)) = (root.nodes.get(index), seen.get_mut(index)) else {
            return Err(Fault::invalid(path, format!("there is no node {index}")));
        };
        if std::mem::replace(seen, true) {
            return Err(Fault::invalid(
                path,
                format!("node {index} is reached twice; nodes must form a tree, without cycles"),
            ));
        }
        let world_from_node = world_from_parent * local_transform(node, index)?;
        if !world_from_node.as_affine3a().is_finite() {
            return Err(Fault::invalid(
                format!("/nodes/{index}"),
                "its place in the world overflows",
            ));
        }
        let visible = parent_visible && is_visible(node, index)?;
        placed.push(PlacedNode {
            index,
            world_from_node,
            visible,
        });
        for (i, child) in node
            .children
            .as_deref()
            .unwrap_or_default()
            .iter()
            .enumerate()
            .rev()
        {
            pending.push((
                child.value(),
                format!("/nodes/{index}/children/{i}"),
                world_from_node,
                visible,
            ));
        }
    }
    Ok(placed)
}

/// The index of the wanted scene; `None` when the file has no scenes.
pub(super) fn chosen_scene(root: &Root, scene_index: Option<usize>) -> Option<usize> {
    let own = root.scene.map(|index| index.value());
    let first = (!root.scenes.is_empty()).then_some(0);
    scene_index.or(own).or(first)
}

/// The roots of the wanted scene, each with the JSON pointer that names it.
fn roots(
    root: &Root,
    scene_index: Option<usize>,
    warnings: &mut Warnings,
) -> Result<Vec<(usize, String)>, Fault> {
    let n_scenes = root.scenes.len();
    let Some(index) = chosen_scene(root, scene_index) else {
        warnings.note(
            "/scenes",
            "the file has no scene; all of its nodes are shown",
        );
        return Ok(orphans(root));
    };
    let Some(scene) = root.scenes.get(index) else {
        let cure = match n_scenes {
            0 => "the file has no scenes: leave the scene index away".to_owned(),
            1 => "the only scene has index 0".to_owned(),
            n => format!("choose a scene index from 0 to {}", n - 1),
        };
        return Err(match scene_index {
            Some(_) => Fault::no_such("scene", &index.to_string(), cure),
            None => Fault::invalid("/scene", format!("there is no scene {index}")).cure(cure),
        });
    };
    let name = |(i, node): (usize, &json::Index<json::Node>)| {
        (node.value(), format!("/scenes/{index}/nodes/{i}"))
    };
    Ok(scene.nodes.iter().enumerate().map(name).collect())
}

/// Nodes that are no node's child.
fn orphans(root: &Root) -> Vec<(usize, String)> {
    let mut is_child = vec![false; root.nodes.len()];
    for child in root
        .nodes
        .iter()
        .flat_map(|node| node.children.iter().flatten())
    {
        if let Some(is_child) = is_child.get_mut(child.value()) {
            *is_child = true;
        }
    }
    let orphans = is_child
        .into_iter()
        .enumerate()
        .filter(|(_, is_child)| !is_child);
    orphans
        .map(|(index, _)| (index, format!("/nodes/{index}")))
        .collect()
}

/// Does the node show, as far as it has a say?
fn is_visible(node: &json::Node, index: usize) -> Result<bool, Fault> {
    let extensions = node.extensions.as_ref().map(|e| &e.others);
    let path = format!("/nodes/{index}");
    match Properties::extension(extensions, &path, "KHR_node_visibility")? {
        Some(extension) => Ok(extension.truth("visible")?.unwrap_or(true)),
        None => Ok(true),
    }
}

/// Node to parent.
fn local_transform(node: &json::Node, index: usize) -> Result<DAffine3, Fault> {
    if let Some(matrix) = node.matrix {
        let matrix = DMat4::from_cols_array(&matrix.map(f64::from));
        let path = || format!("/nodes/{index}/matrix");
        if !matrix.is_finite() {
            return Err(Fault::invalid(
                path(),
                "holds a number too large for a float",
            ));
        }
        if (matrix.row(3) - glam::DVec4::W).abs().max_element() > 1e-6 {
            return Err(Fault::invalid(
                path(),
                "is no affine transform: its last row is not 0 0 0 1",
            ));
        }
        return Ok(DAffine3::from_mat4(matrix));
    }
    let vector = |value: Option<[f32; 3]>, default: f64, name: &str| {
        let value = value.map_or(DVec3::splat(default), |v| {
            DVec3::from_array(v.map(f64::from))
        });
        match value.is_finite() {
            true => Ok(value),
            false => Err(Fault::invalid(
                format!("/nodes/{index}/{name}"),
                "holds a number too large for a float",
            )),
        }
    };
    let translation = vector(node.translation, 0.0, "translation")?;
    let scale = vector(node.scale, 1.0, "scale")?;
    let rotation = node
        .rotation
        .map_or(DQuat::IDENTITY, |q| DQuat::from_array(q.0.map(f64::from)));
    if !rotation.is_finite() || rotation.length_squared() == 0.0 {
        return Err(Fault::invalid(
            format!("/nodes/{index}/rotation"),
            "is no unit quaternion",
        ));
    }
    Ok(DAffine3::from_scale_rotation_translation(
        scale,
        rotation.normalize(),
        translation,
    ))
}

/// The rotation of a camera or light: −Z stays where the transform takes it, +Y is made
/// perpendicular to it, scale and mirroring are gone. `None` when the transform flattens one.
pub(super) fn orientation(world_from_node: &DAffine3) -> Option<DMat3> {
    let back = world_from_node.matrix3.z_axis.try_normalize()?;
    let up = world_from_node
        .matrix3
        .y_axis
        .reject_from_normalized(back)
        .try_normalize()?;
    Some(DMat3::from_cols(up.cross(back), up, back))
}
