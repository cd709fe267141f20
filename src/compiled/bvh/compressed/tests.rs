//! That boxes only grow, that trees stay shallow, and that [`CompressedAccelerator::validate`] finds what is broken.

use super::super::node::Child;
use super::super::{InstanceGeometry, MeshGeometry};
use super::node::{difference_above, difference_below, scale};
use super::*;
use glam::{Affine3A, Vec3};
use proptest::prelude::*;

/// A grid of small triangles, placed once and three times.
fn compressed() -> CompressedAccelerator {
    let (mut positions, mut triangles) = (Vec::new(), Vec::new());
    for i in 0..2000_u32 {
        let at = Vec3::new((i % 40) as f32, (i / 40) as f32, (i % 7) as f32);
        positions.extend([at, at + Vec3::X * 0.5, at + Vec3::Y * 0.5]);
        triangles.push([3 * i, 3 * i + 1, 3 * i + 2]);
    }
    let mesh = |first_triangle| MeshGeometry {
        positions: &positions,
        triangles: &triangles,
        first_triangle,
    };
    let instance = |mesh, x: f32| InstanceGeometry {
        mesh,
        world_from_object: Affine3A::from_translation(Vec3::X * x),
        non_opaque: false,
    };
    let instances = [
        instance(0, 0.0),
        instance(1, 50.0),
        instance(1, 100.0),
        instance(1, 150.0),
    ];
    let accelerator = Accelerator::build(&[mesh(0), mesh(2000)], &instances).unwrap();
    CompressedAccelerator::build(&accelerator).unwrap()
}

#[test]
fn what_is_built_is_valid_and_small() {
    let tables = compressed();
    assert_eq!(tables.validate(), Ok(()));
    assert_eq!(tables.spaces.len(), 4 * SPACE_ROWS);
    assert_eq!(tables.primitives.len(), 4003 * PRIMITIVE_ROWS);
    // mostly full leaves, mostly full nodes
    assert!(
        tables.nodes.len() / NODE_ROWS < 4000 / 7,
        "{}",
        tables.nodes.len()
    );
    assert!(tables.memory_bytes() < 4003 * 64);
}

#[test]
fn nothing_is_a_tree_too() {
    let accelerator = Accelerator::build(&[], &[]).unwrap();
    let tables = CompressedAccelerator::build(&accelerator).unwrap();
    assert_eq!(tables.validate(), Ok(()));
    assert_eq!(tables.nodes.len(), NODE_ROWS);
}

#[test]
fn what_is_broken_is_found() {
    let breaks: [fn(&mut CompressedAccelerator); 8] = [
        |t| t.nodes[0][0] = 1e9_f32.to_bits(),
        |t| t.nodes[2][0] ^= 0xffff_ffff,
        |t| t.nodes[1][0] += 1,
        |t| t.nodes[1][1] += 1,
        |t| t.nodes[0][3] ^= 1 << 24,
        |t| t.primitives[0][0] = 1e9_f32.to_bits(),
        |t| t.primitives[2][3] = 1,
        |t| t.spaces[SPACE_ROWS + 4][3] += 1,
    ];
    for (i, damage) in breaks.into_iter().enumerate() {
        let mut tables = compressed();
        damage(&mut tables);
        assert!(tables.validate().is_err(), "damage {i}");
    }
}

/// A tree in which every node has one leaf and one node, `levels` deep.
fn chain(levels: u32) -> Vec<Node> {
    let bounds = |from: u32, to: u32| Bounds {
        min: Vec3A::new(from as f32, 0.0, 0.0),
        max: Vec3A::new(to as f32, 1.0, 1.0),
    };
    (0..levels)
        .map(|i| {
            let mut node = Node::EMPTY;
            node.set(0, bounds(i, i + 1), Child::triangles(i, 1));
            if i + 1 < levels {
                node.set(1, bounds(i + 1, levels), Child::node(i + 1));
            }
            node
        })
        .collect()
}

#[test]
fn deep_trees_become_shallow_and_keep_their_leaves() {
    fn visit(nodes: &[Node], index: usize, depth: usize, found: &mut Vec<u32>) -> usize {
        let mut deepest = depth;
        for (slot, child) in nodes[index].children.iter().enumerate() {
            match child.kind() {
                ChildKind::Node(child) => {
                    let bounds = nodes[index].slot_bounds(slot);
                    let below = &nodes[child as usize];
                    assert!((0..8).all(|slot| bounds.contains(below.slot_bounds(slot))));
                    deepest = deepest.max(visit(nodes, child as usize, depth + 1, found));
                }
                ChildKind::Triangles { first_block, .. } => found.push(first_block),
                _ => {}
            }
        }
        deepest
    }
    for (levels, limit) in [
        (5, 16),
        (16, 16),
        (17, 16),
        (60, 16),
        (3000, 16),
        (512, 3),
        (65, 3),
    ] {
        let mut nodes = chain(levels);
        shallow::limit_depth(&mut nodes, limit);
        let mut found = Vec::new();
        let depth = visit(&nodes, 0, 1, &mut found);
        found.sort_unstable();
        assert_eq!(found, (0..levels).collect::<Vec<_>>());
        assert!(depth <= limit, "{levels} levels became {depth}");
    }
}

/// Any number that can be a coordinate.
fn coordinate() -> impl Strategy<Value = f32> {
    prop_oneof![
        -100.0_f32..100.0,
        any::<f32>().prop_filter("a coordinate", |x| x.abs() <= super::super::MAX_COORDINATE),
    ]
}

/// x − y in units of 2^−149, exactly, when neither is larger than 2^−30.
fn exact_difference(x: f32, y: f32) -> i128 {
    let units = |x: f32| {
        let bits = x.to_bits();
        let exponent = (bits >> 23 & 0xff).max(1);
        let mantissa = i128::from(bits & 0x7f_ffff | u32::from(bits >> 23 & 0xff != 0) << 23);
        (mantissa << (exponent - 1)) * if x < 0.0 { -1 } else { 1 }
    };
    units(x) - units(y)
}

proptest! {
    #[test]
    fn differences_are_rounded_the_right_way(x in -1e-9_f32..1e-9, y in any::<f32>()) {
        // y of any size below 2^−30: its exponent is what matters
        let exponent = (y.to_bits() >> 23 & 0xff) % 97;
        let y = f32::from_bits(y.to_bits() & 0x807f_ffff | exponent << 23);
        // as a double has 53 digits, so has its count of units: a shift makes both whole
        let units = |d: f64| (d * 2_f64.powi(149)) as i128;
        let exact = exact_difference(x, y);
        prop_assert!(units(difference_below(x, y)) <= exact);
        prop_assert!(units(difference_above(x, y)) >= exact);
        prop_assert!(difference_below(x, y) >= (f64::from(x) - f64::from(y)).next_down());
        prop_assert!(difference_above(x, y) <= (f64::from(x) - f64::from(y)).next_up());
    }

    /// Boxes only grow, and by less than a step on each side.
    #[test]
    fn boxes_are_rounded_outwards(corners in prop::collection::vec([coordinate(), coordinate(), coordinate()], 2..=16)) {
        let mut node = Node::EMPTY;
        for (slot, pair) in corners.chunks_exact(2).enumerate() {
            let bounds = Bounds::EMPTY.with_point(pair[0].into()).with_point(pair[1].into());
            node.set(slot, bounds, Child::triangles(slot as u32, 1));
        }
        let slots = slot::assign(&node);
        let rows = encode(&node, &slots, 0, 0);
        let exponents = rows[0][3].to_le_bytes();
        for (slot, child) in slots.into_iter().enumerate() {
            let Some(child) = child else { continue };
            let byte = |row: usize, word: usize| f64::from(rows[row][word + slot / 4].to_le_bytes()[slot % 4]);
            let low = [2, 3, 4].map(|row| byte(row, 0));
            let high = [2, 3, 4].map(|row| byte(row, 2));
            let own = node.slot_bounds(child);
            for axis in 0..3 {
                let corner = f32::from_bits(rows[0][axis]);
                let step = scale(exponents[axis]);
                let (below, above) = (difference_below(own.min[axis], corner), difference_above(own.max[axis], corner));
                prop_assert!(low[axis] * step <= below && below < (low[axis] + 1.0) * step);
                prop_assert!(high[axis] * step >= above && (high[axis] == 0.0 || above > (high[axis] - 1.0) * step));
            }
        }
    }
}
