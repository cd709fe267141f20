//! What can be wrong with a shader, and where.

use std::fmt;

/// A fault in the WGSL sources (or in what the translator can do with them), located in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Path of the WGSL file as it was given to the linker; empty if the fault has no single place.
    pub file: String,
    /// Line in that file, from 1; 0 if unknown.
    pub line: usize,
    /// What is wrong, and what to do about it where that is not plain.
    pub message: String,
}

impl Error {
    /// A fault at a line of a file.
    pub fn at(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.is_empty(), self.line) {
            (true, _) => write!(f, "{}", self.message),
            (false, 0) => write!(f, "{}: {}", self.file, self.message),
            (false, line) => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for Error {}

/// The result of every step of the shader compiler.
pub type Result<T> = std::result::Result<T, Error>;
