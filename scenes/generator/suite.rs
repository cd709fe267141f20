//! The small scenes of the image tests: one family of features each, seen from the front.

use crate::document::{Document, Id};
use crate::shapes::Shape;
use crate::textures;
use anyhow::Result;
use glam::{Affine3A, Quat, Vec2, Vec3, vec2, vec3};
use serde_json::{Value, json};
use std::f32::consts::PI;

/// All scenes, by file name without extension.
pub fn build() -> Result<Vec<(&'static str, Document)>> {
    Ok(vec![
        ("room", room()),
        ("glass", glass()),
        ("lamps", lamps()),
        ("layers", layers()),
        ("textures", textured()?),
        ("cut-outs", cut_outs()),
        ("milk", milk()),
    ])
}

/// A camera 4 m away and a little above, and the ground.
fn stage(ground: Value) -> Document {
    let mut doc = Document::default();
    let view =
        Affine3A::from_rotation_translation(Quat::from_rotation_x(-0.2), vec3(0.0, 1.3, 4.0));
    doc.camera("front", 0.6, 1.5, view);
    let ground = doc.material(ground);
    let mut shape = Shape::default();
    shape.quad(vec3(-4.0, 0.0, 3.0), Vec3::X * 8.0, Vec3::Z * -7.0);
    doc.add("ground", &shape, ground);
    doc
}

fn matte(color: [f32; 3]) -> Value {
    json!({
        "pbrMetallicRoughness": {
            "baseColorFactor": [color[0], color[1], color[2], 1.0],
            "metallicFactor": 0.0,
            "roughnessFactor": 1.0,
        },
    })
}

fn glowing(radiance: f32) -> Value {
    json!({
        "emissiveFactor": [1.0, 1.0, 1.0],
        "extensions": { "KHR_materials_emissive_strength": { "emissiveStrength": radiance } },
    })
}

/// A square lamp that shines down from `height`.
fn lamp(doc: &mut Document, height: f32, side: f32, radiance: f32) {
    let material = doc.material(glowing(radiance));
    let mut shape = Shape::default();
    let corner = vec3(-0.5 * side, height, -0.5 * side);
    shape.quad(corner, Vec3::X * side, Vec3::Z * side);
    doc.add("lamp", &shape, material);
}

fn ball(radius: f32) -> Shape {
    const STEPS: usize = 24;
    let profile: Vec<Vec2> = (0..=STEPS)
        .map(|i| {
            let angle = PI * (i as f32 / STEPS as f32 - 0.5);
            vec2(radius * angle.cos().max(0.0), radius * angle.sin())
        })
        .collect();
    let mut shape = Shape::default();
    shape.lathe(&profile, 48, 1.0);
    shape
}

/// A row of three balls of these materials.
fn balls(doc: &mut Document, materials: [Id; 3]) {
    for (i, material) in materials.into_iter().enumerate() {
        let mesh = doc.mesh("ball", &ball(0.45), material);
        let place = vec3(i as f32 - 1.0, 0.451, 0.0);
        doc.place("ball", mesh, Affine3A::from_translation(place));
    }
}

/// Light that has gone from wall to wall.
fn room() -> Document {
    let mut doc = stage(matte([0.7, 0.7, 0.7]));
    for (name, color, corner, u, v) in [
        (
            "back",
            [0.7; 3],
            vec3(-1.5, 0.0, -1.5),
            Vec3::X * 3.0,
            Vec3::Y * 2.5,
        ),
        (
            "left",
            [0.7, 0.15, 0.1],
            vec3(-1.5, 0.0, 2.0),
            Vec3::Z * -3.5,
            Vec3::Y * 2.5,
        ),
        (
            "right",
            [0.1, 0.5, 0.15],
            vec3(1.5, 0.0, -1.5),
            Vec3::Z * 3.5,
            Vec3::Y * 2.5,
        ),
        (
            "ceiling",
            [0.7; 3],
            vec3(-1.5, 2.5, -1.5),
            Vec3::X * 3.0,
            Vec3::Z * 3.5,
        ),
    ] {
        let material = doc.material(matte(color));
        let mut shape = Shape::default();
        shape.quad(corner, u, v);
        doc.add(name, &shape, material);
    }
    let mut block = Shape::default();
    block.block(Vec3::ZERO, vec3(0.7, 1.2, 0.7));
    let material = doc.material(matte([0.6, 0.6, 0.7]));
    let mesh = doc.mesh("block", &block, material);
    let turned = Quat::from_rotation_y(0.4);
    doc.place(
        "block",
        mesh,
        Affine3A::from_rotation_translation(turned, vec3(-0.5, 0.601, -0.4)),
    );
    lamp(&mut doc, 2.45, 0.8, 12.0);
    doc
}

/// Clear, frosted and absorbing glass.
fn glass() -> Document {
    let mut doc = stage(matte([0.5, 0.5, 0.5]));
    let solid = |roughness: f32, color: [f32; 3], dispersion: f32| {
        json!({
            "pbrMetallicRoughness": { "metallicFactor": 0.0, "roughnessFactor": roughness },
            "extensions": {
                "KHR_materials_transmission": { "transmissionFactor": 1.0 },
                "KHR_materials_ior": { "ior": 1.5 },
                "KHR_materials_volume": {
                    "thicknessFactor": 1.0, "attenuationDistance": 0.5, "attenuationColor": color,
                },
                "KHR_materials_dispersion": { "dispersion": dispersion },
            },
        })
    };
    let materials = [
        solid(0.0, [1.0, 1.0, 1.0], 0.0),
        solid(0.3, [0.6, 0.9, 0.7], 0.0),
        solid(0.0, [0.9, 0.5, 0.15], 1.0),
    ]
    .map(|material| doc.material(material));
    balls(&mut doc, materials);
    lamp(&mut doc, 3.0, 2.0, 5.0);
    doc
}

/// Metals under a point, a spot and a directional light.
fn lamps() -> Document {
    let mut doc = stage(matte([0.4, 0.4, 0.45]));
    let metal = |color: [f32; 3], roughness: f32| {
        json!({
            "pbrMetallicRoughness": {
                "baseColorFactor": [color[0], color[1], color[2], 1.0],
                "metallicFactor": 1.0,
                "roughnessFactor": roughness,
            },
        })
    };
    let materials = [
        metal([0.95, 0.9, 0.85], 0.2),
        metal([1.0, 0.75, 0.35], 0.4),
        metal([0.9, 0.55, 0.45], 0.7),
    ]
    .map(|material| doc.material(material));
    balls(&mut doc, materials);
    let down = |x: f32, turn: f32| {
        let rotation = Quat::from_rotation_x(-0.5 * PI + 0.3) * Quat::from_rotation_y(turn);
        Affine3A::from_rotation_translation(rotation, vec3(x, 2.5, 0.8))
    };
    doc.light(
        json!({ "type": "point", "intensity": 4.0, "color": [1.0, 0.8, 0.6] }),
        down(-1.5, 0.0),
    );
    let cone = json!({ "innerConeAngle": 0.2, "outerConeAngle": 0.5 });
    doc.light(
        json!({ "type": "spot", "intensity": 12.0, "spot": cone }),
        down(0.5, 0.0),
    );
    doc.light(
        json!({ "type": "directional", "intensity": 1.0, "color": [0.6, 0.7, 1.0] }),
        down(0.0, 0.4),
    );
    doc
}

/// Coats, cloth, thin films and brushed metal.
fn layers() -> Document {
    let mut doc = stage(matte([0.5, 0.5, 0.5]));
    let materials = [
        json!({
            "pbrMetallicRoughness": { "baseColorFactor": [0.6, 0.05, 0.05, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.6 },
            "extensions": { "KHR_materials_clearcoat": { "clearcoatFactor": 1.0, "clearcoatRoughnessFactor": 0.1 } },
        }),
        json!({
            "pbrMetallicRoughness": { "baseColorFactor": [0.1, 0.1, 0.3, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.9 },
            "extensions": { "KHR_materials_sheen": { "sheenColorFactor": [0.8, 0.7, 0.9], "sheenRoughnessFactor": 0.4 } },
        }),
        json!({
            "pbrMetallicRoughness": { "baseColorFactor": [0.8, 0.8, 0.8, 1.0], "metallicFactor": 1.0, "roughnessFactor": 0.35 },
            "extensions": {
                "KHR_materials_anisotropy": { "anisotropyStrength": 0.8 },
                "KHR_materials_iridescence": { "iridescenceFactor": 1.0, "iridescenceIor": 1.4, "iridescenceThicknessMaximum": 450.0 },
            },
        }),
    ]
    .map(|material| doc.material(material));
    balls(&mut doc, materials);
    lamp(&mut doc, 3.0, 2.0, 5.0);
    doc
}

/// Colour, normal and metal textures.
fn textured() -> Result<Document> {
    let mut doc = stage(matte([0.5, 0.5, 0.5]));
    let plaster = doc.texture("plaster", &textures::plaster()?);
    let normals = doc.texture("stone normals", &textures::stone_normal()?);
    let bronze = doc.texture("bronze", &textures::bronze()?);
    let metal = doc.texture("bronze metal", &textures::bronze_metallic_roughness()?);
    let wall = doc.material(json!({
        "pbrMetallicRoughness": { "baseColorTexture": { "index": plaster }, "metallicFactor": 0.0 },
        "normalTexture": { "index": normals },
    }));
    let statue = doc.material(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": { "index": bronze },
            "metallicRoughnessTexture": { "index": metal },
        },
    }));
    let mut shape = Shape::default();
    shape.quad(vec3(-2.5, 0.0, -1.0), Vec3::X * 5.0, Vec3::Y * 2.5);
    doc.add("wall", &shape, wall);
    let mut block = Shape::default();
    block.block(vec3(-0.7, 0.501, 0.0), Vec3::splat(1.0));
    doc.add("block", &block, statue);
    let mesh = doc.mesh("ball", &ball(0.6), statue);
    doc.place(
        "ball",
        mesh,
        Affine3A::from_translation(vec3(0.8, 0.601, 0.1)),
    );
    lamp(&mut doc, 3.0, 2.0, 5.0);
    Ok(doc)
}

/// What is partly there: blended, masked and thin surfaces that let light through.
fn cut_outs() -> Document {
    let mut doc = stage(matte([0.6, 0.6, 0.6]));
    let pane = |color: [f32; 4], mode: &str| {
        json!({
            "pbrMetallicRoughness": { "baseColorFactor": color, "metallicFactor": 0.0, "roughnessFactor": 0.5 },
            "alphaMode": mode,
            "doubleSided": true,
        })
    };
    let paper = json!({
        "pbrMetallicRoughness": { "baseColorFactor": [0.9, 0.8, 0.6, 1.0], "metallicFactor": 0.0 },
        "doubleSided": true,
        "extensions": {
            "KHR_materials_diffuse_transmission": {
                "diffuseTransmissionFactor": 0.6, "diffuseTransmissionColorFactor": [1.0, 0.7, 0.4],
            },
        },
    });
    let materials = [
        pane([0.1, 0.3, 0.8, 0.4], "BLEND"),
        pane([0.2, 0.7, 0.2, 0.8], "MASK"),
        paper,
    ];
    for (i, material) in materials.into_iter().enumerate() {
        let material = doc.material(material);
        let mut shape = Shape::default();
        shape.quad(
            vec3(i as f32 * 1.1 - 1.5, 0.2, -0.3),
            Vec3::X * 0.9,
            vec3(0.0, 1.2, -0.3),
        );
        doc.add("pane", &shape, material);
    }
    lamp(&mut doc, 3.0, 2.0, 5.0);
    doc
}

/// What light scatters in: jade, wax behind a diffuse boundary, and fog, on rough clay.
fn milk() -> Document {
    let mut clay = matte([0.55, 0.4, 0.3]);
    clay["extensions"] =
        json!({ "KHR_materials_diffuse_roughness": { "diffuseRoughnessFactor": 1.0 } });
    let mut doc = stage(clay);
    let cloudy = |boundary: (&str, Value), ior: f32, attenuation: Value, scatter: Value| {
        let mut material = matte([1.0, 1.0, 1.0]);
        material["pbrMetallicRoughness"]["roughnessFactor"] = json!(0.0);
        material["extensions"] = json!({
            boundary.0: boundary.1,
            "KHR_materials_ior": { "ior": ior },
            "KHR_materials_volume": attenuation,
            "KHR_materials_volume_scatter": scatter,
        });
        material
    };
    let clear = || {
        let factor = json!({ "transmissionFactor": 1.0 });
        ("KHR_materials_transmission", factor)
    };
    let veiled = || {
        let factor = json!({ "diffuseTransmissionFactor": 1.0 });
        ("KHR_materials_diffuse_transmission", factor)
    };
    let depth = |distance: f32, color: [f32; 3]| json!({ "thicknessFactor": 1.0, "attenuationDistance": distance, "attenuationColor": color });
    let scatter = |color: [f32; 3], g: f32| json!({ "multiscatterColorFactor": color, "scatterAnisotropy": g });
    let materials = [
        cloudy(
            clear(),
            1.6,
            depth(0.3, [0.3, 0.5, 0.35]),
            scatter([0.25, 0.75, 0.4], 0.3),
        ),
        cloudy(
            veiled(),
            1.45,
            depth(0.1, [0.5, 0.35, 0.2]),
            scatter([0.95, 0.8, 0.45], 0.6),
        ),
        cloudy(
            clear(),
            1.0,
            depth(1.0, [0.25, 0.2, 0.15]),
            scatter([0.9, 0.9, 0.9], 0.7),
        ),
    ]
    .map(|material| doc.material(material));
    balls(&mut doc, materials);
    lamp(&mut doc, 3.0, 2.0, 5.0);
    doc
}
