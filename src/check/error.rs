//! Why a suite cannot be checked.

use std::path::{Path, PathBuf};

/// Why a suite cannot be checked at all. What is wrong with one case is its result, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The suite file is not one.
    #[error("{}: {problem}", path.display())]
    Suite {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// No case is left.
    #[error("no case of the suite matches \"{0}\": names are CASE@BACKEND")]
    NothingMatches(String),
    /// A result cannot be written.
    #[error(transparent)]
    Output(#[from] crate::output::Error),
    /// The page cannot be made of its template.
    #[error("the page cannot be made: {0}")]
    Page(#[from] minijinja::Error),
    /// The JUnit file cannot be made.
    #[error("the JUnit file cannot be made: {0}")]
    JUnit(#[from] quick_junit::SerializeError),
}

impl Error {
    /// For `map_err`.
    pub(super) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
