//! What is refused, and what would be submitted.

use super::shot::Shot;

const JOB: &str = "in/shot.gltf --frames 1-3 --shards 4 -o out/b.##.exr";

#[test]
fn nothing_is_written() {
    let shot = Shot::new();
    for engine in ["slurm", "openjd"] {
        let printed = shot.run(&format!("submit {engine} {JOB} --dry-run -- --spp 4"));
        assert!(printed.contains("==> "), "{printed}");
        assert!(printed.contains("--spp"), "{printed}");
    }
    assert_eq!(std::fs::read_dir(shot.path("out")).unwrap().count(), 0);
}

#[test]
fn scripts_say_what_was_asked_for() {
    let shot = Shot::new();
    let words = format!("submit slurm {JOB} --cpus-per-task 2 --attempts 3 --dry-run");
    let printed = shot.run(&format!(
        "{words} --sbatch --partition=night -- --half --size 8x8"
    ));
    for part in [
        "#SBATCH --cpus-per-task=2",
        "#SBATCH --partition=night",
        "--shard \"$shard/$count\"",
        "\n3 4\nTABLE\n",
        "--dependency=\"$after\"",
        "-gt 3 ]",
        "--missing-list --half)",
    ] {
        assert!(printed.contains(part), "{part}\n{printed}");
    }
}

#[test]
fn known_workers_are_kept_busy_to_the_end() {
    let shot = Shot::new();
    let printed = shot.run(&format!("submit slurm {JOB} --workers 8 --dry-run"));
    assert!(printed.contains("\n1 4\n2 5\n3 8\nTABLE\n"), "{printed}");
}

#[test]
fn flags_are_checked_before_the_farm_does() {
    let shot = Shot::new();
    for (flags, said) in [
        ("--dry-run -- --spp none", "flags after --"),
        ("--dry-run -- --shard 1/2", "flags after --"),
        ("--dry-run --shards 0", "--shards"),
        ("--dry-run -- --variance --spp 1", "--variance"),
    ] {
        let output = shot
            .skywell(&format!("submit slurm {JOB} {flags}"))
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{flags}: {err}");
        assert!(err.contains(said), "{flags}: {err}");
    }
    let words = "submit openjd in/shot.gltf --frames 1 -o out/b.exr --dry-run";
    let output = shot.skywell(words).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
