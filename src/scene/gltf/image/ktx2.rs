//! KTX 2.0 textures of KHR_texture_basisu: ETC1S and UASTC, decoded to RGBA.
//!
//! The sizes that a file states are checked against each other and against its length before
//! anything is decoded, or made room for.
//!
//! Source: KTX file format specification 2.0 (Khronos Group); KHR_texture_basisu.

use super::{Raster, Size};
use crate::scene::texture::Pixels;
use basisu::{DecodeFlags, SourceFormat, TargetFormat, Transcoder};
use ktx2::SupercompressionScheme;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes of a UASTC block of 4 × 4 pixels.
const BLOCK_BYTES: u64 = 16;

/// The size of the largest level of a KTX2 texture.
///
/// # Errors
/// Says in words what is wrong with it.
pub(super) fn size(bytes: &[u8]) -> Result<Size, String> {
    read(bytes).map(|(_, size)| size)
}

fn read(bytes: &[u8]) -> Result<(ktx2::Reader<&[u8]>, Size), String> {
    if texel_blocks(bytes).any(|dimensions| dimensions.contains(&u8::MAX)) {
        return Err("its texel blocks are 256 pixels long, and glTF's are 4".to_owned());
    }
    let reader = ktx2::Reader::new(bytes).map_err(|error| error.to_string())?;
    let header = reader.header();
    let (width, height) = (header.pixel_width, header.pixel_height);
    if width == 0 || height == 0 || header.pixel_depth != 0 {
        return Err("it is no two-dimensional texture".to_owned());
    }
    if header.layer_count > 1 || header.face_count != 1 {
        return Err("it is an array or a cube map, not one image".to_owned());
    }
    let size = Size {
        width,
        height,
        channel_bytes: 1,
    };
    Ok((reader, size))
}

/// The dimensions less 1 of the texel blocks of every basic block in a texture's data format descriptor, as far as it can
/// be read. ktx2 checks all of it but these, to which it adds 1 in eight bits.
fn texel_blocks(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    /// Vendor and type 0, version 2.
    const BASIC: [u8; 6] = [0, 0, 0, 0, 2, 0];
    let header = bytes
        .first_chunk()
        .and_then(|bytes| ktx2::Header::from_bytes(bytes).ok());
    let descriptor = header.and_then(|header| {
        let start = header.index.dfd_byte_offset as usize;
        // Its own length comes first.
        bytes
            .get(start..)?
            .get(4..header.index.dfd_byte_length as usize)
    });
    let mut rest = descriptor.unwrap_or_default();
    std::iter::from_fn(move || {
        let block = rest;
        let length = u16::from_le_bytes([*block.get(6)?, *block.get(7)?]);
        rest = block.get(usize::from(length).max(1)..).unwrap_or_default();
        Some(block)
    })
    .filter(|block| block.starts_with(&BASIC))
    .filter_map(|block| block.get(12..16))
}

/// Decodes the largest level of a KTX2 texture, which has been allowed this `size`.
///
/// # Errors
/// Says in words what is wrong with it.
pub(super) fn decode(bytes: &[u8], size: Size) -> Result<Raster, String> {
    let (reader, found) = read(bytes)?;
    super::check_unchanged(found, size)?;
    let Size { width, height, .. } = size;
    let header = reader.header();
    // The specification pads it; basisu relies on that.
    let index = header.index;
    if !index.kvd_byte_offset.is_multiple_of(4) || !index.kvd_byte_length.is_multiple_of(4) {
        return Err("its table of keys and values is not padded".to_owned());
    }
    let Some(level) = reader.levels().next() else {
        return Err("it has no levels".to_owned());
    };
    let n_blocks = u64::from(width.div_ceil(4)) * u64::from(height.div_ceil(4));
    // BasisLZ says in its own header how much there is of what. The others have one size, which
    // is also what room is made for.
    let uastc_bytes = match header.supercompression_scheme {
        Some(SupercompressionScheme::BasisLZ) => None,
        Some(SupercompressionScheme::Zstandard) => Some(level.uncompressed_byte_length),
        None => Some(level.data.len() as u64),
        Some(other) => return Err(format!("its supercompression ({other:?}) is not read")),
    };
    if uastc_bytes.is_some_and(|bytes| bytes != n_blocks * BLOCK_BYTES) {
        return Err("its pixels and its bytes do not go together".to_owned());
    }
    let transcode = || {
        let transcoder = Transcoder::new(bytes).map_err(|error| format!("{error:?}"))?;
        match transcoder.source_format() {
            SourceFormat::Etc1s | SourceFormat::UastcLdr => {}
            other => {
                let what = format!("it holds {other:?}, and glTF allows ETC1S and UASTC only");
                return Err(what);
            }
        }
        transcoder
            .transcode(0, TargetFormat::Rgba32, DecodeFlags::NONE)
            .map_err(|error| format!("{error:?}"))
    };
    // A young decoder: it checks its input, but nothing proves that it checks all of it.
    let pixels = catch_unwind(AssertUnwindSafe(transcode))
        .map_err(|_| "it contradicts itself".to_owned())??;
    Ok(Raster {
        width,
        height,
        pixels: Pixels::Rgba8(pixels),
    })
}
