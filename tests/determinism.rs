//! The film is a function of scene and settings: the same bytes for any threads, instruction set, region and split.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod scene_kit;

use glam::{Vec2, Vec3};
use scene_kit::*;
use skywell::compiled::Compiled;
use skywell::film::Film;
use skywell::integrator::{Progress, RenderControl, Unattended, cpu};
use skywell::kernel::Simd;
use skywell::scene::ImageId;
use skywell::scene::camera::{Camera, Projection};
use skywell::scene::light::{PunctualKind, PunctualLight};
use skywell::scene::material::{AlphaMode, Clearcoat, Iridescence, Material, Sheen};
use skywell::scene::texture::{Image, Pixels, TexelFilter, TextureRef, Wrap};
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

fn checkers() -> Image {
    let texel = |i: u32| {
        if (i / 8 + i % 8).is_multiple_of(2) {
            [230, 120, 40, 255]
        } else {
            [30, 60, 200, 90]
        }
    };
    Image {
        name: "checkers".into(),
        width: 8,
        height: 8,
        pixels: Pixels::Rgba8((0..64).flat_map(texel).collect()),
    }
}

/// A bit of everything: textures, alpha, glass within glass, dispersion, layers, every kind of light.
fn compiled(settings: &RenderSettings) -> Compiled {
    let texture = TextureRef {
        image: ImageId(0),
        texcoord_set: 0,
        uv_transform: glam::Affine2::from_scale(Vec2::splat(3.0)),
        wrap: [Wrap::Repeat, Wrap::MirroredRepeat],
        filter: TexelFilter::Linear,
    };
    let checkered = Material {
        base_color_texture: Some(texture),
        ..lambert(0.8)
    };
    let screen = Material {
        alpha_mode: AlphaMode::Blend,
        ..checkered.clone()
    };
    let mut amber = glass(1.5, Vec3::new(0.9, 0.6, 0.2), 0.5);
    amber.dispersion = 1.0;
    amber.roughness = 0.2;
    let lacquer = Material {
        base_color: Vec3::new(0.8, 0.1, 0.1),
        roughness: 0.4,
        clearcoat: Some(Clearcoat {
            factor: 1.0,
            texture: None,
            roughness: 0.05,
            roughness_texture: None,
            normal: None,
        }),
        sheen: Some(Sheen {
            color: Vec3::splat(0.3),
            color_texture: None,
            roughness: 0.5,
            roughness_texture: None,
        }),
        iridescence: Some(Iridescence {
            factor: 0.5,
            texture: None,
            ior: 1.3,
            thickness_min_nm: 100.0,
            thickness_max_nm: 400.0,
            thickness_texture: None,
        }),
        ..Material::default()
    };
    let at = |x: f32, y: f32, z: f32, s: f32| somewhere(Vec3::new(s, s, -s), Vec3::new(x, y, z));
    let mut kit = Kit::default()
        .with(
            parallelogram(Vec3::new(-9.0, -1.0, -9.0), Vec3::Z * 18.0, Vec3::X * 18.0),
            checkered,
        )
        .with(
            parallelogram(Vec3::new(-2.0, -1.0, 1.5), Vec3::X, Vec3::Y * 2.0),
            screen,
        )
        .place(sphere(3), at(0.0, 0.0, 0.0, 1.0), amber)
        .place(
            sphere(2),
            at(0.4, 0.2, 0.1, 0.5),
            glass(1.2, Vec3::splat(0.5), 1.0),
        )
        .place(sphere(2), at(1.8, -0.3, 0.4, 0.7), lacquer)
        .with(
            parallelogram(Vec3::new(-1.0, 3.0, -1.0), Vec3::X * 2.0, Vec3::Z * 2.0),
            emissive(0.1, 5.0),
        )
        .in_constant_environment(0.3);
    let light = |kind, intensity| PunctualLight {
        name: String::new(),
        position: Vec3::new(3.0, 2.0, 3.0),
        direction: Vec3::new(-1.0, -1.0, -1.0).normalize(),
        intensity,
        range: Some(20.0),
        kind,
    };
    kit.scene.images.push(checkers());
    kit.scene
        .lights
        .push(light(PunctualKind::Point, Vec3::new(3.0, 2.0, 1.0)));
    kit.scene
        .lights
        .push(light(PunctualKind::Directional, Vec3::splat(0.5)));
    let cone = PunctualKind::Spot {
        inner_cone_angle: 0.2,
        outer_cone_angle: 0.6,
    };
    kit.scene.lights.push(light(cone, Vec3::splat(9.0)));
    let camera = Camera {
        projection: Projection::Perspective {
            yfov: 0.8,
            aspect_ratio: None,
        },
        ..look(Vec3::new(1.0, 1.5, 6.0), Vec3::ZERO, 1.0)
    };
    Compiled::build(kit.scene, &camera, settings).unwrap()
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
    let compiled = compiled(&settings);
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
    let rebuilt = pool.install(|| self::compiled(&settings));
    assert!(
        render_film(&rebuilt, &settings, Simd::detect(), 2) == reference,
        "rebuilding changes the film"
    );
}

#[test]
fn regions_are_cut_from_the_whole() {
    let settings = frame_settings();
    let compiled = compiled(&settings);
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
    let compiled = compiled(&settings);
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
    let whole = render_film(&compiled(&settings), &settings, Simd::detect(), 2).develop();
    let other = RenderSettings {
        seed: 6,
        ..settings.clone()
    };
    let reseeded = render_film(&compiled(&other), &other, Simd::detect(), 2).develop();
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
    let compiled = compiled(&settings);
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
