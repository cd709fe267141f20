//! Slurm: an array of shards for each frame, and a merge after it that checks them.
//!
//! What was found out about Slurm 22.05 and is heeded here: `afterok` of an array is never met once
//! one of its tasks has failed, even if that is requeued and succeeds; a node that loses its daemon
//! may go on rendering what is rendered elsewhere by then; Slurm's requeues know no limit; an
//! array's largest index is below MaxArraySize.

use super::super::tapered;
use super::Job;
use super::script::{fill, quote, quote_all, quote_in_double};

/// Slurm's own limit unless its administrator sets another.
const DEFAULT_MAX_ARRAY_SIZE: u32 = 1001;

/// What Slurm is told beside the job.
#[derive(Clone, Debug, PartialEq)]
pub struct Slurm {
    /// Frames and shards.
    pub job: Job,
    /// The folder the scripts go to, absolute.
    pub folder: String,
    /// The folder that names of files are relative to, absolute.
    pub working_folder: String,
    /// Starts of a shard, and rounds of a frame's merge, at least 1.
    pub attempts: u32,
    /// Further options of `sbatch`, such as `--partition=render`.
    pub options: Vec<String>,
    /// Tasks an array may have, at least 1: [`max_array_size`].
    pub max_array_size: u32,
    /// Machines that will work at once: if told, the last frames are rendered in more shards, see [`tapered`].
    pub workers: Option<u32>,
}

/// MaxArraySize, by what `scontrol show config` prints; Slurm's own default if that does not tell.
#[must_use]
pub fn max_array_size(config: &str) -> u32 {
    let line = config
        .lines()
        .find_map(|line| line.strip_prefix("MaxArraySize"));
    let value = line.and_then(|rest| rest.trim_start().strip_prefix('=')?.trim().parse().ok());
    value
        .filter(|size| *size > 0)
        .unwrap_or(DEFAULT_MAX_ARRAY_SIZE)
}

impl Slurm {
    /// The scripts, by name: `render.sh`, `merge.sh`, and `submit.sh`, which submits them.
    #[must_use]
    pub fn scripts(&self) -> [(&'static str, String); 3] {
        let values = self.values();
        let with = |resources: String, flags: &[String]| {
            let own = [("RESOURCES", resources), ("FLAGS", quote_all(flags))];
            [&own[..], &values[..]].concat()
        };
        let render = with(self.render_resources(), &self.job.render_flags);
        let merge = with(self.sbatch_lines(&self.options), &self.job.merge_flags);
        [
            ("render.sh", fill(include_str!("render.sh"), &render)),
            ("merge.sh", fill(include_str!("merge.sh"), &merge)),
            ("submit.sh", fill(include_str!("submit.sh"), &values)),
        ]
    }

    fn values(&self) -> Vec<(&'static str, String)> {
        let job = &self.job;
        let output = &job.output;
        let quoted_in = |name: String| format!("{}{name}", quote_in_double(&output.folder));
        // `$number` and the wildcard are the shell's to read; what surrounds them is not.
        let parts = [&output.before, &output.after, &output.extension].map(|p| quote_in_double(p));
        let [before, after, extension] = parts;
        let picture = quoted_in(format!("{before}$number{after}{extension}"));
        let shards = quoted_in(format!("{before}$number{after}.shard"));
        let threads = job
            .cpus
            .map_or(String::new(), |cpus| format!(" --threads {cpus}"));
        vec![
            ("NAME", job.name.clone()),
            ("CHDIR", self.working_folder.clone()),
            ("LOGS", format!("{}/logs", self.folder.replace('%', "%%"))),
            ("FOLDER", quote(&self.folder)),
            ("ATTEMPTS", self.attempts.to_string()),
            ("SKYWELL", quote(&job.skywell)),
            ("SCENE", quote(&job.scene)),
            (
                "FPS",
                job.fps.map_or(String::new(), |fps| format!(" --fps {fps}")),
            ),
            ("TABLE", self.shards_by_frame()),
            ("OUTPUT", quote(&output.pattern())),
            ("THREADS", threads),
            ("DIGITS", output.digits.to_string()),
            ("PICTURE", format!("\"{picture}\"")),
            ("SHARD_FILES", format!("\"{shards}\"*\"-of-$padded.exr\"")),
            ("MAX_ARRAY", self.max_array_size.to_string()),
            ("FIRST", job.frames.first.to_string()),
            ("STEP", job.frames.step.to_string()),
            ("LAST_FRAME", job.frames.last.to_string()),
        ]
    }

    /// Lines of a frame and the shards of all frames up to it that have no line before.
    fn shards_by_frame(&self) -> String {
        let frames = self.job.frames;
        let shards: Vec<u32> = match self.workers {
            Some(workers) => tapered(frames.len(), workers, self.job.shards).collect(),
            None => vec![self.job.shards; frames.len() as usize],
        };
        let all: Vec<(u32, u32)> = frames.frames().zip(shards).collect();
        let runs = all.chunk_by(|(_, a), (_, b)| a == b);
        let lines =
            runs.filter_map(|run| run.last().map(|(frame, count)| format!("{frame} {count}")));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn render_resources(&self) -> String {
        let mut options = Vec::new();
        if let Some(cpus) = self.job.cpus {
            options.push(format!("--cpus-per-task={cpus}"));
        }
        if let Some(gpus) = &self.job.gpus {
            let kind = match gpus.kind.as_str() {
                "" => String::new(),
                kind => format!("{kind}:"),
            };
            options.push(format!("--gres=gpu:{kind}{}", gpus.count));
        }
        options.extend_from_slice(&self.options);
        self.sbatch_lines(&options)
    }

    fn sbatch_lines(&self, options: &[String]) -> String {
        let lines = options.iter().map(|option| format!("#SBATCH {option}\n"));
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::farm::FrameRange;
    use crate::farm::submit::{Gpus, NumberedName};

    fn slurm() -> Slurm {
        Slurm {
            job: Job {
                name: "beauty".into(),
                skywell: "/opt/sky well/skywell".into(),
                scene: "shot.glb".into(),
                frames: FrameRange::parse("1-9x4").unwrap(),
                fps: Some(23.976),
                shards: 64,
                output: NumberedName::parse("out/beau$ty.####.exr").unwrap(),
                render_flags: vec!["--camera".into(), "the front".into()],
                merge_flags: vec!["--half".into()],
                cpus: Some(4),
                gpus: Gpus::parse("a100:1"),
            },
            folder: "/shots/out/beauty.slurm".into(),
            working_folder: "/shots".into(),
            attempts: 5,
            options: vec!["--partition=render".into()],
            max_array_size: 1001,
            workers: None,
        }
    }

    #[test]
    fn scripts_are_whole_and_readable() {
        let [(_, render), (_, merge), (_, submit)] = slurm().scripts();
        for line in [
            "#SBATCH --cpus-per-task=4",
            "#SBATCH --gres=gpu:a100:1",
            "#SBATCH --partition=render",
            "    exec '/opt/sky well/skywell' render shot.glb \\",
            "        --frames \"$frame\" --fps 23.976 --shard \"$shard/$count\" -o 'out/beau$ty.####.exr' \
             --progress plain --threads 4 --camera 'the front'",
        ] {
            assert!(render.lines().any(|l| l == line), "{line}\n{render}");
        }
        assert!(
            merge.contains("picture=\"out/beau\\$ty.$number.exr\"\n"),
            "{merge}"
        );
        assert!(
            merge.contains("(\"out/beau\\$ty.$number.shard\"*\"-of-$padded.exr\")"),
            "{merge}"
        );
        assert!(merge.contains("--missing-list --half)"), "{merge}");
        assert!(
            merge.contains("--partition") && !merge.contains("gres"),
            "{merge}"
        );
        assert!(submit.contains("$(seq 1 4 9)"), "{submit}");
        assert!(submit.contains("\n9 64\nTABLE\n"), "{submit}");
        for script in [render, merge, submit] {
            let mut marks = script.split('@').skip(1).step_by(2);
            let unfilled = marks.find(|m| !m.is_empty() && m.chars().all(|c| c.is_uppercase()));
            assert_eq!(unfilled, None, "{script}");
            assert!(script.lines().all(|line| line.len() < 140), "{script}");
        }
    }

    #[test]
    fn the_last_frames_are_cut_finer_for_known_workers() {
        let mut slurm = slurm();
        slurm.job.frames = FrameRange::parse("10-50x10").unwrap();
        slurm.job.shards = 3;
        slurm.workers = Some(8);
        assert_eq!(slurm.shards_by_frame(), "20 3\n30 4\n40 5\n50 8");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_them() {
        for (name, script) in slurm().scripts() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            std::fs::write(&path, script).unwrap();
            let status = std::process::Command::new("bash")
                .arg("-n")
                .arg(&path)
                .status();
            assert!(status.unwrap().success(), "{name}");
        }
    }

    #[test]
    fn array_sizes_are_found() {
        let config = "MaxArrayTasks           = 3\nMaxArraySize            = 4001\nMaxDBDMsgs = 1";
        assert_eq!(max_array_size(config), 4001);
        assert_eq!(max_array_size(""), 1001);
        assert_eq!(max_array_size("MaxArraySize = none"), 1001);
    }
}
