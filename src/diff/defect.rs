//! Values no picture should have, and specks.

use super::rect::Rect;
use rayon::prelude::*;
use serde::Serialize;

/// A pixel this many times as bright as the brightest around it is a firefly. Source: Cycles' and
/// V-Ray's users call so what stands out; the number is this project's.
const FIREFLY: f32 = 8.0;
/// Share of the picture's mean that a firefly must reach.
const FIREFLY_MEAN: f64 = 1.0;

/// Counts of values no picture should have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Defects {
    /// Values that are not numbers.
    pub nan: u64,
    /// Values that are infinite.
    pub infinite: u64,
    /// Values below zero.
    pub negative: u64,
    /// The first value of these kinds, from the top left.
    pub first: Option<(usize, usize)>,
}

impl Defects {
    /// Of a plane.
    #[must_use]
    pub fn of(samples: &[f32], width: usize) -> Self {
        let of_row = |(y, row): (usize, &[f32])| {
            let mut defects = Self::default();
            // Most rows have none; this loop finds that out quickly.
            if row.iter().all(|x| x.is_finite() && *x >= 0.0) {
                return defects;
            }
            for (x, value) in row.iter().enumerate() {
                defects.nan += u64::from(value.is_nan());
                defects.infinite += u64::from(value.is_infinite());
                defects.negative += u64::from(*value < 0.0 && value.is_finite());
                if defects.first.is_none() && !(value.is_finite() && *value >= 0.0) {
                    defects.first = Some((x, y));
                }
            }
            defects
        };
        samples
            .par_chunks(width.max(1))
            .enumerate()
            .map(of_row)
            .reduce(Self::default, Self::and)
    }

    /// Of two planes, this one's pixels first.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let earlier =
            |a: (usize, usize), b: (usize, usize)| if (b.1, b.0) < (a.1, a.0) { b } else { a };
        Self {
            nan: self.nan + other.nan,
            infinite: self.infinite + other.infinite,
            negative: self.negative + other.negative,
            first: match (self.first, other.first) {
                (Some(a), Some(b)) => Some(earlier(a, b)),
                (a, b) => a.or(b),
            },
        }
    }
}

/// Specks of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Specks {
    /// Pixels at least eight times as bright as any around them.
    pub n_fireflies: u64,
    /// The pixel that stands out most, by how much it exceeds the brightest around it.
    pub worst: Option<(usize, usize)>,
    /// By how much, in the picture's unit.
    pub excess: f64,
}

impl Specks {
    /// Of a picture's brightest channel, `[y][x]`.
    #[must_use]
    pub fn of(brightness: &[f32], width: usize) -> Self {
        if width < 3 || brightness.len() < 3 * width {
            return Self::default();
        }
        let finite = |x: &f32| if x.is_finite() { f64::from(*x) } else { 0.0 };
        let mean = brightness.iter().map(finite).sum::<f64>() / brightness.len() as f64;
        let height = brightness.len() / width;
        let row = |y: usize| &brightness[y * width..][..width];
        let of_row = |y: usize| {
            let mut specks = Self::default();
            let around_row = y.saturating_sub(1)..(y + 2).min(height);
            for (x, &value) in row(y).iter().enumerate() {
                let reach = x.saturating_sub(1)..(x + 2).min(width);
                let mut around = 0.0_f32;
                for other in around_row.clone() {
                    for (nx, &neighbour) in reach.clone().zip(&row(other)[reach.clone()]) {
                        if (nx, other) != (x, y) {
                            around = around.max(neighbour);
                        }
                    }
                }
                if !value.is_finite() || around >= value {
                    continue;
                }
                let excess = f64::from(value) - f64::from(around);
                if excess > specks.excess {
                    specks.excess = excess;
                    specks.worst = Some((x, y));
                }
                let is_bright = f64::from(value) > FIREFLY_MEAN * mean;
                specks.n_fireflies += u64::from(value > FIREFLY * around && is_bright);
            }
            specks
        };
        (0..height)
            .into_par_iter()
            .map(of_row)
            .reduce(Self::default, |a, b| Self {
                n_fireflies: a.n_fireflies + b.n_fireflies,
                ..if b.excess > a.excess { b } else { a }
            })
    }
}

/// Probability that the test's brightest speck exceeds the reference's by as much as it does, if
/// nothing changed; 1 unless it exceeds it. `samples` are those of a pixel, of reference and test.
///
/// A speck is one large sample. Samples of finite variance have tails no heavier than that of
/// x⁻²; of two sets of n and m such samples, the larger maximum exceeds the other k-fold, and
/// belongs to the set of m, with a probability of at most 1 / (1 + k² n / m).
#[must_use]
pub fn firefly_probability(
    reference: &Specks,
    test: &Specks,
    samples: (u32, u32),
) -> Option<(f64, Rect)> {
    let (x, y) = test.worst?;
    let (n, m) = (f64::from(samples.0), f64::from(samples.1));
    // A sample's share of its pixel's mean falls with the number of samples.
    let ratio = test.excess * m / (reference.excess * n);
    let p = if ratio > 1.0 {
        1.0 / (1.0 + ratio * ratio * n / m)
    } else {
        1.0
    };
    Some((p, Rect::pixel(x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defects_are_counted_and_the_first_is_named() {
        let mut plane = vec![1.0; 20];
        plane[7] = f32::NAN;
        plane[6] = -1.0;
        plane[13] = f32::NEG_INFINITY;
        let found = Defects::of(&plane, 5);
        let expected = Defects {
            nan: 1,
            infinite: 1,
            negative: 1,
            first: Some((1, 1)),
        };
        assert_eq!(found, expected);
        assert_eq!(Defects::of(&[0.0, -0.0], 2), Defects::default());
    }

    #[test]
    fn specks_stand_out_anywhere() {
        for place in [0, 4, 12, 20, 24, 10] {
            let mut plane = vec![1.0; 25];
            plane[place] = 10.0;
            let found = Specks::of(&plane, 5);
            assert_eq!((found.n_fireflies, found.excess), (1, 9.0), "{place}");
            assert_eq!(found.worst, Some((place % 5, place / 5)));
        }
    }

    #[test]
    fn lamps_of_several_pixels_are_no_specks() {
        let mut plane = vec![1.0; 25];
        plane[12] = 10.0;
        plane[13] = 10.0;
        assert_eq!(Specks::of(&plane, 5).n_fireflies, 0);
    }

    #[test]
    fn a_speck_like_the_references_is_no_surprise() {
        let speck = |excess| Specks {
            n_fireflies: 1,
            worst: Some((3, 4)),
            excess,
        };
        let p = |a, b, samples| {
            firefly_probability(&speck(a), &speck(b), samples)
                .unwrap()
                .0
        };
        assert_eq!(p(2.0, 1.0, (64, 64)), 1.0);
        assert!((p(1.0, 100.0, (64, 64)) - 1.0 / 10_001.0).abs() < 1e-12);
        // The same samples, of which the reference takes a mean over four times as many.
        assert_eq!(p(1.0, 4.0, (64, 16)), 1.0);
        assert!(p(0.0, 1.0, (64, 64)) == 0.0);
    }
}
