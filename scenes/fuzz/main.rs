//! Feeds damaged scenes to the importer, and what it lets through to the compiler of scenes; and
//! damaged panoramas to their decoders.
//!
//! `fuzz_import SEEDS FINDS SECONDS [NUMBER]` reads every `.glb` and `.gltf` below the folder SEEDS
//! as a `.glb` that holds everything in itself, and every `.hdr` and `.exr`; it damages one after
//! another, and loads it, half of the scenes in mid-motion. Whichever decoders the seeds name are
//! thus fed: of geometry, of images, of lamps' profiles. An input that panics, takes more than [`MAX_SECONDS`] or more memory than [`allowed_bytes`] is kept in
//! the folder FINDS. Input `i` of run NUMBER is the same on every machine.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for those who build this program: it reports to the terminal, and stops when it cannot go on"
)]

mod memory;
mod mutate;
mod pack;

use mutate::Random;
use skywell::compiled::Compiled;
use skywell::image::read_environment;
use skywell::scene::gltf::{LoadOptions, load};
use skywell::settings::RenderSettings;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

/// An input may take no longer, all threads together.
const MAX_SECONDS: f64 = 5.0;
/// Where in their animations scenes are loaded, seconds.
const MOMENT_S: f64 = 0.37;
/// Larger seeds are left out: most of the time would go into reading them.
const MAX_SEED_BYTES: usize = 1 << 20;

/// What panicked last, and where.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Bytes that loading and compiling an input may take.
fn allowed_bytes(input: usize) -> usize {
    (1 << 30) + 512 * input
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seeds, finds, seconds, rest @ ..] = arguments.as_slice() else {
        println!("usage: fuzz_import SEEDS FINDS SECONDS [NUMBER]");
        return;
    };
    let seconds: u64 = seconds.parse().expect("SECONDS is a whole number");
    let number: u64 = rest
        .first()
        .map_or(1, |n| n.parse().expect("a whole number"));
    std::fs::create_dir_all(finds).expect("FINDS can be made");
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut panic) = PANIC.lock() {
            *panic = Some(info.to_string().replace('\n', " "));
        }
    }));
    let seeds = read_seeds(Path::new(seeds));
    println!("{} seeds", seeds.len());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut i, mut loaded, mut found, mut slowest) = (0_u64, 0_u64, 0_u64, 0.0_f64);
    let mut kinds: Vec<String> = Vec::new();
    while Instant::now() < end {
        let mut random = Random::new(number, i);
        let seed = &seeds[random.below(seeds.len())];
        let bytes = mutate::damage(seed, &seeds, &mut random);
        let options = LoadOptions {
            time: random.chance(50).then_some(MOMENT_S),
            ..LoadOptions::default()
        };
        let input = folder.path().join(format!("input.{}", seed.extension));
        std::fs::write(&input, &bytes).expect("the input can be written");
        let outcome = try_one(&input, &options);
        loaded += u64::from(outcome.loaded);
        slowest = slowest.max(outcome.seconds);
        let mut faults = Vec::new();
        if let Some(panic) = outcome.panic {
            faults.push(panic);
        }
        if outcome.seconds > MAX_SECONDS {
            faults.push(format!("slow: {:.1} s", outcome.seconds));
        }
        if outcome.peak > allowed_bytes(bytes.len()) {
            faults.push(format!("memory: {} MiB", outcome.peak >> 20));
        }
        for fault in faults {
            found += 1;
            // The same place fails in a thousand ways; a few of each are enough.
            let kind: String = fault
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .take(120)
                .collect();
            if kinds.iter().filter(|known| **known == kind).count() < 3 {
                kinds.push(kind);
                let path = Path::new(finds).join(format!("{number}-{i}.{}", seed.extension));
                std::fs::write(&path, &bytes).expect("a find can be written");
                println!("{}: {fault}", path.display());
            }
        }
        i += 1;
        if i.is_multiple_of(1000) {
            let spent = cpu_seconds();
            println!(
                "{i} inputs, {loaded} loaded, {found} finds, slowest {slowest:.2} s, {spent:.0} s of CPU"
            );
        }
    }
    let spent = cpu_seconds();
    println!(
        "{i} inputs, {loaded} loaded, {found} finds, slowest {slowest:.2} s, {spent:.0} s of CPU: done"
    );
}

struct Outcome {
    loaded: bool,
    seconds: f64,
    peak: usize,
    panic: Option<String>,
}

fn try_one(input: &Path, options: &LoadOptions) -> Outcome {
    let start = cpu_seconds();
    memory::reset_peak();
    let before = memory::peak();
    let loaded = catch_unwind(AssertUnwindSafe(|| {
        if input.extension().is_none_or(|e| e != "glb") {
            return read_environment(input).is_ok();
        }
        let Ok(scene) = load(input, options) else {
            return false;
        };
        if let Some(camera) = scene.cameras.first().cloned() {
            // What it refuses, it refuses in words.
            let _refused = Compiled::build(scene, &camera, &RenderSettings::new(8, 8)).is_err();
        }
        true
    }));
    // A panic that the importer caught on its own is one as well.
    let panic = PANIC.lock().ok().and_then(|mut panic| panic.take());
    Outcome {
        loaded: loaded.unwrap_or(false),
        seconds: cpu_seconds() - start,
        peak: memory::peak().saturating_sub(before),
        panic,
    }
}

/// CPU time of this process so far, whatever else the machine does (0 where there is no `/proc`).
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

fn read_seeds(folder: &Path) -> Vec<mutate::Seed> {
    let mut paths = Vec::new();
    collect(folder, &mut paths);
    paths.sort();
    let packed = paths.iter().filter_map(|path| pack::pack(path));
    packed
        .filter(|seed| seed.bin.len() <= MAX_SEED_BYTES)
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if pack::extension(&path).is_some() {
            found.push(path);
        }
    }
}
