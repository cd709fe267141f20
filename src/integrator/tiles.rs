//! The pixels of a pass, handed out piece by piece to whoever asks.

use crate::settings::Region;
use std::sync::{Mutex, PoisonError};

/// Rows of a band: pieces smaller than a band are as high, and no piece is smaller than this, squared but for what the
/// region's edges leave.
const BAND_ROWS: u32 = 16;

/// Pixels that any device must be able to take at once.
pub(super) const PIECE_PIXELS_MIN: u64 = BAND_ROWS as u64;

/// What is left of a region, from the top.
#[derive(Debug)]
pub(super) struct TileSource {
    region: Region,
    /// Column and row of the next piece.
    next: Mutex<(u32, u32)>,
}

impl TileSource {
    /// All of `region`.
    pub fn new(region: Region) -> Self {
        Self {
            region,
            next: Mutex::new((region.x0, region.y0)),
        }
    }

    /// The next piece, of at most `pixels_max` pixels (at least [`PIECE_PIXELS_MIN`]); `None` when nothing is left.
    pub fn take(&self, pixels_max: u64) -> Option<Region> {
        let Region { x0, x1, y1, .. } = self.region;
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let (x, y) = *next;
        if y >= y1 {
            return None;
        }
        let band = u64::from(x1 - x0) * u64::from(BAND_ROWS);
        let bands = u32::try_from(pixels_max / band).unwrap_or(u32::MAX);
        if x == x0 && bands > 0 {
            let bottom = y.saturating_add(bands.saturating_mul(BAND_ROWS)).min(y1);
            *next = (x0, bottom);
            return Some(Region {
                x0,
                y0: y,
                x1,
                y1: bottom,
            });
        }
        let columns = u32::try_from(pixels_max / u64::from(BAND_ROWS)).unwrap_or(u32::MAX);
        let right = x.saturating_add(columns.max(1)).min(x1);
        let bottom = y.saturating_add(BAND_ROWS).min(y1);
        *next = if right == x1 {
            (x0, bottom)
        } else {
            (right, y)
        };
        Some(Region {
            x0: x,
            y0: y,
            x1: right,
            y1: bottom,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_handed_out_once_whatever_is_asked_for() {
        let region = Region {
            x0: 5,
            y0: 3,
            x1: 105,
            y1: 90,
        };
        for sizes in [
            &[16_u64][..],
            &[1000, 17, 100_000],
            &[5000, 64],
            &[u64::MAX],
        ] {
            let source = TileSource::new(region);
            let mut seen = vec![0; region.n_pixels() as usize];
            for &size in sizes.iter().cycle() {
                let Some(tile) = source.take(size) else {
                    break;
                };
                assert!(tile.n_pixels() <= size && tile.n_pixels() > 0, "{tile}");
                for y in tile.y0..tile.y1 {
                    for x in tile.x0..tile.x1 {
                        seen[((y - 3) * 100 + x - 5) as usize] += 1;
                    }
                }
            }
            assert!(seen.iter().all(|&n| n == 1), "{sizes:?}");
        }
    }
}
