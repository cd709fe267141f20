//! `skywell submit openjd`: bundles that the official library accepts and the official runner runs.

use std::path::Path;
use std::process::Command;

use openjd_model::template::parse;
use openjd_model::{CallerLimits, DocumentType};

use crate::shot::{Shot, is_there, printed};

const FLAGS: &str = "--size 16x8 --spp 4";

fn submit(shot: &Shot, flags: &str) {
    let job = "submit openjd in/shot.gltf --frames 3-4 --shards 3 -o out/b.##.exr";
    shot.run(&format!("{job} {flags}"));
}

#[test]
fn the_official_library_accepts_the_template() {
    let shot = Shot::new();
    for flags in [
        "",
        "--fps 30 --cpus-per-task 8",
        "--frames=1-9x4 -- --environment sky.hdr",
    ] {
        let folder = shot.path("out/b.openjd");
        let job = "submit openjd in/shot.gltf --shards 3 -o out/b.##.exr";
        let frames = if flags.contains("--frames") {
            ""
        } else {
            "--frames 1-2"
        };
        shot.run(&format!("{job} {frames} {flags}"));
        let text = std::fs::read_to_string(folder.join("template.json")).unwrap();
        let limits = CallerLimits::default();
        let document =
            parse::document_string_to_object(&text, DocumentType::Json, &limits).unwrap();
        let template = parse::decode_job_template(document, None, &limits).unwrap();
        assert_eq!(template.steps.len(), 2);
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
    let openjd = |words: &[&str]| {
        let mut command = Command::new("openjd");
        printed(command.args(words).current_dir(&bundle).output().unwrap())
    };
    openjd(&["check", "template.json"]);

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
    let said = openjd(&[
        "run",
        "template.json",
        "-p",
        "file://openjd_parameters.json",
        "--path-mapping-rules",
        &rules.to_string(),
    ]);
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
