//! That [`Accelerator::validate`] finds what is broken, and that children say what they were told.

use super::*;

/// A grid of small triangles, placed once and three times.
fn accelerator() -> Accelerator {
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
    Accelerator::build(&[mesh(0), mesh(2000)], &instances).unwrap()
}

#[test]
fn what_is_built_is_valid() {
    let accelerator = accelerator();
    assert_eq!(accelerator.validate(), Ok(()));
    assert_eq!(
        (accelerator.meshes().len(), accelerator.placements().len()),
        (1, 3)
    );
    let n_blocks = accelerator.top().blocks.len() + accelerator.meshes()[0].blocks.len();
    assert!(accelerator.memory_bytes() > n_blocks * size_of::<Block>());
    // Mostly full blocks, mostly full nodes.
    assert!(n_blocks < 4000 / 3, "{n_blocks}");
}

#[test]
fn what_is_broken_is_found() {
    let breaks: [fn(&mut Accelerator); 8] = [
        |a| a.top.nodes[0].bounds[1][0] = -1.0,
        |a| a.top.nodes[1].children[0] = Child::NOTHING,
        |a| a.top.nodes[0].children[1] = a.top.nodes[0].children[0],
        |a| a.top.nodes[0].children[0] = Child::node(1 << 20),
        |a| a.top.nodes[0].children[0] = Child::node(0),
        |a| a.top.blocks[3].vertices[1][2][0] = 1e9,
        |a| a.placements[1].mesh = 7,
        |a| a.placements.push(a.placements[0].clone()),
    ];
    for (i, damage) in breaks.into_iter().enumerate() {
        let mut accelerator = accelerator();
        damage(&mut accelerator);
        assert!(accelerator.validate().is_err(), "damage {i}");
    }
}

#[test]
fn children_decode_to_what_was_encoded() {
    assert_eq!(Child::NOTHING.kind(), ChildKind::Nothing);
    for index in [0, 1, 12_345, MAX_INDEX - 1] {
        assert_eq!(Child::node(index).kind(), ChildKind::Node(index));
        assert_eq!(Child::placement(index).kind(), ChildKind::Placement(index));
        for n_blocks in 1..=7 {
            let triangles = ChildKind::Triangles {
                first_block: index,
                n_blocks,
            };
            assert_eq!(Child::triangles(index, n_blocks).kind(), triangles);
        }
    }
}
