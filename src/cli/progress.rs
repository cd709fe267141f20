//! What a command says while it works: on standard error, but for the lines that engines read.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::ProgressArg;
use super::interrupt::{Interrupt, Signal};
use crate::integrator::{Progress, RenderControl};
use crate::session::{Observer, Stage};

/// Time between progress lines: engines take a minute of silence for a crash.
const LINE_INTERVAL: Duration = Duration::from_secs(15);

/// Width of the bar itself, columns; with its text it stays within 79.
const BAR_TEMPLATE: &str = "{bar:36} {msg}";

/// Shows progress and passes on the wish to end.
pub struct Reporter<'a> {
    interrupt: &'a Interrupt,
    /// Does Ctrl-C suspend too, rather than making a picture of what there is?
    suspends: bool,
    bar: Option<ProgressBar>,
    beat: Option<Heartbeat>,
    lines: Option<LineStyle>,
    state: Arc<Mutex<State>>,
    said_stopping: AtomicBool,
    /// Notes and warnings so far: what holds for every frame is said once.
    said: Mutex<HashSet<String>>,
}

/// Lines that tell progress.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineStyle {
    Plain,
    OpenJd,
    Alf,
}

/// Something that is counted, beside the stages of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Bytes of a scene, packed.
    Pack,
    /// Shards of a frame, merged.
    Merge,
}

/// What the command is busy with.
#[derive(Clone, Copy)]
enum Doing {
    Stage(Stage),
    /// So many thousandths are done.
    Task(Task, u64),
}

/// How far the command is.
struct State {
    n_frames: usize,
    frames_done: usize,
    doing: Doing,
    progress: Progress,
    /// When the stage began.
    began: Instant,
    /// What the stage had done when it began, be it by an earlier run.
    paths_before: Option<u64>,
}

impl<'a> Reporter<'a> {
    /// A reporter on `n_frames` frames in the style asked for; `auto` looks at standard error.
    pub fn new(
        how: ProgressArg,
        interrupt: &'a Interrupt,
        n_frames: usize,
        suspends: bool,
    ) -> Self {
        let (bar, lines) = match how {
            ProgressArg::None => (false, None),
            ProgressArg::Auto if std::io::stderr().is_terminal() => (true, None),
            ProgressArg::Bar => (true, None),
            ProgressArg::Auto | ProgressArg::Plain => (false, Some(LineStyle::Plain)),
            ProgressArg::Openjd => (false, Some(LineStyle::OpenJd)),
            ProgressArg::Alf => (false, Some(LineStyle::Alf)),
        };
        let state = Arc::new(Mutex::new(State {
            n_frames,
            frames_done: 0,
            doing: Doing::Stage(Stage::Load),
            progress: Progress {
                paths_done: 0,
                paths_total: 0,
            },
            began: Instant::now(),
            paths_before: None,
        }));
        Self {
            interrupt,
            suspends,
            bar: bar.then(new_bar),
            beat: lines.map(|style| Heartbeat::start(style, state.clone())),
            lines,
            state,
            said_stopping: AtomicBool::new(false),
            said: Mutex::default(),
        }
    }

    /// One line, above the bar if there is one.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(line)),
            None => say(line),
        }
    }

    fn say_once(&self, line: String) {
        if !lock(&self.said).contains(&line) {
            self.say(&line);
            lock(&self.said).insert(line);
        }
    }

    /// A frame is done, or was done already.
    pub fn finish_frame(&self) {
        let mut state = lock(&self.state);
        state.frames_done += 1;
        state.enter(Stage::Load);
        match self.lines {
            Some(style @ (LineStyle::OpenJd | LineStyle::Alf)) => style.write(&state),
            Some(LineStyle::Plain) | None => {}
        }
    }

    /// Of a task, so much of so much is done.
    pub fn count(&self, task: Task, done: u64, of: u64) {
        let share = (u128::from(done) * 1000).checked_div(u128::from(of));
        let share = share.unwrap_or(0).min(1000) as u64;
        let mut state = lock(&self.state);
        // Threads may report out of order.
        match state.doing {
            Doing::Task(doing, before) if doing == task && before >= share => {}
            _ => state.doing = Doing::Task(task, share),
        }
    }

    /// The command has failed for this reason: tells an engine that wants to be told.
    pub fn fail(&self, reason: &str) {
        if self.lines == Some(LineStyle::OpenJd) {
            write_line(&format!("openjd_fail: {}", reason.replace('\n', " ")));
        }
    }

    fn say_stopping_once(&self) {
        let Some(signal) = self.interrupt.signal() else {
            return;
        };
        if !self.said_stopping.swap(true, Ordering::Relaxed) {
            self.say(match signal {
                Signal::Interrupt if self.suspends => {
                    "Stopping to save a checkpoint; once more quits at once."
                }
                Signal::Interrupt => "Stopping after this sample pass; once more quits at once.",
                Signal::Terminate | Signal::Requeue => "Stopping to save a checkpoint.",
            });
        }
    }
}

/// Writes one line to standard error. A closed standard error is nobody's to tell.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes one line to standard output, at once.
fn write_line(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(BAR_TEMPLATE) {
        bar.set_style(style);
    }
    bar
}

impl State {
    fn enter(&mut self, stage: Stage) {
        self.doing = Doing::Stage(stage);
        self.began = Instant::now();
        self.paths_before = None;
        self.progress = Progress {
            paths_done: 0,
            paths_total: 0,
        };
    }

    /// Percent of all frames done, 0 to 100; never less than before.
    fn percent(&self) -> u64 {
        let Progress {
            paths_done: done,
            paths_total: total,
        } = self.progress;
        let share = match self.doing {
            Doing::Stage(Stage::Load | Stage::Build) => 0,
            Doing::Stage(Stage::Render) => (done.min(total) * 1000).checked_div(total).unwrap_or(0),
            Doing::Stage(Stage::Write) => 1000,
            Doing::Task(_, share) => share,
        };
        let n_frames = self.n_frames.max(1) as u64;
        let all = self.frames_done as u64 * 1000 + share;
        (all / (10 * n_frames)).min(100)
    }

    /// `Rendering: 37 %, 2.4 Msamples/s, 1:05 left`; of several frames, which one.
    fn line(&self) -> String {
        let what = match self.doing {
            Doing::Stage(Stage::Load) => "Loading".to_owned(),
            Doing::Stage(Stage::Build) => "Building".to_owned(),
            Doing::Task(Task::Pack, share) => format!("Packing: {} %", share / 10),
            Doing::Task(Task::Merge, share) => format!("Merging: {} %", share / 10),
            Doing::Stage(Stage::Render) => {
                let elapsed = self.began.elapsed();
                format!(
                    "Rendering: {}",
                    describe(self.progress, self.paths_before.unwrap_or(0), elapsed)
                )
            }
            Doing::Stage(Stage::Write) => "Writing".to_owned(),
        };
        if self.n_frames > 1 {
            let (number, all) = (self.frames_done + 1, self.n_frames);
            let item = match self.doing {
                Doing::Task(Task::Pack, _) => "scene",
                Doing::Stage(_) | Doing::Task(Task::Merge, _) => "frame",
            };
            format!(
                "{what} ({item} {number} of {all}, {} % of all)",
                self.percent()
            )
        } else {
            what
        }
    }
}

impl LineStyle {
    fn write(self, state: &State) {
        match self {
            Self::Plain => say(&state.line()),
            Self::OpenJd => write_line(&format!("openjd_progress: {}", state.percent())),
            Self::Alf => write_line(&format!("ALF_PROGRESS {}%", state.percent())),
        }
    }
}

/// Writes a line every so often, whatever the program is busy with.
struct Heartbeat {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    fn start(style: LineStyle, state: Arc<Mutex<State>>) -> Self {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = stop.clone();
        let beat = move || {
            let (flag, wake) = &*stopped;
            let mut ended = lock(flag);
            while !*ended {
                let waited = wake.wait_timeout(ended, LINE_INTERVAL);
                let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                ended = guard;
                if timeout.timed_out() {
                    style.write(&lock(&state));
                }
            }
        };
        // Without a thread to spare there is no line; the picture matters more.
        let thread = std::thread::Builder::new().spawn(beat).ok();
        Self { stop, thread }
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        *lock(&self.stop.0) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Reporter<'_> {
    fn drop(&mut self) {
        self.beat = None;
    }
}

impl RenderControl for Reporter<'_> {
    fn report(&self, progress: Progress) {
        self.say_stopping_once();
        let mut state = lock(&self.state);
        let before = *state.paths_before.get_or_insert(progress.paths_done);
        // Tiles finish on many threads and may report out of order.
        if progress.paths_done < state.progress.paths_done {
            return;
        }
        state.progress = progress;
        if let Some(bar) = &self.bar {
            bar.set_length(progress.paths_total);
            bar.set_message(describe(progress, before, state.began.elapsed()));
            bar.set_position(progress.paths_done);
        }
    }

    fn should_stop(&self) -> bool {
        // A signal that came after the pass's last report is answered here.
        self.say_stopping_once();
        self.interrupt.signal().is_some()
    }

    fn should_suspend(&self) -> bool {
        match self.interrupt.signal() {
            None => false,
            Some(Signal::Interrupt) => self.suspends,
            Some(Signal::Terminate | Signal::Requeue) => true,
        }
    }
}

impl Observer for Reporter<'_> {
    fn enter(&self, stage: Stage) {
        let mut state = lock(&self.state);
        state.enter(stage);
        match (stage, self.lines, &self.bar) {
            (Stage::Render, Some(style), _) => style.write(&state),
            (Stage::Write, _, Some(bar)) => bar.finish_and_clear(),
            _ => {}
        }
    }

    fn note(&self, line: &str) {
        self.say_once(line.to_owned());
    }

    fn warn(&self, line: &str) {
        self.say_once(format!("Warning: {line}"));
    }

    fn merged(&self, shards: u32, of: u32) {
        self.count(Task::Merge, shards.into(), of.into());
    }
}

/// `37 %, 2.4 Msamples/s, 1:05 left`. `before` paths were done when the clock began to run.
fn describe(progress: Progress, before: u64, elapsed: Duration) -> String {
    let Progress {
        paths_done: done,
        paths_total: total,
    } = progress;
    let percent = (done * 100).checked_div(total).unwrap_or(0);
    let seconds = elapsed.as_secs_f64();
    let here = done.saturating_sub(before);
    if here == 0 || seconds < 0.05 {
        return format!("{percent} %");
    }
    let rate = here as f64 / seconds;
    let left = total.saturating_sub(done) as f64 / rate;
    format!("{percent} %, {}, {} left", show_rate(rate), show_time(left))
}

fn show_rate(samples_per_s: f64) -> String {
    if samples_per_s >= 1e6 {
        format!("{:.1} Msamples/s", samples_per_s / 1e6)
    } else {
        format!("{:.0} ksamples/s", samples_per_s / 1e3)
    }
}

/// `h:mm:ss` or `m:ss`.
pub fn show_time(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 {
        format!("{h}:{m:02}:{s:02}")
    } else {
        format!("{m}:{s:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(paths_done: u64, paths_total: u64) -> Progress {
        Progress {
            paths_done,
            paths_total,
        }
    }

    #[test]
    fn a_line_tells_share_rate_and_time_left() {
        assert_eq!(
            describe(at(24_000_000, 96_000_000), 0, Duration::from_secs(10)),
            "25 %, 2.4 Msamples/s, 0:30 left"
        );
        assert_eq!(
            describe(at(1_000, 10_001_000), 0, Duration::from_secs(1)),
            "0 %, 1 ksamples/s, 2:46:40 left"
        );
        // What an earlier run has done counts for the share, not for the rate.
        assert_eq!(
            describe(
                at(24_000_000, 34_000_000),
                14_000_000,
                Duration::from_secs(10)
            ),
            "70 %, 1.0 Msamples/s, 0:10 left"
        );
    }

    #[test]
    fn no_rate_before_there_is_one() {
        assert_eq!(describe(at(0, 100), 0, Duration::from_secs(1)), "0 %");
        assert_eq!(describe(at(0, 0), 0, Duration::ZERO), "0 %");
    }

    #[test]
    fn the_longest_line_fits_beside_the_bar() {
        let line = describe(at(999_999, 3_600_000_000), 0, Duration::from_secs(1));
        assert!(line.len() + 37 <= 79, "{line}");
    }

    #[test]
    fn progress_over_several_frames_never_falls() {
        let interrupt = Interrupt::default();
        let reporter = Reporter::new(ProgressArg::None, &interrupt, 4, true);
        let mut seen = Vec::new();
        let percent = || lock(&reporter.state).percent();
        for _ in 0..4 {
            for stage in [Stage::Load, Stage::Build, Stage::Render] {
                reporter.enter(stage);
                seen.push(percent());
            }
            for done in [10, 5, 70, 100] {
                reporter.report(at(done, 100));
                seen.push(percent());
            }
            reporter.enter(Stage::Write);
            seen.push(percent());
            reporter.finish_frame();
            seen.push(percent());
        }
        assert!(seen.is_sorted(), "{seen:?}");
        assert_eq!(seen.last(), Some(&100));
    }
}
