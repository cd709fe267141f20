//! The mean brightness of an emissive texture over a triangle of texture space.
//!
//! The image is taken as constant within a texel, with the mean its reconstruction filter has there, and summed along
//! rows beforehand. A triangle is then cut into horizontal strips, each of which costs two look-ups however many texels
//! it crosses. Sums are whole numbers, so that what is dark is dark exactly.

use glam::Vec2;
use rayon::prelude::*;

use crate::math::portable::decode_srgb;
use crate::scene::ImageId;
use crate::scene::texture::{Image, TexelFilter, Texels, TextureRef, Wrap};

/// Strips a triangle is cut into, at least and at most.
const STRIPS: (f64, f64) = (8.0, 4096.0);
/// Strips of all triangles together, about: more than those of any that tile an image without overlap, a second's work.
const ALL_STRIPS: f64 = 16_777_216.0;
/// What triangles are taken to show at least of whose rows some were passed over.
const UNSEEN: f64 = 1.0 / 65535.0;

/// Strips at most for each of `n_triangles`.
pub(super) fn strips_each(n_triangles: usize) -> f64 {
    (ALL_STRIPS / n_triangles as f64).clamp(STRIPS.0, STRIPS.1)
}

/// Uses of an image with the same footprint sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FootprintKey {
    image: ImageId,
    wrap: [Wrap; 2],
    filter: TexelFilter,
}

impl FootprintKey {
    /// The key of `texture`.
    pub(super) fn new(texture: &TextureRef) -> Self {
        Self {
            image: texture.image,
            wrap: texture.wrap,
            filter: texture.filter,
        }
    }
}

/// Row sums of an sRGB image's brightness (mean of linear channels).
#[derive(Debug)]
pub(super) struct Footprint {
    width: usize,
    height: usize,
    wrap: [Wrap; 2],
    /// Per row `width + 1` sums of the texels to the left, in units of 1 / 65535.
    sums: Vec<u32>,
}

impl Footprint {
    /// Sums `image` as `texture` reads it.
    pub(super) fn build(image: &Image, texture: &TextureRef) -> Self {
        let (width, height) = (image.width as usize, image.height as usize);
        let brightness = brightness(image);
        let at = |x: isize, y: isize| {
            let (x, y) = (
                wrap_index(x, width, texture.wrap[0]),
                wrap_index(y, height, texture.wrap[1]),
            );
            u32::from(brightness[y * width + x])
        };
        let mut sums = vec![0u32; (width + 1) * height];
        sums.par_chunks_mut(width + 1)
            .enumerate()
            .for_each(|(y, row)| {
                let y = y as isize;
                // The mean over a texel of bilinear interpolation weighs the texel 6/8 and its neighbours 1/8, either way.
                let column = |x: isize| at(x, y - 1) + 6 * at(x, y) + at(x, y + 1);
                for x in 0..width as isize {
                    let value = match texture.filter {
                        TexelFilter::Nearest => at(x, y),
                        TexelFilter::Linear => {
                            (column(x - 1) + 6 * column(x) + column(x + 1)).div_ceil(64)
                        }
                    };
                    row[x as usize + 1] = row[x as usize] + value;
                }
            });
        Self {
            width,
            height,
            wrap: texture.wrap,
            sums,
        }
    }

    /// The mean over the triangle with image coordinates `corners`, in [0, 1], by `max_strips` strips at most.
    pub(super) fn mean(&self, corners: [Vec2; 3], max_strips: f64) -> f64 {
        let size = [self.width as f64, self.height as f64];
        let p = corners.map(|uv| [f64::from(uv.x) * size[0], f64::from(uv.y) * size[1]]);
        if !p.iter().flatten().all(|c| c.abs() < 1e9) {
            return 1.0;
        }
        let top = p.iter().map(|p| p[1]).fold(f64::INFINITY, f64::min);
        let bottom = p.iter().map(|p| p[1]).fold(f64::NEG_INFINITY, f64::max);
        let wanted = (2.0 * (bottom - top)).ceil().clamp(STRIPS.0, STRIPS.1);
        let strips = wanted.min(max_strips);
        let (mut total, mut weight) = (0.0, 0.0);
        for strip in 0..strips as usize {
            let y = top + (bottom - top) * (strip as f64 + 0.5) / strips;
            let Some((left, right)) = span(&p, y) else {
                continue;
            };
            // A triangle without area in texture space still has a colour.
            let right = right.max(left + 1e-6);
            total += self.integral(left, right, y.floor() as isize);
            weight += right - left;
        }
        if weight > 0.0 {
            let least = if strips < wanted { UNSEEN } else { 0.0 };
            (total / weight / 65535.0).max(least)
        } else {
            1.0
        }
    }

    /// Sum over [left, right] of the row that is number `y` before wrapping.
    fn integral(&self, left: f64, right: f64, y: isize) -> f64 {
        let y = wrap_index(y, self.height, self.wrap[1]);
        let row = &self.sums[y * (self.width + 1)..][..self.width + 1];
        // Within one period first, so that no large sums are subtracted.
        let width = self.width as f64;
        let period = match self.wrap[0] {
            Wrap::Repeat => width,
            Wrap::MirroredRepeat => 2.0 * width,
            Wrap::ClampToEdge => return self.running(row, right) - self.running(row, left),
        };
        let base = (left / period).floor() * period;
        self.running(row, right - base) - self.running(row, left - base)
    }

    /// Sum of the wrapped row from 0 to `x`.
    fn running(&self, row: &[u32], x: f64) -> f64 {
        let width = self.width as f64;
        let whole = f64::from(row[self.width]);
        let inside = |x: f64| {
            let texel = (x as usize).min(self.width - 1);
            f64::from(row[texel]) + (x - texel as f64) * f64::from(row[texel + 1] - row[texel])
        };
        match self.wrap[0] {
            Wrap::Repeat => (x / width).floor() * whole + inside(x - (x / width).floor() * width),
            Wrap::MirroredRepeat => {
                let period = (x / (2.0 * width)).floor();
                let x = x - period * 2.0 * width;
                let part = if x <= width {
                    inside(x)
                } else {
                    2.0 * whole - inside(2.0 * width - x)
                };
                period * 2.0 * whole + part
            }
            Wrap::ClampToEdge => {
                let edge = if x < 0.0 {
                    f64::from(row[1])
                } else {
                    whole - f64::from(row[self.width - 1])
                };
                let beyond = x - x.clamp(0.0, width);
                inside(x.clamp(0.0, width)) + beyond * edge
            }
        }
    }
}

/// Brightness of each texel, in units of 1 / 65535, rounded up.
fn brightness(image: &Image) -> Vec<u16> {
    let curve = |levels: u32| -> Vec<f64> {
        (0..levels)
            .map(|v| decode_srgb(f64::from(v) / f64::from(levels - 1)))
            .collect()
    };
    let mean = |r: f64, g: f64, b: f64| ((r + g + b) / 3.0 * 65535.0).ceil() as u16;
    match image.pixels.texels() {
        Texels::Narrow(bytes) => {
            let linear = curve(256);
            let value = |v: u8| linear[usize::from(v)];
            bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&[r, g, b, _]| mean(value(r), value(g), value(b)))
                .collect()
        }
        Texels::Wide(values) => {
            let linear = curve(65536);
            let value = |v: u16| linear[usize::from(v)];
            values
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&[r, g, b, _]| mean(value(r), value(g), value(b)))
                .collect()
        }
    }
}

/// The texel that texel number `i` of an axis of `size` texels is.
fn wrap_index(i: isize, size: usize, wrap: Wrap) -> usize {
    let n = size as isize;
    let wrapped = match wrap {
        Wrap::Repeat => i.rem_euclid(n),
        Wrap::MirroredRepeat => {
            let folded = i.rem_euclid(2 * n);
            folded.min(2 * n - 1 - folded)
        }
        Wrap::ClampToEdge => i.clamp(0, n - 1),
    };
    wrapped as usize
}

/// Where the horizontal line at `y` is inside the triangle.
fn span(p: &[[f64; 2]; 3], y: f64) -> Option<(f64, f64)> {
    let mut left = f64::INFINITY;
    let mut right = f64::NEG_INFINITY;
    for i in 0..3 {
        let (a, b) = (p[i], p[(i + 1) % 3]);
        if a[1].min(b[1]) > y || a[1].max(b[1]) < y {
            continue;
        }
        let t = if a[1] == b[1] {
            0.0
        } else {
            (y - a[1]) / (b[1] - a[1])
        };
        let x = a[0] + t * (b[0] - a[0]);
        left = left.min(x);
        right = right.max(x);
        if a[1] == b[1] {
            left = left.min(b[0]);
            right = right.max(b[0]);
        }
    }
    (left <= right).then_some((left, right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::texture::Pixels;
    use glam::Affine2;

    fn texture(wrap: Wrap, filter: TexelFilter) -> TextureRef {
        TextureRef {
            image: ImageId(0),
            texcoord_set: 0,
            uv_transform: Affine2::IDENTITY,
            wrap: [wrap; 2],
            filter,
        }
    }

    /// Black but for one white texel.
    fn dot(width: u32, height: u32, x: u32, y: u32) -> Image {
        let mut bytes = vec![0; (width * height * 4) as usize];
        let at = ((y * width + x) * 4) as usize;
        bytes[at..at + 3].fill(255);
        Image {
            name: String::new(),
            width,
            height,
            pixels: Pixels::Rgba8(bytes),
        }
    }

    fn square_mean(footprint: &Footprint, low: f32, high: f32) -> f64 {
        let [a, b, c, d] =
            [[low, low], [high, low], [high, high], [low, high]].map(Vec2::from_array);
        0.5 * (footprint.mean([a, b, c], STRIPS.1) + footprint.mean([a, c, d], STRIPS.1))
    }

    #[test]
    fn whole_images_have_the_mean_of_their_texels() {
        let image = dot(8, 4, 5, 1);
        for filter in [TexelFilter::Nearest, TexelFilter::Linear] {
            for (wrap, tiles) in [
                (Wrap::Repeat, 3.0),
                (Wrap::MirroredRepeat, 4.0),
                (Wrap::ClampToEdge, 1.0),
            ] {
                let footprint = Footprint::build(&image, &texture(wrap, filter));
                let mean = square_mean(&footprint, 0.0, tiles);
                assert!(
                    (mean - 1.0 / 32.0).abs() < 0.02 / 32.0,
                    "{wrap:?} {filter:?}: {mean}"
                );
                let shifted = square_mean(&footprint, -2.0 * tiles, tiles);
                assert!(
                    wrap == Wrap::ClampToEdge || (shifted - 1.0 / 32.0).abs() < 0.02 / 32.0,
                    "{wrap:?}: {shifted}"
                );
            }
        }
    }

    #[test]
    fn dark_triangles_are_exactly_dark() {
        let image = dot(64, 64, 40, 20);
        let footprint = Footprint::build(&image, &texture(Wrap::Repeat, TexelFilter::Linear));
        let corners = [[0.0, 0.0], [0.5, 0.1], [0.1, 0.9]].map(Vec2::from_array);
        assert_eq!(footprint.mean(corners, STRIPS.1), 0.0);
        let inside = [[39.0, 19.0], [43.0, 19.0], [39.0, 23.0]].map(|p| Vec2::from_array(p) / 64.0);
        assert!(footprint.mean(inside, STRIPS.1) > 0.05);
        // Reconstruction spreads half a texel beyond the texel's edge.
        let beside = [[41.1, 20.2], [41.4, 20.2], [41.2, 20.8]].map(|p| Vec2::from_array(p) / 64.0);
        assert!(footprint.mean(beside, STRIPS.1) > 0.0);
    }

    #[test]
    fn many_triangles_are_looked_at_coarsely_but_are_never_taken_for_dark() {
        assert_eq!(strips_each(0), STRIPS.1);
        assert_eq!(strips_each(1 << 20), 16.0);
        assert_eq!(strips_each(usize::MAX), STRIPS.0);
        let image = dot(64, 64, 40, 24);
        let footprint = Footprint::build(&image, &texture(Wrap::Repeat, TexelFilter::Nearest));
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]].map(Vec2::from_array);
        let fine = footprint.mean(corners, STRIPS.1);
        assert!((fine - 2.0 / 4096.0).abs() < 1e-5, "{fine}");
        assert_eq!(footprint.mean(corners, STRIPS.0), UNSEEN);
    }

    #[test]
    fn a_point_of_texture_space_has_a_colour() {
        let image = dot(4, 4, 1, 2);
        let footprint = Footprint::build(&image, &texture(Wrap::ClampToEdge, TexelFilter::Nearest));
        assert!((footprint.mean([Vec2::new(0.375, 0.625); 3], STRIPS.1) - 1.0).abs() < 1e-4);
        assert_eq!(footprint.mean([Vec2::new(0.875, 0.625); 3], STRIPS.1), 0.0);
        assert_eq!(footprint.mean([Vec2::new(f32::NAN, 0.0); 3], STRIPS.1), 1.0);
    }
}
