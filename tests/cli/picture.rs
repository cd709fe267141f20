//! What is in the picture, and what is said about it.

use serde_json::json;
use skywell::image::exr::{Attribute, Precision, Window};

use crate::place::Place;
use crate::scene;

const STUDIO: &str = "The scene has no light: lit by the built-in studio light.";

#[test]
fn no_flags_but_who_renders() {
    let place = Place::with_scene(&scene::narrow());
    let said = place.render("");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[..2], [STUDIO, "Rendering: 0 %"], "{said}");
    let last = lines.last().unwrap();
    assert!(
        last.starts_with("Saved scene.exr: 1x540, 64 samples a pixel, rendered in "),
        "{last}"
    );
    assert_eq!(place.names(), ["scene.exr", "scene.gltf"]);
    let exr = place.exr("scene.exr");
    assert_eq!((exr.data.width, exr.data.height), (1, 540));
    let names: Vec<&str> = exr.channels.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["A", "B", "G", "R"]);
    assert!(exr.channels.iter().all(|c| c.precision == Precision::Float));
    let text = |name: &str| match exr.attributes.get(name) {
        Some(Attribute::Text(text)) => text.clone(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(text("skywell:version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(text("skywell:samples"), "0..64");
    assert_eq!(text("skywell:sceneHash").len(), 64);
    assert_eq!(text("skywell:settingsHash").len(), 64);
}

#[test]
fn the_output_is_in_the_current_directory() {
    let place = Place::with_scene(&scene::lit());
    std::fs::create_dir(place.path("models")).unwrap();
    std::fs::rename(place.path("scene.gltf"), place.path("models/shot.v2.gltf")).unwrap();
    let words = ["models/shot.v2.gltf", "--size", "4x2", "--spp", "1"];
    let ended = place.run(&words);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert_eq!(place.names(), ["models", "shot.v2.exr"]);
}

#[test]
fn a_scene_without_a_camera_is_framed_whole() {
    let place = Place::with_scene(&scene::bare().to_string());
    place.render("--size 64x36 --spp 4 --background hidden");
    let exr = place.exr("scene.exr");
    let alpha = exr.channel("A").unwrap();
    let seen = alpha.iter().filter(|a| **a > 0.5).count();
    assert!(seen > alpha.len() / 8, "{seen} of {} pixels", alpha.len());
    let border = |i: &usize| {
        let (x, y) = (i % 64, i / 64);
        x == 0 || y == 0 || x == 63 || y == 35
    };
    assert!((0..alpha.len()).filter(border).all(|i| alpha[i] == 0.0));
    let red = exr.channel("R").unwrap();
    let brightest = red.iter().fold(0.0_f32, |most, r| most.max(*r));
    assert!((0.05..5.0).contains(&brightest), "{brightest}");
}

/// One square stays where it is; another moves along and away from it.
#[test]
fn an_animated_scene_without_a_camera_is_seen_from_one_place() {
    let mut scene = scene::bare();
    let floats = [0.0_f32, 2.0, 4.0, 0.0, 0.0, 4.0, 8.0, 0.0];
    let bytes: Vec<u8> = floats.iter().flat_map(|x| x.to_le_bytes()).collect();
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    scene["buffers"].as_array_mut().unwrap().push(json!({
        "byteLength": 32, "uri": format!("data:application/octet-stream;base64,{data}"),
    }));
    scene["bufferViews"].as_array_mut().unwrap().extend([
        json!({"buffer": 1, "byteLength": 8}),
        json!({"buffer": 1, "byteOffset": 8, "byteLength": 24}),
    ]);
    scene["accessors"].as_array_mut().unwrap().extend([
        json!({"bufferView": 2, "componentType": 5126, "count": 2, "type": "SCALAR"}),
        json!({"bufferView": 3, "componentType": 5126, "count": 2, "type": "VEC3"}),
    ]);
    scene["nodes"] = json!([{"mesh": 0}, {"mesh": 0}]);
    scene["scenes"] = json!([{"nodes": [0, 1]}]);
    scene["animations"] = json!([{
        "channels": [{"sampler": 0, "target": {"node": 1, "path": "translation"}}],
        "samplers": [{"input": 2, "output": 3}],
    }]);
    let place = Place::with_scene(&scene.to_string());
    let alpha = |time: &str| {
        place.render(&format!(
            "--size 48x48 --spp 1 --background hidden --time {time}"
        ));
        place.exr("scene.exr").channel("A").unwrap().to_vec()
    };
    let (start, end) = (alpha("0"), alpha("2"));
    let border = |i: &usize| [i % 48, i / 48].iter().any(|&x| x == 0 || x == 47);
    let both = || start.iter().zip(&end);
    assert!(
        (0..start.len())
            .filter(border)
            .all(|i| start[i] + end[i] == 0.0)
    );
    let seen = |a: &[f32]| a.iter().filter(|a| **a > 0.0).count();
    assert!(seen(&start) > 50 && seen(&end) > 50);
    // The one at rest is the same pixels; the other is elsewhere.
    let kept = both().filter(|(a, b)| **a > 0.0 && **b > 0.0).count();
    assert!(
        kept > 25 && kept < seen(&start),
        "{kept} of {}",
        seen(&start)
    );
    let [left, right] = [0..24, 24..48].map(|columns| {
        let changed = |(i, (a, b)): (usize, (&f32, &f32))| columns.contains(&(i % 48)) && a != b;
        both().enumerate().filter(|at| changed(*at)).count()
    });
    assert!(right > 50 && left < right / 4, "{left} {right}");
}

#[test]
fn a_background_that_is_seen_is_opaque() {
    let place = Place::with_scene(&scene::bare().to_string());
    let alpha = |flags: &str| {
        place.render(&format!("--size 16x9 --spp 1 {flags}"));
        place.exr("scene.exr").channel("A").unwrap().to_vec()
    };
    assert!(alpha("").iter().all(|a| *a == 1.0));
    assert_eq!(alpha("--background hidden")[0], 0.0);
    let lit = Place::with_scene(&scene::lit());
    lit.render("--size 16x9 --spp 1 --camera wide");
    assert_eq!(lit.exr("scene.exr").channel("A").unwrap()[0], 0.0);
}

#[test]
fn default_sizes_follow_the_camera() {
    let place = Place::with_scene(&scene::bare().to_string());
    place.render("--region 0,0,2,1 --spp 1");
    assert_eq!(place.exr("scene.exr").display, window(0, 0, 960, 540));
    let place = Place::with_scene(&scene::lit());
    place.render("--region 0,0,2,1 --spp 1");
    assert_eq!(place.exr("scene.exr").display, window(0, 0, 960, 480));
}

fn window(x: i32, y: i32, width: usize, height: usize) -> Window {
    Window {
        x,
        y,
        width,
        height,
    }
}

#[test]
fn cameras_by_name_and_index() {
    let place = Place::with_scene(&scene::lit());
    let fully_covered = |flags: &str| {
        place.render(&format!("{flags} --size 16x8 --spp 1"));
        place
            .exr("scene.exr")
            .channel("A")
            .unwrap()
            .iter()
            .all(|a| *a == 1.0)
    };
    assert!(fully_covered(""));
    assert!(fully_covered("--camera front"));
    assert!(fully_covered("--camera 0"));
    assert!(!fully_covered("--camera wide"));
    assert!(!fully_covered("--camera 1"));
}

#[test]
fn light_on_a_white_square_is_what_the_formula_says() {
    let place = Place::with_scene(&scene::lit());
    // A rough white plastic at normal incidence lies near its diffuse value, albedo/π × lux.
    let said = place.render("--size 16x8 --spp 64 --backend cpu");
    assert!(
        !said.contains("Rendering on ") && !said.contains(STUDIO),
        "{said}"
    );
    let exr = place.exr("scene.exr");
    let mean = |name: &str| {
        let channel = exr.channel(name).unwrap();
        channel.iter().sum::<f32>() / channel.len() as f32
    };
    let lambert = 1.5 / std::f32::consts::PI;
    let (r, g, b) = (mean("R"), mean("G"), mean("B"));
    assert!((0.8 * lambert..1.2 * lambert).contains(&r), "{r}");
    assert!((g / r - 0.5).abs() < 1e-3 && (b / r - 0.25).abs() < 1e-3);
}

#[test]
fn glowing_surfaces_need_no_studio() {
    let place = Place::with_scene(&scene::glowing(1.5));
    let said = place.render("--size 16x9 --spp 1");
    assert!(!said.contains("studio light"), "{said}");
    assert!(
        said.contains("Lit by its own glowing surfaces alone"),
        "{said}"
    );
}

#[test]
fn what_glows_like_a_screen_lights_nothing() {
    let place = Place::with_scene(&scene::glowing(1.0));
    let said = place.render("--size 16x9 --spp 1");
    let line = "The scene glows, but has no light: lit by the built-in studio light.";
    assert!(said.lines().any(|l| l == line), "{said}");
    let alpha = place.exr("scene.exr");
    assert_eq!(alpha.channel("A").unwrap()[0], 1.0, "the studio is seen");
}

#[test]
fn a_region_is_cut_from_the_frame() {
    let place = Place::with_scene(&scene::lit());
    place.render("--size 24x12 --spp 3 --camera wide -o whole.exr");
    place.render("--size 24x12 --spp 3 --camera wide -o part.exr --region 5,3,17,11");
    let whole = place.exr("whole.exr");
    let part = place.exr("part.exr");
    assert_eq!(part.display, whole.display);
    assert_eq!(part.data, window(5, 3, 12, 8));
    for channel in &part.channels {
        let whole = whole.channel(&channel.name).unwrap();
        for (row, samples) in channel.samples.chunks(12).enumerate() {
            let start = (row + 3) * 24 + 5;
            assert_eq!(samples, &whole[start..start + 12], "{}", channel.name);
        }
    }
    for hash in ["skywell:sceneHash", "skywell:settingsHash"] {
        assert_eq!(part.attributes[hash], whole.attributes[hash]);
    }
}

#[test]
fn threads_and_lanes_leave_the_bytes_alone() {
    let place = Place::with_scene(&scene::lit());
    let flags = "--size 40x20 --spp 5 --camera wide --progress none";
    place.render(&format!("{flags} --threads 1 -o one.exr"));
    let expected = std::fs::read(place.path("one.exr")).unwrap();
    for threads in [2, 7] {
        place.render(&format!("{flags} --threads {threads} -o many.exr"));
        let bytes = std::fs::read(place.path("many.exr")).unwrap();
        assert!(bytes == expected, "{threads} threads");
    }
    for simd in ["avx512", "avx2", "portable"] {
        let words = format!("scene.gltf {flags} -o lanes.exr");
        let words: Vec<&str> = words.split(' ').collect();
        let mut command = place.command(&words);
        let output = command.env("SKYWELL_SIMD", simd).output().unwrap();
        assert!(output.status.success());
        let bytes = std::fs::read(place.path("lanes.exr")).unwrap();
        assert!(bytes == expected, "{simd}");
    }
}

#[test]
fn seeds_differ_and_settings_are_told_apart() {
    let place = Place::with_scene(&scene::bare().to_string());
    place.render("--size 16x9 --spp 1 -o a.exr");
    place.render("--size 16x9 --spp 1 --seed 1 -o b.exr");
    let (a, b) = (place.exr("a.exr"), place.exr("b.exr"));
    assert_ne!(a.channel("R"), b.channel("R"));
    let hash = "skywell:settingsHash";
    assert_ne!(a.attributes[hash], b.attributes[hash]);
    let hash = "skywell:sceneHash";
    assert_eq!(a.attributes[hash], b.attributes[hash]);
}

#[test]
fn half_floats() {
    let place = Place::with_scene(&scene::lit());
    place.render("--size 4x2 --spp 2 --half --variance");
    let exr = place.exr("scene.exr");
    for channel in &exr.channels {
        let expected = match channel.name.starts_with("variance.") {
            true => Precision::Float,
            false => Precision::Half,
        };
        assert_eq!(channel.precision, expected, "{}", channel.name);
    }
}

#[test]
fn variance_of_the_mean() {
    let place = Place::with_scene(&scene::bare().to_string());
    let mean_variance = |spp: u32| {
        place.render(&format!("--size 32x18 --spp {spp} --variance"));
        let exr = place.exr("scene.exr");
        let variance = exr.channel("variance.G").unwrap();
        assert!(variance.iter().all(|v| v.is_finite() && *v >= 0.0));
        variance.iter().sum::<f32>() / variance.len() as f32
    };
    let (few, many) = (mean_variance(8), mean_variance(128));
    assert!(few > 0.0 && many < few / 8.0, "{few} {many}");
}

#[test]
fn pngs_go_through_a_view() {
    let place = Place::with_scene(&scene::lit());
    let red = |flags: &str| {
        let said = place.render(&format!("--size 4x2 --spp 16 -o x.png {flags}"));
        assert!(said.contains("Saved x.png"), "{said}");
        let image = image::open(place.path("x.png")).unwrap();
        assert_eq!((image.width(), image.height()), (4, 2));
        (image.color(), image.to_rgba16().get_pixel(2, 1)[0])
    };
    let (eight, neutral) = red("");
    assert_eq!(eight, image::ColorType::Rgba8);
    assert_eq!(red("--png-bits 16").0, image::ColorType::Rgba16);
    let (linear, srgb) = (red("--view none").1, red("--view srgb").1);
    assert!(
        srgb > linear && neutral != srgb,
        "{linear} {srgb} {neutral}"
    );
    let darker = red("--view none --exposure -1").1;
    let ratio = f32::from(linear) / f32::from(darker);
    assert!((ratio - 2.0).abs() < 0.05, "{ratio}");
}

#[test]
fn environments_light_and_turn() {
    let place = Place::with_scene(&scene::bare().to_string());
    // Dark where z < 0 and bright where z > 0, which the square faces, by the mapping
    // u = 0.5 + atan2(z, x) / 2π.
    let texels = image::Rgb32FImage::from_fn(64, 32, |x, _| {
        image::Rgb([if x < 32 { 0.0 } else { 2.0 }; 3])
    });
    let texels = image::DynamicImage::ImageRgb32F(texels);
    texels.save(place.path("sky.hdr")).unwrap();
    let brightness = |flags: &str| {
        let said = place.render(&format!(
            "--size 16x9 --spp 64 --environment sky.hdr --background hidden {flags}"
        ));
        assert!(!said.contains(STUDIO), "{said}");
        let exr = place.exr("scene.exr");
        let red = exr.channel("R").unwrap();
        red.iter().sum::<f32>() / red.len() as f32
    };
    let facing = brightness("");
    let turned = brightness("--environment-rotation 180");
    let stronger = brightness("--environment-strength 2");
    assert!(facing > 0.1 && turned < 0.01 * facing, "{facing} {turned}");
    assert!(
        (stronger / facing - 2.0).abs() < 1e-3,
        "{stronger} {facing}"
    );
}

#[test]
fn flags_without_effect_are_warned_of() {
    let place = Place::with_scene(&scene::lit());
    let said = place.render("--size 4x2 --spp 2 --exposure 1 --view srgb");
    for flag in ["--exposure", "--view"] {
        let warning = format!("Warning: {flag} has no effect on an EXR file");
        assert!(said.lines().any(|line| line == warning), "{said}");
    }
    let said = place.render("--size 4x2 --spp 2 --half -o x.png");
    assert!(
        said.contains("Warning: --half has no effect on a PNG file"),
        "{said}"
    );
}

#[test]
fn what_a_scene_asks_in_vain_is_warned_of() {
    let mut scene = scene::bare();
    scene["extensionsUsed"] = serde_json::json!(["EXT_unheard_of"]);
    let place = Place::with_scene(&scene.to_string());
    let said = place.render("--size 4x2 --spp 1");
    let warning = said.lines().find(|line| line.starts_with("Warning: "));
    assert!(
        warning.is_some_and(|w| w.contains("EXT_unheard_of")),
        "{said}"
    );
    let exr = place.exr("scene.exr");
    let Some(Attribute::TextList(warnings)) = exr.attributes.get("skywell:warnings") else {
        panic!("no warnings in {:?}", exr.attributes);
    };
    assert!(warnings[0].contains("EXT_unheard_of"));
}

#[test]
fn progress_can_be_silent() {
    let place = Place::with_scene(&scene::lit());
    let said = place.render("--size 4x2 --spp 1 --progress none");
    assert!(!said.contains("Rendering: "), "{said}");
    let said = place.render("--size 4x2 --spp 1 --progress bar");
    assert!(!said.contains("Rendering: "), "{said}");
}
