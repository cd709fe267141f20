//! Radiance HDR (RGBE) files. Source: Ward, "The RADIANCE picture file format".

use super::{Error, is_plausible_size};
use ::image::codecs::hdr::HdrDecoder;
use ::image::{ImageDecoder, ImageError};
use std::io::Cursor;
use std::path::Path;

/// Pixels of a Radiance file.
#[derive(Clone, Debug, PartialEq)]
pub struct Hdr {
    /// Columns, at least 1.
    pub width: usize,
    /// Rows, at least 1.
    pub height: usize,
    /// `[y][x][RGB]`, radiance: what the header says of exposure has been taken out.
    pub pixels: Vec<[f32; 3]>,
    /// What the pixels were divided by, if not by one.
    pub divided_by: Option<[f32; 3]>,
}

/// Bytes of a decoded pixel.
const PIXEL_SIZE: u64 = size_of::<[f32; 3]>() as u64;

/// Reads a Radiance file.
///
/// # Errors
/// Anything in [`Error`] but a lack of colour.
pub fn read(path: &Path) -> Result<Hdr, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    decode(&bytes, path)
}

/// Decodes the bytes of a file, which messages call `path`.
pub(super) fn decode(bytes: &[u8], path: &Path) -> Result<Hdr, Error> {
    // "#?RADIANCE" by Radiance, "#?RGBE" by many others. The decoder's strict mode knows the
    // first only, its lenient mode takes any file, so look here.
    if !bytes.starts_with(b"#?") {
        return Err(Error::malformed(
            path,
            "it does not begin as a Radiance picture does",
        ));
    }
    let decoder =
        HdrDecoder::new_nonstrict(Cursor::new(bytes)).map_err(|error| explain(path, error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::Empty(path.to_owned()));
    }
    let (width, height) = (u64::from(width), u64::from(height));
    if !is_plausible_size(width.checked_mul(height), PIXEL_SIZE, bytes.len() as u64) {
        return Err(Error::ImplausibleSize {
            path: path.to_owned(),
            width,
            height,
        });
    }
    let meta = decoder.metadata();
    let mut pixels = vec![[0.0_f32; 3]; (width * height) as usize];
    let bytes = bytemuck::cast_slice_mut(&mut pixels);
    decoder
        .read_image(bytes)
        .map_err(|error| explain(path, error))?;

    let exposure = meta.exposure.unwrap_or(1.0);
    let (r, g, b) = meta.color_correction.unwrap_or((1.0, 1.0, 1.0));
    let divisor = [r, g, b].map(|channel| channel * exposure);
    if divisor.iter().any(|d| !d.is_normal() || *d < 0.0) {
        return Err(Error::malformed(
            path,
            format!("its exposure or colour correction is {divisor:?}"),
        ));
    }
    let divided_by = (divisor != [1.0; 3]).then_some(divisor);
    if divided_by.is_some() {
        for pixel in &mut pixels {
            *pixel = std::array::from_fn(|channel| pixel[channel] / divisor[channel]);
        }
    }
    Ok(Hdr {
        width: width as usize,
        height: height as usize,
        pixels,
        divided_by,
    })
}

fn explain(path: &Path, error: ImageError) -> Error {
    match error {
        ImageError::IoError(source) if source.kind() != std::io::ErrorKind::UnexpectedEof => {
            Error::io(path, source)
        }
        ImageError::IoError(_) => Error::malformed(path, "it ends too early"),
        ImageError::Unsupported(feature) => Error::Unsupported {
            path: path.to_owned(),
            feature: feature.to_string(),
            cure: "write it as RGBE, top to bottom and left to right",
        },
        other => Error::malformed(path, other),
    }
}
