//! From JSON text to [`gltf::json::Root`], with what that type cannot say about a bad file: where
//! it is bad. The typed tree is used without the `gltf` crate's validation, which refuses files
//! that can be read and names no property; every reader checks what it reads instead. What it has
//! no room for (animations by pointer, morph targets of colours) is taken out of the JSON before.

use super::error::Fault;
use gltf::json::{self, Root};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// The displacements of one morph target: accessors by attribute.
pub(super) type MorphTarget = BTreeMap<String, usize>;

/// A file's JSON, checked as far as a text goes.
#[derive(Debug)]
pub(super) struct Parsed {
    /// Everything but the animations.
    pub(super) document: Value,
    /// The animations, if there are any, as the one property of an object.
    pub(super) animations: Map<String, Value>,
}

/// A document by type.
#[derive(Debug)]
pub(super) struct Document {
    /// Everything but animations and morph targets.
    pub(super) root: Root,
    /// By mesh and primitive.
    morph_targets: HashMap<(usize, usize), Vec<MorphTarget>>,
}

impl Document {
    /// The morph targets of a primitive.
    pub(super) fn morph_targets(&self, mesh: usize, primitive: usize) -> &[MorphTarget] {
        let targets = self.morph_targets.get(&(mesh, primitive));
        targets.map(Vec::as_slice).unwrap_or_default()
    }
}

/// Properties of core glTF that hold indices. `gltf::json` cuts them to 32 bits unseen.
const INDEX_PROPERTIES: [&str; 16] = [
    "buffer",
    "bufferView",
    "camera",
    "children",
    "index",
    "indices",
    "joints",
    "material",
    "mesh",
    "nodes",
    "sampler",
    "scene",
    "skeleton",
    "skin",
    "source",
    "inverseBindMatrices",
];

/// Reads the JSON of a glTF 2.x file.
///
/// # Errors
/// When it is no JSON, of another version, or a property has the wrong type.
pub(super) fn parse(text: &[u8]) -> Result<Parsed, Fault> {
    let mut value = json(text)?;
    let Some(object) = value.as_object_mut() else {
        return Err(Fault::container(
            "no glTF: the JSON is no object",
            "check that this is the scene's .gltf or .glb",
        ));
    };
    check_version(object)?;
    drop_extras(object);
    let animations = object.remove_entry("animations").into_iter().collect();
    if let Some(path) = oversize_index(object) {
        return Err(Fault::invalid(path, "an index above 4294967295"));
    }
    Ok(Parsed {
        document: value,
        animations,
    })
}

/// Gives the JSON of a document its types.
///
/// # Errors
/// When a property has the wrong one.
pub(super) fn typed(mut document: Value) -> Result<Document, Fault> {
    complete_scenes(&mut document);
    let morph_targets = take_morph_targets(&mut document)?;
    let root = Root::deserialize(&document).map_err(|error| {
        locate(&document).unwrap_or_else(|| Fault::invalid("/", error.to_string()))
    })?;
    Ok(Document {
        root,
        morph_targets,
    })
}

/// The text as plain JSON.
///
/// # Errors
/// When it is none.
pub(super) fn json(text: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice(trim_padding(text)).map_err(|error| {
        Fault::container(
            format!("no glTF: neither a .glb nor JSON ({error})"),
            "check that this is the scene's .gltf or .glb",
        )
    })
}

/// Drops what applications keep for themselves. It may be anything, and shows nothing.
fn drop_extras(object: &mut Map<String, Value>) {
    fn search(value: &mut Value) {
        match value {
            Value::Object(object) => drop_extras(object),
            Value::Array(items) => items.iter_mut().for_each(search),
            _ => {}
        }
    }
    object.remove("extras");
    object.values_mut().for_each(search);
}

/// Drops the zero bytes with which some writers fill the chunk.
fn trim_padding(text: &[u8]) -> &[u8] {
    let end = text
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    text.get(..end).unwrap_or(text)
}

fn check_version(object: &Map<String, Value>) -> Result<(), Fault> {
    let version = |name: &str| {
        object
            .get("asset")
            .and_then(|a| a.get(name))
            .and_then(Value::as_str)
    };
    let Some(stated) = version("version") else {
        return Err(Fault::invalid("/asset/version", "missing"));
    };
    if stated.split('.').next() != Some("2") {
        return Err(Fault::unsupported(
            "/asset/version",
            format!("glTF {stated} is not read, only 2.0"),
            "convert the file to glTF 2.0",
        ));
    }
    match version("minVersion") {
        Some(minimum) if minimum != "2.0" => Err(Fault::unsupported(
            "/asset/minVersion",
            format!("needs a reader of glTF {minimum}, this one reads 2.0"),
            "export the file as glTF 2.0",
        )),
        _ => Ok(()),
    }
}

/// Fills in what the typed tree insists on.
fn complete_scenes(document: &mut Value) {
    let scenes = document.get_mut("scenes").and_then(Value::as_array_mut);
    for scene in scenes.into_iter().flatten() {
        if let Some(scene) = scene.as_object_mut() {
            scene
                .entry("nodes")
                .or_insert_with(|| Value::Array(Vec::new()));
        }
    }
}

/// Takes out the morph targets.
fn take_morph_targets(
    document: &mut Value,
) -> Result<HashMap<(usize, usize), Vec<MorphTarget>>, Fault> {
    fn arrays<'a>(
        value: &'a mut Value,
        name: &str,
    ) -> impl Iterator<Item = (usize, &'a mut Value)> {
        let array = value.get_mut(name).and_then(Value::as_array_mut);
        array.into_iter().flatten().enumerate()
    }
    let mut taken = HashMap::new();
    for (m, mesh) in arrays(document, "meshes") {
        for (p, primitive) in arrays(mesh, "primitives") {
            let Some(object) = primitive.as_object_mut() else {
                continue;
            };
            let Some(targets) = object.remove("targets") else {
                continue;
            };
            let targets = serde_json::from_value(targets).map_err(|error| {
                Fault::invalid(
                    format!("/meshes/{m}/primitives/{p}/targets"),
                    error.to_string(),
                )
            })?;
            taken.insert((m, p), targets);
        }
    }
    Ok(taken)
}

/// The JSON pointer of the first index that does not fit 32 bits.
fn oversize_index(object: &Map<String, Value>) -> Option<String> {
    fn oversize(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.as_u64().is_some_and(|n| n > u64::from(u32::MAX)),
            Value::Array(items) => items.iter().any(oversize),
            _ => false,
        }
    }
    fn search(value: &Value) -> Option<String> {
        match value {
            Value::Object(object) => oversize_index(object),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .find_map(|(i, item)| search(item).map(|rest| format!("/{i}{rest}"))),
            _ => None,
        }
    }
    object.iter().find_map(|(name, value)| {
        let bad = match (name.as_str(), value) {
            ("attributes", Value::Object(attributes)) => attributes.values().any(oversize),
            (name, value) => INDEX_PROPERTIES.contains(&name) && oversize(value),
        };
        let rest = if bad {
            Some(String::new())
        } else {
            search(value)
        };
        rest.map(|rest| format!("/{name}{rest}"))
    })
}

/// Finds the element of a top-level array that does not fit its type.
fn locate(document: &Value) -> Option<Fault> {
    fn probe<T: DeserializeOwned>(value: &Value, name: &str) -> Option<Fault> {
        let array = match value.get(name)? {
            Value::Array(array) => array,
            _ => return Some(Fault::invalid(format!("/{name}"), "not an array")),
        };
        array.iter().enumerate().find_map(|(i, element)| {
            let error = T::deserialize(element).err()?;
            Some(Fault::invalid(format!("/{name}/{i}"), error.to_string()))
        })
    }
    probe::<json::Accessor>(document, "accessors")
        .or_else(|| probe::<json::Buffer>(document, "buffers"))
        .or_else(|| probe::<json::buffer::View>(document, "bufferViews"))
        .or_else(|| probe::<json::Camera>(document, "cameras"))
        .or_else(|| probe::<json::Image>(document, "images"))
        .or_else(|| probe::<json::Material>(document, "materials"))
        .or_else(|| probe::<json::Mesh>(document, "meshes"))
        .or_else(|| probe::<json::Node>(document, "nodes"))
        .or_else(|| probe::<json::texture::Sampler>(document, "samplers"))
        .or_else(|| probe::<json::Scene>(document, "scenes"))
        .or_else(|| probe::<json::Skin>(document, "skins"))
        .or_else(|| probe::<json::Texture>(document, "textures"))
        .or_else(|| probe::<String>(document, "extensionsUsed"))
        .or_else(|| probe::<String>(document, "extensionsRequired"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text.as_bytes())
            .and_then(|parsed| typed(parsed.document))
            .unwrap_err()
            .in_file("a.gltf")
            .to_string()
    }

    #[test]
    fn wrong_types_name_their_element() {
        let message = error(r#"{"asset":{"version":"2.0"},"nodes":[{},{"scale":"big"}]}"#);
        assert!(message.starts_with("a.gltf: /nodes/1: "), "{message}");
    }

    #[test]
    fn indices_are_not_cut_to_32_bits() {
        let message = error(r#"{"asset":{"version":"2.0"},"nodes":[{"children":[0,4294967296]}]}"#);
        assert!(
            message.starts_with("a.gltf: /nodes/0/children: "),
            "{message}"
        );
        let message = error(
            r#"{"asset":{"version":"2.0"},"meshes":[{"primitives":[{"attributes":{"POSITION":4294967297}}]}]}"#,
        );
        assert!(
            message.contains("/meshes/0/primitives/0/attributes"),
            "{message}"
        );
    }

    #[test]
    fn versions_are_checked() {
        assert!(error(r#"{"asset":{"version":"1.0"}}"#).contains("glTF 1.0 is not read"));
        assert!(error(r#"{"asset":{"version":"2.9","minVersion":"2.1"}}"#).contains("glTF 2.1"));
        assert!(error(r"{}").contains("/asset/version: missing"));
    }

    #[test]
    fn extras_may_be_anything() {
        let text = br#"{"asset":{"version":"2.0","extras":"a"},"extras":[4294967296],
            "nodes":[{"extras":{"mesh":4294967296}}],"scenes":[{"extras":5}]}"#;
        assert!(typed(parse(text).unwrap().document).is_ok());
    }

    #[test]
    fn what_is_no_json_object_is_no_gltf() {
        for text in ["", "[1]", "{\"asset\":", "\u{0}", "solid cube"] {
            assert!(error(text).contains("no glTF"), "{text:?}");
        }
    }

    #[test]
    fn animations_of_any_shape_are_set_aside() {
        let text = br#"{"asset":{"version":"2.0"},"animations":[{"channels":7}]}"#;
        let parsed = parse(text).unwrap();
        assert_eq!(parsed.animations.len(), 1);
        assert!(typed(parsed.document).is_ok());
    }

    #[test]
    fn morph_targets_of_all_attributes_are_kept() {
        let text = br#"{"asset":{"version":"2.0"},"meshes":[{"primitives":[{"attributes":{},
            "targets":[{"COLOR_0":3,"POSITION":1},{}]}]}]}"#;
        let document = typed(parse(text).unwrap().document).unwrap();
        let targets = document.morph_targets(0, 0);
        assert_eq!((targets.len(), targets[0]["COLOR_0"]), (2, 3));
        let message = error(
            r#"{"asset":{"version":"2.0"},"meshes":[{"primitives":[{"attributes":{},"targets":[{"POSITION":-1}]}]}]}"#,
        );
        assert!(
            message.contains("/meshes/0/primitives/0/targets"),
            "{message}"
        );
    }
}
