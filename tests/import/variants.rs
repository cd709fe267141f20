//! `KHR_materials_variants`.

use crate::fixture::Fixture;
use serde_json::json;
use skywell::scene::gltf::{Error, LoadOptions};

fn fixture() -> Fixture {
    let mut fixture = Fixture::triangle();
    fixture.json["materials"] = json!([{"name": "plain"}, {"name": "ruby"}, {"name": "jade"}]);
    fixture.json["extensions"] = json!({
        "KHR_materials_variants": {"variants": [{"name": "red"}, {"name": "green"}, {"name": "other"}]}
    });
    fixture.primitive()["material"] = json!(0);
    fixture.primitive()["extensions"] = json!({"KHR_materials_variants": {"mappings": [
        {"material": 1, "variants": [0]},
        {"material": 2, "variants": [7, 1]},
    ]}});
    fixture
}

fn worn(fixture: &Fixture, variant: Option<&str>) -> Result<String, Error> {
    let options = LoadOptions {
        variant: variant.map(str::to_owned),
        ..LoadOptions::default()
    };
    let scene = fixture.load_with(&options)?;
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    Ok(scene.materials[scene.instances[0].material.0 as usize]
        .name
        .clone())
}

#[test]
fn a_variant_changes_what_it_names() {
    let mut fixture = fixture();
    fixture.json["extensionsUsed"] = json!(["KHR_materials_variants"]);
    for (variant, expected) in [
        (None, "plain"),
        (Some("red"), "ruby"),
        (Some("green"), "jade"),
        (Some("1"), "jade"),
        (Some("other"), "plain"),
    ] {
        assert_eq!(worn(&fixture, variant).unwrap(), expected);
    }
}

#[test]
fn unknown_variants_are_wrong_usage() {
    let mut fixture = fixture();
    let error = worn(&fixture, Some("blue")).unwrap_err();
    assert!(error.is_usage());
    assert_eq!(
        fixture.message(error),
        "scene.glb: no variant \"blue\"; there are: 0 \"red\", 1 \"green\", 2 \"other\""
    );
    fixture.json.as_object_mut().unwrap().remove("extensions");
    let error = worn(&fixture, Some("red")).unwrap_err();
    assert_eq!(
        fixture.message(error),
        "scene.glb: no variant \"red\"; the file has none"
    );
}

#[test]
fn broken_mappings_name_the_property() {
    let mut fixture = fixture();
    let at = "/meshes/0/primitives/0/extensions/KHR_materials_variants/mappings/0";
    let mapping = &mut fixture.json.pointer_mut(at).unwrap();
    mapping["variants"] = json!(["red"]);
    let message = fixture.message(worn(&fixture, Some("red")).unwrap_err());
    assert!(
        message.contains(&format!("{at}/variants: holds what is no")),
        "{message}"
    );
    *fixture.json.pointer_mut(at).unwrap() = json!({"variants": [0]});
    let message = fixture.message(worn(&fixture, Some("red")).unwrap_err());
    assert!(
        message.contains(&format!("{at}/material: missing")),
        "{message}"
    );
}
