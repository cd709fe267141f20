//! One pass over pixels, handed out tile by tile to whatever works on it.

use super::tiles::{PIECE_PIXELS_MIN, TileSource};
use super::{Error, Progress, RenderControl, RenderStats};
use crate::film::Film;
use crate::settings::Region;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Something that traces paths: the CPU, or a device.
pub trait Worker: Send {
    /// Traces samples `samples` of tiles of `pass` until none is left.
    ///
    /// # Errors
    /// When it cannot go on.
    fn work(&mut self, pass: &Pass<'_>, samples: Range<u32>) -> Result<(), Error>;
}

/// One pass over a frame, as its workers see it.
pub struct Pass<'a> {
    tiles: TileSource,
    /// Does one worker do all of it?
    is_alone: bool,
    job: &'a Job<'a>,
}

impl Pass<'_> {
    /// The next tile, of at most `pixels_max` pixels; `None` when the pass is done.
    pub(super) fn take(&self, pixels_max: u64) -> Option<Region> {
        self.tiles.take(pixels_max)
    }

    /// The next tiles, together of at most `pixels_max` pixels (at least [`PIECE_PIXELS_MIN`]); none when the pass is
    /// done.
    pub(super) fn take_many(&self, pixels_max: u64) -> Vec<Region> {
        let mut left = pixels_max;
        let mut taken = Vec::new();
        while left >= PIECE_PIXELS_MIN
            && let Some(tile) = self.take(left)
        {
            left -= tile.n_pixels();
            taken.push(tile);
        }
        taken
    }

    /// Does one worker do all of it?
    pub(super) fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Adds a finished tile to the frame.
    pub(super) fn deposit(&self, part: &Film, stats: &RenderStats) -> Result<(), Error> {
        let job = self.job;
        let began = Instant::now();
        lock(&job.film).merge(part)?;
        let mut all = lock(&job.stats);
        all.add(stats);
        all.stages.film_ns += nanoseconds_since(began);
        let progress = Progress {
            paths_done: all.paths,
            paths_total: job.paths_total,
        };
        drop(all);
        job.control.report(progress);
        Ok(())
    }
}

/// One call of [`trace`].
struct Job<'a> {
    control: &'a dyn RenderControl,
    film: Mutex<&'a mut Film>,
    stats: Mutex<RenderStats>,
    paths_total: u64,
}

/// Adds samples `samples` of every pixel of `regions`, which lie within `film` and do not overlap, to it, by all of
/// `workers` at once. Reports to `control` after every tile, and does not end early.
///
/// # Errors
/// The first failure of a worker.
pub(super) fn trace(
    workers: &mut [Box<dyn Worker + '_>],
    regions: Vec<Region>,
    samples: Range<u32>,
    film: &mut Film,
    control: &dyn RenderControl,
) -> Result<RenderStats, Error> {
    let n_pixels: u64 = regions.iter().map(Region::n_pixels).sum();
    let job = Job {
        control,
        film: Mutex::new(film),
        stats: Mutex::new(RenderStats::default()),
        paths_total: n_pixels * samples.len() as u64,
    };
    let pass = Pass {
        tiles: TileSource::new(regions),
        is_alone: workers.len() == 1,
        job: &job,
    };
    run_pass(workers, &pass, samples)?;
    let stats = *lock(&job.stats);
    Ok(stats)
}

/// All workers at once; the first stays on this thread, where the pool is that the CPU works in.
fn run_pass(
    workers: &mut [Box<dyn Worker + '_>],
    pass: &Pass<'_>,
    samples: Range<u32>,
) -> Result<(), Error> {
    let Some((first, others)) = workers.split_first_mut() else {
        return Ok(());
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = others
            .iter_mut()
            .map(|worker| {
                let samples = samples.clone();
                scope.spawn(move || worker.work(pass, samples))
            })
            .collect();
        let mut outcome = first.work(pass, samples);
        for handle in handles {
            match handle.join() {
                Ok(result) => outcome = outcome.and(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        outcome
    })
}

/// Nanoseconds since `began`.
pub(super) fn nanoseconds_since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Locks, whatever became of the task that held the lock before: a panic ends the render anyway.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
