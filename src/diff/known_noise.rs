//! From stored variances and sample counts to tests, and from their outcome to causes.

use super::layer::{Layer, variance_names};
use super::noise::{self, Estimate, NamedPair, NoiseReport, Pair};
use super::picture::Picture;
use super::rect::Rect;
use super::report::{Cause, Charge, FileReport, Reason};
use super::structure::is_plane_moved;
use super::{Options, defect};

/// Tests all planes whose noise is known; `None` if there is none.
pub fn test_noise(
    reference: &Picture,
    test: &Picture,
    layers: &[Layer],
    files: &[FileReport; 2],
    options: &Options,
    notes: &mut Vec<String>,
) -> Option<NoiseReport> {
    let names: Vec<&String> = layers.iter().flat_map(|layer| &layer.planes).collect();
    let variance = |picture: &'_ Picture, name: &str| -> Option<usize> {
        let wanted = variance_names(name);
        picture
            .planes
            .iter()
            .position(|plane| wanted.contains(&plane.name))
    };
    if names.iter().all(|name| variance(test, name).is_none()) {
        return None;
    }
    if !reference.chromaticities.is_close(&test.chromaticities) {
        return None;
    }
    let Some(test_samples) = test.samples_per_pixel().filter(|&n| n >= 2) else {
        notes.push(
            "the test does not say how many samples it has (skywell:samples): its noise is unknown"
                .to_owned(),
        );
        return None;
    };
    let reference_samples = match reference.samples_per_pixel().or(options.reference_samples) {
        Some(samples) if samples >= 2 => samples,
        _ => {
            notes.push("how many samples the reference has is not known: give --reference-samples to test against noise".to_owned());
            return None;
        }
    };
    // For a reference without variances, the test's, scaled to its number of samples.
    let scale = test_samples as f32 / reference_samples as f32;
    let stand_ins: Vec<Option<Vec<f32>>> = names
        .iter()
        .map(|name| {
            if variance(reference, name).is_some() || options.reference_samples.is_none() {
                return None;
            }
            let of_test = &test.planes[variance(test, name)?].samples;
            Some(of_test.iter().map(|v| v * scale).collect())
        })
        .collect();
    let planes: Vec<NamedPair> = names
        .iter()
        .zip(&stand_ins)
        .filter_map(|(name, stand_in)| {
            let (a, b) = (reference.plane(name)?, test.plane(name)?);
            let of_reference = match (variance(reference, name), stand_in) {
                (Some(index), _) => &reference.planes[index].samples,
                (None, Some(stand_in)) => stand_in,
                (None, None) => return None,
            };
            let pair = Pair {
                reference: Estimate {
                    mean: &a.samples,
                    variance: of_reference,
                    samples: reference_samples,
                },
                test: Estimate {
                    mean: &b.samples,
                    variance: &test.planes[variance(test, name)?].samples,
                    samples: test_samples,
                },
                is_half: a.is_half || b.is_half,
                is_borrowed: stand_in.is_some(),
            };
            Some(NamedPair { name, pair })
        })
        .collect();
    if planes.is_empty() {
        return None;
    }
    if planes.iter().any(|plane| plane.pair.is_borrowed) {
        notes.push(format!(
            "the reference's noise is taken to be the test's at {reference_samples} samples; single \
             pixels are not tested"
        ));
    }
    let specks = [&files[0].specks, &files[1].specks];
    let firefly =
        defect::firefly_probability(specks[0], specks[1], (reference_samples, test_samples));
    Some(noise::test(
        &planes,
        reference.data.width,
        options.alpha,
        firefly,
    ))
}

/// What noise says of a layer, and where it cannot explain it.
pub fn cause_by_noise(
    noise: &NoiseReport,
    layer: &Layer,
    reference: &Picture,
    test: &Picture,
) -> (Cause, Vec<Rect>) {
    let tested = |name: &String| noise.beyond.iter().find(|(plane, _)| plane == name);
    let places: Vec<Rect> = (layer.planes.iter().filter_map(tested))
        .flat_map(|(_, places)| places.iter().copied())
        .collect();
    let is_unknown = (layer.planes.iter())
        .any(|name| tested(name).is_none() && is_plane_moved(reference, test, name));
    if !places.is_empty() {
        (Cause::Change, places)
    } else if is_unknown {
        (Cause::Unknown, places)
    } else {
        (Cause::Noise, places)
    }
}

/// A reason for each scale that noise cannot explain, the most certain first.
pub fn noise_reasons(noise: &NoiseReport) -> Vec<Reason> {
    let beyond = noise.scales.iter().filter(|scale| scale.p <= noise.alpha);
    let mut beyond: Vec<_> = beyond.collect();
    beyond.sort_by(|a, b| a.p.total_cmp(&b.p));
    beyond
        .into_iter()
        .map(|scale| Reason {
            charge: Charge::Noise,
            text: format!(
                "noise does not explain {} of {}: p = {:.1e}, worst in {} at {}",
                scale.n_beyond.max(1),
                scale.scale,
                scale.p,
                scale.worst_plane,
                scale.worst_at
            ),
        })
        .collect()
}
