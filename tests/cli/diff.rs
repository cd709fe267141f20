//! `skywell diff`: exit codes, reports, files of several kinds.

use std::process::{Command, Output};

use crate::place::{Place, SKYWELL};
use crate::scene;

/// Runs it in `place`: exit code, standard output, standard error.
fn diff(place: &Place, words: &str) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(SKYWELL)
        .arg("diff")
        .args(words.split_whitespace())
        .current_dir(place.path("."))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn exit_codes_say_the_verdict() {
    let place = Place::with_scene(&scene::narrow());
    let flags = "--size 24x24 --spp 16 --variance --progress none";
    place.render(&format!("-o a.exr {flags}"));
    place.render(&format!("-o same.exr {flags}"));
    place.render(&format!("-o seed.exr {flags} --seed 5"));
    place.render(&format!("-o deep.exr {flags} --max-depth 0"));
    place.render("-o small.exr --size 12x12 --spp 2 --progress none");
    place.render("-o a.png --size 24x24 --spp 2 --progress none");

    let (code, report, _) = diff(&place, "a.exr same.exr");
    assert_eq!(
        (code, report.lines().next()),
        (0, Some("Verdict: identical"))
    );
    let (code, report, _) = diff(&place, "a.exr seed.exr");
    assert_eq!(code, 0, "{report}");
    assert!(report.contains("skywell:settings.seed: 0 -> 5"), "{report}");
    let (code, report, _) = diff(&place, "a.exr deep.exr --heatmap heat.png");
    assert_eq!(code, 1, "{report}");
    assert!(report.contains("HDR-FLIP mean"), "{report}");
    let heat = std::fs::read(place.path("heat.png")).unwrap();
    assert_eq!(&heat[1..4], b"PNG");
    let (code, report, _) = diff(&place, "a.exr deep.exr --json");
    let json: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!((code, &json["verdict"]), (1, &"different".into()));
    assert_eq!(json["layers"][0]["cause"], "change");

    let (code, report, said) = diff(&place, "a.exr small.exr");
    assert_eq!((code, report.as_str()), (2, ""));
    assert!(
        said.contains("sizes differ") && said.contains("12x12"),
        "{said}"
    );
    let (code, _, said) = diff(&place, "a.exr a.png");
    assert_eq!(code, 2);
    assert!(said.contains("cannot be compared"), "{said}");
    let (code, _, said) = diff(&place, "a.exr none.exr");
    assert_eq!(code, 2);
    assert!(said.contains("none.exr"), "{said}");
    let (code, _, said) = diff(&place, "scene.gltf scene.gltf");
    assert_eq!(code, 2, "{said}");
}

#[test]
fn display_pictures_are_compared_by_eye() {
    let place = Place::with_scene(&scene::narrow());
    let flags = "--size 24x24 --spp 4 --progress none";
    place.render(&format!("-o a.png {flags}"));
    place.render(&format!("-o b.png {flags} --exposure 0.02"));
    place.render(&format!("-o c.png {flags} --exposure -2"));
    assert_eq!(diff(&place, "a.png b.png").0, 0);
    let (code, report, _) = diff(&place, "a.png c.png");
    assert_eq!(code, 1, "{report}");
    assert!(report.contains("above 0.05"), "{report}");
    assert_eq!(diff(&place, "a.png c.png --max-flip 1").0, 0);
}
