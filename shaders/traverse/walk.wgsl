#define_import_path skywell::traverse::walk

#import skywell::math::constants::FLOAT_MAX
#import skywell::records::path::{Hit, INVALID}
#import skywell::traverse::node::{intersect_node, inverse_octant}
#import skywell::traverse::ray::{space_ray, span_in_box, SpaceRay}
#import skywell::traverse::rows::{load_primitive_row, load_space_row}
#import skywell::traverse::triangle::intersect_triangle
#import skywell::traverse::waiting::{get_waiting, put_waiting, put_world_ray, world_ray}

// The walk through the compressed acceleration structure, world and placements: which triangle a ray meets.
//
// Answers are those of src/integrator/cpu/traverse: what a ray hits does not depend on the tree (src/compiled/bvh says why).
// Source of the walk: Ylitie, Karras, Laine 2017, §4. Departs: a lane goes on to its next triangles before any lane tests
// one (Aila and Laine 2009, "Understanding the Efficiency of Ray Traversal on GPUs": while-while), as what few lanes do all
// wait for.

/// Rows of a triangle or placement in the table of primitives.
const PRIMITIVE_ROWS: u32 = 3u;
/// Rows of a space.
const SPACE_ROWS: u32 = 5u;
/// Nodes that a lane may visit before those beside it that have triangles to test do so.
const DESCENT: u32 = 4u;
/// A group with one of these bits is of nodes, one without of primitives.
const NODE_BITS: u32 = 0xff000000u;
/// The group that is the root of a tree.
const ROOT_BITS: u32 = 0x80000000u;
/// The empty group that waits below those of a placement.
const BACK_TO_WORLD: vec2<u32> = vec2<u32>(0u, 0u);
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
/// INVALID when it meets nothing. Of hits at equal t the one with the lowest (instance, triangle) counts. `lane` is the
/// invocation's index in its workgroup.
fn traverse_closest(origin: vec3<f32>, direction: vec3<f32>, lane: u32) -> Hit {
    return walk(origin, direction, FLOAT_MAX, false, lane).hit;
}

/// What lies at t in (0, `t_max`) on the ray from `origin` along `direction` (world). `lane` as above.
fn traverse_shadow(origin: vec3<f32>, direction: vec3<f32>, t_max: f32, lane: u32) -> ShadowAnswer {
    return walk(origin, direction, t_max, true, lane);
}

/// The ray of `lane` in space `space` (0 the world, else 1 + placement). What is loaded is used at once, as this is where
/// most registers are taken.
fn ray_in_space(lane: u32, space: u32) -> SpaceRay {
    let first = space * SPACE_ROWS;
    let shift = bitcast<vec3<f32>>(load_space_row(first).xyz);
    let x = bitcast<vec4<f32>>(load_space_row(first + 1u));
    let ray_x = world_ray(lane, 0u);
    var origin = x.xyz * (ray_x.x - shift.x);
    var direction = x.xyz * ray_x.y;
    let y = bitcast<vec4<f32>>(load_space_row(first + 2u));
    let ray_y = world_ray(lane, 1u);
    origin += y.xyz * (ray_y.x - shift.y);
    direction += y.xyz * ray_y.y;
    let z = bitcast<vec4<f32>>(load_space_row(first + 3u));
    let ray_z = world_ray(lane, 2u);
    origin += z.xyz * (ray_z.x - shift.z);
    direction += z.xyz * ray_z.y;
    let high = bitcast<vec3<f32>>(load_space_row(first + 4u).xyz);
    return space_ray(origin, direction, vec3<f32>(x.w, y.w, z.w), high);
}

/// Both kinds of query: `any` ends at the first opaque triangle, and looks up to `t_max` however near others are.
fn walk(origin: vec3<f32>, direction: vec3<f32>, t_max: f32, any: bool, lane: u32) -> ShadowAnswer {
    let nothing = Hit(0.0, 0.0, INVALID, INVALID);
    if (!(t_max > 0.0)) {
        return ShadowAnswer(false, nothing);
    }
    put_world_ray(lane, origin, direction);
    var hit = nothing;
    var occluded = false;
    var hit_t = FLOAT_MAX;
    let t_end = min(t_max, FLOAT_MAX);
    // the space, its instance, whether the ray is not yet there, and how near hits may count in it
    var space = 0u;
    var space_instance = 0u;
    var has_moved = true;
    var ray: SpaceRay;
    var nearest = 0.0;
    var n_waiting = 0u;
    // what is to be visited and to be tested next
    var nodes = vec2<u32>(0u, ROOT_BITS);
    var primitives = vec2<u32>(0u);
    // every node of every placement once, and the turns in between
    for (var left = load_space_row(4u).w; left != 0u; left--) {
        if (has_moved) {
            has_moved = false;
            ray = ray_in_space(lane, space);
            space_instance = load_space_row(space * SPACE_ROWS).w;
            if (ray.reach < 0.0) {
                nodes.y = 0u;
            }
        }
        // no hit farther than this matters
        let bound = select(hit_t, t_end, any);
        for (var down = DESCENT; down != 0u; down--) {
            if ((nodes.y & NODE_BITS) == 0u && primitives.y == 0u && n_waiting != 0u) {
                n_waiting -= 1u;
                let group = get_waiting(lane, n_waiting);
                if ((group.y & NODE_BITS) != 0u) {
                    nodes = group;
                } else if (group.y != BACK_TO_WORLD.y) {
                    primitives = group;
                } else {
                    space = 0u;
                    nearest = 0.0;
                    has_moved = true;
                    break;
                }
            }
            if ((nodes.y & NODE_BITS) == 0u || primitives.y != 0u) {
                break;
            }
            let bit = firstLeadingBit(nodes.y);
            let slot = (bit - 24u) ^ inverse_octant(ray);
            let node = nodes.x + countOneBits(nodes.y & 0xffu & ~(0xffffffffu << slot));
            nodes.y &= ~(1u << bit);
            if ((nodes.y & NODE_BITS) != 0u) {
                put_waiting(lane, n_waiting, nodes);
                n_waiting += 1u;
            }
            let hits = intersect_node(ray, node, bound);
            nodes = hits.nodes;
            primitives = hits.primitives;
        }
        // the placement to enter, the root of its tree, and what else is to be tested of its group
        var entered = 0u;
        var root = 0u;
        var others = 0u;
        // every turn takes a bit away
        for (var bits = primitives.y; bits != 0u; bits &= bits - 1u) {
            let first = (primitives.x + firstTrailingBit(bits)) * PRIMITIVE_ROWS;
            let a = load_primitive_row(first);
            let b = load_primitive_row(first + 1u);
            let c = load_primitive_row(first + 2u);
            let now_bound = select(hit_t, t_end, any);
            if (a.w == INVALID) {
                // a placement
                let span = span_in_box(ray, bitcast<vec3<f32>>(a.xyz), bitcast<vec3<f32>>(b.xyz));
                if (span.x <= min(span.y, now_bound)) {
                    entered = b.w;
                    root = c.x;
                    others = bits & (bits - 1u);
                    nearest = span.x;
                    break;
                }
                continue;
            }
            let found = intersect_triangle(
                ray, bitcast<vec3<f32>>(a.xyz), bitcast<vec3<f32>>(b.xyz), bitcast<vec3<f32>>(c.xyz), c.w, nearest, now_bound,
            );
            if (found.t < 0.0 || any && found.t >= t_end) {
                continue;
            }
            let instance = b.w | space_instance;
            if (any && (instance & NON_OPAQUE) == 0u) {
                // nothing is left to do: a return from here would cost registers all along
                occluded = true;
                nodes = vec2<u32>(0u);
                n_waiting = 0u;
                break;
            }
            let id = instance & ~NON_OPAQUE;
            let precedes = id < hit.instance || id == hit.instance && a.w < hit.triangle;
            if (found.t < hit_t || found.t == hit_t && precedes) {
                hit_t = found.t;
                hit = Hit(found.b, found.c, id, a.w);
            }
        }
        if (entered != 0u) {
            // what is left of the node waits
            if ((nodes.y & NODE_BITS) != 0u) {
                put_waiting(lane, n_waiting, nodes);
                n_waiting += 1u;
            }
            if (others != 0u) {
                put_waiting(lane, n_waiting, vec2<u32>(primitives.x, others));
                n_waiting += 1u;
            }
            put_waiting(lane, n_waiting, BACK_TO_WORLD);
            n_waiting += 1u;
            space = entered;
            has_moved = true;
            nodes = vec2<u32>(root, ROOT_BITS);
        }
        primitives.y = 0u;
        if ((nodes.y & NODE_BITS) == 0u && n_waiting == 0u) {
            break;
        }
    }
    return ShadowAnswer(occluded, hit);
}
