//! `KHR_animation_pointer` and `KHR_node_visibility`.

use crate::animation::{animate, at};
use crate::fixture::{Fixture, UNSIGNED_BYTE};
use glam::Vec3;
use serde_json::{Value, json};
use skywell::scene::camera::Projection;
use skywell::scene::light::PunctualKind;

fn pointer(path: &str) -> Value {
    json!({"path": "pointer", "extensions": {"KHR_animation_pointer": {"pointer": path}}})
}

#[test]
fn pointers_move_materials() {
    let mut fixture = Fixture::square();
    fixture.textures(1);
    let transform = json!({"KHR_texture_transform": {"offset": [0, 0]}});
    fixture.material(json!({
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0, "extensions": transform}},
        "extensions": {"KHR_materials_clearcoat": {}, "KHR_materials_emissive_strength": {"emissiveStrength": 2}},
    }));
    let of = "/materials/0/";
    let color = [[0.0; 4], [1.0, 0.5, 0.25, 1.0]];
    animate(
        &mut fixture,
        pointer(&format!("{of}pbrMetallicRoughness/baseColorFactor")),
        "LINEAR",
        &color,
    );
    animate(
        &mut fixture,
        pointer(&format!("{of}pbrMetallicRoughness/roughnessFactor")),
        "LINEAR",
        &[[0.0], [1.0]],
    );
    animate(
        &mut fixture,
        pointer(&format!(
            "{of}extensions/KHR_materials_clearcoat/clearcoatFactor"
        )),
        "STEP",
        &[[0.5]],
    );
    animate(
        &mut fixture,
        pointer(&format!("{of}emissiveFactor")),
        "STEP",
        &[[0.5, 0.0, 1.0]],
    );
    let offset = format!(
        "{of}pbrMetallicRoughness/baseColorTexture/extensions/KHR_texture_transform/offset"
    );
    animate(
        &mut fixture,
        pointer(&offset),
        "LINEAR",
        &[[0.0, 0.0], [1.0, -2.0]],
    );
    let scene = at(&fixture, 1.5);
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    let material = &scene.materials[0];
    assert_eq!(material.base_color, Vec3::new(0.5, 0.25, 0.125));
    assert_eq!((material.base_alpha, material.roughness), (0.5, 0.5));
    assert_eq!(material.clearcoat.as_ref().unwrap().factor, 0.5);
    assert_eq!(material.emissive, Vec3::new(1.0, 0.0, 2.0));
    let moved = material.base_color_texture.as_ref().unwrap().uv_transform;
    assert_eq!(moved.translation.to_array(), [0.5, -1.0]);
}

#[test]
fn pointers_move_lights_and_cameras() {
    let mut fixture = Fixture::triangle();
    fixture.json["nodes"][0]["extensions"] = json!({"KHR_lights_punctual": {"light": 0}});
    fixture.json["nodes"][0]["camera"] = json!(0);
    fixture.json["cameras"] =
        json!([{"type": "perspective", "perspective": {"yfov": 1, "znear": 1}}]);
    fixture.json["extensions"] =
        json!({"KHR_lights_punctual": {"lights": [{"type": "spot", "spot": {}}]}});
    let light = "/extensions/KHR_lights_punctual/lights/0";
    animate(
        &mut fixture,
        pointer(&format!("{light}/intensity")),
        "LINEAR",
        &[[0.0], [8.0]],
    );
    animate(
        &mut fixture,
        pointer(&format!("{light}/spot/outerConeAngle")),
        "LINEAR",
        &[[0.5], [1.0]],
    );
    animate(
        &mut fixture,
        pointer("/cameras/0/perspective/yfov"),
        "LINEAR",
        &[[0.5], [1.0]],
    );
    let scene = at(&fixture, 1.5);
    assert_eq!(scene.lights[0].intensity, Vec3::splat(4.0));
    assert!(matches!(
        scene.lights[0].kind,
        PunctualKind::Spot { outer_cone_angle, .. } if outer_cone_angle == 0.75
    ));
    assert!(matches!(
        scene.cameras[0].projection,
        Projection::Perspective { yfov, .. } if yfov == 0.75
    ));
}

#[test]
fn single_weights_move_beside_the_authored_ones() {
    let mut fixture = Fixture::triangle();
    let up = fixture.floats(&[[0.0, 0.0, 1.0]; 3]);
    let aside = fixture.floats(&[[1.0, 0.0, 0.0]; 3]);
    fixture.primitive()["targets"] = json!([{"POSITION": up}, {"POSITION": aside}]);
    fixture.json["meshes"][0]["weights"] = json!([0.5, 0.0]);
    animate(
        &mut fixture,
        pointer("/nodes/0/weights/1"),
        "LINEAR",
        &[[0.0], [4.0]],
    );
    let mesh = &at(&fixture, 1.5).meshes[0];
    assert_eq!(mesh.positions[0], Vec3::new(2.0, 0.0, 0.5));
}

#[test]
fn what_is_hidden_hides_its_children() {
    let hidden = json!({"KHR_node_visibility": {"visible": false}});
    let shown =
        json!({"KHR_node_visibility": {"visible": true}, "KHR_lights_punctual": {"light": 0}});
    let mut fixture = Fixture::triangle();
    fixture.json["extensions"] = json!({"KHR_lights_punctual": {"lights": [{"type": "point"}]}});
    fixture.json["cameras"] =
        json!([{"type": "perspective", "perspective": {"yfov": 1, "znear": 1}}]);
    fixture.json["nodes"] = json!([
        {"children": [1], "extensions": hidden},
        {"mesh": 0, "camera": 0, "extensions": shown},
        {"mesh": 0},
    ]);
    fixture.json["scenes"] = json!([{"nodes": [0, 2]}]);
    let scene = fixture.load().unwrap();
    let counts = (
        scene.instances.len(),
        scene.lights.len(),
        scene.cameras.len(),
    );
    assert_eq!((counts, scene.instances[0].node), ((1, 0, 1), 2));

    let visible = fixture.accessor(&[0, 1], UNSIGNED_BYTE, "SCALAR", 2);
    let pointer = pointer("/nodes/0/extensions/KHR_node_visibility/visible");
    animate(&mut fixture, pointer, "STEP", &[[0.0], [0.0]]);
    fixture.json["animations"][0]["samplers"][0]["output"] = json!(visible);
    assert_eq!(at(&fixture, 1.9).instances.len(), 1);
    assert_eq!(at(&fixture, 2.0).instances.len(), 2);
}

#[test]
fn hidden_joints_still_bend() {
    let mut fixture = Fixture::triangle();
    fixture.json["nodes"] = json!([
        {"mesh": 0, "skin": 0},
        {"translation": [0, 0, 3], "extensions": {"KHR_node_visibility": {"visible": false}}},
    ]);
    fixture.json["scenes"] = json!([{"nodes": [0, 1]}]);
    fixture.json["skins"] = json!([{"joints": [1]}]);
    fixture.attribute("JOINTS_0", &[0; 12], UNSIGNED_BYTE, "VEC4", 3, false);
    fixture.attribute_floats("WEIGHTS_0", &[[1.0, 0.0, 0.0, 0.0]; 3]);
    assert_eq!(fixture.load().unwrap().meshes[0].positions[0].z, 3.0);
}

#[test]
fn pointers_to_nothing_are_remarked() {
    for (path, remark) in [
        (
            "/nodes/0/name",
            "/nodes/0/name cannot be animated; it rests",
        ),
        (
            "/materials/7/alphaCutoff",
            "/materials/7/alphaCutoff is not there; nothing is moved",
        ),
        (
            "/nodes/0/extensions/KHR_node_visibility/visible",
            "is not there; nothing is moved",
        ),
        ("/nodes/0/weights", "there are no morph targets to move"),
    ] {
        let mut fixture = Fixture::triangle();
        animate(&mut fixture, pointer(path), "STEP", &[[1.0]]);
        let warnings = at(&fixture, 1.0).warnings;
        assert!(warnings[0].contains(remark), "{warnings:?}");
    }
}

#[test]
fn what_overshoots_its_range_is_held_there() {
    let mut fixture = Fixture::triangle();
    fixture.material(json!({"pbrMetallicRoughness": {}}));
    let target = pointer("/materials/0/pbrMetallicRoughness/metallicFactor");
    animate(&mut fixture, target, "STEP", &[[1.5]]);
    let scene = at(&fixture, 1.0);
    assert_eq!(scene.materials[0].metallic, 1.0);
    assert!(
        scene.warnings[0].contains("out of [0, 1]"),
        "{:?}",
        scene.warnings
    );
}
