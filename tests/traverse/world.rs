//! Small worlds and rays through them.

use super::gpu::Ray;
use glam::{Affine3A, Quat, Vec3};
use skywell::compiled::bvh::compressed::CompressedAccelerator;
use skywell::compiled::bvh::{Accelerator, InstanceGeometry, MeshGeometry};

/// xorshift64*, enough to scatter triangles.
pub struct Random(pub u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// [0, 1)
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32
    }

    pub fn in_cube(&mut self) -> Vec3 {
        Vec3::new(self.unit(), self.unit(), self.unit()) * 2.0 - 1.0
    }

    pub fn direction(&mut self) -> Vec3 {
        loop {
            let v = self.in_cube();
            if v.length_squared() > 1e-4 && v.length_squared() <= 1.0 {
                return v.normalize();
            }
        }
    }
}

type Mesh = (Vec<Vec3>, Vec<[u32; 3]>);

/// Meshes and placements that own their arrays.
#[derive(Default)]
pub struct World {
    meshes: Vec<Mesh>,
    instances: Vec<InstanceGeometry>,
}

impl World {
    pub fn add(&mut self, mesh: Mesh) -> u32 {
        self.meshes.push(mesh);
        self.meshes.len() as u32 - 1
    }

    pub fn place(&mut self, mesh: u32, world_from_object: Affine3A, non_opaque: bool) {
        self.instances.push(InstanceGeometry {
            mesh,
            world_from_object,
            non_opaque,
        });
    }

    pub fn one(mesh: Mesh) -> Self {
        let mut world = Self::default();
        let mesh = world.add(mesh);
        world.place(mesh, Affine3A::IDENTITY, false);
        world
    }

    pub fn build(&self) -> (Accelerator, CompressedAccelerator) {
        let mut first_triangle = 0;
        let mut geometry = Vec::new();
        for (positions, triangles) in &self.meshes {
            geometry.push(MeshGeometry {
                positions,
                triangles,
                first_triangle,
            });
            first_triangle += triangles.len() as u32;
        }
        let accelerator = Accelerator::build(&geometry, &self.instances).unwrap();
        let compressed = CompressedAccelerator::build(&accelerator).unwrap();
        assert_eq!(compressed.validate(), Ok(()));
        (accelerator, compressed)
    }
}

pub fn ray(origin: Vec3, direction: Vec3, t_max: f32) -> Ray {
    Ray {
        origin: origin.to_array(),
        t_max,
        direction: direction.to_array(),
        padding: 0,
    }
}

/// Rays from `n` points in a cube of half size `reach` around `center`.
pub fn rays(n: usize, center: Vec3, reach: f32, random: &mut Random) -> Vec<Ray> {
    (0..n)
        .map(|_| {
            let origin = center + random.in_cube() * reach;
            ray(origin, random.direction(), random.unit() * 2.0 * reach)
        })
        .collect()
}

/// Rays from `origin` exactly at corners, edges and insides of triangles.
pub fn aimed(origin: Vec3, (positions, triangles): &Mesh) -> Vec<Ray> {
    let mut targets = positions.clone();
    for corners in triangles {
        let [a, b, c] = corners.map(|corner| positions[corner as usize]);
        for (p, q) in [(a, b), (b, c), (c, a)] {
            targets.extend([0.5, 0.25, 0.1].map(|x| p + (q - p) * x));
        }
    }
    targets
        .into_iter()
        .map(|target| {
            let way = target - origin;
            ray(origin, way.normalize(), way.length() * 1.5)
        })
        .collect()
}

/// `n` triangles of about `size` scattered in the cube from −1 to 1.
pub fn soup(n: u32, size: f32, random: &mut Random) -> Mesh {
    let mut positions = Vec::new();
    for _ in 0..n {
        let center = random.in_cube();
        positions.extend((0..3).map(|_| center + random.in_cube() * size));
    }
    let triangles = (0..n).map(|i| [3 * i, 3 * i + 1, 3 * i + 2]);
    (positions, triangles.collect())
}

/// A closed ball of `n` × 2 `n` quads, blown up by `bump`. Triangles at its poles are degenerate.
pub fn ball(n: u32, bump: impl Fn(Vec3) -> f32) -> Mesh {
    let mut positions = Vec::new();
    for row in 0..=n {
        let theta = row as f32 / n as f32 * std::f32::consts::PI;
        for column in 0..2 * n {
            let phi = column as f32 / n as f32 * std::f32::consts::PI;
            let direction = Vec3::new(
                theta.sin() * phi.cos(),
                theta.cos(),
                theta.sin() * phi.sin(),
            );
            positions.push(direction * bump(direction));
        }
    }
    let mut triangles = Vec::new();
    for row in 0..n {
        for column in 0..2 * n {
            let at = |row: u32, column: u32| row * 2 * n + column % (2 * n);
            let [a, b] = [at(row, column), at(row, column + 1)];
            let [c, d] = [at(row + 1, column + 1), at(row + 1, column)];
            triangles.extend([[a, b, c], [a, c, d]]);
        }
    }
    (positions, triangles)
}

/// Some turn, scale and place, mirrored if `mirror`.
pub fn placed(random: &mut Random, scale: f32, reach: f32, mirror: bool) -> Affine3A {
    let rotation = Quat::from_axis_angle(random.direction(), random.unit() * 6.0);
    let stretch = Vec3::new(if mirror { -1.0 } else { 1.0 }, 0.5 + random.unit(), 1.0);
    Affine3A::from_scale_rotation_translation(stretch * scale, rotation, random.in_cube() * reach)
}
