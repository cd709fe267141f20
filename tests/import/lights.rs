//! Lights by extension: areas and cubes of images.

use crate::fixture::*;
use glam::{Quat, Vec3};
use image::{DynamicImage, Rgba, RgbaImage};
use serde_json::{Value, json};
use skywell::scene::Scene;
use skywell::scene::light::{AreaShape, Environment, PunctualKind};

const SIZE: u32 = 32;

/// The triangle, lit by this extension of the document's and of its node's.
fn area(light: Value, node: Value) -> Fixture {
    let mut fixture = Fixture::triangle();
    fixture.json["extensions"] = json!({"EXT_lights_area": {"lights": [light]}});
    fixture.json["nodes"][0] = node;
    fixture.json["nodes"][0]["extensions"] = json!({"EXT_lights_area": {"light": 0}});
    fixture
}

#[test]
fn area_lights_have_the_largest_scale_of_their_node() {
    // A quarter turn about X takes −Z to +Y.
    let node = json!({"translation": [1, 2, 3], "rotation": [0.707_106_77, 0, 0, 0.707_106_77], "scale": [0.5, -3, 2]});
    let light = json!({"type": "rect", "size": 2, "intensity": 10, "color": [1, 0.5, 0], "rect": {"aspect": 4}, "name": "key"});
    let scene = area(light, node.clone()).load().unwrap();
    let light = &scene.area_lights[0];
    assert_eq!(
        (light.name.as_str(), light.shape),
        ("key", AreaShape::Rectangle)
    );
    assert_eq!(light.radiance, Vec3::new(10.0, 5.0, 0.0));
    let place = light.world_from_light;
    let x = place.transform_vector3(Vec3::X);
    let y = place.transform_vector3(Vec3::Y);
    assert!((x.length() - 24.0).abs() < 1e-4, "width {x}");
    assert!((y.length() - 6.0).abs() < 1e-4, "height {y}");
    let front = place.transform_vector3(Vec3::NEG_Z).normalize();
    assert!(front.abs_diff_eq(Vec3::Y, 1e-6), "{front}");
    assert!(
        place
            .translation
            .abs_diff_eq(Vec3::new(1.0, 2.0, 3.0).into(), 0.0)
    );
    let disk = area(json!({"type": "disk"}), node).load().unwrap();
    let light = &disk.area_lights[0];
    assert_eq!(light.radiance, Vec3::splat(1000.0));
    let x = light.world_from_light.transform_vector3(Vec3::X);
    assert!((x.length() - 3.0).abs() < 1e-5, "diameter {x}");
}

#[test]
fn broken_area_lights_are_told() {
    let error = |light: Value| area(light, json!({"mesh": 0})).error();
    let at = "scene.glb: /extensions/EXT_lights_area/lights/0";
    assert!(error(json!({})).starts_with(&format!("{at}/type: missing")));
    assert!(error(json!({"type": "tube"})).starts_with(&format!("{at}/type: \"tube\" is neither")));
    let flat = json!({"type": "disk", "size": 0});
    assert!(error(flat).starts_with(&format!("{at}/size: 0 is outside (0, ∞)")));
    let mut fixture = area(json!({"type": "disk"}), json!({"mesh": 0}));
    fixture.json["nodes"][0]["extensions"]["EXT_lights_area"]["light"] = json!(1);
    let at = "scene.glb: /nodes/0/extensions/EXT_lights_area/light";
    assert_eq!(
        fixture.error().split(';').next(),
        Some(format!("{at}: there is no light 1").as_str())
    );
    let hidden = area(json!({"type": "disk"}), json!({"scale": [0, 0, 0]}));
    let scene = hidden.load().unwrap();
    assert!(scene.area_lights.is_empty());
    assert!(hidden.warnings(&scene)[0].contains("/nodes/0: its light is scaled to nothing"));
}

/// Towards the middle of each face, to the right in its image, and down.
const FACES: [[Vec3; 3]; 6] = [
    [Vec3::X, Vec3::NEG_Z, Vec3::NEG_Y],
    [Vec3::NEG_X, Vec3::Z, Vec3::NEG_Y],
    [Vec3::Y, Vec3::X, Vec3::Z],
    [Vec3::NEG_Y, Vec3::X, Vec3::NEG_Z],
    [Vec3::Z, Vec3::X, Vec3::NEG_Y],
    [Vec3::NEG_Z, Vec3::NEG_X, Vec3::NEG_Y],
];

/// A colour for each direction, 8-bit sRGB.
fn color(direction: Vec3) -> [f32; 3] {
    (direction.normalize() * 100.0 + 128.0).to_array()
}

/// The triangle within a cube that shows [`color`], at half scale by its alpha.
fn cube(light: Value) -> Fixture {
    let mut fixture = Fixture::triangle();
    let mut images = Vec::new();
    for [middle, right, down] in FACES {
        let image = RgbaImage::from_fn(SIZE, SIZE, |x, y| {
            let at = |i: u32| (i as f32 + 0.5) / SIZE as f32 * 2.0 - 1.0;
            let [r, g, b] = color(middle + right * at(x) + down * at(y)).map(|c| c.round() as u8);
            Rgba([r, g, b, 51])
        });
        let view = fixture.view(&png(&DynamicImage::from(image)));
        images.push(json!({"bufferView": view, "mimeType": "image/png"}));
    }
    fixture.json["images"] = images.into();
    let mut whole = json!({
        "specularImages": [[0, 1, 2, 3, 4, 5]],
        "specularImageSize": SIZE,
        "irradianceCoefficients": [[1, 1, 1]],
    });
    let changes = light.as_object().unwrap().clone();
    whole.as_object_mut().unwrap().extend(changes);
    fixture.json["extensions"] = json!({"EXT_lights_image_based": {"lights": [whole]}});
    fixture.json["scenes"][0]["extensions"] = json!({"EXT_lights_image_based": {"light": 0}});
    fixture
}

fn environment(scene: Scene) -> Environment {
    scene.environment.expect("an environment")
}

#[test]
fn a_cube_of_images_becomes_the_panorama_it_shows() {
    let turn = Quat::from_rotation_y(0.7) * Quat::from_rotation_x(0.3);
    for rotation in [Quat::IDENTITY, turn] {
        let light = json!({"rotation": rotation.to_array(), "intensity": 2});
        let scene = cube(light).load().unwrap();
        assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
        assert!(scene.images.is_empty(), "no texture shows them");
        let found = environment(scene);
        assert_eq!(
            (found.width, found.height),
            (4 * SIZE as usize, 2 * SIZE as usize)
        );
        assert_eq!((found.strength, found.rotation), (2.0, 0.0));
        let mut worst = 0.0_f32;
        for (i, texel) in found.texels.iter().enumerate() {
            let (x, y) = (i % found.width, i / found.width);
            let theta = std::f32::consts::PI * (y as f32 + 0.5) / found.height as f32;
            let phi = std::f32::consts::TAU * ((x as f32 + 0.5) / found.width as f32 - 0.5);
            let world = Vec3::new(
                theta.sin() * phi.cos(),
                theta.cos(),
                theta.sin() * phi.sin(),
            );
            let expected = color(rotation.inverse() * world);
            for (found, expected) in texel.iter().zip(expected) {
                // The alpha of 51/255 makes it five times as bright.
                let expected = 5.0 * skywell::color::srgb_decode(expected / 255.0);
                worst = worst.max((found - expected).abs());
            }
        }
        // A step of the 8-bit code is up to 0.05 there.
        assert!(worst < 0.1, "{worst}");
    }
}

#[test]
fn images_without_alpha_are_plain_pictures() {
    let mut fixture = cube(json!({}));
    let view = fixture.view(&png(&image::RgbImage::from_pixel(
        4,
        4,
        image::Rgb([188; 3]),
    )
    .into()));
    fixture.json["images"] = json!([{"bufferView": view}]);
    let faces = json!([[0, 0, 0, 0, 0, 0]]);
    fixture.json["extensions"]["EXT_lights_image_based"]["lights"][0]["specularImages"] = faces;
    let found = environment(fixture.load().unwrap());
    let expected = skywell::color::srgb_decode(188.0 / 255.0);
    assert!(
        found
            .texels
            .iter()
            .flatten()
            .all(|c| (c - expected).abs() < 1e-6)
    );
}

#[test]
fn broken_cubes_are_told() {
    let at = "scene.glb: /extensions/EXT_lights_image_based/lights/0";
    for (light, message) in [
        (
            json!({"specularImages": [[0, 1, 2, 3, 4]]}),
            "/specularImages/0: is no array of 6 images",
        ),
        (
            json!({"specularImages": []}),
            "/specularImages/0: is no array of 6 images",
        ),
        (
            json!({"specularImages": [[0, 1, 2, 3, 9, 5]]}),
            "/specularImages/0/4: there is no image 9",
        ),
        (
            json!({"specularImages": [["a"]]}),
            "/specularImages/0: holds what is no",
        ),
        (
            json!({"rotation": [0, 0, 0, 0]}),
            "/rotation: is no unit quaternion",
        ),
        (json!({"intensity": -1}), "/intensity: -1 is outside"),
    ] {
        let error = cube(light).error();
        assert!(error.starts_with(&format!("{at}{message}")), "{error}");
    }
    let mut fixture = cube(json!({}));
    let view = fixture.view(&png(&RgbaImage::new(2, 3).into()));
    fixture.json["images"][3] = json!({"bufferView": view});
    let error = fixture.error();
    assert!(
        error.starts_with("scene.glb: /images/3: has 2 × 3 pixels"),
        "{error}"
    );
}

/// 5 candela straight ahead, none to the side.
const IES: &str = "IESNA:LM-63-2002\nTILT=NONE\n1 -1 1 2 1 1 2 0 0 0\n1 1 10\n0 90\n0\n5 0\n";

#[test]
fn measured_lights_shine_where_their_node_points() {
    let mut fixture = Fixture::triangle();
    let view = fixture.view(IES.as_bytes());
    let uri = format!("data:,{}", IES.replace(' ', "%20").replace('\n', "%0A"));
    fixture.json["extensions"] = json!({"EXT_lights_ies": {"lights": [
        {"bufferView": view, "mimeType": "application/x-ies-lm-63", "name": "beam"}, {"uri": uri}, {"uri": "lamp.ies"},
    ]}});
    let lamp = |light: u32| json!({"EXT_lights_ies": {"light": light, "multiplier": 3, "color": [1, 0.5, 0]}});
    // A quarter turn about X takes −Z to +Y.
    let turn = [0.707_106_77, 0.0, 0.0, 0.707_106_77];
    fixture.json["nodes"] = json!([
        {"mesh": 0},
        {"rotation": turn, "translation": [1, 2, 3], "scale": [2, 2, 2], "extensions": lamp(0)},
        {"name": "second", "extensions": lamp(1)},
        {"extensions": lamp(0)},
    ]);
    fixture.json["scenes"] = json!([{"nodes": [0, 1, 2, 3]}]);
    let scene = fixture.load().unwrap();
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    assert_eq!((scene.lights.len(), scene.light_profiles.len()), (3, 2));
    assert_eq!(scene.light_profiles[0], scene.light_profiles[1]);
    assert_eq!(scene.light_profiles[0].largest(), 5.0);
    let light = &scene.lights[0];
    assert_eq!(
        (light.name.as_str(), scene.lights[1].name.as_str()),
        ("beam", "second")
    );
    assert_eq!(light.intensity, Vec3::new(3.0, 1.5, 0.0));
    assert!(light.direction.abs_diff_eq(Vec3::Y, 1e-6));
    let PunctualKind::Measured { azimuth_zero, .. } = light.kind else {
        panic!("{:?}", light.kind)
    };
    assert!(azimuth_zero.abs_diff_eq(Vec3::X, 1e-6));

    let hash = scene.content_hash;
    fixture.json["nodes"][3]["extensions"] = lamp(2);
    let at = "scene.glb: /extensions/EXT_lights_ies/lights/2/uri";
    assert!(
        fixture
            .error()
            .starts_with(&format!("{at}: \"lamp.ies\" cannot be read"))
    );
    fixture.write("lamp.ies", b"IESNA:LM-63-2002\nTILT=NONE\n1");
    let error = fixture.error();
    assert!(
        error.starts_with(&format!("{at}: is no IES profile: it ends before")),
        "{error}"
    );
    fixture.write("lamp.ies", IES.as_bytes());
    assert_ne!(fixture.load().unwrap().content_hash, hash);
}
