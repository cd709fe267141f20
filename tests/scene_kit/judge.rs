//! Pictures against what can be written down.
//!
//! Noisy ones are judged by the spread of their pixels: pixels are independent estimates, so the mean of their errors
//! divided by its standard deviation is normal. A right renderer fails one such test in 10⁵ ([`Z_LIMIT`]).

use skywell::film::Developed;

/// Two-sided significance 10⁻⁵.
const Z_LIMIT: f64 = 4.417;
/// Relative error of single-precision transport along a few surfaces.
const ROUNDING: f64 = 2e-5;

/// Asserts that the channels `channel` of all pixels estimate `truth(x, y)`, the pixel's exact mean.
pub fn assert_mean(image: &Developed, channel: usize, truth: impl Fn(u32, u32) -> f64) {
    let width = image.region.width();
    let errors: Vec<f64> = (image.pixels.iter().zip(0u32..))
        .map(|(pixel, i)| f64::from(pixel[channel]) - truth(i % width, i / width))
        .collect();
    let n = errors.len() as f64;
    let mean = errors.iter().sum::<f64>() / n;
    let variance = errors.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / (n - 1.0);
    let scale = (0..n as u32)
        .map(|i| truth(i % width, i / width))
        .sum::<f64>()
        / n;
    let limit = Z_LIMIT * (variance / n).sqrt() + ROUNDING * scale;
    assert!(
        mean.abs() < limit,
        "channel {channel}: off by {mean}, at most {limit} is chance, of {scale}"
    );
    assert!(
        limit < 0.02 * scale,
        "channel {channel}: too noisy to tell: {limit} of {scale}"
    );
}

/// Asserts that every pixel is `truth` but for rounding.
pub fn assert_every(image: &Developed, channel: usize, truth: f64) {
    for pixel in &image.pixels {
        let error = (f64::from(pixel[channel]) - truth).abs();
        assert!(
            error <= ROUNDING * truth,
            "channel {channel}: {} instead of {truth}",
            pixel[channel]
        );
    }
}
