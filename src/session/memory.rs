//! Holding a limit on memory.
//!
//! Counted is what is held while a frame is traced: the scene's tables, the acceleration structure, the film, the
//! pixels it is developed into, and the paths being traced. Threads take a little more, about a megabyte each, and
//! reading and compiling a scene may take more for a moment, as much as its geometry. Texels that lie in a file are
//! not counted: the system takes the memory back in which it keeps parts of them.

use super::Error;
use crate::compiled::Compiled;
use crate::integrator::gpu::GpuScene;
use crate::kernel::Tables;
use crate::settings::Region;

/// Bytes of film a pixel takes: four sums of 128 bits and a count.
const FILM_BYTES: u64 = 4 * 16 + 4;
/// Likewise of sums of squares.
const SQUARES_BYTES: u64 = 4 * 16;
/// Bytes of a developed pixel, and of its variance.
const PIXEL_BYTES: u64 = 4 * 4;

/// What a frame may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    limit: Option<u64>,
    film: u64,
}

impl Budget {
    /// At most `limit` bytes for a frame with a film of `region`, with sums of squares or without.
    pub fn new(limit: Option<u64>, region: Region, variance: bool) -> Self {
        let layers = if variance { 2 } else { 1 };
        let pixel = FILM_BYTES + PIXEL_BYTES * layers + SQUARES_BYTES * (layers - 1);
        let film = region.n_pixels() * pixel;
        Self { limit, film }
    }

    /// The limit, if there is one.
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// What is left for the scene's tables.
    pub fn for_tables(&self) -> u64 {
        (self.limit).map_or(u64::MAX, |limit| limit.saturating_sub(self.film))
    }

    /// What is left for the paths being traced on the CPU.
    ///
    /// # Errors
    /// [`Error::MemoryLimit`] when nothing is, which names what takes most.
    pub fn check(&self, compiled: &Compiled, gpu: Option<&GpuScene<'_>>) -> Result<u64, Error> {
        let Some(limit) = self.limit else {
            return Ok(u64::MAX);
        };
        let parts = self.parts(compiled, gpu);
        let needed = parts.iter().map(|(_, bytes)| bytes).sum();
        if let Some(left) = limit.checked_sub(needed) {
            return Ok(left);
        }
        let (largest, largest_bytes) = (parts.into_iter())
            .max_by_key(|(_, bytes)| *bytes)
            .unwrap_or_default();
        Err(Error::MemoryLimit {
            limit,
            needed,
            largest: compiled.largest.explain(largest),
            largest_bytes,
            cure: match largest {
                "film" => "render the frame in regions or shards",
                _ => "use less of that",
            },
        })
    }

    /// What a frame takes, part by part, bytes.
    fn parts(&self, compiled: &Compiled, gpu: Option<&GpuScene<'_>>) -> Vec<(&'static str, u64)> {
        let bytes_of = |(name, bytes): (&'static str, &[u8])| match name {
            "texels" => (name, compiled.textures.texels.bytes_in_memory() as u64),
            _ => (name, bytes.len() as u64),
        };
        let tables = Tables::from(compiled).bytes();
        let mut parts: Vec<_> = tables.into_iter().map(bytes_of).collect();
        let accelerator = compiled.accelerator.memory_bytes() as u64;
        let compressed = gpu.map_or(0, GpuScene::bytes);
        parts.push(("accelerator", accelerator + compressed));
        parts.push(("film", self.film));
        parts
    }
}
