//! A developed film: pixels.

use super::{Film, fixed};
use crate::settings::Region;

/// Means of a film's samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Developed {
    /// The pixels covered, within the full frame.
    pub region: Region,
    /// `[y][x][RGBA]`: linear radiance premultiplied by alpha, and alpha (coverage, 0 to 1 up to
    /// rounding).
    pub pixels: Vec<[f32; 4]>,
    /// `[y][x][RGBA]`: estimated variance of each mean in `pixels`; infinite where a pixel has
    /// fewer than two samples. Present if the film keeps squares.
    pub variance: Option<Vec<[f32; 4]>>,
}

impl Developed {
    pub(super) fn new(film: &Film) -> Developed {
        let pixels = (film.sums.iter().zip(&film.counts))
            .map(|(sums, &n)| sums.map(|sum| fixed::mean(sum, n)))
            .collect();
        let variance = film.variance.then(|| {
            let sums = film.sums.iter().zip(&film.squares).zip(&film.counts);
            sums.map(|((sums, squares), &n)| {
                std::array::from_fn(|channel| {
                    fixed::variance_of_mean(sums[channel], squares[channel], n)
                })
            })
            .collect()
        });
        Developed {
            region: film.region,
            pixels,
            variance,
        }
    }
}
