//! Developed films into files: scene-linear OpenEXR with provenance, and PNG through a view.
//!
//! A file appears whole or not at all: it is written beside its place, synced, then renamed; when
//! that fails, what was there before is there still. Not here: which file to write and with what
//! (`session`), and encoding of bytes ([`crate::image`]).

mod error;
mod exr;
mod file;
mod finished;
mod png;
mod provenance;
mod sums;
mod view;

pub use error::Error;
pub use exr::{pixel_hash, write_exr};
pub use file::{prove_writable, remove_abandoned, write_bytes, write_whole};
pub use finished::{is_finished_exr, is_finished_png};
pub use png::{BitDepth, Display, rgb_png_bytes, write_png, write_rgb_png};
pub use provenance::{Provenance, hex};
pub use sums::{SumsHeader, read_sums, read_sums_header, write_sums};
pub use view::View;

#[cfg(test)]
mod tests;
