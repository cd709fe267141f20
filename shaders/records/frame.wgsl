#define_import_path skywell::records::frame

/// `Frame::flags`: rays leave the camera in parallel.
const FRAME_ORTHOGRAPHIC: u32 = 1u;
/// `Frame::flags`: camera rays that miss do not see the environment.
const FRAME_BACKGROUND_HIDDEN: u32 = 2u;
/// `Frame::flags`: microfacet lobes are compensated for multiple scattering.
const FRAME_MULTISCATTER: u32 = 4u;
/// `Frame::flags`: there are boundaries of solids that shadow rays pass (`MATERIAL_OPEN_BOUNDARY`).
const FRAME_OPEN_BOUNDARIES: u32 = 8u;

/// `Frame::filter_kind`: 1 pixel wide.
const FILTER_BOX: u32 = 0u;
/// `Frame::filter_kind`: σ = 0.5 px, cut at a radius of 2 px.
const FILTER_GAUSSIAN: u32 = 1u;
/// `Frame::filter_kind`: separable Blackman-Harris window of radius 1.5 px.
const FILTER_BLACKMAN_HARRIS: u32 = 2u;

/// Everything that is the same for every path of a frame.
struct Frame {
    /// World position of the camera.
    camera_origin: vec3<f32>,
    /// Full frame width, pixels.
    width: u32,
    /// World vector from the image centre to its right edge at unit depth (perspective) or in metres (orthographic).
    camera_right: vec3<f32>,
    /// Full frame height, pixels.
    height: u32,
    /// Likewise to the top edge.
    camera_up: vec3<f32>,
    /// Seed of every random number.
    seed: u32,
    /// Unit viewing direction, world.
    camera_forward: vec3<f32>,
    /// `FRAME_*`.
    flags: u32,
    /// Scattering events at most.
    max_depth: u32,
    /// `FILTER_*`.
    filter_kind: u32,
    /// Lights in the light table (each emissive triangle is one; the environment is one).
    light_count: u32,
    /// Index of the environment in the light table, or INVALID.
    environment_light: u32,
    /// Centre of the scene's bounding sphere, world.
    scene_center: vec3<f32>,
    /// Radius of the scene's bounding sphere, metres.
    scene_radius: f32,
    /// Columns of the environment.
    environment_width: u32,
    /// Rows of the environment.
    environment_height: u32,
    /// Cosine and sine of the environment's rotation about +Y.
    environment_rotation: vec2<f32>,
    /// Environment radiance multiplier.
    environment_strength: f32,
    /// Media around the camera, as in `PathState::media_a`.
    camera_media_a: u32,
    camera_media_b: u32,
    /// Probability that the light sampler picks the environment among the lights that are infinitely far.
    environment_pmf: f32,
    /// First word, in the texel table, of the environment's cumulative distributions (f32 bits): over the height + 1
    /// row cells, then over the width column cells of each row cell.
    environment_first_word: u32,
    /// Largest power of two not above height + 1, where the search of rows begins.
    environment_row_step: u32,
    /// Largest power of two not above width.
    environment_column_step: u32,
    /// Nodes of the light tree.
    light_node_count: u32,
    /// Lights that are infinitely far; they come first in the light table.
    distant_count: u32,
    /// Irradiance, W/m², expected from these (mean of the channels, over all ways a surface may face).
    distant_irradiance: f32,
    padding_a: u32,
    padding_b: u32,
}
