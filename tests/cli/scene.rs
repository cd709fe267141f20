//! Tiny scenes, as text.

use base64::Engine;
use serde_json::{Value, json};

/// The buffer of [`bare`]: four corners, and the six indices of two triangles.
pub fn square() -> Vec<u8> {
    let corners: [[f32; 3]; 4] = [[-1., -1., 0.], [1., -1., 0.], [1., 1., 0.], [-1., 1., 0.]];
    let mut bytes: Vec<u8> = corners
        .iter()
        .flatten()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    bytes.extend([0u16, 1, 2, 0, 2, 3].iter().flat_map(|i| i.to_le_bytes()));
    bytes
}

/// A white square in the plane z = 0, from −1 to 1, facing +Z, without light or camera.
pub fn bare() -> Value {
    let bytes = square();
    let data = base64::engine::general_purpose::STANDARD.encode(&bytes);
    json!({
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [{"doubleSided": true}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
             "min": [-1, -1, 0], "max": [1, 1, 0]},
            {"bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 48},
            {"buffer": 0, "byteOffset": 48, "byteLength": 12},
        ],
        "buffers": [{
            "byteLength": bytes.len(),
            "uri": format!("data:application/octet-stream;base64,{data}"),
        }],
    })
}

/// The square under a directional light, seen by two cameras of 2:1: "front", which sees 1 × 0.5
/// metres of it, and "wide", which sees 20 × 10.
pub fn lit() -> String {
    let mut scene = bare();
    scene["extensionsUsed"] = json!(["KHR_lights_punctual"]);
    scene["extensions"] = json!({"KHR_lights_punctual": {"lights": [
        {"type": "directional", "intensity": 1.5, "color": [1.0, 0.5, 0.25]},
    ]}});
    let camera = |name: &str, ymag: f32| {
        json!({"name": name, "type": "orthographic",
               "orthographic": {"xmag": 2.0 * ymag, "ymag": ymag, "znear": 0.0, "zfar": 10.0}})
    };
    scene["cameras"] = json!([camera("front", 0.25), camera("wide", 5.0)]);
    scene["nodes"] = json!([
        {"mesh": 0},
        {"extensions": {"KHR_lights_punctual": {"light": 0}}},
        {"camera": 0, "name": "front", "translation": [0, 0, 1]},
        {"camera": 1, "name": "wide", "translation": [0, 0, 1]},
    ]);
    scene["scenes"] = json!([{"nodes": [0, 1, 2, 3]}]);
    scene.to_string()
}

/// The square, shining with this strength.
pub fn glowing(strength: f32) -> String {
    let mut scene = bare();
    let extensions = json!({"KHR_materials_emissive_strength": {"emissiveStrength": strength}});
    scene["materials"] = json!([
        {"emissiveFactor": [1.0, 0.5, 0.25], "doubleSided": true, "extensions": extensions},
    ]);
    scene.to_string()
}

/// The square seen by a camera so narrow that its default frame is 1 × 540 pixels.
pub fn narrow() -> String {
    let mut scene = bare();
    scene["cameras"] = json!([{"type": "perspective",
        "perspective": {"yfov": 0.8, "aspectRatio": 0.002, "znear": 0.1}}]);
    scene["nodes"] = json!([{"mesh": 0}, {"camera": 0, "translation": [0, 0, 5]}]);
    scene["scenes"] = json!([{"nodes": [0, 1]}]);
    scene.to_string()
}
