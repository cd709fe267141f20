//! Why a frame was not made.

use crate::integrator::gpu;
use crate::settings::Region;
use crate::{compiled, farm, film, image, integrator, output, scene};

/// Why a frame was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The scene cannot be read.
    #[error(transparent)]
    Scene(#[from] scene::gltf::Error),
    /// The packed scene cannot be read.
    #[error(transparent)]
    Pack(#[from] farm::pack::Error),
    /// The environment cannot be read.
    #[error(transparent)]
    Environment(#[from] image::Error),
    /// The scene cannot be made ready.
    #[error(transparent)]
    Compile(#[from] compiled::Error),
    /// There is no film for these settings.
    #[error(transparent)]
    Film(#[from] film::Error),
    /// Tracing failed.
    #[error(transparent)]
    Render(#[from] integrator::Error),
    /// The picture or the statistics cannot be written.
    #[error(transparent)]
    Output(#[from] output::Error),
    /// The frame cannot be cut so.
    #[error(transparent)]
    Cut(#[from] farm::CutError),
    /// No camera of this name or index.
    #[error("no camera \"{wanted}\": {there_are}")]
    NoSuchCamera {
        /// What was asked for.
        wanted: String,
        /// What there is.
        there_are: String,
    },
    /// The region does not lie within the frame.
    #[error(
        "region {region} reaches outside the frame of {width}x{height} pixels: give X1 up to {width} and Y1 up to {height}"
    )]
    RegionOutsideFrame {
        /// What was asked for.
        region: Region,
        /// Frame width, pixels.
        width: u32,
        /// Frame height, pixels.
        height: u32,
    },
    /// The system gives no threads.
    #[error("cannot start {threads} threads: give fewer with --threads")]
    Threads {
        /// How many.
        threads: usize,
        /// Why not.
        #[source]
        source: rayon::ThreadPoolBuildError,
    },
    /// The frame takes more memory than it may.
    #[error(
        "the frame takes {needed} bytes of memory and --max-memory is {limit}; most of it, {largest_bytes} bytes, is the \
         {largest}: allow more, or {cure}"
    )]
    MemoryLimit {
        /// What it may take.
        limit: u64,
        /// What it takes.
        needed: u64,
        /// What takes most, and the asset of the scene that takes most of that.
        largest: String,
        /// Its bytes.
        largest_bytes: u64,
        /// What helps instead.
        cure: &'static str,
    },
    /// Asked to end before there was anything to save.
    #[error("interrupted before the first sample")]
    Interrupted,
}

impl Error {
    /// Is the request at fault, so that another one of the same scene may succeed?
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Scene(error) => error.is_usage(),
            Self::Cut(_)
            | Self::NoSuchCamera { .. }
            | Self::RegionOutsideFrame { .. }
            | Self::Threads { .. }
            | Self::Render(integrator::Error::Gpu(gpu::Error::NoSuchAdapter { .. })) => true,
            _ => false,
        }
    }

    /// May the same request succeed on another machine, or at another time?
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Render(integrator::Error::Gpu(error)) => error.is_temporary(),
            Self::Pack(error) => error.is_temporary(),
            _ => false,
        }
    }
}
