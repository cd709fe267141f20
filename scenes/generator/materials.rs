//! What the court is made of.

use crate::document::{Document, Id};
use crate::textures;
use anyhow::Result;
use serde_json::{Value, json};

/// Every material of the scene.
pub struct Materials {
    pub plaster: Id,
    pub stone: Id,
    pub timber: Id,
    pub vermilion: Id,
    pub roof_glaze: Id,
    pub amber_glaze: Id,
    pub celadon: Id,
    pub water: Id,
    pub bronze: Id,
    pub gold: Id,
    pub coal: Id,
    pub lantern: Id,
    pub window: Id,
    pub silk: Id,
    pub koi: Id,
    pub bamboo: Id,
    pub leaf: Id,
    pub sky: Id,
}

fn rough(name: &str, color: [f32; 3], roughness: f32) -> Value {
    json!({"name": name, "pbrMetallicRoughness": {
        "baseColorFactor": [color[0], color[1], color[2], 1.0], "metallicFactor": 0.0, "roughnessFactor": roughness}})
}

fn with(mut material: Value, extension: &str, body: Value) -> Value {
    material["extensions"][extension] = body;
    material
}

fn base_texture(mut material: Value, texture: Id) -> Value {
    material["pbrMetallicRoughness"]["baseColorTexture"] = json!({"index": texture});
    material
}

fn glazed(name: &str, color: [f32; 3]) -> Value {
    let coat = json!({"clearcoatFactor": 1.0, "clearcoatRoughnessFactor": 0.06});
    with(rough(name, color, 0.35), "KHR_materials_clearcoat", coat)
}

fn emissive(name: &str, strength: f32, texture: Option<Id>, factor: [f32; 3]) -> Value {
    let mut material = rough(name, [0.02, 0.02, 0.02], 0.9);
    material["emissiveFactor"] = json!(factor);
    if let Some(texture) = texture {
        material["emissiveTexture"] = json!({"index": texture});
    }
    with(
        material,
        "KHR_materials_emissive_strength",
        json!({"emissiveStrength": strength}),
    )
}

impl Materials {
    /// Adds them all to the document.
    pub fn new(doc: &mut Document) -> Result<Self> {
        let plaster = doc.texture("plaster", &textures::plaster()?);
        let stone = doc.texture("stone", &textures::stone()?);
        let stone_normal = doc.texture("stone normals", &textures::stone_normal()?);
        let timber = doc.texture("timber", &textures::timber()?);
        let bronze = doc.texture("bronze", &textures::bronze()?);
        let bronze_mr = doc.texture(
            "bronze metalness and roughness",
            &textures::bronze_metallic_roughness()?,
        );
        let embers = doc.texture("embers", &textures::embers()?);
        let glow = doc.texture("lantern glow", &textures::lantern_glow()?);
        let sky = doc.texture("sky", &textures::sky()?);

        let mut granite = base_texture(rough("granite", [1.0, 1.0, 1.0], 0.62), stone);
        granite["normalTexture"] = json!({"index": stone_normal, "scale": 0.8});

        let lacquer = json!({"clearcoatFactor": 0.5, "clearcoatRoughnessFactor": 0.18});
        let timber = with(
            base_texture(rough("timber", [0.55, 0.5, 0.48], 0.5), timber),
            "KHR_materials_clearcoat",
            lacquer.clone(),
        );
        let vermilion = with(
            rough("vermilion lacquer", [0.33, 0.03, 0.02], 0.4),
            "KHR_materials_clearcoat",
            lacquer,
        );

        let water = rough("water", [1.0, 1.0, 1.0], 0.0);
        let water = with(
            water,
            "KHR_materials_transmission",
            json!({"transmissionFactor": 1.0}),
        );
        let water = with(water, "KHR_materials_ior", json!({"ior": 1.333}));
        let volume = json!({"thicknessFactor": 0.5, "attenuationDistance": 3.0, "attenuationColor": [0.55, 0.86, 0.80]});
        let water = with(water, "KHR_materials_volume", volume);

        let bronze = json!({"name": "bronze", "pbrMetallicRoughness": {
            "baseColorTexture": {"index": bronze}, "metallicRoughnessTexture": {"index": bronze_mr}}});
        let gold = json!({"name": "gilding", "pbrMetallicRoughness": {
            "baseColorFactor": [1.0, 0.77, 0.34, 1.0], "metallicFactor": 1.0, "roughnessFactor": 0.28}});

        let mut lantern = emissive("lantern paper", 1.15, Some(glow), [1.0, 0.19, 0.06]);
        lantern["pbrMetallicRoughness"]["baseColorFactor"] = json!([0.72, 0.10, 0.06, 1.0]);
        lantern["doubleSided"] = json!(true);
        let through = json!({"diffuseTransmissionFactor": 0.45, "diffuseTransmissionColorFactor": [0.9, 0.22, 0.12]});
        let lantern = with(lantern, "KHR_materials_diffuse_transmission", through);

        let mut silk = rough("silk", [0.05, 0.07, 0.22], 0.7);
        silk["doubleSided"] = json!(true);
        let silk = with(
            silk,
            "KHR_materials_sheen",
            json!({"sheenColorFactor": [0.45, 0.5, 0.9], "sheenRoughnessFactor": 0.3}),
        );

        let mut leaf = rough("bamboo leaf", [0.10, 0.26, 0.05], 0.45);
        leaf["doubleSided"] = json!(true);
        let through = json!({"diffuseTransmissionFactor": 0.5, "diffuseTransmissionColorFactor": [0.34, 0.55, 0.08]});
        let leaf = with(leaf, "KHR_materials_diffuse_transmission", through);

        let iridescent = json!({"iridescenceFactor": 0.55, "iridescenceIor": 1.7, "iridescenceThicknessMaximum": 380.0});

        Ok(Self {
            plaster: doc.material(base_texture(
                rough("lime plaster", [1.0, 1.0, 1.0], 0.95),
                plaster,
            )),
            stone: doc.material(granite),
            timber: doc.material(timber),
            vermilion: doc.material(vermilion),
            roof_glaze: doc.material(with(
                glazed("green roof glaze", [0.015, 0.15, 0.085]),
                "KHR_materials_iridescence",
                iridescent,
            )),
            amber_glaze: doc.material(glazed("amber glaze", [0.62, 0.27, 0.025])),
            celadon: doc.material(glazed("celadon", [1.0, 1.0, 1.0])),
            water: doc.material(water),
            bronze: doc.material(bronze),
            gold: doc.material(gold),
            coal: doc.material(emissive(
                "glowing coal",
                22.0,
                Some(embers),
                [1.0, 0.42, 0.12],
            )),
            lantern: doc.material(lantern),
            window: doc.material(emissive("lit window paper", 1.1, None, [1.0, 0.58, 0.26])),
            silk: doc.material(silk),
            koi: doc.material(rough("koi", [1.0, 1.0, 1.0], 0.3)),
            bamboo: doc.material(rough("bamboo", [0.20, 0.30, 0.08], 0.4)),
            leaf: doc.material(leaf),
            sky: doc.material(emissive("sky", 6.0, Some(sky), [0.86, 0.94, 1.0])),
        })
    }
}
