//! Media that scatter: their phase function and free flights, and scenes of them whose pictures can be written down.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod scene_kit;

use glam::{Affine3A, Vec3};
use scene_kit::judge::assert_mean;
use scene_kit::*;
use skywell::compiled::record::{FlightAnswer, FlightQuery, Frame, PhaseAnswer, PhaseQuery};
use skywell::kernel::{self, Simd, Tables};
use skywell::scene::light::{PunctualKind, PunctualLight};
use skywell::scene::material::{DiffuseTransmission, Material};
use skywell::settings::{Multiscatter, RenderSettings};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::f64::consts::PI;

/// Independent numbers in [0, 1), a multiple of 2⁻²⁴ each.
fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ seed << 17;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let word = (state >> 33) ^ (state >> 51);
        (word & 0xff_ffff) as f32 / 16_777_216.0
    }
}

/// The chance of a worse chi-square, for cells that are expected to hold equally many.
fn p_value(cells: &[u32]) -> f64 {
    let expected = f64::from(cells.iter().sum::<u32>()) / cells.len() as f64;
    let worse = |&n: &u32| (f64::from(n) - expected).powi(2) / expected;
    let statistic: f64 = cells.iter().map(worse).sum();
    1.0 - ChiSquared::new(cells.len() as f64 - 1.0)
        .unwrap()
        .cdf(statistic)
}

const ANISOTROPIES: [f32; 8] = [-0.9, -0.4, -1e-4, 0.0, 1e-4, 0.3, 0.8, 0.97];

fn sample_phase(queries: &[PhaseQuery]) -> Vec<PhaseAnswer> {
    let frame = Frame::default();
    let indices: Vec<u32> = (0..queries.len() as u32).collect();
    let mut answers = vec![PhaseAnswer::default(); queries.len()];
    kernel::probe_sample_phase(
        Simd::detect(),
        &Tables::empty(&frame),
        &indices,
        queries,
        &mut answers,
    );
    answers
}

/// Henyey and Greenstein's probability of a cosine below `c`, and density per steradian.
fn henyey_greenstein(g: f64, c: f64) -> (f64, f64) {
    let root = (1.0 + g * g - 2.0 * g * c).sqrt();
    let density = (1.0 - g * g) / (4.0 * PI * root.powi(3));
    if g.abs() < 1e-3 {
        return (0.5 * (1.0 + c) - 0.75 * g * (1.0 - c * c), density);
    }
    let below = (1.0 - g * g) / (2.0 * g) * (1.0 / root - 1.0 / (1.0 + g));
    (below, density)
}

/// Cosine and azimuth of drawn directions are distributed as Henyey and Greenstein's, at a significance of 1 % over
/// all cases (Šidák); the density that comes with them is theirs.
#[test]
fn phase_functions_are_henyey_and_greenstein_s() {
    const CELLS: usize = 32;
    let significance = 1.0 - 0.99f64.powf(1.0 / ANISOTROPIES.len() as f64);
    let direction = Vec3::new(0.6, -0.64, 0.48);
    let (x, y) = direction.any_orthonormal_pair();
    for (case, g) in ANISOTROPIES.into_iter().enumerate() {
        let mut number = numbers(case as u64);
        let queries: Vec<PhaseQuery> = (0..200_000)
            .map(|_| PhaseQuery {
                direction: direction.to_array(),
                anisotropy: g,
                u: [number(), number()],
                ..PhaseQuery::default()
            })
            .collect();
        let mut cells = vec![0; CELLS * CELLS];
        let mut mean = 0.0;
        for answer in sample_phase(&queries) {
            let wi = Vec3::from(answer.wi);
            assert!((wi.length() - 1.0).abs() < 1e-5, "{wi}");
            let cosine = f64::from(wi.dot(direction)).clamp(-1.0, 1.0);
            let (below, density) = henyey_greenstein(g.into(), cosine);
            assert!(
                (f64::from(answer.pdf) - density).abs() < 2e-3 * density,
                "g {g}, cosine {cosine}: {} instead of {density}",
                answer.pdf
            );
            let azimuth = f64::from(wi.dot(y).atan2(wi.dot(x))) / (2.0 * PI) + 0.5;
            let cell = |share: f64| ((share * CELLS as f64) as usize).min(CELLS - 1);
            cells[cell(below) * CELLS + cell(azimuth)] += 1;
            mean += cosine / queries.len() as f64;
        }
        assert!((mean - f64::from(g)).abs() < 5e-3, "g {g}: {mean}");
        let p = p_value(&cells);
        assert!(p > significance, "g {g}: p = {p:e}");
    }
}

/// How likely `probe_eval_phase` finds directions, summed over the sphere.
#[test]
fn phase_functions_integrate_to_one() {
    const N: u32 = 4096;
    let frame = Frame::default();
    for g in ANISOTROPIES {
        let polar = |i: u32| PI * (f64::from(i) + 0.5) / f64::from(N);
        let queries: Vec<PhaseQuery> = (0..N)
            .map(|i| {
                let (sine, cosine) = polar(i).sin_cos();
                PhaseQuery {
                    direction: [0.0, 0.0, 1.0],
                    anisotropy: g,
                    wi: [0.6 * sine, 0.8 * sine, cosine].map(|x| x as f32),
                    ..PhaseQuery::default()
                }
            })
            .collect();
        let indices: Vec<u32> = (0..N).collect();
        let mut answers = vec![PhaseAnswer::default(); N as usize];
        let tables = Tables::empty(&frame);
        kernel::probe_eval_phase(Simd::detect(), &tables, &indices, &queries, &mut answers);
        let ring = |(a, i): (&PhaseAnswer, u32)| f64::from(a.pdf) * polar(i).sin();
        let sum: f64 = answers.iter().zip(0..).map(ring).sum();
        let integral = sum * 2.0 * PI * PI / f64::from(N);
        assert!((integral - 1.0).abs() < 1e-3, "g {g}: {integral}");
    }
}

/// Paths of any colour are attenuated by e^(−σt d) and scattered in between by σs e^(−σt t), in each channel; and
/// no event makes a path carry more than before.
#[test]
fn free_flights_follow_beer_s_law_in_every_channel() {
    const CELLS: usize = 8;
    let frame = Frame::default();
    let sigma_t = [0.5, 3.0, 0.0];
    let sigma_s = [0.5, 1.5, 0.0];
    for (case, (throughput, way)) in [
        ([1.0; 3], 1.0),
        ([0.2, 3.0, 1e-6], 0.6),
        ([0.0, 0.0, 1.0], 2.0),
    ]
    .into_iter()
    .enumerate()
    {
        let mut number = numbers(case as u64);
        let n = 400_000;
        let queries: Vec<FlightQuery> = (0..n)
            .map(|_| FlightQuery {
                sigma_t,
                sigma_s,
                way,
                throughput,
                u: [number(), number()],
                ..FlightQuery::default()
            })
            .collect();
        let indices: Vec<u32> = (0..n).collect();
        let mut answers = vec![FlightAnswer::default(); n as usize];
        let tables = Tables::empty(&frame);
        kernel::probe_free_flight(Simd::detect(), &tables, &indices, &queries, &mut answers);
        let carried: f32 = throughput.iter().sum();
        let mut passed = [[0.0; 2]; 3];
        let mut events = [[[0.0; 2]; 3]; CELLS];
        for answer in &answers {
            let after: f32 = (0..3).map(|k| throughput[k] * answer.weight[k]).sum();
            assert!(after <= carried * 1.000_01, "{after} of {carried}");
            let place = (answer.distance / way * CELLS as f32) as usize;
            let sums = events.get_mut(place).unwrap_or(&mut passed);
            for (sum, weight) in sums.iter_mut().zip(answer.weight) {
                sum[0] += f64::from(weight) / f64::from(n);
                sum[1] += f64::from(weight).powi(2) / f64::from(n);
            }
        }
        let close = |[mean, square]: [f64; 2], truth: f64, what: &str| {
            let error = 5.0 * ((square - mean * mean).max(0.0) / f64::from(n)).sqrt();
            assert!(
                (mean - truth).abs() <= error + 1e-5,
                "{what}: {mean}, not {truth} ± {error}"
            );
        };
        for k in (0..3).filter(|&k| throughput[k] > 0.01) {
            let (t, s) = (f64::from(sigma_t[k]), f64::from(sigma_s[k]));
            let left = |d: f64| (-t * d).exp();
            close(passed[k], left(way.into()), "passed");
            for (i, cell) in events.iter().enumerate() {
                let end = |i: usize| f64::from(way) * i as f64 / CELLS as f64;
                let truth = if t == 0.0 {
                    0.0
                } else {
                    s / t * (left(end(i)) - left(end(i + 1)))
                };
                close(cell[k], truth, "scattered");
            }
        }
    }
}

/// The albedo of single scattering that KHR_materials_volume_scatter gives a multi-scatter colour.
fn single_scatter_albedo(color: f32) -> f64 {
    let m = f64::from(color);
    let s = 4.09712 + 4.20863 * m - (9.59217 + 41.6808 * m + 17.7126 * m * m).sqrt();
    1.0 - s * s
}

/// A medium of index `ior` attenuating by `sigma_t`, 1/m.
fn cloud(ior: f32, sigma_t: Vec3, color: Vec3, anisotropy: f32) -> Material {
    scattering(glass(ior, (-sigma_t).exp(), 1.0), color, anisotropy)
}

/// A layer of `depth` metres below y = 0, wide enough to have no sides.
fn layer(depth: f32, material: Material) -> Kit {
    let (low, high) = (
        Vec3::new(-400.0, -depth, -400.0),
        Vec3::new(400.0, 0.0, 400.0),
    );
    Kit::default().with(cuboid(low, high), material)
}

/// A view of the layer that meets its normal at an angle of cosine `mu`.
fn look_at_layer(mu: f32) -> skywell::scene::camera::Camera {
    let eye = Vec3::new((1.0 - mu * mu).sqrt(), mu, 0.0) * 20.0;
    look(eye, Vec3::ZERO, 1.0)
}

fn sun(direction: Vec3) -> PunctualLight {
    lamp(PunctualKind::Directional, Vec3::ZERO, direction, 1.0)
}

fn lamp(kind: PunctualKind, position: Vec3, direction: Vec3, intensity: f32) -> PunctualLight {
    PunctualLight {
        name: String::new(),
        position,
        direction: direction.normalize(),
        intensity: Vec3::splat(intensity),
        range: None,
        kind,
    }
}

/// What is seen through a medium, itself unlit, is what it does not take away, in every channel.
#[test]
fn unscattered_light_is_attenuated() {
    let sigma_t = Vec3::new(0.2, 1.0, 2.0);
    let material = cloud(1.0, sigma_t, Vec3::new(0.9, 0.5, 0.7), 0.3);
    let kit = layer(0.8, material).in_constant_environment(1.0);
    let image = render(kit, &look_at_layer(0.8), &settings(32, 64, 0));
    for channel in 0..3 {
        let truth = (-f64::from(sigma_t[channel]) * 1.0).exp();
        assert_mean(&image, channel, |_, _| truth);
    }
}

/// Sunlight scattered once on its way through a layer of optical depth τ, out of the side it came in by:
/// ρ p(θ) E μ₀ / (μ + μ₀) (1 − e^(−τ (1/μ + 1/μ₀))), and out of the other side.
#[test]
fn sunlight_scattered_once_by_a_layer() {
    let sigma_t = Vec3::new(0.4, 1.5, 4.0);
    let color = Vec3::new(0.8, 0.5, 0.3);
    let depth = 0.75;
    for g in [0.0, 0.6, -0.5] {
        for from_above in [true, false] {
            let mut kit = layer(depth, cloud(1.0, sigma_t, color, g));
            let (mu, mu0) = (0.8f32, 0.6f32);
            let side = if from_above { -1.0 } else { 1.0 };
            let travel = Vec3::new(-(1.0 - mu0 * mu0).sqrt(), side * mu0, 0.0);
            kit.scene.lights.push(sun(travel));
            let image = render(kit, &look_at_layer(mu), &settings(32, 64, 1));
            let seen = Vec3::new((1.0 - mu * mu).sqrt(), mu, 0.0);
            let (_, phase) = henyey_greenstein(g.into(), f64::from(travel.dot(seen)));
            let (mu, mu0) = (f64::from(mu), f64::from(mu0));
            for channel in 0..3 {
                let tau = f64::from(sigma_t[channel] * depth);
                let rho = single_scatter_albedo(color[channel]);
                let geometry = if from_above {
                    mu0 / (mu + mu0) * (1.0 - (-tau * (1.0 / mu + 1.0 / mu0)).exp())
                } else {
                    mu0 / (mu - mu0) * ((-tau / mu).exp() - (-tau / mu0).exp())
                };
                let truth = rho * phase * geometry;
                assert_mean(&image, channel, |_, _| truth);
            }
        }
    }
}

/// Chandrasekhar's H-function of isotropic scattering with albedo `rho`, by iteration of
/// 1 / H(μ) = √(1 − ρ) + ρ/2 ∫ H(x) x / (μ + x) dx. Source: Chandrasekhar 1960, "Radiative Transfer", §§37–38.
fn chandrasekhar_h(rho: f64) -> impl Fn(f64) -> f64 {
    const N: usize = 400;
    let node = |i: usize| (i as f64 + 0.5) / N as f64;
    let value = move |values: &[f64], mu: f64| {
        let terms = values.iter().enumerate();
        let integral: f64 = terms.map(|(i, h)| h * node(i) / (mu + node(i))).sum();
        1.0 / ((1.0 - rho).sqrt() + 0.5 * rho * integral / N as f64)
    };
    let mut values = vec![1.0; N];
    for _ in 0..200 {
        values = (0..N).map(|i| value(&values, node(i))).collect();
    }
    move |mu| value(&values, mu)
}

/// Multiple scattering by a layer without end: under a uniform sky it shows 1 − √(1 − ρ) H(μ), under the sun
/// ρ E / 4π · μ₀ / (μ + μ₀) · H(μ) H(μ₀).
#[test]
fn endless_layers_show_what_chandrasekhar_says() {
    let color = Vec3::new(0.3, 0.6, 0.8);
    for (mu, mu0) in [(1.0, 0.5_f64), (0.4, 0.9)] {
        let material = cloud(1.0, Vec3::new(1.0, 2.0, 1.0), color, 0.0);
        let sky = layer(60.0, material.clone()).in_constant_environment(1.0);
        let sky = render(sky, &look_at_layer(mu), &settings(24, 128, 1000));
        let mut sunny = layer(60.0, material);
        let direction = Vec3::new(0.0, -mu0 as f32, (1.0 - mu0 * mu0).sqrt() as f32);
        sunny.scene.lights.push(sun(direction));
        let sunny = render(sunny, &look_at_layer(mu), &settings(24, 128, 1000));
        let mu = f64::from(mu);
        for channel in 0..3 {
            let rho = single_scatter_albedo(color[channel]);
            let h = chandrasekhar_h(rho);
            assert_mean(&sky, channel, |_, _| 1.0 - (1.0 - rho).sqrt() * h(mu));
            let reflected = rho / (4.0 * PI) * mu0 / (mu + mu0) * h(mu) * h(mu0);
            assert_mean(&sunny, channel, |_, _| reflected);
        }
    }
}

/// A point light and a camera within a medium: light scattered once, by a sum along the view.
#[test]
fn point_light_in_a_medium() {
    let sigma_t = Vec3::new(0.3, 0.8, 1.6);
    let color = Vec3::new(0.9, 0.6, 0.8);
    let g = 0.4;
    let mut kit = Kit::default().with(
        cuboid(Vec3::splat(-60.0), Vec3::splat(60.0)),
        cloud(1.0, sigma_t, color, g),
    );
    kit.scene
        .lights
        .push(lamp(PunctualKind::Point, Vec3::Y, Vec3::Y, 5.0));
    // Along −x, a metre below the light.
    let camera = look(Vec3::X * 2.0, Vec3::ZERO, 1e-3);
    let image = render(kit, &camera, &settings(32, 128, 1));
    for channel in 0..3 {
        let t = f64::from(sigma_t[channel]);
        let rho = single_scatter_albedo(color[channel]);
        let step = 1e-3;
        let seen = |i: u32| {
            let way = (f64::from(i) + 0.5) * step;
            let x = 2.0 - way;
            let distance = (x * x + 1.0).sqrt();
            // Light travels from (0, 1) to (x, 0), then along +x.
            let (_, phase) = henyey_greenstein(g.into(), x / distance);
            t * rho * phase * 5.0 / (distance * distance) * (-t * (way + distance)).exp() * step
        };
        let truth: f64 = (0..50_000).map(seen).sum();
        assert_mean(&image, channel, |_, _| truth);
    }
}

/// Settings under which no light is lost.
fn lossless(side: u32, samples: u32) -> RenderSettings {
    RenderSettings {
        multiscatter: Multiscatter::On,
        ..settings(side, samples, 1000)
    }
}

/// A ball that scatters all and absorbs nothing, in surroundings of radiance 1, cannot be seen: whatever its index,
/// its phase function, its boundary.
#[test]
fn lossless_balls_vanish_in_a_furnace() {
    let dense = |ior, g| cloud(ior, Vec3::new(1.0, 4.0, 2.0), Vec3::ONE, g);
    let paper = Material {
        transmission: None,
        specular: 0.0,
        diffuse_transmission: Some(DiffuseTransmission {
            factor: 1.0,
            texture: None,
            color: Vec3::ONE,
            color_texture: None,
        }),
        ..dense(1.5, 0.5)
    };
    for material in [
        dense(1.0, 0.0),
        dense(1.0, 0.9),
        dense(1.0, -0.6),
        dense(1.4, 0.3),
        paper,
    ] {
        let kit = Kit::default()
            .place(
                sphere(3),
                somewhere(Vec3::new(1.5, -1.0, 1.2), Vec3::X * 30.0),
                material,
            )
            .in_constant_environment(1.0);
        let camera = look(Vec3::new(33.0, 1.0, 4.0), Vec3::X * 30.0, 1.5);
        let image = render(kit, &camera, &lossless(24, 128));
        for channel in 0..3 {
            assert_mean(&image, channel, |_, _| 1.0);
        }
    }
}

/// The same within walls that glow, which are lights that can be chosen, and with a solid that refracts overlapping it.
#[test]
fn lossless_balls_vanish_within_glowing_walls() {
    let walls = cuboid(Vec3::splat(-3.0), Vec3::splat(3.0));
    let fog = cloud(1.0, Vec3::new(0.3, 2.0, 0.9), Vec3::ONE, 0.5);
    let kit = Kit::default()
        .with(walls, emissive(0.0, 1.0))
        .place(sphere(3), Affine3A::IDENTITY, fog)
        .place(
            sphere(2),
            somewhere(Vec3::splat(0.5), Vec3::new(0.8, 0.1, 0.2)),
            glass(1.5, Vec3::ONE, 1.0),
        );
    let image = render(
        kit,
        &look(Vec3::new(2.0, 1.0, 1.5), Vec3::ZERO, 2.0),
        &lossless(32, 64),
    );
    for channel in 0..3 {
        assert_mean(&image, channel, |_, _| 1.0);
    }
}

/// A thin wall has no inside to scatter in.
#[test]
fn thin_walls_do_not_scatter() {
    let picture = |thin: Material| {
        let kit = Kit::default()
            .place(sphere(2), Affine3A::IDENTITY, thin)
            .in_constant_environment(1.0);
        render(
            kit,
            &look(Vec3::Z * 3.0, Vec3::ZERO, 1.5),
            &settings(8, 4, 20),
        )
        .pixels
    };
    let mut wall = glass(1.5, Vec3::splat(0.5), 0.1);
    if let Some(volume) = &mut wall.volume {
        volume.thickness_factor = 0.0;
    }
    let milky = scattering(wall.clone(), Vec3::splat(0.9), 0.2);
    assert_eq!(picture(milky), picture(wall));
}

/// What hides in fog casts its shadow, a ray that enters a body of the same index goes on, and one that meets a
/// refracting body is stopped: the same by choosing lights and by following paths.
#[test]
fn shadow_rays_pass_open_boundaries_alone() {
    let fog = |sigma: f32| cloud(1.0, Vec3::splat(sigma), Vec3::splat(0.5), 0.0);
    let ground = parallelogram(Vec3::new(-9.0, 0.0, -9.0), Vec3::Z * 18.0, Vec3::X * 18.0);
    let slab = |y: f32, material: Material| {
        Kit::default().with(
            cuboid(Vec3::new(-40.0, y, -40.0), Vec3::new(40.0, y + 0.5, 40.0)),
            material,
        )
    };
    let lit = |kit: Kit| {
        let mut kit = kit.with(ground.clone(), lambert(1.0));
        kit.scene.lights.push(lamp(
            PunctualKind::Directional,
            Vec3::ZERO,
            -Vec3::Y,
            PI as f32,
        ));
        // From below the slabs, direct light only.
        render(
            kit,
            &look(Vec3::Y * 0.5, Vec3::ZERO, 0.5),
            &settings(8, 1, 1),
        )
        .pixels
    };
    let one = lit(slab(1.0, fog(0.7)));
    let two = lit({
        let mut kit = slab(1.0, fog(0.7));
        let inner = cuboid(Vec3::new(-30.0, 1.1, -30.0), Vec3::new(30.0, 1.3, 30.0));
        kit = kit.with(inner, fog(2.0));
        kit
    });
    let stopped = lit(slab(1.0, fog(0.7)).with(
        cuboid(Vec3::new(-30.0, 2.0, -30.0), Vec3::new(30.0, 2.1, 30.0)),
        glass(1.5, Vec3::ONE, 1.0),
    ));
    for (pixels, truth) in [
        (one, (-0.7f32 * 0.5).exp()),
        (two, (-0.7f32 * 0.3 - 2.0 * 0.2).exp()),
        (stopped, 0.0),
    ] {
        for pixel in pixels {
            assert!(
                (pixel[0] - truth).abs() < 1e-4,
                "{} instead of {truth}",
                pixel[0]
            );
        }
    }
}

also_on_gpu!(
    unscattered_light_is_attenuated,
    sunlight_scattered_once_by_a_layer,
    point_light_in_a_medium,
    lossless_balls_vanish_within_glowing_walls,
    shadow_rays_pass_open_boundaries_alone,
);
