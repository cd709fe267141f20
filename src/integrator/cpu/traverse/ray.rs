//! A ray made ready for one space: world or object.

use glam::Vec3A;

use crate::compiled::bvh::{Bounds, MAX_COORDINATE};

/// How far, relative to the distance R from the origin to the far side of everything in the space,
/// the triangle test may move a triangle sideways and the box test a plane, with room to spare.
///
/// With u = 2⁻²⁴: the test translates vertices (error uR), shears them (3uR for the product, 2uR for
/// the difference) and then decides exactly, so it hits a triangle that lies within 6uR of the
/// true one across the ray. A plane's distance comes from one difference and one product with a
/// rounded reciprocal: 3uR. Together 9uR; this is 16uR.
const PADDING: f32 = 1.0 / (1 << 20) as f32;
/// Rounding of the moved origin itself: 4u.
const ORIGIN_PADDING: f32 = 1.0 / (1 << 22) as f32;
/// Direction components smaller than this part of the largest count as this, so that reciprocals
/// are finite. Within the space such a ray moves sideways by less than rounding does.
const MIN_COMPONENT: f32 = 1.0 / (1_u64 << 50) as f32;
/// Bounds for the largest direction component. A ray in the space of an instance scaled beyond them
/// hits nothing.
const DIRECTION_RANGE: std::ops::RangeInclusive<f32> =
    1.0 / (1_u64 << 40) as f32..=(1_u64 << 40) as f32;

/// Everything about a ray that tests of boxes and triangles use again and again.
#[derive(Clone, Copy, Debug)]
pub struct SpaceRay {
    /// Where it starts.
    pub origin: [f32; 3],
    /// 1 / direction, finite and not 0.
    pub inverse: [f32; 3],
    /// Origin moved so that near planes are met early: t = (plane − near) × inverse.
    pub near: [f32; 3],
    /// Origin moved so that far planes are met late.
    pub far: [f32; 3],
    /// Rows of [`crate::compiled::bvh::Node::bounds`] that hold the near planes; the far ones are `row ^ 1`.
    pub near_rows: [usize; 3],
    /// The triangle test's axes: the last is the one the direction has most of.
    pub axes: [usize; 3],
    /// Shear that turns the direction into (0, 0, 1) in `axes`: x/z, y/z, 1/z.
    pub shear: [f32; 3],
}

impl SpaceRay {
    /// `bounds` is the box of everything in the space. `None` for a ray that cannot hit anything
    /// there: not finite, without direction, or out of all proportion.
    #[inline(always)]
    pub fn new(origin: Vec3A, direction: Vec3A, bounds: Bounds) -> Option<Self> {
        let magnitudes = direction.abs();
        let largest = magnitudes.max_element();
        let reach = (bounds.min - origin)
            .abs()
            .max((bounds.max - origin).abs())
            .max_element();
        // NaN anywhere fails one of these.
        let sane = magnitudes.cmple(Vec3A::splat(*DIRECTION_RANGE.end())).all()
            && DIRECTION_RANGE.contains(&largest)
            && origin.abs().cmple(Vec3A::splat(MAX_COORDINATE)).all()
            && reach <= 4.0 * MAX_COORDINATE;
        if !sane {
            return None;
        }
        let direction = direction.to_array();
        let origin = origin.to_array();
        let least = largest * MIN_COMPONENT;
        let inverse = direction.map(|d| {
            if d.abs() < least {
                1.0 / least.copysign(d)
            } else {
                1.0 / d
            }
        });
        let (mut near, mut far, mut near_rows) = ([0.0; 3], [0.0; 3], [0; 3]);
        for axis in 0..3 {
            let padding = reach * PADDING + origin[axis].abs() * ORIGIN_PADDING;
            let forward = padding.copysign(inverse[axis]);
            near[axis] = origin[axis] + forward;
            far[axis] = origin[axis] - forward;
            near_rows[axis] = 2 * axis + usize::from(inverse[axis] < 0.0);
        }
        let z = if magnitudes.x == largest {
            0
        } else if magnitudes.y == largest {
            1
        } else {
            2
        };
        let axes = [[1, 2, 0], [2, 0, 1], [0, 1, 2]][z];
        let [x, y, z] = axes.map(|axis| direction[axis]);
        Some(Self {
            origin,
            inverse,
            near,
            far,
            near_rows,
            axes,
            shear: [x / z, y / z, 1.0 / z],
        })
    }
}
