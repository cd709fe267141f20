//! Numbers in file names: frames of a sequence, shards of a frame.

use std::path::{Path, PathBuf};

/// Most frames of one range: half a day at 24 a second.
const MAX_FRAMES: u32 = 1_000_000;

/// Frames `first`, `first + step`, … up to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRange {
    /// First frame.
    pub first: u32,
    /// Last frame at most, not below the first.
    pub last: u32,
    /// At least 1.
    pub step: u32,
}

impl FrameRange {
    /// Reads `A`, `A-B` or `A-BxSTEP`.
    ///
    /// ```
    /// use skywell::farm::FrameRange;
    /// let frames = FrameRange::parse("1-9x4").unwrap();
    /// assert_eq!(frames.frames().collect::<Vec<_>>(), [1, 5, 9]);
    /// assert_eq!(FrameRange::parse("9-1"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (range, step) = match text.split_once('x') {
            Some((range, step)) => (range, step.parse().ok()?),
            None => (text, 1),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
            None => (range.parse().ok()?, range.parse().ok()?),
        };
        let sound = first <= last && step > 0 && (last - first) / step < MAX_FRAMES;
        sound.then_some(Self { first, last, step })
    }

    /// The frames.
    pub fn frames(self) -> impl ExactSizeIterator<Item = u32> {
        (0..self.len()).map(move |i| self.first + i * self.step)
    }

    /// Number of frames, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a range is never empty")]
    pub fn len(self) -> u32 {
        (self.last - self.first) / self.step + 1
    }
}

/// Does the file name of `path` have a place for a frame's number: `####`, of any length?
#[must_use]
pub fn numbers_needed(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().contains('#'))
}

/// `path` with the last run of `#` in its file name replaced by the frame's number, padded with zeros to the run's
/// length.
#[must_use]
pub fn numbered(path: &Path, frame: u32) -> PathBuf {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return path.to_owned();
    };
    let Some(end) = name.rfind('#') else {
        return path.to_owned();
    };
    let start = name[..end].trim_end_matches('#').len();
    let digits = end + 1 - start;
    path.with_file_name(format!(
        "{}{frame:0digits$}{}",
        &name[..start],
        &name[end + 1..]
    ))
}

/// Where shard `index` of `count` of the frame `path` goes: `beauty.0001.shard0003-of-0064.exr` beside
/// `beauty.0001.exr`.
#[must_use]
pub fn shard_path(path: &Path, index: u32, count: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".shard{index:04}-of-{count:04}.exr"));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let frames = |text| FrameRange::parse(text).map(|r| r.frames().collect::<Vec<_>>());
        assert_eq!(frames("7"), Some(vec![7]));
        assert_eq!(frames("1-3"), Some(vec![1, 2, 3]));
        assert_eq!(frames("0-10x5"), Some(vec![0, 5, 10]));
        assert_eq!(frames("1-2x5"), Some(vec![1]));
        for bad in [
            "",
            "-",
            "1-",
            "-1",
            "3-1",
            "1-3x0",
            "1-3x",
            "a-b",
            "1x2x3",
            "0-4294967295",
        ] {
            assert_eq!(frames(bad), None, "{bad}");
        }
        assert_eq!(
            FrameRange::parse("0-4294967295x4294967295").unwrap().len(),
            2
        );
    }

    #[test]
    fn names() {
        let name = |path: &str, frame| numbered(Path::new(path), frame).display().to_string();
        assert_eq!(name("a/b.####.exr", 12), "a/b.0012.exr");
        assert_eq!(name("#.exr", 12), "12.exr");
        assert_eq!(name("s#/b##_###.png", 5), "s#/b##_005.png");
        assert_eq!(name("plain.exr", 5), "plain.exr");
        assert!(numbers_needed(Path::new("b.#.exr")) && !numbers_needed(Path::new("#/b.exr")));
        let shard = |path: &str| shard_path(Path::new(path), 3, 64).display().to_string();
        assert_eq!(
            shard("x/beauty.0001.exr"),
            "x/beauty.0001.shard0003-of-0064.exr"
        );
        assert_eq!(shard("b.png"), "b.shard0003-of-0064.exr");
    }
}
