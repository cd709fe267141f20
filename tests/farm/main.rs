//! One frame on many machines, with the real command: shards that merge to the byte, runs that are killed and go on,
//! sequences, what engines read, and work submitted to real ones.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod devices;
#[cfg(unix)]
mod disk;
mod engines;
mod frames;
#[cfg(unix)]
mod killed;
mod merge;
#[path = "../cli/place.rs"]
mod place;
mod progress;
mod repeated;
#[path = "../cli/scene.rs"]
mod scene;

use place::{Ended, Place};
use std::process::Command;

/// Runs `skywell merge` in `place`; standard output and how it ended.
fn merge(place: &Place, words: &[String]) -> (String, Ended) {
    let mut command = Command::new(place::SKYWELL);
    let output = command
        .arg("merge")
        .args(words)
        .current_dir(place.path("."))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    let code = output.status.code().unwrap_or(-1);
    let printed = String::from_utf8(output.stdout).unwrap();
    (printed, Ended { code, said })
}

/// Renders all shards of a frame; their names.
fn shards(place: &Place, flags: &str, name: &str, count: u32) -> Vec<String> {
    (0..count)
        .map(|index| {
            let said = place.render(&format!("{flags} -o {name}.exr --shard {index}/{count}"));
            let file = format!("{name}.shard{index:04}-of-{count:04}.exr");
            let made = ["Saved {}", "{} is there already"].map(|text| text.replace("{}", &file));
            assert!(made.iter().any(|text| said.contains(text)), "{said}");
            file
        })
        .collect()
}

fn bytes(place: &Place, name: &str) -> Vec<u8> {
    std::fs::read(place.path(name)).unwrap()
}
