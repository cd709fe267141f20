//! How far an image is from a reference.
//!
//! The relative squared error of a channel is (a − b)² / (b² + 0.01): the square of the relative
//! error where the reference `b` is bright, bounded where it is black. An image here is
//! `[y][x][RGB]`, linear.

use crate::color::luminance;

/// Keeps black reference pixels from counting infinitely.
const EPSILON: f64 = 1e-2;
/// Share of pixels, the worst, that [`Comparison::rel_mse_trimmed`] leaves out.
const TRIMMED: f64 = 0.001;
/// Side of the boxes averaged for [`Comparison::rel_mse_boxed`], pixels.
const BOX: usize = 8;

/// Differences of an image from a reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Mean luminance over the reference's; NaN if both are black.
    pub luminance_ratio: f64,
    /// Mean relative squared error over all pixels and channels.
    pub rel_mse: f64,
    /// The same without the 0.1 % of pixels that differ most (fireflies).
    pub rel_mse_trimmed: f64,
    /// The same between averages over boxes of 8 × 8 pixels, where most noise has gone; the
    /// incomplete boxes at the right and bottom are left out. NaN below 8 × 8 pixels.
    pub rel_mse_boxed: f64,
}

/// Compares `image` with `reference`, both `width` columns wide; `None` unless they have the same
/// number of pixels, at least one, and `width` divides it.
#[must_use]
pub fn compare(image: &[[f32; 3]], reference: &[[f32; 3]], width: usize) -> Option<Comparison> {
    let same = image.len() == reference.len() && !image.is_empty();
    if !same || width == 0 || !image.len().is_multiple_of(width) {
        return None;
    }
    let (a, b) = (to_f64(image), to_f64(reference));
    let mut errors: Vec<f64> = (a.iter().zip(&b)).map(|(a, b)| rel_error(a, b)).collect();
    let rel_mse = mean(&errors);
    errors.sort_unstable_by(f64::total_cmp);
    let kept = (errors.len() as f64 * (1.0 - TRIMMED)) as usize;
    let boxed: Vec<f64> = (boxes(&a, width).iter().zip(&boxes(&b, width)))
        .map(|(a, b)| rel_error(a, b))
        .collect();
    Some(Comparison {
        luminance_ratio: mean_luminance(image) / mean_luminance(reference),
        rel_mse,
        rel_mse_trimmed: mean(&errors[..kept]),
        rel_mse_boxed: mean(&boxed),
    })
}

fn to_f64(pixels: &[[f32; 3]]) -> Vec<[f64; 3]> {
    pixels.iter().map(|pixel| pixel.map(f64::from)).collect()
}

/// Relative squared error of a channel, `a` against the reference `b`.
#[must_use]
pub fn rel_squared_error(a: f64, b: f64) -> f64 {
    (a - b) * (a - b) / (b * b + EPSILON)
}

/// Relative squared error of a pixel, averaged over its channels.
fn rel_error(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    let channel = |(&a, &b)| rel_squared_error(a, b);
    a.iter().zip(b).map(channel).sum::<f64>() / 3.0
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn mean_luminance(pixels: &[[f32; 3]]) -> f64 {
    let sum: f64 = pixels.iter().map(|&rgb| f64::from(luminance(rgb))).sum();
    sum / pixels.len() as f64
}

/// Averages over complete boxes.
fn boxes(pixels: &[[f64; 3]], width: usize) -> Vec<[f64; 3]> {
    let (columns, rows) = (width / BOX, pixels.len() / width / BOX);
    let mut sums = vec![[0.0; 3]; columns * rows];
    for (y, row) in pixels.chunks_exact(width).take(rows * BOX).enumerate() {
        for (x, pixel) in row.iter().take(columns * BOX).enumerate() {
            let sum = &mut sums[y / BOX * columns + x / BOX];
            for (sum, channel) in sum.iter_mut().zip(pixel) {
                *sum += channel / (BOX * BOX) as f64;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_equals_itself() {
        let image: Vec<_> = (0..17 * 9).map(|i| [i as f32, 1.0, 0.5]).collect();
        let found = compare(&image, &image, 17).unwrap();
        let expected = Comparison {
            luminance_ratio: 1.0,
            rel_mse: 0.0,
            rel_mse_trimmed: 0.0,
            rel_mse_boxed: 0.0,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn worked_example() {
        let reference = vec![[1.0; 3]; 16 * 8];
        let mut image = reference.clone();
        // One firefly: error (4 - 1)² / 1.01 in one of 128 pixels, trimmed away (128·0.999 → 127).
        image[3] = [4.0; 3];
        let found = compare(&image, &reference, 16).unwrap();
        let pixel = 9.0 / 1.01;
        assert!((found.rel_mse - pixel / 128.0).abs() < 1e-12);
        assert_eq!(found.rel_mse_trimmed, 0.0);
        // The left box's mean is 1 + 3/64.
        let boxed = (3.0_f64 / 64.0).powi(2) / 1.01 / 2.0;
        assert!((found.rel_mse_boxed - boxed).abs() < 1e-12);
        assert!((found.luminance_ratio - (1.0 + 3.0 / 128.0)).abs() < 1e-6);
    }

    #[test]
    fn incomplete_boxes_are_left_out() {
        let reference = vec![[1.0; 3]; 10 * 9];
        let mut image = reference.clone();
        (0..9).for_each(|y| image[y * 10 + 9] = [5.0; 3]);
        (80..90).for_each(|i| image[i] = [5.0; 3]);
        assert_eq!(compare(&image, &reference, 10).unwrap().rel_mse_boxed, 0.0);
    }

    #[test]
    fn shapes_that_cannot_be_compared() {
        let pixels = vec![[1.0; 3]; 6];
        assert_eq!(compare(&pixels, &pixels[1..], 1), None);
        assert_eq!(compare(&pixels, &pixels, 4), None);
        assert_eq!(compare(&pixels, &pixels, 0), None);
        assert_eq!(compare(&[], &[], 1), None);
        assert!(compare(&pixels, &pixels, 3).unwrap().rel_mse_boxed.is_nan());
    }
}
