//! `skywell merge`.

use std::io::Write;

use super::args::{MergeArgs, ProgressArg};
use super::interrupt::Interrupt;
use super::progress::Reporter;
use super::{Failure, plan};
use crate::farm::{Incomplete, compact};
use crate::session::{self, MergeReport};

/// Merges shards. False if some are missing or wrong, which is then said.
///
/// # Errors
/// Wrong usage, or whatever kept the picture from being written.
pub fn run(args: &MergeArgs) -> Result<bool, Failure> {
    let request = plan::resolve_merge(args)?;
    let interrupt = Interrupt::default();
    let progress = args.progress.unwrap_or(ProgressArg::None);
    let reporter = Reporter::new(progress, &interrupt, 1, true);
    for warning in &request.warnings {
        reporter.say(&format!("Warning: {warning}"));
    }
    match session::merge_shards(&request.plan, &reporter)? {
        MergeReport::Whole(count) => {
            reporter.finish_frame();
            let shards = match count {
                1 => "1 shard".to_owned(),
                n => format!("{n} shards"),
            };
            reporter.say(&match &request.plan.output {
                Some(output) => format!("Saved {}: merged of {shards}.", output.path.display()),
                None => format!("All {shards} are there and sound."),
            });
            Ok(true)
        }
        MergeReport::Incomplete(Incomplete { problems, missing }) => {
            for problem in &problems {
                reporter.say(&format!("Error: {}", super::chain(problem)));
            }
            if let (true, Some(missing)) = (request.missing_list, missing) {
                // A closed standard output is nobody's to tell; the exit code says it all.
                let _ = writeln!(std::io::stdout(), "{}", compact(&missing));
            }
            Ok(false)
        }
    }
}
