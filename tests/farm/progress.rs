//! What engines read from standard output, and what they match in standard error.

use crate::place::Place;
use crate::{merge, scene, shards};

fn run(place: &Place, words: &str) -> (i32, String, String) {
    let words: Vec<&str> = words.split(' ').collect();
    let output = place.command(&words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The numbers of progress lines, which must be all of standard output.
fn percents(printed: &str, before: &str, after: &str) -> Vec<f64> {
    printed
        .lines()
        .map(|line| {
            let number = line
                .strip_prefix(before)
                .and_then(|l| l.strip_suffix(after));
            number.unwrap_or_else(|| panic!("{line}")).parse().unwrap()
        })
        .collect()
}

#[test]
fn engines_read_rising_percents() {
    let place = Place::with_scene(&scene::lit());
    for (how, before, after) in [
        ("openjd", "openjd_progress: ", ""),
        ("alf", "ALF_PROGRESS ", "%"),
    ] {
        let words =
            format!("scene.gltf --size 16x8 --spp 2 --frames 1-4 -o {how}.#.exr --progress {how}");
        // That nothing moves is said once, not for every frame; the second time all frames are there already, with the
        // warning in them.
        for warnings in [1, 0] {
            let (code, printed, said) = run(&place, &words);
            assert_eq!(code, 0, "{said}");
            assert!(!said.contains("Error:"), "{said}");
            assert_eq!(said.matches("Warning").count(), warnings, "{said}");
            let percents = percents(&printed, before, after);
            assert!(percents.is_sorted() && percents.len() >= 4, "{percents:?}");
            assert_eq!(percents.last(), Some(&100.0));
        }
    }
}

#[test]
fn a_failure_is_told_to_open_job_description() {
    let place = Place::with_scene(&scene::lit());
    let (code, printed, said) = run(&place, "missing.gltf --progress openjd");
    assert_eq!(code, 1, "{said}");
    let reason = printed
        .lines()
        .last()
        .unwrap()
        .strip_prefix("openjd_fail: ");
    assert!(reason.unwrap().contains("missing.gltf"), "{printed}");
    assert_eq!(said.lines().filter(|l| l.starts_with("Error: ")).count(), 1);
}

#[test]
fn packing_tells_its_progress() {
    let place = Place::with_scene(&scene::lit());
    let words = ["pack", "scene.gltf", "-o", "packed", "--progress", "alf"];
    let mut command = std::process::Command::new(crate::place::SKYWELL);
    let output = command.args(words).current_dir(place.path(".")).output();
    let output = output.unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"ALF_PROGRESS 100%\n");
}

#[test]
fn merging_tells_its_progress_too() {
    let place = Place::with_scene(&scene::lit());
    let mut words = shards(&place, "--size 16x8 --spp 2", "part", 2);
    words.extend(["--progress", "openjd", "-o", "merged.exr"].map(str::to_owned));
    let (printed, ended) = merge(&place, &words);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert_eq!(printed.lines().last(), Some("openjd_progress: 100"));
}
