#define_import_path skywell::probe::light

#import skywell::light::light::{eval_environment_light, pdf_light_triangle, sample_light}

// Stages that let tests ask the light functions directly.

/// Arguments of `sample_light`.
struct LightQuery {
    /// World point lit.
    p: vec3<f32>,
    /// Chooses the light, [0, 1).
    uc: f32,
    /// Unit normal, or zero.
    n: vec3<f32>,
    padding_a: u32,
    /// Chooses the point on the light, [0, 1)².
    u: vec2<f32>,
    padding_b: u32,
    padding_c: u32,
}

/// What `sample_light` answers.
struct LightAnswer {
    /// Unit, towards the light.
    direction: vec3<f32>,
    /// Metres.
    distance: f32,
    /// Radiance or irradiance.
    radiance: vec3<f32>,
    /// Density or probability.
    pdf: f32,
    /// 1: the light has no extent.
    is_delta: u32,
    padding_a: u32,
    padding_b: u32,
    padding_c: u32,
}

/// `sample_light`.
fn probe_sample_light(light_query: LightQuery) -> LightAnswer {
    let s = sample_light(light_query.p, light_query.n, light_query.uc, light_query.u);
    return LightAnswer(s.direction, s.distance, s.radiance, s.pdf, select(0u, 1u, s.is_delta), 0u, 0u, 0u);
}

/// Arguments of `pdf_light_triangle` and `eval_environment`.
struct EmitterQuery {
    /// World point lit.
    p: vec3<f32>,
    /// Index of an emissive triangle in the light table.
    light: u32,
    /// Unit normal, or zero.
    n: vec3<f32>,
    /// Metres to the triangle.
    distance: f32,
    /// Unit, towards the light.
    direction: vec3<f32>,
    padding_a: u32,
}

/// A radiance and a density.
struct EmitterAnswer {
    /// Radiance; zero for triangles, whose radiance belongs to their material.
    radiance: vec3<f32>,
    /// Solid-angle density of sampling it.
    pdf: f32,
}

/// `eval_environment_light`.
fn probe_environment(emitter_query: EmitterQuery) -> EmitterAnswer {
    let q = emitter_query;
    let e = eval_environment_light(q.p, q.n, q.direction);
    return EmitterAnswer(e.radiance, e.pdf);
}

/// `pdf_light_triangle`.
fn probe_light_triangle(emitter_query: EmitterQuery) -> EmitterAnswer {
    let q = emitter_query;
    return EmitterAnswer(vec3<f32>(0.0), pdf_light_triangle(q.light, q.p, q.n, q.direction, q.distance));
}
