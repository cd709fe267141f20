//! `skywell info`.

use std::process::Command;

use serde_json::{Value, json};

use crate::place::{Place, SKYWELL};
use crate::scene;

/// Exit code, standard output and standard error of `skywell info` with these words.
fn info(place: &Place, words: &[&str]) -> (i32, String, String) {
    let output = Command::new(SKYWELL)
        .arg("info")
        .args(words)
        .current_dir(place.path("."))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

fn furnished() -> Value {
    let mut scene = scene::bare();
    scene["materials"] = json!([{
        "name": "skin", "glow": 1, "occlusionTexture": {"index": 0},
        "extensions": {"KHR_materials_ior": {"ior": 1.4}, "ACME_fur": {}},
    }]);
    scene["meshes"][0]["primitives"][0]["material"] = json!(0);
    scene["extensionsUsed"] = json!(["KHR_materials_ior", "ACME_fur"]);
    scene["extensions"] = json!({"KHR_materials_variants": {"variants": [{"name": "red"}]}});
    scene
}

#[test]
fn everything_is_listed() {
    let place = Place::with_scene(&furnished().to_string());
    let (code, listed, said) = info(&place, &["scene.gltf"]);
    assert_eq!((code, said.as_str()), (0, ""));
    for line in [
        "scene.gltf",
        "  KHR_materials_ior: honoured",
        "  ACME_fur: ignored; what it adds is left out",
        "  0 \"skin\"",
        "    occlusionTexture: honoured; what surfaces hide from each other is traced",
        "    extensions/KHR_materials_ior/ior: honoured",
        "    extensions/ACME_fur: ignored; what it adds is left out",
        "    glow: ignored; no such property is known",
        "  0 \"red\"",
        "  scene.gltf: /materials/0/glow: is not read; no such property is known",
        "  scene.gltf: /extensionsUsed/1: ACME_fur is not read; what it adds is left out",
    ] {
        assert!(listed.lines().any(|l| l == line), "{line}\n{listed}");
    }
}

#[test]
fn json_says_the_same() {
    let place = Place::with_scene(&furnished().to_string());
    let (code, listed, _) = info(&place, &["scene.gltf", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(code, 0);
    assert_eq!(listed["extensions"][1]["treatment"], "ignored");
    assert_eq!(listed["variants"], json!(["red"]));
    assert_eq!(listed["warnings"].as_array().unwrap().len(), 2);
    assert!(listed["sizes"]["triangles"].as_u64().unwrap() > 0);
    assert!(listed["sizes"]["bounds"][1][0].as_f64().is_some());
}

#[test]
fn strictness_is_an_exit_code() {
    let place = Place::with_scene(&furnished().to_string());
    let (code, _, said) = info(&place, &["scene.gltf", "--strict"]);
    assert_eq!(
        (code, said.as_str()),
        (
            1,
            "Error: scene.gltf: not everything is honoured, as --strict demands\n"
        )
    );
    let place = Place::with_scene(&scene::bare().to_string());
    let (code, _, said) = info(&place, &["scene.gltf", "--strict"]);
    assert_eq!((code, said.as_str()), (0, ""));
}

#[test]
fn the_table_of_extensions_needs_no_scene() {
    let place = Place::with_scene("");
    let (code, table, _) = info(&place, &["--extensions"]);
    assert_eq!(code, 0);
    assert!(
        table.contains("| KHR_materials_ior | honoured |  |\n"),
        "{table}"
    );
    let (code, _, said) = info(&place, &[]);
    assert_eq!(code, 2, "{said}");
    let (code, _, said) = info(&place, &["scene.gltf"]);
    assert_eq!(code, 1);
    assert!(said.starts_with("Error: scene.gltf: no glTF"), "{said}");
}

#[test]
fn packed_scenes_are_looked_into() {
    let place = Place::with_scene(&furnished().to_string());
    let packed = Command::new(SKYWELL)
        .args(["pack", "scene.gltf", "-o", "packs"])
        .current_dir(place.path("."))
        .output()
        .unwrap();
    assert!(packed.status.success());
    let (code, listed, said) = info(&place, &["packs/scene.gltf.pack"]);
    assert_eq!((code, said.as_str()), (0, ""));
    let (_, plain, _) = info(&place, &["scene.gltf"]);
    assert_eq!(listed, plain.replace("scene.gltf", "packs/scene.gltf"));
}
