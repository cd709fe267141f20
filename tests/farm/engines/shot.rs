//! A small scene in a fresh folder, and the command on it.

use skywell::image::exr::Channel;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The command under test.
pub const SKYWELL: &str = env!("CARGO_BIN_EXE_skywell");

/// A glowing triangle over a floor, seen by a camera.
const SCENE: &str = r#"{
  "asset": {"version": "2.0"},
  "scenes": [{"nodes": [0, 1, 2]}],
  "nodes": [{"mesh": 0, "scale": [4, 4, 4], "rotation": [-0.7071068, 0, 0, 0.7071068]},
            {"mesh": 1, "translation": [0, 1, -1]},
            {"camera": 0, "translation": [0, 0.7, 3]}],
  "cameras": [{"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}}],
  "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]},
             {"primitives": [{"attributes": {"POSITION": 0}, "material": 1}]}],
  "materials": [{"doubleSided": true}, {"doubleSided": true, "emissiveFactor": [1, 0.8, 0.5]}],
  "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3",
                 "min": [-1, -1, 0], "max": [1, 1, 0]}],
  "bufferViews": [{"buffer": 0, "byteLength": 36}],
  "buffers": [{"byteLength": 36, "uri": "triangle.bin"}]
}"#;

/// A fresh folder with `shot.gltf`, gone when dropped.
pub struct Shot {
    folder: tempfile::TempDir,
}

impl Shot {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let corners = [[-1.0_f32, -1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 1.0, 0.0]];
        let bytes: Vec<u8> = corners
            .iter()
            .flatten()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        std::fs::write(folder.path().join("in/shot.gltf"), SCENE).unwrap();
        std::fs::write(folder.path().join("in/triangle.bin"), bytes).unwrap();
        std::fs::create_dir(folder.path().join("out")).unwrap();
        std::fs::create_dir(folder.path().join("straight")).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `skywell` with these words in the folder.
    pub fn skywell(&self, words: &str) -> Command {
        let mut command = Command::new(SKYWELL);
        command
            .args(words.split_whitespace())
            .current_dir(&self.folder);
        command
    }

    /// Runs it; it must succeed. Returns what it printed on standard output.
    pub fn run(&self, words: &str) -> String {
        printed(self.skywell(words).output().unwrap())
    }

    /// Renders `frames` on this machine, without shards, into `straight/`.
    pub fn render_straight(&self, frames: &str, flags: &str) {
        self.run(&format!(
            "render in/shot.gltf --frames {frames} -o straight/b.##.exr {flags}"
        ));
    }

    /// Are the pixels of this frame in `out/` to the bit those in `straight/`? Headers may differ: warnings name files
    /// where they lay.
    pub fn is_right(&self, name: &str) -> bool {
        let read = |folder| {
            let parts = skywell::image::exr::read(&self.path(folder).join(name)).ok()?;
            let bits = |c: &Channel| c.samples.iter().map(|s| s.to_bits()).collect::<Vec<_>>();
            let channels = parts.iter().flat_map(|part| &part.channels);
            Some(
                channels
                    .map(|c| (c.name.clone(), bits(c)))
                    .collect::<Vec<_>>(),
            )
        };
        let straight = read("straight");
        straight.is_some() && straight == read("out")
    }
}

/// What a program that succeeded printed.
pub fn printed(output: Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// Is this program there? If not, says so; fails if engines are required.
pub fn is_there(program: &Path) -> bool {
    let found = std::env::var_os("PATH").is_some_and(|folders| {
        std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
    });
    if !found {
        let name = program.display();
        assert!(
            std::env::var_os("SKYWELL_REQUIRE_ENGINES").is_none(),
            "{name} is not installed"
        );
        eprintln!("skipped: {name} is not installed");
    }
    found
}
