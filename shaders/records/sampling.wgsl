#define_import_path skywell::records::sampling

// Names of the sets of the sampler (`skywell::sampling::sobol`). A set is drawn from at most once an event.

/// The set that places a sample within the pixel.
const SET_FILTER: u32 = 1u;
/// The set that picks a light.
const SET_LIGHT_PICK: u32 = 2u;
/// The set that picks a point on a light.
const SET_LIGHT: u32 = 3u;
/// The set that picks a lobe.
const SET_BSDF_PICK: u32 = 4u;
/// The set that picks a direction from a lobe.
const SET_BSDF: u32 = 5u;
/// The set that ends paths.
const SET_ROULETTE: u32 = 6u;
/// The set that lets rays pass what alpha makes thin.
const SET_ALPHA: u32 = 7u;
/// The set that picks the hero channel of dispersion.
const SET_HERO: u32 = 8u;
/// The set that says how far a path gets in a medium.
const SET_FLIGHT: u32 = 9u;
