//! A few thousand paths traced side by side, stage by stage.
//!
//! Few enough that their state stays in a core's cache; enough that, sorted by material, the lanes of a kernel mostly
//! shade one material. Lists of indices say which paths a stage works on; states never move.

use super::traverse;
use crate::compiled::Compiled;
use crate::compiled::record::{
    FRAME_OPEN_BOUNDARIES, HIT_IN_MEDIUM, Hit, INVALID, MEDIUM_NONE, MEDIUM_SCATTERS, PATH_ALIVE,
    PATH_COVERED, PathState, PixelSample, ShadowRay,
};
use crate::film::{Film, PixelSums};
use crate::integrator::share::nanoseconds_since;
use crate::integrator::{RenderStats, StageTimes};
use crate::kernel::{self, Simd, Tables};
use crate::settings::Region;
use std::ops::Range;
use std::time::Instant;

/// Paths in a batch where there is memory: 80 + 48 + 16 bytes each, so that a batch fits the second-level cache.
pub(super) const BATCH_SIZE: usize = 4096;

/// Bytes that a path takes in a batch, with its pixel of film.
pub(super) const PATH_BYTES: usize = size_of::<PixelSample>()
    + size_of::<PathState>()
    + size_of::<Hit>()
    + size_of::<ShadowRay>()
    + 4 * size_of::<u32>()
    + size_of::<PixelSums>();

/// Paths, and room for what their stages make. Reused from tile to tile.
#[derive(Debug)]
pub(super) struct Batch {
    pixel_samples: Vec<PixelSample>,
    paths: Vec<PathState>,
    hits: Vec<Hit>,
    shadows: Vec<ShadowRay>,
    /// Indices of paths that are alive, sorted by the material last met.
    alive: Vec<u32>,
    /// Where the next order of `alive` is made.
    sorted: Vec<u32>,
    /// Indices of paths that are in a medium that scatters.
    within: Vec<u32>,
    /// Indices of shadow rays not yet settled.
    pending: Vec<u32>,
    /// Counting sort: by material + 1, 0 for a miss, the last for what was scattered before it met anything.
    first_of_material: Vec<u32>,
}

impl Batch {
    /// Room for `size` paths.
    pub fn new(compiled: &Compiled, size: usize) -> Self {
        Self {
            pixel_samples: Vec::with_capacity(size),
            paths: vec![PathState::default(); size],
            hits: vec![Hit::default(); size],
            shadows: vec![ShadowRay::default(); size],
            alive: Vec::with_capacity(size),
            sorted: vec![0; size],
            within: Vec::new(),
            pending: Vec::with_capacity(size),
            first_of_material: vec![0; compiled.materials.materials.len() + 3],
        }
    }

    /// Traces samples `samples` of the pixels of `tile`, to the end of every path.
    pub fn render(
        &mut self,
        compiled: &Compiled,
        simd: Simd,
        tile: Region,
        samples: Range<u32>,
    ) -> RenderStats {
        let tables = Tables::from(compiled);
        let mut stats = RenderStats::default();
        self.generate(&tables, simd, tile, samples, &mut stats);
        while !self.alive.is_empty() {
            self.intersect(compiled, simd, &mut stats);
            self.scatter(compiled, &tables, simd, &mut stats.stages);
            let n_arrived = self.sort_by_material(compiled, &mut stats.stages);
            self.shade(&tables, simd, n_arrived, &mut stats.stages);
            self.settle_shadows(compiled, &tables, simd, &mut stats);
            self.alive
                .retain(|&i| self.paths[i as usize].flags & PATH_ALIVE != 0);
        }
        stats
    }

    /// Adds what the paths have gathered to `film`.
    pub fn deposit(&self, film: &mut Film) {
        for (path, sample) in self.paths.iter().zip(&self.pixel_samples) {
            let alpha = if path.flags & PATH_COVERED == 0 {
                0.0
            } else {
                1.0
            };
            let (x, y) = (sample.pixel & 0xffff, sample.pixel >> 16);
            film.add_sample(x, y, sample.sample_index, path.radiance, alpha);
        }
    }

    fn generate(
        &mut self,
        tables: &Tables<'_>,
        simd: Simd,
        tile: Region,
        samples: Range<u32>,
        stats: &mut RenderStats,
    ) {
        let began = Instant::now();
        self.pixel_samples.clear();
        for y in tile.y0..tile.y1 {
            for x in tile.x0..tile.x1 {
                let pixel = x | y << 16;
                let sample = |sample_index| PixelSample {
                    pixel,
                    sample_index,
                    ..PixelSample::default()
                };
                self.pixel_samples.extend(samples.clone().map(sample));
            }
        }
        let n = self.pixel_samples.len();
        self.alive.clear();
        self.alive.extend(0..n as u32);
        kernel::generate_camera_ray(
            simd,
            tables,
            &self.alive,
            &self.pixel_samples,
            &mut self.paths,
        );
        stats.paths += n as u64;
        stats.stages.generate_ns += nanoseconds_since(began);
    }

    fn intersect(&mut self, compiled: &Compiled, simd: Simd, stats: &mut RenderStats) {
        let began = Instant::now();
        traverse::intersect_closest(
            simd,
            &compiled.accelerator,
            &self.alive,
            &self.paths,
            &mut self.hits,
        );
        stats.rays += self.alive.len() as u64;
        stats.stages.intersect_ns += nanoseconds_since(began);
    }

    /// Lets media scatter paths that are within them, before they meet what they were on their way to.
    fn scatter(
        &mut self,
        compiled: &Compiled,
        tables: &Tables<'_>,
        simd: Simd,
        stages: &mut StageTimes,
    ) {
        let scatters = |medium: u32| {
            let medium = compiled.media.media.get(medium as usize);
            medium.is_some_and(|medium| medium.flags & MEDIUM_SCATTERS != 0)
        };
        if !compiled.media.scatters {
            return;
        }
        let began = Instant::now();
        let paths = &self.paths;
        let within = |&i: &u32| scatters(paths[i as usize].media_a & MEDIUM_NONE);
        self.within.clear();
        self.within
            .extend(self.alive.iter().copied().filter(within));
        kernel::scatter_in_medium(
            simd,
            tables,
            &self.within,
            &mut self.paths,
            &mut self.hits,
            &mut self.shadows,
        );
        stages.shade_ns += nanoseconds_since(began);
    }

    /// Stable counting sort of `alive` by the material met; returns how many have met one, or nothing at all. Those
    /// that were scattered before come last.
    fn sort_by_material(&mut self, compiled: &Compiled, stages: &mut StageTimes) -> usize {
        let began = Instant::now();
        let last = self.first_of_material.len() - 2;
        let material_of = |i: u32| match self.hits[i as usize].instance {
            INVALID => 0,
            HIT_IN_MEDIUM => last,
            instance => compiled.instances[instance as usize].material as usize + 1,
        };
        self.first_of_material.fill(0);
        for &i in &self.alive {
            self.first_of_material[material_of(i) + 1] += 1;
        }
        for k in 1..self.first_of_material.len() {
            self.first_of_material[k] += self.first_of_material[k - 1];
        }
        let n_arrived = self.first_of_material[last] as usize;
        let sorted = &mut self.sorted[..self.alive.len()];
        for &i in &self.alive {
            let at = &mut self.first_of_material[material_of(i)];
            sorted[*at as usize] = i;
            *at += 1;
        }
        self.alive.copy_from_slice(sorted);
        stages.sort_ns += nanoseconds_since(began);
        n_arrived
    }

    /// Shades what the first `n_arrived` of `alive` have met.
    fn shade(
        &mut self,
        tables: &Tables<'_>,
        simd: Simd,
        n_arrived: usize,
        stages: &mut StageTimes,
    ) {
        let began = Instant::now();
        kernel::shade_surface(
            simd,
            tables,
            &self.alive[..n_arrived],
            &mut self.paths,
            &self.hits,
            &mut self.shadows,
        );
        stages.shade_ns += nanoseconds_since(began);
    }

    /// Finds out which of the lights chosen are seen, and adds their light.
    fn settle_shadows(
        &mut self,
        compiled: &Compiled,
        tables: &Tables<'_>,
        simd: Simd,
        stats: &mut RenderStats,
    ) {
        let began = Instant::now();
        // What media take away on the last part of the way is known when the light is reached.
        let ends_in_media = compiled.frame.flags & FRAME_OPEN_BOUNDARIES != 0;
        self.pending.clear();
        self.pending.extend(
            self.alive
                .iter()
                .copied()
                .filter(|&i| self.shadows[i as usize].t_max > 0.0),
        );
        while !self.pending.is_empty() {
            traverse::intersect_shadow(
                simd,
                &compiled.accelerator,
                &self.pending,
                &mut self.shadows,
                &mut self.hits,
            );
            stats.shadow_rays += self.pending.len() as u64;
            self.drop_occluded();
            if ends_in_media {
                kernel::shade_shadow(simd, tables, &self.pending, &mut self.shadows, &self.hits);
            }
            self.add_received();
            if !ends_in_media && !self.pending.is_empty() {
                kernel::shade_shadow(simd, tables, &self.pending, &mut self.shadows, &self.hits);
            }
            self.drop_occluded();
        }
        stats.stages.shadow_ns += nanoseconds_since(began);
    }

    fn drop_occluded(&mut self) {
        let shadows = &self.shadows;
        self.pending.retain(|&i| shadows[i as usize].t_max > 0.0);
    }

    /// Adds the light of the rays that have met nothing.
    fn add_received(&mut self) {
        let (shadows, hits, paths) = (&self.shadows, &self.hits, &mut self.paths);
        self.pending.retain(|&i| {
            let is_seen = hits[i as usize].instance == INVALID;
            if is_seen {
                let radiance = &mut paths[i as usize].radiance;
                for (sum, light) in radiance.iter_mut().zip(shadows[i as usize].contribution) {
                    *sum += light;
                }
            }
            !is_seen
        });
    }
}
