//! Environments of every layout, and what is said about odd ones.

use super::*;
use crate::color::{Chromaticities, REC709};
use crate::image::exr::{Channel, Exr, Precision, Window};
use ::image::Rgb;
use ::image::codecs::hdr::HdrEncoder;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const WINDOW: Window = Window {
    x: 0,
    y: 0,
    width: 4,
    height: 2,
};

fn read_bytes(name: &str, bytes: &[u8]) -> Result<Panorama, Error> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, bytes).unwrap();
    read_environment(&path)
}

/// A Radiance file of `header` lines and pixels stored flat.
fn hdr(header: &str, width: usize, height: usize, pixels: &[[u8; 4]]) -> Vec<u8> {
    let mut bytes = format!("{header}\n\n-Y {height} +X {width}\n").into_bytes();
    bytes.extend(pixels.iter().flatten());
    bytes
}

fn exr_bytes(exr: &Exr) -> Vec<u8> {
    let mut stream = std::io::Cursor::new(Vec::new());
    crate::image::exr::write(exr, &mut stream).unwrap();
    stream.into_inner()
}

/// A panorama whose channel values are 10 · (index of the channel) + (index of the pixel).
fn exr_of(names: &[&str]) -> Exr {
    let channel = |(index, name): (usize, &&str)| Channel {
        name: (*name).to_owned(),
        precision: Precision::Half,
        samples: (0..8).map(|pixel| (10 * index + pixel) as f32).collect(),
    };
    Exr {
        name: String::new(),
        display: WINDOW,
        data: WINDOW,
        chromaticities: None,
        is_cube: false,
        channels: names.iter().enumerate().map(channel).collect(),
        attributes: BTreeMap::new(),
    }
}

fn read_exr_of(exr: &Exr) -> Panorama {
    read_bytes("sky.exr", &exr_bytes(exr)).unwrap()
}

#[test]
fn radiance_files_of_both_signatures() {
    let mut by_encoder = Vec::new();
    let radiance: Vec<_> = (0..64 * 32)
        .map(|i| Rgb([i as f32 / 8.0, 1.0, 0.25]))
        .collect();
    HdrEncoder::new(&mut by_encoder)
        .encode(&radiance, 64, 32)
        .unwrap();
    let panorama = read_bytes("sky.hdr", &by_encoder).unwrap();
    assert_eq!((panorama.width, panorama.height), (64, 32));
    assert_eq!(panorama.warnings, Vec::<String>::new());
    for (found, Rgb(expected)) in panorama.texels.iter().zip(&radiance) {
        let brightest = expected.iter().fold(0.0_f32, |a, &b| a.max(b));
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() <= brightest / 128.0,
                "{found} {expected}"
            );
        }
    }
    // 128/256 · 2^(129 - 128) = 1.
    let grey = hdr(
        "#?RGBE\nFORMAT=32-bit_rle_rgbe",
        2,
        1,
        &[[128, 128, 128, 129]; 2],
    );
    assert_eq!(read_bytes("SKY.HDR", &grey).unwrap().texels, [[1.0; 3]; 2]);
}

#[test]
fn exposure_in_the_header_is_taken_out() {
    let header = "#?RADIANCE\nEXPOSURE=2\nEXPOSURE=2\nCOLORCORR=1 0.5 1";
    let panorama = read_bytes("sky.hdr", &hdr(header, 2, 1, &[[128, 128, 128, 129]; 2])).unwrap();
    assert_eq!(panorama.texels, [[0.25, 0.5, 0.25]; 2]);
    assert!(panorama.warnings[0].contains("divided by the header's exposure, 4 2 4"));
    for exposure in ["0", "-1", "inf", "NaN"] {
        let header = format!("#?RADIANCE\nEXPOSURE={exposure}");
        let found = read_bytes("sky.hdr", &hdr(&header, 2, 1, &[[1; 4]; 2]));
        assert!(matches!(found, Err(Error::Malformed { .. })), "{exposure}");
    }
}

#[test]
fn radiance_files_that_lie() {
    let header = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe";
    let whole = hdr(header, 8, 4, &[[9, 8, 7, 130]; 32]);
    assert!(read_bytes("sky.hdr", &whole).is_ok());
    for length in 0..whole.len() {
        assert!(read_bytes("sky.hdr", &whole[..length]).is_err(), "{length}");
    }
    let zero = read_bytes("sky.hdr", &hdr(header, 0, 4, &[]));
    assert!(matches!(zero, Err(Error::Empty(_))));
    for size in [20_000, 4_000_000_000] {
        let huge = read_bytes("sky.hdr", &hdr(header, size, size, &[[9; 4]; 32]));
        let refused = matches!(
            huge,
            Err(Error::ImplausibleSize { .. } | Error::Unsupported { .. })
        );
        assert!(refused, "{huge:?}");
    }
    let rotated = String::from_utf8_lossy(&whole).replace("-Y 4 +X 8", "+X 8 -Y 4");
    let rotated = read_bytes("sky.hdr", rotated.as_bytes());
    assert!(
        matches!(rotated, Err(Error::Unsupported { .. })),
        "{rotated:?}"
    );
    assert!(matches!(
        read_bytes("sky.hdr", b"\x89PNG"),
        Err(Error::Malformed { .. })
    ));
}

proptest! {
    #[test]
    fn damaged_radiance_files_never_panic(
        place in any::<prop::sample::Index>(),
        byte: u8,
        pixels in prop::collection::vec(any::<[u8; 4]>(), 32),
    ) {
        let mut bytes = hdr("#?RADIANCE\nEXPOSURE=1.5", 16, 2, &pixels);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = read_bytes("sky.hdr", &bytes);
    }
}

#[test]
fn colours_are_found_whatever_the_layout() {
    let plain = read_exr_of(&exr_of(&["A", "B", "G", "R", "Z"]));
    assert_eq!(plain.texels[3], [33.0, 23.0, 13.0]);
    assert_eq!(plain.warnings, Vec::<String>::new());
    let layered = read_exr_of(&exr_of(&["Depth.Z", "Sky.B", "Sky.G", "Sky.R"]));
    assert_eq!(layered.texels[3], [33.0, 23.0, 13.0]);
    let preferred = read_exr_of(&exr_of(&["B", "G", "R", "x.B", "x.G", "x.R"]));
    assert_eq!(preferred.texels[3], [23.0, 13.0, 3.0]);
    let grey = read_exr_of(&exr_of(&["A", "Y"]));
    assert_eq!(grey.texels[3], [13.0; 3]);
}

#[test]
fn unclear_colours_are_an_error_that_names_the_channels() {
    for names in [
        &["a.B", "a.G", "a.R", "b.B", "b.G", "b.R"][..],
        &["R", "X"],
        &["G", "B"],
    ] {
        let error = read_bytes("sky.exr", &exr_bytes(&exr_of(names))).unwrap_err();
        let mut sorted = names.to_vec();
        sorted.sort_unstable();
        assert!(matches!(error, Error::NoColour { .. }));
        assert!(error.to_string().contains(&sorted.join(", ")), "{error}");
    }
}

#[test]
fn the_panorama_is_the_display_window() {
    let mut exr = exr_of(&["Y"]);
    // Rows 0 and 1 of the data are rows 1 and 2 of the display; columns -1..3 lose the first.
    exr.display = Window {
        x: 5,
        y: 5,
        width: 6,
        height: 3,
    };
    exr.data = Window {
        x: 4,
        y: 6,
        width: 4,
        height: 2,
    };
    let panorama = read_exr_of(&exr);
    let grey: Vec<f32> = panorama.texels.iter().map(|texel| texel[0]).collect();
    let expected = [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [1.0, 2.0, 3.0, 0.0, 0.0, 0.0],
        [5.0, 6.0, 7.0, 0.0, 0.0, 0.0],
    ];
    assert_eq!(grey, expected.concat());
    assert!(panorama.warnings[0].contains("black outside the data"));
}

#[test]
fn a_huge_display_window_is_refused() {
    // The second one could be, of a larger file.
    for (width, height) in [(1 << 20, 1 << 20), (1 << 14, 1 << 13)] {
        let mut exr = exr_of(&["Y"]);
        exr.display = Window {
            x: 0,
            y: 0,
            width,
            height,
        };
        let error = read_bytes("sky.exr", &exr_bytes(&exr)).unwrap_err();
        assert!(matches!(error, Error::ImplausibleSize { .. }), "{error}");
    }
}

#[test]
fn texels_that_are_no_radiance_are_mended_and_counted() {
    let mut exr = exr_of(&["B", "G", "R"]);
    exr.channels[0].samples[..4].copy_from_slice(&[f32::NAN, f32::INFINITY, -1.0, -f32::INFINITY]);
    exr.channels[1].samples[0] = -2.0;
    let panorama = read_exr_of(&exr);
    let mended: Vec<_> = panorama.texels[..5].to_vec();
    let expected = [
        [20.0, 0.0, 0.0],
        [21.0, 11.0, 65504.0],
        [22.0, 12.0, 0.0],
        [23.0, 13.0, 0.0],
        [24.0, 14.0, 4.0],
    ];
    assert_eq!(mended, expected);
    let says = |line: usize, what: &str| {
        let warning = &panorama.warnings[line];
        assert!(
            warning.contains("sky.exr: ") && warning.ends_with(what),
            "{warning}"
        );
    };
    says(
        0,
        "texels with channels that are not numbers, taken as 0: 1",
    );
    says(
        1,
        "texels with channels that are infinite, taken as 65504: 1",
    );
    says(2, "texels with channels that are negative, taken as 0: 3");
}

#[test]
fn other_primaries_are_converted() {
    // ACEScg's white becomes Rec. 709's; its red lies outside and loses green and blue.
    let mut exr = exr_of(&["B", "G", "R"]);
    exr.chromaticities = Some(Chromaticities {
        red: [0.713, 0.293],
        green: [0.165, 0.83],
        blue: [0.128, 0.044],
        white: [0.32168, 0.33767],
    });
    for channel in &mut exr.channels {
        channel.samples = vec![1.0; 8];
        channel.samples[1] = f32::from(u8::from(channel.name == "R"));
    }
    let panorama = read_exr_of(&exr);
    assert!(
        panorama.texels[0]
            .iter()
            .all(|channel| (channel - 1.0).abs() < 1e-5)
    );
    let [r, g, b] = panorama.texels[1];
    assert!((r - 1.705_05).abs() < 1e-4 && g == 0.0 && b == 0.0);
    assert!(panorama.warnings[0].contains("converted from its own primaries"));
    exr.chromaticities = Some(REC709);
    assert_eq!(read_exr_of(&exr).warnings, Vec::<String>::new());
    exr.chromaticities = Some(Chromaticities {
        white: [0.3, 0.0],
        ..REC709
    });
    let error = read_bytes("sky.exr", &exr_bytes(&exr)).unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
}

#[test]
fn odd_shapes_and_names() {
    let grey = hdr("#?RADIANCE", 3, 2, &[[128; 4]; 6]);
    let panorama = read_bytes("sky.hdr", &grey).unwrap();
    assert!(panorama.warnings[0].contains("3×2 is not twice as wide as high"));
    let unknown = read_environment(&PathBuf::from("sky.jpg")).unwrap_err();
    assert!(matches!(unknown, Error::UnknownFormat(_)));
    assert!(
        unknown.to_string().contains(".hdr or an OpenEXR .exr"),
        "{unknown}"
    );
    assert!(matches!(
        read_environment(&PathBuf::from("sky")),
        Err(Error::UnknownFormat(_))
    ));
}
