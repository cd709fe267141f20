//! Lights that are not surfaces.

use glam::{Affine3A, Vec3};

/// The shape of a punctual light (KHR_lights_punctual).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PunctualKind {
    /// Parallel light; intensity in lux.
    Directional,
    /// From one point, equal in all directions; intensity in candela.
    Point,
    /// From one point within a cone; intensity in candela on the axis.
    Spot {
        /// Half-angle of the full-intensity cone, radians.
        inner_cone_angle: f32,
        /// Half-angle beyond which there is no light, radians.
        outer_cone_angle: f32,
    },
}

/// A placed punctual light.
#[derive(Clone, Debug, PartialEq)]
pub struct PunctualLight {
    /// Authored name, or empty.
    pub name: String,
    /// World position (point, spot).
    pub position: Vec3,
    /// Unit world direction the light travels along (directional, spot).
    pub direction: Vec3,
    /// Colour × intensity, linear Rec.709; taken as radiometric (W/sr or W/m²).
    pub intensity: Vec3,
    /// Distance beyond which the light has no effect; `None` is unlimited.
    pub range: Option<f32>,
    /// Shape.
    pub kind: PunctualKind,
}

/// The shape of an area light in its own space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AreaShape {
    /// The square of side 1 around the origin, in the xy-plane.
    Rectangle,
    /// The disk of diameter 1 around the origin, in the xy-plane.
    Disk,
}

/// A placed flat light (EXT_lights_area) that shines alike from all of one side, by the cosine.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaLight {
    /// Authored name, or empty.
    pub name: String,
    /// The shape's space, scaled to its size, to world; it shines towards −Z. Invertible.
    pub world_from_light: Affine3A,
    /// Shape.
    pub shape: AreaShape,
    /// Colour × intensity, linear Rec.709; cd/m² taken as W/(m² sr).
    pub radiance: Vec3,
}

/// An equirectangular image of distant radiance. First row is +Y; the direction of column `u` is
/// that of `u = 0.5 + atan2(d.z, d.x) / 2π`.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Where it came from, for messages and provenance.
    pub name: String,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Linear Rec.709 radiance, `[y][x]`, finite and non-negative.
    pub texels: Vec<[f32; 3]>,
    /// Radiance multiplier.
    pub strength: f32,
    /// Rotation about +Y, radians, counter-clockwise seen from above.
    pub rotation: f32,
}
