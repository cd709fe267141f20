//! `skywell submit openjd`: bundles that the official tool checks and runs.

use std::path::Path;
use std::process::Command;

use super::shot::{Shot, is_there, printed};

const FLAGS: &str = "--size 16x8 --spp 4 --backend cpu";

fn submit(shot: &Shot, flags: &str) {
    let job = "submit openjd in/shot.gltf --frames 3-4 --shards 3 -o out/b.##.exr";
    shot.run(&format!("{job} {flags}"));
}

/// Runs the official tool in `bundle`.
fn openjd(bundle: &Path, words: &[&str]) -> String {
    let mut command = Command::new("openjd");
    printed(command.args(words).current_dir(bundle).output().unwrap())
}

#[test]
fn the_official_tool_accepts_the_template() {
    if !is_there(Path::new("openjd")) {
        return;
    }
    let shot = Shot::new();
    for flags in [
        "--frames 1-2",
        "--frames 1-2 --fps 30 --cpus-per-task 8 --gpus-per-task 1",
        "--frames 1-9x4 -- --environment sky.hdr",
    ] {
        shot.run(&format!(
            "submit openjd in/shot.gltf --shards 3 -o out/b.##.exr {flags}"
        ));
        let bundle = shot.path("out/b.openjd");
        let said = openjd(&bundle, &["check", "template.json"]);
        assert!(said.contains("passes validation checks"), "{said}");
        let text = std::fs::read_to_string(bundle.join("template.json")).unwrap();
        let template: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(template["steps"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            text.contains("Param.Environment"),
            flags.contains("--environment")
        );
    }
}

#[test]
fn the_official_runner_renders_and_merges_wherever_the_files_are() {
    if !is_there(Path::new("openjd")) {
        return;
    }
    let shot = Shot::new();
    shot.render_straight("3-4", FLAGS);
    submit(&shot, &format!("-- {FLAGS}"));
    let bundle = shot.path("out/b.openjd");

    // The workers find the scene elsewhere than the submitter had it.
    let (submitted, mapped) = (shot.path("in"), shot.path("mounted"));
    std::fs::rename(&submitted, &mapped).unwrap();
    let rules = serde_json::json!({
        "version": "pathmapping-1.0",
        "path_mapping_rules": [{
            "source_path_format": "POSIX",
            "source_path": submitted,
            "destination_path": mapped,
        }],
    });
    let said = openjd(
        &bundle,
        &[
            "run",
            "template.json",
            "-p",
            "file://openjd_parameters.json",
            "--path-mapping-rules",
            &rules.to_string(),
        ],
    );
    for frame in ["b.03.exr", "b.04.exr"] {
        assert!(shot.is_right(frame), "{frame}: {said}");
    }
    assert!(said.contains("openjd_progress: 100"), "{said}");

    // A lost shard is a failure that the runner is told about.
    std::fs::remove_file(shot.path("out/b.03.shard0001-of-0003.exr")).unwrap();
    let merge = [
        "run",
        "template.json",
        "--step",
        "Merge",
        "--no-run-dependencies",
    ];
    let output = Command::new("openjd")
        .args(merge)
        .args(["-p", "file://openjd_parameters.json"])
        .current_dir(&bundle)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("openjd_fail: frame 3 cannot be merged"),
        "{said}"
    );
}
