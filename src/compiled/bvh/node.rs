//! The records that traversal reads: eight-wide nodes, blocks of four triangles, and what a child is.

use bytemuck::Zeroable;

use super::bounds::Bounds;

/// Children of a node.
pub const WIDTH: usize = 8;
/// Triangles in a block.
pub const BLOCK: usize = 4;
/// Most blocks in a leaf: what three bits of [`Child`] can say, less the code for an instance.
pub const MAX_LEAF_BLOCKS: usize = 7;
/// Most triangles in a leaf.
pub const MAX_LEAF_TRIANGLES: usize = MAX_LEAF_BLOCKS * BLOCK;
/// Nodes, blocks and placements each number fewer than this.
pub const MAX_INDEX: u32 = (1 << 28) - 1;

const LEAF: u32 = 1 << 31;
const CODE_SHIFT: u32 = 28;
const CODE_INSTANCE: u32 = 7;
const INDEX_MASK: u32 = (1 << CODE_SHIFT) - 1;

/// What a slot of a node refers to, in 32 bits.
///
/// | bits | inner node | triangles | placement | nothing |
/// |---|---|---|---|---|
/// | 31 | 0 | 1 | 1 | 1 |
/// | 28–30 | 0 | blocks − 1 (0–6) | 7 | 7 |
/// | 0–27 | node index | first block | placement index | all ones |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Zeroable)]
#[repr(transparent)]
pub struct Child(pub u32);

/// A [`Child`], decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildKind {
    /// An inner node of the same tree.
    Node(u32),
    /// `n_blocks` blocks starting at `first_block`.
    Triangles {
        /// Index of the first block.
        first_block: u32,
        /// Number of blocks, 1–7.
        n_blocks: u32,
    },
    /// A placement of a shared mesh (top level only).
    Placement(u32),
    /// No child: its box is empty, so no ray reaches it.
    Nothing,
}

impl Child {
    /// The empty slot.
    pub const NOTHING: Self = Self(u32::MAX);

    /// An inner node. `index` ≤ [`MAX_INDEX`].
    pub fn node(index: u32) -> Self {
        debug_assert!(index < MAX_INDEX);
        Self(index)
    }

    /// A leaf of `n_blocks` (1–7) blocks.
    pub fn triangles(first_block: u32, n_blocks: u32) -> Self {
        debug_assert!(first_block < MAX_INDEX && (1..=MAX_LEAF_BLOCKS as u32).contains(&n_blocks));
        Self(LEAF | (n_blocks - 1) << CODE_SHIFT | first_block)
    }

    /// A leaf that is one placement.
    pub fn placement(index: u32) -> Self {
        debug_assert!(index < MAX_INDEX);
        Self(LEAF | CODE_INSTANCE << CODE_SHIFT | index)
    }

    /// True for an inner node: the whole word is then its index.
    #[inline(always)]
    pub fn is_node(self) -> bool {
        self.0 & LEAF == 0
    }

    /// Decodes.
    #[inline(always)]
    pub fn kind(self) -> ChildKind {
        let index = self.0 & INDEX_MASK;
        let code = self.0 >> CODE_SHIFT & 7;
        if self.is_node() {
            ChildKind::Node(self.0)
        } else if code != CODE_INSTANCE {
            ChildKind::Triangles {
                first_block: index,
                n_blocks: code + 1,
            }
        } else if index != INDEX_MASK {
            ChildKind::Placement(index)
        } else {
            ChildKind::Nothing
        }
    }

    /// The same child after `nodes` nodes and `blocks` blocks were put before its tree.
    #[must_use]
    pub fn shifted(self, nodes: u32, blocks: u32) -> Self {
        match self.kind() {
            ChildKind::Node(index) => Self::node(index + nodes),
            ChildKind::Triangles {
                first_block,
                n_blocks,
            } => Self::triangles(first_block + blocks, n_blocks),
            ChildKind::Placement(_) | ChildKind::Nothing => self,
        }
    }
}

/// Eight children and their boxes, 224 bytes.
///
/// Offsets: 0 min x, 32 max x, 64 min y, 96 max y, 128 min z, 160 max z, 192 children. Empty slots
/// have minima +∞ and maxima −∞, and come last.
#[derive(Clone, Copy, Debug, Zeroable)]
#[repr(C, align(32))]
pub struct Node {
    /// `[2 axis + (0 min | 1 max)][slot]`.
    pub bounds: [[f32; WIDTH]; 6],
    /// What each slot refers to.
    pub children: [Child; WIDTH],
}

impl Node {
    /// A node without children.
    pub const EMPTY: Self = Self {
        bounds: {
            let (low, high) = ([f32::INFINITY; WIDTH], [f32::NEG_INFINITY; WIDTH]);
            [low, high, low, high, low, high]
        },
        children: [Child::NOTHING; WIDTH],
    };

    /// Sets one slot.
    pub fn set(&mut self, slot: usize, bounds: Bounds, child: Child) {
        for axis in 0..3 {
            self.bounds[2 * axis][slot] = bounds.min[axis];
            self.bounds[2 * axis + 1][slot] = bounds.max[axis];
        }
        self.children[slot] = child;
    }

    /// The box of one slot.
    pub fn slot_bounds(&self, slot: usize) -> Bounds {
        let row = |row: usize| self.bounds[row][slot];
        Bounds {
            min: [row(0), row(2), row(4)].into(),
            max: [row(1), row(3), row(5)].into(),
        }
    }
}

/// Bit of [`Block::instances`]: alpha may let rays pass.
pub const NON_OPAQUE: u32 = 1 << 31;

/// Four triangles, 176 bytes. Unused lanes come last and have NaN vertices, which no test accepts.
///
/// Offsets: 0 first vertex (x of four triangles, then y, z), 48 second, 96 third, 144 triangles,
/// 160 instances.
#[derive(Clone, Copy, Debug, Zeroable)]
#[repr(C, align(16))]
pub struct Block {
    /// `[vertex][axis][lane]`.
    pub vertices: [[[f32; BLOCK]; 3]; 3],
    /// Index in the triangle table.
    pub triangles: [u32; BLOCK],
    /// Index in the instance table in bits 0–30 and [`NON_OPAQUE`]; in shared meshes all 0 (the
    /// placement knows).
    pub instances: [u32; BLOCK],
}

impl Block {
    /// A block without triangles.
    pub const EMPTY: Self = Self {
        vertices: [[[f32::NAN; BLOCK]; 3]; 3],
        triangles: [u32::MAX; BLOCK],
        instances: [u32::MAX; BLOCK],
    };
}
