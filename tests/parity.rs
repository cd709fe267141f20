//! The CPU and a GPU render the same pictures from the same seeds, and a GPU's film is as exact as the CPU's.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod scene_kit;

use glam::Vec3;
use scene_kit::everything::everything;
use scene_kit::*;
use skywell::compiled::Compiled;
use skywell::film::{Developed, Film};
use skywell::integrator::gpu::{Adapter, Gpu, GpuScene, Warm};
use skywell::integrator::{self, Unattended, Work, Worker, cpu};
use skywell::kernel::Simd;
use skywell::scene::gltf;
use skywell::settings::{Filter, Region, RenderSettings};
use std::path::Path;

/// Part of the pixels that must agree within [`TOLERANCE`] at one sample a pixel. Where rounding turns a decision
/// (which lobe, which light, does the path go on), a path goes elsewhere.
const AGREEING: f64 = 0.995;
/// Relative difference of pixels that agree.
const TOLERANCE: f32 = 1e-3;
/// No pixel's difference may be less likely than this, all pixels of a frame taken together, if both had random seeds of
/// their own.
const SIGNIFICANCE: f64 = 1e-4;

fn frame(samples: std::ops::Range<u32>) -> RenderSettings {
    RenderSettings {
        samples,
        max_depth: 9,
        seed: 7,
        filter: Filter::BlackmanHarris,
        variance: true,
        ..RenderSettings::new(61, 43)
    }
}

/// A room of white walls with a lamp, lit by what bounces.
fn room(settings: &RenderSettings) -> Compiled {
    let kit = Kit::default()
        .with(cuboid(Vec3::splat(2.0), Vec3::splat(-2.0)), lambert(0.7))
        .with(
            parallelogram(Vec3::new(-0.5, 1.9, -0.5), Vec3::X, Vec3::Z),
            emissive(0.0, 10.0),
        )
        .place(
            sphere(3),
            somewhere(Vec3::splat(0.6), Vec3::new(0.4, -0.9, 0.2)),
            glass(1.5, Vec3::new(0.8, 0.9, 1.0), 1.0),
        );
    let camera = look(Vec3::new(1.5, 0.5, 1.8), Vec3::new(0.0, -0.5, 0.0), 3.0);
    Compiled::build(kit.scene, &camera, settings).unwrap()
}

/// The picture of the README.
fn court(settings: &RenderSettings) -> Compiled {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/skywell.glb");
    let scene = gltf::load(&file, &gltf::LoadOptions::default()).unwrap();
    let camera = scene.cameras[0].clone();
    Compiled::build(scene, &camera, settings).unwrap()
}

type MakeScene = fn(&RenderSettings) -> Compiled;
const SCENES: [(&str, MakeScene); 3] =
    [("everything", everything), ("room", room), ("court", court)];

fn on_cpu(compiled: &Compiled, settings: &RenderSettings) -> Film {
    let mut film = Film::new(settings.region, settings.variance).unwrap();
    let samples = settings.samples.clone();
    cpu::render(compiled, samples, Simd::detect(), &mut film, &Unattended).unwrap();
    film
}

fn on_gpu(adapter: &Adapter, compiled: &Compiled, settings: &RenderSettings) -> Film {
    let mut film = Film::new(settings.region, settings.variance).unwrap();
    gpu::render(adapter, compiled, settings.samples.clone(), &mut film);
    film
}

/// Part of the pixels of which every channel agrees.
fn agreeing(a: &Developed, b: &Developed) -> f64 {
    let same = |(a, b): (&[f32; 4], &[f32; 4])| {
        (a.iter().zip(b)).all(|(a, b)| (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()))
    };
    let n = a.pixels.iter().zip(&b.pixels).filter(|p| same(*p)).count();
    n as f64 / a.pixels.len() as f64
}

#[test]
fn single_samples_agree() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    for (name, make) in SCENES {
        let settings = frame(5..6);
        let compiled = make(&settings);
        let cpu = on_cpu(&compiled, &settings);
        let gpu = on_gpu(&adapter, &compiled, &settings);
        assert_eq!(gpu.rejected().count(), 0, "{name}");
        assert_eq!(gpu.sample_counts(), (1, 1), "{name}");
        let part = agreeing(&cpu.develop(), &gpu.develop());
        assert!(part >= AGREEING, "{name}: only {part} of the pixels agree");
    }
}

#[test]
fn no_pixel_differs_significantly() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    for (name, make) in SCENES {
        let settings = frame(0..64);
        let compiled = make(&settings);
        let cpu = on_cpu(&compiled, &settings).develop();
        let gpu = on_gpu(&adapter, &compiled, &settings).develop();
        let (cpu_variance, gpu_variance) = (cpu.variance.unwrap(), gpu.variance.unwrap());
        let tests = (cpu.pixels.len() * 3) as f64;
        // Bonferroni; the normal tail bound exp(-z^2 / 2) stands for the probability
        let z_max = (-2.0 * (SIGNIFICANCE / tests).ln()).sqrt();
        for i in 0..cpu.pixels.len() {
            for c in 0..3 {
                let variance = f64::from(cpu_variance[i][c]) + f64::from(gpu_variance[i][c]);
                let difference = f64::from(cpu.pixels[i][c]) - f64::from(gpu.pixels[i][c]);
                let rounding = 1e-4 * f64::from(cpu.pixels[i][c].abs());
                assert!(
                    difference.abs() <= z_max * variance.sqrt() + rounding,
                    "{name}: pixel {i} channel {c}: {difference} at a variance of {variance}"
                );
            }
        }
    }
}

#[test]
fn regions_and_sample_ranges_make_up_the_frame() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    let settings = frame(3..9);
    let compiled = everything(&settings);
    let whole = on_gpu(&adapter, &compiled, &settings);
    let mut merged = Film::new(settings.region, true).unwrap();
    let Region { x0, y0, x1, y1 } = settings.region;
    for (x0, x1) in [(20, x1), (x0, 20)] {
        for samples in [7..9, 3..7] {
            let mut part = Film::new(Region { x0, y0, x1, y1 }, true).unwrap();
            gpu::render(&adapter, &compiled, samples, &mut part);
            merged.merge(&part).unwrap();
        }
    }
    assert!(merged == whole, "a frame depends on how it was cut");
}

#[test]
fn cpu_and_gpu_share_a_frame() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    let settings = RenderSettings {
        variance: false,
        ..frame(0..8)
    };
    let compiled = room(&settings);
    let scene = GpuScene::new(&compiled).unwrap();
    let gpu = Gpu::new(Warm::start(adapter), &scene, false, None).unwrap();
    let cpu = cpu::Cpu::new(&compiled, Simd::detect(), false);
    let mut workers: [Box<dyn Worker + '_>; 2] = [Box::new(cpu), Box::new(gpu)];
    let mut film = Film::new(settings.region, false).unwrap();
    let mut work = Work::new(&[film.region()], 0..8);
    let between = &mut |_: &Film, _: &Work| {};
    let stats =
        integrator::render(&mut workers, &mut work, &mut film, &Unattended, between).unwrap();
    assert_eq!(stats.paths, settings.region.n_pixels() * 8);
    assert_eq!(film.sample_counts(), (8, 8));
    let part = agreeing(&on_cpu(&compiled, &settings).develop(), &film.develop());
    assert!(part > 0.95, "only {part} of the pixels agree");
}
