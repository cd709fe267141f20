//! The 80 bytes of a node: boxes rounded outwards to bytes.

use super::super::node::{ChildKind, Node, WIDTH};
use super::{Bounds, NODE_ROWS, Row};

/// Number of the first bit that stands for a node, in the masks of a walk.
const NODE_BIT: u32 = 24;
/// The largest byte.
const BYTE_MAX: f64 = 255.0;

/// The largest double not above x − y.
pub fn difference_below(x: f32, y: f32) -> f64 {
    let (difference, error) = two_difference(f64::from(x), f64::from(y));
    if error < 0.0 {
        difference.next_down()
    } else {
        difference
    }
}

/// The smallest double not below x − y.
pub fn difference_above(x: f32, y: f32) -> f64 {
    -difference_below(y, x)
}

/// x − y rounded, and what it was rounded by.
///
/// Source: Knuth, The Art of Computer Programming 2, §4.2.2 (two-sum).
fn two_difference(x: f64, y: f64) -> (f64, f64) {
    let difference = x - y;
    let virtual_y = x - difference;
    (difference, (x - (difference + virtual_y)) + (virtual_y - y))
}

/// 2^(exponent − 127), exponent in [1, 254].
pub fn scale(exponent: u8) -> f64 {
    f64::from(f32::from_bits(u32::from(exponent) << 23))
}

/// The smallest exponent with which one byte reaches from `low` to `high`.
fn exponent(low: f32, high: f32) -> u8 {
    let extent = difference_above(high, low);
    (1..=254)
        .find(|&e| extent <= BYTE_MAX * scale(e))
        .unwrap_or(254)
}

/// Rows of a node whose slots hold the children that `slots` names.
pub fn encode(
    node: &Node,
    slots: &[Option<usize>; WIDTH],
    first_child: u32,
    first_primitive: u32,
) -> [Row; NODE_ROWS] {
    let bounds = slots.iter().flatten().fold(Bounds::EMPTY, |all, &child| {
        all.union(node.slot_bounds(child))
    });
    let corner: [f32; 3] = if bounds.is_empty() {
        [0.0; 3]
    } else {
        bounds.min.to_array()
    };
    let exponents =
        [0, 1, 2].map(|axis| exponent(corner[axis], bounds.max[axis].max(corner[axis])));
    let mut contents = [0_u8; WIDTH];
    // [axis][slot]
    let (mut low, mut high) = ([[0_u8; WIDTH]; 3], [[0_u8; WIDTH]; 3]);
    let (mut nodes, mut n_primitives) = (0_u8, 0_u8);
    for (slot, child) in slots.iter().enumerate() {
        let Some(child) = *child else { continue };
        let count = match node.children[child].kind() {
            ChildKind::Node(_) => {
                nodes |= 1 << slot;
                contents[slot] = 1 << 5 | (NODE_BIT as u8 + slot as u8);
                0
            }
            ChildKind::Triangles { n_blocks, .. } => n_blocks as u8,
            ChildKind::Placement(_) => 1,
            ChildKind::Nothing => 0,
        };
        if count != 0 {
            contents[slot] = ((1 << count) - 1) << 5 | n_primitives;
            n_primitives += count;
        }
        let own = node.slot_bounds(child);
        for axis in 0..3 {
            let step = scale(exponents[axis]);
            let below = difference_below(own.min[axis], corner[axis]) / step;
            let above = difference_above(own.max[axis], corner[axis]) / step;
            low[axis][slot] = below.floor() as u8;
            high[axis][slot] = above.ceil() as u8;
        }
    }
    let halves = |bytes: [u8; WIDTH]| {
        let [a, b, c, d, e, f, g, h] = bytes;
        [
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]),
        ]
    };
    let row = |[a, b]: [u32; 2], [c, d]: [u32; 2]| [a, b, c, d];
    let [x, y, z] = corner.map(f32::to_bits);
    let [ex, ey, ez] = exponents;
    [
        [x, y, z, u32::from_le_bytes([ex, ey, ez, nodes])],
        row([first_child, first_primitive], halves(contents)),
        row(halves(low[0]), halves(high[0])),
        row(halves(low[1]), halves(high[1])),
        row(halves(low[2]), halves(high[2])),
    ]
}
