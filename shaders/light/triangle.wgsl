#define_import_path skywell::light::triangle

#import skywell::records::geometry::INSTANCE_HAS_EXTRA
#import skywell::records::light::Light
#import skywell::records::path::INVALID
#import skywell::sampling::warp::sample_uniform_triangle
#import skywell::tables::{load_instance, load_triangle, load_vertex, load_vertex_extra}
#import skywell::texture::texture::sample_texture

// Emissive triangles. They emit from both sides, as they are seen from both: single-sidedness is a hint for the
// camera, not a property of the light.

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
    let projected_area = 0.5 * abs(dot(cross(light.axis, light.edge), direction));
    let squared = distance * distance;
    return select(squared / max(projected_area, 1e-37), 0.0, projected_area <= squared * 1e-18);
}

/// A point drawn uniformly from the triangle, seen from world point `p`; `u` uniform in [0, 1)².
fn sample_triangle(light: Light, p: vec3<f32>, u: vec2<f32>) -> TriangleSample {
    let b = sample_uniform_triangle(u);
    let offset = (light.position - p) + light.axis * b.x + light.edge * b.y;
    let squared = dot(offset, offset);
    let distance = sqrt(squared);
    let direction = offset * (1.0 / max(distance, 1e-30));
    return TriangleSample(direction, distance, b, pdf_triangle_solid_angle(light, direction, distance));
}

/// Radiance of the triangle at barycentric weights `b` of its second and third vertex, linear Rec.709.
fn eval_triangle_radiance(light: Light, b: vec2<f32>) -> vec3<f32> {
    if (light.texture == INVALID) {
        return light.intensity;
    }
    let triangle = load_triangle(light.triangle);
    let wa = 1.0 - b.x - b.y;
    let uv_a = load_vertex(triangle.a).uv * wa + load_vertex(triangle.b).uv * b.x + load_vertex(triangle.c).uv * b.y;
    var uv_b = vec2<f32>(0.0);
    var uv_c = vec2<f32>(0.0);
    let instance = load_instance(light.instance);
    if ((instance.flags & INSTANCE_HAS_EXTRA) != 0u) {
        let ea = load_vertex_extra(triangle.a + instance.extra_offset);
        let eb = load_vertex_extra(triangle.b + instance.extra_offset);
        let ec = load_vertex_extra(triangle.c + instance.extra_offset);
        uv_b = ea.uv_b * wa + eb.uv_b * b.x + ec.uv_b * b.y;
        uv_c = ea.uv_c * wa + eb.uv_c * b.x + ec.uv_c * b.y;
    }
    return light.intensity * sample_texture(light.texture, uv_a, uv_b, uv_c).xyz;
}
