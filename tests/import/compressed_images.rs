//! Images that glTF has by extension: WebP, KTX2 and DDS.

use crate::fixture::*;
use base64::Engine as _;
use image::{ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};
use skywell::scene::texture::{Image, Pixels};

/// 8 × 8 pixels by the Basis Universal encoder 2.50: left half (200, 40), right half (16, 180) in red
/// and green; upper half 20 in blue and opaque, lower half 220 and half transparent.
const ETC1S: &str = "q0tUWCAyMLsNChoKAAAAAAEAAAAIAAAACAAAAAAAAAAAAAAAAQAAAAEAAAABAAAAaAAAADwAAACkAAAAJAAAAMgAAAAAAAAAnAAAAAAAAABkAQAAAAAAAAQAAAAAAAAAAAAAAAAAAAA8AAAAAAAAAAIAOACjAQIAAwMAAAgIAAAAAAAAAAA/AAAAAAAAAAAA/////0AAPw8AAAAAAAAAAP////8fAAAAS1RYd3JpdGVyAEJhc2lzIFVuaXZlcnNhbCAyLjUwAAAGAAMANwAAAA0AAAAwAAAAAAAAAAAAAAAAAAAAAgAAAAIAAAACAAAAGcCcAAEAAAAQBhbwHQgwEQAAAAAABCk8QRxA1IABAABA0DQ4L6CAAEwBAAAAAIBAWYQrRY4/DgQAAABQVVVV/f///wcAwUQAAAAAAAAS5b+NATAFQAAAAACAZCABogYMAAAAgqZEoycQAEwAAAAAAAAggACzKcQf";
const UASTC: &str = "q0tUWCAyMLsNChoKAAAAAAEAAAAIAAAACAAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAaAAAACwAAACUAAAALAAAAAAAAAAAAAAAAAAAAAAAAADAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAAAsAAAAAAAAAAIAKACmAQIAAwMAABAAAAAAAAAAAAB/AwAAAAAAAAAA/////x8AAABLVFh3cml0ZXIAQmFzaXMgVW5pdmVyc2FsIDIuNTAAAAQAAAB/fwAAFxmF4j+1AwAAAAAAAAAAABeCluI/EnYAAAAAAAAAAAAXGYUbsKXhAgAAAAAAAAAAF4KWGzAjuAMAAAAAAAAAAA==";
const UASTC_ZSTD: &str = "q0tUWCAyMLsNChoKAAAAAAEAAAAIAAAACAAAAAAAAAAAAAAAAQAAAAEAAAACAAAAaAAAACwAAACUAAAAJAAAAAAAAAAAAAAAAAAAAAAAAAC4AAAAAAAAADIAAAAAAAAAQAAAAAAAAAAsAAAAAAAAAAIAKACmAQIAAwMAABAAAAAAAAAAAAB/AwAAAAAAAAAA/////x8AAABLVFh3cml0ZXIAQmFzaXMgVW5pdmVyc2FsIDIuNTAAACi1L/0gQE0BAOgXGYXiP7UDABeCluI/EnYZhRuwpeECgpYbMCO4AwQAgBhQzMxtCMAF";

fn bytes(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

/// What the encoder was given.
fn original() -> RgbaImage {
    RgbaImage::from_fn(8, 8, |x, y| {
        let [red, green] = if x < 4 { [200, 40] } else { [16, 180] };
        let [blue, alpha] = if y < 4 { [20, 255] } else { [220, 128] };
        Rgba([red, green, blue, alpha])
    })
}

/// A square whose texture shows `image` by `extension`, and else a white pixel.
fn fixture(image: &[u8], extension: &str) -> Fixture {
    let mut fixture = Fixture::square();
    fixture.textures(1);
    let view = fixture.view(image);
    push(&mut fixture.json["images"], json!({"bufferView": view}));
    fixture.json["textures"][0]["extensions"] = json!({extension: {"source": 1}});
    fixture.json["extensionsUsed"] = json!([extension]);
    fixture.material(json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}));
    fixture
}

fn load(image: &[u8], extension: &str) -> Image {
    let fixture = fixture(image, extension);
    let scene = fixture.load().unwrap_or_else(|error| panic!("{error}"));
    assert!(scene.warnings.is_empty(), "{:?}", scene.warnings);
    assert_eq!(scene.images.len(), 1, "the fallback is not read");
    scene.images.into_iter().next().unwrap()
}

#[test]
fn basis_textures_are_what_was_encoded() {
    for (text, limit) in [(ETC1S, 12), (UASTC, 3), (UASTC_ZSTD, 3)] {
        let image = load(&bytes(text), "KHR_texture_basisu");
        assert_eq!((image.width, image.height), (8, 8));
        let Pixels::Rgba8(pixels) = image.pixels else {
            panic!()
        };
        let worst = pixels
            .iter()
            .zip(original().as_raw())
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(worst <= Some(limit), "{worst:?} of {limit}");
    }
}

#[test]
fn webp_is_what_was_encoded() {
    let image = load(
        &encode(&original().into(), ImageFormat::WebP),
        "EXT_texture_webp",
    );
    assert_eq!(image.pixels, Pixels::Rgba8(original().into_raw()));
}

#[test]
fn textures_without_an_extension_s_image_show_their_own() {
    let mut fixture = fixture(b"no image", "EXT_texture_avif");
    let scene = fixture.load().unwrap();
    assert_eq!(scene.images[0].width, 1);
    assert_eq!(
        fixture.warnings(&scene),
        [
            "scene.glb: /extensionsUsed/0: EXT_texture_avif is not read; the PNG or JPEG beside it is used: no decoder of AV1 is at once in Rust, safe and free"
        ]
    );
    fixture.json["textures"][0]
        .as_object_mut()
        .unwrap()
        .remove("source");
    let error = fixture.error();
    assert!(
        error.contains("/textures/0: has an image by EXT_texture_avif only, which is not read"),
        "{error}"
    );
}

#[test]
fn wrong_mime_types_are_told() {
    let mut fixture = fixture(&bytes(UASTC), "KHR_texture_basisu");
    fixture.json["images"][1]["mimeType"] = json!("image/png");
    let scene = fixture.load().unwrap();
    assert_eq!(
        fixture.warnings(&scene),
        [
            "scene.glb: /images/1/mimeType: says image/png, but the image is image/ktx2 and is read as such"
        ]
    );
}

/// Overwrites a little-endian number.
fn patched(text: &str, at: usize, value: u32) -> Vec<u8> {
    let mut bytes = bytes(text);
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    bytes
}

#[test]
fn contradictions_in_ktx2_are_told() {
    const FORMAT: usize = 12;
    const WIDTH: usize = 20;
    const HEIGHT: usize = 24;
    const DEPTH: usize = 28;
    const LAYERS: usize = 32;
    const FACES: usize = 36;
    const LEVELS: usize = 40;
    const SCHEME: usize = 44;
    const UNPACKED: usize = 96;
    let cases: [(&str, usize, u32, &str); 15] = [
        (
            UASTC,
            WIDTH,
            16,
            "its pixels and its bytes do not go together",
        ),
        (UASTC, WIDTH, 0, ""),
        (UASTC, HEIGHT, 0, "it is no two-dimensional texture"),
        (UASTC, DEPTH, 2, "it is no two-dimensional texture"),
        (UASTC, LAYERS, 9, "it is an array or a cube map"),
        (UASTC, FACES, 6, "it is an array or a cube map"),
        (UASTC, LEVELS, u32::MAX, ""),
        (UASTC, SCHEME, 3, "its supercompression ("),
        (UASTC, SCHEME, 77, "its supercompression ("),
        (UASTC, FORMAT, 37, ""),
        (
            UASTC,
            HEIGHT,
            u32::MAX,
            "8 × 4294967295 pixels are too many",
        ),
        (
            UASTC_ZSTD,
            WIDTH,
            32_000,
            "its pixels and its bytes do not go together",
        ),
        (
            UASTC_ZSTD,
            UNPACKED,
            u32::MAX,
            "its pixels and its bytes do not go together",
        ),
        (ETC1S, WIDTH, 40_000, "40000 × 8 pixels are too many"),
        (ETC1S, 64, u32::MAX, ""),
    ];
    for (text, at, value, message) in cases {
        let error = fixture(&patched(text, at, value), "KHR_texture_basisu").error();
        assert!(
            error.starts_with(&format!(
                "scene.glb: /images/1: cannot be decoded: {message}"
            )),
            "{error}"
        );
        assert!(error.contains("; "), "no cure: {error}");
    }
}

/// Three files that fuzzing found.
#[test]
fn ktx2_of_impossible_size_or_unpadded_keys_or_too_wide_blocks_is_told() {
    let mut huge = patched(UASTC, 20, u32::MAX);
    huge[24..28].copy_from_slice(&u32::MAX.to_le_bytes());
    let unpadded = patched(UASTC, 60, 43);
    // One less than the width of a block, after the descriptor's size, its header, and four bytes.
    let mut wide = bytes(UASTC);
    let descriptor = u32::from_le_bytes(wide[48..52].try_into().unwrap()) as usize;
    wide[descriptor + 16] = 255;
    for (bytes, message) in [
        (wide, "its texel blocks are 256 pixels long"),
        (huge, "4294967295 × 4294967295 pixels are too many"),
        (unpadded, "its table of keys and values is not padded"),
    ] {
        let error = fixture(&bytes, "KHR_texture_basisu").error();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn damaged_images_never_panic() {
    let webp = encode(&original().into(), ImageFormat::WebP);
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state * 48271 % 0x7fff_ffff;
        state as usize % below
    };
    for whole in [bytes(ETC1S), bytes(UASTC), bytes(UASTC_ZSTD), webp] {
        for length in 12..whole.len() {
            assert!(
                fixture(&whole[..length], "KHR_texture_basisu")
                    .load()
                    .is_err()
                    || length + 4 > whole.len(),
                "{length}"
            );
        }
        for _ in 0..400 {
            let mut damaged = whole.clone();
            for _ in 0..=random(4) {
                let at = random(damaged.len());
                damaged[at] = random(256) as u8;
            }
            if let Err(error) = fixture(&damaged, "KHR_texture_basisu").load() {
                assert!(error.to_string().contains("; "), "{error}");
            }
        }
    }
}

/// A PNG of one colour, by hand: its pixels compress a thousand to one.
fn flat_png(width: u32, height: u32) -> Vec<u8> {
    let image = image::GrayImage::new(width, height);
    png(&image.into())
}

/// Puts several images into one material.
fn many(images: Vec<Value>, fixture: &mut Fixture) {
    fixture.json["textures"] = (0..images.len())
        .map(|source| json!({"source": source}))
        .collect();
    fixture.json["images"] = images.into();
    fixture.material(json!({
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicRoughnessTexture": {"index": 1}},
        "emissiveTexture": {"index": 2},
    }));
}

#[test]
fn images_with_the_same_bytes_are_one() {
    let mut fixture = Fixture::square();
    let view = fixture.view(&flat_png(4, 4));
    let again = fixture.json["bufferViews"][view].clone();
    let again = push(&mut fixture.json["bufferViews"], again);
    let view = |view: usize| json!({"bufferView": view});
    many(
        vec![view(again - 1), view(again), view(again - 1)],
        &mut fixture,
    );
    assert_eq!(fixture.load().unwrap().images.len(), 1);
    fixture.write("a.png", &flat_png(4, 4));
    let uris = ["a.png", "./a.png", "b/../a.png"];
    many(uris.map(|uri| json!({"uri": uri})).to_vec(), &mut fixture);
    assert_eq!(fixture.load().unwrap().images.len(), 1);
}

#[test]
fn bombs_of_images_are_refused_before_they_go_off() {
    // Three images that share most of their bytes.
    let mut fixture = Fixture::square();
    let whole = flat_png(64, 64);
    let view = fixture.view(&whole);
    let start = fixture.json["bufferViews"][view]["byteOffset"]
        .as_u64()
        .unwrap();
    let mut images = vec![json!({"bufferView": view})];
    for less in 1..3 {
        let view = json!({"buffer": 0, "byteOffset": start, "byteLength": whole.len() - less});
        let view = push(&mut fixture.json["bufferViews"], view);
        images.push(json!({"bufferView": view}));
    }
    many(images, &mut fixture);
    let error = fixture.error();
    assert!(
        error.contains("bufferView: shares bytes with image"),
        "{error}"
    );

    // Small files that state large sizes: none of the pixels are there.
    let mut header = png(&image::RgbImage::new(1, 1).into());
    for (at, value) in [(16, 16_000_u32), (20, 16_000)] {
        header[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
    let checksum = crc(&header[12..29]).to_be_bytes();
    header[29..33].copy_from_slice(&checksum);
    let mut fixture = Fixture::square();
    let images = (0..3)
        .map(|_| json!({"bufferView": fixture.view(&header)}))
        .collect();
    many(images, &mut fixture);
    let error = fixture.error();
    assert!(error.contains("/images/"), "{error}");
    assert!(
        error.contains("bytes of memory, and only") || error.contains("cannot be decoded"),
        "{error}"
    );
}

/// The checksum of a PNG's chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

/// A surface of this size by `format` (a four-character code) and its data.
fn dds(size: [u32; 2], format: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let [width, height] = size;
    let mut words = [0_u32; 32];
    words[0] = u32::from_le_bytes(*b"DDS ");
    words[1..5].copy_from_slice(&[124, 0x1007, height, width]);
    words[19..22].copy_from_slice(&[32, 4, u32::from_le_bytes(*format)]);
    words[27] = 0x1000;
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(data);
    bytes
}

#[test]
fn dds_is_what_its_blocks_say() {
    // BC1: two colours (red, blue in 5:6:5 bits) and two bits a pixel; rows of 0 0 1 1.
    let block = [0x00, 0xf8, 0x1f, 0x00, 0x50, 0x50, 0x50, 0x50];
    let image = load(&dds([4, 4], b"DXT1", &block), "MSFT_texture_dds");
    assert_eq!((image.width, image.height), (4, 4));
    let (red, blue) = ([255, 0, 0, 255], [0, 0, 255, 255]);
    let row = [red, red, blue, blue].concat();
    assert_eq!(image.pixels, Pixels::Rgba8(row.repeat(4)));
    // BC5: 204 in red and 128 in green; blue is what makes the normal a unit vector.
    let block = [204, 204, 0, 0, 0, 0, 0, 0, 128, 128, 0, 0, 0, 0, 0, 0];
    let image = load(&dds([4, 4], b"ATI2", &block), "MSFT_texture_dds");
    let Pixels::Rgba8(pixels) = image.pixels else {
        panic!()
    };
    assert_eq!(pixels[..4], [204, 128, 229, 255]);
}

/// An array of no images with the data of one is one image; of two, it is an array.
#[test]
fn dds_that_counts_itself_as_no_array_is_an_image() {
    let block = [204, 204, 0, 0, 0, 0, 0, 0, 128, 128, 0, 0, 0, 0, 0, 0];
    let surfaces = |count: u32, data: &[u8]| {
        // DXGI_FORMAT_BC5_UNORM, two dimensions, no cube, so many images, alpha unknown
        let mut bytes: Vec<u8> = [83, 3, 0, count, 0]
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect();
        bytes.extend(data);
        dds([4, 4], b"DX10", &bytes)
    };
    let image = load(&surfaces(0, &block), "MSFT_texture_dds");
    let Pixels::Rgba8(pixels) = image.pixels else {
        panic!()
    };
    assert_eq!(pixels[..4], [204, 128, 229, 255]);
    let error = fixture(&surfaces(2, &block.repeat(2)), "MSFT_texture_dds").error();
    assert!(error.contains("it is an array"), "{error}");
}

#[test]
fn broken_dds_is_told() {
    for (bytes, message) in [
        (dds([4, 4], b"DXT1", &[0; 7]), "cannot be decoded: "),
        (dds([4, 4], b"WHAT", &[0; 64]), "cannot be decoded: "),
        (dds([0, 4], b"DXT1", &[0; 64]), "cannot be decoded: "),
        (
            dds([40_000, 4], b"DXT1", &[0; 64]),
            "cannot be decoded: 40000 × 4 pixels are too many",
        ),
        (dds([30_000, 16_000], b"DXT1", &[0; 64]), "needs "),
        (b"DDS ".to_vec(), "cannot be decoded: "),
    ] {
        let error = fixture(&bytes, "MSFT_texture_dds").error();
        assert!(
            error.starts_with(&format!("scene.glb: /images/1: {message}")),
            "{error}"
        );
    }
}
