//! Tests: answers against brute force, form against form, tree against tree, and closed meshes against leaks.

use glam::{Affine3A, DMat3, DVec3, Quat, Vec3};

use super::*;
use crate::compiled::bvh::{InstanceGeometry, MeshGeometry};

/// xorshift64*, enough to scatter triangles.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.bits() >> 33) as usize % n
    }

    /// [0, 1)
    fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32
    }

    fn in_cube(&mut self) -> Vec3 {
        Vec3::new(self.unit(), self.unit(), self.unit()) * 2.0 - 1.0
    }

    fn direction(&mut self) -> Vec3 {
        loop {
            let v = self.in_cube();
            if v.length_squared() > 1e-4 && v.length_squared() <= 1.0 {
                return v.normalize();
            }
        }
    }
}

/// Meshes and placements that own their arrays.
#[derive(Clone, Default)]
struct World {
    meshes: Vec<(Vec<Vec3>, Vec<[u32; 3]>)>,
    instances: Vec<InstanceGeometry>,
}

impl World {
    fn add(&mut self, positions: Vec<Vec3>, triangles: Vec<[u32; 3]>) -> u32 {
        self.meshes.push((positions, triangles));
        self.meshes.len() as u32 - 1
    }

    fn place(&mut self, mesh: u32, world_from_object: Affine3A, non_opaque: bool) {
        self.instances.push(InstanceGeometry {
            mesh,
            world_from_object,
            non_opaque,
        });
    }

    fn one(positions: Vec<Vec3>, triangles: Vec<[u32; 3]>) -> Self {
        let mut world = Self::default();
        let mesh = world.add(positions, triangles);
        world.place(mesh, Affine3A::IDENTITY, false);
        world
    }

    fn first_triangles(&self) -> Vec<u32> {
        let mut next = 0;
        let first = |(_, triangles): &(_, Vec<[u32; 3]>)| {
            let first = next;
            next += triangles.len() as u32;
            first
        };
        self.meshes.iter().map(first).collect()
    }

    fn build(&self) -> Accelerator {
        let geometry: Vec<_> = self
            .meshes
            .iter()
            .zip(self.first_triangles())
            .map(|((positions, triangles), first_triangle)| MeshGeometry {
                positions,
                triangles,
                first_triangle,
            })
            .collect();
        let accelerator = Accelerator::build(&geometry, &self.instances).unwrap();
        assert_eq!(accelerator.validate(), Ok(()));
        accelerator
    }

    /// World-space corners of a hit's triangle, in double precision.
    fn corners(&self, instance: u32, triangle: u32) -> [DVec3; 3] {
        let instance = &self.instances[instance as usize];
        let (positions, triangles) = &self.meshes[instance.mesh as usize];
        let local = triangle - self.first_triangles()[instance.mesh as usize];
        let m = instance.world_from_object;
        let linear = DMat3::from_cols(
            m.x_axis.as_dvec3(),
            m.y_axis.as_dvec3(),
            m.z_axis.as_dvec3(),
        );
        triangles[local as usize]
            .map(|i| linear * positions[i as usize].as_dvec3() + m.translation.as_dvec3())
    }
}

/// Rays from `n` points in a cube of half size `reach`.
fn rays(n: usize, reach: f32, seed: u64) -> Vec<PathState> {
    let mut random = Random(seed);
    (0..n)
        .map(|_| ray(random.in_cube() * reach, random.direction()))
        .collect()
}

fn ray(origin: Vec3, direction: Vec3) -> PathState {
    PathState {
        origin: origin.to_array(),
        direction: direction.to_array(),
        ..Default::default()
    }
}

fn closest(simd: Simd, accelerator: &Accelerator, paths: &[PathState]) -> Vec<Hit> {
    let indices: Vec<u32> = (0..paths.len() as u32).collect();
    let mut hits = vec![Hit::default(); paths.len()];
    intersect_closest(simd, accelerator, &indices, paths, &mut hits);
    hits
}

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

fn soup(n: usize, size: f32, random: &mut Random) -> (Vec<Vec3>, Vec<[u32; 3]>) {
    let mut positions = Vec::new();
    for _ in 0..n {
        let center = random.in_cube();
        positions.extend((0..3).map(|_| center + random.in_cube() * size));
    }
    (
        positions,
        (0..n as u32)
            .map(|i| [3 * i, 3 * i + 1, 3 * i + 2])
            .collect(),
    )
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

#[test]
fn forms_agree() {
    let (positions, triangles) = soup(5000, 0.1, &mut Random(1));
    let accelerator = World::one(positions, triangles).build();
    let paths = rays(20_000, 1.0, 2);
    let portable = closest(Simd::Portable, &accelerator, &paths);
    for simd in Simd::available() {
        assert_eq!(
            bytemuck::cast_slice::<Hit, u32>(&closest(simd, &accelerator, &paths)),
            bytemuck::cast_slice::<Hit, u32>(&portable)
        );
    }
}
