#define_import_path skywell::bsdf::fresnel

/// (1 − cos)⁵: how far Schlick's Fresnel reflectance is on its way from that at normal incidence to 1.
/// Source: Schlick 1994; glTF 2.0, appendix B.3.4.
fn schlick_weight(cosine: f32) -> f32 {
    let m = saturate(1.0 - cosine);
    let squared = m * m;
    return squared * squared * m;
}

/// Reflectance for unpolarised light of a smooth interface between dielectrics, met at `cosine` in [0, 1] from the
/// normal; `eta` is the index of refraction beyond it over that before it. 1 where nothing can be refracted.
/// Source: Born and Wolf, §1.5.2.
fn fresnel_dielectric(cosine: f32, eta: f32) -> f32 {
    let transmitted_squared = eta * eta - 1.0 + cosine * cosine;
    let g = sqrt(max(transmitted_squared, 0.0));
    let perpendicular = (cosine - g) / (cosine + g);
    let parallel = (eta * eta * cosine - g) / (eta * eta * cosine + g);
    let reflectance = 0.5 * (perpendicular * perpendicular + parallel * parallel);
    return select(reflectance, 1.0, transmitted_squared <= 0.0);
}

/// `fresnel_dielectric` at normal incidence.
fn normal_reflectance(eta: f32) -> f32 {
    let r = (eta - 1.0) / (eta + 1.0);
    return r * r;
}

/// Direction of what is refracted from `wo` at a (micro)normal `h` on its side. Both leave the surface, unit.
/// `eta` is the index of refraction beyond the surface over that on wo's side; there must be refraction.
fn refract_about(wo: vec3<f32>, h: vec3<f32>, eta: f32) -> vec3<f32> {
    let cosine = dot(wo, h);
    let inverse = 1.0 / eta;
    let cosine_beyond = sqrt(max(1.0 - inverse * inverse * (1.0 - cosine * cosine), 0.0));
    return h * (inverse * cosine - cosine_beyond) - wo * inverse;
}
