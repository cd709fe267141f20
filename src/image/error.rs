//! Why an image cannot be read or written.

use std::path::{Path, PathBuf};

/// What is wrong with an image file.
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
    /// The name does not tell a format this room reads.
    #[error(
        "{}: an environment is a Radiance .hdr or an OpenEXR .exr file; convert it to one of these",
        .0.display()
    )]
    UnknownFormat(PathBuf),
    /// The bytes are not what the format allows.
    #[error("{}: {problem}; the file may be damaged: write or copy it again", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What the decoder found.
        problem: String,
    },
    /// A valid file of a kind that is not read.
    #[error("{}: {feature} is not supported; {cure}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it uses.
        feature: String,
        /// What to do.
        cure: &'static str,
    },
    /// The header claims more pixels than can be true.
    #[error(
        "{}: the header claims {width}×{height} pixels, which the file cannot hold; it is damaged \
         or larger than 2^28 pixels: write it again or scale it down",
        path.display()
    )]
    ImplausibleSize {
        /// The file.
        path: PathBuf,
        /// Claimed columns.
        width: u64,
        /// Claimed rows.
        height: u64,
    },
    /// There is no pixel.
    #[error("{}: the image has no pixels; write it again", .0.display())]
    Empty(PathBuf),
    /// None of the channels can be taken for colour, or several could.
    #[error(
        "{}: no single set of colour channels among {channels}: name them R, G, B (or Y for grey)",
        path.display()
    )]
    NoColour {
        /// The file.
        path: PathBuf,
        /// Names of all channels.
        channels: String,
    },
}

impl Error {
    pub(super) fn io(path: &Path, source: std::io::Error) -> Error {
        Error::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn malformed(path: &Path, problem: impl ToString) -> Error {
        Error::Malformed {
            path: path.to_owned(),
            problem: problem.to_string(),
        }
    }
}
