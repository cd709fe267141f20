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
#![doc = include_str!("trust.md")]
//!
//! This room knows pictures only: not what rendered them, nor what is done about a difference.

mod bytes;
mod defect;
mod error;
mod filter;
pub mod flip;
mod heat;
mod known_noise;
mod layer;
mod look;
mod metric;
pub mod noise;
mod picture;
mod provenance;
mod rect;
mod report;
mod structure;
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

use self::known_noise::{cause_by_noise, noise_reasons, test_noise};
use self::layer::{Layer, common_layers, is_variance, main_layer};
use self::noise::NoiseReport;
use self::structure::{channel_names, check_comparable, is_plane_moved, new_defects, structure};
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
    for path in [reference, test] {
        picture::Format::of(path)?;
    }
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
    let judge = Judge {
        reference,
        test,
        noise: noise.as_ref(),
        options,
        is_decided: !reasons.is_empty() || noise.as_ref().is_some_and(|noise| !noise.is_explained),
    };
    let mut outcome = Outcome::default();
    for (layer, is_moved) in layers.iter().zip(is_moved) {
        judge.add(layer, is_moved, &mut outcome);
    }
    let Outcome { reports, map } = outcome;
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
    } else if reports.iter().any(|layer| layer.cause == Cause::Unknown) {
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
#[derive(Default)]
struct Outcome {
    reports: Vec<LayerReport>,
    map: Option<Map>,
}

/// What is known when layers are looked at.
struct Judge<'a> {
    reference: &'a Picture,
    test: &'a Picture,
    noise: Option<&'a NoiseReport>,
    options: &'a Options,
    /// Is it known already that the pictures differ?
    is_decided: bool,
}

impl Judge<'_> {
    /// Finds out why a layer differs, and how much.
    fn add(&self, layer: &Layer, is_moved: bool, outcome: &mut Outcome) {
        let Self {
            reference,
            test,
            options,
            ..
        } = *self;
        let (cause, places) = match self.noise {
            _ if !is_moved => (Cause::None, Vec::new()),
            Some(noise) => cause_by_noise(noise, layer, reference, test),
            None => (Cause::Unknown, Vec::new()),
        };
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
            Cause::Noise => options.always_look || self.is_decided,
            Cause::Change | Cause::Unknown => true,
        };
        // Looking takes long; at most one layer that noise has judged needs it.
        let is_judged = matches!(cause, Cause::None | Cause::Noise | Cause::Change);
        let has_map = outcome.reports.iter().any(|report| report.flip.is_some());
        let mut flip = None;
        let mut ssim = None;
        if wants_look && !(is_judged && has_map) {
            let seen = look::look(reference, test, layer);
            if boxes.is_empty() && cause == Cause::Unknown {
                boxes = rect::around(&seen.visible_places(options.max_flip));
            }
            ssim = Some(seen.ssim);
            flip = Some(seen.report);
            let is_worst = (outcome.reports.iter())
                .filter_map(|report| report.flip)
                .all(|flip| flip.mean < seen.report.mean);
            if is_worst || outcome.map.is_none() {
                outcome.map = Some(seen.map);
            }
        }
        outcome.reports.push(LayerReport {
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

fn defects(picture: &Picture) -> Defects {
    let planes = picture
        .planes
        .iter()
        .filter(|plane| !is_variance(&plane.name));
    planes
        .map(|plane| Defects::of(&plane.samples, picture.data.width))
        .fold(Defects::default(), Defects::and)
}
