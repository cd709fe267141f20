//! `skywell diff`.

use std::io::Write;
use std::process::ExitCode;

use super::args::DiffArgs;
use super::{FAILED, USAGE, chain, progress};
use crate::diff::{self, Comparison, Options};
use crate::output;

/// Compares two pictures, prints what was found, and says by its exit code whether they are the
/// same: 0 if so, 1 if not, 2 if they cannot be compared.
#[must_use]
pub fn run(args: &DiffArgs) -> ExitCode {
    let options = Options {
        alpha: args.alpha.unwrap_or(diff::noise::DEFAULT_ALPHA),
        max_flip: args.max_flip.unwrap_or(diff::DEFAULT_MAX_FLIP),
        reference_samples: args.reference_samples,
        always_look: args.heatmap.is_some(),
    };
    let fail = |error: &dyn std::error::Error| {
        progress::say(&format!("Error: {}", chain(error)));
        ExitCode::from(USAGE)
    };
    let Comparison { report, map } =
        match diff::compare_files(&args.reference, &args.test, &options) {
            Ok(comparison) => comparison,
            Err(error) => return fail(&error),
        };
    if let (Some(path), Some(map)) = (&args.heatmap, &map) {
        let colors = diff::heat_colors(&map.values);
        if let Err(error) =
            output::write_rgb_png(path, map.width as u32, map.height as u32, &colors)
        {
            return fail(&error);
        }
    }
    let text = if args.json {
        // Plain numbers and strings have no way to fail.
        serde_json::to_string_pretty(&report).unwrap_or_default()
    } else {
        report.to_string()
    };
    // A reader that has gone away does not change the verdict.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
    if report.same {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    }
}
