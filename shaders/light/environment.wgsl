#define_import_path skywell::light::environment

#import skywell::math::constants::{INV_PI, INV_TWO_PI, PI, TWO_PI}
#import skywell::tables::{frame, load_environment_texel, load_texel}

// The environment: an equirectangular image whose radiance is interpolated bilinearly between texel centres, sampled
// with a density that is interpolated the same way. So one look-up gives both, and the density is exact.
//
// The density is laid out in cells whose corners are texel centres: column cell i lies between the centres of columns
// i − 1 and i (around the seam), row cell j between those of rows j − 1 and j; the first and last row cells are the
// half texels at the poles, where the outermost row is held. A cell is chosen by inverting two cumulative
// distributions, which keeps stratified numbers stratified, and a point in it by inverting the bilinear density.
// Source: pbrt 4e, §§2.4.2, 12.5.2 and A.5. Departs: pbrt's density is constant within a texel.

/// Radiance from a direction and how likely it was to be sampled.
struct EnvironmentEval {
    /// Radiance, linear Rec.709.
    radiance: vec3<f32>,
    /// Solid-angle density of the direction.
    pdf: f32,
}

/// A sampled direction.
struct EnvironmentSample {
    /// Unit, world, towards the environment.
    direction: vec3<f32>,
    /// Solid-angle density.
    pdf: f32,
    /// Radiance, linear Rec.709.
    radiance: vec3<f32>,
}

/// One outcome of a discrete distribution.
struct DiscreteSample {
    /// The outcome.
    index: u32,
    /// What is left of the random number, uniform in [0, 1).
    remapped: f32,
}

/// Radiance (xyz, without strength) and unit-square density (w) of the texel in column `x`, row `y`.
fn environment_texel(x: u32, y: u32) -> vec4<f32> {
    let texel = load_environment_texel(y * frame.environment_width + x);
    return vec4<f32>(texel.radiance, texel.density);
}

/// Draws from the cumulative distribution of `count` entries that starts at word `first` of the texel table: the
/// first entry above `u`. `step` is the largest power of two not above `count`. The last entry is 1.
fn sample_cumulative(first: u32, count: u32, step: u32, u: f32) -> DiscreteSample {
    var index = 0u;
    for (var stride = step; stride > 0u; stride = stride >> 1u) {
        let next = index + stride;
        let value = bitcast<f32>(load_texel(first + min(next, count) - 1u));
        index = select(index, next, next <= count && value <= u);
    }
    let chosen = min(index, count - 1u);
    let above = bitcast<f32>(load_texel(first + chosen));
    let below = select(bitcast<f32>(load_texel(first + max(chosen, 1u) - 1u)), 0.0, chosen == 0u);
    return DiscreteSample(chosen, min((u - below) / max(above - below, 1e-30), 0.99999994));
}

/// A point in [0, 1) with density proportional to the line from `a` (at 0) to `b` (at 1), both ≥ 0, from uniform `u`.
/// Source: pbrt 4e, §A.5.1 (the form without cancellation).
fn sample_linear(u: f32, a: f32, b: f32) -> f32 {
    let root = sqrt(max(a * a + (b * b - a * a) * u, 0.0));
    let x = u * (a + b) / max(a + root, 1e-38);
    return min(select(x, u, a + b <= 0.0), 0.99999994);
}

/// Density over solid angle of a density over the unit square (u, v) at a direction whose polar angle has the sine
/// `sin_theta`.
fn environment_solid_angle_pdf(density: f32, sin_theta: f32) -> f32 {
    return density * (0.5 * INV_PI * INV_PI) / max(sin_theta, 1e-9);
}

/// Radiance (xyz, without strength) and unit-square density (w) in a cell: `right` is the column at its right side,
/// `row_cell` its number; `x` and `y` in [0, 1] run from its top left corner.
fn interpolate_environment(right: u32, row_cell: u32, x: f32, y: f32) -> vec4<f32> {
    let left = select(right - 1u, frame.environment_width - 1u, right == 0u);
    let top = max(row_cell, 1u) - 1u;
    let bottom = min(row_cell, frame.environment_height - 1u);
    let top_left = environment_texel(left, top);
    let top_right = environment_texel(right, top);
    let bottom_left = environment_texel(left, bottom);
    let bottom_right = environment_texel(right, bottom);
    let upper = top_left + (top_right - top_left) * x;
    let lower = bottom_left + (bottom_right - bottom_left) * x;
    return upper + (lower - upper) * y;
}

/// Radiance from the unit world direction `direction` and the density with which `sample_environment` draws it; zeros
/// without an environment.
fn eval_environment(direction: vec3<f32>) -> EnvironmentEval {
    let width = frame.environment_width;
    let height = frame.environment_height;
    if (width == 0u) {
        return EnvironmentEval(vec3<f32>(0.0), 0.0);
    }
    // Into the image's frame: the inverse of the rotation about +Y.
    let rotation = frame.environment_rotation;
    let x = rotation.x * direction.x - rotation.y * direction.z;
    let z = rotation.y * direction.x + rotation.x * direction.z;
    let sin_theta = sqrt(x * x + z * z);
    let u = 0.5 + atan2(z, x) * INV_TWO_PI;
    let v = atan2(sin_theta, direction.y) * INV_PI;

    let column = u * f32(i32(width)) - 0.5;
    let row = v * f32(i32(height)) - 0.5;
    let column_floor = floor(column);
    let row_floor = floor(row);
    let column_cell = u32(clamp(i32(column_floor) + 1, 0, i32(width)));
    let row_cell = u32(clamp(i32(row_floor) + 1, 0, i32(height)));
    let right = select(column_cell, 0u, column_cell == width);
    let value = interpolate_environment(right, row_cell, column - column_floor, row - row_floor);
    return EnvironmentEval(value.xyz * frame.environment_strength, environment_solid_angle_pdf(value.w, sin_theta));
}

/// A direction drawn by the environment's brightness, from uniform `u` in [0, 1)².
fn sample_environment(u: vec2<f32>) -> EnvironmentSample {
    let width = frame.environment_width;
    let height = frame.environment_height;
    let first = frame.environment_first_word;
    let row = sample_cumulative(first, height + 1u, frame.environment_row_step, u.y);
    let column = sample_cumulative(first + height + 1u + row.index * width, width, frame.environment_column_step, u.x);

    let right = column.index;
    let left = select(right - 1u, width - 1u, right == 0u);
    let top = max(row.index, 1u) - 1u;
    let bottom = min(row.index, height - 1u);
    let top_left = environment_texel(left, top);
    let top_right = environment_texel(right, top);
    let bottom_left = environment_texel(left, bottom);
    let bottom_right = environment_texel(right, bottom);
    let y = sample_linear(row.remapped, top_left.w + top_right.w, bottom_left.w + bottom_right.w);
    let left_side = top_left + (bottom_left - top_left) * y;
    let right_side = top_right + (bottom_right - top_right) * y;
    let x = sample_linear(column.remapped, left_side.w, right_side.w);
    let value = left_side + (right_side - left_side) * x;

    // The cell in texels: half as high at the poles.
    let rows = f32(i32(height));
    let cell_top = max(f32(i32(row.index)) - 0.5, 0.0);
    let cell_bottom = min(f32(i32(row.index)) + 0.5, rows);
    let theta = PI * (cell_top + (cell_bottom - cell_top) * y) / rows;
    let phi = TWO_PI * ((f32(i32(column.index)) - 0.5 + x) / f32(i32(width)) - 0.5);
    let sin_theta = sin(theta);
    let image_x = sin_theta * cos(phi);
    let image_z = sin_theta * sin(phi);
    let rotation = frame.environment_rotation;
    let direction = vec3<f32>(
        rotation.x * image_x + rotation.y * image_z,
        cos(theta),
        rotation.x * image_z - rotation.y * image_x,
    );
    return EnvironmentSample(direction, environment_solid_angle_pdf(value.w, sin_theta), value.xyz * frame.environment_strength);
}
