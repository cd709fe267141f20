//! `--stats`.

use serde_json::Value;

use crate::place::Place;
use crate::scene;

#[test]
fn statistics_have_every_key_and_add_up() {
    let place = Place::with_scene(&scene::lit());
    place
        .render("--size 16x8 --region 0,0,16,4 --spp 4 --threads 2 --backend cpu --stats run.json");
    let text = std::fs::read_to_string(place.path("run.json")).unwrap();
    let stats: Value = serde_json::from_str(&text).unwrap();
    let number = |key: &str| {
        let value = stats[key].as_f64();
        value.unwrap_or_else(|| panic!("{key} is no number: {}", stats[key]))
    };
    for key in [
        "load_s",
        "build_s",
        "render_s",
        "write_s",
        "user_cpu_s",
        "samples_per_s",
        "rays_per_s",
        "texture_bytes",
    ] {
        assert!(number(key) >= 0.0, "{key}");
    }
    assert!(number("peak_memory_bytes") > 1e6);
    assert!(number("bvh_bytes") > 0.0);
    for (key, expected) in [
        ("width", 16.0),
        ("height", 8.0),
        ("pixels", 64.0),
        ("samples_per_pixel", 4.0),
        ("paths", 256.0),
        ("triangles", 2.0),
        ("unique_triangles", 2.0),
        ("instances", 1.0),
        ("lights", 1.0),
        ("non_finite_samples", 0.0),
        ("threads", 2.0),
    ] {
        assert_eq!(number(key), expected, "{key}");
    }
    // Every path has at least its camera ray, and each of them meets the square under the light.
    assert!(number("rays") >= 256.0);
    assert!(number("shadow_rays") >= 256.0);
    let parts = number("load_s") + number("build_s") + number("render_s") + number("write_s");
    assert!(number("total_s") >= parts);
    assert_eq!(stats["interrupted"], false);
    assert_eq!(stats["backend"], "cpu");
    assert_eq!(stats["output"], "scene.exr");
    assert_eq!(stats["version"], env!("CARGO_PKG_VERSION"));
    let simd = stats["simd"].as_str().unwrap();
    assert!(["avx512", "avx2", "portable"].contains(&simd), "{simd}");
}

#[test]
fn the_instruction_set_is_the_one_asked_for() {
    let place = Place::with_scene(&scene::lit());
    let words = [
        "scene.gltf",
        "--size",
        "4x2",
        "--spp",
        "1",
        "--stats",
        "run.json",
    ];
    let mut command = place.command(&words);
    let status = command.env("SKYWELL_SIMD", "portable").output().unwrap();
    assert!(status.status.success());
    let text = std::fs::read_to_string(place.path("run.json")).unwrap();
    assert!(text.contains("\"simd\": \"portable\""), "{text}");
}
