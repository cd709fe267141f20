//! Every scene that tests render, whole frames on both back ends.

use super::*;
use crate::scene_kit::everything::everything;
use glam::Vec3;
use skywell::scene::camera::{Camera, Projection};
use skywell::scene::{Scene, gltf, studio};
use skywell::settings::Multiscatter;
use std::path::{Path, PathBuf};

/// Scenes of files are compared in so many tests, which run side by side.
const PARTS: usize = 8;

#[test]
fn a_bit_of_everything() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    let settings = frame();
    let compiled = everything(&settings);
    // as a device that has no more than it must
    assert_parity("everything", &adapter.at_baseline(), &compiled, &settings);
}

/// White walls with a lamp, lit by what bounces; a parallel view, no energy compensation.
#[test]
fn a_room() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
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
    let settings = RenderSettings {
        multiscatter: Multiscatter::Off,
        ..frame()
    };
    let compiled = Compiled::build(kit.scene, &camera, &settings).unwrap();
    assert_parity("room", &adapter, &compiled, &settings);
}

/// Settings that differ from file to file, so that each is used by some.
fn settings_of(number: usize) -> RenderSettings {
    RenderSettings {
        filter: [Filter::BlackmanHarris, Filter::Gaussian, Filter::Box][number % 3],
        background_visible: number % 4 != 1,
        multiscatter: [Multiscatter::On, Multiscatter::Off][number / 2 % 2],
        ..frame()
    }
}

/// `scene` as its camera sees it, or from aside; lit by the studio where it has no light.
fn compile(mut scene: Scene, settings: &RenderSettings) -> Compiled {
    if scene.lights.is_empty() && scene.environment.is_none() {
        scene.environment = Some(studio::studio_environment());
    }
    let camera = match scene.cameras.first() {
        Some(camera) => camera.clone(),
        None => from_aside(&scene),
    };
    Compiled::build(scene, &camera, settings).unwrap()
}

fn from_aside(scene: &Scene) -> Camera {
    let points = scene.instances.iter().flat_map(|instance| {
        let positions = &scene.meshes[instance.mesh.0 as usize].positions;
        (positions.iter()).map(|p| instance.world_from_object.transform_point3(*p))
    });
    let around = |(low, high): (Vec3, Vec3), p: Vec3| (low.min(p), high.max(p));
    let nowhere = (Vec3::INFINITY, Vec3::NEG_INFINITY);
    let (low, high) = points.fold(nowhere, around);
    let (center, radius) = (0.5 * (low + high), 0.5 * (high - low).length());
    let eye = center + Vec3::new(0.6, 0.5, 1.0).normalize() * (3.0 * radius);
    let projection = Projection::Perspective {
        yfov: 0.55,
        aspect_ratio: None,
    };
    Camera {
        projection,
        ..look(eye, center, 1.0)
    }
}

/// A grid of mirror balls a few pixels wide. Each reflection in one magnifies what rounding did to the path some fifty
/// times, so that after a few of them one pixel in a hundred differs by more than rounding.
const MIRROR_BALLS: &str = "IridescenceMetallicSpheres";

fn compare(adapter: &Adapter, file: &Path, number: usize) {
    let scene = gltf::load(file, &gltf::LoadOptions::default()).unwrap();
    let mut settings = settings_of(number);
    if file.to_string_lossy().contains(MIRROR_BALLS) {
        settings.max_depth = 2;
    }
    let compiled = compile(scene, &settings);
    assert_parity(&file.display().to_string(), adapter, &compiled, &settings);
}

/// The project's scenes.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(root.join("tests/images/scenes")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "glb" || e == "gltf"));
    files.push(root.join("scenes/skywell.glb"));
    files.sort();
    files
}

/// Models of Khronos: what materials, textures and meshes have that the project's scenes have not.
const MODELS: [&str; 16] = [
    "AlphaBlendModeTest/glTF-Binary/AlphaBlendModeTest.glb",
    "AnisotropyDiscTest/glTF-Binary/AnisotropyDiscTest.glb",
    "BoxVertexColors/glTF-Binary/BoxVertexColors.glb",
    "ClearCoatTest/glTF-Binary/ClearCoatTest.glb",
    "DirectionalLight/glTF-Binary/DirectionalLight.glb",
    "EmissiveStrengthTest/glTF-Binary/EmissiveStrengthTest.glb",
    "IORTestGrid/glTF-Binary/IORTestGrid.glb",
    "IridescenceMetallicSpheres/glTF/IridescenceMetallicSpheres.gltf",
    "MetalRoughSpheresNoTextures/glTF-Binary/MetalRoughSpheresNoTextures.glb",
    "MultiUVTest/glTF-Binary/MultiUVTest.glb",
    "NormalTangentTest/glTF-Binary/NormalTangentTest.glb",
    "SheenTestGrid/glTF-Binary/SheenTestGrid.glb",
    "SimpleInstancing/glTF-Binary/SimpleInstancing.glb",
    "TextureTransformTest/glTF/TextureTransformTest.gltf",
    "TransmissionRoughnessTest/glTF-Binary/TransmissionRoughnessTest.glb",
    "UnlitTest/glTF-Binary/UnlitTest.glb",
];

fn compare_part(files: &[PathBuf], part: usize) {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    for (number, file) in files.iter().enumerate() {
        if number % PARTS == part {
            compare(&adapter, file, number);
        }
    }
}

fn compare_models(part: usize) {
    let Some(data) = std::env::var_os("SKYWELL_TEST_DATA") else {
        eprintln!("skipped: SKYWELL_TEST_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("assets/khronos");
    let files: Vec<PathBuf> = MODELS.iter().map(|name| folder.join(name)).collect();
    compare_part(&files, part);
}

macro_rules! parts {
    ($($part:literal: $project:ident, $models:ident;)+) => {
        const _: () = assert!([$($part),+].len() == PARTS);
        $(
            #[test]
            fn $project() {
                compare_part(&files(), $part);
            }

            #[test]
            fn $models() {
                compare_models($part);
            }
        )+
    };
}
parts! {
    0: scenes_of_the_project_a, sample_models_a;
    1: scenes_of_the_project_b, sample_models_b;
    2: scenes_of_the_project_c, sample_models_c;
    3: scenes_of_the_project_d, sample_models_d;
    4: scenes_of_the_project_e, sample_models_e;
    5: scenes_of_the_project_f, sample_models_f;
    6: scenes_of_the_project_g, sample_models_g;
    7: scenes_of_the_project_h, sample_models_h;
}
