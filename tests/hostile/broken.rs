//! Files that are wrong: cut off, contradictory, or pointing where they must not.

use crate::file::{Square, glb};
use crate::run::{mended, refused};
use serde_json::{Value, json};

fn refuse(square: &Square, message: &str) {
    refused(
        &[("scene.glb", &square.glb())],
        &format!("scene.glb: {message}"),
    );
}

fn mend(square: &Square, warning: Option<&str>) {
    mended(&[("scene.glb", &square.glb())], warning);
}

#[test]
fn the_square_itself_is_fine() {
    mend(&Square::new(), None);
}

#[test]
fn cut_off() {
    let whole = Square::new().glb();
    for (length, message) in [
        (0, "no glTF"),
        (3, "no glTF"),
        (11, "this .glb ends after 11 bytes"),
        (19, "this .glb states a length of"),
        (whole.len() - 1, "this .glb states a length of"),
    ] {
        refused(
            &[("scene.glb", &whole[..length])],
            &format!("scene.glb: {message}"),
        );
    }
    let mut json = Square::new().json;
    json["buffers"] = json!([{"byteLength": 200, "uri": "square.bin"}]);
    let text = json.to_string();
    let files = [
        ("scene.gltf", text.as_bytes()),
        ("square.bin", [0; 150].as_slice()),
    ];
    refused(
        &files,
        "scene.gltf: /buffers/0/byteLength: states 200 bytes, but there are 150",
    );
}

#[test]
fn contradictory() {
    let mut lying = Square::new().glb();
    lying[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    refused(&[("scene.glb", &lying)], "scene.glb: this .glb is broken");
    for (pointer, value, message) in [
        (
            "/accessors/2/componentType",
            json!(5126),
            "/accessors/2: does not hold unsigned integers",
        ),
        (
            "/accessors/0/type",
            json!("VEC2"),
            "/accessors/0/type: has 2 components",
        ),
        (
            "/accessors/1/count",
            json!(3),
            "/meshes/0/primitives/0/attributes/TEXCOORD_0: has 3 elements for 4",
        ),
        (
            "/bufferViews/0/byteStride",
            json!(4),
            "/bufferViews/0/byteStride: 4 bytes between",
        ),
        (
            "/asset/version",
            json!("1.0"),
            "/asset/version: glTF 1.0 is not read",
        ),
        ("/nodes", json!({}), "/nodes: not an array"),
    ] {
        let square = Square::new().wearing(json!([{}])).with(pointer, value);
        let square = square
            .with("/images", json!([]))
            .with("/materials/0", json!({}));
        match message.contains("TEXCOORD") {
            // Nothing looks at texture coordinates that no texture uses.
            true => refuse(
                &Square::new()
                    .with("/accessors/1/count", json!(3))
                    .textured(b"?"),
                message,
            ),
            false => refuse(&square, message),
        }
    }
}

#[test]
fn out_of_range() {
    // The vertex indices begin at byte 80.
    refuse(
        &Square::new().patched(80, &[255, 255]),
        "/meshes/0/primitives/0/indices: names vertex 65535",
    );
    for (pointer, value, message) in [
        ("/scene", json!(1), "/scene: there is no scene 1"),
        (
            "/nodes/0/mesh",
            json!(1),
            "/nodes/0/mesh: there is no mesh 1",
        ),
        (
            "/nodes/0/mesh",
            json!(1_u64 << 32),
            "/nodes/0/mesh: an index above",
        ),
        (
            "/meshes/0/primitives/0/indices",
            json!(7),
            "/meshes/0/primitives/0/indices: there is no accessor 7",
        ),
        (
            "/accessors/0/bufferView",
            json!(7),
            "/accessors/0/bufferView: there is no buffer view 7",
        ),
        (
            "/bufferViews/0/buffer",
            json!(7),
            "/bufferViews/0/buffer: there is no buffer 7",
        ),
        (
            "/accessors/0/count",
            json!(5),
            "/accessors/0/bufferView: 5 elements end",
        ),
        (
            "/accessors/2/count",
            json!(4_000_000_000_u32),
            "/accessors/2/bufferView: 4000000000 elements end",
        ),
        (
            "/accessors/0/byteOffset",
            json!(4),
            "/accessors/0/bufferView: 4 elements end",
        ),
        (
            "/bufferViews/2/byteOffset",
            json!(u64::MAX),
            "/bufferViews/2: bytes 18446744073709551615",
        ),
        (
            "/bufferViews/2/byteLength",
            json!(1 << 30),
            "/bufferViews/2: bytes 80 to",
        ),
    ] {
        refuse(&Square::new().with(pointer, value), message);
    }
}

#[test]
fn no_tree() {
    for (nodes, message) in [
        (
            json!([{"children": [1]}, {"children": [0]}]),
            "/nodes/1/children/0: node 0 is reached twice",
        ),
        (
            json!([{"children": [0]}]),
            "/nodes/0/children/0: node 0 is reached twice",
        ),
        (
            json!([{"children": [1, 2]}, {"children": [2]}, {"mesh": 0}]),
            "node 2 is reached twice",
        ),
    ] {
        let square = Square::new().with("/nodes", nodes);
        let (code, said) = crate::run::render(&[("scene.glb", &square.glb())]);
        assert!(code == 1 && said.contains(message), "{said}");
    }
}

#[test]
fn numbers_that_are_none() {
    let position =
        "/meshes/0/primitives/0/attributes/POSITION: the position of vertex 1 is not finite";
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        refuse(&Square::new().patched(16, &bad.to_le_bytes()), position);
    }
    // Finite, and yet too large for anything to be computed from it.
    let huge = Square::new().patched(12, &3e38_f32.to_le_bytes());
    refuse(
        &huge.patched(24, &(-3e38_f32).to_le_bytes()),
        "/meshes/0/primitives/0/attributes/POSITION",
    );
    let matrix = json!([1e38, 0, 0, 0, 0, 1e38, 0, 0, 0, 0, 1e38, 0, 0, 0, 0, 1]);
    let nodes = json!([{"children": [1], "matrix": matrix}, {"mesh": 0, "matrix": matrix}]);
    refuse(
        &Square::new().with("/nodes", nodes),
        "/nodes/1: its place in the world overflows",
    );
    refuse(
        &Square::new().with("/nodes/0/rotation", json!([0, 0, 0, 0])),
        "/nodes/0/rotation: is no unit quaternion",
    );
}

#[test]
fn nothing_to_see() {
    // All corners in one point; and in one line.
    let point = Square::new().patched(0, &[0; 48]);
    let flat = "scene.glb: /meshes/0/primitives/0: triangles without area, which no light meets: 2";
    mend(&point, Some(flat));
    let line = Square::new()
        .patched(12, &[0; 36])
        .patched(12, &1_f32.to_le_bytes());
    mend(&line, Some(flat));
    let flat = json!([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    mend(
        &Square::new().with("/nodes/0/matrix", flat),
        Some("scene.glb: /nodes/0: its mesh is scaled flat"),
    );
    mend(&Square::new().with("/scenes/0/nodes", json!([])), None);
    mend(
        &Square::new().with("/meshes/0/primitives/0/mode", json!(1)),
        Some("points and lines have no surface"),
    );
}

#[test]
fn elsewhere() {
    for (uri, message) in [
        ("gone.bin", "\"gone.bin\" cannot be read: No such file"),
        (
            "../gone.bin",
            "\"../gone.bin\" leads out of the scene's folder",
        ),
        (
            "a/%2e%2e/../b",
            "\"a/%2e%2e/../b\" leads out of the scene's folder",
        ),
        ("/etc/passwd", "\"/etc/passwd\" is an absolute path"),
        ("C:\\a.bin", "\"C:\\a.bin\" is an absolute path"),
        (
            "file:///etc/passwd",
            "\"file:///etc/passwd\" is not a relative path; nothing is read from the network",
        ),
        (
            "https://host/a.bin",
            "\"https://host/a.bin\" is not a relative path; nothing is read from the network",
        ),
        ("data:;base64,*", "a data URI with bad base64"),
        (".", "\".\" names no file"),
        ("said\u{1b}[2J\u{7}", "\"said�[2J�\" cannot be read"),
    ] {
        let mut json = Square::new().json;
        json["buffers"] = json!([{"byteLength": 200, "uri": uri}]);
        let text = json.to_string();
        let message = format!("scene.gltf: /buffers/0/uri: {message}");
        refused(&[("scene.gltf", text.as_bytes())], &message);
        if !uri.starts_with("data") {
            json = Square::new()
                .wearing(json!([{"source": 0}]))
                .with("/images", json!([{"uri": uri}]))
                .json;
            let text = glb(&with_buffer(json), &Square::new().bin);
            let message = message.replace(".gltf: /buffers", ".glb: /images");
            refused(&[("scene.glb", &text)], &message);
        }
    }
    let long = "x".repeat(1 << 20);
    let square = Square::new()
        .wearing(json!([{"source": 0}]))
        .with("/images", json!([{"uri": long}]));
    refuse(&square, "/images/0/uri: \"xxx");
}

fn with_buffer(mut json: Value) -> String {
    json["buffers"] = json!([{"byteLength": Square::new().bin.len()}]);
    json.to_string()
}

#[test]
fn what_is_required_and_not_known() {
    for name in ["ACME_teapot", "EXT_texture_avif"] {
        let square = Square::new().with("/extensionsRequired", json!([name]));
        let message = format!("/extensionsRequired/0: the file cannot be shown without {name}");
        refuse(&square, &message);
    }
}

#[test]
fn images_that_are_none() {
    let cannot = "/images/0: cannot be decoded";
    let mut png = crate::file::black_png(8, 8, png::BitDepth::One);
    let whole = Square::new()
        .textured(&png)
        .with("/images/0/mimeType", json!("image/jpeg"));
    mend(
        &whole,
        Some("/images/0/mimeType: says image/jpeg, but the image is image/png"),
    );
    refuse(&Square::new().textured(&png[..40]), cannot);
    png[16..24].copy_from_slice(&[0x7f; 8]);
    refuse(&Square::new().textured(&png), cannot);
    refuse(
        &Square::new().textured(b"\xff\xd8\xff\xe0 and no more"),
        cannot,
    );
    refuse(
        &Square::new().textured(b"RIFF\xff\xff\xff\x7fWEBPVP8L"),
        cannot,
    );
    refuse(
        &Square::new().textured(b"\xabKTX 20\xbb\r\n\x1a\n and no more"),
        cannot,
    );
    refuse(
        &Square::new().textured(b"GIF89a"),
        "/images/0: is neither PNG, JPEG, WebP, KTX2 nor DDS",
    );
    refuse(
        &Square::new().textured(b""),
        "/images/0: is neither PNG, JPEG, WebP, KTX2 nor DDS",
    );
}
