//! Geometry and rays nobody should make: no panic, no hang, no hit that is not there.

use super::*;
use crate::compiled::bvh::Error;

fn n_hits(world: &World, paths: &[PathState]) -> usize {
    let accelerator = world.build();
    let hits = closest(Simd::detect(), &accelerator, paths);
    assert_eq!(
        bits(&hits),
        bits(&closest(Simd::Portable, &accelerator, paths))
    );
    hits.iter().filter(|hit| hit.instance != INVALID).count()
}

fn looking_down() -> Vec<PathState> {
    (0..100)
        .map(|i| ray(Vec3::new(0.005 * i as f32, 0.25, 1.0), Vec3::NEG_Z))
        .collect()
}

#[test]
fn nothing_at_all() {
    assert_eq!(n_hits(&World::default(), &looking_down()), 0);
    let mut world = World::default();
    let mesh = world.add(Vec::new(), Vec::new());
    assert_eq!(n_hits(&world, &looking_down()), 0);
    for _ in 0..3 {
        world.place(mesh, Affine3A::IDENTITY, false);
        assert_eq!(n_hits(&world, &looking_down()), 0);
    }
    intersect_closest(Simd::detect(), &world.build(), &[], &[], &mut []);
}

#[test]
fn triangles_without_area() {
    let positions = vec![Vec3::ZERO, Vec3::X, Vec3::X * 2.0, Vec3::new(0.1, 0.3, 0.0)];
    let lines = vec![
        [0, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
        [0, 1, 2],
        [3, 3, 3],
    ];
    let mut paths = looking_down();
    // Aimed straight at the line and its ends.
    paths.extend([0.0, 0.5, 1.0, 1.5, 2.0].map(|x| ray(Vec3::new(x, 0.0, 1.0), Vec3::NEG_Z)));
    assert_eq!(
        n_hits(&World::one(positions.clone(), lines.clone()), &paths),
        0
    );
    let mut with_one = lines;
    with_one.extend([[0, 1, 3]; 2]);
    assert!(n_hits(&World::one(positions, with_one), &paths) > 0);
}

#[test]
fn positions_out_of_this_world() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, f32::MAX] {
        let positions = vec![
            Vec3::ZERO,
            Vec3::X,
            Vec3::Y,
            Vec3::new(0.3, bad, 0.1),
            Vec3::splat(bad),
        ];
        let triangles = vec![[0, 1, 3], [0, 1, 2], [4, 4, 4], [1, 3, 4]];
        let mut world = World::one(positions, triangles);
        assert_eq!(n_hits(&world, &looking_down()), 100);
        world.place(0, Affine3A::from_translation(Vec3::X * 9.0), false);
        assert_eq!(n_hits(&world, &looking_down()), 100);
    }
}

#[test]
fn transforms_without_inverse() {
    let singular = [
        Affine3A::from_scale(Vec3::ZERO),
        Affine3A::from_scale(Vec3::new(1.0, 0.0, 1.0)),
        Affine3A::from_mat3(glam::Mat3::from_cols(Vec3::ONE, Vec3::ONE * 2.0, Vec3::Z)),
        Affine3A::from_scale(Vec3::splat(f32::NAN)),
        Affine3A::from_scale(Vec3::splat(f32::INFINITY)),
        Affine3A::from_translation(Vec3::splat(f32::NAN)),
        Affine3A::from_scale(Vec3::splat(1e-30)),
    ];
    for transform in singular {
        let mut world = World::default();
        let mesh = world.add(vec![Vec3::ZERO, Vec3::X, Vec3::Y], vec![[0, 1, 2]]);
        for _ in 0..3 {
            world.place(mesh, transform, false);
            assert_eq!(n_hits(&world, &looking_down()), 0, "{transform:?}");
        }
        world.place(mesh, Affine3A::IDENTITY, false);
        assert_eq!(n_hits(&world, &looking_down()), 100, "{transform:?}");
    }
}

#[test]
fn rays_that_are_none() {
    let (positions, triangles) = ball(4, |_| 1.0);
    let mut world = World::one(positions, triangles);
    let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    let mut paths = vec![ray(Vec3::ZERO, Vec3::ZERO), ray(Vec3::ZERO, -Vec3::ZERO)];
    for x in bad {
        for axis in 0..3 {
            let mut v = Vec3::ZERO;
            v[axis] = x;
            paths.extend([
                ray(v, Vec3::X),
                ray(Vec3::ZERO, v),
                ray(Vec3::ZERO, v + Vec3::ONE),
                ray(v, v),
            ]);
        }
    }
    for _ in 0..2 {
        assert_eq!(n_hits(&world, &paths), 0);
        world.place(0, Affine3A::from_translation(Vec3::X * 9.0), false);
    }
}

#[test]
fn directions_with_tiny_components() {
    let (positions, triangles) = ball(4, |_| 1.0);
    let world = World::one(positions, triangles);
    let mut paths = Vec::new();
    for tiny in [0.0, -0.0, 1e-45, -1e-38, 1e-30, -1e-20, 1e-12] {
        paths.extend(
            [
                Vec3::new(1.0, tiny, tiny),
                Vec3::new(tiny, -1.0, tiny),
                Vec3::new(tiny, tiny, 1.0),
            ]
            .map(|d| ray(Vec3::ZERO, d)),
        );
    }
    assert_eq!(n_hits(&world, &paths), paths.len());
}

#[test]
fn a_pile_of_coincident_triangles() {
    let positions = vec![Vec3::ZERO, Vec3::X, Vec3::Y];
    let world = World::one(positions, vec![[0, 1, 2]; 300_000]);
    let accelerator = world.build();
    let hit = closest(Simd::detect(), &accelerator, &looking_down()[..1])[0];
    assert_eq!((hit.instance, hit.triangle), (0, 0));
}

#[test]
fn sizes_over_many_orders() {
    // Each triangle half the size of the one before and nested in it: what a cut by cost unbalances most.
    let mut positions = Vec::new();
    let mut scale = 1e6;
    while scale > 1e-30 {
        positions.extend([Vec3::ZERO, Vec3::X, Vec3::Y].map(|p| p * scale));
        scale *= 0.5;
    }
    let triangles = (0..positions.len() as u32 / 3)
        .map(|i| [3 * i, 3 * i + 1, 3 * i + 2])
        .collect::<Vec<_>>();
    let many: Vec<_> = (0..200).flat_map(|_| triangles.clone()).collect();
    for triangles in [triangles, many] {
        assert_eq!(
            n_hits(&World::one(positions.clone(), triangles), &looking_down()),
            100
        );
    }
}

#[test]
fn indices_that_point_nowhere() {
    let positions = [Vec3::ZERO, Vec3::X];
    let mesh = MeshGeometry {
        positions: &positions,
        triangles: &[[0, 1, 1], [0, 1, 2]],
        first_triangle: 0,
    };
    let error = Accelerator::build(&[mesh], &[]).unwrap_err();
    assert_eq!(
        error,
        Error::VertexOutOfRange {
            mesh: 0,
            triangle: 1
        }
    );
    let instance = InstanceGeometry {
        mesh: 1,
        world_from_object: Affine3A::IDENTITY,
        non_opaque: false,
    };
    let error = Accelerator::build(&[], &[instance]).unwrap_err();
    assert_eq!(
        error,
        Error::MeshOutOfRange {
            instance: 0,
            mesh: 1
        }
    );
}
