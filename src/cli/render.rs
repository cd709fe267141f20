//! `skywell render`.

use super::args::RenderArgs;
use super::interrupt::{Interrupt, Signal};
use super::progress::{Reporter, show_time};
use super::{Failure, plan};
use crate::session::{self, FrameReport};

/// Renders one frame. `Some` signal if it ended the render early.
///
/// # Errors
/// Wrong usage, or whatever kept the picture from being made.
pub fn run(args: &RenderArgs) -> Result<Option<Signal>, Failure> {
    let plan = plan::resolve(args)?;
    let interrupt = Interrupt::watch().map_err(Failure::Signals)?;
    let reporter = Reporter::new(plan.progress, &interrupt);
    for warning in &plan.warnings {
        reporter.say(&format!("Warning: {warning}"));
    }
    match session::render_frame(&plan.frame, &reporter) {
        Ok(report) => {
            reporter.say(&closing_line(&report));
            Ok((interrupt.signal()).filter(|_| report.stats.interrupted))
        }
        Err(session::Error::Interrupted) => {
            reporter.say("Interrupted before the first sample; nothing was written.");
            Ok(interrupt.signal())
        }
        Err(error) => Err(error.into()),
    }
}

/// `Saved shot.exr: 960x540, 64 samples a pixel, rendered in 0:31.`
fn closing_line(report: &FrameReport) -> String {
    let stats = &report.stats;
    let samples = match stats.samples_per_pixel {
        1 => "1 sample a pixel".to_owned(),
        n => format!("{n} samples a pixel"),
    };
    let (width, height, time) = (stats.width, stats.height, show_time(stats.render_s));
    if stats.interrupted {
        let asked = report.samples_asked;
        format!(
            "Interrupted: saved {} with {samples} of {asked} asked for.",
            stats.output
        )
    } else {
        format!(
            "Saved {}: {width}x{height}, {samples}, rendered in {time}.",
            stats.output
        )
    }
}
