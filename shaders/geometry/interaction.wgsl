#define_import_path skywell::geometry::interaction

#import skywell::math::basis::{Basis, basis_from_z}
#import skywell::math::constants::MACHINE_EPSILON
#import skywell::math::octahedral::{decode_normal, decode_tangent}
#import skywell::math::scalar::{max_component, normalize_or}
#import skywell::records::geometry::{INSTANCE_HAS_EXTRA, INSTANCE_HAS_TANGENTS, INSTANCE_MIRRORED, INSTANCE_NON_OPAQUE, VertexExtra}
#import skywell::records::path::{Hit, INVALID}
#import skywell::tables::{load_instance, load_triangle, load_vertex, load_vertex_extra}

/// A point of a surface met by a ray. World space.
struct SurfaceInteraction {
    /// The point.
    p: vec3<f32>,
    /// Distance, metres, within which the true point of the triangle lies along any axis.
    p_error: f32,
    /// Unit geometric normal, on the side the ray came from.
    n: vec3<f32>,
    /// Area of the triangle, m².
    area: f32,
    /// The shading frame, before any normal map: z is the interpolated normal on the side of `n`; x follows the
    /// tangent of texture coordinate set 0. On the back, where z is flipped, x and y are those of the front.
    basis: Basis,
    /// Texture coordinates, sets 0 and 1.
    uv_a: vec2<f32>,
    uv_b: vec2<f32>,
    /// Texture coordinates, set 2.
    uv_c: vec2<f32>,
    /// The ray met the front (the counter-clockwise side).
    front_facing: bool,
    /// Index in the instance table.
    instance: u32,
    /// Index in the triangle table.
    triangle: u32,
    /// Index in the material table.
    material: u32,
    /// Index in the medium table of what is inside, or INVALID.
    medium: u32,
    /// Light index of the triangle, or INVALID.
    light: u32,
    /// Alpha may let rays pass.
    non_opaque: bool,
    /// Linear vertex colour.
    color: vec4<f32>,
}

/// Rounding errors of interpolation, transforms and the intersection test, in units of the largest number involved.
const ERROR_FACTOR: f32 = 16.0 * MACHINE_EPSILON;

/// Points keep this many times their error away from the edges of their triangle: more than √3, by which the error can
/// reach over an edge that is oblique to the axes.
const EDGE_INSET: f32 = 2.0;

/// Twice the area, m², below which a triangle is taken to be this large.
const AREA_MIN: f32 = 1e-30;

/// Barycentric weights of a, b and c of the point `hit`, moved away from the edges of the triangle with world edges `ab`
/// and `ac` by at least `inset` times their lengths (a weight is the distance from the opposite edge, times its length,
/// over twice the area). Where the triangle is too thin for that, towards its middle.
///
/// A point that rounding pushed over an edge may lie behind the next wall, out of which light then leaks.
fn inset_barycentrics(hit: Hit, ab: vec3<f32>, ac: vec3<f32>, inset: f32) -> vec3<f32> {
    var weights = vec3<f32>(1.0 - hit.barycentric_b - hit.barycentric_c, hit.barycentric_b, hit.barycentric_c);
    // The sum of a vector's absolute components is at least its length, and at most √3 times.
    let ones = vec3<f32>(1.0);
    let least = vec3<f32>(dot(abs(ac - ab), ones), dot(abs(ac), ones), dot(abs(ab), ones)) * inset;
    if (any(weights < least)) {
        let held = least * min(0.99 / dot(least, ones), 1.0);
        let slack = max(weights - held, vec3<f32>(0.0));
        weights = held + slack * ((1.0 - dot(held, ones)) / dot(slack, ones));
    }
    return weights;
}

/// The surface at `hit` of a ray with unit direction `direction`.
///
/// Normals are carried by the cofactor matrix, the inverse transpose times the determinant: it needs no division and
/// stays finite for flattened instances. Mirrored instances turn the triangle's winding, so there the sign is turned.
fn interpolate_surface(hit: Hit, direction: vec3<f32>) -> SurfaceInteraction {
    let instance = load_instance(hit.instance);
    let triangle = load_triangle(hit.triangle);
    let a = load_vertex(triangle.a);
    let b = load_vertex(triangle.b);
    let c = load_vertex(triangle.c);

    let row_x = instance.world_from_object_x;
    let row_y = instance.world_from_object_y;
    let row_z = instance.world_from_object_z;
    let extent = max(max(abs(a.position), abs(b.position)), abs(c.position));
    let magnitude = vec3<f32>(
        dot(abs(row_x.xyz), extent) + abs(row_x.w),
        dot(abs(row_y.xyz), extent) + abs(row_y.w),
        dot(abs(row_z.xyz), extent) + abs(row_z.w),
    );
    let p_error = ERROR_FACTOR * max_component(magnitude);

    let mirrored = (instance.flags & INSTANCE_MIRRORED) != 0u;
    let winding = select(1.0, -1.0, mirrored);
    let ab_object = b.position - a.position;
    let ac_object = c.position - a.position;
    let ab = vec3<f32>(dot(row_x.xyz, ab_object), dot(row_y.xyz, ab_object), dot(row_z.xyz, ab_object));
    let ac = vec3<f32>(dot(row_x.xyz, ac_object), dot(row_y.xyz, ac_object), dot(row_z.xyz, ac_object));
    let cross_world = cross(ab, ac) * winding;
    let doubled_area = length(cross_world);
    let n_front = cross_world * (1.0 / max(doubled_area, AREA_MIN));

    let weights = inset_barycentrics(hit, ab, ac, EDGE_INSET * p_error / max(doubled_area, AREA_MIN));
    let wa = weights.x;
    let wb = weights.y;
    let wc = weights.z;
    let p_object = a.position * wa + b.position * wb + c.position * wc;
    let p = vec3<f32>(
        dot(row_x.xyz, p_object) + row_x.w,
        dot(row_y.xyz, p_object) + row_y.w,
        dot(row_z.xyz, p_object) + row_z.w,
    );

    let cofactor_x = cross(row_y.xyz, row_z.xyz) * winding;
    let cofactor_y = cross(row_z.xyz, row_x.xyz) * winding;
    let cofactor_z = cross(row_x.xyz, row_y.xyz) * winding;
    let ns_object = decode_normal(a.normal) * wa + decode_normal(b.normal) * wb + decode_normal(c.normal) * wc;
    let ns_world = vec3<f32>(dot(cofactor_x, ns_object), dot(cofactor_y, ns_object), dot(cofactor_z, ns_object));
    let ns_any = normalize_or(ns_world, n_front);
    let ns_front = select(ns_any, -ns_any, dot(ns_any, n_front) < 0.0);

    var basis = basis_from_z(ns_front);
    if ((instance.flags & INSTANCE_HAS_TANGENTS) != 0u) {
        let ta = decode_tangent(a.tangent);
        let t_object = ta.xyz * wa + decode_tangent(b.tangent).xyz * wb + decode_tangent(c.tangent).xyz * wc;
        let t_world = vec3<f32>(dot(row_x.xyz, t_object), dot(row_y.xyz, t_object), dot(row_z.xyz, t_object));
        let x = normalize_or(t_world - ns_front * dot(t_world, ns_front), basis.x);
        basis = Basis(x, cross(ns_front, x) * (ta.w * winding), ns_front);
    }
    let front_facing = dot(n_front, direction) < 0.0;
    basis.z = select(-ns_front, ns_front, front_facing);

    var extra = VertexExtra(vec4<f32>(1.0), vec2<f32>(0.0), vec2<f32>(0.0));
    if ((instance.flags & INSTANCE_HAS_EXTRA) != 0u) {
        let ea = load_vertex_extra(triangle.a + instance.extra_offset);
        let eb = load_vertex_extra(triangle.b + instance.extra_offset);
        let ec = load_vertex_extra(triangle.c + instance.extra_offset);
        extra.color = ea.color * wa + eb.color * wb + ec.color * wc;
        extra.uv_b = ea.uv_b * wa + eb.uv_b * wb + ec.uv_b * wc;
        extra.uv_c = ea.uv_c * wa + eb.uv_c * wb + ec.uv_c * wc;
    }

    return SurfaceInteraction(
        p,
        p_error,
        select(-n_front, n_front, front_facing),
        0.5 * doubled_area,
        basis,
        a.uv * wa + b.uv * wb + c.uv * wc,
        extra.uv_b,
        extra.uv_c,
        front_facing,
        hit.instance,
        hit.triangle,
        instance.material,
        instance.medium,
        select(instance.first_light + (hit.triangle - instance.first_triangle), INVALID, instance.first_light == INVALID),
        (instance.flags & INSTANCE_NON_OPAQUE) != 0u,
        extra.color,
    );
}

/// The origin of a ray that leaves the surface along `direction`: moved off the triangle's plane, to the side the ray
/// goes to, by the error of the point and no more.
/// Source: pbrt 4e, §6.8.6.
fn offset_origin(surface: SurfaceInteraction, direction: vec3<f32>) -> vec3<f32> {
    return offset_point(surface.p, surface.p_error, surface.n, direction);
}

/// `offset_origin` of the point `p` with error `p_error`, of a surface with geometric normal `n`.
fn offset_point(p: vec3<f32>, p_error: f32, n: vec3<f32>, direction: vec3<f32>) -> vec3<f32> {
    let reach = p_error * dot(abs(n), vec3<f32>(1.0));
    return p + n * select(-reach, reach, dot(n, direction) > 0.0);
}
