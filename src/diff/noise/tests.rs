//! Known noise, known faults.

use super::*;
use crate::diff::testing::Normal;

const SIDE: usize = 64;
const SAMPLES: u32 = 16;

/// Mean and variance of the mean of [`SAMPLES`] samples of each pixel, by `sample(pixel)`.
fn render(mut sample: impl FnMut(usize) -> f64) -> [Vec<f32>; 2] {
    let n = f64::from(SAMPLES);
    let pixel = |pixel| {
        let samples: Vec<f64> = (0..SAMPLES).map(|_| sample(pixel)).collect();
        let mean = samples.iter().sum::<f64>() / n;
        let squares: f64 = samples.iter().map(|x| (x - mean).powi(2)).sum();
        (mean as f32, (squares / (n - 1.0) / n) as f32)
    };
    let (mean, variance) = (0..SIDE * SIDE).map(pixel).unzip();
    [mean, variance]
}

fn compare(a: &[Vec<f32>; 2], b: &[Vec<f32>; 2], alpha: f64) -> NoiseReport {
    fn estimate(of: &[Vec<f32>; 2]) -> Estimate<'_> {
        Estimate {
            mean: &of[0],
            variance: &of[1],
            samples: SAMPLES,
        }
    }
    let pair = Pair {
        reference: estimate(a),
        test: estimate(b),
        is_half: false,
        is_borrowed: false,
    };
    test(&[NamedPair { name: "R", pair }], SIDE, alpha, None)
}

/// The scale that is most sure.
fn convicting(report: &NoiseReport) -> Scale {
    assert!(!report.is_explained, "{report:?}");
    report
        .scales
        .iter()
        .min_by(|a, b| a.p.total_cmp(&b.p))
        .unwrap()
        .scale
}

#[test]
fn noise_is_noise() {
    let mut random = Normal::new(1);
    // Of a size that differs from pixel to pixel a thousandfold.
    let mut picture =
        || render(|pixel| 1.0 + random.next() * 10.0_f64.powi((pixel % 4) as i32 - 2));
    let n = 100;
    let alarms = (0..n)
        .filter(|_| !compare(&picture(), &picture(), 0.05).is_explained)
        .count();
    // Five are expected at most; 13 or more have a probability of 0.0015 then.
    assert!(alarms < 13, "{alarms} false alarms of {n}");
}

#[test]
fn rare_large_samples_are_noise() {
    let mut random = Normal::new(2);
    let mut picture = || {
        render(|_| {
            let is_rare = random.uniform() < 0.003;
            if is_rare {
                500.0 * random.uniform()
            } else {
                0.1 * random.uniform()
            }
        })
    };
    let n = 60;
    let alarms = (0..n)
        .filter(|_| !compare(&picture(), &picture(), 0.05).is_explained)
        .count();
    assert!(alarms < 10, "{alarms} false alarms of {n}");
}

#[test]
fn a_bias_below_the_noise_is_found_by_sums() {
    let mut random = Normal::new(3);
    let a = render(|_| 1.0 + 0.2 * random.next());
    let everywhere = render(|_| 1.01 + 0.2 * random.next());
    assert_eq!(convicting(&compare(&a, &everywhere, 1e-3)), Scale::Whole);
    let corner = render(|pixel| {
        let is_there = pixel % SIDE < 32 && pixel / SIDE < 32;
        1.0 + if is_there { 0.02 } else { 0.0 } + 0.2 * random.next()
    });
    let report = compare(&a, &corner, 1e-3);
    assert_eq!(convicting(&report), Scale::Window(32));
    assert_eq!(report.beyond[0].1[0].x0, 0);
    let seam =
        render(|pixel| 1.0 + if pixel % SIDE == 20 { 0.1 } else { 0.0 } + 0.2 * random.next());
    assert_eq!(convicting(&compare(&a, &seam, 1e-3)), Scale::Column);
}

#[test]
fn a_wrong_pixel_is_found_alone() {
    let mut random = Normal::new(4);
    let a = render(|_| 1.0 + 0.1 * random.next());
    let mut b = render(|_| 1.0 + 0.1 * random.next());
    b[0][SIDE * 7 + 9] += 0.5;
    let report = compare(&a, &b, 1e-3);
    assert_eq!(convicting(&report), Scale::Pixel);
    assert_eq!(report.scales[0].worst_at, Rect::pixel(9, 7));
    assert_eq!(report.scales[0].n_beyond, 1);
}

#[test]
fn rounding_is_no_change() {
    let a = render(|_| 0.7);
    let mut b = a.clone();
    b[0].iter_mut().for_each(|x| *x *= 1.000_001);
    assert!(compare(&a, &b, 1e-3).is_explained);
    b[0].iter_mut().for_each(|x| *x *= 1.001);
    assert!(!compare(&a, &b, 1e-3).is_explained);
}

#[test]
fn few_samples_convict_no_pixel() {
    // Four samples of black or white: all white in one picture, all black in the other, happens.
    let estimate = |mean, variance, samples| Estimate {
        mean,
        variance,
        samples,
    };
    let pair = Pair {
        reference: estimate(&[0.0], &[0.0], 4),
        test: estimate(&[1.0], &[0.0], 4),
        is_half: false,
        is_borrowed: false,
    };
    let found = least_ln_probability(&pair).exp();
    assert!((found - 2.0 / 70.0).abs() < 1e-12, "{found}");
}

#[test]
fn a_picture_that_missed_a_rare_event_is_not_taken_at_its_word() {
    // 1024 samples saw a rare light; 16 did not, and claim to know their mean exactly.
    let pair = Pair {
        reference: Estimate {
            mean: &[0.5],
            variance: &[1e-3],
            samples: 1024,
        },
        test: Estimate {
            mean: &[0.0],
            variance: &[0.0],
            samples: 16,
        },
        is_half: false,
        is_borrowed: false,
    };
    assert!(pair.residual(0).unwrap().t() < 3.0);
}

#[test]
fn unusable_values_are_left_out() {
    let mut a = render(|pixel| (pixel % 7) as f64);
    let b = a.clone();
    a[0][5] = f32::NAN;
    a[1][6] = f32::INFINITY;
    assert!(compare(&a, &b, 1e-3).is_explained);
    assert!(test(&[], 0, 1e-3, None).is_explained);
}
