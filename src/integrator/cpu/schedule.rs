//! How a pass is cut into tiles. Affects speed, never the picture.

use crate::settings::Region;

/// Cuts `region` into tiles of at most `paths` paths of `samples` samples a pixel, row by row: nearly square
/// and the same size but for those at the right and bottom.
pub(super) fn tiles(region: Region, samples: u32, paths: u32) -> Vec<Region> {
    let pixels = (paths / samples.next_power_of_two()).max(1).ilog2();
    let (width, height) = (1 << pixels.div_ceil(2), 1 << (pixels / 2));
    let rows = (region.y0..region.y1).step_by(height);
    rows.flat_map(|y0| {
        let y1 = region.y1.min(y0.saturating_add(height as u32));
        (region.x0..region.x1).step_by(width).map(move |x0| Region {
            x0,
            y0,
            x1: region.x1.min(x0.saturating_add(width as u32)),
            y1,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_every_pixel_once_and_fit_a_batch() {
        for (region, samples) in [
            (Region::full(1, 1), 1),
            (Region::full(200, 130), 3),
            (
                Region {
                    x0: 5,
                    y0: 7,
                    x1: 70,
                    y1: 9,
                },
                64,
            ),
        ] {
            let mut covered = vec![0; region.n_pixels() as usize];
            for tile in tiles(region, samples, 4096) {
                assert!(tile.n_pixels() * u64::from(samples) <= 4096);
                for y in tile.y0..tile.y1 {
                    for x in tile.x0..tile.x1 {
                        covered[((y - region.y0) * region.width() + x - region.x0) as usize] += 1;
                    }
                }
            }
            assert!(covered.iter().all(|&n| n == 1));
        }
    }
}
