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

use super::Simd;
use crate::compiled::bvh::Accelerator;
use crate::compiled::record::{Hit, INVALID, PathState, ShadowRay};
use machine::{Machine, Portable};
use query::{Closest, Shadow};
use walk::{Stack, Walk};

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
        ClosestBatch {
            accelerator,
            indices,
            paths,
            hits,
        },
    );
}

/// What stands between shadow rays and their lights: for every `i` of `indices`, if an opaque
/// triangle lies at t in (0, t_max), sets `shadows[i].occluded` to 1 and `hits[i]` to a miss; else
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
        ShadowBatch {
            accelerator,
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

/// A batch of rays, to be traced on some machine.
trait Batch {
    fn trace<M: Machine>(self);
}

struct ClosestBatch<'a> {
    accelerator: &'a Accelerator,
    indices: &'a [u32],
    paths: &'a [PathState],
    hits: &'a mut [Hit],
}

impl Batch for ClosestBatch<'_> {
    #[inline(always)]
    fn trace<M: Machine>(self) {
        let walk = Walk::<M>::new(self.accelerator);
        let mut stack = Stack::new();
        for &i in self.indices {
            let path = &self.paths[i as usize];
            let mut query = Closest::new();
            walk.trace(
                path.origin.into(),
                path.direction.into(),
                &mut query,
                &mut stack,
            );
            self.hits[i as usize] = query.hit;
        }
    }
}

struct ShadowBatch<'a> {
    accelerator: &'a Accelerator,
    indices: &'a [u32],
    shadows: &'a mut [ShadowRay],
    hits: &'a mut [Hit],
}

impl Batch for ShadowBatch<'_> {
    #[inline(always)]
    fn trace<M: Machine>(self) {
        let walk = Walk::<M>::new(self.accelerator);
        let mut stack = Stack::new();
        for &i in self.indices {
            let shadow = &mut self.shadows[i as usize];
            let mut query = Shadow::new(shadow.t_max);
            if shadow.t_max > 0.0 {
                let (origin, direction): (Vec3A, Vec3A) =
                    (shadow.origin.into(), shadow.direction.into());
                walk.trace(origin, direction, &mut query, &mut stack);
            }
            if query.occluded {
                shadow.occluded = 1;
                query.hit = MISS;
            }
            self.hits[i as usize] = query.hit;
        }
    }
}

fn run(simd: Simd, batch: impl Batch) {
    match simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => {
            #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
            fn on_avx2(batch: impl Batch) {
                batch.trace::<machine::Avx2>();
            }
            #[expect(
                unsafe_code,
                reason = "the caller of a function compiled for AVX2 vouches for the machine"
            )]
            // SAFETY: `is_available` found AVX2; the bit-manipulation sets are checked along with it.
            unsafe {
                on_avx2(batch);
            }
        }
        _ => batch.trace::<Portable>(),
    }
}

#[cfg(test)]
mod tests;
