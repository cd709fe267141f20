#define_import_path skywell::light::profile

#import skywell::math::constants::TWO_PI
#import skywell::records::light::Light
#import skywell::tables::load_texel

// What a lamp was measured to send into every direction: a grid over polar angles from an axis and azimuths around it,
// interpolated in both. Source: ANSI/IES LM-63; the glTF extension EXT_lights_ies.
//
// A profile in the texel table: the number of polar angles, that of azimuths (each 2 or more), the polar angles, the
// azimuths (radians, rising), and the intensities, W/sr, all polar angles of one azimuth together.

/// Polar angles beyond the last one by less than this, radians, are still lit: what was measured to 180° ends there.
const PROFILE_SLACK: f32 = 1e-5;

/// Where a number lies in a list.
struct ProfileCell {
    /// Index of the entry at or below it; the next one is there too.
    index: u32,
    /// The way from that to the next, in [0, 1].
    along: f32,
}

/// Entry `index` of the numbers that start at word `first`.
fn profile_number(first: u32, index: u32) -> f32 {
    return bitcast<f32>(load_texel(first + index));
}

/// Where `x` lies among the `count` (2 or more) rising numbers that start at word `first`.
fn find_profile_cell(first: u32, count: u32, x: f32) -> ProfileCell {
    // The cell is in [low, high), which at least halves each time; when it is one cell, it stays so.
    var low = 0u;
    var high = count - 1u;
    for (var left = count; left > 0u; left = left >> 1u) {
        let middle = (low + high) >> 1u;
        let is_above = profile_number(first, middle) <= x;
        low = select(low, middle, is_above);
        high = select(middle, high, is_above);
    }
    let below = profile_number(first, low);
    let above = profile_number(first, low + 1u);
    return ProfileCell(low, clamp((x - below) / max(above - below, 1e-9), 0.0, 1.0));
}

/// Intensity, W/sr before the light's own, that leaves the measured light against unit `direction`, which is from the lit
/// point to the light.
fn eval_profile(light: Light, direction: vec3<f32>) -> f32 {
    let x = -dot(direction, light.shape);
    let y = -dot(direction, cross(light.shape, light.axis));
    let polar = atan2(sqrt(x * x + y * y), -dot(direction, light.axis));
    let n_polar = load_texel(light.instance);
    let n_azimuths = load_texel(light.instance + 1u);
    let polar_angles = light.instance + 2u;
    let azimuths = polar_angles + n_polar;
    let values = azimuths + n_azimuths;
    let start = profile_number(azimuths, 0u);
    let turned = atan2(y, x);
    let azimuth = select(turned, turned + TWO_PI, turned < start);
    let is_dark = polar < profile_number(polar_angles, 0u)
        || polar > profile_number(polar_angles, n_polar - 1u) + PROFILE_SLACK
        || azimuth > profile_number(azimuths, n_azimuths - 1u);
    let row = find_profile_cell(azimuths, n_azimuths, azimuth);
    let column = find_profile_cell(polar_angles, n_polar, polar);
    let here = values + row.index * n_polar;
    let next = here + n_polar;
    let a = profile_number(here, column.index);
    let b = profile_number(here, column.index + 1u);
    let c = profile_number(next, column.index);
    let d = profile_number(next, column.index + 1u);
    let first_row = a + (b - a) * column.along;
    let second_row = c + (d - c) * column.along;
    return select(first_row + (second_row - first_row) * row.along, 0.0, is_dark);
}
