//! Linear blend skinning: each vertex goes where its joints, by their weights, take it.

use super::super::error::Fault;
use super::{Draft, PrimitiveReader};
use glam::{Mat3, Mat4, Vec3, Vec4};
use gltf::json::mesh::{Primitive, Semantic};

/// Is `primitive` bound to joints?
pub(in super::super) fn is_bound(primitive: &Primitive) -> bool {
    let has = |semantic| super::attribute(primitive, semantic).is_some();
    has(Semantic::Joints(0)) && has(Semantic::Weights(0))
}

/// World from the space the mesh was bound in, for each of `n_vertices`; empty when no joint bends
/// it. A vertex without weights hangs on nothing and stays where it was bound.
///
/// # Errors
/// When joints or weights are broken.
pub(super) fn read_bends(
    reader: &PrimitiveReader<'_, '_>,
    n_vertices: usize,
) -> Result<Vec<Mat4>, Fault> {
    let Some(joints) = &reader.source.joints else {
        return Ok(Vec::new());
    };
    let mut sums = vec![(Mat4::ZERO, 0.0); n_vertices];
    for set in 0.. {
        let weights = reader.vertices::<Vec4>(Semantic::Weights(set))?;
        let (Some(weights), Some(indices)) = (weights, reader.joints(set)?) else {
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
    let bend = |(sum, total): (Mat4, f32)| {
        let mean = sum * total.recip();
        if mean.is_finite() {
            mean
        } else {
            Mat4::IDENTITY
        }
    };
    Ok(sums.into_iter().map(bend).collect())
}

/// Moves the vertices of `draft`, with normals and tangents, into the world. Unit directions stay
/// unit; one that a bend leaves without length stays as it was.
pub(super) fn apply(draft: &mut Draft) {
    let Draft { mesh, bends } = draft;
    for (position, bend) in mesh.positions.iter_mut().zip(&*bends) {
        *position = bend.transform_point3(*position);
    }
    for (normal, bend) in mesh.normals.iter_mut().zip(&*bends) {
        *normal = turned_normal(*bend, *normal);
    }
    for (tangent, bend) in mesh.tangents.iter_mut().zip(&*bends) {
        let turned = bend.transform_vector3(tangent.truncate()).try_normalize();
        *tangent = turned.map_or(*tangent, |turned| turned.extend(tangent.w));
    }
}

/// `normal` by the inverse transpose of `bend`. Its cofactors are that but for the determinant,
/// and are there even when the bend flattens.
fn turned_normal(bend: Mat4, normal: Vec3) -> Vec3 {
    let Mat3 {
        x_axis: x,
        y_axis: y,
        z_axis: z,
    } = Mat3::from_mat4(bend);
    let cofactors = Mat3::from_cols(y.cross(z), z.cross(x), x.cross(y));
    let mirrored = cofactors.x_axis.dot(x) < 0.0;
    let turned = cofactors * if mirrored { -normal } else { normal };
    turned.try_normalize().unwrap_or(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_stay_perpendicular_to_their_surface() {
        let shear = Mat4::from_cols(
            Vec4::X * 2.0,
            Vec4::new(0.5, 1.0, 0.0, 0.0),
            Vec4::Z,
            Vec4::W,
        );
        let mirror = Mat4::from_scale(Vec3::new(-1.0, 1.0, 3.0));
        for bend in [shear, mirror, shear * mirror] {
            let (a, b) = (Vec3::new(1.0, 2.0, 0.5), Vec3::new(0.0, -1.0, 1.0));
            let normal = turned_normal(bend, a.cross(b).normalize());
            for side in [a, b] {
                let side = bend.transform_vector3(side);
                assert!(normal.dot(side).abs() < 1e-5, "{bend}");
            }
            let inverse_transpose = Mat3::from_mat4(bend).inverse().transpose();
            let expected = (inverse_transpose * a.cross(b)).normalize();
            assert!(normal.abs_diff_eq(expected, 1e-6));
        }
    }

    #[test]
    fn what_is_flattened_keeps_the_normal_of_its_plane() {
        let flat = Mat4::from_scale(Vec3::new(1.0, 1.0, 0.0));
        assert_eq!(turned_normal(flat, Vec3::Z), Vec3::Z);
        let gone = Mat4::from_scale(Vec3::ZERO);
        assert_eq!(turned_normal(gone, Vec3::X), Vec3::X);
    }
}
