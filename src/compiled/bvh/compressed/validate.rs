//! The invariants of compressed tables, checked.

use super::node::{difference_above, difference_below, scale};
use super::{
    CompressedAccelerator, MAX_DEPTH, NODE_ROWS, PLACEMENT_MARK, PRIMITIVE_ROWS, Row, SPACE_ROWS,
};
use crate::compiled::bvh::WIDTH;

/// The first broken invariant of a [`CompressedAccelerator`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("compressed node {node}: {what}")]
pub struct Broken {
    /// Index of the node.
    node: usize,
    /// What is wrong.
    what: &'static str,
}

/// A box as the bytes of a node say, kept exact: corner, step and bytes of each axis.
#[derive(Clone, Copy)]
struct ByteBox {
    corner: [f32; 3],
    step: [f64; 3],
    low: [u8; 3],
    high: [u8; 3],
}

impl ByteBox {
    fn read(rows: &[Row], slot: usize) -> Self {
        let byte = |row: usize, word: usize| rows[row][word + slot / 4].to_le_bytes()[slot % 4];
        let exponents = rows[0][3].to_le_bytes();
        Self {
            corner: [0, 1, 2].map(|axis| f32::from_bits(rows[0][axis])),
            step: [0, 1, 2].map(|axis| scale(exponents[axis])),
            low: [2, 3, 4].map(|row| byte(row, 0)),
            high: [2, 3, 4].map(|row| byte(row, 2)),
        }
    }

    /// Whether the box holds the point, decided exactly.
    fn contains(&self, p: [f32; 3]) -> bool {
        (0..3).all(|axis| {
            f64::from(self.low[axis]) * self.step[axis]
                <= difference_below(p[axis], self.corner[axis])
                && f64::from(self.high[axis]) * self.step[axis]
                    >= difference_above(p[axis], self.corner[axis])
        })
    }
}

impl CompressedAccelerator {
    /// Checks that every node, primitive and space is reached exactly once (roots of shared meshes by every placement), that boxes hold the
    /// vertices and boxes below them, that no tree is deeper than [`MAX_DEPTH`] and that every index is in range.
    ///
    /// # Errors
    /// The first broken invariant.
    pub fn validate(&self) -> Result<(), Broken> {
        let mut check = Check {
            tables: self,
            nodes: vec![false; self.nodes.len() / NODE_ROWS],
            primitives: vec![false; self.primitives.len() / PRIMITIVE_ROWS],
            spaces: vec![false; self.spaces.len() / SPACE_ROWS],
        };
        check.tree(0)?;
        let broken = |what| Err(Broken { node: 0, what });
        if !check.spaces.iter().skip(1).all(|&reached| reached) {
            return broken("a placement is not reached");
        }
        for space in self.spaces.chunks_exact(SPACE_ROWS).skip(1) {
            let root = space[4][3] as usize;
            if check.nodes.get(root) == Some(&false) {
                check.tree(root)?;
            }
        }
        if !check
            .nodes
            .iter()
            .chain(&check.primitives)
            .all(|&reached| reached)
        {
            return broken("a node or primitive is not reached");
        }
        Ok(())
    }
}

struct Check<'a> {
    tables: &'a CompressedAccelerator,
    nodes: Vec<bool>,
    primitives: Vec<bool>,
    spaces: Vec<bool>,
}

impl Check<'_> {
    fn tree(&mut self, root: usize) -> Result<(), Broken> {
        let mut open = vec![(root, 1_usize, Vec::<ByteBox>::new())];
        while let Some((index, depth, around)) = open.pop() {
            let broken = |what| Broken { node: index, what };
            match self.nodes.get_mut(index) {
                None => return Err(broken("a child is out of range")),
                Some(true) => return Err(broken("a child is reached twice")),
                Some(reached) => *reached = true,
            }
            if depth > MAX_DEPTH {
                return Err(broken("the tree is too deep"));
            }
            let rows = &self.tables.nodes[index * NODE_ROWS..(index + 1) * NODE_ROWS];
            let (first_child, first_primitive) = (rows[1][0] as usize, rows[1][1] as usize);
            let mask = rows[0][3].to_le_bytes()[3];
            let (mut n_children, mut n_primitives) = (0, 0);
            for slot in 0..WIDTH {
                let content = rows[1][2 + slot / 4].to_le_bytes()[slot % 4];
                let is_node = content & 0x1f >= 24;
                if is_node != (mask >> slot & 1 == 1) {
                    return Err(broken("the mask of nodes is wrong"));
                }
                let mut around = around.clone();
                around.push(ByteBox::read(rows, slot));
                if is_node {
                    if usize::from(content) != 1 << 5 | (24 + slot) {
                        return Err(broken("a node's slot is wrong"));
                    }
                    open.push((first_child + n_children, depth + 1, around));
                    n_children += 1;
                } else if content != 0 {
                    let count = match content >> 5 {
                        1 => 1,
                        3 => 2,
                        7 => 3,
                        _ => return Err(broken("a number of primitives is wrong")),
                    };
                    if usize::from(content & 0x1f) != n_primitives {
                        return Err(broken("primitives do not follow each other"));
                    }
                    for primitive in 0..count {
                        let primitive = first_primitive + n_primitives + primitive;
                        self.primitive(index, primitive, &around)?;
                    }
                    n_primitives += count;
                }
            }
        }
        Ok(())
    }

    fn primitive(&mut self, node: usize, index: usize, around: &[ByteBox]) -> Result<(), Broken> {
        let broken = |what| Err(Broken { node, what });
        match self.primitives.get_mut(index) {
            None => return broken("a primitive is out of range"),
            Some(true) => return broken("a primitive is reached twice"),
            Some(reached) => *reached = true,
        }
        let rows = &self.tables.primitives[index * PRIMITIVE_ROWS..(index + 1) * PRIMITIVE_ROWS];
        let point = |row: usize| [0, 1, 2].map(|axis| f32::from_bits(rows[row][axis]));
        let is_placement = rows[0][3] == PLACEMENT_MARK;
        let n_points = if is_placement { 2 } else { 3 };
        if !(0..n_points).all(|row| around.iter().all(|own| own.contains(point(row)))) {
            return broken("a primitive is not inside the boxes above it");
        }
        if rows[2][3] != 0 {
            return broken("a word that must be 0 is not");
        }
        if is_placement {
            let space = rows[1][3] as usize;
            match self.spaces.get_mut(space) {
                Some(reached) if space != 0 && !*reached => *reached = true,
                _ => return broken("a placement's space is wrong"),
            }
            if self.tables.spaces[space * SPACE_ROWS + 4][3] != rows[2][0] {
                return broken("a placement's root is wrong");
            }
        }
        Ok(())
    }
}
