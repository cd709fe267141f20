#define_import_path skywell::camera::filter

#import skywell::math::constants::TWO_PI
#import skywell::records::frame::{FILTER_BLACKMAN_HARRIS, FILTER_GAUSSIAN}

// Pixel filters by importance sampling: a sample lands at an offset drawn from the filter itself and counts with
// weight 1, for one pixel only. Source: Ernst et al. 2006, "Filter Importance Sampling".

/// Offset from the pixel's centre, pixels, drawn from the filter of kind `kind`.
fn sample_filter(kind: u32, u: vec2<f32>) -> vec2<f32> {
    if (kind == FILTER_GAUSSIAN) {
        return sample_gaussian_filter(u);
    }
    if (kind == FILTER_BLACKMAN_HARRIS) {
        return vec2<f32>(sample_blackman_harris(u.x), sample_blackman_harris(u.y)) * BLACKMAN_HARRIS_RADIUS;
    }
    return u - 0.5;
}

/// Standard deviation of the Gaussian, pixels.
const GAUSSIAN_SIGMA: f32 = 0.5;
/// The part of a two-dimensional Gaussian within a radius of 2 px: 1 − exp(−(2 / σ)² / 2).
const GAUSSIAN_KEPT: f32 = 0.999664537372097;

/// A Gaussian cut at a radius of 2 px, by inverting the distribution of its radius.
fn sample_gaussian_filter(u: vec2<f32>) -> vec2<f32> {
    let r = GAUSSIAN_SIGMA * sqrt(-2.0 * log(1.0 - u.x * GAUSSIAN_KEPT));
    let phi = TWO_PI * u.y;
    return vec2<f32>(r * cos(phi), r * sin(phi));
}

/// Half the width of the Blackman-Harris window, pixels.
const BLACKMAN_HARRIS_RADIUS: f32 = 1.5;
/// The window 0.35875 − 0.48829 cos τ + 0.14128 cos 2τ − 0.01168 cos 3τ, τ in [0, 2π], divided by its mean.
const BLACKMAN_HARRIS_A: f32 = 1.36108710801394;
const BLACKMAN_HARRIS_B: f32 = 0.393811846689895;
const BLACKMAN_HARRIS_C: f32 = 0.0325574912891986;

/// An offset in [−1, 1], in radii, with the density of the Blackman-Harris window.
///
/// Inverts the cumulative distribution by two Newton steps from a curve like that of the logistic distribution;
/// within 0.003 radii of the exact inverse for u in [0.001, 0.999], and within the window everywhere.
/// Source of the window: Harris 1978, "On the Use of Windows for Harmonic Analysis".
fn sample_blackman_harris(u: f32) -> f32 {
    let logit = log(max(u, 1e-7) / (1.0 - u));
    var t = 0.5 + 0.06 * logit / sqrt(1.0 + 0.004 * logit * logit);
    t = improve_blackman_harris(t, u);
    t = improve_blackman_harris(t, u);
    return 2.0 * t - 1.0;
}

/// One Newton step from `t` in [0, 1] towards the place where the cumulative distribution is `u`.
fn improve_blackman_harris(t: f32, u: f32) -> f32 {
    let s = sin(TWO_PI * t);
    let c = cos(TWO_PI * t);
    let s_double = 2.0 * s * c;
    let c_double = 2.0 * c * c - 1.0;
    let s_triple = s * (4.0 * c * c - 1.0);
    let c_triple = c * (4.0 * c * c - 3.0);
    let oscillation = BLACKMAN_HARRIS_A * s - 0.5 * BLACKMAN_HARRIS_B * s_double + BLACKMAN_HARRIS_C / 3.0 * s_triple;
    let cumulative = t - oscillation * (1.0 / TWO_PI);
    let density = 1.0 - BLACKMAN_HARRIS_A * c + BLACKMAN_HARRIS_B * c_double - BLACKMAN_HARRIS_C * c_triple;
    return clamp(t - (cumulative - u) / max(density, 1e-3), 0.0, 1.0);
}
