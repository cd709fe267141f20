//! Morph targets, applied once at the weights the file rests at.

use super::super::error::Fault;
use super::PrimitiveReader;
use glam::{Vec3, Vec4};
use gltf::json;

/// Adds the weighted displacements of the primitive's targets.
///
/// # Errors
/// When a displacement is broken.
pub(super) fn apply(
    reader: &PrimitiveReader<'_, '_>,
    positions: &mut [Vec3],
    normals: &mut [Vec3],
    tangents: &mut [Vec4],
) -> Result<(), Fault> {
    let targets = reader.source.primitive.targets.iter().flatten();
    for (i, (target, &weight)) in targets.zip(&reader.source.weights).enumerate() {
        if weight == 0.0 {
            continue;
        }
        let path = format!("{}/targets/{i}", reader.source.path);
        let n_vertices = positions.len();
        let displacements = |accessor: Option<json::Index<json::Accessor>>, name: &str| {
            let Some(accessor) = accessor else {
                return Ok(Vec::new());
            };
            reader.counted::<Vec3>(
                accessor.value(),
                &format!("{path}/{name}"),
                Some(n_vertices),
            )
        };
        for (position, by) in positions
            .iter_mut()
            .zip(displacements(target.positions, "POSITION")?)
        {
            *position += by * weight;
        }
        for (normal, by) in normals
            .iter_mut()
            .zip(displacements(target.normals, "NORMAL")?)
        {
            *normal += by * weight;
        }
        for (tangent, by) in tangents
            .iter_mut()
            .zip(displacements(target.tangents, "TANGENT")?)
        {
            *tangent += (by * weight).extend(0.0);
        }
    }
    Ok(())
}
