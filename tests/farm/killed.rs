//! Runs that end before they are done, by every signal there is, and the runs that go on from them.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::place::Place;
use crate::{bytes, merge, scene};

/// Some seconds of work.
const LONG: &str = "--size 64x32 --spp 2048 --max-depth 1024";

/// Some seconds of work on a shard, and its file.
const SHARD: &str = "--shard 1/2";
const SHARD_FILE: &str = "scene.shard0001-of-0002.exr";

fn spawn(place: &Place, flags: &str) -> Child {
    let mut words = vec!["scene.gltf", "--progress", "plain", "--threads", "1"];
    words.extend(flags.split_whitespace());
    let mut command = place.command(&words);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits until it traces, then sends `signal`; exit code and all it said.
fn end_by(mut child: Child, signal: &str) -> (Option<i32>, String) {
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut all = String::new();
    while !all.contains("Rendering: ") {
        assert!(
            said.read_line(&mut all).unwrap() > 0,
            "ended too soon: {all}"
        );
    }
    std::thread::sleep(Duration::from_millis(100));
    send(signal, &child);
    said.read_to_string(&mut all).unwrap();
    (child.wait().unwrap().code(), all)
}

fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    let status = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(status.success());
}

/// What is there after an ending that saves: the checkpoint alone.
fn saves_and_goes_on(signal: &str, code: i32, flags: &str, file: &str) {
    let place = Place::with_scene(&scene::lit());
    let expected = Place::with_scene(&scene::lit());
    let (found, said) = end_by(spawn(&place, &format!("{LONG} {flags}")), signal);
    assert_eq!(found, Some(code), "{said}");
    assert!(said.contains(&format!("saved {file}.checkpoint")), "{said}");
    let mut names = vec!["scene.gltf".to_owned(), format!("{file}.checkpoint")];
    names.sort();
    assert_eq!(place.names(), names);
    let said = place.render(&format!("{LONG} {flags}"));
    assert!(
        said.contains(&format!("Going on from {file}.checkpoint")),
        "{said}"
    );
    expected.render(&format!("{LONG} {flags}"));
    assert!(bytes(&place, file) == bytes(&expected, file), "{signal}");
    assert_eq!(place.names(), expected.names());
}

#[test]
fn termination_leaves_a_checkpoint() {
    saves_and_goes_on("-TERM", 143, "", "scene.exr");
}

#[test]
fn the_wish_to_go_elsewhere_leaves_a_checkpoint() {
    saves_and_goes_on("-USR1", 75, SHARD, SHARD_FILE);
}

/// A shard is no picture to look at: Ctrl-C keeps what there is for the next run.
#[test]
fn ctrl_c_on_a_shard_leaves_a_checkpoint() {
    saves_and_goes_on(
        "-INT",
        130,
        "--shard 0/3 --shard-by samples",
        "scene.shard0000-of-0003.exr",
    );
}

#[test]
fn a_checkpoint_of_other_settings_is_not_gone_on_from() {
    let place = Place::with_scene(&scene::lit());
    end_by(spawn(&place, LONG), "-TERM");
    let said = place.render("--size 64x32 --spp 2");
    assert!(said.contains("starting anew"), "{said}");
    assert_eq!(place.names(), ["scene.exr", "scene.gltf"]);
}

/// Killed at random moments until it is done. As often as `SKYWELL_KILLS` says, else a few times.
#[test]
fn killed_at_any_moment_it_goes_on() {
    let kills: u32 = std::env::var("SKYWELL_KILLS").map_or(4, |n| n.parse().unwrap());
    let place = Place::with_scene(&scene::lit());
    let expected = Place::with_scene(&scene::lit());
    let spp = 2000 * (kills + 1);
    let flags = format!("--size 64x32 --spp {spp} --max-depth 1024 --checkpoint 1 {SHARD}");
    let mut random = u64::from(std::process::id());
    let (mut n_resumed, mut n_killed) = (0, 0);
    for _ in 0..kills {
        let mut child = spawn(&place, &flags);
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let lifetime = Duration::from_millis(900 + (random >> 33) % 900);
        let born = Instant::now();
        while born.elapsed() < lifetime && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = child.kill();
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        n_killed += u32::from(child.wait().unwrap().code().is_none());
        n_resumed += u32::from(said.contains("Going on from"));
        assert!(
            !said.contains("starting anew") && !said.contains("Error"),
            "{said}"
        );
    }
    let said = place.render(&flags);
    expected.render(&flags);
    assert!(bytes(&place, SHARD_FILE) == bytes(&expected, SHARD_FILE));
    assert!(
        n_killed > 0 && said.contains("Saved") | said.contains("is there already"),
        "{said}"
    );
    // Shown when asked for with --nocapture.
    eprintln!("{n_killed} kills, {n_resumed} runs went on from a checkpoint");
}

/// An engine may run a task twice, when it has lost sight of a machine.
#[test]
fn two_workers_on_one_shard_both_end_well() {
    let place = Place::with_scene(&scene::lit());
    let flags = format!("{LONG} --checkpoint 1");
    let mut children: Vec<Child> = (0..2)
        .map(|_| spawn(&place, &format!("{flags} {SHARD}")))
        .collect();
    for child in &mut children {
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    }
    place.render(&format!("{flags} --shard 0/2"));
    let words = [
        "scene.shard0000-of-0002.exr",
        SHARD_FILE,
        "-o",
        "merged.exr",
    ];
    let (_, ended) = merge(&place, &words.map(str::to_owned));
    assert_eq!(ended.code, 0, "{}", ended.said);
    let names = place.names();
    assert!(
        names.iter().all(|name| !name.contains("unfinished")),
        "{names:?}"
    );
}

#[test]
fn a_finished_shard_is_not_rendered_again() {
    let place = Place::with_scene(&scene::lit());
    place.render(&format!("--size 16x8 --spp 2 {SHARD}"));
    let before = bytes(&place, SHARD_FILE);
    let said = place.render(&format!("--size 16x8 --spp 2 {SHARD}"));
    assert!(said.contains("is there already"), "{said}");
    // A file of that name alone proves nothing.
    std::fs::write(place.path(SHARD_FILE), &before[..before.len() - 40]).unwrap();
    let said = place.render(&format!("--size 16x8 --spp 2 {SHARD}"));
    assert!(said.contains("Saved"), "{said}");
    assert!(bytes(&place, SHARD_FILE) == before);
    let said = place.render(&format!("--size 16x8 --spp 3 {SHARD}"));
    assert!(said.contains("Saved"), "{said}");
}
