//! FLIP: how visible the difference of two pictures is to somebody who flips between them.
//!
//! Values are per pixel in `[0, 1]`; 0 is no visible difference, 1 that between the colours that
//! differ most. Seen at 0.7 m from a display of 3840 pixels over 0.7 m: 67 pixels a degree.
//!
//! Sources: Andersson et al. 2020, "FLIP: A Difference Evaluator for Alternating Images"; Andersson
//! et al. 2021, "Visualizing Errors in Rendered High Dynamic Range Images". Departs: the clamp of
//! filtered colours and the filters are as there, but filters are cut where their weights vanish.

mod color;
mod exposure;
#[cfg(test)]
mod tests;

pub use exposure::Exposures;

use self::color::{clamped_rgb, hunt_lab, hyab, ycxcz};
use super::filter::Kernel;
use rayon::prelude::*;

/// Pixels a degree of the viewer's field: 0.7 m × 3840 px / 0.7 m × π / 180°.
const PIXELS_PER_DEGREE: f64 = 3840.0 * std::f64::consts::PI / 180.0;
/// Rows filtered at a time, by one thread.
const STRIP: usize = 48;
/// Exponent of the colour difference, q_c.
const COLOR_EXPONENT: f32 = 0.7;
/// Share of the largest colour difference, p_c, that is mapped to [`PIVOT_ERROR`], p_t.
const PIVOT_SHARE: f32 = 0.4;
/// See [`PIVOT_SHARE`].
const PIVOT_ERROR: f32 = 0.95;
/// Width of the features looked for, degrees.
const FEATURE_WIDTH_DEG: f64 = 0.082;

/// FLIP between displayed pictures: linear Rec. 709 in `[0, 1]`, `[y][x]`, `width` columns. The
/// result has a value for each pixel.
///
/// # Panics
/// If the pictures' sizes differ or are no multiple of `width`.
#[must_use]
pub fn ldr(reference: &[[f32; 3]], test: &[[f32; 3]], width: usize) -> Vec<f32> {
    by_strips(reference, test, width, &[Look::AsIs])
}

/// HDR-FLIP between pictures of radiance: linear Rec. 709, not negative, finite. The largest
/// [`ldr`] over `exposures`, shown through a filmic curve.
///
/// # Panics
/// See [`ldr`].
#[must_use]
pub fn hdr(
    reference: &[[f32; 3]],
    test: &[[f32; 3]],
    width: usize,
    exposures: &Exposures,
) -> Vec<f32> {
    let looks: Vec<Look> = exposures.scales().map(Look::Filmic).collect();
    by_strips(reference, test, width, &looks)
}

/// How linear values become what is looked at.
#[derive(Clone, Copy, Debug)]
enum Look {
    AsIs,
    /// Multiplied by this, through the filmic curve.
    Filmic(f32),
}

impl Look {
    fn develop(self, rgb: [f32; 3]) -> [f32; 3] {
        match self {
            Self::AsIs => rgb,
            Self::Filmic(scale) => rgb.map(|channel| exposure::filmic(channel * scale)),
        }
    }
}

fn by_strips(reference: &[[f32; 3]], test: &[[f32; 3]], width: usize, looks: &[Look]) -> Vec<f32> {
    assert!(reference.len() == test.len() && reference.len().is_multiple_of(width));
    let kernels = Kernels::new();
    let mut flip = vec![0.0_f32; reference.len()];
    flip.par_chunks_mut(STRIP * width)
        .enumerate()
        .for_each_init(Planes::default, |planes, (strip, out)| {
            let (first, n_rows) = (strip * STRIP, out.len() / width);
            let height = reference.len() / width;
            let seen =
                first.saturating_sub(kernels.reach)..(first + n_rows + kernels.reach).min(height);
            let pixels = seen.start * width..seen.end * width;
            if reference[pixels.clone()] == test[pixels] {
                return;
            }
            let [mut a, mut b] = [reference, test].map(|pixels| Strip {
                pixels,
                width,
                first,
                n_rows,
                seen: seen.clone(),
                perceived: Vec::new(),
            });
            for &look in looks {
                a.perceive(look, &kernels, planes);
                b.perceive(look, &kernels, planes);
                for ((out, a), b) in out.iter_mut().zip(&a.perceived).zip(&b.perceived) {
                    *out = out.max(difference(a, b, kernels.most_different));
                }
            }
        });
    flip
}

/// What the eye takes of a pixel.
#[derive(Clone, Copy, Debug, Default)]
struct Perceived {
    lab: [f32; 3],
    /// Strength of an edge here.
    edge: f32,
    /// Strength of a point here.
    point: f32,
}

/// FLIP of a pixel.
fn difference(a: &Perceived, b: &Perceived, most_different: f32) -> f32 {
    let color = hyab(a.lab, b.lab).powf(COLOR_EXPONENT);
    let pivot = PIVOT_SHARE * most_different;
    let color = if color < pivot {
        color * PIVOT_ERROR / pivot
    } else {
        let beyond = (color - pivot) / (most_different - pivot);
        PIVOT_ERROR + beyond * (1.0 - PIVOT_ERROR)
    };
    let feature = (a.edge - b.edge).abs().max((a.point - b.point).abs());
    let feature = (feature * std::f32::consts::FRAC_1_SQRT_2).sqrt();
    if color > 0.0 {
        color.min(1.0).powf((1.0 - feature).max(0.0))
    } else {
        0.0
    }
}

/// All filters.
struct Kernels {
    lightness: Kernel,
    red_green: Kernel,
    /// Two, whose results are added.
    blue_yellow: [Kernel; 2],
    smooth: Kernel,
    slope: Kernel,
    curvature: Kernel,
    /// Rows beyond a pixel's own that it depends on.
    reach: usize,
    /// Largest colour difference there is, to the power [`COLOR_EXPONENT`].
    most_different: f32,
}

impl Kernels {
    fn new() -> Self {
        // Contrast sensitivity a₁ √(π/b₁) exp(-π² x²/b₁) + the same of a₂, b₂; x in degrees. Table 1.
        let shape = |b: f64| {
            let pi = std::f64::consts::PI;
            move |x: f64| (-pi * pi * (x / PIXELS_PER_DEGREE).powi(2) / b).exp()
        };
        let widest: f64 = 0.04;
        let pi = std::f64::consts::PI;
        let radius = (3.0 * (widest / (2.0 * pi * pi)).sqrt() * PIXELS_PER_DEGREE).ceil() as usize;
        let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
            (0..=2 * radius).map(|i| f(i as f64 - radius as f64)).sum()
        };
        let single = |b: f64| {
            let (f, whole) = (shape(b), sum(&shape(b)));
            Kernel::new(radius, move |x| f(x) / whole)
        };
        let [(a1, b1), (a2, b2)] = [(34.1, widest), (13.5, 0.025)];
        let weight = |a: f64, b: f64| a * (pi / b).sqrt();
        let whole =
            weight(a1, b1) * sum(&shape(b1)).powi(2) + weight(a2, b2) * sum(&shape(b2)).powi(2);
        // The square root goes to each direction.
        let part = |a: f64, b: f64| {
            let (f, scale) = (shape(b), (weight(a, b) / whole).sqrt());
            Kernel::new(radius, move |x| scale * f(x))
        };
        let deviation = 0.5 * FEATURE_WIDTH_DEG * PIXELS_PER_DEGREE;
        let [smooth, slope, curvature] = feature_kernels(deviation);
        let [green, blue] = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(hunt_lab);
        Self {
            lightness: single(0.0047),
            red_green: single(0.0053),
            blue_yellow: [part(a1, b1), part(a2, b2)],
            reach: radius.max(smooth.radius()),
            smooth,
            slope,
            curvature,
            most_different: hyab(green, blue).powf(COLOR_EXPONENT),
        }
    }
}

/// A Gaussian of sum 1 and its two derivatives, whose positive and negative weights sum to 1 each.
fn feature_kernels(deviation: f64) -> [Kernel; 3] {
    let radius = (3.0 * deviation).ceil() as usize;
    let gauss = move |x: f64| (-x * x / (2.0 * deviation * deviation)).exp();
    let slope = move |x: f64| -x * gauss(x);
    let curvature = move |x: f64| (x * x / (deviation * deviation) - 1.0) * gauss(x);
    let sum = |f: &dyn Fn(f64) -> f64, sign: f64| -> f64 {
        let all = (0..=2 * radius).map(|i| f(i as f64 - radius as f64) * sign);
        all.map(|weight| weight.max(0.0)).sum()
    };
    let normal = |f: &dyn Fn(f64) -> f64| {
        let (positive, negative) = (sum(f, 1.0), sum(f, -1.0));
        Kernel::new(radius, |x| {
            f(x) / if f(x) > 0.0 {
                positive
            } else {
                negative.max(1e-30)
            }
        })
    };
    [normal(&gauss), normal(&slope), normal(&curvature)]
}

/// Rows of a picture, being looked at.
struct Strip<'a> {
    pixels: &'a [[f32; 3]],
    width: usize,
    /// First row wanted.
    first: usize,
    /// Rows wanted.
    n_rows: usize,
    /// Rows that reach into those wanted.
    seen: std::ops::Range<usize>,
    perceived: Vec<Perceived>,
}

/// Room for planes of a strip, each `[row][x]` over the rows seen.
#[derive(Default)]
struct Planes {
    /// Filtered along rows: lightness, red-green, blue-yellow twice, smooth, slope, curvature.
    along: [Vec<f32>; 7],
    /// One row of each colour channel.
    row: [Vec<f32>; 3],
    padded: Vec<f32>,
    /// Results of one row: three colours, slopes and curvatures in x and y.
    out: [Vec<f32>; 7],
}

impl Strip<'_> {
    /// Fills `perceived`.
    fn perceive(&mut self, look: Look, kernels: &Kernels, planes: &mut Planes) {
        self.filter_along(look, kernels, planes);
        self.perceived
            .resize(self.n_rows * self.width, Perceived::default());
        let width = self.width;
        let out = &mut planes.out;
        for row in 0..self.n_rows {
            for plane in out.iter_mut() {
                plane.clear();
                plane.resize(width, 0.0);
            }
            let along = &planes.along;
            let last = self.seen.end - self.seen.start - 1;
            let here = self.first + row - self.seen.start;
            let mut across = |kernel: &Kernel, from: usize, into: usize| {
                let row_at = |offset: isize| {
                    let row = here.saturating_add_signed(offset).min(last);
                    &along[from][row * width..][..width]
                };
                kernel.across(row_at, &mut out[into]);
            };
            across(&kernels.lightness, 0, 0);
            across(&kernels.red_green, 1, 1);
            across(&kernels.blue_yellow[0], 2, 2);
            across(&kernels.blue_yellow[1], 3, 2);
            across(&kernels.smooth, 5, 3);
            across(&kernels.slope, 4, 4);
            across(&kernels.smooth, 6, 5);
            across(&kernels.curvature, 4, 6);
            for (x, perceived) in self.perceived[row * width..][..width]
                .iter_mut()
                .enumerate()
            {
                let at = |plane: usize| out[plane][x];
                *perceived = Perceived {
                    lab: hunt_lab(clamped_rgb([at(0), at(1), at(2)])),
                    edge: (at(3) * at(3) + at(4) * at(4)).sqrt(),
                    point: (at(5) * at(5) + at(6) * at(6)).sqrt(),
                };
            }
        }
    }

    fn filter_along(&self, look: Look, kernels: &Kernels, planes: &mut Planes) {
        let width = self.width;
        let Planes {
            along, row, padded, ..
        } = planes;
        for plane in along.iter_mut() {
            plane.resize(self.seen.len() * width, 0.0);
        }
        for (index, y) in self.seen.clone().enumerate() {
            for channel in row.iter_mut() {
                channel.clear();
            }
            for &pixel in &self.pixels[y * width..][..width] {
                for (channel, value) in row.iter_mut().zip(ycxcz(look.develop(pixel))) {
                    channel.push(value);
                }
            }
            let mut filter = |kernel: &Kernel, channel: usize, into: usize| {
                let out = &mut along[into][index * width..][..width];
                kernel.along(&row[channel], padded, out);
            };
            filter(&kernels.lightness, 0, 0);
            filter(&kernels.red_green, 1, 1);
            filter(&kernels.blue_yellow[0], 2, 2);
            filter(&kernels.blue_yellow[1], 2, 3);
            // Features are of lightness in [0, 1].
            for lightness in &mut row[0] {
                *lightness = (*lightness + 16.0) / 116.0;
            }
            let mut filter = |kernel: &Kernel, into: usize| {
                let out = &mut along[into][index * width..][..width];
                kernel.along(&row[0], padded, out);
            };
            filter(&kernels.smooth, 4);
            filter(&kernels.slope, 5);
            filter(&kernels.curvature, 6);
        }
    }
}
