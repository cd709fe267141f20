//! Maps of values in `[0, 1]` as colours, for PNG files.

use colorous::MAGMA;

/// 8-bit RGB of a map: black is 0, light yellow 1 (matplotlib's magma, the map FLIP's authors use).
/// Not-a-numbers are white.
#[must_use]
pub fn colors(map: &[f32]) -> Vec<u8> {
    map.iter()
        .flat_map(|&value| {
            if value.is_nan() {
                [255; 3]
            } else {
                let color = MAGMA.eval_continuous(f64::from(value.clamp(0.0, 1.0)));
                [color.r, color.g, color.b]
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_the_map() {
        assert_eq!(
            colors(&[0.0, 1.0, f32::NAN]),
            [0, 0, 4, 252, 253, 191, 255, 255, 255]
        );
    }
}
