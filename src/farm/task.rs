//! Which shard a task of an engine is, by what the engine tells it in the environment.
//!
//! Sources: Slurm `sbatch` manual, "OUTPUT ENVIRONMENT VARIABLES"; Kubernetes documentation, "Indexed Job";
//! OpenCue RQD `rqd/rqcore.py`.

/// Why the environment does not tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// No engine's variable is set.
    #[error(
        "--shard auto: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX nor CUE_IFRAME is set: \
         give --shard I/N"
    )]
    NoEngine,
    /// A variable is not a number.
    #[error("--shard auto: {name} is \"{value}\", not a whole number: give --shard I/N")]
    NotANumber {
        /// Its name.
        name: &'static str,
        /// What it holds.
        value: String,
    },
    /// The engine does not tell how many tasks there are.
    #[error("--shard auto: {0}: give --shard auto/N, N being the number of shards")]
    NoCount(String),
    /// The task's number is not one of N shards.
    #[error("--shard auto/{count}: this is task {index}: number the tasks 0 to {}", count - 1)]
    TooHigh {
        /// The task.
        index: u32,
        /// N.
        count: u32,
    },
}

/// Index and count by the environment, of which `get` gives one variable: `--shard auto`. With `count` given,
/// `--shard auto/N`, the task's own number is the shard, so that tasks can be run again by number.
///
/// # Errors
/// [`TaskError`].
pub fn find_task(
    count: Option<u32>,
    get: &dyn Fn(&str) -> Option<String>,
) -> Result<(u32, u32), TaskError> {
    let number = |name: &'static str| match get(name) {
        None => Ok(None),
        Some(value) => match value.trim().parse::<u32>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(TaskError::NotANumber { name, value }),
        },
    };
    if let Some(count) = count {
        for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "CUE_IFRAME"] {
            if let Some(index) = number(name)? {
                let fits = index < count;
                let found = fits.then_some((index, count));
                return found.ok_or(TaskError::TooHigh { index, count });
            }
        }
        return Err(TaskError::NoEngine);
    }
    let place = if let Some(id) = number("SLURM_ARRAY_TASK_ID")? {
        let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
        let bounds = (
            number("SLURM_ARRAY_TASK_MIN")?,
            number("SLURM_ARRAY_TASK_MAX")?,
        );
        let count = number("SLURM_ARRAY_TASK_COUNT")?;
        let (Some(count), (Some(min), Some(max))) = (count, bounds) else {
            let problem = "Slurm does not tell SLURM_ARRAY_TASK_MIN, _MAX and _COUNT";
            return Err(TaskError::NoCount(problem.to_owned()));
        };
        // `--array=3,17` has gaps: its tasks are some of a larger set.
        if id < min || id > max || max < min || (max - min) / step + 1 != count {
            let problem = "the array has gaps, so its size is not the number of shards";
            return Err(TaskError::NoCount(problem.to_owned()));
        }
        ((id - min) / step, count)
    } else if let Some(index) = number("JOB_COMPLETION_INDEX")? {
        let Some(count) = number("JOB_COMPLETIONS")? else {
            let problem = "JOB_COMPLETIONS is not set in the container";
            return Err(TaskError::NoCount(problem.to_owned()));
        };
        (index, count)
    } else if let Some(frame) = number("CUE_IFRAME")? {
        let range = get("CUE_RANGE").unwrap_or_default();
        let range = super::FrameRange::parse(range.trim());
        let place = range.and_then(|r| Some((r.frames().position(|f| f == frame)?, r.len())));
        let Some((index, count)) = place else {
            let problem = "CUE_RANGE is not a range of frames that holds CUE_IFRAME";
            return Err(TaskError::NoCount(problem.to_owned()));
        };
        (index as u32, count)
    } else {
        return Err(TaskError::NoEngine);
    };
    let (index, count) = place;
    if index >= count {
        return Err(TaskError::TooHigh { index, count });
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(count: Option<u32>, variables: &[(&str, &str)]) -> Result<(u32, u32), TaskError> {
        find_task(count, &|name| {
            let found = variables.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    const SLURM: [(&str, &str); 5] = [
        ("SLURM_ARRAY_TASK_ID", "7"),
        ("SLURM_ARRAY_TASK_MIN", "4"),
        ("SLURM_ARRAY_TASK_MAX", "9"),
        ("SLURM_ARRAY_TASK_COUNT", "6"),
        ("SLURM_ARRAY_TASK_STEP", "1"),
    ];

    #[test]
    fn engines_are_understood() {
        assert_eq!(find(None, &SLURM), Ok((3, 6)));
        assert_eq!(find(Some(64), &SLURM), Ok((7, 64)));
        let kubernetes = [("JOB_COMPLETION_INDEX", "2"), ("JOB_COMPLETIONS", "5")];
        assert_eq!(find(None, &kubernetes), Ok((2, 5)));
        assert_eq!(find(Some(3), &kubernetes[..1]), Ok((2, 3)));
        let cue = [("CUE_IFRAME", "12"), ("CUE_RANGE", "10-13")];
        assert_eq!(find(None, &cue), Ok((2, 4)));
    }

    #[test]
    fn doubt_is_an_error() {
        assert_eq!(find(None, &[]), Err(TaskError::NoEngine));
        assert_eq!(find(Some(4), &[]), Err(TaskError::NoEngine));
        // Some elements of an array run again.
        let mut gaps = SLURM;
        gaps[3].1 = "3";
        assert!(matches!(find(None, &gaps), Err(TaskError::NoCount(_))));
        assert!(matches!(
            find(None, &SLURM[..1]),
            Err(TaskError::NoCount(_))
        ));
        let kubernetes = [("JOB_COMPLETION_INDEX", "2")];
        assert!(matches!(
            find(None, &kubernetes),
            Err(TaskError::NoCount(_))
        ));
        assert!(matches!(
            find(Some(2), &kubernetes),
            Err(TaskError::TooHigh { .. })
        ));
        let broken = [("CUE_IFRAME", "first")];
        assert!(matches!(
            find(None, &broken),
            Err(TaskError::NotANumber { .. })
        ));
        let outside = [("CUE_IFRAME", "20"), ("CUE_RANGE", "10-13")];
        assert!(matches!(find(None, &outside), Err(TaskError::NoCount(_))));
    }
}
