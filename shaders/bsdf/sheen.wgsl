#define_import_path skywell::bsdf::sheen

#import skywell::math::constants::INV_TWO_PI

// The sheen of KHR_materials_sheen: the "Charlie" distribution of fibres.
// Source: Estevez and Kulla 2017, "Production Friendly Microfacet Sheen BRDF".

/// Smallest perceptual roughness of a sheen. Departs from the specification, which gives no bound: below this the
/// lobe is a sliver at the horizon.
const SHEEN_ROUGHNESS_MIN: f32 = 0.05;

/// Cosines of wo below this are taken for this: Λ ends where its fit explodes.
const SHEEN_COSINE_MIN: f32 = 1e-3;

/// Density of fibre normals at `cosine` from the surface normal; `alpha` = roughness².
fn charlie_distribution(cosine: f32, alpha: f32) -> f32 {
    let inverse = 1.0 / alpha;
    let sine_squared = max(1.0 - cosine * cosine, 1e-20);
    return (2.0 + inverse) * pow(sine_squared, 0.5 * inverse) * INV_TWO_PI;
}

/// The fitted curve of Λ, for `x` in (0, ½].
fn charlie_fit(x: f32, alpha: f32) -> f32 {
    let smooth_weight = (1.0 - alpha) * (1.0 - alpha);
    let a = mix(21.5473, 25.3245, smooth_weight);
    let b = mix(3.82987, 3.32435, smooth_weight);
    let c = mix(0.19823, 0.16801, smooth_weight);
    let d = mix(-1.97760, -1.27393, smooth_weight);
    let e = mix(-4.32054, -4.85967, smooth_weight);
    return a / (1.0 + b * pow(max(x, 1e-20), c)) + d * x + e;
}

/// Λ of a direction at `cosine` in (0, 1] from the normal.
fn charlie_lambda(cosine: f32, alpha: f32) -> f32 {
    let folded = min(cosine, 1.0 - cosine);
    let fit = charlie_fit(folded, alpha);
    let upper = 2.0 * charlie_fit(0.5, alpha) - fit;
    return exp(select(upper, fit, cosine < 0.5));
}

/// Value of the sheen of white fibres times the cosine of `wi`: `lambda_o` and `cosine_o` are those of `wo`,
/// `cosine_h` that of the half vector.
fn charlie_value(cosine_o: f32, lambda_o: f32, cosine_i: f32, cosine_h: f32, alpha: f32) -> f32 {
    let visibility = 1.0 / (4.0 * max(cosine_o, SHEEN_COSINE_MIN) * (1.0 + lambda_o + charlie_lambda(cosine_i, alpha)));
    return charlie_distribution(cosine_h, alpha) * visibility;
}
