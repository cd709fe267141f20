//! Images: PNG, JPEG, WebP, KTX2 and DDS to pixels, in the precision of the file.
//!
//! What all of them come to is read from their headers, and allowed, before the first is decoded:
//! an album that is refused costs its headers.
//!
//! Embedded colour profiles, gamma and orientation are ignored, as glTF demands.

mod dds;
mod ktx2;

use super::budget::Budget;
use super::buffer::{Buffers, Holder, View};
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

/// What the header of an image says that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    width: u32,
    height: u32,
    /// Bytes of one of the four channels.
    channel_bytes: u32,
}

/// An image that has been looked at.
struct Measured<'a> {
    authored: &'a json::Image,
    index: usize,
    /// Its JSON pointer.
    path: String,
    format: Format,
    size: Size,
    /// Of its file.
    n_bytes: u64,
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
    let measured: Vec<Measured<'_>> = indices
        .par_iter()
        .map(|&index| measure(root, buffers, files, index))
        .collect::<Result<_, Fault>>()?;
    for image in &measured {
        allow(image, buffers.budget())?;
    }
    let left = AtomicU64::new(memory);
    let decode = |image: &Measured<'_>| {
        let mut decoded = decode_one(image, buffers, files)?;
        let pixels = &mut decoded.image.pixels;
        let n_bytes = pixels.n_bytes() as u64;
        let fits = (left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(n_bytes)
        }))
        .is_ok();
        if !fits {
            *pixels = (pixels.spill()).map_err(|error| no_room(image.index, &error))?;
        }
        Ok(decoded)
    };
    let decoded: Vec<Decoded> = measured
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
        Some((Holder::of(root, view.buffer.value()), start, end, index))
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

/// The bytes of an image.
enum Source<'a> {
    /// In a file of its own, or a data URI.
    File(FileBytes),
    /// In a buffer view.
    View(View<'a>),
}

impl<'a> Source<'a> {
    fn open(
        authored: &json::Image,
        path: &str,
        buffers: &'a Buffers<'_>,
        files: &dyn Files,
    ) -> Result<Self, Fault> {
        match (&authored.uri, authored.buffer_view) {
            (Some(uri), _) => uri::read(uri, files, &format!("{path}/uri")).map(Self::File),
            (None, Some(view)) => buffers
                .view(view.value(), &format!("{path}/bufferView"))
                .map(Self::View),
            (None, None) => Err(Fault::invalid(path, "has neither uri nor bufferView")),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::File(file) => file,
            Self::View(view) => view.bytes,
        }
    }

    /// Gives the memory of a large image back: it has been looked at.
    fn give_back(&self) {
        if let Self::View(View {
            bytes,
            owner: Some(owner),
            ..
        }) = self
        {
            owner.give_back_large(bytes);
        }
    }
}

/// Looks at the header of image `index`.
fn measure<'a>(
    root: &'a Root,
    buffers: &Buffers<'_>,
    files: &dyn Files,
    index: usize,
) -> Result<Measured<'a>, Fault> {
    let path = format!("/images/{index}");
    let Some(authored) = root.images.get(index) else {
        return Err(Fault::invalid(path, "missing"));
    };
    let source = Source::open(authored, &path, buffers, files)?;
    let bytes = source.bytes();
    let format = format(bytes, &path)?;
    let size = match format {
        Format::Plain(format) => plain_decoder(bytes, format).map(|decoder| plain_size(&decoder)),
        Format::Ktx2 => ktx2::size(bytes),
        Format::Dds => dds::size(bytes),
    };
    let size = size
        .and_then(Size::check)
        .map_err(|what| undecodable(&path, &what))?;
    source.give_back();
    Ok(Measured {
        authored,
        index,
        format,
        size,
        n_bytes: bytes.len() as u64,
        path,
    })
}

impl Size {
    /// Is it one that is decoded?
    fn check(self) -> Result<Self, String> {
        let Self { width, height, .. } = self;
        if width.max(height) > MAX_SIDE || self.decoded_bytes() > MAX_BYTES {
            return Err(format!("{width} × {height} pixels are too many"));
        }
        match self.decoded_bytes() {
            0 => Err("it has no pixels".to_owned()),
            _ => Ok(self),
        }
    }

    fn decoded_bytes(self) -> u64 {
        let n_pixels = u64::from(self.width).saturating_mul(u64::from(self.height));
        n_pixels.saturating_mul(4 * u64::from(self.channel_bytes))
    }
}

/// Takes what the image comes to from the `budget`.
fn allow(image: &Measured<'_>, budget: &Budget) -> Result<(), Fault> {
    let decoded = image.size.decoded_bytes();
    let free = FREE_BYTES
        .min(image.n_bytes.saturating_mul(FREE_PER_BYTE))
        .min(decoded);
    let backed = image.n_bytes.saturating_mul(BACKED_PER_BYTE);
    let flat = budget.take_for_flat_image(free.saturating_sub(backed));
    let bytes = flat + decoded.saturating_sub(free.max(backed));
    budget.take(bytes, &image.path)
}

fn decode_one(
    image: &Measured<'_>,
    buffers: &Buffers<'_>,
    files: &dyn Files,
) -> Result<Decoded, Fault> {
    let Measured { authored, path, .. } = image;
    let mut warnings = Warnings::default();
    check_mime_type(authored, image.format, path, &mut warnings);
    let source = Source::open(authored, path, buffers, files)?;
    let bytes = source.bytes();
    let Raster {
        width,
        height,
        pixels,
    } = decode(bytes, image).map_err(|what| undecodable(path, &what))?;
    let external = authored.uri.as_deref().is_some_and(uri::is_external);
    let external_hash = external.then(|| blake3::hash(bytes));
    source.give_back();
    let name = authored.name.clone().filter(|name| !name.is_empty());
    let name = name
        .or_else(|| authored.uri.as_deref().map(uri::label))
        .unwrap_or_else(|| path.clone());
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

/// The image at the JSON pointer `path` is broken.
fn undecodable(path: &str, what: &str) -> Fault {
    Fault::invalid(path, format!("cannot be decoded: {what}"))
        .cure("open and save the image again; it may have 32768 pixels a side and take 2 GiB")
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

/// Decodes an image that has been allowed its size.
fn decode(bytes: &[u8], image: &Measured<'_>) -> Result<Raster, String> {
    match image.format {
        Format::Plain(format) => decode_plain(bytes, format, image.size),
        Format::Ktx2 => ktx2::decode(bytes, image.size),
        Format::Dds => dds::decode(bytes, image.size),
    }
}

/// Has what is to be decoded the `size` that has been allowed?
fn check_unchanged(found: Size, size: Size) -> Result<(), String> {
    match found == size {
        true => Ok(()),
        false => Err("it changed while it was read".to_owned()),
    }
}

/// A decoder of what the `image` crate reads, whose header has been read.
fn plain_decoder(bytes: &[u8], format: ImageFormat) -> Result<impl ImageDecoder, String> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    reader.into_decoder().map_err(|error| error.to_string())
}

fn plain_size(decoder: &impl ImageDecoder) -> Size {
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    Size {
        width,
        height,
        channel_bytes: u32::from(color.bytes_per_pixel() / color.channel_count()),
    }
}

fn decode_plain(bytes: &[u8], format: ImageFormat, size: Size) -> Result<Raster, String> {
    let decoder = plain_decoder(bytes, format)?;
    check_unchanged(plain_size(&decoder), size)?;
    let decoded = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    Ok(Raster {
        width: size.width,
        height: size.height,
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
