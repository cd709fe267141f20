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

/// Who renders when nobody says who should, and why, in one line.
fn chosen(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let chosen = said
        .lines()
        .filter(|line| line.starts_with("Rendering on "));
    let chosen: Vec<&str> = chosen.collect();
    assert_eq!(chosen.len(), 1, "{said}");
    chosen[0].to_owned()
}

#[test]
fn auto_says_what_it_takes_and_why() {
    let place = Place::with_scene(&scene::lit());
    let words = [
        "scene.gltf",
        "--size",
        "8x4",
        "--spp",
        "1",
        "--backend",
        "auto",
    ];
    let said = chosen(&mut place.command(&words));
    let reasons = [
        "the first GPU that can",
        "has no GPU",
        "there is no GPU but",
        " cannot (",
    ];
    assert!(reasons.iter().any(|why| said.contains(why)), "{said}");
    // what is chosen by itself is no software, be it called a GPU
    let software = list().lines().all(|line| !line.contains("GPU, "));
    assert!(
        !software || said.starts_with("Rendering on the CPU: "),
        "{said}"
    );
    if cfg!(target_os = "linux") {
        let said = chosen(place.command(&words).envs(NOWHERE));
        assert!(said.starts_with("Rendering on the CPU: "), "{said}");
    }
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
