//! The exposures HDR-FLIP looks at.
//!
//! Source: Andersson et al. 2021, §4: from where the reference's brightest pixel is shown just
//! below white to where its median is.

use crate::color::luminance;

/// Numerator and denominator of the filmic curve, by falling powers of x. Source: Narkowicz 2015,
/// "ACES Filmic Tone Mapping Curve", with radiance scaled by 0.6 first as FLIP has it.
const NUMERATOR: [f64; 3] = [0.6 * 0.6 * 2.51, 0.6 * 0.03, 0.0];
/// See [`NUMERATOR`].
const DENOMINATOR: [f64; 3] = [0.6 * 0.6 * 2.43, 0.6 * 0.59, 0.14];
/// Code value of what is "just below white".
const NEARLY_WHITE: f64 = 0.85;

/// Display value in `[0, 1]` of a non-negative `x`.
pub fn filmic(x: f32) -> f32 {
    let [n2, n1, n0] = NUMERATOR.map(|c| c as f32);
    let [d2, d1, d0] = DENOMINATOR.map(|c| c as f32);
    // Beyond this the curve is past 1, and squares overflow.
    let x = x.min(1e6);
    (((n2 * x + n1) * x + n0) / ((d2 * x + d1) * x + d0)).clamp(0.0, 1.0)
}

/// Equally spaced exposures.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Exposures {
    /// The darkest, stops.
    pub first_stops: f32,
    /// The brightest, stops.
    pub last_stops: f32,
    /// How many, at least 2.
    pub count: u32,
}

impl Exposures {
    /// Those that suit `reference`, linear Rec. 709 and not empty.
    #[must_use]
    pub fn of(reference: &[[f32; 3]]) -> Self {
        let mut luminances: Vec<f32> = reference.iter().map(|&rgb| luminance(rgb)).collect();
        let largest = luminances.iter().copied().fold(0.0, f32::max);
        let middle = luminances.len() / 2;
        let median = if luminances.is_empty() {
            0.0
        } else {
            *luminances.select_nth_unstable_by(middle, f32::total_cmp).1
        };
        let [a, b, c] = [0, 1, 2].map(|i| NUMERATOR[i] - NEARLY_WHITE * DENOMINATOR[i]);
        let nearly_white = (-b + (b * b - 4.0 * a * c).sqrt()) / (2.0 * a);
        let stops = |luminance: f32| {
            let positive = luminance.max(f32::EPSILON);
            (nearly_white / f64::from(positive)).log2()
        };
        let (first, last) = (stops(largest), stops(median));
        Self {
            first_stops: first as f32,
            last_stops: last as f32,
            count: (last - first).ceil().max(2.0) as u32,
        }
    }

    /// What radiance is multiplied by.
    pub fn scales(&self) -> impl Iterator<Item = f32> + use<> {
        let Self {
            first_stops,
            last_stops,
            count,
        } = *self;
        let step = (last_stops - first_stops) / (count.max(2) - 1) as f32;
        (0..count).map(move |i| (first_stops + step * i as f32).exp2())
    }
}
