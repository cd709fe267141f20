#define_import_path skywell::bsdf::thin_film

#import skywell::bsdf::fresnel::{normal_reflectance, schlick_weight}
#import skywell::math::constants::{PI, TWO_PI}

// The thin film of KHR_materials_iridescence.
// Source: Belcour and Barla 2017, "A Practical Extension to Microfacet Theory for the Modeling of Varying
// Iridescence", as simplified by the extension (Schlick's Fresnel, no polarisation, two orders of interference).

/// Linear Rec.709 of the interference term of optical path difference `difference` (metres) with the phase shifts
/// `shift` (radians, one a channel): Gaussian fits to the colour-matching functions in Fourier space.
fn film_sensitivity(difference: f32, shift: vec3<f32>) -> vec3<f32> {
    let phase = TWO_PI * difference;
    let squared = phase * phase;
    // Each fit's height times its width, over the fits' common norm.
    let height = vec3<f32>(0.84659, 1.00022, 1.00112);
    let position = vec3<f32>(1.6810e6, 1.7953e6, 2.2084e6);
    let variance = vec3<f32>(4.3278e9, 9.3046e9, 6.6121e9);
    var xyz = height * cos(position * phase + shift) * exp(variance * -squared);
    xyz.x += 0.153868 * cos(2.2399e6 * phase + shift.x) * exp(-4.5282e9 * squared);
    return vec3<f32>(
        dot(xyz, vec3<f32>(3.2404542, -1.5371385, -0.4985314)),
        dot(xyz, vec3<f32>(-0.9692660, 1.8760108, 0.0415560)),
        dot(xyz, vec3<f32>(0.0556434, -0.2040259, 1.0572252)),
    );
}

/// Reflectance, linear Rec.709 in [0, 1], of a film of index `film_ior` and `thickness_nm` under a medium of
/// index `outside_ior`, on a base that reflects `base_reflectance` at normal incidence; met at `cosine` from the normal.
/// Departs: clamped to [0, 1] (the fits leave the gamut).
fn film_reflectance(cosine: f32, outside_ior: f32, film_ior: f32, thickness_nm: f32, base_reflectance: vec3<f32>) -> vec3<f32> {
    // A film of no thickness has no index of its own.
    let film = mix(outside_ior, film_ior, smoothstep(0.0, 0.03, thickness_nm));
    let ratio = outside_ior / film;
    let cosine_squared = 1.0 - ratio * ratio * (1.0 - cosine * cosine);
    let cosine_film = sqrt(max(cosine_squared, 0.0));

    let first_normal = normal_reflectance(film / outside_ior);
    let first = first_normal + (1.0 - first_normal) * schlick_weight(cosine);
    let passed = 1.0 - first;
    let phase_first = select(0.0, PI, film < outside_ior);

    let root = sqrt(clamp(base_reflectance, vec3<f32>(0.0), vec3<f32>(0.9999)));
    let base_ior = (1.0 + root) / (1.0 - root);
    let step = (base_ior - film) / (base_ior + film);
    let second_normal = step * step;
    let second = second_normal + (1.0 - second_normal) * schlick_weight(cosine_film);
    let phase_second = select(vec3<f32>(0.0), vec3<f32>(PI), base_ior < vec3<f32>(film));

    let difference = 2.0e-9 * film * thickness_nm * cosine_film;
    let shift = vec3<f32>(PI - phase_first) + phase_second;
    let both = clamp(first * second, vec3<f32>(1e-5), vec3<f32>(0.9999));
    let amplitude = sqrt(both);
    let inner = (passed * passed) * second / (1.0 - both);
    var order = inner - passed;
    var reflected = first + inner;
    order *= amplitude;
    reflected += order * 2.0 * film_sensitivity(difference, shift);
    order *= amplitude;
    reflected += order * 2.0 * film_sensitivity(2.0 * difference, 2.0 * shift);
    return select(clamp(reflected, vec3<f32>(0.0), vec3<f32>(1.0)), vec3<f32>(1.0), cosine_squared < 0.0);
}
