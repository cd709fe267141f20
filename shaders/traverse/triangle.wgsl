#define_import_path skywell::traverse::triangle

#import skywell::traverse::ray::{ending_with_axis, span_in_box, SpaceRay}

// A ray against a triangle, watertight, both sides.
//
// Source: Woop, Benthin, Wald 2013, "Watertight ray/triangle intersection", JCGT 2(1). Departs as
// src/integrator/cpu/traverse/triangle.rs does, and where that decides in double precision, this does in pairs of floats.

/// Smallest t that counts: what is not larger than 0 does not, 2⁻¹²⁶.
const T_MIN: f32 = 1.1754943508222875e-38;

/// Where a ray meets a triangle.
struct TriangleHit {
    /// Ray parameter; negative for a miss.
    t: f32,
    /// Weight of the second vertex.
    b: f32,
    /// Weight of the third vertex.
    c: f32,
}

/// `x`, rounded to single precision as it stands: no compiler can take it for part of a fused multiply-add or of a sum
/// to be simplified when `zero`, which is 0, comes from memory.
fn rounded(x: f32, zero: u32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) ^ zero);
}

/// `x` to 12 significant bits.
fn upper_half(x: f32) -> f32 {
    return bitcast<f32>((bitcast<u32>(x) + 0x800u) & 0xfffff000u);
}

/// What a · b, rounded to `product`, was rounded by. Every step is exact, so fusing any two changes nothing.
///
/// Source: Dekker 1971, "A floating-point technique for extending the available precision".
fn product_error(a: f32, b: f32, product: f32) -> f32 {
    let ah = upper_half(a);
    let al = a - ah;
    let bh = upper_half(b);
    let bl = b - bh;
    return (((ah * bh - product) + ah * bl) + al * bh) + al * bl;
}

/// a · b − c · d with all its digits before it is rounded, so that its sign is right.
fn exact_edge(a: f32, b: f32, c: f32, d: f32, zero: u32) -> f32 {
    let p = rounded(a * b, zero);
    let q = rounded(c * d, zero);
    let sum = rounded(p - q, zero);
    // Knuth's two-sum: what `sum` was rounded by
    let virtual_q = rounded(sum - p, zero);
    let error = (p - (sum - virtual_q)) - (q + virtual_q);
    return sum + (error + (product_error(a, b, p) - product_error(c, d, q)));
}

/// Whether edge functions say the same side of all three edges.
fn one_side(edges: vec3<f32>) -> bool {
    return min(min(edges.x, edges.y), edges.z) >= 0.0 || max(max(edges.x, edges.y), edges.z) <= 0.0;
}

/// The hit at t in (0, `bound`], not counted nearer than `nearest`, of the triangle with vertices `a`, `b`, `c`.
/// `zero` is 0, and nothing a compiler can know.
fn intersect_triangle(ray: SpaceRay, a: vec3<f32>, b: vec3<f32>, c: vec3<f32>, zero: u32, nearest: f32, bound: f32) -> TriangleHit {
    let miss = TriangleHit(-1.0, 0.0, 0.0);
    let span = span_in_box(ray, min(min(a, b), c), max(max(a, b), c));
    // vertices relative to the origin, sheared so that the ray runs along z
    var pa = ending_with_axis(a - ray.origin, ray.axis);
    var pb = ending_with_axis(b - ray.origin, ray.axis);
    var pc = ending_with_axis(c - ray.origin, ray.axis);
    pa = vec3<f32>(pa.xy - ray.shear.xy * pa.z, pa.z);
    pb = vec3<f32>(pb.xy - ray.shear.xy * pb.z, pb.z);
    pc = vec3<f32>(pc.xy - ray.shear.xy * pc.z, pc.z);
    // edge functions: which side of each edge the ray passes, times twice an area
    var edges = vec3<f32>(
        rounded(pc.x * pb.y, zero) - rounded(pc.y * pb.x, zero),
        rounded(pa.x * pc.y, zero) - rounded(pa.y * pc.x, zero),
        rounded(pb.x * pa.y, zero) - rounded(pb.y * pa.x, zero),
    );
    if (!one_side(edges) || !(span.x <= span.y)) {
        return miss;
    }
    if (any(edges == vec3<f32>(0.0))) {
        edges = vec3<f32>(
            exact_edge(pc.x, pb.y, pc.y, pb.x, zero),
            exact_edge(pa.x, pc.y, pa.y, pc.x, zero),
            exact_edge(pb.x, pa.y, pb.y, pa.x, zero),
        );
        if (!one_side(edges)) {
            return miss;
        }
    }
    let determinant = edges.x + edges.y + edges.z;
    let t = (edges.x * pa.z + edges.y * pb.z + edges.z * pc.z) * ray.shear.z / determinant;
    let counted = max(max(t, span.x), nearest);
    // false for a t that is not a number (a determinant of zero) too
    if (t >= T_MIN && counted <= bound) {
        return TriangleHit(counted, edges.y / determinant, edges.z / determinant);
    }
    return miss;
}
