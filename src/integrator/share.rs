//! One frame, rendered by whatever works on it: passes of a few samples of every pixel, each handed out tile by tile.

use super::tiles::TileSource;
use super::{Error, Progress, RenderControl, RenderStats};
use crate::film::Film;
use crate::settings::Region;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
    /// Camera paths of this pass, if it is the first.
    first_paths: Option<u64>,
    began: Instant,
    job: &'a Job<'a>,
}

impl Pass<'_> {
    /// The next tile, of at most `pixels_max` pixels; `None` when the pass is done or given up.
    pub(super) fn take(&self, pixels_max: u64) -> Option<Region> {
        if self.is_given_up() {
            return None;
        }
        self.tiles.take(pixels_max)
    }

    /// Is it not worth going on? So it is with the first pass of a large frame when asked to end: nothing can be saved
    /// before it is whole, and that is too long to wait for.
    pub(super) fn is_given_up(&self) -> bool {
        let Some(paths) = self.first_paths else {
            return false;
        };
        if !self.job.control.should_stop() {
            return false;
        }
        let (elapsed, done) = (self.began.elapsed(), lock(&self.job.stats).paths);
        let left = paths.saturating_sub(done) as f64;
        let pace = elapsed.as_secs_f64() / done.max(1) as f64;
        elapsed > FIRST_PASS_SHORT && left * pace > FIRST_PASS_PATIENCE.as_secs_f64()
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

/// One call of [`render`].
struct Job<'a> {
    control: &'a dyn RenderControl,
    film: Mutex<&'a mut Film>,
    stats: Mutex<RenderStats>,
    paths_total: u64,
}

/// Adds samples `samples` of every pixel of `film` to it, by all of `workers` at once.
///
/// Reports to `control` after every tile, and ends early, after a whole pass, when it says so. A first pass that would
/// take long is then left as it is: [`RenderStats::samples`] are 0, and the film is of no use.
///
/// # Errors
/// The first failure of a worker.
pub fn render(
    workers: &mut [Box<dyn Worker + '_>],
    samples: Range<u32>,
    film: &mut Film,
    control: &dyn RenderControl,
) -> Result<RenderStats, Error> {
    let region = film.region();
    let job = Job {
        control,
        film: Mutex::new(film),
        stats: Mutex::new(RenderStats::default()),
        paths_total: region.n_pixels() * samples.len() as u64,
    };
    let mut pacer = Pacer::default();
    let mut next = samples.start;
    while next < samples.end && !(next > samples.start && control.should_stop()) {
        let n = pacer.samples().min(samples.end - next);
        let began = Instant::now();
        let pass = Pass {
            tiles: TileSource::new(region),
            is_alone: workers.len() == 1,
            first_paths: (next == samples.start).then_some(region.n_pixels() * u64::from(n)),
            began,
            job: &job,
        };
        run_pass(workers, &pass, next..next + n)?;
        if lock(&job.stats).paths < region.n_pixels() * u64::from(next + n - samples.start) {
            break;
        }
        pacer.took(began.elapsed());
        next += n;
    }
    let mut stats = *lock(&job.stats);
    stats.samples = next - samples.start;
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

/// When asked to end, the first pass is finished if it takes no longer than this.
const FIRST_PASS_PATIENCE: Duration = Duration::from_secs(10);
/// How long it takes is not known before this.
const FIRST_PASS_SHORT: Duration = Duration::from_secs(2);

/// Passes aim to take between this long …
const PASS_MIN: Duration = Duration::from_millis(400);
/// … and this long, so that a render can be ended soon.
const PASS_MAX: Duration = Duration::from_millis(1600);
/// Most samples of a pixel in one pass, at most a batch of the CPU; more would leave too few tiles to share among
/// threads.
const PASS_SAMPLES_MAX: u32 = 64;

/// Chooses the number of samples of the next pass by how long the last one took.
#[derive(Debug)]
struct Pacer {
    samples: u32,
}

impl Default for Pacer {
    fn default() -> Self {
        Self { samples: 1 }
    }
}

impl Pacer {
    /// Samples of every pixel in the next pass.
    fn samples(&self) -> u32 {
        self.samples
    }

    /// The last pass took this long.
    fn took(&mut self, elapsed: Duration) {
        if elapsed < PASS_MIN {
            self.samples = (self.samples * 2).min(PASS_SAMPLES_MAX);
        } else if elapsed > PASS_MAX {
            self.samples = (self.samples / 2).max(1);
        }
    }
}

/// Nanoseconds since `began`.
pub(super) fn nanoseconds_since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Locks, whatever became of the task that held the lock before: a panic ends the render anyway.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_grow_while_short_and_shrink_when_long() {
        let mut pacer = Pacer::default();
        assert_eq!(pacer.samples(), 1);
        for _ in 0..10 {
            pacer.took(Duration::ZERO);
        }
        assert_eq!(pacer.samples(), PASS_SAMPLES_MAX);
        for _ in 0..10 {
            pacer.took(Duration::from_secs(9));
        }
        assert_eq!(pacer.samples(), 1);
    }
}
