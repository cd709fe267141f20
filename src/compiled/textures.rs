//! Images as the texel table the shaders read, and the slots through which materials and lights refer to them.
//!
//! An image is stored once, in the width of its file (8 or 16 bits a channel), however many slots look at it; images
//! nothing looks at are dropped. `shaders/texture` reads the tables.

use std::collections::HashMap;

use super::record::{
    TEXTURE_LINEAR, TEXTURE_SET_SHIFT, TEXTURE_SRGB, TEXTURE_WIDE, TextureSlot, WRAP_CLAMP,
    WRAP_MIRRORED, WRAP_REPEAT,
};
use super::words::Words;
use crate::scene::ImageId;
use crate::scene::texture::{Encoding, Image, TexelFilter, Texels, TextureRef, Wrap};

/// The images of a scene while its materials and lights are compiled.
#[derive(Debug)]
pub struct TextureTable {
    images: Vec<Image>,
    slots: Vec<TextureSlot>,
    /// The image of each slot.
    slot_images: Vec<ImageId>,
    interned: HashMap<SlotKey, u32>,
}

/// What makes two uses of an image the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct SlotKey {
    image: ImageId,
    flags: u32,
    transform_bits: [u32; 6],
}

/// The tables the shaders read.
#[derive(Debug, Default)]
pub struct Textures {
    /// Uses of images.
    pub slots: Vec<TextureSlot>,
    /// Texels of all images, and other words.
    pub texels: Words,
}

/// Why there is no table of texels.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The images together have more words than an index can count.
    #[error(
        "the textures need {words} words of 4 bytes, and 2^32 can be addressed: use smaller images"
    )]
    TooLarge {
        /// Words needed.
        words: usize,
    },
    /// They do not fit the memory they may take, and not the folder for temporary files either.
    #[error(
        "the textures do not fit into memory and cannot be written to {}: make room there, name another folder in \
         TMPDIR, or allow more memory", std::env::temp_dir().display()
    )]
    Spill(#[from] std::io::Error),
}

impl TextureTable {
    /// A table without slots over `images`, which are indexed by [`ImageId`].
    pub fn new(images: Vec<Image>) -> Self {
        Self {
            images,
            slots: Vec::new(),
            slot_images: Vec::new(),
            interned: HashMap::new(),
        }
    }

    /// The slot for `texture` read as `encoding`; the same use gives the same slot.
    pub fn slot(&mut self, texture: &TextureRef, encoding: Encoding) -> u32 {
        let image = &self.images[texture.image.0 as usize];
        let wide = matches!(image.pixels.texels(), Texels::Wide(_));
        let flags = wrap_bits(texture.wrap[0])
            | wrap_bits(texture.wrap[1]) << 2
            | if texture.filter == TexelFilter::Linear {
                TEXTURE_LINEAR
            } else {
                0
            }
            | if encoding == Encoding::Srgb {
                TEXTURE_SRGB
            } else {
                0
            }
            | if wide { TEXTURE_WIDE } else { 0 }
            | texture.texcoord_set << TEXTURE_SET_SHIFT;
        let matrix = texture.uv_transform.matrix2;
        let translation = texture.uv_transform.translation;
        let uv_u = [matrix.x_axis.x, matrix.y_axis.x, translation.x];
        let uv_v = [matrix.x_axis.y, matrix.y_axis.y, translation.y];
        let bits = |i: usize| if i < 3 { uv_u[i] } else { uv_v[i - 3] }.to_bits();
        let key = SlotKey {
            image: texture.image,
            flags,
            transform_bits: std::array::from_fn(bits),
        };
        *self.interned.entry(key).or_insert_with(|| {
            self.slots.push(TextureSlot {
                uv_u,
                uv_v,
                flags,
                width: image.width,
                height: image.height,
                ..TextureSlot::default()
            });
            self.slot_images.push(texture.image);
            (self.slots.len() - 1) as u32
        })
    }

    /// The image `id`.
    pub fn image(&self, id: ImageId) -> &Image {
        &self.images[id.0 as usize]
    }

    /// Stores the images that have slots, each freed as soon as it is stored; in a file if they take more than `memory`
    /// bytes.
    ///
    /// # Errors
    /// When there are more texels than can be addressed, or the file has no room for them.
    pub fn finish(self, memory: u64) -> Result<Textures, Error> {
        let Self {
            images,
            mut slots,
            slot_images,
            ..
        } = self;
        let mut used = vec![false; images.len()];
        for image in &slot_images {
            used[image.0 as usize] = true;
        }
        let words = images
            .iter()
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|(image, _)| image_words(image))
            .sum();
        if words > u32::MAX as usize {
            return Err(Error::TooLarge { words });
        }
        let mut texels = Words::new(words, memory)?;
        let mut first_texel = Vec::with_capacity(images.len());
        for (image, used) in images.into_iter().zip(used) {
            first_texel.push(texels.len() as u32);
            if used {
                append_image(&image, &mut texels)?;
            }
        }
        for (slot, image) in slots.iter_mut().zip(slot_images) {
            slot.first_texel = first_texel[image.0 as usize];
        }
        Ok(Textures { slots, texels })
    }
}

impl Textures {
    /// Puts `words` at the end of the texel table, and returns the index of the first.
    ///
    /// # Errors
    /// When there are more words than can be addressed, or the file that holds them has no room.
    pub fn append(&mut self, appended: &[u32]) -> Result<u32, Error> {
        let first = self.texels.len();
        let words = first + appended.len();
        if words > u32::MAX as usize {
            return Err(Error::TooLarge { words });
        }
        self.texels.extend(appended.iter().copied())?;
        Ok(first as u32)
    }

    /// Bytes the tables take.
    pub fn bytes(&self) -> usize {
        size_of_val(self.slots.as_slice()) + size_of_val(&*self.texels)
    }

    /// The first broken invariant, in words.
    ///
    /// # Errors
    /// A slot without texels or whose texels lie outside the table.
    pub fn validate(&self) -> Result<(), String> {
        for (i, slot) in self.slots.iter().enumerate() {
            let words_per_texel = if slot.flags & TEXTURE_WIDE != 0 { 2 } else { 1 };
            let texels = slot.width as usize * slot.height as usize;
            if texels == 0
                || slot.first_texel as usize + texels * words_per_texel > self.texels.len()
            {
                return Err(format!(
                    "texture slot {i} ({} × {}) lies outside the texel table",
                    slot.width, slot.height
                ));
            }
        }
        Ok(())
    }
}

/// `TextureSlot::flags` of a wrap mode along u.
fn wrap_bits(wrap: Wrap) -> u32 {
    match wrap {
        Wrap::Repeat => WRAP_REPEAT,
        Wrap::MirroredRepeat => WRAP_MIRRORED,
        Wrap::ClampToEdge => WRAP_CLAMP,
    }
}

/// Words `image` takes in the texel table.
fn image_words(image: &Image) -> usize {
    image.pixels.n_bytes() / size_of::<u32>()
}

/// Puts the texels of `image` at the end of `texels`, red in the lowest bits.
fn append_image(image: &Image, texels: &mut Words) -> std::io::Result<()> {
    match image.pixels.texels() {
        Texels::Narrow(bytes) => {
            let words = bytes.as_chunks::<4>().0.iter();
            texels.extend(words.map(|texel| u32::from_le_bytes(*texel)))
        }
        Texels::Wide(values) => {
            let halves = values.as_chunks::<2>().0.iter();
            texels.extend(halves.map(|[low, high]| u32::from(*low) | u32::from(*high) << 16))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::texture::Pixels;
    use glam::{Affine2, Vec2};

    fn image(pixels: Pixels) -> Image {
        Image {
            name: String::new(),
            width: 2,
            height: 1,
            pixels,
        }
    }

    fn texture(image: u32) -> TextureRef {
        TextureRef {
            image: ImageId(image),
            texcoord_set: 1,
            uv_transform: Affine2::from_translation(Vec2::new(0.25, 0.5)),
            wrap: [Wrap::MirroredRepeat, Wrap::ClampToEdge],
            filter: TexelFilter::Linear,
        }
    }

    #[test]
    fn images_are_stored_once_and_unused_ones_not_at_all() {
        let narrow = image(Pixels::Rgba8(vec![1, 2, 3, 4, 5, 6, 7, 8]));
        let wide = image(Pixels::Rgba16(vec![1, 2, 3, 4, 5, 6, 7, 8]));
        let mut table = TextureTable::new(vec![narrow.clone(), narrow, wide]);
        assert_eq!(table.slot(&texture(1), Encoding::Srgb), 0);
        assert_eq!(table.slot(&texture(1), Encoding::Srgb), 0, "the same use");
        assert_eq!(
            table.slot(&texture(1), Encoding::Linear),
            1,
            "another reading of the same image"
        );
        assert_eq!(table.slot(&texture(2), Encoding::Linear), 2);
        let textures = table.finish(u64::MAX).expect("small");
        assert_eq!(
            *textures.texels,
            [
                0x0403_0201,
                0x0807_0605,
                0x0002_0001,
                0x0004_0003,
                0x0006_0005,
                0x0008_0007
            ]
        );
        assert_eq!(
            textures
                .slots
                .iter()
                .map(|s| s.first_texel)
                .collect::<Vec<_>>(),
            [0, 0, 2]
        );
        assert_eq!(textures.slots[0].uv_u, [1.0, 0.0, 0.25]);
        assert_eq!(textures.slots[0].uv_v, [0.0, 1.0, 0.5]);
        assert_eq!(
            textures.slots[0].flags,
            WRAP_MIRRORED
                | WRAP_CLAMP << 2
                | TEXTURE_LINEAR
                | TEXTURE_SRGB
                | 1 << TEXTURE_SET_SHIFT
        );
        assert_eq!(textures.validate(), Ok(()));
        assert_eq!(textures.bytes(), 3 * 48 + 6 * 4);
    }

    #[test]
    fn a_slot_outside_the_table_is_found() {
        let slot = TextureSlot {
            width: 2,
            height: 2,
            first_texel: 1,
            ..TextureSlot::default()
        };
        let textures = Textures {
            slots: vec![slot],
            texels: Words::Memory(vec![0; 4]),
        };
        assert!(textures.validate().is_err());
    }
}
