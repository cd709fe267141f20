//! Answers against a search through all triangles in double precision.

use super::*;

/// Solves for (t, b, c) in double precision.
fn solve(path: &PathState, [p0, p1, p2]: [DVec3; 3]) -> Option<DVec3> {
    let origin = Vec3::from(path.origin).as_dvec3();
    let direction = Vec3::from(path.direction).as_dvec3();
    let matrix = DMat3::from_cols(-direction, p1 - p0, p2 - p0);
    (matrix.determinant() != 0.0).then(|| matrix.inverse() * (origin - p0))
}

/// Compares with a search through all triangles in double precision: the same hit, or one at the same
/// distance within `tolerance`, or a triangle whose edge the ray passes within `tolerance`.
fn assert_like_brute_force(world: &World, paths: &[PathState], tolerance: f64) {
    let accelerator = world.build();
    let hits = closest(Simd::detect(), &accelerator, paths);
    let firsts = world.first_triangles();
    let mut n_hits = 0;
    for (path, hit) in paths.iter().zip(&hits) {
        let mut nearest: Option<(f64, f64)> = None;
        for (index, instance) in world.instances.iter().enumerate() {
            for local in 0..world.meshes[instance.mesh as usize].1.len() as u32 {
                let corners = world.corners(index as u32, firsts[instance.mesh as usize] + local);
                let Some(solution) = solve(path, corners) else {
                    continue;
                };
                let margin = solution
                    .y
                    .min(solution.z)
                    .min(1.0 - solution.y - solution.z);
                if solution.x > 0.0 && margin >= 0.0 && nearest.is_none_or(|(t, _)| solution.x < t)
                {
                    nearest = Some((solution.x, margin));
                }
            }
        }
        if hit.instance == INVALID {
            assert!(
                nearest.is_none_or(|(_, margin)| margin < tolerance),
                "missed {nearest:?}: {path:?}"
            );
            continue;
        }
        n_hits += 1;
        let solution = solve(path, world.corners(hit.instance, hit.triangle)).unwrap();
        let error = (solution.y - f64::from(hit.barycentric_b))
            .abs()
            .max((solution.z - f64::from(hit.barycentric_c)).abs());
        assert!(error < tolerance, "{solution} {hit:?}");
        let (t, margin) = nearest.unwrap_or((f64::INFINITY, 0.0));
        let agrees = (solution.x - t).abs() <= tolerance * t.max(1.0) || margin < tolerance;
        let on_edge = solution
            .y
            .min(solution.z)
            .min(1.0 - solution.y - solution.z)
            < tolerance;
        assert!(agrees || on_edge, "{t} {solution} {hit:?}");
    }
    assert!(n_hits >= 20, "{n_hits} hits prove little");
}

#[test]
fn soup_like_brute_force() {
    for (n, size) in [(1, 1.0), (2, 1.0), (5, 1.0), (40, 0.6), (700, 0.2)] {
        let (positions, triangles) = soup(n, size, &mut Random(n as u64));
        assert_like_brute_force(&World::one(positions, triangles), &rays(2000, 0.4, 7), 1e-3);
    }
}

#[test]
fn instances_like_brute_force() {
    let mut random = Random(3);
    let mut world = World::default();
    for _ in 0..4 {
        let (positions, triangles) = soup(30, 0.3, &mut random);
        let mesh = world.add(positions, triangles);
        for _ in 0..=mesh {
            let mut scale = random.in_cube() * 1.5;
            scale += 0.1 * scale.signum();
            let rotation = Quat::from_axis_angle(random.direction(), random.unit() * 6.0);
            let transform =
                Affine3A::from_scale_rotation_translation(scale, rotation, random.in_cube());
            world.place(mesh, transform, false);
        }
    }
    assert_like_brute_force(&world, &rays(3000, 1.0, 9), 2e-3);
}
