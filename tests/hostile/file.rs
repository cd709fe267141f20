//! Small `.glb` files to be spoiled.

use serde_json::{Value, json};

/// A square of two triangles in the plane z = 0, with texture coordinates and a plain material.
/// Accessors: 0 positions, 1 texture coordinates, 2 indices, each in its own buffer view.
pub struct Square {
    pub json: Value,
    pub bin: Vec<u8>,
}

impl Square {
    pub fn new() -> Self {
        let corners: [[f32; 3]; 4] = [[0., 0., 0.], [1., 0., 0.], [1., 1., 0.], [0., 1., 0.]];
        let mut square = Self {
            json: json!({
                "asset": {"version": "2.0"},
                "scene": 0,
                "scenes": [{"nodes": [0]}],
                "nodes": [{"mesh": 0}],
                "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}]}],
                "materials": [{"doubleSided": true}],
                "accessors": [
                    {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
                    {"bufferView": 1, "componentType": 5126, "count": 4, "type": "VEC2"},
                    {"bufferView": 2, "componentType": 5123, "count": 6, "type": "SCALAR"},
                ],
                "bufferViews": [],
            }),
            bin: Vec::new(),
        };
        square.view(bytemuck::cast_slice(&corners));
        square.view(bytemuck::cast_slice(&corners.map(|[x, y, _]| [x, y])));
        square.view(bytemuck::cast_slice(&[0_u16, 1, 2, 0, 2, 3]));
        square
    }

    /// With the property at `pointer`, whose parent is there, set to `value`.
    pub fn with(mut self, pointer: &str, value: Value) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match self.json.pointer_mut(parent).unwrap() {
            Value::Array(array) => array[name.parse::<usize>().unwrap()] = value,
            parent => parent[name] = value,
        }
        self
    }

    /// With bytes of the binary chunk overwritten.
    pub fn patched(mut self, at: usize, bytes: &[u8]) -> Self {
        self.bin[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Adds bytes; the index of their buffer view.
    pub fn view(&mut self, bytes: &[u8]) -> usize {
        self.bin.resize(self.bin.len().next_multiple_of(8), 0);
        let views = self.json["bufferViews"].as_array_mut().unwrap();
        views.push(json!({"buffer": 0, "byteOffset": self.bin.len(), "byteLength": bytes.len()}));
        self.bin.extend(bytes);
        views.len() - 1
    }

    /// Wearing these bytes as a texture.
    pub fn textured(mut self, image: &[u8]) -> Self {
        let view = self.view(image);
        self.json["images"] = json!([{"bufferView": view}]);
        self.wearing(json!([{"source": 0}]))
    }

    /// Wearing these textures, the first of them for the base colour, the others for nothing else.
    pub fn wearing(mut self, textures: Value) -> Self {
        self.json["textures"] = textures;
        self.json["materials"][0]["pbrMetallicRoughness"] =
            json!({"baseColorTexture": {"index": 0}});
        self
    }

    /// The bytes of the `.glb`.
    pub fn glb(&self) -> Vec<u8> {
        let mut json = self.json.clone();
        json["buffers"] = json!([{"byteLength": self.bin.len()}]);
        glb(&json.to_string(), &self.bin)
    }
}

/// Packs a `.glb`.
pub fn glb(json: &str, bin: &[u8]) -> Vec<u8> {
    let padded = |bytes: &[u8], with: u8| {
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes.len().next_multiple_of(4), with);
        bytes
    };
    let (json, bin) = (padded(json.as_bytes(), b' '), padded(bin, 0));
    let word = |length: usize| (length as u32).to_le_bytes();
    [
        b"glTF\x02\0\0\0".as_slice(),
        &word(28 + json.len() + bin.len()),
        &word(json.len()),
        b"JSON",
        &json,
        &word(bin.len()),
        b"BIN\0",
        &bin,
    ]
    .concat()
}

/// A PNG of one colour, black, by one bit or 16 bits a pixel.
pub fn black_png(width: u32, height: u32, depth: png::BitDepth) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().unwrap();
    let row = (width as usize * depth as usize).div_ceil(8);
    writer
        .write_image_data(&vec![0; row * height as usize])
        .unwrap();
    writer.finish().unwrap();
    bytes
}
