//! The pixels of a pass, handed out piece by piece to whoever asks.

use crate::settings::Region;
use std::sync::{Mutex, PoisonError};

/// Rows of a band: pieces smaller than a band are as high, and no piece is smaller than this, squared but for what the
/// region's edges leave.
const BAND_ROWS: u32 = 16;

/// Pixels that any device must be able to take at once.
pub(super) const PIECE_PIXELS_MIN: u64 = BAND_ROWS as u64;

/// What is left of some regions, one after the other, each from the top.
#[derive(Debug)]
pub(super) struct TileSource {
    regions: Vec<Region>,
    next: Mutex<Next>,
}

/// Where the next piece begins.
#[derive(Debug)]
struct Next {
    /// Index of the region.
    region: usize,
    x: u32,
    y: u32,
}

impl TileSource {
    /// All of `regions`.
    pub fn new(regions: Vec<Region>) -> Self {
        let (x, y) = regions.first().map_or((0, 0), |first| (first.x0, first.y0));
        let next = Mutex::new(Next { region: 0, x, y });
        Self { regions, next }
    }

    /// The next piece, of at most `pixels_max` pixels (at least [`PIECE_PIXELS_MIN`]); `None` when nothing is left.
    pub fn take(&self, pixels_max: u64) -> Option<Region> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let region = *self.regions.get(next.region)?;
        let piece = piece(region, (next.x, next.y), pixels_max);
        let row_is_done = piece.x1 == region.x1;
        (next.x, next.y) = if row_is_done {
            (region.x0, piece.y1)
        } else {
            (piece.x1, piece.y0)
        };
        if row_is_done && piece.y1 == region.y1 {
            next.region += 1;
            if let Some(following) = self.regions.get(next.region) {
                (next.x, next.y) = (following.x0, following.y0);
            }
        }
        Some(piece)
    }
}

/// The piece of `region` that begins at column `x`, row `y`, of at most `pixels_max` pixels.
fn piece(region: Region, (x, y): (u32, u32), pixels_max: u64) -> Region {
    let Region { x0, x1, y1, .. } = region;
    let band = u64::from(x1 - x0) * u64::from(BAND_ROWS);
    let bands = u32::try_from(pixels_max / band).unwrap_or(u32::MAX);
    if x == x0 && bands > 0 {
        return Region {
            x0,
            y0: y,
            x1,
            y1: y.saturating_add(bands.saturating_mul(BAND_ROWS)).min(y1),
        };
    }
    let columns = u32::try_from(pixels_max / u64::from(BAND_ROWS)).unwrap_or(u32::MAX);
    Region {
        x0: x,
        y0: y,
        x1: x.saturating_add(columns.max(1)).min(x1),
        y1: y.saturating_add(BAND_ROWS).min(y1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_handed_out_once_whatever_is_asked_for() {
        let region = |x0, y0, x1, y1| Region { x0, y0, x1, y1 };
        let regions = vec![
            region(5, 3, 105, 90),
            region(0, 0, 5, 1),
            region(110, 80, 112, 90),
        ];
        let mut all: Vec<_> = regions.iter().copied().flat_map(Region::pixels).collect();
        all.sort_unstable();
        for sizes in [
            &[16_u64][..],
            &[1000, 17, 100_000],
            &[5000, 64],
            &[u64::MAX],
        ] {
            let source = TileSource::new(regions.clone());
            let mut seen = Vec::new();
            for &size in sizes.iter().cycle() {
                let Some(tile) = source.take(size) else {
                    break;
                };
                assert!(tile.n_pixels() <= size && tile.n_pixels() > 0, "{tile}");
                seen.extend(tile.pixels());
            }
            seen.sort_unstable();
            assert!(seen == all, "{sizes:?}");
        }
    }
}
