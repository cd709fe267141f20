//! The glTF 2.0 importer: a file becomes a [`Scene`].
//!
//! The `gltf` crate splits containers and types the core's JSON ([`gltf::json`]); its validation,
//! its document wrappers (which panic on bad indices) and its buffer and image import are not
//! used. Everything that is read is checked where it is read, so an [`Error`] names the property
//! at fault, and nothing that no scene shows can be at fault.
//!
//! Source: glTF 2.0 specification and the KHR extensions' (Khronos Group).
//!
//! # Extensions
#![doc = include_str!("extensions.md")]

mod accessor;
mod animation;
mod budget;
mod buffer;
mod camera;
mod choice;
mod container;
mod document;
mod error;
mod extension;
mod file;
mod files;
mod image;
mod instancing;
mod inventory;
mod lazy;
mod light;
mod material;
mod mesh;
mod meshopt;
mod node;
mod placement;
mod properties;
mod range;
mod references;
mod skin;
mod uri;
mod variant;
mod warning;

pub use error::Error;
pub use extension::{
    EXTENSIONS, Extension, Treatment, find as find_extension, table as extension_table,
};
pub use file::FileBytes;
pub use files::{Files, Folder};
pub use inventory::{
    AnimationEntry, Entry, ExtensionEntry, Inventory, MaterialEntry, SceneSizes, inspect,
    inspect_from,
};
pub use material::PropertyTreatment;
pub use references::{Reference, references};

use super::Scene;
use super::light::Environment;
use serde::Serialize;
use std::path::Path;
use warning::Warnings;

/// What of a file to load.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LoadOptions {
    /// The scene's index in the file; `None` takes the file's default scene, else its first, else
    /// (it has none) all of its nodes.
    pub scene_index: Option<usize>,
    /// Where in its animations the scene is, seconds from their start. `None` is 0 when an
    /// animation is chosen; otherwise everything rests as authored.
    pub time: Option<f64>,
    /// Name or index of the animation to apply, or `all`. `None` is all of them when there is a
    /// time, unless two of them move the same property; then it is the first.
    pub animation: Option<String>,
    /// Name or index of the materials' variant; `None` is the default materials.
    pub variant: Option<String>,
    /// Bytes of memory that decoded images may take together; the others lie in files. `None` is no limit. No part of
    /// what a picture is.
    #[serde(skip)]
    pub image_memory: Option<u64>,
}

impl LoadOptions {
    /// Which moment to show, if not the rest pose.
    fn moment(&self) -> Option<animation::Moment<'_>> {
        let animation = self.animation.as_deref();
        let time = self.time.or(animation.map(|_| 0.0))?;
        Some(animation::Moment { time, animation })
    }
}

/// Loads a `.gltf` or `.glb` file, with the files it refers to.
///
/// # Errors
/// When a file cannot be read, breaks the specification, or requires what is not read. What can be
/// left out or mended is a line in [`Scene::warnings`] instead.
///
/// # Examples
/// ```
/// use skywell::scene::gltf::{LoadOptions, load};
///
/// let error = load("no-such-file.glb".as_ref(), &LoadOptions::default()).unwrap_err();
/// assert!(error.to_string().starts_with("no-such-file.glb: "));
/// ```
pub fn load(path: &Path, options: &LoadOptions) -> Result<Scene, Error> {
    let (folder, _) = Folder::of(path);
    let read = || FileBytes::open(path);
    load_with(
        &folder,
        &path.display().to_string(),
        read,
        options,
        Extent::All,
    )
}

/// Loads the `.gltf` or `.glb` file `name` of `files`, with the files it refers to.
///
/// # Errors
/// Those of [`load`].
pub fn load_from(files: &dyn Files, name: &Path, options: &LoadOptions) -> Result<Scene, Error> {
    let read = || files.open(name);
    load_with(files, &files.label(name), read, options, Extent::All)
}

/// As [`load_from`], but no image is read: for who wants to know where things are.
///
/// # Errors
/// Those of [`load`].
pub fn load_shape(files: &dyn Files, name: &Path, options: &LoadOptions) -> Result<Scene, Error> {
    let read = || files.open(name);
    load_with(files, &files.label(name), read, options, Extent::Shape)
}

/// As [`load_from`], but geometry and images are hashed, not read, and nothing with a surface is in the scene: for who
/// wants to know whether it is still the same.
///
/// # Errors
/// Those of [`load`], but for what is wrong with geometry and images.
pub fn identify(files: &dyn Files, name: &Path, options: &LoadOptions) -> Result<Scene, Error> {
    let read = || files.open(name);
    load_with(files, &files.label(name), read, options, Extent::Identity)
}

/// How much of a scene to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// Everything.
    All,
    /// Everything but images; nothing is hashed.
    Shape,
    /// Neither geometry nor images, but all hashes.
    Identity,
}

/// Loads what `read` gives, which messages call `file`, with the files it refers to.
fn load_with(
    files: &dyn Files,
    file: &str,
    read: impl FnOnce() -> std::io::Result<FileBytes>,
    options: &LoadOptions,
    extent: Extent,
) -> Result<Scene, Error> {
    let bytes = read().map_err(|source| Error::Read {
        file: file.to_owned(),
        source,
    })?;
    let mut warnings = Warnings::default();
    let mut scene = self::read(&bytes, files, options, extent, &mut warnings)
        .map_err(|fault| fault.in_file(file))?;
    scene.warnings = warnings.into_lines(file);
    Ok(scene)
}

fn read(
    bytes: &FileBytes,
    files: &dyn Files,
    options: &LoadOptions,
    extent: Extent,
    warnings: &mut Warnings,
) -> Result<Scene, error::Fault> {
    let container = container::Container::split(bytes)?;
    let document::Parsed {
        mut document,
        animations,
    } = document::parse(container.json)?;
    if let Some(variant) = &options.variant {
        variant::select(&mut document, variant)?;
    }
    let animations = animation::Animation::list(&animations)?;
    let to_pose = options.moment().map(|moment| (moment, document.clone()));
    // Buffers, accessors and images are the same at all times.
    material::check_properties(&document, warnings);
    let xmp = document.pointer("/extensions/KHR_xmp_json_ld/packets");
    let xmp = xmp.map(ToString::to_string);
    let authored = document::typed(document)?;
    extension::check(&authored.root, warnings)?;
    let mut buffers = buffer::Buffers::new(&authored.root, files, bytes, container.bin);
    let mut animated_until_s = None;
    let posed = match to_pose {
        Some((moment, mut document)) => {
            let accessors = accessor::Accessors::new(&authored.root, &buffers);
            animated_until_s =
                animation::pose(&mut document, &animations, accessors, moment, warnings)?;
            Some(document::typed(document)?)
        }
        None => None,
    };
    let document = posed.as_ref().unwrap_or(&authored);
    let root = &document.root;
    let nodes = node::place(root, options.scene_index, warnings)?;
    let cameras = camera::read(root, &nodes, warnings)?;
    let mut lights = light::read_punctual(root, &nodes, warnings)?;
    let light::IesLights {
        lights: measured,
        profiles: light_profiles,
        hashes: mut hashes_beside,
    } = light::read_ies(root, &nodes, &buffers, files, warnings)?;
    lights.extend(measured);
    let area_lights = light::read_area(root, &nodes, warnings)?;
    let cube = light::read_image_based(root, node::chosen_scene(root, options.scene_index))?;
    let placed = match extent {
        Extent::All | Extent::Shape => placement::read(document, &buffers, &nodes, warnings)?,
        Extent::Identity => placement::Placed {
            images: placement::images(document, &buffers, &nodes, warnings)?,
            ..placement::Placed::default()
        },
    };
    buffers.forget_decoded();
    let mut images = Vec::new();
    let mut environment = None;
    let mut content = blake3::Hasher::new();
    match extent {
        Extent::All => {
            let hashes;
            let memory = options.image_memory.unwrap_or(u64::MAX);
            (images, hashes) =
                image::decode_all(root, &buffers, files, &placed.images, memory, warnings)?;
            hashes_beside.extend(hashes);
            if let Some(cube) = &cube {
                let (light, hashes) = image_based(cube, root, &buffers, files, warnings)?;
                environment = Some(light);
                hashes_beside.extend(hashes);
            }
        }
        Extent::Identity => {
            hashes_beside.extend(image::hash_all(root, files, &placed.images)?);
            if let Some(cube) = &cube {
                let images = faces(cube, root).0.images;
                hashes_beside.extend(image::hash_all(root, files, &images)?);
            }
        }
        Extent::Shape => {}
    }
    if extent != Extent::Shape {
        bytes.hash_into(&mut content);
        for hash in buffers.external_hashes().into_iter().chain(hashes_beside) {
            content.update(hash.as_bytes());
        }
    }
    Ok(Scene {
        meshes: placed.meshes,
        instances: placed.instances,
        materials: placed.materials,
        images,
        lights,
        light_profiles,
        area_lights,
        cameras,
        environment,
        xmp,
        is_at_rest: posed.is_none() && !animations.is_empty(),
        animated_until_s,
        warnings: Vec::new(),
        content_hash: content.finalize().into(),
    })
}

/// The images of a cube, and which of them each face is.
fn faces(cube: &light::Cube, root: &::gltf::json::Root) -> (material::TextureUses, [usize; 6]) {
    let mut uses = material::TextureUses::default();
    let faces = cube.faces.map(|image| uses.add(root, image).0 as usize);
    (uses, faces)
}

/// The environment that `cube` is, and the hashes of its image files.
fn image_based(
    cube: &light::Cube,
    root: &::gltf::json::Root,
    buffers: &buffer::Buffers<'_>,
    files: &dyn Files,
    warnings: &mut Warnings,
) -> Result<(Environment, Vec<blake3::Hash>), error::Fault> {
    let (uses, faces) = faces(cube, root);
    let (images, hashes) =
        image::decode_all(root, buffers, files, &uses.images, u64::MAX, warnings)?;
    let take = |bytes: u64, path: &str| buffers.budget().take(bytes, path);
    Ok((
        cube.panorama(faces.map(|face| &images[face]), take)?,
        hashes,
    ))
}
