//! What a frame is rendered with, beside the scene.
//!
//! Everything here, together with the scene, decides the bytes of the picture; nothing else may.
//! Threads, tiles, SIMD width and progress are therefore *not* here. Any room above may read it.

use serde::{Deserialize, Serialize};

/// A rectangle of pixels, `[x0, x1) × [y0, y1)`, origin top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Region {
    /// First column.
    pub x0: u32,
    /// First row.
    pub y0: u32,
    /// One past the last column.
    pub x1: u32,
    /// One past the last row.
    pub y1: u32,
}

impl Region {
    /// The whole of a frame of `width × height` pixels.
    #[must_use]
    pub fn full(width: u32, height: u32) -> Self {
        Self {
            x0: 0,
            y0: 0,
            x1: width,
            y1: height,
        }
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.x1 - self.x0
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.y1 - self.y0
    }

    /// Number of pixels.
    #[must_use]
    pub fn n_pixels(&self) -> u64 {
        u64::from(self.width()) * u64::from(self.height())
    }

    /// Column and row of every pixel, row by row.
    pub fn pixels(self) -> impl Iterator<Item = (u32, u32)> {
        (self.y0..self.y1).flat_map(move |y| (self.x0..self.x1).map(move |x| (x, y)))
    }

    /// Squares of `side` pixels that cover the region, row by row; narrower at the right and bottom.
    pub fn tiles(self, side: u32) -> impl Iterator<Item = Self> {
        let starts = move |from: u32, to: u32| (from..to).step_by(side as usize);
        starts(self.y0, self.y1).flat_map(move |y0| {
            starts(self.x0, self.x1).map(move |x0| Self {
                x0,
                y0,
                x1: self.x1.min(x0.saturating_add(side)),
                y1: self.y1.min(y0.saturating_add(side)),
            })
        })
    }

    /// Does every pixel of `part` lie within this region?
    #[must_use]
    pub fn contains(&self, part: Self) -> bool {
        self.x0 <= part.x0 && self.y0 <= part.y0 && part.x1 <= self.x1 && part.y1 <= self.y1
    }
}

impl std::fmt::Display for Region {
    /// As on the command line: `X0,Y0,X1,Y1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{},{},{}", self.x0, self.y0, self.x1, self.y1)
    }
}

/// Pixel reconstruction filter, importance-sampled (a sample counts for one pixel only).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// 1 pixel wide.
    Box,
    /// σ = 0.5 px, cut at 2 px.
    Gaussian,
    /// Radius 1.5 px.
    #[default]
    BlackmanHarris,
}

/// Energy compensation between microfacets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Multiscatter {
    /// Lobes compensated for multiple scattering: white materials lose nothing.
    #[default]
    On,
    /// The specification's single-scatter lobes.
    Off,
}

/// Render settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RenderSettings {
    /// Full frame, pixels.
    pub width: u32,
    /// Full frame, pixels.
    pub height: u32,
    /// Part of the frame to render.
    pub region: Region,
    /// Sample indices every pixel takes, first to one past the last.
    pub samples: std::ops::Range<u32>,
    /// Scattering events at most; 0 shows only what emits.
    pub max_depth: u32,
    /// Seed of every random number.
    pub seed: u32,
    /// Pixel filter.
    pub filter: Filter,
    /// Does the environment show behind the scene?
    pub background_visible: bool,
    /// Energy compensation.
    pub multiscatter: Multiscatter,
    /// Also keep the variance of the mean.
    pub variance: bool,
}

impl RenderSettings {
    /// Scattering events at most, unless asked otherwise: enough for light to enter and leave
    /// several panes of glass.
    pub const DEFAULT_MAX_DEPTH: u32 = 16;

    /// Samples a pixel, unless asked otherwise.
    pub const DEFAULT_SAMPLES: u32 = 64;

    /// Defaults for a whole frame of `width × height` pixels.
    ///
    /// ```
    /// use skywell::settings::RenderSettings;
    /// let settings = RenderSettings::new(960, 540);
    /// assert_eq!(settings.region.n_pixels(), 960 * 540);
    /// ```
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            region: Region::full(width, height),
            samples: 0..Self::DEFAULT_SAMPLES,
            max_depth: Self::DEFAULT_MAX_DEPTH,
            seed: 0,
            filter: Filter::default(),
            background_visible: true,
            multiscatter: Multiscatter::default(),
            variance: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_frame_is_whole() {
        let settings = RenderSettings::new(7, 3);
        assert_eq!(settings.region, Region::full(7, 3));
        assert_eq!((settings.region.width(), settings.region.height()), (7, 3));
    }

    #[test]
    fn tiles_hold_every_pixel_once() {
        let region = Region {
            x0: 3,
            y0: 1,
            x1: 20,
            y1: 10,
        };
        let tiles: Vec<Region> = region.tiles(8).collect();
        assert_eq!(tiles.len(), 3 * 2);
        let mut pixels: Vec<_> = tiles.into_iter().flat_map(Region::pixels).collect();
        pixels.sort_unstable_by_key(|&(x, y)| (y, x));
        assert_eq!(pixels, region.pixels().collect::<Vec<_>>());
    }

    #[test]
    fn pixels_of_a_large_region_do_not_overflow() {
        assert_eq!(Region::full(1 << 20, 1 << 20).n_pixels(), 1 << 40);
    }
}
