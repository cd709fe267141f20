//! Materials, their extensions, and how they refer to textures.

use crate::fixture::*;
use glam::{Vec2, Vec3};
use serde_json::{Value, json};
use skywell::scene::material::{AlphaMode, Material};
use skywell::scene::texture::{TexelFilter, TextureRef, Wrap};

/// Loads a square that wears `material`; ten textures are there.
fn load(material: Value) -> Material {
    let scene = fixture(material).load().unwrap();
    let unsaid = |line: &String| !line.contains(": is approximated: ");
    assert!(!scene.warnings.iter().any(unsaid), "{:?}", scene.warnings);
    scene.materials[0].clone()
}

fn fixture(material: Value) -> Fixture {
    let mut fixture = Fixture::square();
    for set in 1..4 {
        fixture.attribute_floats(&format!("TEXCOORD_{set}"), &[[0.0, 0.0]; 4]);
    }
    fixture.textures(10);
    fixture.material(material);
    fixture
}

fn extended(extensions: Value) -> Material {
    load(json!({"extensions": extensions}))
}

#[test]
fn the_default_material_is_gltf_s() {
    let scene = Fixture::triangle().load().unwrap();
    assert_eq!(scene.materials, [Material::default()]);
    assert_eq!(load(json!({})), Material::default());
}

#[test]
fn the_core_is_read_whole() {
    let material = load(json!({
        "name": "glaze",
        "pbrMetallicRoughness": {
            "baseColorFactor": [0.1, 0.2, 0.3, 0.4], "baseColorTexture": {"index": 0},
            "metallicFactor": 0.5, "roughnessFactor": 0.6, "metallicRoughnessTexture": {"index": 1},
        },
        "normalTexture": {"index": 2, "scale": -0.7},
        "occlusionTexture": {"index": 3, "strength": 0.5},
        "emissiveFactor": [0.8, 0.9, 1.0], "emissiveTexture": {"index": 4},
        "alphaMode": "MASK", "alphaCutoff": 0.25, "doubleSided": true,
    }));
    assert_eq!(material.name, "glaze");
    assert_eq!(
        (material.base_color, material.base_alpha),
        (Vec3::new(0.1, 0.2, 0.3), 0.4)
    );
    assert_eq!((material.metallic, material.roughness), (0.5, 0.6));
    assert_eq!(material.emissive, Vec3::new(0.8, 0.9, 1.0));
    assert_eq!(material.normal.as_ref().unwrap().scale, -0.7);
    assert_eq!(material.alpha_mode, AlphaMode::Mask { cutoff: 0.25 });
    assert!(material.double_sided && !material.unlit);
    assert!(material.base_color_texture.is_some() && material.metallic_roughness_texture.is_some());
    assert!(material.emissive_texture.is_some());
}

#[test]
fn alpha_modes_have_their_defaults() {
    assert_eq!(
        load(json!({"alphaMode": "MASK"})).alpha_mode,
        AlphaMode::Mask { cutoff: 0.5 }
    );
    assert_eq!(
        load(json!({"alphaMode": "BLEND", "alphaCutoff": 0.1})).alpha_mode,
        AlphaMode::Blend
    );
}

#[test]
fn extensions_are_read_whole() {
    let texture = json!({"index": 0});
    let material = load(json!({
        "emissiveFactor": [1.0, 0.5, 0.0],
        "extensions": {
            "KHR_materials_anisotropy": {"anisotropyStrength": 0.1, "anisotropyRotation": -2, "anisotropyTexture": texture},
            "KHR_materials_clearcoat": {
                "clearcoatFactor": 0.2, "clearcoatTexture": texture, "clearcoatRoughnessFactor": 0.3,
                "clearcoatRoughnessTexture": texture, "clearcoatNormalTexture": {"index": 0, "scale": 2},
            },
            "KHR_materials_diffuse_roughness": {"diffuseRoughnessFactor": 0.6, "diffuseRoughnessTexture": texture},
            "KHR_materials_diffuse_transmission": {
                "diffuseTransmissionFactor": 0.4, "diffuseTransmissionTexture": texture,
                "diffuseTransmissionColorFactor": [0.1, 0.2, 0.3], "diffuseTransmissionColorTexture": texture,
            },
            "KHR_materials_dispersion": {"dispersion": 2.04},
            "KHR_materials_emissive_strength": {"emissiveStrength": 10},
            "KHR_materials_ior": {"ior": 1.33},
            "KHR_materials_iridescence": {
                "iridescenceFactor": 0.5, "iridescenceTexture": texture, "iridescenceIor": 1.8,
                "iridescenceThicknessMinimum": 500, "iridescenceThicknessMaximum": 200,
                "iridescenceThicknessTexture": texture,
            },
            "KHR_materials_sheen": {
                "sheenColorFactor": [0.4, 0.5, 0.6], "sheenColorTexture": texture,
                "sheenRoughnessFactor": 0.7, "sheenRoughnessTexture": texture,
            },
            "KHR_materials_specular": {
                "specularFactor": 0.8, "specularTexture": texture,
                "specularColorFactor": [1, 2, 3], "specularColorTexture": texture,
            },
            "KHR_materials_transmission": {"transmissionFactor": 0.9, "transmissionTexture": texture},
            "KHR_materials_volume": {
                "thicknessFactor": 0.01, "thicknessTexture": texture,
                "attenuationDistance": 0.5, "attenuationColor": [0, 0.5, 1],
            },
            "KHR_materials_volume_scatter": {
                "multiscatterColorFactor": [0.1, 0.2, 0.3], "multiscatterColorTexture": texture,
                "scatterAnisotropy": -0.5,
            },
        },
    }));
    assert_eq!(material.emissive, Vec3::new(10.0, 5.0, 0.0));
    assert_eq!(
        (material.ior, material.dispersion, material.specular),
        (1.33, 2.04, 0.8)
    );
    assert_eq!(material.specular_color, Vec3::new(1.0, 2.0, 3.0));
    assert!(material.specular_texture.is_some() && material.specular_color_texture.is_some());
    let anisotropy = material.anisotropy.unwrap();
    assert_eq!((anisotropy.strength, anisotropy.rotation), (0.1, -2.0));
    assert!(anisotropy.texture.is_some());
    let coat = material.clearcoat.unwrap();
    assert_eq!((coat.factor, coat.roughness), (0.2, 0.3));
    assert!(coat.texture.is_some() && coat.roughness_texture.is_some());
    assert_eq!(coat.normal.unwrap().scale, 2.0);
    let rough = material.diffuse_roughness.unwrap();
    assert_eq!(rough.factor, 0.6);
    assert!(rough.texture.is_some());
    let diffuse = material.diffuse_transmission.unwrap();
    assert_eq!(
        (diffuse.factor, diffuse.color),
        (0.4, Vec3::new(0.1, 0.2, 0.3))
    );
    assert!(diffuse.texture.is_some() && diffuse.color_texture.is_some());
    let film = material.iridescence.unwrap();
    assert_eq!((film.factor, film.ior), (0.5, 1.8));
    assert_eq!(
        (film.thickness_min_nm, film.thickness_max_nm),
        (500.0, 200.0)
    );
    assert!(film.texture.is_some() && film.thickness_texture.is_some());
    let sheen = material.sheen.unwrap();
    assert_eq!(
        (sheen.color, sheen.roughness),
        (Vec3::new(0.4, 0.5, 0.6), 0.7)
    );
    assert!(sheen.color_texture.is_some() && sheen.roughness_texture.is_some());
    let transmission = material.transmission.unwrap();
    assert_eq!(transmission.factor, 0.9);
    assert!(transmission.texture.is_some());
    let volume = material.volume.unwrap();
    assert_eq!(
        (volume.thickness_factor, volume.attenuation_distance),
        (0.01, 0.5)
    );
    assert_eq!(volume.attenuation_color, Vec3::new(0.0, 0.5, 1.0));
    let scatter = material.volume_scatter.unwrap();
    assert_eq!(
        (scatter.multiscatter_color, scatter.anisotropy),
        (Vec3::new(0.1, 0.2, 0.3), -0.5)
    );
    assert!(scatter.multiscatter_color_texture.is_some());
}

#[test]
fn the_older_name_of_the_scattered_colour_is_read() {
    let name = "KHR_materials_volume_scatter";
    let scattered = |properties: Value| {
        let scatter = extended(json!({name: properties})).volume_scatter;
        scatter.map(|s| (s.multiscatter_color, s.anisotropy))
    };
    assert_eq!(
        scattered(json!({"multiscatterColor": [1, 0, 0.5]})),
        Some((Vec3::new(1.0, 0.0, 0.5), 0.0))
    );
    let both = json!({"multiscatterColor": [1, 0, 0.5], "multiscatterColorFactor": [0, 0, 0]});
    assert_eq!(scattered(both), None);
}

#[test]
fn extensions_have_the_specified_defaults() {
    // An extension object alone changes nothing, but for volume, which it makes explicit.
    let names = [
        "anisotropy",
        "clearcoat",
        "diffuse_roughness",
        "diffuse_transmission",
        "dispersion",
        "emissive_strength",
        "ior",
        "iridescence",
        "sheen",
        "specular",
        "transmission",
        "volume_scatter",
    ];
    let all = names.map(|name| (format!("KHR_materials_{name}"), json!({})));
    assert_eq!(extended(all.into_iter().collect()), Material::default());

    let coat = extended(json!({"KHR_materials_clearcoat": {"clearcoatFactor": 1}}));
    assert_eq!(coat.clearcoat.unwrap().roughness, 0.0);
    let film = extended(json!({"KHR_materials_iridescence": {"iridescenceFactor": 1}}));
    let film = film.iridescence.unwrap();
    assert_eq!(
        (film.ior, film.thickness_min_nm, film.thickness_max_nm),
        (1.3, 100.0, 400.0)
    );
    let sheen = extended(json!({"KHR_materials_sheen": {"sheenColorFactor": [1, 0, 0]}}));
    assert_eq!(sheen.sheen.unwrap().roughness, 0.0);
    let leaf = json!({"KHR_materials_diffuse_transmission": {"diffuseTransmissionFactor": 1}});
    assert_eq!(
        extended(leaf).diffuse_transmission.unwrap().color,
        Vec3::ONE
    );
    let volume = extended(json!({"KHR_materials_volume": {}}))
        .volume
        .unwrap();
    assert_eq!(
        (volume.thickness_factor, volume.attenuation_distance),
        (0.0, f32::INFINITY)
    );
    assert_eq!(volume.attenuation_color, Vec3::ONE);
}

#[test]
fn an_ior_of_zero_means_full_reflection() {
    assert_eq!(extended(json!({"KHR_materials_ior": {"ior": 0}})).ior, 0.0);
}

#[test]
fn specular_glossiness_takes_the_place_of_metal_and_roughness() {
    let glossy = json!({
        "diffuseFactor": [0.5, 0.25, 0.125, 0.75],
        "diffuseTexture": {"index": 1},
        "specularFactor": [0.1, 0.2, 0.3],
        "glossinessFactor": 0.4,
        "specularGlossinessTexture": {"index": 2, "texCoord": 1},
    });
    let material = load(json!({
        "pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1], "metallicRoughnessTexture": {"index": 0}},
        "normalTexture": {"index": 3},
        "extensions": {"KHR_materials_pbrSpecularGlossiness": glossy},
    }));
    assert_eq!(material.base_color, Vec3::new(0.5, 0.25, 0.125));
    assert_eq!(
        (material.base_alpha, material.glossiness),
        (0.75, Some(0.4))
    );
    assert_eq!(material.specular_color, Vec3::new(0.1, 0.2, 0.3));
    assert!(material.base_color_texture.is_some() && material.normal.is_some());
    assert_eq!(material.specular_color_texture.unwrap().texcoord_set, 1);
    assert!(material.metallic_roughness_texture.is_none());
    let plain = extended(json!({"KHR_materials_pbrSpecularGlossiness": {}}));
    assert_eq!(
        (plain.base_color, plain.specular_color),
        (Vec3::ONE, Vec3::ONE)
    );
    assert_eq!(plain.glossiness, Some(1.0));
}

#[test]
fn unknown_properties_are_remarked() {
    let fixture = fixture(
        json!({"glow": 2, "extras": {"a": 1}, "extensions": {"KHR_materials_ior": {"iro": 2}}}),
    );
    let scene = fixture.load().unwrap();
    assert_eq!(
        fixture.warnings(&scene),
        [
            "scene.glb: /materials/0/extensions/KHR_materials_ior/iro and 1 more: is not read; no such property is known"
        ]
    );
}

#[test]
fn unlit_materials_are_their_base_color() {
    let material = load(json!({
        "pbrMetallicRoughness": {"baseColorFactor": [0.5, 0.5, 0.5, 1], "metallicFactor": 0},
        "emissiveFactor": [1, 1, 1],
        "extensions": {"KHR_materials_unlit": {}, "KHR_materials_clearcoat": {"clearcoatFactor": 1}},
    }));
    assert!(material.unlit && material.clearcoat.is_none());
    assert_eq!(
        (material.base_color, material.emissive),
        (Vec3::splat(0.5), Vec3::ZERO)
    );
}

fn base_texture(info: Value) -> TextureRef {
    load(json!({"pbrMetallicRoughness": {"baseColorTexture": info}}))
        .base_color_texture
        .unwrap()
}

#[test]
fn texture_transforms_scale_then_rotate_then_shift() {
    // The extension's own example: "only the lower left quadrant of the image, rotated clockwise".
    let texture = base_texture(json!({"index": 0, "extensions": {"KHR_texture_transform": {
        "offset": [0, 1], "rotation": std::f64::consts::FRAC_PI_2, "scale": [0.5, 0.5],
    }}}));
    for (uv, expected) in [
        ((0.0, 0.0), (0.0, 1.0)),
        ((1.0, 0.0), (0.0, 0.5)),
        ((0.0, 1.0), (0.5, 1.0)),
    ] {
        let image = texture.transform(uv.into());
        assert!(
            image.abs_diff_eq(expected.into(), 1e-6),
            "{uv:?} goes to {image}"
        );
    }
    let texture = base_texture(json!({"index": 0, "extensions": {"KHR_texture_transform": {
        "scale": [2, 3], "rotation": 0.3,
    }}}));
    let (sin, cos) = 0.3f32.sin_cos();
    let image = texture.transform(Vec2::ONE);
    assert!(image.abs_diff_eq(
        Vec2::new(2.0 * cos + 3.0 * sin, 3.0 * cos - 2.0 * sin),
        1e-6
    ));
}

#[test]
fn texture_transforms_reach_every_texture_info() {
    let info = json!({"index": 0, "texCoord": 9, "extensions": {"KHR_texture_transform": {"offset": [7, 0], "texCoord": 1}}});
    let material = load(json!({
        "pbrMetallicRoughness": {"baseColorTexture": info, "metallicRoughnessTexture": info},
        "normalTexture": info, "emissiveTexture": info, "emissiveFactor": [1, 1, 1],
        "extensions": {
            "KHR_materials_clearcoat": {"clearcoatFactor": 1, "clearcoatNormalTexture": info},
            "KHR_materials_sheen": {"sheenColorFactor": [1, 1, 1], "sheenColorTexture": info},
        },
    }));
    let textures = [
        material.base_color_texture,
        material.metallic_roughness_texture,
        material.normal.map(|normal| normal.texture),
        material.emissive_texture,
        material
            .clearcoat
            .unwrap()
            .normal
            .map(|normal| normal.texture),
        material.sheen.unwrap().color_texture,
    ];
    for texture in textures.map(Option::unwrap) {
        assert_eq!(texture.transform(Vec2::ZERO), Vec2::new(7.0, 0.0));
        assert_eq!(texture.texcoord_set, 0);
    }
}

#[test]
fn samplers_wrap_and_filter() {
    let mut fixture = fixture(json!({
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicRoughnessTexture": {"index": 1}},
        "normalTexture": {"index": 2},
    }));
    fixture.json["samplers"] = json!([
        {"wrapS": 33071, "wrapT": 33648, "magFilter": 9728, "minFilter": 9987},
        {"magFilter": 9729, "minFilter": 9728},
    ]);
    fixture.json["textures"] =
        json!([{"source": 0, "sampler": 0}, {"source": 0, "sampler": 1}, {"source": 0}]);
    let material = fixture.load().unwrap().materials.remove(0);
    let base = material.base_color_texture.unwrap();
    assert_eq!(base.wrap, [Wrap::ClampToEdge, Wrap::MirroredRepeat]);
    assert_eq!(base.filter, TexelFilter::Nearest);
    for texture in [
        material.metallic_roughness_texture.unwrap(),
        material.normal.unwrap().texture,
    ] {
        assert_eq!(
            (texture.wrap, texture.filter),
            ([Wrap::Repeat; 2], TexelFilter::Linear)
        );
    }
}

#[test]
fn a_fourth_texture_coordinate_set_is_refused() {
    let info = |set: u32| json!({"index": 0, "texCoord": set});
    let three = json!({
        "pbrMetallicRoughness": {"baseColorTexture": info(3), "metallicRoughnessTexture": info(1)},
        "normalTexture": info(2),
    });
    assert!(fixture(three.clone()).load().is_ok());
    let mut four = three;
    four["extensions"] = json!({"KHR_materials_specular": {"specularTexture": info(0)}});
    assert_eq!(
        fixture(four).error(),
        "scene.glb: /materials/0/extensions/KHR_materials_specular/specularTexture: needs TEXCOORD_0 beside \
         3 other texture coordinate sets; let one material use at most 3 sets"
    );
}

#[test]
fn numbers_outside_their_range_are_refused() {
    let cases = [
        (
            json!({"pbrMetallicRoughness": {"baseColorFactor": [0, 0, 1.5, 1]}}),
            "/pbrMetallicRoughness/baseColorFactor/2: 1.5 is outside [0, 1]",
        ),
        (
            json!({"pbrMetallicRoughness": {"metallicFactor": -0.5}}),
            "/pbrMetallicRoughness/metallicFactor: -0.5 is outside [0, 1]",
        ),
        (
            json!({"emissiveFactor": [5, 0, 0]}),
            "/emissiveFactor/0: 5 is outside [0, 1]; say how much brighter by KHR_materials_emissive_strength",
        ),
        (
            json!({"alphaMode": "SEE_THROUGH"}),
            "/alphaMode: is neither OPAQUE, MASK nor BLEND",
        ),
        (
            json!({"alphaMode": "MASK", "alphaCutoff": -1}),
            "/alphaCutoff: -1 is outside [0, ∞)",
        ),
    ];
    for (material, message) in cases {
        let error = fixture(material).error();
        assert!(
            error.starts_with(&format!("scene.glb: /materials/0{message}")),
            "{error}"
        );
    }
    let cases = [
        (
            "sheen",
            json!({"sheenRoughnessFactor": 1.4}),
            "sheenRoughnessFactor: 1.4 is outside [0, 1]",
        ),
        (
            "sheen",
            json!({"sheenColorFactor": [1, 1]}),
            "sheenColorFactor: is no array of 3 numbers",
        ),
        ("ior", json!({"ior": 0.5}), "ior: 0.5 is outside [1, ∞)"),
        ("ior", json!({"ior": "glass"}), "ior: is no number"),
        (
            "iridescence",
            json!({"iridescenceIor": 0.9}),
            "iridescenceIor: 0.9 is outside [1, ∞)",
        ),
        (
            "volume",
            json!({"attenuationDistance": 0}),
            "attenuationDistance: 0 is outside (0, ∞)",
        ),
        (
            "volume",
            json!({"attenuationColor": [0, 2, 0]}),
            "attenuationColor/1: 2 is outside [0, 1]",
        ),
        (
            "volume_scatter",
            json!({"multiscatterColorFactor": [0, 0, 1.5]}),
            "multiscatterColorFactor/2: 1.5 is outside [0, 1]",
        ),
        (
            "volume_scatter",
            json!({"scatterAnisotropy": -1.5}),
            "scatterAnisotropy: -1.5 is outside [-1, 1]",
        ),
        (
            "volume_scatter",
            json!({"multiscatterColorTexture": {"index": 77}}),
            "multiscatterColorTexture/index: there is no texture 77",
        ),
        (
            "diffuse_roughness",
            json!({"diffuseRoughnessFactor": 1.25}),
            "diffuseRoughnessFactor: 1.25 is outside [0, 1]",
        ),
        (
            "dispersion",
            json!({"dispersion": -1}),
            "dispersion: -1 is outside [0, ∞)",
        ),
        (
            "emissive_strength",
            json!({"emissiveStrength": 1e300}),
            "emissiveStrength: inf is outside [0, ∞)",
        ),
        (
            "specular",
            json!({"specularTexture": 3}),
            "specularTexture: is no object",
        ),
        (
            "specular",
            json!({"specularTexture": {}}),
            "specularTexture/index: missing",
        ),
        (
            "specular",
            json!({"specularTexture": {"index": 77}}),
            "specularTexture/index: there is no texture 77",
        ),
    ];
    for (name, properties, message) in cases {
        let name = format!("KHR_materials_{name}");
        let error = fixture(json!({"extensions": {&name: properties}})).error();
        assert!(
            error.starts_with(&format!(
                "scene.glb: /materials/0/extensions/{name}/{message}"
            )),
            "{error}"
        );
    }
}
