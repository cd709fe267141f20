//! Shared meshes placed in the world.

use glam::{Affine3A, DMat3, DVec3, Vec3A};

use super::bounds::Bounds;

/// Smallest volume of the unit cell that a transform's three directions, normalised, may span:
/// below, they are dependent up to rounding and the transform has no inverse worth the name.
const MIN_INDEPENDENCE: f64 = 1.0 / (1 << 24) as f64;
/// Largest magnitude of a coefficient of a transform or its inverse, 2⁶⁰.
const MAX_COEFFICIENT: f64 = (1_u64 << 60) as f64;
/// How much the world box of a placement grows, relative to the largest coordinate met on the way,
/// so that rounding in the transform of the ray cannot carry it past the box: 2⁻²⁰.
const PADDING: f64 = 1.0 / (1 << 20) as f64;

/// A tree placed in the world.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Which of the accelerator's meshes.
    pub mesh: u32,
    /// Index in the instance table.
    pub instance: u32,
    /// Alpha may let rays pass.
    pub non_opaque: bool,
    /// Columns of the linear part of `object_from_world`.
    pub linear: [Vec3A; 3],
    /// Where the object's origin lies in the world.
    pub origin: Vec3A,
}

impl Placement {
    /// The ray in the object's space, same `t`. One order of operations, so that every caller
    /// computes the same bits.
    #[inline]
    pub fn object_ray(&self, origin: Vec3A, direction: Vec3A) -> (Vec3A, Vec3A) {
        let [x, y, z] = self.linear;
        let map = |v: Vec3A| x * v.x + y * v.y + z * v.z;
        (map(origin - self.origin), map(direction))
    }
}

/// The inverse of a transform's linear part, or `None` when it has none worth the name.
pub fn invert(world_from_object: &Affine3A) -> Option<[Vec3A; 3]> {
    let matrix = world_from_object.matrix3;
    let columns = [matrix.x_axis, matrix.y_axis, matrix.z_axis];
    let lengths = columns.map(|column| column.as_dvec3().length());
    let usable = |x: f64| x.is_finite() && x.abs() <= MAX_COEFFICIENT;
    if !world_from_object.translation.is_finite()
        || !lengths.iter().all(|&length| length > 0.0 && usable(length))
    {
        return None;
    }
    let [x, y, z] = columns.map(|column| column.as_dvec3());
    let matrix = DMat3::from_cols(x, y, z);
    let volume = matrix.determinant() / lengths.iter().product::<f64>();
    if volume.is_nan() || volume.abs() < MIN_INDEPENDENCE {
        return None;
    }
    let inverse = matrix.inverse().to_cols_array();
    inverse.iter().all(|&x| usable(x)).then(|| {
        [0, 3, 6].map(|i| {
            Vec3A::new(
                inverse[i] as f32,
                inverse[i + 1] as f32,
                inverse[i + 2] as f32,
            )
        })
    })
}

/// A point in the world. One order of operations: shared vertices stay shared.
#[inline]
pub fn world_point(world_from_object: &Affine3A, p: Vec3A) -> Vec3A {
    let m = &world_from_object.matrix3;
    m.x_axis * p.x + m.y_axis * p.y + m.z_axis * p.z + world_from_object.translation
}

/// World box of a mesh whose object box is `bounds`, padded.
pub fn world_bounds(world_from_object: &Affine3A, bounds: Bounds) -> Bounds {
    if bounds.is_empty() {
        return Bounds::EMPTY;
    }
    let m = &world_from_object.matrix3;
    let columns = [m.x_axis, m.y_axis, m.z_axis].map(|column| column.as_dvec3());
    let translation = world_from_object.translation.as_dvec3();
    let (low, high) = (bounds.min.as_dvec3(), bounds.max.as_dvec3());
    let (mut min, mut max) = (translation, translation);
    let mut magnitude = translation.abs();
    for (axis, column) in columns.into_iter().enumerate() {
        let (a, b): (DVec3, DVec3) = (column * low[axis], column * high[axis]);
        min += a.min(b);
        max += a.max(b);
        magnitude += a.abs().max(b.abs());
    }
    let padding = DVec3::splat(magnitude.max_element() * PADDING);
    Bounds {
        min: (min - padding).as_vec3a(),
        max: (max + padding).as_vec3a(),
    }
}
