//! Numbers for how far apart two layers are.

use super::filter::Kernel;
use crate::image::compare::rel_squared_error;
use rayon::prelude::*;
use serde::Serialize;

/// Pixels summed by one thread at a time.
const BLOCK: usize = 1 << 14;
/// Rows filtered by one thread at a time.
const STRIP: usize = 64;
/// Radius, and standard deviation, of the window SSIM looks through, pixels.
const SSIM_RADIUS: usize = 5;
/// See [`SSIM_RADIUS`].
const SSIM_DEVIATION: f64 = 1.5;
/// Squares of K₁ L and K₂ L for values in `[0, 1]`.
const SSIM_C1: f32 = 0.01 * 0.01;
/// See [`SSIM_C1`].
const SSIM_C2: f32 = 0.03 * 0.03;

/// Sums over the values of some planes. Values that are not finite in either are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Errors {
    /// Largest absolute difference.
    pub max_abs: f64,
    /// Mean squared error.
    pub mse: f64,
    /// Mean of the squared error relative to the reference's square + 0.01.
    pub rel_mse: f64,
    /// Mean of the test over that of the reference; null if the reference is black.
    pub mean_ratio: Option<f64>,
    /// 10 log₁₀ of the largest reference value's square over `mse`; null without error.
    pub psnr_db: Option<f64>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    max_abs: f64,
    squares: f64,
    relative: f64,
    reference: f64,
    test: f64,
    peak: f64,
}

impl Sums {
    fn and(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            max_abs: self.max_abs.max(other.max_abs),
            squares: self.squares + other.squares,
            relative: self.relative + other.relative,
            reference: self.reference + other.reference,
            test: self.test + other.test,
            peak: self.peak.max(other.peak),
        }
    }
}

impl Errors {
    /// Of pairs of planes, reference and test, with `peak` the largest value there can be, or
    /// else the reference's.
    #[must_use]
    pub fn of(pairs: &[(&[f32], &[f32])], peak: Option<f64>) -> Self {
        let of_block = |(a, b): (&[f32], &[f32])| {
            let mut sums = Sums::default();
            for (&a, &b) in a.iter().zip(b) {
                let (a, b) = (f64::from(a), f64::from(b));
                let difference = b - a;
                if !difference.is_finite() {
                    continue;
                }
                sums.n += 1.0;
                sums.max_abs = sums.max_abs.max(difference.abs());
                sums.squares += difference * difference;
                sums.relative += rel_squared_error(b, a);
                sums.reference += a;
                sums.test += b;
                sums.peak = sums.peak.max(a);
            }
            sums
        };
        let sums = pairs
            .iter()
            .map(|(a, b)| {
                // In order, so that the same files give the same digits.
                let blocks: Vec<Sums> = (a.par_chunks(BLOCK).zip(b.par_chunks(BLOCK)))
                    .map(of_block)
                    .collect();
                blocks.into_iter().fold(Sums::default(), Sums::and)
            })
            .fold(Sums::default(), Sums::and);
        let n = sums.n.max(1.0);
        let mse = sums.squares / n;
        let peak = peak.unwrap_or(sums.peak);
        Self {
            max_abs: sums.max_abs,
            mse,
            rel_mse: sums.relative / n,
            mean_ratio: (sums.reference > 0.0).then(|| sums.test / sums.reference),
            psnr_db: (mse > 0.0 && peak > 0.0).then(|| 10.0 * (peak * peak / mse).log10()),
        }
    }
}

/// Structural similarity of two planes of values in `[0, 1]`, mean over all pixels; 1 if equal.
/// Beyond the edges planes repeat their border.
///
/// Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural
/// similarity", eq. 13, with its Gaussian window and constants.
#[must_use]
pub fn ssim(a: &[f32], b: &[f32], width: usize) -> f64 {
    if a.is_empty() || width == 0 {
        return 1.0;
    }
    let height = a.len() / width;
    let shape = |x: f64| (-x * x / (2.0 * SSIM_DEVIATION * SSIM_DEVIATION)).exp();
    let whole: f64 = (0..=2 * SSIM_RADIUS)
        .map(|i| shape(i as f64 - SSIM_RADIUS as f64))
        .sum();
    let kernel = Kernel::new(SSIM_RADIUS, |x| shape(x) / whole);
    let of_strip = |strip: usize| -> f64 {
        let rows = strip * STRIP..((strip + 1) * STRIP).min(height);
        let seen = rows.start.saturating_sub(SSIM_RADIUS)..(rows.end + SSIM_RADIUS).min(height);
        let mut padded = Vec::new();
        let mut product = vec![0.0; width];
        let mut along: [Vec<f32>; 5] = std::array::from_fn(|_| vec![0.0; seen.len() * width]);
        for (index, y) in seen.clone().enumerate() {
            let (a, b) = (&a[y * width..][..width], &b[y * width..][..width]);
            for (plane, (p, q)) in along.iter_mut().zip([
                (a, None),
                (b, None),
                (a, Some(a)),
                (b, Some(b)),
                (a, Some(b)),
            ]) {
                let out = &mut plane[index * width..][..width];
                match q {
                    None => kernel.along(p, &mut padded, out),
                    Some(q) => {
                        for (product, (p, q)) in product.iter_mut().zip(p.iter().zip(q)) {
                            *product = p * q;
                        }
                        kernel.along(&product, &mut padded, out);
                    }
                }
            }
        }
        let mut sum = 0.0;
        let last = seen.len() - 1;
        for y in rows {
            let here = y - seen.start;
            let filtered: [Vec<f32>; 5] = std::array::from_fn(|plane| {
                let mut out = vec![0.0; width];
                let row = |offset: isize| {
                    &along[plane][here.saturating_add_signed(offset).min(last) * width..][..width]
                };
                kernel.across(row, &mut out);
                out
            });
            let [ma, mb, aa, bb, ab] = &filtered;
            for x in 0..width {
                let (va, vb) = (aa[x] - ma[x] * ma[x], bb[x] - mb[x] * mb[x]);
                let covariance = ab[x] - ma[x] * mb[x];
                let means =
                    (2.0 * ma[x] * mb[x] + SSIM_C1) / (ma[x] * ma[x] + mb[x] * mb[x] + SSIM_C1);
                sum += f64::from(means * (2.0 * covariance + SSIM_C2) / (va + vb + SSIM_C2));
            }
        }
        sum
    };
    let strips: Vec<f64> = (0..height.div_ceil(STRIP))
        .into_par_iter()
        .map(of_strip)
        .collect();
    strips.iter().sum::<f64>() / (width * height) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example() {
        let found = Errors::of(
            &[(&[1.0, 2.0], &[1.0, 4.0]), (&[0.0, f32::NAN], &[1.0, 1.0])],
            None,
        );
        assert_eq!(found.max_abs, 2.0);
        assert!((found.mse - 5.0 / 3.0).abs() < 1e-12);
        assert!((found.rel_mse - (4.0 / 4.01 + 1.0 / 0.01) / 3.0).abs() < 1e-9);
        assert!((found.psnr_db.unwrap() - 10.0 * (4.0 / (5.0_f64 / 3.0)).log10()).abs() < 1e-12);
        assert_eq!(found.mean_ratio, Some(2.0));
        assert_eq!(Errors::of(&[(&[0.0], &[0.0])], None).psnr_db, None);
    }

    /// The number is NumPy's, by the same formula with SciPy's `correlate1d` as filter.
    #[test]
    fn ssim_of_known_pictures() {
        let width = 48;
        let pixel = |i: usize| {
            let (x, y) = (i % width, i / width);
            let within = (12..36).contains(&x) && (12..36).contains(&y);
            if within {
                0.25 + ((x * 7 + y * 3) % 16) as f32 / 32.0
            } else {
                0.5
            }
        };
        let a: Vec<f32> = (0..width * width).map(pixel).collect();
        let b: Vec<f32> = a.iter().map(|v| 0.2 + 0.5 * v).collect();
        assert!((ssim(&a, &a, width) - 1.0).abs() < 1e-6);
        let found = ssim(&a, &b, width);
        assert!((found - 0.925_283_4).abs() < 1e-4, "{found}");
    }
}
