//! One frame from file to file: load, compile, render, develop, write.
//!
//! This is the library's façade. It decides what the command line and the scene leave open (camera,
//! frame size, light where there is none), keeps the order of work, measures it, and tells an
//! [`Observer`] about it. It neither parses flags nor prints.

mod backend;
mod camera;
mod energy;
mod error;
mod estimate;
mod identity;
mod keeper;
mod lighting;
mod load;
mod memory;
mod merge;
mod picture;
mod piece;
mod plan;
mod process;
mod stats;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use backend::Backend;
pub use camera::DEFAULT_SIZE;
pub use error::Error;
pub use estimate::{Estimate, estimate_frame};
pub use merge::{MergePlan, MergeReport, merge_shards};
pub use plan::{EnvironmentPlan, FramePlan, OutputFormat, OutputPlan, ShardPlan};
pub use stats::FrameStats;

pub(crate) use process::return_large_memory;

/// A GPU of this machine.
pub use crate::integrator::gpu::Description as Device;

use crate::compiled::Compiled;
use crate::film::Film;
use crate::integrator::{DeviceKind, RenderControl};
use crate::output;
use backend::Crew;
use keeper::Keeper;
use load::Loaded;
use memory::Budget;
use piece::Piece;

/// Work of so long is kept in a checkpoint when a render is ended before there is a picture.
const WORTH_KEEPING: Duration = Duration::from_secs(10);

/// What a session is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading and decoding.
    Load,
    /// Compiling the scene.
    Build,
    /// Tracing.
    Render,
    /// Developing and writing.
    Write,
}

/// The one who waits for a frame.
pub trait Observer: RenderControl {
    /// A stage begins.
    fn enter(&self, stage: Stage);
    /// Something worth knowing, one line.
    fn note(&self, line: &str);
    /// Something that was asked for or authored and is not honoured, one line.
    fn warn(&self, line: &str);
    /// Of a frame's shards, so many were merged. Who does not care need not say so.
    fn merged(&self, _shards: u32, _of: u32) {}
}

/// A frame made.
#[derive(Clone, Debug)]
pub struct FrameReport {
    /// Measurements.
    pub stats: FrameStats,
    /// Samples a pixel asked for; `stats.samples_per_pixel` were taken.
    pub samples_asked: u32,
    /// How it ended.
    pub ending: Ending,
}

/// The GPUs of this machine, best first.
#[must_use]
pub fn devices() -> Vec<Device> {
    let adapters = crate::integrator::gpu::adapters();
    adapters.iter().map(|a| a.description().clone()).collect()
}

/// How the making of a frame, or of a shard of one, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The file is written.
    Finished,
    /// The file was there already.
    AlreadyThere,
    /// The picture is written with fewer samples than asked for. The same plan goes on from the checkpoint, if there
    /// is one.
    Stopped(Option<PathBuf>),
    /// Nothing is written but this checkpoint, from which the same plan goes on.
    Suspended(PathBuf),
}

/// Makes the frame of `plan`, or the shard of it, from the beginning or from a checkpoint.
///
/// # Errors
/// See [`Error`]. The output file is then as it was before.
pub fn render_frame(plan: &FramePlan, observer: &dyn Observer) -> Result<FrameReport, Error> {
    // This process may have made other frames.
    process::forget_peak_memory();
    let (started, user_cpu_s) = (Instant::now(), process::user_cpu_s());
    let meter = energy::Meter::read();
    output::prove_writable(&plan.target())?;
    if let Some(stats) = &plan.stats {
        output::prove_writable(stats)?;
    }
    let threads = plan.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("skywell {index}"))
        .build()
        .map_err(|source| Error::Threads { threads, source })?;
    let mut report = pool.install(|| {
        let chosen = backend::choose(plan.backend, &plan.devices, observer)?;
        make_frame(plan, chosen, observer)
    })?;
    let stats = &mut report.stats;
    stats.threads = pool.current_num_threads();
    stats.total_s = started.elapsed().as_secs_f64();
    stats.user_cpu_s =
        (user_cpu_s.zip(process::user_cpu_s())).map(|(before, after)| after - before);
    let energy = meter.zip(energy::Meter::read());
    stats.energy_j = energy.map(|(before, after)| after.since_j(&before));
    stats.peak_memory_bytes = process::peak_memory_bytes();
    if let Some(path) = &plan.stats {
        output::write_bytes(path, &stats.to_json())?;
    }
    Ok(report)
}

/// Everything but what is measured around it, on `crew`.
fn make_frame(
    plan: &FramePlan,
    crew: impl Crew,
    observer: &dyn Observer,
) -> Result<FrameReport, Error> {
    enter(observer, Stage::Load)?;
    if let Some(report) = finished_before(plan, crew.kind(), observer)? {
        return Ok(report);
    }
    let (loaded, load_s) = timed(|| load::load(plan, observer));
    let Loaded {
        scene,
        camera,
        settings,
        mut provenance,
    } = loaded?;
    provenance.device_kinds = [crew.kind()].into();
    let piece = Piece::of(plan, &provenance)?;
    let samples_asked = piece.part.samples.len() as u32;
    let mut stats = FrameStats::of_plan(plan, &settings);
    stats.pixels = piece.part.n_pixels();
    stats.load_s = load_s;
    let mut keeper = Keeper::new(plan, piece.checkpoint(crew.kind()), observer);

    enter(observer, Stage::Build)?;
    let memory = Budget::new(plan.max_memory, piece.bounds, settings.variance);
    let build = || Compiled::build_within(memory.for_tables(), scene, &camera, &settings);
    let (compiled, build_s) = timed(build);
    let compiled = compiled?;
    stats.build_s = build_s;
    stats.count_compiled(&compiled.sizes());
    memory.check(&compiled, None)?;

    enter(observer, Stage::Render)?;
    let mut film = Film::new(piece.bounds, settings.variance)?;
    let mut work = piece.work();
    let (rendered, render_s) = timed(|| {
        crew.render(
            &compiled,
            &mut film,
            &mut work,
            &memory,
            &mut keeper,
            observer,
        )
    });
    let rendered = rendered.inspect_err(|_| keeper.rescue(&film, &work))?;
    stats.count_render(&rendered.stats, render_s);
    stats.backend = rendered.kind.name();
    stats.simd = rendered.simd;
    stats.devices.clone_from(&rendered.devices);
    provenance.devices = rendered.devices;
    provenance.device_kinds = [rendered.kind].into();
    stats.non_finite_samples = film.rejected().count();
    stats.interrupted = !work.is_finished();
    drop(compiled);

    let without_picture = work.level() == 0 && render_s > WORTH_KEEPING.as_secs_f64();
    if stats.interrupted && (piece.is_shard() || observer.should_suspend() || without_picture) {
        keeper.save(&film, &work)?;
        return Ok(FrameReport {
            stats,
            samples_asked,
            ending: Ending::Suspended(plan.checkpoint_path()),
        });
    }
    if work.level() == 0 {
        return Err(Error::Interrupted);
    }
    observer.enter(Stage::Write);
    provenance.rejected = film.rejected().clone();
    picture::warn_of_rejected(&provenance, observer);
    let (written, write_s) = timed(|| {
        if piece.is_shard() {
            return piece.write_shard(plan, &film, &provenance);
        }
        provenance.settings.samples.end = settings.samples.start + work.level();
        let developed = film.develop();
        picture::write(&plan.output, &developed, &provenance, observer)
    });
    written?;
    stats.write_s = write_s;
    let ending = if stats.interrupted {
        if keeper.saved().is_some() {
            keeper.save(&film, &work)?;
        }
        Ending::Stopped(keeper.saved())
    } else {
        keeper.finish();
        Ending::Finished
    };
    Ok(FrameReport {
        stats,
        samples_asked,
        ending,
    })
}

/// The report on what is there already: a whole file of the same scene, settings and kind of device, by its header and
/// checksum. That the scene is the same is known by its bytes, not by what it was called or when it was changed.
fn finished_before(
    plan: &FramePlan,
    kind: DeviceKind,
    observer: &dyn Observer,
) -> Result<Option<FrameReport>, Error> {
    if !plan.skip_finished || !plan.target().exists() {
        return Ok(None);
    }
    let (identified, load_s) = timed(|| load::identify(plan));
    let mut provenance = identified?;
    provenance.device_kinds = [kind].into();
    let piece = Piece::of(plan, &provenance)?;
    if !piece.is_finished(plan, &provenance) {
        return Ok(None);
    }
    Keeper::new(plan, piece.checkpoint(kind), observer).finish();
    let samples_asked = piece.part.samples.len() as u32;
    let mut stats = FrameStats::of_plan(plan, &provenance.settings);
    stats.pixels = piece.part.n_pixels();
    stats.load_s = load_s;
    stats.samples_per_pixel = samples_asked;
    Ok(Some(FrameReport {
        stats,
        samples_asked,
        ending: Ending::AlreadyThere,
    }))
}

/// Begins a stage, unless asked to end: before the first sample there is nothing to save.
fn enter(observer: &dyn Observer, stage: Stage) -> Result<(), Error> {
    if observer.should_stop() {
        return Err(Error::Interrupted);
    }
    observer.enter(stage);
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let started = Instant::now();
    let result = work();
    (result, started.elapsed().as_secs_f64())
}
