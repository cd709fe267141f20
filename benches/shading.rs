//! Nanoseconds a call of every stage, by instruction set, on the paths of a glTF scene as the integrator batches them.
//!
//! `cargo bench --bench shading -- SCENE.gltf|SCENE.glb [ENVIRONMENT.hdr]`, or `SKYWELL_BENCH_SCENE=…` and
//! `SKYWELL_BENCH_ENVIRONMENT=…`; without either the hero scene in `scenes/`. One thread; the best of several runs of
//! each batch is taken. `shade_surface` is called with the paths as they come and grouped by material; "as they come" is
//! what sorting buys.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use anyhow::Context;
use skywell::compiled::Compiled;
use skywell::compiled::record::{Hit, INVALID, PATH_ALIVE, PathState, PixelSample, ShadowRay};
use skywell::image::read_environment;
use skywell::integrator::cpu::traverse::{intersect_closest, intersect_shadow};
use skywell::kernel::{self, Simd, Tables};
use skywell::scene::gltf::{LoadOptions, load};
use skywell::scene::light::Environment;
use skywell::settings::RenderSettings;
use std::time::Instant;

/// Paths in a batch, as in the integrator.
const BATCH: usize = 4096;
/// Batches, spread over the image.
const BATCHES: u32 = 12;
/// Bounces that are shaded.
const BOUNCES: usize = 5;
/// Each call is repeated this often, on copies of its inputs.
const REPEATS: usize = 7;

/// Calls and their time.
#[derive(Default)]
struct Tally {
    calls: usize,
    ns: f64,
}

impl Tally {
    /// Times `run` on fresh copies; keeps what the last one made.
    fn time<T: Clone>(&mut self, calls: usize, input: &mut T, mut run: impl FnMut(&mut T)) {
        let mut best = f64::INFINITY;
        let mut output = input.clone();
        for _ in 0..REPEATS {
            output = input.clone();
            let began = Instant::now();
            run(&mut output);
            best = best.min(began.elapsed().as_nanos() as f64);
        }
        *input = output;
        self.calls += calls;
        self.ns += best;
    }

    fn per_call(&self) -> f64 {
        self.ns / self.calls.max(1) as f64
    }
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let mut ask = |variable| arguments.next().or_else(|| std::env::var(variable).ok());
    let scene = ask("SKYWELL_BENCH_SCENE").unwrap_or_else(|| "scenes/skywell.glb".to_owned());
    let mut loaded = load(scene.as_ref(), &LoadOptions::default())?;
    if let Some(name) = ask("SKYWELL_BENCH_ENVIRONMENT") {
        let panorama = read_environment(name.as_ref())?;
        loaded.environment = Some(Environment {
            name,
            width: panorama.width,
            height: panorama.height,
            texels: panorama.texels,
            strength: 1.0,
            rotation: 0.0,
        });
    }
    let camera = loaded
        .cameras
        .first()
        .cloned()
        .context("the scene has no camera")?;
    let settings = RenderSettings::new(640, 360);
    let compiled = Compiled::build(loaded, &camera, &settings)?;
    println!("{scene}, ns a call");
    println!("| | generate | shade, grouped | shade, as they come |");
    println!("|---|---|---|---|");
    for simd in Simd::available() {
        measure(&compiled, simd, (settings.width, settings.height));
    }
    Ok(())
}

fn measure(compiled: &Compiled, simd: Simd, (width, height): (u32, u32)) {
    let tables = Tables::from(compiled);
    let [mut generate, mut grouped, mut ungrouped] = [(); 3].map(|()| Tally::default());
    for batch in 0..BATCHES {
        // a square of pixels, 16 samples each
        let (x0, y0) = ((batch % 4) * width / 4 + 40, (batch / 4) * height / 3 + 40);
        let samples: Vec<PixelSample> = (0..BATCH as u32)
            .map(|i| PixelSample {
                pixel: (x0 + (i / 16) % 16) | ((y0 + i / 256) << 16),
                sample_index: i % 16,
                ..PixelSample::default()
            })
            .collect();
        let mut paths = vec![PathState::default(); BATCH];
        let mut alive: Vec<u32> = (0..BATCH as u32).collect();
        generate.time(BATCH, &mut paths, |paths| {
            kernel::generate_camera_ray(simd, &tables, &alive, &samples, paths)
        });
        let mut hits = vec![Hit::default(); BATCH];
        let mut state = (paths, vec![ShadowRay::default(); BATCH]);
        for _ in 0..BOUNCES {
            intersect_closest(simd, &compiled.accelerator, &alive, &state.0, &mut hits);
            let mut unused = state.clone();
            ungrouped.time(alive.len(), &mut unused, |(paths, shadows)| {
                kernel::shade_surface(simd, &tables, &alive, paths, &hits, shadows);
            });
            alive.sort_by_key(|&i| match hits[i as usize].instance {
                INVALID => 0,
                instance => compiled.instances[instance as usize].material + 1,
            });
            grouped.time(alive.len(), &mut state, |(paths, shadows)| {
                kernel::shade_surface(simd, &tables, &alive, paths, &hits, shadows);
            });
            intersect_shadow(simd, &compiled.accelerator, &alive, &mut state.1, &mut hits);
            alive.retain(|&i| state.0[i as usize].flags & PATH_ALIVE != 0);
        }
    }
    println!(
        "| {} | {:.0} | {:.0} | {:.0} |",
        simd.name(),
        generate.per_call(),
        grouped.per_call(),
        ungrouped.per_call()
    );
}
