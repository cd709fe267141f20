//! The PNG of a developed film, through a view.

use super::provenance::hex;
use super::{Error, Provenance, View, file};
use crate::film::Developed;
use crate::image::exr::Attribute;
use rayon::prelude::*;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

/// Keyword of the text that says which picture a file is.
const KEYWORD: &str = "skywell";

/// Precision of a PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum BitDepth {
    /// 8 bits a channel.
    #[default]
    Eight,
    /// 16 bits a channel.
    Sixteen,
}

/// How scene-linear radiance becomes a picture to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Display {
    /// View transform.
    pub view: View,
    /// Radiance is multiplied by two to this power first.
    pub exposure_stops: f32,
    /// Bits a channel.
    pub depth: BitDepth,
}

impl Display {
    /// JSON that says which picture a file is, whose code values have the hash `hash`.
    pub(super) fn text(&self, provenance: &Provenance, hash: &str) -> String {
        let mut text = serde_json::Map::new();
        for (name, value) in provenance.identity() {
            if let Attribute::Text(value) = value {
                text.insert(name, value.into());
            }
        }
        let Self {
            view,
            exposure_stops,
            depth,
        } = self;
        let display = format!("{view:?}, {exposure_stops} stops, {depth:?} bits");
        text.insert("skywell:view".to_owned(), display.into());
        text.insert("skywell:pixelHash".to_owned(), hash.into());
        serde_json::Value::from(text).to_string()
    }
}

/// Writes the region rendered as RGBA through `display`, and as text which picture it is.
///
/// PNG wants colour that is not multiplied by alpha, so it is divided by it first; light where
/// alpha is zero cannot be kept and is black. Code values are rounded to nearest.
///
/// # Errors
/// Any [`Error`]; an earlier file is then still there.
pub fn write_png(
    path: &Path,
    developed: &Developed,
    provenance: &Provenance,
    display: &Display,
) -> Result<(), Error> {
    let scale = display.exposure_stops.exp2();
    let codes = developed
        .pixels
        .par_iter()
        .map(|&pixel| encode_pixel(pixel, display.view, scale));
    let (bytes, depth): (Vec<u8>, _) = match display.depth {
        BitDepth::Eight => {
            let codes = codes.flat_map_iter(|pixel| pixel.map(|code| quantise(code, 255.0) as u8));
            (codes.collect(), png::BitDepth::Eight)
        }
        BitDepth::Sixteen => {
            let codes = codes.flat_map_iter(|pixel| {
                pixel
                    .into_iter()
                    .flat_map(|code| (quantise(code, 65535.0) as u16).to_be_bytes())
            });
            (codes.collect(), png::BitDepth::Sixteen)
        }
    };
    let (width, height) = (developed.region.width(), developed.region.height());
    let text = display.text(provenance, &code_hash(&bytes));
    file::write_whole(path, |file| {
        encode(
            file,
            &bytes,
            (width, height),
            (png::ColorType::Rgba, depth),
            Some(text),
        )
    })
}

/// Writes `rgb`, 8 bits a channel, `[y][x][channel]`, as it is.
///
/// # Errors
/// Any [`Error`]; an earlier file is then still there.
pub fn write_rgb_png(path: &Path, width: u32, height: u32, rgb: &[u8]) -> Result<(), Error> {
    file::write_whole(path, |file| encode(file, rgb, (width, height), RGB8, None))
}

/// The bytes of a PNG file of `rgb`, as [`write_rgb_png`] writes it.
///
/// # Errors
/// `InvalidInput` if `rgb` is not of that size.
pub fn rgb_png_bytes(width: u32, height: u32, rgb: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    encode(&mut bytes, rgb, (width, height), RGB8, None)?;
    Ok(bytes)
}

/// Three channels of 8 bits.
const RGB8: (png::ColorType, png::BitDepth) = (png::ColorType::Rgb, png::BitDepth::Eight);

/// Writes code values, the high byte first, and `text` under [`KEYWORD`].
fn encode(
    stream: impl Write,
    bytes: &[u8],
    (width, height): (u32, u32),
    (color, depth): (png::ColorType, png::BitDepth),
    text: Option<String>,
) -> io::Result<()> {
    let explain = |error| match error {
        png::EncodingError::IoError(source) => source,
        other => io::Error::new(io::ErrorKind::InvalidInput, other),
    };
    let mut writer = BufWriter::new(stream);
    let mut encoder = png::Encoder::new(&mut writer, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Adaptive);
    if let Some(text) = text {
        let keyword = KEYWORD.to_owned();
        encoder.add_text_chunk(keyword, text).map_err(explain)?;
    }
    let mut image = encoder.write_header().map_err(explain)?;
    image.write_image_data(bytes).map_err(explain)?;
    image.finish().map_err(explain)?;
    writer.flush()
}

/// The text of a file that says which picture it is, and the hash of the code values it really has; `None` if it
/// is not such a file or is damaged.
pub(super) fn read_text(path: &Path) -> Option<(String, String)> {
    let decoder = png::Decoder::new(BufReader::new(File::open(path).ok()?));
    let mut reader = decoder.read_info().ok()?;
    let texts = &reader.info().uncompressed_latin1_text;
    let text = texts.iter().find(|chunk| chunk.keyword == KEYWORD)?;
    let text = text.text.clone();
    let mut bytes = vec![0; reader.output_buffer_size()?];
    reader.next_frame(&mut bytes).ok()?;
    Some((text, code_hash(&bytes)))
}

fn code_hash(codes: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("skywell codes 1");
    hasher.update(codes);
    hex(hasher.finalize().as_bytes())
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
