//! Tests, and what they share: small worlds, random rays.

mod brute_force;
mod hostile;
mod invariance;
mod shadow;
mod watertight;

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

/// A closed ball of radius 1 with `n` × `n` quads on each side of the cube it is blown up from, corners shared.
fn ball(n: usize, bump: impl Fn(Vec3) -> f32) -> (Vec<Vec3>, Vec<[u32; 3]>) {
    let mut index = std::collections::HashMap::new();
    let (mut positions, mut triangles) = (Vec::new(), Vec::new());
    for side in 0..6 {
        let axis = side % 3;
        let sign = if side < 3 { 1.0 } else { -1.0 };
        let mut corner = |i: usize, j: usize| {
            let at = |k: usize| (2 * k) as f32 / n as f32 - 1.0;
            let mut p = Vec3::ZERO;
            p[axis] = sign;
            p[(axis + 1) % 3] = at(i);
            p[(axis + 2) % 3] = at(j);
            *index
                .entry(p.to_array().map(|x| (x + 0.0).to_bits()))
                .or_insert_with(|| {
                    let direction = p.normalize();
                    positions.push(direction * bump(direction));
                    positions.len() as u32 - 1
                })
        };
        for i in 0..n {
            for j in 0..n {
                let [a, b, c, d] = [
                    corner(i, j),
                    corner(i + 1, j),
                    corner(i + 1, j + 1),
                    corner(i, j + 1),
                ];
                triangles.extend([[a, b, c], [a, c, d]]);
            }
        }
    }
    (positions, triangles)
}

/// Hits as bits, since the forms must agree on every one.
fn bits(hits: &[Hit]) -> &[u32] {
    bytemuck::cast_slice(hits)
}
