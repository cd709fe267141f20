//! Shards of different kinds of devices. Their files are made here, as not every machine has a GPU.

use skywell::farm::{self, Cut, Frame, Shard};
use skywell::film::Film;
use skywell::image::exr::Attribute;
use skywell::integrator::DeviceKind;
use skywell::output::Provenance;
use skywell::settings::{Region, RenderSettings};
use std::collections::BTreeSet;

use crate::place::Place;
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
    let text = |name: &str| match &exr.attributes[name] {
        Attribute::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text("skywell:deviceKinds"), "cpu, gpu");
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
