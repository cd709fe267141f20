#define_import_path skywell::bsdf::emission

#import skywell::bsdf::material_point::{evaluate_base_color, evaluate_clearcoat_normal, evaluate_clearcoat_weight, sample_optional}
#import skywell::geometry::interaction::SurfaceInteraction
#import skywell::records::material::{MATERIAL_ALPHA_MASK, MATERIAL_CLEARCOAT, MATERIAL_DOUBLE_SIDED, MATERIAL_EMISSIVE, MATERIAL_NON_OPAQUE, MATERIAL_UNLIT, Material}
#import skywell::tables::load_material_layers

/// Radiance that `material` emits at `surface` towards `wo` (world, unit), linear Rec.709. An unlit material emits its
/// base colour; a clearcoat dims what shines through it. Single-sided materials are dark behind.
fn eval_emission(material: Material, surface: SurfaceInteraction, wo: vec3<f32>) -> vec3<f32> {
    var radiance = vec3<f32>(0.0);
    if ((material.flags & MATERIAL_UNLIT) != 0u) {
        radiance = evaluate_base_color(material, surface).xyz;
    } else if ((material.flags & MATERIAL_EMISSIVE) != 0u && (surface.front_facing || (material.flags & MATERIAL_DOUBLE_SIDED) != 0u)) {
        radiance = material.emissive * sample_optional(material.emissive_texture, surface).xyz;
        if ((material.flags & MATERIAL_CLEARCOAT) != 0u) {
            let layers = load_material_layers(material.layers);
            let normal = evaluate_clearcoat_normal(layers, surface, wo);
            radiance *= 1.0 - evaluate_clearcoat_weight(layers, surface, max(dot(normal, wo), 0.0));
        }
    }
    return radiance;
}

/// Probability that `material` is there at all at `surface`: 1 for opaque ones, 0 or 1 for masks.
fn eval_alpha(material: Material, surface: SurfaceInteraction) -> f32 {
    var alpha = 1.0;
    if ((material.flags & MATERIAL_NON_OPAQUE) != 0u) {
        alpha = evaluate_base_color(material, surface).w;
        let there = select(0.0, 1.0, alpha >= material.alpha_cutoff);
        alpha = select(saturate(alpha), there, (material.flags & MATERIAL_ALPHA_MASK) != 0u);
    }
    return alpha;
}
