//! Devices: listing them, rendering on them, and having none.

use std::process::Command;

use skywell::image::exr::Attribute;

use crate::place::{Place, SKYWELL};
use crate::scene;

/// Where drivers are looked for on Linux, turned to where there is none.
const NOWHERE: [(&str, &str); 2] = [
    ("VK_ICD_FILENAMES", "/nowhere"),
    ("VK_DRIVER_FILES", "/nowhere"),
];

fn list() -> String {
    let output = Command::new(SKYWELL).arg("devices").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn devices_are_listed() {
    let list = list();
    assert!(
        list.starts_with("0: ") || list.starts_with("No GPU: "),
        "{list}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_device_it_is_said_and_nothing_is_written() {
    let place = Place::with_scene(&scene::lit());
    let mut command = place.command(&["scene.gltf", "--backend", "gpu"]);
    let output = command.envs(NOWHERE).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no GPU"), "{said}");
    assert!(said.contains("--backend cpu"), "{said}");
    assert_eq!(place.names(), ["scene.gltf"]);
}

#[test]
fn the_device_is_in_the_picture_and_in_the_statistics() {
    if !list().contains("renders scenes") {
        assert!(
            std::env::var_os("SKYWELL_REQUIRE_GPU").is_none(),
            "no GPU that can render"
        );
        println!("skipped: no GPU that can render");
        return;
    }
    let place = Place::with_scene(&scene::lit());
    let said = place.render("--size 8x4 --spp 2 --backend gpu --stats stats.json");
    let stats: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.path("stats.json")).unwrap()).unwrap();
    assert_eq!(stats["backend"], "gpu");
    assert_eq!(stats["paths"], 64);
    let device = stats["devices"][0].as_str().unwrap().to_owned();
    assert!(
        said.contains(&format!("Rendering on {device}.")),
        "{device}: {said}"
    );
    let exr = place.exr("scene.exr");
    assert_eq!(
        exr.attributes.get("skywell:devices"),
        Some(&Attribute::TextList(vec![device]))
    );
}

#[test]
fn an_unknown_device_is_wrong_usage() {
    let place = Place::with_scene(&scene::lit());
    let ended = place.run(&[
        "scene.gltf",
        "--backend",
        "gpu",
        "--devices",
        "no such device",
    ]);
    // without any GPU that is what is said instead
    let expected = if ended.said.contains("there is no GPU") {
        1
    } else {
        2
    };
    assert_eq!(ended.code, expected, "{}", ended.said);
}

#[test]
fn a_limit_on_memory_names_what_is_too_large() {
    let place = Place::with_scene(&scene::lit());
    let ended = place.run(&[
        "scene.gltf",
        "--size",
        "4096x4096",
        "--spp",
        "1",
        "--backend",
        "cpu",
        "--max-memory",
        "64M",
    ]);
    assert_eq!(ended.code, 1, "{}", ended.said);
    assert!(ended.said.contains("is the film"), "{}", ended.said);
    assert!(
        ended.said.contains("--max-memory is 67108864"),
        "{}",
        ended.said
    );
    assert_eq!(place.names(), ["scene.gltf"]);
}
