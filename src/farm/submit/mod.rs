//! Job files for engines: what they are told to run, and in which order. Which machine runs what,
//! and when, is theirs to decide.

mod openjd;
mod script;
mod slurm;

pub use openjd::{Bundle, EXPRESSION};
pub use slurm::{Slurm, max_array_size};

use super::FrameRange;

/// Frames to render, each in shards and then merged.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// What to call it.
    pub name: String,
    /// This program.
    pub skywell: String,
    /// The scene, as the machines find it.
    pub scene: String,
    /// Which frames.
    pub frames: FrameRange,
    /// Frames a second, if not the default.
    pub fps: Option<f64>,
    /// Shards a frame, at least 1.
    pub shards: u32,
    /// The pictures' name.
    pub output: NumberedName,
    /// Further flags of `skywell render`.
    pub render_flags: Vec<String>,
    /// Further flags of `skywell merge`.
    pub merge_flags: Vec<String>,
    /// Cores a shard, if the engine is to be told.
    pub cpus: Option<u32>,
    /// GPUs a shard, if the engine is to be told.
    pub gpus: Option<Gpus>,
}

/// GPUs a shard is rendered on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpus {
    /// Their kind, as the engine calls it; any if empty.
    pub kind: String,
    /// How many, at least 1.
    pub count: u32,
}

impl Gpus {
    /// Reads `2` or `a100:2`.
    ///
    /// ```
    /// use skywell::farm::submit::Gpus;
    /// assert_eq!(Gpus::parse("a100:2").map(|gpus| gpus.count), Some(2));
    /// assert_eq!(Gpus::parse("0"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, count) = text.rsplit_once(':').unwrap_or(("", text));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
        let count: u32 = count.parse().ok().filter(|count| *count > 0)?;
        let sound = kind.chars().all(is_plain) && (text == count.to_string() || !kind.is_empty());
        sound.then(|| Self {
            kind: kind.to_owned(),
            count,
        })
    }
}

/// A file name with a place for a frame's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedName {
    /// Folder, with its last `/`, or empty.
    pub folder: String,
    /// The name's part before the number.
    pub before: String,
    /// Digits the number is padded to, at least 1.
    pub digits: usize,
    /// The name's part after the number, but for the extension.
    pub after: String,
    /// `.exr` or whatever else.
    pub extension: String,
}

impl NumberedName {
    /// Takes `folder/beauty.####.exr` apart; `None` if the name has no `#`. The last run of them
    /// counts.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (folder, name) = path
            .rfind('/')
            .map_or(("", path), |at| path.split_at(at + 1));
        let end = name.rfind('#')?;
        let (head, tail) = name.split_at(end + 1);
        let before = head.trim_end_matches('#');
        let dot = tail.rfind('.').unwrap_or(tail.len());
        let (after, extension) = tail.split_at(dot);
        Some(Self {
            folder: folder.to_owned(),
            before: before.to_owned(),
            digits: head.len() - before.len(),
            after: after.to_owned(),
            extension: extension.to_owned(),
        })
    }

    /// The name with `number` for the frame's number, be it a number or what stands for one.
    #[must_use]
    pub fn with(&self, number: &str) -> String {
        format!("{}{number}{}{}", self.before, self.after, self.extension)
    }

    /// As it was given.
    #[must_use]
    pub fn pattern(&self) -> String {
        format!("{}{}", self.folder, self.with(&"#".repeat(self.digits)))
    }

    /// A name for the job: what is before the number, or after.
    #[must_use]
    pub fn stem(&self) -> &str {
        let trim = |text: &'_ str| text.trim_matches(['.', '_', '-']).len();
        match (trim(&self.before), trim(&self.after)) {
            (0, 0) => "frames",
            (0, _) => self.after.trim_matches(['.', '_', '-']),
            _ => self.before.trim_matches(['.', '_', '-']),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::farm::{numbered, shard_path};
    use std::path::{Path, PathBuf};

    #[test]
    fn names_are_those_that_render_gives() {
        for pattern in ["out/beauty.####.exr", "#.exr", "a#/b##_###x.png", "s_##"] {
            let name = NumberedName::parse(pattern).unwrap();
            assert_eq!(name.pattern(), pattern);
            let number = format!("{:0width$}", 7, width = name.digits);
            let frame = numbered(Path::new(pattern), 7);
            assert_eq!(Path::new(&name.folder).join(name.with(&number)), frame);
            let stem = format!("{}{}{number}{}", name.folder, name.before, name.after);
            let shard = PathBuf::from(format!("{stem}.shard0003-of-0064.exr"));
            assert_eq!(shard, shard_path(&frame, 3, 64));
        }
        assert_eq!(NumberedName::parse("a#/beauty.exr"), None);
    }

    #[test]
    fn jobs_are_called_like_their_pictures() {
        let stem = |pattern| NumberedName::parse(pattern).unwrap().stem().to_owned();
        assert_eq!(stem("out/beauty.####.exr"), "beauty");
        assert_eq!(stem("####.beauty.exr"), "beauty");
        assert_eq!(stem("####.exr"), "frames");
    }

    #[test]
    fn gpus() {
        let gpus = |kind: &str, count| {
            let kind = kind.to_owned();
            Some(Gpus { kind, count })
        };
        assert_eq!(Gpus::parse("2"), gpus("", 2));
        assert_eq!(Gpus::parse("rtx_4090:1"), gpus("rtx_4090", 1));
        for bad in ["", "0", "-1", ":1", "a b:1", "a:", "$(x):1"] {
            assert_eq!(Gpus::parse(bad), None, "{bad}");
        }
    }
}
