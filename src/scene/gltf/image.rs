//! Images: PNG and JPEG to pixels, in the precision of the file.
//!
//! Embedded colour profiles, gamma and orientation are ignored, as glTF demands.

use super::buffer::Buffers;
use super::error::Fault;
use super::warning::Warnings;
use super::{extension, uri};
use crate::scene::texture::{Image, Pixels};
use ::image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};
use gltf::json::{self, Root};
use rayon::prelude::*;
use std::borrow::Cow;
use std::io::Cursor;
use std::path::Path;

/// Pixels at most along one side.
const MAX_SIDE: u32 = 32_768;
/// Bytes at most that one image may take: a square of 16,384 pixels of 4 × 16 bits.
const MAX_BYTES: u64 = 2 << 30;

/// An image and what it was decoded from.
struct Decoded {
    image: Image,
    /// Hash of the file, if it was one of its own.
    external_hash: Option<blake3::Hash>,
    warnings: Warnings,
}

/// Reads and decodes the images of the given indices, in parallel. The hashes are those of image
/// files, by the file's order.
///
/// # Errors
/// When one cannot be read or decoded.
pub(super) fn decode_all(
    root: &Root,
    buffers: &Buffers<'_>,
    folder: &Path,
    indices: &[usize],
    warnings: &mut Warnings,
) -> Result<(Vec<Image>, Vec<blake3::Hash>), Fault> {
    let decode = |&index: &usize| decode_one(root, buffers, folder, index);
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

fn decode_one(
    root: &Root,
    buffers: &Buffers<'_>,
    folder: &Path,
    index: usize,
) -> Result<Decoded, Fault> {
    let mut warnings = Warnings::default();
    let path = format!("/images/{index}");
    let Some(authored) = root.images.get(index) else {
        return Err(Fault::invalid(path, "missing"));
    };
    let bytes = match (&authored.uri, authored.buffer_view) {
        (Some(uri), _) => Cow::Owned(uri::read(uri, folder, &format!("{path}/uri"))?),
        (None, Some(view)) => {
            Cow::Borrowed(buffers.view(view.value(), &format!("{path}/bufferView"))?.0)
        }
        (None, None) => return Err(Fault::invalid(path, "has neither uri nor bufferView")),
    };
    let format = format(&bytes, &path)?;
    check_mime_type(authored, format, &path, &mut warnings);
    let decoded = decode(&bytes, format).map_err(|error| {
        Fault::invalid(&path, format!("cannot be decoded: {error}"))
            .cure("open and save the image again; it may have 32768 pixels a side and take 2 GiB")
    })?;
    let (width, height) = (decoded.width(), decoded.height());
    if width == 0 || height == 0 {
        return Err(Fault::invalid(path, "has no pixels"));
    }
    let external = authored.uri.as_deref().is_some_and(uri::is_external);
    let external_hash = external.then(|| blake3::hash(&bytes));
    let name = authored.name.clone().filter(|name| !name.is_empty());
    let name = name
        .or_else(|| authored.uri.as_deref().map(uri::label))
        .unwrap_or(path);
    let image = Image {
        name,
        width,
        height,
        pixels: pixels(decoded),
    };
    Ok(Decoded {
        image,
        external_hash,
        warnings,
    })
}

/// Tells the format by the first bytes, whatever the file calls it.
fn format(bytes: &[u8], path: &str) -> Result<ImageFormat, Fault> {
    let unread = |name: &str, by: &str| {
        let what = format!("is {name} ({by}), which is not read");
        Err(Fault::unsupported(path, what, extension::cure(by)))
    };
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Ok(ImageFormat::Png),
        [0xff, 0xd8, ..] => Ok(ImageFormat::Jpeg),
        [0xab, b'K', b'T', b'X', ..] => unread("KTX2", "KHR_texture_basisu"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => unread("WebP", "EXT_texture_webp"),
        [b'D', b'D', b'S', ..] => unread("DDS", "MSFT_texture_dds"),
        _ => Err(Fault::invalid(path, "is neither PNG nor JPEG")
            .cure("convert the image to PNG or JPEG")),
    }
}

fn check_mime_type(
    authored: &json::Image,
    format: ImageFormat,
    path: &str,
    warnings: &mut Warnings,
) {
    if let Some(stated) = &authored.mime_type {
        let found = format.to_mime_type();
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

fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    reader.decode()
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
