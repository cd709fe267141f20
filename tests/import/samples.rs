//! Files that others made: the Khronos sample models and the reference scenes.

use glam::Vec3;
use skywell::scene::Scene;
use skywell::scene::camera::Projection;
use skywell::scene::gltf::{Error, LoadOptions, load};
use skywell::scene::light::PunctualKind;
use skywell::scene::material::{AlphaMode, Material};
use std::path::{Path, PathBuf};

/// Where the test data are; says when they are not.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("SKYWELL_TEST_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("SKIPPED: set SKYWELL_TEST_DATA to the folder of assets/khronos and references");
    }
    folder
}

fn open(path: &Path) -> Result<Scene, Error> {
    load(path, &LoadOptions::default())
}

fn sample(data: &Path, path: &str) -> Scene {
    open(&data.join("assets/khronos").join(path)).unwrap()
}

fn material<'a>(scene: &'a Scene, name: &str) -> &'a Material {
    scene
        .materials
        .iter()
        .find(|material| material.name == name)
        .unwrap()
}

fn n_triangles(scene: &Scene) -> usize {
    scene
        .instances
        .iter()
        .map(|i| scene.meshes[i.mesh.0 as usize].triangles.len())
        .sum()
}

/// Files, the triangles they show (counted from their JSON by another program), their meshes,
/// instances, images, and warnings.
const FACTS: [(&str, usize, usize, usize, usize, usize); 35] = [
    (
        "AlphaBlendModeTest/glTF-Binary/AlphaBlendModeTest.glb",
        61,
        9,
        9,
        4,
        0,
    ),
    (
        "AnimatedMorphCube/glTF-Quantized/AnimatedMorphCube.gltf",
        12,
        1,
        1,
        0,
        0,
    ),
    ("Avocado/glTF-Quantized/Avocado.gltf", 682, 1, 1, 3, 0),
    ("Box With Spaces/glTF/Box With Spaces.gltf", 12, 1, 1, 3, 0),
    ("Box/glTF-Embedded/Box.gltf", 12, 1, 1, 0, 0),
    (
        "BoxInterleaved/glTF-Binary/BoxInterleaved.glb",
        12,
        1,
        1,
        0,
        0,
    ),
    (
        "BoxVertexColors/glTF-Binary/BoxVertexColors.glb",
        12,
        1,
        1,
        0,
        0,
    ),
    (
        "ClearCoatTest/glTF-Binary/ClearCoatTest.glb",
        37_116,
        12,
        27,
        6,
        0,
    ),
    (
        "DiffuseTransmissionPlant/glTF-Binary/DiffuseTransmissionPlant.glb",
        69_806,
        3,
        3,
        6,
        0,
    ),
    (
        "DirectionalLight/glTF-Binary/DirectionalLight.glb",
        31_800,
        3,
        3,
        0,
        1,
    ),
    (
        "GlamVelvetSofa/glTF-Binary/GlamVelvetSofa.glb",
        4_196,
        3,
        3,
        1,
        0,
    ),
    (
        "IORTestGrid/glTF-Binary/IORTestGrid.glb",
        30_945,
        23,
        23,
        1,
        0,
    ),
    (
        "InterpolationTest/glTF-Binary/InterpolationTest.glb",
        110,
        2,
        10,
        1,
        0,
    ),
    (
        "IridescenceDielectricSpheres/glTF/IridescenceDielectricSpheres.gltf",
        617_406,
        4,
        346,
        1,
        0,
    ),
    (
        "MeshPrimitiveModes/glTF/MeshPrimitiveModes.gltf",
        16,
        3,
        3,
        0,
        1,
    ),
    (
        "MetalRoughSpheresNoTextures/glTF-Binary/MetalRoughSpheresNoTextures.glb",
        1_040_409,
        26,
        123,
        0,
        1,
    ),
    ("MultipleScenes/glTF/MultipleScenes.gltf", 2, 1, 1, 0, 0),
    ("MultiUVTest/glTF-Binary/MultiUVTest.glb", 12, 1, 1, 2, 0),
    (
        "NormalTangentTest/glTF-Binary/NormalTangentTest.glb",
        7_774,
        1,
        1,
        3,
        0,
    ),
    (
        "OrientationTest/glTF-Binary/OrientationTest.glb",
        524,
        13,
        13,
        0,
        0,
    ),
    (
        "PrimitiveModeNormalsTest/glTF/PrimitiveModeNormalsTest.gltf",
        2_562,
        5,
        9,
        1,
        1,
    ),
    ("SheenChair/glTF/SheenChair.gltf", 39_936, 4, 4, 5, 0),
    ("SimpleMeshes/glTF/SimpleMeshes.gltf", 2, 1, 2, 0, 0),
    (
        "SimpleSparseAccessor/glTF/SimpleSparseAccessor.gltf",
        12,
        1,
        1,
        0,
        0,
    ),
    (
        "SpecularTest/glTF-Binary/SpecularTest.glb",
        44_828,
        3,
        24,
        4,
        0,
    ),
    (
        "TextureCoordinateTest/glTF-Binary/TextureCoordinateTest.glb",
        10,
        5,
        5,
        1,
        0,
    ),
    (
        "TextureEncodingTest/glTF-Binary/TextureEncodingTest.glb",
        3_844,
        3,
        14,
        8,
        0,
    ),
    (
        "TextureTransformTest/glTF/TextureTransformTest.gltf",
        24,
        2,
        12,
        5,
        0,
    ),
    ("ToyCar/glTF/ToyCar.gltf", 108_936, 3, 3, 7, 0),
    (
        "TransmissionTest/glTF-Binary/TransmissionTest.glb",
        128_775,
        8,
        22,
        9,
        0,
    ),
    (
        "TriangleWithoutIndices/glTF/TriangleWithoutIndices.gltf",
        1,
        1,
        1,
        0,
        0,
    ),
    ("Unicode❤♻Test/glTF-Binary/Unicode❤♻Test.glb", 2, 1, 1, 1, 0),
    ("UnlitTest/glTF-Binary/UnlitTest.glb", 88, 1, 2, 0, 0),
    (
        "XmpMetadataRoundedCube/glTF-Binary/XmpMetadataRoundedCube.glb",
        1_736,
        2,
        2,
        0,
        0,
    ),
    (
        "glTFPotOfCoals/glTF/glTFPotOfCoals.gltf",
        18_223,
        2,
        2,
        8,
        0,
    ),
];

#[test]
fn samples_have_what_they_are_known_to_have() {
    let Some(data) = data() else { return };
    let mut wrong = Vec::new();
    for (path, triangles, meshes, instances, images, warnings) in FACTS {
        let scene = sample(&data, path);
        let found = (
            n_triangles(&scene),
            scene.meshes.len(),
            scene.instances.len(),
            scene.images.len(),
            scene.warnings.len(),
        );
        if found != (triangles, meshes, instances, images, warnings) {
            wrong.push(format!("{path}: {found:?} {:?}", scene.warnings));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_sample_loads() {
    let Some(data) = data() else { return };
    let mut files = Vec::new();
    collect(&data.join("assets/khronos"), &mut files);
    collect(&data.join("references"), &mut files);
    assert!(files.len() > 60, "{} files", files.len());
    for file in files {
        let path = file.display().to_string();
        match open(&file) {
            Ok(scene) => check(&scene, &path),
            Err(error) => panic!("{error}"),
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|name| name == "gltf" || name == "glb")
        {
            files.push(path);
        }
    }
}

/// What must be true of every scene.
fn check(scene: &Scene, path: &str) {
    assert!(!scene.instances.is_empty(), "{path}");
    for instance in &scene.instances {
        let material = &scene.materials[instance.material.0 as usize];
        let mesh = &scene.meshes[instance.mesh.0 as usize];
        if material.normal.is_some() {
            assert_eq!(
                mesh.tangents.len(),
                mesh.positions.len(),
                "{path}: {}",
                mesh.name
            );
        }
        if let Some(texture) = &material.base_color_texture {
            assert!((texture.image.0 as usize) < scene.images.len());
            let texcoords = &mesh.texcoords[texture.texcoord_set as usize];
            assert_eq!(
                texcoords.len(),
                mesh.positions.len(),
                "{path}: {}",
                mesh.name
            );
        }
    }
    for mesh in &scene.meshes {
        let n = mesh.positions.len();
        assert_eq!(mesh.normals.len(), n);
        assert!(
            mesh.normals
                .iter()
                .all(|normal| (normal.length() - 1.0).abs() < 1e-4),
            "{path}"
        );
        assert!(
            mesh.tangents
                .iter()
                .all(|t| (t.truncate().length() - 1.0).abs() < 1e-4),
            "{path}"
        );
        assert!(
            mesh.triangles
                .iter()
                .flatten()
                .all(|&corner| (corner as usize) < n),
            "{path}"
        );
    }
}

#[test]
fn sample_materials_are_as_authored() {
    let Some(data) = data() else { return };
    let scene = sample(&data, "Box/glTF-Binary/Box.glb");
    let red = material(&scene, "Red");
    assert_eq!(
        (red.base_color, red.metallic, red.roughness),
        (Vec3::new(0.8, 0.0, 0.0), 0.0, 1.0)
    );

    let scene = sample(
        &data,
        "GlassHurricaneCandleHolder/glTF-Binary/GlassHurricaneCandleHolder.glb",
    );
    let glass = material(&scene, "GlassHurricaneCandleHolder-glass");
    assert_eq!(glass.transmission.as_ref().unwrap().factor, 1.0);
    let volume = glass.volume.as_ref().unwrap();
    assert_eq!(
        (volume.thickness_factor, volume.attenuation_distance),
        (0.1, 0.001)
    );
    assert_eq!(volume.attenuation_color, Vec3::new(0.8, 0.95, 1.0));

    let scene = sample(
        &data,
        "DiffuseTransmissionPlant/glTF-Binary/DiffuseTransmissionPlant.glb",
    );
    let leaves = material(&scene, "potted_plant_02_leaves");
    assert_eq!(leaves.alpha_mode, AlphaMode::Mask { cutoff: 0.5 });
    assert!(leaves.double_sided);
    assert_eq!(leaves.diffuse_transmission.as_ref().unwrap().color, Vec3::X);

    let scene = sample(&data, "GlamVelvetSofa/glTF-Binary/GlamVelvetSofa.glb");
    let velvet = material(&scene, "GlamVelvetSofa_fabric_navy");
    assert_eq!(
        velvet.sheen.as_ref().unwrap().color,
        Vec3::new(0.05, 0.17, 0.5)
    );
    assert_eq!(velvet.specular_color, Vec3::new(0.1, 0.34, 1.0));
    let normal = velvet.normal.as_ref().unwrap();
    assert_eq!(normal.scale, 0.75);
    assert!((normal.texture.transform(glam::Vec2::X).length() - 5.0).abs() < 1e-5);
    assert_eq!(scene.lights[0].intensity, Vec3::splat(3.0));
    assert_eq!(scene.lights[0].kind, PunctualKind::Directional);
}

#[test]
fn sample_cameras_and_lights_are_as_authored() {
    let Some(data) = data() else { return };
    let scene = sample(&data, "Cameras/glTF/Cameras.gltf");
    let projections = [
        Projection::Perspective {
            yfov: 0.7,
            aspect_ratio: Some(1.0),
        },
        Projection::Orthographic {
            xmag: 1.0,
            ymag: 1.0,
        },
    ];
    assert!(
        scene
            .cameras
            .iter()
            .map(|camera| camera.projection)
            .eq(projections)
    );
    let scene = sample(&data, "ToyCar/glTF/ToyCar.gltf");
    let names = scene.cameras.iter().map(|camera| camera.name.clone());
    assert!(names.eq((1..=8).map(|i| format!("Camera00{i}"))));

    let scene = open(&data.join("references/conv_spot.glb")).unwrap();
    let cone = PunctualKind::Spot {
        inner_cone_angle: 0.25,
        outer_cone_angle: 0.5,
    };
    assert_eq!(
        (scene.lights[0].kind, scene.lights[0].intensity),
        (cone, Vec3::splat(100.0))
    );
    assert!(
        scene
            .materials
            .iter()
            .all(|material| material.specular == 0.0)
    );
    let other = load(
        &data.join("assets/khronos/MultipleScenes/glTF/MultipleScenes.gltf"),
        &LoadOptions {
            scene_index: Some(0),
            ..LoadOptions::default()
        },
    )
    .unwrap();
    assert_eq!(n_triangles(&other), 1);
}

#[test]
fn derived_tangents_agree_with_authored_ones() {
    let Some(data) = data() else { return };
    let folder = data.join("assets/khronos/BoomBoxWithAxes/glTF");
    let authored = open(&folder.join("BoomBoxWithAxes.gltf")).unwrap();
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let text = std::fs::read_to_string(folder.join("BoomBoxWithAxes.gltf")).unwrap();
    let without = copy.path().join("without.gltf");
    std::fs::write(&without, text.replace("\"TANGENT\"", "\"_TANGENT\"")).unwrap();
    let derived = open(&without).unwrap();
    let mut n_corners = 0;
    for (authored, derived) in authored.meshes.iter().zip(&derived.meshes) {
        for (a, d) in authored
            .triangles
            .as_flattened()
            .iter()
            .zip(derived.triangles.as_flattened())
        {
            if authored.tangents.is_empty() {
                continue;
            }
            let (a, d) = (
                authored.tangents[*a as usize],
                derived.tangents[*d as usize],
            );
            assert_eq!(a.w, d.w);
            assert!(a.truncate().dot(d.truncate()) > 0.95, "{a} {d}");
            n_corners += 1;
        }
    }
    assert_eq!(n_corners, 18_108);
}
