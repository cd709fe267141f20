//! Images and how materials refer to them.

use super::ImageId;
use super::spill::Spilled;
use glam::{Affine2, Vec2};
use std::io;
use std::sync::Arc;

/// How an image's numbers are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// RGB through the sRGB curve, alpha linear.
    Srgb,
    /// Numbers as they are.
    Linear,
}

/// Decoded pixels, kept in the precision of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Pixels {
    /// RGBA, 8 bits a channel, `[y][x][channel]`, first row is v = 0.
    Rgba8(Vec<u8>),
    /// RGBA, 16 bits a channel.
    Rgba16(Vec<u16>),
    /// RGBA in a file instead of in memory.
    Spilled {
        /// As they would lie in memory.
        bytes: Arc<Spilled>,
        /// Are there 16 bits a channel, not 8?
        is_wide: bool,
    },
}

/// Pixels to look at, wherever they lie: RGBA, `[y][x][channel]`.
#[derive(Clone, Copy, Debug)]
pub enum Texels<'a> {
    /// 8 bits a channel.
    Narrow(&'a [u8]),
    /// 16 bits a channel.
    Wide(&'a [u16]),
}

impl Pixels {
    /// The pixels.
    #[must_use]
    pub fn texels(&self) -> Texels<'_> {
        match self {
            Self::Rgba8(pixels) => Texels::Narrow(pixels),
            Self::Rgba16(pixels) => Texels::Wide(pixels),
            Self::Spilled { bytes, is_wide } if *is_wide => {
                Texels::Wide(bytemuck::cast_slice(bytes))
            }
            Self::Spilled { bytes, .. } => Texels::Narrow(bytes),
        }
    }

    /// The same pixels in a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn spill(&self) -> io::Result<Self> {
        let (bytes, is_wide) = match self.texels() {
            Texels::Narrow(bytes) => (bytes, false),
            Texels::Wide(values) => (bytemuck::cast_slice(values), true),
        };
        let mut spilled = Spilled::new()?;
        spilled.append([bytes])?;
        Ok(Self::Spilled {
            bytes: Arc::new(spilled),
            is_wide,
        })
    }

    /// What they take, in memory or in a file, bytes.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        match self.texels() {
            Texels::Narrow(bytes) => bytes.len(),
            Texels::Wide(values) => size_of_val(values),
        }
    }
}

/// A decoded image.
#[derive(Clone, Debug)]
pub struct Image {
    /// Name or URI, for messages.
    pub name: String,
    /// Columns, at least 1.
    pub width: u32,
    /// Rows, at least 1.
    pub height: u32,
    /// The pixels.
    pub pixels: Pixels,
}

/// What happens outside [0, 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrap {
    /// Repeat.
    Repeat,
    /// Repeat, every other tile mirrored.
    MirroredRepeat,
    /// Hold the edge texel.
    ClampToEdge,
}

/// Reconstruction between texels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TexelFilter {
    /// The texel the point lies in.
    Nearest,
    /// Bilinear.
    Linear,
}

/// One use of an image by a material property.
#[derive(Clone, Debug, PartialEq)]
pub struct TextureRef {
    /// The image.
    pub image: ImageId,
    /// Set of [`super::mesh::Mesh::texcoords`] that indexes it (already remapped to what the mesh carries).
    pub texcoord_set: u32,
    /// KHR_texture_transform: image uv = `uv_transform * mesh uv`.
    pub uv_transform: Affine2,
    /// Wrap along u and v.
    pub wrap: [Wrap; 2],
    /// Reconstruction filter (glTF's magnification filter; supersampling does what mip maps are for).
    pub filter: TexelFilter,
}

impl TextureRef {
    /// Image coordinates of mesh coordinates `uv`.
    pub fn transform(&self, uv: Vec2) -> Vec2 {
        self.uv_transform.transform_point2(uv)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_the_same_in_a_file() {
        for pixels in [
            Pixels::Rgba8((0..40).collect()),
            Pixels::Rgba16((0..40).map(|v| v * 1000).collect()),
        ] {
            let spilled = pixels.spill().unwrap();
            assert_eq!(pixels.n_bytes(), spilled.n_bytes());
            match (pixels.texels(), spilled.texels()) {
                (Texels::Narrow(a), Texels::Narrow(b)) => assert_eq!(a, b),
                (Texels::Wide(a), Texels::Wide(b)) => assert_eq!(a, b),
                different => panic!("{different:?}"),
            }
        }
    }
}
