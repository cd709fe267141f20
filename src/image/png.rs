//! PNG files, for comparison: code values as they are stored. Textures are not read here.

use super::{Error, is_plausible_size};
use ::image::codecs::png::PngDecoder;
use ::image::{ColorType, DynamicImage, ImageDecoder, ImageError};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// A PNG file's code values.
#[derive(Clone, Debug, PartialEq)]
pub struct Png {
    /// Columns, at least 1.
    pub width: usize,
    /// Rows, at least 1.
    pub height: usize,
    /// Bits of a channel, 8 or 16; fewer are read as 8.
    pub bits: u8,
    /// `R`, `G`, `B`, or `Y` for grey, and `A` where there is alpha.
    pub names: Vec<&'static str>,
    /// Code values in `[0, 1]`, `[channel][y][x]`, not decoded from the sRGB curve and not
    /// multiplied by alpha.
    pub planes: Vec<Vec<f32>>,
}

/// Reads a PNG file.
///
/// # Errors
/// Anything in [`Error`] but a lack of colour.
pub fn read_png(path: &Path) -> Result<Png, Error> {
    let io = |source| Error::io(path, source);
    let file = File::open(path).map_err(io)?;
    let file_size = file.metadata().map_err(io)?.len();
    let decoder = PngDecoder::new(BufReader::new(file)).map_err(|error| explain(path, error))?;
    let (width, height) = decoder.dimensions();
    let (columns, rows) = (u64::from(width), u64::from(height));
    let pixel_size = u64::from(decoder.color_type().bytes_per_pixel());
    if !is_plausible_size(columns.checked_mul(rows), pixel_size, file_size) {
        return Err(Error::ImplausibleSize {
            path: path.to_owned(),
            width: columns,
            height: rows,
        });
    }
    let bits = match decoder.color_type() {
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => 16,
        _ => 8,
    };
    let names: Vec<&str> = match decoder.color_type() {
        ColorType::L8 | ColorType::L16 => vec!["Y"],
        ColorType::La8 | ColorType::La16 => vec!["Y", "A"],
        ColorType::Rgb8 | ColorType::Rgb16 => vec!["R", "G", "B"],
        _ => vec!["R", "G", "B", "A"],
    };
    let image = DynamicImage::from_decoder(decoder).map_err(|error| explain(path, error))?;
    let n_channels = names.len();
    let plane = |channel: usize| -> Vec<f32> {
        if bits == 16 {
            let codes = words(&image);
            let codes = codes.iter().skip(channel).step_by(n_channels);
            codes.map(|&code| f32::from(code) / 65535.0).collect()
        } else {
            let codes = image.as_bytes().iter().skip(channel).step_by(n_channels);
            codes.map(|&code| f32::from(code) / 255.0).collect()
        }
    };
    Ok(Png {
        width: width as usize,
        height: height as usize,
        bits,
        planes: (0..n_channels).map(plane).collect(),
        names,
    })
}

/// Code values of an image of 16 bits a channel; none of any other.
fn words(image: &DynamicImage) -> &[u16] {
    match image {
        DynamicImage::ImageLuma16(image) => image,
        DynamicImage::ImageLumaA16(image) => image,
        DynamicImage::ImageRgb16(image) => image,
        DynamicImage::ImageRgba16(image) => image,
        _ => &[],
    }
}

fn explain(path: &Path, error: ImageError) -> Error {
    match error {
        ImageError::IoError(source) if source.kind() != std::io::ErrorKind::UnexpectedEof => {
            Error::io(path, source)
        }
        ImageError::IoError(_) => Error::malformed(path, "it ends too early"),
        other => Error::malformed(path, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::image::{ImageBuffer, LumaA, Rgb};

    #[test]
    fn channels_of_either_depth() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let pixels = vec![0_u16, 65535, 13107, 1, 2, 3];
        let image: ImageBuffer<Rgb<u16>, _> = ImageBuffer::from_raw(2, 1, pixels).unwrap();
        image.save(&path).unwrap();
        let png = read_png(&path).unwrap();
        assert_eq!((png.width, png.height, png.bits), (2, 1, 16));
        assert_eq!(png.planes[1], [1.0, 2.0 / 65535.0]);
        assert_eq!(png.planes[2][0], 0.2);
        let image: ImageBuffer<LumaA<u8>, _> = ImageBuffer::from_raw(1, 1, vec![51, 255]).unwrap();
        image.save(&path).unwrap();
        let png = read_png(&path).unwrap();
        assert_eq!(png.names, ["Y", "A"]);
        assert_eq!(png.planes, [[0.2], [1.0]]);
    }

    #[test]
    fn damaged_files_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, b"not a picture").unwrap();
        assert!(read_png(&path).unwrap_err().to_string().contains("a.png"));
        let image: ImageBuffer<Rgb<u8>, _> =
            ImageBuffer::from_raw(64, 64, vec![7; 64 * 64 * 3]).unwrap();
        image.save(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(read_png(&path).is_err());
    }
}
