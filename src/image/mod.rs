//! Pixel arrays and their files: OpenEXR both ways, Radiance HDR and PNG for reading, comparison.
//!
//! This room knows pixels, channels and file formats. It does not know films, scenes or what a
//! channel is for; textures inside glTF files are decoded by their importer.

pub mod compare;
mod environment;
mod error;
pub mod exr;
mod hdr;
mod png;

pub use environment::{Panorama, decode_environment, environment_bytes, read_environment};
pub use error::Error;
pub use hdr::{Hdr, read as read_hdr};
pub use png::{Png, read_png};

/// Pixels an image may have: 2²⁸, a panorama of 23,170 × 11,585. More is taken for a broken or
/// hostile header.
const MAX_PIXELS: u64 = 1 << 28;

/// Bytes of pixels that one byte of a file may claim to hold. Deflate reaches 1032; a header that
/// claims more is not followed by its pixels.
const MAX_EXPANSION: u64 = 4096;

/// Is it plausible that `file_size` bytes hold `n_pixels` pixels of `pixel_size` bytes? Asked
/// before memory is allocated on a header's word.
fn is_plausible_size(n_pixels: Option<u64>, pixel_size: u64, file_size: u64) -> bool {
    n_pixels.is_some_and(|n| {
        n <= MAX_PIXELS && n.saturating_mul(pixel_size) <= file_size.saturating_mul(MAX_EXPANSION)
    })
}
