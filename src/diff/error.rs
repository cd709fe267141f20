//! Why pictures cannot be compared.

use crate::image;
use std::path::PathBuf;

/// Why two pictures cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read as a picture.
    #[error(transparent)]
    Image(#[from] image::Error),
    /// A file cannot be read at all.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The name does not tell a format.
    #[error("{}: not a picture this program compares: give .exr, .hdr or .png files", .0.display())]
    UnknownFormat(PathBuf),
    /// The parts of an EXR file show different pixels.
    #[error("{}: its parts are of different sizes: split it into files of one size", .0.display())]
    PartsDiffer(PathBuf),
    /// The pictures are of different sizes or cover different parts of the frame.
    #[error(
        "sizes differ: {} is {reference_size}, {} is {test_size}: render both at one size and region",
        reference.display(), test.display()
    )]
    SizesDiffer {
        /// The reference.
        reference: PathBuf,
        /// Its size and place.
        reference_size: String,
        /// The test.
        test: PathBuf,
        /// Its size and place.
        test_size: String,
    },
    /// One is linear, the other for a display.
    #[error(
        "{} is {reference_format}, {} is {test_format}: light and display values cannot be \
         compared; give two pictures of a kind",
        reference.display(), test.display()
    )]
    KindsDiffer {
        /// The reference.
        reference: PathBuf,
        /// Its format.
        reference_format: &'static str,
        /// The test.
        test: PathBuf,
        /// Its format.
        test_format: &'static str,
    },
    /// No channel is in both.
    #[error(
        "no channel in common: {} has {reference_channels}; {} has {test_channels}",
        reference.display(), test.display()
    )]
    NothingInCommon {
        /// The reference.
        reference: PathBuf,
        /// Its channels.
        reference_channels: String,
        /// The test.
        test: PathBuf,
        /// Its channels.
        test_channels: String,
    },
}
