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

/// Where a ray is inside the boxes of eight children: t of entry and exit, of children 0–3 (a) and 4–7 (b).
struct Spans {
    entry_a: vec4<f32>,
    entry_b: vec4<f32>,
    exit_a: vec4<f32>,
    exit_b: vec4<f32>,
}

/// `spans` within the planes of one axis: rows 2–4 of a node hold them as bytes, which count steps of 2^(`exponent` − 127)
/// from the node's corner, of which the ray's origin lies `corner` short. `outward` is that of the ray.
///
/// Planes are taken to lie twice as far out as the CPU takes those inside them: as here t is the sum of two rounded
/// products, each of up to twice the ray's reach, it may be wrong by 7 · 2⁻²⁴ reaches more, of which there are 16.
fn narrow(spans: Spans, planes: vec4<u32>, exponent: u32, corner: f32, inverse: f32, outward: f32) -> Spans {
    let step = bitcast<f32>(exponent << 23u) * inverse;
    let near = (corner - 2.0 * outward) * inverse;
    let far = (corner + 2.0 * outward) * inverse;
    let ordered = select(planes, planes.zwxy, inverse < 0.0);
    return Spans(
        max(vec4<f32>(unpack4xU8(ordered.x)) * step + near, spans.entry_a),
        max(vec4<f32>(unpack4xU8(ordered.y)) * step + near, spans.entry_b),
        min(vec4<f32>(unpack4xU8(ordered.z)) * step + far, spans.exit_a),
        min(vec4<f32>(unpack4xU8(ordered.w)) * step + far, spans.exit_b),
    );
}

/// Tests the children of node `index` for t in [0, `bound`].
fn intersect_node(ray: SpaceRay, index: u32, bound: f32) -> NodeHits {
    let first = index * NODE_ROWS;
    let head = load_node_row(first);
    let corner = bitcast<vec3<f32>>(head.xyz) - ray.origin;
    let outward = outward(ray);
    var spans = Spans(vec4<f32>(0.0), vec4<f32>(0.0), vec4<f32>(bound), vec4<f32>(bound));
    // one axis after the other, so that few numbers are alive at once
    spans = narrow(spans, load_node_row(first + 2u), head.w & 255u, corner.x, ray.inverse.x, outward.x);
    spans = narrow(spans, load_node_row(first + 3u), (head.w >> 8u) & 255u, corner.y, ray.inverse.y, outward.y);
    spans = narrow(spans, load_node_row(first + 4u), (head.w >> 16u) & 255u, corner.z, ray.inverse.z, outward.z);
    let links = load_node_row(first + 1u);
    let octant = inverse_octant(ray);
    let hits = hits_of_four(links.z, octant, spans.entry_a, spans.exit_a)
        | hits_of_four(links.w, octant, spans.entry_b, spans.exit_b);
    return NodeHits(
        vec2<u32>(links.x, (hits & 0xff000000u) | (head.w >> 24u)),
        vec2<u32>(links.y, hits & 0x00ffffffu),
    );
}
