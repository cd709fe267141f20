//! What a killed run does again, by the counts of paths: those it had traced, and those its checkpoint held.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use skywell::film::word_names;
use skywell::image::exr::Precision;
use skywell::integrator::{Progress, RenderControl};
use skywell::session::{
    Backend, Ending, FramePlan, Observer, OutputFormat, OutputPlan, Stage, render_frame,
};

use crate::place::Place;
use crate::scene;

const INTERVAL: Duration = Duration::from_secs(1);
/// A round of tracing takes up to 1.6 seconds, and only between rounds is anything saved. The rest is for machines that
/// are busy with other things.
const LATE: Duration = Duration::from_millis(3000);
const RUN: Duration = Duration::from_secs(7);

/// The state of a run at a moment: if it were killed now, `done - saved` would be repeated.
struct Moment {
    at: Instant,
    done: u64,
    saved: u64,
}

/// Ends the run after a while, and sees what would be left of it at any moment before.
struct Witness {
    checkpoint: PathBuf,
    began: Instant,
    moments: Mutex<Vec<Moment>>,
}

impl RenderControl for Witness {
    fn report(&self, progress: Progress) {
        let mut moments = self.moments.lock().unwrap();
        let is_due = |last: &Moment| last.at.elapsed() > Duration::from_millis(20);
        if moments.last().is_none_or(is_due) {
            moments.push(Moment {
                at: Instant::now(),
                done: progress.paths_done,
                saved: paths_in(&self.checkpoint),
            });
        }
    }

    fn should_stop(&self) -> bool {
        false
    }

    fn should_suspend(&self) -> bool {
        self.began.elapsed() > RUN
    }
}

impl Observer for Witness {
    fn enter(&self, _stage: Stage) {}
    fn note(&self, _line: &str) {}
    fn warn(&self, _line: &str) {}
}

/// Paths that a checkpoint holds: behind its kind and a record, the words of every pixel, the first of which counts its
/// samples. None if there is no checkpoint.
fn paths_in(checkpoint: &Path) -> u64 {
    let Ok(bytes) = std::fs::read(checkpoint) else {
        return 0;
    };
    let after_kind = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
    let (length, rest) = bytes[after_kind..].split_first_chunk::<8>().unwrap();
    let rest = &rest[u64::from_le_bytes(*length) as usize..];
    let (n_words, rest) = rest.split_first_chunk::<8>().unwrap();
    let words = rest[..u64::from_le_bytes(*n_words) as usize * 4]
        .as_chunks::<4>()
        .0;
    let counts = words.iter().step_by(word_names(false).len());
    counts
        .map(|count| u64::from(u32::from_le_bytes(*count)))
        .sum()
}

#[test]
fn no_more_than_a_checkpoint_and_a_round_is_repeated() {
    let place = Place::with_scene(&scene::lit());
    let output = OutputPlan {
        path: place.path("out.exr"),
        format: OutputFormat::Exr {
            precision: Precision::Float,
        },
    };
    let mut plan = FramePlan::new(place.path("scene.gltf"), output);
    plan.size = Some((64, 32));
    plan.spp = 1 << 20;
    plan.max_depth = 1024;
    plan.threads = Some(1);
    plan.backend = Backend::Cpu;
    plan.checkpoint = INTERVAL;
    let witness = Witness {
        checkpoint: plan.checkpoint_path(),
        began: Instant::now(),
        moments: Mutex::default(),
    };
    let report = render_frame(&plan, &witness).unwrap();
    assert_eq!(report.ending, Ending::Suspended(plan.checkpoint_path()));

    let moments = witness.moments.into_inner().unwrap();
    let mut n_compared = 0;
    for kill in &moments {
        let long_before = |m: &&Moment| kill.at - m.at >= INTERVAL + LATE;
        if let Some(before) = moments
            .iter()
            .take_while(|m| m.at <= kill.at)
            .filter(long_before)
            .last()
        {
            n_compared += 1;
            assert!(
                kill.saved >= before.done,
                "{} paths done, {} of them saved; {} were done {:?} before",
                kill.done,
                kill.saved,
                before.done,
                kill.at - before.at
            );
        }
    }
    assert!(n_compared > 10, "{n_compared}");
    // What the last checkpoint holds is what was done when the run ended.
    assert_eq!(paths_in(&plan.checkpoint_path()), report.stats.paths);
}
