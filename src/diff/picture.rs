//! A picture file as named planes, whatever its format.

use super::Error;
use crate::color::{Chromaticities, REC709};
use crate::image::exr::{Attribute, Exr, Precision, Window};
use crate::image::{exr, read_hdr, read_png};
use std::collections::BTreeMap;
use std::path::Path;

/// What values mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Proportional to light.
    Linear,
    /// Code values of a display, in `[0, 1]`, through the sRGB curve.
    Display,
}

/// Formats that are read, told apart by extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Exr,
    Hdr,
    Png,
}

impl Format {
    /// That of a file.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("exr") => Ok(Self::Exr),
            Some("hdr") => Ok(Self::Hdr),
            Some("png") => Ok(Self::Png),
            _ => Err(Error::UnknownFormat(path.to_owned())),
        }
    }
}

/// A plane of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Name, with those of part and layer before dots: `R`, `variance.R`, `left.depth.Z`.
    pub name: String,
    /// Stored as 16-bit floats, or as code values of at most 16 bits?
    pub is_half: bool,
    /// `[y][x]`.
    pub samples: Vec<f32>,
}

/// A picture: planes of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What values mean.
    pub encoding: Encoding,
    /// `OpenEXR`, `Radiance HDR`, `PNG, 8 bits`.
    pub format: &'static str,
    /// The full frame.
    pub display: Window,
    /// The pixels present.
    pub data: Window,
    /// Primaries of the colours.
    pub chromaticities: Chromaticities,
    /// Planes, in the file's order.
    pub planes: Vec<Plane>,
    /// Attributes of the file, those of later parts only where the first has none of the name.
    pub attributes: BTreeMap<String, Attribute>,
}

impl Picture {
    /// Reads an EXR, HDR or PNG file, told apart by extension.
    ///
    /// # Errors
    /// [`Error::Image`], [`Error::UnknownFormat`], or [`Error::PartsDiffer`] for an EXR file whose
    /// parts are of several sizes.
    pub fn read(path: &Path) -> Result<Self, Error> {
        match Format::of(path)? {
            Format::Exr => Self::from_parts(path, exr::read(path)?),
            Format::Hdr => Self::from_hdr(path),
            Format::Png => Self::from_png(path),
        }
    }

    fn from_parts(path: &Path, parts: Vec<Exr>) -> Result<Self, Error> {
        let several = parts.len() > 1;
        let mut picture: Option<Self> = None;
        for (index, part) in parts.into_iter().enumerate() {
            let into = picture.get_or_insert_with(|| Self {
                encoding: Encoding::Linear,
                format: "OpenEXR",
                display: part.display,
                data: part.data,
                chromaticities: part.chromaticities.unwrap_or(REC709),
                planes: Vec::new(),
                attributes: BTreeMap::new(),
            });
            if part.data != into.data {
                return Err(Error::PartsDiffer(path.to_owned()));
            }
            let prefix = match part.name.as_str() {
                _ if !several => String::new(),
                "" => format!("part{index}."),
                name => format!("{name}."),
            };
            into.planes
                .extend(part.channels.into_iter().map(|channel| Plane {
                    // Some programs repeat the part's name in the channel's.
                    name: if channel.name.starts_with(&prefix) {
                        channel.name
                    } else {
                        prefix.clone() + &channel.name
                    },
                    is_half: channel.precision == Precision::Half,
                    samples: channel.samples,
                }));
            for (name, value) in part.attributes {
                into.attributes.entry(name).or_insert(value);
            }
        }
        picture.ok_or_else(|| Error::Image(crate::image::Error::Empty(path.to_owned())))
    }

    fn from_hdr(path: &Path) -> Result<Self, Error> {
        let hdr = read_hdr(path)?;
        let plane = |channel: usize| hdr.pixels.iter().map(|pixel| pixel[channel]).collect();
        let planes = ["R", "G", "B"]
            .iter()
            .enumerate()
            .map(|(channel, name)| Plane {
                name: (*name).to_owned(),
                // Eight bits of mantissa are fewer than those of a 16-bit float.
                is_half: true,
                samples: plane(channel),
            });
        let planes = planes.collect();
        Ok(Self::whole(
            Encoding::Linear,
            "Radiance HDR",
            (hdr.width, hdr.height),
            planes,
        ))
    }

    fn from_png(path: &Path) -> Result<Self, Error> {
        let png = read_png(path)?;
        let format = if png.bits == 16 {
            "PNG, 16 bits"
        } else {
            "PNG, 8 bits"
        };
        let planes = png
            .names
            .iter()
            .zip(png.planes)
            .map(|(name, samples)| Plane {
                name: (*name).to_owned(),
                is_half: true,
                samples,
            });
        let planes = planes.collect();
        Ok(Self::whole(
            Encoding::Display,
            format,
            (png.width, png.height),
            planes,
        ))
    }

    fn whole(
        encoding: Encoding,
        format: &'static str,
        (width, height): (usize, usize),
        planes: Vec<Plane>,
    ) -> Self {
        let window = Window {
            x: 0,
            y: 0,
            width,
            height,
        };
        Self {
            encoding,
            format,
            display: window,
            data: window,
            chromaticities: REC709,
            planes,
            attributes: BTreeMap::new(),
        }
    }

    /// The plane of this name.
    #[must_use]
    pub fn plane(&self, name: &str) -> Option<&Plane> {
        self.planes.iter().find(|plane| plane.name == name)
    }

    /// Text of an attribute, if it is one.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name)? {
            Attribute::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Samples taken of every pixel, if the file says (`skywell:samples`, as in `0..64`).
    #[must_use]
    pub fn samples_per_pixel(&self) -> Option<u32> {
        let (first, end) = self.text("skywell:samples")?.split_once("..")?;
        end.parse::<u32>().ok()?.checked_sub(first.parse().ok()?)
    }
}
