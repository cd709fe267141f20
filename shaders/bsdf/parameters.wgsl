#define_import_path skywell::bsdf::parameters

#import skywell::bsdf::albedo::{anisotropic_albedo, find_ggx_row, ggx_albedo, ggx_average_albedo, glass_albedo, sheen_albedo}
#import skywell::bsdf::bsdf::{BSDF_CLEARCOAT, BSDF_DELTA, BSDF_DIFFUSE_TRANSMISSION, BSDF_ROUGH_DIFFUSE, BSDF_SHEEN, BSDF_SOLID, BSDF_TRANSMISSION, Bsdf}
#import skywell::bsdf::eval::microfacet_fresnel
#import skywell::bsdf::fresnel::{normal_reflectance, schlick_weight}
#import skywell::bsdf::material_point::{COSINE_MIN, MaterialPoint, dielectric_reflectance}
#import skywell::bsdf::microfacet::{ALPHA_MIN, ggx_lambda}
#import skywell::bsdf::rough_diffuse::{flat_share, rough_average_loss, rough_loss}
#import skywell::bsdf::sheen::{SHEEN_COSINE_MIN, SHEEN_ROUGHNESS_MIN, charlie_lambda}
#import skywell::math::constants::{INV_PI, PI}
#import skywell::math::scalar::{max_component, sqr}
#import skywell::records::frame::FRAME_MULTISCATTER
#import skywell::records::material::{MATERIAL_ANISOTROPY, MATERIAL_CLEARCOAT, MATERIAL_DIFFUSE_ROUGHNESS, MATERIAL_DIFFUSE_TRANSMISSION, MATERIAL_IRIDESCENCE, MATERIAL_SHEEN, MATERIAL_SOLID, MATERIAL_TRANSMISSION, MATERIAL_UNLIT}
#import skywell::tables::frame

/// The layer over a rough diffuse base and the base itself know nothing of each other: what the base returns near the
/// normal, where the layer lets most out, is by up to this share (at roughness 1) more than it should be. It is taken away.
const ROUGH_GAIN: f32 = 0.0067;

/// Share of a diffuse base of roughness 1 that is drawn evenly over the hemisphere.
const ROUGH_UNIFORM: f32 = 0.4;

/// GGX reflection as seen from one direction.
struct VisibleMicrofacets {
    /// As `Bsdf::visible_scale`.
    scale: f32,
    /// As `Bsdf::masking`.
    masking: f32,
}

/// GGX as seen from local `wo`.
fn evaluate_visible_microfacets(wo: vec3<f32>, alpha_x: f32, alpha_y: f32) -> VisibleMicrofacets {
    let raised = vec3<f32>(wo.xy, max(wo.z, COSINE_MIN));
    let lambda = ggx_lambda(raised, alpha_x, alpha_y);
    let scale = 1.0 / (4.0 * PI * alpha_x * alpha_y * raised.z * (1.0 + lambda));
    let correlated = (frame.flags & FRAME_MULTISCATTER) != 0u;
    return VisibleMicrofacets(scale, select(0.0, lambda, correlated));
}

/// Average over the hemisphere, cosine-weighted, of light that left microfacets only after several bounces, each
/// losing what Fresnel reflectance `reflectance` (averaged likewise) does not return; relative to what single
/// scattering lost. `average` is the average albedo of single scattering.
/// Source: Kulla and Conty 2017; the power of the first bounce corrected after Jakob et al. 2014.
fn multiscatter_reflectance(reflectance: vec3<f32>, average: f32) -> vec3<f32> {
    return reflectance * reflectance * average / (1.0 - reflectance * (1.0 - average));
}

/// How the material of `point` scatters light towards the direction it is seen from. `eta` is the index of refraction
/// beyond the surface over that on wo's side, of use for solids only. Unlit materials scatter nothing.
fn evaluate_bsdf_parameters(point: MaterialPoint, eta: f32) -> Bsdf {
    let multiscatter = (frame.flags & FRAME_MULTISCATTER) != 0u;
    var bsdf: Bsdf;
    let cosine = max(point.view.wo.z, COSINE_MIN);

    // The metallic-roughness base.
    let alpha = max(point.roughness * point.roughness, ALPHA_MIN);
    bsdf.alpha_x = alpha;
    bsdf.alpha_y = alpha;
    if ((point.flags & MATERIAL_ANISOTROPY) != 0u) {
        bsdf.alpha_x = alpha + (1.0 - alpha) * point.anisotropy * point.anisotropy;
    }
    let visible = evaluate_visible_microfacets(point.view.wo, bsdf.alpha_x, bsdf.alpha_y);
    bsdf.visible_scale = visible.scale;
    bsdf.masking = visible.masking;

    // Albedos of single scattering.
    var albedo = vec2<f32>(1.0, schlick_weight(cosine));
    var average = vec2<f32>(1.0, 0.0);
    if (multiscatter) {
        bsdf.albedo_row = find_ggx_row(sqrt(0.5 * (sqr(bsdf.alpha_x) + sqr(bsdf.alpha_y))));
        average = ggx_average_albedo(bsdf.albedo_row);
        albedo = ggx_albedo(cosine, bsdf.albedo_row);
        if ((point.flags & MATERIAL_ANISOTROPY) != 0u && point.anisotropy > 0.0) {
            albedo = anisotropic_albedo(point.view.wo, bsdf.alpha_x, bsdf.alpha_y, point.anisotropy);
        }
    }

    // Schlick's Fresnel reflectance, film included: at normal incidence and how much it rises from there.
    let reflectance = dielectric_reflectance(point);
    var metal_normal = point.base_color;
    var metal_slope = 1.0 - point.base_color;
    var dielectric_normal = reflectance;
    var dielectric_slope = 1.0 - reflectance;
    bsdf.layer_normal = max_component(reflectance);
    bsdf.layer_slope = 1.0 - bsdf.layer_normal;
    if ((point.flags & MATERIAL_IRIDESCENCE) != 0u) {
        let film = point.iridescence;
        metal_normal = mix(metal_normal, point.film_on_metal, film);
        metal_slope *= 1.0 - film;
        dielectric_normal = mix(dielectric_normal, point.film_on_dielectric, film);
        dielectric_slope *= 1.0 - film;
        bsdf.layer_normal = mix(bsdf.layer_normal, max_component(point.film_on_dielectric), film);
        bsdf.layer_slope *= 1.0 - film;
    }
    dielectric_normal *= point.specular;
    dielectric_slope *= point.specular;
    bsdf.layer_normal *= point.specular;
    bsdf.layer_slope *= point.specular;

    let opaque = (1.0 - point.metallic) * (1.0 - point.transmission);
    bsdf.specular_normal = metal_normal * point.metallic + dielectric_normal * opaque;
    bsdf.specular_slope = metal_slope * point.metallic + dielectric_slope * opaque;
    let metal_average = metal_normal + metal_slope * (1.0 / 21.0);
    let dielectric_average = dielectric_normal + dielectric_slope * (1.0 / 21.0);

    // What single scattering leaves to the other lobes.
    if (multiscatter) {
        let metal_multiscatter = multiscatter_reflectance(metal_average, average.x);
        let dielectric_multiscatter = multiscatter_reflectance(dielectric_average, average.x);
        bsdf.layer_multiscatter = max_component(dielectric_multiscatter);
        let coefficient = INV_PI * (1.0 - albedo.x) / max(1.0 - average.x, 1e-6);
        bsdf.multiscatter = (metal_multiscatter * point.metallic + dielectric_multiscatter * opaque) * coefficient;
    }
    let lost = 1.0 - albedo.x;
    let lost_average = 1.0 - average.x;
    var diffuse_coefficient = INV_PI;
    var let_in = 1.0 - (bsdf.layer_normal * albedo.x + bsdf.layer_slope * albedo.y + bsdf.layer_multiscatter * lost);
    if (multiscatter) {
        let layer_average = bsdf.layer_normal * average.x + bsdf.layer_slope * average.y
            + bsdf.layer_multiscatter * lost_average;
        diffuse_coefficient *= max(let_in, 0.0) / max(1.0 - layer_average, 1e-6);
    }
    let_in = max(let_in, 0.0);
    bsdf.base_color = point.base_color;
    bsdf.diffuse = opaque * diffuse_coefficient;
    var weight_diffuse_transmission = 0.0;
    if ((point.flags & MATERIAL_DIFFUSE_TRANSMISSION) != 0u) {
        let share = point.diffuse_transmission;
        let color = point.diffuse_transmission_color;
        bsdf.diffuse *= 1.0 - share;
        bsdf.diffuse_transmission_color = color;
        bsdf.diffuse_transmission = opaque * diffuse_coefficient * share;
        weight_diffuse_transmission = max_component(color) * (opaque * let_in * share);
        bsdf.flags |= BSDF_DIFFUSE_TRANSMISSION;
    }

    // Lobes are chosen by their albedos towards wo.
    var weight_specular = max_component(bsdf.specular_normal * albedo.x + bsdf.specular_slope * max(albedo.y, 0.001));
    let cosine_share = let_in / max(diffuse_coefficient, 1e-6);
    let weight_multiscatter = max_component(bsdf.multiscatter) * (PI * lost_average);
    let alpha_wide = max(bsdf.alpha_x, bsdf.alpha_y);
    var weight_cosine = max_component(bsdf.base_color) * bsdf.diffuse * cosine_share + weight_multiscatter * alpha_wide;
    var weight_uniform = weight_multiscatter * (1.0 - alpha_wide);
    if ((point.flags & MATERIAL_DIFFUSE_ROUGHNESS) != 0u) {
        let rough = point.diffuse_roughness;
        let gain = select(0.0, ROUGH_GAIN * rough * point.specular, multiscatter);
        let single = flat_share(rough) * (1.0 - gain);
        let average_loss = rough_average_loss(rough);
        let returned = opaque * diffuse_coefficient * (1.0 - gain) * rough_loss(cosine, rough) / max(average_loss, 1e-6);
        let share = point.diffuse_transmission;
        bsdf.diffuse_roughness = rough;
        bsdf.diffuse *= single;
        bsdf.diffuse_transmission *= single;
        bsdf.diffuse_multiple = returned * (1.0 - share);
        bsdf.diffuse_transmission_multiple = returned * share;
        bsdf.flags |= BSDF_ROUGH_DIFFUSE;
        // What facets send back at grazing angles lies where Lambert's density is thin.
        let spread = ROUGH_UNIFORM * rough * max_component(bsdf.base_color) * bsdf.diffuse * cosine_share;
        weight_cosine -= spread;
        weight_uniform += spread;
    }

    bsdf.eta = 1.0;
    if (point.transmission > 0.0) {
        let solid = (point.flags & MATERIAL_SOLID) != 0u;
        bsdf.flags |= BSDF_TRANSMISSION | select(0u, BSDF_SOLID, solid);
        let smooth_surface = point.roughness * point.roughness < ALPHA_MIN;
        bsdf.flags |= select(0u, BSDF_DELTA, smooth_surface);
        if (solid) {
            // A rough interface between equal indices would have no half vectors.
            let clear_of_one = select(min(eta, 0.999), max(eta, 1.001), eta >= 1.0);
            bsdf.eta = select(clear_of_one, eta, smooth_surface);
        }
        let solid_reflectance = min(point.specular_color * normal_reflectance(bsdf.eta), vec3<f32>(1.0));
        bsdf.glass_normal = select(reflectance, solid_reflectance, solid);
        bsdf.glass_specular = point.specular;
        var weight = (1.0 - point.metallic) * point.transmission;
        if (multiscatter && !smooth_surface) {
            if (solid) {
                // Affine in the share of light that is reflected.
                let alpha_mean = sqrt(0.5 * (sqr(bsdf.alpha_x) + sqr(bsdf.alpha_y)));
                let scattered = glass_albedo(cosine, alpha_mean, bsdf.eta);
                weight /= max(mix(scattered.y, scattered.x, point.specular), 1e-3);
            } else {
                weight /= max(albedo.x, 1e-3);
            }
        }
        bsdf.glass = weight;
        let fresnel = microfacet_fresnel(bsdf, cosine);
        weight_specular = max_component(fresnel.reflection) + max_component(fresnel.transmission);
    }

    // Layers over the base.
    var under = 1.0;
    if ((point.flags & MATERIAL_SHEEN) != 0u) {
        let color = point.sheen_color;
        bsdf.sheen_roughness = max(point.sheen_roughness, SHEEN_ROUGHNESS_MIN);
        bsdf.sheen_lambda = charlie_lambda(max(cosine, SHEEN_COSINE_MIN), sqr(bsdf.sheen_roughness));
        bsdf.sheen_strength = max_component(color);
        let sheen_reflected = sheen_albedo(cosine, bsdf.sheen_roughness);
        // Smooth sheen reflects more than it meets at grazing angles; compensation takes the excess away.
        let excess = select(1.0, max(sheen_reflected, 1.0), multiscatter);
        bsdf.sheen = color / excess;
        under = max(1.0 - bsdf.sheen_strength * sheen_reflected / excess, 0.0);
        bsdf.sheen_base = under;
        weight_uniform = weight_uniform * under + bsdf.sheen_strength * clamp(sheen_reflected, 0.05, 1.0);
        bsdf.flags |= BSDF_SHEEN;
    }
    weight_cosine *= under;
    var weight_clearcoat = 0.0;
    if ((point.flags & MATERIAL_CLEARCOAT) != 0u) {
        bsdf.clearcoat_normal = point.clearcoat_normal;
        let cosine_coat = point.clearcoat_cosine;
        bsdf.clearcoat = point.clearcoat;
        bsdf.clearcoat_alpha = max(point.clearcoat_roughness * point.clearcoat_roughness, ALPHA_MIN);
        let wo_coat = vec3<f32>(sqrt(max(1.0 - cosine_coat * cosine_coat, 0.0)), 0.0, cosine_coat);
        let visible_coat = evaluate_visible_microfacets(wo_coat, bsdf.clearcoat_alpha, bsdf.clearcoat_alpha);
        bsdf.clearcoat_visible_scale = visible_coat.scale;
        bsdf.clearcoat_masking = visible_coat.masking;
        weight_clearcoat = bsdf.clearcoat;
        let beneath = 1.0 - bsdf.clearcoat;
        under *= beneath;
        bsdf.sheen *= beneath;
        weight_cosine *= beneath;
        weight_uniform *= beneath;
        if (multiscatter) {
            bsdf.clearcoat_row = find_ggx_row(bsdf.clearcoat_alpha);
            let coat_lost = 1.0 - ggx_albedo(cosine_coat, bsdf.clearcoat_row).x;
            let coat_average = ggx_average_albedo(bsdf.clearcoat_row).x;
            bsdf.clearcoat_multiscatter = bsdf.clearcoat * coat_lost * INV_PI / max(1.0 - coat_average, 1e-6);
            weight_cosine += bsdf.clearcoat * coat_lost * bsdf.clearcoat_alpha;
            weight_uniform += bsdf.clearcoat * coat_lost * (1.0 - bsdf.clearcoat_alpha);
        }
        bsdf.flags |= BSDF_CLEARCOAT;
    }
    weight_specular *= under;
    weight_diffuse_transmission *= under;
    bsdf.specular_normal *= under;
    bsdf.specular_slope *= under;
    bsdf.multiscatter *= under;
    bsdf.diffuse *= under;
    bsdf.diffuse_multiple *= under;
    bsdf.diffuse_transmission *= under;
    bsdf.diffuse_transmission_multiple *= under;
    bsdf.glass *= under;

    let sum = weight_specular + weight_cosine + weight_diffuse_transmission + weight_clearcoat + weight_uniform;
    let lit = (point.flags & MATERIAL_UNLIT) == 0u && sum > 0.0;
    let scale = select(0.0, 1.0 / max(sum, 1e-30), lit);
    bsdf.pick_specular = weight_specular * scale;
    bsdf.pick_cosine = weight_cosine * scale;
    bsdf.pick_diffuse_transmission = weight_diffuse_transmission * scale;
    bsdf.pick_clearcoat = weight_clearcoat * scale;
    bsdf.pick_uniform = weight_uniform * scale;
    return bsdf;
}
