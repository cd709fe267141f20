//! EXT_mesh_gpu_instancing.

use crate::fixture::*;
use glam::{Mat3, Quat, Vec3};
use serde_json::json;

const NAME: &str = "EXT_mesh_gpu_instancing";

/// A triangle whose node, at (0, 0, 5), makes as many copies as there are translations.
fn copies(translations: &[[f32; 3]]) -> Fixture {
    let mut fixture = Fixture::triangle();
    let index = fixture.floats(translations);
    fixture.json["nodes"] = json!([{"mesh": 0, "translation": [0, 0, 5]}]);
    fixture.json["nodes"][0]["extensions"] = json!({NAME: {"attributes": {"TRANSLATION": index}}});
    fixture.json["extensionsRequired"] = json!([NAME]);
    fixture
}

fn with(fixture: &mut Fixture, name: &str, accessor: usize) {
    fixture.json["nodes"][0]["extensions"][NAME]["attributes"][name] = json!(accessor);
}

#[test]
fn copies_stand_where_the_attributes_say() {
    let mut fixture = copies(&[[1.0, 2.0, 3.0], [-1.0, 0.0, 0.0]]);
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let turns = fixture.floats(&[[0.0, 0.0, half, half], [0.0, 0.0, 0.0, 2.0]]);
    with(&mut fixture, "ROTATION", turns);
    let scales = fixture.floats(&[[2.0, 3.0, 4.0], [1.0; 3]]);
    with(&mut fixture, "SCALE", scales);
    let ids = fixture.accessor(&[1, 2], UNSIGNED_BYTE, "SCALAR", 2);
    with(&mut fixture, "_ID", ids);
    let scene = fixture.load().unwrap();
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    assert_eq!((scene.meshes.len(), scene.instances.len()), (1, 2));
    let place = scene.instances[0].world_from_object;
    let p = place.transform_point3(Vec3::ONE);
    assert!(p.abs_diff_eq(Vec3::new(-2.0, 4.0, 12.0), 1e-5), "{p}");
    let other = scene.instances[1].world_from_object;
    assert_eq!(Vec3::from(other.translation), Vec3::new(-1.0, 0.0, 5.0));
    assert!(Mat3::from(other.matrix3).abs_diff_eq(Mat3::IDENTITY, 1e-6));
    let [a, b] = [scene.instances[0].node, scene.instances[1].node];
    assert!(
        a != b && a >= 1 && b >= 1,
        "each copy bounds a solid of its own: {a} {b}"
    );
}

#[test]
fn rotations_may_be_quantised() {
    let quarter = Quat::from_rotation_y(1.0).to_array();
    for (component, high) in [(BYTE, 127.0), (SHORT, 32767.0)] {
        let mut fixture = copies(&[[0.0; 3]]);
        let size = if component == BYTE { 1 } else { 2 };
        let values = quarter.map(|x| (x * high).round() as i16);
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|v| v.to_le_bytes()[..size].to_vec())
            .collect();
        let turns = fixture.accessor(&bytes, component, "VEC4", 1);
        fixture.json["accessors"][turns]["normalized"] = json!(true);
        with(&mut fixture, "ROTATION", turns);
        let found = Mat3::from(
            fixture.load().unwrap().instances[0]
                .world_from_object
                .matrix3,
        );
        let expected = Mat3::from_rotation_y(1.0);
        assert!(
            found.abs_diff_eq(expected, 2.0 / high),
            "{found} for {expected}"
        );
    }
}

#[test]
fn copies_scaled_to_nothing_are_hidden() {
    let mut fixture = copies(&[[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]]);
    let scales = fixture.floats(&[[0.0; 3], [1.0; 3]]);
    with(&mut fixture, "SCALE", scales);
    let scene = fixture.load().unwrap();
    assert_eq!(scene.instances.len(), 1);
    assert_eq!(scene.instances[0].world_from_object.translation.x, 2.0);
    assert!(scene.warnings.is_empty());
}

#[test]
fn every_primitive_is_copied() {
    let mut fixture = copies(&[[0.0; 3]; 3]);
    let primitive = fixture.primitive().clone();
    fixture.json["meshes"][0]["primitives"] = json!([primitive, primitive]);
    assert_eq!(fixture.load().unwrap().instances.len(), 6);
}

#[test]
fn faults_are_located() {
    let at = "scene.glb: /nodes/0/extensions/EXT_mesh_gpu_instancing";
    let cases: [(serde_json::Value, &str); 5] = [
        (json!(7), ": is no object"),
        (json!({}), "/attributes: missing"),
        (
            json!({"attributes": {"_ID": 0}}),
            "/attributes: has neither TRANSLATION",
        ),
        (
            json!({"attributes": {"SCALE": 99}}),
            "/attributes/SCALE: there is no accessor 99",
        ),
        (
            json!({"attributes": {"TRANSLATION": 1, "SCALE": 0}}),
            "/attributes/",
        ),
    ];
    for (extension, message) in cases {
        let mut fixture = copies(&[[0.0; 3]; 2]);
        fixture.json["nodes"][0]["extensions"][NAME] = extension;
        let error = fixture.error();
        assert!(error.starts_with(&format!("{at}{message}")), "{error}");
    }
    let error = copies(&[[0.0; 3], [0.0, f32::NAN, 0.0]]).error();
    assert!(
        error.starts_with(&format!(
            "{at}/attributes/TRANSLATION: element 1 is not finite"
        )),
        "{error}"
    );
    let mut fixture = copies(&[[0.0; 3]]);
    let turns = fixture.floats(&[[0.0; 4]]);
    with(&mut fixture, "ROTATION", turns);
    let error = fixture.error();
    assert!(
        error.starts_with(&format!(
            "{at}/attributes/ROTATION: element 0 is no unit quaternion"
        )),
        "{error}"
    );
}

#[test]
fn copies_out_of_nothing_are_bounded() {
    let mut fixture = copies(&[[0.0; 3]]);
    // No bytes stand behind these: all zeros.
    let zeros = push(
        &mut fixture.json["accessors"],
        json!({"componentType": FLOAT, "type": "VEC3", "count": 1 << 24}),
    );
    with(&mut fixture, "TRANSLATION", zeros);
    let error = fixture.error();
    assert!(
        error.contains("EXT_mesh_gpu_instancing: needs 8589934592 bytes of memory"),
        "{error}"
    );
}
