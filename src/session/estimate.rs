//! Sampling a frame to know what all of it will take.

use std::time::Instant;

use super::backend::{self, Crew};
use super::keeper::Keeper;
use super::memory::Budget;
use super::piece::Piece;
use super::{Error, FramePlan, Observer, ShardPlan, Stage, energy::Meter};
use super::{enter, load, picture, process, timed};
use crate::compiled::Compiled;
use crate::farm::estimate::FrameCost;
use crate::farm::{self, CutBy};
use crate::film::Film;
use crate::output;

/// Paths of the first look, by which the size of the sample is chosen.
const FIRST_LOOK: u64 = 1 << 17;
/// A sample is no less than this part of a frame.
const SMALLEST_PART: u64 = 2000;

/// What a frame will take.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// On this machine.
    pub cost: FrameCost,
    /// Frame width, pixels.
    pub width: u32,
    /// Frame height, pixels.
    pub height: u32,
    /// Samples a pixel.
    pub spp: u32,
    /// Threads it was sampled with.
    pub threads: usize,
    /// One part of this many was rendered.
    pub parts: u32,
    /// Power drawn meanwhile, watts; `None` if the machine does not tell.
    pub watts: Option<f64>,
}

/// Renders pieces strewn over the frame of `plan` for about `seconds`, and predicts the rest.
/// Nothing is left behind: what is written goes into a folder of the system's for passing files.
///
/// # Errors
/// As [`super::render_frame`].
pub fn estimate_frame(
    plan: &FramePlan,
    seconds: f64,
    observer: &dyn Observer,
) -> Result<Estimate, Error> {
    let threads = plan.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| Error::Threads { threads, source })?;
    let began = (Meter::read(), Instant::now());
    let mut estimate = pool.install(|| sample(plan, seconds, observer))?;
    estimate.threads = pool.current_num_threads();
    estimate.watts = (began.0.zip(Meter::read()))
        .map(|(before, after)| after.since_j(&before) / began.1.elapsed().as_secs_f64());
    Ok(estimate)
}

fn sample(plan: &FramePlan, seconds: f64, observer: &dyn Observer) -> Result<Estimate, Error> {
    let folder = tempfile::tempdir().map_err(|source| output::Error::Io {
        path: std::env::temp_dir(),
        source,
    })?;
    let mut plan = plan.clone();
    plan.output.path = folder.path().join("sample.exr");

    enter(observer, Stage::Load)?;
    let (loaded, load_s) = timed(|| load::load(&plan, observer));
    let mut loaded = loaded?;
    let settings = loaded.settings.clone();
    enter(observer, Stage::Build)?;
    let memory = Budget::new(plan.max_memory, settings.region, settings.variance);
    let build = || {
        let scene = loaded.scene;
        Compiled::build_within(memory.for_tables(), scene, &loaded.camera, &settings)
    };
    let (compiled, build_s) = timed(build);
    let compiled = compiled?;

    enter(observer, Stage::Render)?;
    let paths = settings.region.n_pixels() * settings.samples.len() as u64;
    let mut trace = |plan: &FramePlan| {
        let chosen = backend::choose(plan.backend, &plan.devices, observer)?;
        loaded.provenance.device_kinds = [chosen.kind()].into();
        let piece = Piece::of(plan, &loaded.provenance)?;
        let mut keeper = Keeper::new(plan, piece.checkpoint(chosen.kind()), observer);
        let mut film = Film::new(piece.bounds, settings.variance)?;
        let mut work = piece.work();
        let (rendered, render_s) = timed(|| {
            chosen.render(
                &compiled,
                &mut film,
                &mut work,
                &memory,
                &mut keeper,
                observer,
            )
        });
        rendered?;
        if !work.is_finished() {
            return Err(Error::Interrupted);
        }
        keeper.finish();
        Ok((piece, film, render_s))
    };
    let most = (settings.region.n_pixels() / 64).clamp(1, SMALLEST_PART);
    let part_of = |parts: u64| {
        let count = parts.clamp(1, most) as u32;
        let by = Some(CutBy::Tiles);
        (
            count,
            Some(ShardPlan {
                index: 0,
                count,
                by,
            }),
        )
    };
    let (count, shard) = part_of(paths / FIRST_LOOK);
    plan.shard = shard;
    let (look, _, look_s) = trace(&plan)?;
    let look_paths = look.work().paths_total() as f64;
    let (parts, shard) = part_of((look_s * f64::from(count) / seconds).ceil() as u64);
    plan.shard = shard;
    let (piece, film, part_s) = trace(&plan)?;
    let part_paths = piece.work().paths_total() as f64;
    let whole = paths as f64 / part_paths;
    // What both looks paid alike, devices that get ready, say, is not paid again for the rest.
    let path_s = match part_paths > 2.0 * look_paths && part_s > look_s {
        true => (part_s - look_s) / (part_paths - look_paths),
        false => part_s / part_paths,
    };
    let render_s = part_s + path_s * (paths as f64 - part_paths);

    drop(compiled);
    observer.enter(Stage::Write);
    let (written, write_s) = timed(|| {
        let developed = film.develop();
        picture::write(&plan.output, &developed, &loaded.provenance, observer)
    });
    written?;
    let memory_bytes = process::peak_memory_bytes();
    let (written, write_shard_s) = timed(|| piece.write_shard(&plan, &film, &loaded.provenance));
    written?;
    let shard_path = plan.target();
    let (read, read_shard_s) = timed(|| farm::merge(&[shard_path], false));
    // One shard of several is not the frame; what counts is that it was read and checked.
    drop(read);
    Ok(Estimate {
        cost: FrameCost {
            start_s: load_s + build_s,
            render_s,
            write_s,
            write_shards_s: write_shard_s * whole,
            read_shards_s: read_shard_s * whole,
            memory_bytes,
        },
        width: settings.width,
        height: settings.height,
        spp: settings.samples.len() as u32,
        threads: 0,
        parts,
        watts: None,
    })
}
