//! Images and how materials refer to them.

use super::ImageId;
use glam::{Affine2, Vec2};

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
}

impl Pixels {
    /// What they take, bytes.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        match self {
            Self::Rgba8(pixels) => pixels.len(),
            Self::Rgba16(pixels) => size_of_val(pixels.as_slice()),
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
