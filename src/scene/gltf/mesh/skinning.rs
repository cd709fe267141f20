//! Linear blend skinning, done once for the resting pose.

use super::super::error::Fault;
use super::PrimitiveReader;
use glam::{Mat3, Mat4, Vec3, Vec4};
use gltf::json::mesh::{Primitive, Semantic};

/// Is `primitive` bound to joints?
pub(in super::super) fn is_bound(primitive: &Primitive) -> bool {
    let has = |semantic| super::attribute(primitive, semantic).is_some();
    has(Semantic::Joints(0)) && has(Semantic::Weights(0))
}

/// Moves vertices to where their joints take them: into the world.
///
/// # Errors
/// When joints or weights are broken.
pub(super) fn apply(
    reader: &PrimitiveReader<'_, '_>,
    positions: &mut [Vec3],
    normals: &mut [Vec3],
    tangents: &mut [Vec4],
) -> Result<(), Fault> {
    let Some(joints) = &reader.source.joints else {
        return Ok(());
    };
    let mut sums = vec![(Mat4::ZERO, 0.0); positions.len()];
    for set in 0.. {
        let weights = reader.vertices::<Vec4>(Semantic::Weights(set), Some(positions.len()))?;
        let (Some(weights), Some(indices)) = (weights, reader.joints(set, positions.len())?) else {
            break;
        };
        for ((sum, total), (indices, weights)) in sums.iter_mut().zip(indices.iter().zip(weights)) {
            for (&joint, weight) in indices.iter().zip(weights.to_array()) {
                if weight == 0.0 {
                    continue;
                }
                let Some(&matrix) = joints.get(joint as usize) else {
                    return Err(Fault::invalid(
                        format!("{}/attributes/JOINTS_{set}", reader.source.path),
                        format!("names joint {joint}, but there are {}", joints.len()),
                    ));
                };
                *sum += matrix * weight;
                *total += weight;
            }
        }
    }
    let matrices: Vec<Mat4> = sums
        .into_iter()
        .map(|(sum, total)| sum * total.recip())
        .collect();
    for (position, matrix) in positions.iter_mut().zip(&matrices) {
        // A vertex without weights hangs on nothing; it stays where it was bound.
        if matrix.is_finite() {
            *position = matrix.transform_point3(*position);
        }
    }
    for (normal, matrix) in normals.iter_mut().zip(&matrices) {
        let turned = Mat3::from_mat4(*matrix).inverse().transpose() * *normal;
        *normal = if turned.is_finite() { turned } else { *normal };
    }
    for (tangent, matrix) in tangents.iter_mut().zip(&matrices) {
        let turned = matrix.transform_vector3(tangent.truncate());
        *tangent = if turned.is_finite() {
            turned.extend(tangent.w)
        } else {
            *tangent
        };
    }
    Ok(())
}
