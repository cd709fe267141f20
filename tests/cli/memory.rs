//! A limit on memory: what gives way, and what is said when nothing more can.

use std::process::Command;

use serde_json::json;

use crate::place::{Place, SKYWELL};
use crate::scene;

/// Columns and rows of the images.
const SIDE: u32 = 1024;

/// Squares behind each other, each with a picture of 4 MiB.
fn gallery(pictures: u32) -> Place {
    let mut gallery = scene::bare();
    let numbers = || 0..pictures;
    let each = |entry: fn(u32) -> serde_json::Value| numbers().map(entry).collect::<Vec<_>>();
    gallery["bufferViews"][0]["byteStride"] = json!(12);
    let uv = json!({"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC2"});
    gallery["accessors"].as_array_mut().unwrap().push(uv);
    gallery["images"] = json!(each(|i| json!({"uri": format!("{i}.png")})));
    gallery["textures"] = json!(each(|i| json!({"source": i})));
    gallery["materials"] = json!(each(|i| json!({"doubleSided": true,
        "pbrMetallicRoughness": {"baseColorTexture": {"index": i}}})));
    gallery["meshes"] = json!(each(
        |i| json!({"primitives": [{"material": i, "indices": 1,
        "attributes": {"POSITION": 0, "TEXCOORD_0": 2}}]})
    ));
    gallery["nodes"] = json!(each(
        |i| json!({"mesh": i, "translation": [i, 0, -0.1 * f64::from(i)]})
    ));
    gallery["scenes"] = json!([{"nodes": numbers().collect::<Vec<_>>()}]);
    let place = Place::with_scene(&gallery.to_string());
    for i in numbers() {
        let texel = |x, y| image::Rgba([(x / 4) as u8, (y / 4) as u8, (40 * i) as u8, 255]);
        let picture = image::RgbaImage::from_fn(SIDE, SIDE, texel);
        picture.save(place.path(&format!("{i}.png"))).unwrap();
    }
    place
}

#[test]
fn textures_give_way_to_a_file_and_the_picture_is_the_same() {
    let place = gallery(4);
    let flags = "--size 96x64 --spp 4 --threads 2";
    place.render(&format!("{flags} -o free.exr"));
    let said = place.render(&format!("{flags} --max-memory 8M -o limited.exr"));
    let [free, limited] = ["free.exr", "limited.exr"].map(|name| place.exr(name));
    assert_eq!(free.channels, limited.channels, "{said}");
}

/// The system refuses memory beyond what is allowed to be held: with a limit the frame is made, without it is not.
#[test]
fn a_limit_holds_where_the_system_enforces_it() {
    let place = gallery(24);
    let run = |limit: &str| {
        let render = "render scene.gltf --size 64x48 --spp 1 --threads 1 --backend cpu";
        let command = format!("ulimit -d 81920; exec '{SKYWELL}' {render} {limit}");
        let mut shell = Command::new("bash");
        shell.args(["-c", &command]).current_dir(place.path("."));
        let output = shell.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    };
    let (made, said) = run("--max-memory 24M");
    assert!(made, "{said}");
    let (made, said) = run("");
    assert!(!made, "96 MiB of texels fit 80 MiB of memory: {said}");
}

#[test]
fn what_is_too_large_is_named_with_its_bytes() {
    let place = Place::with_scene(&scene::lit());
    let words = "scene.gltf --size 4096x4096 --spp 1 --max-memory 64M";
    let ended = place.run(&words.split(' ').collect::<Vec<_>>());
    assert_eq!(ended.code, 1, "{}", ended.said);
    for part in [
        "--max-memory is 67108864",
        "1409286144 bytes, is the film",
        "in regions or shards",
    ] {
        assert!(ended.said.contains(part), "{}", ended.said);
    }
    assert_eq!(place.names(), ["scene.gltf"]);
}

#[test]
fn textures_that_do_not_fit_a_gpu_are_named() {
    let devices = Command::new(SKYWELL).arg("devices").output().unwrap();
    if !String::from_utf8_lossy(&devices.stdout).contains("renders scenes") {
        assert!(
            std::env::var_os("SKYWELL_REQUIRE_GPU").is_none(),
            "no GPU that can render"
        );
        println!("skipped: no GPU that can render");
        return;
    }
    let place = gallery(2);
    let words = "scene.gltf --size 64x48 --spp 1 --backend gpu --max-memory 8M";
    let ended = place.run(&words.split(' ').collect::<Vec<_>>());
    assert_eq!(ended.code, 1, "{}", ended.said);
    assert!(
        ended
            .said
            .contains("are texels (of which image \"0.png\", 4194304 bytes)")
            || ended
                .said
                .contains("are texels (of which image \"1.png\", 4194304 bytes)"),
        "{}",
        ended.said
    );
}
