//! Differences of what two files hold, beside the size of values.

use super::Error;
use super::layer::{Layer, is_variance};
use super::picture::Picture;
use super::report::{Charge, Reason};
use crate::image::exr::Window;
use std::path::Path;

/// Can the pictures be compared: are they of one kind and size?
pub fn check_comparable(
    (reference_path, reference): (&Path, &Picture),
    (test_path, test): (&Path, &Picture),
) -> Result<(), Error> {
    if reference.encoding != test.encoding {
        return Err(Error::KindsDiffer {
            reference: reference_path.to_owned(),
            reference_format: reference.format,
            test: test_path.to_owned(),
            test_format: test.format,
        });
    }
    if reference.data != test.data {
        let size = |Window {
                        x,
                        y,
                        width,
                        height,
                    }: Window| format!("{width}x{height} at {x},{y}");
        return Err(Error::SizesDiffer {
            reference: reference_path.to_owned(),
            reference_size: size(reference.data),
            test: test_path.to_owned(),
            test_size: size(test.data),
        });
    }
    Ok(())
}

/// Names of all planes.
pub fn channel_names(picture: &Picture) -> String {
    let names: Vec<&str> = picture
        .planes
        .iter()
        .map(|plane| plane.name.as_str())
        .collect();
    names.join(", ")
}

/// Differences of what the files hold, beside values.
pub fn structure(reference: &Picture, test: &Picture, notes: &mut Vec<String>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut differ = |text: String| {
        reasons.push(Reason {
            charge: Charge::Structure,
            text,
        })
    };
    let lacking = |from: &Picture, of: &Picture, variances: bool| -> Option<String> {
        let names = of.planes.iter().map(|plane| plane.name.as_str());
        let lacking: Vec<&str> = names
            .filter(|name| is_variance(name) == variances && from.plane(name).is_none())
            .collect();
        (!lacking.is_empty()).then(|| lacking.join(", "))
    };
    if let Some(names) = lacking(test, reference, false) {
        differ(format!("the test lacks the channels {names}"));
    }
    if let Some(names) = lacking(reference, test, false) {
        notes.push(format!(
            "channels only the test has are not compared: {names}"
        ));
    }
    for (of, from, who) in [(reference, test, "reference"), (test, reference, "test")] {
        if let Some(names) = lacking(from, of, true) {
            notes.push(format!("only the {who} stores variances: {names}"));
        }
    }
    if !reference.chromaticities.is_close(&test.chromaticities) {
        differ(format!(
            "the colour spaces differ: {:?} and {:?}",
            reference.chromaticities, test.chromaticities
        ));
    }
    if reference.display != test.display {
        let show = |window: Window| {
            format!(
                "{}x{} at {},{}",
                window.width, window.height, window.x, window.y
            )
        };
        differ(format!(
            "the display windows differ: {} and {}",
            show(reference.display),
            show(test.display)
        ));
    }
    reasons
}

/// Values that are not finite where the reference's are, or the other way round.
pub fn new_defects(reference: &Picture, test: &Picture, layers: &[Layer]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let width = reference.data.width;
    for name in layers.iter().flat_map(|layer| &layer.planes) {
        let (Some(a), Some(b)) = (reference.plane(name), test.plane(name)) else {
            continue;
        };
        let changed = |a: f32, b: f32| a.is_finite() != b.is_finite() || a.is_nan() != b.is_nan();
        let mut places = (a.samples.iter().zip(&b.samples).enumerate())
            .filter(|(_, (a, b))| changed(**a, **b))
            .map(|(index, (a, b))| (index, *a, *b));
        if let Some((index, a, b)) = places.next() {
            let (x, y, n) = (index % width, index / width, 1 + places.count());
            reasons.push(Reason {
                charge: Charge::Defect,
                text: format!("{name} is not finite in one of the two: {n} pixels, the first at {x},{y}: {a} -> {b}"),
            });
        }
    }
    reasons
}

/// Does any value of the plane differ in any bit? Not if one has no such plane.
pub fn is_plane_moved(reference: &Picture, test: &Picture, name: &str) -> bool {
    match (reference.plane(name), test.plane(name)) {
        (Some(a), Some(b)) => {
            bytemuck::cast_slice::<f32, u8>(&a.samples)
                != bytemuck::cast_slice::<f32, u8>(&b.samples)
        }
        _ => false,
    }
}
