//! Axis-aligned boxes, as the builder and the traversal use them.

use glam::Vec3A;

/// An axis-aligned box, closed; empty when `min > max` on any axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Smallest coordinates.
    pub min: Vec3A,
    /// Largest coordinates.
    pub max: Vec3A,
}

impl Bounds {
    /// The box of nothing: neutral in [`Bounds::union`].
    pub const EMPTY: Self = Self {
        min: Vec3A::INFINITY,
        max: Vec3A::NEG_INFINITY,
    };

    /// The box of three points.
    #[inline]
    pub fn of_triangle(points: [Vec3A; 3]) -> Self {
        let [a, b, c] = points;
        Self {
            min: a.min(b).min(c),
            max: a.max(b).max(c),
        }
    }

    /// The smallest box that holds both.
    #[inline]
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// The smallest box that holds `self` and `point`.
    #[inline]
    #[must_use]
    pub fn with_point(self, point: Vec3A) -> Self {
        Self {
            min: self.min.min(point),
            max: self.max.max(point),
        }
    }

    /// True when it holds no point.
    pub fn is_empty(self) -> bool {
        self.min.cmpgt(self.max).any()
    }

    /// True when `other` lies inside (an empty box lies inside every box).
    pub fn contains(self, other: Self) -> bool {
        other.is_empty() || (self.min.cmple(other.min) & self.max.cmpge(other.max)).all()
    }

    /// Half the surface area, m²; 0 when empty.
    #[inline]
    pub fn half_area(self) -> f32 {
        let d = (self.max - self.min).max(Vec3A::ZERO);
        d.x * (d.y + d.z) + d.y * d.z
    }

    /// Twice the centre.
    #[inline]
    pub fn doubled_center(self) -> Vec3A {
        self.min + self.max
    }
}
