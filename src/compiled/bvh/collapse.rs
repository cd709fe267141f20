//! From a binary tree over a few thousand references to the eight-wide tree that costs rays least.
//!
//! Source: Ylitie, Karras, Laine 2017, "Efficient incoherent ray traversal on GPUs through compressed
//! wide BVHs", §3.1 (dynamic programming over "at most n trees for this subtree"); Wald 2007 for the
//! binary tree. Departs: leaves cost blocks of triangles, not triangles.

use super::bounds::Bounds;
use super::node::WIDTH;
use super::split::{LeafShape, Range, Reference, Split, halve};

/// Levels of the binary tree cut by cost; deeper sets are halved.
const COST_LEVELS: usize = 40;
/// Halvings that bring any set this is meant for (2²⁰ references and more) down to a leaf.
const HALVINGS: usize = 20;
/// No binary tree is deeper.
pub const MAX_DEPTH: usize = COST_LEVELS + HALVINGS;

/// A node of the binary tree.
struct Node {
    range: Range,
    /// Left and right.
    children: Option<[u32; 2]>,
    /// True when it is best a leaf of the wide tree.
    is_leaf: bool,
    /// `[n - 1]`: what rays pay for the subtree when at most n wide children stand for it, in area × tests.
    costs: [f32; WIDTH - 1],
    /// `[n - 1]`: of n wide children, how many go to the left; 0 when n − 1 do as well.
    n_left: [u8; WIDTH],
}

/// A binary tree with the cheapest wide tree marked in it.
pub struct Binary {
    nodes: Vec<Node>,
    shape: LeafShape,
}

/// What a slot of a wide node will be.
pub enum Slot {
    /// A leaf of these references.
    Leaf(Range),
    /// A wide node, by the binary node it stands for.
    Node(u32),
}

impl Binary {
    /// Sorts `references`, which `range` measures, into a binary tree. Its root is the last node.
    pub fn build(references: &mut [Reference], range: Range, shape: LeafShape) -> Self {
        let mut binary = Self {
            nodes: Vec::with_capacity(references.len()),
            shape,
        };
        binary.grow(references, range, 0);
        binary
    }

    /// What the whole is.
    pub fn slot(&self) -> Slot {
        let root = self.nodes.len() as u32 - 1;
        self.nodes[root as usize].slot(root)
    }

    /// Boxes and slots, at most eight, of the wide node that stands for `node`.
    pub fn slots(&self, node: u32) -> Vec<(Bounds, Slot)> {
        let mut slots = Vec::with_capacity(WIDTH);
        self.distribute(node, WIDTH, &mut slots);
        slots
    }

    fn roots(&self, index: u32, n: usize, slots: &mut Vec<(Bounds, Slot)>) {
        let node = &self.nodes[index as usize];
        if n == 1 || node.children.is_none() {
            slots.push((node.range.bounds, node.slot(index)));
        } else if node.n_left[n - 1] == 0 {
            self.roots(index, n - 1, slots);
        } else {
            self.distribute(index, n, slots);
        }
    }

    fn distribute(&self, index: u32, n: usize, slots: &mut Vec<(Bounds, Slot)>) {
        let node = &self.nodes[index as usize];
        if let Some([left, right]) = node.children {
            let n_left = usize::from(node.n_left[n - 1]);
            self.roots(left, n_left, slots);
            self.roots(right, n - n_left, slots);
        }
    }

    fn grow(&mut self, references: &mut [Reference], range: Range, depth: usize) -> u32 {
        let shape = self.shape;
        let is_one_kind = range.n_placements == 0;
        let leaf_cost = if range.count == 1 || is_one_kind && range.count <= shape.max_triangles {
            range.leaf_cost(shape)
        } else {
            f32::INFINITY
        };
        let mut node = Node {
            range,
            children: None,
            is_leaf: true,
            costs: [leaf_cost; WIDTH - 1],
            n_left: [0; WIDTH],
        };
        if !(range.count == 1 || is_one_kind && range.count <= shape.block) {
            let split = (depth < COST_LEVELS)
                .then(|| Split::find(references, range.centers, shape))
                .flatten();
            let (left, right) = match split {
                Some(split) => split.apply(references, range.start),
                None => halve(references, range.start),
            };
            let (left_references, right_references) = references.split_at_mut(left.count);
            let left = self.grow(left_references, left, depth + 1);
            let right = self.grow(right_references, right, depth + 1);
            node.adopt(
                leaf_cost,
                shape.node_cost,
                [left, right],
                [&self.nodes[left as usize], &self.nodes[right as usize]],
            );
        }
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }
}

impl Node {
    fn slot(&self, index: u32) -> Slot {
        if self.is_leaf {
            Slot::Leaf(self.range)
        } else {
            Slot::Node(index)
        }
    }

    /// Becomes the parent of two nodes, and finds what it costs.
    fn adopt(
        &mut self,
        leaf_cost: f32,
        node_cost: f32,
        children: [u32; 2],
        [left, right]: [&Self; 2],
    ) {
        self.children = Some(children);
        let mut costs = [f32::INFINITY; WIDTH];
        for n in 2..=WIDTH {
            for n_left in 1..n {
                let cost = left.costs[n_left - 1] + right.costs[n - n_left - 1];
                if cost < costs[n - 1] {
                    costs[n - 1] = cost;
                    self.n_left[n - 1] = n_left as u8;
                }
            }
        }
        let node_cost = costs[WIDTH - 1] + node_cost * self.range.bounds.half_area();
        self.is_leaf = leaf_cost <= node_cost;
        self.costs[0] = leaf_cost.min(node_cost);
        for n in 2..WIDTH {
            if costs[n - 1] < self.costs[n - 2] {
                self.costs[n - 1] = costs[n - 1];
            } else {
                self.costs[n - 1] = self.costs[n - 2];
                self.n_left[n - 1] = 0;
            }
        }
    }
}
