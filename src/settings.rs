//! What a frame is rendered with, beside the scene. Everything here (and the scene) decides the
//! bytes of the picture; nothing else may.

/// A rectangle of pixels, `[x0, x1) × [y0, y1)`, origin top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// Pixel reconstruction filter, importance-sampled (a sample counts for one pixel only).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Multiscatter {
    /// Lobes compensated for multiple scattering: white materials lose nothing.
    #[default]
    On,
    /// The specification's single-scatter lobes.
    Off,
}

/// Render settings.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderSettings {
    /// Full frame, pixels.
    pub width: u32,
    /// Full frame, pixels.
    pub height: u32,
    /// Part of the frame to render.
    pub region: Region,
    /// First sample index and number of samples of every pixel.
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
