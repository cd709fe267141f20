//! `skywell check`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::args::CheckArgs;
use super::{FAILED, USAGE, chain, progress};
use crate::check::{self, Plan, Status};

/// Reason of goldens blessed without one.
const NO_REASON: &str = "none given";

/// Checks a suite and says by its exit code whether all passed: 0 if so, 1 if not, 2 if the suite
/// cannot be checked.
#[must_use]
pub fn run(args: &CheckArgs) -> ExitCode {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("skywell"));
    let reason = args.reason.clone().unwrap_or_else(|| NO_REASON.to_owned());
    let plan = Plan {
        suite: args.suite.clone(),
        program,
        output: args
            .out
            .clone()
            .unwrap_or_else(|| PathBuf::from("check-report")),
        filter: args.filter.clone(),
        shard: args.shard,
        bless: args.bless.then_some(reason),
    };
    match check::check(&plan, &progress::say) {
        Ok(checked) => {
            let n = checked.outcomes.len();
            let passed = checked.count(Status::Passed);
            let page = plan.output.join("report.html");
            progress::say(&format!(
                "{passed} of {n} passed. Report: {}",
                page.display()
            ));
            if checked.is_passed() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(FAILED)
            }
        }
        Err(error) => {
            progress::say(&format!("Error: {}", chain(&error)));
            ExitCode::from(USAGE)
        }
    }
}
