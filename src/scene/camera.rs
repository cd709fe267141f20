//! Cameras.

use glam::Affine3A;

/// A camera's image formation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Projection {
    /// Pinhole.
    Perspective {
        /// Vertical field of view, radians, (0, π).
        yfov: f32,
        /// Authored width over height; the frame's own size wins, this picks the default size.
        aspect_ratio: Option<f32>,
    },
    /// Parallel rays.
    Orthographic {
        /// Half the width seen, metres. The frame's aspect decides the width actually seen.
        xmag: f32,
        /// Half the height seen, metres.
        ymag: f32,
    },
}

/// A placed camera: looks along its local −Z, +Y up.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// Authored name, or empty.
    pub name: String,
    /// Camera to world, rotation orthonormal (scale removed).
    pub world_from_camera: Affine3A,
    /// Image formation.
    pub projection: Projection,
}
