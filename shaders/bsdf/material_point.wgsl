#define_import_path skywell::bsdf::material_point

#import skywell::bsdf::fresnel::schlick_weight
#import skywell::bsdf::shading_frame::{consistent_normal, mapped_normal, sample_surface_texture, turn_basis}
#import skywell::bsdf::thin_film::film_reflectance
#import skywell::geometry::interaction::SurfaceInteraction
#import skywell::math::basis::{Basis, to_local}
#import skywell::math::scalar::max_component
#import skywell::records::material::{MATERIAL_ANISOTROPY, MATERIAL_CLEARCOAT, MATERIAL_DIFFUSE_ROUGHNESS, MATERIAL_DIFFUSE_TRANSMISSION, MATERIAL_IRIDESCENCE, MATERIAL_SHEEN, MATERIAL_SPECULAR_GLOSSINESS, MATERIAL_TRANSMISSION, Material, MaterialLayers}
#import skywell::records::path::INVALID
#import skywell::tables::load_material_layers

// A material at one point of a surface: every texture looked up, every factor multiplied in. All textures are read
// before any lobe is worked out, while little else is at hand: looking up takes registers, and lobes take more.

/// Index of refraction of every clearcoat (KHR_materials_clearcoat).
const CLEARCOAT_IOR: f32 = 1.5;
/// Its reflectance at normal incidence.
const CLEARCOAT_REFLECTANCE: f32 = 0.04;
/// Cosines of wo below this are taken for this.
const COSINE_MIN: f32 = 1e-6;

/// From where a point is seen, in its shading frame.
struct View {
    /// Unit, leaves the surface.
    wo: vec3<f32>,
    /// Geometric normal, unit, on wo's side. Reflection stays above it, transmission below.
    geometric_normal: vec3<f32>,
}

/// A material at one point, seen from one `wo`. Layers that `flags` do not name hold zeros.
struct MaterialPoint {
    /// The shading frame, world: about the mapped normal, x along the direction of anisotropy.
    basis: Basis,
    /// From where it is seen.
    view: View,
    /// `MATERIAL_*`.
    flags: u32,
    /// Linear.
    base_color: vec3<f32>,
    /// [0, 1].
    metallic: f32,
    /// As `Material::dielectric_reflectance`.
    dielectric_reflectance: f32,
    /// [0, 1], perceptual.
    roughness: f32,
    /// As of `Material`, linear.
    specular_color: vec3<f32>,
    /// [0, 1].
    specular: f32,
    /// [0, 1].
    anisotropy: f32,
    /// [0, 1].
    iridescence: f32,
    /// What the film reflects over metal, …
    film_on_metal: vec3<f32>,
    /// … and over the dielectric.
    film_on_dielectric: vec3<f32>,
    /// [0, 1].
    transmission: f32,
    /// [0, 1], of the diffuse base.
    diffuse_roughness: f32,
    /// [0, 1].
    diffuse_transmission: f32,
    /// Linear.
    diffuse_transmission_color: vec3<f32>,
    /// Linear.
    sheen_color: vec3<f32>,
    /// [0, 1], perceptual.
    sheen_roughness: f32,
    /// Unit normal of the clearcoat, in `basis`, with wo above it.
    clearcoat_normal: vec3<f32>,
    /// Cosine between it and wo, above 0.
    clearcoat_cosine: f32,
    /// What the clearcoat reflects of all light from wo.
    clearcoat: f32,
    /// [0, 1], perceptual.
    clearcoat_roughness: f32,
}

/// A point with shading frame `basis` and geometric normal `n`, seen from `wo` (both world, unit).
fn view_in(basis: Basis, wo: vec3<f32>, n: vec3<f32>) -> View {
    return View(to_local(basis, wo), to_local(basis, n));
}

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

/// Reflectance of the dielectric of `point` at normal incidence, with its colour.
fn dielectric_reflectance(point: MaterialPoint) -> vec3<f32> {
    return min(point.specular_color * point.dielectric_reflectance, vec3<f32>(1.0));
}

/// `material` at `surface` seen from `wo` (world, unit).
fn evaluate_material_point(material: Material, surface: SurfaceInteraction, wo: vec3<f32>) -> MaterialPoint {
    var point: MaterialPoint;
    point.flags = material.flags;
    point.basis = evaluate_shading_basis(material, surface, wo);

    point.base_color = evaluate_base_color(material, surface).xyz;
    let metallic_roughness = sample_optional(material.metallic_roughness_texture, surface);
    point.metallic = material.metallic * metallic_roughness.z;
    point.roughness = material.roughness * metallic_roughness.y;
    point.specular = material.specular * sample_optional(material.specular_texture, surface).w;
    let specular_texel = sample_optional(material.specular_color_texture, surface);
    point.specular_color = material.specular_color * specular_texel.xyz;
    if ((material.flags & MATERIAL_SPECULAR_GLOSSINESS) != 0u) {
        point.roughness = 1.0 - material.roughness * specular_texel.w;
        point.base_color *= max(1.0 - max_component(point.specular_color), 0.0);
    }
    point.dielectric_reflectance = material.dielectric_reflectance;

    if ((material.flags & MATERIAL_CLEARCOAT) != 0u) {
        let layers = load_material_layers(material.layers);
        point.clearcoat_normal = evaluate_clearcoat_normal(layers, surface, wo);
        point.clearcoat_cosine = max(dot(point.clearcoat_normal, wo), COSINE_MIN);
        point.clearcoat = evaluate_clearcoat_weight(layers, surface, point.clearcoat_cosine);
        let texel = sample_optional(layers.clearcoat_roughness_texture, surface);
        point.clearcoat_roughness = layers.clearcoat_roughness * texel.y;
    }
    if ((material.flags & MATERIAL_ANISOTROPY) != 0u) {
        let layers = load_material_layers(material.layers);
        var direction = vec2<f32>(layers.anisotropy_cos, layers.anisotropy_sin);
        point.anisotropy = layers.anisotropy;
        if (layers.anisotropy_texture != INVALID) {
            let texel = sample_surface_texture(layers.anisotropy_texture, surface);
            let raw = texel.xy * 2.0 - 1.0;
            let mapped = raw * (1.0 / max(length(raw), 1e-6));
            direction = vec2<f32>(
                mapped.x * direction.x - mapped.y * direction.y,
                mapped.x * direction.y + mapped.y * direction.x,
            );
            point.anisotropy *= texel.z;
        }
        let tangent = point.basis.x * direction.x + point.basis.y * direction.y;
        point.basis.y = point.basis.y * direction.x - point.basis.x * direction.y;
        point.basis.x = tangent;
    }
    point.view = view_in(point.basis, wo, surface.n);
    if ((material.flags & MATERIAL_CLEARCOAT) != 0u) {
        point.clearcoat_normal = to_local(point.basis, point.clearcoat_normal);
    }
    if ((material.flags & MATERIAL_IRIDESCENCE) != 0u) {
        let layers = load_material_layers(material.layers);
        point.iridescence = layers.iridescence * sample_optional(layers.iridescence_texture, surface).x;
        let share = sample_optional(layers.iridescence_thickness_texture, surface).y;
        let thickness = mix(layers.iridescence_thickness_min, layers.iridescence_thickness_max, share);
        let outside = mix(1.0, CLEARCOAT_IOR, layers.clearcoat);
        // Departs from the extension, which asks for the angle at the half vector: at wo's own angle the film's
        // albedo is known, and so what it leaves to the base.
        let cosine = max(point.view.wo.z, COSINE_MIN);
        point.film_on_metal = film_reflectance(cosine, outside, layers.iridescence_ior, thickness, point.base_color);
        point.film_on_dielectric = film_reflectance(cosine, outside, layers.iridescence_ior, thickness, dielectric_reflectance(point));
    }
    if ((material.flags & MATERIAL_TRANSMISSION) != 0u) {
        let layers = load_material_layers(material.layers);
        point.transmission = layers.transmission * sample_optional(layers.transmission_texture, surface).x;
    }
    if ((material.flags & MATERIAL_DIFFUSE_ROUGHNESS) != 0u) {
        let layers = load_material_layers(material.layers);
        point.diffuse_roughness = layers.diffuse_roughness * sample_optional(layers.diffuse_roughness_texture, surface).x;
    }
    if ((material.flags & MATERIAL_DIFFUSE_TRANSMISSION) != 0u) {
        let layers = load_material_layers(material.layers);
        point.diffuse_transmission = layers.diffuse_transmission * sample_optional(layers.diffuse_transmission_texture, surface).w;
        let texel = sample_optional(layers.diffuse_transmission_color_texture, surface);
        point.diffuse_transmission_color = layers.diffuse_transmission_color * texel.xyz;
    }
    if ((material.flags & MATERIAL_SHEEN) != 0u) {
        let layers = load_material_layers(material.layers);
        point.sheen_color = layers.sheen_color * sample_optional(layers.sheen_color_texture, surface).xyz;
        point.sheen_roughness = layers.sheen_roughness * sample_optional(layers.sheen_roughness_texture, surface).w;
    }
    return point;
}
