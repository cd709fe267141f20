//! The environment: orientation, reconstruction, density, samples.

use std::f64::consts::{PI, TAU};

use glam::{DVec3, Vec3};
use skywell::scene::Scene;
use skywell::scene::light::Environment;

use crate::common::{Random, SIGNIFICANCE, chi_square_probability, mean_and_error};
use crate::{compile, directions, environment, samples_at};

const ROTATION: f64 = 0.7;
const STRENGTH: f64 = 2.0;

/// A dim coloured sky of noise with a sun of one texel.
pub fn sky() -> Environment {
    let mut random = Random(11);
    let (width, height) = (32, 16);
    let mut texels: Vec<[f32; 3]> = (0..width * height)
        .map(|_| {
            [
                random.uniform(),
                0.5 * random.uniform(),
                0.3 + random.uniform(),
            ]
        })
        .collect();
    texels[4 * width + 21] = [3000.0, 2500.0, 2000.0];
    texels[..width].fill([0.4, 0.5, 0.6]);
    Environment {
        name: String::new(),
        width,
        height,
        texels,
        strength: STRENGTH as f32,
        rotation: ROTATION as f32,
    }
}

/// A sky without sun, nowhere so dim that it is not sampled.
pub fn overcast() -> Environment {
    let mut sky = sky();
    for texel in &mut sky.texels {
        *texel = texel.map(|c| 0.6 + 0.4 * c.min(1.0));
    }
    sky
}

pub fn sky_scene() -> Scene {
    Scene {
        environment: Some(sky()),
        ..Scene::default()
    }
}

/// World direction at image coordinates.
pub fn direction_at(u: f64, v: f64) -> DVec3 {
    let (phi, theta) = (TAU * (u - 0.5), PI * v);
    let d = DVec3::new(
        theta.sin() * phi.cos(),
        theta.cos(),
        theta.sin() * phi.sin(),
    );
    // Counter-clockwise seen from above.
    let (sin, cos) = ROTATION.sin_cos();
    DVec3::new(cos * d.x + sin * d.z, d.y, cos * d.z - sin * d.x)
}

/// Radiance at image coordinates: bilinear, around the seam, held at the poles.
pub fn radiance_at(sky: &Environment, u: f64, v: f64) -> [f64; 3] {
    let (x, y) = (u * sky.width as f64 - 0.5, v * sky.height as f64 - 0.5);
    let texel = |i: f64, j: f64| {
        let i = (i as i64).rem_euclid(sky.width as i64) as usize;
        let j = (j as i64).clamp(0, sky.height as i64 - 1) as usize;
        sky.texels[j * sky.width + i].map(f64::from)
    };
    let (i, j) = (x.floor(), y.floor());
    let (fx, fy) = (x - i, y - j);
    std::array::from_fn(|c| {
        STRENGTH
            * ((1.0 - fy) * ((1.0 - fx) * texel(i, j)[c] + fx * texel(i + 1.0, j)[c])
                + fy * ((1.0 - fx) * texel(i, j + 1.0)[c] + fx * texel(i + 1.0, j + 1.0)[c]))
    })
}

#[test]
fn environment_radiance_matches_the_oracle() {
    let compiled = compile(sky_scene());
    let mut random = Random(12);
    let mut uvs: Vec<[f64; 2]> = (0..4000)
        .map(|_| [random.uniform().into(), random.uniform().into()])
        .collect();
    uvs.extend([
        [0.0, 0.5],
        [0.99999, 0.3],
        [0.5, 1e-5],
        [0.25, 0.99999],
        [0.0001, 0.001],
        [0.75, 0.5],
    ]);
    let answers = environment(
        &compiled,
        &directions(uvs.iter().map(|[u, v]| direction_at(*u, *v))),
    );
    for ([u, v], answer) in uvs.iter().zip(answers) {
        let want = radiance_at(&sky(), *u, *v);
        for (got, want) in answer.radiance.into_iter().zip(want) {
            // Rounding moves the look-up by a few millionths of the sphere, and the sun falls by 6000 within a texel.
            let slope = if want > 3.0 { 0.5 } else { 2e-4 };
            assert!(
                (f64::from(got) - want).abs() < slope,
                "at {u}, {v}: {got}, not {want}"
            );
        }
    }
}

/// Where columns of the image lie in the world: the convention of the format, without rotation.
#[test]
fn the_image_is_oriented_as_documented() {
    let mut sky = sky();
    sky.rotation = 0.0;
    for (column, row, direction) in [
        (16, 8, DVec3::X),
        (24, 8, DVec3::Z),
        (8, 8, DVec3::NEG_Z),
        (0, 8, DVec3::NEG_X),
        (5, 0, DVec3::Y),
    ] {
        sky.texels.fill([0.0; 3]);
        for x in [column + 31, column] {
            for y in [row - usize::from(row > 0), row] {
                sky.texels[y * 32 + x % 32] = [1.0; 3];
            }
        }
        let compiled = compile(Scene {
            environment: Some(sky.clone()),
            ..Scene::default()
        });
        let answer = environment(&compiled, &directions([direction, -direction].into_iter()));
        if row > 0 {
            assert!(
                (answer[0].radiance[0] - 2.0).abs() < 1e-3,
                "{direction}: {:?}",
                answer[0]
            );
        }
        assert!(
            answer[1].radiance[0] < 1e-3,
            "opposite of {direction}: {:?}",
            answer[1]
        );
    }
}

#[test]
fn environment_density_integrates_to_one() {
    let compiled = compile(sky_scene());
    // The density over (u, v) is bilinear within cells of half texels, where the midpoint rule is exact.
    let (columns, rows) = (64, 32);
    let mids = (0..columns * rows).map(|i| {
        let (x, y) = (i % columns, i / columns);
        (
            (x as f64 + 0.5) / columns as f64,
            (y as f64 + 0.5) / rows as f64,
        )
    });
    let answers = environment(
        &compiled,
        &directions(mids.clone().map(|(u, v)| direction_at(u, v))),
    );
    let cell = TAU * PI / (columns * rows) as f64;
    let total: f64 = mids
        .zip(answers)
        .map(|((_, v), a)| f64::from(a.pdf) * (PI * v).sin() * cell)
        .sum();
    assert!((total - 1.0).abs() < 1e-4, "{total}");
}

#[test]
fn environment_samples_follow_their_density() {
    let compiled = compile(sky_scene());
    let n = 1 << 19;
    let (columns, rows) = (64usize, 32usize);
    let mids: Vec<_> = (0..columns * rows)
        .map(|i| {
            (
                ((i % columns) as f64 + 0.5) / columns as f64,
                ((i / columns) as f64 + 0.5) / rows as f64,
            )
        })
        .collect();
    let answers = environment(
        &compiled,
        &directions(mids.iter().map(|(u, v)| direction_at(*u, *v))),
    );
    let cell = TAU * PI / (columns * rows) as f64;
    let expected: Vec<f64> = mids
        .iter()
        .zip(answers)
        .map(|((_, v), a)| n as f64 * f64::from(a.pdf) * (PI * v).sin() * cell)
        .collect();
    let mut counts = vec![0u64; columns * rows];
    let samples = samples_at(&compiled, Vec3::ZERO, Vec3::ZERO, n, 13);
    let queries = directions(
        samples
            .iter()
            .map(|s| Vec3::from_array(s.direction).as_dvec3()),
    );
    for (sample, eval) in samples.iter().zip(environment(&compiled, &queries)) {
        let d = Vec3::from_array(sample.direction).as_dvec3();
        assert!((d.length() - 1.0).abs() < 1e-5);
        assert_eq!(sample.is_delta, 0);
        let close =
            |a: f32, b: f32, slack: f32| (a - b).abs() <= slack * a.abs().max(b.abs()) + 1e-3;
        assert!(close(sample.pdf, eval.pdf, 2e-2), "{sample:?} {eval:?}");
        assert!(
            close(sample.radiance[0], eval.radiance[0], 2e-2),
            "{sample:?} {eval:?}"
        );
        let (sin, cos) = ROTATION.sin_cos();
        let (x, z) = (cos * d.x - sin * d.z, sin * d.x + cos * d.z);
        let (u, v) = (0.5 + z.atan2(x) / TAU, d.y.clamp(-1.0, 1.0).acos() / PI);
        let (i, j) = ((u * columns as f64) as usize, (v * rows as f64) as usize);
        counts[j.min(rows - 1) * columns + i.min(columns - 1)] += 1;
    }
    let probability = chi_square_probability(&counts, &expected);
    assert!(probability > SIGNIFICANCE, "{probability:e}");
}

#[test]
fn environment_samples_with_uniform_ones_estimate_what_a_plain_sum_does() {
    let compiled = compile(sky_scene());
    let sky = sky();
    let (columns, rows) = (32 * 16, 16 * 16);
    let mut truth = [0.0; 3];
    for j in 0..rows {
        let v = (f64::from(j) + 0.5) / f64::from(rows);
        for i in 0..columns {
            let value = radiance_at(&sky, (f64::from(i) + 0.5) / f64::from(columns), v);
            let solid_angle = TAU * PI * (PI * v).sin() / f64::from(columns * rows);
            (0..3).for_each(|c| truth[c] += value[c] * solid_angle);
        }
    }
    // What is dim is left to the other strategy, so both together are tested: here uniform directions.
    let n = 1 << 17;
    let samples = samples_at(&compiled, Vec3::ZERO, Vec3::ZERO, n, 14);
    let mut random = Random(16);
    let uniform = (0..n).map(|_| Vec3::from_array(random.direction()).as_dvec3());
    let found = environment(&compiled, &directions(uniform));
    let other = 0.25 / PI;
    let weighed = |radiance: f32, own: f64, theirs: f64| {
        f64::from(radiance) * own / (own * own + theirs * theirs)
    };
    for (c, truth) in truth.iter().enumerate() {
        let (mean, error) = mean_and_error(samples.iter().zip(&found).map(|(s, f)| {
            weighed(s.radiance[c], s.pdf.into(), other)
                + weighed(f.radiance[c], other, f.pdf.into())
        }));
        assert!(
            (mean - truth).abs() < 4.0 * error + 1e-5 * truth,
            "channel {c}: {mean} ± {error}, not {truth}"
        );
        assert!(error < 0.01 * mean, "channel {c}: noise {error} of {mean}");
    }
}

#[test]
fn a_constant_environment_is_a_furnace() {
    let constant = Environment {
        name: String::new(),
        width: 16,
        height: 8,
        texels: vec![[0.5; 3]; 128],
        strength: 3.0,
        rotation: 1.0,
    };
    let compiled = compile(Scene {
        environment: Some(constant),
        ..Scene::default()
    });
    let samples = samples_at(&compiled, Vec3::ZERO, Vec3::ZERO, 1 << 16, 15);
    let (mean, error) = mean_and_error(
        samples
            .iter()
            .map(|s| f64::from(s.radiance[0]) / f64::from(s.pdf)),
    );
    assert!(
        (mean - 1.5 * 4.0 * PI).abs() < 4.0 * error,
        "{mean} ± {error}"
    );
    assert!(
        error < 1e-3 * mean,
        "a constant should be all but noiseless: {error} of {mean}"
    );
    assert!(samples.iter().all(|s| (s.radiance[1] - 1.5).abs() < 1e-5));
}

crate::also_asks_gpu!(
    environment_radiance_matches_the_oracle,
    the_image_is_oriented_as_documented,
    environment_density_integrates_to_one,
    environment_samples_follow_their_density,
    environment_samples_with_uniform_ones_estimate_what_a_plain_sum_does,
    a_constant_environment_is_a_furnace,
);
