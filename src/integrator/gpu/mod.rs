//! Wavefront path tracing on GPUs, through wgpu; the only room that names it.
//!
//! The device runs `shaders/` as they are: the light transport that the CPU runs too, a traversal of its own
//! (`shaders/traverse`) and the passes around them (`shaders/passes`). A tile is as many pixels as paths fit the
//! device; every path is traced to its end, round by round ([`wavefront`]), and added to the tile's film there, in the
//! same exact sums as the CPU's. Random numbers are a function of pixel and sample, so both back ends trace the same
//! paths; they differ by rounding alone.
//!
//! Works within the limits that WebGPU promises, without optional features; takes more where an adapter has more.

mod adapter;
mod cache;
mod device;
mod fault;
mod page;
mod pages;
mod persist;
mod pipelines;
mod readback;
#[cfg(test)]
mod tests;
mod warm;
mod wavefront;

pub use adapter::{Adapter, Description, adapters, best_hardware, choose, may_have_hardware};
pub use fault::Fault;
pub use warm::{Compiling, Warm};

use super::share::{Pass, Worker};
use super::{Error as RenderError, RenderStats};
use crate::compiled::Compiled;
use crate::compiled::bvh::compressed::{self, CompressedAccelerator};
use crate::compiled::record::{Frame, INSTANCE_NON_OPAQUE};
use crate::film::Film;
use crate::settings::Region;
use device::Device;
use pages::{Layout, Oversize, Pages, Table};
use persist::Engine;
use pipelines::{Pipelines, Variant};
use std::ops::Range;
use wavefront::{Paths, SUBMISSION_MAX, SUBMISSION_SHORT, paths_max};

/// Why a GPU cannot render.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// There is none.
    #[error("there is no GPU that this program can use: render with --backend cpu")]
    NoAdapter,
    /// None of this name or index.
    #[error("no device \"{wanted}\": there are {there_are}")]
    NoSuchAdapter {
        /// What was asked for.
        wanted: String,
        /// What there is.
        there_are: String,
    },
    /// There is one, but not one that can.
    #[error("{adapter} cannot render: {lacks}")]
    Unsuitable {
        /// Which.
        adapter: String,
        /// Why not.
        lacks: String,
    },
    /// The accelerator cannot be compressed.
    #[error(transparent)]
    Accelerator(#[from] compressed::Error),
    /// The scene does not fit the device's buffers.
    #[error(
        "the scene takes {bytes} bytes on the GPU, where {capacity} fit; most of it, {largest_bytes} bytes, are {largest}: \
         make them smaller, or use --backend cpu"
    )]
    SceneTooLarge {
        /// All tables.
        bytes: u64,
        /// What fits.
        capacity: u64,
        /// The largest table, and the asset of the scene that takes most of it.
        largest: String,
        /// Its bytes.
        largest_bytes: u64,
    },
    /// The device failed for good.
    #[error("{adapter} failed twice and was given up: {fault}")]
    GivenUp {
        /// Which.
        adapter: String,
        /// What it failed at last.
        fault: Fault,
    },
}

impl Error {
    /// May the same command succeed on another machine, or at another time?
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::GivenUp { .. })
    }
}

/// Fewest paths worth their buffers.
const PATHS_MIN: u32 = 4096;
/// Bytes of a limit set aside for lists of counts, and for what wgpu keeps for itself.
const HOUSEKEEPING_BYTES: u64 = 1 << 20;
/// Most paths: more would not be faster.
const PATHS_WANTED: u32 = 1 << 20;
/// Paths of the first tile, before anything was measured: on hardware, and in software.
const PATHS_FIRST: [u32; 2] = [1 << 17, 1 << 14];

/// A device that renders one compiled scene.
pub struct Gpu<'a> {
    adapter: Adapter,
    frame: Frame,
    tables: Vec<Table<'a>>,
    layout: Layout,
    variant: Variant,
    variance: bool,
    open: Open,
    /// Paths of the next tile.
    paths_now: u32,
}

/// What is lost with a device.
struct Open {
    paths: Paths,
    paths_max: u32,
    pipelines: Pipelines,
    device: Device,
}

impl std::fmt::Debug for Gpu<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gpu")
            .field("adapter", &self.adapter)
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

/// A scene's tables in the form devices read; several devices share one.
#[derive(Debug)]
pub struct GpuScene<'a> {
    compiled: &'a Compiled,
    accelerator: CompressedAccelerator,
}

impl<'a> GpuScene<'a> {
    /// Compresses the accelerator of `compiled`.
    ///
    /// # Errors
    /// When it has more than its compressed form can index.
    pub fn new(compiled: &'a Compiled) -> Result<Self, Error> {
        Ok(Self {
            compiled,
            accelerator: CompressedAccelerator::build(&compiled.accelerator)?,
        })
    }

    /// Bytes it takes beside the compiled scene.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let accelerator = &self.accelerator;
        let rows = size_of_val(&*accelerator.nodes)
            + size_of_val(&*accelerator.primitives)
            + size_of_val(&*accelerator.spaces);
        rows as u64
    }

    fn tables(&self) -> Vec<Table<'_>> {
        let accelerator = &self.accelerator;
        let mut tables = crate::kernel::Tables::from(self.compiled).bytes().to_vec();
        tables.extend([
            ("node_rows", bytemuck::cast_slice(&accelerator.nodes)),
            (
                "primitive_rows",
                bytemuck::cast_slice(&accelerator.primitives),
            ),
            ("space_rows", bytemuck::cast_slice(&accelerator.spaces)),
        ]);
        tables
    }
}

impl<'a> Gpu<'a> {
    /// Uploads `scene` to the device that `warm` has opened, for films that keep `variance` or not. `max_bytes` limits
    /// what the device may hold in all.
    ///
    /// # Errors
    /// A scene that does not fit, or a device that fails.
    pub fn new(
        warm: Warm,
        scene: &'a GpuScene<'_>,
        variance: bool,
        max_bytes: Option<u64>,
    ) -> Result<Self, Error> {
        let adapter = warm.adapter().clone();
        let tables = scene.tables();
        let description = adapter.description();
        let too_large = |oversize| pages::too_large(&tables, &scene.compiled.largest, oversize);
        let layout = Layout::new(&tables, description.pages_max(), description.page_bytes())
            .map_err(too_large)?;
        let has_alpha = (scene.compiled.instances.iter())
            .any(|instance| instance.flags & INSTANCE_NON_OPAQUE != 0);
        let scatters = scene.compiled.media.scatters;
        let variant = Variant::new(&layout, has_alpha, scatters, &tables);
        let fewest = Paths::bytes(PATHS_MIN, variance) + HOUSEKEEPING_BYTES;
        if let Some(capacity) = max_bytes.map(|limit| limit.saturating_sub(fewest))
            && layout.bytes() > capacity
        {
            let bytes = layout.bytes();
            return Err(too_large(Oversize { bytes, capacity }));
        }
        let paths_bytes = max_bytes.map(|limit| limit - layout.bytes() - HOUSEKEEPING_BYTES);
        let given_up = |fault| Error::GivenUp {
            adapter: description.to_string(),
            fault,
        };
        let frame = scene.compiled.frame;
        let plan = OpenPlan {
            tables: &tables,
            layout: &layout,
            frame: &frame,
            variance,
            adapter: &adapter,
            variant: &variant,
            paths_wanted: wanted_paths(&adapter, variance, paths_bytes),
        };
        let progress = warm.progress();
        let (device, pipelines) = warm.finish().map_err(given_up)?;
        let step = |n| progress.step(n);
        let open = Open::new(device, pipelines, &plan, &step).map_err(given_up)?;
        let software = usize::from(!adapter.description().is_hardware);
        let paths_now = PATHS_FIRST[software].min(open.paths_max);
        Ok(Self {
            adapter,
            frame,
            tables,
            layout,
            variant,
            variance,
            open,
            paths_now,
        })
    }
}

/// Paths to make room for, at first.
fn wanted_paths(adapter: &Adapter, variance: bool, bytes: Option<u64>) -> u32 {
    let by_limits = paths_max(adapter.description().binding_bytes, variance).min(PATHS_WANTED);
    let by_memory = bytes.map_or(u64::MAX, |bytes| bytes / Paths::bytes(1, variance));
    by_limits.min(u32::try_from(by_memory).unwrap_or(u32::MAX))
}

/// What [`Open::new`] makes a device ready for.
struct OpenPlan<'a> {
    tables: &'a [Table<'a>],
    layout: &'a Layout,
    frame: &'a Frame,
    variance: bool,
    adapter: &'a Adapter,
    variant: &'a Variant,
    paths_wanted: u32,
}

impl Open {
    /// `pipelines` are kept if they fit the plan; otherwise `step` is told how many passes are compiled.
    fn new(
        device: Device,
        pipelines: Option<Pipelines>,
        plan: &OpenPlan<'_>,
        step: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, Fault> {
        let pipelines = match pipelines {
            Some(pipelines) if pipelines.variant.serves(plan.variant) => pipelines,
            _ => cache::compile(&device, plan.adapter, plan.variant.clone(), step)?,
        };
        let pages = Pages::upload(&device, plan.layout, plan.tables, plan.frame)?;
        let mut capacity = plan.paths_wanted;
        loop {
            if capacity < PATHS_MIN {
                return Err(Fault::OutOfMemory(format!(
                    "{} bytes for paths, beside {} of scene",
                    Paths::bytes(PATHS_MIN, plan.variance),
                    plan.layout.bytes()
                )));
            }
            match Paths::new(&device, &pipelines, &pages, capacity, plan.variance) {
                Ok(paths) => {
                    return Ok(Self {
                        paths,
                        paths_max: capacity,
                        pipelines,
                        device,
                    });
                }
                Err(Fault::OutOfMemory(_)) => capacity /= 2,
                Err(fault) => return Err(fault),
            }
        }
    }
}

impl Engine for Gpu<'_> {
    fn pixels_at_once(&self) -> u64 {
        u64::from(self.paths_now)
    }

    fn trace(&mut self, tile: Region, samples: Range<u32>) -> Result<(Film, RenderStats), Fault> {
        let open = &mut self.open;
        let traced = open
            .paths
            .trace(&open.device, &open.pipelines, tile, samples, self.paths_now);
        let took = open.paths.longest_round();
        if took > SUBMISSION_MAX {
            self.paths_now = (self.paths_now / 2).max(PATHS_MIN);
        } else if took < SUBMISSION_SHORT {
            self.paths_now = (self.paths_now * 2).min(open.paths_max);
        }
        traced
    }

    fn reopen(&mut self) -> Result<(), Fault> {
        let device = Device::open(&self.adapter)?;
        let plan = OpenPlan {
            tables: &self.tables,
            layout: &self.layout,
            frame: &self.frame,
            variance: self.variance,
            adapter: &self.adapter,
            variant: &self.variant,
            paths_wanted: (self.open.paths_max / 2).max(PATHS_MIN),
        };
        self.open = Open::new(device, None, &plan, &|_| {})?;
        self.paths_now = (self.paths_now / 2).max(PATHS_MIN);
        Ok(())
    }
}

impl Worker for Gpu<'_> {
    fn work(&mut self, pass: &Pass<'_>, samples: Range<u32>) -> Result<(), RenderError> {
        persist::work(self, pass, samples)?.map_err(|fault| {
            let adapter = self.adapter.description().to_string();
            Error::GivenUp { adapter, fault }.into()
        })
    }
}
