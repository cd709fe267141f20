//! Shards merge into the file that one machine writes, byte for byte; what does not belong is named.

use crate::place::Place;
use crate::{bytes, merge, scene, shards};

const FRAME: &str = "--size 24x16 --spp 8 --camera wide --variance";

/// The words of a merge of `files` in an order that is not theirs.
fn shuffled(files: &[String], output: &str) -> Vec<String> {
    let mut words = files.to_vec();
    words.reverse();
    let middle = words.len() / 3;
    words.rotate_left(middle);
    words.extend(["-o".to_owned(), output.to_owned()]);
    words
}

#[test]
fn every_division_gives_the_same_bytes() {
    let place = Place::with_scene(&scene::lit());
    place.render(&format!("{FRAME} -o whole.exr"));
    place.render(&format!("{FRAME} --half -o half.exr"));
    place.render("--size 24x16 --spp 8 --camera wide --exposure 1 -o whole.png");
    for (by, counts) in [
        ("", &[1, 3, 7, 64][..]),
        ("--shard-by tiles", &[2, 16]),
        ("--shard-by samples", &[3, 8]),
        ("--shard-by both", &[6, 16]),
    ] {
        for &count in counts {
            let files = shards(&place, &format!("{FRAME} {by}"), "part", count);
            let (_, ended) = merge(&place, &shuffled(&files, "merged.exr"));
            assert_eq!(ended.code, 0, "{}", ended.said);
            let same = bytes(&place, "merged.exr") == bytes(&place, "whole.exr");
            assert!(same, "{count} shards {by}");
            let mut words = shuffled(&files, "merged.exr");
            words.push("--half".to_owned());
            // Equal copies of a shard do no harm.
            std::fs::copy(place.path(&files[0]), place.path("copy.exr")).unwrap();
            words.push("copy.exr".to_owned());
            let (_, ended) = merge(&place, &words);
            assert_eq!(ended.code, 0, "{}", ended.said);
            assert!(bytes(&place, "merged.exr") == bytes(&place, "half.exr"));
        }
    }
    let files = shards(&place, "--size 24x16 --spp 8 --camera wide", "part", 3);
    let mut words = shuffled(&files, "merged.png");
    words.extend(["--exposure", "1"].map(str::to_owned));
    let (_, ended) = merge(&place, &words);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(bytes(&place, "merged.png") == bytes(&place, "whole.png"));
}

#[test]
fn regions_are_cut_and_merged_too() {
    let place = Place::with_scene(&scene::lit());
    let flags = "--size 24x16 --region 3,2,20,13 --spp 4";
    place.render(&format!("{flags} -o whole.exr"));
    let files = shards(&place, flags, "part", 5);
    let (_, ended) = merge(&place, &shuffled(&files, "merged.exr"));
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(bytes(&place, "merged.exr") == bytes(&place, "whole.exr"));
}

#[test]
fn a_frame_one_pixel_wide_is_cut_and_merged_too() {
    let place = Place::with_scene(&scene::narrow());
    place.render("--spp 1 -o whole.exr");
    let files = shards(&place, "--spp 1", "part", 7);
    let (_, ended) = merge(&place, &shuffled(&files, "merged.exr"));
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(bytes(&place, "merged.exr") == bytes(&place, "whole.exr"));
}

/// Merging these files must fail with `names` in its messages, print `missing`, and write nothing.
fn refused(place: &Place, files: &[String], names: &[&str], missing: &str) {
    let mut words = shuffled(files, "merged.exr");
    words.push("--missing-list".to_owned());
    let (printed, ended) = merge(place, &words);
    assert_eq!(ended.code, 65, "{}", ended.said);
    for name in names {
        assert!(ended.said.contains(name), "{name}: {}", ended.said);
    }
    assert_eq!(
        ended.said.matches("Error: ").count(),
        names.len(),
        "{}",
        ended.said
    );
    assert_eq!(printed, format!("{missing}\n"));
    assert!(!place.path("merged.exr").exists());
}

#[test]
fn what_does_not_belong_is_named() {
    let place = Place::with_scene(&scene::lit());
    let files = shards(&place, FRAME, "part", 5);
    let with = |index: usize, name: &str| {
        let mut files = files.clone();
        name.clone_into(&mut files[index]);
        files
    };
    refused(
        &place,
        &files[2..],
        &["shard 0 of 5 is missing", "shard 1 of 5 is missing"],
        "0-1",
    );

    let mut damaged = bytes(&place, &files[3]);
    let at = damaged.len() - 40;
    damaged[at] ^= 0xff;
    std::fs::write(place.path("damaged.exr"), &damaged).unwrap();
    refused(&place, &with(3, "damaged.exr"), &["damaged.exr: "], "3");
    std::fs::write(place.path("short.exr"), &damaged[..at]).unwrap();
    refused(&place, &with(3, "short.exr"), &["short.exr: "], "3");
    refused(
        &place,
        &with(3, "gone.exr"),
        &["gone.exr: ", "shard 3 of 5 is missing"],
        "3",
    );

    place.render(&format!("{FRAME} -o plain.exr"));
    let names = ["plain.exr: not a shard", "shard 1 of 5 is missing"];
    refused(&place, &with(1, "plain.exr"), &names, "1");

    place.render(&format!("{FRAME} --seed 1 -o other.exr --shard 1/5"));
    let other = "other.shard0001-of-0005.exr";
    let names = [
        &format!("{other}: rendered with other settings"),
        "shard 1 of 5 is missing",
    ];
    refused(&place, &with(1, other), &names, "1");
    place.render(&format!("{FRAME} -o fewer.exr --shard 1/4"));
    let fewer = "fewer.shard0001-of-0004.exr";
    let names = [
        &format!("{fewer}: a piece of another division"),
        "shard 1 of 5 is missing",
    ];
    refused(&place, &with(1, fewer), &names, "1");

    std::fs::write(place.path("scene.gltf"), scene::glowing(2.0)).unwrap();
    place.render("--size 24x16 --spp 8 --variance -o foreign.exr --shard 1/5");
    let foreign = "foreign.shard0001-of-0005.exr";
    let names = [
        &format!("{foreign}: of another scene"),
        "shard 1 of 5 is missing",
    ];
    refused(&place, &with(1, foreign), &names, "1");
}

#[test]
fn shards_can_be_checked_without_merging() {
    let place = Place::with_scene(&scene::lit());
    let files = shards(&place, "--size 8x8 --spp 1", "part", 2);
    let mut words = files.clone();
    words.push("--missing-list".to_owned());
    let (printed, ended) = merge(&place, &words);
    assert_eq!((ended.code, printed.as_str()), (0, ""), "{}", ended.said);
    let (printed, ended) = merge(&place, &words[1..]);
    assert_eq!(
        (ended.code, printed.as_str()),
        (65, "0\n"),
        "{}",
        ended.said
    );
    let mut words = files;
    words.extend(["-o".to_owned(), "part.shard0001-of-0002.exr".to_owned()]);
    let (_, ended) = merge(&place, &words);
    assert_eq!(ended.code, 2, "{}", ended.said);
}

/// A shard is a picture any viewer opens: in its place of the frame, black where it has nothing.
#[test]
fn a_shard_is_an_ordinary_picture() {
    let place = Place::with_scene(&scene::lit());
    place.render("--size 24x16 --spp 4 --half -o whole.exr");
    let files = shards(&place, "--size 24x16 --spp 4 --shard-by tiles", "part", 2);
    let whole = place.exr("whole.exr");
    let parts = skywell::image::exr::read(&place.path(&files[0])).unwrap();
    let picture = &parts[0];
    assert_eq!(picture.display, whole.display);
    let window = picture.data;
    let (mut n_shown, mut n_black) = (0, 0);
    for y in 0..window.height {
        for x in 0..window.width {
            let shown = picture.channel("R").unwrap()[y * window.width + x];
            let frame = (y + window.y as usize) * 24 + x + window.x as usize;
            if shown == 0.0 {
                n_black += 1;
            } else {
                assert_eq!(shown, whole.channel("R").unwrap()[frame]);
                n_shown += 1;
            }
        }
    }
    assert!(n_shown > 100 && n_black > 100, "{n_shown} {n_black}");
}

#[test]
fn impossible_divisions_are_wrong_usage() {
    let place = Place::with_scene(&scene::lit());
    let words = [
        "scene.gltf",
        "--size",
        "4x2",
        "--spp",
        "2",
        "--shard",
        "0/9",
    ];
    for more in [
        &["--shard-by", "samples"][..],
        &["--shard-by", "tiles"],
        &[],
    ] {
        let ended = place.run(&[&words[..], more].concat());
        assert_eq!(ended.code, 2, "{}", ended.said);
        assert!(
            ended.said.contains("cannot be cut into 9 shards"),
            "{}",
            ended.said
        );
    }
    let ended = place.run(&["scene.gltf", "--shard", "auto"]);
    assert_eq!(ended.code, 2, "{}", ended.said);
    assert!(ended.said.contains("SLURM_ARRAY_TASK_ID"), "{}", ended.said);
}

#[test]
fn the_environment_of_an_engine_names_the_shard() {
    let place = Place::with_scene(&scene::lit());
    let words = [
        "scene.gltf",
        "--size",
        "8x8",
        "--spp",
        "1",
        "--shard",
        "auto/3",
    ];
    let mut command = place.command(&words);
    let output = command.env("SLURM_ARRAY_TASK_ID", "2").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(place.path("scene.shard0002-of-0003.exr").exists());
    // Without --shard it renders the frame, wherever it runs.
    let mut command = place.command(&words[..5]);
    let output = command.env("SLURM_ARRAY_TASK_ID", "2").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(place.path("scene.exr").exists());
}
