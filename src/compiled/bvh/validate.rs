//! The invariants of a tree, checked.

use super::{Accelerator, Block, Bounds, Child, ChildKind, MAX_DEPTH, Node, Tree, WIDTH};

/// The first broken invariant of an [`Accelerator`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tree {tree}, node {node}: {what}")]
pub struct Broken {
    /// Index of the shared mesh's tree, or `usize::MAX` for the top level.
    tree: usize,
    /// Index of the node.
    node: usize,
    /// What is wrong.
    what: &'static str,
}

impl Accelerator {
    /// Checks that every node, block and placement is reached exactly once, that boxes hold what is
    /// below them, that no tree is deeper than [`MAX_DEPTH`] and that every index is in range.
    ///
    /// # Errors
    /// The first broken invariant.
    pub fn validate(&self) -> Result<(), Broken> {
        let n_reached = check_tree(&self.top, usize::MAX, self.placements.len())?;
        let broken = |what| Broken {
            tree: usize::MAX,
            node: 0,
            what,
        };
        if n_reached != self.placements.len() {
            return Err(broken("a placement is not reached exactly once"));
        }
        if self
            .placements
            .iter()
            .any(|placement| placement.mesh as usize >= self.meshes.len())
        {
            return Err(broken("a placement names no mesh"));
        }
        for (index, tree) in self.meshes.iter().enumerate() {
            check_tree(tree, index, 0)?;
        }
        Ok(())
    }
}

/// Returns how many placements were reached.
fn check_tree(tree: &Tree, index: usize, n_placements: usize) -> Result<usize, Broken> {
    let mut reached_nodes = vec![false; tree.nodes.len()];
    let mut reached_blocks = vec![false; tree.blocks.len()];
    let mut reached_placements = vec![false; n_placements];
    let mut open = vec![(0_usize, 1_usize, tree.bounds)];
    while let Some((node, depth, bounds)) = open.pop() {
        let broken = |what| Broken {
            tree: index,
            node,
            what,
        };
        let mark = |reached: &mut [bool], i: u32| match reached.get_mut(i as usize) {
            None => Err(broken("a child is out of range")),
            Some(true) => Err(broken("a child is reached twice")),
            Some(reached) => {
                *reached = true;
                Ok(())
            }
        };
        mark(&mut reached_nodes, node as u32)?;
        if depth > MAX_DEPTH {
            return Err(broken("the tree is too deep"));
        }
        let node = &tree.nodes[node];
        for slot in 0..WIDTH {
            let own = node.slot_bounds(slot);
            let kind = node.children[slot].kind();
            if own.is_empty() != (kind == ChildKind::Nothing) || !bounds.contains(own) {
                return Err(broken("a box is not inside its parent's"));
            }
            match kind {
                ChildKind::Node(child) => {
                    if child as usize >= tree.nodes.len() {
                        return Err(broken("a child is out of range"));
                    }
                    open.push((child as usize, depth + 1, own));
                }
                ChildKind::Triangles {
                    first_block,
                    n_blocks,
                } => {
                    for block in first_block..first_block + n_blocks {
                        mark(&mut reached_blocks, block)?;
                        if !own.contains(block_bounds(&tree.blocks[block as usize])) {
                            return Err(broken("a triangle is not inside its leaf's box"));
                        }
                    }
                }
                ChildKind::Placement(placement) => mark(&mut reached_placements, placement)?,
                ChildKind::Nothing => {}
            }
        }
        if node
            .children
            .windows(2)
            .any(|pair| pair[0] == Child::NOTHING && pair[1] != Child::NOTHING)
        {
            return Err(broken("an empty slot comes before a full one"));
        }
    }
    if !reached_nodes
        .iter()
        .chain(&reached_blocks)
        .all(|&reached| reached)
    {
        return Err(Broken {
            tree: index,
            node: 0,
            what: "a node or block is not reached",
        });
    }
    Ok(reached_placements
        .iter()
        .filter(|&&reached| reached)
        .count())
}

fn block_bounds(block: &Block) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    for (lane, &triangle) in block.triangles.iter().enumerate() {
        if triangle != u32::MAX {
            for vertex in &block.vertices {
                bounds =
                    bounds.with_point([vertex[0][lane], vertex[1][lane], vertex[2][lane]].into());
            }
        }
    }
    bounds
}

const _: () = assert!(size_of::<Node>() == 224 && size_of::<Block>() == 176);
