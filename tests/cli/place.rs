//! A fresh directory to run the command in.

use std::path::PathBuf;
use std::process::{Command, Output};

use skywell::image::exr::{Exr, read};

/// The command under test.
pub const SKYWELL: &str = env!("CARGO_BIN_EXE_skywell");

/// A fresh directory, gone when dropped.
pub struct Place {
    directory: tempfile::TempDir,
}

/// How a run ended.
pub struct Ended {
    /// Exit code.
    pub code: i32,
    /// What it said on standard error.
    pub said: String,
}

impl Place {
    /// A directory that holds `scene.gltf` with this content.
    pub fn with_scene(scene: &str) -> Self {
        let place = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::write(place.path("scene.gltf"), scene).unwrap();
        place
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// `skywell render` with these words, to be run in it: on the CPU, whose pictures are the same everywhere, unless
    /// they say what renders.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(SKYWELL);
        command
            .arg("render")
            .args(words)
            .current_dir(&self.directory);
        let says = |word: &&str| ["--backend", "--devices"].contains(word);
        if !words.iter().any(says) {
            command.args(["--backend", "cpu"]);
        }
        command
    }

    /// Runs `skywell render` with these words. Standard output must stay empty.
    pub fn run(&self, words: &[&str]) -> Ended {
        ended(self.command(words).output().unwrap())
    }

    /// Runs `skywell render scene.gltf` with these flags; it must succeed. Returns what was said.
    pub fn render(&self, flags: &str) -> String {
        let words: Vec<&str> = ["scene.gltf"]
            .into_iter()
            .chain(flags.split_whitespace())
            .collect();
        let ended = self.run(&words);
        assert_eq!(ended.code, 0, "{flags}: {}", ended.said);
        ended.said
    }

    /// Reads an EXR file of one part.
    pub fn exr(&self, name: &str) -> Exr {
        let mut parts = read(&self.path(name)).unwrap();
        assert_eq!(parts.len(), 1);
        parts.remove(0)
    }

    /// Names of all files, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.directory).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// How a run ended; it must have had nothing to say on standard output, and not have panicked.
pub fn ended(output: Output) -> Ended {
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    Ended {
        code: output.status.code().unwrap_or(-1),
        said,
    }
}
