//! The Khronos PBR Neutral tone mapper.
//!
//! Shows base colours under even white light as authored, and compresses only what is brighter.
//! Source: Khronos PBR Neutral Tone Mapper specification, 2024.

/// Reflectance of common dielectrics at normal incidence, which the mapper takes away so that
/// base colours come out as authored. The specification's name for it.
const F90: f32 = 0.04;
/// Channel values are compressed from here: 0.8 less [`F90`].
const START_COMPRESSION: f32 = 0.8 - F90;
/// Speed with which highlights lose their colour.
const DESATURATION: f32 = 0.15;

/// Maps linear Rec. 709, channels `[0, ∞)`, to linear Rec. 709 in `[0, 1]`; the sRGB curve is
/// still to be applied. Negative channels and
/// not-a-numbers count as zero.
#[must_use]
pub fn pbr_neutral(rgb: [f32; 3]) -> [f32; 3] {
    // A not-a-number becomes zero, infinity the largest number.
    let rgb = rgb.map(|channel| {
        if channel > 0.0 {
            channel.min(f32::MAX)
        } else {
            0.0
        }
    });
    let least = rgb.into_iter().fold(f32::INFINITY, f32::min);
    let toe = 2.0 * F90;
    let offset = if least < toe {
        least - least * least / (4.0 * F90)
    } else {
        F90
    };
    let rgb = rgb.map(|channel| channel - offset);
    let peak = rgb.into_iter().fold(0.0, f32::max);
    if peak < START_COMPRESSION {
        return rgb;
    }
    let room = 1.0 - START_COMPRESSION;
    let new_peak = 1.0 - room * room / (peak + room - START_COMPRESSION);
    let whiteness = 1.0 - 1.0 / (DESATURATION * (peak - new_peak) + 1.0);
    rgb.map(|channel| {
        let scaled = channel / peak * new_peak;
        scaled + (new_peak - scaled) * whiteness
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: [f32; 3], b: [f32; 3]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    #[test]
    fn base_colours_under_white_light_come_out_as_authored() {
        // A dielectric of base colour c adds 4 % white; the mapper takes it off again.
        for c in [[0.2, 0.5, 0.7], [0.04, 0.3, 0.75], [0.1, 0.1, 0.1]] {
            assert!(close(pbr_neutral(c.map(|x| x + 0.04)), c), "{c:?}");
        }
    }

    #[test]
    fn worked_examples() {
        // The toe: x = 0.04, offset = 0.04 - 6.25 * 0.0016 = 0.03.
        assert!(close(pbr_neutral([0.04, 0.5, 0.2]), [0.01, 0.47, 0.17]));
        // Grey 1.0: peak 0.96, new peak 1 - 0.0576 / 0.44.
        assert!(close(pbr_neutral([1.0; 3]), [0.869_090_9; 3]));
        // Red 2: peak 2, d = 0.24, new peak 1 - 0.0576 / 1.48 = 0.961081,
        // whiteness 1 - 1 / (0.15 * 1.038919 + 1) = 0.134824.
        assert!(close(
            pbr_neutral([2.0, 0.0, 0.0]),
            [0.961_081, 0.129_577, 0.129_577]
        ));
    }

    #[test]
    fn anything_at_all_maps_into_the_display() {
        for channel in [f32::NAN, f32::INFINITY, f32::MAX, -1.0, 0.0] {
            let mapped = pbr_neutral([channel, 1.0, 0.0]);
            let inside = mapped.iter().all(|x| (0.0..=1.0).contains(x));
            assert!(inside, "{channel} {mapped:?}");
        }
    }

    proptest! {
        #[test]
        fn stays_within_the_display_and_keeps_channel_order(rgb in [0.0_f32..1e6, 0.0..1e3, 0.0..2.0]) {
            let mapped = pbr_neutral(rgb);
            prop_assert!(mapped.iter().all(|x| (0.0..=1.0).contains(x)), "{:?}", mapped);
            for (a, b) in [(0, 1), (1, 2), (2, 0)] {
                prop_assert!(rgb[a] < rgb[b] || mapped[a] >= mapped[b], "{:?}", mapped);
            }
        }
    }
}
