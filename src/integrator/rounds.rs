//! In which order a render takes its samples: rounds of about a second, so that it can be watched, ended and kept
//! safe at any time. What is traced in which round never changes the film, whose sums are exact.
//!
//! A *pass* brings every block to the same number of samples. A frame so heavy that one sample of every pixel takes
//! longer than a round is passed over in several rounds.

use super::share::{Worker, trace};
use super::{Error, Progress, RenderControl, RenderStats};
use crate::film::Film;
use crate::settings::Region;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Rounds aim to take between this long …
const ROUND_MIN: Duration = Duration::from_millis(400);
/// … and this long.
const ROUND_MAX: Duration = Duration::from_millis(1600);
/// When asked to stop, the first pass is finished if that takes no longer than this; before it is whole there is no
/// picture.
const PATIENCE: Duration = Duration::from_secs(10);
/// Paths of the first round, whose speed nobody knows.
const FIRST_ROUND: u64 = 4096;
/// Most samples of a pixel in one round: more would leave too few tiles to share among threads.
const ROUND_SAMPLES_MAX: u32 = 64;
/// Side of the blocks a region is cut into, pixels: as many pixels as a batch of the CPU has paths.
const BLOCK_SIDE: u32 = 64;

/// Pixels that always have the same number of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The pixels.
    pub region: Region,
    /// Samples each of them has taken.
    pub done: u32,
}

/// What is to be rendered, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Pixels; blocks do not overlap.
    pub blocks: Vec<Block>,
    /// Sample indices each pixel takes, in this order.
    pub samples: Range<u32>,
    /// The regions of the blocks as they were at first.
    regions: Vec<Region>,
}

impl Work {
    /// All pixels of `regions`, which do not overlap, none begun.
    #[must_use]
    pub fn new(regions: &[Region], samples: Range<u32>) -> Self {
        let regions: Vec<Region> = (regions.iter())
            .flat_map(|region| region.tiles(BLOCK_SIDE))
            .collect();
        let blocks = regions.iter().map(|&region| Block { region, done: 0 });
        Self {
            blocks: blocks.collect(),
            samples,
            regions,
        }
    }

    /// Column and row of every pixel, in an order that does not change as work is done.
    pub fn pixels(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.regions.iter().copied().flat_map(Region::pixels)
    }

    /// Marks as done what `film`, which holds all blocks, has received. A block whose pixels differ, as a worker that
    /// failed in the middle of a round leaves it, is cut into blocks whose pixels do not.
    pub fn take_stock(&mut self, film: &Film) {
        let blocks = self.regions.iter();
        self.blocks = blocks.flat_map(|&block| even_parts(block, film)).collect();
    }

    /// Samples every pixel has taken.
    #[must_use]
    pub fn level(&self) -> u32 {
        self.blocks.iter().map(|b| b.done).min().unwrap_or(0)
    }

    /// Camera paths traced so far.
    #[must_use]
    pub fn paths_done(&self) -> u64 {
        let paths = |b: &Block| b.region.n_pixels() * u64::from(b.done);
        self.blocks.iter().map(paths).sum()
    }

    /// Camera paths in all.
    #[must_use]
    pub fn paths_total(&self) -> u64 {
        self.n_pixels() * self.samples.len() as u64
    }

    /// Has every pixel all its samples?
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.level() as usize >= self.samples.len()
    }

    /// Camera paths until every pixel has `level` samples.
    fn paths_to(&self, level: u32) -> u64 {
        let paths = |b: &Block| b.region.n_pixels() * u64::from(level.saturating_sub(b.done));
        self.blocks.iter().map(paths).sum()
    }

    /// Pixels in all.
    #[must_use]
    pub fn n_pixels(&self) -> u64 {
        self.blocks.iter().map(|b| b.region.n_pixels()).sum()
    }

    /// Samples that the highest blocks have, if others have fewer; otherwise what the next pass goes up to.
    fn next_level(&self, budget: u64) -> u32 {
        let (low, high) = (
            self.level(),
            self.blocks.iter().map(|b| b.done).max().unwrap_or(0),
        );
        if high > low {
            return high;
        }
        let affordable = (budget / self.n_pixels().max(1)).clamp(1, u64::from(ROUND_SAMPLES_MAX));
        let samples = 1 << affordable.ilog2();
        low + samples.min(self.samples.len() as u32 - low)
    }

    /// Indices of the lowest blocks, as many as `budget` paths allow to bring from `low` to `high`; at least one.
    fn next_blocks(&self, low: u32, high: u32, budget: u64) -> Vec<usize> {
        let mut left = budget;
        let mut chosen = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            if block.done != low {
                continue;
            }
            let cost = block.region.n_pixels() * u64::from(high - low);
            if cost > left && !chosen.is_empty() {
                break;
            }
            left = left.saturating_sub(cost);
            chosen.push(index);
        }
        chosen
    }
}

/// Renders `work` into `film` by all of `workers` at once until it is finished or `control` ends it, after a pass or
/// after a round. A first pass that would take long is left as it is: [`RenderStats::samples`] are 0. `between` is
/// called after every round, when the film holds exactly what `work` says is done.
///
/// # Errors
/// The first failure of a worker. The film then holds all tiles that were finished, and `work` says which.
pub fn render(
    workers: &mut [Box<dyn Worker + '_>],
    work: &mut Work,
    film: &mut Film,
    control: &dyn RenderControl,
    between: &mut dyn FnMut(&Film, &Work),
) -> Result<RenderStats, Error> {
    let mut stats = RenderStats::default();
    let mut pacer = Pacer(FIRST_ROUND);
    while !work.is_finished() {
        let low = work.level();
        let high = work.next_level(pacer.0);
        let chosen = work.next_blocks(low, high, pacer.0);
        let regions = joined(chosen.iter().map(|&i| work.blocks[i].region));
        let first = work.samples.start;
        let before = work.paths_done();
        let counted = Counted {
            control,
            before,
            total: work.paths_total(),
        };
        let began = Instant::now();
        let samples = first + low..first + high;
        match trace(workers, regions, samples, film, &counted) {
            Ok(traced) => stats.add(&traced),
            Err(error) => {
                work.take_stock(film);
                return Err(error);
            }
        }
        let elapsed = began.elapsed();
        pacer.took(elapsed);
        chosen.iter().for_each(|&i| work.blocks[i].done = high);
        between(film, work);
        let left = work.paths_to(high);
        let pace = elapsed.as_secs_f64() / (work.paths_done() - before).max(1) as f64;
        let ends_here = left == 0 || (low == 0 && left as f64 * pace > PATIENCE.as_secs_f64());
        if control.should_suspend() || (ends_here && control.should_stop()) {
            break;
        }
    }
    stats.samples = work.level();
    Ok(stats)
}

/// `region` in pieces of which `film` has as many samples of every pixel.
fn even_parts(region: Region, film: &Film) -> Vec<Block> {
    let mut parts: Vec<Block> = Vec::new();
    for y in region.y0..region.y1 {
        let mut x0 = region.x0;
        while x0 < region.x1 {
            let done = film.count(x0, y);
            let differs = |x: &u32| film.count(*x, y) != done;
            let x1 = (x0..region.x1).find(differs).unwrap_or(region.x1);
            let above = (parts.iter_mut().rev()).find(|part| {
                let Region {
                    x0: left,
                    x1: right,
                    y1,
                    ..
                } = part.region;
                (left, right, y1, part.done) == (x0, x1, y, done)
            });
            match above {
                Some(part) => part.region.y1 = y + 1,
                None => parts.push(Block {
                    region: Region {
                        x0,
                        y0: y,
                        x1,
                        y1: y + 1,
                    },
                    done,
                }),
            }
            x0 = x1;
        }
    }
    parts
}

/// The same pixels in fewer regions: devices take large ones. Neighbours in a row become one, then rows do.
fn joined(regions: impl Iterator<Item = Region>) -> Vec<Region> {
    let beside = |a: &Region, b: &Region| (a.x1, a.y0, a.y1) == (b.x0, b.y0, b.y1);
    let below = |a: &Region, b: &Region| (a.y1, a.x0, a.x1) == (b.y0, b.x0, b.x1);
    let mut rows: Vec<Region> = Vec::new();
    for region in regions {
        match rows.last_mut() {
            Some(last) if beside(last, &region) => last.x1 = region.x1,
            _ => rows.push(region),
        }
    }
    let mut joined: Vec<Region> = Vec::new();
    for row in rows {
        match joined.last_mut() {
            Some(last) if below(last, &row) => last.y1 = row.y1,
            _ => joined.push(row),
        }
    }
    joined
}

/// Chooses the number of paths of the next round by how long the last one took.
struct Pacer(u64);

impl Pacer {
    fn took(&mut self, elapsed: Duration) {
        if elapsed < ROUND_MIN / 4 {
            self.0 = self.0.saturating_mul(4);
        } else if elapsed < ROUND_MIN {
            self.0 = self.0.saturating_mul(2);
        } else if elapsed > ROUND_MAX {
            self.0 = (self.0 / 2).max(1);
        }
    }
}

/// Adds what was done in earlier rounds to the progress of one.
struct Counted<'a> {
    control: &'a dyn RenderControl,
    before: u64,
    total: u64,
}

impl RenderControl for Counted<'_> {
    fn report(&self, progress: Progress) {
        self.control.report(Progress {
            paths_done: self.before + progress.paths_done,
            paths_total: self.total,
        });
    }

    fn should_stop(&self) -> bool {
        self.control.should_stop()
    }

    fn should_suspend(&self) -> bool {
        self.control.should_suspend()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integrator::{Pass, Unattended};
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Adds the sample's index, and refuses to take one twice.
    struct Fake;

    impl Worker for Fake {
        fn work(&mut self, pass: &Pass<'_>, samples: Range<u32>) -> Result<(), Error> {
            while let Some(tile) = pass.take(1000) {
                let mut part = Film::new(tile, false)?;
                for (x, y) in tile.pixels() {
                    for sample in samples.clone() {
                        part.add_sample(x, y, sample, [sample as f32; 3], 1.0);
                    }
                }
                let stats = RenderStats {
                    paths: tile.n_pixels() * samples.len() as u64,
                    ..RenderStats::default()
                };
                pass.deposit(&part, &stats)?;
            }
            Ok(())
        }
    }

    fn crew() -> [Box<dyn Worker>; 2] {
        [Box::new(Fake), Box::new(Fake)]
    }

    #[test]
    fn every_pixel_takes_every_sample_once() {
        let region = Region::full(150, 70);
        let mut film = Film::new(region, false).unwrap();
        let mut work = Work::new(&[region], 2..13);
        let stats = render(
            &mut crew(),
            &mut work,
            &mut film,
            &Unattended,
            &mut |_, _| {},
        )
        .unwrap();
        assert_eq!(stats.paths, region.n_pixels() * 11);
        assert_eq!(stats.samples, 11);
        assert_eq!(film.sample_counts(), (11, 11));
        assert!(film.develop().pixels.iter().all(|pixel| pixel[0] == 7.0));
    }

    /// Gives up after so many tiles.
    struct Failing(u32);

    impl Worker for Failing {
        fn work(&mut self, pass: &Pass<'_>, samples: Range<u32>) -> Result<(), Error> {
            while let Some(tile) = pass.take(300) {
                if self.0 == 0 {
                    return Err(crate::film::Error::EmptyRegion(tile).into());
                }
                self.0 -= 1;
                let mut part = Film::new(tile, false)?;
                for (x, y) in tile.pixels() {
                    for sample in samples.clone() {
                        part.add_sample(x, y, sample, [sample as f32; 3], 1.0);
                    }
                }
                pass.deposit(&part, &RenderStats::default())?;
            }
            Ok(())
        }
    }

    #[test]
    fn what_was_finished_before_a_failure_is_kept_and_gone_on_from() {
        let region = Region::full(150, 70);
        let mut film = Film::new(region, false).unwrap();
        let mut work = Work::new(&[region], 2..13);
        let order: Vec<_> = work.pixels().collect();
        for tiles in [0, 1, 3, 20] {
            let before = work.paths_done();
            let mut crew: [Box<dyn Worker>; 1] = [Box::new(Failing(tiles))];
            let between = &mut |_: &Film, _: &Work| {};
            render(&mut crew, &mut work, &mut film, &Unattended, between).unwrap_err();
            assert_eq!(work.paths_done() > before, tiles > 0);
            let counts = |&(x, y): &(u32, u32)| u64::from(film.count(x, y));
            assert_eq!(work.paths_done(), order.iter().map(counts).sum::<u64>());
            for block in &work.blocks {
                let even = |(x, y)| film.count(x, y) == block.done;
                assert!(block.region.pixels().all(even), "{block:?}");
            }
        }
        let between = &mut |_: &Film, _: &Work| {};
        render(&mut crew(), &mut work, &mut film, &Unattended, between).unwrap();
        assert_eq!(film.sample_counts(), (11, 11));
        assert!(film.develop().pixels.iter().all(|pixel| pixel[0] == 7.0));
        assert!(work.pixels().eq(order));
    }

    struct Ends {
        suspend: bool,
        rounds: AtomicU32,
    }

    impl RenderControl for Ends {
        fn report(&self, _progress: Progress) {}

        fn should_stop(&self) -> bool {
            !self.suspend
        }

        fn should_suspend(&self) -> bool {
            self.rounds.fetch_add(1, Ordering::Relaxed);
            self.suspend
        }
    }

    #[test]
    fn stopping_completes_the_pass_and_suspending_does_not() {
        let region = Region::full(640, 64);
        for suspend in [false, true] {
            let control = Ends {
                suspend,
                rounds: AtomicU32::new(0),
            };
            let mut film = Film::new(region, false).unwrap();
            let mut work = Work::new(&[region], 2..4);
            let stats =
                render(&mut crew(), &mut work, &mut film, &control, &mut |_, _| {}).unwrap();
            let (low, high) = film.sample_counts();
            assert_eq!((low, high), if suspend { (0, 1) } else { (1, 1) });
            assert_eq!(stats.samples, low);
            assert_eq!(control.rounds.into_inner() == 1, suspend);
            // What is left is taken up where it was left.
            render(
                &mut crew(),
                &mut work,
                &mut film,
                &Unattended,
                &mut |_, _| {},
            )
            .unwrap();
            assert_eq!(film.sample_counts(), (2, 2));
        }
    }

    #[test]
    fn blocks_of_a_whole_pass_are_one_region() {
        let region = Region {
            x0: 3,
            y0: 1,
            x1: 200,
            y1: 140,
        };
        assert_eq!(joined(region.tiles(64)), [region]);
        let apart = [Region::full(2, 2), Region { x0: 5, ..region }];
        assert_eq!(joined(apart.into_iter()), apart);
    }

    #[test]
    fn rounds_grow_while_short_and_shrink_when_long() {
        let mut pacer = Pacer(FIRST_ROUND);
        (0..3).for_each(|_| pacer.took(Duration::ZERO));
        pacer.took(ROUND_MIN - Duration::from_millis(1));
        assert_eq!(pacer.0, FIRST_ROUND * 128);
        pacer.took(ROUND_MIN);
        assert_eq!(pacer.0, FIRST_ROUND * 128);
        (0..90).for_each(|_| pacer.took(Duration::from_secs(9)));
        assert_eq!(pacer.0, 1);
    }
}
