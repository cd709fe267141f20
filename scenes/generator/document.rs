//! A glTF document under construction, and its binary form.

use crate::shapes::Shape;
use anyhow::Result;
use glam::{Affine3A, Quat, Vec3};
use serde_json::{Value, json};

const TRIANGLE_INDEX_TARGET: u32 = 34963;
const VERTEX_TARGET: u32 = 34962;
const FLOAT: u32 = 5126;
const UNSIGNED_INT: u32 = 5125;
const UNSIGNED_SHORT: u32 = 5123;

/// A glTF index, as the JSON refers to things.
pub type Id = usize;

/// Collects meshes, materials, images and nodes, then writes one `.glb`.
#[derive(Default)]
pub struct Document {
    binary: Vec<u8>,
    views: Vec<Value>,
    accessors: Vec<Value>,
    images: Vec<Value>,
    textures: Vec<Value>,
    materials: Vec<Value>,
    meshes: Vec<Value>,
    nodes: Vec<Value>,
    lights: Vec<Value>,
    cameras: Vec<Value>,
}

impl Document {
    fn view(&mut self, bytes: &[u8], target: Option<u32>) -> Id {
        self.binary.resize(self.binary.len().next_multiple_of(4), 0);
        let mut view =
            json!({"buffer": 0, "byteOffset": self.binary.len(), "byteLength": bytes.len()});
        if let Some(target) = target {
            view["target"] = json!(target);
        }
        self.binary.extend_from_slice(bytes);
        self.views.push(view);
        self.views.len() - 1
    }

    fn accessor(&mut self, view: Id, component: u32, kind: &str, count: usize) -> Id {
        self.accessors.push(
            json!({"bufferView": view, "componentType": component, "type": kind, "count": count}),
        );
        self.accessors.len() - 1
    }

    fn floats<const N: usize>(&mut self, kind: &str, rows: &[[f32; N]]) -> Id {
        let view = self.view(
            bytemuck::cast_slice(rows.as_flattened()),
            Some(VERTEX_TARGET),
        );
        self.accessor(view, FLOAT, kind, rows.len())
    }

    /// Adds a PNG and a repeating, linearly filtered texture that shows it.
    pub fn texture(&mut self, name: &str, png: &[u8]) -> Id {
        let view = self.view(png, None);
        self.images
            .push(json!({"name": name, "bufferView": view, "mimeType": "image/png"}));
        self.textures
            .push(json!({"source": self.images.len() - 1, "sampler": 0}));
        self.textures.len() - 1
    }

    /// Adds a material given as its glTF JSON.
    pub fn material(&mut self, material: Value) -> Id {
        self.materials.push(material);
        self.materials.len() - 1
    }

    /// Adds a mesh of one primitive.
    pub fn mesh(&mut self, name: &str, shape: &Shape, material: Id) -> Id {
        let mut attributes = json!({});
        let position = self.floats("VEC3", &shape.positions);
        let bound = |pick: fn(f32, f32) -> f32| {
            shape
                .positions
                .iter()
                .copied()
                .reduce(|a, b| [pick(a[0], b[0]), pick(a[1], b[1]), pick(a[2], b[2])])
        };
        self.accessors[position]["min"] = json!(bound(f32::min));
        self.accessors[position]["max"] = json!(bound(f32::max));
        attributes["POSITION"] = json!(position);
        attributes["NORMAL"] = json!(self.floats("VEC3", &shape.normals));
        let made_of = self.materials[material].to_string();
        if made_of.contains("Texture\"") {
            attributes["TEXCOORD_0"] = json!(self.floats("VEC2", &shape.uvs));
        }
        if made_of.contains("normalTexture") {
            attributes["TANGENT"] = json!(self.floats("VEC4", &shape.tangents));
        }
        if !shape.colors.is_empty() {
            attributes["COLOR_0"] = json!(self.floats("VEC3", &shape.colors));
        }
        let flat = shape.triangles.as_flattened();
        let indices = if shape.positions.len() < usize::from(u16::MAX) {
            let narrow: Vec<u16> = flat.iter().map(|&i| i as u16).collect();
            let view = self.view(bytemuck::cast_slice(&narrow), Some(TRIANGLE_INDEX_TARGET));
            self.accessor(view, UNSIGNED_SHORT, "SCALAR", flat.len())
        } else {
            let view = self.view(bytemuck::cast_slice(flat), Some(TRIANGLE_INDEX_TARGET));
            self.accessor(view, UNSIGNED_INT, "SCALAR", flat.len())
        };
        let primitive = json!({"attributes": attributes, "indices": indices, "material": material});
        self.meshes
            .push(json!({"name": name, "primitives": [primitive]}));
        self.meshes.len() - 1
    }

    fn node(&mut self, name: &str, placement: Affine3A) -> &mut Value {
        let (scale, rotation, translation) = placement.to_scale_rotation_translation();
        let mut node = json!({"name": name});
        if translation != Vec3::ZERO {
            node["translation"] = json!(translation.to_array());
        }
        if rotation != Quat::IDENTITY {
            node["rotation"] = json!(rotation.normalize().to_array());
        }
        if (scale - Vec3::ONE).abs().max_element() > 1e-5 {
            node["scale"] = json!(scale.to_array());
        }
        self.nodes.push(node);
        let last = self.nodes.len() - 1;
        &mut self.nodes[last]
    }

    /// Places a mesh.
    pub fn place(&mut self, name: &str, mesh: Id, placement: Affine3A) {
        self.node(name, placement)["mesh"] = json!(mesh);
    }

    /// Adds a mesh and places it where it was modelled.
    pub fn add(&mut self, name: &str, shape: &Shape, material: Id) {
        let mesh = self.mesh(name, shape, material);
        self.place(name, mesh, Affine3A::IDENTITY);
    }

    /// Places a light, given as KHR_lights_punctual JSON.
    pub fn light(&mut self, light: Value, placement: Affine3A) {
        self.lights.push(light);
        let id = self.lights.len() - 1;
        self.node("light", placement)["extensions"] = json!({"KHR_lights_punctual": {"light": id}});
    }

    /// Places a perspective camera.
    pub fn camera(&mut self, name: &str, yfov: f32, aspect: f32, placement: Affine3A) {
        let perspective = json!({"yfov": yfov, "aspectRatio": aspect, "znear": 0.05});
        self.cameras
            .push(json!({"name": name, "type": "perspective", "perspective": perspective}));
        let id = self.cameras.len() - 1;
        self.node(name, placement)["camera"] = json!(id);
    }

    /// The finished file.
    pub fn into_glb(mut self) -> Result<Vec<u8>> {
        self.binary.resize(self.binary.len().next_multiple_of(4), 0);
        let mut used: Vec<String> = self
            .materials
            .iter()
            .filter_map(|m| m["extensions"].as_object())
            .flat_map(|e| e.keys().cloned())
            .chain((!self.lights.is_empty()).then(|| "KHR_lights_punctual".to_owned()))
            .collect();
        used.sort();
        used.dedup();
        let everything: Vec<Id> = (0..self.nodes.len()).collect();
        let mut root = json!({
            "asset": {"version": "2.0", "generator": "Skywell scene generator", "copyright": "The Skywell authors, MIT OR Apache-2.0"},
            "extensionsUsed": used,
            "scene": 0,
            "scenes": [{"name": "court", "nodes": everything}],
            "nodes": self.nodes,
            "cameras": self.cameras,
            "meshes": self.meshes,
            "materials": self.materials,
            "textures": &self.textures,
            "images": self.images,
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": self.binary.len()}],
        });
        if !self.lights.is_empty() {
            root["extensions"] = json!({"KHR_lights_punctual": {"lights": self.lights}});
        }
        if !self.textures.is_empty() {
            let sampler =
                json!({"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497});
            root["samplers"] = json!([sampler]);
        }
        // glTF wants what is empty left out.
        if let Some(object) = root.as_object_mut() {
            object.retain(|_, value| value.as_array().is_none_or(|array| !array.is_empty()));
        }
        let mut text = serde_json::to_vec(&root)?;
        text.resize(text.len().next_multiple_of(4), b' ');
        let total = 12 + 8 + text.len() + 8 + self.binary.len();
        let mut glb = Vec::with_capacity(total);
        glb.extend_from_slice(b"glTF");
        for word in [2, u32::try_from(total)?, u32::try_from(text.len())?] {
            glb.extend_from_slice(&word.to_le_bytes());
        }
        glb.extend_from_slice(b"JSON");
        glb.extend_from_slice(&text);
        glb.extend_from_slice(&u32::try_from(self.binary.len())?.to_le_bytes());
        glb.extend_from_slice(b"BIN\0");
        glb.extend_from_slice(&self.binary);
        Ok(glb)
    }
}
