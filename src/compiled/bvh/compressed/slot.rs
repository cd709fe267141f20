//! Which child goes into which slot of a node.
//!
//! A ray visits slots in an order that only its octant decides: slot s first, when the bits of s are set on the axes
//! along which it travels backward. So a child belongs into the slot whose corner it lies nearest to.

use super::super::node::{ChildKind, Node, WIDTH};
use glam::Vec3A;

/// For each slot the child that goes there, greedily by how far the child lies towards the slot's corner.
pub fn assign(node: &Node) -> [Option<usize>; WIDTH] {
    let center = |child: usize| node.slot_bounds(child).doubled_center();
    let children: Vec<usize> = (0..WIDTH)
        .filter(|&child| node.children[child].kind() != ChildKind::Nothing)
        .collect();
    let sum = |sum: Vec3A, &child: &usize| sum + center(child);
    let middle = children.iter().fold(Vec3A::ZERO, sum) / children.len().max(1) as f32;
    let mut pairs: Vec<(f32, usize, usize)> = Vec::with_capacity(children.len() * WIDTH);
    for &child in &children {
        for slot in 0..WIDTH {
            let corner =
                Vec3A::from_array([1, 2, 4].map(|axis| if slot & axis != 0 { 1.0 } else { -1.0 }));
            pairs.push(((center(child) - middle).dot(corner), child, slot));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut slots = [None; WIDTH];
    let mut placed = [false; WIDTH];
    for (_, child, slot) in pairs {
        if !placed[child] && slots[slot].is_none() {
            placed[child] = true;
            slots[slot] = Some(child);
        }
    }
    slots
}
