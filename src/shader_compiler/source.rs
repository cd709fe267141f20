//! The tree of WGSL files: finding them, and telling which line of which file a byte of the linked text came from.

use super::error::{Error, Result};
use std::fs;
use std::path::Path;

/// One WGSL file.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path for messages, such as `shaders/path/camera.wgsl`.
    pub path: String,
    /// Import path that the file's place in the tree demands, such as `skywell::path::camera`.
    pub import_path: String,
    /// The file's text.
    pub text: String,
}

impl SourceFile {
    /// A file given by value; `relative` is its path below the root, with `/` between its parts.
    pub fn new(root: &str, relative: &str, text: impl Into<String>) -> Self {
        let stem = relative.strip_suffix(".wgsl").unwrap_or(relative);
        Self {
            path: format!("{root}/{relative}"),
            import_path: format!("skywell::{}", stem.replace('/', "::")),
            text: text.into(),
        }
    }

    /// Whether the file lies in the directory `dir` of the tree (`records`, `probe`, …).
    pub fn is_in(&self, dir: &str) -> bool {
        self.import_path
            .strip_prefix("skywell::")
            .and_then(|rest| rest.strip_prefix(dir))
            .is_some_and(|rest| rest.starts_with("::"))
    }
}

/// All `.wgsl` files below `root` except the GPU's entry points in `passes/`, by path.
///
/// # Errors
/// A directory or file that cannot be read.
pub fn read_tree(root: &Path) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let name = root
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    read_directory(root, &name, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_directory(dir: &Path, root: &str, prefix: &str, files: &mut Vec<SourceFile>) -> Result<()> {
    let fail = |e: std::io::Error| Error::at(&dir.to_string_lossy(), 0, e.to_string());
    for entry in fs::read_dir(dir).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            continue;
        };
        let relative = format!("{prefix}{name}");
        if path.is_dir() {
            if relative != "passes" {
                read_directory(&path, root, &format!("{relative}/"), files)?;
            }
        } else if name.ends_with(".wgsl") {
            let text = fs::read_to_string(&path)
                .map_err(|e| Error::at(&path.to_string_lossy(), 0, e.to_string()))?;
            files.push(SourceFile::new(root, &relative, text));
        }
    }
    Ok(())
}

/// Files laid end to end in dependency order, preprocessor lines blanked, so that lines stay countable.
#[derive(Debug, Clone, Default)]
pub struct LinkedText {
    /// The text that naga parses and that a GPU can load.
    pub text: String,
    /// The files, in the order in which they were laid.
    pub files: Vec<SourceFile>,
    /// Where in `text` each file begins.
    starts: Vec<usize>,
}

impl LinkedText {
    /// Lays one more file down.
    pub fn push(&mut self, file: SourceFile) {
        self.starts.push(self.text.len());
        let mut open = 0;
        for line in file.text.lines() {
            // an import list may span lines: it is blanked up to its last closing brace
            if open > 0 || line.trim_start().starts_with('#') {
                open += line.matches('{').count();
                open -= line.matches('}').count().min(open);
            } else {
                self.text.push_str(line);
            }
            self.text.push('\n');
        }
        self.files.push(file);
    }

    /// The file that byte `offset` of the text came from.
    pub fn file_at(&self, offset: usize) -> &SourceFile {
        &self.files[self
            .starts
            .partition_point(|&s| s <= offset)
            .saturating_sub(1)]
    }

    /// File and line (from 1) of a span of the text.
    pub fn locate(&self, span: naga::Span) -> (&str, usize) {
        let Some(range) = span.to_range() else {
            return ("", 0);
        };
        let file = self
            .starts
            .partition_point(|&s| s <= range.start)
            .saturating_sub(1);
        let upto = range.start.min(self.text.len());
        let line = self.text[self.starts[file]..upto].matches('\n').count() + 1;
        (&self.files[file].path, line)
    }

    /// A fault at a span of the text.
    pub fn error(&self, span: naga::Span, message: impl Into<String>) -> Error {
        let (file, line) = self.locate(span);
        Error::at(file, line, message)
    }
}
