//! What must not matter: the instruction set, the order of triangles, the tree, the number of threads.

use super::*;

/// Several meshes, some placed once and some often, mirrored and squeezed, some not opaque.
fn mixed_world(random: &mut Random) -> World {
    let mut world = World::default();
    for n_places in [1, 1, 40, 3] {
        let (positions, triangles) = soup(600, 0.15, random);
        let mesh = world.add(positions, triangles);
        for _ in 0..n_places {
            let mut scale = random.in_cube();
            scale += 0.2 * scale.signum();
            let rotation = Quat::from_axis_angle(random.direction(), random.unit() * 6.0);
            let transform =
                Affine3A::from_scale_rotation_translation(scale, rotation, random.in_cube() * 2.0);
            world.place(mesh, transform, random.unit() < 0.3);
        }
    }
    let (positions, triangles) = ball(20, |direction| 3.0 + direction.z);
    let mesh = world.add(positions, triangles);
    world.place(mesh, Affine3A::IDENTITY, false);
    world
}

#[test]
fn every_form_gives_the_same_bits() {
    let accelerator = mixed_world(&mut Random(5)).build();
    let mut paths = rays(1_000_000, 3.0, 6);
    // Some along the axes, some from shared corners.
    for (i, path) in paths.iter_mut().enumerate().step_by(17) {
        path.direction[i % 3] = 0.0;
        path.direction[(i + 1) % 3] *= (i % 2) as f32;
    }
    let portable = closest(Simd::Portable, &accelerator, &paths);
    let misses = portable
        .iter()
        .filter(|hit| hit.instance == INVALID)
        .count();
    assert!(misses < 400_000, "{misses} misses prove little");
    for simd in Simd::available() {
        assert!(
            bits(&closest(simd, &accelerator, &paths)) == bits(&portable),
            "{simd:?}"
        );
    }
}

/// Traces `paths` through `world` and through the same world with its triangles in another order.
fn assert_order_free(world: &World, paths: &[PathState], random: &mut Random) {
    let hits = closest(Simd::detect(), &world.build(), paths);
    let mut shuffled = world.clone();
    let mut before = Vec::new();
    for ((_, triangles), first) in shuffled.meshes.iter_mut().zip(world.first_triangles()) {
        let mut order: Vec<u32> = (0..triangles.len() as u32).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, random.below(i + 1));
        }
        *triangles = order.iter().map(|&i| triangles[i as usize]).collect();
        before.extend(order.iter().map(|&i| first + i));
    }
    let mut again = closest(Simd::detect(), &shuffled.build(), paths);
    for hit in again.iter_mut().filter(|hit| hit.instance != INVALID) {
        hit.triangle = before[hit.triangle as usize];
    }
    let n_different = hits
        .iter()
        .zip(&again)
        .filter(|(a, b)| bits(&[**a]) != bits(&[**b]))
        .count();
    assert_eq!(n_different, 0);
}

#[test]
fn order_of_triangles_does_not_matter() {
    let mut random = Random(8);
    let world = mixed_world(&mut random);
    assert_order_free(&world, &rays(50_000, 3.0, 10), &mut random);
}

#[test]
fn order_does_not_matter_even_edge_on() {
    // Rays inside the common plane of all triangles, up to rounding: t is all rounding error, and may lie
    // nearer than where the ray meets the triangle's box.
    let mut random = Random(31);
    let tilt = Quat::from_axis_angle(Vec3::new(0.3, 0.5, 0.8).normalize(), 1.0);
    let flat = |v: Vec3| tilt * v.with_z(0.0);
    let (mut positions, triangles) = soup(3000, 0.3, &mut random);
    positions.iter_mut().for_each(|p| *p = flat(*p));
    let world = World::one(positions, triangles);
    let mut paths = rays(100_000, 1.0, 32);
    for path in &mut paths {
        path.origin = flat(path.origin.into()).to_array();
        path.direction = flat(path.direction.into()).to_array();
    }
    let hits = closest(Simd::detect(), &world.build(), &paths);
    assert!(hits.iter().filter(|hit| hit.instance != INVALID).count() > 10_000);
    assert_order_free(&world, &paths, &mut random);
}

#[test]
fn a_tree_of_its_own_changes_nothing() {
    let (positions, triangles) = soup(2000, 0.2, &mut Random(4));
    let once = World::one(positions, triangles);
    let mut twice = once.clone();
    // Far behind everything, so that only the way to the first place changes.
    twice.place(
        0,
        Affine3A::from_translation(Vec3::new(0.0, 0.0, 1e6)),
        false,
    );
    let mut paths = rays(100_000, 1.0, 3);
    for path in &mut paths {
        path.direction[2] = -path.direction[2].abs();
    }
    let alone = closest(Simd::detect(), &once.build(), &paths);
    assert_eq!(
        bits(&alone),
        bits(&closest(Simd::detect(), &twice.build(), &paths))
    );
}

#[test]
fn equal_distances_go_to_the_lowest() {
    let positions = vec![Vec3::ZERO, Vec3::X, Vec3::Y];
    let mut world = World::default();
    // Many copies of one triangle, in a mesh placed once, and in a mesh placed twice at the same place.
    let single = world.add(positions.clone(), vec![[0, 1, 2]; 100]);
    let double = world.add(positions, vec![[0, 1, 2]; 100]);
    let path = [ray(Vec3::new(0.25, 0.25, 1.0), Vec3::NEG_Z)];
    let lowest = |world: &World| {
        let hit = closest(Simd::detect(), &world.build(), &path)[0];
        (hit.instance, hit.triangle)
    };
    world.place(double, Affine3A::IDENTITY, false);
    world.place(single, Affine3A::IDENTITY, false);
    world.place(double, Affine3A::IDENTITY, false);
    assert_eq!(lowest(&world), (0, 100));
    world.instances.swap(0, 1);
    assert_eq!(lowest(&world), (0, 0));
}

#[test]
fn threads_do_not_change_the_tree() {
    let (positions, triangles) = soup(60_000, 0.02, &mut Random(12));
    let world = World::one(positions, triangles);
    let build = |n_threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap()
            .install(|| world.build())
    };
    let (one, three) = (build(1), build(3));
    assert_eq!(
        format!("{:?}", one.top().nodes),
        format!("{:?}", three.top().nodes)
    );
    assert_eq!(
        format!("{:?}", one.top().blocks),
        format!("{:?}", three.top().blocks)
    );
}
