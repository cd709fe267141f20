//! OpenEXR files as named planes of floats.
//!
//! Reads flat images, scanline or tiled, of any compression and channels (the largest level of a
//! mip map; one [`Exr`] for each part). Writes one part of scanlines, and a second of whole numbers if asked
//! ([`IntegerPart`]). Not read: deep data and
//! subsampled channels. What the channels mean is not known here.
//!
//! Files written depend on the content only: attributes are sorted, since the `exr` crate keeps
//! them in a hash map and writes them in a random order.

mod dwa;
mod integer;
mod read;
mod write;

pub use integer::{IntegerHeader, IntegerPart, read_integer_header, read_integer_rows};
pub(super) use read::decode;
pub use read::read;
pub use write::{write, write_with_integers};

use crate::color::Chromaticities;
use std::collections::BTreeMap;

/// A rectangle of pixels in the plane of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Leftmost column.
    pub x: i32,
    /// Top row; y points down.
    pub y: i32,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// How a channel's samples are stored in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 16-bit float.
    Half,
    /// 32-bit float. Integers are read as this too, rounded.
    Float,
}

/// One plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Name, with its layer's before a dot: `R`, `variance.R`.
    pub name: String,
    /// Precision in the file.
    pub precision: Precision,
    /// `[y][x]`, the data window's size.
    pub samples: Vec<f32>,
}

/// Value of an attribute that is not part of the format's own.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// A text, UTF-8.
    Text(String),
    /// A list of texts.
    TextList(Vec<String>),
    /// A whole number.
    Integer(i32),
    /// A number.
    Float(f32),
}

/// One part of an OpenEXR file.
#[derive(Clone, Debug, PartialEq)]
pub struct Exr {
    /// Name of the part; files of one part mostly leave it empty.
    pub name: String,
    /// The full frame.
    pub display: Window,
    /// The pixels present.
    pub data: Window,
    /// Primaries and white of R, G and B; the format's default is Rec. 709.
    pub chromaticities: Option<Chromaticities>,
    /// Is it marked as a cube map? (The other kind of environment is latitude by longitude.)
    pub is_cube: bool,
    /// Planes, sorted by name.
    pub channels: Vec<Channel>,
    /// Attributes by name. Attributes of types that [`Attribute`] lacks are not read.
    pub attributes: BTreeMap<String, Attribute>,
}

impl Exr {
    /// The samples of the channel called `name`.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<&[f32]> {
        let channel = self.channels.iter().find(|channel| channel.name == name)?;
        Some(&channel.samples)
    }

    /// `[y][x][RGB]` of three channels, if all exist.
    #[must_use]
    pub fn pixels(&self, names: [&str; 3]) -> Option<Vec<[f32; 3]>> {
        let [r, g, b] = names.map(|name| self.channel(name));
        let (r, g, b) = (r?, g?, b?);
        Some(
            (r.iter().zip(g).zip(b))
                .map(|((&r, &g), &b)| [r, g, b])
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests;
