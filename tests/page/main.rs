//! The page that `skywell check` writes, in a real browser: every button is clicked.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and says what it left out"
)]

use std::path::Path;
use std::process::Command;

const BROWSERS: [&str; 4] = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
];
const CLICKS: &str = include_str!("clicks.js");
/// How many things `clicks.js` looks at.
const EXPECTATIONS: usize = 20;

/// Two cases of one scene: what changes in `changed` changes one of them.
const SUITE: &str = r#"
name = "clicked"
backends = { cpu = "identical" }
[render]
size = "24x16"
spp = 4
[[case]]
name = "kept"
scene = "room.glb"
[[case]]
name = "changed"
scene = "room.glb"
[case.render]
max-depth = 5
"#;

/// The first browser of the machine. Without any, says so, unless one must be there.
fn browser() -> Option<&'static str> {
    let works = |name: &&str| {
        let output = Command::new(name).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    };
    let found = BROWSERS.into_iter().find(works);
    if found.is_none() {
        assert!(
            std::env::var_os("SKYWELL_REQUIRE_ENGINES").is_none(),
            "none of {BROWSERS:?} runs, and SKYWELL_REQUIRE_ENGINES is set"
        );
        eprintln!("skipped: none of {BROWSERS:?} runs");
    }
    found
}

/// Checks the suite in `place`; the exit code.
fn check(place: &Path, words: &[&str]) -> i32 {
    let status = Command::new(env!("CARGO_BIN_EXE_skywell"))
        .args(["check", "suite.toml", "--out", "out"])
        .args(words)
        .current_dir(place)
        .output()
        .unwrap()
        .status;
    status.code().unwrap()
}

#[test]
fn every_button_does_what_it_says() {
    let Some(browser) = browser() else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/scenes/room.glb");
    std::fs::copy(room, path("room.glb")).unwrap();
    std::fs::write(path("suite.toml"), SUITE).unwrap();
    assert_eq!(check(place.path(), &["--bless", "--reason", "first"]), 0);
    std::fs::write(
        path("suite.toml"),
        SUITE.replace("max-depth = 5", "max-depth = 1"),
    )
    .unwrap();
    assert_eq!(check(place.path(), &[]), 1);

    let page = std::fs::read_to_string(path("out/report.html")).unwrap();
    let watched = page
        .replacen(
            "<head>",
            "<head><script>window.failures = []; addEventListener('error', e => failures.push(e.message));</script>",
            1,
        )
        .replacen("</body>", &format!("<script>{CLICKS}</script></body>"), 1);
    assert_eq!(watched.matches("window.failures = []").count(), 1);
    std::fs::write(path("clicked.html"), watched).unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args(["--window-size=1200,1600", "--virtual-time-budget=20000"])
        .arg(format!("--user-data-dir={}", path("profile").display()))
        .arg(format!("file://{}", path("clicked.html").display()))
        .output()
        .unwrap();
    let seen = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    let all = format!("{EXPECTATIONS} held; failed: none");
    let tail = seen.rfind("<pre id=\"seen\">").map(|at| &seen[at..]);
    assert!(seen.contains(&all), "{tail:?}\n{said}");
}
