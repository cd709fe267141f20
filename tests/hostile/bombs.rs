//! Small files that stand for much: the bill comes before the memory is spent.

use crate::file::{Square, black_png, glb};
use crate::run::{mended, refused};
use png::BitDepth;
use serde_json::{Value, json};

fn refuse(square: &Square, message: &str) {
    refused(
        &[("scene.glb", &square.glb())],
        &format!("scene.glb: {message}"),
    );
}

#[test]
fn pictures() {
    // 1 bit a pixel comes to 32.
    let bomb = black_png(11_500, 11_500, BitDepth::One);
    mended(&[("scene.glb", &Square::new().textured(&bomb).glb())], None);
    let needs = "/images/0: needs";
    refuse(
        &Square::new().textured(&black_png(16_000, 16_000, BitDepth::One)),
        needs,
    );
    refuse(
        &Square::new().textured(&black_png(10_000, 10_000, BitDepth::Sixteen)),
        needs,
    );
    let cannot = "/images/0: cannot be decoded";
    let mut png = black_png(8, 8, BitDepth::One);
    png[16..24].copy_from_slice(&[0, 0, 0x80, 0, 0, 0, 0xff, 0xff]);
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    refuse(&Square::new().textured(&png), cannot);
    // A lossless WebP of 16383 × 16383 pixels says so in five bytes.
    let webp = b"RIFF\x1e\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xfe\xbf\xff\x0f\x07\x10\x11\xfd\x0f\x44\x44\xff\x03\0";
    refuse(&Square::new().textured(webp), needs);
}

/// Many pictures, none of them too large.
#[test]
fn albums() {
    let mut square = Square::new();
    let png = black_png(4000, 4000, BitDepth::One);
    let mut images = Vec::new();
    let mut materials = Vec::new();
    let mut primitives = Vec::new();
    for i in 0..100 {
        let view = square.view(&png);
        images.push(json!({"bufferView": view}));
        materials.push(json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": i}}}));
        let mut primitive = square.json["meshes"][0]["primitives"][0].clone();
        primitive["material"] = json!(i);
        primitives.push(primitive);
    }
    square.json["textures"] = (0..100).map(|i| json!({"source": i})).collect();
    square.json["images"] = images.into();
    square.json["materials"] = materials.into();
    square.json["meshes"][0]["primitives"] = primitives.into();
    let (code, said) = crate::run::render(&[("scene.glb", &square.glb())]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("/images/") && said.contains("needs "),
        "{said}"
    );
}

/// One picture that many buffers name is one.
#[test]
fn reprints() {
    let png = black_png(4000, 4000, BitDepth::One);
    let n = 100;
    let mut square = Square::new().wearing((0..n).map(|i| json!({"source": i})).collect());
    let mut primitives = Vec::new();
    for i in 0..n {
        let mut primitive = square.json["meshes"][0]["primitives"][0].clone();
        primitive["material"] = json!(i);
        primitives.push(primitive);
    }
    square.json["meshes"][0]["primitives"] = primitives.into();
    let material = |i| json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": i}}});
    square.json["materials"] = (0..n).map(material).collect();
    square.json["images"] = (0..n)
        .map(|i| json!({"bufferView": 3 + i, "mimeType": "image/png"}))
        .collect();
    let view = |i| json!({"buffer": 1 + i, "byteLength": png.len()});
    square.json["bufferViews"]
        .as_array_mut()
        .unwrap()
        .extend((0..n).map(view));
    let own = json!({"byteLength": square.bin.len(), "uri": "square.bin"});
    let name = |i: usize| format!("{}black.png", "./".repeat(i));
    let reprint = |i| json!({"byteLength": png.len(), "uri": name(i)});
    square.json["buffers"] = std::iter::once(own).chain((0..n).map(reprint)).collect();
    let text = square.json.to_string();
    mended(
        &[
            ("scene.gltf", text.as_bytes()),
            ("square.bin", &square.bin),
            ("black.png", &png),
        ],
        None,
    );
}

#[test]
fn ktx2() {
    let mut ktx = vec![0; 200];
    ktx[..12].copy_from_slice(b"\xabKTX 20\xbb\r\n\x1a\n");
    let words = [0, 1, 30_000, 30_000, 0, 0, 1, 1, 2, 104, 44, 148, 0];
    for (word, value) in words.into_iter().enumerate() {
        ktx[12 + 4 * word..16 + 4 * word].copy_from_slice(&u32::to_le_bytes(value));
    }
    for (at, value) in [(80, 160_u64), (88, 40), (96, 900_000_000)] {
        ktx[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
    let (code, said) = crate::run::render(&[("scene.glb", &Square::new().textured(&ktx).glb())]);
    assert!(
        code == 1 && said.contains("scene.glb: /images/0: "),
        "{said}"
    );
}

#[test]
fn dds() {
    let mut words = [0_u32; 64];
    words[0] = u32::from_le_bytes(*b"DDS ");
    words[1..5].copy_from_slice(&[124, 0x1007, 20_000, 20_000]);
    words[19..22].copy_from_slice(&[32, 4, u32::from_le_bytes(*b"DXT1")]);
    refuse(
        &Square::new().textured(bytemuck::cast_slice(&words)),
        "/images/0: needs",
    );
}

#[test]
fn accessors() {
    let most = "elements, more than the 4194304 that can be read";
    let nothing = json!({"componentType": 5126, "count": 4_000_000_000_u32, "type": "VEC3"});
    refuse(
        &Square::new().with("/accessors/0", nothing.clone()),
        &format!("/accessors/0/count: 4000000000 {most}"),
    );
    let mut sparse = nothing.clone();
    sparse["sparse"] = json!({"count": 4_000_000_000_u32,
        "indices": {"bufferView": 2, "componentType": 5125}, "values": {"bufferView": 0}});
    refuse(
        &Square::new().with("/accessors/0", sparse),
        &format!("/accessors/0/count: 4000000000 {most}"),
    );
    let backed =
        json!({"bufferView": 0, "componentType": 5126, "count": 4_000_000_000_u32, "type": "VEC3"});
    refuse(
        &Square::new().with("/accessors/0", backed),
        "/accessors/0/bufferView: 4000000000 elements end",
    );

    // Zeros without bytes, as many as are read at all.
    let zeros = |kind: &str| json!({"componentType": 5126, "count": 4_194_303, "type": kind});
    let primitive = json!({"attributes": {"POSITION": 0}, "material": 0});
    let square = Square::new()
        .with("/accessors/0", zeros("VEC3"))
        .with("/meshes/0/primitives/0", primitive.clone());
    let flat = Some("triangles without area, which no light meets: 1398101");
    mended(&[("scene.glb", &square.glb())], flat);
    // The same a thousand times, by morph targets.
    let square = Square::new()
        .with("/accessors/0/count", json!(3))
        .with("/meshes/0/primitives/0", primitive)
        .with("/accessors/1", zeros("VEC3"))
        .with("/meshes/0/weights", json!(vec![1; 1000]))
        .with(
            "/meshes/0/primitives/0/targets",
            vec![json!({"POSITION": 1}); 1000].into(),
        )
        .with("/accessors/0", zeros("VEC3"));
    let (code, said) = crate::run::render(&[("scene.glb", &square.glb())]);
    assert!(code == 1 && said.contains("needs"), "{said}");
    // Matrices of a skin.
    let mut square = Square::new()
        .with("/accessors/1", zeros("MAT4"))
        .with("/skins", json!([{"joints": [0], "inverseBindMatrices": 1}]))
        .with("/nodes/0/skin", json!(0));
    square.json["meshes"][0]["primitives"][0]["attributes"] = json!({"POSITION": 0});
    mended(&[("scene.glb", &square.glb())], None);
    square.json["skins"] = (0..9).map(|_| square.json["skins"][0].clone()).collect();
    square.json["nodes"] = (0..9).map(|i| json!({"mesh": 0, "skin": i})).collect();
    square.json["scenes"][0]["nodes"] = (0..9).collect();
    refuse(&square, "/accessors/1: needs 268435392 bytes");
}

/// Many primitives that show a little each of one large buffer, and of one that must be read whole for each.
#[test]
fn shared_buffers() {
    let (n_vertices, n_primitives) = (1_u32 << 20, 3000);
    let positions: Vec<[f32; 3]> = (0..n_vertices)
        .map(|i| [(i % 1000) as f32, (i / 1000) as f32, 0.0])
        .collect();
    let corners: Vec<u32> = (0..n_primitives)
        .flat_map(|i| [300 * i, 300 * i + 1, 300 * i + 1000])
        .collect();
    let mut square = Square::new();
    let positions = square.view(bytemuck::cast_slice(&positions));
    let corners = square.view(bytemuck::cast_slice(&corners));
    square.json["accessors"] = json!([{"bufferView": positions, "componentType": 5126, "count": n_vertices, "type": "VEC3"}]);
    let accessors = square.json["accessors"].as_array_mut().unwrap();
    accessors.extend((0..n_primitives).map(|i| {
        json!({"bufferView": corners, "byteOffset": 12 * i, "componentType": 5125, "count": 3, "type": "SCALAR"})
    }));
    let primitive = |i| json!({"attributes": {"POSITION": 0}, "indices": 1 + i, "material": 0});
    square.json["meshes"][0]["primitives"] = (0..n_primitives).map(primitive).collect();
    mended(&[("scene.glb", &square.glb())], None);

    let replaced: Vec<u32> = (0..n_vertices / 2).collect();
    let replaced = square.view(bytemuck::cast_slice(&replaced));
    square.json["accessors"][0]["sparse"] = json!({"count": n_vertices / 2,
        "indices": {"bufferView": replaced, "componentType": 5125}, "values": {"bufferView": positions}});
    refuse(
        &square,
        "/accessors/0: has 6291492 bytes to be read once more",
    );
}

#[test]
fn copies() {
    let instancing = |count: u64| {
        let accessor = json!({"componentType": 5126, "count": count, "type": "VEC3"});
        let node = json!({"mesh": 0, "extensions": {"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": 1}}}});
        let mut square = Square::new()
            .with("/accessors/1", accessor)
            .with("/nodes/0", node);
        square.json["meshes"][0]["primitives"][0]["attributes"] = json!({"POSITION": 0});
        square
    };
    let at = "/nodes/0/extensions/EXT_mesh_gpu_instancing: needs";
    refuse(&instancing(16_777_216), at);
    refuse(&instancing(u64::MAX), at);
    // Every triangle of every copy would be a lamp.
    let glowing = instancing(1_000_000).with("/materials/0/emissiveFactor", json!([1, 1, 1]));
    refuse(&glowing, "/meshes/0/primitives/0: needs");
}

/// Many nodes that show a mesh of many primitives.
#[test]
fn crowds() {
    let mut square = Square::new().with("/nodes", vec![json!({"mesh": 0}); 20_000].into());
    square.json["scenes"][0]["nodes"] = (0..20_000).collect();
    let primitive = square.json["meshes"][0]["primitives"][0].clone();
    square.json["meshes"][0]["primitives"] = vec![primitive; 5000].into();
    let (code, said) = crate::run::render(&[("scene.glb", &square.glb())]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("scene.glb: /nodes/") && said.contains(": needs 2560000 bytes"),
        "{said}"
    );
}

#[test]
fn compressed_geometry() {
    let meshopt = |count: u64| {
        let mut square = Square::new();
        let view = square.view(&[0xa0; 64]);
        square.json["accessors"][0]["bufferView"] = json!(view);
        square.json["accessors"][0]["count"] = json!(count);
        let source = square.json["bufferViews"][view]["byteOffset"].clone();
        square.json["bufferViews"][view] = json!({"buffer": 0, "byteLength": 12 * count,
            "extensions": {"EXT_meshopt_compression": {"buffer": 0, "byteOffset": source,
                "byteLength": 64, "byteStride": 12, "count": count, "mode": "ATTRIBUTES"}}});
        square
    };
    refuse(&meshopt(1 << 31), "/bufferViews/3: needs 25769803776 bytes");
    refuse(
        &meshopt(1 << 20),
        "/bufferViews/3/extensions/EXT_meshopt_compression: does not decode",
    );

    let draco = |count: u32, faces: &[u8]| {
        let mut square = Square::new();
        let data = [
            b"DRACO\x02\x02\x01\x00\x00\x00".as_slice(),
            faces,
            &[0xff; 40],
        ]
        .concat();
        let view = square.view(&data);
        square.json["accessors"][0]["count"] = json!(count);
        square.json["accessors"][2]["count"] = json!(count);
        square.json["meshes"][0]["primitives"][0]["extensions"] = json!({"KHR_draco_mesh_compression":
            {"bufferView": view, "attributes": {"POSITION": 0}}});
        square
    };
    let huge = b"\xff\xff\xff\xff\x07\xff\xff\xff\xff\x07".as_slice();
    refuse(&draco(u32::MAX, huge), "/meshes/0/primitives/0: needs");
    let at = "/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression: cannot be decoded";
    refuse(&draco(1_000_000, huge), at);
    refuse(&draco(1_000_000, b"\x80\x89\x7a\x80\x89\x7a"), at);
}

/// Thousands of animations of a scene of many nodes, all of them listed.
#[test]
fn motions() {
    let mut square = Square::new();
    let times = square.view(bytemuck::cast_slice(&[0_f32, 1.0]));
    let accessors = square.json["accessors"].as_array_mut().unwrap();
    accessors
        .push(json!({"bufferView": times, "componentType": 5126, "count": 2, "type": "SCALAR"}));
    accessors.push(json!({"bufferView": 0, "componentType": 5126, "count": 2, "type": "VEC3"}));
    let nodes = std::iter::once(json!({"mesh": 0})).chain(vec![json!({}); 20_000]);
    square.json["nodes"] = nodes.collect();
    let motion = json!({
        "samplers": [{"input": 3, "output": 4}],
        "channels": [{"sampler": 0, "target": {"node": 0, "path": "translation"}}],
    });
    square.json["animations"] = vec![motion; 5000].into();
    let (code, said) = crate::run::info(&[("scene.glb", &square.glb())]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn depth() {
    // A chain of nodes; JSON within JSON.
    let n = 200_000;
    let mut nodes: Vec<Value> = (1..n).map(|child| json!({"children": [child]})).collect();
    nodes.push(json!({"mesh": 0}));
    mended(
        &[(
            "scene.glb",
            &Square::new().with("/nodes", nodes.into()).glb(),
        )],
        None,
    );
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let (open, close) = (open.repeat(1 << 20), close.repeat(1 << 20));
        let text = format!("{{\"asset\":{{\"version\":\"2.0\"}},\"extras\":{open}0{close}}}");
        refused(&[("scene.gltf", text.as_bytes())], "scene.gltf: no glTF");
    }
}

#[test]
fn talk() {
    // 4 MB of JSON to no end, remarks without number, a very long name.
    let text = "[0],".repeat(1 << 20);
    let mut json = Square::new().json;
    json["buffers"] = json!([{"byteLength": Square::new().bin.len()}]);
    let json = json.to_string();
    let json = format!("{{\"extras\":[{text}0],{}", &json[1..]);
    mended(&[("scene.glb", &glb(&json, &Square::new().bin))], None);

    let names: Vec<Value> = (0..100_000).map(|i| json!(format!("ACME_{i}"))).collect();
    let square = Square::new().with("/extensionsUsed", names.into());
    let (code, said) = crate::run::render(&[("scene.glb", &square.glb())]);
    assert_eq!(code, 0, "{}", &said[..1000]);
    assert!(said.len() < 1 << 16, "{} bytes were said", said.len());
    assert!(said.contains("ACME_0 is not read"));
    assert!(
        said.contains("more remarks"),
        "{}",
        &said[said.len() - 1000..]
    );
}

/// The checksum of a PNG's chunk.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}
