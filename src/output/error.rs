//! Why a file cannot be written.

use std::path::{Path, PathBuf};

/// Why a file cannot be written. Whatever was at its place is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The path has no file name.
    #[error("\"{}\" does not name a file: give a directory and a file name", .0.display())]
    NoName(PathBuf),
    /// The directory to write into does not exist.
    #[error(
        "{}: there is no directory {}: create it or write elsewhere",
        path.display(), directory.display()
    )]
    NoDirectory {
        /// The file.
        path: PathBuf,
        /// What is missing.
        directory: PathBuf,
    },
    /// Something that is not a file is in its place.
    #[error("{}: there is something here that is not a file: name a file", .0.display())]
    NotAFile(PathBuf),
    /// The file exists and is marked read-only.
    #[error("{}: the file is read-only: make it writable or name another", .0.display())]
    ReadOnly(PathBuf),
    /// The operating system refused.
    #[error(
        "{}: cannot be written: {source}; nothing was changed. Check permissions and free space, \
         or write elsewhere",
        path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    pub(super) fn io(path: &Path, source: std::io::Error) -> Error {
        Error::Io {
            path: path.to_owned(),
            source,
        }
    }
}
