//! Pictures for this room's tests.

use super::picture::{Encoding, Picture, Plane};
use crate::color::REC709;
use crate::image::exr::Window;
use std::collections::BTreeMap;

/// A picture with these planes, all of ones.
pub fn picture(width: usize, height: usize, names: &[&str]) -> Picture {
    let window = Window {
        x: 0,
        y: 0,
        width,
        height,
    };
    let plane = |name: &&str| Plane {
        name: (*name).to_owned(),
        is_half: false,
        samples: vec![1.0; width * height],
    };
    Picture {
        encoding: Encoding::Linear,
        format: "OpenEXR",
        display: window,
        data: window,
        chromaticities: REC709,
        planes: names.iter().map(plane).collect(),
        attributes: BTreeMap::new(),
    }
}

/// Random numbers with a fixed seed. Source: Steele, Lea, Flood 2014 (SplitMix64); Box, Muller
/// 1958.
pub struct Normal(u64);

impl Normal {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// In `(0, 1]`.
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0 + 1e-17
    }

    /// Of mean 0 and variance 1.
    pub fn next(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
