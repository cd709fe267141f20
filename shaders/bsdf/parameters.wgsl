#define_import_path skywell::bsdf::parameters

#import skywell::bsdf::albedo::{AlbedoRow, anisotropic_albedo, find_ggx_row, ggx_albedo, ggx_average_albedo, glass_albedo, sheen_albedo}
#import skywell::bsdf::bsdf::{BSDF_CLEARCOAT, BSDF_DELTA, BSDF_DIFFUSE_TRANSMISSION, BSDF_SHEEN, BSDF_SOLID, BSDF_TRANSMISSION, Bsdf}
#import skywell::bsdf::eval::microfacet_fresnel
#import skywell::bsdf::fresnel::{normal_reflectance, schlick_weight}
#import skywell::bsdf::microfacet::{ALPHA_MIN, ggx_lambda}
#import skywell::bsdf::shading_frame::{consistent_normal, mapped_normal, sample_surface_texture, turn_basis}
#import skywell::bsdf::sheen::{SHEEN_COSINE_MIN, SHEEN_ROUGHNESS_MIN, charlie_lambda}
#import skywell::bsdf::thin_film::film_reflectance
#import skywell::geometry::interaction::SurfaceInteraction
#import skywell::math::basis::{Basis, to_local}
#import skywell::math::constants::{INV_PI, PI}
#import skywell::math::scalar::{max_component, sqr}
#import skywell::records::frame::FRAME_MULTISCATTER
#import skywell::records::material::{MATERIAL_ANISOTROPY, MATERIAL_CLEARCOAT, MATERIAL_DIFFUSE_TRANSMISSION, MATERIAL_IRIDESCENCE, MATERIAL_SHEEN, MATERIAL_SOLID, MATERIAL_SPECULAR_GLOSSINESS, MATERIAL_TRANSMISSION, MATERIAL_UNLIT, Material, MaterialLayers}
#import skywell::records::path::INVALID
#import skywell::tables::{frame, load_material_layers}

/// Index of refraction of every clearcoat (KHR_materials_clearcoat).
const CLEARCOAT_IOR: f32 = 1.5;
/// Its reflectance at normal incidence.
const CLEARCOAT_REFLECTANCE: f32 = 0.04;
/// Cosines of wo below this are taken for this.
const COSINE_MIN: f32 = 1e-6;

/// Texture slot `slot` at `surface`, or ones where there is none.
fn sample_optional(slot: u32, surface: SurfaceInteraction) -> vec4<f32> {
    var texel = vec4<f32>(1.0);
    if (slot != INVALID) {
        texel = sample_surface_texture(slot, surface);
    }
    return texel;
}

/// Linear base colour and alpha of `material` at `surface`.
fn evaluate_base_color(material: Material, surface: SurfaceInteraction) -> vec4<f32> {
    let authored = vec4<f32>(material.base_color, material.base_alpha) * surface.color;
    return authored * sample_optional(material.base_color_texture, surface);
}

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

/// The shading frame of `material` at `surface`, seen from `wo` (world).
fn evaluate_shading_basis(material: Material, surface: SurfaceInteraction, wo: vec3<f32>) -> Basis {
    var normal = surface.basis.z;
    if (material.normal_texture != INVALID) {
        normal = mapped_normal(material.normal_texture, material.normal_scale, surface);
    }
    normal = consistent_normal(normal, surface.n, wo);
    var basis = surface.basis;
    if (any(normal != basis.z)) {
        basis = turn_basis(basis, normal);
    }
    return basis;
}

/// How `material` scatters light at `surface` towards `wo` (world, unit). `eta` is the index of refraction beyond
/// the surface over that on wo's side, of use for solids only. Unlit materials scatter nothing.
fn evaluate_bsdf_parameters(material: Material, surface: SurfaceInteraction, wo: vec3<f32>, eta: f32) -> Bsdf {
    let multiscatter = (frame.flags & FRAME_MULTISCATTER) != 0u;
    var bsdf: Bsdf;
    bsdf.basis = evaluate_shading_basis(material, surface, wo);

    // The metallic-roughness base.
    var base_color = evaluate_base_color(material, surface).xyz;
    let metallic_roughness = sample_optional(material.metallic_roughness_texture, surface);
    let metallic = material.metallic * metallic_roughness.z;
    var roughness = material.roughness * metallic_roughness.y;
    let specular = material.specular * sample_optional(material.specular_texture, surface).w;
    let specular_texel = sample_optional(material.specular_color_texture, surface);
    let specular_color = material.specular_color * specular_texel.xyz;
    if ((material.flags & MATERIAL_SPECULAR_GLOSSINESS) != 0u) {
        roughness = 1.0 - material.roughness * specular_texel.w;
        base_color *= max(1.0 - max_component(specular_color), 0.0);
    }
    let dielectric_reflectance = min(specular_color * material.dielectric_reflectance, vec3<f32>(1.0));
    let alpha = max(roughness * roughness, ALPHA_MIN);
    bsdf.alpha_x = alpha;
    bsdf.alpha_y = alpha;

    var anisotropy = 0.0;
    if ((material.flags & MATERIAL_ANISOTROPY) != 0u) {
        let layers = load_material_layers(material.layers);
        var direction = vec2<f32>(layers.anisotropy_cos, layers.anisotropy_sin);
        anisotropy = layers.anisotropy;
        if (layers.anisotropy_texture != INVALID) {
            let texel = sample_surface_texture(layers.anisotropy_texture, surface);
            let raw = texel.xy * 2.0 - 1.0;
            let mapped = raw * (1.0 / max(length(raw), 1e-6));
            direction = vec2<f32>(
                mapped.x * direction.x - mapped.y * direction.y,
                mapped.x * direction.y + mapped.y * direction.x,
            );
            anisotropy *= texel.z;
        }
        bsdf.alpha_x = alpha + (1.0 - alpha) * anisotropy * anisotropy;
        let tangent = bsdf.basis.x * direction.x + bsdf.basis.y * direction.y;
        bsdf.basis.y = bsdf.basis.y * direction.x - bsdf.basis.x * direction.y;
        bsdf.basis.x = tangent;
    }

    let wo_local = to_local(bsdf.basis, wo);
    let cosine = max(wo_local.z, COSINE_MIN);
    bsdf.geometric_normal = to_local(bsdf.basis, surface.n);
    let visible = evaluate_visible_microfacets(wo_local, bsdf.alpha_x, bsdf.alpha_y);
    bsdf.visible_scale = visible.scale;
    bsdf.masking = visible.masking;

    // Schlick's Fresnel reflectance of metal and dielectric, film included.
    var film = 0.0;
    var metal_normal = base_color;
    var metal_slope = 1.0 - base_color;
    var dielectric_normal = dielectric_reflectance;
    var dielectric_slope = 1.0 - dielectric_reflectance;
    var layer_normal = max_component(dielectric_reflectance);
    var layer_slope = 1.0 - layer_normal;
    if ((material.flags & MATERIAL_IRIDESCENCE) != 0u) {
        let layers = load_material_layers(material.layers);
        film = layers.iridescence * sample_optional(layers.iridescence_texture, surface).x;
        let share = sample_optional(layers.iridescence_thickness_texture, surface).y;
        let thickness = mix(layers.iridescence_thickness_min, layers.iridescence_thickness_max, share);
        let outside = mix(1.0, CLEARCOAT_IOR, layers.clearcoat);
        // Departs from the extension, which asks for the angle at the half vector: at wo's own angle the film's
        // albedo is known, and so what it leaves to the base.
        let on_metal = film_reflectance(cosine, outside, layers.iridescence_ior, thickness, base_color);
        let on_dielectric = film_reflectance(cosine, outside, layers.iridescence_ior, thickness, dielectric_reflectance);
        metal_normal = mix(metal_normal, on_metal, film);
        metal_slope *= 1.0 - film;
        dielectric_normal = mix(dielectric_normal, on_dielectric, film);
        dielectric_slope *= 1.0 - film;
        layer_normal = mix(layer_normal, max_component(on_dielectric), film);
        layer_slope *= 1.0 - film;
    }
    dielectric_normal *= specular;
    dielectric_slope *= specular;
    bsdf.layer_normal = layer_normal * specular;
    bsdf.layer_slope = layer_slope * specular;

    // What the dielectric is made of beneath its reflection.
    var transmission = 0.0;
    if ((material.flags & MATERIAL_TRANSMISSION) != 0u) {
        let layers = load_material_layers(material.layers);
        transmission = layers.transmission * sample_optional(layers.transmission_texture, surface).x;
    }
    let opaque = (1.0 - metallic) * (1.0 - transmission);
    bsdf.specular_normal = metal_normal * metallic + dielectric_normal * opaque;
    bsdf.specular_slope = metal_slope * metallic + dielectric_slope * opaque;

    // Albedos of single scattering and what they leave to the other lobes.
    var albedo = vec2<f32>(1.0, schlick_weight(cosine));
    var average = vec2<f32>(1.0, 0.0);
    if (multiscatter) {
        bsdf.albedo_row = find_ggx_row(sqrt(0.5 * (sqr(bsdf.alpha_x) + sqr(bsdf.alpha_y))));
        average = ggx_average_albedo(bsdf.albedo_row);
        albedo = ggx_albedo(cosine, bsdf.albedo_row);
        if ((material.flags & MATERIAL_ANISOTROPY) != 0u && anisotropy > 0.0) {
            albedo = anisotropic_albedo(wo_local, bsdf.alpha_x, bsdf.alpha_y, anisotropy);
        }
        let metal_average = metal_normal + metal_slope * (1.0 / 21.0);
        let dielectric_average = dielectric_normal + dielectric_slope * (1.0 / 21.0);
        let metal_multiscatter = multiscatter_reflectance(metal_average, average.x);
        let dielectric_multiscatter = multiscatter_reflectance(dielectric_average, average.x);
        bsdf.layer_multiscatter = max_component(dielectric_multiscatter);
        let coefficient = INV_PI * (1.0 - albedo.x) / max(1.0 - average.x, 1e-6);
        bsdf.multiscatter = (metal_multiscatter * metallic + dielectric_multiscatter * opaque) * coefficient;
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
    bsdf.diffuse = base_color * (opaque * diffuse_coefficient);
    var weight_diffuse_transmission = 0.0;
    if ((material.flags & MATERIAL_DIFFUSE_TRANSMISSION) != 0u) {
        let layers = load_material_layers(material.layers);
        let share = layers.diffuse_transmission * sample_optional(layers.diffuse_transmission_texture, surface).w;
        let color = layers.diffuse_transmission_color * sample_optional(layers.diffuse_transmission_color_texture, surface).xyz;
        bsdf.diffuse *= 1.0 - share;
        bsdf.diffuse_transmission = color * (opaque * diffuse_coefficient * share);
        weight_diffuse_transmission = max_component(color) * (opaque * let_in * share);
        bsdf.flags |= BSDF_DIFFUSE_TRANSMISSION;
    }

    // Lobes are chosen by their albedos towards wo.
    var weight_specular = max_component(bsdf.specular_normal * albedo.x + bsdf.specular_slope * max(albedo.y, 0.001));
    let cosine_share = let_in / max(diffuse_coefficient, 1e-6);
    let weight_multiscatter = max_component(bsdf.multiscatter) * (PI * lost_average);
    let alpha_wide = max(bsdf.alpha_x, bsdf.alpha_y);
    var weight_cosine = max_component(bsdf.diffuse) * cosine_share + weight_multiscatter * alpha_wide;
    var weight_uniform = weight_multiscatter * (1.0 - alpha_wide);

    bsdf.eta = 1.0;
    if (transmission > 0.0) {
        let solid = (material.flags & MATERIAL_SOLID) != 0u;
        bsdf.flags |= BSDF_TRANSMISSION | select(0u, BSDF_SOLID, solid);
        let smooth_surface = roughness * roughness < ALPHA_MIN;
        bsdf.flags |= select(0u, BSDF_DELTA, smooth_surface);
        if (solid) {
            // A rough interface between equal indices would have no half vectors.
            let clear_of_one = select(min(eta, 0.999), max(eta, 1.001), eta >= 1.0);
            bsdf.eta = select(clear_of_one, eta, smooth_surface);
        }
        let solid_reflectance = min(specular_color * normal_reflectance(bsdf.eta), vec3<f32>(1.0));
        bsdf.glass_normal = select(dielectric_reflectance, solid_reflectance, solid);
        bsdf.glass_specular = specular;
        var weight = (1.0 - metallic) * transmission;
        if (multiscatter && !smooth_surface) {
            if (solid) {
                // Affine in the share of light that is reflected.
                let alpha_mean = sqrt(0.5 * (sqr(bsdf.alpha_x) + sqr(bsdf.alpha_y)));
                let scattered = glass_albedo(cosine, alpha_mean, bsdf.eta);
                weight /= max(mix(scattered.y, scattered.x, specular), 1e-3);
            } else {
                weight /= max(albedo.x, 1e-3);
            }
        }
        bsdf.glass = weight;
        bsdf.transmission = base_color * weight;
        let fresnel = microfacet_fresnel(bsdf, cosine);
        weight_specular = max_component(fresnel.reflection) + max_component(fresnel.transmission);
    }

    // Layers over the base.
    var under = 1.0;
    if ((material.flags & MATERIAL_SHEEN) != 0u) {
        let layers = load_material_layers(material.layers);
        let color = layers.sheen_color * sample_optional(layers.sheen_color_texture, surface).xyz;
        let sheen_roughness = layers.sheen_roughness * sample_optional(layers.sheen_roughness_texture, surface).w;
        bsdf.sheen_roughness = max(sheen_roughness, SHEEN_ROUGHNESS_MIN);
        bsdf.sheen_alpha = bsdf.sheen_roughness * bsdf.sheen_roughness;
        bsdf.sheen_lambda = charlie_lambda(max(cosine, SHEEN_COSINE_MIN), bsdf.sheen_alpha);
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
    if ((material.flags & MATERIAL_CLEARCOAT) != 0u) {
        let layers = load_material_layers(material.layers);
        let normal = evaluate_clearcoat_normal(layers, surface, wo);
        bsdf.clearcoat_normal = to_local(bsdf.basis, normal);
        let cosine_coat = max(dot(normal, wo), COSINE_MIN);
        bsdf.clearcoat = evaluate_clearcoat_weight(layers, surface, cosine_coat);
        let coat_roughness = layers.clearcoat_roughness * sample_optional(layers.clearcoat_roughness_texture, surface).y;
        bsdf.clearcoat_alpha = max(coat_roughness * coat_roughness, ALPHA_MIN);
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
    bsdf.diffuse_transmission *= under;
    bsdf.glass *= under;
    bsdf.transmission *= under;

    let sum = weight_specular + weight_cosine + weight_diffuse_transmission + weight_clearcoat + weight_uniform;
    let lit = (material.flags & MATERIAL_UNLIT) == 0u && sum > 0.0;
    let scale = select(0.0, 1.0 / max(sum, 1e-30), lit);
    bsdf.pick_specular = weight_specular * scale;
    bsdf.pick_cosine = weight_cosine * scale;
    bsdf.pick_diffuse_transmission = weight_diffuse_transmission * scale;
    bsdf.pick_clearcoat = weight_clearcoat * scale;
    bsdf.pick_uniform = weight_uniform * scale;
    return bsdf;
}

/// World normal of the clearcoat, seen from `wo`.
fn evaluate_clearcoat_normal(layers: MaterialLayers, surface: SurfaceInteraction, wo: vec3<f32>) -> vec3<f32> {
    var normal = surface.basis.z;
    if (layers.clearcoat_normal_texture != INVALID) {
        normal = mapped_normal(layers.clearcoat_normal_texture, layers.clearcoat_normal_scale, surface);
    }
    return consistent_normal(normal, surface.n, wo);
}

/// What the clearcoat reflects of all light, at `cosine` between its normal and wo.
fn evaluate_clearcoat_weight(layers: MaterialLayers, surface: SurfaceInteraction, cosine: f32) -> f32 {
    let clearcoat = layers.clearcoat * sample_optional(layers.clearcoat_texture, surface).x;
    return clearcoat * (CLEARCOAT_REFLECTANCE + (1.0 - CLEARCOAT_REFLECTANCE) * schlick_weight(cosine));
}
