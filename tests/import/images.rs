//! Images: where they are, and what is in them.

use crate::fixture::*;
use base64::Engine as _;
use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage,
    Rgba, RgbaImage,
};
use serde_json::{Value, json};
use skywell::scene::texture::{Image, Pixels};

/// Two pixels by a palette, (40, 50, 60) half transparent and (10, 20, 30).
const PALETTE_PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAMAAADD/I+4AAAABlBMVEUKFB4oMjzVG7TpAAAAAnRSTlP/gAgPs2oAAAALSURBVHicY2BkAAAABQAC0WYzeAAAAABJRU5ErkJggg==";
/// Says that it is two thousand million pixels wide and high, 16 bits each.
const HUGE_PNG: &str =
    "iVBORw0KGgoAAAANSUhEUnc1lAB3NZQAEAYAAAALsLhlAAAAC0lEQVR4nGNgZAAAAAUAAtFmM3gAAAAASUVORK5CYII=";

fn base64(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

fn data_uri(bytes: &[u8]) -> Value {
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    json!({"uri": format!("data:image/png;base64,{text}")})
}

/// A square that wears the given image.
fn fixture(image: Value) -> Fixture {
    let mut fixture = Fixture::square();
    fixture.json["images"] = json!([image]);
    fixture.json["textures"] = json!([{"source": 0}]);
    fixture.material(json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}));
    fixture
}

fn load(bytes: &[u8]) -> Image {
    let scene = fixture(data_uri(bytes)).load().unwrap();
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    scene.images.into_iter().next().unwrap()
}

fn decoded(image: impl Into<DynamicImage>) -> Pixels {
    load(&png(&image.into())).pixels
}

#[test]
fn every_kind_of_png_becomes_rgba_in_its_own_precision() {
    let rgba8 = |pixel: [u8; 4]| Pixels::Rgba8(pixel.to_vec());
    assert_eq!(
        decoded(GrayImage::from_pixel(1, 1, Luma([7]))),
        rgba8([7, 7, 7, 255])
    );
    assert_eq!(
        decoded(GrayAlphaImage::from_pixel(1, 1, LumaA([7, 9]))),
        rgba8([7, 7, 7, 9])
    );
    assert_eq!(
        decoded(RgbImage::from_pixel(1, 1, Rgb([1, 2, 3]))),
        rgba8([1, 2, 3, 255])
    );
    assert_eq!(
        decoded(RgbaImage::from_pixel(1, 1, Rgba([1, 2, 3, 4]))),
        rgba8([1, 2, 3, 4])
    );
    let rgba16 = |pixel: [u16; 4]| Pixels::Rgba16(pixel.to_vec());
    let grey: ImageBuffer<Luma<u16>, _> = ImageBuffer::from_pixel(1, 1, Luma([700]));
    assert_eq!(decoded(grey), rgba16([700, 700, 700, 65535]));
    let color: ImageBuffer<Rgb<u16>, _> = ImageBuffer::from_pixel(1, 1, Rgb([1, 2, 30000]));
    assert_eq!(decoded(color), rgba16([1, 2, 30000, 65535]));
}

#[test]
fn palettes_are_looked_up() {
    let image = load(&base64(PALETTE_PNG));
    assert_eq!((image.width, image.height), (2, 1));
    assert_eq!(
        image.pixels,
        Pixels::Rgba8(vec![40, 50, 60, 128, 10, 20, 30, 255])
    );
}

#[test]
fn rows_go_from_top_to_bottom() {
    let mut image = RgbaImage::new(2, 2);
    image.put_pixel(1, 0, Rgba([9, 8, 7, 6]));
    let Pixels::Rgba8(pixels) = decoded(image) else {
        panic!()
    };
    assert_eq!(pixels[4..8], [9, 8, 7, 6]);
}

#[test]
fn jpeg_is_read() {
    let grey = RgbImage::from_pixel(8, 8, Rgb([128; 3]));
    let Pixels::Rgba8(pixels) = load(&encode(&grey.into(), ImageFormat::Jpeg)).pixels else {
        panic!()
    };
    assert!(
        pixels
            .chunks(4)
            .all(|p| p[..3].iter().all(|c| c.abs_diff(128) < 3) && p[3] == 255)
    );
}

#[test]
fn images_lie_in_files_of_any_name() {
    let bytes = png(&RgbaImage::from_pixel(3, 1, Rgba([1; 4])).into());
    let cases = [
        ("textures/Base Color.png", "textures/Base%20Color.png"),
        ("Ünïcödé ❤♻.png", "Ünïcödé ❤♻.png"),
        ("青瓷.png", "%E9%9D%92%E7%93%B7.png"),
        ("100%.png", "100%.png"),
        ("a.png", "x/./../a.png"),
    ];
    for (file, uri) in cases {
        let fixture = fixture(json!({"uri": uri}));
        fixture.write(file, &bytes);
        assert_eq!(fixture.load().unwrap().images[0].width, 3, "{uri}");
    }
}

#[test]
fn buffers_lie_in_files_or_data_uris() {
    let mut fixture = Fixture::triangle();
    let glb_hash = fixture.load().unwrap().content_hash;
    fixture.json["buffers"] = json!([{"byteLength": fixture.bin.len(), "uri": "mesh%20data.bin"}]);
    fixture.write("mesh data.bin", &fixture.bin);
    let scene = fixture.load_json().unwrap();
    assert_eq!(scene.meshes[0].positions.len(), 3);
    let changed: Vec<u8> = fixture.bin.iter().map(|byte| byte ^ 1).collect();
    fixture.write("mesh data.bin", &changed);
    let other = fixture.load_json().unwrap();
    assert_ne!(
        scene.content_hash, other.content_hash,
        "the hash covers external files"
    );
    assert_ne!(scene.content_hash, glb_hash);

    let text = base64::engine::general_purpose::STANDARD.encode(&fixture.bin);
    fixture.json["buffers"][0]["uri"] =
        json!(format!("data:application/gltf-buffer;base64,{text}"));
    assert_eq!(
        fixture.load_json().unwrap().meshes[0].positions,
        scene.meshes[0].positions
    );
}

#[test]
fn only_images_that_materials_use_are_read_and_each_once() {
    let bytes = png(&RgbaImage::from_pixel(1, 1, Rgba([1; 4])).into());
    let mut fixture = fixture(json!({"uri": "missing.png"}));
    let used = data_uri(&bytes);
    fixture.json["images"] = json!([{"uri": "missing.png"}, used, {"bufferView": 999}]);
    fixture.json["textures"] = json!([{"source": 1}, {"source": 1}, {"source": 0}]);
    fixture.material(json!({
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicRoughnessTexture": {"index": 1}},
        "occlusionTexture": {"index": 2},
        "emissiveTexture": {"index": 2},
        "extensions": {"KHR_materials_transmission": {"transmissionTexture": {"index": 2}}},
    }));
    let scene = fixture.load().unwrap();
    assert_eq!(scene.images.len(), 1);
    assert_eq!(scene.images[0].name, "data URI");
}

#[test]
fn what_a_file_says_of_an_image_is_checked_against_it() {
    let mut image = data_uri(&png(&RgbaImage::new(1, 1).into()));
    image["mimeType"] = json!("image/jpeg");
    let fixture = fixture(image);
    let scene = fixture.load().unwrap();
    assert_eq!(
        fixture.warnings(&scene),
        [
            "scene.glb: /images/0/mimeType: says image/jpeg, but the image is image/png and is read as such"
        ]
    );
}

#[test]
fn broken_images_are_errors() {
    let whole = png(&RgbaImage::new(4, 4).into());
    let neither = "is neither PNG, JPEG, WebP, KTX2 nor DDS; convert the image to PNG or JPEG";
    let cases: [(&[u8], &str); 9] = [
        (&whole[..whole.len() - 20], "cannot be decoded"),
        (b"", neither),
        (b"GIF89a", neither),
        (&base64(HUGE_PNG), "cannot be decoded"),
        (b"\xabKTX 20\xbb\r\n\x1a\n", "cannot be decoded"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "cannot be decoded"),
        (
            b"\0\0\0\x20ftypavif\0\0\0\0",
            "is AVIF (EXT_texture_avif), which is not read; export with PNG or JPEG",
        ),
        (b"DDS \x7c\0\0\0", "cannot be decoded"),
        (b"\xff\xd8\xff", "cannot be decoded"),
    ];
    for (bytes, message) in cases {
        let error = fixture(data_uri(bytes)).error();
        assert!(
            error.starts_with(&format!("scene.glb: /images/0: {message}")),
            "{error}"
        );
    }
    let error = fixture(json!({"uri": "gone.png"})).error();
    assert!(
        error.starts_with("scene.glb: /images/0/uri: \"gone.png\" cannot be read: "),
        "{error}"
    );
    assert!(
        fixture(json!({}))
            .error()
            .contains("/images/0: has neither uri nor bufferView")
    );
    for uri in [
        "../up.png",
        "/etc/passwd",
        "https://example.com/a.png",
        "file:///a.png",
    ] {
        let error = fixture(json!({"uri": uri})).error();
        assert!(
            error.contains("/images/0/uri: ") && error.contains("scene's folder"),
            "{error}"
        );
    }
}
