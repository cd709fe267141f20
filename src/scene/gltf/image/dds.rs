//! DirectDraw surfaces of MSFT_texture_dds: block-compressed or plain, decoded to RGBA.
//!
//! Source: MSFT_texture_dds; Microsoft, "Programming Guide for DDS".

use super::{Raster, Size};
use crate::scene::texture::Pixels;
use dds::header::ParseOptions;
use dds::{ColorFormat, Decoder, Format, ImageViewMut, Precision};
use std::io::Cursor;

/// The size of the largest level of a surface.
///
/// # Errors
/// Says in words what is wrong with it.
pub(super) fn size(bytes: &[u8]) -> Result<Size, String> {
    open(bytes).map(|(_, size)| size)
}

type Surface<'a> = Decoder<Cursor<&'a [u8]>>;

fn open(bytes: &[u8]) -> Result<(Surface<'_>, Size), String> {
    // some programs count an image that is no array as an array of none (Pillow, for BC5)
    let options = ParseOptions::new_permissive(Some(bytes.len() as u64));
    let decoder = Decoder::new_with_options(Cursor::new(bytes), &options)
        .map_err(|error| error.to_string())?;
    if !decoder.layout().is_texture() {
        return Err("it is an array, a cube map or a volume, not one image".to_owned());
    }
    let channel_bytes = match decoder.native_color().precision {
        Precision::U8 => 1,
        Precision::U16 => 2,
        Precision::F32 => {
            let format = decoder.format();
            return Err(format!(
                "its numbers ({format:?}) go beyond those of a texture"
            ));
        }
    };
    let dds::Size { width, height } = decoder.main_size();
    let size = Size {
        width,
        height,
        channel_bytes,
    };
    Ok((decoder, size))
}

/// Decodes the largest level of a surface, which has been allowed this `size`.
///
/// # Errors
/// Says in words what is wrong with it.
pub(super) fn decode(bytes: &[u8], size: Size) -> Result<Raster, String> {
    let (mut decoder, found) = open(bytes)?;
    super::check_unchanged(found, size)?;
    let Size { width, height, .. } = size;
    let n_values = 4 * width as usize * height as usize;
    let pixels = match size.channel_bytes {
        1 => {
            let mut values = vec![0; n_values];
            read(&mut decoder, &mut values, size, ColorFormat::RGBA_U8)?;
            if decoder.format() == Format::BC5_UNORM {
                complete_normals(&mut values);
            }
            Pixels::Rgba8(values)
        }
        _ => {
            let mut values = vec![0_u16; n_values];
            let bytes = bytemuck::cast_slice_mut(&mut values);
            read(&mut decoder, bytes, size, ColorFormat::RGBA_U16)?;
            Pixels::Rgba16(values)
        }
    };
    Ok(Raster {
        width,
        height,
        pixels,
    })
}

fn read(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    into: &mut [u8],
    size: Size,
    color: ColorFormat,
) -> Result<(), String> {
    let size = dds::Size::new(size.width, size.height);
    let view = ImageViewMut::new(into, size, color).ok_or("it has no pixels")?;
    decoder
        .read_surface(view)
        .map_err(|error| error.to_string())
}

/// Fills in the third component of unit normals, of which BC5 keeps two.
fn complete_normals(values: &mut [u8]) {
    for [x, y, z, _] in values.as_chunks_mut::<4>().0 {
        let signed = |value: u8| f32::from(value) / 127.5 - 1.0;
        let squared = signed(*x) * signed(*x) + signed(*y) * signed(*y);
        *z = ((1.0 - squared).max(0.0).sqrt() * 127.5 + 127.5).round() as u8;
    }
}
