//! Millions of rays a second, by kind of ray, on generated scenes and on a glTF file.
//!
//! `cargo bench --bench traversal -- [SCENE.gltf|SCENE.glb]`, or `SKYWELL_BENCH_SCENE=…`. One thread
//! traces; times are processor time of that thread where Linux tells it, best of several runs.
//!
//! - *primary*: four rays a pixel from the camera, in 8×8 pixel blocks
//! - *bounce 1, 2*: cosine-distributed rays from the hits of the rays before, in their order
//! - *shadow*: the rays of bounce 1, asked whether anything is in their way
//! - *shuffled*: the rays of bounce 1 in random order

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::f32::consts::{PI, TAU};
use std::time::Instant;

use glam::{Affine3A, Mat3, Quat, Vec3};
use skywell::compiled::bvh::{Accelerator, InstanceGeometry, MeshGeometry};
use skywell::compiled::record::{Hit, INVALID, PathState, ShadowRay};
use skywell::integrator::cpu::traverse::{intersect_closest, intersect_shadow};
use skywell::kernel::Simd;
use skywell::scene::camera::Projection;
use skywell::scene::gltf::{LoadOptions, load};

const WIDTH: usize = 640;
const HEIGHT: usize = 360;
const SAMPLES: usize = 4;
/// Rays a call, as the integrator batches them.
const BATCH: usize = 4096;
/// A kind of ray is traced at least this often, and as long as this.
const MIN_RUNS: usize = 3;
const MIN_SECONDS: f64 = 0.7;

fn main() -> anyhow::Result<()> {
    bumpy_ball().measure("ball, 786 k triangles, placed once", Simd::detect())?;
    crowd().measure("crowd, 1,000 placements of 12 k triangles", Simd::detect())?;
    crowd().measure("crowd, portable", Simd::Portable)?;
    let argument = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    if let Some(path) = argument.or_else(|| std::env::var("SKYWELL_BENCH_SCENE").ok()) {
        World::load(&path)?.measure(&path, Simd::detect())?;
    }
    Ok(())
}

/// Geometry, and where it is looked at from.
struct World {
    meshes: Vec<(Vec<Vec3>, Vec<[u32; 3]>)>,
    instances: Vec<InstanceGeometry>,
    /// Camera to world, and the vertical field of view in radians.
    camera: (Affine3A, f32),
}

impl World {
    fn load(path: &str) -> anyhow::Result<Self> {
        let scene = load(path.as_ref(), &LoadOptions::default())?;
        let camera = scene
            .cameras
            .iter()
            .find_map(|camera| match camera.projection {
                Projection::Perspective { yfov, .. } => Some((camera.world_from_camera, yfov)),
                Projection::Orthographic { .. } => None,
            });
        let instances = scene.instances.iter().map(|instance| InstanceGeometry {
            mesh: instance.mesh.0,
            world_from_object: instance.world_from_object,
            non_opaque: false,
        });
        Ok(Self {
            instances: instances.collect(),
            meshes: scene
                .meshes
                .into_iter()
                .map(|mesh| (mesh.positions, mesh.triangles))
                .collect(),
            camera: camera.unwrap_or_else(|| look_at(Vec3::new(3.0, 2.0, 3.0), Vec3::ZERO, 0.7)),
        })
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

    fn measure(&self, name: &str, simd: Simd) -> anyhow::Result<()> {
        let first_triangles = self.first_triangles();
        let geometry: Vec<_> = self
            .meshes
            .iter()
            .zip(&first_triangles)
            .map(|((positions, triangles), &first_triangle)| MeshGeometry {
                positions,
                triangles,
                first_triangle,
            })
            .collect();
        let start = Instant::now();
        let accelerator = Accelerator::build(&geometry, &self.instances)?;
        let build = start.elapsed().as_secs_f64();
        let n_triangles: usize = self
            .meshes
            .iter()
            .map(|(_, triangles)| triangles.len())
            .sum();
        println!("{name} ({})", simd.name());
        println!(
            "  build      {build:7.3} s on {} threads, {:.1} bytes a triangle",
            rayon::current_num_threads(),
            accelerator.memory_bytes() as f64 / n_triangles as f64
        );
        let tracer = Tracer {
            accelerator: &accelerator,
            simd,
        };
        let mut random = Random(88_172_645_463_325_252);
        let primary = self.primary_rays(&mut random);
        let hits = tracer.closest("primary", &primary);
        let bounce = self.bounce(&primary, &hits, &first_triangles, &mut random);
        let hits = tracer.closest("bounce 1", &bounce);
        let second = self.bounce(&bounce, &hits, &first_triangles, &mut random);
        tracer.closest("bounce 2", &second);
        tracer.shadow("shadow", &bounce);
        let mut shuffled = bounce;
        for i in (1..shuffled.len()).rev() {
            shuffled.swap(i, random.below(i + 1));
        }
        tracer.closest("shuffled", &shuffled);
        Ok(())
    }

    fn primary_rays(&self, random: &mut Random) -> Vec<PathState> {
        let (world_from_camera, yfov) = self.camera;
        let tan_y = (yfov / 2.0).tan();
        let tan_x = tan_y * WIDTH as f32 / HEIGHT as f32;
        let mut rays = Vec::with_capacity(WIDTH * HEIGHT * SAMPLES);
        for block in 0..WIDTH / 8 * (HEIGHT / 8) {
            let (block_x, block_y) = (block % (WIDTH / 8) * 8, block / (WIDTH / 8) * 8);
            for i in 0..64 * SAMPLES {
                let pixel = i / SAMPLES;
                let x = ((block_x + pixel % 8) as f32 + random.unit()) / WIDTH as f32;
                let y = ((block_y + pixel / 8) as f32 + random.unit()) / HEIGHT as f32;
                let direction = Vec3::new((2.0 * x - 1.0) * tan_x, (1.0 - 2.0 * y) * tan_y, -1.0);
                let direction = world_from_camera.transform_vector3(direction).normalize();
                rays.push(ray(world_from_camera.translation.into(), direction));
            }
        }
        rays
    }

    /// Diffuse reflections of rays at their hits.
    fn bounce(
        &self,
        rays: &[PathState],
        hits: &[Hit],
        first_triangles: &[u32],
        random: &mut Random,
    ) -> Vec<PathState> {
        let reflect = |(path, hit): (&PathState, &Hit)| {
            let instance = self.instances.get(hit.instance as usize)?;
            let (positions, triangles) = &self.meshes[instance.mesh as usize];
            let local = hit.triangle - first_triangles[instance.mesh as usize];
            let corner = |corner: u32| {
                instance
                    .world_from_object
                    .transform_point3(positions[corner as usize])
            };
            let [p, q, r] = triangles[local as usize].map(corner);
            let normal = (q - p).cross(r - p).try_normalize()?;
            let normal = if normal.dot(path.direction.into()) > 0.0 {
                -normal
            } else {
                normal
            };
            let z = 2.0 * random.unit() - 1.0;
            let (sin, cos) = (TAU * random.unit()).sin_cos();
            let around = Vec3::new(cos, sin, 0.0) * (1.0 - z * z).max(0.0).sqrt() + Vec3::Z * z;
            let at = p + (q - p) * hit.barycentric_b + (r - p) * hit.barycentric_c;
            Some(ray(at + normal * 1e-3, (normal + around).try_normalize()?))
        };
        rays.iter().zip(hits).filter_map(reflect).collect()
    }
}

/// Traces and prints.
struct Tracer<'a> {
    accelerator: &'a Accelerator,
    simd: Simd,
}

impl Tracer<'_> {
    fn closest(&self, name: &str, rays: &[PathState]) -> Vec<Hit> {
        let mut hits = vec![Hit::default(); rays.len()];
        let seconds = best_time(|| {
            for batch in batches(rays.len()) {
                intersect_closest(self.simd, self.accelerator, &batch, rays, &mut hits);
            }
        });
        print(
            name,
            rays.len(),
            hits.iter().filter(|hit| hit.instance != INVALID).count(),
            seconds,
        );
        hits
    }

    fn shadow(&self, name: &str, rays: &[PathState]) {
        let shadow = |path: &PathState| ShadowRay {
            origin: path.origin,
            direction: path.direction,
            t_max: f32::INFINITY,
            ..Default::default()
        };
        let mut shadows: Vec<_> = rays.iter().map(shadow).collect();
        let mut hits = vec![Hit::default(); rays.len()];
        let seconds = best_time(|| {
            for batch in batches(rays.len()) {
                intersect_shadow(self.simd, self.accelerator, &batch, &mut shadows, &mut hits);
            }
        });
        print(
            name,
            rays.len(),
            shadows.iter().filter(|shadow| shadow.t_max == 0.0).count(),
            seconds,
        );
    }
}

fn batches(n: usize) -> impl Iterator<Item = Vec<u32>> {
    (0..n)
        .step_by(BATCH)
        .map(move |start| (start as u32..n.min(start + BATCH) as u32).collect())
}

fn print(name: &str, n_rays: usize, n_hits: usize, seconds: f64) {
    let n = n_rays as f64;
    println!(
        "  {name:10} {:7.2} Mray/s {:7.0} ns a ray, {n_rays} rays, {:.0} % hit",
        n / seconds / 1e6,
        seconds / n * 1e9,
        100.0 * n_hits as f64 / n
    );
}

fn best_time(mut run: impl FnMut()) -> f64 {
    let (mut best, mut total, mut n_runs) = (f64::INFINITY, 0.0, 0);
    while n_runs < MIN_RUNS || total < MIN_SECONDS {
        let start = now();
        run();
        let seconds = now() - start;
        best = best.min(seconds);
        total += seconds;
        n_runs += 1;
    }
    best
}

/// Seconds this thread has run, or, where no one tells, seconds since the first call.
fn now() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let start = *START.get_or_init(Instant::now);
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = schedule.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(
        || start.elapsed().as_secs_f64(),
        |nanoseconds| nanoseconds * 1e-9,
    )
}

fn ray(origin: Vec3, direction: Vec3) -> PathState {
    PathState {
        origin: origin.to_array(),
        direction: direction.to_array(),
        ..Default::default()
    }
}

fn look_at(eye: Vec3, target: Vec3, yfov: f32) -> (Affine3A, f32) {
    let back = (eye - target).normalize();
    let right = Vec3::Y.cross(back).normalize();
    let rotation = Mat3::from_cols(right, back.cross(right), back);
    (Affine3A::from_mat3_translation(rotation, eye), yfov)
}

/// xorshift64
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// [0, 1)
    fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32
    }

    fn below(&mut self, n: usize) -> usize {
        (self.bits() >> 24) as usize % n
    }
}

/// A ball of `n` × 2 `n` quads with waves on it.
fn ball(n: u32, waves: f32, height: f32) -> (Vec<Vec3>, Vec<[u32; 3]>) {
    let (mut positions, mut triangles) = (Vec::new(), Vec::new());
    for i in 0..=n {
        for j in 0..2 * n {
            let (theta, phi) = (PI * i as f32 / n as f32, TAU * j as f32 / (2 * n) as f32);
            let direction = Vec3::new(
                theta.sin() * phi.cos(),
                theta.cos(),
                theta.sin() * phi.sin(),
            );
            let wave = (waves * direction.x).sin()
                * (waves * direction.y).cos()
                * (waves * direction.z).sin();
            positions.push(direction * (1.0 + height * wave));
            if i < n {
                let next = |j: u32| (j + 1) % (2 * n);
                let [a, b] = [i * 2 * n + j, i * 2 * n + next(j)];
                let [c, d] = [a + 2 * n, b + 2 * n];
                triangles.extend([[a, b, c], [b, d, c]]);
            }
        }
    }
    (positions, triangles)
}

fn place(mesh: u32, world_from_object: Affine3A) -> InstanceGeometry {
    InstanceGeometry {
        mesh,
        world_from_object,
        non_opaque: false,
    }
}

/// A wrinkled ball on the ground, everything placed once.
fn bumpy_ball() -> World {
    let ground = vec![
        Vec3::new(-9.0, -1.2, -9.0),
        Vec3::new(-9.0, -1.2, 9.0),
        Vec3::new(9.0, -1.2, 9.0),
        Vec3::new(9.0, -1.2, -9.0),
    ];
    World {
        meshes: vec![ball(443, 40.0, 0.08), (ground, vec![[0, 1, 2], [0, 2, 3]])],
        instances: vec![place(0, Affine3A::IDENTITY), place(1, Affine3A::IDENTITY)],
        camera: look_at(Vec3::new(1.5, 1.2, 2.2), Vec3::ZERO, 0.8),
    }
}

/// A thousand turned and stretched placements of one small ball.
fn crowd() -> World {
    let mut random = Random(7);
    let place = |i: u32| {
        let at = Vec3::new((i % 10) as f32, (i / 100) as f32, (i / 10 % 10) as f32) * 1.6;
        let rotation =
            Quat::from_rotation_y(TAU * random.unit()) * Quat::from_rotation_x(TAU * random.unit());
        let scale = Vec3::new(0.5 + random.unit(), 0.7, 0.5 + 0.4 * random.unit());
        place(
            0,
            Affine3A::from_scale_rotation_translation(scale, rotation, at),
        )
    };
    World {
        meshes: vec![ball(55, 12.0, 0.2)],
        instances: (0..1000).map(place).collect(),
        camera: look_at(Vec3::new(-4.0, 12.0, -6.0), Vec3::splat(6.0), 1.0),
    }
}
