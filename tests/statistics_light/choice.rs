//! Which light is chosen, and whether all of them together light as each alone.

use std::f64::consts::{PI, TAU};

use glam::{DVec3, Vec3};
use skywell::compiled::Compiled;
use skywell::compiled::record::{EmitterQuery, LIGHT_DIRECTIONAL, LIGHT_TRIANGLE};
use skywell::kernel::Tables;
use skywell::scene::Scene;
use skywell::scene::light::PunctualKind;

use crate::common::{Random, SIGNIFICANCE, chi_square_probability, mean_and_error};
use crate::environment::{direction_at, overcast, radiance_at};
use crate::punctual::punctual;
use crate::triangle::{QUAD, emitters, solid_angle};
use crate::{compile, environment, light_triangle, samples_at};

/// An environment, directional, point and spot lights, and two groups of emissive triangles.
fn zoo() -> Scene {
    let mut triangles = QUAD.to_vec();
    let mut random = Random(41);
    for _ in 0..60 {
        let center = Vec3::from_array(random.direction()) * random.between(1.0, 6.0);
        let corner = |random: &mut Random| center + Vec3::from_array(random.direction()) * 0.3;
        triangles.push([
            corner(&mut random),
            corner(&mut random),
            corner(&mut random),
        ]);
    }
    let mut scene = emitters(&triangles, Vec3::splat(3.0), None);
    scene.environment = Some(overcast());
    let spot = PunctualKind::Spot {
        inner_cone_angle: 0.2,
        outer_cone_angle: 0.9,
    };
    scene.lights = vec![
        punctual(
            PunctualKind::Directional,
            Vec3::ZERO,
            Vec3::new(0.6, -0.8, 0.0),
            None,
        ),
        punctual(
            PunctualKind::Point,
            Vec3::new(2.0, 1.0, 0.5),
            Vec3::NEG_Y,
            None,
        ),
        punctual(
            PunctualKind::Point,
            Vec3::new(-2.0, 1.5, 0.5),
            Vec3::NEG_Y,
            Some(20.0),
        ),
        punctual(spot, Vec3::new(0.0, 3.0, -1.0), Vec3::NEG_Y, None),
        punctual(PunctualKind::Directional, Vec3::ZERO, Vec3::NEG_Y, None),
    ];
    scene
}

/// What was chosen, recognised by what the sample says; every light of the zoo is somewhere else.
fn frequencies_match(compiled: &Compiled, p: Vec3, n: Vec3, seed: u64) -> f64 {
    let n_samples = 1 << 18;
    let samples = samples_at(compiled, p, n, n_samples, seed);
    let tables = Tables::from(compiled);
    let mut counts = vec![0u64; tables.lights.len() + 1];
    let mut expected = vec![0.0; tables.lights.len() + 1];
    let (mut environment_count, mut environment_share) = (0u64, 0.0);
    for sample in &samples {
        let at = p + Vec3::from_array(sample.direction) * sample.distance;
        if sample.pdf == 0.0 {
            counts[tables.lights.len()] += 1;
            continue;
        }
        if sample.is_delta == 1 {
            let far = sample.distance > 1e30;
            let index = tables
                .lights
                .iter()
                .position(|light| {
                    if far {
                        light.kind == LIGHT_DIRECTIONAL
                            && Vec3::from_array(light.axis).dot(-Vec3::from_array(sample.direction))
                                > 0.99999
                    } else {
                        light.kind < LIGHT_TRIANGLE
                            && Vec3::from_array(light.position).distance(at) < 1e-3
                    }
                })
                .expect("one of the lights");
            counts[index] += 1;
            expected[index] = f64::from(sample.pdf) * n_samples as f64;
        } else if sample.distance > 1e30 {
            environment_count += 1;
            let query = EmitterQuery {
                p: p.to_array(),
                n: n.to_array(),
                direction: sample.direction,
                ..EmitterQuery::default()
            };
            if environment_share == 0.0 {
                let density = environment(compiled, &[query])[0].pdf;
                let alone = environment(
                    &compile(Scene {
                        environment: Some(overcast()),
                        ..Scene::default()
                    }),
                    &[query],
                )[0]
                .pdf;
                environment_share = f64::from(density) / f64::from(alone);
            }
        } else {
            let index = tables
                .lights
                .iter()
                .position(|light| {
                    let (e, f) = (Vec3::from_array(light.axis), Vec3::from_array(light.shape));
                    let d = at - Vec3::from_array(light.position);
                    let normal = e.cross(f);
                    let wb = d.cross(f).dot(normal) / normal.length_squared();
                    let wc = e.cross(d).dot(normal) / normal.length_squared();
                    light.kind >= LIGHT_TRIANGLE
                        && d.dot(normal.normalize()).abs() < 1e-4
                        && wb > -1e-3
                        && wc > -1e-3
                        && wb + wc < 1.001
                })
                .expect("one of the triangles");
            counts[index] += 1;
            let query = EmitterQuery {
                p: p.to_array(),
                n: n.to_array(),
                light: index as u32,
                direction: sample.direction,
                distance: sample.distance,
                ..EmitterQuery::default()
            };
            if expected[index] == 0.0 {
                let pdf = light_triangle(compiled, &[query])[0].pdf;
                assert!(
                    (pdf - sample.pdf).abs() <= 1e-3 * pdf,
                    "{pdf} and {}",
                    sample.pdf
                );
                let light = &tables.lights[index];
                let cross = Vec3::from_array(light.axis).cross(Vec3::from_array(light.shape));
                let projected = 0.5 * cross.dot(Vec3::from_array(sample.direction)).abs();
                let uniform = f64::from(sample.distance).powi(2) / f64::from(projected);
                expected[index] = f64::from(pdf) / uniform * n_samples as f64;
            }
        }
    }
    counts[0] = environment_count;
    expected[0] = environment_share * n_samples as f64;
    // Lights never chosen should be improbable; what is left of the probability is for samples that found none.
    let total: f64 = expected.iter().sum();
    expected[tables.lights.len()] = (n_samples as f64 - total).max(1e-9);
    chi_square_probability(&counts, &expected)
}

#[test]
fn lights_are_chosen_as_often_as_their_probabilities_say() {
    let compiled = compile(zoo());
    for (p, n, seed) in [
        (Vec3::ZERO, Vec3::ZERO, 42),
        (Vec3::ZERO, Vec3::Y, 43),
        (Vec3::new(3.0, -1.0, 2.0), Vec3::new(0.0, 0.6, -0.8), 44),
        (Vec3::new(50.0, 30.0, -20.0), Vec3::ZERO, 45),
    ] {
        let probability = frequencies_match(&compiled, p, n, seed);
        assert!(probability > SIGNIFICANCE, "at {p}: {probability:e}");
    }
}

#[test]
fn all_lights_together_give_the_sum_of_their_irradiances() {
    let compiled = compile(zoo());
    let (scene, sky) = (zoo(), overcast());
    let (p, n) = (
        Vec3::new(0.3, 0.1, -0.2),
        Vec3::new(0.1, 0.9, 0.2).normalize(),
    );
    // Each light's own irradiance, in plain sums.
    let mut truth = 0.0;
    let quadrature = 256;
    for j in 0..quadrature {
        let v = (f64::from(j) + 0.5) / f64::from(quadrature);
        for i in 0..2 * quadrature {
            let u = (f64::from(i) + 0.5) / f64::from(2 * quadrature);
            let cos = direction_at(u, v).dot(n.as_dvec3()).max(0.0);
            truth += radiance_at(&sky, u, v)[0] * cos * TAU * PI * (PI * v).sin()
                / f64::from(2 * quadrature * quadrature);
        }
    }
    for light in &scene.lights {
        let alone = compile(Scene {
            lights: vec![light.clone()],
            ..Scene::default()
        });
        let sample = samples_at(&alone, p, Vec3::ZERO, 1, 1)[0];
        truth += f64::from(sample.radiance[0])
            * f64::from(Vec3::from_array(sample.direction).dot(n)).max(0.0);
    }
    let mesh = &scene.meshes[0];
    for triangle in &mesh.triangles {
        let corners = triangle.map(|v| mesh.positions[v as usize].as_dvec3());
        // In small pieces, so that those that straddle the horizon do not matter.
        let steps = 60;
        let at = |i: u32, j: u32| {
            let (b, c) = (
                f64::from(i) / f64::from(steps),
                f64::from(j) / f64::from(steps),
            );
            corners[0] * (1.0 - b - c) + corners[1] * b + corners[2] * c
        };
        for i in 0..steps {
            for j in 0..steps - i {
                let mut piece = |corners: [DVec3; 3]| {
                    let center = (corners[0] + corners[1] + corners[2]) / 3.0 - p.as_dvec3();
                    let cos = center.normalize().dot(n.as_dvec3()).max(0.0);
                    truth += 3.0 * cos * solid_angle(corners.map(|c| c - p.as_dvec3()));
                };
                piece([at(i, j), at(i + 1, j), at(i, j + 1)]);
                if i + j + 1 < steps {
                    piece([at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)]);
                }
            }
        }
    }
    for normal in [Vec3::ZERO, n] {
        let samples = samples_at(&compiled, p, normal, 1 << 19, 46);
        let (mean, error) = mean_and_error(samples.iter().map(|s| {
            let cos = f64::from(Vec3::from_array(s.direction).dot(n)).max(0.0);
            if s.pdf > 0.0 {
                f64::from(s.radiance[0]) * cos / f64::from(s.pdf)
            } else {
                0.0
            }
        }));
        assert!(
            (mean - truth).abs() < 4.0 * error + 1e-4 * truth,
            "{mean} ± {error}, not {truth}"
        );
    }
}

crate::also_asks_gpu!(
    lights_are_chosen_as_often_as_their_probabilities_say,
    all_lights_together_give_the_sum_of_their_irradiances,
);
