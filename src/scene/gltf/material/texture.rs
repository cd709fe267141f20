//! Texture infos: which image, which coordinates, how it is transformed, wrapped and filtered.

use super::super::buffer::Holder;
use super::super::error::Fault;
use super::super::extension;
use super::super::properties::Properties;
use super::super::range::FINITE;
use super::super::uri;
use super::Needs;
use crate::math::portable::sin_cos;
use crate::scene::ImageId;
use crate::scene::material::NormalMap;
use crate::scene::mesh::MAX_TEXCOORD_SETS;
use crate::scene::texture::{TexelFilter, TextureRef, Wrap};
use glam::{Affine2, Mat2, Vec2};
use gltf::json::texture::{MagFilter, Sampler, WrappingMode};
use gltf::json::validation::Checked;
use gltf::json::{self, Root};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::f64::consts::TAU;
use std::path::PathBuf;

/// What `gltf::json` says of a texture whose `source` is not given.
const NO_SOURCE: usize = u32::MAX as usize;

/// Extensions that name another image, of a kind that glTF itself does not have.
const IMAGE_EXTENSIONS: [&str; 3] = ["KHR_texture_basisu", "EXT_texture_webp", "MSFT_texture_dds"];

/// The images that materials use, each with the [`ImageId`] of its place in the list.
#[derive(Debug, Default)]
pub(in super::super) struct TextureUses {
    /// glTF's image indices.
    pub(in super::super) images: Vec<usize>,
    known: HashMap<Origin, ImageId>,
}

impl TextureUses {
    /// Adds glTF's image `source`, unless its bytes are there already.
    pub(in super::super) fn add(&mut self, root: &Root, source: usize) -> ImageId {
        let Self { images, known } = self;
        *known.entry(origin(root, source)).or_insert_with(|| {
            images.push(source);
            ImageId(images.len() as u32 - 1)
        })
    }
}

/// Where an image's bytes are. What has the same bytes is one image.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Origin {
    /// A file.
    File(PathBuf),
    /// Part of a buffer: what holds it, first byte, length.
    Buffer(Holder, u64, u64),
    /// Of its own: the image's index.
    Own(usize),
}

/// A texture info, from wherever it was.
pub(super) struct TextureInfo<'a> {
    /// The texture.
    pub(super) index: usize,
    /// The texture coordinate set, unless an extension says otherwise.
    pub(super) tex_coord: u32,
    /// The info's extensions.
    pub(super) extensions: Option<&'a Map<String, Value>>,
    /// JSON pointer of the info.
    pub(super) path: String,
}

/// Reads the textures of one material.
pub(super) struct TextureReader<'a> {
    root: &'a Root,
    uses: &'a mut TextureUses,
    texcoord_sets: Vec<u32>,
}

impl<'a> TextureReader<'a> {
    /// For a new material.
    pub(super) fn new(root: &'a Root, uses: &'a mut TextureUses) -> Self {
        Self {
            root,
            uses,
            texcoord_sets: Vec::new(),
        }
    }

    /// Reads an info of the core specification.
    ///
    /// # Errors
    /// When it refers to what is not there, or is impossible.
    pub(super) fn core(
        &mut self,
        info: Option<&json::texture::Info>,
        path: impl FnOnce() -> String,
    ) -> Result<Option<TextureRef>, Fault> {
        let Some(info) = info else { return Ok(None) };
        let info = TextureInfo {
            index: info.index.value(),
            tex_coord: info.tex_coord,
            extensions: info
                .extensions
                .as_ref()
                .map(|extensions| &extensions.others),
            path: path(),
        };
        self.read(&info).map(Some)
    }

    /// Reads the info `name` of an extension, if it is there.
    ///
    /// # Errors
    /// When it refers to what is not there, or is impossible.
    pub(super) fn property(
        &mut self,
        owner: &Properties<'_>,
        name: &str,
    ) -> Result<Option<TextureRef>, Fault> {
        let Some(properties) = owner.object(name)? else {
            return Ok(None);
        };
        self.raw(&properties).map(Some)
    }

    /// Reads the normal map `name` of an extension, if it is there.
    ///
    /// # Errors
    /// When it refers to what is not there, or is impossible.
    pub(super) fn normal_property(
        &mut self,
        owner: &Properties<'_>,
        name: &str,
    ) -> Result<Option<NormalMap>, Fault> {
        let Some(properties) = owner.object(name)? else {
            return Ok(None);
        };
        let scale = properties.number("scale", 1.0, FINITE)?;
        Ok(Some(NormalMap {
            texture: self.raw(&properties)?,
            scale,
        }))
    }

    /// Reads an info.
    ///
    /// # Errors
    /// When it refers to what is not there, or is impossible.
    pub(super) fn read(&mut self, info: &TextureInfo<'_>) -> Result<TextureRef, Fault> {
        let Some(texture) = self.root.textures.get(info.index) else {
            return Err(Fault::invalid(
                format!("{}/index", info.path),
                format!("there is no texture {}", info.index),
            ));
        };
        let path = format!("/textures/{}", info.index);
        let image = self.image(texture, &path)?;
        let (wrap, filter) = self.sampler(texture, &path)?;
        let name = "KHR_texture_transform";
        let (uv_transform, tex_coord) =
            match Properties::extension(info.extensions, &info.path, name)? {
                Some(transform) => (uv_transform(&transform)?, transform.integer("texCoord")?),
                None => (Affine2::IDENTITY, None),
            };
        let texcoord_set = self.slot(tex_coord.unwrap_or(info.tex_coord), &info.path)?;
        Ok(TextureRef {
            image,
            texcoord_set,
            uv_transform,
            wrap,
            filter,
        })
    }

    /// What the material asks of its meshes; `tangents` is `Some` when it needs tangents, and
    /// holds the mesh's texture coordinate set that they follow (glTF's first when none is named).
    pub(super) fn into_needs(self, tangents: Option<Option<u32>>) -> Needs {
        let set = |slot: u32| self.texcoord_sets.get(slot as usize).copied();
        let tangents_from = tangents.map(|slot| slot.and_then(set).unwrap_or(0));
        Needs {
            tangents_from,
            texcoord_sets: self.texcoord_sets,
        }
    }

    fn raw(&mut self, properties: &Properties<'_>) -> Result<TextureRef, Fault> {
        self.read(&TextureInfo {
            index: properties.index("index")?,
            tex_coord: properties.integer("texCoord")?.unwrap_or(0),
            extensions: properties.extensions(),
            path: properties.own_path().to_owned(),
        })
    }

    fn image(&mut self, texture: &json::Texture, path: &str) -> Result<ImageId, Fault> {
        let (source, source_path) = source(texture, path)?;
        if source >= self.root.images.len() {
            return Err(Fault::invalid(
                source_path,
                format!("there is no image {source}"),
            ));
        }
        Ok(self.uses.add(self.root, source))
    }

    fn sampler(
        &self,
        texture: &json::Texture,
        path: &str,
    ) -> Result<([Wrap; 2], TexelFilter), Fault> {
        let Some(index) = texture.sampler else {
            return Ok(([Wrap::Repeat; 2], TexelFilter::Linear));
        };
        let Some(sampler) = self.root.samplers.get(index.value()) else {
            return Err(Fault::invalid(
                format!("{path}/sampler"),
                format!("there is no sampler {index}"),
            ));
        };
        let Sampler {
            wrap_s,
            wrap_t,
            mag_filter,
            ..
        } = sampler;
        let path = format!("/samplers/{index}");
        let wrap = [
            wrap(wrap_s, || format!("{path}/wrapS"))?,
            wrap(wrap_t, || format!("{path}/wrapT"))?,
        ];
        let filter = match mag_filter {
            None | Some(Checked::Valid(MagFilter::Linear)) => TexelFilter::Linear,
            Some(Checked::Valid(MagFilter::Nearest)) => TexelFilter::Nearest,
            Some(Checked::Invalid) => {
                return Err(Fault::invalid(
                    format!("{path}/magFilter"),
                    "is neither 9728 (nearest) nor 9729 (linear)",
                ));
            }
        };
        Ok((wrap, filter))
    }

    /// The mesh's texture coordinate set that carries glTF's `set`.
    fn slot(&mut self, set: u32, path: &str) -> Result<u32, Fault> {
        let known = self.texcoord_sets.iter().position(|&known| known == set);
        let slot = known.unwrap_or_else(|| {
            self.texcoord_sets.push(set);
            self.texcoord_sets.len() - 1
        });
        if slot >= MAX_TEXCOORD_SETS {
            return Err(Fault::unsupported(
                path,
                format!(
                    "needs TEXCOORD_{set} beside {MAX_TEXCOORD_SETS} other texture coordinate sets"
                ),
                format!("let one material use at most {MAX_TEXCOORD_SETS} sets"),
            ));
        }
        Ok(slot as u32)
    }
}

fn origin(root: &Root, image: usize) -> Origin {
    let Some(authored) = root.images.get(image) else {
        return Origin::Own(image);
    };
    if let Some(uri) = &authored.uri {
        return uri::file(uri).map_or(Origin::Own(image), Origin::File);
    }
    let view = authored.buffer_view.map(|view| view.value());
    match view.and_then(|view| root.buffer_views.get(view)) {
        Some(view) => Origin::Buffer(
            Holder::of(root, view.buffer.value()),
            view.byte_offset.map_or(0, |offset| offset.0),
            view.byte_length.0,
        ),
        None => Origin::Own(image),
    }
}

/// The image a texture shows, and the JSON pointer of the property that says so: the first of
/// [`IMAGE_EXTENSIONS`] that it has, else its own.
fn source(texture: &json::Texture, path: &str) -> Result<(usize, String), Fault> {
    let extensions = texture.extensions.as_ref().map(|e| &e.others);
    for name in IMAGE_EXTENSIONS {
        if let Some(properties) = Properties::extension(extensions, path, name)? {
            let source = properties.unsigned("source")?;
            let source = usize::try_from(source).unwrap_or(usize::MAX);
            return Ok((source, properties.path("source")));
        }
    }
    let own = texture.source.value();
    let own_path = format!("{path}/source");
    if own != NO_SOURCE {
        return Ok((own, own_path));
    }
    let mut names = extensions.into_iter().flat_map(Map::keys);
    Err(match names.next() {
        Some(name) => Fault::unsupported(
            path,
            format!("has an image by {name} only, which is not read"),
            extension::cure(name),
        ),
        None => Fault::invalid(own_path, "missing"),
    })
}

fn wrap(mode: &Checked<WrappingMode>, path: impl FnOnce() -> String) -> Result<Wrap, Fault> {
    match mode {
        Checked::Valid(WrappingMode::Repeat) => Ok(Wrap::Repeat),
        Checked::Valid(WrappingMode::MirroredRepeat) => Ok(Wrap::MirroredRepeat),
        Checked::Valid(WrappingMode::ClampToEdge) => Ok(Wrap::ClampToEdge),
        Checked::Invalid => Err(Fault::invalid(
            path(),
            "is neither 10497 (repeat), 33648 (mirrored repeat) nor 33071 (clamp to edge)",
        )),
    }
}

/// Offset · rotation · scale. Counter-clockwise is as the image is seen, whose v points down; the
/// extension's example (the lower left quadrant) agrees, its shader code does not.
fn uv_transform(transform: &Properties<'_>) -> Result<Affine2, Fault> {
    let offset = transform.vector2("offset", 0.0, FINITE)?;
    let rotation = transform.number("rotation", 0.0, FINITE)?;
    let scale = transform.vector2("scale", 1.0, FINITE)?;
    let (sin, cos) = sin_cos(f64::from(rotation) % TAU);
    let (sin, cos) = (sin as f32, cos as f32);
    let matrix = Mat2::from_cols(
        Vec2::new(cos, -sin) * scale.x,
        Vec2::new(sin, cos) * scale.y,
    );
    Ok(Affine2::from_mat2_translation(matrix, offset))
}
