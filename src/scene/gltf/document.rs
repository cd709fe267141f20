//! From JSON text to [`gltf::json::Root`], with what that type cannot say about a bad file: where
//! it is bad. The typed tree is used without the `gltf` crate's validation, which refuses files
//! that can be read and names no property; every reader checks what it reads instead.

use super::error::Fault;
use super::warning::Warnings;
use gltf::json::{self, Root};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

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
pub(super) fn parse(text: &[u8], warnings: &mut Warnings) -> Result<Root, Fault> {
    let mut value = json(text)?;
    let Some(object) = value.as_object_mut() else {
        return Err(Fault::container(
            "no glTF: the JSON is no object",
            "check that this is the scene's .gltf or .glb",
        ));
    };
    check_version(object)?;
    set_aside(object, warnings);
    if let Some(path) = oversize_index(object) {
        return Err(Fault::invalid(path, "an index above 4294967295"));
    }
    serde_json::from_value(value)
        .map_err(|error| locate(text).unwrap_or_else(|| Fault::invalid("/", error.to_string())))
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

/// Takes out what is not read, and fills in what the typed tree insists on.
fn set_aside(object: &mut Map<String, Value>, warnings: &mut Warnings) {
    // Some animation extensions do not fit the typed tree; none of it is read.
    if object.remove("animations").is_some() {
        warnings.note(
            "/animations",
            "animations are not read; everything rests as its node says",
        );
    }
    for scene in object
        .get_mut("scenes")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(scene) = scene.as_object_mut() {
            scene
                .entry("nodes")
                .or_insert_with(|| Value::Array(Vec::new()));
        }
    }
    let meshes = object
        .get("meshes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for (m, mesh) in meshes.enumerate() {
        let primitives = mesh
            .get("primitives")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for (p, primitive) in primitives.enumerate() {
            let targets = primitive
                .get("targets")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            let unread = targets
                .filter_map(Value::as_object)
                .flat_map(Map::keys)
                .find(|name| !matches!(name.as_str(), "POSITION" | "NORMAL" | "TANGENT"));
            if let Some(name) = unread {
                warnings.note(
                    format!("/meshes/{m}/primitives/{p}/targets"),
                    format!("morph targets of {name} are not read; it stays as it is"),
                );
            }
        }
    }
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
    object
        .iter()
        .filter(|(name, _)| *name != "extras")
        .find_map(|(name, value)| {
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
fn locate(text: &[u8]) -> Option<Fault> {
    let value: Value = serde_json::from_slice(trim_padding(text)).ok()?;
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
    probe::<json::Accessor>(&value, "accessors")
        .or_else(|| probe::<json::Buffer>(&value, "buffers"))
        .or_else(|| probe::<json::buffer::View>(&value, "bufferViews"))
        .or_else(|| probe::<json::Camera>(&value, "cameras"))
        .or_else(|| probe::<json::Image>(&value, "images"))
        .or_else(|| probe::<json::Material>(&value, "materials"))
        .or_else(|| probe::<json::Mesh>(&value, "meshes"))
        .or_else(|| probe::<json::Node>(&value, "nodes"))
        .or_else(|| probe::<json::texture::Sampler>(&value, "samplers"))
        .or_else(|| probe::<json::Scene>(&value, "scenes"))
        .or_else(|| probe::<json::Skin>(&value, "skins"))
        .or_else(|| probe::<json::Texture>(&value, "textures"))
        .or_else(|| probe::<String>(&value, "extensionsUsed"))
        .or_else(|| probe::<String>(&value, "extensionsRequired"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text.as_bytes(), &mut Warnings::default())
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
    fn what_is_no_json_object_is_no_gltf() {
        for text in ["", "[1]", "{\"asset\":", "\u{0}", "solid cube"] {
            assert!(error(text).contains("no glTF"), "{text:?}");
        }
    }

    #[test]
    fn animations_of_any_shape_are_set_aside() {
        let mut warnings = Warnings::default();
        let text = br#"{"asset":{"version":"2.0"},"animations":[{"channels":7}]}"#;
        parse(text, &mut warnings).unwrap();
        assert_eq!(warnings.into_lines("a").len(), 1);
    }
}
