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
use skywell::farm;

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
    /// Writing a frame's film as shards, seconds in all but for …
    write_s: f64,
    /// … what writing each shard takes, however small, seconds.
    write_shard_s: f64,
    /// Merging a frame but for opening files, seconds.
    merge_s: f64,
    /// What reading each shard takes, however small, seconds.
    merge_shard_s: f64,
    /// Tasks that fail once.
    failures: f64,
    /// Time between checkpoints, seconds.
    checkpoint_s: f64,
}

/// Workers of the first scenario.
const WORKERS: [usize; 14] = [1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 1000];
/// Workers of the others.
const ALL: usize = 1000;
/// Frames of a shot.
const FRAMES: usize = 100;
/// Runs a point of the plot is the mean of.
const RUNS: u64 = 40;
/// Runs a shot's figures are the mean of.
const SHOT_RUNS: u64 = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/farm_simulation");
    let costs: Costs = toml::from_str(&std::fs::read_to_string(folder.join("costs.toml"))?)?;

    let frame = |workers, shards, retries_in_place| Plan {
        workers,
        shots: 1,
        shards: vec![shards],
        frame_s: costs.heavy_frame_s,
        retries_in_place,
    };
    let curve = |retries_in_place| -> Vec<(usize, Outcome)> {
        let of = |&n: &usize| (n, mean(&costs, &frame(n, n, retries_in_place), RUNS));
        WORKERS.iter().map(of).collect()
    };
    let in_place = curve(true);
    let requeued = curve(false);

    let shot = |shards| Plan {
        workers: ALL,
        shots: 1,
        shards,
        frame_s: costs.heavy_frame_s,
        retries_in_place: true,
    };
    let shots: Vec<(usize, Outcome)> = [10, 20, 30, 40, 60, 80, 120, 200]
        .map(|shards| (shards, mean(&costs, &shot(vec![shards; FRAMES]), SHOT_RUNS)))
        .into();
    // As `skywell submit slurm --workers` cuts them.
    let tapered = farm::tapered(FRAMES as u32, ALL as u32, 1);
    let tapered = shot(tapered.map(|n| n as usize).collect());
    let runs = (0..SHOT_RUNS).map(|seed| simulate(&costs, &tapered, seed).efficiency());
    let worst = runs.fold(1.0, f64::min);
    let tapered = (mean(&costs, &tapered, SHOT_RUNS), worst);
    let film = Plan {
        workers: ALL,
        shots: 1900,
        shards: vec![4; FRAMES],
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
fn mean(costs: &Costs, plan: &Plan, runs: u64) -> Outcome {
    let outcomes: Vec<Outcome> = (0..runs).map(|seed| simulate(costs, plan, seed)).collect();
    Outcome::mean(&outcomes)
}
