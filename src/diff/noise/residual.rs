//! Differences of pixels and what is known of their noise.

use super::student::normal_equivalent;
use rayon::prelude::*;

/// Relative difference that arithmetic of another order or device may make; not noise, and no
/// fault either. Source: well above the 2⁻²⁴ of one operation, well below what can be seen.
const ROUNDING: f64 = 1e-5;
/// The same of 16-bit floats: one unit in the last place.
const ROUNDING_HALF: f64 = 1.0 / 1024.0;
/// Side of a cell, pixels: windows are made of whole cells.
pub const CELL: usize = 4;

/// A plane of estimated means.
#[derive(Clone, Copy, Debug)]
pub struct Estimate<'a> {
    /// Mean of the samples, `[y][x]`.
    pub mean: &'a [f32],
    /// Variance of that mean, `[y][x]`, estimated from the samples; infinite where unknown.
    pub variance: &'a [f32],
    /// Samples of each pixel, at least 2.
    pub samples: u32,
}

/// Two estimates of what should be one picture.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// What it should be.
    pub reference: Estimate<'a>,
    /// What it is.
    pub test: Estimate<'a>,
    /// Was either stored as 16-bit floats?
    pub is_half: bool,
    /// Is the reference's variance the test's, scaled? A pixel then has no say by itself: where
    /// the test has missed all that is rare, neither picture seems to have noise.
    pub is_borrowed: bool,
}

/// What is known of one pixel's difference.
#[derive(Clone, Copy, Debug)]
pub struct Residual {
    /// Test minus reference.
    pub difference: f64,
    /// How much of it rounding may have made.
    pub rounding: f64,
    /// Variance of the difference, estimated.
    pub variance: f64,
    /// Degrees of freedom of that estimate.
    pub degrees: f64,
}

/// Sums of [`Residual`]s of independent pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// Of differences.
    pub difference: f64,
    /// Of what rounding may have made.
    pub rounding: f64,
    /// Of variances.
    pub variance: f64,
    /// Of variance² / degrees.
    pub spread: f64,
    /// Of squared differences.
    pub squares: f64,
}

impl Pair<'_> {
    /// The residual of pixel `index`; `None` where a value is not finite or has no samples.
    ///
    /// The variance is the larger of two estimates. Welch's adds both pictures' own. The pooled
    /// one takes both for draws of one distribution, as they are if nothing changed: it keeps
    /// pixels in which the picture of fewer samples has missed a rare event, and so seems sure of
    /// itself, from being taken for changed. With equal sample counts they are the same.
    #[must_use]
    pub fn residual(&self, index: usize) -> Option<Residual> {
        let (a, b) = (
            f64::from(self.reference.mean[index]),
            f64::from(self.test.mean[index]),
        );
        let (va, vb) = (
            f64::from(self.reference.variance[index]).max(0.0),
            f64::from(self.test.variance[index]).max(0.0),
        );
        let difference = b - a;
        let welch = va + vb;
        if !(difference.is_finite() && welch.is_finite()) {
            return None;
        }
        let (na, nb) = (
            f64::from(self.reference.samples),
            f64::from(self.test.samples),
        );
        let relative = if self.is_half {
            ROUNDING_HALF
        } else {
            ROUNDING
        };
        let pooled = if self.reference.samples == self.test.samples {
            welch
        } else {
            let of_sample = ((na - 1.0) * va * na + (nb - 1.0) * vb * nb) / (na + nb - 2.0);
            of_sample * (1.0 / na + 1.0 / nb)
        };
        let (variance, degrees) = if pooled > welch {
            (pooled, na + nb - 2.0)
        } else {
            // Welch 1947, Satterthwaite 1946.
            let spread = va * va / (na - 1.0) + vb * vb / (nb - 1.0);
            let degrees = if spread > 0.0 {
                welch * welch / spread
            } else {
                1.0
            };
            (welch, degrees)
        };
        Some(Residual {
            difference,
            rounding: relative * a.abs().max(b.abs()),
            variance,
            degrees,
        })
    }
}

/// `difference` over its standard deviation, less what rounding may have made; infinite if there
/// is no noise to explain it.
fn ratio(difference: f64, rounding: f64, variance: f64) -> f64 {
    let unexplained = (difference.abs() - rounding).max(0.0);
    if unexplained > 0.0 {
        unexplained / variance.sqrt()
    } else {
        0.0
    }
}

impl Residual {
    /// |t|.
    #[must_use]
    pub fn t(&self) -> f64 {
        ratio(self.difference, self.rounding, self.variance)
    }
}

impl Sum {
    fn add_residual(&mut self, residual: &Residual) {
        self.difference += residual.difference;
        self.rounding += residual.rounding;
        self.variance += residual.variance;
        self.spread += residual.variance * residual.variance / residual.degrees;
        self.squares += residual.difference * residual.difference;
    }

    /// Adds the residuals of other pixels.
    pub fn add(&mut self, other: &Self) {
        self.difference += other.difference;
        self.rounding += other.rounding;
        self.variance += other.variance;
        self.spread += other.spread;
        self.squares += other.squares;
    }

    /// Standard deviations of a normal variable as rare as this sum is by the stored variances:
    /// Student's t with Welch and Satterthwaite's degrees of freedom.
    #[must_use]
    pub fn normal_by_variance(&self) -> f64 {
        let t = ratio(self.difference, self.rounding, self.variance);
        if self.spread > 0.0 {
            normal_equivalent(t, self.variance * self.variance / self.spread)
        } else {
            t
        }
    }

    /// The sum over the root of the sum of squares. If differences are independent and as likely
    /// positive as negative, whatever else their distributions, it exceeds s with a probability of
    /// at most 2 exp(-s²/2).
    ///
    /// Source: Efron 1969, "Student's t-test under symmetry conditions", after Hoeffding 1963.
    #[must_use]
    pub fn self_normalised(&self) -> f64 {
        ratio(self.difference, self.rounding, self.squares)
    }
}

/// A plane's differences, summed.
#[derive(Clone, Debug)]
pub struct Summed {
    /// Cells a row.
    pub columns: usize,
    /// `[row][column]` of cells of [`CELL`]² pixels; those at the right and bottom may be smaller.
    pub cells: Vec<Sum>,
    /// Of each row of pixels.
    pub rows: Vec<Sum>,
    /// Of each column of pixels.
    pub pixel_columns: Vec<Sum>,
    /// The pixel that differs most, and by how many normal standard deviations.
    pub worst: (usize, f64),
    /// Pixels beyond the threshold.
    pub n_beyond: u64,
    /// Has the cell a pixel beyond the threshold?
    pub cells_beyond: Vec<bool>,
}

/// Sums the residuals of a plane `width` columns wide. A pixel's normal equivalent is at most
/// `most`; beyond `threshold` it is counted.
#[must_use]
pub fn sum(pair: &Pair, width: usize, threshold: f64, most: f64) -> Summed {
    let height = pair.reference.mean.len() / width;
    let columns = width.div_ceil(CELL);
    let n_strips = height.div_ceil(CELL);
    let strips: Vec<Strip> = (0..n_strips)
        .into_par_iter()
        .map(|strip| {
            let mut summed = Strip::new(width);
            for y in strip * CELL..((strip + 1) * CELL).min(height) {
                summed.add_row(pair, y, width, threshold, most);
            }
            summed
        })
        .collect();
    let mut all = Summed {
        columns,
        cells: Vec::with_capacity(columns * n_strips),
        rows: Vec::with_capacity(height),
        pixel_columns: vec![Sum::default(); width],
        worst: (0, 0.0),
        n_beyond: 0,
        cells_beyond: Vec::with_capacity(columns * n_strips),
    };
    for strip in strips {
        all.cells.extend(strip.cells);
        all.rows.extend(strip.rows);
        all.cells_beyond.extend(strip.cells_beyond);
        all.n_beyond += strip.n_beyond;
        if strip.worst.1 > all.worst.1 {
            all.worst = strip.worst;
        }
        for (sum, part) in all.pixel_columns.iter_mut().zip(&strip.pixel_columns) {
            sum.add(part);
        }
    }
    all
}

/// [`CELL`] rows.
struct Strip {
    cells: Vec<Sum>,
    rows: Vec<Sum>,
    pixel_columns: Vec<Sum>,
    worst: (usize, f64),
    n_beyond: u64,
    cells_beyond: Vec<bool>,
}

impl Strip {
    fn new(width: usize) -> Self {
        let columns = width.div_ceil(CELL);
        Self {
            cells: vec![Sum::default(); columns],
            rows: Vec::with_capacity(CELL),
            pixel_columns: vec![Sum::default(); width],
            worst: (0, 0.0),
            n_beyond: 0,
            cells_beyond: vec![false; columns],
        }
    }

    fn add_row(&mut self, pair: &Pair, y: usize, width: usize, threshold: f64, most: f64) {
        let mut row = Sum::default();
        for x in 0..width {
            let index = y * width + x;
            let Some(residual) = pair.residual(index) else {
                continue;
            };
            self.cells[x / CELL].add_residual(&residual);
            self.pixel_columns[x].add_residual(&residual);
            row.add_residual(&residual);
            let t = residual.t();
            // The normal equivalent is never larger than t.
            if t > self.worst.1 || t > threshold {
                let z = normal_equivalent(t, residual.degrees).min(most);
                if z > self.worst.1 {
                    self.worst = (index, z);
                }
                if z > threshold {
                    self.n_beyond += 1;
                    self.cells_beyond[x / CELL] = true;
                }
            }
        }
        self.rows.push(row);
    }
}
