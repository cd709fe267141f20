//! Skins: where the joints of the resting skeleton take a mesh's vertices.

use super::accessor::Accessors;
use super::error::Fault;
use super::node::PlacedNode;
use glam::{DAffine3, DMat4, Mat4};
use gltf::json::Root;
use std::collections::HashMap;
use std::sync::Arc;

/// For each joint, world from the space the mesh was bound in.
pub(super) type JointMatrices = Arc<[Mat4]>;

/// Reads skins as they are met; each only once.
pub(super) struct SkinReader<'a, 'b> {
    root: &'a Root,
    accessors: Accessors<'a, 'b>,
    places: HashMap<usize, DAffine3>,
    known: HashMap<usize, Option<JointMatrices>>,
}

impl<'a, 'b> SkinReader<'a, 'b> {
    /// For a scene of these nodes.
    pub(super) fn new(root: &'a Root, accessors: Accessors<'a, 'b>, nodes: &[PlacedNode]) -> Self {
        let places = match root.skins.is_empty() {
            true => HashMap::new(),
            false => nodes
                .iter()
                .map(|node| (node.index, node.world_from_node))
                .collect(),
        };
        Self {
            root,
            accessors,
            places,
            known: HashMap::new(),
        }
    }

    /// The joints of skin `index`; `None` when one is not in the scene. `user` is the JSON pointer
    /// of the property that holds the index.
    ///
    /// # Errors
    /// When there is no such skin, or it is broken.
    pub(super) fn get(&mut self, index: usize, user: &str) -> Result<Option<JointMatrices>, Fault> {
        if let Some(known) = self.known.get(&index) {
            return Ok(known.clone());
        }
        let joints = self.read(index, user)?;
        self.known.insert(index, joints.clone());
        Ok(joints)
    }

    fn read(&self, index: usize, user: &str) -> Result<Option<JointMatrices>, Fault> {
        let Some(skin) = self.root.skins.get(index) else {
            return Err(Fault::invalid(user, format!("there is no skin {index}")));
        };
        let path = format!("/skins/{index}/inverseBindMatrices");
        let inverse_binds: Vec<[f32; 16]> = match skin.inverse_bind_matrices {
            Some(accessor) => self.accessors.floats(accessor.value(), &path)?,
            None => vec![Mat4::IDENTITY.to_cols_array(); skin.joints.len()],
        };
        if inverse_binds.len() < skin.joints.len() {
            return Err(Fault::invalid(
                path,
                format!(
                    "has {} matrices for {} joints",
                    inverse_binds.len(),
                    skin.joints.len()
                ),
            ));
        }
        let joint = |(joint, inverse_bind): (&gltf::json::Index<_>, &[f32; 16])| {
            let world_from_joint = self.places.get(&joint.value())?;
            let joint_from_bind = DMat4::from_cols_array(&inverse_bind.map(f64::from));
            Some((DMat4::from(*world_from_joint) * joint_from_bind).as_mat4())
        };
        Ok(skin.joints.iter().zip(&inverse_binds).map(joint).collect())
    }
}
