//! One frame from file to file: load, compile, render, develop, write.
//!
//! This is the library's façade. It decides what the command line and the scene leave open (camera,
//! frame size, light where there is none), keeps the order of work, measures it, and tells an
//! [`Observer`] about it. It neither parses flags nor prints.

mod backend;
mod camera;
mod error;
mod identity;
mod lighting;
mod load;
mod memory;
mod plan;
mod process;
mod stats;

use std::time::Instant;

pub use backend::Backend;
pub use camera::DEFAULT_SIZE;
pub use error::Error;
pub use plan::{EnvironmentPlan, FramePlan, OutputFormat, OutputPlan};
pub use stats::FrameStats;

/// A GPU of this machine.
pub use crate::integrator::gpu::Description as Device;

use crate::compiled::Compiled;
use crate::film::Film;
use crate::integrator::RenderControl;
use crate::output::{self, Provenance};
use load::Loaded;

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
}

/// A frame made.
#[derive(Clone, Debug)]
pub struct FrameReport {
    /// Measurements.
    pub stats: FrameStats,
    /// Samples a pixel asked for; `stats.samples_per_pixel` were taken.
    pub samples_asked: u32,
}

/// The GPUs of this machine, best first.
#[must_use]
pub fn devices() -> Vec<Device> {
    let adapters = crate::integrator::gpu::adapters();
    adapters.iter().map(|a| a.description().clone()).collect()
}

/// Makes the frame of `plan`.
///
/// # Errors
/// See [`Error`]. The output file is then as it was before.
pub fn render_frame(plan: &FramePlan, observer: &dyn Observer) -> Result<FrameReport, Error> {
    let started = Instant::now();
    output::prove_writable(&plan.output.path)?;
    if let Some(stats) = &plan.stats {
        output::prove_writable(stats)?;
    }
    let threads = plan.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("skywell {index}"))
        .build()
        .map_err(|source| Error::Threads { threads, source })?;
    let mut report = pool.install(|| make_frame(plan, observer))?;
    let stats = &mut report.stats;
    stats.threads = pool.current_num_threads();
    stats.total_s = started.elapsed().as_secs_f64();
    stats.user_cpu_s = process::user_cpu_s();
    stats.peak_memory_bytes = process::peak_memory_bytes();
    if let Some(path) = &plan.stats {
        output::write_bytes(path, &stats.to_json())?;
    }
    Ok(report)
}

/// Everything but what is measured around it.
fn make_frame(plan: &FramePlan, observer: &dyn Observer) -> Result<FrameReport, Error> {
    let chosen = backend::choose(plan.backend, &plan.devices, observer)?;
    enter(observer, Stage::Load)?;
    let (loaded, load_s) = timed(|| load::load(plan, observer));
    let Loaded {
        scene,
        camera,
        settings,
        mut provenance,
    } = loaded?;
    let mut stats = FrameStats::of_plan(plan, &settings);
    stats.load_s = load_s;

    enter(observer, Stage::Build)?;
    let (compiled, build_s) = timed(|| Compiled::build(scene, &camera, &settings));
    let compiled = compiled?;
    stats.build_s = build_s;
    stats.count_compiled(&compiled.sizes());

    if let Some(limit) = plan.max_memory {
        memory::check(limit, &compiled, &settings)?;
    }

    enter(observer, Stage::Render)?;
    let mut film = Film::new(settings.region, settings.variance)?;
    let (rendered, render_s) = timed(|| {
        let samples = settings.samples.clone();
        chosen.render(&compiled, samples, &mut film, plan.max_memory, observer)
    });
    let rendered = rendered?;
    if rendered.stats.samples == 0 {
        return Err(Error::Interrupted);
    }
    stats.count_render(&rendered.stats, render_s);
    stats.backend = rendered.backend;
    stats.simd = rendered.simd;
    stats.devices.clone_from(&rendered.devices);
    provenance.devices = rendered.devices;
    let rendered = rendered.stats;
    stats.non_finite_samples = film.rejected().count();
    drop(compiled);

    observer.enter(Stage::Write);
    let samples_asked = settings.samples.len() as u32;
    stats.interrupted = rendered.samples < samples_asked;
    provenance.settings.samples.end = settings.samples.start + rendered.samples;
    provenance.rejected = film.rejected().clone();
    let (written, write_s) = timed(|| write(plan, &film, &provenance, observer));
    written?;
    stats.write_s = write_s;
    Ok(FrameReport {
        stats,
        samples_asked,
    })
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

/// Develops `film` into the file of `plan`, saying what was lost.
fn write(
    plan: &FramePlan,
    film: &Film,
    provenance: &Provenance,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let rejected = film.rejected();
    if rejected.count() > 0 {
        let first: Vec<String> = rejected.first().iter().map(ToString::to_string).collect();
        observer.warn(&format!(
            "{} samples were not finite and are left out; the first: {}",
            rejected.count(),
            first.join("; ")
        ));
    }
    let developed = film.develop();
    let path = &plan.output.path;
    match plan.output.format {
        OutputFormat::Exr { precision } => {
            for warning in output::write_exr(path, &developed, provenance, precision)? {
                observer.warn(&warning);
            }
        }
        OutputFormat::Png {
            view,
            exposure,
            depth,
        } => output::write_png(path, &developed, view, exposure, depth)?,
    }
    Ok(())
}
