#define_import_path skywell::light::light

#import skywell::light::choose::{choose_light, pmf_distant_light, pmf_local_light}
#import skywell::light::environment::{EnvironmentEval, eval_environment, sample_environment}
#import skywell::light::punctual::punctual_irradiance
#import skywell::light::triangle::{eval_triangle_radiance, pdf_triangle_solid_angle, sample_triangle}
#import skywell::math::constants::FLOAT_MAX
#import skywell::records::light::{LIGHT_DIRECTIONAL, LIGHT_ENVIRONMENT, LIGHT_TRIANGLE}
#import skywell::tables::{frame, load_light}

/// Light arriving at a point from one light.
struct LightSample {
    /// Unit, world, from the point to the light.
    direction: vec3<f32>,
    /// Metres to the light; FLOAT_MAX when it is infinitely far.
    distance: f32,
    /// Before occlusion. A light with extent: radiance. Without (`is_delta`): irradiance on a surface facing it, so that
    /// reflected radiance is f·|cos|·radiance / pdf all the same.
    radiance: vec3<f32>,
    /// With extent: solid-angle density, the probability of choosing the light included. Without: that probability.
    /// 0: there is no sample.
    pdf: f32,
    /// The light has no extent: nothing else can find it, so its MIS weight is 1.
    is_delta: bool,
}

/// Light from one randomly chosen light of the scene at world point `p`. `n` is the unit normal there, or zero where light
/// may matter from all around; `uc` in [0, 1) chooses the light, `u` in [0, 1)² the point on it.
fn sample_light(p: vec3<f32>, n: vec3<f32>, uc: f32, u: vec2<f32>) -> LightSample {
    var result: LightSample;
    let choice = choose_light(p, n, uc);
    if (choice.pmf == 0.0) {
        return result;
    }
    let light = load_light(choice.index);
    if (light.kind == LIGHT_ENVIRONMENT) {
        let s = sample_environment(u);
        result.direction = s.direction;
        result.distance = FLOAT_MAX;
        result.radiance = s.radiance;
        result.pdf = choice.pmf * s.pdf;
    } else if (light.kind >= LIGHT_TRIANGLE) {
        let s = sample_triangle(light, p, u);
        result.direction = s.direction;
        result.distance = s.distance;
        result.radiance = eval_triangle_radiance(light, s.direction, s.barycentrics);
        result.pdf = choice.pmf * s.pdf;
    } else if (light.kind == LIGHT_DIRECTIONAL) {
        result.direction = -light.axis;
        result.distance = FLOAT_MAX;
        result.radiance = light.intensity;
        result.pdf = choice.pmf;
        result.is_delta = true;
    } else {
        let offset = light.position - p;
        let squared = dot(offset, offset);
        let distance = sqrt(squared);
        result.direction = offset * (1.0 / max(distance, 1e-30));
        result.distance = distance;
        result.radiance = punctual_irradiance(light, result.direction, squared);
        result.pdf = select(choice.pmf, 0.0, squared <= 0.0);
        result.is_delta = true;
    }
    return result;
}

/// Solid-angle density with which `sample_light(p, n, …)` draws the point of emissive triangle `light_index` that lies
/// along unit `direction` at `distance` metres from world point `p`.
fn pdf_light_triangle(light_index: u32, p: vec3<f32>, n: vec3<f32>, direction: vec3<f32>, distance: f32) -> f32 {
    let light = load_light(light_index);
    return pmf_local_light(p, n, light.trail) * pdf_triangle_solid_angle(light, direction, distance);
}

/// Radiance of the environment from unit `direction`, and the solid-angle density with which `sample_light(p, n, …)` draws
/// that direction by choosing the environment.
fn eval_environment_light(p: vec3<f32>, n: vec3<f32>, direction: vec3<f32>) -> EnvironmentEval {
    let e = eval_environment(direction);
    return EnvironmentEval(e.radiance, e.pdf * pmf_distant_light(p, n, frame.environment_pmf));
}
