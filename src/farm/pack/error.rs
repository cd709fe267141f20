//! Why a scene cannot be packed, or a pack not be read.

use crate::{output, scene};
use std::path::PathBuf;

/// Why a scene cannot be packed, or a pack not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The scene is no glTF.
    #[error(transparent)]
    Scene(#[from] scene::gltf::Error),
    /// A file that goes into the pack cannot be read.
    #[error("{}: cannot be read: {source}; check the path and that the file may be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The path has no file name to call the manifest by.
    #[error("{}: names no file: give a .gltf or .glb file", .0.display())]
    NoName(PathBuf),
    /// The manifest cannot be written.
    #[error(transparent)]
    Output(#[from] output::Error),
    /// Something in the place cannot be read or written.
    #[error("{place}/{name}: {source}; check that the place can be reached and has room")]
    Place {
        /// The place.
        place: String,
        /// The name within it.
        name: String,
        /// What the system or the store said.
        source: std::io::Error,
    },
    /// The place is an address that is not understood.
    #[error("{place}: {what}")]
    Address {
        /// The place as it was named.
        place: String,
        /// What is wrong with it, and what to do.
        what: String,
    },
    /// The manifest is none, or was changed.
    #[error("{manifest}: {what}; pack the scene again")]
    Manifest {
        /// The manifest as it was named.
        manifest: String,
        /// What is wrong.
        what: String,
    },
    /// Pieces are missing or not what they were.
    #[error(
        "{file}: {} of its {n_pieces} pieces cannot be used: {}; delete what is corrupt and pack \
         the scene again",
        bad.len(), bad.join(", ")
    )]
    Pieces {
        /// The file they belong to.
        file: String,
        /// How many pieces it has.
        n_pieces: usize,
        /// Which, and what is wrong with each.
        bad: Vec<String>,
    },
}

impl Error {
    /// May the same succeed on another machine, or at another time: did a place not answer?
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        use std::io::ErrorKind::{
            HostUnreachable, NetworkUnreachable, StaleNetworkFileHandle, TimedOut,
        };
        let passes = [
            HostUnreachable,
            NetworkUnreachable,
            StaleNetworkFileHandle,
            TimedOut,
        ];
        matches!(self, Self::Place { source, .. } if passes.contains(&source.kind()))
    }
}
