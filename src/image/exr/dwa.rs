//! A look at DWA-compressed blocks before they are decoded.
//!
//! Such a block begins with the sizes of its sections, and the decoder allocates what they say: a
//! damaged one would end the process. Source: OpenEXR `internal_dwa_compressor.h`, eleven
//! little-endian 64-bit numbers, the first a version and the last a method.

use ::exr::block::chunk::{Chunk, CompressedBlock};
use ::exr::compression::Compression;
use ::exr::error::Error as ExrError;
use ::exr::meta::header::Header;
use std::io::Cursor;

/// Sections may be this large whatever the image's size, bytes.
const SLACK: u64 = 1 << 20;

/// Errors if a block of a DWA-compressed part claims more than its part holds.
pub(super) fn check(bytes: &[u8], headers: &[Header]) -> Result<(), ExrError> {
    let is_dwa = |header: &Header| {
        matches!(
            header.compression,
            Compression::DWAA(_) | Compression::DWAB(_)
        )
    };
    if !headers.iter().any(is_dwa) {
        return Ok(());
    }
    let reader = ::exr::block::read(Cursor::new(bytes), false)?;
    for chunk in reader.all_chunks(false)? {
        let chunk = chunk?;
        let header = headers.get(chunk.layer_index);
        if let Some(header) = header.filter(|header| is_dwa(header)) {
            check_chunk(&chunk, header)?;
        }
    }
    Ok(())
}

fn check_chunk(chunk: &Chunk, header: &Header) -> Result<(), ExrError> {
    let bytes = match &chunk.compressed_block {
        CompressedBlock::ScanLine(block) => &block.compressed_pixels_le,
        CompressedBlock::Tile(block) => &block.compressed_pixels_le,
        _ => return Ok(()),
    };
    let pixel_size = header.channels.bytes_per_pixel;
    let block = header.get_block_data_indices(&chunk.compressed_block)?;
    let block = header.get_absolute_block_pixel_coordinates(block)?;
    if bytes.len() == block.size.area() * pixel_size {
        return Ok(()); // Stored as it is.
    }
    let limit = (header.layer_size.area() * pixel_size) as u64 + SLACK;
    let (sizes, _) = bytes.as_chunks::<8>();
    let mut sizes = sizes
        .iter()
        .take(10)
        .skip(1)
        .map(|size| u64::from_le_bytes(*size));
    if sizes.any(|size| size > limit) {
        return Err(ExrError::Invalid(
            "a compressed block claims too much".into(),
        ));
    }
    Ok(())
}
