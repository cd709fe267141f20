//! The direction of dependencies. Rooms of `src/` and of `shaders/` have levels; a file may name
//! only rooms of a lower level than its own, and its own room. `wgpu` is named in one room only.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Levels of the rooms of `src/`, as the crate's front page lists them.
const ROOMS: [(&str, u32); 17] = [
    ("kernel", 0),
    ("math", 0),
    ("color", 0),
    ("sampling", 1),
    ("image", 1),
    ("scene", 2),
    ("settings", 2),
    ("compiled", 3),
    ("film", 4),
    ("integrator", 5),
    ("diff", 6),
    ("output", 6),
    ("check", 7),
    ("farm", 7),
    ("session", 8),
    ("cli", 9),
    ("main", 10),
];

/// Levels of the rooms of `shaders/`.
const SHADER_ROOMS: [(&str, u32); 16] = [
    ("records", 0),
    ("math", 0),
    ("film", 1),
    ("tables", 1),
    ("sampling", 2),
    ("traverse", 2),
    ("camera", 3),
    ("geometry", 3),
    ("medium", 3),
    ("texture", 3),
    ("bsdf", 4),
    ("light", 5),
    ("path", 6),
    ("probe", 7),
    ("conformance", 7),
    ("passes", 7),
];

/// Folders of `src/` that are no rooms: the build script is another program.
const NO_ROOMS: [&str; 1] = ["shader_compiler"];

fn level(rooms: &[(&str, u32)], room: &str) -> Option<u32> {
    rooms.iter().find(|(name, _)| *name == room).map(|r| r.1)
}

/// All files below `folder` that end in `extension`, relative to it, in a fixed order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `scene` for `scene/gltf/uri.rs` and for `scene.rs`.
fn room_of(file: &Path) -> String {
    let first = file.components().next().unwrap();
    let name = Path::new(first.as_os_str()).file_stem().unwrap();
    name.to_str().unwrap().to_owned()
}

/// Source without line comments, so that documentation may point anywhere. A `//` within a string
/// cuts the rest of its line off, which can hide nothing but that line's rest.
fn without_comments(source: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or("").to_owned() + "\n";
    source.lines().map(code).collect()
}

/// Rooms named right after `prefix`, be it `prefix::room`, or `prefix::{room, other::…}`.
fn rooms_after(code: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = code[at + prefix.len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => found.extend(top_level_names(group)),
            None => found.push(leading_name(rest)),
        }
    }
    found
}

fn leading_name(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// First names of the entries of `{…}`, given what follows the opening brace.
fn top_level_names(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut entries = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => entries.push(String::new()),
            c if depth == 0 => entries.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    entries.iter().map(|e| leading_name(e.trim())).collect()
}

/// Rooms a file reaches by climbing to the crate's root with `super::super::…`.
fn rooms_above(code: &str, file: &Path) -> Vec<String> {
    let is_root_of_folder = file.file_stem().is_some_and(|s| s == "mod");
    let depth = file.components().count() - usize::from(is_root_of_folder);
    rooms_after(code, &"super::".repeat(depth))
}

#[test]
fn rooms_use_only_rooms_below() {
    let src = root().join("src");
    let mut wrong = Vec::new();
    let mut n_edges = 0;
    for file in files(&src, "rs") {
        let room = room_of(&file);
        if room == "lib" || NO_ROOMS.contains(&room.as_str()) {
            continue;
        }
        let Some(own) = level(&ROOMS, &room) else {
            wrong.push(format!("src/{}: {room} is no room", file.display()));
            continue;
        };
        let code = without_comments(&fs::read_to_string(src.join(&file)).unwrap());
        let named = ["crate::", "skywell::"].map(|prefix| rooms_after(&code, prefix));
        let named = named.into_iter().flatten().chain(rooms_above(&code, &file));
        for other in named.filter(|other| *other != room) {
            let Some(level) = level(&ROOMS, &other) else {
                continue;
            };
            n_edges += 1;
            if level >= own {
                wrong.push(format!(
                    "src/{}: {room} ({own}) uses {other} ({level})",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "upward edges:\n{}", wrong.join("\n"));
    assert!(
        n_edges > 20,
        "only {n_edges} edges found: is the reader blind?"
    );
}

#[test]
fn shaders_import_only_rooms_below() {
    let shaders = root().join("shaders");
    let mut wrong = Vec::new();
    let mut n_edges = 0;
    for file in files(&shaders, "wgsl") {
        let room = room_of(&file);
        let Some(own) = level(&SHADER_ROOMS, &room) else {
            wrong.push(format!("shaders/{}: {room} is no room", file.display()));
            continue;
        };
        let code = without_comments(&fs::read_to_string(shaders.join(&file)).unwrap());
        let imported = rooms_after(&code, "skywell::");
        for other in imported.iter().filter(|other| **other != room) {
            match level(&SHADER_ROOMS, other) {
                Some(level) if level < own => n_edges += 1,
                _ => wrong.push(format!(
                    "shaders/{}: {room} ({own}) imports {other}",
                    file.display()
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "upward edges:\n{}", wrong.join("\n"));
    assert!(
        n_edges > 20,
        "only {n_edges} edges found: is the reader blind?"
    );
}

#[test]
fn only_one_room_names_wgpu() {
    let src = root().join("src");
    let wrong: Vec<_> = files(&src, "rs")
        .into_iter()
        .filter(|file| !file.starts_with("integrator/gpu"))
        .filter(|file| {
            let code = without_comments(&fs::read_to_string(src.join(file)).unwrap());
            code.contains("wgpu")
        })
        .collect();
    assert!(wrong.is_empty(), "wgpu outside integrator/gpu: {wrong:?}");
}

#[test]
fn the_front_page_lists_every_room() {
    let page = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared = page.lines().filter_map(|l| l.strip_prefix("pub mod "));
    for room in declared.map(|l| l.trim_end_matches(';')) {
        let level = level(&ROOMS, room).unwrap_or_else(|| panic!("{room} has no level"));
        let row = page.lines().any(|l| {
            l.starts_with(&format!("//! | {level} |")) && l.contains(&format!("`{room}`"))
        });
        assert!(
            row,
            "{room}: no row of level {level} on the crate's front page"
        );
    }
}

#[test]
fn the_reader_sees_every_form() {
    let code = without_comments("use crate::{film::{self, Film}, math}; // crate::cli\n");
    assert_eq!(rooms_after(&code, "crate::"), ["film", "math"]);
    assert_eq!(rooms_after("f(crate::cli::x)", "crate::"), ["cli"]);
    assert_eq!(rooms_after("mycrate::cli", "crate::"), [""; 0]);
    let deep = Path::new("scene/gltf/uri.rs");
    let climbs = "use super::super::super::cli::args; use super::super::mesh;";
    assert_eq!(rooms_above(climbs, deep), ["cli"]);
    let shallow = Path::new("scene/mod.rs");
    assert_eq!(rooms_above("use super::film;", shallow), ["film"]);
}
