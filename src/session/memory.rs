//! Holding a limit on memory.
//!
//! Counted is what is held while a frame is traced: the scene's tables, the acceleration structure, the film, and the
//! pixels it is developed into. Reading a scene may take more for a moment, and threads take about a megabyte each.

use super::Error;
use crate::compiled::Compiled;
use crate::kernel::Tables;
use crate::settings::RenderSettings;

/// Bytes of film a pixel takes: four sums of 128 bits and a count.
const FILM_BYTES: u64 = 4 * 16 + 4;
/// Likewise of sums of squares.
const SQUARES_BYTES: u64 = 4 * 16;
/// Bytes of a developed pixel, and of its variance.
const PIXEL_BYTES: u64 = 4 * 4;

/// What a frame takes, part by part, bytes.
fn parts(compiled: &Compiled, settings: &RenderSettings) -> Vec<(&'static str, u64)> {
    let mut parts: Vec<_> = (Tables::from(compiled).bytes().into_iter())
        .map(|(name, bytes)| (name, bytes.len() as u64))
        .collect();
    parts.push((
        "acceleration structure",
        compiled.accelerator.memory_bytes() as u64,
    ));
    let pixels = settings.region.n_pixels();
    let layers = if settings.variance { 2 } else { 1 };
    let film = FILM_BYTES + PIXEL_BYTES * layers + SQUARES_BYTES * (layers - 1);
    parts.push(("film", pixels * film));
    parts
}

/// Checks that a frame fits `limit` bytes.
///
/// # Errors
/// [`Error::MemoryLimit`], which names what takes most.
pub fn check(limit: u64, compiled: &Compiled, settings: &RenderSettings) -> Result<(), Error> {
    let parts = parts(compiled, settings);
    let needed = parts.iter().map(|(_, bytes)| bytes).sum();
    if needed <= limit {
        return Ok(());
    }
    let (largest, largest_bytes) = (parts.into_iter())
        .max_by_key(|(_, bytes)| *bytes)
        .unwrap_or_default();
    Err(Error::MemoryLimit {
        limit,
        needed,
        largest: largest.replace('_', " "),
        largest_bytes,
    })
}
