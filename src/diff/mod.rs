//! Whether two pictures are the same, and if not, how they differ.
//!
//! Verdicts come in order, and the first that decides ends the comparison:
//!
//! 1. **identical**: the files' bytes, else every value of every plane, bit for bit;
//! 2. **explained by noise**, where variances are stored: see [`noise`];
//! 3. **visible**: FLIP and HDR-FLIP ([`flip`]), with MSE, relMSE, PSNR and SSIM beside. Where
//!    noise is known it has decided already, and these say how visible the difference is. Where it
//!    is not known, a layer differs if its mean FLIP is above a limit.
//!
//! Channels that are missing, other colour spaces, and values that are not finite where the
//! reference's are, are differences whatever the verdicts say.
//!
//! This room knows pictures only: not what rendered them, nor what is done about a difference.

mod bytes;
mod defect;
mod error;
mod filter;
pub mod flip;
mod heat;
mod layer;
mod look;
mod metric;
pub mod noise;
mod picture;
mod provenance;
mod rect;
mod report;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use defect::{Defects, Specks};
pub use error::Error;
pub use heat::colors as heat_colors;
pub use metric::{Errors, ssim};
pub use picture::{Encoding, Picture, Plane};
pub use provenance::Change;
pub use rect::Rect;
pub use report::{Cause, Charge, FileReport, FlipReport, LayerReport, Reason, Report, Verdict};

use self::layer::{Layer, common_layers, is_variance, main_layer, variance_names};
use self::noise::{Estimate, NamedPair, NoiseReport, Pair};
use crate::image::exr::Window;
use std::path::Path;

/// Mean FLIP up to which a layer without known noise is taken for the same, unless asked otherwise.
pub const DEFAULT_MAX_FLIP: f64 = 0.05;

/// How to compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Probability that noise is taken for a change, per comparison, in `(0, 1)`.
    pub alpha: f64,
    /// Mean FLIP up to which a layer whose noise is not known is taken for the same, `[0, 1]`.
    pub max_flip: f64,
    /// Samples a pixel of a reference that stores no variance: its noise is then taken to be the
    /// test's, scaled.
    pub reference_samples: Option<u32>,
    /// Measure visibility even if something else has decided.
    pub always_look: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            alpha: noise::DEFAULT_ALPHA,
            max_flip: DEFAULT_MAX_FLIP,
            reference_samples: None,
            always_look: false,
        }
    }
}

/// A map of FLIP.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `[y][x]`, in `[0, 1]`.
    pub values: Vec<f32>,
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was found.
    pub report: Report,
    /// FLIP of the layer it is largest in, or of the main one; if any was looked at.
    pub map: Option<Map>,
}

/// Compares two files.
///
/// # Errors
/// When they cannot be compared: see [`Error`].
pub fn compare_files(
    reference: &Path,
    test: &Path,
    options: &Options,
) -> Result<Comparison, Error> {
    if !options.always_look && bytes::are_identical(reference, test)? {
        let report = Report::of_identical_bytes();
        return Ok(Comparison { report, map: None });
    }
    let (a, b) = rayon::join(|| Picture::read(reference), || Picture::read(test));
    compare((reference, &a?), (test, &b?), options)
}

/// Compares two pictures; the paths only name them.
///
/// # Errors
/// When they cannot be compared: see [`Error`].
pub fn compare(
    (reference_path, reference): (&Path, &Picture),
    (test_path, test): (&Path, &Picture),
    options: &Options,
) -> Result<Comparison, Error> {
    check_comparable((reference_path, reference), (test_path, test))?;
    let layers = common_layers(reference, test);
    if layers.is_empty() {
        return Err(Error::NothingInCommon {
            reference: reference_path.to_owned(),
            reference_channels: channel_names(reference),
            test: test_path.to_owned(),
            test_channels: channel_names(test),
        });
    }
    let width = reference.data.width;
    let main = &layers[main_layer(&layers)];
    let file = |path: &Path, picture: &Picture| FileReport {
        path: path.display().to_string(),
        format: picture.format,
        width,
        height: picture.data.height,
        samples: picture.samples_per_pixel(),
        defects: defects(picture),
        specks: Specks::of(&look::brightness(picture, main), width),
    };
    let files = [file(reference_path, reference), file(test_path, test)];
    let mut notes = Vec::new();
    let mut reasons = structure(reference, test, &mut notes);
    reasons.extend(new_defects(reference, test, &layers));
    let is_moved: Vec<bool> = (layers.iter())
        .map(|layer| {
            layer
                .planes
                .iter()
                .any(|name| is_plane_moved(reference, test, name))
        })
        .collect();
    let noise = test_noise(reference, test, &layers, &files, options, &mut notes);
    let mut outcome = Outcome {
        reports: Vec::new(),
        map: None,
        has_unknown: false,
    };
    for (layer, is_moved) in layers.iter().zip(is_moved) {
        outcome.add(
            reference,
            test,
            layer,
            is_moved,
            noise.as_ref(),
            options,
            !reasons.is_empty(),
        );
    }
    let Outcome {
        reports,
        map,
        has_unknown,
    } = outcome;
    if let Some(noise) = noise.as_ref().filter(|noise| !noise.is_explained) {
        reasons.extend(noise_reasons(noise));
    }
    for layer in reports.iter().filter(|layer| layer.cause == Cause::Unknown) {
        if let Some(flip) = layer.flip.filter(|flip| flip.mean > options.max_flip) {
            let (mean, limit) = (flip.mean, options.max_flip);
            reasons.push(Reason {
                charge: Charge::Visible,
                text: format!("{}: mean FLIP is {mean:.4}, above {limit}", layer.name),
            });
        }
    }
    let verdict = if !reasons.is_empty() {
        Verdict::Different
    } else if reports.iter().all(|layer| layer.cause == Cause::None) {
        Verdict::Identical
    } else if has_unknown {
        Verdict::Invisible
    } else {
        Verdict::Noise
    };
    let report = Report {
        verdict,
        same: verdict.is_same(),
        reasons,
        notes,
        files: Some(files),
        noise,
        layers: reports,
        provenance: provenance::changes(reference, test),
    };
    Ok(Comparison { report, map })
}

/// What comes of the layers.
struct Outcome {
    reports: Vec<LayerReport>,
    map: Option<Map>,
    has_unknown: bool,
}

impl Outcome {
    #[expect(
        clippy::too_many_arguments,
        reason = "all of the comparison's state meets here"
    )]
    fn add(
        &mut self,
        reference: &Picture,
        test: &Picture,
        layer: &Layer,
        is_moved: bool,
        noise: Option<&NoiseReport>,
        options: &Options,
        is_decided: bool,
    ) {
        let (cause, places) = match noise {
            _ if !is_moved => (Cause::None, Vec::new()),
            Some(noise) => cause_by_noise(noise, layer, reference, test),
            None => (Cause::Unknown, Vec::new()),
        };
        self.has_unknown |= cause == Cause::Unknown;
        let mut boxes = rect::around(&places);
        let pairs: Vec<(&[f32], &[f32])> = (layer.planes.iter())
            .filter_map(|name| {
                Some((
                    &*reference.plane(name)?.samples,
                    &*test.plane(name)?.samples,
                ))
            })
            .collect();
        let peak = (reference.encoding == Encoding::Display).then_some(1.0);
        let errors = is_moved.then(|| Errors::of(&pairs, peak));
        let wants_look = match cause {
            Cause::None => options.always_look,
            Cause::Noise => options.always_look || is_decided,
            Cause::Change | Cause::Unknown => true,
        };
        // Looking takes long; at most one layer that noise has judged needs it.
        let is_judged = matches!(cause, Cause::None | Cause::Noise | Cause::Change);
        let has_map = self.reports.iter().any(|report| report.flip.is_some());
        let mut flip = None;
        let mut ssim = None;
        if wants_look && !(is_judged && has_map) {
            let seen = look::look(reference, test, layer);
            if boxes.is_empty() && cause == Cause::Unknown {
                boxes = rect::around(&seen.visible_places(options.max_flip));
            }
            ssim = Some(seen.ssim);
            flip = Some(seen.report);
            let is_worst = (self.reports.iter())
                .filter_map(|report| report.flip)
                .all(|flip| flip.mean < seen.report.mean);
            if is_worst || self.map.is_none() {
                self.map = Some(seen.map);
            }
        }
        self.reports.push(LayerReport {
            name: layer.title().to_owned(),
            channels: layer.planes.clone(),
            cause,
            errors,
            ssim,
            flip,
            boxes,
        });
    }
}

fn check_comparable(
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

fn channel_names(picture: &Picture) -> String {
    let names: Vec<&str> = picture
        .planes
        .iter()
        .map(|plane| plane.name.as_str())
        .collect();
    names.join(", ")
}

fn defects(picture: &Picture) -> Defects {
    let planes = picture
        .planes
        .iter()
        .filter(|plane| !is_variance(&plane.name));
    planes
        .map(|plane| Defects::of(&plane.samples, picture.data.width))
        .fold(Defects::default(), Defects::and)
}

/// Differences of what the files hold, beside values.
fn structure(reference: &Picture, test: &Picture, notes: &mut Vec<String>) -> Vec<Reason> {
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
fn new_defects(reference: &Picture, test: &Picture, layers: &[Layer]) -> Vec<Reason> {
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

fn is_plane_moved(reference: &Picture, test: &Picture, name: &str) -> bool {
    match (reference.plane(name), test.plane(name)) {
        (Some(a), Some(b)) => {
            bytemuck::cast_slice::<f32, u8>(&a.samples)
                != bytemuck::cast_slice::<f32, u8>(&b.samples)
        }
        _ => false,
    }
}

/// Tests all planes whose noise is known; `None` if there is none.
fn test_noise(
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
            };
            Some(NamedPair { name, pair })
        })
        .collect();
    if planes.is_empty() {
        return None;
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
fn cause_by_noise(
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

fn noise_reasons(noise: &NoiseReport) -> Vec<Reason> {
    let beyond = noise.scales.iter().filter(|scale| scale.p <= noise.alpha);
    beyond
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
