//! Which files a scene refers to.

use super::container::Container;
use super::error::{Error, Fault};
use super::{document, uri};
use serde_json::Value;
use std::path::PathBuf;

/// A file that a scene refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// JSON pointer of the URI.
    pub pointer: String,
    /// The file, relative to the scene's folder.
    pub file: PathBuf,
}

/// The files that the `.gltf` or `.glb` of these `bytes` refers to by any property called `uri`,
/// whether or not a scene of it shows them, in the order of the document. `label` is the file's
/// name for messages.
///
/// # Errors
/// When the bytes are no glTF, or a URI leads out of the scene's folder.
pub fn references(bytes: &[u8], label: &str) -> Result<Vec<Reference>, Error> {
    let found = Container::split(bytes)
        .and_then(|container| document::json(container.json))
        .and_then(|document| {
            let mut found = Vec::new();
            collect(&document, &mut String::new(), &mut found)?;
            Ok(found)
        });
    found.map_err(|fault| fault.in_file(label))
}

/// Adds the references within `value`, whose JSON pointer is `pointer`.
fn collect(value: &Value, pointer: &mut String, found: &mut Vec<Reference>) -> Result<(), Fault> {
    let mut enter = |key: &str, value: &Value| {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(key);
        let outcome = match value {
            Value::String(uri) if key == "uri" && uri::is_external(uri) => {
                uri::relative_path(uri, pointer).map(|file| {
                    let pointer = pointer.clone();
                    found.push(Reference { pointer, file });
                })
            }
            value => collect(value, pointer, found),
        };
        pointer.truncate(length);
        outcome
    };
    match value {
        Value::Object(object) => (object.iter())
            .filter(|(key, _)| *key != "extras")
            .try_for_each(|(key, value)| enter(key, value)),
        Value::Array(items) => (items.iter().enumerate())
            .try_for_each(|(index, value)| enter(&index.to_string(), value)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_wherever_they_are() {
        let text = br#"{"asset":{"version":"2.0","extras":{"uri":"no.bin"}},
            "buffers":[{"uri":"a%20b.bin"},{"uri":"data:,x"}],
            "extensions":{"KHR_audio":{"audio":[{"uri":"sounds/./c.mp3"}]}}}"#;
        let found = references(text, "a.gltf").unwrap();
        let pairs: Vec<_> = (found.iter())
            .map(|r| (r.pointer.as_str(), r.file.to_str().unwrap()))
            .collect();
        let expected = [
            ("/buffers/0/uri", "a b.bin"),
            ("/extensions/KHR_audio/audio/0/uri", "sounds/c.mp3"),
        ];
        assert_eq!(pairs, expected);
        let error = references(br#"{"images":[{"uri":"../a.png"}]}"#, "a.gltf").unwrap_err();
        assert!(error.to_string().starts_with("a.gltf: /images/0/uri: "));
        assert!(references(b"solid cube", "a.stl").is_err());
    }
}
