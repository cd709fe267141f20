//! What was authored: geometry, materials, lights and cameras exactly as the file states them.
//!
//! Nothing here is packed or precomputed for rendering (that is [`crate::compiled`]), and nothing
//! here knows the file format beyond the importer in `gltf`. Frames: glTF's right-handed world,
//! Y up, metres, radians, linear Rec.709 colour.

pub mod camera;
pub mod gltf;
pub mod light;
pub mod material;
pub mod mesh;
pub mod spill;
pub mod studio;
pub mod texture;

use glam::Affine3A;

/// Index into [`Scene::meshes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeshId(pub u32);

/// Index into [`Scene::materials`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MaterialId(pub u32);

/// Index into [`Scene::images`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageId(pub u32);

/// Index into [`Scene::light_profiles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProfileId(pub u32);

/// One placement of a mesh in the world.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The geometry placed.
    pub mesh: MeshId,
    /// The material it wears; an index into [`Scene::materials`].
    pub material: MaterialId,
    /// What placed it: the index of a glTF node or, where a node places many copies of its mesh, a
    /// number of the copy's own. Instances of one such and one material bound one solid together.
    pub node: u32,
    /// Object to world; may mirror (negative determinant).
    pub world_from_object: Affine3A,
}

/// A scene as authored, flattened to world-space placements of shared meshes.
#[derive(Debug, Default)]
pub struct Scene {
    /// Geometry, shared by instances. One mesh is one glTF primitive.
    pub meshes: Vec<mesh::Mesh>,
    /// Placements.
    pub instances: Vec<Instance>,
    /// Materials; always contains every `MaterialId` used.
    pub materials: Vec<material::Material>,
    /// Decoded images, shared by textures.
    pub images: Vec<texture::Image>,
    /// Punctual lights, placed.
    pub lights: Vec<light::PunctualLight>,
    /// How lamps were measured to shine, shared by lights.
    pub light_profiles: Vec<light::LightProfile>,
    /// Area lights, placed.
    pub area_lights: Vec<light::AreaLight>,
    /// Cameras, placed, in file order.
    pub cameras: Vec<camera::Camera>,
    /// Image-based light.
    pub environment: Option<light::Environment>,
    /// The file's XMP packets (KHR_xmp_json_ld), a JSON array.
    pub xmp: Option<String>,
    /// Does the file have animations, none of which is applied?
    pub is_at_rest: bool,
    /// When the last keyframe is of what poses it, seconds; `None` when nothing does.
    pub animated_until_s: Option<f32>,
    /// What could not be honoured, one line each: file, JSON path, what was done instead.
    pub warnings: Vec<String>,
    /// BLAKE3 of what the scene was read from: the file's bytes, followed by the BLAKE3 of each
    /// external buffer, then of each IES profile, image of a texture, and image of an image-based light, that is used,
    /// in the order of the document. All zero for a scene made in memory.
    pub content_hash: [u8; 32],
}
