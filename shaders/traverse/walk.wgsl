#define_import_path skywell::traverse::walk

#import skywell::math::constants::FLOAT_MAX
#import skywell::records::path::{Hit, INVALID}
#import skywell::traverse::node::{intersect_node, inverse_octant}
#import skywell::traverse::ray::{space_ray, span_in_box, SpaceRay}
#import skywell::traverse::rows::{load_primitive_row, load_space_row}
#import skywell::traverse::triangle::intersect_triangle

// The walk through the compressed acceleration structure, world and placements: which triangle a ray meets.
//
// Answers are those of src/integrator/cpu/traverse: what a ray hits does not depend on the tree (src/compiled/bvh says why).
// Source of the walk: Ylitie, Karras, Laine 2017, §4. Departs: triangles of a node are tested as soon as its boxes are.

/// Rows of a triangle or placement in the table of primitives.
const PRIMITIVE_ROWS: u32 = 3u;
/// Rows of a space.
const SPACE_ROWS: u32 = 5u;
/// Groups that wait, at most: every level of the world's tree and of a placement's but the last leaves one, and a placement
/// two. `compiled::bvh::compressed` keeps trees within `MAX_DEPTH` levels.
const STACK_SIZE: u32 = 32u;
/// The group that is the root of a tree.
const ROOT_BITS: u32 = 0x80000000u;
/// Most primitives of a node.
const NODE_PRIMITIVES: u32 = 24u;
/// `NON_OPAQUE` of src/compiled/bvh: alpha may let rays pass.
const NON_OPAQUE: u32 = 0x80000000u;

/// What stands between a shadow ray and its light.
struct ShadowAnswer {
    /// An opaque triangle does.
    occluded: bool,
    /// Else the nearest triangle of an instance that is not opaque, or a miss.
    hit: Hit,
}

/// What the ray from `origin` along `direction` (world) meets first at t in (0, ∞), `instance` and `triangle`
/// INVALID when it meets nothing. Of hits at equal t the one with the lowest (instance, triangle) counts.
fn traverse_closest(origin: vec3<f32>, direction: vec3<f32>) -> Hit {
    return walk(origin, direction, FLOAT_MAX, false).hit;
}

/// What lies at t in (0, `t_max`) on the ray from `origin` along `direction` (world).
fn traverse_shadow(origin: vec3<f32>, direction: vec3<f32>, t_max: f32) -> ShadowAnswer {
    return walk(origin, direction, t_max, true);
}

/// The ray from `origin` along `direction` (world) in space `space` (0 the world, else 1 + placement).
fn ray_in_space(origin: vec3<f32>, direction: vec3<f32>, space: u32) -> SpaceRay {
    let first = space * SPACE_ROWS;
    let x = bitcast<vec4<f32>>(load_space_row(first));
    let y = bitcast<vec4<f32>>(load_space_row(first + 1u));
    let z = bitcast<vec4<f32>>(load_space_row(first + 2u));
    let low = bitcast<vec3<f32>>(load_space_row(first + 3u).xyz);
    let high = bitcast<vec3<f32>>(load_space_row(first + 4u).xyz);
    let p = origin - vec3<f32>(x.w, y.w, z.w);
    return space_ray(
        x.xyz * p.x + y.xyz * p.y + z.xyz * p.z,
        x.xyz * direction.x + y.xyz * direction.y + z.xyz * direction.z,
        low,
        high,
    );
}

/// Both kinds of query: `any` ends at the first opaque triangle and does not look nearer otherwise.
fn walk(origin: vec3<f32>, direction: vec3<f32>, t_max: f32, any: bool) -> ShadowAnswer {
    var answer = ShadowAnswer(false, Hit(0.0, 0.0, INVALID, INVALID));
    if (!(t_max > 0.0)) {
        return answer;
    }
    // no hit farther than this matters; of the one found, t
    var bound = min(t_max, FLOAT_MAX);
    var found_t = FLOAT_MAX;
    var ray = ray_in_space(origin, direction, 0u);
    if (ray.reach < 0.0) {
        return answer;
    }
    // the space, its instance and flags, how near hits may count in it, and what of the stack belongs to the world
    var space = 0u;
    var owner = 0u;
    var nearest = 0.0;
    var base = 0u;
    var stack: array<vec2<u32>, STACK_SIZE>;
    var n_waiting = 0u;
    var nodes = vec2<u32>(0u, ROOT_BITS);
    // every node of every placement once, and the turns in between
    let n_steps = load_space_row(4u).w;
    for (var step = 0u; step < n_steps; step++) {
        var primitives = nodes;
        if (nodes.y >= 0x01000000u) {
            let bit = firstLeadingBit(nodes.y);
            let slot = (bit - 24u) ^ inverse_octant(ray);
            let node = nodes.x + countOneBits(nodes.y & 0xffu & ~(0xffffffffu << slot));
            nodes.y &= ~(1u << bit);
            if (nodes.y >= 0x01000000u) {
                stack[n_waiting] = nodes;
                n_waiting += 1u;
            }
            let hits = intersect_node(ray, node, bound);
            nodes = hits.nodes;
            primitives = hits.primitives;
        } else {
            nodes = vec2<u32>(0u);
        }
        for (var i = 0u; i < NODE_PRIMITIVES && primitives.y != 0u; i++) {
            let first = (primitives.x + firstTrailingBit(primitives.y)) * PRIMITIVE_ROWS;
            primitives.y &= primitives.y - 1u;
            let a = load_primitive_row(first);
            let b = load_primitive_row(first + 1u);
            let c = load_primitive_row(first + 2u);
            if (a.w == INVALID) {
                // a placement: what is left of this node waits
                let span = span_in_box(ray, bitcast<vec3<f32>>(a.xyz), bitcast<vec3<f32>>(b.xyz));
                if (span.x <= min(span.y, bound)) {
                    if (nodes.y >= 0x01000000u) {
                        stack[n_waiting] = nodes;
                        n_waiting += 1u;
                    }
                    if (primitives.y != 0u) {
                        stack[n_waiting] = primitives;
                        n_waiting += 1u;
                    }
                    base = n_waiting;
                    space = b.w;
                    nearest = span.x;
                    owner = load_space_row(space * SPACE_ROWS + 3u).w;
                    ray = ray_in_space(origin, direction, space);
                    nodes = vec2<u32>(c.x, select(0u, ROOT_BITS, ray.reach >= 0.0));
                    primitives.y = 0u;
                }
                continue;
            }
            let hit = intersect_triangle(
                ray, bitcast<vec3<f32>>(a.xyz), bitcast<vec3<f32>>(b.xyz), bitcast<vec3<f32>>(c.xyz), c.w, nearest, bound,
            );
            if (hit.t < 0.0) {
                continue;
            }
            let instance = b.w | owner;
            if (any && hit.t < t_max && (instance & NON_OPAQUE) == 0u) {
                return ShadowAnswer(true, Hit(0.0, 0.0, INVALID, INVALID));
            }
            let id = instance & ~NON_OPAQUE;
            let precedes = id < answer.hit.instance || id == answer.hit.instance && a.w < answer.hit.triangle;
            if (hit.t < found_t || hit.t == found_t && precedes) {
                if (any && hit.t >= t_max) {
                    continue;
                }
                found_t = hit.t;
                answer.hit = Hit(hit.b, hit.c, id, a.w);
                if (!any) {
                    bound = hit.t;
                }
            }
        }
        if (nodes.y < 0x01000000u) {
            if (n_waiting == 0u) {
                break;
            }
            if (n_waiting == base) {
                // back to the world
                base = 0u;
                space = 0u;
                owner = 0u;
                nearest = 0.0;
                ray = ray_in_space(origin, direction, 0u);
            }
            n_waiting -= 1u;
            nodes = stack[n_waiting];
        }
    }
    return answer;
}
