//! The EXR of a developed film.

use super::provenance::hex;
use super::{Error, Provenance, file};
use crate::color::REC709;
use crate::film::Developed;
use crate::image::exr::{Attribute, Channel, Exr, Precision, Window, write};
use half::f16;
use std::path::Path;

/// Name of the attribute that holds [`pixel_hash`].
pub(super) const PIXEL_HASH: &str = "skywell:pixelHash";

/// Writes R, G, B and A, linear Rec. 709 premultiplied by alpha, and the variance of their means
/// (`variance.R` …) if the film has it. The display window is the full frame, the data window
/// the region rendered.
///
/// `precision` is that of the colours; variances are always 32-bit floats, since they fall below
/// the range of 16 bits. A colour above that range is stored as its largest number, 65504, and
/// the warnings returned (which the file has too) say how many were.
///
/// The same content gives the same bytes.
///
/// # Errors
/// Any [`Error`]; an earlier file is then still there.
pub fn write_exr(
    path: &Path,
    developed: &Developed,
    provenance: &Provenance,
    precision: Precision,
) -> Result<Vec<String>, Error> {
    let (exr, warnings) = picture(developed, provenance, precision);
    file::write_whole(path, |file| write(&exr, file))?;
    Ok(warnings)
}

/// What [`write_exr`] writes, and its warnings.
pub(super) fn picture(
    developed: &Developed,
    provenance: &Provenance,
    precision: Precision,
) -> (Exr, Vec<String>) {
    let mut channels = planes("", &developed.pixels, precision);
    let warnings: Vec<String> = match precision {
        Precision::Half => round_to_half(&mut channels).into_iter().collect(),
        Precision::Float => Vec::new(),
    };
    if let Some(variance) = &developed.variance {
        channels.extend(planes("variance.", variance, Precision::Float));
    }
    channels.sort_by(|a, b| a.name.cmp(&b.name));
    let mut provenance = provenance.clone();
    provenance.warnings.extend(warnings.iter().cloned());
    let mut attributes = provenance.attributes();
    attributes.insert(
        PIXEL_HASH.to_owned(),
        Attribute::Text(pixel_hash(&channels)),
    );
    let region = developed.region;
    let exr = Exr {
        name: String::new(),
        display: window(0, 0, provenance.settings.width, provenance.settings.height),
        data: window(region.x0, region.y0, region.width(), region.height()),
        chromaticities: Some(REC709),
        is_cube: false,
        channels,
        attributes,
    };
    (exr, warnings)
}

/// BLAKE3 of every channel's name, size and samples (as 32-bit floats, little-endian), by name:
/// what a file's `skywell:pixelHash` attribute must say, in hexadecimal.
#[must_use]
pub fn pixel_hash(channels: &[Channel]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("skywell pixels 1");
    for channel in channels {
        hasher.update(&(channel.name.len() as u64).to_le_bytes());
        hasher.update(channel.name.as_bytes());
        hasher.update(&(channel.samples.len() as u64).to_le_bytes());
        let mut bytes = Vec::with_capacity(1 << 14);
        for samples in channel.samples.chunks(1 << 12) {
            bytes.clear();
            bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
            hasher.update(&bytes);
        }
    }
    hex(hasher.finalize().as_bytes())
}

fn planes(prefix: &str, pixels: &[[f32; 4]], precision: Precision) -> Vec<Channel> {
    let channel = |(index, letter)| Channel {
        name: format!("{prefix}{letter}"),
        precision,
        samples: pixels.iter().map(|pixel| pixel[index]).collect(),
    };
    "RGBA".chars().enumerate().map(channel).collect()
}

/// Rounds samples to 16-bit floats, and says so if some are too large for one.
fn round_to_half(channels: &mut [Channel]) -> Option<String> {
    let mut n_clamped = 0_usize;
    for sample in channels.iter_mut().flat_map(|channel| &mut channel.samples) {
        let half = f16::from_f32(*sample);
        *sample = if half.is_infinite() {
            n_clamped += 1;
            f16::MAX.to_f32().copysign(*sample)
        } else {
            half.to_f32()
        };
    }
    (n_clamped > 0).then(|| {
        format!(
            "{n_clamped} channel values are above {}, the largest 16-bit float, and stored as \
             that: write 32-bit floats to keep them",
            f16::MAX
        )
    })
}

/// Frames have at most 2³¹ columns and rows, which is EXR's limit too.
fn window(x: u32, y: u32, width: u32, height: u32) -> Window {
    Window {
        x: x.cast_signed(),
        y: y.cast_signed(),
        width: width as usize,
        height: height as usize,
    }
}
