//! Whether a comparison can be trusted: it finds planted faults and takes noise for noise. The
//! same with more samples and comparisons, as tables: `cargo bench --bench trust`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod scene_kit;
mod trust_kit;

use skywell::diff::{Charge, Verdict};
use trust_kit::{Bench, Frame, Recipe, compare, faults};

#[test]
fn planted_faults_are_found_and_noise_is_not() {
    let frame = Frame {
        side: 128,
        samples: 256,
    };
    let bench = Bench::new(frame);
    for fault in faults() {
        let report = bench.compare(&fault);
        assert_eq!(report.same, !fault.is_fault, "{}: {report}", fault.name);
        let charged = report.reasons.first().map(|reason| reason.charge);
        assert_eq!(
            charged,
            fault.is_fault.then_some(Charge::Noise),
            "{}",
            fault.name
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_picture() {
    let frame = Frame {
        side: 24,
        samples: 4,
    };
    let report = compare(
        &frame.render(&Recipe::RIGHT, 7),
        &frame.render(&Recipe::RIGHT, 7),
        1e-3,
    );
    assert_eq!(report.verdict, Verdict::Identical);
}

#[test]
fn other_seeds_raise_few_alarms() {
    let frame = Frame {
        side: 32,
        samples: 16,
    };
    // At a rate of one in twenty, 24 comparisons have 6 alarms or more with a probability of 0.001.
    let alarm = |i: u32| {
        let [a, b] = [2 * i, 2 * i + 1].map(|seed| frame.render(&Recipe::RIGHT, 1000 + seed));
        !compare(&a, &b, 0.05).same
    };
    let alarms = (0..24).filter(|&i| alarm(i)).count();
    assert!(alarms < 6, "{alarms} false alarms of 24");
}

#[test]
fn fewer_samples_than_the_references_are_noise_too() {
    let [many, few] = [128, 16].map(|samples| Frame { side: 48, samples });
    let report = compare(
        &many.render(&Recipe::RIGHT, 3),
        &few.render(&Recipe::RIGHT, 4),
        1e-3,
    );
    assert!(report.same, "{report}");
    let darker = Recipe {
        lamp: 10.0,
        ..Recipe::RIGHT
    };
    assert!(
        !compare(
            &many.render(&Recipe::RIGHT, 3),
            &few.render(&darker, 4),
            1e-3
        )
        .same
    );
}
