#define_import_path skywell::traverse::ray

// A ray made ready for one space, world or object: the arithmetic of `SpaceRay` in src/integrator/cpu/traverse/ray.rs,
// operation by operation, so that both back ends hit the same triangles.

/// Largest magnitude of a coordinate that can be hit, 2⁴⁰.
const MAX_COORDINATE: f32 = 1099511627776.0;
/// Largest magnitude of a direction's largest component, 2⁴⁰.
const DIRECTION_MAX: f32 = 1099511627776.0;
/// Smallest magnitude of a direction's largest component, 2⁻⁴⁰.
const DIRECTION_MIN: f32 = 9.094947017729282379150390625e-13;
/// Direction components below this part of the largest, 2⁻⁵⁰, count as this.
const COMPONENT_MIN: f32 = 8.8817841970012523233890533447265625e-16;
/// How far planes move outward, relative to the distance to the far side of everything in the space: 2⁻²⁰.
const REACH_PADDING: f32 = 9.5367431640625e-7;
/// How far planes move outward, relative to the origin: 2⁻²².
const ORIGIN_PADDING: f32 = 2.384185791015625e-7;

/// A ray in one space.
struct SpaceRay {
    /// Where it starts.
    origin: vec3<f32>,
    /// Distance from there to the far side of everything in the space; negative when the ray can hit nothing there.
    reach: f32,
    /// 1 / direction, finite and not 0.
    inverse: vec3<f32>,
    /// Which component of the direction is largest.
    axis: u32,
    /// What turns the direction into (0, 0, 1) along the permuted axes: x/z, y/z, 1/z.
    shear: vec3<f32>,
}

/// `magnitude` (not negative) with the sign of `sign`.
fn copy_sign(magnitude: vec3<f32>, sign: vec3<f32>) -> vec3<f32> {
    let bits = bitcast<vec3<u32>>(magnitude) | (bitcast<vec3<u32>>(sign) & vec3<u32>(0x80000000u));
    return bitcast<vec3<f32>>(bits);
}

/// The components of `v` in an order that ends with `axis` (0 x, 1 y, 2 z) and keeps the hand.
fn ending_with_axis(v: vec3<f32>, axis: u32) -> vec3<f32> {
    return select(select(v, v.zxy, axis == 1u), v.yzx, axis == 0u);
}

/// The ray from `origin` along `direction`, where everything lies in the box from `low` to `high`.
fn space_ray(origin: vec3<f32>, direction: vec3<f32>, low: vec3<f32>, high: vec3<f32>) -> SpaceRay {
    var ray: SpaceRay;
    let size = abs(direction);
    let largest = max(max(size.x, size.y), size.z);
    let far = max(abs(low - origin), abs(high - origin));
    let reach = max(max(far.x, far.y), far.z);
    // what is not a number fails one of these
    let sane = all(size <= vec3<f32>(DIRECTION_MAX))
        && largest >= DIRECTION_MIN
        && all(abs(origin) <= vec3<f32>(MAX_COORDINATE))
        && reach <= 4.0 * MAX_COORDINATE;
    ray.reach = select(-1.0, reach, sane);
    ray.origin = origin;
    let least = vec3<f32>(largest * COMPONENT_MIN);
    ray.inverse = 1.0 / select(direction, copy_sign(least, direction), size < least);
    ray.axis = select(select(2u, 1u, size.y == largest), 0u, size.x == largest);
    let d = ending_with_axis(direction, ray.axis);
    ray.shear = vec3<f32>(d.xy / d.z, 1.0 / d.z);
    return ray;
}

/// How far the origin moves along each axis of the ray so that it meets planes early; the other way, late.
fn outward(ray: SpaceRay) -> vec3<f32> {
    return copy_sign(ray.reach * REACH_PADDING + abs(ray.origin) * ORIGIN_PADDING, ray.inverse);
}

/// Where the ray is inside the box from `low` to `high`: t of entry, at least 0, and of exit. Outside if they are
/// out of order.
fn span_in_box(ray: SpaceRay, low: vec3<f32>, high: vec3<f32>) -> vec2<f32> {
    let backward = ray.inverse < vec3<f32>(0.0);
    let forward = outward(ray);
    let entry = (select(low, high, backward) - (ray.origin + forward)) * ray.inverse;
    let exit = (select(high, low, backward) - (ray.origin - forward)) * ray.inverse;
    return vec2<f32>(max(max(entry.x, entry.y), max(entry.z, 0.0)), min(min(exit.x, exit.y), exit.z));
}
