//! Scenes as content-addressed pieces, to be shipped.
//!
//! A pack is a place (a folder or an object store) that holds `pieces/`, each named by the BLAKE3
//! of its bytes, and a [`Manifest`] for each packed scene that says which pieces its files are made
//! of. Pieces are cut by content, so that the next frame or version of a scene shares all pieces
//! but those with a change in them, wherever bytes were inserted, and the place needs only these.
//! Every piece is checked as it is read.

mod chunk;
mod error;
mod manifest;
mod place;
mod read;
mod write;

pub use error::Error;
pub use manifest::{Environment, Manifest, PackedFile, Piece};
pub use place::{Place, is_remote};
pub use read::{Pack, is_manifest};
pub use write::{EnvironmentSource, Report, Source, pack};

/// What follows a scene's file name in that of its manifest.
const MANIFEST_EXTENSION: &str = "pack";

#[cfg(test)]
mod tests;
