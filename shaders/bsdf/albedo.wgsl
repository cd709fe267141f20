#define_import_path skywell::bsdf::albedo

#import skywell::math::scalar::safe_sqrt
#import skywell::records::material::{ALBEDO_ANISOTROPIC_AZIMUTHS, ALBEDO_ANISOTROPIC_COLUMNS, ALBEDO_ANISOTROPIC_FIRST, ALBEDO_ANISOTROPIC_ROWS, ALBEDO_ANISOTROPIC_STRENGTHS, ALBEDO_AVERAGE_FIRST, ALBEDO_GGX_COLUMNS, ALBEDO_GGX_ROWS, ALBEDO_GLASS_COLUMNS, ALBEDO_GLASS_FIRST, ALBEDO_GLASS_INDICES, ALBEDO_GLASS_ROWS, ALBEDO_SHEEN_COLUMNS, ALBEDO_SHEEN_FIRST, ALBEDO_SHEEN_ROWS}
#import skywell::tables::load_albedo_pair

// Directional albedos: the share of light that single scattering returns. They are tabulated, rounded up, so that
// whatever is compensated by 1 − albedo never exceeds what was lost. The masking is Smith's, height-correlated.
// `src/compiled/albedo.rs` holds the table, `assets/albedo_table` its generator.

/// A place between two rows of the table.
struct AlbedoRow {
    /// Lower row.
    index: u32,
    /// Weight of the row above, in [0, 1].
    weight: f32,
}

/// The place of `position` (in cells) on an axis of `cells` cells.
fn find_albedo_row(position: f32, cells: u32) -> AlbedoRow {
    let held = clamp(position, 0.0, f32(i32(cells)));
    let index = min(u32(i32(held)), cells - 1u);
    return AlbedoRow(index, held - f32(i32(index)));
}

/// The value between two neighbours.
fn lerp_albedo_pair(index: u32, weight: f32) -> vec2<f32> {
    let pair = load_albedo_pair(index);
    return pair.lower + (pair.upper - pair.lower) * weight;
}

/// Row of GGX of `alpha` ≥ ALPHA_MIN among `rows`.
fn find_alpha_row(alpha: f32, rows: u32) -> AlbedoRow {
    // ALPHA_MIN^¼ = 0.17782794.
    let position = (sqrt(sqrt(alpha)) - 0.17782794) * (1.0 / (1.0 - 0.17782794));
    return find_albedo_row(position * f32(i32(rows)), rows);
}

/// Row of isotropic GGX of `alpha` ≥ ALPHA_MIN.
fn find_ggx_row(alpha: f32) -> AlbedoRow {
    return find_alpha_row(alpha, ALBEDO_GGX_ROWS);
}

/// Column of a direction at `cosine` from the normal among `columns`.
fn find_albedo_column(cosine: f32, columns: u32) -> AlbedoRow {
    return find_albedo_row(safe_sqrt(safe_sqrt(cosine)) * f32(i32(columns)), columns);
}

/// Albedo of isotropic GGX towards `cosine`: with Fresnel 1 (x) and with Fresnel (1 − cos)⁵ (y), so that Schlick's
/// Fresnel F₀ has F₀ x + (1 − F₀) y.
fn ggx_albedo(cosine: f32, row: AlbedoRow) -> vec2<f32> {
    let column = find_albedo_column(cosine, ALBEDO_GGX_COLUMNS);
    let index = row.index * ALBEDO_GGX_COLUMNS + column.index;
    let below = lerp_albedo_pair(index, column.weight);
    let above = lerp_albedo_pair(index + ALBEDO_GGX_COLUMNS, column.weight);
    return below + (above - below) * row.weight;
}

/// `ggx_albedo` averaged over the hemisphere, cosine-weighted.
fn ggx_average_albedo(row: AlbedoRow) -> vec2<f32> {
    return lerp_albedo_pair(ALBEDO_AVERAGE_FIRST + row.index, row.weight);
}

/// `ggx_albedo` towards `wo` of anisotropic GGX: `alpha_x` is the rougher axis, `strength` that of
/// KHR_materials_anisotropy (alpha_x = mix(alpha_y, 1, strength²)).
fn anisotropic_albedo(wo: vec3<f32>, alpha_x: f32, alpha_y: f32, strength: f32) -> vec2<f32> {
    let planar = max(wo.x * wo.x + wo.y * wo.y, 1e-20);
    let alpha_wo = sqrt((alpha_x * alpha_x * wo.x * wo.x + alpha_y * alpha_y * wo.y * wo.y) / planar);
    let smoother = sqrt(sqrt(alpha_y));
    let span = max(sqrt(sqrt(alpha_x)) - smoother, 1e-6);
    let place = (sqrt(sqrt(alpha_wo)) - smoother) / span;
    let azimuth = find_albedo_row(place * f32(ALBEDO_ANISOTROPIC_AZIMUTHS), ALBEDO_ANISOTROPIC_AZIMUTHS);
    let row = find_alpha_row(alpha_y, ALBEDO_ANISOTROPIC_ROWS);
    let layer = find_albedo_row(strength * f32(ALBEDO_ANISOTROPIC_STRENGTHS), ALBEDO_ANISOTROPIC_STRENGTHS);
    let column = find_albedo_column(wo.z, ALBEDO_ANISOTROPIC_COLUMNS);
    let azimuth_stride = ALBEDO_ANISOTROPIC_COLUMNS;
    let row_stride = azimuth_stride * (ALBEDO_ANISOTROPIC_AZIMUTHS + 1u);
    let layer_stride = row_stride * (ALBEDO_ANISOTROPIC_ROWS + 1u);
    let first = ALBEDO_ANISOTROPIC_FIRST + layer.index * layer_stride + row.index * row_stride + azimuth.index * azimuth_stride
        + column.index;
    let lower = lerp_albedo_plane(first, azimuth_stride, row_stride, column.weight, azimuth.weight, row.weight);
    let upper = lerp_albedo_plane(first + layer_stride, azimuth_stride, row_stride, column.weight, azimuth.weight, row.weight);
    return lower + (upper - lower) * layer.weight;
}

/// The value among eight nodes around pair `first`: `weight_x` within pairs, `weight_y` and `weight_z` along axes
/// with strides `stride_y` and `stride_z`.
fn lerp_albedo_plane(first: u32, stride_y: u32, stride_z: u32, weight_x: f32, weight_y: f32, weight_z: f32) -> vec2<f32> {
    let a = lerp_albedo_pair(first, weight_x);
    let b = lerp_albedo_pair(first + stride_y, weight_x);
    let c = lerp_albedo_pair(first + stride_z, weight_x);
    let d = lerp_albedo_pair(first + stride_y + stride_z, weight_x);
    let lower = a + (b - a) * weight_y;
    let upper = c + (d - c) * weight_y;
    return lower + (upper - lower) * weight_z;
}

/// Albedo of white sheen of perceptual `roughness` towards `cosine`. Above 1 at grazing angles of smooth sheen.
fn sheen_albedo(cosine: f32, roughness: f32) -> f32 {
    // SHEEN_ROUGHNESS_MIN^½ = 0.2236068.
    let position = (sqrt(roughness) - 0.2236068) * (f32(ALBEDO_SHEEN_ROWS) / (1.0 - 0.2236068));
    let row = find_albedo_row(position, ALBEDO_SHEEN_ROWS);
    let column = find_albedo_column(cosine, ALBEDO_SHEEN_COLUMNS);
    let index = ALBEDO_SHEEN_FIRST + row.index * ALBEDO_SHEEN_COLUMNS + column.index;
    let below = lerp_albedo_pair(index, column.weight);
    let above = lerp_albedo_pair(index + ALBEDO_SHEEN_COLUMNS, column.weight);
    return below.x + (above.x - below.x) * row.weight;
}

/// Share of light that a rough dielectric interface reflects or refracts in one scattering, with its own Fresnel
/// reflectance (x) and with none where refraction is possible (y).
fn glass_albedo(cosine: f32, alpha: f32, eta: f32) -> vec2<f32> {
    let e = 2.0 * (eta - 1.0) / (eta + 1.0);
    let root = sqrt(abs(e));
    let layer = find_albedo_row(select(0.5 - 0.5 * root, 0.5 + 0.5 * root, e >= 0.0) * f32(ALBEDO_GLASS_INDICES), ALBEDO_GLASS_INDICES);
    let row = find_alpha_row(alpha, ALBEDO_GLASS_ROWS);
    let column = find_albedo_column(cosine, ALBEDO_GLASS_COLUMNS);
    let layer_stride = ALBEDO_GLASS_COLUMNS * (ALBEDO_GLASS_ROWS + 1u);
    let first = ALBEDO_GLASS_FIRST + layer.index * layer_stride + row.index * ALBEDO_GLASS_COLUMNS + column.index;
    return lerp_albedo_plane(first, ALBEDO_GLASS_COLUMNS, layer_stride, column.weight, row.weight, layer.weight);
}
