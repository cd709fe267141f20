//! What stands and swims in the court: the pool, the bronze and its coals, lanterns, bamboo, silk.

use crate::document::Document;
use crate::house::WELL;
use crate::materials::Materials;
use crate::shapes::{Random, Shape};
use glam::{Affine3A, EulerRot, Quat, Vec3, vec2, vec3};
use std::f32::consts::{PI, TAU};

/// Inner half width of the pool, and its ends along z.
const POOL_X: f32 = 1.25;
const POOL_Z: (f32, f32) = (-1.8, 1.7);
const WATER_Y: f32 = -0.02;
const POOL_FLOOR: f32 = -0.50;

/// Builds it all.
pub fn build(doc: &mut Document, m: &Materials) {
    pool(doc, m);
    koi(doc, m);
    brazier(doc, m);
    lanterns(doc, m);
    bamboo(doc, m);
    banners(doc, m);
}

fn pool(doc: &mut Document, m: &Materials) {
    let (z0, z1) = POOL_Z;
    let mut rim = Shape::default();
    let (top, width) = (0.10, 0.2);
    for side in [-1.0, 1.0] {
        let x = side * (POOL_X + width * 0.5);
        rim.cuboid(
            vec3(x - width * 0.5, -0.4, z0 - width),
            vec3(x + width * 0.5, top, z1 + width),
        );
    }
    for z in [z0 - width, z1] {
        rim.cuboid(vec3(-POOL_X, -0.4, z), vec3(POOL_X, top, z + width));
    }
    rim.paint(Vec3::splat(0.92));
    doc.add("pool rim", &rim, m.stone);

    // Celadon tiles line it.
    let mut random = Random::new(3);
    let mut tiles = Shape::default();
    let size = 0.25;
    let (nx, nz) = ((2.0 * POOL_X / size) as usize, ((z1 - z0) / size) as usize);
    let mut tone = || {
        vec3(0.46, 0.68, 0.60) * random.range(0.75, 1.15) + vec3(0.0, 0.0, random.range(0.0, 0.06))
    };
    for j in 0..nz {
        for i in 0..nx {
            let corner = vec3(
                -POOL_X + i as f32 * size,
                POOL_FLOOR - 0.05,
                z0 + j as f32 * size,
            );
            tiles
                .cuboid(
                    corner + vec3(0.004, 0.0, 0.004),
                    corner + vec3(size - 0.004, 0.05, size - 0.004),
                )
                .paint(tone());
        }
    }
    for k in 0..nz {
        let z = z0 + k as f32 * size;
        for level in 0..2 {
            let y = POOL_FLOOR + level as f32 * 0.24;
            for side in [-1.0, 1.0] {
                let x = side * (POOL_X + 0.02);
                tiles
                    .cuboid(
                        vec3(x - 0.02, y + 0.004, z + 0.004),
                        vec3(x + 0.02, y + 0.236, z + size - 0.004),
                    )
                    .paint(tone());
            }
        }
    }
    for k in 0..nx {
        let x = -POOL_X + k as f32 * size;
        for level in 0..2 {
            let y = POOL_FLOOR + level as f32 * 0.24;
            for z in [z0 - 0.04, z1] {
                tiles
                    .cuboid(
                        vec3(x + 0.004, y + 0.004, z),
                        vec3(x + size - 0.004, y + 0.236, z + 0.04),
                    )
                    .paint(tone());
            }
        }
    }
    let mut bed = Shape::default();
    bed.cuboid(
        vec3(-POOL_X - 0.1, POOL_FLOOR - 0.2, z0 - 0.1),
        vec3(POOL_X + 0.1, POOL_FLOOR - 0.03, z1 + 0.1),
    )
    .paint(Vec3::splat(0.3));
    doc.add("pool bed", &bed, m.stone);
    doc.add("pool tiles", &tiles, m.celadon);

    // A closed body of water, reaching a little into stone and tiles, with rings on its surface.
    let reach = 0.012;
    let (x1, za, zb) = (POOL_X + reach, z0 - reach, z1 + reach);
    let height = |x: f32, z: f32| {
        let ring = |cx: f32, cz: f32, wavelength: f32, size: f32| {
            let r = ((x - cx).powi(2) + (z - cz).powi(2)).sqrt();
            size * (TAU * r / wavelength).cos() * (-1.1 * r).exp()
        };
        let swell = 0.0016 * ((3.1 * x + 1.7 * z).sin() + (2.3 * z - 1.9 * x + 1.0).sin());
        // Still at the rim, so that the surface meets the sides of the body exactly.
        let edge = ((x1 - x.abs()) * 4.0)
            .min((z - za) * 4.0)
            .min((zb - z) * 4.0)
            .clamp(0.0, 1.0);
        WATER_Y + edge * (ring(0.35, 0.55, 0.21, 0.0052) + ring(-0.55, -0.75, 0.17, 0.0036) + swell)
    };
    let (n, k) = (110, 154);
    let mut body = Shape::default();
    body.surface(k, n, |s, t| {
        let (z, x) = (za + (zb - za) * s, -x1 + 2.0 * x1 * t);
        vec3(x, height(x, z), z)
    });
    let low = POOL_FLOOR - 0.02;
    let up = vec3(0.0, WATER_Y - low, 0.0);
    let (dx, dz) = (vec3(2.0 * x1, 0.0, 0.0), vec3(0.0, 0.0, zb - za));
    let corner = vec3(-x1, low, za);
    body.quad(corner + dz, dx, up)
        .quad(corner + dx, -dx, up)
        .quad(corner, dz, up)
        .quad(corner + dx + dz, -dz, up)
        .quad(corner, dx, dz);
    doc.add("water", &body, m.water);
}

fn koi(doc: &mut Document, m: &Materials) {
    let mut random = Random::new(8);
    let body = |spots: Vec3, seed: u64| {
        let mut fish = Shape::default();
        let mut patch = Random::new(seed);
        let phase = (patch.range(0.0, 6.0), patch.range(0.0, 6.0));
        fish.surface(20, 14, |s, t| {
            // s runs nose to tail, t around.
            let z = (s - 0.4) * 0.42;
            let girth = 0.052 * (s * (1.0 - s) * 4.0).max(0.0).powf(0.6) * (1.15 - 0.6 * s);
            let a = TAU * t;
            vec3(
                girth * 0.8 * a.sin() + 0.03 * (s * 4.0).sin() * s,
                girth * a.cos(),
                z,
            )
        });
        let tail = fish.positions.len();
        fish.surface(4, 4, |s, t| {
            vec3(
                0.03 * 4f32.sin() + 0.02 * s * s,
                (t - 0.5) * (0.03 + 0.11 * s),
                0.25 + 0.11 * s,
            )
        });
        for (i, p) in fish.positions.iter().enumerate() {
            let mark = (p[2] * 24.0 + phase.0).sin() + (p[0] * 60.0 + p[2] * 9.0 + phase.1).sin();
            let color = if mark > 0.5 || i >= tail {
                spots
            } else {
                vec3(0.85, 0.82, 0.76)
            };
            fish.colors.push(color.into());
        }
        fish
    };
    let meshes = [
        body(vec3(0.80, 0.16, 0.02), 5),
        body(vec3(0.75, 0.28, 0.03), 6),
    ]
    .map(|fish| doc.mesh("koi", &fish, m.koi));
    for k in 0..9 {
        let at = vec3(
            random.range(-0.95, 0.95),
            random.range(-0.26, -0.10),
            random.range(POOL_Z.0 + 0.3, POOL_Z.1 - 0.3),
        );
        let turn = Quat::from_rotation_y(random.range(0.0, TAU));
        let size = Vec3::splat(random.range(0.8, 1.25));
        doc.place(
            "koi",
            meshes[k % 2],
            Affine3A::from_scale_rotation_translation(size, turn, at),
        );
    }
}

/// A bronze ding on a plinth beyond the pool, full of coals.
fn brazier(doc: &mut Document, m: &Materials) {
    let center = vec3(0.0, 0.0, -2.62);
    let mut plinth = Shape::default();
    plinth
        .block(center + vec3(0.0, 0.02, 0.0), vec3(1.02, 0.32, 1.02))
        .block(center + vec3(0.0, 0.21, 0.0), vec3(0.86, 0.08, 0.86));
    plinth.paint(Vec3::splat(0.85));
    doc.add("plinth", &plinth, m.stone);

    let mut ding = Shape::default();
    let outside = [
        (0.0, 0.30),
        (0.16, 0.31),
        (0.27, 0.38),
        (0.325, 0.50),
        (0.335, 0.60),
        (0.325, 0.66),
        (0.345, 0.67),
        (0.345, 0.70),
        (0.325, 0.71),
        (0.335, 0.76),
        (0.40, 0.80),
        (0.405, 0.83),
    ];
    let inside = [
        (0.36, 0.83),
        (0.31, 0.77),
        (0.30, 0.60),
        (0.24, 0.52),
        (0.0, 0.50),
    ];
    let profile: Vec<_> = outside
        .iter()
        .chain(&inside)
        .map(|&(r, y)| vec2(r, y))
        .collect();
    ding.lathe(&profile, 48, 0.7);
    for k in 0..3 {
        let a = TAU * (k as f32 + 0.25) / 3.0;
        let mut leg = Shape::default();
        leg.lathe(
            &[
                vec2(0.0, 0.0),
                vec2(0.062, 0.0),
                vec2(0.07, 0.03),
                vec2(0.045, 0.10),
                vec2(0.042, 0.22),
                vec2(0.07, 0.36),
                vec2(0.06, 0.46),
            ],
            18,
            0.9,
        );
        ding.append(
            &leg,
            Affine3A::from_rotation_translation(
                Quat::from_rotation_y(a) * Quat::from_rotation_z(0.10),
                vec3(0.24 * a.cos(), 0.0, -0.24 * a.sin()),
            ),
        );
    }
    for side in [-1.0, 1.0] {
        // Upright loop handles.
        let mut handle = Shape::default();
        handle.surface(20, 10, |s, t| {
            let (a, b) = (PI * s, TAU * t);
            let r = 0.11 + 0.02 * b.cos();
            vec3(0.02 * b.sin(), 1.25 * r * a.sin(), r * a.cos())
        });
        ding.append(
            &handle,
            Affine3A::from_translation(vec3(side * 0.385, 0.82, 0.0)),
        );
    }
    // A band of bosses.
    for k in 0..20 {
        let a = TAU * k as f32 / 20.0;
        let mut boss = Shape::default();
        boss.lathe(
            &[
                vec2(0.02, 0.0),
                vec2(0.016, 0.012),
                vec2(0.006, 0.02),
                vec2(0.0, 0.022),
            ],
            10,
            1.2,
        );
        ding.append(
            &boss,
            Affine3A::from_rotation_translation(
                Quat::from_rotation_y(a) * Quat::from_rotation_z(-PI / 2.0),
                vec3(0.33 * a.cos(), 0.575, -0.33 * a.sin()),
            ),
        );
    }
    ding.scale_uv(2.0);
    let ding = doc.mesh("ding", &ding, m.bronze);
    let standing = center + vec3(0.0, 0.25, 0.0);
    doc.place("ding", ding, Affine3A::from_translation(standing));

    let mut random = Random::new(12);
    let mut lump = Shape::default();
    lump.surface(9, 6, |s, t| {
        let (phi, theta) = (TAU * s, PI * (1.0 - t));
        let d = vec3(
            theta.sin() * phi.cos(),
            theta.cos(),
            -theta.sin() * phi.sin(),
        );
        let bumps = 0.16 * (5.0 * d.x + 1.0).sin() * (4.0 * d.y).cos() + 0.1 * (7.0 * d.z).sin();
        d * (1.0 + bumps)
    });
    let lump = doc.mesh("coal", &lump, m.coal);
    for _ in 0..46 {
        let (a, r) = (random.range(0.0, TAU), 0.28 * random.next().sqrt());
        let y = 0.78 + 0.17 * (1.0 - r / 0.28) + random.range(0.0, 0.03);
        let turn = Quat::from_euler(
            EulerRot::XYZ,
            random.range(0.0, TAU),
            random.range(0.0, TAU),
            0.0,
        );
        let size = vec3(
            random.range(0.036, 0.058),
            random.range(0.03, 0.042),
            random.range(0.032, 0.05),
        );
        let at = standing + vec3(r * a.cos(), y, r * a.sin());
        doc.place(
            "coal",
            lump,
            Affine3A::from_scale_rotation_translation(size, turn, at),
        );
    }
}

fn lanterns(doc: &mut Document, m: &Materials) {
    let mut paper = Shape::default();
    let profile: Vec<_> = (0..=10)
        .map(|k| {
            let t = k as f32 / 10.0;
            vec2(
                0.11 + 0.13 * (PI * t).sin().max(0.0).powf(0.7),
                -0.24 + 0.48 * t,
            )
        })
        .collect();
    paper.lathe(&profile, 20, 1.0);
    for uv in &mut paper.uvs {
        uv[1] /= 0.62;
    }
    let paper = doc.mesh("lantern paper", &paper, m.lantern);
    let mut trim = Shape::default();
    trim.cylinder(vec3(0.0, 0.235, 0.0), 0.118, 0.045, 24)
        .cylinder(vec3(0.0, -0.28, 0.0), 0.118, 0.045, 24);
    trim.cylinder(vec3(0.0, 0.28, 0.0), 0.006, 0.6, 6);
    trim.cylinder(vec3(0.0, -0.36, 0.0), 0.02, 0.08, 10)
        .cylinder(vec3(0.0, -0.62, 0.0), 0.013, 0.27, 8);
    let trim = doc.mesh("lantern trim", &trim, m.gold);
    let (cx, cz) = (WELL.0 + 0.42, WELL.1 + 0.42);
    for (x, y, z) in [
        (-2.0, 2.42, -cz),
        (0.0, 2.35, -cz),
        (2.0, 2.42, -cz),
        (-cx, 2.40, -1.7),
        (-cx, 2.40, 1.7),
        (cx, 2.40, -1.7),
        (cx, 2.40, 1.7),
    ] {
        let at =
            Affine3A::from_rotation_translation(Quat::from_rotation_y(x * 3.0 + z), vec3(x, y, z));
        doc.place("lantern", paper, at);
        doc.place("lantern trim", trim, at);
    }
}

/// Bamboo in a celadon jar, in the right-hand corner of the court.
fn bamboo(doc: &mut Document, m: &Materials) {
    let base = vec3(1.98, -0.14, -2.55);
    let mut jar = Shape::default();
    let profile = [
        (0.0, 0.0),
        (0.17, 0.0),
        (0.2, 0.05),
        (0.27, 0.22),
        (0.28, 0.36),
        (0.24, 0.46),
        (0.265, 0.5),
        (0.25, 0.52),
        (0.225, 0.49),
        (0.0, 0.45),
    ];
    jar.lathe(&profile.map(|(r, y)| vec2(r, y)), 36, 0.9)
        .paint(vec3(0.28, 0.47, 0.40));
    let jar = doc.mesh("jar", &jar, m.celadon);
    doc.place("jar", jar, Affine3A::from_translation(base));

    let mut random = Random::new(21);
    let mut culm = Shape::default();
    for k in 0..9 {
        let y = k as f32 * 0.28;
        let (r0, r1) = (0.016 - 0.0012 * k as f32, 0.016 - 0.0012 * (k + 1) as f32);
        culm.lathe(
            &[
                vec2(r0 * 1.25, y),
                vec2(r0, y + 0.02),
                vec2(r1, y + 0.26),
                vec2(r1 * 1.25, y + 0.28),
            ],
            8,
            1.0,
        );
    }
    let culm = doc.mesh("culm", &culm, m.bamboo);
    let mut leaf = Shape::default();
    leaf.surface(6, 2, |s, t| {
        let width = 0.020 * (s * (1.0 - s) * 4.0).max(0.0).powf(0.7) * (1.3 - 0.6 * s);
        let across = (t - 0.5) * 2.0;
        vec3(
            0.19 * s,
            -0.05 * s * s + 0.006 * across.abs(),
            -width * across,
        )
    });
    let leaf = doc.mesh("leaf", &leaf, m.leaf);
    for k in 0..7 {
        let a = TAU * k as f32 / 7.0 + random.range(-0.3, 0.3);
        let foot = base + vec3(0.11 * a.cos(), 0.44, 0.11 * a.sin());
        let lean = Quat::from_rotation_y(-a) * Quat::from_rotation_z(-random.range(0.03, 0.15));
        let size = random.range(0.72, 1.0);
        doc.place(
            "culm",
            culm,
            Affine3A::from_scale_rotation_translation(Vec3::splat(size), lean, foot),
        );
        for node in 3..=9 {
            for _ in 0..4 {
                let along = foot + lean * vec3(0.0, size * 0.28 * node as f32, 0.0);
                let turn = Quat::from_rotation_y(random.range(0.0, TAU))
                    * Quat::from_rotation_z(random.range(-0.9, 0.35));
                let reach = turn * vec3(random.range(0.0, 0.16), 0.0, 0.0);
                let scale = Vec3::splat(random.range(0.75, 1.25));
                doc.place(
                    "leaf",
                    leaf,
                    Affine3A::from_scale_rotation_translation(scale, turn, along + reach),
                );
            }
        }
    }
}

/// Silk hung between the hall's columns and the walls.
fn banners(doc: &mut Document, m: &Materials) {
    let mut silk = Shape::default();
    silk.surface(24, 16, |s, t| {
        let fold =
            0.035 * (s * 21.0).sin() * (0.35 + 0.65 * (1.0 - t)) + 0.02 * (s * 9.0 + 2.0 * t).sin();
        vec3((s - 0.5) * (0.92 - 0.12 * (1.0 - t)), t * 2.25, fold)
    });
    let silk = doc.mesh("silk", &silk, m.silk);
    let mut rod = Shape::default();
    let mut pole = Shape::default();
    pole.cylinder(vec3(0.0, -0.56, 0.0), 0.016, 1.12, 10);
    rod.append(
        &pole,
        Affine3A::from_rotation_translation(Quat::from_rotation_z(PI / 2.0), vec3(0.0, 2.26, 0.0)),
    );
    let rod = doc.mesh("rod", &rod, m.gold);
    for side in [-1.0, 1.0] {
        let at = Affine3A::from_translation(vec3(side * 3.72, 0.42, -4.55));
        doc.place("silk", silk, at);
        doc.place("rod", rod, at);
    }
}
