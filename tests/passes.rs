//! The GPU's passes without a GPU: every permutation is valid WGSL and valid SPIR-V, and every loop ends.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on fails"
)]

#[path = "shader_statistics/spirv.rs"]
mod spirv;

use skywell::kernel::gpu::{Features, Target, source};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Pages that a scene may lie in: what permutes the text that a GPU loads.
const PAGES: [u32; 5] = [1, 2, 3, 4, 16];
/// Rows of a page, as a power of two: 128 MiB.
const PAGE_ROWS_LOG2: u32 = 23;

#[test]
fn every_permutation_of_every_pass_is_valid_spirv() {
    let directory = tempfile::tempdir().unwrap();
    let mut files: Vec<PathBuf> = Vec::new();
    // without tables there is no feature
    let texts = (PAGES.map(|pages| (pages, Features::all())).into_iter())
        .chain([(1, Features::of(&[])), (2, Features::of(&[]))])
        .flat_map(|(pages, features)| {
            [Target::Hardware, Target::Software].map(|target| {
                let text = source(target, pages, PAGE_ROWS_LOG2, &features);
                (pages, text)
            })
        });
    for (number, (pages, text)) in texts.enumerate() {
        // naga validates on the way
        let kernels = spirv::kernels(&text).unwrap();
        assert!(kernels.len() >= 7);
        for kernel in kernels {
            assert!(!kernel.bindings.is_empty(), "{}", kernel.name);
            let n_storage = kernel.bindings.iter().filter(|b| !b.is_uniform).count();
            assert!(
                pages > 4 || n_storage <= 8,
                "{}: {n_storage} buffers",
                kernel.name
            );
            let file = directory
                .path()
                .join(format!("{}.{number}.spv", kernel.name));
            fs::write(&file, bytemuck::cast_slice(&kernel.words)).unwrap();
            files.push(file);
        }
    }
    for file in files {
        let check = Command::new("spirv-val")
            .args(["--target-env", "vulkan1.3"])
            .arg(&file)
            .output();
        let Ok(check) = check else {
            assert!(
                std::env::var_os("SKYWELL_REQUIRE_GPU").is_none(),
                "spirv-val is missing: install spirv-tools"
            );
            eprintln!("skipped: spirv-val is missing (install spirv-tools)");
            return;
        };
        let complaint = String::from_utf8_lossy(&check.stderr);
        assert!(check.status.success(), "{}: {complaint}", file.display());
    }
}

/// The head of a `for` loop, spaces made single: what it starts with, what keeps it going, how it goes on.
fn head(line: &str) -> Option<[String; 3]> {
    let inner = line.trim().strip_prefix("for (")?.strip_suffix(") {")?;
    let parts: Vec<String> = inner
        .split(';')
        .map(|part| part.trim().to_owned())
        .collect();
    parts.try_into().ok()
}

/// Whether the loop takes at most as many turns as a `u32` counts, seen from its head alone: it counts up to something,
/// counts down to zero, or shifts or takes away bits until none is left.
fn ends([start, condition, step]: &[String; 3]) -> bool {
    let Some((name, _)) = start
        .strip_prefix("var ")
        .and_then(|rest| rest.split_once(" = "))
    else {
        return false;
    };
    let counts_up = condition.starts_with(&format!("{name} < "))
        && [format!("{name}++"), format!("{name} += 1u")].contains(step);
    let is_left = [format!("{name} != 0u"), format!("{name} > 0u")].contains(condition);
    let decreases = [
        format!("{name}--"),
        format!("{name} &= {name} - 1u"),
        format!("{name} = {name} >> 1u"),
    ];
    counts_up || is_left && decreases.contains(step)
}

fn wgsl_files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            wgsl_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "wgsl") {
            found.push(path);
        }
    }
}

/// What lets drivers be told not to count turns themselves (`force_loop_bounding`).
#[test]
fn every_loop_has_a_bound_in_its_head_and_leaves_its_counter_alone() {
    let mut files = Vec::new();
    wgsl_files(Path::new("shaders"), &mut files);
    let mut n_loops = 0;
    for file in files
        .iter()
        .filter(|file| !file.starts_with("shaders/conformance"))
    {
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.split("//").next().unwrap())
            .collect();
        for (number, line) in lines.iter().enumerate() {
            let place = format!("{}:{}", file.display(), number + 1);
            let word = line.trim().split([' ', '(', '{']).next().unwrap();
            assert!(
                !["while", "loop"].contains(&word),
                "{place}: only `for` shows its bound"
            );
            if word != "for" {
                continue;
            }
            n_loops += 1;
            let head =
                head(line).unwrap_or_else(|| panic!("{place}: a loop's head takes one line"));
            assert!(
                ends(&head),
                "{place}: no bound that this test knows: {head:?}"
            );
            let name = head[0]["var ".len()..].split(' ').next().unwrap();
            let indent = line.len() - line.trim_start().len();
            let body = lines[number + 1..]
                .iter()
                .take_while(|l| l.trim().is_empty() || l.len() - l.trim_start().len() > indent);
            for line in body {
                let assigns = ["=", "+=", "-=", "&=", "|=", "^=", "*=", "++", "--"]
                    .iter()
                    .any(|op| {
                        line.trim().starts_with(&format!("{name} {op}"))
                            && !line.trim().starts_with(&format!("{name} =="))
                    });
                assert!(!assigns, "{place}: the body changes {name}");
            }
        }
    }
    assert!(n_loops >= 8, "{n_loops} loops: is the reader blind?");
}

#[test]
fn the_reader_of_loops_knows_which_end() {
    let ends = |line: &str| head(line).is_some_and(|head| ends(&head));
    assert!(ends("    for (var i = 0u; i < n; i++) {"));
    assert!(ends("for (var bits = m; bits != 0u; bits &= bits - 1u) {"));
    assert!(!ends("for (var i = 0u; i < n; i += k) {"));
    assert!(!ends("for (var i = 0u; j < n; i++) {"));
    assert!(!ends("for (; ; ) {"));
    assert!(!ends("for (var i = n; i != 0u; i -= 2u) {"));
}
