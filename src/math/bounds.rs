//! Axis-aligned boxes.

use glam::{Affine3A, Vec3, Vec3A};

/// An axis-aligned box, closed. Empty when `min > max` along any axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Least corner.
    pub min: Vec3,
    /// Greatest corner.
    pub max: Vec3,
}

impl Bounds {
    /// The box that holds nothing.
    pub const EMPTY: Self = Self {
        min: Vec3::INFINITY,
        max: Vec3::NEG_INFINITY,
    };

    /// The least box that holds all `points`.
    pub fn of_points<'a>(points: impl IntoIterator<Item = &'a Vec3>) -> Self {
        points.into_iter().fold(Self::EMPTY, |b, p| Self {
            min: b.min.min(*p),
            max: b.max.max(*p),
        })
    }

    /// The least box that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// Holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.min.cmpgt(self.max).any()
    }

    /// Does the box hold `p`?
    #[must_use]
    pub fn contains(&self, p: Vec3) -> bool {
        p.cmpge(self.min).all() && p.cmple(self.max).all()
    }

    /// Is there a point that both hold?
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.min.cmple(other.max).all() && other.min.cmple(self.max).all()
    }

    /// Middle; the origin when empty.
    #[must_use]
    pub fn center(&self) -> Vec3 {
        if self.is_empty() {
            Vec3::ZERO
        } else {
            self.min + (self.max - self.min) * 0.5
        }
    }

    /// Edge lengths; zeros when empty.
    #[must_use]
    pub fn size(&self) -> Vec3 {
        if self.is_empty() {
            Vec3::ZERO
        } else {
            self.max - self.min
        }
    }

    /// Volume; 0 when empty or flat. In f64, where no box of finite f32 overflows.
    #[must_use]
    pub fn volume(&self) -> f64 {
        let size = self.size().as_dvec3();
        size.x * size.y * size.z
    }

    /// The least box around the image of this box under `transform`.
    ///
    /// Source: Arvo 1990, "Transforming Axis-Aligned Bounding Boxes", Graphics Gems.
    #[must_use]
    pub fn transformed(&self, transform: &Affine3A) -> Self {
        if self.is_empty() {
            return *self;
        }
        let mut min = transform.translation;
        let mut max = transform.translation;
        let columns = [
            transform.matrix3.x_axis,
            transform.matrix3.y_axis,
            transform.matrix3.z_axis,
        ];
        for (axis, column) in columns.into_iter().enumerate() {
            let a: Vec3A = column * self.min[axis];
            let b: Vec3A = column * self.max[axis];
            min += a.min(b);
            max += a.max(b);
        }
        Self {
            min: min.into(),
            max: max.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_box_holds_nothing_and_has_no_size() {
        assert!(Bounds::EMPTY.is_empty());
        assert!(!Bounds::EMPTY.contains(Vec3::ZERO));
        assert_eq!(Bounds::EMPTY.volume(), 0.0);
        assert_eq!(Bounds::EMPTY.center(), Vec3::ZERO);
        assert_eq!(
            Bounds::EMPTY.transformed(&Affine3A::IDENTITY),
            Bounds::EMPTY
        );
    }

    #[test]
    fn transformed_box_holds_transformed_corners() {
        let b = Bounds::of_points(&[Vec3::new(-1.0, 2.0, 3.0), Vec3::new(4.0, 5.0, -6.0)]);
        let t = Affine3A::from_scale_rotation_translation(
            Vec3::new(2.0, -1.0, 0.5),
            glam::Quat::from_rotation_y(0.7),
            Vec3::new(10.0, 20.0, 30.0),
        );
        let image = b.transformed(&t);
        let grown = Bounds {
            min: image.min - 1e-4,
            max: image.max + 1e-4,
        };
        for corner in 0..8 {
            let pick = |axis: usize| {
                if corner >> axis & 1 == 0 {
                    b.min[axis]
                } else {
                    b.max[axis]
                }
            };
            let p = t.transform_point3(Vec3::new(pick(0), pick(1), pick(2)));
            assert!(grown.contains(p), "{p} outside {grown:?}");
        }
    }
}
