//! Normals and the vertices that carry them: flat ones where none are authored, mended ones where
//! the authored have no length; and vertices dropped that no triangle names.

use super::super::warning::Warnings;
use super::Draft;
use crate::scene::mesh::Mesh;
use bytemuck::Pod;
use glam::{DVec3, Vec3};
use rayon::prelude::*;

/// Fewer corners than a vertex in so many use few of the vertices.
const FEW: usize = 8;

/// The vertices that `triangles` use, if they are few of the `n_vertices` there are: their numbers rise, and the
/// triangles then name them by their places among them. Who shares a large buffer among many primitives need not
/// read it whole for each.
pub(super) fn select_few_vertices(
    triangles: &mut [[u32; 3]],
    n_vertices: usize,
) -> Option<Vec<u32>> {
    let corners = triangles.as_flattened_mut();
    if corners.len().saturating_mul(FEW) >= n_vertices {
        return None;
    }
    let mut used = corners.to_vec();
    used.sort_unstable();
    used.dedup();
    for corner in corners {
        // It is among them.
        let (Ok(place) | Err(place)) = used.binary_search(corner);
        *corner = place as u32;
    }
    Some(used)
}

/// Triangles are summed up by so many at a time.
const PART: usize = 1 << 14;

/// Says how many triangles have no area.
pub(super) fn note_without_area(mesh: &Mesh, path: &str, warnings: &mut Warnings) {
    let count = |part: &[[u32; 3]]| {
        let flat = part.iter().filter(|triangle| {
            let corner = |&i: &u32| mesh.positions.get(i as usize).copied().unwrap_or_default();
            area_vector(&triangle.each_ref().map(corner)) == DVec3::ZERO
        });
        flat.count()
    };
    let n_flat = mesh.triangles.par_chunks(PART).map(count).sum();
    let message = "triangles without area, which no light meets";
    warnings.note_count(path, n_flat, message);
}

/// Drops the vertices that no triangle uses: exporters share one vertex buffer among primitives.
pub(super) fn drop_unused_vertices(draft: &mut Draft) {
    let mesh = &mut draft.mesh;
    const UNUSED: u32 = u32::MAX;
    let mut new_index = vec![UNUSED; mesh.positions.len()];
    for &corner in mesh.triangles.iter().flatten() {
        if let Some(new_index) = new_index.get_mut(corner as usize) {
            *new_index = 0;
        }
    }
    if !new_index.contains(&UNUSED) {
        return;
    }
    let mut kept = Vec::new();
    for (old, new) in (0..).zip(&mut new_index) {
        if *new != UNUSED {
            *new = kept.len() as u32;
            kept.push(old);
        }
    }
    gather_vertices(draft, &kept);
    for corner in draft.mesh.triangles.iter_mut().flatten() {
        if let Some(&new) = new_index.get(*corner as usize) {
            *corner = new;
        }
    }
}

/// Gives every triangle vertices and a normal of its own.
pub(super) fn unshare(draft: &mut Draft) {
    let corners: Vec<u32> = draft.mesh.triangles.iter().flatten().copied().collect();
    gather_vertices(draft, &corners);
    for (first, triangle) in (0..).step_by(3).zip(&mut draft.mesh.triangles) {
        *triangle = [first, first + 1, first + 2];
    }
    set_face_normals(&mut draft.mesh);
}

/// Gives the vertices of an unshared mesh the normals of their triangles.
pub(super) fn set_face_normals(mesh: &mut Mesh) {
    let mut normals = Vec::with_capacity(mesh.positions.len());
    for corners in mesh.positions.chunks_exact(3) {
        // What has no area has no normal, and cannot be hit either.
        let normal = area_vector(corners).normalize_or(DVec3::Y).as_vec3();
        normals.extend([normal; 3]);
    }
    mesh.normals = normals;
}

/// Makes authored normals unit; those without length take the mean of the faces around them.
pub(super) fn mend_normals(mesh: &mut Mesh, path: &str, warnings: &mut Warnings) {
    let mut lost = false;
    for normal in &mut mesh.normals {
        *normal = normal.try_normalize().unwrap_or(Vec3::ZERO);
        lost |= *normal == Vec3::ZERO;
    }
    if !lost {
        return;
    }
    warnings.note(
        format!("{path}/attributes/NORMAL"),
        "normals without length; those of the faces around are used for them",
    );
    let mut around = vec![DVec3::ZERO; mesh.normals.len()];
    for triangle in &mesh.triangles {
        let corners = triangle.map(|i| mesh.positions.get(i as usize).copied().unwrap_or_default());
        let area = area_vector(&corners);
        for &corner in triangle {
            if let Some(sum) = around.get_mut(corner as usize) {
                *sum += area;
            }
        }
    }
    for (normal, around) in mesh.normals.iter_mut().zip(around) {
        if *normal == Vec3::ZERO {
            *normal = around.normalize_or(DVec3::Y).as_vec3();
        }
    }
}

/// Rearranges every vertex array: new vertex `i` is old vertex `order[i]`.
pub(super) fn gather_vertices(draft: &mut Draft, order: &[u32]) {
    fn gather<T: Pod>(values: &mut Vec<T>, order: &[u32]) {
        if !values.is_empty() {
            *values = order
                .iter()
                .filter_map(|&i| values.get(i as usize).copied())
                .collect();
        }
    }
    let Draft { mesh, bends } = draft;
    gather(bends, order);
    gather(&mut mesh.positions, order);
    gather(&mut mesh.normals, order);
    gather(&mut mesh.tangents, order);
    gather(&mut mesh.colors, order);
    for texcoords in &mut mesh.texcoords {
        gather(texcoords, order);
    }
}

/// The normal of a triangle, twice its area long; in double precision, lest small ones vanish.
fn area_vector(corners: &[Vec3]) -> DVec3 {
    let &[a, b, c] = corners else {
        return DVec3::ZERO;
    };
    let [a, b, c] = [a, b, c].map(DVec3::from);
    (b - a).cross(c - a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_vertices_are_picked_out_and_many_left_alone() {
        let authored = [[90, 7, 8], [8, 7, 99]];
        let mut triangles = authored;
        let used = select_few_vertices(&mut triangles, 100).unwrap();
        assert_eq!(used, [7, 8, 90, 99]);
        assert_eq!(triangles, [[2, 0, 1], [1, 0, 3]]);
        let mut triangles = authored;
        assert!(select_few_vertices(&mut triangles, 48).is_none());
        assert_eq!(triangles, authored);
    }
}
