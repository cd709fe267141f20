//! Nested solids: what a path inside some solids finds on the other side of a boundary.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod probes;
mod scene_kit;

use skywell::compiled::Compiled;
use skywell::compiled::record::{BoundaryAnswer, BoundaryQuery, INVALID, MEDIUM_NONE};
use skywell::kernel::Tables;
use skywell::scene::Scene;
use skywell::settings::RenderSettings;

/// Packs at most four media as paths carry them.
fn pack(media: &[u32]) -> [u32; 2] {
    let at = |i: usize| media.get(i).copied().unwrap_or(MEDIUM_NONE);
    [at(0) | at(1) << 16, at(2) | at(3) << 16]
}

/// The media beyond the boundary of `medium`, what fills the near and what fills the far side.
fn meet(inside: &[u32], medium: u32, front: bool) -> ([u32; 2], u32, u32) {
    let camera = scene_kit::look(glam::Vec3::Z, glam::Vec3::ZERO, 1.0);
    let nothing = Compiled::build(Scene::default(), &camera, &RenderSettings::new(1, 1)).unwrap();
    let [media_a, media_b] = pack(inside);
    let query = BoundaryQuery {
        media_a,
        media_b,
        medium,
        front: u32::from(front),
    };
    let tables = Tables::from(&nothing);
    let answer: BoundaryAnswer = probes::ask(&probe!(probe_boundary), &tables, &[query])[0];
    ([answer.beyond_a, answer.beyond_b], answer.near, answer.far)
}

#[test]
fn lowest_number_fills_the_space() {
    // Into water, then into a stone in it, and out of both.
    assert_eq!(meet(&[], 7, true), (pack(&[7]), MEDIUM_NONE, 7));
    assert_eq!(meet(&[7], 3, true), (pack(&[3, 7]), 7, 3));
    assert_eq!(meet(&[3, 7], 3, false), (pack(&[7]), 3, 7));
    assert_eq!(meet(&[7], 7, false), (pack(&[]), 7, MEDIUM_NONE));
    // The water's surface within the stone counts for nothing.
    assert_eq!(meet(&[3], 7, true), (pack(&[3, 7]), 3, 3));
    assert_eq!(meet(&[3, 7], 7, false), (pack(&[3]), 3, 3));
}

/// What a boundary separates is the same from both sides.
#[test]
fn boundaries_are_the_same_from_both_sides() {
    let others: [&[u32]; 5] = [&[], &[2], &[9], &[2, 9], &[1, 2, 9]];
    for inside in others {
        let (beyond, near, far) = meet(inside, 5, true);
        let unpacked: Vec<u32> = beyond
            .iter()
            .flat_map(|word| [word & 0xffff, word >> 16])
            .filter(|&medium| medium != MEDIUM_NONE)
            .collect();
        assert_eq!(meet(&unpacked, 5, false), (pack(inside), far, near));
    }
}

#[test]
fn shared_numbers_are_counted() {
    assert_eq!(meet(&[5], 5, true), (pack(&[5, 5]), 5, 5));
    assert_eq!(meet(&[5, 5], 5, false), (pack(&[5]), 5, 5));
}

#[test]
fn a_fifth_solid_displaces_the_last() {
    assert_eq!(meet(&[1, 3, 5, 7], 4, true).0, pack(&[1, 3, 4, 5]));
    assert_eq!(meet(&[1, 3, 5, 7], 9, true).0, pack(&[1, 3, 5, 7]));
}

#[test]
fn open_meshes_are_left_without_having_been_entered() {
    assert_eq!(meet(&[], 5, false), (pack(&[]), 5, MEDIUM_NONE));
    assert_eq!(meet(&[2], 5, false), (pack(&[2]), 2, 2));
}

#[test]
fn surfaces_of_no_solid_change_nothing() {
    assert_eq!(meet(&[2, 9], INVALID, true), (pack(&[2, 9]), 2, 2));
}

also_asks_gpu!(
    lowest_number_fills_the_space,
    boundaries_are_the_same_from_both_sides,
    shared_numbers_are_counted,
    a_fifth_solid_displaces_the_last,
    open_meshes_are_left_without_having_been_entered,
    surfaces_of_no_solid_change_nothing,
);
