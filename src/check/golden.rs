//! Goldens, and what is kept beside them: why they are as they are, and what they took.

use super::Error;
use crate::output;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What is kept beside a golden, as `CASE.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Each time the golden was replaced, the first first.
    #[serde(default)]
    pub blessing: Vec<Blessing>,
    /// What the run took when the golden was last blessed, by back end.
    #[serde(default)]
    pub cost: BTreeMap<String, Cost>,
}

/// One replacement of a golden.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blessing {
    /// Day, UTC, `2026-11-22`.
    pub day: String,
    /// Version of the program that rendered it.
    pub version: String,
    /// Why.
    pub reason: String,
    /// How it differed from the one before.
    pub change: String,
}

/// What a run takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Processor, number of threads and kind of build. Only costs of equal machines are compared.
    pub machine: String,
    /// From start to the picture written, seconds.
    pub total_s: f64,
    /// CPU time of all threads in user mode, seconds; 0 if unknown.
    pub user_cpu_s: f64,
    /// Most memory resident at once, bytes; 0 if unknown.
    pub peak_memory_bytes: u64,
}

impl Cost {
    /// CPU time over that of `golden`, if both were taken on one kind of machine and are long
    /// enough to tell.
    #[must_use]
    pub fn slowdown(&self, golden: &Self) -> Option<f64> {
        /// The system counts in hundredths of a second.
        const SHORTEST_S: f64 = 0.2;
        let is_comparable = self.machine == golden.machine && golden.user_cpu_s >= SHORTEST_S;
        is_comparable.then(|| self.user_cpu_s / golden.user_cpu_s)
    }
}

/// The golden picture of a case.
#[must_use]
pub fn picture_path(folder: &Path, case: &str) -> PathBuf {
    folder.join(format!("{case}.exr"))
}

fn record_path(folder: &Path, case: &str) -> PathBuf {
    folder.join(format!("{case}.toml"))
}

impl Record {
    /// Reads what is kept beside a golden; empty if there is nothing.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Suite`] if it is not a record.
    pub fn read(folder: &Path, case: &str) -> Result<Self, Error> {
        let path = record_path(folder, case);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
        toml::from_str(&text).map_err(|error| Error::Suite {
            path,
            problem: error.to_string(),
        })
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`Error::Output`].
    pub fn write(&self, folder: &Path, case: &str) -> Result<(), Error> {
        // Plain numbers and strings have no way to fail.
        let text = toml::to_string_pretty(self).unwrap_or_default();
        Ok(output::write_bytes(
            &record_path(folder, case),
            text.as_bytes(),
        )?)
    }
}

/// Processor, number of threads and kind of build.
#[must_use]
pub fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or(std::env::consts::ARCH, |rest| {
        rest.trim_start_matches(['\t', ' ', ':'])
    });
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    format!("{model}, {threads} threads, {build} build")
}

/// Today, UTC, `2026-11-22`.
#[must_use]
pub fn today() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    day(now.as_secs() / 86_400)
}

/// The day so many days after 1970-01-01.
///
/// Source: Hinnant 2013, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn day(days: u64) -> String {
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(19_782), "2024-02-29");
        assert_eq!(day(20_779), "2026-11-22");
    }

    #[test]
    fn records_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Record::read(folder.path(), "a").unwrap(), Record::default());
        let mut record = Record::default();
        record.cost.insert(
            "cpu".into(),
            Cost {
                machine: "m".into(),
                user_cpu_s: 1.5,
                ..Cost::default()
            },
        );
        record.blessing.push(Blessing {
            day: today(),
            version: "1".into(),
            reason: "a \"reason\"\nof two lines".into(),
            change: "new".into(),
        });
        record.write(folder.path(), "a").unwrap();
        assert_eq!(Record::read(folder.path(), "a").unwrap(), record);
    }

    #[test]
    fn only_like_machines_are_compared() {
        let cost = |machine: &str, user_cpu_s| Cost {
            machine: machine.into(),
            user_cpu_s,
            ..Cost::default()
        };
        assert_eq!(cost("a", 3.0).slowdown(&cost("a", 2.0)), Some(1.5));
        assert_eq!(cost("b", 3.0).slowdown(&cost("a", 2.0)), None);
        assert_eq!(cost("a", 3.0).slowdown(&cost("a", 0.0)), None);
    }
}
