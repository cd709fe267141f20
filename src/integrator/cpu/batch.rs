//! A few thousand paths traced side by side, stage by stage.
//!
//! Few enough that their state stays in a core's cache; enough that, sorted by material, the lanes of a kernel mostly
//! shade one material. Lists of indices say which paths a stage works on; states never move.

use super::traverse;
use crate::compiled::Compiled;
use crate::compiled::record::{
    Hit, INVALID, PATH_ALIVE, PATH_COVERED, PathState, PixelSample, ShadowRay,
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
    + 3 * size_of::<u32>()
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
    /// Indices of shadow rays not yet settled.
    pending: Vec<u32>,
    /// Counting sort: by material + 1, 0 for a miss.
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
            pending: Vec::with_capacity(size),
            first_of_material: vec![0; compiled.materials.materials.len() + 2],
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
            self.sort_by_material(compiled, &mut stats.stages);
            self.shade(&tables, simd, &mut stats.stages);
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

    /// Stable counting sort of `alive` by the material met.
    fn sort_by_material(&mut self, compiled: &Compiled, stages: &mut StageTimes) {
        let began = Instant::now();
        let material_of = |i: u32| {
            let instance = self.hits[i as usize].instance;
            if instance == INVALID {
                0
            } else {
                compiled.instances[instance as usize].material as usize + 1
            }
        };
        self.first_of_material.fill(0);
        for &i in &self.alive {
            self.first_of_material[material_of(i) + 1] += 1;
        }
        for k in 1..self.first_of_material.len() {
            self.first_of_material[k] += self.first_of_material[k - 1];
        }
        let sorted = &mut self.sorted[..self.alive.len()];
        for &i in &self.alive {
            let at = &mut self.first_of_material[material_of(i)];
            sorted[*at as usize] = i;
            *at += 1;
        }
        self.alive.copy_from_slice(sorted);
        stages.sort_ns += nanoseconds_since(began);
    }

    fn shade(&mut self, tables: &Tables<'_>, simd: Simd, stages: &mut StageTimes) {
        let began = Instant::now();
        kernel::shade_surface(
            simd,
            tables,
            &self.alive,
            &mut self.paths,
            &self.hits,
            &mut self.shadows,
        );
        stages.shade_ns += nanoseconds_since(began);
    }

    /// Finds out which lights chosen by `shade` are seen, and adds their light.
    fn settle_shadows(
        &mut self,
        compiled: &Compiled,
        tables: &Tables<'_>,
        simd: Simd,
        stats: &mut RenderStats,
    ) {
        let began = Instant::now();
        self.pending.clear();
        self.pending.extend(
            self.alive
                .iter()
                .copied()
                .filter(|&i| self.shadows[i as usize].t_max > 0.0),
        );
        while !self.pending.is_empty() {
            let accelerator = &compiled.accelerator;
            traverse::intersect_shadow(
                simd,
                accelerator,
                &self.pending,
                &mut self.shadows,
                &mut self.hits,
            );
            stats.shadow_rays += self.pending.len() as u64;
            let (shadows, hits, paths) = (&self.shadows, &self.hits, &mut self.paths);
            self.pending.retain(|&i| {
                let (shadow, hit) = (&shadows[i as usize], &hits[i as usize]);
                let seen = shadow.occluded == 0 && hit.instance == INVALID;
                if seen {
                    let radiance = &mut paths[i as usize].radiance;
                    for (sum, light) in radiance.iter_mut().zip(shadow.contribution) {
                        *sum += light;
                    }
                }
                shadow.occluded == 0 && !seen
            });
            if !self.pending.is_empty() {
                kernel::shade_shadow(simd, tables, &self.pending, &mut self.shadows, &self.hits);
                let shadows = &self.shadows;
                self.pending.retain(|&i| shadows[i as usize].occluded == 0);
            }
        }
        stats.stages.shadow_ns += nanoseconds_since(began);
    }
}
