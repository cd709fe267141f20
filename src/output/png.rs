//! The PNG of a developed film, through a view.

use super::{Error, View, file};
use crate::film::Developed;
use ::image::codecs::png::PngEncoder;
use ::image::{ExtendedColorType, ImageEncoder, ImageError};
use rayon::prelude::*;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Precision of a PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum BitDepth {
    /// 8 bits a channel.
    #[default]
    Eight,
    /// 16 bits a channel.
    Sixteen,
}

/// Writes the region rendered as RGBA, radiance multiplied by 2^`exposure_stops` and shown
/// through `view`.
///
/// PNG wants colour that is not multiplied by alpha, so it is divided by it first; light where
/// alpha is zero cannot be kept and is black. Code values are rounded to nearest.
///
/// # Errors
/// Any [`Error`]; an earlier file is then still there.
pub fn write_png(
    path: &Path,
    developed: &Developed,
    view: View,
    exposure_stops: f32,
    depth: BitDepth,
) -> Result<(), Error> {
    let scale = exposure_stops.exp2();
    let codes = developed
        .pixels
        .par_iter()
        .map(|&pixel| encode_pixel(pixel, view, scale));
    let (bytes, color_type): (Vec<u8>, _) = match depth {
        BitDepth::Eight => {
            let codes = codes.flat_map_iter(|pixel| pixel.map(|code| quantise(code, 255.0) as u8));
            (codes.collect(), ExtendedColorType::Rgba8)
        }
        BitDepth::Sixteen => {
            // The encoder takes 16-bit samples in this machine's byte order.
            let codes = codes.flat_map_iter(|pixel| {
                pixel
                    .into_iter()
                    .flat_map(|code| (quantise(code, 65535.0) as u16).to_ne_bytes())
            });
            (codes.collect(), ExtendedColorType::Rgba16)
        }
    };
    let (width, height) = (developed.region.width(), developed.region.height());
    file::write_whole(path, |file| {
        encode(file, &bytes, (width, height), color_type)
    })
}

/// Writes `rgb`, 8 bits a channel, `[y][x][channel]`, as it is.
///
/// # Errors
/// Any [`Error`]; an earlier file is then still there.
pub fn write_rgb_png(path: &Path, width: u32, height: u32, rgb: &[u8]) -> Result<(), Error> {
    file::write_whole(path, |file| {
        encode(file, rgb, (width, height), ExtendedColorType::Rgb8)
    })
}

/// The bytes of a PNG file of `rgb`, as [`write_rgb_png`] writes it.
///
/// # Errors
/// `InvalidInput` if `rgb` is not of that size.
pub fn rgb_png_bytes(width: u32, height: u32, rgb: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    encode(&mut bytes, rgb, (width, height), ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

fn encode(
    stream: impl Write,
    bytes: &[u8],
    (width, height): (u32, u32),
    color_type: ExtendedColorType,
) -> io::Result<()> {
    let mut writer = BufWriter::new(stream);
    PngEncoder::new(&mut writer)
        .write_image(bytes, width, height, color_type)
        .map_err(|error| match error {
            ImageError::IoError(source) => source,
            other => io::Error::new(io::ErrorKind::InvalidInput, other),
        })?;
    writer.flush()
}

/// Code values in `[0, 1]`, colour not multiplied by alpha, of a premultiplied pixel.
fn encode_pixel([r, g, b, a]: [f32; 4], view: View, scale: f32) -> [f32; 4] {
    if a <= 0.0 {
        return [0.0; 4];
    }
    let [r, g, b] = view.encode([r, g, b].map(|channel| channel / a * scale));
    [r, g, b, a.min(1.0)]
}

/// The nearest of `highest` + 1 codes for a value in `[0, 1]`.
fn quantise(value: f32, highest: f32) -> u32 {
    (value * highest + 0.5) as u32
}
