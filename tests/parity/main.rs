//! The CPU and a GPU render the same pictures from the same seeds, and a GPU's film is as exact as the CPU's.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../scene_kit/mod.rs"]
mod scene_kit;

mod paging;
mod scenes;
mod sharing;

use scene_kit::*;
use skywell::compiled::Compiled;
use skywell::diff::noise::{self, Estimate, NamedPair, Pair};
use skywell::film::{Developed, Film};
use skywell::integrator::gpu::{Adapter, Gpu, GpuScene, Warm};
use skywell::integrator::{self, Unattended, Work, Worker, cpu};
use skywell::kernel::Simd;
use skywell::settings::{Filter, Region, RenderSettings};
use std::ops::Range;

/// Part of the pixels that must agree within [`TOLERANCE`] at one sample a pixel. Where rounding turns a decision
/// (which lobe, which light, does the path go on), a path goes elsewhere.
const AGREEING: f64 = 0.995;
/// Relative difference of pixels that agree.
const TOLERANCE: f32 = 1e-3;
/// Probability of a false alarm of a comparison at many samples, if both pictures had random seeds of their own.
const SIGNIFICANCE: f64 = 1e-4;

fn frame() -> RenderSettings {
    RenderSettings {
        max_depth: 9,
        seed: 7,
        filter: Filter::BlackmanHarris,
        variance: true,
        ..RenderSettings::new(61, 43)
    }
}

fn render_all(workers: &mut [Box<dyn Worker + '_>], samples: Range<u32>, film: &mut Film) {
    let mut work = Work::new(&[film.region()], samples);
    integrator::render(workers, &mut work, film, &Unattended, &mut |_, _| {}).unwrap();
}

/// Part of the pixels of which every channel agrees.
fn agreeing(a: &Developed, b: &Developed) -> f64 {
    let same = |(a, b): (&[f32; 4], &[f32; 4])| {
        (a.iter().zip(b)).all(|(a, b)| (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()))
    };
    let n = a.pixels.iter().zip(&b.pixels).filter(|p| same(*p)).count();
    n as f64 / a.pixels.len() as f64
}

/// The channels of pixels, one after the other.
fn planes(pixels: &[[f32; 4]]) -> [Vec<f32>; 4] {
    std::array::from_fn(|channel| pixels.iter().map(|pixel| pixel[channel]).collect())
}

/// Asserts that noise of so many samples explains how two pictures differ, pixel by pixel and in sums over windows,
/// rows, columns and all.
fn assert_no_significant_difference(name: &str, a: &Developed, b: &Developed, samples: u32) {
    let of = |film: &Developed| {
        [
            planes(&film.pixels),
            planes(film.variance.as_ref().unwrap()),
        ]
    };
    let ([a_mean, a_variance], [b_mean, b_variance]) = (of(a), of(b));
    let estimate = |mean, variance| Estimate {
        mean,
        variance,
        samples,
    };
    let pairs: Vec<NamedPair<'_>> = (["R", "G", "B", "A"].into_iter().enumerate())
        .map(|(k, name)| NamedPair {
            name,
            pair: Pair {
                reference: estimate(a_mean[k].as_slice(), a_variance[k].as_slice()),
                test: estimate(&b_mean[k], &b_variance[k]),
                is_half: false,
                is_borrowed: false,
            },
        })
        .collect();
    let report = noise::test(&pairs, a.region.width() as usize, SIGNIFICANCE, None);
    assert!(report.is_explained, "{name}: {report:#?}");
}

/// Asserts that `adapter` renders what the CPU renders, at one sample and at many.
fn assert_parity(name: &str, adapter: &Adapter, compiled: &Compiled, settings: &RenderSettings) {
    const MANY: u32 = 64;
    let variance = settings.variance;
    let scene = GpuScene::new(compiled).unwrap();
    let gpu = Gpu::new(Warm::start(adapter.clone()), &scene, variance, None).unwrap();
    let cpu = cpu::Cpu::new(compiled, Simd::detect(), variance);
    let mut crews: [[Box<dyn Worker + '_>; 1]; 2] = [[Box::new(cpu)], [Box::new(gpu)]];
    let mut on_both = |samples: Range<u32>| {
        crews.each_mut().map(|crew| {
            let mut film = Film::new(settings.region, variance).unwrap();
            render_all(crew, samples.clone(), &mut film);
            assert_eq!(film.rejected().count(), 0, "{name}");
            let n = samples.len() as u32;
            assert_eq!(film.sample_counts(), (n, n), "{name}");
            film.develop()
        })
    };
    let [cpu, gpu] = on_both(5..6);
    let part = agreeing(&cpu, &gpu);
    assert!(part >= AGREEING, "{name}: only {part} of the pixels agree");
    assert!(cpu.pixels.iter().any(|p| p[1] > 0.0), "{name}: black");
    if variance {
        let [cpu, gpu] = on_both(0..MANY);
        assert_no_significant_difference(name, &cpu, &gpu, MANY);
    }
}
