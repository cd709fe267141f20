//! Wavefront path tracing on the CPU.
//!
//! A frame is rendered in passes of a few samples of every pixel, a pass in tiles of about [`batch::BATCH_SIZE`]
//! paths, one tile a task. A task traces all its paths side by side, stage by stage ([`batch::Batch`]), and adds the
//! samples to a film of its own, which is then merged into the frame's. A path is a function of its pixel and sample
//! index alone, and film sums are exact, so no choice made here (tiles, passes, threads, instruction set) can change
//! a bit of the film.

mod batch;
mod schedule;
pub mod traverse;

use super::{Error, Progress, RenderControl, RenderStats};
use crate::compiled::Compiled;
use crate::film::Film;
use crate::kernel::Simd;
use crate::settings::Region;
use batch::Batch;
use rayon::prelude::*;
use schedule::{Pacer, tiles};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Adds samples `samples` of every pixel of `film` to it, in the current rayon pool.
///
/// Reports to `control` after every tile, and ends early, after a whole pass, when it says so.
///
/// # Errors
/// When the film cannot hold so many samples.
pub fn render(
    compiled: &Compiled,
    samples: Range<u32>,
    simd: Simd,
    film: &mut Film,
    control: &dyn RenderControl,
) -> Result<RenderStats, Error> {
    let region = film.region();
    let job = Job {
        compiled,
        simd,
        control,
        variance: film.has_variance(),
        idle: Mutex::new(Vec::new()),
        film: Mutex::new(film),
        stats: Mutex::new(RenderStats::default()),
        paths_done: AtomicU64::new(0),
        paths_total: region.n_pixels() * samples.len() as u64,
    };
    let mut pacer = Pacer::default();
    let mut next = samples.start;
    while next < samples.end && !(next > samples.start && control.should_stop()) {
        let n = pacer.samples().min(samples.end - next);
        let began = Instant::now();
        tiles(region, n)
            .into_par_iter()
            .try_for_each(|tile| job.render_tile(tile, next..next + n))?;
        pacer.took(began.elapsed());
        next += n;
    }
    let mut stats = job
        .stats
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    stats.samples = next - samples.start;
    Ok(stats)
}

/// One call of [`render`].
struct Job<'a> {
    compiled: &'a Compiled,
    simd: Simd,
    control: &'a dyn RenderControl,
    variance: bool,
    /// Batches not in use: as many as tasks ever ran at once.
    idle: Mutex<Vec<Batch>>,
    film: Mutex<&'a mut Film>,
    stats: Mutex<RenderStats>,
    paths_done: AtomicU64,
    paths_total: u64,
}

impl Job<'_> {
    fn render_tile(&self, tile: Region, samples: Range<u32>) -> Result<(), Error> {
        let idle = lock(&self.idle).pop();
        let mut batch = idle.unwrap_or_else(|| Batch::new(self.compiled));
        let mut stats = batch.render(self.compiled, self.simd, tile, samples);

        let began = Instant::now();
        let mut part = Film::new(tile, self.variance)?;
        batch.deposit(&mut part);
        lock(&self.film).merge(&part)?;
        stats.stages.film_ns += batch::nanoseconds_since(began);
        lock(&self.stats).add(&stats);
        lock(&self.idle).push(batch);

        let done = self.paths_done.fetch_add(stats.paths, Ordering::Relaxed) + stats.paths;
        self.control.report(Progress {
            paths_done: done,
            paths_total: self.paths_total,
        });
        Ok(())
    }
}

/// Locks, whatever became of the task that held the lock before: a panic ends the render anyway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
