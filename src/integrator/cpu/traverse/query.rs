//! What a walk looks for.

use super::MISS;
use crate::compiled::bvh::NON_OPAQUE;
use crate::compiled::record::Hit;

/// Collects hits; says how far the walk must still look.
pub trait Query: Copy {
    /// No hit farther than this matters. Never grows.
    fn bound(&self) -> f32;
    /// A triangle was hit at `t` in (0, bound]. `instance` carries [`NON_OPAQUE`]. True: look no further.
    fn offer(&mut self, t: f32, hit: Hit) -> bool;
}

/// The nearest hit, the lowest `(instance, triangle)` of several.
#[derive(Clone, Copy)]
pub struct Closest {
    t: f32,
    /// The nearest so far.
    pub hit: Hit,
}

impl Closest {
    /// Looks in (0, ∞).
    pub fn new() -> Self {
        Self {
            t: f32::MAX,
            hit: MISS,
        }
    }
}

/// True when `a` comes before `b`.
fn precedes(a: (f32, &Hit), b: (f32, &Hit)) -> bool {
    a.0 < b.0 || a.0 == b.0 && (a.1.instance, a.1.triangle) < (b.1.instance, b.1.triangle)
}

impl Query for Closest {
    #[inline(always)]
    fn bound(&self) -> f32 {
        self.t
    }

    #[inline(always)]
    fn offer(&mut self, t: f32, mut hit: Hit) -> bool {
        hit.instance &= !NON_OPAQUE;
        if precedes((t, &hit), (self.t, &self.hit)) {
            (self.t, self.hit) = (t, hit);
        }
        false
    }
}

/// Any opaque hit, else the nearest of the others, in (0, t_max).
#[derive(Clone, Copy)]
pub struct Shadow {
    t_max: f32,
    t: f32,
    /// An opaque triangle was met.
    pub occluded: bool,
    /// The nearest non-opaque so far.
    pub hit: Hit,
}

impl Shadow {
    /// Looks in (0, `t_max`); nowhere when that is empty or NaN.
    pub fn new(t_max: f32) -> Self {
        Self {
            t_max: if t_max > 0.0 {
                t_max.min(f32::MAX)
            } else {
                0.0
            },
            t: f32::MAX,
            occluded: false,
            hit: MISS,
        }
    }
}

impl Query for Shadow {
    #[inline(always)]
    fn bound(&self) -> f32 {
        self.t_max
    }

    #[inline(always)]
    fn offer(&mut self, t: f32, mut hit: Hit) -> bool {
        if t >= self.t_max {
            return false;
        }
        if hit.instance & NON_OPAQUE == 0 {
            self.occluded = true;
            return true;
        }
        hit.instance &= !NON_OPAQUE;
        if precedes((t, &hit), (self.t, &self.hit)) {
            (self.t, self.hit) = (t, hit);
        }
        false
    }
}
