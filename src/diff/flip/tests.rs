//! FLIP against its authors' program.

use super::*;
use crate::color::srgb_decode;

const WIDTH: usize = 96;
const HEIGHT: usize = 64;

/// How a test picture differs.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Reference,
    Brighter,
    Moved,
    Specks,
}

/// Slanted ramps with a disk before them; for HDR, brighter on the right, with lamps.
fn picture(kind: Kind, hdr: bool) -> Vec<[f32; 3]> {
    let value = |x: usize, y: usize, c: usize| -> f64 {
        let disk =
            x.abs_diff(WIDTH / 3).pow(2) + y.abs_diff(HEIGHT / 2).pow(2) < (HEIGHT / 4).pow(2);
        if disk {
            [0.9, 0.5, 0.1][c]
        } else {
            ((x * (3 + c) + y * (5 - c) + x * y / (7 + c)) % 256) as f64 / 255.0
        }
    };
    let pixel = |x: usize, y: usize| {
        [0, 1, 2].map(|c| {
            let mut v = match kind {
                Kind::Reference => value(x, y, c),
                Kind::Brighter if hdr => value(x, y, c) * 1.05,
                Kind::Brighter => (value(x, y, c) * 1.05).min(1.0),
                Kind::Moved => value((x + WIDTH - 1) % WIDTH, y, c),
                Kind::Specks if (x * 31 + y * 17).is_multiple_of(97) => 1.0 - value(x, y, c),
                Kind::Specks => value(x, y, c),
            };
            if hdr {
                v *= if x > WIDTH / 2 { 40.0 } else { 0.25 };
                v *= if (x * 7 + y * 13).is_multiple_of(211) {
                    100.0
                } else {
                    1.0
                };
            }
            v as f32
        })
    };
    (0..WIDTH * HEIGHT)
        .map(|i| pixel(i % WIDTH, i / WIDTH))
        .collect()
}

/// What the authors' program (PyPI `flip-evaluator` 1.7) says of a pair: the mean, the largest,
/// and the values at [`PLACES`].
struct Oracle {
    kind: Kind,
    mean: f32,
    largest: f32,
    at: [f32; 4],
}

const PLACES: [(usize, usize); 4] = [(10, 20), (50, 40), (0, 0), (95, 63)];
/// How far from the oracle a value may lie.
const AGREEMENT: f32 = 1e-3;

fn check(flip: &[f32], oracle: &Oracle) {
    let mean = flip.iter().sum::<f32>() / flip.len() as f32;
    let largest = flip.iter().copied().fold(0.0, f32::max);
    let at = PLACES.map(|(x, y)| flip[y * WIDTH + x]);
    let found = [mean, largest, at[0], at[1], at[2], at[3]];
    let o = oracle;
    let expected = [o.mean, o.largest, o.at[0], o.at[1], o.at[2], o.at[3]];
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < AGREEMENT, "{found:?} is not {expected:?}");
    }
}

#[test]
fn ldr_agrees_with_the_authors() {
    let decoded = |kind| -> Vec<[f32; 3]> {
        let pixels = picture(kind, false);
        pixels.into_iter().map(|rgb| rgb.map(srgb_decode)).collect()
    };
    for oracle in [
        Oracle {
            kind: Kind::Brighter,
            mean: 0.194_534,
            largest: 0.313_845_9,
            at: [0.177_934_6, 0.164_012_4, 0.007_117_8, 0.156_008_9],
        },
        Oracle {
            kind: Kind::Moved,
            mean: 0.277_881_5,
            largest: 0.983_215_6,
            at: [0.138_869_3, 0.317_159_8, 0.972_276_4, 0.385_998_5],
        },
        Oracle {
            kind: Kind::Specks,
            mean: 0.060_872_8,
            largest: 0.989_217_1,
            at: [0.011_931_4, 0.060_164, 0.989_217_1, 0.004_553],
        },
    ] {
        let flip = ldr(&decoded(Kind::Reference), &decoded(oracle.kind), WIDTH);
        check(&flip, &oracle);
    }
}

#[test]
fn hdr_agrees_with_the_authors() {
    let reference = picture(Kind::Reference, true);
    let exposures = Exposures::of(&reference);
    assert!(
        (exposures.first_stops + 10.739_288).abs() < 1e-4,
        "{exposures:?}"
    );
    assert!((exposures.last_stops - 3.269_211_5).abs() < 1e-4);
    assert_eq!(exposures.count, 15);
    for oracle in [
        Oracle {
            kind: Kind::Brighter,
            mean: 0.091_639_6,
            largest: 0.115_683_6,
            at: [0.084_531_2, 0.089_753_6, 0.057_859_3, 0.068_459_3],
        },
        Oracle {
            kind: Kind::Moved,
            mean: 0.222_273_5,
            largest: 0.989_128_1,
            at: [0.083_061_6, 0.143_834_6, 0.989_128_1, 0.293_939],
        },
        Oracle {
            kind: Kind::Specks,
            mean: 0.045_974_9,
            largest: 0.989_504_5,
            at: [0.008_315, 0.021_115_4, 0.989_504_5, 0.003_469_1],
        },
    ] {
        check(
            &hdr(&reference, &picture(oracle.kind, true), WIDTH, &exposures),
            &oracle,
        );
    }
}

#[test]
fn exposures_of_odd_pictures() {
    let black = Exposures::of(&[[0.0; 3]; 4]);
    assert_eq!(black.first_stops, black.last_stops);
    assert_eq!(black.count, 2);
    assert!(black.scales().all(f32::is_finite));
    // As the authors': the median of an even number is the upper of the middle two.
    let four = Exposures::of(&[[1.0; 3], [2.0; 3], [3.0; 3], [4.0; 3]]);
    assert!((four.first_stops + 0.916_702_8).abs() < 1e-5);
    assert!((four.last_stops + 0.501_665_4).abs() < 1e-5);
    assert_eq!(Exposures::of(&[]).count, 2);
}

#[test]
fn equal_pictures_do_not_differ() {
    let picture = picture(Kind::Reference, true);
    let exposures = Exposures::of(&picture);
    assert!(
        hdr(&picture, &picture, WIDTH, &exposures)
            .iter()
            .all(|&f| f == 0.0)
    );
    assert_eq!(ldr(&[[1.0; 3]], &[[0.0; 3]], 1).len(), 1);
}
