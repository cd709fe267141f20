//! The suite file: which pictures to render, and how like their goldens they must be.

use super::Error;
use crate::diff::{self, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Seconds a case may take, unless the suite says otherwise.
const TIME_LIMIT_S: f64 = 60.0;
/// CPU time over the golden's from which a case counts as slower, unless the suite says otherwise.
const SLOWDOWN: f64 = 1.5;
/// Flags of `skywell render` that the check sets itself.
const OWN_FLAGS: [&str; 5] = ["output", "stats", "variance", "backend", "progress"];

/// A suite, as its TOML file has it. Paths in it are relative to the file's folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// What to call it.
    pub name: String,
    /// Folder of the goldens.
    #[serde(default = "goldens")]
    pub goldens: PathBuf,
    /// Seconds a case may take.
    #[serde(default = "time_limit_s")]
    pub time_limit_s: f64,
    /// CPU time, as a multiple of the golden's, above which a case is reported as slower.
    #[serde(default = "slowdown")]
    pub slowdown: f64,
    /// Probability that a comparison takes noise for a change.
    #[serde(default = "alpha")]
    pub alpha: f64,
    /// Mean FLIP up to which `invisible` passes.
    #[serde(default = "max_flip")]
    pub max_flip: f64,
    /// Flags of `skywell render` for all cases, by name without dashes.
    #[serde(default)]
    pub render: toml::Table,
    /// What each case must be, by back end, unless it says otherwise.
    #[serde(default)]
    pub backends: BTreeMap<String, Expectation>,
    /// The cases.
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
}

/// One picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What to call it; also its golden's file name. Letters, digits, `-` and `_`.
    pub name: String,
    /// The scene.
    pub scene: PathBuf,
    /// Seconds it may take.
    pub time_limit_s: Option<f64>,
    /// Mean FLIP up to which `invisible` passes.
    pub max_flip: Option<f64>,
    /// Flags of `skywell render`, over the suite's.
    #[serde(default)]
    pub render: toml::Table,
    /// What it must be, by back end; the suite's if none is given.
    #[serde(default)]
    pub backends: BTreeMap<String, Expectation>,
}

/// How like its golden a picture must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// The same, bit for bit.
    Identical,
    /// That, or explained by noise.
    Noise,
    /// That, or with a mean FLIP within the limit.
    Invisible,
}

impl Expectation {
    /// Does a comparison's outcome meet it? `flip` is the largest mean FLIP, if looked at.
    #[must_use]
    pub fn is_met(self, verdict: Verdict, flip: Option<f64>, max_flip: f64) -> bool {
        match verdict {
            Verdict::Identical => true,
            Verdict::Noise => self >= Self::Noise,
            Verdict::Invisible => self == Self::Invisible,
            Verdict::Different => {
                self == Self::Invisible && flip.is_some_and(|flip| flip <= max_flip)
            }
        }
    }
}

fn goldens() -> PathBuf {
    PathBuf::from("goldens")
}

fn time_limit_s() -> f64 {
    TIME_LIMIT_S
}

fn slowdown() -> f64 {
    SLOWDOWN
}

fn alpha() -> f64 {
    diff::noise::DEFAULT_ALPHA
}

fn max_flip() -> f64 {
    diff::DEFAULT_MAX_FLIP
}

/// One case on one back end.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// `CASE@BACKEND`.
    pub name: String,
    /// Index of the case.
    pub case: usize,
    /// The back end.
    pub backend: String,
    /// What is expected.
    pub expectation: Expectation,
    /// Does this run make the case's golden? The one of the strictest expectation does.
    pub makes_golden: bool,
}

impl Suite {
    /// Reads a suite.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Suite`] saying what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let suite: Self = toml::from_str(&text).map_err(|error| Error::Suite {
            path: path.to_owned(),
            problem: error.to_string(),
        })?;
        match suite.problem() {
            None => Ok(suite),
            Some(problem) => Err(Error::Suite {
                path: path.to_owned(),
                problem,
            }),
        }
    }

    fn problem(&self) -> Option<String> {
        let positive = |name: &str, value: f64| {
            (value.is_nan() || value <= 0.0).then(|| format!("{name}: {value} is not above 0"))
        };
        let mut names = BTreeSet::new();
        let of_case = |case: &Case| {
            let name = &case.name;
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if name.is_empty() || !name.chars().all(is_plain) {
                return Some(format!(
                    "case \"{name}\": a name has letters, digits, - and _"
                ));
            }
            if !names.insert(name.clone()) {
                return Some(format!("two cases are called {name}"));
            }
            if case.backends.is_empty() && self.backends.is_empty() {
                return Some(format!(
                    "case {name}: no back end: write backends = {{ cpu = \"identical\" }}"
                ));
            }
            let own =
                |flag: &&&str| case.render.contains_key(**flag) || self.render.contains_key(**flag);
            if let Some(flag) = OWN_FLAGS.iter().find(own) {
                return Some(format!(
                    "case {name}: render.{flag} is the check's own to set"
                ));
            }
            case.time_limit_s.and_then(|s| positive("time_limit_s", s))
        };
        positive("time_limit_s", self.time_limit_s)
            .or_else(|| positive("slowdown", self.slowdown))
            .or_else(|| {
                self.cases
                    .is_empty()
                    .then(|| "it has no [[case]]".to_owned())
            })
            .or_else(|| self.cases.iter().find_map(of_case))
    }

    /// All runs, in order.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let of_case = |(index, case): (usize, &Case)| {
            let backends = if case.backends.is_empty() {
                &self.backends
            } else {
                &case.backends
            };
            let strictest = backends.iter().min_by_key(|(_, expectation)| **expectation);
            let strictest = strictest.map(|(backend, _)| backend.clone());
            let run = |(backend, &expectation): (&String, &Expectation)| Run {
                name: format!("{}@{backend}", case.name),
                case: index,
                backend: backend.clone(),
                expectation,
                makes_golden: strictest.as_ref() == Some(backend),
            };
            let mut runs: Vec<Run> = backends.iter().map(run).collect();
            // Others are compared with what it may have made.
            runs.sort_by_key(|run| !run.makes_golden);
            runs
        };
        self.cases.iter().enumerate().flat_map(of_case).collect()
    }

    /// Words for `skywell render`, between the command and what the check adds itself.
    #[must_use]
    pub fn render_words(&self, case: &Case) -> Vec<String> {
        let mut flags = self.render.clone();
        flags.extend(case.render.clone());
        let mut words = vec![case.scene.display().to_string()];
        for (name, value) in flags {
            match value {
                toml::Value::Boolean(false) => {}
                toml::Value::Boolean(true) => words.push(format!("--{name}")),
                toml::Value::String(text) => words.push(format!("--{name}={text}")),
                other => words.push(format!("--{name}={other}")),
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(text: &str) -> Result<Suite, String> {
        let suite: Suite = toml::from_str(text).map_err(|error| error.to_string())?;
        suite.problem().map_or(Ok(suite), Err)
    }

    const TWO: &str = r#"
        name = "two"
        backends = { cpu = "identical", gpu = "noise" }
        [render]
        spp = 16
        half = false
        [[case]]
        name = "a"
        scene = "a.glb"
        [case.render]
        spp = 64
        camera = "Front"
        half = true
        environment-strength = 0.5
        [[case]]
        name = "b"
        scene = "b.glb"
        backends = { gpu = "identical", cpu = "noise" }
    "#;

    #[test]
    fn runs_and_flags() {
        let suite = suite(TWO).unwrap();
        let runs = suite.runs();
        let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
        assert_eq!(names, ["a@cpu", "a@gpu", "b@gpu", "b@cpu"]);
        let makers: Vec<bool> = runs.iter().map(|run| run.makes_golden).collect();
        assert_eq!(makers, [true, false, true, false]);
        let words = suite.render_words(&suite.cases[0]);
        let expected = [
            "a.glb",
            "--camera=Front",
            "--environment-strength=0.5",
            "--half",
            "--spp=64",
        ];
        let mut sorted = words.clone();
        sorted.sort_by_key(|word| (word.starts_with('-'), word.clone()));
        assert_eq!(sorted, expected);
        assert_eq!(suite.render_words(&suite.cases[1]), ["b.glb", "--spp=16"]);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, said) in [
            ("name = 'x'\ncase = []", "no [[case]]"),
            ("name = 'x'\n[[case]]\nname = 'a b'\nscene = 'a'", "letters"),
            (
                "name = 'x'\n[[case]]\nname = 'a'\nscene = 'a'",
                "no back end",
            ),
            (
                "name = 'x'\ntime_limit_s = 0\n[[case]]\nname = 'a'\nscene = 'a'",
                "not above 0",
            ),
            (
                "name = 'x'\nextra = 1\n[[case]]\nname = 'a'\nscene = 'a'",
                "extra",
            ),
        ] {
            let found = suite(text).unwrap_err();
            assert!(found.contains(said), "{found}");
        }
        let own = TWO.replace("half = true", "output = 'x.exr'");
        assert!(suite(&own).unwrap_err().contains("render.output"));
        let twice = TWO.replace("\"b\"", "\"a\"");
        assert!(suite(&twice).unwrap_err().contains("two cases"));
    }

    #[test]
    fn what_meets_what() {
        use Expectation::{Identical, Invisible, Noise};
        assert!(Identical.is_met(Verdict::Identical, None, 0.1));
        assert!(!Identical.is_met(Verdict::Noise, None, 0.1));
        assert!(Noise.is_met(Verdict::Noise, None, 0.1));
        assert!(!Noise.is_met(Verdict::Different, Some(0.0), 0.1));
        assert!(Invisible.is_met(Verdict::Different, Some(0.05), 0.1));
        assert!(!Invisible.is_met(Verdict::Different, Some(0.2), 0.1));
        assert!(!Invisible.is_met(Verdict::Different, None, 0.1));
    }
}
