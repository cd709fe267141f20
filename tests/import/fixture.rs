//! Small glTF files, made piece by piece in a folder of their own.

use serde_json::{Value, json};
use skywell::scene::Scene;
use skywell::scene::gltf::{Error, LoadOptions, load};
use std::path::PathBuf;
use tempfile::TempDir;

pub const BYTE: u32 = 5120;
pub const UNSIGNED_BYTE: u32 = 5121;
pub const SHORT: u32 = 5122;
pub const UNSIGNED_SHORT: u32 = 5123;
pub const UNSIGNED_INT: u32 = 5125;
pub const FLOAT: u32 = 5126;

/// A glTF file in the making.
pub struct Fixture {
    pub json: Value,
    pub bin: Vec<u8>,
    pub folder: TempDir,
}

impl Fixture {
    /// A scene with one node, one mesh and one primitive that has no attributes yet.
    pub fn new() -> Self {
        let json = json!({
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": [{"attributes": {}}]}],
            "accessors": [],
            "bufferViews": [],
        });
        Self {
            json,
            bin: Vec::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// With the triangle (0,0,0) (1,0,0) (0,1,0) as its primitive.
    pub fn triangle() -> Self {
        Self::with_positions(&[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    }

    /// A unit square of two triangles with normals and texture coordinates, v down.
    pub fn square() -> Self {
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let mut fixture = Self::with_positions(&corners.map(|[x, y]| [x, y, 0.0]));
        fixture.attribute_floats("NORMAL", &[[0.0, 0.0, 1.0]; 4]);
        fixture.attribute_floats("TEXCOORD_0", &corners.map(|[x, y]| [x, 1.0 - y]));
        fixture.indices(UNSIGNED_BYTE, &[0, 1, 2, 0, 2, 3]);
        fixture
    }

    pub fn with_positions(positions: &[[f32; 3]]) -> Self {
        let mut fixture = Self::new();
        fixture.attribute_floats("POSITION", positions);
        fixture
    }

    /// The first mesh's first primitive.
    pub fn primitive(&mut self) -> &mut Value {
        &mut self.json["meshes"][0]["primitives"][0]
    }

    /// Appends bytes; the index of their buffer view.
    pub fn view(&mut self, bytes: &[u8]) -> usize {
        while !self.bin.len().is_multiple_of(4) {
            self.bin.push(0xee);
        }
        let view = json!({"buffer": 0, "byteOffset": self.bin.len(), "byteLength": bytes.len()});
        self.bin.extend(bytes);
        push(&mut self.json["bufferViews"], view)
    }

    /// Appends elements; the index of their accessor.
    pub fn accessor(&mut self, bytes: &[u8], component: u32, kind: &str, count: usize) -> usize {
        let view = self.view(bytes);
        let accessor =
            json!({"bufferView": view, "componentType": component, "type": kind, "count": count});
        push(&mut self.json["accessors"], accessor)
    }

    pub fn floats<const N: usize>(&mut self, values: &[[f32; N]]) -> usize {
        let bytes: Vec<u8> = values
            .as_flattened()
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let kind = ["", "SCALAR", "VEC2", "VEC3", "VEC4"][N];
        self.accessor(&bytes, FLOAT, kind, values.len())
    }

    pub fn attribute_floats<const N: usize>(&mut self, name: &str, values: &[[f32; N]]) -> usize {
        let accessor = self.floats(values);
        self.primitive()["attributes"][name] = json!(accessor);
        accessor
    }

    /// Replaces an attribute by one of another type.
    pub fn attribute(
        &mut self,
        name: &str,
        bytes: &[u8],
        component: u32,
        kind: &str,
        count: usize,
        normalized: bool,
    ) -> usize {
        let accessor = self.accessor(bytes, component, kind, count);
        self.json["accessors"][accessor]["normalized"] = json!(normalized);
        self.primitive()["attributes"][name] = json!(accessor);
        accessor
    }

    pub fn indices(&mut self, component: u32, indices: &[u32]) -> usize {
        let size = match component {
            UNSIGNED_BYTE => 1,
            UNSIGNED_SHORT => 2,
            _ => 4,
        };
        let bytes: Vec<u8> = indices
            .iter()
            .flat_map(|i| i.to_le_bytes()[..size].to_vec())
            .collect();
        let accessor = self.accessor(&bytes, component, "SCALAR", indices.len());
        self.primitive()["indices"] = json!(accessor);
        accessor
    }

    /// Gives the primitive a material.
    pub fn material(&mut self, material: Value) {
        self.json["materials"] = json!([material]);
        self.primitive()["material"] = json!(0);
    }

    /// Adds an image of one white pixel, and textures 0 to `count` − 1 that all show it.
    pub fn textures(&mut self, count: usize) {
        let view = self.view(&png(&image::RgbaImage::from_pixel(
            1,
            1,
            image::Rgba([255; 4]),
        )
        .into()));
        self.json["images"] = json!([{"bufferView": view, "mimeType": "image/png"}]);
        self.json["textures"] = vec![json!({"source": 0}); count].into();
    }

    /// The bytes of a `.glb`.
    pub fn glb(&self) -> Vec<u8> {
        let mut json = self.json.clone();
        if !self.bin.is_empty() {
            json["buffers"] = json!([{"byteLength": self.bin.len()}]);
        }
        glb(&json, &self.bin)
    }

    /// Writes a `.glb` and loads it.
    pub fn load(&self) -> Result<Scene, Error> {
        self.load_scene(None)
    }

    pub fn load_scene(&self, scene_index: Option<usize>) -> Result<Scene, Error> {
        self.load_with(&LoadOptions {
            scene_index,
            ..LoadOptions::default()
        })
    }

    pub fn load_with(&self, options: &LoadOptions) -> Result<Scene, Error> {
        load(&self.write("scene.glb", &self.glb()), options)
    }

    /// Writes a `.gltf` whose `buffers` are as the JSON says, and loads it.
    pub fn load_json(&self) -> Result<Scene, Error> {
        let text = serde_json::to_vec(&self.json).unwrap();
        load(&self.write("scene.gltf", &text), &LoadOptions::default())
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The message with which loading fails, without the folder.
    pub fn error(&self) -> String {
        self.message(self.load().map(|scene| format!("{scene:?}")).unwrap_err())
    }

    pub fn message(&self, error: Error) -> String {
        error
            .to_string()
            .replace(&format!("{}/", self.folder.path().display()), "")
    }

    /// The warnings of a scene loaded from here, without the folder.
    pub fn warnings(&self, scene: &Scene) -> Vec<String> {
        let folder = format!("{}/", self.folder.path().display());
        scene
            .warnings
            .iter()
            .map(|line| line.replace(&folder, ""))
            .collect()
    }
}

/// Appends to a JSON array; the index of the new element.
pub fn push(array: &mut Value, value: Value) -> usize {
    let array = array.as_array_mut().unwrap();
    array.push(value);
    array.len() - 1
}

/// Packs a `.glb`.
pub fn glb(json: &Value, bin: &[u8]) -> Vec<u8> {
    let mut text = serde_json::to_vec(json).unwrap();
    while !text.len().is_multiple_of(4) {
        text.push(b' ');
    }
    let mut bin = bin.to_vec();
    while !bin.len().is_multiple_of(4) {
        bin.push(0);
    }
    let mut bytes = b"glTF\x02\0\0\0".to_vec();
    let bin_chunk = if bin.is_empty() { 0 } else { 8 + bin.len() };
    bytes.extend(((20 + text.len() + bin_chunk) as u32).to_le_bytes());
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(b"JSON");
    bytes.extend(text);
    if !bin.is_empty() {
        bytes.extend((bin.len() as u32).to_le_bytes());
        bytes.extend(b"BIN\0");
        bytes.extend(bin);
    }
    bytes
}

pub fn png(image: &image::DynamicImage) -> Vec<u8> {
    encode(image, image::ImageFormat::Png)
}

pub fn encode(image: &image::DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}
