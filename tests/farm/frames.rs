//! `--frames`: a sequence, of which only what is not there yet is rendered.

use crate::place::Place;
use crate::{bytes, scene};
use serde_json::{Value, json};

const FRAMES: &str = "--size 16x8 --spp 2 --frames 1-5x2 -o out.###.exr";

#[test]
fn finished_frames_are_known_by_their_headers() {
    let place = Place::with_scene(&scene::lit());
    let rendered = |flags: &str| {
        let said = place.render(flags);
        let there = said.matches("is there already").count();
        let saved = said.matches("Saved out.").count();
        assert_eq!(saved + there, 3, "{said}");
        saved
    };
    assert_eq!(rendered(FRAMES), 3);
    assert_eq!(
        place.names(),
        ["out.001.exr", "out.003.exr", "out.005.exr", "scene.gltf"]
    );
    assert_eq!(rendered(FRAMES), 0);
    // A name proves nothing, nor does a header without its pixels.
    let third = bytes(&place, "out.003.exr");
    let mut damaged = third.clone();
    let last = damaged.len() - 5;
    damaged[last] ^= 1;
    std::fs::write(place.path("out.003.exr"), &damaged).unwrap();
    assert_eq!(rendered(FRAMES), 1);
    assert_eq!(bytes(&place, "out.003.exr"), third);
    std::fs::copy(place.path("out.001.exr"), place.path("out.003.exr")).unwrap();
    assert_eq!(rendered(FRAMES), 1);
    // Another setting, another file format, another scene: all again.
    assert_eq!(rendered(&format!("{FRAMES} --max-depth 3")), 3);
    assert_eq!(rendered(&format!("{FRAMES} --max-depth 3 --half")), 3);
    std::fs::write(place.path("scene.gltf"), scene::glowing(2.0)).unwrap();
    assert_eq!(rendered(&format!("{FRAMES} --max-depth 3 --half")), 3);
}

/// What is there already is known without reading geometry and images, yet by every byte of them.
#[test]
fn a_change_in_any_file_of_the_scene_is_seen() {
    let place = Place::with_scene(&scene_of_files().to_string());
    let square: Vec<u8> = scene::square();
    std::fs::write(place.path("square.bin"), &square).unwrap();
    let paint = |name: &str, red: u8| {
        let image = image::RgbImage::from_pixel(4, 4, image::Rgb([red, 90, 40]));
        image.save(place.path(name)).unwrap();
    };
    paint("paint.png", 200);
    std::fs::write(place.path("sky.hdr"), sky(100)).unwrap();
    let rendered = || {
        let said =
            place.render("--size 16x8 --spp 1 --frames 1 -o out.#.exr --environment sky.hdr");
        assert!(
            said.contains("Saved out.") || said.contains("is there already"),
            "{said}"
        );
        said.contains("Saved out.")
    };
    assert!(rendered() && !rendered());
    let changes: [&dyn Fn(); 3] = [
        &|| {
            let mut moved = square.clone();
            moved[0] ^= 1;
            std::fs::write(place.path("square.bin"), &moved).unwrap();
        },
        &|| paint("paint.png", 201),
        &|| std::fs::write(place.path("sky.hdr"), sky(101)).unwrap(),
    ];
    for (index, change) in changes.iter().enumerate() {
        change();
        assert!(rendered(), "change {index} went unseen");
        assert!(!rendered(), "change {index} is seen again and again");
    }
}

/// The square with a picture on it, each in a file of its own, and a buffer that nothing uses and that is not there.
fn scene_of_files() -> Value {
    let mut scene = scene::bare();
    let list = |scene: &mut Value, name: &str, item: Value| {
        scene[name].as_array_mut().unwrap().push(item);
    };
    scene["buffers"][0]["uri"] = "square.bin".into();
    let spare = json!({"byteLength": 5, "uri": "spare.bin"});
    list(&mut scene, "buffers", spare);
    scene["images"] = json!([{"uri": "paint.png"}]);
    scene["textures"] = json!([{"source": 0}]);
    // The positions do for coordinates, too: of a picture of one colour all are alike.
    let coordinates = json!({"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC2"});
    list(&mut scene, "accessors", coordinates);
    scene["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_0"] = 2.into();
    scene["materials"][0]["pbrMetallicRoughness"] = json!({"baseColorTexture": {"index": 0}});
    scene
}

/// A Radiance picture of 2 × 1 equal pixels.
fn sky(red: u8) -> Vec<u8> {
    let mut file = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 2\n".to_vec();
    file.extend([red, 100, 100, 128].repeat(2));
    file
}

#[test]
fn pictures_to_look_at_are_known_too() {
    let place = Place::with_scene(&scene::lit());
    let flags = "--size 16x8 --spp 2 --frames 1-2 -o out.#.png";
    assert_eq!(place.render(flags).matches("Saved out.").count(), 2);
    assert_eq!(place.render(flags).matches("Saved out.").count(), 0);
    let said = place.render(&format!("{flags} --exposure 1"));
    assert_eq!(said.matches("Saved out.").count(), 2);
}

/// Frames differ in their random numbers only, in a scene that does not move; each is the same alone.
#[test]
fn every_frame_has_its_own_noise() {
    let place = Place::with_scene(&scene::glowing(2.0));
    place.render("--size 16x8 --spp 1 --frames 4-5 -o out.#.exr");
    let four = bytes(&place, "out.4.exr");
    assert!(place.exr("out.4.exr").channels != place.exr("out.5.exr").channels);
    place.render("--size 16x8 --spp 1 --frames 4 -o alone.exr");
    assert!(four == bytes(&place, "alone.exr"));
}

#[test]
fn shards_of_frames_are_kept_apart() {
    let place = Place::with_scene(&scene::lit());
    let flags = "--size 16x8 --spp 2 --frames 7-8 -o out.####.exr --shard 1/2";
    place.render(flags);
    let names = [
        "out.0007.shard0001-of-0002.exr",
        "out.0008.shard0001-of-0002.exr",
        "scene.gltf",
    ];
    assert_eq!(place.names(), names);
    assert!(place.render(flags).contains("is there already"));
}
