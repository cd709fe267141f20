//! Colour: the working space, transfer curves and view transforms.
//!
//! Skywell renders in linear light with the primaries and white of Rec. 709 ([`REC709`]); numbers
//! are `[R, G, B]`. Not here: which view an image is shown through, and pixels (see `output`).

mod pbr_neutral;
mod primaries;
mod srgb;

pub use pbr_neutral::pbr_neutral;
pub use primaries::{Chromaticities, REC709};
pub use srgb::{srgb_decode, srgb_encode};

/// Luminance of linear Rec. 709 `rgb`, in the unit of its channels.
///
/// Source: ITU-R BT.709-6 §3.2, rounded to four digits as there.
#[must_use]
pub fn luminance([r, g, b]: [f32; 3]) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_has_luminance_one() {
        assert!((luminance([1.0; 3]) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn luminance_agrees_with_the_primaries() {
        let [_, y, _] = REC709.xyz_from_rgb().unwrap();
        for (channel, weight) in y.into_iter().enumerate() {
            let mut rgb = [0.0; 3];
            rgb[channel] = 1.0;
            assert!((f64::from(luminance(rgb)) - weight).abs() < 5e-5);
        }
    }
}
