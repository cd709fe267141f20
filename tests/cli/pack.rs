//! `skywell pack`, and rendering what it made.

use std::process::Command;

use crate::place::{Ended, Place, SKYWELL, ended};
use crate::scene;

fn pack(place: &Place, words: &str) -> Ended {
    let mut command = Command::new(SKYWELL);
    command.arg("pack").args(words.split_whitespace());
    ended(command.current_dir(place.path(".")).output().unwrap())
}

/// The lit square with its buffer in a file of its own, and a panorama.
fn place_with_files() -> Place {
    let mut scene: serde_json::Value = serde_json::from_str(&scene::lit()).unwrap();
    let uri = scene["buffers"][0]["uri"].as_str().unwrap();
    let data = uri.split_once(',').unwrap().1;
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
    scene["buffers"][0]["uri"] = "square.bin".into();
    let place = Place::with_scene(&scene.to_string());
    std::fs::write(place.path("square.bin"), bytes).unwrap();
    let mut sky = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 4\n".to_vec();
    sky.extend((0..8_u8).flat_map(|i| [100 + i, 120, 140, 128]));
    std::fs::write(place.path("sky.hdr"), sky).unwrap();
    place
}

#[test]
fn a_packed_scene_renders_to_the_same_bytes() {
    let place = place_with_files();
    let light = "--environment sky.hdr --environment-rotation 30 --environment-strength 0.5";
    let flags = "--size 16x8 --spp 4";
    place.render(&format!("{flags} {light} -o straight.exr"));
    let packed = pack(&place, &format!("scene.gltf {light} -o shipped"));
    assert_eq!(packed.code, 0, "{}", packed.said);
    assert!(packed.said.contains("3 files"), "{}", packed.said);
    let again = pack(&place, &format!("scene.gltf {light} -o shipped"));
    assert!(again.said.contains(" 0 pieces"), "{}", again.said);

    // Nothing but the pack is needed.
    for name in ["scene.gltf", "square.bin", "sky.hdr"] {
        std::fs::remove_file(place.path(name)).unwrap();
    }
    let render = |output: &str| {
        let words = format!("shipped/scene.gltf.pack {flags} -o {output}");
        place.run(&words.split_whitespace().collect::<Vec<_>>())
    };
    let ended = render("packed.exr");
    assert_eq!(ended.code, 0, "{}", ended.said);
    let read = |name: &str| std::fs::read(place.path(name)).unwrap();
    assert!(read("straight.exr") == read("packed.exr"));

    let pieces = place.path("shipped/pieces");
    for folder in std::fs::read_dir(pieces).unwrap() {
        for piece in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = piece.unwrap().path();
            let whole = std::fs::read(&path).unwrap();
            let mut damaged = whole.clone();
            damaged[0] ^= 1;
            std::fs::write(&path, &damaged).unwrap();
            let ended = render("damaged.exr");
            let name = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(ended.code, 1);
            assert!(
                ended.said.contains(&format!("{name} is corrupt")),
                "{}",
                ended.said
            );
            std::fs::write(&path, &whole).unwrap();
        }
    }
    assert!(!place.names().contains(&"damaged.exr".to_owned()));
}

#[test]
fn what_cannot_be_packed_is_named() {
    let place = Place::with_scene("solid cube");
    let ended = pack(&place, "scene.gltf -o shipped");
    assert_eq!(ended.code, 1);
    assert!(ended.said.contains("scene.gltf: no glTF"), "{}", ended.said);
    let ended = pack(&place, "none.glb -o shipped");
    assert!(
        ended.said.contains("none.glb: cannot be read"),
        "{}",
        ended.said
    );
}
