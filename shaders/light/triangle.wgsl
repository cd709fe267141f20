#define_import_path skywell::light::triangle

#import skywell::bsdf::emission::{eval_alpha, eval_emission}
#import skywell::geometry::interaction::interpolate_surface
#import skywell::records::light::{LIGHT_ONE_SIDED_TRIANGLE, LIGHT_VARYING_TRIANGLE, Light}
#import skywell::records::path::Hit
#import skywell::sampling::warp::sample_uniform_triangle
#import skywell::tables::load_material

// Emissive triangles. Those of double-sided materials emit from both sides, others from the front only.

/// A point of an emissive triangle seen from somewhere.
struct TriangleSample {
    /// From the reference point to the triangle, unit, world.
    direction: vec3<f32>,
    /// Metres.
    distance: f32,
    /// Barycentric weights of the second and third vertex.
    barycentrics: vec2<f32>,
    /// Solid-angle density; 0 where the triangle is seen edge-on.
    pdf: f32,
}

/// Solid-angle density of a point drawn uniformly from the triangle, seen along unit `direction` from `distance`
/// metres; 0 edge-on.
fn pdf_triangle_solid_angle(light: Light, direction: vec3<f32>, distance: f32) -> f32 {
    let projected_area = 0.5 * abs(dot(cross(light.axis, light.shape), direction));
    let squared = distance * distance;
    return select(squared / max(projected_area, 1e-37), 0.0, projected_area <= squared * 1e-18);
}

/// A point drawn uniformly from the triangle, seen from world point `p`; `u` uniform in [0, 1)².
fn sample_triangle(light: Light, p: vec3<f32>, u: vec2<f32>) -> TriangleSample {
    let b = sample_uniform_triangle(u);
    let offset = (light.position - p) + light.axis * b.x + light.shape * b.y;
    let squared = dot(offset, offset);
    let distance = sqrt(squared);
    let direction = offset * (1.0 / max(distance, 1e-30));
    return TriangleSample(direction, distance, b, pdf_triangle_solid_angle(light, direction, distance));
}

/// Radiance of the triangle at barycentric weights `b` of its second and third vertex, towards where it is seen along unit
/// `direction` from; linear Rec.709. Where alpha makes the triangle thin, its mean.
fn eval_triangle_radiance(light: Light, direction: vec3<f32>, b: vec2<f32>) -> vec3<f32> {
    var radiance = light.intensity;
    if (light.kind == LIGHT_VARYING_TRIANGLE) {
        let surface = interpolate_surface(Hit(b.x, b.y, light.instance, light.triangle), direction);
        let material = load_material(surface.material);
        radiance = eval_emission(material, surface, -direction) * eval_alpha(material, surface);
    } else if (light.kind == LIGHT_ONE_SIDED_TRIANGLE && dot(cross(light.axis, light.shape), direction) >= 0.0) {
        radiance = vec3<f32>(0.0);
    }
    return radiance;
}
