//! Densities over the unit square that are interpolated bilinearly between the centres of a grid of texels, periodic in
//! u and held beyond the first and last row in v: what an equirectangular image is.
//!
//! The square is cut into cells whose corners are texel centres: `width` columns of cells (column i lies between the
//! centres of texels i − 1 and i, around the seam) and `height + 1` rows, of which the first and the last are half as
//! high. A cell is drawn by inverting two cumulative distributions, a point in it by inverting the bilinear density.
//! Source: pbrt 4e, §§A.4–A.5. Departs: cells between centres instead of texels, so that the density is continuous.

use rayon::prelude::*;

/// A bilinear density and its cumulative distributions.
#[derive(Clone, Debug, PartialEq)]
pub struct BilinearDistribution {
    width: usize,
    height: usize,
    density: Vec<f32>,
    cumulative: Vec<f32>,
}

impl BilinearDistribution {
    /// The density proportional to `weights` (`[y][x]`, at texel centres), or `None` if they are not all finite and
    /// non-negative, or sum to nothing.
    ///
    /// # Panics
    /// If `weights` are not `width * height`, at least 1.
    pub fn build(width: usize, height: usize, weights: &[f32]) -> Option<Self> {
        assert!(width > 0 && height > 0 && weights.len() == width * height);
        if !weights.iter().all(|w| w.is_finite() && *w >= 0.0) {
            return None;
        }
        let rows = height + 1;
        let mut cumulative = vec![0.0f32; rows + rows * width];
        let (marginal, conditional) = cumulative.split_at_mut(rows);
        let row_sums: Vec<f64> = conditional
            .par_chunks_mut(width)
            .enumerate()
            .map(|(row, out)| {
                let top = &weights[row.saturating_sub(1) * width..][..width];
                let bottom = &weights[row.min(height - 1) * width..][..width];
                let column = |x: usize| f64::from(top[x]) + f64::from(bottom[x]);
                let sums =
                    (0..width).map(|x| column(if x == 0 { width - 1 } else { x - 1 }) + column(x));
                let total = accumulate(sums, out);
                if row == 0 || row == height {
                    0.5 * total
                } else {
                    total
                }
            })
            .collect();
        let total = accumulate(row_sums.into_iter(), marginal);
        if total <= 0.0 || !total.is_finite() {
            return None;
        }
        // A cell's integral is its area, 1 / (width · height), times the mean of its four corners.
        let scale = 4.0 * (width * height) as f64 / total;
        let density = weights
            .iter()
            .map(|&w| (f64::from(w) * scale) as f32)
            .collect();
        Some(Self {
            width,
            height,
            density,
            cumulative,
        })
    }

    /// The density at texel centres, `[y][x]`; it integrates to 1 over the unit square.
    pub fn density(&self) -> &[f32] {
        &self.density
    }

    /// Cumulative probabilities, each with its own entry included: of the `height + 1` rows of cells, then of the `width`
    /// cells of each row. The last of each is 1.
    pub fn cumulative(&self) -> &[f32] {
        &self.cumulative
    }

    /// The same, taken out.
    pub fn into_cumulative(self) -> Vec<f32> {
        self.cumulative
    }

    /// The first broken invariant, in words.
    ///
    /// # Errors
    /// A density that is negative or does not integrate to 1, a cumulative distribution that falls or does not end at 1.
    pub fn validate(&self) -> Result<(), String> {
        let (width, height) = (self.width, self.height);
        let total: f64 = self.density.iter().map(|&d| f64::from(d)).sum();
        // Every texel weighs the same: half a polar row's weight comes from being held to the pole.
        let mean = total / (width * height) as f64;
        if (mean - 1.0).abs() > 1e-4 || self.density.iter().any(|d| *d < 0.0) {
            return Err(format!("the density integrates to {mean}"));
        }
        let (marginal, conditional) = self.cumulative.split_at(height + 1);
        for (name, row) in std::iter::once(("rows", marginal))
            .chain(conditional.chunks(width).map(|r| ("a row", r)))
        {
            if row.windows(2).any(|w| w[0] > w[1]) || row.last() != Some(&1.0) || row[0] < 0.0 {
                return Err(format!(
                    "the cumulative distribution of {name} falls or does not end at 1"
                ));
            }
        }
        Ok(())
    }
}

/// Writes the cumulative distribution of `sums` and returns their total. Where there is nothing, the distribution is
/// uniform: it is never used, but stays valid.
fn accumulate(sums: impl Iterator<Item = f64> + Clone, out: &mut [f32]) -> f64 {
    let total: f64 = sums.clone().sum();
    let n = out.len();
    let mut running = 0.0;
    for (i, (sum, entry)) in sums.zip(out.iter_mut()).enumerate() {
        running += sum;
        *entry = if total > 0.0 {
            (running / total).min(1.0) as f32
        } else {
            (i + 1) as f32 / n as f32
        };
    }
    if total > 0.0 {
        // From the last possible outcome on the distribution is complete; rounding must not leave a gap after it.
        let mut i = n - 1;
        let full = out[i];
        while out[i] == full {
            out[i] = 1.0;
            if i == 0 {
                break;
            }
            i -= 1;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_to_draw_from_gives_no_table() {
        assert!(BilinearDistribution::build(2, 2, &[0.0; 4]).is_none());
        assert!(BilinearDistribution::build(2, 1, &[f32::NAN, 1.0]).is_none());
        assert!(BilinearDistribution::build(2, 1, &[-1.0, 2.0]).is_none());
    }

    #[test]
    fn a_constant_stays_constant() {
        let d = BilinearDistribution::build(4, 3, &[7.0; 12]).expect("positive");
        assert!(d.density().iter().all(|d| (d - 1.0).abs() < 1e-6));
        assert_eq!(d.validate(), Ok(()));
        // Half rows at the poles.
        let marginal = &d.cumulative()[..4];
        for (got, want) in marginal.iter().zip([1.0 / 6.0, 0.5, 5.0 / 6.0, 1.0]) {
            assert!((got - want).abs() < 1e-6);
        }
    }

    #[test]
    fn one_texel_fills_the_square() {
        let d = BilinearDistribution::build(1, 1, &[3.0]).expect("positive");
        assert_eq!(d.density(), &[1.0]);
        assert_eq!(d.validate(), Ok(()));
    }

    proptest! {
        #[test]
        fn any_weights_make_a_valid_table(
            width in 1usize..9, height in 1usize..9, seed in prop::collection::vec(prop_oneof![Just(0.0f32), 0.0f32..1.0, 1e3f32..1e6], 64)
        ) {
            let weights = &seed[..width * height];
            prop_assume!(weights.iter().any(|w| *w > 0.0));
            let d = BilinearDistribution::build(width, height, weights).expect("positive");
            prop_assert_eq!(d.validate(), Ok(()));
        }
    }
}
