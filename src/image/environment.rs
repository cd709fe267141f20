//! Panoramas of distant light, from Radiance and OpenEXR files.

use super::{Error, exr, hdr};
use crate::color::REC709;
use std::path::Path;

/// Radiance taken for a texel that is infinite: the largest 16-bit float, which is what such
/// texels overflowed.
const OVERFLOW: f32 = 65504.0;

/// Bytes of a texel of the display window that its file answers for: grey ones have two, and compress by a quarter
/// of what is taken for possible.
const LEAST_TEXEL_BYTES: u64 = 4;

/// An equirectangular image of radiance, fit to be a scene's environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Panorama {
    /// Columns, at least 1.
    pub width: usize,
    /// Rows, at least 1.
    pub height: usize,
    /// `[y][x]`, linear Rec. 709 radiance, finite and non-negative.
    pub texels: Vec<[f32; 3]>,
    /// What was mended or looks wrong, one line each, beginning with the file's name.
    pub warnings: Vec<String>,
}

/// Reads a `.hdr` or `.exr` file, told apart by extension.
///
/// OpenEXR: the channels R, G and B, or the only layer that has them, or Y alone as grey; alpha
/// is ignored. The panorama is the display window, black where the data window does not reach.
/// Colours with other chromaticities are converted.
///
/// # Errors
/// Any [`Error`].
pub fn read_environment(path: &Path) -> Result<Panorama, Error> {
    decode(Format::of(path)?, &environment_bytes(path)?, path)
}

/// The bytes of a file that [`decode_environment`] may decode, by its extension.
///
/// # Errors
/// When it has another, or cannot be read.
pub fn environment_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    Format::of(path)?;
    std::fs::read(path).map_err(|source| Error::io(path, source))
}

/// Decodes the bytes of a `.hdr` or `.exr` file, told apart by the extension of `path`, which is
/// what messages call it.
///
/// # Errors
/// Any [`Error`].
pub fn decode_environment(bytes: &[u8], path: &Path) -> Result<Panorama, Error> {
    decode(Format::of(path)?, bytes, path)
}

/// Formats of panoramas.
#[derive(Clone, Copy, Debug)]
enum Format {
    Hdr,
    Exr,
}

impl Format {
    fn of(path: &Path) -> Result<Self, Error> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("hdr") => Ok(Self::Hdr),
            Some("exr") => Ok(Self::Exr),
            _ => Err(Error::UnknownFormat(path.to_owned())),
        }
    }
}

fn decode(format: Format, bytes: &[u8], path: &Path) -> Result<Panorama, Error> {
    let mut panorama = match format {
        Format::Hdr => decode_hdr(bytes, path)?,
        Format::Exr => decode_exr(bytes, path)?,
    };
    sanitise(path, &mut panorama);
    let Panorama { width, height, .. } = panorama;
    if width != 2 * height {
        panorama.warnings.push(format!(
            "{}: {width}×{height} is not twice as wide as high; stretched over the whole sphere",
            path.display()
        ));
    }
    Ok(panorama)
}

fn decode_hdr(bytes: &[u8], path: &Path) -> Result<Panorama, Error> {
    let hdr = hdr::decode(bytes, path)?;
    let warning = hdr.divided_by.map(|[r, g, b]| {
        let name = path.display();
        format!("{name}: radiance divided by the header's exposure, {r} {g} {b}")
    });
    Ok(Panorama {
        width: hdr.width,
        height: hdr.height,
        texels: hdr.pixels,
        warnings: warning.into_iter().collect(),
    })
}

fn decode_exr(bytes: &[u8], path: &Path) -> Result<Panorama, Error> {
    let parts = exr::decode(bytes, path)?;
    let found = parts.iter().find_map(|part| Some((part, colour(part)?)));
    let Some((part, pixels)) = found else {
        let channels = parts.iter().flat_map(|part| &part.channels);
        let names: Vec<_> = channels.map(|channel| channel.name.as_str()).collect();
        let (path, channels) = (path.to_owned(), names.join(", "));
        return Err(Error::NoColour { path, channels });
    };
    if part.is_cube {
        return Err(Error::Unsupported {
            path: path.to_owned(),
            feature: "a cube map".to_owned(),
            cure: "convert it to latitude by longitude (exrenvmap -l)",
        });
    }
    let (width, height) = (part.display.width, part.display.height);
    if width == 0 || height == 0 {
        return Err(Error::Empty(path.to_owned()));
    }
    let n_texels = (width as u64).checked_mul(height as u64);
    // A window may be larger than its data, but not than those could be.
    if !super::is_plausible_size(n_texels, LEAST_TEXEL_BYTES, bytes.len() as u64) {
        let (width, height) = (width as u64, height as u64);
        return Err(Error::ImplausibleSize {
            path: path.to_owned(),
            width,
            height,
        });
    }
    let mut panorama = Panorama {
        width,
        height,
        texels: place(part, pixels),
        warnings: Vec::new(),
    };
    if part.display != part.data {
        panorama.warnings.push(format!(
            "{}: the data window is not the display window; black outside the data, cut at the display",
            path.display()
        ));
    }
    convert(path, part, &mut panorama)?;
    Ok(panorama)
}

/// The colours of a part, if it is clear which they are.
fn colour(part: &exr::Exr) -> Option<Vec<[f32; 3]>> {
    if let Some(pixels) = part.pixels(["R", "G", "B"]) {
        return Some(pixels);
    }
    let names = part.channels.iter().map(|channel| channel.name.as_str());
    let mut layers = names
        .filter_map(|name| name.strip_suffix(".R"))
        .filter_map(|layer| {
            let [r, g, b] = ["R", "G", "B"].map(|channel| format!("{layer}.{channel}"));
            part.pixels([&r, &g, &b])
        });
    if let Some(pixels) = layers.next() {
        return layers.next().is_none().then_some(pixels);
    }
    let grey = part.channel("Y")?;
    Some(grey.iter().map(|&y| [y; 3]).collect())
}

/// Moves pixels from the data window into the display window.
fn place(part: &exr::Exr, pixels: Vec<[f32; 3]>) -> Vec<[f32; 3]> {
    let (data, display) = (part.data, part.display);
    if data == display {
        return pixels;
    }
    let mut placed = vec![[0.0; 3]; display.width * display.height];
    // Window corners are i32, so these fit.
    let (dx, dy) = (
        i64::from(data.x) - i64::from(display.x),
        i64::from(data.y) - i64::from(display.y),
    );
    for (y, row) in pixels.chunks_exact(data.width).enumerate() {
        let y = y as i64 + dy;
        if !(0..display.height as i64).contains(&y) {
            continue;
        }
        let into = &mut placed[y as usize * display.width..][..display.width];
        for (x, pixel) in row.iter().enumerate() {
            let x = x as i64 + dx;
            if (0..display.width as i64).contains(&x) {
                into[x as usize] = *pixel;
            }
        }
    }
    placed
}

/// Converts other primaries to Rec. 709.
fn convert(path: &Path, part: &exr::Exr, panorama: &mut Panorama) -> Result<(), Error> {
    let Some(from) = part.chromaticities.filter(|from| !from.is_close(&REC709)) else {
        return Ok(());
    };
    let matrix = from.rec709_from_rgb().ok_or_else(|| {
        Error::malformed(
            path,
            format!("its chromaticities span no colours: {from:?}"),
        )
    })?;
    for texel in &mut panorama.texels {
        let [r, g, b] = *texel;
        *texel = matrix.map(|row| row[0] * r + row[1] * g + row[2] * b);
    }
    panorama.warnings.push(format!(
        "{}: converted from its own primaries to Rec. 709",
        path.display()
    ));
    Ok(())
}

/// Makes every texel finite and non-negative, and says what that took.
fn sanitise(path: &Path, panorama: &mut Panorama) {
    let (mut nan, mut infinite, mut negative) = (0_usize, 0_usize, 0_usize);
    for texel in &mut panorama.texels {
        nan += usize::from(texel.iter().any(|x| x.is_nan()));
        infinite += usize::from(texel.contains(&f32::INFINITY));
        negative += usize::from(texel.iter().any(|&x| x < 0.0));
        for channel in texel {
            if *channel == f32::INFINITY {
                *channel = OVERFLOW;
            } else if channel.is_nan() || *channel < 0.0 {
                *channel = 0.0;
            }
        }
    }
    let name = path.display();
    let problems = [
        (nan, "not numbers, taken as 0".to_owned()),
        (infinite, format!("infinite, taken as {OVERFLOW}")),
        (negative, "negative, taken as 0".to_owned()),
    ];
    let found = problems.into_iter().filter(|(count, _)| *count > 0);
    panorama.warnings.extend(
        found.map(|(count, what)| format!("{name}: texels with channels that are {what}: {count}")),
    );
}

#[cfg(test)]
mod tests;
