//! Comparisons of whole pictures.

use super::testing::picture;
use super::*;
use crate::color::Chromaticities;
use crate::image::exr::Attribute;

const NAMES: [&str; 8] = [
    "R",
    "G",
    "B",
    "A",
    "variance.R",
    "variance.G",
    "variance.B",
    "variance.A",
];

/// 64 samples of each pixel, standard error 1 %.
fn frame() -> Picture {
    let mut frame = picture(40, 30, &NAMES);
    for plane in &mut frame.planes {
        let value = if is_variance(&plane.name) { 1e-4 } else { 1.0 };
        plane.samples.fill(value);
    }
    frame
        .attributes
        .insert("skywell:samples".into(), Attribute::Text("0..64".into()));
    frame
}

fn report_of(a: &Picture, b: &Picture) -> Report {
    let (a, b) = ((Path::new("a.exr"), a), (Path::new("b.exr"), b));
    compare(a, b, &Options::default()).unwrap().report
}

fn plane<'a>(picture: &'a mut Picture, name: &str) -> &'a mut Vec<f32> {
    let found = picture.planes.iter_mut().find(|plane| plane.name == name);
    &mut found.unwrap().samples
}

#[test]
fn verdicts_in_order() {
    let a = frame();
    assert_eq!(report_of(&a, &a).verdict, Verdict::Identical);
    let mut b = frame();
    for (index, value) in plane(&mut b, "G").iter_mut().enumerate() {
        *value += if index % 2 == 0 { 0.01 } else { -0.01 };
    }
    let report = report_of(&a, &b);
    assert_eq!(report.verdict, Verdict::Noise, "{report}");
    assert!(report.same && report.layers[0].flip.is_none());
    plane(&mut b, "G")
        .iter_mut()
        .for_each(|value| *value += 0.01);
    let report = report_of(&a, &b);
    assert_eq!(report.verdict, Verdict::Different);
    assert_eq!(report.reasons[0].charge, Charge::Noise);
    assert!(report.layers[0].flip.unwrap().mean > 0.0);
    assert!(
        report.to_string().contains("noise does not explain"),
        "{report}"
    );
}

#[test]
fn a_change_is_boxed() {
    let (a, mut b) = (frame(), frame());
    for y in 8..12 {
        plane(&mut b, "R")[y * 40 + 20..][..4].fill(2.0);
    }
    let report = report_of(&a, &b);
    let layer = report.worst_layer().unwrap();
    assert_eq!(layer.cause, Cause::Change);
    let found = layer.boxes[0];
    assert!(
        found.x0 <= 20 && found.x1 >= 24 && found.x1 - found.x0 <= 16,
        "{found}"
    );
}

#[test]
fn values_that_are_not_finite_are_named() {
    let (a, mut b) = (frame(), frame());
    plane(&mut b, "B")[41] = f32::NAN;
    plane(&mut b, "A")[90] = f32::INFINITY;
    plane(&mut b, "R")[3] = -0.5;
    let report = report_of(&a, &b);
    let defects: Vec<&str> = (report.reasons.iter())
        .filter(|reason| reason.charge == Charge::Defect)
        .map(|reason| reason.text.as_str())
        .collect();
    assert_eq!(defects.len(), 2);
    assert!(defects[0].contains("1,1: 1 -> NaN"), "{defects:?}");
    let [_, test] = report.files.unwrap();
    assert_eq!(
        (
            test.defects.nan,
            test.defects.infinite,
            test.defects.negative
        ),
        (1, 1, 1)
    );
    // In both, they are no difference.
    assert_eq!(report_of(&b, &b).verdict, Verdict::Identical);
}

#[test]
fn structure_is_compared() {
    let a = frame();
    let mut b = frame();
    b.planes.retain(|plane| plane.name != "A");
    let report = report_of(&a, &b);
    assert!(
        report.reasons[0].text.contains("lacks the channels A"),
        "{report}"
    );
    assert!(report_of(&b, &a).same);
    let mut b = frame();
    b.chromaticities = Chromaticities {
        red: [0.713, 0.293],
        ..b.chromaticities
    };
    assert_eq!(report_of(&a, &b).reasons[0].charge, Charge::Structure);
    let mut b = frame();
    b.data.x = 1;
    let error = compare(
        (Path::new("a.exr"), &a),
        (Path::new("b.exr"), &b),
        &Options::default(),
    );
    assert!(error.unwrap_err().to_string().contains("40x30 at 1,0"));
    let names = picture(40, 30, &["Z"]);
    let error = compare(
        (Path::new("a.exr"), &a),
        (Path::new("b.exr"), &names),
        &Options::default(),
    );
    assert!(matches!(error, Err(Error::NothingInCommon { .. })));
    let mut b = frame();
    b.encoding = Encoding::Display;
    let error = compare(
        (Path::new("a.exr"), &a),
        (Path::new("b.png"), &b),
        &Options::default(),
    );
    assert!(matches!(error, Err(Error::KindsDiffer { .. })));
}

#[test]
fn unknown_noise_is_judged_by_eye() {
    let mut a = frame();
    a.planes.retain(|plane| !is_variance(&plane.name));
    let mut b = a.clone();
    plane(&mut b, "R")
        .iter_mut()
        .for_each(|value| *value += 0.001);
    assert_eq!(report_of(&a, &b).verdict, Verdict::Invisible);
    plane(&mut b, "R")
        .iter_mut()
        .for_each(|value| *value += 3.0);
    let report = report_of(&a, &b);
    assert_eq!(report.verdict, Verdict::Different);
    assert_eq!(report.reasons[0].charge, Charge::Visible);
    assert!(!report.layers[0].boxes.is_empty());
}

#[test]
fn a_reference_without_variances_may_borrow_them() {
    let mut a = frame();
    a.planes.retain(|plane| !is_variance(&plane.name));
    a.attributes.clear();
    let mut b = frame();
    for (index, value) in plane(&mut b, "R").iter_mut().enumerate() {
        let is_odd = (index / 40 + index) % 2 == 1;
        *value += if is_odd { 0.012 } else { -0.012 };
    }
    assert_eq!(report_of(&a, &b).verdict, Verdict::Invisible);
    let options = Options {
        reference_samples: Some(1024),
        ..Options::default()
    };
    let report = |b: &Picture| {
        compare((Path::new("a"), &a), (Path::new("b"), b), &options)
            .unwrap()
            .report
    };
    assert_eq!(report(&b).verdict, Verdict::Noise);
    // A pixel in which the test has seen no variance says nothing of the reference's.
    plane(&mut b, "variance.R")[99] = 0.0;
    assert_eq!(report(&b).verdict, Verdict::Noise);
    plane(&mut b, "R")
        .iter_mut()
        .for_each(|value| *value += 0.01);
    assert_eq!(report(&b).verdict, Verdict::Different);
}

#[test]
fn data_layers_are_seen_as_grey() {
    let mut a = picture(40, 30, &["depth.Z"]);
    let ramp = |index: usize| (index % 40) as f32 * 25.0;
    a.planes[0].samples = (0..1200).map(ramp).collect();
    let mut b = a.clone();
    b.planes[0].samples[500] += 1.0;
    assert_eq!(report_of(&a, &b).verdict, Verdict::Invisible);
    b.planes[0].samples.iter_mut().for_each(|z| *z = 975.0 - *z);
    assert_eq!(report_of(&a, &b).verdict, Verdict::Different);
}
