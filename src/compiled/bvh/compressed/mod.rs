//! The accelerator as GPUs walk it: eight-wide nodes of 80 bytes with boxes in bytes.
//!
//! Made from an [`Accelerator`], whose triangles and placements are sorted anew: a GPU's lane tests one triangle at a
//! time, so leaves hold three at most. Boxes are rounded outwards, never inwards, so a walk meets at least what it must; the
//! triangle test decides, and it is the CPU's, so hits are the same ([`crate::compiled::bvh`] says why the tree does
//! not matter). `shaders/traverse` walks it.
//!
//! Source: Ylitie, Karras, Laine 2017, "Efficient incoherent ray traversal on GPUs through compressed wide BVHs", §3.
//! Departs: slots are filled greedily, not by auction; an axis has a row; triangles carry their numbers; placements are
//! primitives.
//!
//! # Tables
//!
//! Everything is in rows of 16 bytes, `[x, y, z, w]`, floats by their bits.
//!
//! | node, row | x | y | z | w |
//! |---|---|---|---|---|
//! | 0 | corner x | corner y | corner z | scale exponents x, y, z (biased by 127), then a bit for each slot that holds a node |
//! | 1 | first child node | first primitive | what slots 0–3 hold | what slots 4–7 hold |
//! | 2 | low x, slots 0–3 | low x, 4–7 | high x, 0–3 | high x, 4–7 |
//! | 3 | low y, 0–3 | low y, 4–7 | high y, 0–3 | high y, 4–7 |
//! | 4 | low z, 0–3 | low z, 4–7 | high z, 0–3 | high z, 4–7 |
//!
//! Words of four bytes have the first slot lowest. A plane lies at corner + byte × 2^(exponent − 127). A slot's byte in
//! row 1 is 0 for nothing, `001` and 24 + slot for a node, and else the number of its primitives in unary (`001`, `011`,
//! `111`) in bits 5–7 and the first of them, counted from the node's first, in bits 0–4. Child nodes of a node follow
//! each other in the order of slots, and so do its primitives. Node 0 is the world's root.
//!
//! | primitive, row | x, y, z | w, triangle | w, placement |
//! |---|---|---|---|
//! | 0 | first vertex (low corner of the world box) | index in the triangle table | all ones |
//! | 1 | second vertex (high corner) | index in the instance table in bits 0–30 and [`NON_OPAQUE`]; 0 in shared meshes | space |
//! | 2 | third vertex (x: root node) | 0 | 0 |
//!
//! | space, row | x, y, z | w |
//! |---|---|---|
//! | 0 | where the space's origin lies in the world | placements: index in the instance table and [`NON_OPAQUE`]; world: 0 |
//! | 1, 2, 3 | first, second, third column of the linear part of `space_from_world` | x, y, z of the low corner of everything in the space |
//! | 4 | high corner | placements: root node; world: more steps than any walk can take |
//!
//! Space 0 is the world.

mod node;
mod shallow;
mod slot;
mod validate;

use super::node::ChildKind;
use super::split::{LeafShape, PLACEMENT, Reference};
use super::tree::{Skeleton, Tree};
use super::{Accelerator, BLOCK, Bounds, NON_OPAQUE, Node};
use crate::compiled::huge_pages::vec_on_huge_pages;
use glam::Vec3A;
use node::encode;
use rayon::prelude::*;
pub use validate::Broken;

/// 16 bytes of a table.
pub type Row = [u32; 4];

/// Rows of a node.
pub const NODE_ROWS: usize = 5;
/// Rows of a primitive.
pub const PRIMITIVE_ROWS: usize = 3;
/// Rows of a space.
pub const SPACE_ROWS: usize = 5;
/// No tree has more levels of nodes, which bounds the stack of `shaders/traverse/waiting.wgsl`. Ten would hold 2³⁰ leaves.
pub const MAX_DEPTH: usize = 16;
/// `w` of a placement's first row.
const PLACEMENT_MARK: u32 = u32::MAX;

/// Leaves for lanes that test one triangle at a time. The cost of a node is the source's.
const LEAVES: LeafShape = LeafShape {
    block: 1,
    max_triangles: 3,
    node_cost: 1.0 / 0.3,
};

/// Why an accelerator cannot be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A table would have rows that 32 bits cannot number.
    #[error(
        "the acceleration structure would have {rows} rows, more than a GPU's indices can tell apart; render on the CPU"
    )]
    TooLarge {
        /// Rows of the largest table.
        rows: u64,
    },
}

/// The two-level tree of a scene in flat tables. The module's page says what the rows hold.
#[derive(Debug)]
pub struct CompressedAccelerator {
    /// [`NODE_ROWS`] a node: the world's tree, then those of shared meshes.
    pub nodes: Vec<Row>,
    /// [`PRIMITIVE_ROWS`] a triangle or placement, in the order of the leaves.
    pub primitives: Vec<Row>,
    /// [`SPACE_ROWS`] a space: the world, then the placements.
    pub spaces: Vec<Row>,
}

impl CompressedAccelerator {
    /// Compresses, in parallel inside the current rayon pool. The result depends on `accelerator` alone.
    ///
    /// # Errors
    /// When a table would have 2³² rows or more.
    pub fn build(accelerator: &Accelerator) -> Result<Self, Error> {
        let top = sorted(accelerator.top(), placement_references(accelerator.top()));
        let meshes: Vec<_> = accelerator
            .meshes()
            .par_iter()
            .map(|tree| sorted(tree, Vec::new()))
            .collect();
        let all = || std::iter::once(&top).chain(&meshes);
        let rows = (all()
            .map(|tree| tree.nodes.len() * NODE_ROWS)
            .sum::<usize>())
        .max(all().map(|tree| tree.keys.len() * PRIMITIVE_ROWS).sum())
        .max((accelerator.placements().len() + 1) * SPACE_ROWS);
        if rows > u32::MAX as usize {
            return Err(Error::TooLarge { rows: rows as u64 });
        }
        // the world's tree needs the roots of the others: it is laid down last, but keeps its place
        let mut n_nodes = top.n_reached();
        let mut n_primitives = top.keys.len();
        let bases: Vec<(usize, usize)> = meshes
            .iter()
            .map(|tree| {
                let base = (n_nodes, n_primitives);
                n_nodes += tree.n_reached();
                n_primitives += tree.keys.len();
                base
            })
            .collect();
        let mut tables = Self {
            nodes: vec_on_huge_pages(n_nodes * NODE_ROWS),
            primitives: vec_on_huge_pages(n_primitives * PRIMITIVE_ROWS),
            spaces: Vec::with_capacity((accelerator.placements().len() + 1) * SPACE_ROWS),
        };
        let root = |placement: usize| bases[accelerator.placements()[placement].mesh as usize].0;
        tables.push_tree(&top, accelerator.top(), |placement, bounds| {
            let corner = |p: Vec3A, w: u32| [p.x.to_bits(), p.y.to_bits(), p.z.to_bits(), w];
            [
                corner(bounds.min, PLACEMENT_MARK),
                corner(bounds.max, placement + 1),
                [root(placement as usize) as u32, 0, 0, 0],
            ]
        });
        for (sorted, tree) in meshes.iter().zip(accelerator.meshes()) {
            tables.push_tree(sorted, tree, |_, _| [[0; 4]; 3]);
        }
        let n_steps = n_steps(&top, &meshes, accelerator);
        tables.push_space(
            [Vec3A::X, Vec3A::Y, Vec3A::Z],
            Vec3A::ZERO,
            accelerator.top().bounds,
            [0, n_steps],
        );
        for placement in accelerator.placements() {
            let flags = if placement.non_opaque { NON_OPAQUE } else { 0 };
            let mesh = placement.mesh as usize;
            tables.push_space(
                placement.linear,
                placement.origin,
                accelerator.meshes()[mesh].bounds,
                [placement.instance | flags, bases[mesh].0 as u32],
            );
        }
        Ok(tables)
    }

    /// Bytes held, all tables.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Row>() * (self.nodes.len() + self.primitives.len() + self.spaces.len())
    }

    fn push_space(&mut self, linear: [Vec3A; 3], origin: Vec3A, bounds: Bounds, last: [u32; 2]) {
        let row = |v: Vec3A, w: u32| [v.x.to_bits(), v.y.to_bits(), v.z.to_bits(), w];
        self.spaces.push(row(origin, last[0]));
        for (axis, column) in linear.into_iter().enumerate() {
            self.spaces.push(row(column, bounds.min[axis].to_bits()));
        }
        self.spaces.push(row(bounds.max, last[1]));
    }

    /// Appends a tree; `placement` makes the rows of one from its index and world box.
    fn push_tree(
        &mut self,
        sorted: &Sorted,
        tree: &Tree,
        placement: impl Fn(u32, Bounds) -> [Row; PRIMITIVE_ROWS],
    ) {
        let first_node = self.nodes.len() / NODE_ROWS;
        self.nodes.resize(self.nodes.len() + NODE_ROWS, [0; 4]);
        let mut open = vec![(0_usize, first_node)];
        while let Some((from, to)) = open.pop() {
            let node = &sorted.nodes[from];
            let slots = slot::assign(node);
            let first_child = self.nodes.len() / NODE_ROWS;
            let first_primitive = self.primitives.len() / PRIMITIVE_ROWS;
            let rows = encode(node, &slots, first_child as u32, first_primitive as u32);
            self.nodes[to * NODE_ROWS..(to + 1) * NODE_ROWS].copy_from_slice(&rows);
            let mut n_children = 0;
            for child in slots.into_iter().flatten() {
                match node.children[child].kind() {
                    ChildKind::Node(index) => {
                        open.push((index as usize, first_child + n_children));
                        n_children += 1;
                    }
                    ChildKind::Triangles {
                        first_block,
                        n_blocks,
                    } => {
                        for key in first_block..first_block + n_blocks {
                            let (primitive, _) = sorted.keys[key as usize];
                            self.primitives.extend(triangle_rows(tree, primitive));
                        }
                    }
                    ChildKind::Placement(index) => {
                        self.primitives
                            .extend(placement(index, node.slot_bounds(child)));
                    }
                    ChildKind::Nothing => {}
                }
            }
            let end = self.nodes.len() + n_children * NODE_ROWS;
            self.nodes.resize(end, [0; 4]);
        }
    }
}

/// A tree sorted anew: eight-wide nodes whose leaves index `keys`.
struct Sorted {
    nodes: Vec<Node>,
    /// `(triangle, _)` of the tree this was made of, as block × 4 + lane.
    keys: Vec<(u32, u32)>,
}

impl Sorted {
    /// Nodes that are part of the tree; others were replaced.
    fn n_reached(&self) -> usize {
        let mut n = 0;
        let mut open = vec![0_usize];
        while let Some(node) = open.pop() {
            n += 1;
            open.extend(shallow::child_nodes(&self.nodes[node]));
        }
        n
    }
}

/// Sorts the triangles of a tree, and `references` to placements, into leaves for lanes.
fn sorted(tree: &Tree, mut references: Vec<Reference>) -> Sorted {
    let mut triangles = vec_on_huge_pages(tree.blocks.len() * BLOCK + references.len());
    triangles.append(&mut references);
    for (index, block) in tree.blocks.iter().enumerate() {
        for lane in (0..BLOCK).filter(|&lane| block.triangles[lane] != u32::MAX) {
            let corners = corners(tree, index, lane);
            let primitive = (index * BLOCK + lane) as u32;
            triangles.push(Reference::new(Bounds::of_triangle(corners), primitive, 0));
        }
    }
    let (mut nodes, keys) = Skeleton::build(triangles, LEAVES).into_single_triangles();
    shallow::limit_depth(&mut nodes, MAX_DEPTH);
    Sorted { nodes, keys }
}

/// Placements of a tree with their world boxes: each is alone in its slot.
fn placement_references(tree: &Tree) -> Vec<Reference> {
    let mut references = Vec::new();
    for node in &tree.nodes {
        for (slot, child) in node.children.iter().enumerate() {
            if let ChildKind::Placement(index) = child.kind() {
                references.push(Reference::new(node.slot_bounds(slot), index, PLACEMENT));
            }
        }
    }
    references
}

fn corners(tree: &Tree, block: usize, lane: usize) -> [Vec3A; 3] {
    let vertices = &tree.blocks[block].vertices;
    vertices.map(|v| Vec3A::new(v[0][lane], v[1][lane], v[2][lane]))
}

fn triangle_rows(tree: &Tree, primitive: u32) -> [Row; PRIMITIVE_ROWS] {
    let (block, lane) = (primitive as usize / BLOCK, primitive as usize % BLOCK);
    let last = [
        tree.blocks[block].triangles[lane],
        tree.blocks[block].instances[lane],
        0,
    ];
    let corners = corners(tree, block, lane);
    std::array::from_fn(|i| {
        let [x, y, z] = corners[i].to_array().map(f32::to_bits);
        [x, y, z, last[i]]
    })
}

/// More steps than any walk can take, if 32 bits can say so many: every node of every placement is visited once at most,
/// and a placement costs three turns besides.
fn n_steps(top: &Sorted, meshes: &[Sorted], accelerator: &Accelerator) -> u32 {
    let nodes_of_mesh: Vec<u64> = meshes.iter().map(|tree| tree.nodes.len() as u64).collect();
    let inside: u64 = accelerator
        .placements()
        .iter()
        .map(|placement| nodes_of_mesh[placement.mesh as usize] + 3)
        .sum();
    u32::try_from(top.nodes.len() as u64 + inside + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
