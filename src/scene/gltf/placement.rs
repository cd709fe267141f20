//! Which primitive stands where: each is read once, however many nodes show it.

use super::accessor::Accessors;
use super::buffer::Buffers;
use super::document::{Document, MorphTarget};
use super::error::Fault;
use super::instancing::{COPY_BYTES, Copies};
use super::material::{MaterialReader, Needs};
use super::mesh::{self, Source};
use super::node::PlacedNode;
use super::skin::{JointMatrices, SkinReader};
use super::warning::Warnings;
use crate::scene::material::Material;
use crate::scene::mesh::Mesh;
use crate::scene::{Instance, MaterialId, MeshId};
use glam::{Affine3A, DAffine3, DMat3, Vec3};
use gltf::json::mesh::{Mode, Primitive};
use gltf::json::{self, Root};
use rayon::prelude::*;
use std::collections::HashMap;

/// Everything with a surface, and the images it wants.
#[derive(Default)]
pub(super) struct Placed {
    /// Geometry.
    pub(super) meshes: Vec<Mesh>,
    /// Placements.
    pub(super) instances: Vec<Instance>,
    /// Materials.
    pub(super) materials: Vec<Material>,
    /// glTF's image indices, in the order of the materials' [`crate::scene::ImageId`]s.
    pub(super) images: Vec<usize>,
}

/// What makes one mesh differ from another. Primitives often share all their data and differ in
/// material only.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    attributes: Vec<(String, usize)>,
    indices: Option<usize>,
    /// The buffer view that holds it in compressed form.
    compressed: Option<u64>,
    mode: u32,
    /// The morph targets that are applied, and their weights as bits.
    targets: Vec<(MorphTarget, u32)>,
    /// The skin that bends it.
    skin: Option<usize>,
    needs: Needs,
}

impl Key {
    fn new(
        primitive: &Primitive,
        mode: Mode,
        (targets, weights): (&[MorphTarget], &[f32]),
        skin: Option<usize>,
        needs: Needs,
    ) -> Self {
        let accessor = |index: Option<json::Index<json::Accessor>>| index.map(|i| i.value());
        let attributes = primitive.attributes.iter();
        let targets = targets.iter().zip(weights);
        Self {
            attributes: attributes
                .map(|(name, index)| (name.to_string(), index.value()))
                .collect(),
            indices: accessor(primitive.indices),
            compressed: mesh::compressed_view(primitive),
            mode: mode.as_gl_enum(),
            targets: targets
                .filter(|&(_, &weight)| weight != 0.0)
                .map(|(target, weight)| (target.clone(), weight.to_bits()))
                .collect(),
            skin,
            needs,
        }
    }
}

/// A mesh to be read.
struct Order<'a> {
    source: Source<'a>,
    needs: Needs,
}

/// A mesh's place.
struct Place {
    order: u32,
    material: MaterialId,
    node: u32,
    world_from_object: Affine3A,
}

/// The images that [`read`] finds wanted, in its order, but no mesh is read.
///
/// # Errors
/// When what says where meshes stand, and what they are made of, is broken.
pub(super) fn images(
    document: &Document,
    buffers: &Buffers<'_>,
    nodes: &[PlacedNode],
    warnings: &mut Warnings,
) -> Result<Vec<usize>, Fault> {
    let collector = Collector::collect_all(document, buffers, nodes, warnings)?;
    Ok(collector.materials.textures.images)
}

/// Reads the meshes of the placed nodes with their materials.
///
/// # Errors
/// When any of them is broken.
pub(super) fn read(
    document: &Document,
    buffers: &Buffers<'_>,
    nodes: &[PlacedNode],
    warnings: &mut Warnings,
) -> Result<Placed, Fault> {
    let Collector {
        accessors,
        materials,
        orders,
        places,
        ..
    } = Collector::collect_all(document, buffers, nodes, warnings)?;

    let read = |order: &Order<'_>| {
        let mut warnings = Warnings::default();
        let mesh = mesh::read(accessors, &order.source, &order.needs, &mut warnings)?;
        let bytes = mesh.as_ref().map_or(0, Mesh::bytes);
        buffers.budget().take(bytes, &order.source.path)?;
        Ok((mesh, warnings))
    };
    let read: Vec<_> = orders.par_iter().map(read).collect::<Result<_, Fault>>()?;

    let mut meshes: Vec<Mesh> = Vec::with_capacity(read.len());
    let mut ids = Vec::with_capacity(read.len());
    for (mesh, noted) in read {
        warnings.append(noted);
        ids.push(mesh.is_some().then_some(MeshId(meshes.len() as u32)));
        meshes.extend(mesh);
    }
    for place in &places {
        let mesh = ids.get(place.order as usize).copied().flatten();
        let mesh = mesh.and_then(|id| meshes.get(id.0 as usize));
        let material = materials.materials.get(place.material.0 as usize);
        if let (Some(mesh), true) = (mesh, material.is_some_and(emits)) {
            let bytes = mesh.triangles.len() as u64 * LAMP_BYTES;
            let path = orders
                .get(place.order as usize)
                .map(|o| o.source.path.as_str());
            buffers.budget().take(bytes, path.unwrap_or_default())?;
        }
    }
    let instance = |place: Place| {
        Some(Instance {
            mesh: ids.get(place.order as usize).copied().flatten()?,
            material: place.material,
            node: place.node,
            world_from_object: place.world_from_object,
        })
    };
    Ok(Placed {
        instances: places.into_iter().filter_map(instance).collect(),
        meshes,
        images: materials.textures.images,
        materials: materials.materials,
    })
}

/// Bytes at most that a morph target takes to be told from others, wherever its mesh stands.
const TARGET_BYTES: u64 = 64;
/// Bytes at most that a triangle takes for being a light.
const LAMP_BYTES: u64 = 256;

fn emits(material: &Material) -> bool {
    !material.unlit && material.emissive != Vec3::ZERO
}

struct Collector<'a, 'b> {
    document: &'a Document,
    root: &'a Root,
    accessors: Accessors<'a, 'b>,
    /// [`Instance::node`] of the next copy of an instanced node: above all nodes.
    next_copy: u32,
    materials: MaterialReader<'a>,
    skins: SkinReader<'a, 'b>,
    known: HashMap<Key, u32>,
    orders: Vec<Order<'a>>,
    places: Vec<Place>,
}

impl<'a, 'b> Collector<'a, 'b> {
    fn collect_all(
        document: &'a Document,
        buffers: &'a Buffers<'b>,
        nodes: &'a [PlacedNode],
        warnings: &mut Warnings,
    ) -> Result<Self, Fault> {
        let root = &document.root;
        let accessors = Accessors::new(root, buffers);
        let mut collector = Self {
            document,
            root,
            accessors,
            next_copy: root.nodes.len() as u32,
            materials: MaterialReader::new(root),
            skins: SkinReader::new(root, accessors, nodes),
            known: HashMap::new(),
            orders: Vec::new(),
            places: Vec::new(),
        };
        for placed in nodes.iter().filter(|placed| placed.visible) {
            collector.collect(placed, warnings)?;
        }
        Ok(collector)
    }

    fn collect(&mut self, placed: &PlacedNode, warnings: &mut Warnings) -> Result<(), Fault> {
        let Some(node) = self.root.nodes.get(placed.index) else {
            return Ok(());
        };
        let Some(index) = node.mesh.map(|index| index.value()) else {
            return Ok(());
        };
        let node_path = format!("/nodes/{}", placed.index);
        let Some(mesh) = self.root.meshes.get(index) else {
            return Err(Fault::invalid(
                format!("{node_path}/mesh"),
                format!("there is no mesh {index}"),
            ));
        };
        let joints = self.joints(node, &node_path, warnings)?;
        let stands = self.stands(placed, node, mesh.primitives.len(), warnings)?;
        let is_morphed = (0..mesh.primitives.len())
            .any(|primitive| !self.document.morph_targets(index, primitive).is_empty());
        let weights = match is_morphed {
            true => weights(node, mesh),
            false => Vec::new(),
        };
        let n_told = (weights.len() as u64).saturating_mul(mesh.primitives.len() as u64);
        let bytes = n_told.saturating_mul(TARGET_BYTES);
        self.accessors.buffers().budget().take(bytes, &node_path)?;
        for (i, primitive) in mesh.primitives.iter().enumerate() {
            let path = format!("/meshes/{index}/primitives/{i}");
            let Some(mode) = mesh::surface_mode(primitive, &path, warnings)? else {
                continue;
            };
            let joints = joints.clone().filter(|_| mesh::is_bound(primitive));
            // Joints take the vertices into the world, wherever the mesh's node stands.
            let stands = match joints {
                Some(_) => &[(placed.index as u32, Affine3A::IDENTITY)],
                None => stands.as_slice(),
            };
            if stands.is_empty() {
                continue;
            }
            let material = primitive.material.map(|index| index.value());
            let material = self.materials.get(material, &format!("{path}/material"))?;
            let needs = self.materials.needs(material);
            let skin = node
                .skin
                .filter(|_| joints.is_some())
                .map(|index| index.value());
            let targets = self.document.morph_targets(index, i);
            let key = Key::new(primitive, mode, (targets, &weights), skin, needs.clone());
            let orders = &mut self.orders;
            let order = *self.known.entry(key).or_insert_with(|| {
                let name = mesh.name.clone().unwrap_or_else(|| path.clone());
                let weights = weights.clone();
                let source = Source {
                    primitive,
                    mode,
                    path,
                    name,
                    targets,
                    weights,
                    joints,
                };
                orders.push(Order { source, needs });
                orders.len() as u32 - 1
            });
            self.places
                .extend(stands.iter().map(|&(node, world_from_object)| Place {
                    order,
                    material,
                    node,
                    world_from_object,
                }));
        }
        Ok(())
    }

    /// Where the meshes of a node stand, each with its [`Instance::node`].
    fn stands(
        &mut self,
        placed: &PlacedNode,
        node: &json::Node,
        n_primitives: usize,
        warnings: &mut Warnings,
    ) -> Result<Vec<(u32, Affine3A)>, Fault> {
        let path = format!("/nodes/{}", placed.index);
        let Some(copies) = Copies::read(self.accessors, node, &path, n_primitives)? else {
            let bytes = COPY_BYTES.saturating_mul(n_primitives as u64);
            self.accessors.buffers().budget().take(bytes, &path)?;
            let own = world_from_object(&placed.world_from_node, &path, warnings);
            return Ok(own
                .map(|own| (placed.index as u32, own))
                .into_iter()
                .collect());
        };
        let first = self.next_copy;
        let stand = |(i, node_from_copy): (u32, DAffine3)| {
            let world_from_copy = placed.world_from_node * node_from_copy;
            let own = world_from_object(&world_from_copy, &path, warnings)?;
            Some((first.wrapping_add(i), own))
        };
        let stands: Vec<_> = (0..).zip(copies.transforms()).filter_map(stand).collect();
        self.next_copy = first.wrapping_add(stands.len() as u32);
        Ok(stands)
    }

    /// What bends the meshes of `node`, if anything does.
    fn joints(
        &mut self,
        node: &json::Node,
        node_path: &str,
        warnings: &mut Warnings,
    ) -> Result<Option<JointMatrices>, Fault> {
        let Some(skin) = node.skin else {
            return Ok(None);
        };
        let path = format!("{node_path}/skin");
        let joints = self.skins.get(skin.value(), &path)?;
        if joints.is_none() {
            warnings.note(
                path,
                "not all of its joints are in the scene; the mesh is shown unbent, where its node stands",
            );
        }
        Ok(joints)
    }
}

/// Where the meshes of a node stand; `None`, with a warning where it may surprise, when they
/// cannot be seen there.
fn world_from_object(
    world_from_node: &DAffine3,
    node_path: &str,
    warnings: &mut Warnings,
) -> Option<Affine3A> {
    let world_from_object = world_from_node.as_affine3a();
    let is_solid = world_from_object.matrix3.determinant() != 0.0;
    if is_solid && world_from_object.inverse().is_finite() {
        return Some(world_from_object);
    }
    // All of it zero is the way to hide a node.
    if world_from_node.matrix3 != DMat3::ZERO {
        warnings.note(
            node_path,
            "its mesh is scaled flat, or beyond what single precision holds; left out",
        );
    }
    None
}

/// How far the mesh's morph targets are applied under `node`; empty when none is.
fn weights(node: &json::Node, mesh: &json::Mesh) -> Vec<f32> {
    let weights = node
        .weights
        .as_ref()
        .or(mesh.weights.as_ref())
        .cloned()
        .unwrap_or_default();
    match weights.iter().any(|&weight| weight != 0.0) {
        true => weights,
        false => Vec::new(),
    }
}
