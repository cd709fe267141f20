#![doc = include_str!("guide.md")]

mod bless;
mod error;
mod golden;
mod junit;
mod page;
mod render;
mod suite;

pub use bless::Change;
pub use error::Error;
pub use golden::{Blessing, Cost, Record};
pub use suite::{Case, Expectation, Run, Suite};

use crate::diff::{self, Comparison, Map, Options, Report, Verdict};
use crate::output;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to check, and where results go.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The suite file.
    pub suite: PathBuf,
    /// The `skywell` program.
    pub program: PathBuf,
    /// Folder for the report, the pictures and what was said; made if missing.
    pub output: PathBuf,
    /// Only runs whose name holds this.
    pub filter: Option<String>,
    /// Which part of how many, the first being 0.
    pub shard: Option<(usize, usize)>,
    /// Replace goldens, for this reason.
    pub bless: Option<String>,
}

/// How a run came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// As expected.
    Passed,
    /// Rendered, but not as expected.
    Failed,
    /// There is no golden.
    New,
    /// Not rendered, or not comparable.
    Error,
}

/// A run, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// `CASE@BACKEND`.
    pub name: String,
    /// The case.
    pub case: String,
    /// The back end.
    pub backend: String,
    /// What was expected.
    pub expectation: Expectation,
    /// How it came out.
    pub status: Status,
    /// One line: what happened.
    pub message: String,
    /// The comparison, if there was one.
    pub report: Option<Report>,
    /// What the run took.
    pub cost: Option<Cost>,
    /// What it took when the golden was blessed.
    pub golden_cost: Option<Cost>,
    /// CPU time over the golden's; null where they cannot be compared.
    pub slowdown: Option<f64>,
    /// Is that beyond the suite's factor?
    pub is_slower: bool,
    /// The picture rendered.
    pub picture: Option<PathBuf>,
    /// The golden it is compared with.
    pub golden: PathBuf,
    /// Map of FLIP.
    #[serde(skip)]
    pub map: Option<Map>,
    #[serde(skip)]
    makes_golden: bool,
    #[serde(skip)]
    version: String,
}

impl Outcome {
    /// Largest mean FLIP of its layers.
    #[must_use]
    pub fn flip(&self) -> Option<f64> {
        let layers = &self.report.as_ref()?.layers;
        let flips = layers.iter().filter_map(|layer| Some(layer.flip?.mean));
        flips.reduce(f64::max)
    }
}

/// All that came of a check.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The suite's name.
    pub suite: String,
    /// Version of this program.
    pub version: &'static str,
    /// CPU time over the golden's from which a run counts as slower.
    pub slowdown_limit: f64,
    /// Runs, in order.
    pub outcomes: Vec<Outcome>,
    /// Goldens replaced.
    pub changes: Vec<Change>,
}

impl Checked {
    /// Did all pass?
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.outcomes
            .iter()
            .all(|outcome| outcome.status == Status::Passed)
    }

    /// Runs of this status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.outcomes
            .iter()
            .filter(|outcome| outcome.status == status)
            .count()
    }
}

/// Renders the suite's cases, compares them with their goldens, and writes `report.html`,
/// `junit.xml` and `report.json`. `say` is told of every run as it ends.
///
/// # Errors
/// When the suite cannot be checked at all; what is wrong with one case is its outcome.
pub fn check(plan: &Plan, say: &dyn Fn(&str)) -> Result<Checked, Error> {
    let suite = Suite::read(&plan.suite)?;
    let folder = match plan.suite.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let folder = folder.canonicalize().map_err(Error::io(&folder))?;
    let runs = select(suite.runs(), plan)?;
    std::fs::create_dir_all(&plan.output).map_err(Error::io(&plan.output))?;
    let output = plan
        .output
        .canonicalize()
        .map_err(Error::io(&plan.output))?;
    let checker = Checker {
        plan,
        suite: &suite,
        folder: &folder,
        output: &output,
    };
    let mut outcomes: Vec<Outcome> = Vec::new();
    for run in &runs {
        let outcome = checker.check(run)?;
        say(&line(&outcome));
        outcomes.push(outcome);
    }
    let mut changes = Vec::new();
    if let Some(reason) = &plan.bless {
        changes = bless::bless(&mut outcomes, &checker.goldens(), reason, say)?;
        // Those that follow a golden which is now another are compared with that.
        for (outcome, run) in outcomes.iter_mut().zip(&runs) {
            let follows =
                !run.makes_golden && changes.iter().any(|change| change.case == outcome.case);
            if follows && let Some(picture) = outcome.picture.clone() {
                checker.compare(outcome, &picture);
                say(&line(outcome));
            }
        }
    }
    let checked = Checked {
        suite: suite.name.clone(),
        version: env!("CARGO_PKG_VERSION"),
        slowdown_limit: suite.slowdown,
        outcomes,
        changes,
    };
    output::write_bytes(
        &output.join("report.html"),
        page::page(&checked)?.as_bytes(),
    )?;
    output::write_bytes(
        &output.join("junit.xml"),
        junit::junit(&checked)?.as_bytes(),
    )?;
    // Plain numbers and strings have no way to fail.
    let json = serde_json::to_vec_pretty(&checked).unwrap_or_default();
    output::write_bytes(&output.join("report.json"), &json)?;
    Ok(checked)
}

/// The runs of the filter, then those of the shard.
fn select(runs: Vec<Run>, plan: &Plan) -> Result<Vec<Run>, Error> {
    let filter = plan.filter.as_deref().unwrap_or("");
    let matching: Vec<Run> = runs
        .into_iter()
        .filter(|run| run.name.contains(filter))
        .collect();
    if matching.is_empty() {
        return Err(Error::NothingMatches(filter.to_owned()));
    }
    let (index, count) = plan.shard.unwrap_or((0, 1));
    // By case: a case's runs share a golden.
    let is_mine = |run: &Run| run.case % count == index;
    Ok(matching.into_iter().filter(is_mine).collect())
}

/// `passed  court@cpu  identical  1.25 s`
fn line(outcome: &Outcome) -> String {
    let status = match outcome.status {
        Status::Passed => "passed",
        Status::Failed => "FAILED",
        Status::New => "NEW",
        Status::Error => "ERROR",
    };
    let time = outcome
        .cost
        .as_ref()
        .map(|cost| format!(", {:.2} s", cost.total_s));
    let slower = match outcome.slowdown {
        Some(factor) if outcome.is_slower => format!(", {factor:.2} times the golden's CPU time"),
        _ => String::new(),
    };
    format!(
        "{status:<7} {}: {}{}{slower}",
        outcome.name,
        outcome.message,
        time.unwrap_or_default()
    )
}

/// What all runs share.
struct Checker<'a> {
    plan: &'a Plan,
    suite: &'a Suite,
    folder: &'a Path,
    output: &'a Path,
}

impl Checker<'_> {
    fn goldens(&self) -> PathBuf {
        self.folder.join(&self.suite.goldens)
    }

    fn check(&self, run: &Run) -> Result<Outcome, Error> {
        let case = &self.suite.cases[run.case];
        let goldens = self.goldens();
        let record = Record::read(&goldens, &case.name)?;
        let mut outcome = Outcome {
            name: run.name.clone(),
            case: case.name.clone(),
            backend: run.backend.clone(),
            expectation: run.expectation,
            status: Status::Error,
            message: String::new(),
            report: None,
            cost: None,
            golden_cost: record.cost.get(&run.backend).cloned(),
            slowdown: None,
            is_slower: false,
            picture: None,
            golden: golden::picture_path(&goldens, &case.name),
            map: None,
            makes_golden: run.makes_golden,
            version: String::new(),
        };
        let limit = case.time_limit_s.unwrap_or(self.suite.time_limit_s);
        let rendered = render::render(&render::Job {
            program: &self.plan.program,
            folder: self.folder,
            words: &self.suite.render_words(case),
            backend: &run.backend,
            output: &self.output.join(&run.name),
            limit: Duration::try_from_secs_f64(limit).unwrap_or(Duration::MAX),
        });
        match rendered {
            Err(message) => outcome.message = message,
            Ok(rendered) => {
                let golden_cost = outcome.golden_cost.as_ref();
                outcome.slowdown = golden_cost.and_then(|golden| rendered.cost.slowdown(golden));
                outcome.is_slower = outcome.slowdown.is_some_and(|by| by > self.suite.slowdown);
                outcome.cost = Some(rendered.cost);
                outcome.version = rendered.version;
                outcome.picture = Some(rendered.picture.clone());
                self.compare(&mut outcome, &rendered.picture);
            }
        }
        Ok(outcome)
    }

    /// Compares a picture with its golden, and judges.
    fn compare(&self, outcome: &mut Outcome, picture: &Path) {
        let case = self
            .suite
            .cases
            .iter()
            .find(|case| case.name == outcome.case);
        let max_flip = case
            .and_then(|case| case.max_flip)
            .unwrap_or(self.suite.max_flip);
        if !outcome.golden.exists() {
            outcome.status = Status::New;
            outcome.message =
                "there is no golden yet: look at the picture, then --bless it".to_owned();
            return;
        }
        let options = Options {
            alpha: self.suite.alpha,
            max_flip,
            ..Options::default()
        };
        match diff::compare_files(&outcome.golden, picture, &options) {
            Err(error) => {
                outcome.status = Status::Failed;
                outcome.message = format!("cannot be compared with the golden: {error}");
            }
            Ok(Comparison { report, map }) => {
                outcome.message = summary(&report);
                let verdict = report.verdict;
                outcome.report = Some(report);
                outcome.map = map;
                let is_met = outcome
                    .expectation
                    .is_met(verdict, outcome.flip(), max_flip);
                outcome.status = if is_met {
                    Status::Passed
                } else {
                    Status::Failed
                };
            }
        }
    }
}

/// The verdict, why, and how visible.
fn summary(report: &Report) -> String {
    let mut text = report.verdict.to_string();
    if let Some(reason) = report.reasons.first() {
        text += &format!(": {}", reason.text);
    }
    if let Some(noise) = report
        .noise
        .as_ref()
        .filter(|_| report.verdict == Verdict::Noise)
    {
        text += &format!(" (p = {:.2})", noise.p);
    }
    if let Some(flip) = report.worst_layer().and_then(|layer| layer.flip) {
        text += &format!("; mean FLIP {:.4}", flip.mean);
    }
    text
}
