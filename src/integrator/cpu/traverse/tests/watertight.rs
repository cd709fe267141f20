//! Closed meshes against leaks: rays from inside, aimed exactly at corners and edges.

use super::*;

/// Rays from `origin` to every corner, and to points on every edge and diagonal.
fn aimed(origin: Vec3, positions: &[Vec3], triangles: &[[u32; 3]]) -> Vec<PathState> {
    let mut targets = positions.to_vec();
    for corners in triangles {
        let [a, b, c] = corners.map(|corner| positions[corner as usize]);
        for (p, q) in [(a, b), (b, c), (c, a)] {
            targets.extend([0.5, 0.25, 0.1].map(|x| p + (q - p) * x));
        }
    }
    targets
        .into_iter()
        .map(|target| ray(origin, (target - origin).normalize()))
        .collect()
}

fn assert_no_leak(world: &World, paths: &[PathState]) {
    let accelerator = world.build();
    for simd in [Simd::Portable, Simd::detect()] {
        let hits = closest(simd, &accelerator, paths);
        let leak = hits.iter().position(|hit| hit.instance == INVALID);
        assert_eq!(leak.map(|i| paths[i]), None, "{simd:?}");
    }
}

#[test]
fn ball_from_inside() {
    let mut random = Random(11);
    let (positions, triangles) = ball(12, |_| 1.0);
    let world = World::one(positions.clone(), triangles.clone());
    for origin in [
        Vec3::ZERO,
        Vec3::splat(0.3),
        random.in_cube() * 0.5,
        Vec3::new(0.0, 0.9, 0.0),
    ] {
        assert_no_leak(&world, &aimed(origin, &positions, &triangles));
    }
}

#[test]
fn cube_along_its_axes_and_diagonals() {
    // One quad a side: rays run inside the planes of other sides' diagonals, with zero components.
    let (positions, triangles) = ball(1, |direction| 1.0 / direction.abs().max_element());
    let world = World::one(positions.clone(), triangles.clone());
    let mut paths = aimed(Vec3::ZERO, &positions, &triangles);
    for x in [-1.0, -0.0, 0.0, 1.0] {
        for y in [-1.0, -0.0, 0.0, 1.0] {
            for z in [-1.0, -0.0, 0.0, 1.0] {
                let direction = Vec3::new(x, y, z);
                if direction != Vec3::ZERO {
                    paths.push(ray(Vec3::ZERO, direction.normalize()));
                    paths.push(ray(Vec3::splat(0.5), direction.normalize()));
                }
            }
        }
    }
    assert_no_leak(&world, &paths);
}

#[test]
fn far_from_the_origin_and_long() {
    let (positions, triangles) = ball(8, |direction| 1.0 + 0.3 * (direction.x * 7.0).sin());
    for (offset, scale) in [
        (1e4, 1.0),
        (3e5, 200.0),
        (7.0, 1e-3),
        (0.0, 1e6),
        (0.0, 1e-6),
    ] {
        let moved: Vec<Vec3> = positions
            .iter()
            .map(|&p| p * scale + Vec3::new(offset, -offset, 0.5 * offset))
            .collect();
        let world = World::one(moved.clone(), triangles.clone());
        let center = Vec3::new(offset, -offset, 0.5 * offset);
        assert_no_leak(&world, &aimed(center, &moved, &triangles));
        assert_no_leak(&world, &aimed(center + scale * 0.3, &moved, &triangles));
    }
}

#[test]
fn needles() {
    // Squeezed a thousandfold, the ball is made of slivers seen edge on.
    let (positions, triangles) = ball(10, |_| 1.0);
    let thin: Vec<Vec3> = positions
        .iter()
        .map(|&p| p * Vec3::new(1.0, 1e-3, 50.0))
        .collect();
    let world = World::one(thin.clone(), triangles.clone());
    assert_no_leak(&world, &aimed(Vec3::ZERO, &thin, &triangles));
    assert_no_leak(
        &world,
        &aimed(Vec3::new(0.3, 2e-4, -11.0), &thin, &triangles),
    );
}

#[test]
fn placed_balls() {
    let (positions, triangles) = ball(8, |direction| 1.0 + 0.2 * (direction.y * 9.0).cos());
    let mut world = World::default();
    let mesh = world.add(positions.clone(), triangles.clone());
    let transforms = [
        Affine3A::from_scale_rotation_translation(
            Vec3::new(-2.0, 1.0, 3.0),
            Quat::from_rotation_y(1.0),
            Vec3::new(50.0, 3.0, 2.0),
        ),
        Affine3A::from_scale_rotation_translation(
            Vec3::splat(1e-3),
            Quat::from_rotation_x(2.0),
            Vec3::new(-900.0, 3.0, 2.0),
        ),
        Affine3A::from_scale_rotation_translation(
            Vec3::splat(300.0),
            Quat::from_rotation_z(0.4),
            Vec3::new(0.0, 5000.0, 2.0),
        ),
    ];
    for transform in transforms {
        world.place(mesh, transform, false);
    }
    for transform in transforms {
        let moved: Vec<Vec3> = positions
            .iter()
            .map(|&p| transform.transform_point3(p))
            .collect();
        let origin = transform.transform_point3(Vec3::new(0.1, -0.2, 0.05));
        assert_no_leak(&world, &aimed(origin, &moved, &triangles));
    }
}
