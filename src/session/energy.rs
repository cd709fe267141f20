//! What the machine's own meters say: running average power limit, RAPL, by Linux' powercap.
//!
//! Source: Linux kernel documentation, "Power Capping Framework". Processors only, and all that
//! runs on them.

use std::path::Path;

/// Where the kernel shows them.
const POWERCAP: &str = "/sys/class/powercap";

/// Readings of all processors' counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    counters: Vec<Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Counter {
    name: String,
    energy_uj: u64,
    /// Where it begins again at 0.
    range_uj: u64,
}

impl Meter {
    /// Reads the meters; `None` where the machine shows none, or not to this user.
    #[must_use]
    pub fn read() -> Option<Self> {
        Self::read_from(Path::new(POWERCAP))
    }

    fn read_from(folder: &Path) -> Option<Self> {
        let number = |name: &str, file: &str| -> Option<u64> {
            let text = std::fs::read_to_string(folder.join(name).join(file)).ok()?;
            text.trim().parse().ok()
        };
        let mut counters = Vec::new();
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Whole packages, `intel-rapl:0`; their parts have a second number.
            if name
                .strip_prefix("intel-rapl:")
                .is_none_or(|rest| rest.contains(':'))
            {
                continue;
            }
            counters.push(Counter {
                energy_uj: number(&name, "energy_uj")?,
                range_uj: number(&name, "max_energy_range_uj")?,
                name,
            });
        }
        counters.sort_by(|a, b| a.name.cmp(&b.name));
        (!counters.is_empty()).then_some(Self { counters })
    }

    /// Energy spent since `before`, joules. A counter may have begun again once.
    #[must_use]
    pub fn since_j(&self, before: &Self) -> f64 {
        let pairs = self.counters.iter().zip(&before.counters);
        let spent = pairs.map(
            |(now, then)| match now.energy_uj.checked_sub(then.energy_uj) {
                Some(spent) => spent,
                None => (now.energy_uj + now.range_uj).saturating_sub(then.energy_uj),
            },
        );
        spent.sum::<u64>() as f64 * 1e-6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_added_up_and_may_wrap() {
        let folder = tempfile::tempdir().unwrap();
        let set = |name: &str, energy: u64| {
            let counter = folder.path().join(name);
            std::fs::create_dir_all(&counter).unwrap();
            std::fs::write(counter.join("energy_uj"), format!("{energy}\n")).unwrap();
            std::fs::write(counter.join("max_energy_range_uj"), "10000000\n").unwrap();
        };
        assert_eq!(Meter::read_from(folder.path()), None);
        set("intel-rapl:0", 1_000_000);
        set("intel-rapl:0:0", 1_000_000);
        set("intel-rapl:1", 9_000_000);
        set("dtpm", 5);
        let before = Meter::read_from(folder.path()).unwrap();
        set("intel-rapl:0", 3_500_000);
        set("intel-rapl:0:0", 9_000_000);
        set("intel-rapl:1", 500_000);
        let after = Meter::read_from(folder.path()).unwrap();
        assert_eq!(after.since_j(&before), 2.5 + 1.5);
        assert_eq!(Meter::read_from(Path::new("/nowhere")), None);
    }
}
