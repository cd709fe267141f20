#define_import_path skywell::texture::srgb

/// Linear values of sRGB-encoded ones, each in [0, 1]; 0 and 1 are exact.
///
/// Above the curve's straight foot stands a polynomial of least relative error, 5e-6 with rounding: 1/800 of an 8-bit
/// step, at a third of the cost of `pow`. It overshoots by that much at 1, hence the `min`.
/// Source: the curve is IEC 61966-2-1; the coefficients are from an exchange algorithm on [0.04045, 1].
fn decode_srgb(encoded: vec3<f32>) -> vec3<f32> {
    let x = encoded;
    var curve = x * 0.30254147418 - 1.41022044160;
    curve = curve * x + 2.83373086985;
    curve = curve * x - 3.26380221542;
    curve = curve * x + 2.46457615643;
    curve = curve * x - 1.41518339696;
    curve = curve * x + 0.97996906948;
    curve = curve * x + 0.47144932209;
    curve = curve * x + 0.03610615221;
    curve = curve * x + 0.00083761819;
    return select(min(curve, vec3<f32>(1.0)), x * (1.0 / 12.92), x <= vec3<f32>(0.04045));
}
