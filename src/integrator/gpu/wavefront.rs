//! Paths by the hundred thousand, side by side on a device, stage by stage.
//!
//! All state lives in storage buffers; lists of indices say which paths a pass works on, and the lengths of the lists
//! say, by indirect dispatch, how many workgroups it has. The host only decides how many rounds go into a submission,
//! and reads back how many paths are left.

use super::device::{Device, whole};
use super::fault::Fault;
use super::page::Page;
use super::pages::Pages;
use super::pipelines::Pipelines;
use crate::compiled::record::{
    DISPATCH_ALIVE, DISPATCH_SCATTER, DISPATCH_SHADOW, DISPATCH_THIN, DISPATCHES, FILM_ROWS,
    FILM_ROWS_WITH_SQUARES, Hit, LISTS, PathState, QueueCounts, REJECTED_CAPACITY, RejectedPath,
    SCATTER_CLASSES, ShadowRay, WORKGROUP, Wavefront,
};
use crate::film::Film;
use crate::integrator::RenderStats;
use crate::kernel::gpu::ROW_BYTES;
use crate::settings::Region;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Bytes of an entry of a list.
const LISTED_BYTES: u64 = 4;
/// Bytes of a row of the buffer of dispatches.
const DISPATCH_BYTES: u64 = 16;
/// Bytes of a list of rejected samples before its entries.
const REJECTED_HEAD_BYTES: u64 = 16;
/// Workgroups of a dispatch along one axis at most.
const WORKGROUPS_MAX: u32 = 65_535;
/// Submissions aim to take less than this, so that no watchdog wakes up …
pub(super) const SUBMISSION_MAX: Duration = Duration::from_millis(100);
/// … and may grow while they take less than this.
pub(super) const SUBMISSION_SHORT: Duration = Duration::from_millis(30);
/// Rounds of one submission at most.
const ROUNDS_MAX: u32 = 32;

/// Bytes of device memory that a path takes.
pub const PATH_BYTES: u64 = (size_of::<PathState>() + size_of::<Hit>() + size_of::<ShadowRay>())
    as u64
    + LISTS as u64 * LISTED_BYTES;

/// Bytes of film that a pixel takes, on the device and again in the buffer it is read back through.
pub fn film_bytes(variance: bool) -> u64 {
    let rows = if variance {
        FILM_ROWS_WITH_SQUARES
    } else {
        FILM_ROWS
    };
    u64::from(rows) * ROW_BYTES
}

/// Paths that fit buffers of at most `binding_bytes`, and one dispatch.
pub fn paths_max(binding_bytes: u64, variance: bool) -> u32 {
    let largest = film_bytes(variance).max(size_of::<PathState>() as u64);
    let by_binding = binding_bytes / largest;
    let by_dispatch = u64::from(WORKGROUPS_MAX) * u64::from(WORKGROUP);
    u32::try_from(by_binding.min(by_dispatch)).unwrap_or(u32::MAX)
}

/// Buffers for a number of paths and the passes over them.
#[derive(Debug)]
pub struct Paths {
    capacity: u32,
    variance: bool,
    wavefront: wgpu::Buffer,
    queues: wgpu::Buffer,
    dispatches: wgpu::Buffer,
    film: wgpu::Buffer,
    rejected: wgpu::Buffer,
    counts_staging: wgpu::Buffer,
    film_staging: wgpu::Buffer,
    rejected_staging: wgpu::Buffer,
    scene_group: wgpu::BindGroup,
    work_group: wgpu::BindGroup,
    dispatch_group: wgpu::BindGroup,
    film_group: wgpu::BindGroup,
    /// Rounds of the next submission.
    rounds: u32,
    /// The longest submission of a single round in the last tile.
    longest_round: Duration,
}

impl Paths {
    /// Room for `capacity` paths (and as many pixels).
    pub fn new(
        device: &Device,
        pipelines: &Pipelines,
        pages: &Pages,
        capacity: u32,
        variance: bool,
    ) -> Result<Self, Fault> {
        use wgpu::BufferUsages as Usage;
        let n = u64::from(capacity);
        let storage = |label, bytes| device.buffer(label, bytes, Usage::STORAGE);
        let paths = storage("path states", n * size_of::<PathState>() as u64)?;
        let hits = storage("hits", n * size_of::<Hit>() as u64)?;
        let shadows = storage("shadow rays", n * size_of::<ShadowRay>() as u64)?;
        let readable = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
        let queues_bytes = size_of::<QueueStart>() as u64 + n * u64::from(LISTS) * LISTED_BYTES;
        let queues = device.buffer("queues", queues_bytes, readable)?;
        let dispatches = device.buffer(
            "dispatches",
            u64::from(DISPATCHES) * DISPATCH_BYTES,
            Usage::STORAGE | Usage::INDIRECT,
        )?;
        let film = device.buffer("film", n * film_bytes(variance), readable)?;
        let rejected_bytes =
            REJECTED_HEAD_BYTES + u64::from(REJECTED_CAPACITY) * size_of::<RejectedPath>() as u64;
        let rejected = device.buffer("rejected samples", rejected_bytes, readable)?;
        let wavefront = device.buffer(
            "wavefront",
            size_of::<Wavefront>() as u64,
            Usage::UNIFORM | Usage::COPY_DST,
        )?;
        let staging = |label, bytes| device.buffer(label, bytes, Usage::MAP_READ | Usage::COPY_DST);
        let mut scene = whole(&[&pages.frame, &pages.first_rows]);
        scene.extend(pages.pages.iter().map(Page::binding));
        let made = Self {
            capacity,
            variance,
            scene_group: device.group(&pipelines.scene_layout, 0, &scene),
            work_group: device.group(
                &pipelines.work_layout,
                0,
                &whole(&[&wavefront, &paths, &hits, &shadows, &queues]),
            ),
            dispatch_group: device.group(&pipelines.dispatch_layout, 0, &whole(&[&dispatches])),
            film_group: device.group(&pipelines.film_layout, 0, &whole(&[&film, &rejected])),
            counts_staging: staging("counts", size_of::<QueueCounts>() as u64)?,
            film_staging: staging("film read back", n * film_bytes(variance))?,
            rejected_staging: staging("rejected samples read back", rejected_bytes)?,
            wavefront,
            queues,
            dispatches,
            film,
            rejected,
            rounds: 1,
            longest_round: Duration::ZERO,
        };
        device.check()?;
        Ok(made)
    }

    /// Bytes of device memory that `capacity` paths take.
    pub fn bytes(capacity: u32, variance: bool) -> u64 {
        u64::from(capacity) * (PATH_BYTES + 2 * film_bytes(variance))
    }

    /// The longest that one round took in the last tile.
    pub fn longest_round(&self) -> Duration {
        self.longest_round
    }

    /// Traces samples `samples` of the pixels of `tile`, at most as many of each as `at_once` in one go.
    pub fn trace(
        &mut self,
        device: &Device,
        pipelines: &Pipelines,
        tile: Region,
        samples: Range<u32>,
        paths_at_once: u32,
    ) -> Result<(Film, RenderStats), Fault> {
        let mut stats = RenderStats::default();
        self.longest_round = Duration::ZERO;
        let pixels = tile.n_pixels() as u32;
        let at_once = (paths_at_once.min(self.capacity) / pixels).max(1);
        let mut encoder = device.wgpu.create_command_encoder(&Default::default());
        encoder.clear_buffer(
            &self.film,
            0,
            Some(u64::from(pixels) * film_bytes(self.variance)),
        );
        encoder.clear_buffer(&self.rejected, 0, Some(REJECTED_HEAD_BYTES));
        device.queue.submit([encoder.finish()]);
        let mut next = samples.start;
        while next < samples.end {
            let n = at_once.min(samples.end - next);
            let work = Wavefront {
                tile_x: tile.x0,
                tile_y: tile.y0,
                tile_width: tile.width(),
                pixels,
                first_sample: next,
                samples: n,
                capacity: self.capacity,
                keeps_squares: u32::from(self.variance),
            };
            self.trace_batch(device, pipelines, &work, &mut stats)?;
            next += n;
        }
        let film = self.read_film(device, tile)?;
        Ok((film, stats))
    }

    /// Traces one path for every sample of `work`, to its end, and adds them to the film.
    fn trace_batch(
        &mut self,
        device: &Device,
        pipelines: &Pipelines,
        work: &Wavefront,
        stats: &mut RenderStats,
    ) -> Result<(), Fault> {
        let n = work.pixels * work.samples;
        let start = QueueStart {
            counts: QueueCounts {
                alive_first: work.capacity,
                ..QueueCounts::default()
            },
            next: n,
            ..QueueStart::default()
        };
        device
            .queue
            .write_buffer(&self.wavefront, 0, bytemuck::bytes_of(work));
        device
            .queue
            .write_buffer(&self.queues, 0, bytemuck::bytes_of(&start));
        let mut first = true;
        self.rounds = self.full_rounds();
        loop {
            let began = Instant::now();
            let mut encoder = device.wgpu.create_command_encoder(&Default::default());
            {
                let mut pass = encoder.begin_compute_pass(&Default::default());
                pass.set_bind_group(0, &self.work_group, &[]);
                pass.set_bind_group(1, &self.scene_group, &[]);
                if first {
                    pass.set_pipeline(&pipelines.generate);
                    pass.dispatch_workgroups(n.div_ceil(WORKGROUP), 1, 1);
                    self.prepare(&mut pass, &pipelines.prepare_round);
                }
                for _ in 0..self.rounds {
                    self.encode_round(&mut pass, pipelines);
                }
            }
            let counts_bytes = size_of::<QueueCounts>() as u64;
            encoder.copy_buffer_to_buffer(&self.queues, 0, &self.counts_staging, 0, counts_bytes);
            device.queue.submit([encoder.finish()]);
            let counts: QueueCounts = device.read(
                &self.counts_staging,
                counts_bytes,
                bytemuck::pod_read_unaligned,
            )?;
            self.pace(began.elapsed());
            first = false;
            if counts.alive == 0 && counts.waiting == 0 {
                let wide = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
                stats.paths += u64::from(n);
                stats.rays += wide(counts.rays_low, counts.rays_high);
                stats.shadow_rays += wide(counts.shadow_rays_low, counts.shadow_rays_high);
                break;
            }
        }
        let mut encoder = device.wgpu.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipelines.accumulate);
            pass.set_bind_group(0, &self.work_group, &[]);
            pass.set_bind_group(2, &self.film_group, &[]);
            pass.dispatch_workgroups(work.pixels.div_ceil(WORKGROUP), 1, 1);
        }
        device.queue.submit([encoder.finish()]);
        Ok(())
    }

    /// One surface further for every path, or for its shadow ray.
    fn encode_round(&self, pass: &mut wgpu::ComputePass<'_>, pipelines: &Pipelines) {
        self.dispatch(pass, &pipelines.intersect, DISPATCH_ALIVE);
        if let Some(media) = &pipelines.media {
            self.dispatch(pass, media, DISPATCH_ALIVE);
        }
        self.dispatch(pass, &pipelines.meet, DISPATCH_ALIVE);
        self.prepare(pass, &pipelines.prepare_scatter);
        for (scatter, class) in pipelines.scatter.iter().zip(0..) {
            if let Some(scatter) = scatter {
                self.dispatch(pass, scatter, DISPATCH_SCATTER + class);
            }
        }
        self.prepare(pass, &pipelines.prepare_shadows);
        self.dispatch(pass, &pipelines.shadow, DISPATCH_SHADOW);
        if let Some(thin) = &pipelines.thin {
            self.prepare(pass, &thin.prepare);
            self.dispatch(pass, &thin.shade, DISPATCH_THIN);
        }
        self.prepare(pass, &pipelines.prepare_round);
    }

    /// A pass over the list of row `row` of the dispatches.
    fn dispatch(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        pipeline: &wgpu::ComputePipeline,
        row: u32,
    ) {
        pass.set_pipeline(pipeline);
        pass.dispatch_workgroups_indirect(&self.dispatches, u64::from(row) * DISPATCH_BYTES);
    }

    fn prepare(&self, pass: &mut wgpu::ComputePass<'_>, pipeline: &wgpu::ComputePipeline) {
        pass.set_pipeline(pipeline);
        pass.set_bind_group(2, &self.dispatch_group, &[]);
        pass.dispatch_workgroups(1, 1, 1);
    }

    /// Rounds of a batch's first submission, when all its paths are alive: few enough by the dearest in this tile, however
    /// cheap those at the end of the last batch were.
    fn full_rounds(&self) -> u32 {
        let affordable = SUBMISSION_MAX.as_nanos() / self.longest_round.as_nanos().max(1);
        if self.longest_round.is_zero() {
            1
        } else {
            affordable.clamp(1, u128::from(ROUNDS_MAX)) as u32
        }
    }

    /// A submission took this long: how many rounds should the next have?
    fn pace(&mut self, elapsed: Duration) {
        self.longest_round = self.longest_round.max(elapsed / self.rounds);
        if elapsed > SUBMISSION_MAX {
            self.rounds = (self.rounds / 2).max(1);
        } else if elapsed < SUBMISSION_SHORT {
            self.rounds = (self.rounds * 2).min(ROUNDS_MAX);
        }
    }

    /// What the tile has received.
    fn read_film(&self, device: &Device, tile: Region) -> Result<Film, Fault> {
        let film_bytes = tile.n_pixels() * film_bytes(self.variance);
        let mut encoder = device.wgpu.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(&self.film, 0, &self.film_staging, 0, film_bytes);
        let rejected_bytes = self.rejected.size();
        encoder.copy_buffer_to_buffer(&self.rejected, 0, &self.rejected_staging, 0, rejected_bytes);
        device.queue.submit([encoder.finish()]);
        let mut film = device.read(&self.film_staging, film_bytes, |rows| {
            super::readback::film(tile, self.variance, bytemuck::cast_slice(rows))
        })??;
        device.read(&self.rejected_staging, rejected_bytes, |bytes| {
            super::readback::add_rejected(&mut film, bytes);
        })?;
        Ok(film)
    }
}

/// `Queues` before its lists, as a batch begins: all paths are `next`, so that the first preparation makes them alive.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, bytemuck::Pod, bytemuck::Zeroable)]
struct QueueStart {
    counts: QueueCounts,
    next: u32,
    next_shadow: u32,
    next_thin: u32,
    padding: u32,
    next_scatter: [u32; SCATTER_CLASSES as usize],
}
