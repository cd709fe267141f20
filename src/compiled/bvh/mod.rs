//! The accelerator: which triangles a ray might hit.
//!
//! Two levels. The top level is one eight-wide tree over the *world-space* triangles of every mesh
//! that is placed once, and over the placements of every mesh that is placed several times; such a
//! mesh has one tree of its own, in object space. A mesh placed once thus costs no second level, and
//! its triangles mingle with its neighbours' instead of hiding in an overlapping box.
//!
//! Placed once or several times is a property of the scene, so the numbers of a hit are a function of
//! the scene alone. They are so in a stricter sense too: a ray hits a triangle if the triangle test
//! says so *and* the ray meets the triangle's own box, and the hit counts from no nearer than where
//! the ray enters that box (and the placement's). The same arithmetic tests every box, and it is
//! monotone (a box inside another is never entered earlier, never left later), so no tree over the
//! same triangles, and no order of walking it, can change an answer. [`crate::integrator::cpu::traverse`]
//! does the walking.
//!
//! Never hit, whatever the ray: triangles with a coordinate that is not finite or exceeds 2⁴⁰,
//! triangles with two equal corners, and instances whose transform is singular.

mod bounds;
mod collapse;
pub mod compressed;
mod node;
mod placement;
mod split;
mod tree;
mod validate;

use glam::{Affine3A, Vec3, Vec3A};
use rayon::prelude::*;

pub use bounds::Bounds;
pub use node::{BLOCK, Block, Child, ChildKind, NON_OPAQUE, Node, WIDTH};
pub use placement::Placement;
pub use tree::{MAX_DEPTH, Tree};

use node::MAX_INDEX;
use split::{LeafShape, PLACEMENT, Reference};
use tree::{Skeleton, TriangleKey};

use super::huge_pages::vec_on_huge_pages;

/// Largest magnitude of a coordinate that can be hit, 2⁴⁰: no product the triangle test takes of three
/// differences can overflow.
pub const MAX_COORDINATE: f32 = (1_u64 << 40) as f32;

/// Why no accelerator could be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More than a tree can index.
    #[error(
        "mesh {mesh}: {triangles} triangles and placements to sort into one tree, more than {MAX_INDEX}; split the scene"
    )]
    TooMany {
        /// The shared mesh, or `u32::MAX` for the top level.
        mesh: u32,
        /// How many there are.
        triangles: usize,
    },
    /// A triangle without its corners.
    #[error("mesh {mesh}: triangle {triangle} names a vertex that does not exist")]
    VertexOutOfRange {
        /// The mesh.
        mesh: usize,
        /// The triangle, within the mesh.
        triangle: usize,
    },
    /// An instance without its mesh.
    #[error("instance {instance} places mesh {mesh}, which does not exist")]
    MeshOutOfRange {
        /// The instance.
        instance: usize,
        /// The mesh.
        mesh: u32,
    },
}

/// A mesh as the builder reads it.
#[derive(Clone, Copy, Debug)]
pub struct MeshGeometry<'a> {
    /// Vertices, object space.
    pub positions: &'a [Vec3],
    /// Indices into `positions`.
    pub triangles: &'a [[u32; 3]],
    /// Index of the mesh's first triangle in the triangle table.
    pub first_triangle: u32,
}

/// An instance as the builder reads it; its place in the list is its index in the instance table.
#[derive(Clone, Copy, Debug)]
pub struct InstanceGeometry {
    /// Index of the mesh.
    pub mesh: u32,
    /// Object to world.
    pub world_from_object: Affine3A,
    /// Alpha may let rays pass: shadow queries report such hits instead of calling them opaque.
    pub non_opaque: bool,
}

/// The two-level tree of a scene.
#[derive(Debug)]
pub struct Accelerator {
    top: Tree,
    meshes: Vec<Tree>,
    placements: Vec<Placement>,
}

impl Accelerator {
    /// Builds, in parallel inside the current rayon pool. The result depends on the arguments alone.
    ///
    /// # Errors
    /// When an index points nowhere, or one tree would hold 2²⁸ triangles or more.
    pub fn build(
        meshes: &[MeshGeometry<'_>],
        instances: &[InstanceGeometry],
    ) -> Result<Self, Error> {
        check(meshes, instances)?;
        let inverses: Vec<_> = instances
            .iter()
            .map(|instance| placement::invert(&instance.world_from_object))
            .collect();
        let mut n_uses = vec![0_usize; meshes.len()];
        for (instance, _) in instances
            .iter()
            .zip(&inverses)
            .filter(|(_, inverse)| inverse.is_some())
        {
            n_uses[instance.mesh as usize] += 1;
        }

        // Shared meshes, each once.
        let shared: Vec<usize> = (0..meshes.len()).filter(|&mesh| n_uses[mesh] > 1).collect();
        let trees: Vec<Tree> = shared
            .par_iter()
            .map(|&mesh| build_shared(&meshes[mesh]))
            .collect();
        let mut tree_of_mesh = vec![u32::MAX; meshes.len()];
        for (tree, &mesh) in shared.iter().enumerate() {
            tree_of_mesh[mesh] = tree as u32;
        }

        // The top level: triangles of meshes placed once, placements of the others.
        let n_references = n_top_references(meshes, instances, &n_uses);
        if n_references >= MAX_INDEX as usize {
            return Err(Error::TooMany {
                mesh: u32::MAX,
                triangles: n_references,
            });
        }
        let mut references = vec_on_huge_pages(n_references);
        let mut placements = Vec::new();
        for (index, (instance, inverse)) in instances.iter().zip(inverses).enumerate() {
            let Some(linear) = inverse else { continue };
            let mesh = instance.mesh as usize;
            if n_uses[mesh] == 1 {
                let to_world = |p: Vec3A| placement::world_point(&instance.world_from_object, p);
                push_triangles(&mut references, &meshes[mesh], index as u32, to_world);
                continue;
            }
            let tree = tree_of_mesh[mesh];
            let bounds =
                placement::world_bounds(&instance.world_from_object, trees[tree as usize].bounds);
            if !bounds.is_empty() && is_hittable([bounds.min, bounds.max]) {
                references.push(Reference::new(bounds, placements.len() as u32, PLACEMENT));
                placements.push(Placement {
                    mesh: tree,
                    instance: index as u32,
                    non_opaque: instance.non_opaque,
                    linear,
                    origin: instance.world_from_object.translation,
                });
            }
        }
        let top = Skeleton::build(references, LeafShape::BLOCKS).finish(
            |(triangle, owner): TriangleKey, block, lane| {
                let instance = &instances[owner as usize];
                let mesh = &meshes[instance.mesh as usize];
                let corners = corners(mesh, triangle)
                    .map(|p| placement::world_point(&instance.world_from_object, p));
                let flags = if instance.non_opaque { NON_OPAQUE } else { 0 };
                write_triangle(
                    block,
                    lane,
                    corners,
                    mesh.first_triangle + triangle,
                    owner | flags,
                );
            },
        );
        Ok(Self {
            top,
            meshes: trees,
            placements,
        })
    }

    /// The tree rays start in.
    pub fn top(&self) -> &Tree {
        &self.top
    }

    /// Trees of shared meshes.
    pub fn meshes(&self) -> &[Tree] {
        &self.meshes
    }

    /// Placements of shared meshes.
    pub fn placements(&self) -> &[Placement] {
        &self.placements
    }

    /// Bytes held, all levels.
    pub fn memory_bytes(&self) -> usize {
        let tree = |tree: &Tree| size_of_val(&*tree.nodes) + size_of_val(&*tree.blocks);
        tree(&self.top)
            + self.meshes.iter().map(tree).sum::<usize>()
            + size_of_val(&*self.placements)
    }
}

fn check(meshes: &[MeshGeometry<'_>], instances: &[InstanceGeometry]) -> Result<(), Error> {
    for (mesh, geometry) in meshes.iter().enumerate() {
        let n_vertices = geometry.positions.len();
        let in_range =
            |corners: &[u32; 3]| corners.iter().all(|&corner| (corner as usize) < n_vertices);
        if let Some(triangle) = geometry
            .triangles
            .par_iter()
            .position_first(|corners| !in_range(corners))
        {
            return Err(Error::VertexOutOfRange { mesh, triangle });
        }
        if geometry.triangles.len() >= MAX_INDEX as usize {
            return Err(Error::TooMany {
                mesh: mesh as u32,
                triangles: geometry.triangles.len(),
            });
        }
    }
    for (instance, geometry) in instances.iter().enumerate() {
        if geometry.mesh as usize >= meshes.len() {
            return Err(Error::MeshOutOfRange {
                instance,
                mesh: geometry.mesh,
            });
        }
    }
    Ok(())
}

fn n_top_references(
    meshes: &[MeshGeometry<'_>],
    instances: &[InstanceGeometry],
    n_uses: &[usize],
) -> usize {
    let references = |instance: &InstanceGeometry| match n_uses[instance.mesh as usize] {
        0 => 0,
        1 => meshes[instance.mesh as usize].triangles.len(),
        _ => 1,
    };
    instances.iter().map(references).sum()
}

fn build_shared(mesh: &MeshGeometry<'_>) -> Tree {
    let mut references = vec_on_huge_pages(mesh.triangles.len());
    push_triangles(&mut references, mesh, 0, |p| p);
    Skeleton::build(references, LeafShape::BLOCKS).finish(|(triangle, _), block, lane| {
        write_triangle(
            block,
            lane,
            corners(mesh, triangle),
            mesh.first_triangle + triangle,
            0,
        );
    })
}

fn corners(mesh: &MeshGeometry<'_>, triangle: u32) -> [Vec3A; 3] {
    mesh.triangles[triangle as usize].map(|corner| mesh.positions[corner as usize].into())
}

fn is_hittable<const N: usize>(points: [Vec3A; N]) -> bool {
    points
        .iter()
        .all(|p| p.abs().cmple(Vec3A::splat(MAX_COORDINATE)).all())
}

/// Adds the triangles of a mesh that rays can hit.
fn push_triangles(
    references: &mut Vec<Reference>,
    mesh: &MeshGeometry<'_>,
    owner: u32,
    map: impl Fn(Vec3A) -> Vec3A + Sync,
) {
    let first = references.len();
    let reference = |triangle: usize| {
        let [a, b, c] = corners(mesh, triangle as u32).map(&map);
        let degenerate = a == b || b == c || c == a || !is_hittable([a, b, c]);
        let bounds = if degenerate {
            Bounds::EMPTY
        } else {
            Bounds::of_triangle([a, b, c])
        };
        Reference::new(bounds, triangle as u32, owner)
    };
    references.par_extend((0..mesh.triangles.len()).into_par_iter().map(reference));
    // Compact in place.
    let mut end = first;
    for i in first..references.len() {
        if !references[i].bounds().is_empty() {
            references[end] = references[i];
            end += 1;
        }
    }
    references.truncate(end);
}

fn write_triangle(
    block: &mut Block,
    lane: usize,
    corners: [Vec3A; 3],
    triangle: u32,
    instance: u32,
) {
    for (vertex, corner) in corners.into_iter().enumerate() {
        for axis in 0..3 {
            block.vertices[vertex][axis][lane] = corner[axis];
        }
    }
    block.triangles[lane] = triangle;
    block.instances[lane] = instance;
}

#[cfg(test)]
mod tests;
