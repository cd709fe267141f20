//! Frames written and read back.

use super::*;
use crate::color::{REC709, pbr_neutral, srgb_encode};
use crate::film::{Developed, Film};
use crate::image::exr::{self, Attribute, Exr, Precision, Window};
use crate::integrator::DeviceKind;
use crate::settings::{Region, RenderSettings};
use ::image::{DynamicImage, ImageReader};
use std::fs;
use std::path::Path;

const REGION: Region = Region {
    x0: 2,
    y0: 1,
    x1: 5,
    y1: 3,
};

/// Two samples in each pixel of `REGION`, colours rising with the pixel's index.
fn film() -> Film {
    let mut film = Film::new(REGION, true).unwrap();
    for (index, (y, x)) in (1..3).flat_map(|y| (2..5).map(move |x| (y, x))).enumerate() {
        let value = index as f32;
        film.add_sample(x, y, 0, [value, 0.5, 0.0], 1.0);
        film.add_sample(x, y, 1, [value + 1.0, 0.5, 0.1], 1.0);
    }
    film
}

fn provenance(film: &Film) -> Provenance {
    let mut settings = RenderSettings::new(8, 4);
    settings.region = film.region();
    settings.samples = 0..2;
    Provenance {
        scene_hash: [0xab; 32],
        settings_hash: [1; 32],
        settings,
        xmp: Some("[{}]".to_owned()),
        warnings: vec!["天井.glb: /materials/0: something was ignored".to_owned()],
        device_kinds: [DeviceKind::Cpu].into(),
        rejected: film.rejected().clone(),
        devices: Vec::new(),
    }
}

fn write_and_read(film: &Film, precision: Precision) -> (Exr, Vec<String>, Vec<u8>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("frame.exr");
    let warnings = write_exr(&path, &film.develop(), &provenance(film), precision).unwrap();
    let exr = exr::read(&path).unwrap().remove(0);
    (exr, warnings, fs::read(&path).unwrap())
}

#[test]
fn a_float_exr_holds_the_film_bit_for_bit() {
    let film = film();
    let (exr, warnings, _) = write_and_read(&film, Precision::Float);
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(
        exr.display,
        Window {
            x: 0,
            y: 0,
            width: 8,
            height: 4
        }
    );
    assert_eq!(
        exr.data,
        Window {
            x: 2,
            y: 1,
            width: 3,
            height: 2
        }
    );
    assert_eq!(exr.chromaticities, Some(REC709));
    let names: Vec<_> = exr
        .channels
        .iter()
        .map(|channel| channel.name.as_str())
        .collect();
    let variances = ["variance.A", "variance.B", "variance.G", "variance.R"];
    assert_eq!(names, [&["A", "B", "G", "R"][..], &variances].concat());
    let developed = film.develop();
    let variance = developed.variance.unwrap();
    for (index, name) in ["R", "G", "B", "A"].into_iter().enumerate() {
        let plane: Vec<f32> = developed.pixels.iter().map(|pixel| pixel[index]).collect();
        assert_eq!(exr.channel(name), Some(&*plane));
        let plane: Vec<f32> = variance.iter().map(|pixel| pixel[index]).collect();
        assert_eq!(exr.channel(&format!("variance.{name}")), Some(&*plane));
    }
    assert!(
        exr.channels
            .iter()
            .all(|channel| channel.precision == Precision::Float)
    );
}

#[test]
fn provenance_is_in_the_header() {
    let mut film = film();
    film.add_sample(3, 1, 7, [f32::NAN, 0.0, 0.0], 1.0);
    let (exr, _, _) = write_and_read(&film, Precision::Float);
    let text = |name: &str| match &exr.attributes[name] {
        Attribute::Text(text) => text.clone(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(text("skywell:version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(text("skywell:sceneHash"), "ab".repeat(32));
    assert_eq!(text("skywell:settingsHash"), "01".repeat(32));
    assert_eq!(text("skywell:samples"), "0..2");
    assert_eq!(text("skywell:nonFiniteSamples"), "1");
    assert_eq!(text("skywell:xmp"), "[{}]");
    let first = "pixel 3,1 sample 7: NaN 0 0, alpha 1".to_owned();
    assert_eq!(
        exr.attributes["skywell:nonFiniteFirst"],
        Attribute::TextList(vec![first])
    );
    let warnings = provenance(&film).warnings;
    assert_eq!(
        exr.attributes["skywell:warnings"],
        Attribute::TextList(warnings)
    );
    let settings: serde_json::Value = serde_json::from_str(&text("skywell:settings")).unwrap();
    assert_eq!(settings["max_depth"], RenderSettings::DEFAULT_MAX_DEPTH);
    assert_eq!(settings["filter"], "blackman-harris");
    assert_eq!(text("skywell:pixelHash"), pixel_hash(&exr.channels));
}

#[test]
fn a_clean_frame_carries_no_empty_lists() {
    let film = film();
    let mut provenance = provenance(&film);
    provenance.warnings.clear();
    let attributes = provenance.attributes();
    assert!(!attributes.contains_key("skywell:warnings"));
    assert!(!attributes.contains_key("skywell:nonFiniteFirst"));
    assert_eq!(
        attributes["skywell:nonFiniteSamples"],
        Attribute::Text("0".to_owned())
    );
}

#[test]
fn the_pixel_hash_changes_with_a_pixel_and_with_a_name() {
    let (exr, _, _) = write_and_read(&film(), Precision::Float);
    let hash = pixel_hash(&exr.channels);
    let mut other = exr.clone();
    other.channels[2].samples[3] = other.channels[2].samples[3].next_up();
    assert_ne!(pixel_hash(&other.channels), hash);
    other = exr;
    other.channels[0].name = "Z".to_owned();
    assert_ne!(pixel_hash(&other.channels), hash);
}

#[test]
fn the_same_film_gives_the_same_file() {
    let film = film();
    let (_, _, first) = write_and_read(&film, Precision::Half);
    for _ in 0..5 {
        assert!(write_and_read(&film, Precision::Half).2 == first);
    }
}

#[test]
fn a_half_exr_rounds_colours_and_says_what_does_not_fit() {
    let mut film = film();
    film.add_sample(2, 1, 2, [1e6, -1e6, 0.1], 1.0);
    let (exr, warnings, _) = write_and_read(&film, Precision::Half);
    assert_eq!(exr.channel("R").unwrap()[0], 65504.0);
    assert_eq!(exr.channel("G").unwrap()[0], -65504.0);
    let b = film.develop().pixels[1][2];
    assert_eq!(
        exr.channel("B").unwrap()[1],
        half::f16::from_f32(b).to_f32()
    );
    for channel in &exr.channels {
        let is_half = channel.precision == Precision::Half;
        assert_eq!(is_half, !channel.name.starts_with("variance."));
    }
    assert!(
        warnings[0].starts_with("2 channel values are above 65504"),
        "{}",
        warnings[0]
    );
    let Attribute::TextList(in_file) = &exr.attributes["skywell:warnings"] else {
        panic!("warnings are a list");
    };
    assert_eq!(in_file[1..], warnings);
    let Attribute::Text(hash) = &exr.attributes["skywell:pixelHash"] else {
        panic!("the hash is a text");
    };
    assert_eq!(*hash, pixel_hash(&exr.channels));
}

/// A row of pixels as a developed film.
fn row(pixels: &[[f32; 4]]) -> Developed {
    Developed {
        region: Region::full(pixels.len() as u32, 1),
        pixels: pixels.to_vec(),
        variance: None,
    }
}

fn png_of(pixels: &[[f32; 4]], view: View, exposure: f32, depth: BitDepth) -> DynamicImage {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("frame.png");
    let display = Display {
        view,
        exposure_stops: exposure,
        depth,
    };
    let provenance = provenance(&film());
    write_png(&path, &row(pixels), &provenance, &display).unwrap();
    assert!(is_finished_png(&path, &provenance, &display));
    ImageReader::open(&path).unwrap().decode().unwrap()
}

fn codes_8(pixels: &[[f32; 4]], view: View, exposure: f32) -> Vec<[u8; 4]> {
    let DynamicImage::ImageRgba8(image) = png_of(pixels, view, exposure, BitDepth::Eight) else {
        panic!("not 8-bit RGBA");
    };
    image.pixels().map(|pixel| pixel.0).collect()
}

#[test]
fn png_views() {
    let pixels = [[0.0, 0.18, 0.5, 1.0], [1.0, 2.0, -1.0, 1.0]];
    let code = |value: f32| (value * 255.0).round() as u8;
    let linear = codes_8(&pixels, View::None, 0.0);
    assert_eq!(linear, [[0, 46, 128, 255], [255, 255, 0, 255]]);
    let srgb = codes_8(&pixels, View::Srgb, 0.0);
    assert_eq!(srgb, [[0, 118, 188, 255], [255, 255, 0, 255]]);
    let neutral = codes_8(&pixels, View::PbrNeutral, 0.0);
    for (found, pixel) in neutral.iter().zip(&pixels) {
        let [r, g, b] = pbr_neutral([pixel[0], pixel[1], pixel[2]])
            .map(srgb_encode)
            .map(code);
        assert_eq!(*found, [r, g, b, 255]);
    }
    // Two stops up is four times the light.
    assert_eq!(
        codes_8(&[[0.1, 0.05, 0.01, 1.0]], View::None, 2.0),
        [[102, 51, 10, 255]]
    );
    assert_eq!(
        codes_8(&[[0.4, 0.2, 0.04, 1.0]], View::None, -1.0),
        [[51, 26, 5, 255]]
    );
}

#[test]
fn png_colour_is_not_multiplied_by_alpha() {
    let pixels = [
        [0.1, 0.2, 0.0, 0.4],
        [0.5, 0.5, 0.5, 0.0],
        [0.3, 0.3, 0.3, 1.0 + 1e-6],
    ];
    let found = codes_8(&pixels, View::None, 0.0);
    assert_eq!(found, [[64, 128, 0, 102], [0, 0, 0, 0], [76, 76, 76, 255]]);
}

#[test]
fn png_of_16_bits() {
    let pixels = [[0.0, 0.25, 1.0, 1.0], [0.5, 0.5, 0.5, 0.5]];
    let DynamicImage::ImageRgba16(image) = png_of(&pixels, View::None, 0.0, BitDepth::Sixteen)
    else {
        panic!("not 16-bit RGBA");
    };
    assert_eq!(image.get_pixel(0, 0).0, [0, 16384, 65535, 65535]);
    assert_eq!(image.get_pixel(1, 0).0, [65535, 65535, 65535, 32768]);
}

#[test]
fn png_pixels_that_are_no_numbers_are_shown_as_something() {
    let odd = [f32::NAN, f32::INFINITY, -f32::INFINITY, 1.0];
    assert_eq!(codes_8(&[odd], View::None, 0.0), [[0, 255, 0, 255]]);
    assert_eq!(codes_8(&[odd], View::Srgb, 0.0), [[0, 255, 0, 255]]);
    // Endless light loses its colour in this view.
    assert_eq!(codes_8(&[odd], View::PbrNeutral, 0.0), [[255; 4]]);
}

#[test]
fn a_frame_that_cannot_be_written_leaves_the_old_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("frame.exr");
    fs::write(&path, b"old").unwrap();
    let film = film();
    let mut developed = film.develop();
    developed.pixels.pop(); // Not a frame any more.
    let error = write_exr(&path, &developed, &provenance(&film), Precision::Float).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    let missing = Path::new("no such directory/frame.png");
    let display = Display {
        view: View::None,
        exposure_stops: 0.0,
        depth: BitDepth::Eight,
    };
    let error = write_png(missing, &row(&[[0.0; 4]]), &provenance(&film), &display);
    let message = error.unwrap_err().to_string();
    assert!(
        message.contains("there is no directory no such directory"),
        "{message}"
    );
}

#[test]
fn a_finished_picture_is_known_by_header_and_pixels() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("frame.exr");
    let film = film();
    let provenance = provenance(&film);
    let finished = |p: &Provenance, precision| is_finished_exr(&path, p, precision);
    assert!(!finished(&provenance, Precision::Float));
    write_exr(&path, &film.develop(), &provenance, Precision::Float).unwrap();
    assert!(finished(&provenance, Precision::Float));
    assert!(!finished(&provenance, Precision::Half));
    let changes: [fn(&mut Provenance); 4] = [
        |p| p.scene_hash[0] ^= 1,
        |p| p.settings_hash[31] ^= 1,
        |p| p.settings.samples.end += 1,
        |p| p.device_kinds = [DeviceKind::Gpu].into(),
    ];
    for change in changes {
        let mut other = provenance.clone();
        change(&mut other);
        assert!(!finished(&other, Precision::Float));
    }
    // Warnings and rejected samples follow from the rest.
    let mut unknown = provenance.clone();
    unknown.warnings.clear();
    assert!(finished(&unknown, Precision::Float));
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    assert!(!finished(&provenance, Precision::Float));
}

#[test]
fn a_finished_png_is_known_by_text_and_codes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("frame.png");
    let film = film();
    let provenance = provenance(&film);
    let display = Display {
        view: View::Srgb,
        exposure_stops: 0.5,
        depth: BitDepth::Sixteen,
    };
    assert!(!is_finished_png(&path, &provenance, &display));
    write_png(&path, &film.develop(), &provenance, &display).unwrap();
    assert!(is_finished_png(&path, &provenance, &display));
    let darker = Display {
        exposure_stops: 0.25,
        ..display
    };
    assert!(!is_finished_png(&path, &provenance, &darker));
    let shallow = Display {
        depth: BitDepth::Eight,
        ..display
    };
    assert!(!is_finished_png(&path, &provenance, &shallow));
    let mut other = provenance.clone();
    other.scene_hash[0] ^= 1;
    assert!(!is_finished_png(&path, &other, &display));
}

/// Adds the words of the next of `pixels`, `n_words` for each.
fn add(
    film: &mut Film,
    pixels: &mut impl Iterator<Item = (u32, u32)>,
    words: &[u32],
    n_words: usize,
) -> Result<(), String> {
    for words in words.chunks_exact(n_words) {
        let (x, y) = pixels.next().unwrap();
        film.add_words(x, y, words)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

#[test]
fn sums_come_back_and_damage_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shard.exr");
    let film = film();
    let tile = Region { x0: 3, ..REGION };
    write_sums(&path, &film, &[tile], &provenance(&film), "a record").unwrap();
    let picture = exr::read(&path).unwrap().remove(0);
    assert_eq!(picture.channel("R").unwrap()[1], 1.5);
    let header = read_sums_header(&path).unwrap().unwrap();
    assert_eq!(header.record, "a record");
    assert!(header.has_variance());
    let mut part = film.tile(tile).unwrap();
    let mut pixels = tile.pixels();
    read_sums(&path, &header, tile.n_pixels(), |words| {
        add(&mut part, &mut pixels, words, header.n_words())
    })
    .unwrap();
    assert_eq!(part.develop().pixels[0], film.develop().pixels[1]);
    assert_eq!(pixels.next(), None);
    for wrong in [1, 5, 2000] {
        assert!(
            read_sums(&path, &header, wrong, |_| Ok(())).is_err(),
            "{wrong}"
        );
    }
    let mut other = header.clone();
    other.record.push('!');
    assert!(read_sums(&path, &other, tile.n_pixels(), |_| Ok(())).is_err());
    // Wherever a byte is changed, the sums are refused or are the same.
    let bytes = fs::read(&path).unwrap();
    let mut n_refused = 0;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, &damaged).unwrap();
        let Ok(Some(found)) = read_sums_header(&path) else {
            n_refused += 1;
            continue;
        };
        let mut again = film.tile(tile).unwrap();
        let mut pixels = tile.pixels();
        let sound = read_sums(&path, &found, tile.n_pixels(), |words| {
            add(&mut again, &mut pixels, words, found.n_words())
        });
        match sound {
            Ok(()) => assert!(again == part && found.record == "a record", "byte {at}"),
            Err(_) => n_refused += 1,
        }
    }
    assert!(
        n_refused > bytes.len() / 4,
        "{n_refused} of {}",
        bytes.len()
    );
}
