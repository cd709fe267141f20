//! Is a file already the picture that is asked for? Its header must say so and its pixels must be those that its
//! checksum says: neither its name nor its existence proves anything.

use super::exr::PIXEL_HASH;
use super::png::{Display, read_text};
use super::{Provenance, pixel_hash};
use crate::image::exr::{Attribute, Precision, read};
use std::path::Path;

/// Is `path` the EXR file that [`super::write_exr`] would write of this picture?
#[must_use]
pub fn is_finished_exr(path: &Path, provenance: &Provenance, precision: Precision) -> bool {
    let Ok(parts) = read(path) else { return false };
    let [exr] = parts.as_slice() else {
        return false;
    };
    let identity = provenance.identity();
    let same_picture =
        (identity.iter()).all(|(name, value)| exr.attributes.get(name) == Some(value));
    let colours = exr.channels.iter().find(|channel| channel.name == "R");
    same_picture
        && colours.is_some_and(|channel| channel.precision == precision)
        && exr.attributes.get(PIXEL_HASH) == Some(&Attribute::Text(pixel_hash(&exr.channels)))
}

/// Is `path` the PNG file that [`super::write_png`] would write of this picture?
#[must_use]
pub fn is_finished_png(path: &Path, provenance: &Provenance, display: &Display) -> bool {
    read_text(path).is_some_and(|(text, hash)| text == display.text(provenance, &hash))
}
