//! DirectDraw surfaces of MSFT_texture_dds: block-compressed or plain, decoded to RGBA.
//!
//! Source: MSFT_texture_dds; Microsoft, "Programming Guide for DDS".

use super::Raster;
use crate::scene::texture::Pixels;
use dds::{ColorFormat, Decoder, Format, ImageViewMut, Precision, Size};
use std::io::Cursor;

/// Decodes the largest level of a surface. `take` allows its columns, rows and bytes a channel, or
/// says why not.
///
/// # Errors
/// Says in words what is wrong with it.
pub(super) fn decode(
    bytes: &[u8],
    take: impl FnOnce(u32, u32, u32) -> Result<(), String>,
) -> Result<Raster, String> {
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    if !decoder.layout().is_texture() {
        return Err("it is an array, a cube map or a volume, not one image".to_owned());
    }
    let size = decoder.main_size();
    let Size { width, height } = size;
    let n_values = 4 * width as usize * height as usize;
    let pixels = match decoder.native_color().precision {
        Precision::U8 => {
            take(width, height, 1)?;
            let mut values = vec![0; n_values];
            read(&mut decoder, &mut values, size, ColorFormat::RGBA_U8)?;
            if decoder.format() == Format::BC5_UNORM {
                complete_normals(&mut values);
            }
            Pixels::Rgba8(values)
        }
        Precision::U16 => {
            take(width, height, 2)?;
            let mut values = vec![0_u16; n_values];
            let bytes = bytemuck::cast_slice_mut(&mut values);
            read(&mut decoder, bytes, size, ColorFormat::RGBA_U16)?;
            Pixels::Rgba16(values)
        }
        Precision::F32 => {
            let format = decoder.format();
            return Err(format!(
                "its numbers ({format:?}) go beyond those of a texture"
            ));
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
