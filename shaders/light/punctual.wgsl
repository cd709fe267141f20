#define_import_path skywell::light::punctual

#import skywell::light::profile::eval_profile
#import skywell::math::scalar::sqr
#import skywell::records::light::{LIGHT_MEASURED, LIGHT_SPOT, Light}

// Lights without extent. Source: the glTF extensions KHR_lights_punctual and EXT_lights_ies.

/// Fraction of a point or spot light's inverse-square light left at squared distance `squared`, m²: falls to 0 at
/// the light's range.
fn range_attenuation(range: f32, squared: f32) -> f32 {
    let ratio = squared / max(range * range, 1e-37);
    return select(clamp(1.0 - ratio * ratio, 0.0, 1.0), 1.0, range <= 0.0);
}

/// Fraction of a spot light's intensity along unit `direction`, from the lit point to the light.
fn spot_attenuation(light: Light, direction: vec3<f32>) -> f32 {
    let cos_angle = -dot(light.axis, direction);
    return sqr(clamp(cos_angle * light.shape.y + light.shape.z, 0.0, 1.0));
}

/// Irradiance on a surface facing the point, spot or measured light, W/m², unit `direction` towards it and squared
/// distance.
fn punctual_irradiance(light: Light, direction: vec3<f32>, squared: f32) -> vec3<f32> {
    if (light.kind == LIGHT_MEASURED) {
        return light.intensity * (eval_profile(light, direction) / max(squared, 1e-37));
    }
    let cone = select(1.0, spot_attenuation(light, direction), light.kind == LIGHT_SPOT);
    return light.intensity * (cone * range_attenuation(light.shape.x, squared) / max(squared, 1e-37));
}
