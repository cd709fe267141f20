//! Scenes, nodes, cameras and lights.

use crate::fixture::*;
use glam::{Mat3, Quat, Vec3};
use serde_json::{Value, json};
use skywell::scene::camera::Projection;
use skywell::scene::light::PunctualKind;
use std::f32::consts::{FRAC_PI_2, FRAC_PI_4};

const QUARTER_TURN_ABOUT_Z: [f32; 4] = [0.0, 0.0, 0.707_106_77, 0.707_106_77];

fn with_nodes(nodes: Value) -> Fixture {
    let mut fixture = Fixture::triangle();
    fixture.json["nodes"] = nodes;
    fixture
}

#[test]
fn transforms_multiply_down_the_tree() {
    let fixture = with_nodes(json!([
        {"children": [1], "translation": [1, 2, 3], "rotation": QUARTER_TURN_ABOUT_Z},
        {"children": [2], "scale": [2, 3, 4]},
        {"mesh": 0, "matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 10, 0, 0, 1]},
    ]));
    let scene = fixture.load().unwrap();
    let place = scene.instances[0].world_from_object;
    let p = place.transform_point3(Vec3::new(1.0, 1.0, 1.0));
    assert!(
        p.abs_diff_eq(Vec3::new(1.0 - 3.0, 2.0 + 22.0, 3.0 + 4.0), 1e-5),
        "{p}"
    );
    assert_eq!(scene.instances[0].node, 2);
}

#[test]
fn mirroring_stays_in_the_transform() {
    let scene = with_nodes(json!([{"mesh": 0, "scale": [-1, 1, 1]}]))
        .load()
        .unwrap();
    assert!(scene.instances[0].world_from_object.matrix3.determinant() < 0.0);
    assert_eq!(scene.meshes[0].normals, [Vec3::Z; 3]);
}

#[test]
fn nodes_scaled_to_nothing_are_hidden() {
    let scene = with_nodes(json!([{"mesh": 0, "scale": [0, 0, 0]}]))
        .load()
        .unwrap();
    assert!(scene.instances.is_empty() && scene.warnings.is_empty());
    let fixture = with_nodes(json!([{"mesh": 0, "scale": [1, 0, 1]}]));
    let scene = fixture.load().unwrap();
    assert!(scene.instances.is_empty());
    assert!(
        fixture.warnings(&scene)[0].starts_with("scene.glb: /nodes/0: its mesh is scaled flat")
    );
}

#[test]
fn the_wanted_scene_is_shown() {
    let mut fixture = with_nodes(json!([{"mesh": 0}, {"mesh": 0}, {"mesh": 0}]));
    fixture.json["scenes"] = json!([{"nodes": [0]}, {"nodes": [1, 2]}, {}]);
    let count = |fixture: &Fixture, index| fixture.load_scene(index).unwrap().instances.len();
    assert_eq!(count(&fixture, None), 1);
    assert_eq!(count(&fixture, Some(1)), 2);
    assert_eq!(count(&fixture, Some(2)), 0);
    fixture.json["scene"] = json!(1);
    assert_eq!(count(&fixture, None), 2);
    fixture.json.as_object_mut().unwrap().remove("scene");
    assert_eq!(count(&fixture, None), 1);
    let message = fixture.message(fixture.load_scene(Some(3)).unwrap_err());
    assert_eq!(
        message,
        "scene.glb: no scene \"3\"; choose a scene index from 0 to 2"
    );
}

#[test]
fn a_file_without_scenes_shows_all_roots_and_says_so() {
    let mut fixture = with_nodes(json!([{"children": [1]}, {"mesh": 0}, {"mesh": 0}]));
    for name in ["scene", "scenes"] {
        fixture.json.as_object_mut().unwrap().remove(name);
    }
    let scene = fixture.load().unwrap();
    assert_eq!(scene.instances.len(), 2);
    assert!(fixture.warnings(&scene)[0].contains("the file has no scene"));
    assert!(fixture.load_scene(Some(0)).is_err());
}

#[test]
fn a_deep_tree_is_no_problem() {
    let depth = 200_000;
    let mut nodes: Vec<Value> = (1..depth).map(|i| json!({"children": [i]})).collect();
    nodes.push(json!({"mesh": 0}));
    let scene = with_nodes(nodes.into()).load().unwrap();
    assert_eq!(scene.instances[0].node, depth - 1);
}

#[test]
fn cameras_come_in_file_order_without_scale() {
    let mut fixture = with_nodes(json!([
        {"camera": 1, "scale": [-2, 3, 4], "translation": [0, 0, 7]},
        {"camera": 0, "name": "main", "rotation": QUARTER_TURN_ABOUT_Z},
        {"camera": 0, "scale": [0, 0, 0]},
    ]));
    fixture.json["scenes"][0]["nodes"] = json!([0, 1, 2]);
    fixture.json["cameras"] = json!([
        {"type": "perspective", "perspective": {"yfov": 0.5, "znear": 0.1, "aspectRatio": 2}},
        {"type": "orthographic", "name": "side", "orthographic": {"xmag": 3, "ymag": -2, "znear": 0, "zfar": 1}},
    ]);
    let scene = fixture.load().unwrap();
    let [main, side] = scene.cameras.as_slice() else {
        panic!("{:?}", scene.cameras)
    };
    assert_eq!((main.name.as_str(), side.name.as_str()), ("main", "side"));
    assert_eq!(
        main.projection,
        Projection::Perspective {
            yfov: 0.5,
            aspect_ratio: Some(2.0)
        }
    );
    assert_eq!(
        side.projection,
        Projection::Orthographic {
            xmag: 3.0,
            ymag: 2.0
        }
    );
    let turn = Mat3::from_quat(Quat::from_array(QUARTER_TURN_ABOUT_Z));
    assert!(Mat3::from(main.world_from_camera.matrix3).abs_diff_eq(turn, 1e-6));
    assert!(Mat3::from(side.world_from_camera.matrix3).abs_diff_eq(Mat3::IDENTITY, 1e-6));
    assert_eq!(side.world_from_camera.translation.z, 7.0);
    assert!(fixture.warnings(&scene)[0].contains("looks nowhere"));
}

fn with_lights(lights: Value, nodes: Value) -> Fixture {
    let mut fixture = with_nodes(nodes);
    fixture.json["extensions"] = json!({"KHR_lights_punctual": {"lights": lights}});
    fixture.json["scenes"][0]["nodes"] = json!([0]);
    fixture
}

fn carry(light: usize) -> Value {
    json!({"KHR_lights_punctual": {"light": light}})
}

#[test]
fn lights_have_the_specified_defaults() {
    let fixture = with_lights(
        json!([{"type": "directional", "range": 3}, {"type": "point"}, {"type": "spot"}]),
        json!([
            {"extensions": carry(0), "children": [1, 2]},
            {"extensions": carry(1), "name": "lamp"},
            {"extensions": carry(2)},
        ]),
    );
    let lights = fixture.load().unwrap().lights;
    assert!(
        lights
            .iter()
            .all(|light| light.intensity == Vec3::ONE && light.range.is_none())
    );
    assert_eq!(lights[0].kind, PunctualKind::Directional);
    assert_eq!(lights[0].direction, Vec3::NEG_Z);
    assert_eq!(
        (lights[1].kind, lights[1].name.as_str()),
        (PunctualKind::Point, "lamp")
    );
    let cone = PunctualKind::Spot {
        inner_cone_angle: 0.0,
        outer_cone_angle: FRAC_PI_4,
    };
    assert_eq!(lights[2].kind, cone);
}

#[test]
fn lights_take_place_and_direction_from_their_node() {
    let fixture = with_lights(
        json!([{
            "type": "spot", "name": "key", "color": [1, 0.5, 0.25], "intensity": 8, "range": 20,
            "spot": {"innerConeAngle": 0.1, "outerConeAngle": 1.570_796_4},
        }]),
        json!([{
            "extensions": carry(0), "translation": [1, 2, 3], "scale": [5, 5, 5],
            "rotation": [-0.707_106_77, 0, 0, 0.707_106_77],
        }]),
    );
    let light = fixture.load().unwrap().lights.remove(0);
    assert_eq!(light.name, "key");
    assert_eq!(light.position, Vec3::new(1.0, 2.0, 3.0));
    assert!(
        light.direction.abs_diff_eq(Vec3::NEG_Y, 1e-6),
        "{}",
        light.direction
    );
    assert_eq!(light.intensity, Vec3::new(8.0, 4.0, 2.0));
    assert_eq!(light.range, Some(20.0));
    assert_eq!(
        light.kind,
        PunctualKind::Spot {
            inner_cone_angle: 0.1,
            outer_cone_angle: FRAC_PI_2
        }
    );
}

#[test]
fn spots_may_have_hard_edges() {
    for (inner, n_warnings) in [(0.25_f32, 0), (0.5, 1)] {
        let mut fixture = Fixture::triangle();
        let spot = json!({"innerConeAngle": inner, "outerConeAngle": 0.25});
        fixture.json["extensions"] =
            json!({"KHR_lights_punctual": {"lights": [{"type": "spot", "spot": spot}]}});
        fixture.json["nodes"][0]["extensions"] = json!({"KHR_lights_punctual": {"light": 0}});
        let scene = fixture.load().unwrap();
        assert_eq!(
            scene.lights[0].kind,
            PunctualKind::Spot {
                inner_cone_angle: 0.25,
                outer_cone_angle: 0.25
            }
        );
        assert_eq!(scene.warnings.len(), n_warnings, "{:?}", scene.warnings);
    }
}

#[test]
fn xmp_packets_are_carried() {
    let mut fixture = Fixture::triangle();
    assert_eq!(fixture.load().unwrap().xmp, None);
    let packets =
        json!([{"@context": {"dc": "http://purl.org/dc/elements/1.1/"}, "dc:title": "井"}]);
    fixture.json["extensions"] = json!({"KHR_xmp_json_ld": {"packets": packets}});
    let xmp = fixture.load().unwrap().xmp.unwrap();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&xmp).unwrap(),
        packets
    );
}

#[test]
fn what_is_not_applied_is_told_once() {
    let mut fixture = Fixture::triangle();
    fixture.json["animations"] = json!([{"channels": [], "samplers": []}, {}]);
    fixture.json["extensionsUsed"] =
        json!(["KHR_materials_variants", "ACME_glow", "KHR_xmp_json_ld"]);
    let scene = fixture.load().unwrap();
    assert_eq!(
        fixture.warnings(&scene),
        ["scene.glb: /extensionsUsed/1: ACME_glow is not read; what it adds is left out",]
    );
}

/// A triangle that hangs on two joints: its first vertex on one, its second on the other, its
/// third half on each. The first joint stands at (0, 0, 2), the second is turned about Z.
fn skinned() -> Fixture {
    let mut fixture = Fixture::triangle();
    fixture.attribute_floats("NORMAL", &[[1.0, 0.0, 0.0]; 3]);
    let joints = [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0];
    fixture.attribute("JOINTS_0", &joints, UNSIGNED_BYTE, "VEC4", 3, false);
    let weights = [255, 0, 0, 0, 255, 0, 0, 0, 51, 51, 0, 0];
    fixture.attribute("WEIGHTS_0", &weights, UNSIGNED_BYTE, "VEC4", 3, true);
    fixture.json["skins"] = json!([{"joints": [1, 2]}]);
    fixture.json["nodes"] = json!([
        {"mesh": 0, "skin": 0, "translation": [100, 0, 0]},
        {"translation": [0, 0, 2]},
        {"rotation": QUARTER_TURN_ABOUT_Z},
    ]);
    fixture.json["scenes"][0]["nodes"] = json!([0, 1, 2]);
    fixture
}

#[test]
fn skinned_meshes_rest_on_their_joints() {
    let mut fixture = skinned();
    let scene = fixture.load().unwrap();
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    let (mesh, place) = (&scene.meshes[0], scene.instances[0].world_from_object);
    let expected = [Vec3::new(0.0, 0.0, 2.0), Vec3::Y, Vec3::new(-0.5, 0.5, 1.0)];
    for (position, expected) in mesh.positions.iter().zip(expected) {
        let p = place.transform_point3(*position);
        assert!(p.abs_diff_eq(expected, 1e-6), "{p} for {expected}");
    }
    assert!(
        mesh.normals[0].abs_diff_eq(Vec3::X, 1e-6) && mesh.normals[1].abs_diff_eq(Vec3::Y, 1e-6)
    );

    // Bound where the joints stand, nothing moves.
    let columns = |x: f32| {
        [
            1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0., x, 0., 0., 1.,
        ]
    };
    let bytes: Vec<u8> = [columns(0.0), columns(-3.0)]
        .as_flattened()
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let inverse_binds = fixture.accessor(&bytes, FLOAT, "MAT4", 2);
    fixture.json["skins"][0]["inverseBindMatrices"] = json!(inverse_binds);
    fixture.json["nodes"][1] = json!({});
    fixture.json["nodes"][2] = json!({"translation": [3, 0, 0]});
    let bound = fixture.load().unwrap();
    assert_eq!(bound.meshes[0].positions, [Vec3::ZERO, Vec3::X, Vec3::Y]);
}

#[test]
fn broken_skins_are_told() {
    let mut fixture = skinned();
    fixture.json["scenes"][0]["nodes"] = json!([0, 1]);
    let scene = fixture.load().unwrap();
    assert_eq!(scene.instances[0].world_from_object.translation.x, 100.0);
    assert!(
        fixture.warnings(&scene)[0].starts_with("scene.glb: /nodes/0/skin: not all of its joints")
    );
    let mut fixture = skinned();
    fixture.json["skins"][0]["joints"] = json!([1]);
    assert!(
        fixture
            .error()
            .contains("/attributes/JOINTS_0: names joint 1, but there are 1")
    );
    fixture.json["nodes"][0]["skin"] = json!(5);
    assert!(
        fixture
            .error()
            .contains("/nodes/0/skin: there is no skin 5")
    );
    let mut fixture = skinned();
    let one = fixture.accessor(&[0; 64], FLOAT, "MAT4", 1);
    fixture.json["skins"][0]["inverseBindMatrices"] = json!(one);
    assert!(
        fixture
            .error()
            .contains("/skins/0/inverseBindMatrices: has 1 matrices for 2 joints")
    );
}
