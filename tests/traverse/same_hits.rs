//! The same hits on both back ends.

use super::gpu::{Answer, Gpu, Ray, Walk};
use super::world::{Random, World, aimed, ball, placed, ray, rays, soup};
use glam::{Affine3A, Vec3};
use skywell::compiled::bvh::Accelerator;
use skywell::compiled::record::{Hit, INVALID, PathState, ShadowRay};
use skywell::integrator::cpu::traverse::{intersect_closest, intersect_shadow};
use skywell::kernel::Simd;

/// Of a million rays, ten may meet something else within rounding.
const MAX_DIFFERENT: f64 = 1e-5;
/// How far barycentric weights may differ where the ids agree.
const MAX_WEIGHT_ERROR: f32 = 1e-4;

fn cpu_closest(accelerator: &Accelerator, rays: &[Ray]) -> Vec<Hit> {
    let path = |ray: &Ray| PathState {
        origin: ray.origin,
        direction: ray.direction,
        ..Default::default()
    };
    let paths: Vec<_> = rays.iter().map(path).collect();
    let indices: Vec<u32> = (0..rays.len() as u32).collect();
    let mut hits = vec![Hit::default(); rays.len()];
    intersect_closest(Simd::detect(), accelerator, &indices, &paths, &mut hits);
    hits
}

fn cpu_shadow(accelerator: &Accelerator, rays: &[Ray]) -> Vec<(u32, Hit)> {
    let shadow = |ray: &Ray| ShadowRay {
        origin: ray.origin,
        direction: ray.direction,
        t_max: ray.t_max,
        ..Default::default()
    };
    let mut shadows: Vec<_> = rays.iter().map(shadow).collect();
    let indices: Vec<u32> = (0..rays.len() as u32).collect();
    let mut hits = vec![Hit::default(); rays.len()];
    intersect_shadow(
        Simd::detect(),
        accelerator,
        &indices,
        &mut shadows,
        &mut hits,
    );
    shadows
        .iter()
        .zip(rays)
        .map(|(shadow, ray)| u32::from(shadow.t_max == 0.0 && ray.t_max != 0.0))
        .zip(hits)
        .collect()
}

/// Counts over all scenes.
#[derive(Default)]
struct Tally {
    n_rays: usize,
    n_hits: usize,
    n_occluded: usize,
    n_different: usize,
    n_bits: usize,
}

impl Tally {
    fn compare(&mut self, name: &str, ray: &Ray, cpu: (u32, Hit), gpu: &Answer) {
        let (occluded, hit) = cpu;
        self.n_rays += 1;
        self.n_hits += usize::from(hit.instance != INVALID);
        self.n_occluded += usize::from(occluded != 0);
        let ids = |hit: &Hit| (hit.instance, hit.triangle);
        // What a ray passed on its way to where it ends is nobody's concern.
        let both_occluded = occluded != 0 && gpu.occluded != 0;
        if both_occluded {
            return;
        }
        if (occluded, ids(&hit)) != (gpu.occluded, ids(&gpu.hit)) {
            self.n_different += 1;
            eprintln!("{name}: {ray:?}: CPU {occluded} {hit:?}, GPU {gpu:?}");
            return;
        }
        let error = (hit.barycentric_b - gpu.hit.barycentric_b)
            .abs()
            .max((hit.barycentric_c - gpu.hit.barycentric_c).abs());
        assert!(
            error <= MAX_WEIGHT_ERROR,
            "{name}: {ray:?}: {hit:?}, {gpu:?}"
        );
        self.n_bits += usize::from(error != 0.0);
    }

    /// Compares `rays` in `world` on each of `walks`, of which each is given one ray in so many.
    fn run(&mut self, name: &str, walks: &[(Gpu, usize)], world: &World, rays: &[Ray]) {
        let (accelerator, compressed) = world.build();
        let began = std::time::Instant::now();
        for (gpu, one_in) in walks {
            let rays: Vec<Ray> = rays.iter().step_by(*one_in).copied().collect();
            let cpu = (cpu_closest(&accelerator, &rays).into_iter()).map(|hit| (0, hit));
            let answers = gpu.closest(&compressed, &rays);
            for ((ray, cpu), gpu) in rays.iter().zip(cpu).zip(&answers) {
                self.compare(name, ray, cpu, gpu);
            }
            let cpu = cpu_shadow(&accelerator, &rays);
            let answers = gpu.shadow(&compressed, &rays);
            for ((ray, cpu), gpu) in rays.iter().zip(cpu).zip(&answers) {
                self.compare(name, ray, cpu, gpu);
            }
        }
        eprintln!("{name}: {} rays, {:?}", 2 * rays.len(), began.elapsed());
    }
}

#[test]
fn closest_and_shadow_hits_are_those_of_the_cpu() {
    let (Some(hardware), Some(software)) = (Gpu::new(Walk::Hardware), Gpu::new(Walk::Software))
    else {
        return;
    };
    let walks = [(hardware, 1), (software, 5)];
    let mut random = Random(7);
    let mut tally = Tally::default();

    let bumpy = ball(40, |d| 1.0 + 0.2 * (d.x * 9.0).sin() * (d.y * 7.0).cos());
    let mut inside = aimed(Vec3::new(0.1, -0.2, 0.05), &bumpy);
    inside.extend(rays(60_000, Vec3::ZERO, 1.5, &mut random));
    tally.run("ball", &walks, &World::one(bumpy.clone()), &inside);

    let scattered = soup(3000, 0.1, &mut random);
    let through = rays(80_000, Vec3::ZERO, 1.2, &mut random);
    tally.run("soup", &walks, &World::one(scattered.clone()), &through);

    let mut crowd = World::default();
    let shared = crowd.add(ball(12, |d| 1.0 + 0.3 * (d.z * 5.0).sin()));
    let once = crowd.add(scattered);
    crowd.place(once, Affine3A::from_scale(Vec3::splat(3.0)), false);
    for i in 0..60 {
        let transform = placed(&mut random, 0.4, 4.0, i % 3 == 0);
        crowd.place(shared, transform, i % 2 == 0);
    }
    tally.run(
        "crowd",
        &walks,
        &crowd,
        &rays(120_000, Vec3::ZERO, 5.0, &mut random),
    );

    // the same triangles again and again, in place and placed, in the way of each other
    let mut ties = World::default();
    let grid = ball(8, |d| 1.0 / d.abs().max_element());
    for i in 0..6 {
        let mesh = ties.add(grid.clone());
        ties.place(mesh, Affine3A::IDENTITY, i % 2 == 0);
    }
    let mesh = ties.add(grid.clone());
    for i in 0..4 {
        ties.place(mesh, Affine3A::IDENTITY, i % 2 == 1);
    }
    let mut at_ties = aimed(Vec3::new(0.3, 0.1, -0.2), &grid);
    at_ties.extend(rays(40_000, Vec3::ZERO, 2.0, &mut random));
    tally.run("ties", &walks, &ties, &at_ties);

    for (offset, scale) in [(1e4, 1.0), (3e5, 200.0), (0.0, 1e6), (0.0, 1e-6)] {
        let center = Vec3::new(offset, -offset, 0.5 * offset);
        let (positions, triangles) = ball(16, |_| 1.0);
        let moved = positions.iter().map(|&p| p * scale + center).collect();
        let moved = (moved, triangles);
        let mut far = aimed(center + scale * 0.3, &moved);
        far.extend(rays(20_000, center, scale * 1.5, &mut random));
        tally.run("far", &walks, &World::one(moved), &far);
    }

    let (mut positions, triangles) = soup(500, 0.3, &mut random);
    for (i, p) in positions.iter_mut().enumerate() {
        match i % 40 {
            0 => *p = Vec3::splat(f32::NAN),
            7 => p.x = f32::INFINITY,
            13 => p.y = 1e20,
            // a needle
            20 => *p *= 1000.0,
            _ => {}
        }
    }
    let mut hostile = rays(20_000, Vec3::ZERO, 1.0, &mut random);
    for x in [f32::NAN, f32::INFINITY, 0.0, -0.0, 1e-30, 1e30, 1.0] {
        hostile.push(ray(Vec3::ZERO, Vec3::new(x, 0.0, 0.0), 1.0));
        hostile.push(ray(Vec3::new(x, 0.0, 0.0), Vec3::Z, 1.0));
        hostile.push(ray(Vec3::ZERO, Vec3::Y, x));
        hostile.push(ray(Vec3::ZERO, Vec3::new(-0.0, x, -1.0), f32::INFINITY));
    }
    tally.run(
        "hostile",
        &walks,
        &World::one((positions, triangles)),
        &hostile,
    );
    tally.run("nothing", &walks, &World::default(), &hostile);

    eprintln!(
        "{} rays, {} hits, {} occluded, {} different, {} of other weights",
        tally.n_rays, tally.n_hits, tally.n_occluded, tally.n_different, tally.n_bits
    );
    assert!(tally.n_hits > tally.n_rays / 5 && tally.n_occluded > tally.n_rays / 10);
    assert!(tally.n_different as f64 <= tally.n_rays as f64 * MAX_DIFFERENT);
}
