//! Rendering a case: by the command itself, as a process of its own. A case that crashes or hangs
//! ends itself only, and memory is measured by case.

use super::golden::{Cost, machine};
use serde::Deserialize;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a render under way is looked after.
const PATIENCE: Duration = Duration::from_millis(5);

/// A render to be done.
pub struct Job<'a> {
    /// The `skywell` program.
    pub program: &'a Path,
    /// Folder that paths in `words` are relative to.
    pub folder: &'a Path,
    /// What follows `skywell render`.
    pub words: &'a [String],
    /// What renders.
    pub backend: &'a str,
    /// Where pictures, statistics and what was said go, without extension; absolute.
    pub output: &'a Path,
    /// How long it may take.
    pub limit: Duration,
}

/// A picture rendered.
pub struct Rendered {
    pub picture: PathBuf,
    pub cost: Cost,
    /// Version of the program.
    pub version: String,
}

/// The statistics this needs.
#[derive(Deserialize)]
struct Stats {
    version: String,
    total_s: f64,
    user_cpu_s: Option<f64>,
    peak_memory_bytes: Option<u64>,
}

/// Renders, or says why not.
pub fn render(job: &Job) -> Result<Rendered, String> {
    let beside = |extension: &str| job.output.with_added_extension(extension);
    let (picture, stats, log) = (beside("exr"), beside("json"), beside("log"));
    // What an earlier check left is not this one's.
    for path in [&picture, &stats] {
        let _ = std::fs::remove_file(path);
    }
    let said = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut child = Command::new(job.program)
        .arg("render")
        .args(job.words)
        .args(["--variance", "--progress=none", "--backend", job.backend])
        .arg("--output")
        .arg(&picture)
        .arg("--stats")
        .arg(&stats)
        .current_dir(job.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said)
        .spawn()
        .map_err(|error| format!("{}: {error}", job.program.display()))?;
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() > job.limit => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("took longer than {} s", job.limit.as_secs_f64()));
            }
            Ok(None) => std::thread::sleep(PATIENCE),
            Err(error) => return Err(format!("the render cannot be watched: {error}")),
        }
    };
    if !status.success() {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        return Err(format!(
            "skywell render ended with {status}: {}",
            said.trim()
        ));
    }
    let stats = std::fs::read(&stats)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Stats>(&bytes).ok())
        .ok_or_else(|| format!("{}: no statistics of the render", stats.display()))?;
    Ok(Rendered {
        picture,
        cost: Cost {
            machine: machine(),
            total_s: stats.total_s,
            user_cpu_s: stats.user_cpu_s.unwrap_or(0.0),
            peak_memory_bytes: stats.peak_memory_bytes.unwrap_or(0),
        },
        version: stats.version,
    })
}
