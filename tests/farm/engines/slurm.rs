//! `skywell submit slurm` on a real cluster that loses a node and a task.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::cluster::Cluster;
use super::shot::{Shot, is_there, printed};

/// Some seconds a shard: long enough to be caught in the middle.
const FLAGS: &str = "--size 64x36 --spp 2048 --threads 1 --backend cpu";
const LIMIT: Duration = Duration::from_secs(240);

/// Processes whose command line holds all of `words`.
fn processes(words: &[&str]) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let line = command_line(id);
        if words.iter().all(|word| line.contains(word)) {
            found.push(id);
        }
    }
    found
}

fn command_line(id: i32) -> String {
    let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

/// The processes from this one up to the daemon of its job's step, that one first; none if they
/// have ended.
fn step_of(id: i32) -> Vec<i32> {
    let mut processes = vec![id];
    loop {
        let stat = fs::read_to_string(format!("/proc/{}/stat", processes[0])).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let parent = after_name.split_whitespace().nth(1);
        match parent.and_then(|parent| parent.parse().ok()) {
            Some(parent) if parent > 1 => processes.insert(0, parent),
            _ => return Vec::new(),
        }
        if command_line(processes[0]).contains("slurmstepd") {
            return processes;
        }
    }
}

/// Kills a process of the test's own cluster, unless it has ended by itself.
fn kill(id: i32) {
    let _ = std::process::Command::new("kill")
        .args(["-9", &id.to_string()])
        .status();
}

#[test]
fn frames_survive_the_loss_of_a_node_and_of_a_task() {
    if !is_there(Path::new("munged")) || !is_there(Path::new("slurmctld")) {
        return;
    }
    let shot = Shot::new();
    let mut cluster = Cluster::start();
    let job = "submit slurm in/shot.gltf --frames 1-2 --shards 5 --gpus-per-task test:1";
    let job = format!("{job} -o out/b.##.exr -- {FLAGS}");
    let output = shot
        .skywell(&job)
        .env("SLURM_CONF", cluster.config())
        .output()
        .unwrap();
    let said = printed(output);
    assert!(said.contains("Frame 2, shards 0-4: afterany:"), "{said}");

    // A task dies of a signal nobody can heed.
    let scene = shot.path("in");
    let rendering = |shard: &str| {
        let here = processes(&["render in/shot.gltf", "--frames 1 ", shard]);
        let own = here.into_iter().filter(|id| {
            fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|cwd| scene.starts_with(&cwd))
        });
        own.collect::<Vec<_>>()
    };
    cluster.wait("shard 1 to be rendered", LIMIT, |_| {
        !rendering("--shard 1/5").is_empty()
    });
    kill(rendering("--shard 1/5")[0]);

    // A machine dies with all that runs on it: its daemon, the step's, the script and the renderer.
    cluster.wait("shard 2 to be rendered", LIMIT, |_| {
        !rendering("--shard 2/5").is_empty()
    });
    let step = step_of(rendering("--shard 2/5")[0]);
    let jobs = cluster.ask("squeue", &["-h", "-r", "-t", "R", "-o", "%N %i %o"]);
    let starts = fs::read_to_string(shot.path("out/b.slurm/starts/1.2")).unwrap();
    let task = starts.split_whitespace().nth(2).unwrap();
    let node = jobs.lines().find_map(|line| {
        let mut words = line.split(' ');
        let node = words.next()?;
        (words.next()? == task).then(|| node.trim_start_matches('n').parse().unwrap())
    });
    let node = node.unwrap_or_else(|| panic!("{task} is not among\n{jobs}"));
    cluster.kill_node(node);
    for process in step {
        kill(process);
    }

    shot.render_straight("1-2", "--size 64x36 --spp 2048");
    let merged = |frame: u32| shot.path("out/b.slurm/merged").join(frame.to_string());
    cluster.wait("both frames to be merged", LIMIT, |_| {
        merged(1).exists() && merged(2).exists()
    });
    for frame in ["b.01.exr", "b.02.exr"] {
        assert!(shot.is_right(frame), "{frame} differs");
    }
    let count = |shard: &str| {
        let starts = shot.path("out/b.slurm/starts").join(shard);
        fs::read_to_string(starts).unwrap().lines().count()
    };
    assert!(count("1.1") >= 2, "the killed task was not rendered again");
    assert!(
        count("1.2") >= 2,
        "the dead node's task was not rendered again"
    );
    assert_eq!(count("2.4"), 1, "what was well was rendered again");
    cluster.wait("shards and checkpoints to be removed", LIMIT, |_| {
        let left = fs::read_dir(shot.path("out")).unwrap();
        let left = left.filter(|entry| entry.as_ref().unwrap().path().is_file());
        left.count() == 2
    });
    let detail = cluster.ask("scontrol", &["show", "job", "-d"]);
    assert!(detail.contains("TresPerNode=gres:gpu:test:1"), "{detail}");
}
