//! How linear light is shown on a display.

use crate::color::{pbr_neutral, srgb_encode};

/// A view transform, from linear Rec. 709 to display code values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum View {
    /// Linear light as it is, cut to `[0, 1]`.
    None,
    /// Cut to `[0, 1]`, then the sRGB curve.
    Srgb,
    /// Khronos PBR Neutral tone mapping, then the sRGB curve.
    #[default]
    PbrNeutral,
}

impl View {
    /// Code values in `[0, 1]` of linear `rgb`. Not-a-numbers are shown as 0.
    #[must_use]
    pub fn encode(self, rgb: [f32; 3]) -> [f32; 3] {
        // A comparison with a not-a-number is false.
        let cut = |channel: f32| if channel > 0.0 { channel.min(1.0) } else { 0.0 };
        match self {
            View::None => rgb.map(cut),
            View::Srgb => rgb.map(cut).map(srgb_encode),
            View::PbrNeutral => pbr_neutral(rgb).map(cut).map(srgb_encode),
        }
    }
}
