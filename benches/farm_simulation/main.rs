//! Simulates frames, shots and a film on many machines with the measured costs of `costs.toml`:
//! `cargo run --example farm_simulation` writes `efficiency.svg` and `README.md` beside this file.
//!
//! Workers take the next task as they become free, as Slurm's do. Efficiency is the time spent
//! tracing what ends up in the pictures over the time of all workers until the last picture is
//! written; the rest is accounted for, to the second, by what it was spent on.

mod plot;
mod report;
mod simulation;

use std::path::Path;

use serde::Deserialize;
use simulation::{Outcome, Plan, simulate};

/// What things take, measured; where and how is said in the file.
#[derive(Clone, Debug, Deserialize)]
struct Costs {
    /// From a task being due to the program running, seconds.
    dispatch_s: f64,
    /// Reading and compiling the scene, seconds.
    start_s: f64,
    /// Bringing the scene to a worker that has not had it, seconds.
    transfer_s: f64,
    /// Tracing a heavy frame whole, seconds.
    heavy_frame_s: f64,
    /// Tracing an ordinary frame whole, seconds.
    ordinary_frame_s: f64,
    /// Standard deviation of the logarithm of a frame's cost within a shot.
    frame_spread: f64,
    /// The same of shots within a film.
    shot_spread: f64,
    /// Standard deviation of a shard's cost over its mean.
    shard_spread: f64,
    /// Writing a frame's film as shards, seconds in all.
    write_s: f64,
    /// Merging a frame but for opening files, seconds.
    merge_s: f64,
    /// Opening one shard, seconds.
    merge_shard_s: f64,
    /// Tasks that fail once.
    failures: f64,
    /// Time between checkpoints, seconds.
    checkpoint_s: f64,
}

/// Workers of the first scenario.
const WORKERS: [usize; 14] = [1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 1000];
/// Shards a frame of a shot: the last frames in small pieces, to fill the gaps that others leave.
const TAPER: &[(f64, usize)] = &[(0.7, 24), (0.88, 60), (0.96, 160), (1.0, 600)];
/// Runs a point of the plot is the mean of.
const RUNS: u64 = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/farm_simulation");
    let costs: Costs = toml::from_str(&std::fs::read_to_string(folder.join("costs.toml"))?)?;

    let frame = |workers, shards, retries_in_place| Plan {
        workers,
        shots: 1,
        frames: 1,
        shards: &[],
        equal_shards: shards,
        frame_s: costs.heavy_frame_s,
        retries_in_place,
    };
    let curve = |retries_in_place| -> Vec<(usize, Outcome)> {
        let of = |&n: &usize| (n, mean(&costs, frame(n, n, retries_in_place), RUNS));
        WORKERS.iter().map(of).collect()
    };
    let in_place = curve(true);
    let requeued = curve(false);

    let shot = |shards, equal_shards| Plan {
        workers: 1000,
        shots: 1,
        frames: 100,
        shards,
        equal_shards,
        frame_s: costs.heavy_frame_s,
        retries_in_place: true,
    };
    let shots: Vec<(usize, Outcome)> = [10, 20, 30, 40, 60, 80, 120, 200]
        .map(|shards| (shards, mean(&costs, shot(&[], shards), 10)))
        .into();
    let tapered = mean(&costs, shot(TAPER, 0), 10);
    let film = Plan {
        workers: 1000,
        shots: 1900,
        frames: 100,
        shards: &[],
        equal_shards: 4,
        frame_s: costs.ordinary_frame_s,
        retries_in_place: true,
    };
    let film = simulate(&costs, &film, 1);

    std::fs::write(
        folder.join("efficiency.svg"),
        plot::svg(&in_place, &requeued),
    )?;
    let page = report::page(&costs, &in_place, &requeued, &shots, &tapered, &film);
    std::fs::write(folder.join("README.md"), page)?;
    Ok(())
}

/// The mean of several runs with other luck.
fn mean(costs: &Costs, plan: Plan, runs: u64) -> Outcome {
    let outcomes: Vec<Outcome> = (0..runs).map(|seed| simulate(costs, &plan, seed)).collect();
    Outcome::mean(&outcomes)
}
