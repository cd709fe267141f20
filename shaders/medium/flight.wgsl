#define_import_path skywell::medium::flight

#import skywell::math::constants::FLOAT_MAX

// How far light gets in a homogeneous medium before something happens to it.
//
// Every channel has its own mean free path. The distance is drawn from that of one channel, chosen in proportion to
// what the path carries of each, and weighed against all of them together: the sum over channels of what the path
// carries never grows, however differently they are attenuated.
// Source: Wilkie et al. 2014, "Hero Wavelength Spectral Sampling", with the channels of Rec.709 for wavelengths;
// Kutz et al. 2017, "Spectral and Decomposition Tracking for Rendering Heterogeneous Volumes", §5.1.2, for the choice.

/// Densities below this are taken for this.
const DENSITY_MIN: f32 = 1e-37;

/// One flight, up to where light is scattered or to what ends the way.
struct FreeFlight {
    /// Metres to the scattering event; FLOAT_MAX: none happened on the way.
    distance: f32,
    /// What the throughput is multiplied by: for a scattering event its coefficient included, its direction not.
    weight: vec3<f32>,
}

/// A flight of at most `way` metres of a path that carries `throughput`, in a medium attenuating by `sigma_t` and
/// scattering by `sigma_s` (both 1/m); `u` uniform in [0, 1)².
fn sample_free_flight(sigma_t: vec3<f32>, sigma_s: vec3<f32>, throughput: vec3<f32>, way: f32, u: vec2<f32>) -> FreeFlight {
    let share = throughput * (1.0 / max(throughput.x + throughput.y + throughput.z, DENSITY_MIN));
    let is_blue = u.x >= share.x + share.y && share.z > 0.0;
    let sigma = select(select(sigma_t.y, sigma_t.x, u.x < share.x), sigma_t.z, is_blue);
    let distance = select(-log(1.0 - u.y) / max(sigma, DENSITY_MIN), FLOAT_MAX, sigma <= 0.0);
    let is_event = distance < way;
    let left = exp(-sigma_t * select(way, distance, is_event));
    let density = dot(share, select(left, left * sigma_t, is_event));
    let value = select(left, left * sigma_s, is_event);
    return FreeFlight(select(FLOAT_MAX, distance, is_event), value / max(density, DENSITY_MIN));
}
