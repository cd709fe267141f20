//! A ray against a block of four triangles, watertight.
//!
//! Source: Woop, Benthin, Wald 2013, "Watertight ray/triangle intersection", JCGT 2(1). Departs: both
//! sides are hit; the hit counts only if the ray meets the triangle's own box, and from no nearer than
//! there (see [`crate::compiled::bvh`]).

use super::machine::{Machine, Vector};
use super::ray::SpaceRay;
use crate::compiled::bvh::{BLOCK, Block};

/// Which triangles of a block are hit, and how.
pub struct BlockHits {
    /// Bit `i`: triangle `i` is hit at t in (0, bound].
    pub mask: u32,
    /// Where, in ray parameters.
    pub t: [f32; BLOCK],
    /// Weight of the second vertex.
    pub b: [f32; BLOCK],
    /// Weight of the third vertex.
    pub c: [f32; BLOCK],
}

/// Hits at t in (0, `bound`], none counted nearer than `floor`. `None`: no triangle is hit.
#[inline(always)]
pub fn intersect_block<M: Machine>(
    ray: &SpaceRay,
    block: &Block,
    floor: f32,
    bound: f32,
) -> Option<BlockHits> {
    let [x_axis, y_axis, z_axis] = ray.axes;
    let [shear_x, shear_y, shear_z] = ray.shear.map(M::Four::splat);
    let [origin_x, origin_y, origin_z] = ray.axes.map(|axis| M::Four::splat(ray.origin[axis]));
    // Vertices relative to the origin, sheared so that the ray runs along z.
    let sheared = |vertex: usize| {
        let rows = &block.vertices[vertex];
        let z = M::Four::load(&rows[z_axis]).sub(origin_z);
        let x = M::Four::load(&rows[x_axis])
            .sub(origin_x)
            .sub(shear_x.mul(z));
        let y = M::Four::load(&rows[y_axis])
            .sub(origin_y)
            .sub(shear_y.mul(z));
        (x, y, z)
    };
    let ((ax, ay, az), (bx, by, bz), (cx, cy, cz)) = (sheared(0), sheared(1), sheared(2));
    // Edge functions: which side of each edge the ray passes, times twice an area.
    let mut u = cx.mul(by).sub(cy.mul(bx));
    let mut v = ax.mul(cy).sub(ay.mul(cx));
    let mut w = bx.mul(ay).sub(by.mul(ax));
    let zero = M::Four::splat(0.0);
    let one_side =
        |u: M::Four, v: M::Four, w: M::Four| zero.le(u.min(v).min(w)) | u.max(v).max(w).le(zero);
    let mut mask = one_side(u, v, w);
    if mask == 0 {
        return None;
    }
    let undecided = mask & (u.is_zero() | v.is_zero() | w.is_zero());
    if undecided != 0 {
        let corners = [ax, ay, bx, by, cx, cy].map(M::Four::to_array);
        let mut edges = [u, v, w].map(M::Four::to_array);
        decide(undecided, &corners, &mut edges);
        [u, v, w] = edges.map(|edge| M::Four::load(&edge));
        mask = one_side(u, v, w);
    }
    let determinant = u.add(v).add(w);
    let scaled_t = u.mul(az).add(v.mul(bz)).add(w.mul(cz)).mul(shear_z);
    let t = scaled_t.div(determinant);
    // Where the ray is inside the triangle's own box.
    let (mut entry, mut exit) = (zero, M::Four::splat(f32::MAX));
    for axis in 0..3 {
        let [a, b, c] = [0, 1, 2].map(|vertex| M::Four::load(&block.vertices[vertex][axis]));
        let planes = [a.min(b).min(c), a.max(b).max(c)];
        let near_row = ray.near_rows[axis] & 1;
        let inverse = M::Four::splat(ray.inverse[axis]);
        entry = planes[near_row]
            .sub(M::Four::splat(ray.near[axis]))
            .mul(inverse)
            .max(entry);
        exit = planes[near_row ^ 1]
            .sub(M::Four::splat(ray.far[axis]))
            .mul(inverse)
            .min(exit);
    }
    // t > 0 in this form is false for NaN (an all-zero determinant) too.
    let positive = M::Four::splat(f32::MIN_POSITIVE).le(t);
    let counted = t.max(entry).max(M::Four::splat(floor));
    mask &= positive & entry.le(exit) & counted.le(M::Four::splat(bound));
    if mask == 0 {
        return None;
    }
    Some(BlockHits {
        mask,
        t: counted.to_array(),
        b: v.div(determinant).to_array(),
        c: w.div(determinant).to_array(),
    })
}

/// Edge functions of the triangles in `lanes` again, in double precision: products of two floats are
/// then exact and so is the sign of their difference, so two triangles with a common edge agree on
/// which side the ray passes.
#[cold]
#[inline(never)]
fn decide(lanes: u32, corners: &[[f32; BLOCK]; 6], edges: &mut [[f32; BLOCK]; 3]) {
    for lane in (0..BLOCK).filter(|lane| lanes >> lane & 1 == 1) {
        let [ax, ay, bx, by, cx, cy] = corners.map(|corner| f64::from(corner[lane]));
        edges[0][lane] = (cx * by - cy * bx) as f32;
        edges[1][lane] = (ax * cy - ay * cx) as f32;
        edges[2][lane] = (bx * ay - by * ax) as f32;
    }
}
