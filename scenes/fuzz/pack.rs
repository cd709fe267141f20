//! Makes one chunk of JSON and one of bytes out of a scene and all files it names.

use crate::mutate::Seed;
use base64::Engine as _;
use serde_json::{Value, json};
use std::path::Path;

/// That of the file which `path` is made into; `None` when it is neither scene nor panorama.
pub fn extension(path: &Path) -> Option<&'static str> {
    match path.extension()?.to_str()? {
        "glb" | "gltf" => Some("glb"),
        "hdr" => Some("hdr"),
        "exr" => Some("exr"),
        _ => None,
    }
}

/// Reads a scene whole, or a panorama; `None` when it is neither.
pub fn pack(path: &Path) -> Option<Seed> {
    let bytes = std::fs::read(path).ok()?;
    let extension = extension(path)?;
    if extension != "glb" {
        return Some(Seed {
            extension,
            json: Value::Null,
            bin: bytes,
        });
    }
    let (mut json, chunk) = split(&bytes)?;
    let folder = path.parent()?;
    let mut bin = Vec::new();
    let mut starts = Vec::new();
    for buffer in json
        .get("buffers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        starts.push(append(&mut bin, &contents(buffer, folder, &chunk)));
    }
    for view in array(&mut json, "bufferViews") {
        shift(view, &starts);
        for compressed in view
            .get_mut("extensions")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
        {
            shift(compressed.1, &starts);
        }
    }
    let mut views = Vec::new();
    let first = json
        .get("bufferViews")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    for image in array(&mut json, "images") {
        if image.get("uri").is_some() {
            let bytes = contents(image, folder, &[]);
            let start = append(&mut bin, &bytes);
            image.as_object_mut()?.remove("uri");
            image["bufferView"] = json!(first + views.len());
            views.push(json!({"buffer": 0, "byteOffset": start, "byteLength": bytes.len()}));
        }
    }
    if !views.is_empty() {
        match json.get_mut("bufferViews").and_then(Value::as_array_mut) {
            Some(known) => known.append(&mut views),
            None => json["bufferViews"] = views.into(),
        }
    }
    json["buffers"] = json!([{"byteLength": bin.len()}]);
    // Something to compile for.
    if json.get("cameras").is_none() {
        json["cameras"] = json!([{"type": "orthographic", "orthographic": {"xmag": 1, "ymag": 1, "znear": 0, "zfar": 1}}]);
        let node = json.get("nodes").and_then(Value::as_array)?.len();
        json["nodes"].as_array_mut()?.push(json!({"camera": 0}));
        json["scenes"][0]["nodes"].as_array_mut()?.push(json!(node));
    }
    Some(Seed {
        extension,
        json,
        bin,
    })
}

/// The JSON and the binary chunk of a file.
fn split(bytes: &[u8]) -> Option<(Value, Vec<u8>)> {
    if !bytes.starts_with(b"glTF") {
        return Some((serde_json::from_slice(bytes).ok()?, Vec::new()));
    }
    let length =
        |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    let json_end = 20 + length(12)?;
    let json = serde_json::from_slice(bytes.get(20..json_end)?).ok()?;
    let bin = bytes.get(json_end + 8..).unwrap_or_default();
    Some((json, bin.to_vec()))
}

/// The bytes that a buffer or image has: a file's, a data URI's, the binary chunk's.
fn contents(object: &Value, folder: &Path, chunk: &[u8]) -> Vec<u8> {
    match object.get("uri").and_then(Value::as_str) {
        Some(uri) => match uri.split_once(";base64,") {
            Some((_, data)) => base64::engine::general_purpose::STANDARD
                .decode(data)
                .unwrap_or_default(),
            None => std::fs::read(folder.join(uri.replace("%20", " "))).unwrap_or_default(),
        },
        None => chunk.to_vec(),
    }
}

fn append(bin: &mut Vec<u8>, bytes: &[u8]) -> usize {
    bin.resize(bin.len().next_multiple_of(8), 0);
    bin.extend(bytes);
    bin.len() - bytes.len()
}

fn array<'a>(json: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    json.get_mut(name)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// Makes what names a buffer name the same bytes in the only one.
fn shift(object: &mut Value, starts: &[usize]) {
    let buffer = object.get("buffer").and_then(Value::as_u64);
    if let Some(start) = buffer.and_then(|buffer| starts.get(buffer as usize)) {
        let offset = object
            .get("byteOffset")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        object["buffer"] = json!(0);
        object["byteOffset"] = json!(offset + *start as u64);
    }
}
