//! Images: PNG, JPEG, WebP, KTX2 and DDS to pixels, in the precision of the file.
//!
//! Embedded colour profiles, gamma and orientation are ignored, as glTF demands.

mod dds;
mod ktx2;

use super::budget::Budget;
use super::buffer::{Buffers, View};
use super::error::Fault;
use super::file::FileBytes;
use super::warning::Warnings;
use super::{Files, extension, uri};
use crate::scene::texture::{Image, Pixels};
use ::image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use gltf::json::{self, Root};
use rayon::prelude::*;
use std::io::{self, Cursor};
use std::sync::atomic::{AtomicU64, Ordering};

/// Pixels at most along one side.
const MAX_SIDE: u32 = 32_768;
/// Bytes at most that one image may take: a square of 16,384 pixels of 4 × 16 bits.
const MAX_BYTES: u64 = 2 << 30;
/// Bytes that an image of any content may take of what is granted for flat ones: a square of 4096
/// pixels. Those of one colour compress to next to nothing, and are not rare.
const FREE_BYTES: u64 = 64 << 20;
/// As many bytes for each byte of the image's file may be so, up to [`FREE_BYTES`]: what a grey
/// image of one colour comes to, by the most that PNG can compress (1032 : 1).
const FREE_PER_BYTE: u64 = 4128;
/// And as many draw on nothing in any case.
const BACKED_PER_BYTE: u64 = 64;

/// What the bytes of an image are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// By the `image` crate.
    Plain(ImageFormat),
    Ktx2,
    Dds,
}

/// Pixels and their arrangement.
struct Raster {
    width: u32,
    height: u32,
    pixels: Pixels,
}

/// An image and what it was decoded from.
struct Decoded {
    image: Image,
    /// Hash of the file, if it was one of its own.
    external_hash: Option<blake3::Hash>,
    warnings: Warnings,
}

/// Reads and decodes the images of the given indices, in parallel. Those that take more than `memory`
/// bytes together are kept in files. The hashes are those of image files, by the file's order.
///
/// # Errors
/// When one cannot be read or decoded, or kept.
pub(super) fn decode_all(
    root: &Root,
    buffers: &Buffers<'_>,
    files: &dyn Files,
    indices: &[usize],
    memory: u64,
    warnings: &mut Warnings,
) -> Result<(Vec<Image>, Vec<blake3::Hash>), Fault> {
    check_overlaps(root, indices)?;
    let left = AtomicU64::new(memory);
    let decode = |&index: &usize| {
        let mut decoded = decode_one(root, buffers, files, index)?;
        let pixels = &mut decoded.image.pixels;
        let n_bytes = pixels.n_bytes() as u64;
        let fits = (left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(n_bytes)
        }))
        .is_ok();
        if !fits {
            *pixels = pixels.spill().map_err(|error| no_room(index, &error))?;
        }
        Ok(decoded)
    };
    let decoded: Vec<Decoded> = indices
        .par_iter()
        .map(decode)
        .collect::<Result<_, Fault>>()?;
    let mut images = Vec::with_capacity(decoded.len());
    let mut hashes = Vec::new();
    for (&index, decoded) in indices.iter().zip(decoded) {
        warnings.append(decoded.warnings);
        images.push(decoded.image);
        hashes.extend(decoded.external_hash.map(|hash| (index, hash)));
    }
    hashes.sort_by_key(|&(index, _)| index);
    Ok((images, hashes.into_iter().map(|(_, hash)| hash).collect()))
}

/// The hashes of those of the images of the given indices that are files of their own, by the file's order: what
/// [`decode_all`] gives with them.
///
/// # Errors
/// When one cannot be read.
pub(super) fn hash_all(
    root: &Root,
    files: &dyn Files,
    indices: &[usize],
) -> Result<Vec<blake3::Hash>, Fault> {
    let mut indices = indices.to_vec();
    indices.sort_unstable();
    let hash = |&index: &usize| {
        let uri = root.images.get(index)?.uri.as_deref();
        let uri = uri.filter(|uri| uri::is_external(uri))?;
        Some(uri::read(uri, files, &format!("/images/{index}/uri")).map(|file| file.hash()))
    };
    indices.par_iter().filter_map(hash).collect()
}

/// Image `index` fits neither memory nor the folder for temporary files.
fn no_room(index: usize, error: &io::Error) -> Fault {
    let folder = std::env::temp_dir();
    let what = format!(
        "does not fit the memory that images may take, and cannot be written to {}: {error}",
        folder.display()
    );
    let cure = "make room there, name another folder in TMPDIR, or allow more memory";
    Fault::unsupported(format!("/images/{index}"), what, cure)
}

/// Refuses images that share some of their bytes: one file could thus hold the same few bytes as a
/// thousand large images. (Those that share all of them are one image.)
fn check_overlaps(root: &Root, indices: &[usize]) -> Result<(), Fault> {
    let range = |&index: &usize| {
        let image = root.images.get(index).filter(|image| image.uri.is_none())?;
        let view = root.buffer_views.get(image.buffer_view?.value())?;
        let start = view.byte_offset.map_or(0, |offset| offset.0);
        let end = start.saturating_add(view.byte_length.0);
        Some((view.buffer.value(), start, end, index))
    };
    let mut ranges: Vec<_> = indices.iter().filter_map(range).collect();
    ranges.sort_unstable();
    for (before, after) in ranges.iter().zip(ranges.iter().skip(1)) {
        let ((buffer, _, end, index), (other_buffer, other_start, _, other)) = (before, after);
        if buffer == other_buffer && other_start < end {
            return Err(Fault::invalid(
                format!("/images/{other}/bufferView"),
                format!("shares bytes with image {index}, but not all of them"),
            ));
        }
    }
    Ok(())
}

fn decode_one(
    root: &Root,
    buffers: &Buffers<'_>,
    files: &dyn Files,
    index: usize,
) -> Result<Decoded, Fault> {
    let mut warnings = Warnings::default();
    let path = format!("/images/{index}");
    let Some(authored) = root.images.get(index) else {
        return Err(Fault::invalid(path, "missing"));
    };
    let file;
    let (bytes, owner): (&[u8], Option<&FileBytes>) = match (&authored.uri, authored.buffer_view) {
        (Some(uri), _) => {
            file = uri::read(uri, files, &format!("{path}/uri"))?;
            (&file, None)
        }
        (None, Some(view)) => {
            let View { bytes, owner, .. } =
                buffers.view(view.value(), &format!("{path}/bufferView"))?;
            (bytes, owner)
        }
        (None, None) => return Err(Fault::invalid(path, "has neither uri nor bufferView")),
    };
    let format = format(bytes, &path)?;
    check_mime_type(authored, format, &path, &mut warnings);
    let Raster {
        width,
        height,
        pixels,
    } = decode(bytes, format, buffers.budget(), &path)?;
    let external = authored.uri.as_deref().is_some_and(uri::is_external);
    let external_hash = external.then(|| blake3::hash(bytes));
    if let Some(owner) = owner {
        owner.give_back_large(bytes);
    }
    let name = authored.name.clone().filter(|name| !name.is_empty());
    let name = name
        .or_else(|| authored.uri.as_deref().map(uri::label))
        .unwrap_or(path);
    let image = Image {
        name,
        width,
        height,
        pixels,
    };
    Ok(Decoded {
        image,
        external_hash,
        warnings,
    })
}

/// Tells the format by the first bytes, whatever the file calls it.
fn format(bytes: &[u8], path: &str) -> Result<Format, Fault> {
    let unread = |name: &str, by: &str| {
        let what = format!("is {name} ({by}), which is not read");
        Err(Fault::unsupported(path, what, extension::cure(by)))
    };
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Ok(Format::Plain(ImageFormat::Png)),
        [0xff, 0xd8, ..] => Ok(Format::Plain(ImageFormat::Jpeg)),
        [0xab, b'K', b'T', b'X', b' ', b'2', b'0', ..] => Ok(Format::Ktx2),
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => {
            Ok(Format::Plain(ImageFormat::WebP))
        }
        _ if bytes.get(4..12) == Some(b"ftypavif") => unread("AVIF", "EXT_texture_avif"),
        [b'D', b'D', b'S', b' ', ..] => Ok(Format::Dds),
        _ => Err(
            Fault::invalid(path, "is neither PNG, JPEG, WebP, KTX2 nor DDS")
                .cure("convert the image to PNG or JPEG"),
        ),
    }
}

fn check_mime_type(authored: &json::Image, format: Format, path: &str, warnings: &mut Warnings) {
    if let Some(stated) = &authored.mime_type {
        let found = match format {
            Format::Plain(format) => format.to_mime_type(),
            Format::Ktx2 => "image/ktx2",
            Format::Dds => "image/vnd-ms.dds",
        };
        if stated.0 != found {
            warnings.note(
                format!("{path}/mimeType"),
                format!(
                    "says {}, but the image is {found} and is read as such",
                    stated.0
                ),
            );
        }
    }
}

fn decode(bytes: &[u8], format: Format, budget: &Budget, path: &str) -> Result<Raster, Fault> {
    let mut refusal = None;
    let length = bytes.len() as u64;
    let take = |width: u32, height: u32, channel_bytes: u32| {
        let too_many = || Err(format!("{width} × {height} pixels are too many"));
        if width.max(height) > MAX_SIDE {
            return too_many();
        }
        let decoded = u64::from(width) * u64::from(height) * 4 * u64::from(channel_bytes);
        if decoded > MAX_BYTES {
            return too_many();
        }
        if decoded == 0 {
            return Err("it has no pixels".to_owned());
        }
        let free = FREE_BYTES
            .min(length.saturating_mul(FREE_PER_BYTE))
            .min(decoded);
        let backed = length.saturating_mul(BACKED_PER_BYTE);
        let flat = budget.take_for_flat_image(free.saturating_sub(backed));
        budget
            .take(flat + decoded.saturating_sub(free.max(backed)), path)
            .map_err(|fault| {
                refusal = Some(fault);
                String::new()
            })
    };
    let decoded = match format {
        Format::Plain(format) => decode_plain(bytes, format, take),
        Format::Ktx2 => ktx2::decode(bytes, take),
        Format::Dds => dds::decode(bytes, take),
    };
    decoded.map_err(|what| match refusal {
        Some(refusal) => refusal,
        None => Fault::invalid(path, format!("cannot be decoded: {what}"))
            .cure("open and save the image again; it may have 32768 pixels a side and take 2 GiB"),
    })
}

/// Decodes what the `image` crate reads; `take` as for [`ktx2::decode`].
fn decode_plain(
    bytes: &[u8],
    format: ImageFormat,
    take: impl FnOnce(u32, u32, u32) -> Result<(), String>,
) -> Result<Raster, String> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    take(
        width,
        height,
        u32::from(color.bytes_per_pixel() / color.channel_count()),
    )?;
    let decoded = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    Ok(Raster {
        width,
        height,
        pixels: pixels(decoded),
    })
}

fn pixels(image: DynamicImage) -> Pixels {
    match image {
        DynamicImage::ImageLuma16(_)
        | DynamicImage::ImageLumaA16(_)
        | DynamicImage::ImageRgb16(_)
        | DynamicImage::ImageRgba16(_) => Pixels::Rgba16(image.into_rgba16().into_raw()),
        _ => Pixels::Rgba8(image.into_rgba8().into_raw()),
    }
}
