//! Replacing goldens: first saying what changes, then doing it.

use super::golden::{Blessing, Record, picture_path, today};
use super::{Error, Outcome, Status};
use crate::diff::Verdict;
use crate::output;
use serde::Serialize;
use std::path::Path;

/// A golden replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The case.
    pub case: String,
    /// How the new one differs from the old.
    pub change: String,
}

/// Puts pictures in the place of their goldens where they are not identical, and records why.
/// Costs are taken over for every run.
pub fn bless(
    outcomes: &mut [Outcome],
    goldens: &Path,
    reason: &str,
    say: &dyn Fn(&str),
) -> Result<Vec<Change>, Error> {
    let is_changed = |outcome: &Outcome| {
        let verdict = outcome.report.as_ref().map(|report| report.verdict);
        outcome.makes_golden && outcome.picture.is_some() && verdict != Some(Verdict::Identical)
    };
    let changes: Vec<Change> = outcomes
        .iter()
        .filter(|outcome| is_changed(outcome))
        .map(|outcome| Change {
            case: outcome.case.clone(),
            change: match outcome.status {
                Status::New => "new".to_owned(),
                _ => outcome.message.clone(),
            },
        })
        .collect();
    say(&match changes.len() {
        0 => "No golden changes.".to_owned(),
        n => format!("Replacing {n} goldens because: {reason}"),
    });
    for Change { case, change } in &changes {
        say(&format!("  {case}: {change}"));
    }
    std::fs::create_dir_all(goldens).map_err(Error::io(goldens))?;
    for outcome in outcomes.iter_mut() {
        let (Some(picture), Some(cost)) = (&outcome.picture, &outcome.cost) else {
            continue;
        };
        let mut record = Record::read(goldens, &outcome.case)?;
        record.cost.insert(outcome.backend.clone(), cost.clone());
        let own = |change: &&Change| outcome.makes_golden && change.case == outcome.case;
        if let Some(change) = changes.iter().find(own) {
            let bytes = std::fs::read(picture).map_err(Error::io(picture))?;
            output::write_bytes(&picture_path(goldens, &outcome.case), &bytes)?;
            record.blessing.push(Blessing {
                day: today(),
                version: outcome.version.clone(),
                reason: reason.to_owned(),
                change: change.change.clone(),
            });
            outcome.status = Status::Passed;
            outcome.message = format!("blessed; it was {}", change.change);
        }
        record.write(goldens, &outcome.case)?;
    }
    Ok(changes)
}
