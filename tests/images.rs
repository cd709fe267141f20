//! The project's own pictures, tests/images/suite.toml, against their goldens; and the command that
//! does so, with suites made here.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and says what it left out"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

const SKYWELL: &str = env!("CARGO_BIN_EXE_skywell");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `skywell check` and returns its exit code and what it said.
fn check(suite: &Path, out: &Path, words: &[&str]) -> (i32, String) {
    let output = Command::new(SKYWELL)
        .arg("check")
        .arg(suite)
        .arg("--out")
        .arg(out)
        .args(words)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code().unwrap(), said)
}

/// Where the report of the project's suite stays, to be looked at after a failure.
fn report(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn the_cpu_renders_the_goldens_bit_for_bit() {
    let suite = root().join("tests/images/suite.toml");
    let (code, said) = check(&suite, &report("images-cpu"), &["--filter", "@cpu"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("8 of 8 passed"), "{said}");
}

/// Vulkan in software will do. Without any, says so and passes, unless it must be there.
#[test]
fn the_gpu_agrees_within_noise() {
    let devices = Command::new(SKYWELL).arg("devices").output().unwrap();
    if !String::from_utf8_lossy(&devices.stdout).contains("renders scenes") {
        assert!(
            std::env::var_os("SKYWELL_REQUIRE_GPU").is_none(),
            "no GPU that renders, and SKYWELL_REQUIRE_GPU is set"
        );
        eprintln!("skipped: no GPU that renders");
        return;
    }
    let suite = root().join("tests/images/suite.toml");
    let (code, said) = check(&suite, &report("images-gpu"), &["--filter", "@gpu"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("8 of 8 passed"), "{said}");
}

/// A suite of one small room in a folder of its own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(suite: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let room = root().join("tests/images/scenes/room.glb");
        std::fs::copy(room, folder.path().join("room.glb")).unwrap();
        let place = Self { folder };
        place.write_suite(suite);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_suite(&self, suite: &str) {
        std::fs::write(self.path("suite.toml"), suite).unwrap();
    }

    fn check(&self, words: &[&str]) -> (i32, String) {
        check(&self.path("suite.toml"), &self.path("out"), words)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

const TWO: &str = r#"
name = "two & more"
backends = { cpu = "identical" }
[render]
size = "24x16"
spp = 4
[[case]]
name = "a"
scene = "room.glb"
[[case]]
name = "b"
scene = "room.glb"
backends = { cpu = "noise" }
"#;

#[test]
fn from_no_goldens_to_a_found_change() {
    let place = Place::new(TWO);
    let (code, said) = place.check(&[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("there is no golden yet"), "{said}");
    assert!(!place.path("goldens").exists());

    let (code, said) = place.check(&["--bless", "--reason", "first pictures"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("Replacing 2 goldens because: first pictures"),
        "{said}"
    );
    assert!(
        place
            .read("goldens/a.toml")
            .contains("reason = \"first pictures\"")
    );

    let (code, said) = place.check(&[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("a@cpu: identical"), "{said}");

    // Another seed: noise to the one, a change to the other.
    place.write_suite(&TWO.replace("spp = 4", "spp = 4\nseed = 9"));
    let (code, said) = place.check(&[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("FAILED  a@cpu: explained by noise"), "{said}");
    assert!(said.contains("passed  b@cpu: explained by noise"), "{said}");
    let junit = place.read("out/junit.xml");
    assert!(
        junit.contains("tests=\"2\" failures=\"1\"") || junit.contains("failures=\"1\""),
        "{junit}"
    );
    let json: serde_json::Value = serde_json::from_str(&place.read("out/report.json")).unwrap();
    assert_eq!(json["outcomes"][0]["status"], "failed");
    assert_eq!(
        json["outcomes"][0]["report"]["provenance"][0]["name"],
        "skywell:settings.seed"
    );
    let page = place.read("out/report.html");
    assert!(page.contains("two &amp; more") && page.contains("data:image/png;base64,"));
    for elsewhere in ["src=\"http", "href=\"http", "@import"] {
        assert!(!page.contains(elsewhere), "the page needs {elsewhere}");
    }

    let (code, said) = place.check(&["--bless", "--reason", "another seed", "--filter", "a@"]);
    assert_eq!(code, 0, "{said}");
    let record = place.read("goldens/a.toml");
    assert_eq!(record.matches("[[blessing]]").count(), 2, "{record}");
    assert!(record.contains("explained by noise"), "{record}");
}

#[test]
fn what_cannot_be_rendered_is_an_error_of_its_case() {
    let place = Place::new(&TWO.replacen("scene = \"room.glb\"", "scene = \"none.glb\"", 1));
    let (code, said) = place.check(&["--bless"]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("ERROR   a@cpu") && said.contains("none.glb"),
        "{said}"
    );
    assert!(place.path("goldens/b.exr").exists() && !place.path("goldens/a.exr").exists());
    assert!(place.read("out/junit.xml").contains("<error"));
}

#[test]
fn a_case_over_its_time_is_ended() {
    let slow = TWO
        .replace("spp = 4", "spp = 1000000")
        .replace("[render]", "time_limit_s = 0.3\n[render]");
    let place = Place::new(&slow);
    let (code, said) = place.check(&["--filter", "a@"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("took longer than 0.3 s"), "{said}");
}

#[test]
fn shards_share_the_cases() {
    let place = Place::new(TWO);
    let ran = |shard| place.check(&["--shard", shard]).1;
    let (first, second) = (ran("0/2"), ran("1/2"));
    assert!(
        first.contains("a@cpu") && !first.contains("b@cpu"),
        "{first}"
    );
    assert!(
        second.contains("b@cpu") && !second.contains("a@cpu"),
        "{second}"
    );
}

#[test]
fn suites_that_are_none_are_wrong_usage() {
    let place = Place::new("name = 'x'\nfoo = 1\ncase = []");
    let (code, said) = place.check(&[]);
    assert_eq!(code, 2);
    assert!(
        said.contains("suite.toml") && said.contains("foo"),
        "{said}"
    );
    place.write_suite(TWO);
    let (code, said) = place.check(&["--filter", "nothing"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("no case of the suite matches \"nothing\""),
        "{said}"
    );
}
