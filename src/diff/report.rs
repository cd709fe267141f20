//! What a comparison found, for people and for programs.

use super::defect::{Defects, Specks};
use super::flip::Exposures;
use super::metric::Errors;
use super::noise::NoiseReport;
use super::provenance::Change;
use super::rect::Rect;
use serde::Serialize;
use std::fmt::{self, Display};

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every value is the same, bit for bit.
    Identical,
    /// Values differ as noise of the stored size does.
    Noise,
    /// How large the noise is, is not known; what differs is hardly visible.
    Invisible,
    /// The pictures differ.
    Different,
}

impl Verdict {
    /// Are the pictures to be taken for the same?
    #[must_use]
    pub fn is_same(self) -> bool {
        self != Self::Different
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identical => "identical",
            Self::Noise => "explained by noise",
            Self::Invisible => "not visibly different",
            Self::Different => "different",
        })
    }
}

/// What convicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charge {
    /// Channels or colour spaces differ.
    Structure,
    /// Values that are no numbers, or infinite, where the reference has none.
    Defect,
    /// Noise does not explain it.
    Noise,
    /// It is visible, and the size of the noise is unknown.
    Visible,
}

/// Why the verdict is "different".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Kind.
    pub charge: Charge,
    /// One line.
    pub text: String,
}

/// One of the files.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// As given.
    pub path: String,
    /// Format.
    pub format: &'static str,
    /// Columns present.
    pub width: usize,
    /// Rows present.
    pub height: usize,
    /// Samples a pixel, if the file says.
    pub samples: Option<u32>,
    /// Values no picture should have, over all planes but variances.
    pub defects: Defects,
    /// Specks of the main layer.
    pub specks: Specks,
}

/// FLIP of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FlipReport {
    /// Mean over pixels.
    pub mean: f64,
    /// Exceeded by one pixel in a hundred.
    pub p99: f64,
    /// Largest.
    pub max: f64,
    /// Exposures looked at, if HDR-FLIP.
    pub exposures: Option<Exposures>,
}

/// What a layer's difference is put down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nothing differs.
    None,
    /// Noise explains it.
    Noise,
    /// Noise does not explain it.
    Change,
    /// The size of its noise is not stored.
    Unknown,
}

/// A layer that both pictures have.
#[derive(Clone, Debug, Serialize)]
pub struct LayerReport {
    /// Name; `picture` for the unnamed one.
    pub name: String,
    /// Channels.
    pub channels: Vec<String>,
    /// What its difference is put down to.
    pub cause: Cause,
    /// Numbers, unless identical.
    pub errors: Option<Errors>,
    /// Structural similarity of its grey values as displayed, if it was looked at.
    pub ssim: Option<f64>,
    /// How visible the difference is, if it was looked at.
    pub flip: Option<FlipReport>,
    /// Where it moved.
    pub boxes: Vec<Rect>,
}

/// All that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What decides.
    pub verdict: Verdict,
    /// Is the verdict one of sameness? What the exit code says.
    pub same: bool,
    /// Why not.
    pub reasons: Vec<Reason>,
    /// Worth knowing, but no reason.
    pub notes: Vec<String>,
    /// The two files; null if their bytes are identical and nothing was decoded.
    pub files: Option<[FileReport; 2]>,
    /// Tests against noise, if both sides' noise is known.
    pub noise: Option<NoiseReport>,
    /// Layers, the picture first.
    pub layers: Vec<LayerReport>,
    /// How what they were made from differs.
    pub provenance: Vec<Change>,
}

impl Report {
    /// Of files with the same bytes.
    #[must_use]
    pub fn of_identical_bytes() -> Self {
        Self {
            verdict: Verdict::Identical,
            same: true,
            reasons: Vec::new(),
            notes: vec!["the files' bytes are the same".to_owned()],
            files: None,
            noise: None,
            layers: Vec::new(),
            provenance: Vec::new(),
        }
    }

    /// The layer most worth a look: the first that differs, by visibility if known.
    #[must_use]
    pub fn worst_layer(&self) -> Option<&LayerReport> {
        let flip = |layer: &LayerReport| layer.flip.map_or(0.0, |flip| flip.mean);
        let differing = self
            .layers
            .iter()
            .filter(|layer| layer.cause != Cause::None);
        differing.max_by(|a, b| flip(a).total_cmp(&flip(b)))
    }
}

impl Display for Report {
    /// The report for people, lines without one at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verdict: {}", self.verdict)?;
        for reason in &self.reasons {
            write!(f, "\n  because {}", reason.text)?;
        }
        for note in &self.notes {
            write!(f, "\n  note: {note}")?;
        }
        if let Some(noise) = &self.noise {
            let means = if noise.is_explained {
                "noise explains the differences"
            } else {
                "noise does not explain them"
            };
            write!(
                f,
                "\nNoise: p = {:.2e} at a false-alarm rate of {}: {means}",
                noise.p, noise.alpha
            )?;
            for scale in &noise.scales {
                write!(
                    f,
                    "\n  {:<20} {:>9} tests, {:>7} beyond, worst {:>6.1} sd in {} at {}",
                    scale.scale.to_string(),
                    scale.n_tests,
                    scale.n_beyond,
                    scale.worst_deviations,
                    scale.worst_plane,
                    scale.worst_at
                )?;
            }
        }
        for layer in &self.layers {
            write_layer(f, layer)?;
        }
        if let Some(files) = &self.files {
            for (name, file) in ["reference", "test"].iter().zip(files) {
                write_file(f, name, file)?;
            }
        }
        if !self.provenance.is_empty() {
            write!(f, "\nMade differently (reference -> test):")?;
            for change in &self.provenance {
                write!(f, "\n  {change}")?;
            }
        }
        Ok(())
    }
}

fn write_layer(f: &mut fmt::Formatter<'_>, layer: &LayerReport) -> fmt::Result {
    let Some(errors) = &layer.errors else {
        return write!(f, "\nLayer {}: identical", layer.name);
    };
    let cause = match layer.cause {
        Cause::None => "identical",
        Cause::Noise => "explained by noise",
        Cause::Change => "changed",
        Cause::Unknown => "differs, its noise is not stored",
    };
    write!(
        f,
        "\nLayer {}: {cause}\n  MSE {:.4e}, relMSE {:.4e}, largest difference {:.4e}",
        layer.name, errors.mse, errors.rel_mse, errors.max_abs
    )?;
    if let Some(psnr) = errors.psnr_db {
        write!(f, ", PSNR {psnr:.2} dB")?;
    }
    if let Some(ssim) = layer.ssim {
        write!(f, ", SSIM {ssim:.5}")?;
    }
    if let Some(ratio) = errors.mean_ratio {
        write!(f, ", mean {:+.3} %", 100.0 * (ratio - 1.0))?;
    }
    if let Some(flip) = &layer.flip {
        let kind = if flip.exposures.is_some() {
            "HDR-FLIP"
        } else {
            "FLIP"
        };
        write!(
            f,
            "\n  {kind} mean {:.4}, 99 % below {:.4}, largest {:.4}",
            flip.mean, flip.p99, flip.max
        )?;
    }
    if !layer.boxes.is_empty() {
        let boxes: Vec<String> = layer.boxes.iter().map(ToString::to_string).collect();
        write!(f, "\n  moved in X0,Y0,X1,Y1: {}", boxes.join("  "))?;
    }
    Ok(())
}

fn write_file(f: &mut fmt::Formatter<'_>, name: &str, file: &FileReport) -> fmt::Result {
    let Defects {
        nan,
        infinite,
        negative,
        first,
    } = file.defects;
    let kinds = [
        (nan, "not a number"),
        (infinite, "infinite"),
        (negative, "negative"),
    ];
    let mut found: Vec<String> = (kinds.iter().filter(|(count, _)| *count > 0))
        .map(|(count, kind)| format!("{count} values {kind}"))
        .collect();
    if let Some((x, y)) = first {
        found.push(format!("the first at {x},{y}"));
    }
    if file.specks.n_fireflies > 0
        && let Some((x, y)) = file.specks.worst
    {
        let count = file.specks.n_fireflies;
        found.push(format!(
            "{count} fireflies, the worst at {x},{y}, {:.4} above those around it",
            file.specks.excess
        ));
    }
    if found.is_empty() {
        return Ok(());
    }
    write!(f, "\nIn the {name}: {}", found.join(", "))
}
