//! Triangle meshes.

use glam::{Vec2, Vec3, Vec4};

/// How many texture-coordinate sets one mesh may carry into rendering.
pub const MAX_TEXCOORD_SETS: usize = 3;

/// One triangle mesh in object space. Every per-vertex array is either empty ("not authored") or
/// as long as `positions`.
#[derive(Clone, Debug, Default)]
pub struct Mesh {
    /// Name for messages.
    pub name: String,
    /// Vertex positions, finite, metres.
    pub positions: Vec<Vec3>,
    /// Unit shading normals; never empty (missing normals become flat ones on unshared vertices).
    pub normals: Vec<Vec3>,
    /// Unit tangents, `w` = ±1 handedness as glTF defines it; empty when no material needs them.
    pub tangents: Vec<Vec4>,
    /// Texture coordinates by set.
    pub texcoords: [Vec<Vec2>; MAX_TEXCOORD_SETS],
    /// Linear RGBA vertex colours.
    pub colors: Vec<Vec4>,
    /// Vertex indices, counter-clockwise seen from the front; all in range.
    pub triangles: Vec<[u32; 3]>,
}

impl Mesh {
    /// Bytes its arrays take.
    pub fn bytes(&self) -> u64 {
        let vertices = size_of_val(&*self.positions)
            + size_of_val(&*self.normals)
            + size_of_val(&*self.tangents)
            + size_of_val(&*self.colors)
            + self
                .texcoords
                .iter()
                .map(|set| size_of_val(&**set))
                .sum::<usize>();
        (vertices + size_of_val(&*self.triangles)) as u64
    }
}
