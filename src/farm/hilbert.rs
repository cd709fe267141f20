//! The order along Hilbert's curve: squares that follow one another lie near each other.

/// Place of the square in column `x`, row `y` along the curve that fills 2^`order` squares each way. Source: Hilbert
/// 1891, in the iterative form of Warren 2012, "Hacker's Delight" §16-1.
pub(super) fn hilbert_index(order: u32, mut x: u32, mut y: u32) -> u64 {
    let mut index = 0;
    for level in (0..order).rev() {
        let side = 1_u32 << level;
        let (right, lower) = (u32::from(x & side != 0), u32::from(y & side != 0));
        index += u64::from(side) * u64::from(side) * u64::from((3 * right) ^ lower);
        // Turn the quadrant so that its curve begins at the origin.
        if lower == 0 {
            if right == 1 {
                x = (side - 1).wrapping_sub(x) & (side - 1);
                y = (side - 1).wrapping_sub(y) & (side - 1);
            }
            std::mem::swap(&mut x, &mut y);
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_visits_every_square_and_steps_to_neighbours() {
        let order = 4;
        let mut squares: Vec<(u64, u32, u32)> = (0..16)
            .flat_map(|y| (0..16).map(move |x| (hilbert_index(order, x, y), x, y)))
            .collect();
        squares.sort_unstable();
        assert!((0..).zip(&squares).all(|(i, square)| square.0 == i));
        for pair in squares.windows(2) {
            let distance = pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2);
            assert_eq!(distance, 1, "{pair:?}");
        }
    }
}
