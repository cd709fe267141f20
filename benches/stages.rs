//! Where the time of a sample goes, by stage, on a generated scene and on a glTF file.
//!
//! `cargo bench --bench stages -- [SCENE.gltf|SCENE.glb [ENVIRONMENT.hdr]]`, or `SKYWELL_BENCH_SCENE=…` and
//! `SKYWELL_BENCH_ENVIRONMENT=…`. One thread, every instruction set of the machine, 640×360, at most 8 scattering
//! events; the fastest of several runs. Stages are timed by the clock on the wall: leave the machine alone meanwhile.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "../tests/scene_kit/mod.rs"]
mod scene_kit;

use anyhow::Context;
use glam::{Affine3A, Vec3};
use scene_kit::{Kit, cuboid, emissive, glass, lambert, look, sphere};
use skywell::compiled::Compiled;
use skywell::film::Film;
use skywell::image::read_environment;
use skywell::integrator::{RenderStats, Unattended, cpu};
use skywell::kernel::Simd;
use skywell::scene::Scene;
use skywell::scene::camera::{Camera, Projection};
use skywell::scene::gltf::{LoadOptions, load};
use skywell::scene::light::Environment;
use skywell::scene::material::Material;
use skywell::settings::{Filter, RenderSettings};

const RUNS: usize = 3;

fn main() -> anyhow::Result<()> {
    let settings = RenderSettings {
        samples: 0..8,
        max_depth: 8,
        filter: Filter::Box,
        ..RenderSettings::new(640, 360)
    };
    let (scene, camera) = balls();
    measure("balls of four materials", scene, &camera, &settings)?;

    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let mut ask = |variable| arguments.next().or_else(|| std::env::var(variable).ok());
    let Some(path) = ask("SKYWELL_BENCH_SCENE") else {
        return Ok(());
    };
    let mut scene = load(path.as_ref(), &LoadOptions::default())?;
    if let Some(name) = ask("SKYWELL_BENCH_ENVIRONMENT") {
        let panorama = read_environment(name.as_ref())?;
        scene.environment = Some(Environment {
            name,
            width: panorama.width,
            height: panorama.height,
            texels: panorama.texels,
            strength: 1.0,
            rotation: 0.0,
        });
    }
    let camera = scene
        .cameras
        .first()
        .context("the scene has no camera")?
        .clone();
    measure(&path, scene, &camera, &settings)
}

/// A grid of balls, matte, metal, lacquered and glass, on a floor, lit by a lamp and all around.
fn balls() -> (Scene, Camera) {
    let metal = Material {
        base_color: Vec3::new(1.0, 0.8, 0.4),
        roughness: 0.3,
        ..Material::default()
    };
    let lacquer = Material {
        metallic: 0.0,
        roughness: 0.2,
        base_color: Vec3::new(0.7, 0.1, 0.1),
        ..Material::default()
    };
    let materials = [
        lambert(0.7),
        metal,
        lacquer,
        glass(1.5, Vec3::new(0.7, 0.9, 0.8), 0.5),
    ];
    let mut kit = Kit::default()
        .with(
            cuboid(Vec3::new(-9.0, -1.0, -9.0), Vec3::new(9.0, -0.4, 9.0)),
            lambert(0.5),
        )
        .with(
            cuboid(Vec3::new(-1.0, 4.0, -1.0), Vec3::new(1.0, 4.1, 1.0)),
            emissive(0.0, 10.0),
        )
        .in_constant_environment(0.4);
    for (i, material) in (0..16).zip(materials.iter().cycle()) {
        let place = Vec3::new((i % 4) as f32 - 1.5, 0.0, (i / 4) as f32 - 1.5);
        let transform = Affine3A::from_scale_rotation_translation(
            Vec3::splat(0.4),
            glam::Quat::IDENTITY,
            place,
        );
        kit = kit.place(sphere(5), transform, material.clone());
    }
    let camera = Camera {
        projection: Projection::Perspective {
            yfov: 0.6,
            aspect_ratio: None,
        },
        ..look(Vec3::new(2.0, 3.0, 6.0), Vec3::ZERO, 1.0)
    };
    (kit.scene, camera)
}

fn measure(
    name: &str,
    scene: Scene,
    camera: &Camera,
    settings: &RenderSettings,
) -> anyhow::Result<()> {
    let compiled = Compiled::build(scene, camera, settings)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    println!("{name}");
    for simd in Simd::available() {
        let run = || -> anyhow::Result<RenderStats> {
            let mut film = Film::new(settings.region, false)?;
            Ok(cpu::render(
                &compiled,
                settings.samples.clone(),
                simd,
                &mut film,
                &Unattended,
            )?)
        };
        let runs: Vec<RenderStats> =
            pool.install(|| (0..RUNS).map(|_| run()).collect::<anyhow::Result<_>>())?;
        if let Some(best) = runs.iter().min_by_key(|stats| total_ns(stats)) {
            print(simd, best);
        }
    }
    Ok(())
}

fn total_ns(stats: &RenderStats) -> u64 {
    let s = &stats.stages;
    s.generate_ns + s.intersect_ns + s.sort_ns + s.shade_ns + s.shadow_ns + s.film_ns
}

fn print(simd: Simd, stats: &RenderStats) {
    let s = &stats.stages;
    let paths = stats.paths as f64;
    println!(
        "  {:<9}{:7.3} Msamples/s, {:.2} rays and {:.2} shadow rays a sample",
        simd.name(),
        paths / total_ns(stats) as f64 * 1e3,
        stats.rays as f64 / paths,
        stats.shadow_rays as f64 / paths,
    );
    for (stage, ns, calls) in [
        ("generate", s.generate_ns, stats.paths),
        ("intersect", s.intersect_ns, stats.rays),
        ("sort", s.sort_ns, stats.rays),
        ("shade", s.shade_ns, stats.rays),
        ("shadow", s.shadow_ns, stats.shadow_rays),
        ("film", s.film_ns, stats.paths),
    ] {
        let per_call = ns as f64 / calls.max(1) as f64;
        let share = 100.0 * ns as f64 / total_ns(stats) as f64;
        println!("    {stage:<10}{per_call:7.1} ns a call {share:5.1} %");
    }
}
