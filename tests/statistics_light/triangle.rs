//! Emissive triangles: density, samples, form factors, textures.

use glam::{Affine3A, DVec3, Vec2, Vec3};
use skywell::compiled::record::EmitterQuery;
use skywell::scene::material::Material;
use skywell::scene::mesh::Mesh;
use skywell::scene::texture::{Image, Pixels, TexelFilter, TextureRef, Wrap};
use skywell::scene::{ImageId, Instance, MaterialId, MeshId, Scene};

use crate::common::{Random, SIGNIFICANCE, chi_square_probability, mean_and_error};
use crate::{compile, light_triangle, samples_at};

/// One emissive mesh of triangles with a vertex each for themselves; texture coordinates follow x and z.
pub fn emitters(triangles: &[[Vec3; 3]], emissive: Vec3, texture: Option<Image>) -> Scene {
    let positions: Vec<Vec3> = triangles.iter().flatten().copied().collect();
    let texture_ref = TextureRef {
        image: ImageId(0),
        texcoord_set: 0,
        uv_transform: glam::Affine2::IDENTITY,
        wrap: [Wrap::Repeat; 2],
        filter: TexelFilter::Linear,
    };
    let mesh = Mesh {
        name: String::new(),
        normals: vec![Vec3::Y; positions.len()],
        texcoords: [
            positions.iter().map(|p| Vec2::new(p.x, p.z)).collect(),
            Vec::new(),
            Vec::new(),
        ],
        triangles: (0..triangles.len() as u32)
            .map(|i| [3 * i, 3 * i + 1, 3 * i + 2])
            .collect(),
        positions,
        ..Mesh::default()
    };
    let material = Material {
        emissive,
        double_sided: true,
        emissive_texture: texture.as_ref().map(|_| texture_ref),
        ..Material::default()
    };
    Scene {
        meshes: vec![mesh],
        instances: vec![Instance {
            mesh: MeshId(0),
            material: MaterialId(0),
            node: 0,
            world_from_object: Affine3A::IDENTITY,
        }],
        materials: vec![material],
        images: texture.into_iter().collect(),
        ..Scene::default()
    }
}

/// Irradiance, for unit radiance, on a surface at `p` with normal `n` from the polygon, all of which is above the
/// horizon.
/// Source: Lambert 1760; Baum, Rushmeier and Winget 1989.
fn polygon_irradiance(p: DVec3, n: DVec3, corners: &[DVec3]) -> f64 {
    let towards: Vec<DVec3> = corners.iter().map(|c| (*c - p).normalize()).collect();
    let sum: f64 = (0..towards.len())
        .map(|i| {
            let (a, b) = (towards[i], towards[(i + 1) % towards.len()]);
            a.cross(b).normalize().dot(n) * a.dot(b).clamp(-1.0, 1.0).acos()
        })
        .sum();
    0.5 * sum.abs()
}

/// Solid angle of a triangle seen from the origin.
/// Source: Van Oosterom and Strackee 1983.
pub fn solid_angle([a, b, c]: [DVec3; 3]) -> f64 {
    let (la, lb, lc) = (a.length(), b.length(), c.length());
    let denominator = la * lb * lc + a.dot(b) * lc + b.dot(c) * la + c.dot(a) * lb;
    2.0 * a.dot(b.cross(c)).abs().atan2(denominator)
}

pub const QUAD: [[Vec3; 3]; 2] = [
    [
        Vec3::new(-0.5, 2.0, -0.4),
        Vec3::new(0.7, 2.0, -0.4),
        Vec3::new(0.7, 2.0, 0.9),
    ],
    [
        Vec3::new(-0.5, 2.0, -0.4),
        Vec3::new(0.7, 2.0, 0.9),
        Vec3::new(-0.5, 2.0, 0.9),
    ],
];

#[test]
fn a_quad_lights_by_its_form_factor() {
    let compiled = compile(emitters(&QUAD, Vec3::new(4.0, 2.0, 1.0), None));
    let corners = [QUAD[0][0], QUAD[0][1], QUAD[0][2], QUAD[1][2]].map(|c| c.as_dvec3());
    // Below, beside, above (both sides emit) and close to the quad.
    for (p, n) in [
        (Vec3::ZERO, Vec3::Y),
        (Vec3::new(2.0, 0.5, 1.0), Vec3::new(-0.6, 0.8, 0.0)),
        (Vec3::new(0.0, 4.0, 0.0), Vec3::NEG_Y),
        (Vec3::new(0.1, 1.9, 0.1), Vec3::Y),
    ] {
        let truth = 4.0 * polygon_irradiance(p.as_dvec3(), n.as_dvec3(), &corners);
        for normal in [Vec3::ZERO, n] {
            let samples = samples_at(&compiled, p, normal, 1 << 16, 21);
            let (mean, error) = mean_and_error(samples.iter().map(|s| {
                let cos = f64::from(Vec3::from_array(s.direction).dot(n));
                f64::from(s.radiance[0]) * cos.max(0.0) / f64::from(s.pdf).max(1e-30)
            }));
            assert!(
                (mean - truth).abs() < 4.0 * error + 1e-5 * truth,
                "at {p}: {mean} ± {error}, not {truth}"
            );
        }
    }
}

#[test]
fn a_single_sided_quad_lights_its_front_only() {
    let mut scene = emitters(&QUAD, Vec3::ONE, None);
    scene.materials[0].double_sided = false;
    let mut mirrored = emitters(&QUAD, Vec3::ONE, None);
    mirrored.materials[0].double_sided = false;
    mirrored.instances[0].world_from_object = Affine3A::from_scale(Vec3::new(1.0, 1.0, -1.0));
    for scene in [scene, mirrored] {
        let compiled = compile(scene);
        // The corners run counter-clockwise seen from below, and a mirror does not turn a surface inside out.
        let front = samples_at(&compiled, Vec3::ZERO, Vec3::ZERO, 1000, 25);
        assert!(front.iter().all(|s| s.pdf > 0.0 && s.radiance[0] == 1.0));
        let back = samples_at(&compiled, Vec3::Y * 4.0, Vec3::ZERO, 1000, 26);
        assert!(back.iter().all(|s| s.pdf == 0.0 || s.radiance[0] == 0.0));
    }
}

#[test]
fn triangle_samples_follow_their_density() {
    // Seen close and askew, so that densities differ much over the triangle; and far, so that it is tiny.
    let triangle = [
        Vec3::new(-0.5, 1.0, -0.4),
        Vec3::new(1.0, 1.3, -0.4),
        Vec3::new(0.3, 0.9, 1.2),
    ];
    let compiled = compile(emitters(&[triangle], Vec3::ONE, None));
    for p in [
        Vec3::new(0.2, 0.6, 0.1),
        Vec3::new(0.2, 3.0, 0.1),
        Vec3::new(400.0, -500.0, 20.0),
    ] {
        let n = 1 << 17;
        let samples = samples_at(&compiled, p, Vec3::ZERO, n, 22);
        // Cells: the triangle in 16² equal ones. What is expected of each is the integral of the density over its
        // solid angle, with the density asked of `pdf_light_triangle` at many points.
        let (parts, fine) = (16, 4);
        let corner = |i: usize, j: usize, of: usize| {
            let (b, c) = (i as f64 / of as f64, j as f64 / of as f64);
            let [pa, pb, pc] = triangle.map(|v| v.as_dvec3() - p.as_dvec3());
            pa * (1.0 - b - c) + pb * b + pc * c
        };
        let steps = parts * fine;
        let mut cells = Vec::new();
        for i in 0..steps {
            for j in 0..steps - i {
                cells.push((
                    [i / fine, j / fine],
                    [
                        corner(i, j, steps),
                        corner(i + 1, j, steps),
                        corner(i, j + 1, steps),
                    ],
                ));
                if i + j + 1 < steps {
                    let upper = [
                        corner(i + 1, j, steps),
                        corner(i + 1, j + 1, steps),
                        corner(i, j + 1, steps),
                    ];
                    cells.push(([i / fine, j / fine], upper));
                }
            }
        }
        let queries: Vec<_> = cells
            .iter()
            .map(|(_, [a, b, c])| {
                let center = (*a + *b + *c) / 3.0;
                EmitterQuery {
                    p: p.to_array(),
                    direction: center.normalize().as_vec3().to_array(),
                    distance: center.length() as f32,
                    ..EmitterQuery::default()
                }
            })
            .collect();
        let mut expected = vec![0.0; parts * parts];
        let mut total = 0.0;
        for ((cell, corners), answer) in cells.iter().zip(light_triangle(&compiled, &queries)) {
            let probability = f64::from(answer.pdf) * solid_angle(*corners);
            expected[cell[0] * parts + cell[1]] += probability * n as f64;
            total += probability;
        }
        assert!(
            (total - 1.0).abs() < 2e-3,
            "the density integrates to {total} from {p}"
        );
        let mut counts = vec![0u64; parts * parts];
        for sample in &samples {
            let at = p.as_dvec3()
                + Vec3::from_array(sample.direction).as_dvec3() * f64::from(sample.distance);
            let [a, b, c] = triangle.map(|v| v.as_dvec3());
            let (e, f, d) = (b - a, c - a, at - a);
            let normal = e.cross(f);
            let wb = d.cross(f).dot(normal) / normal.length_squared();
            let wc = e.cross(d).dot(normal) / normal.length_squared();
            // Rounding of far points may push one just outside.
            let place = |w: f64| ((w.max(0.0) * parts as f64) as usize).min(parts - 1);
            let (i, j) = (place(wb), place(wc));
            counts[if i + j < parts {
                i * parts + j
            } else {
                i * parts + (parts - 1 - i)
            }] += 1;
        }
        let probability = chi_square_probability(&counts, &expected);
        assert!(probability > SIGNIFICANCE, "from {p}: {probability:e}");
    }
}

#[test]
fn a_textured_quad_lights_as_a_plain_sum_says() {
    let mut random = Random(23);
    let (width, height) = (8u32, 8u32);
    let bytes: Vec<u8> = (0..width * height)
        .flat_map(|i| {
            // Dark where texture coordinates are 0: the lights must have looked at their own.
            let dark = [0, 7, 56, 63].contains(&i);
            let on = !dark && (random.uniform() < 0.3 || i == 20);
            [
                if on { 255 } else { 0 },
                if on { 120 } else { 0 },
                if on { 30 } else { 0 },
                255,
            ]
        })
        .collect();
    let image = Image {
        name: String::new(),
        width,
        height,
        pixels: Pixels::Rgba8(bytes.clone()),
    };
    let mut scene = emitters(&QUAD, Vec3::new(5.0, 5.0, 5.0), Some(image));
    // Part of the brightness through an instance transform, as instances have one.
    scene.instances[0].world_from_object = Affine3A::from_scale_rotation_translation(
        Vec3::new(1.5, 1.0, 1.5),
        glam::Quat::from_rotation_y(0.4),
        Vec3::new(0.0, -0.5, 0.0),
    );
    let world = scene.instances[0].world_from_object;
    let compiled = compile(scene);
    let decode = |v: u8| {
        let x = f64::from(v) / 255.0;
        if x <= 0.04045 {
            x / 12.92
        } else {
            ((x + 0.055) / 1.055).powf(2.4)
        }
    };
    let emitted = |u: f64, v: f64| {
        let (x, y) = (u * f64::from(width) - 0.5, v * f64::from(height) - 0.5);
        let texel = |i: f64, j: f64| {
            let (i, j) = (
                (i as i64).rem_euclid(width.into()),
                (j as i64).rem_euclid(height.into()),
            );
            decode(bytes[(j as usize * width as usize + i as usize) * 4])
        };
        let (i, j) = (x.floor(), y.floor());
        let (fx, fy) = (x - i, y - j);
        5.0 * ((1.0 - fy) * ((1.0 - fx) * texel(i, j) + fx * texel(i + 1.0, j))
            + fy * ((1.0 - fx) * texel(i, j + 1.0) + fx * texel(i + 1.0, j + 1.0)))
    };
    let (p, n) = (Vec3::new(0.3, 0.2, -0.1), Vec3::Y);
    let steps = 600;
    let mut truth = 0.0;
    let (low, high) = (QUAD[0][0].as_dvec3(), QUAD[0][2].as_dvec3());
    let linear = world
        .matrix3
        .x_axis
        .as_dvec3()
        .cross(world.matrix3.z_axis.as_dvec3());
    for i in 0..steps {
        for j in 0..steps {
            let at =
                |t: usize, a: f64, b: f64| a + (b - a) * (t as f64 + 0.5) / f64::from(steps as u32);
            let object = DVec3::new(at(i, low.x, high.x), low.y, at(j, low.z, high.z));
            let area = (high.x - low.x) * (high.z - low.z) / f64::from((steps * steps) as u32)
                * linear.length();
            let offset = world.transform_point3(object.as_vec3()).as_dvec3() - p.as_dvec3();
            let d = offset.normalize();
            let normal = linear.normalize();
            truth += emitted(object.x, object.z) * area * d.dot(n.as_dvec3()) * d.dot(normal).abs()
                / offset.length_squared();
        }
    }
    let samples = samples_at(&compiled, p, Vec3::ZERO, 1 << 17, 24);
    let (mean, error) = mean_and_error(samples.iter().map(|s| {
        f64::from(s.radiance[0]) * f64::from(Vec3::from_array(s.direction).dot(n)).max(0.0)
            / f64::from(s.pdf)
    }));
    assert!(
        (mean - truth).abs() < 4.0 * error + 1e-3 * truth,
        "{mean} ± {error}, not {truth}"
    );
}

crate::also_asks_gpu!(
    a_quad_lights_by_its_form_factor,
    a_single_sided_quad_lights_its_front_only,
    triangle_samples_follow_their_density,
    a_textured_quad_lights_as_a_plain_sum_says,
);
