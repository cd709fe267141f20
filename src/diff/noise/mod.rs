#![doc = include_str!("method.md")]

mod residual;
mod student;
#[cfg(test)]
mod tests;

pub use residual::{Estimate, Pair};

use self::residual::{CELL, Sum, Summed, sum};
use self::student::{deviations_of_ln_tail, ln_each_of_many, ln_two_sided_tail, of_many};
use super::rect::Rect;
use rayon::prelude::*;
use serde::Serialize;

/// Probability that any test of a comparison calls pictures different that are not, unless asked
/// otherwise.
pub const DEFAULT_ALPHA: f64 = 1e-3;

/// Sides of the windows summed over, pixels.
const WINDOWS: [usize; 3] = [8, 32, 128];

/// Kinds of tests that share the error: [`Scale`]s and the one for fireflies.
const N_SHARES: f64 = 8.0;

/// What differences are summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Nothing: each pixel on its own.
    Pixel,
    /// Squares of this many pixels a side, each overlapping the next by half.
    Window(usize),
    /// Whole rows.
    Row,
    /// Whole columns.
    Column,
    /// The whole picture.
    Whole,
    /// Not sums, but the one brightest speck of a picture.
    Firefly,
}

impl std::fmt::Display for Scale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pixel => write!(f, "single pixels"),
            Self::Window(side) => write!(f, "windows of {side}x{side}"),
            Self::Row => write!(f, "rows"),
            Self::Column => write!(f, "columns"),
            Self::Whole => write!(f, "the whole picture"),
            Self::Firefly => write!(f, "fireflies"),
        }
    }
}

/// Outcome of all tests of one scale.
#[derive(Clone, Debug, Serialize)]
pub struct ScaleReport {
    /// What was summed over.
    pub scale: Scale,
    /// Tests made.
    pub n_tests: u64,
    /// Tests that noise cannot explain at this comparison's error.
    pub n_beyond: u64,
    /// Normal standard deviations of the most extreme.
    pub worst_deviations: f64,
    /// Plane of the most extreme.
    pub worst_plane: String,
    /// Where it is.
    pub worst_at: Rect,
    /// Probability of a comparison with an outcome as extreme at any scale, if nothing changed.
    pub p: f64,
}

/// Outcome of all tests.
#[derive(Clone, Debug, Serialize)]
pub struct NoiseReport {
    /// Probability of a false alarm per comparison.
    pub alpha: f64,
    /// Probability of an outcome as extreme as this, if nothing changed.
    pub p: f64,
    /// Can noise explain the differences?
    pub is_explained: bool,
    /// By scale.
    pub scales: Vec<ScaleReport>,
    /// Cells of planes, by plane, that noise cannot explain: for each, its places.
    #[serde(skip)]
    pub beyond: Vec<(String, Vec<Rect>)>,
}

/// A plane to test, and its name.
#[derive(Clone, Debug)]
pub struct NamedPair<'a> {
    /// The plane's name.
    pub name: &'a str,
    /// Its estimates.
    pub pair: Pair<'a>,
}

/// Can noise explain how the planes differ, with a probability `alpha` of wrongly saying no?
/// `firefly` is the probability of the test's brightest speck, if nothing changed, and where it is.
#[must_use]
pub fn test(
    planes: &[NamedPair],
    width: usize,
    alpha: f64,
    firefly: Option<(f64, Rect)>,
) -> NoiseReport {
    let height = planes
        .first()
        .map_or(0, |p| p.pair.reference.mean.len() / width.max(1));
    let share = alpha / N_SHARES;
    let n_pixels = (width * height * planes.len()).max(1) as f64;
    let pixel_threshold = deviations_of_ln_tail(ln_each_of_many(share, n_pixels));
    let found: Vec<PlaneFindings> = planes
        .par_iter()
        .map(|named| {
            let most = deviations_of_ln_tail(least_ln_probability(&named.pair));
            let summed = sum(&named.pair, width, pixel_threshold, most);
            PlaneFindings::of(&summed, width, height, share, planes.len())
        })
        .collect();
    let scales = [Scale::Pixel]
        .into_iter()
        .chain(WINDOWS.map(Scale::Window))
        .chain([Scale::Row, Scale::Column, Scale::Whole]);
    let mut reports: Vec<ScaleReport> = scales
        .filter_map(|scale| gather(scale, planes, &found))
        .collect();
    if let Some((p, place)) = firefly {
        reports.push(ScaleReport {
            scale: Scale::Firefly,
            n_tests: 1,
            n_beyond: u64::from(p <= share),
            worst_deviations: deviations_of_ln_tail(p.ln()),
            worst_plane: "R, G, B".to_owned(),
            worst_at: place,
            p: (p * N_SHARES).min(1.0),
        });
    }
    let p = reports.iter().map(|report| report.p).fold(1.0, f64::min);
    let beyond = planes.iter().zip(found);
    NoiseReport {
        alpha,
        p,
        is_explained: p > alpha,
        scales: reports,
        beyond: beyond
            .map(|(plane, found)| (plane.name.to_owned(), found.places))
            .collect(),
    }
}

/// Least probability two pictures of a pixel may be said to have. If nothing changed, any choice
/// of which samples are the reference's is as likely as another: the one in which all of one
/// picture's are larger than all of the other's has a probability of 2 / C(n + m, n). Estimated
/// variances of few samples, which may be 0, would claim less.
fn least_ln_probability(pair: &Pair) -> f64 {
    if pair.is_borrowed {
        return 0.0;
    }
    let (n, m) = (pair.reference.samples, pair.test.samples);
    let (few, many) = (n.min(m), n.max(m));
    // Beyond this the bound plays no part.
    let ways: f64 = (1..=few.min(500))
        .map(|i| (f64::from(many + i) / f64::from(i)).ln())
        .sum();
    (2.0_f64.ln() - ways).min(0.0)
}

/// The most extreme of one scale.
#[derive(Clone, Debug)]
struct Extreme {
    scale: Scale,
    n_tests: u64,
    n_beyond: u64,
    ln_probability: f64,
    place: Rect,
}

/// What was found in one plane.
struct PlaneFindings {
    extremes: Vec<Extreme>,
    /// Where noise does not explain the difference, at the finest scale that says so.
    places: Vec<Rect>,
}

impl PlaneFindings {
    fn of(summed: &Summed, width: usize, height: usize, share: f64, n_planes: usize) -> Self {
        let (worst, z) = summed.worst;
        let mut extremes = vec![Extreme {
            scale: Scale::Pixel,
            n_tests: (width * height) as u64,
            n_beyond: summed.n_beyond,
            ln_probability: ln_two_sided_tail(z),
            place: Rect::pixel(worst % width.max(1), worst / width.max(1)),
        }];
        let columns = summed.columns.max(1);
        let cell = |index: usize| {
            Rect::square(index % columns * CELL, index / columns * CELL, CELL).cut(width, height)
        };
        let flagged = summed
            .cells_beyond
            .iter()
            .enumerate()
            .filter(|(_, beyond)| **beyond);
        let mut places: Vec<Rect> = flagged.map(|(index, _)| cell(index)).collect();
        let mut coarser: Vec<Rect> = Vec::new();
        let mut add = |scale: Scale, sums: Vec<(Sum, Rect)>, places: &mut Vec<Rect>| {
            if sums.is_empty() {
                return;
            }
            let extreme = Extreme::of(scale, &sums, share, n_planes, places);
            extremes.push(extreme);
        };
        for side in WINDOWS {
            let into = if side == WINDOWS[0] {
                &mut places
            } else {
                &mut coarser
            };
            add(
                Scale::Window(side),
                windows(summed, side, width, height),
                into,
            );
        }
        let rows = summed.rows.iter().enumerate();
        let rows = rows.map(|(y, sum)| (*sum, Rect::rows(y, width))).collect();
        add(Scale::Row, rows, &mut coarser);
        let all = summed.pixel_columns.iter().enumerate();
        let all = all
            .map(|(x, sum)| (*sum, Rect::columns(x, height)))
            .collect();
        add(Scale::Column, all, &mut coarser);
        let mut whole = Sum::default();
        summed.rows.iter().for_each(|row| whole.add(row));
        let frame = Rect {
            x0: 0,
            y0: 0,
            x1: width,
            y1: height,
        };
        add(Scale::Whole, vec![(whole, frame)], &mut coarser);
        if places.is_empty() {
            places = coarser;
        }
        Self { extremes, places }
    }
}

impl Extreme {
    /// Of sums, each with its place. Those that noise does not explain are added to `places`.
    fn of(
        scale: Scale,
        sums: &[(Sum, Rect)],
        share: f64,
        n_planes: usize,
        places: &mut Vec<Rect>,
    ) -> Self {
        let n = sums.len() * n_planes;
        let ln_each = ln_each_of_many(share, n as f64);
        let threshold = deviations_of_ln_tail(ln_each);
        let mut extreme = Self {
            scale,
            n_tests: sums.len() as u64,
            n_beyond: 0,
            ln_probability: 0.0,
            place: sums.first().map_or(Rect::pixel(0, 0), |(_, place)| *place),
        };
        let mut most = 0.0;
        for (sum, place) in sums {
            let z = sum.normal_by_variance();
            if z <= most && z <= threshold {
                continue;
            }
            // Both must agree: one trusts the variances, the other the symmetry of differences.
            let by_symmetry = 2.0_f64.ln() - 0.5 * sum.self_normalised().powi(2);
            let ln_probability = ln_two_sided_tail(z).max(by_symmetry).min(0.0);
            if ln_probability < extreme.ln_probability {
                extreme.ln_probability = ln_probability;
                extreme.place = *place;
                most = deviations_of_ln_tail(ln_probability);
            }
            if ln_probability < ln_each {
                extreme.n_beyond += 1;
                places.push(*place);
            }
        }
        extreme
    }
}

/// Sums over windows of `side` pixels that overlap by half; none if the picture is smaller.
fn windows(summed: &Summed, side: usize, width: usize, height: usize) -> Vec<(Sum, Rect)> {
    let (columns, rows) = (summed.columns, summed.cells.len() / summed.columns.max(1));
    let n = side / CELL;
    if columns < n || rows < n {
        return Vec::new();
    }
    let steps = |count: usize| (0..=(count - n)).step_by(n / 2);
    let corners = steps(rows).flat_map(|row| steps(columns).map(move |column| (row, column)));
    let corners: Vec<(usize, usize)> = corners.collect();
    corners
        .into_iter()
        .map(|(row, column)| {
            let mut total = Sum::default();
            for cells in (row..row + n).map(|row| &summed.cells[row * columns + column..][..n]) {
                cells.iter().for_each(|cell| total.add(cell));
            }
            let place = Rect::square(column * CELL, row * CELL, side).cut(width, height);
            (total, place)
        })
        .collect()
}

/// One scale of all planes.
fn gather(scale: Scale, planes: &[NamedPair], found: &[PlaneFindings]) -> Option<ScaleReport> {
    let of_planes: Vec<(&NamedPair, &Extreme)> = planes
        .iter()
        .zip(found)
        .filter_map(|(plane, found)| {
            Some((plane, found.extremes.iter().find(|e| e.scale == scale)?))
        })
        .collect();
    let (plane, worst) = of_planes
        .iter()
        .min_by(|a, b| a.1.ln_probability.total_cmp(&b.1.ln_probability))?;
    let n_tests: u64 = of_planes.iter().map(|(_, e)| e.n_tests).sum();
    Some(ScaleReport {
        scale,
        n_tests,
        n_beyond: of_planes.iter().map(|(_, e)| e.n_beyond).sum(),
        worst_deviations: deviations_of_ln_tail(worst.ln_probability),
        worst_plane: plane.name.to_owned(),
        worst_at: worst.place,
        p: (of_many(worst.ln_probability, n_tests as f64) * N_SHARES).min(1.0),
    })
}
