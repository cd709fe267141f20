//! Accessors and primitives.

use crate::fixture::*;
use glam::{Vec2, Vec3, Vec4};
use serde_json::json;
use skywell::scene::Scene;
use skywell::scene::mesh::Mesh;

fn only_mesh(scene: &Scene) -> &Mesh {
    assert_eq!(scene.meshes.len(), 1);
    &scene.meshes[0]
}

/// Loads, expects no warning, and gives the only mesh.
fn mesh(fixture: &Fixture) -> Mesh {
    let scene = fixture.load().unwrap();
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    only_mesh(&scene).clone()
}

#[test]
fn missing_normals_are_flat_on_unshared_vertices() {
    let mut fixture =
        Fixture::with_positions(&[[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]);
    fixture.indices(UNSIGNED_SHORT, &[0, 1, 2, 0, 3, 1]);
    let mesh = mesh(&fixture);
    assert_eq!(mesh.triangles, [[0, 1, 2], [3, 4, 5]]);
    assert_eq!(
        mesh.normals,
        [Vec3::Z, Vec3::Z, Vec3::Z, Vec3::Y, Vec3::Y, Vec3::Y]
    );
    assert_eq!(mesh.positions[4], Vec3::new(0.0, 0.0, 2.0));
}

#[test]
fn tiny_triangles_have_normals_too() {
    let s = 1e-20;
    let fixture = Fixture::with_positions(&[[0.0; 3], [s, 0.0, 0.0], [0.0, s, 0.0]]);
    assert_eq!(mesh(&fixture).normals, [Vec3::Z; 3]);
}

#[test]
fn indices_of_every_type_name_the_same_triangles() {
    for component in [UNSIGNED_BYTE, UNSIGNED_SHORT, UNSIGNED_INT] {
        let mut fixture = Fixture::square();
        fixture.indices(component, &[3, 0, 1, 3, 1, 2]);
        assert_eq!(mesh(&fixture).triangles, [[3, 0, 1], [3, 1, 2]]);
    }
}

#[test]
fn strips_and_fans_keep_their_front() {
    let zigzag = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 2.0]];
    let around = [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [1.0, 2.0], [0.0, 2.0]];
    for (mode, corners) in [(5, zigzag), (6, around)] {
        for indexed in [false, true] {
            let mut fixture = Fixture::with_positions(&corners.map(|[x, y]| [x, y, 0.0]));
            fixture.primitive()["mode"] = json!(mode);
            if indexed {
                fixture.indices(UNSIGNED_BYTE, &[0, 1, 2, 3, 4]);
            }
            let mesh = mesh(&fixture);
            assert_eq!(mesh.triangles.len(), 3);
            assert_eq!(mesh.normals, [Vec3::Z; 9], "mode {mode}");
        }
    }
}

#[test]
fn points_and_lines_are_left_out_with_one_warning() {
    let mut fixture = Fixture::triangle();
    let attributes = fixture.primitive()["attributes"].clone();
    let primitive = |mode| json!({"attributes": attributes, "mode": mode});
    fixture.json["meshes"][0]["primitives"] = (0..=4).map(primitive).collect();
    let scene = fixture.load().unwrap();
    assert_eq!(scene.instances.len(), 1);
    assert_eq!(
        fixture.warnings(&scene),
        [
            "scene.glb: /meshes/0/primitives/0 and 3 more: points and lines have no surface; left out"
        ]
    );
}

#[test]
fn left_over_vertices_are_told() {
    let mut fixture = Fixture::square();
    fixture.indices(UNSIGNED_BYTE, &[0, 1, 2, 3]);
    let scene = fixture.load().unwrap();
    assert_eq!(only_mesh(&scene).triangles, [[0, 1, 2]]);
    assert!(fixture.warnings(&scene)[0].contains("left over"));
}

#[test]
fn interleaved_attributes_are_told_apart() {
    let mut fixture = Fixture::new();
    let mut bytes = vec![0xaa; 4];
    for i in 0..3u8 {
        let position = [f32::from(i), f32::from(i * i), 0.0];
        bytes.extend(position.iter().flat_map(|x| x.to_le_bytes()));
        bytes.extend([0, 0, 127, 0]);
        bytes.extend([i * 100, 51, 0, 0]);
    }
    // The last element has no padding: its stride reaches past the view.
    bytes.truncate(bytes.len() - 2);
    let view = fixture.view(&bytes);
    fixture.json["bufferViews"][view]["byteStride"] = json!(20);
    fixture.json["accessors"] = json!([
        {"bufferView": view, "byteOffset": 4, "componentType": FLOAT, "type": "VEC3", "count": 3},
        {"bufferView": view, "byteOffset": 16, "componentType": BYTE, "normalized": true, "type": "VEC3", "count": 3},
        {"bufferView": view, "byteOffset": 20, "componentType": UNSIGNED_BYTE, "normalized": true, "type": "VEC2", "count": 3},
    ]);
    fixture.primitive()["attributes"] = json!({"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2});
    fixture.textures(1);
    fixture.material(json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}));
    let mesh = mesh(&fixture);
    assert_eq!(mesh.positions[2], Vec3::new(2.0, 4.0, 0.0));
    assert_eq!(mesh.normals, [Vec3::Z; 3]);
    assert_eq!(mesh.texcoords[0][1], Vec2::new(100.0 / 255.0, 0.2));
}

#[test]
fn components_of_every_type_have_their_value() {
    // The corners (−max, 0, 0), (max, 0, 0), (0, max, 0) of each type; unsigned types start at 0.
    let cases: [(u32, bool, f32, f32); 9] = [
        (BYTE, false, -128.0, 127.0),
        (BYTE, true, -1.0, 1.0),
        (UNSIGNED_BYTE, false, 0.0, 255.0),
        (UNSIGNED_BYTE, true, 0.0, 1.0),
        (SHORT, false, -32768.0, 32767.0),
        (SHORT, true, -1.0, 1.0),
        (UNSIGNED_SHORT, false, 0.0, 65535.0),
        (UNSIGNED_SHORT, true, 0.0, 1.0),
        (FLOAT, false, -1e18, 1e18),
    ];
    for (component, normalized, low, high) in cases {
        let (low_bytes, high_bytes): (Vec<u8>, Vec<u8>) = match component {
            BYTE => (i8::MIN.to_le_bytes().into(), i8::MAX.to_le_bytes().into()),
            UNSIGNED_BYTE => (vec![0], vec![255]),
            SHORT => (i16::MIN.to_le_bytes().into(), i16::MAX.to_le_bytes().into()),
            UNSIGNED_SHORT => (vec![0; 2], vec![255; 2]),
            _ => (low.to_le_bytes().into(), high.to_le_bytes().into()),
        };
        let zero = vec![0; low_bytes.len()];
        let vertices = [
            [&low_bytes, &zero, &zero],
            [&high_bytes, &zero, &zero],
            [&zero, &high_bytes, &zero],
        ];
        let bytes: Vec<u8> = vertices
            .as_flattened()
            .iter()
            .flat_map(|b| b.to_vec())
            .collect();
        let mut fixture = Fixture::new();
        fixture.json["extensionsUsed"] = json!(["KHR_mesh_quantization"]);
        fixture.json["extensionsRequired"] = json!(["KHR_mesh_quantization"]);
        fixture.attribute("POSITION", &bytes, component, "VEC3", 3, normalized);
        let mesh = mesh(&fixture);
        let expected = [Vec3::X * low, Vec3::X * high, Vec3::Y * high];
        assert_eq!(mesh.positions, expected, "{component} {normalized}");
    }
}

#[test]
fn sparse_accessors_replace_elements() {
    for with_base in [true, false] {
        let mut fixture = Fixture::square();
        let position = fixture.primitive()["attributes"]["POSITION"]
            .as_u64()
            .unwrap() as usize;
        let (spots, values) = (
            fixture.view(&[1, 0, 3, 0]),
            fixture.floats(&[[7.0; 3], [8.0, 9.0, 1.0]]),
        );
        let values = fixture.json["accessors"][values]["bufferView"].clone();
        let accessor = &mut fixture.json["accessors"][position];
        accessor["sparse"] = json!({
            "count": 2,
            "indices": {"bufferView": spots, "componentType": UNSIGNED_SHORT},
            "values": {"bufferView": values},
        });
        if !with_base {
            accessor.as_object_mut().unwrap().remove("bufferView");
        }
        // Two corners coincide without a base, which is said.
        let scene = fixture.load().unwrap();
        assert_eq!(scene.warnings.is_empty(), with_base);
        let positions = &only_mesh(&scene).positions;
        let base = if with_base {
            Vec3::new(1.0, 1.0, 0.0)
        } else {
            Vec3::ZERO
        };
        assert_eq!(
            *positions,
            [Vec3::ZERO, Vec3::splat(7.0), base, Vec3::new(8.0, 9.0, 1.0)]
        );
    }
}

#[test]
fn sparse_indices_are_replaced_too() {
    let mut fixture = Fixture::square();
    let indices = fixture.primitive()["indices"].as_u64().unwrap() as usize;
    let (spots, values) = (fixture.view(&[4]), fixture.view(&[1]));
    fixture.json["accessors"][indices]["sparse"] = json!({
        "count": 1,
        "indices": {"bufferView": spots, "componentType": UNSIGNED_BYTE},
        "values": {"bufferView": values},
    });
    assert_eq!(mesh(&fixture).triangles, [[0, 1, 2], [0, 1, 3]]);
}

#[test]
fn vertex_colors_of_every_form() {
    let rgb = |bytes: &[u8], component, kind, normalized| {
        let mut fixture = Fixture::triangle();
        fixture.attribute("COLOR_0", bytes, component, kind, 3, normalized);
        mesh(&fixture).colors
    };
    let half = |alpha| vec![Vec4::new(1.0, 0.0, 1.0, alpha); 3];
    let short = |color: &[u16]| {
        color
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect::<Vec<_>>()
    };
    let float = |color: &[f32]| {
        color
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        rgb(&[255, 0, 255].repeat(3), UNSIGNED_BYTE, "VEC3", true),
        half(1.0)
    );
    assert_eq!(
        rgb(&[255, 0, 255, 51].repeat(3), UNSIGNED_BYTE, "VEC4", true),
        half(0.2)
    );
    assert_eq!(
        rgb(
            &short(&[65535, 0, 65535].repeat(3)),
            UNSIGNED_SHORT,
            "VEC3",
            true
        ),
        half(1.0)
    );
    assert_eq!(
        rgb(
            &short(&[65535, 0, 65535, 13107].repeat(3)),
            UNSIGNED_SHORT,
            "VEC4",
            true
        ),
        half(0.2)
    );
    assert_eq!(
        rgb(&float(&[1.0, 0.0, 1.0].repeat(3)), FLOAT, "VEC3", false),
        half(1.0)
    );
    assert_eq!(
        rgb(
            &float(&[1.0, 0.0, 1.0, 0.2].repeat(3)),
            FLOAT,
            "VEC4",
            false
        ),
        half(0.2)
    );
}

#[test]
fn only_the_texture_coordinates_a_material_uses_are_kept() {
    let mut fixture = Fixture::square();
    for set in 1..6 {
        fixture.attribute_floats(&format!("TEXCOORD_{set}"), &[[set as f32; 2]; 4]);
    }
    fixture.textures(1);
    fixture.material(json!({
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0, "texCoord": 5}},
        "emissiveFactor": [1, 1, 1],
        "emissiveTexture": {"index": 0, "texCoord": 2},
        "normalTexture": {"index": 0, "texCoord": 5},
        "occlusionTexture": {"index": 0, "texCoord": 1},
    }));
    let scene = fixture.load().unwrap();
    let material = &scene.materials[0];
    let base = material.base_color_texture.as_ref().unwrap().texcoord_set as usize;
    let emissive = material.emissive_texture.as_ref().unwrap().texcoord_set as usize;
    let mesh = only_mesh(&scene);
    assert_eq!(mesh.texcoords[base][0], Vec2::splat(5.0));
    assert_eq!(mesh.texcoords[emissive][0], Vec2::splat(2.0));
    assert_eq!(
        mesh.texcoords.iter().filter(|set| !set.is_empty()).count(),
        2
    );
}

#[test]
fn tangents_are_read_only_where_needed() {
    let mut fixture = Fixture::square();
    fixture.attribute_floats("TANGENT", &[[0.0, 3.0, 0.0, -1.0]; 4]);
    assert!(mesh(&fixture).tangents.is_empty());
    fixture.textures(1);
    fixture.material(json!({"normalTexture": {"index": 0}}));
    assert_eq!(mesh(&fixture).tangents, [Vec4::new(0.0, 1.0, 0.0, -1.0); 4]);
}

#[test]
fn tangents_follow_the_normal_texture() {
    let mut fixture = Fixture::square();
    // The image lies on its side: u goes up.
    fixture.attribute_floats(
        "TEXCOORD_1",
        &[[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]],
    );
    fixture.textures(1);
    fixture.material(json!({
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}},
        "normalTexture": {"index": 0, "texCoord": 1},
    }));
    for tangent in mesh(&fixture).tangents {
        // glTF's bitangent goes against v, here −X: n × t · w = Z × Y · w = −X · w.
        assert!(
            tangent.abs_diff_eq(Vec4::new(0.0, 1.0, 0.0, 1.0), 1e-6),
            "{tangent}"
        );
    }
}

#[test]
fn authored_tangents_without_normals_are_ignored() {
    let mut fixture = Fixture::square();
    fixture.attribute_floats("TANGENT", &[[0.0, 1.0, 0.0, -1.0]; 4]);
    fixture.primitive()["attributes"]
        .as_object_mut()
        .unwrap()
        .remove("NORMAL");
    fixture.textures(1);
    fixture.material(json!({"normalTexture": {"index": 0}}));
    for tangent in mesh(&fixture).tangents {
        assert!(
            tangent.abs_diff_eq(Vec4::new(1.0, 0.0, 0.0, 1.0), 1e-6),
            "{tangent}"
        );
    }
}

#[test]
fn anisotropy_without_textures_derives_tangents_and_keeps_no_coordinates() {
    let mut fixture = Fixture::square();
    fixture
        .material(json!({"extensions": {"KHR_materials_anisotropy": {"anisotropyStrength": 1}}}));
    let mesh = mesh(&fixture);
    assert_eq!(mesh.tangents.len(), 4);
    assert!(mesh.texcoords.iter().all(Vec::is_empty));
}

#[test]
fn missing_texture_coordinates_are_told() {
    let mut fixture = Fixture::triangle();
    fixture.textures(1);
    fixture.material(json!({"normalTexture": {"index": 0, "texCoord": 4}}));
    let scene = fixture.load().unwrap();
    let warnings = fixture.warnings(&scene);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("TEXCOORD_4"));
    assert!(warnings[1].contains("neither TANGENT nor"));
}

#[test]
fn vertices_no_triangle_uses_are_dropped() {
    let mut fixture = Fixture::square();
    fixture.indices(UNSIGNED_BYTE, &[3, 1, 2]);
    let mesh = mesh(&fixture);
    assert_eq!(mesh.triangles, [[2, 0, 1]]);
    assert_eq!(mesh.positions, [Vec3::X, Vec3::new(1.0, 1.0, 0.0), Vec3::Y]);
    assert_eq!(mesh.normals.len(), 3);
}

#[test]
fn normals_are_made_unit_or_mended() {
    let mut fixture = Fixture::square();
    let nan = f32::NAN;
    fixture.attribute_floats(
        "NORMAL",
        &[
            [0.0, 5.0, 0.0],
            [0.0; 3],
            [nan, 0.0, 0.0],
            [1e-30, 0.0, 0.0],
        ],
    );
    let scene = fixture.load().unwrap();
    let normals = &only_mesh(&scene).normals;
    assert_eq!(normals[..3], [Vec3::Y, Vec3::Z, Vec3::Z]);
    assert!((normals[3].length() - 1.0).abs() < 1e-6);
    assert!(fixture.warnings(&scene)[0].contains("normals without length"));
}

#[test]
fn odd_texture_coordinates_and_colors_are_mended() {
    let mut fixture = Fixture::square();
    fixture.attribute_floats("TEXCOORD_0", &[[f32::INFINITY, 0.5]; 4]);
    fixture.attribute_floats("COLOR_0", &[[f32::NAN, 0.5, 0.5]; 4]);
    fixture.textures(1);
    fixture.material(json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}));
    let scene = fixture.load().unwrap();
    assert_eq!(only_mesh(&scene).texcoords[0], [Vec2::ZERO; 4]);
    assert_eq!(only_mesh(&scene).colors, [Vec4::ONE; 4]);
    assert_eq!(scene.warnings.len(), 2);
}

#[test]
fn morph_targets_rest_at_their_weights() {
    let mut fixture = Fixture::triangle();
    let up = fixture.floats(&[[0.0, 0.0, 1.0]; 3]);
    let out = fixture.floats(&[[0.0; 3], [4.0, 0.0, 0.0], [0.0; 3]]);
    fixture.primitive()["targets"] = json!([{"POSITION": up}, {"POSITION": out}]);
    fixture.json["meshes"][0]["weights"] = json!([0.5, 0]);
    fixture.json["nodes"] = json!([{"mesh": 0}, {"mesh": 0, "weights": [0, 0.25]}, {"mesh": 0}]);
    fixture.json["scenes"][0]["nodes"] = json!([0, 1, 2]);
    let scene = fixture.load().unwrap();
    assert_eq!(scene.meshes.len(), 2);
    let first =
        |instance: usize| &scene.meshes[scene.instances[instance].mesh.0 as usize].positions;
    assert_eq!(first(0)[1], Vec3::new(1.0, 0.0, 0.5));
    assert_eq!(first(1)[1], Vec3::new(2.0, 0.0, 0.0));
    assert_eq!(first(2), first(0));
}

#[test]
fn geometry_is_shared() {
    let mut fixture = Fixture::square();
    let primitive = fixture.primitive().clone();
    let mut red = primitive.clone();
    red["material"] = json!(0);
    fixture.json["materials"] =
        json!([{"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}]);
    fixture.json["meshes"] = json!([{"primitives": [primitive]}, {"primitives": [red]}]);
    fixture.json["nodes"] =
        json!([{"mesh": 0}, {"mesh": 1}, {"mesh": 1, "translation": [5, 0, 0]}]);
    fixture.json["scenes"][0]["nodes"] = json!([0, 1, 2]);
    let scene = fixture.load().unwrap();
    assert_eq!(
        (
            scene.meshes.len(),
            scene.instances.len(),
            scene.materials.len()
        ),
        (1, 3, 2)
    );
    assert_ne!(scene.instances[0].material, scene.instances[1].material);
    assert_eq!(scene.instances[2].world_from_object.translation.x, 5.0);
    assert_eq!(scene.instances[2].node, 2);
}
