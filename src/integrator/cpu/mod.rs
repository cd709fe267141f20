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

use super::share::{Pass, Worker, lock, nanoseconds_since};
use super::tiles::PIECE_PIXELS_MIN;
use super::{Error, RenderControl, RenderStats, Work};
use crate::compiled::Compiled;
use crate::film::Film;
use crate::kernel::Simd;
use crate::settings::Region;
use batch::{BATCH_SIZE, Batch, PATH_BYTES};
use rayon::prelude::*;
use schedule::tiles;
use std::ops::Range;
use std::sync::Mutex;
use std::time::Instant;

/// Fewest paths of a batch: with fewer, lanes idle. No fewer than a round takes of a pixel.
const BATCH_SIZE_MIN: usize = 256;
/// Paths a task takes when others work on the frame too: a tenth of a second of a core's work.
const SHARED_PATHS: u64 = 1 << 16;

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
    let variance = film.has_variance();
    let mut workers: [Box<dyn Worker + '_>; 1] = [Box::new(Cpu::new(compiled, simd, variance))];
    let mut work = Work::new(&[film.region()], samples);
    super::render(&mut workers, &mut work, film, control, &mut |_, _| {})
}

/// The CPU at work on one compiled scene.
#[derive(Debug)]
pub struct Cpu<'a> {
    compiled: &'a Compiled,
    simd: Simd,
    variance: bool,
    /// Paths of a batch.
    batch_size: usize,
    /// Batches not in use: as many as tasks ever ran at once.
    idle: Mutex<Vec<Batch>>,
}

impl<'a> Cpu<'a> {
    /// For films that keep `variance` or not.
    #[must_use]
    pub fn new(compiled: &'a Compiled, simd: Simd, variance: bool) -> Self {
        Self {
            compiled,
            simd,
            variance,
            batch_size: BATCH_SIZE,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// The same with batches that together take at most `bytes`, if that is possible: one for each thread of the
    /// current rayon pool.
    #[must_use]
    pub fn within(mut self, bytes: u64) -> Self {
        let paths = bytes / (rayon::current_num_threads() * PATH_BYTES) as u64;
        let paths = usize::try_from(paths).unwrap_or(usize::MAX);
        self.batch_size = paths.clamp(BATCH_SIZE_MIN, BATCH_SIZE);
        self
    }

    fn render_tile(&self, pass: &Pass<'_>, tile: Region, samples: Range<u32>) -> Result<(), Error> {
        let idle = lock(&self.idle).pop();
        let mut batch = idle.unwrap_or_else(|| Batch::new(self.compiled, self.batch_size));
        let mut stats = batch.render(self.compiled, self.simd, tile, samples);

        let began = Instant::now();
        let mut part = Film::new(tile, self.variance)?;
        batch.deposit(&mut part);
        stats.stages.film_ns += nanoseconds_since(began);
        pass.deposit(&part, &stats)?;
        lock(&self.idle).push(batch);
        Ok(())
    }
}

impl Worker for Cpu<'_> {
    fn work(&mut self, pass: &Pass<'_>, samples: Range<u32>) -> Result<(), Error> {
        let n = samples.len() as u32;
        let at_once = if pass.is_alone() {
            u64::MAX
        } else {
            SHARED_PATHS * rayon::current_num_threads() as u64 / u64::from(n)
        };
        loop {
            let parts = pass.take_many(at_once.max(PIECE_PIXELS_MIN));
            if parts.is_empty() {
                return Ok(());
            }
            let tiles: Vec<Region> = parts
                .into_iter()
                .flat_map(|part| tiles(part, n, self.batch_size as u32))
                .collect();
            // Tiles differ in cost by much: whoever is done takes one more, not half of what another has left.
            tiles
                .into_par_iter()
                .with_max_len(1)
                .try_for_each(|tile| self.render_tile(pass, tile, samples.clone()))?;
        }
    }
}
