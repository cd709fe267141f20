//! Shadow queries against closest-hit queries on the same scene, taken apart.

use super::*;

/// The world with only the instances for which `keep` holds; the others lose their volume, so that the indices stay.
fn only(world: &World, keep: impl Fn(&InstanceGeometry) -> bool) -> World {
    let mut world = world.clone();
    for instance in &mut world.instances {
        if !keep(instance) {
            instance.world_from_object = Affine3A::from_scale(Vec3::ZERO);
        }
    }
    world
}

#[test]
fn occluders_and_veils() {
    let mut random = Random(21);
    let mut world = World::default();
    for n_places in [1, 1, 4, 3, 1] {
        let (positions, triangles) = soup(60, 0.25, &mut random);
        let mesh = world.add(positions, triangles);
        for place in 0..n_places {
            let rotation = Quat::from_axis_angle(random.direction(), random.unit() * 6.0);
            let transform = Affine3A::from_rotation_translation(rotation, random.in_cube());
            world.place(mesh, transform, place % 2 == 0 && random.unit() < 0.8);
        }
    }
    let paths = rays(40_000, 1.0, 22);
    let opaque = closest(
        Simd::detect(),
        &only(&world, |instance| !instance.non_opaque).build(),
        &paths,
    );
    let veils = closest(
        Simd::detect(),
        &only(&world, |instance| instance.non_opaque).build(),
        &paths,
    );
    let distance = |path: &PathState, hit: &Hit| {
        let solution = (hit.instance != INVALID).then(|| world.corners(hit.instance, hit.triangle));
        let p = solution.map(|[a, b, c]| {
            a + (b - a) * f64::from(hit.barycentric_b) + (c - a) * f64::from(hit.barycentric_c)
        });
        p.map_or(f64::INFINITY, |p| {
            (p - Vec3::from(path.origin).as_dvec3()).length()
        })
    };
    let accelerator = world.build();
    let indices: Vec<u32> = (0..paths.len() as u32).collect();
    for simd in Simd::available() {
        for t_max in [0.0, 0.3, 1.0, f32::INFINITY] {
            let shadow = |path: &PathState| ShadowRay {
                origin: path.origin,
                direction: path.direction,
                t_max,
                ..Default::default()
            };
            let mut shadows: Vec<_> = paths.iter().map(shadow).collect();
            let mut hits = vec![Hit::default(); paths.len()];
            intersect_shadow(simd, &accelerator, &indices, &mut shadows, &mut hits);
            let (mut n_occluded, mut n_veiled) = (0, 0);
            for (i, path) in paths.iter().enumerate() {
                let limit = f64::from(t_max);
                let (to_opaque, to_veil) = (distance(path, &opaque[i]), distance(path, &veils[i]));
                if (to_opaque - limit).abs() < 1e-5 || (to_veil - limit).abs() < 1e-5 {
                    continue;
                }
                let occluded = to_opaque < limit;
                let end = if occluded { 0.0 } else { t_max };
                assert_eq!(
                    shadows[i].t_max, end,
                    "{simd:?} {path:?} {to_opaque} {limit}"
                );
                let expected = if occluded || to_veil > limit {
                    MISS
                } else {
                    veils[i]
                };
                assert_eq!(bits(&hits[i..=i]), bits(&[expected]), "{simd:?} {path:?}");
                n_occluded += u32::from(occluded);
                n_veiled += u32::from(expected.instance != INVALID);
            }
            assert!(
                t_max == 0.0 || n_occluded > 1000 && n_veiled > 1000,
                "{n_occluded} {n_veiled}"
            );
        }
    }
}

#[test]
fn the_end_does_not_count() {
    let mut world = World::one(vec![Vec3::ZERO, Vec3::X, Vec3::Y], vec![[0, 1, 2]]);
    for non_opaque in [false, true] {
        world.instances[0].non_opaque = non_opaque;
        let accelerator = world.build();
        for (t_max, is_met) in [
            (f32::NAN, false),
            (-1.0, false),
            (2.0, false),
            (2.000_001, true),
            (1.0, false),
            (f32::MAX, true),
        ] {
            let mut shadows = [ShadowRay {
                origin: [0.25, 0.25, 2.0],
                direction: [0.0, 0.0, -1.0],
                t_max,
                ..Default::default()
            }];
            let mut hits = [Hit::default()];
            intersect_shadow(Simd::detect(), &accelerator, &[0], &mut shadows, &mut hits);
            assert_eq!(shadows[0].t_max == 0.0, is_met && !non_opaque, "{t_max}");
            assert_eq!(hits[0].instance != INVALID, is_met && non_opaque, "{t_max}");
        }
    }
}
