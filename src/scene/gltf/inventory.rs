//! What a file holds, and what becomes of it: for people who ask before they render.

use super::accessor::Accessors;
use super::animation::{self, Animation, Moment};
use super::buffer::Buffers;
use super::container::Container;
use super::error::{Error, Fault};
use super::extension::{self, Extension, Treatment};
use super::file::FileBytes;
use super::files::{Files, Folder};
use super::material::{self, PropertyTreatment};
use super::properties::Properties;
use super::warning::Warnings;
use super::{LoadOptions, document, load_from, variant};
use crate::math::Bounds;
use crate::scene::Scene;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::Path;

/// What a glTF file holds.
#[derive(Clone, Debug, Serialize)]
pub struct Inventory {
    /// The file as it was named.
    pub file: String,
    /// What wrote it, or nothing.
    pub generator: String,
    /// Its scenes.
    pub scenes: Vec<Entry>,
    /// Its cameras: `perspective` or `orthographic`.
    pub cameras: Vec<Entry>,
    /// Its lights: `directional`, `point` or `spot`; `rect` or `disk`; `ies`;
    /// `image-based`.
    pub lights: Vec<Entry>,
    /// Its materials.
    pub materials: Vec<MaterialEntry>,
    /// Its animations.
    pub animations: Vec<AnimationEntry>,
    /// Names of its variants.
    pub variants: Vec<String>,
    /// The extensions it uses.
    pub extensions: Vec<ExtensionEntry>,
    /// What the default scene at rest comes to.
    pub sizes: SceneSizes,
    /// What is not honoured, as a render would say it.
    pub warnings: Vec<String>,
}

/// One thing of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Authored name, or nothing.
    pub name: String,
    /// What it is.
    pub kind: String,
}

/// One material of a file.
#[derive(Clone, Debug, Serialize)]
pub struct MaterialEntry {
    /// Authored name, or nothing.
    pub name: String,
    /// What becomes of its properties.
    pub properties: Vec<PropertyTreatment>,
}

/// One animation of a file.
#[derive(Clone, Debug, Serialize)]
pub struct AnimationEntry {
    /// Authored name, or nothing.
    pub name: String,
    /// Time of its last keyframe, seconds.
    pub duration_s: f32,
    /// How many properties it moves.
    pub channels: usize,
}

/// One extension a file uses.
#[derive(Clone, Debug, Serialize)]
pub struct ExtensionEntry {
    /// Its name.
    pub name: String,
    /// Must a reader know it?
    pub required: bool,
    /// What becomes of it.
    pub treatment: Treatment,
    /// Why, or what is shown instead.
    pub note: &'static str,
}

/// What a scene comes to.
#[derive(Clone, Debug, Serialize)]
pub struct SceneSizes {
    /// Meshes stored; one is one primitive.
    pub meshes: usize,
    /// Placements of meshes.
    pub instances: usize,
    /// Triangles stored.
    pub unique_triangles: u64,
    /// Triangles, counting every instance.
    pub triangles: u64,
    /// Decoded images.
    pub images: usize,
    /// Their pixels, bytes.
    pub image_bytes: u64,
    /// Least and greatest corner of the world-space box around all instances, metres; `None` when
    /// there are none.
    pub bounds: Option<[[f32; 3]; 2]>,
}

impl Inventory {
    /// Is everything honoured?
    #[must_use]
    pub fn is_honoured(&self) -> bool {
        let properties = self.materials.iter().flat_map(|m| &m.properties);
        let mut treatments = properties
            .map(|property| property.treatment)
            .chain(self.extensions.iter().map(|extension| extension.treatment));
        self.warnings.is_empty() && treatments.all(|t| t == Treatment::Honoured)
    }
}

/// Reads the file at `path` and takes stock of it. Its default scene is loaded, at rest and in
/// its default materials; each animation is applied once, to see whether it can be.
///
/// # Errors
/// Those of [`load`](super::load).
pub fn inspect(path: &Path) -> Result<Inventory, Error> {
    let (folder, name) = Folder::of(path);
    inspect_from(&folder, name)
}

/// As [`inspect`], for the file `name` of `files`.
///
/// # Errors
/// Those of [`load`](super::load).
pub fn inspect_from(files: &dyn Files, name: &Path) -> Result<Inventory, Error> {
    let scene = load_from(files, name, &LoadOptions::default())?;
    let file = files.label(name);
    let bytes = files.open(name).map_err(|source| Error::Read {
        file: file.clone(),
        source,
    })?;
    let mut warnings = Warnings::default();
    let mut inventory =
        take_stock(&bytes, files, &mut warnings).map_err(|fault| fault.in_file(&file))?;
    inventory.sizes = sizes(&scene);
    inventory.warnings = scene.warnings;
    inventory.warnings.extend(warnings.into_lines(&file));
    inventory.file = file;
    Ok(inventory)
}

/// Everything that the JSON says.
fn take_stock(
    bytes: &FileBytes,
    files: &dyn Files,
    warnings: &mut Warnings,
) -> Result<Inventory, Fault> {
    let container = Container::split(bytes)?;
    let document::Parsed {
        document: json,
        animations,
    } = document::parse(container.json)?;
    let nothing = Map::new();
    let object = json.as_object().unwrap_or(&nothing);
    let root = Properties::new(object, "");
    let variants = variant::names(object)?;
    let scene_sizes = sizes(&Scene::default());
    let mut inventory = Inventory {
        file: String::new(),
        generator: generator(object).to_owned(),
        scenes: entries(&root.objects("scenes")?, |_| Ok(String::new()))?,
        cameras: entries(&root.objects("cameras")?, kind)?,
        lights: lights(object)?,
        materials: materials(object, &root)?,
        animations: Vec::new(),
        variants,
        extensions: extensions(object),
        sizes: scene_sizes,
        warnings: Vec::new(),
    };
    let document = document::typed(json.clone())?;
    let buffers = Buffers::new(&document.root, files, bytes, container.bin);
    let accessors = Accessors::new(&document.root, &buffers);
    // One copy for all: each sets what it moves, whatever was there.
    let mut posed = json.clone();
    for animation in Animation::list(&animations)? {
        let start = Moment {
            time: 0.0,
            animation: None,
        };
        let alone = std::slice::from_ref(&animation);
        animation::pose(&mut posed, alone, accessors, start, warnings)?;
        inventory.animations.push(AnimationEntry {
            name: animation.name()?.to_owned(),
            duration_s: animation.duration(accessors)?,
            channels: animation.n_channels()?,
        });
    }
    Ok(inventory)
}

fn generator(object: &Map<String, Value>) -> &str {
    let asset = object.get("asset");
    asset
        .and_then(|asset| asset.get("generator")?.as_str())
        .unwrap_or_default()
}

fn entries(
    objects: &[Properties<'_>],
    kind: impl Fn(&Properties<'_>) -> Result<String, Fault>,
) -> Result<Vec<Entry>, Fault> {
    let entry = |object: &Properties<'_>| {
        Ok(Entry {
            name: object.text("name")?.unwrap_or_default().to_owned(),
            kind: kind(object)?,
        })
    };
    objects.iter().map(entry).collect()
}

fn kind(object: &Properties<'_>) -> Result<String, Fault> {
    Ok(object.text("type")?.unwrap_or_default().to_owned())
}

/// Extensions that define lights, and what they are if the lights do not say.
const LIGHTS: [(&str, Option<&str>); 4] = [
    ("KHR_lights_punctual", None),
    ("EXT_lights_area", None),
    ("EXT_lights_ies", Some("ies")),
    ("EXT_lights_image_based", Some("image-based")),
];

fn lights(object: &Map<String, Value>) -> Result<Vec<Entry>, Fault> {
    let all = object.get("extensions").and_then(Value::as_object);
    let mut lights = Vec::new();
    for (name, fixed_kind) in LIGHTS {
        if let Some(extension) = Properties::extension(all, "", name)? {
            let kind = |light: &Properties<'_>| match fixed_kind {
                Some(kind) => Ok(kind.to_owned()),
                None => kind(light),
            };
            lights.extend(entries(&extension.objects("lights")?, kind)?);
        }
    }
    Ok(lights)
}

fn materials(
    object: &Map<String, Value>,
    root: &Properties<'_>,
) -> Result<Vec<MaterialEntry>, Fault> {
    let authored = object.get("materials").and_then(Value::as_array);
    let authored = authored.into_iter().flatten().filter_map(Value::as_object);
    let entry = |(named, material): (&Properties<'_>, &Map<String, Value>)| {
        Ok(MaterialEntry {
            name: named.text("name")?.unwrap_or_default().to_owned(),
            properties: material::list_properties(material),
        })
    };
    root.objects("materials")?
        .iter()
        .zip(authored)
        .map(entry)
        .collect()
}

fn extensions(object: &Map<String, Value>) -> Vec<ExtensionEntry> {
    let names = |list: &str| {
        let names = object.get(list).and_then(Value::as_array);
        names
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
    };
    let required = names("extensionsRequired");
    let entry = |name: &str| {
        let Extension {
            treatment, note, ..
        } = extension::find(name);
        ExtensionEntry {
            name: name.to_owned(),
            required: required.contains(&name),
            treatment,
            note,
        }
    };
    names("extensionsUsed").into_iter().map(entry).collect()
}

fn sizes(scene: &Scene) -> SceneSizes {
    let triangles = |mesh: &crate::scene::mesh::Mesh| mesh.triangles.len() as u64;
    let boxes: Vec<Bounds> = scene
        .meshes
        .iter()
        .map(|mesh| Bounds::of_points(&mesh.positions))
        .collect();
    let mut bounds = Bounds::EMPTY;
    let mut n_triangles = 0;
    for instance in &scene.instances {
        let mesh = instance.mesh.0 as usize;
        n_triangles += scene.meshes.get(mesh).map_or(0, triangles);
        if let Some(object) = boxes.get(mesh) {
            bounds = bounds.union(object.transformed(&instance.world_from_object));
        }
    }
    let bytes = |image: &crate::scene::texture::Image| image.pixels.n_bytes() as u64;
    SceneSizes {
        meshes: scene.meshes.len(),
        instances: scene.instances.len(),
        unique_triangles: scene.meshes.iter().map(triangles).sum(),
        triangles: n_triangles,
        images: scene.images.len(),
        image_bytes: scene.images.iter().map(bytes).sum(),
        bounds: (!bounds.is_empty()).then(|| [bounds.min.to_array(), bounds.max.to_array()]),
    }
}
