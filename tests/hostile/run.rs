//! The command in a fresh folder, with limits.

use std::process::Command;
use std::time::{Duration, Instant};

/// Processor time, seconds; a build for work in progress is some times slower.
const SECONDS: u64 = if cfg!(debug_assertions) { 20 } else { 5 };
/// Address space, KiB: 1 GiB, and what the program and its threads reserve before they do anything.
const KIBIBYTES: u64 = (1 << 20) + (512 << 10);
/// Who neither computes nor ends by then hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whatever is rendered takes no time of its own.
const TINY: [&str; 8] = [
    "--size",
    "4x4",
    "--spp",
    "1",
    "--backend",
    "cpu",
    "--threads",
    "2",
];

/// Files by name; the first is the scene.
pub type Files<'a> = &'a [(&'a str, &'a [u8])];

/// Renders the scene; its exit code and what it said on standard error.
pub fn render(files: Files<'_>) -> (i32, String) {
    run("render", &TINY, files)
}

/// Lists what is in the scene; as [`render`].
pub fn info(files: Files<'_>) -> (i32, String) {
    run("info", &[], files)
}

fn run(subcommand: &str, arguments: &[&str], files: Files<'_>) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let limits = format!("ulimit -t {SECONDS} && ulimit -v {KIBIBYTES} && exec \"$0\" \"$@\"");
    let said = folder.path().join("said");
    let mut child = Command::new("sh")
        .args(["-c", &limits, env!("CARGO_BIN_EXE_skywell"), subcommand])
        .arg(files[0].0)
        .args(arguments)
        .current_dir(&folder)
        .stdout(std::process::Stdio::null())
        .stderr(std::fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if started.elapsed() > PATIENCE => {
                child.kill().unwrap();
                panic!("hangs");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let said = String::from_utf8(std::fs::read(said).unwrap()).unwrap();
    let code = status.code();
    (code.unwrap_or_else(|| panic!("{status}: {said}")), said)
}

/// Rendering ends in one error, that begins with `message` and goes on with a cure.
pub fn refused(files: Files<'_>, message: &str) {
    let (code, said) = render(files);
    let errors: Vec<&str> = said
        .lines()
        .filter_map(|l| l.strip_prefix("Error: "))
        .collect();
    assert_eq!((code, errors.len()), (1, 1), "for {message}: {said}");
    assert!(errors[0].starts_with(message), "not {message}, but {said}");
    assert!(errors[0].contains("; "), "no cure: {said}");
    assert!(errors[0].len() < 1000, "too much said");
}

/// Rendering makes a picture, and warns in these words, if in any.
pub fn mended(files: Files<'_>, warning: Option<&str>) {
    let (code, said) = render(files);
    assert_eq!(code, 0, "{said}");
    match warning {
        Some(warning) => assert!(said.contains(warning), "not {warning}, but {said}"),
        None => assert!(!said.contains("Warning"), "{said}"),
    }
}
