//! Lights that are not surfaces.

use super::ProfileId;
use glam::{Affine3A, Vec3};

/// The shape of a punctual light (KHR_lights_punctual, EXT_lights_ies).
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
    /// From one point as a profile says, whose candela the intensity multiplies; the direction is
    /// the profile's axis.
    Measured {
        /// The profile; an index into [`super::Scene::light_profiles`].
        profile: ProfileId,
        /// Unit world direction of azimuth 0, perpendicular to the axis.
        azimuth_zero: Vec3,
    },
}

/// Light from a point into every direction, as it was measured: on a grid of polar angles from an
/// axis and azimuths around it. Between them it is interpolated, outside there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct LightProfile {
    /// Unit, in the light's space.
    pub axis: Vec3,
    /// Unit direction of azimuth 0, in the light's space. Azimuths rise towards the cross product
    /// of this and the axis.
    pub azimuth_zero: Vec3,
    /// Radians, rising, at least 2.
    pub polar: Vec<f32>,
    /// Radians, rising, at least 2, from the first to a full turn beyond it at most.
    pub azimuths: Vec<f32>,
    /// `[azimuth][polar]`, candela, finite, at least 0.
    pub intensities: Vec<f32>,
}

impl LightProfile {
    /// Bytes its arrays take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let arrays = [&self.polar, &self.azimuths, &self.intensities];
        arrays
            .map(|array| size_of_val(array.as_slice()) as u64)
            .iter()
            .sum()
    }

    /// The largest intensity, candela.
    #[must_use]
    pub fn largest(&self) -> f32 {
        self.intensities.iter().copied().fold(0.0, f32::max)
    }
}

/// A placed punctual light.
#[derive(Clone, Debug, PartialEq)]
pub struct PunctualLight {
    /// Authored name, or empty.
    pub name: String,
    /// World position (all but directional).
    pub position: Vec3,
    /// Unit world direction the light travels along (directional, spot), or the axis (measured).
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
