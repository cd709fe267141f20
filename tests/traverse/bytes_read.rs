//! How much memory a ray reads: what the traversal's speed hangs on, and what a worse tree would raise.
//!
//! `cargo test --test traverse bytes -- --nocapture` prints the figures of `shaders/passes/README.md`.

use super::gpu::{Answer, Gpu, Walk};
use super::world::{Random, World, ball, placed, rays};
use glam::{Affine3A, Vec3};
use skywell::compiled::bvh::compressed::{NODE_ROWS, PRIMITIVE_ROWS};
use skywell::compiled::record::{Hit, PathState, ShadowRay};

/// Bytes a row.
const ROW: f64 = 16.0;
/// Bytes of an entry of a queue.
const QUEUED: usize = 4;
/// What GPUs fetch from memory at once, bytes.
const SECTOR: usize = 32;
/// Bytes of path state that the passes move for one surface. Entries of lists are read by each and written by the one
/// before; besides: the ray and the hit (intersect_closest); path and hit in, path and light out (meet_surfaces); path,
/// hit and light in, path and shadow ray out (scatter_*); shadow ray in, radiance in and out (intersect_shadows).
const STATE_BYTES: usize = 4 * 2 * QUEUED
    + (SECTOR + size_of::<Hit>())
    + (2 * size_of::<PathState>() + size_of::<Hit>() + size_of::<ShadowRay>())
    + (2 * size_of::<PathState>() + size_of::<Hit>() + 2 * size_of::<ShadowRay>())
    + (size_of::<ShadowRay>() + 2 * SECTOR);
/// Vector instructions of a node, by its operations: for each of 6 × 8 planes a conversion, a multiply-add and a
/// comparison, for each child five to place its bits, and 40 for the whole.
const NODE_INSTRUCTIONS: f64 = 6.0 * 8.0 * 3.0 + 8.0 * 5.0 + 40.0;
/// Of a primitive, likewise: 18 for its box, 30 to permute, 27 to shear, 15 for edges, 30 for t and weights.
const PRIMITIVE_INSTRUCTIONS: f64 = 120.0;
/// Name; memory bandwidth, bytes a second; lane-instructions a second (multiprocessors × lanes × boost clock). From the
/// vendor's data sheets: H100 SXM5, RTX 4090.
const DEVICES: [(&str, f64, f64); 2] = [
    ("H100", 3.35e12, 132.0 * 128.0 * 1.83e9),
    ("RTX 4090", 1.008e12, 128.0 * 128.0 * 2.52e9),
];

/// Prints what the devices can do at most: when all a ray reads comes from memory, when only path state does, and by
/// instructions issued.
fn print_roofline(scene_bytes: f64, [nodes, primitives]: [f64; 2]) {
    let state_bytes = STATE_BYTES as f64 / 2.0;
    let instructions = nodes * NODE_INSTRUCTIONS + primitives * PRIMITIVE_INSTRUCTIONS;
    for (device, bandwidth, issue) in DEVICES {
        eprintln!(
            "    {device}: {:.1}, {:.1}, {:.1} thousand million rays a second (all from memory; state alone; instructions)",
            bandwidth / (scene_bytes + state_bytes) / 1e9,
            bandwidth / state_bytes / 1e9,
            issue / instructions / 1e9,
        );
    }
}

/// Prints the means of what rays read, and returns nodes and primitives.
fn measure(name: &str, answers: &[Answer]) -> [f64; 2] {
    let mean = |table: usize| {
        let sum: u64 = answers.iter().map(|a| u64::from(a.rows[table])).sum();
        sum as f64 / answers.len() as f64
    };
    let [nodes, primitives, spaces] = [0, 1, 2].map(mean);
    let per_ray = [nodes / NODE_ROWS as f64, primitives / PRIMITIVE_ROWS as f64];
    eprintln!(
        "{name}: {:.1} nodes and {:.1} primitives a ray, {:.0} bytes",
        per_ray[0],
        per_ray[1],
        ROW * (nodes + primitives + spaces)
    );
    print_roofline(ROW * (nodes + primitives + spaces), per_ray);
    per_ray
}

#[test]
fn bytes_a_ray_reads_stay_few() {
    let Some(gpu) = Gpu::new(Walk::Counting) else {
        return;
    };
    eprintln!("path state: {STATE_BYTES} bytes a surface, of two rays");
    let mut random = Random(3);
    let bumpy = ball(160, |d| 1.0 + 0.2 * (d.x * 9.0).sin() * (d.y * 7.0).cos());
    let one = World::one(bumpy);
    let mut crowd = World::default();
    let shared = crowd.add(ball(30, |d| 1.0 + 0.3 * (d.z * 5.0).sin()));
    let floor = crowd.add(ball(2, |_| 20.0));
    crowd.place(floor, Affine3A::IDENTITY, false);
    for i in 0..500 {
        let transform = placed(&mut random, 0.4, 8.0, i % 3 == 0);
        crowd.place(shared, transform, false);
    }
    for (name, world, reach, limit) in [
        ("ball of 102,400 triangles", one, 1.3, [8.0, 3.0]),
        (
            "500 placements of 3,600 triangles",
            crowd,
            8.0,
            [17.0, 12.0],
        ),
    ] {
        let (_, tables) = world.build();
        let rays = rays(20_000, Vec3::ZERO, reach, &mut random);
        let closest = measure(&format!("{name}, closest"), &gpu.closest(&tables, &rays));
        measure(&format!("{name}, shadow"), &gpu.shadow(&tables, &rays));
        assert!(
            closest[0] < limit[0] && closest[1] < limit[1],
            "{closest:?}"
        );
    }
}
