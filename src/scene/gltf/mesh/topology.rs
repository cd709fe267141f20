//! Triangles out of lists, strips and fans, indexed or not.

use super::super::accessor::Accessors;
use super::super::error::Fault;
use super::super::warning::Warnings;
use super::Source;
use gltf::json::mesh::Mode;

/// The triangles of a primitive with `n_vertices`; every index is in range.
///
/// # Errors
/// When an index is not.
pub(super) fn triangles(
    accessors: Accessors<'_, '_>,
    source: &Source<'_>,
    n_vertices: usize,
    warnings: &mut Warnings,
) -> Result<Vec<[u32; 3]>, Fault> {
    let Source {
        primitive,
        mode,
        ref path,
        ..
    } = *source;
    let user = format!("{path}/indices");
    let indices = primitive.indices.map(|index| index.value());
    let n_corners = match indices {
        Some(index) => accessors.count(index, &user)?,
        None => n_vertices as u64,
    };
    // Triangles may come to have vertices of their own, which 32 bits must count.
    let n_triangles = if mode == Mode::Triangles {
        n_corners / 3
    } else {
        n_corners
    };
    if n_triangles > u64::from(u32::MAX / 3) {
        return Err(Fault::unsupported(
            path,
            format!(
                "has {n_triangles} triangles, more than {} in one mesh",
                u32::MAX / 3
            ),
            "split the mesh",
        ));
    }
    let left_over = match mode {
        Mode::Triangles => n_corners % 3,
        _ if n_corners < 3 => n_corners,
        _ => 0,
    };
    if left_over != 0 {
        warnings.note(path, "has vertices left over that make no triangle");
    }
    let triangles = match (mode, indices) {
        (Mode::Triangles, Some(index)) => accessors.integers::<[u32; 3]>(index, &user)?,
        (Mode::Triangles, None) => (0..n_vertices as u32 / 3)
            .map(|i| [3 * i, 3 * i + 1, 3 * i + 2])
            .collect(),
        (_, Some(index)) => assemble(mode, &accessors.integers::<u32>(index, &user)?),
        (_, None) => assemble(mode, &(0..n_vertices as u32).collect::<Vec<_>>()),
    };
    let highest = triangles.iter().flatten().copied().max().unwrap_or(0);
    if highest as usize >= n_vertices && !triangles.is_empty() {
        return Err(Fault::invalid(
            user,
            format!("names vertex {highest}, but there are {n_vertices}"),
        ));
    }
    Ok(triangles)
}

/// The triangles of a strip or fan, in the orders of glTF 2.0 §3.7.2.1.
fn assemble(mode: Mode, corners: &[u32]) -> Vec<[u32; 3]> {
    let fan = corners
        .first()
        .copied()
        .filter(|_| mode == Mode::TriangleFan);
    let triangle = |(i, window): (usize, &[u32])| match (fan, window) {
        (Some(center), &[_, b, c]) => Some([b, c, center]),
        (None, &[a, b, c]) if i % 2 == 0 => Some([a, b, c]),
        (None, &[a, b, c]) => Some([a, c, b]),
        _ => None,
    };
    corners
        .windows(3)
        .enumerate()
        .filter_map(triangle)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_turn_every_other_triangle() {
        let strip = assemble(Mode::TriangleStrip, &[9, 1, 2, 3, 4]);
        assert_eq!(strip, [[9, 1, 2], [1, 3, 2], [2, 3, 4]]);
    }

    #[test]
    fn fans_share_their_first_vertex() {
        let fan = assemble(Mode::TriangleFan, &[9, 1, 2, 3]);
        assert_eq!(fan, [[1, 2, 9], [2, 3, 9]]);
    }

    #[test]
    fn too_few_corners_make_nothing() {
        assert!(assemble(Mode::TriangleStrip, &[1, 2]).is_empty());
        assert!(assemble(Mode::TriangleFan, &[]).is_empty());
    }
}
