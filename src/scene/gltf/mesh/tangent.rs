//! Tangents by MikkTSpace, the algorithm normal maps are baked with.
//!
//! Source: Mikkelsen 2008, "Simulation of wrinkled surfaces revisited", by `bevy_mikktspace`. It
//! wants every triangle's corners apart; vertices are split only where the results differ.

use super::super::warning::Warnings;
use super::Draft;
use super::flat::gather_vertices;
use crate::math::portable::acos;
use crate::scene::mesh::Mesh;
use bevy_mikktspace::{Geometry, Ops, TangentSpace, generate_tangents};
use glam::{Vec3, Vec4};
use std::collections::HashMap;

/// Triangles at most around one vertex; the time grows with their square, to seconds at this number.
const MAX_FAN: usize = 1 << 14;
/// Bytes of stack for everything but the walk around a vertex.
const STACK_BASE: usize = 2 << 20;
/// Bytes of stack for each triangle around a vertex; fewer than 192 are used.
const STACK_PER_TRIANGLE: usize = 512;

/// Makes authored tangents unit, their handedness ±1.
pub(super) fn mend(mesh: &mut Mesh) {
    for (tangent, &normal) in mesh.tangents.iter_mut().zip(&mesh.normals) {
        let handedness = if tangent.w < 0.0 { -1.0 } else { 1.0 };
        let direction = tangent.truncate().try_normalize();
        *tangent = direction
            .unwrap_or_else(|| normal.any_orthonormal_vector())
            .extend(handedness);
    }
}

/// Gives the mesh tangents that follow its texture coordinates `slot`.
pub(super) fn generate(draft: &mut Draft, slot: usize, path: &str, warnings: &mut Warnings) {
    let mesh = &draft.mesh;
    if mesh.texcoords.get(slot).is_none_or(Vec::is_empty) {
        warnings.note(
            path,
            "has neither TANGENT nor the texture coordinates to derive it from; its material's \
             normal map or anisotropy takes an arbitrary direction",
        );
        return;
    }
    match mikktspace(mesh, slot) {
        Some(tangents) => weld(draft, &tangents),
        None => warnings.note(
            path,
            format!(
                "more than {MAX_FAN} triangles meet in one vertex, too many to derive tangents; \
                 its material's normal map or anisotropy takes an arbitrary direction"
            ),
        ),
    }
}

/// Tangents for each triangle's corners; `None` when too many triangles meet.
fn mikktspace(mesh: &Mesh, slot: usize) -> Option<Vec<Vec4>> {
    let mut fans: HashMap<[u32; 3], usize> = HashMap::new();
    for &corner in mesh.triangles.iter().flatten() {
        let position = mesh
            .positions
            .get(corner as usize)
            .copied()
            .unwrap_or_default();
        *fans
            .entry(position.to_array().map(f32::to_bits))
            .or_default() += 1;
    }
    let largest_fan = fans.into_values().max().unwrap_or(0);
    if largest_fan > MAX_FAN {
        return None;
    }
    // The algorithm walks from triangle to triangle around a vertex by recursion.
    let stack_size = STACK_BASE + largest_fan * STACK_PER_TRIANGLE;
    let tangents = vec![Vec4::ZERO; 3 * mesh.triangles.len()];
    let mut corners = Corners {
        mesh,
        slot,
        tangents,
    };
    std::thread::scope(|scope| {
        let run = || generate_tangents(&mut corners).map(|()| corners.tangents);
        let thread = std::thread::Builder::new().stack_size(stack_size);
        thread.spawn_scoped(scope, run).ok()?.join().ok()?.ok()
    })
}

/// A mesh as MikkTSpace sees it.
struct Corners<'a> {
    mesh: &'a Mesh,
    slot: usize,
    tangents: Vec<Vec4>,
}

impl Corners<'_> {
    fn vertex(&self, face: usize, corner: usize) -> usize {
        let triangle = self.mesh.triangles.get(face);
        triangle
            .and_then(|triangle| triangle.get(corner))
            .copied()
            .unwrap_or(0) as usize
    }
}

/// The functions MikkTSpace needs, the same on every platform.
struct PortableOps;

impl Ops for PortableOps {
    fn sqrt(x: f32) -> f32 {
        x.sqrt()
    }

    fn acos(x: f32) -> f32 {
        acos(f64::from(x)) as f32
    }
}

impl Geometry<PortableOps> for Corners<'_> {
    fn num_faces(&self) -> usize {
        self.mesh.triangles.len()
    }

    fn num_vertices_of_face(&self, _face: usize) -> usize {
        3
    }

    fn position(&self, face: usize, corner: usize) -> [f32; 3] {
        let vertex = self.vertex(face, corner);
        self.mesh
            .positions
            .get(vertex)
            .copied()
            .unwrap_or_default()
            .to_array()
    }

    fn normal(&self, face: usize, corner: usize) -> [f32; 3] {
        let vertex = self.vertex(face, corner);
        self.mesh
            .normals
            .get(vertex)
            .copied()
            .unwrap_or(Vec3::Y)
            .to_array()
    }

    fn tex_coord(&self, face: usize, corner: usize) -> [f32; 2] {
        let vertex = self.vertex(face, corner);
        let texcoords = self.mesh.texcoords.get(self.slot);
        texcoords
            .and_then(|uv| uv.get(vertex))
            .copied()
            .unwrap_or_default()
            .to_array()
    }

    fn set_tangent(&mut self, space: Option<TangentSpace>, face: usize, corner: usize) {
        let vertex = self.vertex(face, corner);
        let normal = self.mesh.normals.get(vertex).copied().unwrap_or(Vec3::Y);
        let tangent = match space.map(|space| space.tangent_encoded()) {
            // MikkTSpace's bitangent follows v; glTF's goes against it, for v points down there.
            Some([x, y, z, sign]) => Vec3::new(x, y, z)
                .try_normalize()
                .unwrap_or_else(|| normal.any_orthonormal_vector())
                .extend(-sign),
            None => normal.any_orthonormal_vector().extend(1.0),
        };
        if let Some(slot) = self.tangents.get_mut(3 * face + corner) {
            *slot = tangent;
        }
    }
}

/// Stores one tangent for each corner, splitting vertices whose corners disagree.
fn weld(draft: &mut Draft, corner_tangents: &[Vec4]) {
    let mesh = &mut draft.mesh;
    const NONE: u32 = u32::MAX;
    // Each old vertex has a chain of new ones: `newest` starts it, `older` goes on.
    let mut newest = vec![NONE; mesh.positions.len()];
    let (mut older, mut origin, mut tangents) = (Vec::new(), Vec::new(), Vec::<Vec4>::new());
    for (corner, &tangent) in mesh.triangles.iter_mut().flatten().zip(corner_tangents) {
        let Some(newest) = newest.get_mut(*corner as usize) else {
            continue;
        };
        let mut candidate = *newest;
        while let Some(&known) = tangents.get(candidate as usize) {
            if known == tangent {
                break;
            }
            candidate = older.get(candidate as usize).copied().unwrap_or(NONE);
        }
        if candidate == NONE {
            candidate = tangents.len() as u32;
            older.push(std::mem::replace(newest, candidate));
            origin.push(*corner);
            tangents.push(tangent);
        }
        *corner = candidate;
    }
    gather_vertices(draft, &origin);
    draft.mesh.tangents = tangents;
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec2;

    /// A unit square in the xy plane, of two triangles; u to the right, v down as in glTF.
    fn square() -> Draft {
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let mut mesh = Mesh {
            positions: corners.map(|(x, y)| Vec3::new(x, y, 0.0)).to_vec(),
            normals: vec![Vec3::Z; 4],
            triangles: vec![[0, 1, 2], [0, 2, 3]],
            ..Mesh::default()
        };
        mesh.texcoords[0] = corners.map(|(x, y)| Vec2::new(x, 1.0 - y)).to_vec();
        Draft {
            mesh,
            bends: Vec::new(),
        }
    }

    #[test]
    fn an_upright_image_has_right_handed_tangents() {
        let mut draft = square();
        generate(&mut draft, 0, "", &mut Warnings::default());
        let mesh = draft.mesh;
        assert_eq!(mesh.positions.len(), 4);
        for tangent in mesh.tangents {
            assert!(
                tangent.abs_diff_eq(Vec4::new(1.0, 0.0, 0.0, 1.0), 1e-6),
                "{tangent}"
            );
        }
    }

    #[test]
    fn a_mirrored_image_splits_the_vertices_of_its_seam() {
        let mut draft = square();
        draft.mesh.texcoords[0][3] = Vec2::new(1.0, 1.0);
        generate(&mut draft, 0, "", &mut Warnings::default());
        let mesh = draft.mesh;
        assert_eq!(mesh.positions.len(), 6);
        let handedness: Vec<_> = mesh
            .triangles
            .iter()
            .map(|t| mesh.tangents[t[0] as usize].w)
            .collect();
        assert_eq!(handedness, [1.0, -1.0]);
        assert_eq!(mesh.texcoords[0].len(), 6);
    }

    #[test]
    fn degenerate_coordinates_give_unit_tangents_all_the_same() {
        let mut draft = square();
        draft.mesh.texcoords[0] = vec![Vec2::ONE; 4];
        generate(&mut draft, 0, "", &mut Warnings::default());
        let mesh = draft.mesh;
        for (tangent, normal) in mesh.tangents.iter().zip(&mesh.normals) {
            assert!((tangent.truncate().length() - 1.0).abs() < 1e-6);
            assert!(tangent.truncate().dot(*normal).abs() < 1e-6);
        }
    }

    #[test]
    fn without_coordinates_there_is_a_warning() {
        let (mut draft, mut warnings) = (square(), Warnings::default());
        generate(&mut draft, 2, "/meshes/0", &mut warnings);
        assert!(draft.mesh.tangents.is_empty());
        assert_eq!(warnings.into_lines("a").len(), 1);
    }
}
