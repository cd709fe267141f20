//! Round trips through files, and files that lie.

use super::*;
use crate::color::REC709;
use crate::image::Error;
use ::exr::prelude as crates;
use ::exr::prelude::WritableImage;
use half::f16;
use proptest::prelude::*;
use std::io::Cursor;
use std::path::PathBuf;

/// A directory with one file in it.
fn file_with(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("image.exr");
    std::fs::write(&path, bytes).unwrap();
    (directory, path)
}

fn read_bytes(bytes: &[u8]) -> Result<Vec<Exr>, Error> {
    let (_directory, path) = file_with(bytes);
    read(&path)
}

fn written(exr: &Exr) -> Vec<u8> {
    let mut stream = Cursor::new(Vec::new());
    write(exr, &mut stream).unwrap();
    stream.into_inner()
}

fn small(channel_names: &[&str]) -> Exr {
    let data = Window {
        x: -3,
        y: 2,
        width: 5,
        height: 40,
    };
    let channel = |(index, name): (usize, &&str)| Channel {
        name: (*name).to_owned(),
        precision: Precision::Float,
        samples: (0..200).map(|i| (i * (index + 1)) as f32 / 7.0).collect(),
    };
    Exr {
        name: String::new(),
        display: Window {
            x: 0,
            y: 0,
            width: 64,
            height: 48,
        },
        data,
        chromaticities: Some(REC709),
        is_cube: false,
        channels: channel_names.iter().enumerate().map(channel).collect(),
        attributes: BTreeMap::new(),
    }
}

fn any_attribute() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        ".{0,40}".prop_map(Attribute::Text),
        prop::collection::vec(".{1,20}", 1..4).prop_map(Attribute::TextList),
        any::<i32>().prop_map(Attribute::Integer),
        (-1e30_f32..1e30).prop_map(Attribute::Float),
    ]
}

fn any_exr() -> impl Strategy<Value = Exr> {
    let window =
        (-40_i32..40, -40_i32..40, 1_usize..20, 1_usize..40).prop_map(|(x, y, width, height)| {
            Window {
                x,
                y,
                width,
                height,
            }
        });
    let names = prop::collection::btree_set("[A-Z][a-z]{0,3}(\\.[RGBA])?", 1..5);
    let attributes = prop::collection::btree_map("skywell:[a-zA-Z]{1,20}", any_attribute(), 0..6);
    (
        window.clone(),
        window,
        names,
        attributes,
        any::<[bool; 5]>(),
        any::<u32>(),
    )
        .prop_map(|(display, data, names, attributes, halves, seed)| {
            let channel = |(index, name): (usize, String)| {
                let precision = if halves[index] {
                    Precision::Half
                } else {
                    Precision::Float
                };
                let samples = (0..data.width * data.height).map(|i| {
                    let bits = (i as u32 ^ seed).wrapping_mul(0x9e37_79b9 + index as u32);
                    match precision {
                        Precision::Half => f16::from_bits((bits >> 17) as u16 & 0x7bff).to_f32(),
                        Precision::Float => f32::from_bits(bits & 0xbf7f_ffff),
                    }
                });
                Channel {
                    name,
                    precision,
                    samples: samples.collect(),
                }
            };
            Exr {
                name: String::new(),
                display,
                data,
                chromaticities: halves[0].then_some(REC709),
                is_cube: false,
                channels: names.into_iter().enumerate().map(channel).collect(),
                attributes,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(exr in any_exr()) {
        let read = read_bytes(&written(&exr)).unwrap();
        prop_assert_eq!(read, vec![exr]);
    }

    #[test]
    fn damaged_files_are_errors_or_images_but_never_a_panic(
        place in any::<prop::sample::Index>(),
        byte: u8,
        exr in any_exr(),
    ) {
        let mut bytes = written(&exr);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = read_bytes(&bytes);
        bytes.truncate(place);
        prop_assert!(read_bytes(&bytes).is_err());
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let mut exr = small(&["A", "B", "G", "R"]);
    for index in 0..12 {
        exr.attributes
            .insert(format!("skywell:a{index}"), Attribute::Integer(index));
    }
    let first = written(&exr);
    for _ in 0..8 {
        assert!(written(&exr) == first);
    }
}

#[test]
fn channels_are_found_by_name() {
    let exr = small(&["B", "G", "R"]);
    assert_eq!(exr.channel("G"), Some(&*exr.channels[1].samples));
    assert_eq!(exr.channel("g"), None);
    let pixels = exr.pixels(["R", "G", "B"]).unwrap();
    assert_eq!(pixels[7], [3.0, 2.0, 1.0]);
    assert_eq!(exr.pixels(["R", "G", "A"]), None);
}

#[test]
fn content_that_is_no_file_is_refused() {
    let mut short = small(&["R"]);
    short.channels[0].samples.pop();
    let twice = small(&["R", "R"]);
    let mut reserved = small(&["R"]);
    reserved
        .attributes
        .insert("lineOrder".to_owned(), Attribute::Integer(0));
    for exr in [short, twice, reserved] {
        let error = write(&exr, &mut Cursor::new(Vec::new())).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{error}");
    }
}

/// Writes `image` with the `exr` crate, for what [`write`] does not write.
fn written_by_crate<'i, L>(image: &'i crates::Image<L>) -> Vec<u8>
where
    L: ::exr::image::write::layers::WritableLayers<'i>,
{
    let mut stream = Cursor::new(Vec::new());
    image.write().to_buffered(&mut stream).unwrap();
    stream.into_inner()
}

fn plane(name: &str, samples: crates::FlatSamples) -> crates::AnyChannels<crates::FlatSamples> {
    crates::AnyChannels::sort(
        [crates::AnyChannel::new(name, samples)]
            .into_iter()
            .collect(),
    )
}

/// A 70 × 50 image of one channel, as the `exr` crate writes it.
fn encoded(compression: crates::Compression, blocks: crates::Blocks, samples: &[f32]) -> Vec<u8> {
    use crates::{Encoding, FlatSamples, Image, Layer, LayerAttributes, LineOrder};
    let channels = plane("Y", FlatSamples::F32(samples.to_vec()));
    let line_order = LineOrder::Increasing;
    let encoding = Encoding {
        compression,
        blocks,
        line_order,
    };
    let layer = Layer::new((70, 50), LayerAttributes::default(), encoding, channels);
    written_by_crate(&Image::from_layer(layer))
}

/// Times each file is damaged.
const DAMAGES: usize = 16;

const BLOCKS: [crates::Blocks; 2] = [
    crates::Blocks::ScanLines,
    crates::Blocks::Tiles(crates::Vec2(32, 16)),
];

#[test]
fn tiles_and_every_lossless_compression_are_read() {
    use crates::Compression::{PIZ, RLE, Uncompressed, ZIP1, ZIP16};
    let samples: Vec<f32> = (0..70 * 50).map(|i| (i % 97) as f32).collect();
    for compression in [Uncompressed, RLE, ZIP1, ZIP16, PIZ] {
        for blocks in BLOCKS {
            let parts = read_bytes(&encoded(compression, blocks, &samples)).unwrap();
            assert_eq!(
                parts[0].channel("Y"),
                Some(&*samples),
                "{compression:?} {blocks:?}"
            );
        }
    }
}

#[test]
fn damage_within_any_compression_never_panics() {
    use crates::Compression::{B44, B44A, DWAA, DWAB, PIZ, PXR24, RLE, ZIP1};
    let samples: Vec<f32> = (0..70 * 50)
        .map(|i| (i % 97) as f32 + (i as f32).sin())
        .collect();
    let mut random = 1_u32;
    let mut next = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize
    };
    for compression in [RLE, ZIP1, PIZ, PXR24, B44, B44A, DWAA(None), DWAB(None)] {
        for blocks in BLOCKS {
            let whole = encoded(compression, blocks, &samples);
            for _ in 0..DAMAGES {
                let mut bytes = whole.clone();
                for _ in 0..1 + next() % 8 {
                    let place = next() % bytes.len();
                    bytes[place] = next() as u8;
                }
                let _ = read_bytes(&bytes);
            }
        }
    }
}

#[test]
fn every_part_of_a_file_is_read() {
    use crates::{Encoding, FlatSamples, Image, ImageAttributes, Layer, LayerAttributes};
    let part = |name: &str, value: u32| {
        let channels = plane("Y", FlatSamples::U32(vec![value; 6]));
        Layer::new(
            (2, 3),
            LayerAttributes::named(name),
            Encoding::UNCOMPRESSED,
            channels,
        )
    };
    let layers: ::exr::image::Layers<_> = [part("left", 1), part("right", 2)].into_iter().collect();
    let image = Image::from_layers(ImageAttributes::with_size((2, 3)), layers);
    let parts = read_bytes(&written_by_crate(&image)).unwrap();
    let values: Vec<_> = parts
        .iter()
        .map(|part| part.channel("Y").unwrap()[0])
        .collect();
    assert_eq!(values, [1.0, 2.0]);
}

#[test]
fn subsampled_channels_are_refused_with_a_cure() {
    let mut exr = small(&["BY"]);
    exr.data = Window {
        x: 0,
        y: 0,
        width: 10,
        height: 20,
    };
    let mut bytes = written(&exr);
    // A channel: name, type, four bytes of flags, then the sampling of x and y.
    let place = bytes
        .windows(3)
        .position(|window| window == b"BY\0")
        .unwrap();
    bytes[place + 3 + 8] = 2;
    bytes[place + 3 + 12] = 2;
    let error = read_bytes(&bytes).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    assert!(
        error.to_string().ends_with("write it as R, G and B"),
        "{error}"
    );
}

/// `bytes` with the corners of the data window replaced.
fn with_data_window(bytes: &[u8], corners: [i32; 4]) -> Vec<u8> {
    let name = b"dataWindow\0box2i\0";
    let place = bytes
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    let mut bytes = bytes.to_vec();
    let value: Vec<u8> = corners
        .iter()
        .flat_map(|corner| corner.to_le_bytes())
        .collect();
    bytes[place + name.len() + 4..][..16].copy_from_slice(&value);
    bytes
}

#[test]
fn headers_that_claim_too_much_are_refused_before_memory_is_taken() {
    let bytes = written(&small(&["B", "G", "R"]));
    for size in [1 << 14, 1 << 20, i32::MAX / 2 - 1] {
        let error = read_bytes(&with_data_window(&bytes, [0, 0, size, size])).unwrap_err();
        let claimed = matches!(
            error,
            Error::ImplausibleSize { .. } | Error::Malformed { .. }
        );
        assert!(claimed, "{size}: {error}");
    }
    assert!(read_bytes(&with_data_window(&bytes, [5, 5, 4, 4])).is_err());
    assert!(read_bytes(&with_data_window(&bytes, [5, 5, -90, 4])).is_err());
    let extremes = [i32::MIN, i32::MIN, i32::MAX, i32::MAX];
    assert!(read_bytes(&with_data_window(&bytes, extremes)).is_err());
}

#[test]
fn files_that_are_no_images_are_told_apart() {
    let missing = read(&PathBuf::from("/nowhere/sky.exr")).unwrap_err();
    assert!(matches!(missing, Error::Io { .. }));
    assert!(
        missing.to_string().starts_with("/nowhere/sky.exr: "),
        "{missing}"
    );
    assert!(matches!(read_bytes(b""), Err(Error::Malformed { .. })));
    assert!(matches!(
        read_bytes(b"#?RADIANCE\n"),
        Err(Error::Malformed { .. })
    ));
    let message = read_bytes(b"\x76\x2f\x31\x01").unwrap_err().to_string();
    assert!(
        message.contains("image.exr: ") && message.contains("damaged"),
        "{message}"
    );
}
