//! One eight-wide tree, and its builder.
//!
//! Top down: a node starts as one range of references and cuts its largest range in two until eight
//! are there; no binary tree is ever stored, so that beside the result only 32 bytes a triangle live.
//! (A bottom-up binary builder keeps some 200 bytes a triangle, more than the whole result.)
//! Every step depends on the references alone, never on threads, so a scene always gives the same tree.

use rayon::prelude::*;

use super::bounds::Bounds;
use super::collapse::{self, Binary, Slot};
use super::node::{Block, Child, Node, WIDTH};
use super::split::{LeafShape, Range, Reference, Split, halve};
use crate::compiled::huge_pages::vec_on_huge_pages;

/// Ranges of no more references become a binary tree first, which is then collapsed at least cost.
/// Larger ones are cut greedily.
const COLLAPSE_MAX: usize = 1 << 13;
/// Levels of nodes that may be cut greedily by cost. Deeper ones are cut in the middle, which divides by
/// eight and so takes no more than [`MEDIAN_LEVELS`].
const COST_LEVELS: usize = 24;
/// Eight-fold divisions that bring 2²⁸ references down to [`COLLAPSE_MAX`].
const MEDIAN_LEVELS: usize = 5;
/// No tree has more levels of nodes: what traversal stacks are sized by. A collapsed tree is no deeper than
/// its binary tree.
pub const MAX_DEPTH: usize = COST_LEVELS + MEDIAN_LEVELS + collapse::MAX_DEPTH;

/// An eight-wide tree over triangles and (top level only) placements. Node 0 is the root.
#[derive(Debug)]
pub struct Tree {
    /// Nodes, parents before children.
    pub nodes: Vec<Node>,
    /// Triangles, in the order of the leaves.
    pub blocks: Vec<Block>,
    /// Box of everything.
    pub bounds: Bounds,
}

/// Which references make a block: start in the low 28 bits, count − 1 above them.
#[derive(Clone, Copy, Debug)]
struct BlockSource(u32);

impl BlockSource {
    fn new(start: usize, count: usize) -> Self {
        Self(start as u32 | (count as u32 - 1) << 28)
    }

    fn references(self) -> std::ops::Range<usize> {
        let start = (self.0 & 0x0fff_ffff) as usize;
        start..start + (self.0 >> 28) as usize + 1
    }
}

/// What a leaf's triangle is: `(primitive, owner)` of its reference.
pub type TriangleKey = (u32, u32);

/// Everything about a tree but its triangles' vertices.
#[derive(Debug)]
pub struct Skeleton {
    nodes: Vec<Node>,
    sources: Vec<BlockSource>,
    keys: Vec<TriangleKey>,
    bounds: Bounds,
}

impl Skeleton {
    /// Sorts `references` (fewer than 2²⁸) into a tree.
    pub fn build(mut references: Vec<Reference>, shape: LeafShape) -> Self {
        let range = Range::measure(&references, 0);
        let mut out = Subtree::new(shape);
        if references.is_empty() {
            out.nodes.push(Node::EMPTY);
        } else {
            let root = Part::new(&references, range, 0, shape);
            let root = out.grow(&mut references, root, 0);
            if !root.is_node() {
                let mut node = Node::EMPTY;
                node.set(0, range.bounds, root);
                out.nodes.push(node);
            }
        }
        let mut keys = Vec::with_capacity(references.len());
        keys.par_extend(
            references
                .par_iter()
                .map(|reference| (reference.primitive(), reference.owner())),
        );
        drop(references);
        let mut nodes = vec_on_huge_pages(out.nodes.len());
        nodes.par_extend(out.nodes);
        Self {
            nodes,
            sources: out.sources,
            keys,
            bounds: range.bounds,
        }
    }

    /// The nodes of a tree whose blocks hold one triangle each, and its triangles in the order of the leaves.
    pub fn into_single_triangles(self) -> (Vec<Node>, Vec<TriangleKey>) {
        let key = |source: &BlockSource| self.keys[source.references().start];
        (self.nodes, self.sources.iter().map(key).collect())
    }

    /// Fills in the triangles: `write` puts the triangle of a key into a lane of a block.
    pub fn finish(self, write: impl Fn(TriangleKey, &mut Block, usize) + Sync) -> Tree {
        let block = |source: &BlockSource| {
            let mut block = Block::EMPTY;
            for (lane, &key) in self.keys[source.references()].iter().enumerate() {
                write(key, &mut block, lane);
            }
            block
        };
        let mut blocks = vec_on_huge_pages(self.sources.len());
        blocks.par_extend(self.sources.par_iter().map(block));
        Tree {
            nodes: self.nodes,
            blocks,
            bounds: self.bounds,
        }
    }
}

/// Nodes and blocks of a part of a tree, indexed from 0.
struct Subtree {
    nodes: Vec<Node>,
    sources: Vec<BlockSource>,
    shape: LeafShape,
}

impl Subtree {
    fn new(shape: LeafShape) -> Self {
        Self {
            nodes: Vec::new(),
            sources: Vec::new(),
            shape,
        }
    }

    /// Adds what `part` becomes and all below it; returns it. `references` are the part's own.
    fn grow(&mut self, references: &mut [Reference], part: Part, depth: usize) -> Child {
        if references.len() <= COLLAPSE_MAX {
            let binary = Binary::build(references, part.range, self.shape);
            return self.emit(&binary, binary.slot(), references, part.range.start);
        }
        let shape = self.shape;
        let parts = widen(references, part, depth, shape);
        let index = self.nodes.len();
        self.nodes.push(Node::EMPTY);
        let mut rest = references;
        let mut slices = Vec::with_capacity(WIDTH);
        for &part in &parts {
            let (slice, right) = rest.split_at_mut(part.range.count);
            slices.push((slice, part));
            rest = right;
        }
        let subtrees: Vec<(Self, Child)> = slices
            .into_par_iter()
            .map(|(slice, part)| {
                let mut subtree = Self::new(shape);
                let child = subtree.grow(slice, part, depth + 1);
                (subtree, child)
            })
            .collect();
        for (slot, (part, (subtree, child))) in parts.iter().zip(subtrees).enumerate() {
            let child = self.append(subtree, child);
            self.nodes[index].set(slot, part.range.bounds, child);
        }
        Child::node(index as u32)
    }

    /// Adds a slot of a collapsed binary tree and all below it. `references` start at `base`.
    fn emit(
        &mut self,
        binary: &Binary,
        slot: Slot,
        references: &[Reference],
        base: usize,
    ) -> Child {
        match slot {
            Slot::Leaf(range) if range.n_placements != 0 => {
                Child::placement(references[range.start - base].primitive())
            }
            Slot::Leaf(range) => {
                let first = self.sources.len();
                let end = range.start + range.count;
                let block = self.shape.block;
                for start in (range.start..end).step_by(block) {
                    self.sources
                        .push(BlockSource::new(start, block.min(end - start)));
                }
                Child::triangles(first as u32, (self.sources.len() - first) as u32)
            }
            Slot::Node(node) => {
                let index = self.nodes.len();
                self.nodes.push(Node::EMPTY);
                for (slot, (bounds, content)) in binary.slots(node).into_iter().enumerate() {
                    let child = self.emit(binary, content, references, base);
                    self.nodes[index].set(slot, bounds, child);
                }
                Child::node(index as u32)
            }
        }
    }

    fn append(&mut self, mut other: Self, child: Child) -> Child {
        let (nodes, blocks) = (self.nodes.len() as u32, self.sources.len() as u32);
        for node in &mut other.nodes {
            for child in &mut node.children {
                *child = child.shifted(nodes, blocks);
            }
        }
        self.nodes.append(&mut other.nodes);
        self.sources.append(&mut other.sources);
        child.shifted(nodes, blocks)
    }
}

/// A range on its way to being a child.
#[derive(Clone, Copy)]
struct Part {
    range: Range,
    /// Where to cut it; `None` when no plane can, or nothing is to be gained.
    split: Option<Split>,
}

impl Part {
    fn new(references: &[Reference], range: Range, depth: usize, shape: LeafShape) -> Self {
        let worth_it = depth < COST_LEVELS && range.count > shape.block;
        Self {
            range,
            split: worth_it
                .then(|| Split::find(references, range.centers, shape))
                .flatten(),
        }
    }
}

/// Cuts `whole`, more than [`COLLAPSE_MAX`] references, into eight parts, in the order of the references.
fn widen(references: &mut [Reference], whole: Part, depth: usize, shape: LeafShape) -> Vec<Part> {
    let base = whole.range.start;
    let slice = |range: &Range| range.start - base..range.start - base + range.count;
    let mut parts = Vec::with_capacity(WIDTH);
    parts.push(whole);
    while parts.len() < WIDTH {
        // The box most rays enter is worth cutting first; past the levels cut by cost, the largest set,
        // so that every level divides by eight.
        let key = |part: &Part| {
            let area = if depth < COST_LEVELS {
                part.range.bounds.half_area()
            } else {
                0.0
            };
            (area.to_bits(), part.range.count)
        };
        let open = parts
            .iter()
            .enumerate()
            .filter(|(_, part)| part.range.count > shape.block);
        let Some((widest, _)) = open.max_by_key(|(_, part)| key(part)) else {
            break;
        };
        let Part { range, split } = parts[widest];
        let own = &mut references[slice(&range)];
        let (left, right) = match split.filter(|_| depth < COST_LEVELS) {
            Some(split) => split.apply(own, range.start),
            None => halve(own, range.start),
        };
        parts[widest] = Part::new(&references[slice(&left)], left, depth, shape);
        parts.insert(
            widest + 1,
            Part::new(&references[slice(&right)], right, depth, shape),
        );
    }
    parts
}
