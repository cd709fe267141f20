//! What is tried when a device fails: the tile in pieces, then, once, a fresh device; then no more.

use super::fault::Fault;
use crate::film::Film;
use crate::integrator::share::Pass;
use crate::integrator::tiles::PIECE_PIXELS_MIN;
use crate::integrator::{Error, RenderStats};
use crate::settings::Region;
use std::ops::Range;

/// What [`trace`] asks of a device; tests have one that fails.
pub trait Engine {
    /// Pixels of a tile that suit it.
    fn pixels_at_once(&self) -> u64;

    /// Traces samples `samples` of the pixels of `tile`.
    fn trace(&mut self, tile: Region, samples: Range<u32>) -> Result<(Film, RenderStats), Fault>;

    /// Opens the device again, with less memory and shorter submissions.
    fn reopen(&mut self) -> Result<(), Fault>;
}

/// Traces samples `samples` of tiles of `pass` until none is left, or the device fails for good.
///
/// # Errors
/// When the film does not take what was traced.
pub fn work(
    engine: &mut dyn Engine,
    pass: &Pass<'_>,
    samples: Range<u32>,
) -> Result<Result<(), Fault>, Error> {
    while let Some(tile) = pass.take(engine.pixels_at_once().max(PIECE_PIXELS_MIN)) {
        let keep = |film: &Film, stats: &RenderStats| pass.deposit(film, stats);
        match trace(engine, tile, samples.clone(), keep) {
            Ok(kept) => kept?,
            Err(fault) => return Ok(Err(fault)),
        }
    }
    Ok(Ok(()))
}

/// Traces `tile`; `keep` gets what is finished, whole or in pieces.
///
/// # Errors
/// What the device failed at after all that was tried, or what `keep` says.
pub fn trace<E>(
    engine: &mut dyn Engine,
    tile: Region,
    samples: Range<u32>,
    mut keep: impl FnMut(&Film, &RenderStats) -> Result<(), E>,
) -> Result<Result<(), E>, Fault> {
    // on a device that is gone nothing smaller helps
    let mut must_reopen = match engine.trace(tile, samples.clone()) {
        Ok((film, stats)) => return Ok(keep(&film, &stats)),
        Err(fault) => fault.is_fatal(),
    };
    let mut reopened = false;
    let mut left = quarters(tile);
    left.reverse();
    while let Some(&piece) = left.last() {
        if must_reopen {
            engine.reopen()?;
            (must_reopen, reopened) = (false, true);
        }
        match engine.trace(piece, samples.clone()) {
            Ok((film, stats)) => {
                if let Err(error) = keep(&film, &stats) {
                    return Ok(Err(error));
                }
                left.pop();
            }
            Err(fault) if reopened => return Err(fault),
            Err(_) => must_reopen = true,
        }
    }
    Ok(Ok(()))
}

/// `tile` in up to four pieces.
fn quarters(tile: Region) -> Vec<Region> {
    let (x, y) = (tile.x0 + tile.width() / 2, tile.y0 + tile.height() / 2);
    let mut pieces = Vec::new();
    for (y0, y1) in [(tile.y0, y), (y, tile.y1)] {
        for (x0, x1) in [(tile.x0, x), (x, tile.x1)] {
            if x0 < x1 && y0 < y1 {
                pieces.push(Region { x0, y0, x1, y1 });
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Fails as its script says, one entry a call, and counts.
    #[derive(Default)]
    struct Scripted {
        script: VecDeque<Option<Fault>>,
        reopened: u32,
        is_lost: bool,
    }

    impl Engine for Scripted {
        fn pixels_at_once(&self) -> u64 {
            u64::MAX
        }

        fn trace(
            &mut self,
            tile: Region,
            samples: Range<u32>,
        ) -> Result<(Film, RenderStats), Fault> {
            assert!(!self.is_lost, "a lost device is not asked again");
            if let Some(Some(fault)) = self.script.pop_front() {
                self.is_lost = fault.is_fatal();
                return Err(fault);
            }
            let mut film = Film::new(tile, false).unwrap();
            for y in tile.y0..tile.y1 {
                for x in tile.x0..tile.x1 {
                    for s in samples.clone() {
                        film.add_sample(x, y, s, [1.0; 3], 1.0);
                    }
                }
            }
            Ok((film, RenderStats::default()))
        }

        fn reopen(&mut self) -> Result<(), Fault> {
            self.reopened += 1;
            self.is_lost = false;
            Ok(())
        }
    }

    fn lost() -> Option<Fault> {
        Some(Fault::Lost("reset".to_owned()))
    }

    fn memory() -> Option<Fault> {
        Some(Fault::OutOfMemory("a buffer".to_owned()))
    }

    /// Renders a frame with a device that fails by `script`: the film's sample counts, and reopenings.
    fn run(script: &[Option<Fault>]) -> (Result<(u32, u32), Fault>, u32) {
        let region = Region::full(7, 5);
        let mut engine = Scripted {
            script: script.iter().cloned().collect(),
            ..Scripted::default()
        };
        let mut film = Film::new(region, false).unwrap();
        let outcome = trace(&mut engine, region, 0..3, |part, _| film.merge(part));
        let outcome = outcome.map(|kept| {
            kept.unwrap();
            film.sample_counts()
        });
        (outcome, engine.reopened)
    }

    #[test]
    fn every_pixel_is_finished_once_whatever_fails_once() {
        for (script, reopened) in [
            (vec![], 0),
            (vec![memory()], 0),
            (vec![memory(), None, memory()], 1),
            (vec![lost()], 1),
            (vec![memory(), None, None, lost()], 1),
            (vec![Some(Fault::TimedOut(60))], 1),
        ] {
            assert_eq!(run(&script), (Ok((3, 3)), reopened), "{script:?}");
        }
    }

    #[test]
    fn a_device_that_goes_on_failing_is_given_up() {
        for script in [
            vec![lost(), lost()],
            vec![lost(), None, memory()],
            vec![memory(), memory(), memory()],
            vec![memory(), lost(), None, lost()],
        ] {
            let (outcome, reopened) = run(&script);
            assert!(outcome.is_err(), "{script:?}");
            assert_eq!(reopened, 1);
        }
    }

    #[test]
    fn quarters_cover_a_tile() {
        for (w, h, n) in [(1, 1, 1), (1, 5, 2), (7, 5, 4)] {
            let pieces = quarters(Region::full(w, h));
            assert_eq!(pieces.len(), n);
            let pixels: u64 = pieces.iter().map(Region::n_pixels).sum();
            assert_eq!(pixels, u64::from(w * h));
        }
    }
}
