//! The JUnit file, which most CI services read.

use super::{Checked, Error, Status};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The file's text.
pub fn junit(checked: &Checked) -> Result<String, Error> {
    let mut suite = TestSuite::new(checked.suite.clone());
    for outcome in &checked.outcomes {
        let mut status = match outcome.status {
            Status::Passed => TestCaseStatus::success(),
            Status::Failed | Status::New => TestCaseStatus::non_success(NonSuccessKind::Failure),
            Status::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        };
        if outcome.status != Status::Passed {
            status.set_message(outcome.message.clone());
            status.set_type(format!("{:?}", outcome.status).to_lowercase());
            if let Some(report) = &outcome.report {
                status.set_description(report.to_string());
            }
        }
        let mut case = TestCase::new(outcome.name.clone(), status);
        case.set_classname(checked.suite.clone());
        if let Some(cost) = &outcome.cost {
            case.set_time(Duration::try_from_secs_f64(cost.total_s).unwrap_or_default());
        }
        if outcome.is_slower {
            case.set_system_out(format!(
                "slower: {:.2} times the golden's CPU time",
                outcome.slowdown.unwrap_or(0.0)
            ));
        }
        suite.add_test_case(case);
    }
    let mut report = Report::new(checked.suite.clone());
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}
