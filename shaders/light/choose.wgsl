#define_import_path skywell::light::choose

#import skywell::math::constants::ONE_MINUS_EPSILON
#import skywell::math::scalar::safe_sqrt
#import skywell::records::light::{LIGHT_NODE_INDEX, LIGHT_NODE_LEAF, LIGHT_NODE_ONE_SIDED, LIGHT_TRAIL_NONE, Light, LightNode}
#import skywell::tables::{frame, load_light_bin, load_light_node}

// Which light to sample: first "one that is infinitely far, or one that is somewhere", by the irradiance expected from
// each kind, then among the far ones by an alias table, among the others by descending a tree of bounding spheres and
// cones. Every step weighs what a light may contribute at the point; no light that can is ever left out.
// Source: Conty Estevez and Kulla 2018, "Importance Sampling of Many Lights with Adaptive Tree Splitting"; pbrt 4e,
// §12.6.3. Departs: spheres instead of boxes, intensity instead of flux, and no extra splitting.

/// A chosen light.
struct LightChoice {
    /// Index in the light table.
    index: u32,
    /// Probability of the choice; 0: there is none.
    pmf: f32,
}

/// Estimate of the irradiance, W/m², that the lights of `node` cause at world point `p` with unit normal `n`, or with no
/// particular normal if `n` is zero; 0 only if it is 0.
///
/// Cosines of angles widened by the half angle φ under which the sphere is seen are bounded by cos + sin φ, which is
/// above 0 wherever they are and needs no further roots. From within the sphere φ is taken to be a right angle.
fn light_node_importance(node: LightNode, p: vec3<f32>, n: vec3<f32>) -> f32 {
    let offset = node.center - p;
    let inverse = 1.0 / sqrt(max(max(dot(offset, offset), node.radius * node.radius), 1e-30));
    let sin_sphere = node.radius * inverse;

    // The angle between the lights' axis and the way to the point, as far as it is beyond their cone.
    let cos_signed = -dot(node.axis, offset) * inverse;
    let one_sided = (node.child & LIGHT_NODE_ONE_SIDED) != 0u;
    let cos_axis = select(abs(cos_signed), cos_signed, one_sided);
    let sin_axis = safe_sqrt(1.0 - cos_axis * cos_axis);
    let cos_beyond = select(cos_axis * node.cos_cone + sin_axis * node.sin_cone, 1.0, cos_axis >= node.cos_cone);
    let lit = cos_beyond + sin_sphere > node.cos_falloff * (1.0 - sin_sphere);
    let emitted = select(0.0, min(cos_beyond + sin_sphere, 1.0), lit);

    let cos_incident = dot(n, offset) * inverse + select(0.0, 1.0, dot(n, n) == 0.0);
    let received = clamp(cos_incident + sin_sphere, 0.0, 1.0);
    return node.intensity * emitted * received * inverse * inverse;
}

/// Probability at `p` and `n` of choosing among the lights that are somewhere, not infinitely far.
fn local_lights_probability(p: vec3<f32>, n: vec3<f32>) -> f32 {
    var local = 0.0;
    if (frame.light_node_count > 0u) {
        local = light_node_importance(load_light_node(0u), p, n);
    }
    let total = local + frame.distant_irradiance;
    return select(local / max(total, 1e-37), 0.0, total <= 0.0);
}

/// A light for world point `p` with unit normal `n` (zero where light may come from all around), from uniform `uc` in
/// [0, 1).
fn choose_light(p: vec3<f32>, n: vec3<f32>, uc: f32) -> LightChoice {
    let local = local_lights_probability(p, n);
    if (uc < local) {
        return choose_local_light(p, n, min(uc / local, ONE_MINUS_EPSILON), local);
    }
    if (frame.distant_count == 0u) {
        return LightChoice(0u, 0.0);
    }
    let rest = clamp((uc - local) / max(1.0 - local, 1e-30), 0.0, ONE_MINUS_EPSILON);
    let scaled = rest * f32(i32(frame.distant_count));
    let bin = min(u32(i32(scaled)), frame.distant_count - 1u);
    let entry = load_light_bin(bin);
    let own = scaled - f32(i32(bin)) < entry.q;
    return LightChoice(select(entry.alias_index, bin, own), (1.0 - local) * select(entry.alias_pmf, entry.own_pmf, own));
}

/// A light of the tree, which was itself chosen with probability `pmf`.
fn choose_local_light(p: vec3<f32>, n: vec3<f32>, u: f32, pmf: f32) -> LightChoice {
    var rest = u;
    var result = LightChoice(0u, pmf);
    var child = load_light_node(0u).child;
    for (var depth = 0u; depth < 32u; depth++) {
        if ((child & LIGHT_NODE_LEAF) != 0u || result.pmf == 0.0) {
            break;
        }
        let first = load_light_node(child & LIGHT_NODE_INDEX);
        let second = load_light_node((child & LIGHT_NODE_INDEX) + 1u);
        let a = light_node_importance(first, p, n);
        let b = light_node_importance(second, p, n);
        let share = a / max(a + b, 1e-37);
        let take_first = rest < share;
        let chance = select(1.0 - share, share, take_first);
        rest = clamp(select(rest - share, rest, take_first) / max(chance, 1e-30), 0.0, ONE_MINUS_EPSILON);
        child = select(second.child, first.child, take_first);
        result.pmf = select(result.pmf * chance, 0.0, a + b <= 0.0);
    }
    result.index = child & LIGHT_NODE_INDEX;
    return result;
}

/// Probability with which `choose_light` chooses the point, spot or triangle light whose `Light::trail` is given.
fn pmf_local_light(p: vec3<f32>, n: vec3<f32>, trail: u32) -> f32 {
    if (trail == LIGHT_TRAIL_NONE) {
        return 0.0;
    }
    var pmf = local_lights_probability(p, n);
    var steps = trail;
    var child = load_light_node(0u).child;
    for (var depth = 0u; depth < 32u; depth++) {
        if ((child & LIGHT_NODE_LEAF) != 0u || pmf == 0.0) {
            break;
        }
        let first = load_light_node(child & LIGHT_NODE_INDEX);
        let second = load_light_node((child & LIGHT_NODE_INDEX) + 1u);
        let a = light_node_importance(first, p, n);
        let b = light_node_importance(second, p, n);
        let share = a / max(a + b, 1e-37);
        let take_second = (steps & 1u) != 0u;
        child = select(first.child, second.child, take_second);
        pmf = select(pmf * select(share, 1.0 - share, take_second), 0.0, a + b <= 0.0);
        steps = steps >> 1u;
    }
    return pmf;
}

/// Probability with which `choose_light` chooses a light that is infinitely far and has `Light::pmf` `pmf`.
fn pmf_distant_light(p: vec3<f32>, n: vec3<f32>, pmf: f32) -> f32 {
    return (1.0 - local_lights_probability(p, n)) * pmf;
}
