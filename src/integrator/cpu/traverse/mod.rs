//! Walking the accelerator with rays, on the CPU.
//!
//! One walk, written over [`machine::Machine`] and compiled twice: for AVX2, and portably. Both do the
//! same IEEE operations in the same order on every number a hit is made of, so both give the same
//! hits bit for bit; [`crate::compiled::bvh`] says why the tree does not matter either.
//!
//! The triangle test is watertight: rays aimed at the shared edges and corners of a closed mesh do
//! not slip through. Rays start where the caller put them; there is no epsilon here.

mod machine;
mod query;
mod ray;
mod triangle;
mod walk;

use glam::Vec3A;

use crate::compiled::bvh::Accelerator;
use crate::compiled::record::{Hit, INVALID, PathState, ShadowRay};
use crate::kernel::Simd;
use machine::Portable;
use query::{Closest, Shadow};
use walk::Rays;

/// Nearest hits of paths: for every `i` of `indices`, `hits[i]` becomes what the ray of `paths[i]`
/// meets first at t in (0, ∞), its `instance` and `triangle` [`INVALID`] when it meets nothing.
///
/// Of hits at equal t the one with the lowest `(instance, triangle)` counts.
///
/// # Panics
/// When an index is out of range of `paths` or `hits`.
pub fn intersect_closest(
    simd: Simd,
    accelerator: &Accelerator,
    indices: &[u32],
    paths: &[PathState],
    hits: &mut [Hit],
) {
    run(
        simd,
        accelerator,
        ClosestRays {
            indices,
            paths,
            hits,
        },
    );
}

/// What stands between shadow rays and their lights: for every `i` of `indices`, if an opaque
/// triangle lies at t in (0, t_max), sets `shadows[i].t_max` to 0 and `hits[i]` to a miss; else
/// `hits[i]` becomes the nearest triangle there whose instance is not opaque, or a miss.
///
/// # Panics
/// When an index is out of range of `shadows` or `hits`.
pub fn intersect_shadow(
    simd: Simd,
    accelerator: &Accelerator,
    indices: &[u32],
    shadows: &mut [ShadowRay],
    hits: &mut [Hit],
) {
    run(
        simd,
        accelerator,
        ShadowRays {
            indices,
            shadows,
            hits,
        },
    );
}

const MISS: Hit = Hit {
    barycentric_b: 0.0,
    barycentric_c: 0.0,
    instance: INVALID,
    triangle: INVALID,
};

struct ClosestRays<'a> {
    indices: &'a [u32],
    paths: &'a [PathState],
    hits: &'a mut [Hit],
}

impl Rays for ClosestRays<'_> {
    type Query = Closest;

    #[inline(always)]
    fn len(&self) -> usize {
        self.indices.len()
    }

    #[inline(always)]
    fn start(&self, i: usize) -> (Vec3A, Vec3A, Closest) {
        let path = &self.paths[self.indices[i] as usize];
        (path.origin.into(), path.direction.into(), Closest::new())
    }

    #[inline(always)]
    fn finish(&mut self, i: usize, query: Closest) {
        self.hits[self.indices[i] as usize] = query.hit;
    }
}

struct ShadowRays<'a> {
    indices: &'a [u32],
    shadows: &'a mut [ShadowRay],
    hits: &'a mut [Hit],
}

impl Rays for ShadowRays<'_> {
    type Query = Shadow;

    #[inline(always)]
    fn len(&self) -> usize {
        self.indices.len()
    }

    #[inline(always)]
    fn start(&self, i: usize) -> (Vec3A, Vec3A, Shadow) {
        let shadow = &self.shadows[self.indices[i] as usize];
        (
            shadow.origin.into(),
            shadow.direction.into(),
            Shadow::new(shadow.t_max),
        )
    }

    #[inline(always)]
    fn finish(&mut self, i: usize, query: Shadow) {
        let i = self.indices[i] as usize;
        if query.occluded {
            self.shadows[i].t_max = 0.0;
        }
        self.hits[i] = if query.occluded { MISS } else { query.hit };
    }
}

fn run(simd: Simd, accelerator: &Accelerator, mut rays: impl Rays) {
    match simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => {
            #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
            fn on_avx2(accelerator: &Accelerator, rays: &mut impl Rays) {
                walk::trace::<machine::Avx2, _>(accelerator, rays);
            }
            #[expect(
                unsafe_code,
                reason = "the caller of a function compiled for AVX2 vouches for the machine"
            )]
            // SAFETY: `is_available` found AVX2; the bit-manipulation sets are checked along with it.
            unsafe {
                on_avx2(accelerator, &mut rays);
            }
        }
        _ => walk::trace::<Portable, _>(accelerator, &mut rays),
    }
}

#[cfg(test)]
mod tests;
