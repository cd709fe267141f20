#define_import_path skywell::bsdf::shading_frame

#import skywell::geometry::interaction::SurfaceInteraction
#import skywell::math::basis::{Basis, basis_from_z}
#import skywell::math::scalar::normalize_or
#import skywell::texture::texture::sample_texture

/// The image of texture slot `slot` at `surface`.
fn sample_surface_texture(slot: u32, surface: SurfaceInteraction) -> vec4<f32> {
    return sample_texture(slot, surface.uv_a, surface.uv_b, surface.uv_c);
}

/// The world normal that the tangent-space normal map of texture slot `slot` gives `surface`, on the side the ray
/// came from: seen from behind, bumps are dents.
fn mapped_normal(slot: u32, scale: f32, surface: SurfaceInteraction) -> vec3<f32> {
    let mapped = sample_surface_texture(slot, surface).xyz * 2.0 - 1.0;
    let planar = mapped.xy * select(-scale, scale, surface.front_facing);
    let normal = surface.basis.x * planar.x + surface.basis.y * planar.y + surface.basis.z * mapped.z;
    return normalize_or(normal, surface.basis.z);
}

/// The normal nearest to `ns` about which the mirror image of `wo` leaves the geometric surface, whose normal `n` is
/// on wo's side. `wo` is then above it, too, so that no bump can turn its back on the viewer and go black.
/// World, unit.
/// Source: Keller et al. 2017, "The Iray Light Transport Simulation and Rendering System", §A.3. Departs: keeps a
/// clearance that vanishes with that of `wo`, so that a shading normal equal to `n` is never bent.
fn consistent_normal(ns: vec3<f32>, n: vec3<f32>, wo: vec3<f32>) -> vec3<f32> {
    let mirrored = ns * (2.0 * dot(ns, wo)) - wo;
    let clearance = min(0.9 * dot(n, wo), 0.01);
    let lack = clearance - dot(n, mirrored);
    if (lack <= 0.0) {
        return ns;
    }
    let lifted = normalize_or(mirrored + n * lack, n);
    return normalize_or(wo + lifted, n);
}

/// `basis` turned to the normal `z`, keeping its handedness.
fn turn_basis(basis: Basis, z: vec3<f32>) -> Basis {
    let x = normalize_or(basis.x - z * dot(basis.x, z), basis_from_z(z).x);
    let mirrored = dot(cross(basis.z, basis.x), basis.y) < 0.0;
    return Basis(x, cross(z, x) * select(1.0, -1.0, mirrored), z);
}
