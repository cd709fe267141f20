//! Separable filters over planes, rows at a time. Beyond the edges a plane repeats its border.

/// Results kept in registers at a time.
const CHUNK: usize = 16;

/// Weights of a one-dimensional filter of odd length.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    weights: Vec<f32>,
}

impl Kernel {
    /// The filter with weight `weight(i)` at offset `i` in `-radius ..= radius`. Ends whose share
    /// of the whole is below a ten-millionth are left out.
    pub fn new(radius: usize, weight: impl Fn(f64) -> f64) -> Self {
        let all: Vec<f64> = (0..=2 * radius)
            .map(|i| weight(i as f64 - radius as f64))
            .collect();
        let whole: f64 = all.iter().map(|w| w.abs()).sum();
        let small = |i: &usize| all[*i].abs() + all[2 * radius - i].abs() < 1e-7 * whole;
        let cut = (0..radius).take_while(small).count();
        let kept = &all[cut..all.len() - cut];
        Self {
            weights: kept.iter().map(|&w| w as f32).collect(),
        }
    }

    /// Pixels the filter reaches to either side.
    pub fn radius(&self) -> usize {
        self.weights.len() / 2
    }

    /// Filters along a row: `out[x]` is the sum over offsets `i` of weight × `row[x + i]`.
    /// `padded` is room for the row with its ends repeated.
    pub fn along(&self, row: &[f32], padded: &mut Vec<f32>, out: &mut [f32]) {
        let radius = self.radius();
        let (Some(&first), Some(&last)) = (row.first(), row.last()) else {
            return;
        };
        padded.clear();
        padded.resize(radius, first);
        padded.extend_from_slice(row);
        padded.resize(row.len() + 2 * radius + CHUNK, last);
        for (chunk, out) in out.chunks_mut(CHUNK).enumerate() {
            let mut sums = [0.0_f32; CHUNK];
            for (k, &weight) in self.weights.iter().enumerate() {
                let from = &padded[chunk * CHUNK + k..][..CHUNK];
                for (sum, value) in sums.iter_mut().zip(from) {
                    *sum += weight * value;
                }
            }
            out.copy_from_slice(&sums[..out.len()]);
        }
    }

    /// Filters across rows: adds to `out[x]` the sum over offsets `i` of weight × `row(i)[x]`,
    /// where `row` finds the row at an offset from this one.
    pub fn across<'a>(&self, row: impl Fn(isize) -> &'a [f32], out: &mut [f32]) {
        let radius = self.radius() as isize;
        let rows: Vec<(&[f32], f32)> = (-radius..=radius)
            .map(&row)
            .zip(self.weights.iter().copied())
            .collect();
        for (chunk, out) in out.chunks_mut(CHUNK).enumerate() {
            let from = chunk * CHUNK..chunk * CHUNK + out.len();
            let mut sums = [0.0_f32; CHUNK];
            for (row, weight) in &rows {
                for (sum, value) in sums.iter_mut().zip(&row[from.clone()]) {
                    *sum += weight * value;
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out += sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_keeps_its_slope_within_and_repeats_at_the_ends() {
        let kernel = Kernel::new(1, |_| 1.0 / 3.0);
        let row: Vec<f32> = (0..40).map(|x| x as f32).collect();
        let mut out = vec![0.0; 40];
        kernel.along(&row, &mut Vec::new(), &mut out);
        assert!((out[0] - 1.0 / 3.0).abs() < 1e-6);
        assert!((out[20] - 20.0).abs() < 1e-5);
        assert!((out[39] - (38.0 + 39.0 + 39.0) / 3.0).abs() < 1e-5);
        let mut down = vec![0.0; 40];
        kernel.across(|i| if i < 0 { &row[..] } else { &out[..] }, &mut down);
        assert!((down[0] - 2.0 / 9.0).abs() < 1e-6);
        assert!((down[39] - (39.0 + 2.0 * out[39]) / 3.0).abs() < 1e-5);
    }

    #[test]
    fn weightless_ends_are_cut() {
        assert_eq!(Kernel::new(10, |x| (-x * x * 5.0).exp()).radius(), 1);
        assert_eq!(Kernel::new(10, |x| (-x * x * 0.01).exp()).radius(), 10);
    }
}
