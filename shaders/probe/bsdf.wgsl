#define_import_path skywell::probe::bsdf

#import skywell::bsdf::eval::eval_bsdf
#import skywell::bsdf::material_point::{MaterialPoint, evaluate_material_point}
#import skywell::bsdf::parameters::evaluate_bsdf_parameters
#import skywell::bsdf::sample::sample_bsdf
#import skywell::geometry::interaction::SurfaceInteraction
#import skywell::math::basis::{Basis, to_local, to_world}
#import skywell::records::path::INVALID
#import skywell::tables::load_material

// Stages that let tests ask the material model directly, at a surface whose shading frame is the world's axes.

/// Arguments of the BSDF's functions.
struct BsdfQuery {
    /// Unit, away from the surface, on the side of `n`.
    wo: vec3<f32>,
    /// Index in the material table.
    material: u32,
    /// To evaluate: the other direction. To sample: two numbers in [0, 1) within the lobe, and one that picks it.
    wi: vec3<f32>,
    /// Index of refraction beyond the surface over that on wo's side.
    eta: f32,
    /// Unit geometric normal.
    n: vec3<f32>,
    padding_a: u32,
}

/// What the BSDF answers.
struct BsdfAnswer {
    /// BSDF times |cosine|.
    f: vec3<f32>,
    /// Density per solid angle, or probability.
    pdf: f32,
    /// The direction drawn.
    wi: vec3<f32>,
    /// `SAMPLE_*`.
    flags: u32,
    /// Probability of each lobe being picked: specular, cosine, clearcoat (the rest is uniform and diffuse transmission).
    picks: vec3<f32>,
    /// As in `BsdfSample`.
    eta_scale: f32,
}

/// The material of `query`.
fn point_of_query(query: BsdfQuery) -> MaterialPoint {
    var surface: SurfaceInteraction;
    surface.n = query.n;
    surface.basis = Basis(vec3<f32>(1.0, 0.0, 0.0), vec3<f32>(0.0, 1.0, 0.0), vec3<f32>(0.0, 0.0, 1.0));
    surface.front_facing = true;
    surface.light = INVALID;
    surface.medium = INVALID;
    surface.color = vec4<f32>(1.0);
    return evaluate_material_point(load_material(query.material), surface, query.wo);
}

/// `eval_bsdf`.
fn probe_eval_bsdf(bsdf_query: BsdfQuery) -> BsdfAnswer {
    let point = point_of_query(bsdf_query);
    let bsdf = evaluate_bsdf_parameters(point, bsdf_query.eta);
    let value = eval_bsdf(bsdf, point.view, to_local(point.basis, bsdf_query.wi));
    let picks = vec3<f32>(bsdf.pick_specular, bsdf.pick_cosine, bsdf.pick_clearcoat);
    return BsdfAnswer(value.f, value.pdf, bsdf_query.wi, 0u, picks, 1.0);
}

/// `sample_bsdf`.
fn probe_sample_bsdf(bsdf_query: BsdfQuery) -> BsdfAnswer {
    let point = point_of_query(bsdf_query);
    let bsdf = evaluate_bsdf_parameters(point, bsdf_query.eta);
    let u = bsdf_query.wi;
    let drawn = sample_bsdf(bsdf, point.view, u.z, u.xy);
    let picks = vec3<f32>(bsdf.pick_specular, bsdf.pick_cosine, bsdf.pick_clearcoat);
    return BsdfAnswer(drawn.f, drawn.pdf, to_world(point.basis, drawn.wi), drawn.flags, picks, drawn.eta_scale);
}
