//! Keeping trees shallow, so that a stack of known size holds every walk.
//!
//! A tree that was cut by cost is deep only where triangles are very unevenly spread. There, and no higher than needed, it is
//! replaced by a balanced one over the same leaves.

use super::super::node::{Child, ChildKind, Node, WIDTH};
use super::Bounds;

/// Children of a node that are nodes.
pub fn child_nodes(node: &Node) -> impl Iterator<Item = usize> + '_ {
    node.children.iter().filter_map(|child| match child.kind() {
        ChildKind::Node(index) => Some(index as usize),
        _ => None,
    })
}

/// Levels of the shallowest tree over `n_leaves`.
fn least_levels(n_leaves: usize) -> usize {
    let mut levels = 1;
    let mut room = WIDTH;
    while room < n_leaves {
        levels += 1;
        room *= WIDTH;
    }
    levels
}

/// Changes the tree with root 0, parents before children, to have `max_depth` levels at most. Nodes that are replaced stay
/// in the list, out of reach; new ones come last. There are no more leaves than so many levels can hold.
pub fn limit_depth(nodes: &mut Vec<Node>, max_depth: usize) {
    // levels and leaves below each node
    let mut size = vec![(1_usize, 0_usize); nodes.len()];
    for index in (0..nodes.len()).rev() {
        let (mut levels, mut n_leaves) = (1, 0);
        for child in &nodes[index].children {
            match child.kind() {
                ChildKind::Node(child) => {
                    levels = levels.max(1 + size[child as usize].0);
                    n_leaves += size[child as usize].1;
                }
                ChildKind::Nothing => {}
                ChildKind::Triangles { .. } | ChildKind::Placement(_) => n_leaves += 1,
            }
        }
        size[index] = (levels, n_leaves);
    }
    let mut open = vec![(0_usize, max_depth)];
    while let Some((index, room)) = open.pop() {
        if size[index].0 <= room {
            continue;
        }
        let children: Vec<usize> = child_nodes(&nodes[index]).collect();
        if children
            .iter()
            .all(|&child| least_levels(size[child].1) < room)
        {
            open.extend(children.into_iter().map(|child| (child, room - 1)));
        } else {
            let mut leaves = leaves_below(nodes, index);
            balance(nodes, index, &mut leaves);
        }
    }
}

fn leaves_below(nodes: &[Node], root: usize) -> Vec<(Bounds, Child)> {
    let mut leaves = Vec::new();
    let mut open = vec![root];
    while let Some(index) = open.pop() {
        let node = &nodes[index];
        for (slot, child) in node.children.iter().enumerate() {
            match child.kind() {
                ChildKind::Node(child) => open.push(child as usize),
                ChildKind::Nothing => {}
                _ => leaves.push((node.slot_bounds(slot), *child)),
            }
        }
    }
    leaves
}

/// Makes node `index` the root of the shallowest tree over `leaves`, more than one.
fn balance(nodes: &mut Vec<Node>, index: usize, leaves: &mut [(Bounds, Child)]) {
    let mut node = Node::EMPTY;
    let mut parts: Vec<&mut [(Bounds, Child)]> = vec![leaves];
    while parts.len() < WIDTH {
        parts = parts.into_iter().flat_map(halves).collect();
    }
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    for (slot, part) in parts.enumerate() {
        let bounds = (part.iter()).fold(Bounds::EMPTY, |all, (bounds, _)| all.union(*bounds));
        let child = if let [(_, leaf)] = part {
            *leaf
        } else {
            let child = nodes.len();
            nodes.push(Node::EMPTY);
            balance(nodes, child, part);
            Child::node(child as u32)
        };
        node.set(slot, bounds, child);
    }
    nodes[index] = node;
}

/// Both halves along the axis the centres spread most on.
fn halves(leaves: &mut [(Bounds, Child)]) -> [&mut [(Bounds, Child)]; 2] {
    let centers = (leaves.iter()).fold(Bounds::EMPTY, |all, (bounds, _)| {
        all.with_point(bounds.doubled_center())
    });
    let spread = centers.max - centers.min;
    let axis = spread.max_position();
    let middle = leaves.len().div_ceil(2);
    if middle < leaves.len() {
        leaves.select_nth_unstable_by(middle, |(a, _), (b, _)| {
            a.doubled_center()[axis].total_cmp(&b.doubled_center()[axis])
        });
    }
    let (left, right) = leaves.split_at_mut(middle);
    [left, right]
}
