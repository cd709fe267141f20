//! `skywell render`.

use super::args::RenderArgs;
use super::interrupt::{Interrupt, Signal};
use super::progress::{Reporter, show_time};
use super::{Failure, plan};
use crate::session::{self, Ending, FrameReport};

/// Renders one frame, or several. `Some` signal if it ended the render early.
///
/// # Errors
/// Wrong usage, or whatever kept a picture from being made.
pub fn run(args: &RenderArgs) -> Result<Option<Signal>, Failure> {
    let plan = plan::resolve(args)?;
    let interrupt = Interrupt::watch().map_err(Failure::Signals)?;
    let frames = plan.frames();
    let farm_work = plan.is_farm_work();
    let reporter = Reporter::new(plan.progress, &interrupt, frames.len(), farm_work);
    for warning in &plan.warnings {
        reporter.say(&format!("Warning: {warning}"));
    }
    for frame in &frames {
        let path = frame.target();
        match session::render_frame(frame, &reporter) {
            Ok(report) => {
                reporter.finish_frame();
                reporter.say(&closing_line(&report));
                if matches!(report.ending, Ending::Stopped(_) | Ending::Suspended(_)) {
                    return Ok(interrupt.signal());
                }
            }
            Err(session::Error::Interrupted) => {
                reporter.say(&format!(
                    "Interrupted before the first sample of {}; nothing was written.",
                    path.display()
                ));
                return Ok(interrupt.signal());
            }
            Err(error) => {
                let failure = Failure::from(error);
                reporter.fail(&super::chain(&failure));
                return Err(failure);
            }
        }
    }
    Ok(None)
}

/// `Saved shot.exr: 960x540, 64 samples a pixel, rendered in 0:31.`
fn closing_line(report: &FrameReport) -> String {
    let stats = &report.stats;
    let output = &stats.output;
    let samples = match stats.samples_per_pixel {
        1 => "1 sample a pixel".to_owned(),
        n => format!("{n} samples a pixel"),
    };
    let (width, height, time) = (stats.width, stats.height, show_time(stats.render_s));
    match &report.ending {
        Ending::Finished => {
            format!("Saved {output}: {width}x{height}, {samples}, rendered in {time}.")
        }
        Ending::AlreadyThere => {
            format!("{output} is there already, of the same scene and settings: nothing to do.")
        }
        Ending::Stopped(checkpoint) => {
            let asked = report.samples_asked;
            let go_on = match checkpoint {
                Some(_) => " The same command goes on from there.",
                None => "",
            };
            format!("Interrupted: saved {output} with {samples} of {asked} asked for.{go_on}")
        }
        Ending::Suspended(checkpoint) => format!(
            "Interrupted: saved {}; the same command goes on from there.",
            checkpoint.display()
        ),
    }
}
