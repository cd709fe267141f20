//! Everything that can be wrong with a request: the message names it, and the exit code sorts it.

use crate::place::{Ended, Place};
use crate::scene;

/// Wrong usage.
const USAGE: i32 = 2;
/// Failed for good.
const FAILED: i32 = 1;

/// The run fails with this code and an error that has all of `parts`, and writes nothing.
fn expect(place: &Place, words: &str, code: i32, parts: &[&str]) {
    let before = place.names();
    let words: Vec<&str> = words.split_whitespace().collect();
    let Ended { code: was, said } = place.run(&words);
    assert_eq!(was, code, "{words:?}: {said}");
    let error = said
        .lines()
        .find(|l| l.to_lowercase().starts_with("error: "));
    let error = error.unwrap_or_else(|| panic!("{words:?}: no error in {said}"));
    for part in parts {
        assert!(error.contains(part), "{words:?}: {part} is not in {error}");
    }
    assert_eq!(place.names(), before, "{words:?}");
}

#[test]
fn values_out_of_range_are_wrong_usage() {
    let place = Place::with_scene(&scene::lit());
    for (flags, part) in [
        ("--spp 0", "1..=1048576"),
        ("--spp many", "--spp"),
        ("--size 960", "like 960x540"),
        ("--size 0x9", "1 to 32768"),
        ("--region 0,0,0,9", "X0 must be less than X1"),
        ("--region 1,2", "four whole numbers"),
        ("--max-depth -1", "unexpected argument '-1'"),
        ("--max-depth 1025", "0..=1024"),
        ("--seed 4294967296", "--seed"),
        ("--threads 0", "1 to 1024"),
        ("--exposure 99", "-32 to 32"),
        ("--view raw", "--view"),
        ("--filter tent", "--filter"),
        ("--background maybe", "--background"),
        ("--multiscatter 1", "--multiscatter"),
        ("--progress loud", "--progress"),
        ("--backend fpga", "--backend"),
        ("--png-bits 12", "--png-bits"),
        ("--environment e.hdr --environment-strength -1", "0 or more"),
        ("--environment e.hdr --environment-rotation nan", "finite"),
        ("--nonsense", "--nonsense"),
    ] {
        expect(&place, &format!("scene.gltf {flags}"), USAGE, &[part]);
    }
}

#[test]
fn flags_that_need_another_say_so() {
    let place = Place::with_scene(&scene::lit());
    let Ended { code, said } = place.run(&["scene.gltf", "--environment-rotation", "90"]);
    assert_eq!(code, USAGE);
    assert!(said.contains("--environment <FILE>"), "{said}");
}

#[test]
fn requests_that_contradict_the_scene_are_wrong_usage() {
    let place = Place::with_scene(&scene::lit());
    let cameras = r#"there are: 0 "front", 1 "wide""#;
    expect(
        &place,
        "scene.gltf --camera 2",
        USAGE,
        &["no camera \"2\"", cameras],
    );
    expect(
        &place,
        "scene.gltf --camera back",
        USAGE,
        &["no camera \"back\"", cameras],
    );
    let scene = ["scene.gltf", "no scene \"1\"", "the only scene has index 0"];
    expect(&place, "scene.gltf --scene-index 1", USAGE, &scene);
    let region = "scene.gltf --size 8x4 --region 0,0,9,4";
    expect(&place, region, USAGE, &["0,0,9,4", "8x4"]);
    let bare = Place::with_scene(&scene::bare().to_string());
    let without = ["no camera \"0\"", "the scene has no camera"];
    expect(&bare, "scene.gltf --camera 0", USAGE, &without);
}

#[test]
fn devices_are_chosen_by_those_that_ask_for_gpus() {
    let place = Place::with_scene(&scene::lit());
    let parts = ["--devices", "--backend gpu"];
    expect(&place, "scene.gltf --devices 0", USAGE, &parts);
}

#[test]
fn names_that_make_no_picture_are_wrong_usage() {
    let place = Place::with_scene(&scene::lit());
    let formats = ["x.tiff", ".exr or .png"];
    expect(&place, "scene.gltf -o x.tiff", USAGE, &formats);
    expect(&place, "scene.gltf --variance --spp 1", USAGE, &["--spp 2"]);
    std::fs::write(place.path("sky.exr"), b"sky").unwrap();
    let words = "scene.gltf --environment sky.exr -o sky.exr";
    expect(&place, words, USAGE, &["sky.exr", "overwrite", "--output"]);
    let words = "scene.gltf --stats scene.gltf";
    expect(&place, words, USAGE, &["scene.gltf", "--stats"]);
}

#[test]
fn inputs_that_cannot_be_read_fail() {
    let place = Place::with_scene("{}");
    expect(&place, "none.glb", FAILED, &["none.glb", "No such file"]);
    expect(&place, "scene.gltf", FAILED, &["scene.gltf", "/asset"]);
    let place = Place::with_scene(&scene::lit());
    let words = "scene.gltf --environment none.hdr";
    expect(&place, words, FAILED, &["none.hdr", "No such file"]);
    std::fs::write(place.path("torn.hdr"), b"#?RADIANCE\n").unwrap();
    let words = "scene.gltf --environment torn.hdr";
    expect(&place, words, FAILED, &["torn.hdr"]);
}

#[test]
fn outputs_are_proved_before_the_scene_is_read() {
    let place = Place::with_scene("not a scene");
    let words = "scene.gltf -o no/where.exr";
    expect(&place, words, FAILED, &["no/where.exr", "no directory no"]);
    let words = "scene.gltf --stats no/where.json";
    expect(&place, words, FAILED, &["no/where.json", "no directory no"]);
    std::fs::create_dir(place.path("taken.exr")).unwrap();
    let words = "scene.gltf -o taken.exr";
    expect(&place, words, FAILED, &["taken.exr", "not a file"]);
}
