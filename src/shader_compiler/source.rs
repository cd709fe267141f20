//! The tree of WGSL files: finding them, and telling which line of which file a byte of the linked text came from.

use super::error::{Error, Result};
use std::fs;

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
    /// A file given by value; `path` is that from the package's root, with `/` between its parts.
    pub fn new(path: &str, text: impl Into<String>) -> Self {
        let inside = path.strip_prefix("shaders/").unwrap_or(path);
        let stem = inside.strip_suffix(".wgsl").unwrap_or(inside);
        Self {
            path: path.to_owned(),
            import_path: format!("skywell::{}", stem.replace('/', "::")),
            text: text.into(),
        }
    }

    /// Whether structs and constants of the file are for Rust too.
    pub fn has_records(&self) -> bool {
        self.is_in("records") || self.has_probes()
    }

    /// Whether the file's `probe_*` functions are stages.
    pub fn has_probes(&self) -> bool {
        self.is_in("probe") || self.is_in("conformance")
    }

    /// Whether the file lies in the directory `dir` of the tree (`records`, `probe`, …).
    pub fn is_in(&self, dir: &str) -> bool {
        self.import_path
            .strip_prefix("skywell::")
            .and_then(|rest| rest.strip_prefix(dir))
            .is_some_and(|rest| rest.starts_with("::"))
    }
}

/// All `.wgsl` files of the directory `root` and of the directories below it that are not in `except`, by path.
///
/// # Errors
/// A directory or file that cannot be read.
pub fn read_tree(root: &str, except: &[&str]) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    read_directory(root, except, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_directory(dir: &str, except: &[&str], files: &mut Vec<SourceFile>) -> Result<()> {
    let fail = |e: std::io::Error| Error::at(dir, 0, e.to_string());
    for entry in fs::read_dir(dir).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = format!("{dir}/{name}");
        if entry.path().is_dir() {
            if !except.contains(&path.as_str()) {
                read_directory(&path, except, files)?;
            }
        } else if name.ends_with(".wgsl") {
            let text = fs::read_to_string(&path).map_err(|e| Error::at(&path, 0, e.to_string()))?;
            files.push(SourceFile::new(&path, text));
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
