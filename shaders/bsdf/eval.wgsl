#define_import_path skywell::bsdf::eval

#import skywell::bsdf::albedo::{ggx_albedo, sheen_albedo}
#import skywell::bsdf::bsdf::{BSDF_CLEARCOAT, BSDF_DELTA, BSDF_DIFFUSE_TRANSMISSION, BSDF_ROUGH_DIFFUSE, BSDF_SHEEN, BSDF_SOLID, BSDF_TRANSMISSION, Bsdf, BsdfEval}
#import skywell::bsdf::fresnel::{fresnel_dielectric, normal_reflectance, schlick_weight}
#import skywell::bsdf::material_point::View
#import skywell::bsdf::microfacet::ggx_lambda
#import skywell::bsdf::sheen::charlie_value
#import skywell::bsdf::rough_diffuse::{rough_average_loss, rough_loss, rough_multiple, rough_shape}
#import skywell::math::constants::{INV_PI, INV_TWO_PI}
#import skywell::math::scalar::{max_component, sqr}
#import skywell::records::frame::FRAME_MULTISCATTER
#import skywell::tables::frame

/// What microfacets do with light that meets them at one angle.
struct MicrofacetFresnel {
    /// Weight of reflection.
    reflection: vec3<f32>,
    /// Probability of choosing reflection.
    pick_reflection: f32,
    /// Weight of transmission.
    transmission: vec3<f32>,
}

/// Reflection and transmission of the specular lobe at `cosine` in [0, 1] from a microfacet.
fn microfacet_fresnel(bsdf: Bsdf, cosine: f32) -> MicrofacetFresnel {
    let schlick = schlick_weight(cosine);
    var result: MicrofacetFresnel;
    result.reflection = bsdf.specular_normal + bsdf.specular_slope * schlick;
    result.pick_reflection = 1.0;
    result.transmission = vec3<f32>(0.0);
    if ((bsdf.flags & BSDF_TRANSMISSION) != 0u) {
        // How far the reflectance is between that at normal incidence and 1: exactly for solids, after Schlick for
        // thin walls, as their specification says.
        var rise = schlick;
        var weight = bsdf.glass_specular;
        if ((bsdf.flags & BSDF_SOLID) != 0u) {
            let exact = fresnel_dielectric(cosine, bsdf.eta);
            let normal = normal_reflectance(bsdf.eta);
            rise = (exact - normal) / (1.0 - normal);
            weight = select(weight, 1.0, exact >= 1.0);
        }
        let reflectance = max(bsdf.glass_normal + (1.0 - bsdf.glass_normal) * rise, vec3<f32>(0.0)) * weight;
        result.reflection += reflectance * bsdf.glass;
        result.transmission = bsdf.base_color * bsdf.glass * max(1.0 - max_component(reflectance), 0.0);
        let reflected = max_component(result.reflection);
        let transmitted = max_component(result.transmission);
        result.pick_reflection = select(reflected / (reflected + transmitted), 1.0, transmitted <= 0.0);
    }
    return result;
}

/// Density, per solid angle of reflected directions, of choosing the microfacet normal `h`.
fn pdf_reflected_normal(bsdf: Bsdf, h: vec3<f32>) -> f32 {
    let stretched = sqr(h.x / bsdf.alpha_x) + sqr(h.y / bsdf.alpha_y) + h.z * h.z;
    return bsdf.visible_scale / (stretched * stretched);
}

/// Share of the light along `wi` that is not shadowed, given that wo sees the microfacet.
fn shadowing(bsdf: Bsdf, wi: vec3<f32>) -> f32 {
    return (1.0 + bsdf.masking) / (1.0 + bsdf.masking + ggx_lambda(wi, bsdf.alpha_x, bsdf.alpha_y));
}

/// x: what the layer over the diffuse base lets in from a direction at `cosine` of the normal and `schlick` =
/// (1 − cosine to the half vector)⁵; y: what single scattering loses there.
fn layer_transmittance(bsdf: Bsdf, cosine: f32, schlick: f32) -> vec2<f32> {
    var albedo = vec2<f32>(1.0, schlick);
    if ((frame.flags & FRAME_MULTISCATTER) != 0u) {
        albedo = ggx_albedo(cosine, bsdf.albedo_row);
    }
    let lost = 1.0 - albedo.x;
    let reflected = bsdf.layer_normal * albedo.x + bsdf.layer_slope * albedo.y + bsdf.layer_multiscatter * lost;
    return vec2<f32>(max(1.0 - reflected, 0.0), lost);
}

/// Value over cosine of a rough diffuse base of `color` and `roughness` between `wo` and `wi`, both above it. `single`
/// and `multiple` are as `Bsdf::diffuse` and `Bsdf::diffuse_multiple`.
fn rough_diffuse(color: vec3<f32>, roughness: f32, single: f32, multiple: f32, wo: vec3<f32>, wi: vec3<f32>) -> vec3<f32> {
    let once = single * rough_shape(wo, wi, roughness);
    let often = multiple * rough_loss(wi.z, roughness);
    return color * once + rough_multiple(color, rough_average_loss(roughness)) * often;
}

/// The clearcoat alone, by its own normal.
fn eval_clearcoat(bsdf: Bsdf, wo: vec3<f32>, wi: vec3<f32>, h: vec3<f32>) -> BsdfEval {
    let normal = bsdf.clearcoat_normal;
    let cosine = dot(normal, wi);
    if (cosine <= 0.0) {
        return BsdfEval(vec3<f32>(0.0), 0.0);
    }
    let alpha = bsdf.clearcoat_alpha;
    let cosine_h = dot(normal, h);
    let tilt = cross(normal, h);
    let stretched = dot(tilt, tilt) / (alpha * alpha) + cosine_h * cosine_h;
    let density = bsdf.clearcoat_visible_scale / (stretched * stretched);
    let lambda = ggx_lambda(vec3<f32>(safe_sine(cosine), 0.0, cosine), alpha, alpha);
    var value = density * (1.0 + bsdf.clearcoat_masking) / (1.0 + bsdf.clearcoat_masking + lambda) * bsdf.clearcoat;
    if ((frame.flags & FRAME_MULTISCATTER) != 0u && wi.z > 0.0) {
        value += bsdf.clearcoat_multiscatter * (1.0 - ggx_albedo(cosine, bsdf.clearcoat_row).x) * cosine;
    }
    return BsdfEval(vec3<f32>(value), bsdf.pick_clearcoat * density);
}

/// Sine of the angle with cosine `cosine`.
fn safe_sine(cosine: f32) -> f32 {
    return sqrt(max(1.0 - cosine * cosine, 0.0));
}

/// Reflection into `wi`, above the geometric surface.
fn eval_reflection(bsdf: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> BsdfEval {
    let h = normalize(wo + wi);
    let cosine_h = saturate(dot(wo, h));
    var result = BsdfEval(vec3<f32>(0.0), 0.0);
    if (wi.z > 0.0) {
        let layer = layer_transmittance(bsdf, wi.z, schlick_weight(cosine_h));
        var diffuse = bsdf.base_color * bsdf.diffuse;
        if ((bsdf.flags & BSDF_ROUGH_DIFFUSE) != 0u) {
            diffuse = rough_diffuse(bsdf.base_color, bsdf.diffuse_roughness, bsdf.diffuse, bsdf.diffuse_multiple, wo, wi);
        }
        result.f = (bsdf.multiscatter * layer.y + diffuse * layer.x) * wi.z;
        result.pdf = bsdf.pick_cosine * INV_PI * wi.z + bsdf.pick_uniform * INV_TWO_PI;
        if ((bsdf.flags & BSDF_DELTA) == 0u) {
            let fresnel = microfacet_fresnel(bsdf, cosine_h);
            let density = pdf_reflected_normal(bsdf, h);
            result.f += fresnel.reflection * (density * shadowing(bsdf, wi));
            result.pdf += bsdf.pick_specular * fresnel.pick_reflection * density;
        }
        if ((bsdf.flags & BSDF_SHEEN) != 0u) {
            if ((frame.flags & FRAME_MULTISCATTER) == 0u) {
                // The lesser of what the sheen leaves from wo and from wi.
                let base = max(1.0 - bsdf.sheen_strength * sheen_albedo(wi.z, bsdf.sheen_roughness), 0.0);
                result.f *= min(base / max(bsdf.sheen_base, 1e-6), 1.0);
            }
            result.f += bsdf.sheen * charlie_value(wo.z, bsdf.sheen_lambda, wi.z, h.z, sqr(bsdf.sheen_roughness));
        }
    }
    if ((bsdf.flags & BSDF_CLEARCOAT) != 0u) {
        let coat = eval_clearcoat(bsdf, wo, wi, h);
        result.f += coat.f;
        result.pdf += coat.pdf;
    }
    return result;
}

/// Transmission into `wi`, below both the shading and the geometric surface.
fn eval_transmission(bsdf: Bsdf, wo: vec3<f32>, wi: vec3<f32>) -> BsdfEval {
    let mirrored = vec3<f32>(wi.xy, -wi.z);
    var result = BsdfEval(vec3<f32>(0.0), 0.0);
    if ((bsdf.flags & BSDF_DIFFUSE_TRANSMISSION) != 0u) {
        let h = normalize(wo + mirrored);
        let layer = layer_transmittance(bsdf, mirrored.z, schlick_weight(saturate(dot(wo, h))));
        let color = bsdf.diffuse_transmission_color;
        let single = bsdf.diffuse_transmission;
        var diffuse = color * single;
        if ((bsdf.flags & BSDF_ROUGH_DIFFUSE) != 0u) {
            let multiple = bsdf.diffuse_transmission_multiple;
            diffuse = rough_diffuse(color, bsdf.diffuse_roughness, single, multiple, wo, mirrored);
        }
        result.f = diffuse * (layer.x * mirrored.z);
        result.pdf = bsdf.pick_diffuse_transmission * INV_PI * mirrored.z;
    }
    if ((bsdf.flags & (BSDF_TRANSMISSION | BSDF_DELTA)) == BSDF_TRANSMISSION) {
        let solid = (bsdf.flags & BSDF_SOLID) != 0u;
        let sum = wo + select(mirrored, wi * bsdf.eta, solid);
        let upright = select(sum, -sum, sum.z < 0.0);
        let h = upright * (1.0 / max(length(upright), 1e-20));
        let cosine_o = dot(wo, h);
        let cosine_i = dot(wi, h);
        if (cosine_o > 0.0 && (cosine_i < 0.0 || !solid)) {
            // From the density of normals: as for reflection where the wall is thin, through Snell's law (Walter
            // et al. 2007, "Microfacet Models for Refraction through Rough Surfaces", eq. 17) where it is not.
            let refracted = 4.0 * cosine_o * abs(cosine_i) * sqr(bsdf.eta / (cosine_o + bsdf.eta * cosine_i));
            let density = pdf_reflected_normal(bsdf, h) * select(1.0, refracted, solid);
            let fresnel = microfacet_fresnel(bsdf, cosine_o);
            let value = density * shadowing(bsdf, wi) / (bsdf.eta * bsdf.eta);
            result.f += fresnel.transmission * value;
            result.pdf += bsdf.pick_specular * (1.0 - fresnel.pick_reflection) * density;
        }
    }
    return result;
}

/// Value and density of scattering towards `view` from local `wi`; delta lobes have neither.
fn eval_bsdf(bsdf: Bsdf, view: View, wi: vec3<f32>) -> BsdfEval {
    let side = dot(view.geometric_normal, wi);
    var result = BsdfEval(vec3<f32>(0.0), 0.0);
    if (side > 0.0) {
        result = eval_reflection(bsdf, view.wo, wi);
    } else if ((bsdf.flags & (BSDF_TRANSMISSION | BSDF_DIFFUSE_TRANSMISSION)) != 0u && side < 0.0 && wi.z < 0.0) {
        result = eval_transmission(bsdf, view.wo, wi);
    }
    return result;
}
