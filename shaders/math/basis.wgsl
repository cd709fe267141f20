#define_import_path skywell::math::basis

/// An orthonormal basis. Right-handed unless a mirrored texture mapping asks otherwise.
struct Basis {
    /// Tangent.
    x: vec3<f32>,
    /// Bitangent.
    y: vec3<f32>,
    /// Normal.
    z: vec3<f32>,
}

/// A right-handed basis around the unit vector `z`, continuous except across z.z = 0.
/// Source: Duff et al. 2017, "Building an Orthonormal Basis, Revisited", JCGT 6(1).
fn basis_from_z(z: vec3<f32>) -> Basis {
    let sign = select(-1.0, 1.0, z.z >= 0.0);
    let a = -1.0 / (sign + z.z);
    let b = z.x * z.y * a;
    let x = vec3<f32>(1.0 + sign * z.x * z.x * a, sign * b, -sign * z.x);
    let y = vec3<f32>(b, sign + z.y * z.y * a, -z.y);
    return Basis(x, y, z);
}

/// The world vector `v` in the coordinates of `basis`.
fn to_local(basis: Basis, v: vec3<f32>) -> vec3<f32> {
    return vec3<f32>(dot(v, basis.x), dot(v, basis.y), dot(v, basis.z));
}

/// The world vector with coordinates `v` in `basis`.
fn to_world(basis: Basis, v: vec3<f32>) -> vec3<f32> {
    return basis.x * v.x + basis.y * v.y + basis.z * v.z;
}
