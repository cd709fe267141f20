//! What `skywell render` says while it works, all of it on standard error.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::ProgressArg;
use super::interrupt::Interrupt;
use crate::integrator::{Progress, RenderControl};
use crate::session::{Observer, Stage};

/// Time between plain progress lines.
const PLAIN_INTERVAL: Duration = Duration::from_secs(15);

/// Width of the bar itself, columns; with its text it stays within 79.
const BAR_TEMPLATE: &str = "{bar:36} {msg}";

/// Shows progress and passes on the wish to end.
pub struct Reporter<'a> {
    interrupt: &'a Interrupt,
    style: Style,
    /// When tracing began, and when the latest plain line was written.
    clock: Mutex<Option<Clock>>,
    said_stopping: AtomicBool,
}

enum Style {
    Bar(ProgressBar),
    Plain,
    None,
}

#[derive(Clone, Copy)]
struct Clock {
    started: Instant,
    last_line: Instant,
}

impl<'a> Reporter<'a> {
    /// A reporter in the style asked for; `auto` looks at standard error.
    pub fn new(how: ProgressArg, interrupt: &'a Interrupt) -> Self {
        let bar = match how {
            ProgressArg::Auto => std::io::stderr().is_terminal(),
            ProgressArg::Bar => true,
            ProgressArg::Plain | ProgressArg::None => false,
        };
        let style = match how {
            ProgressArg::None => Style::None,
            _ if bar => Style::Bar(new_bar()),
            _ => Style::Plain,
        };
        Self {
            interrupt,
            style,
            clock: Mutex::new(None),
            said_stopping: AtomicBool::new(false),
        }
    }

    /// One line, above the bar if there is one.
    pub fn say(&self, line: &str) {
        match &self.style {
            Style::Bar(bar) => bar.suspend(|| say(line)),
            Style::Plain | Style::None => say(line),
        }
    }

    fn say_stopping_once(&self) {
        if self.interrupt.signal().is_some() && !self.said_stopping.swap(true, Ordering::Relaxed) {
            self.say("Stopping after this sample pass; once more quits at once.");
        }
    }
}

/// Writes one line to standard error. A closed standard error is nobody's to tell.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// One plain progress line.
fn say_plain(progress: &str) {
    say(&format!("Rendering: {progress}"));
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(BAR_TEMPLATE) {
        bar.set_style(style);
    }
    bar
}

impl RenderControl for Reporter<'_> {
    fn report(&self, progress: Progress) {
        self.say_stopping_once();
        // A poisoned lock means that a worker panicked, which ends the program by itself.
        let Ok(mut clock) = self.clock.lock() else {
            return;
        };
        let now = Instant::now();
        let clock = clock.get_or_insert(Clock {
            started: now,
            last_line: now,
        });
        match &self.style {
            Style::Bar(bar) => {
                bar.set_length(progress.paths_total);
                bar.set_message(describe(progress, now - clock.started));
                bar.set_position(progress.paths_done);
            }
            Style::Plain if now - clock.last_line >= PLAIN_INTERVAL => {
                clock.last_line = now;
                say_plain(&describe(progress, now - clock.started));
            }
            Style::Plain | Style::None => {}
        }
    }

    fn should_stop(&self) -> bool {
        // A signal that came after the pass's last report is answered here.
        self.say_stopping_once();
        self.interrupt.signal().is_some()
    }
}

impl Observer for Reporter<'_> {
    fn enter(&self, stage: Stage) {
        match stage {
            Stage::Render => {
                if let Style::Plain = self.style {
                    say_plain("0 %");
                }
                if let Ok(mut clock) = self.clock.lock() {
                    let now = Instant::now();
                    *clock = Some(Clock {
                        started: now,
                        last_line: now,
                    });
                }
            }
            Stage::Write => {
                if let Style::Bar(bar) = &self.style {
                    bar.finish_and_clear();
                }
            }
            Stage::Load | Stage::Build => {}
        }
    }

    fn note(&self, line: &str) {
        self.say(line);
    }

    fn warn(&self, line: &str) {
        self.say(&format!("Warning: {line}"));
    }
}

/// `37 %, 2.4 Msamples/s, 1:05 left`.
fn describe(progress: Progress, elapsed: Duration) -> String {
    let Progress {
        paths_done: done,
        paths_total: total,
    } = progress;
    let percent = (done * 100).checked_div(total).unwrap_or(100);
    let seconds = elapsed.as_secs_f64();
    if done == 0 || seconds < 0.05 {
        return format!("{percent} %");
    }
    let rate = done as f64 / seconds;
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
            describe(at(24_000_000, 96_000_000), Duration::from_secs(10)),
            "25 %, 2.4 Msamples/s, 0:30 left"
        );
        assert_eq!(
            describe(at(1_000, 10_001_000), Duration::from_secs(1)),
            "0 %, 1 ksamples/s, 2:46:40 left"
        );
    }

    #[test]
    fn no_rate_before_there_is_one() {
        assert_eq!(describe(at(0, 100), Duration::from_secs(1)), "0 %");
        assert_eq!(describe(at(0, 0), Duration::ZERO), "100 %");
    }

    #[test]
    fn the_longest_line_fits_beside_the_bar() {
        let line = describe(at(999_999, 3_600_000_000), Duration::from_secs(1));
        assert!(line.len() + 37 <= 79, "{line}");
    }
}
