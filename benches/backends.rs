//! Samples a second of the CPU and of every GPU on one scene: `cargo bench --bench backends [-- SCENE.glb]`.
//!
//! CPU seconds are given too, as software that is a GPU shares the CPU with whatever else runs.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench that cannot go on fails"
)]

use skywell::compiled::Compiled;
use skywell::film::Film;
use skywell::integrator::gpu::{Gpu, GpuScene, Warm, adapters};
use skywell::integrator::{self, Unattended, Work, Worker, cpu};
use skywell::kernel::Simd;
use skywell::scene::gltf;
use skywell::settings::RenderSettings;
use std::path::PathBuf;
use std::time::Instant;

const SAMPLES: u32 = 16;

/// CPU time of this process, seconds; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split(' ').collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok());
    // user and system time, in hundredths of a second on every Linux
    ticks(12)
        .zip(ticks(13))
        .map_or(0.0, |(user, system)| (user + system) / 100.0)
}

/// Renders once to warm up, then measures.
fn measure(name: &str, worker: Box<dyn Worker + '_>, settings: &RenderSettings) -> f64 {
    let mut workers = [worker];
    let mut film = Film::new(settings.region, false).unwrap();
    let mut render = |samples| {
        let mut work = Work::new(&[settings.region], samples);
        integrator::render(
            &mut workers,
            &mut work,
            &mut film,
            &Unattended,
            &mut |_, _| {},
        )
        .unwrap()
    };
    render(0..1);
    let (began, cpu_began) = (Instant::now(), cpu_seconds());
    let stats = render(1..SAMPLES);
    let (wall, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds() - cpu_began);
    let samples = stats.paths as f64;
    println!(
        "{name}: {:.3} Msamples/s, {:.2} Mrays/s, {:.3} Msamples per CPU second",
        samples / wall / 1e6,
        (stats.rays + stats.shadow_rays) as f64 / wall / 1e6,
        samples / cpu / 1e6
    );
    samples / wall
}

fn main() {
    let given = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let file = given.map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenes/skywell.glb"),
        PathBuf::from,
    );
    let scene = gltf::load(&file, &gltf::LoadOptions::default()).unwrap();
    let camera = scene
        .cameras
        .first()
        .cloned()
        .expect("a scene with a camera");
    let settings = RenderSettings::new(480, 270);
    let compiled = Compiled::build(scene, &camera, &settings).unwrap();
    let worker = cpu::Cpu::new(&compiled, Simd::detect(), false);
    let reference = measure("CPU", Box::new(worker), &settings);
    for adapter in adapters() {
        let name = adapter.description().to_string();
        let scene = GpuScene::new(&compiled).unwrap();
        match Gpu::new(Warm::start(adapter), &scene, false, None) {
            Ok(gpu) => {
                let rate = measure(&name, Box::new(gpu), &settings);
                println!("  {:.0} % of the CPU", 100.0 * rate / reference);
            }
            Err(error) => println!("{name}: {error}"),
        }
    }
}
