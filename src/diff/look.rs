//! Looking at a layer: as colours, or as grey from its least to its greatest value.

use super::Map;
use super::flip::{self, Exposures};
use super::layer::Layer;
use super::metric::ssim;
use super::picture::{Encoding, Picture};
use super::rect::Rect;
use super::report::FlipReport;
use crate::color::{REC709, luminance, srgb_decode, srgb_encode};
use rayon::prelude::*;

/// Brightest radiance looked at: the largest 16-bit float.
const BRIGHTEST: f32 = 65504.0;
/// Share of the largest FLIP from which a place counts as one of the differing.
const NEAR_LARGEST: f32 = 0.5;

/// What was seen.
pub struct Seen {
    pub report: FlipReport,
    pub ssim: f64,
    pub map: Map,
}

impl Seen {
    /// Pixels that differ about as much as the worst, and more than `limit`.
    pub fn visible_places(&self, limit: f64) -> Vec<Rect> {
        let threshold = (self.report.max as f32 * NEAR_LARGEST).max(limit as f32);
        let width = self.map.width;
        let visible = self
            .map
            .values
            .iter()
            .enumerate()
            .filter(|(_, flip)| **flip > threshold);
        visible
            .map(|(index, _)| Rect::pixel(index % width, index / width))
            .collect()
    }
}

/// How a layer's values are shown.
#[derive(Clone, Copy, PartialEq)]
enum Show {
    /// Radiance, at many exposures.
    Light,
    /// Code values.
    Codes,
    /// Values from low to high, as grey code values.
    Grey { low: f32, high: f32 },
}

/// Looks at a layer both pictures have.
pub fn look(reference: &Picture, test: &Picture, layer: &Layer) -> Seen {
    let width = reference.data.width;
    let show = match (layer.is_color, reference.encoding) {
        (true, Encoding::Linear) => Show::Light,
        (true, Encoding::Display) => Show::Codes,
        (false, _) => grey_range(reference, layer),
    };
    let (a, b) = (linear(reference, layer, show), linear(test, layer, show));
    let exposures = (show == Show::Light).then(|| Exposures::of(&a));
    let values = match &exposures {
        Some(exposures) => flip::hdr(&a, &b, width, exposures),
        None => flip::ldr(&a, &b, width),
    };
    let lightness = |pixels: &[[f32; 3]]| -> Vec<f32> {
        let encode = |&rgb: &[f32; 3]| srgb_encode(luminance(rgb).clamp(0.0, 1.0));
        pixels.par_iter().map(encode).collect()
    };
    Seen {
        report: summarise(&values, exposures),
        ssim: ssim(&lightness(&a), &lightness(&b), width),
        map: Map {
            width,
            height: reference.data.height,
            values,
        },
    }
}

/// The largest of a layer's colours at each pixel, or its first plane; not finite values as 0.
pub fn brightness(picture: &Picture, layer: &Layer) -> Vec<f32> {
    let n = if layer.is_color { 3 } else { 1 };
    let planes: Vec<&[f32]> = (layer.planes.iter().take(n))
        .filter_map(|name| Some(picture.plane(name)?.samples.as_slice()))
        .collect();
    let finite = |x: f32| if x.is_finite() { x } else { 0.0 };
    match planes[..] {
        [r, g, b] => (r.par_iter().zip(g).zip(b))
            .map(|((&r, &g), &b)| finite(r).max(finite(g)).max(finite(b)))
            .collect(),
        [grey] => grey.par_iter().map(|&x| finite(x)).collect(),
        _ => Vec::new(),
    }
}

/// The least and the greatest finite value of the reference's first plane.
fn grey_range(reference: &Picture, layer: &Layer) -> Show {
    let plane = layer.planes.first().and_then(|name| reference.plane(name));
    let finite = plane
        .into_iter()
        .flat_map(|plane| &plane.samples)
        .filter(|x| x.is_finite());
    let (low, high) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| {
        (low.min(x), high.max(x))
    });
    Show::Grey { low, high }
}

/// Linear Rec. 709, finite and not negative.
fn linear(picture: &Picture, layer: &Layer, show: Show) -> Vec<[f32; 3]> {
    let clean = |x: f32| {
        if x.is_nan() {
            0.0
        } else {
            x.clamp(0.0, BRIGHTEST)
        }
    };
    let planes: Vec<&[f32]> = (layer.planes.iter())
        .filter_map(|name| Some(picture.plane(name)?.samples.as_slice()))
        .collect();
    if let Show::Grey { low, high } = show {
        let scale = 1.0 / (high - low).max(f32::MIN_POSITIVE);
        let Some(grey) = planes.first() else {
            return Vec::new();
        };
        let show = |&x: &f32| [srgb_decode(clean((x - low) * scale).min(1.0)); 3];
        return grey.par_iter().map(show).collect();
    }
    let [r, g, b, ..] = planes[..] else {
        return Vec::new();
    };
    let pixels = r.par_iter().zip(g).zip(b).map(|((&r, &g), &b)| [r, g, b]);
    if show == Show::Codes {
        return pixels
            .map(|rgb| rgb.map(|x| srgb_decode(clean(x).min(1.0))))
            .collect();
    }
    let matrix = if picture.chromaticities.is_close(&REC709) {
        None
    } else {
        picture.chromaticities.rec709_from_rgb()
    };
    pixels
        .map(|[r, g, b]| match &matrix {
            Some(matrix) => matrix.map(|row| clean(row[0] * r + row[1] * g + row[2] * b)),
            None => [r, g, b].map(clean),
        })
        .collect()
}

fn summarise(values: &[f32], exposures: Option<Exposures>) -> FlipReport {
    let n = values.len().max(1);
    let mut sorted = values.to_vec();
    let p99 = match values.len() {
        0 => 0.0,
        len => {
            *sorted
                .select_nth_unstable_by((len * 99 / 100).min(len - 1), f32::total_cmp)
                .1
        }
    };
    FlipReport {
        mean: values.iter().map(|&x| f64::from(x)).sum::<f64>() / n as f64,
        p99: f64::from(p99),
        max: f64::from(values.iter().copied().fold(0.0, f32::max)),
        exposures,
    }
}
