//! Places that take no file, or take none any more.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::place::{Place, SKYWELL};
use crate::{bytes, scene};

/// A limit on the size of files stands for a full disk: the system refuses to write in the same way.
#[test]
fn a_full_disk_is_an_error_and_the_old_file_stays() {
    let place = Place::with_scene(&scene::lit());
    for (flags, file) in [
        ("", "scene.exr"),
        ("--shard 0/2", "scene.shard0000-of-0002.exr"),
    ] {
        std::fs::write(place.path(file), b"an older file").unwrap();
        let command = format!(
            "trap '' XFSZ; ulimit -f 1; exec '{SKYWELL}' render scene.gltf --size 96x64 --spp 1 --backend cpu {flags}"
        );
        let mut shell = Command::new("bash");
        let output = shell
            .args(["-c", &command])
            .current_dir(place.path("."))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains(&format!("Error: {file}: cannot be written")),
            "{said}"
        );
        assert_eq!(bytes(&place, file), b"an older file");
    }
    let names = place.names();
    assert_eq!(
        names,
        ["scene.exr", "scene.gltf", "scene.shard0000-of-0002.exr"]
    );
}

/// No checkpoint is a pity, but no reason to lose the picture.
#[test]
fn a_checkpoint_that_cannot_be_written_is_said_once() {
    let place = Place::with_scene(&scene::lit());
    std::fs::create_dir(place.path("scene.exr.checkpoint")).unwrap();
    let said = place.render("--size 64x32 --spp 4096 --threads 1 --checkpoint 1");
    assert!(said.contains("Saved scene.exr"), "{said}");
    assert_eq!(
        said.matches("Warning: no checkpoint: ").count(),
        1,
        "{said}"
    );
}

#[test]
fn a_place_that_vanishes_is_an_error() {
    let place = Place::with_scene(&scene::lit());
    let mount = place.path("mount");
    std::fs::create_dir(&mount).unwrap();
    let words =
        "scene.gltf --size 64x32 --spp 1048576 --max-depth 1024 --progress plain -o mount/out.exr";
    let words: Vec<&str> = words.split(' ').collect();
    let mut command = place.command(&words);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut all = String::new();
    while !all.contains("Rendering: ") {
        assert!(
            said.read_line(&mut all).unwrap() > 0,
            "ended too soon: {all}"
        );
    }
    std::fs::remove_dir_all(&mount).unwrap();
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    said.read_to_string(&mut all).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{all}");
    assert!(
        all.contains("Error: mount/out.exr: there is no directory"),
        "{all}"
    );
}

#[test]
fn a_read_only_place_is_known_before_rendering() {
    let place = Place::with_scene(&scene::lit());
    let out = place.path("out");
    std::fs::create_dir(&out).unwrap();
    let file = out.join("scene.shard0000-of-0002.exr");
    std::fs::write(&file, b"kept").unwrap();
    let mut permissions = std::fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions).unwrap();
    let ended = place.run(&["scene.gltf", "--shard", "0/2", "-o", "out/scene.exr"]);
    assert_eq!(ended.code, 1, "{}", ended.said);
    assert!(ended.said.contains("read-only"), "{}", ended.said);
    assert!(!ended.said.contains("Rendering:"), "{}", ended.said);
    assert_eq!(std::fs::read(&file).unwrap(), b"kept");
}

/// What `script` says on both outputs, run with a file system of 64 KiB mounted at `disk` in `place`, which nobody else
/// sees. `None`, and a word why, where mounting is not allowed.
fn on_small_disk(place: &Place, script: &str) -> Option<String> {
    std::fs::create_dir(place.path("disk")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k tmpfs disk || exit 99\n\
         exec 2>&1\n\
         render() {{ '{SKYWELL}' render scene.gltf --backend cpu \"$@\"; echo \"code $?\"; }}\n\
         {script}\nexit 0"
    );
    let mut command = Command::new("unshare");
    let output = command
        .args(["--user", "--map-root-user", "--mount"])
        .args(["bash", "-c", &script])
        .current_dir(place.path("."))
        .output();
    let said = output.ok().filter(|output| output.status.success());
    if said.is_none() {
        eprintln!("skipped: no file system can be mounted here");
    }
    said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn on_a_disk_that_is_full_the_old_file_stays() {
    let place = Place::with_scene(&scene::lit());
    let script = "\
        echo old >disk/out.exr; cat /dev/zero >disk/more\n\
        render --size 96x64 --spp 1 -o disk/out.exr\n\
        render --size 96x64 --spp 2 -o disk/out.exr --shard 0/2\n\
        ls -A disk; cat disk/out.exr";
    let Some(said) = on_small_disk(&place, script) else {
        return;
    };
    assert!(
        said.contains("Error: disk/out.exr: cannot be written: No space left"),
        "{said}"
    );
    assert!(
        said.contains("Error: disk/out.shard0000-of-0002.exr: cannot be written: No space"),
        "{said}"
    );
    assert_eq!(said.matches("code 1\n").count(), 2, "{said}");
    assert!(said.ends_with("\nmore\nout.exr\nold\n"), "{said}");
}

#[test]
fn in_a_directory_that_is_read_only_nothing_is_rendered() {
    let place = Place::with_scene(&scene::lit());
    let script = "\
        echo old >disk/out.exr\n\
        mount -o remount,ro disk\n\
        render --frames 1-3 -o disk/out.#.exr\n\
        render -o disk/out.exr\n\
        cat disk/out.exr";
    let Some(said) = on_small_disk(&place, script) else {
        return;
    };
    for file in ["disk/out.1.exr", "disk/out.exr"] {
        let error = format!("Error: {file}: cannot be written: read-only file");
        assert!(said.contains(&error), "{said}");
    }
    assert!(!said.contains("Rendering"), "{said}");
    assert!(said.ends_with("code 1\nold\n"), "{said}");
}

/// The mount goes while it renders, and with it the directory where the file was to go.
#[test]
fn a_mount_that_vanishes_costs_no_more_than_the_run() {
    let place = Place::with_scene(&scene::lit());
    let script = format!(
        "mkdir disk/frames\n\
         '{SKYWELL}' render scene.gltf --backend cpu --size 16x8 --spp 1048576 --max-depth 1024 --checkpoint 1 \
         -o disk/frames/out.exr &\n\
         until [ -e disk/frames/out.exr.checkpoint ] || ! kill -0 $!; do sleep 0.1; done\n\
         umount -l disk; kill -INT $!; wait $!; echo \"code $?\"\n\
         mkdir disk/frames\n\
         render --size 16x8 --spp 1 -o disk/frames/out.exr"
    );
    let Some(said) = on_small_disk(&place, &script) else {
        return;
    };
    assert!(
        said.contains("Error: disk/frames/out.exr: there is no directory"),
        "{said}"
    );
    assert!(
        said.contains("code 1\n") && said.ends_with("code 0\n"),
        "{said}"
    );
}
