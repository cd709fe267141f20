//! Shards of different kinds of devices, made here and, where there is a GPU, rendered.

use skywell::farm::{self, Cut, Frame, Shard};
use skywell::film::Film;
use skywell::image::exr::{Attribute, Exr};
use skywell::integrator::DeviceKind;
use skywell::output::Provenance;
use skywell::settings::{Region, RenderSettings};
use std::collections::BTreeSet;
use std::process::Command;

use crate::place::{Place, SKYWELL};
use crate::{merge, scene};

/// A shard of a frame of 8 × 4 grey pixels.
fn write_shard(place: &Place, index: u32, device: DeviceKind, grey: f32) -> String {
    let mut settings = RenderSettings::new(8, 4);
    settings.samples = 0..1;
    let region = Region::full(8, 4);
    let cut = Cut::new(region, 1, 2, None).unwrap();
    let part = cut.part(region, 0..1, index).unwrap();
    let mut film = Film::new(region, false).unwrap();
    for (x, y) in part.tiles.iter().copied().flat_map(Region::pixels) {
        film.add_sample(x, y, 0, [grey; 3], 1.0);
    }
    let provenance = Provenance {
        scene_hash: [1; 32],
        settings_hash: [2; 32],
        settings,
        warnings: vec!["something was ignored".to_owned()],
        xmp: Some("a packet".to_owned()),
        device_kinds: BTreeSet::from([device]),
        devices: Vec::new(),
        rejected: film.rejected().clone(),
    };
    let shard = Shard {
        frame: Frame::of(&provenance),
        cut,
        index,
        device,
        devices: Vec::new(),
        warnings: provenance.warnings.clone(),
        xmp: provenance.xmp.clone(),
        rejected: film.rejected().clone(),
    };
    let name = format!("{device}{index}-{grey}.exr");
    farm::write(&place.path(&name), &shard, &part, &film, &provenance).unwrap();
    name
}

/// What a picture says rendered it.
fn device_kinds(exr: &Exr) -> String {
    match &exr.attributes["skywell:deviceKinds"] {
        Attribute::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// Is there a GPU that renders? If not, says so; fails if one is required.
fn has_gpu() -> bool {
    let output = Command::new(SKYWELL).arg("devices").output().unwrap();
    let found = String::from_utf8_lossy(&output.stdout).contains("renders scenes");
    let is_required = std::env::var_os("SKYWELL_REQUIRE_GPU").is_some();
    assert!(found || !is_required, "no GPU that can render");
    if !found {
        eprintln!("skipped: no GPU that can render");
    }
    found
}

/// Shards of one GPU add up to the very frame it renders whole; one that a CPU has rendered is let in on demand.
#[test]
fn shards_of_a_gpu_merge() {
    if !has_gpu() {
        return;
    }
    let place = Place::with_scene(&scene::lit());
    let frame = "--size 40x24 --spp 4";
    place.render(&format!("{frame} --backend gpu -o whole.exr"));
    let shard = |index: u32, backend: &str| {
        let flags = format!("{frame} --backend {backend} --shard {index}/3 --shard-by both");
        place.render(&format!("{flags} -o {backend}.exr"));
        format!("{backend}.shard000{index}-of-0003.exr")
    };
    let merge_into = |name: &str, files: &[&String]| {
        let mut words: Vec<String> = files.iter().map(|file| (*file).clone()).collect();
        words.extend(["-o".to_owned(), name.to_owned()]);
        words
    };
    let gpu = [0, 1, 2].map(|index| shard(index, "gpu"));
    let (_, ended) = merge(
        &place,
        &merge_into("merged.exr", &[&gpu[2], &gpu[0], &gpu[1]]),
    );
    assert_eq!(ended.code, 0, "{}", ended.said);
    let read = |name: &str| std::fs::read(place.path(name)).unwrap();
    assert!(read("merged.exr") == read("whole.exr"));
    assert_eq!(device_kinds(&place.exr("merged.exr")), "gpu");

    let cpu = shard(1, "cpu");
    let mut words = merge_into("mixed.exr", &[&gpu[0], &cpu, &gpu[2]]);
    let (_, ended) = merge(&place, &words);
    assert_eq!(ended.code, 65, "{}", ended.said);
    assert!(
        ended.said.contains(&format!("{cpu}: rendered by a cpu")),
        "{}",
        ended.said
    );
    assert!(!place.path("mixed.exr").exists());
    words.push("--allow-mixed-devices".to_owned());
    let (_, ended) = merge(&place, &words);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert_eq!(device_kinds(&place.exr("mixed.exr")), "cpu, gpu");
}

#[test]
fn devices_mix_only_when_allowed_and_the_file_says_so() {
    let place = Place::with_scene(&scene::lit());
    let files = [
        write_shard(&place, 0, DeviceKind::Cpu, 0.5),
        write_shard(&place, 1, DeviceKind::Gpu, 0.25),
    ];
    let mut words = files.to_vec();
    words.extend(["-o".to_owned(), "merged.exr".to_owned()]);
    let (_, ended) = merge(&place, &words);
    assert_eq!(ended.code, 65, "{}", ended.said);
    assert!(
        ended.said.contains("gpu1-0.25.exr: rendered by a gpu"),
        "{}",
        ended.said
    );
    words.push("--allow-mixed-devices".to_owned());
    let (_, ended) = merge(&place, &words);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(ended.said.contains("Warning: "), "{}", ended.said);
    let exr = place.exr("merged.exr");
    assert_eq!(device_kinds(&exr), "cpu, gpu");
    let red = exr.channel("R").unwrap();
    assert!(red.contains(&0.5) && red.contains(&0.25));
    assert!(
        matches!(&exr.attributes["skywell:warnings"], Attribute::TextList(list)
        if list == &["something was ignored"])
    );
}

#[test]
fn two_sound_shards_that_differ_are_named() {
    let place = Place::with_scene(&scene::lit());
    let mut words = vec![
        write_shard(&place, 0, DeviceKind::Cpu, 0.5),
        write_shard(&place, 1, DeviceKind::Cpu, 0.5),
        write_shard(&place, 1, DeviceKind::Cpu, 0.25),
    ];
    words.push("--missing-list".to_owned());
    let (printed, ended) = merge(&place, &words);
    assert_eq!(ended.code, 65, "{}", ended.said);
    assert!(
        ended
            .said
            .contains("cpu1-0.25.exr and cpu1-0.5.exr: both are shard 1, and they differ"),
        "{}",
        ended.said
    );
    assert_eq!(printed, "1\n");
}
