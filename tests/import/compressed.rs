//! Meshes held in compressed form: meshopt and Draco, by their own encoders.

use crate::fixture::*;
use draco_core::{
    DataType, EncoderBuffer, EncoderOptions, GeometryAttributeType, Mesh as DracoMesh, MeshEncoder,
    PointAttribute,
};
use glam::Vec3;
use meshopt::encoding::{self, EncodeExpMode};
use serde_json::{Value, json};
use skywell::scene::Scene;
use skywell::scene::mesh::Mesh;

const MESHOPT: [&str; 2] = ["EXT_meshopt_compression", "KHR_meshopt_compression"];
const DRACO: &str = "KHR_draco_mesh_compression";
/// Vertices along a side of the grid.
const SIDE: u32 = 9;

/// A wavy grid.
fn positions() -> Vec<[f32; 3]> {
    let vertex = |i: u32| {
        let (x, y) = ((i % SIDE) as f32 / 8.0, (i / SIDE) as f32 / 8.0);
        [x, y, 0.1 * (5.0 * x).sin() * y]
    };
    (0..SIDE * SIDE).map(vertex).collect()
}

fn normals() -> Vec<[f32; 3]> {
    let up = |[x, y, _]: [f32; 3]| Vec3::new(x - 0.5, y - 0.5, 1.0).normalize().to_array();
    positions().into_iter().map(up).collect()
}

fn triangles() -> Vec<u32> {
    let cell = |i: u32| {
        let a = i / (SIDE - 1) * SIDE + i % (SIDE - 1);
        [a, a + 1, a + SIDE, a + 1, a + SIDE + 1, a + SIDE]
    };
    (0..(SIDE - 1) * (SIDE - 1)).flat_map(cell).collect()
}

fn plain() -> Fixture {
    let mut fixture = Fixture::with_positions(&positions());
    fixture.attribute_floats("NORMAL", &normals());
    fixture.indices(UNSIGNED_SHORT, &triangles());
    fixture
}

fn only_mesh(fixture: &Fixture) -> Mesh {
    let scene = fixture.load().unwrap_or_else(|error| panic!("{error}"));
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    assert_eq!(scene.meshes.len(), 1);
    scene.meshes.into_iter().next().unwrap()
}

/// Puts the compressed bytes into a buffer view's place. Returns the view.
fn compress(
    fixture: &mut Fixture,
    name: &str,
    accessor: usize,
    stride: usize,
    encoded: &[u8],
    mode: &str,
    filter: &str,
) -> usize {
    let source = fixture.view(encoded);
    let source = fixture.json["bufferViews"][source].clone();
    let count = fixture.json["accessors"][accessor]["count"]
        .as_u64()
        .unwrap() as usize;
    let mut view = json!({
        "buffer": 1, "byteLength": count * stride,
        "extensions": {name: {
            "buffer": 0, "byteOffset": source["byteOffset"], "byteLength": encoded.len(),
            "byteStride": stride, "count": count, "mode": mode, "filter": filter,
        }},
    });
    if mode == "ATTRIBUTES" {
        view["byteStride"] = json!(stride);
    }
    let view = push(&mut fixture.json["bufferViews"], view);
    fixture.json["accessors"][accessor]["bufferView"] = json!(view);
    view
}

fn padded(vectors: &[[f32; 3]], w: f32) -> Vec<[f32; 4]> {
    vectors.iter().map(|&[x, y, z]| [x, y, z, w]).collect()
}

#[test]
fn every_mode_of_meshopt_gives_back_what_was_encoded() {
    let expected = only_mesh(&plain());
    for name in MESHOPT {
        for version in [0, 1] {
            for (component, size) in [(UNSIGNED_SHORT, 2), (UNSIGNED_INT, 4)] {
                for mode in ["TRIANGLES", "INDICES"] {
                    let mut fixture = plain();
                    let indices = fixture.indices(component, &triangles());
                    let vertices =
                        encoding::encode_vertex_buffer_level(&positions(), 2, Some(version))
                            .unwrap();
                    compress(&mut fixture, name, 0, 12, &vertices, "ATTRIBUTES", "NONE");
                    let corners = triangles();
                    let encoded = match mode {
                        "TRIANGLES" => encoding::encode_index_buffer(&corners, positions().len()),
                        _ => encoding::encode_index_sequence(&corners, positions().len()),
                    };
                    compress(
                        &mut fixture,
                        name,
                        indices,
                        size,
                        &encoded.unwrap(),
                        mode,
                        "NONE",
                    );
                    let mesh = only_mesh(&fixture);
                    assert_eq!(mesh.positions, expected.positions);
                    let same = |a: &[u32; 3], b: &[u32; 3]| {
                        (0..3).any(|k| [a[k], a[(k + 1) % 3], a[(k + 2) % 3]] == *b)
                    };
                    let both = mesh.triangles.iter().zip(&expected.triangles);
                    assert!(
                        mesh.triangles.len() == expected.triangles.len()
                            && both.clone().all(|(a, b)| same(a, b)),
                        "{mode}"
                    );
                }
            }
        }
    }
}

#[test]
fn filters_of_meshopt_are_undone() {
    for name in MESHOPT {
        let mut fixture = plain();
        let exponents = encoding::encode_filter_exp(&positions(), 15, EncodeExpMode::SharedVector);
        let encoded = encoding::encode_vertex_buffer(&exponents).unwrap();
        compress(
            &mut fixture,
            name,
            0,
            12,
            &encoded,
            "ATTRIBUTES",
            "EXPONENTIAL",
        );
        let colors: Vec<[f32; 4]> = positions()
            .iter()
            .map(|&[x, y, _]| [x, y, 0.25, 1.0])
            .collect();
        let encoded = encoding::encode_filter_color::<u8>(&colors, 8);
        let color = fixture.attribute("COLOR_0", &[0; 81 * 4], UNSIGNED_BYTE, "VEC4", 81, true);
        let encoded = encoding::encode_vertex_buffer(&encoded).unwrap();
        compress(
            &mut fixture,
            name,
            color,
            4,
            &encoded,
            "ATTRIBUTES",
            "COLOR",
        );
        let mesh = only_mesh(&fixture);
        let error = |a: Vec3, b: &[f32; 3]| a.distance(Vec3::from_array(*b));
        assert!(
            mesh.positions
                .iter()
                .zip(&positions())
                .all(|(a, b)| error(*a, b) < 1e-4)
        );
        assert!(
            mesh.colors
                .iter()
                .zip(&colors)
                .all(|(a, b)| a.distance(glam::Vec4::from_array(*b)) < 0.02)
        );

        for wide in [false, true] {
            let mut fixture = plain();
            let normals = padded(&normals(), 0.0);
            let (component, stride, encoded) = if wide {
                let packed = encoding::encode_filter_oct::<i16>(&normals, 12);
                (SHORT, 8, encoding::encode_vertex_buffer(&packed).unwrap())
            } else {
                let packed = encoding::encode_filter_oct::<i8>(&normals, 8);
                (BYTE, 4, encoding::encode_vertex_buffer(&packed).unwrap())
            };
            let normal = fixture.attribute("NORMAL", &[0; 81 * 8], component, "VEC3", 81, true);
            compress(
                &mut fixture,
                name,
                normal,
                stride,
                &encoded,
                "ATTRIBUTES",
                "OCTAHEDRAL",
            );
            let mesh = only_mesh(&fixture);
            let limit = if wide { 2e-3 } else { 2e-2 };
            assert!(
                mesh.normals
                    .iter()
                    .zip(&normals)
                    .all(|(a, b)| error(*a, &[b[0], b[1], b[2]]) < limit)
            );
        }
    }
}

#[test]
fn rotations_of_instances_may_be_filtered_quaternions() {
    let turns: Vec<[f32; 4]> = (0..5)
        .map(|i| glam::Quat::from_rotation_x(i as f32).to_array())
        .collect();
    let mut fixture = Fixture::triangle();
    let index = fixture.accessor(&[0; 40], SHORT, "VEC4", 5);
    fixture.json["accessors"][index]["normalized"] = json!(true);
    let encoded =
        encoding::encode_vertex_buffer(&encoding::encode_filter_quat(&turns, 14)).unwrap();
    compress(
        &mut fixture,
        MESHOPT[0],
        index,
        8,
        &encoded,
        "ATTRIBUTES",
        "QUATERNION",
    );
    fixture.json["nodes"][0]["extensions"] =
        json!({"EXT_mesh_gpu_instancing": {"attributes": {"ROTATION": index}}});
    let scene = fixture.load().unwrap();
    for (i, instance) in scene.instances.iter().enumerate() {
        let expected = glam::Mat3::from_rotation_x(i as f32);
        assert!(
            glam::Mat3::from(instance.world_from_object.matrix3).abs_diff_eq(expected, 1e-3),
            "{i}"
        );
    }
}

#[test]
fn fallback_buffers_are_neither_needed_nor_read() {
    let mut fixture = plain();
    let encoded = encoding::encode_vertex_buffer(&positions()).unwrap();
    compress(
        &mut fixture,
        MESHOPT[0],
        0,
        12,
        &encoded,
        "ATTRIBUTES",
        "NONE",
    );
    fixture.write("data.bin", &fixture.bin);
    let length = fixture.bin.len();
    for fallback in [
        json!({"byteLength": 972, "extensions": {MESHOPT[0]: {"fallback": true}}}),
        json!({"byteLength": 972, "uri": "not-there.bin"}),
    ] {
        fixture.json["buffers"] = json!([{"byteLength": length, "uri": "data.bin"}, fallback]);
        let scene = fixture.load_json().unwrap();
        assert_eq!(scene.meshes[0].positions.len(), 81);
    }
    fixture.json["buffers"][1] =
        json!({"byteLength": 972, "extensions": {MESHOPT[0]: {"fallback": true}}});
    fixture.json["bufferViews"][1]["buffer"] = json!(1);
    let error = fixture.message(fixture.load_json().unwrap_err());
    assert!(
        error.starts_with(
            "scene.gltf: /bufferViews/1: is uncompressed, but its buffer is only the stand-in"
        ),
        "{error}"
    );
}

#[test]
fn contradictions_in_meshopt_are_located() {
    let at = "/bufferViews/3/extensions/EXT_meshopt_compression";
    let load = |name: &str, value: Value| {
        let mut fixture = plain();
        let encoded = encoding::encode_vertex_buffer(&positions()).unwrap();
        // The view itself is number 4: its source comes first.
        let view = compress(
            &mut fixture,
            MESHOPT[0],
            0,
            12,
            &encoded,
            "ATTRIBUTES",
            "NONE",
        );
        assert!(fixture.load().is_ok());
        fixture.json["bufferViews"][view]["extensions"][MESHOPT[0]][name] = value;
        fixture
            .error()
            .replace(&format!("/bufferViews/{view}/"), "/bufferViews/3/")
    };
    for (name, value, message) in [
        (
            "count",
            json!(80),
            "/count: 80 elements of 12 bytes, but the buffer view has 972 bytes",
        ),
        (
            "count",
            json!(4_294_967_295_u64),
            "/count: 4294967295 elements of 12",
        ),
        (
            "count",
            json!(u64::MAX),
            "/count: 18446744073709551615 elements of 12",
        ),
        ("count", json!(-1), "/count: is no unsigned integer"),
        (
            "byteStride",
            json!(6),
            "/byteStride: 6 bytes do not go with its mode and filter",
        ),
        ("byteStride", json!(260), "/byteStride: 260 bytes do not go"),
        ("byteStride", json!(0), "/byteStride: 0 bytes do not go"),
        (
            "filter",
            json!("OCTAHEDRAL"),
            "/byteStride: 12 bytes do not go",
        ),
        ("filter", json!("MEDIAN"), "/filter: is none of"),
        (
            "mode",
            json!("TRIANGLES"),
            "/byteStride: 12 bytes do not go",
        ),
        ("mode", json!(1), "/mode: is no text"),
        (
            "byteLength",
            json!(40),
            ": does not decode to 81 elements of 12 bytes",
        ),
        ("byteLength", json!(99_999_999), ": bytes "),
        (
            "byteOffset",
            json!(u64::MAX),
            ": bytes 18446744073709551615",
        ),
        ("byteOffset", json!(0), ": does not decode to 81 elements"),
        ("buffer", json!(5), "/buffer: there is no buffer 5"),
    ] {
        let error = load(name, value);
        assert!(
            error.starts_with(&format!("scene.glb: {at}{message}")),
            "{error}"
        );
        assert!(error.contains("; "), "no cure: {error}");
    }
}

#[test]
fn a_little_meshopt_may_not_become_gigabytes() {
    let mut fixture = plain();
    let view = compress(
        &mut fixture,
        MESHOPT[1],
        0,
        12,
        &[0xa1; 64],
        "ATTRIBUTES",
        "NONE",
    );
    let count = 400_000_000_u64;
    fixture.json["bufferViews"][view]["byteLength"] = json!(count * 12);
    fixture.json["bufferViews"][view]["extensions"][MESHOPT[1]]["count"] = json!(count);
    fixture.json["accessors"][0]["count"] = json!(count);
    let error = fixture.error();
    assert!(
        error.contains("/bufferViews/") && error.contains("needs 4800000000 bytes of memory"),
        "{error}"
    );
}

fn attribute(kind: GeometryAttributeType, values: &[[f32; 3]]) -> PointAttribute {
    let mut attribute = PointAttribute::new();
    attribute.init(kind, 3, DataType::Float32, false, values.len());
    attribute
        .buffer_mut()
        .update_f32s_le(0, values.as_flattened());
    attribute
}

/// The grid by Draco; method 0 is sequential, 1 edgebreaker.
fn draco_bytes(method: i32, quantized: bool) -> Vec<u8> {
    let mut mesh = DracoMesh::new();
    mesh.set_num_points(positions().len());
    let position = mesh.add_attribute(attribute(GeometryAttributeType::Position, &positions()));
    let normal = mesh.add_attribute(attribute(GeometryAttributeType::Normal, &normals()));
    mesh.set_num_faces(triangles().len() / 3);
    mesh.set_faces_from_flat_indices(&triangles());
    let mut options = EncoderOptions::new();
    options.set_encoding_method(method);
    if quantized {
        options.set_attribute_quantization(position, 14);
        options.set_attribute_quantization(normal, 10);
    }
    let mut encoder = MeshEncoder::new();
    encoder.set_mesh(mesh);
    let mut out = EncoderBuffer::new();
    encoder.encode(&options, &mut out).unwrap();
    out.data().to_vec()
}

/// The grid with nothing but Draco behind its accessors.
fn draco(bytes: &[u8]) -> Fixture {
    let mut fixture = Fixture::new();
    let view = fixture.view(bytes);
    let n = positions().len();
    fixture.json["accessors"] = json!([
        {"componentType": FLOAT, "type": "VEC3", "count": n},
        {"componentType": FLOAT, "type": "VEC3", "count": n},
        {"componentType": UNSIGNED_SHORT, "type": "SCALAR", "count": triangles().len()},
    ]);
    *fixture.primitive() = json!({
        "attributes": {"POSITION": 0, "NORMAL": 1}, "indices": 2,
        "extensions": {DRACO: {"bufferView": view, "attributes": {"POSITION": 0, "NORMAL": 1}}},
    });
    fixture.json["extensionsRequired"] = json!([DRACO]);
    fixture
}

fn centers(mesh: &Mesh) -> Vec<Vec3> {
    let mut centers: Vec<Vec3> = mesh
        .triangles
        .iter()
        .map(|t| t.map(|i| mesh.positions[i as usize]).iter().sum::<Vec3>() / 3.0)
        .collect();
    let key = |c: &Vec3| ((c.y * 1000.0) as i32, (c.x * 1000.0) as i32);
    centers.sort_by_key(key);
    centers
}

#[test]
fn draco_gives_back_what_was_encoded() {
    let expected = only_mesh(&plain());
    for method in [0, 1] {
        for quantized in [false, true] {
            let mesh = only_mesh(&draco(&draco_bytes(method, quantized)));
            let limit = if quantized { 1e-4 } else { 1e-6 };
            assert_eq!((mesh.positions.len(), mesh.triangles.len()), (81, 128));
            let (found, known) = (centers(&mesh), centers(&expected));
            assert!(
                found
                    .iter()
                    .zip(&known)
                    .all(|(a, b)| a.distance(*b) <= limit),
                "method {method}"
            );
            for (position, normal) in mesh.positions.iter().zip(&mesh.normals) {
                let up = Vec3::new(position.x - 0.5, position.y - 0.5, 1.0).normalize();
                assert!(normal.distance(up) < 5e-3, "{normal} for {up}");
            }
        }
    }
}

#[test]
fn what_draco_and_accessors_disagree_about_is_told() {
    let bytes = draco_bytes(1, true);
    let mut fixture = draco(&bytes);
    fixture.json["accessors"][2]["count"] = json!(381);
    let scene: Scene = fixture.load().unwrap();
    assert_eq!(scene.meshes[0].triangles.len(), 128);
    assert!(
        fixture.warnings(&scene)[0].contains("does not hold as many vertices or triangles"),
        "{:?}",
        scene.warnings
    );
    let at = format!("scene.glb: /meshes/0/primitives/0/extensions/{DRACO}");
    let cases: [(&str, Value, String); 9] = [
        ("/accessors/2/count", json!(30), format!("{at}: cannot be decoded: ")),
        ("/accessors/0/count", json!(20), format!("{at}: cannot be decoded: ")),
        ("/accessors/0/count", json!(4_000_000_000_u32), "scene.glb: /meshes/0/primitives/0: needs ".to_owned()),
        ("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression/bufferView", json!(9), format!("{at}/bufferView: there is no buffer view 9")),
        ("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression/bufferView", json!(null), format!("{at}/bufferView: is no unsigned")),
        ("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression/attributes", json!(null), format!("{at}/attributes: is no object")),
        ("/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression/attributes/NORMAL", json!(7), "scene.glb: /meshes/0/primitives/0/attributes/NORMAL: the compressed data have no attribute 7".to_owned()),
        ("/accessors/1/type", json!("VEC2"), "scene.glb: /accessors/1/type: has 2 components".to_owned()),
        ("/bufferViews/0/byteLength", json!(50), format!("{at}: cannot be decoded: ")),
    ];
    for (pointer, value, message) in cases {
        let mut fixture = draco(&bytes);
        *fixture.json.pointer_mut(pointer).unwrap() = value;
        let error = fixture.error();
        assert!(error.starts_with(&message), "{error}\nnot {message}");
        assert!(error.contains("; "), "no cure: {error}");
    }
}

#[test]
fn damaged_compression_never_panics() {
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state * 48271 % 0x7fff_ffff;
        state as usize % below
    };
    let vertices = encoding::encode_vertex_buffer(&positions()).unwrap();
    let corners = encoding::encode_index_buffer(&triangles(), positions().len()).unwrap();
    for round in 0..600 {
        let mut damaged = [
            draco_bytes(0, true),
            draco_bytes(1, true),
            vertices.clone(),
            corners.clone(),
        ][round % 4]
            .clone();
        for _ in 0..=random(4) {
            let at = random(damaged.len());
            damaged[at] = random(256) as u8;
        }
        if random(4) == 0 {
            damaged.truncate(random(damaged.len()));
        }
        let fixture = match round % 4 {
            0 | 1 => draco(&damaged),
            2 => {
                let mut fixture = plain();
                compress(
                    &mut fixture,
                    MESHOPT[0],
                    0,
                    12,
                    &damaged,
                    "ATTRIBUTES",
                    "EXPONENTIAL",
                );
                fixture
            }
            _ => {
                let mut fixture = plain();
                compress(
                    &mut fixture,
                    MESHOPT[0],
                    2,
                    2,
                    &damaged,
                    "TRIANGLES",
                    "NONE",
                );
                fixture
            }
        };
        match fixture.load() {
            Ok(scene) => {
                for mesh in &scene.meshes {
                    let n = mesh.positions.len();
                    assert!(mesh.triangles.iter().flatten().all(|&i| (i as usize) < n));
                    assert!(mesh.positions.iter().all(|p| p.is_finite()));
                }
            }
            Err(error) => assert!(error.to_string().contains("; "), "{error}"),
        }
    }
}
