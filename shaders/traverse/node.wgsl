#define_import_path skywell::traverse::node

#import skywell::traverse::ray::{outward, SpaceRay}
#import skywell::traverse::rows::load_node_row

// A ray against the eight boxes of a compressed node.
//
// Source: Ylitie, Karras, Laine 2017, "Efficient incoherent ray traversal on GPUs through compressed wide BVHs", §4.

/// Rows of a node.
const NODE_ROWS: u32 = 5u;

/// Children of a node that a ray meets.
struct NodeHits {
    /// Index of the first child node; bits 24–31: nodes to visit, nearest highest; bits 0–7: which slots hold nodes.
    nodes: vec2<u32>,
    /// Index of the first primitive; bits 0–23: primitives to test.
    primitives: vec2<u32>,
}

/// 7 less the octant that the ray's direction lies in: what slots are reordered by, so that nearer ones come first.
fn inverse_octant(ray: SpaceRay) -> u32 {
    let backward = ray.inverse < vec3<f32>(0.0);
    return select(1u, 0u, backward.x) | select(2u, 0u, backward.y) | select(4u, 0u, backward.z);
}

/// Bits of `nodes.y` and `primitives.y` of [`NodeHits`] for four children. `meta_bytes` says what they are; the ray is inside
/// child i from `entry[i]` to `exit[i]`.
fn hits_of_four(meta_bytes: u32, inverse_octant: u32, entry: vec4<f32>, exit: vec4<f32>) -> u32 {
    let inner = ((meta_bytes & (meta_bytes << 1u)) & 0x10101010u) >> 4u;
    let shifts = (meta_bytes ^ (inverse_octant * inner)) & 0x1f1f1f1fu;
    let bits = (meta_bytes >> 5u) & 0x07070707u;
    let is_hit = entry <= exit;
    return select(0u, (bits & 7u) << (shifts & 31u), is_hit.x)
        | select(0u, ((bits >> 8u) & 7u) << ((shifts >> 8u) & 31u), is_hit.y)
        | select(0u, ((bits >> 16u) & 7u) << ((shifts >> 16u) & 31u), is_hit.z)
        | select(0u, (bits >> 24u) << (shifts >> 24u), is_hit.w);
}

/// Tests the children of node `index` for t in [0, `bound`].
///
/// Boxes are tested twice as far out as the CPU tests those inside them: as here t is the sum of two rounded products, each
/// of up to twice the ray's reach, it may be wrong by 7 · 2⁻²⁴ reaches more, of which there are 16.
fn intersect_node(ray: SpaceRay, index: u32, bound: f32) -> NodeHits {
    let first = index * NODE_ROWS;
    let head = load_node_row(first);
    let links = load_node_row(first + 1u);
    let planes_a = load_node_row(first + 2u);
    let planes_b = load_node_row(first + 3u);
    let planes_c = load_node_row(first + 4u);
    let exponents = vec3<u32>(head.w & 255u, (head.w >> 8u) & 255u, (head.w >> 16u) & 255u);
    let scale = bitcast<vec3<f32>>(exponents << vec3<u32>(23u)) * ray.inverse;
    let corner = bitcast<vec3<f32>>(head.xyz) - ray.origin;
    let forward = 2.0 * outward(ray);
    let near = (corner - forward) * ray.inverse;
    let far = (corner + forward) * ray.inverse;
    let octant = inverse_octant(ray);
    let backward = ray.inverse < vec3<f32>(0.0);
    // (first four, last four) along each axis
    let near_x = select(planes_a.xy, planes_b.zw, backward.x);
    let far_x = select(planes_b.zw, planes_a.xy, backward.x);
    let near_y = select(planes_a.zw, planes_c.xy, backward.y);
    let far_y = select(planes_c.xy, planes_a.zw, backward.y);
    let near_z = select(planes_b.xy, planes_c.zw, backward.z);
    let far_z = select(planes_c.zw, planes_b.xy, backward.z);
    let entry_a = max(
        max(vec4<f32>(unpack4xU8(near_x.x)) * scale.x + near.x, vec4<f32>(unpack4xU8(near_y.x)) * scale.y + near.y),
        max(vec4<f32>(unpack4xU8(near_z.x)) * scale.z + near.z, vec4<f32>(0.0)),
    );
    let exit_a = min(
        min(vec4<f32>(unpack4xU8(far_x.x)) * scale.x + far.x, vec4<f32>(unpack4xU8(far_y.x)) * scale.y + far.y),
        min(vec4<f32>(unpack4xU8(far_z.x)) * scale.z + far.z, vec4<f32>(bound)),
    );
    var hits = hits_of_four(links.z, octant, entry_a, exit_a);
    let entry_b = max(
        max(vec4<f32>(unpack4xU8(near_x.y)) * scale.x + near.x, vec4<f32>(unpack4xU8(near_y.y)) * scale.y + near.y),
        max(vec4<f32>(unpack4xU8(near_z.y)) * scale.z + near.z, vec4<f32>(0.0)),
    );
    let exit_b = min(
        min(vec4<f32>(unpack4xU8(far_x.y)) * scale.x + far.x, vec4<f32>(unpack4xU8(far_y.y)) * scale.y + far.y),
        min(vec4<f32>(unpack4xU8(far_z.y)) * scale.z + far.z, vec4<f32>(bound)),
    );
    hits |= hits_of_four(links.w, octant, entry_b, exit_b);
    return NodeHits(
        vec2<u32>(links.x, (hits & 0xff000000u) | (head.w >> 24u)),
        vec2<u32>(links.y, hits & 0x00ffffffu),
    );
}
