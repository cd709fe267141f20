//! How long comparisons take: 1920×1080 pixels, 20 layers, ten colours with the variance of each.
//!
//! `cargo bench --bench diff`. Two threads; the fastest of three runs.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use anyhow::Context;
use skywell::color::REC709;
use skywell::diff::{Options, Picture, compare, compare_files};
use skywell::image::exr::{Attribute, Channel, Exr, Precision, Window, write};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;
const RUNS: usize = 3;

fn main() -> anyhow::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    pool.install(measure)
}

fn measure() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let [reference, same, noisy, changed] = ["reference", "same", "noisy", "changed"]
        .map(|name| folder.path().join(name).with_extension("exr"));
    save(&reference, 1, 1.0)?;
    std::fs::copy(&reference, &same)?;
    save(&noisy, 2, 1.0)?;
    save(&changed, 3, 1.05)?;
    let size = std::fs::metadata(&reference)?.len();
    println!(
        "20 layers, {WIDTH}x{HEIGHT}, {:.0} MB a file",
        size as f64 / 1e6
    );

    let options = Options::default();
    let files = |test: &Path| {
        compare_files(&reference, test, &options)
            .map(drop)
            .context("compare")
    };
    let identical_s = fastest(|| files(&same))?;
    println!("identical, reading included {:8.1} ms", identical_s * 1e3);

    let (a, b) = rayon::join(|| Picture::read(&reference), || Picture::read(&noisy));
    let (a, noisy_picture) = (a?, b?);
    let changed_picture = Picture::read(&changed)?;
    let path = Path::new("picture");
    for (name, picture, file) in [
        ("noise", &noisy_picture, &noisy),
        ("different", &changed_picture, &changed),
    ] {
        let s = fastest(|| {
            compare((path, &a), (path, picture), &options)
                .map(drop)
                .context("compare")
        })?;
        let whole_s = fastest(|| files(file))?;
        println!(
            "{name:<10} full report {:8.1} ms, {:.1} ms with reading and decoding",
            s * 1e3,
            whole_s * 1e3
        );
    }
    let look = Options {
        always_look: true,
        ..options
    };
    let s = fastest(|| {
        compare((path, &a), (path, &noisy_picture), &look)
            .map(drop)
            .context("compare")
    })?;
    println!("noise, and HDR-FLIP for a heat map {:8.1} ms", s * 1e3);
    Ok(())
}

fn fastest(work: impl Fn() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let started = Instant::now();
        work()?;
        best = best.min(started.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// Writes a frame with noise of its seed, colours multiplied by `gain`.
fn save(path: &Path, seed: u64, gain: f32) -> anyhow::Result<()> {
    let mut state = seed << 40;
    let mut channels = Vec::new();
    for layer in 0..10 {
        for letter in ["R", "G", "B"] {
            let (mut mean, mut variance) = (Vec::new(), Vec::new());
            for pixel in 0..WIDTH * HEIGHT {
                let light = 0.05 + ((pixel % WIDTH) / 64 + layer) as f32 * 0.1;
                let deviation = 0.03 * light;
                mean.push(light * gain + deviation * (uniform(&mut state) - 0.5) * 12.0_f32.sqrt());
                variance.push(deviation * deviation);
            }
            let name = if layer == 0 {
                letter.to_owned()
            } else {
                format!("layer{layer}.{letter}")
            };
            let channel = |name, samples| Channel {
                name,
                precision: Precision::Half,
                samples,
            };
            channels.push(channel(format!("variance.{name}"), variance));
            channels.push(channel(name, mean));
        }
    }
    channels.sort_by(|a, b| a.name.cmp(&b.name));
    let window = Window {
        x: 0,
        y: 0,
        width: WIDTH,
        height: HEIGHT,
    };
    let samples = Attribute::Text("0..64".to_owned());
    let exr = Exr {
        name: String::new(),
        display: window,
        data: window,
        chromaticities: Some(REC709),
        is_cube: false,
        channels,
        attributes: BTreeMap::from([("skywell:samples".to_owned(), samples)]),
    };
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    write(&exr, &mut file)?;
    Ok(())
}

/// In [0, 1). Source: Steele, Lea, Flood 2014 (SplitMix64).
fn uniform(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 40) as f32 / 16_777_216.0
}
