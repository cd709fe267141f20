//! Animations of nodes, skins and morph targets, against closed forms.

use crate::fixture::{FLOAT, Fixture, SHORT, UNSIGNED_BYTE, push};
use glam::{Affine3A, Quat, Vec3, Vec4};
use serde_json::{Value, json};
use skywell::scene::Scene;
use skywell::scene::gltf::{Error, LoadOptions};

/// The scene at `time`, with the animations that are applied by default.
pub fn at(fixture: &Fixture, time: f64) -> Scene {
    fixture.load_with(&moment(time)).unwrap()
}

fn moment(time: f64) -> LoadOptions {
    LoadOptions {
        time: Some(time),
        ..LoadOptions::default()
    }
}

/// The scene at `time` of `animation`.
fn of(fixture: &Fixture, animation: &str, time: f64) -> Result<Scene, Error> {
    fixture.load_with(&LoadOptions {
        animation: Some(animation.into()),
        ..moment(time)
    })
}

/// Adds an animation of one channel; its keyframes are one second apart, from 1.
pub fn animate<const N: usize>(
    fixture: &mut Fixture,
    target: Value,
    interpolation: &str,
    values: &[[f32; N]],
) -> usize {
    let elements = if interpolation == "CUBICSPLINE" { 3 } else { 1 };
    let output = fixture.floats(values);
    animate_by(
        fixture,
        target,
        interpolation,
        values.len() / elements,
        output,
    )
}

fn animate_by(
    fixture: &mut Fixture,
    target: Value,
    interpolation: &str,
    n_keys: usize,
    output: usize,
) -> usize {
    let times: Vec<[f32; 1]> = (0..n_keys).map(|i| [1.0 + i as f32]).collect();
    let input = fixture.floats(&times);
    if fixture.json["animations"].is_null() {
        fixture.json["animations"] = json!([]);
    }
    let animation = json!({
        "channels": [{"sampler": 0, "target": target}],
        "samplers": [{"input": input, "output": output, "interpolation": interpolation}],
    });
    push(&mut fixture.json["animations"], animation)
}

fn node(path: &str) -> Value {
    json!({"node": 0, "path": path})
}

fn place(scene: &Scene) -> Affine3A {
    scene.instances[0].world_from_object
}

#[test]
fn translation_rotation_and_scale_move_together() {
    let mut fixture = Fixture::triangle();
    let (sin, cos) = (0.6, 0.8);
    animate(
        &mut fixture,
        node("translation"),
        "LINEAR",
        &[[0.0; 3], [4.0, 0.0, -8.0]],
    );
    animate(
        &mut fixture,
        node("scale"),
        "LINEAR",
        &[[1.0; 3], [3.0, 1.0, 1.0]],
    );
    let rotations = [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, sin, cos]];
    animate(&mut fixture, node("rotation"), "LINEAR", &rotations);
    let angle = 2.0 * f32::atan2(sin, cos);
    for share in [0.0, 0.25, 0.5, 1.0_f32] {
        let expected = Affine3A::from_scale_rotation_translation(
            Vec3::new(1.0 + 2.0 * share, 1.0, 1.0),
            Quat::from_rotation_z(angle * share),
            Vec3::new(4.0, 0.0, -8.0) * share,
        );
        let scene = at(&fixture, 1.0 + f64::from(share));
        assert!(place(&scene).abs_diff_eq(expected, 1e-6), "{share}");
        assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    }
}

#[test]
fn without_a_time_everything_rests() {
    let mut fixture = Fixture::triangle();
    animate(&mut fixture, node("translation"), "STEP", &[[5.0; 3]]);
    let scene = fixture.load().unwrap();
    assert_eq!(place(&scene), Affine3A::IDENTITY);
    assert!(scene.is_at_rest && scene.warnings.is_empty());
    assert!(!at(&fixture, 1.0).is_at_rest);
}

#[test]
fn normalized_integers_rotate() {
    let mut fixture = Fixture::triangle();
    let quarter = (32767.0 * std::f32::consts::FRAC_1_SQRT_2).round() as i16;
    let values: Vec<u8> = [0, 0, 0, 32767, 0, quarter, 0, quarter]
        .iter()
        .flat_map(|v: &i16| v.to_le_bytes())
        .collect();
    let output = fixture.accessor(&values, SHORT, "VEC4", 2);
    fixture.json["accessors"][output]["normalized"] = json!(true);
    animate_by(&mut fixture, node("rotation"), "LINEAR", 2, output);
    let turned = place(&at(&fixture, 1.5)).transform_vector3(Vec3::X);
    let expected = Quat::from_rotation_y(std::f32::consts::FRAC_PI_4) * Vec3::X;
    assert!(turned.abs_diff_eq(expected, 1e-4), "{turned}");
}

#[test]
fn splines_of_rotations_are_unit() {
    let mut fixture = Fixture::triangle();
    let identity = [0.0, 0.0, 0.0, 1.0];
    let half = [0.0, 0.0, 1.0, 0.0];
    let still = [0.0; 4];
    let keys = [still, identity, still, still, half, still];
    animate(&mut fixture, node("rotation"), "CUBICSPLINE", &keys);
    // Half way both weigh the same, which normalised is a quarter turn.
    let turned = place(&at(&fixture, 1.5)).transform_vector3(Vec3::X);
    assert!(turned.abs_diff_eq(Vec3::Y, 1e-6), "{turned}");
}

#[test]
fn children_lights_and_cameras_follow() {
    let mut fixture = Fixture::triangle();
    fixture.json["nodes"] = json!([
        {"children": [1]},
        {"mesh": 0, "camera": 0, "translation": [1, 0, 0], "extensions": {"KHR_lights_punctual": {"light": 0}}},
    ]);
    fixture.json["cameras"] =
        json!([{"type": "perspective", "perspective": {"yfov": 1, "znear": 1}}]);
    fixture.json["extensions"] = json!({"KHR_lights_punctual": {"lights": [{"type": "point"}]}});
    animate(
        &mut fixture,
        node("translation"),
        "LINEAR",
        &[[0.0; 3], [0.0, 2.0, 0.0]],
    );
    let scene = at(&fixture, 1.5);
    let expected = Vec3::new(1.0, 1.0, 0.0);
    assert_eq!(Vec3::from(place(&scene).translation), expected);
    assert_eq!(scene.lights[0].position, expected);
    assert_eq!(
        Vec3::from(scene.cameras[0].world_from_camera.translation),
        expected
    );
}

/// A triangle on two joints, of which node 2 turns about z.
fn skinned() -> Fixture {
    let mut fixture = Fixture::triangle();
    fixture.attribute_floats("NORMAL", &[[0.0, 0.0, 1.0]; 3]);
    fixture.json["nodes"] = json!([{"mesh": 0, "skin": 0}, {}, {}]);
    fixture.json["scenes"] = json!([{"nodes": [0, 1, 2]}]);
    fixture.json["skins"] = json!([{"joints": [1, 2]}]);
    fixture.attribute(
        "JOINTS_0",
        &[0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0],
        UNSIGNED_BYTE,
        "VEC4",
        3,
        false,
    );
    fixture.attribute_floats(
        "WEIGHTS_0",
        &[
            [1.0, 0.0, 0.0, 0.0],
            [1.0, 0.0, 0.0, 0.0],
            [0.5, 0.5, 0.0, 0.0],
        ],
    );
    fixture
}

#[test]
fn joints_bend_by_their_weights() {
    let mut fixture = skinned();
    let (sin, cos) = (
        std::f32::consts::FRAC_1_SQRT_2,
        std::f32::consts::FRAC_1_SQRT_2,
    );
    animate(
        &mut fixture,
        json!({"node": 2, "path": "rotation"}),
        "LINEAR",
        &[[0.0, 0.0, 0.0, 1.0], [sin, 0.0, 0.0, cos]],
    );
    // A quarter turn about x: y to z.
    let scene = at(&fixture, 2.0);
    let expected = [Vec3::ZERO, Vec3::X, Vec3::new(0.0, 0.5, 0.5)];
    for (position, expected) in scene.meshes[0].positions.iter().zip(expected) {
        assert!(position.abs_diff_eq(expected, 1e-6), "{position}");
    }
    // Only the last vertex hangs on the turned joint, by half: its matrix is (1 + R) / 2, whose
    // inverse transpose takes z to the direction of −y + z.
    let normals = &scene.meshes[0].normals;
    assert_eq!(normals[0], Vec3::Z);
    assert!(normals[2].abs_diff_eq(Vec3::new(0.0, -1.0, 1.0).normalize(), 1e-6));
}

#[test]
fn joints_beyond_the_first_four_bend_too() {
    let mut fixture = skinned();
    fixture.attribute(
        "JOINTS_1",
        &[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0],
        UNSIGNED_BYTE,
        "VEC4",
        3,
        false,
    );
    fixture.attribute_floats("WEIGHTS_1", &[[1.0, 0.0, 0.0, 0.0]; 3]);
    animate(
        &mut fixture,
        json!({"node": 2, "path": "translation"}),
        "LINEAR",
        &[[0.0; 3], [0.0, 0.0, 8.0]],
    );
    // The shares of the moved joint: 1/2, 1 and 3/4.
    let z: Vec<f32> = at(&fixture, 2.0).meshes[0]
        .positions
        .iter()
        .map(|p| p.z)
        .collect();
    assert_eq!(z, [4.0, 8.0, 6.0]);
}

#[test]
fn flat_normals_follow_what_is_bent() {
    let mut fixture = skinned();
    fixture.primitive()["attributes"]
        .as_object_mut()
        .unwrap()
        .remove("NORMAL");
    animate(
        &mut fixture,
        json!({"node": 2, "path": "translation"}),
        "STEP",
        &[[0.0, 0.0, 2.0]],
    );
    let mesh = &at(&fixture, 1.0).meshes[0];
    assert_eq!(
        mesh.positions,
        [
            Vec3::ZERO,
            Vec3::new(1.0, 0.0, 2.0),
            Vec3::new(0.0, 1.0, 1.0)
        ]
    );
    let expected = Vec3::new(-2.0, -1.0, 1.0).normalize();
    assert!(
        mesh.normals.iter().all(|n| n.abs_diff_eq(expected, 1e-6)),
        "{:?}",
        mesh.normals
    );
}

#[test]
fn tangents_are_made_before_the_mesh_bends() {
    let mut fixture = Fixture::square();
    fixture.textures(1);
    fixture.material(json!({"normalTexture": {"index": 0}}));
    fixture.json["nodes"] = json!([{"mesh": 0, "skin": 0}, {"scale": [1, 5, 1]}]);
    fixture.json["scenes"] = json!([{"nodes": [0, 1]}]);
    fixture.json["skins"] = json!([{"joints": [1]}]);
    fixture.attribute("JOINTS_0", &[0; 16], UNSIGNED_BYTE, "VEC4", 4, false);
    fixture.attribute_floats("WEIGHTS_0", &[[1.0, 0.0, 0.0, 0.0]; 4]);
    // Coordinates turned by 45°: what follows u in the resting square, and is then stretched.
    let accessor = fixture.floats(&[[0.0, 0.0], [1.0, 1.0], [0.0, 2.0], [-1.0, 1.0]]);
    fixture.primitive()["attributes"]["TEXCOORD_0"] = json!(accessor);
    let mesh = &fixture.load().unwrap().meshes[0];
    let expected = Vec3::new(1.0, -5.0, 0.0).normalize();
    for tangent in &mesh.tangents {
        assert!(tangent.truncate().abs_diff_eq(expected, 1e-6), "{tangent}");
    }
}

/// A square whose two morph targets move every attribute.
fn morphed() -> Fixture {
    let mut fixture = Fixture::square();
    fixture.textures(1);
    fixture.material(json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}));
    fixture.attribute_floats("COLOR_0", &[[0.5, 0.25, 0.0]; 4]);
    let targets = [
        json!({
            "POSITION": fixture.floats(&[[0.0, 0.0, 1.0]; 4]),
            "NORMAL": fixture.floats(&[[1.0, 0.0, 0.0]; 4]),
            "TEXCOORD_0": fixture.floats(&[[0.5, 0.25]; 4]),
            "COLOR_0": fixture.floats(&[[0.25, 1.0, -1.0]; 4]),
        }),
        json!({
            "POSITION": fixture.floats(&[[0.0, 2.0, 0.0]; 4]),
            "COLOR_0": fixture.floats(&[[0.0, 0.0, 0.0, -0.5]; 4]),
        }),
    ];
    fixture.primitive()["targets"] = json!(targets);
    fixture
}

#[test]
fn weights_move_every_attribute() {
    let mut fixture = morphed();
    let output = fixture.floats(&[[0.0], [0.0], [1.0], [0.5]]);
    animate_by(&mut fixture, node("weights"), "LINEAR", 2, output);
    let mesh = &at(&fixture, 2.0).meshes[0];
    assert_eq!(mesh.positions[0], Vec3::new(0.0, 1.0, 1.0));
    assert!(mesh.normals[0].abs_diff_eq(Vec3::new(1.0, 0.0, 1.0).normalize(), 1e-6));
    assert_eq!(mesh.texcoords[0][0].to_array(), [0.5, 1.25]);
    assert_eq!(mesh.colors[0], Vec4::new(0.75, 1.0, 0.0, 0.75));
    let half = &at(&fixture, 1.5).meshes[0];
    assert_eq!(half.positions[0], Vec3::new(0.0, 0.5, 0.5));
    assert_eq!(half.colors[0], Vec4::new(0.625, 0.75, 0.0, 0.875));
}

#[test]
fn splines_of_weights_keep_tangents_and_values_apart() {
    let mut fixture = morphed();
    // Two keyframes of in-tangents, values and out-tangents, each for two targets.
    let values = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0].map(|v| [v]);
    let output = fixture.floats(&values);
    animate_by(&mut fixture, node("weights"), "CUBICSPLINE", 2, output);
    // The first weight has only its slope of 1 at the start: t³ − 2t² + t.
    let mesh = &at(&fixture, 1.5).meshes[0];
    assert_eq!(mesh.positions[0], Vec3::new(0.0, 2.0, 0.125));
}

#[test]
fn what_moves_alike_shares_its_geometry() {
    let mut fixture = morphed();
    fixture.json["nodes"] = json!([{"mesh": 0}, {"mesh": 0}, {"mesh": 0}]);
    fixture.json["scenes"] = json!([{"nodes": [0, 1, 2]}]);
    let output = fixture.floats(&[[0.0], [0.0], [1.0], [0.5]]);
    animate_by(&mut fixture, node("weights"), "LINEAR", 2, output);
    assert_eq!(at(&fixture, 1.0).meshes.len(), 1);
    let moved = at(&fixture, 2.0);
    assert_eq!((moved.meshes.len(), moved.instances.len()), (2, 3));
    assert_eq!(moved.instances[1].mesh, moved.instances[2].mesh);
}

#[test]
fn animations_are_chosen_by_name_or_index() {
    let mut fixture = Fixture::triangle();
    for (i, name) in ["walk", "run"].into_iter().enumerate() {
        let value = [[1.0 + i as f32, 0.0, 0.0]];
        animate(&mut fixture, node("translation"), "STEP", &value);
        fixture.json["animations"][i]["name"] = json!(name);
    }
    let x = |scene: &Scene| place(scene).translation.x;
    for (wanted, expected) in [("walk", 1.0), ("run", 2.0), ("1", 2.0), ("all", 2.0)] {
        let scene = of(&fixture, wanted, 1.0).unwrap();
        assert_eq!(
            (x(&scene), scene.warnings.len()),
            (expected, usize::from(wanted == "all"))
        );
    }
    let first = at(&fixture, 1.0);
    assert_eq!(x(&first), 1.0);
    assert_eq!(
        fixture.warnings(&first),
        [
            "scene.glb: /animations: several animations move /nodes/0/translation; only the first is shown: choose with --animation"
        ]
    );
    let error = of(&fixture, "jump", 1.0).unwrap_err();
    assert!(error.is_usage());
    assert_eq!(
        fixture.message(error),
        "scene.glb: no animation \"jump\"; there are: 0 \"walk\", 1 \"run\""
    );
}

#[test]
fn a_time_without_animations_is_remarked() {
    let fixture = Fixture::triangle();
    let scene = at(&fixture, 3.0);
    assert_eq!(
        fixture.warnings(&scene),
        ["scene.glb: /animations: the file has no animations; it is the same at all times"]
    );
    let error = of(&fixture, "walk", 0.0).unwrap_err();
    assert_eq!(
        fixture.message(error),
        "scene.glb: no animation \"walk\"; the file has none"
    );
}

#[test]
fn a_node_with_a_matrix_rests() {
    let mut fixture = Fixture::triangle();
    fixture.json["nodes"][0]["matrix"] = json!([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]);
    animate(&mut fixture, node("translation"), "STEP", &[[9.0; 3]]);
    let scene = at(&fixture, 1.0);
    assert_eq!(place(&scene), Affine3A::from_scale(Vec3::splat(2.0)));
    assert!(scene.warnings[0].contains("the node has a matrix, which cannot be animated"));
}

#[test]
fn broken_animations_name_the_property() {
    let cases: [(&str, Value, &str); 8] = [
        ("/animations", json!({}), "/animations: is no array"),
        (
            "/animations/0/channels/0/sampler",
            json!(1),
            "/animations/0/channels/0/sampler: there is no sampler 1",
        ),
        (
            "/animations/0/channels/0/target",
            json!({"node": 0}),
            "/animations/0/channels/0/target/path: missing",
        ),
        (
            "/animations/0/samplers/0/interpolation",
            json!("SLERP"),
            "/animations/0/samplers/0/interpolation: \"SLERP\" is neither",
        ),
        (
            "/animations/0/samplers/0/interpolation",
            json!("CUBICSPLINE"),
            "/animations/0/samplers/0/output: has 6 numbers where 2 keyframes want 18",
        ),
        (
            "/animations/0/samplers/0/input",
            json!(99),
            "/animations/0/samplers/0/input: there is no accessor 99",
        ),
        (
            "/animations/0/channels/0/target/path",
            json!("rotation"),
            "/type: has 3 components where /animations/0/samplers/0/output has 4",
        ),
        ("/accessors/1/count", json!(3), "3 elements end"),
    ];
    for (pointer, value, expected) in cases {
        let mut fixture = Fixture::triangle();
        animate(
            &mut fixture,
            node("translation"),
            "LINEAR",
            &[[0.0; 3], [1.0; 3]],
        );
        *fixture.json.pointer_mut(pointer).unwrap() = value;
        let message = fixture.message(fixture.load_with(&moment(1.5)).unwrap_err());
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn times_must_not_fall_or_be_nothing() {
    for (times, expected) in [
        (
            vec![[1.0], [0.5]],
            "keyframe 1 is earlier than the one before it",
        ),
        (vec![[0.0], [f32::NAN]], "holds times that are not finite"),
    ] {
        let mut fixture = Fixture::triangle();
        animate(
            &mut fixture,
            node("translation"),
            "LINEAR",
            &[[0.0; 3], [1.0; 3]],
        );
        let input = fixture.floats(&times);
        fixture.json["animations"][0]["samplers"][0]["input"] = json!(input);
        let message = fixture.message(fixture.load_with(&moment(1.5)).unwrap_err());
        assert!(message.contains(expected), "{message}");
    }
    let mut fixture = Fixture::triangle();
    let nothing = fixture.accessor(&[], FLOAT, "SCALAR", 0);
    animate(&mut fixture, node("translation"), "LINEAR", &[[0.0; 3]]);
    fixture.json["animations"][0]["samplers"][0]["input"] = json!(nothing);
    let message = fixture.message(fixture.load_with(&moment(1.5)).unwrap_err());
    assert!(message.contains("has no keyframes"), "{message}");
}
