//! The film is a function of scene and settings: the same bytes for any threads, instruction set, region and split.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod scene_kit;

use scene_kit::everything::everything;
use skywell::compiled::Compiled;
use skywell::film::Film;
use skywell::integrator::{Progress, RenderControl, Unattended, cpu};
use skywell::kernel::Simd;
use skywell::settings::{Filter, Multiscatter, Region, RenderSettings};
use std::sync::atomic::{AtomicU64, Ordering};

const WIDTH: u32 = 53;
const HEIGHT: u32 = 37;

fn frame_settings() -> RenderSettings {
    RenderSettings {
        samples: 3..11,
        max_depth: 9,
        seed: 5,
        filter: Filter::BlackmanHarris,
        multiscatter: Multiscatter::On,
        variance: true,
        ..RenderSettings::new(WIDTH, HEIGHT)
    }
}

fn render_film(compiled: &Compiled, settings: &RenderSettings, simd: Simd, threads: usize) -> Film {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let mut film = Film::new(settings.region, settings.variance).unwrap();
    pool.install(|| {
        cpu::render(
            compiled,
            settings.samples.clone(),
            simd,
            &mut film,
            &Unattended,
        )
    })
    .unwrap();
    film
}

#[test]
fn threads_and_instruction_sets_do_not_matter() {
    let settings = frame_settings();
    let compiled = everything(&settings);
    let reference = render_film(&compiled, &settings, Simd::Portable, 1);
    assert_eq!(reference.rejected().count(), 0);
    for (simd, threads) in Simd::available()
        .into_iter()
        .flat_map(|s| [1, 2, 7].map(|t| (s, t)))
    {
        let film = render_film(&compiled, &settings, simd, threads);
        assert!(film == reference, "{simd:?} on {threads} threads differs");
    }
    // Nor does building in another pool.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(3)
        .build()
        .unwrap();
    let rebuilt = pool.install(|| self::everything(&settings));
    assert!(
        render_film(&rebuilt, &settings, Simd::detect(), 2) == reference,
        "rebuilding changes the film"
    );
}

#[test]
fn regions_are_cut_from_the_whole() {
    let settings = frame_settings();
    let compiled = everything(&settings);
    let whole = render_film(&compiled, &settings, Simd::detect(), 2).develop();
    for region in [
        Region {
            x0: 0,
            y0: 0,
            x1: 1,
            y1: 1,
        },
        Region {
            x0: 13,
            y0: 7,
            x1: WIDTH,
            y1: 29,
        },
        Region {
            x0: 0,
            y0: HEIGHT - 3,
            x1: 31,
            y1: HEIGHT,
        },
    ] {
        let part = render_film(
            &compiled,
            &RenderSettings {
                region,
                ..settings.clone()
            },
            Simd::detect(),
            2,
        )
        .develop();
        for (i, pixel) in (0..).zip(&part.pixels) {
            let (x, y) = (
                region.x0 + i % region.width(),
                region.y0 + i / region.width(),
            );
            assert_eq!(
                *pixel,
                whole.pixels[(y * WIDTH + x) as usize],
                "pixel {x},{y} of {region}"
            );
        }
    }
}

#[test]
fn sample_ranges_add_up() {
    let settings = frame_settings();
    let compiled = everything(&settings);
    let whole = render_film(&compiled, &settings, Simd::detect(), 2);
    let mut sum = Film::new(settings.region, true).unwrap();
    for samples in [7..11, 3..4, 4..7] {
        cpu::render(&compiled, samples, Simd::detect(), &mut sum, &Unattended).unwrap();
    }
    assert!(sum == whole);
}

/// Another seed or sample is another picture; the test above would pass on a black one.
#[test]
fn seeds_and_samples_do_matter() {
    let settings = frame_settings();
    let whole = render_film(&everything(&settings), &settings, Simd::detect(), 2).develop();
    let other = RenderSettings {
        seed: 6,
        ..settings.clone()
    };
    let reseeded = render_film(&everything(&other), &other, Simd::detect(), 2).develop();
    let differing = whole
        .pixels
        .iter()
        .zip(&reseeded.pixels)
        .filter(|(a, b)| a != b)
        .count();
    assert!(differing > whole.pixels.len() / 2, "{differing}");
}

/// Ends after the first pass, and counts.
#[derive(Default)]
struct Impatient(AtomicU64);

impl RenderControl for Impatient {
    fn report(&self, progress: Progress) {
        assert!(progress.paths_done <= progress.paths_total);
        self.0.fetch_max(progress.paths_done, Ordering::Relaxed);
    }

    fn should_stop(&self) -> bool {
        true
    }
}

#[test]
fn ending_early_leaves_whole_passes() {
    let settings = frame_settings();
    let compiled = everything(&settings);
    let mut film = Film::new(settings.region, true).unwrap();
    let control = Impatient::default();
    let stats = cpu::render(&compiled, 3..11, Simd::detect(), &mut film, &control).unwrap();
    assert!(stats.samples >= 1 && stats.samples < 8);
    assert_eq!(film.sample_counts(), (stats.samples, stats.samples));
    assert_eq!(control.0.load(Ordering::Relaxed), stats.paths);
    assert_eq!(stats.paths, u64::from(WIDTH * HEIGHT * stats.samples));
    assert!(
        film == render_film(
            &compiled,
            &RenderSettings {
                samples: 3..3 + stats.samples,
                ..settings
            },
            Simd::detect(),
            1
        )
    );
}
