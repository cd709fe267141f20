//! Which camera a frame is taken with, and how large it is when nobody said.

use glam::{Affine3A, DVec3, Mat3A, Vec3, Vec3A};
use rayon::prelude::*;

use super::Error;
use crate::math::Bounds;
use crate::math::portable::sin_cos;
use crate::scene::Scene;
use crate::scene::camera::{Camera, Projection};

/// Frame size when neither the command line nor the camera has a say, pixels.
pub const DEFAULT_SIZE: (u32, u32) = (960, 540);

/// Vertical field of view of the camera that frames a scene, radians: about a 50 mm lens on film.
const FRAMING_YFOV: f32 = 0.47;
/// Where the framing camera stands: this far round from +Z (glTF's front) towards +X, radians …
const FRAMING_AZIMUTH: f64 = 0.61;
/// … and this far above the horizon, radians.
const FRAMING_ELEVATION: f64 = 0.33;
/// Part of the frame's half width and height that the scene may reach.
const FRAMING_FILL: f32 = 0.92;

/// The camera of this name, or else of this index from 0.
pub fn choose<'a>(cameras: &'a [Camera], wanted: &str) -> Result<&'a Camera, Error> {
    let by_name = cameras.iter().find(|camera| camera.name == wanted);
    let by_index = || cameras.get(wanted.parse::<usize>().ok()?);
    by_name
        .or_else(by_index)
        .ok_or_else(|| Error::NoSuchCamera {
            wanted: wanted.to_owned(),
            there_are: list(cameras),
        })
}

/// `0 "front", 1 "top"`, for a message.
fn list(cameras: &[Camera]) -> String {
    if cameras.is_empty() {
        return "the scene has no camera: leave the flag out to have it framed".into();
    }
    let names: Vec<String> = (cameras.iter().enumerate())
        .map(|(index, camera)| match camera.name.as_str() {
            "" => format!("{index} (unnamed)"),
            name => format!("{index} \"{name}\""),
        })
        .collect();
    format!("there are: {}", names.join(", "))
}

/// Largest size of `camera`'s own aspect ratio within [`DEFAULT_SIZE`]; that size itself if the
/// camera has none.
#[must_use]
pub fn default_size(camera: Option<&Camera>) -> (u32, u32) {
    let (width, height) = DEFAULT_SIZE;
    let aspect = match camera.map(|camera| camera.projection) {
        Some(Projection::Perspective { aspect_ratio, .. }) => aspect_ratio,
        Some(Projection::Orthographic { xmag, ymag }) => Some((xmag / ymag).abs()),
        None => None,
    };
    let Some(aspect) = aspect.filter(|aspect| aspect.is_finite() && *aspect > 0.0) else {
        return DEFAULT_SIZE;
    };
    let (w, h) = (width as f32, height as f32);
    if aspect * h > w {
        (width, ((w / aspect).round() as u32).clamp(1, height))
    } else {
        (((h * aspect).round() as u32).clamp(1, width), height)
    }
}

/// A camera that sees all of `corners` (world) from a three-quarter view, filling a frame of
/// `aspect` (width over height). Where there are none, a unit cube at the origin takes their place.
#[must_use]
pub fn frame(mut corners: Vec<Vec3>, aspect: f32) -> Camera {
    if corners.is_empty() {
        corners = box_corners(Vec3::splat(-0.5), Vec3::splat(0.5)).to_vec();
    }
    Camera {
        name: String::new(),
        world_from_camera: framing_transform(&corners, aspect),
        projection: Projection::Perspective {
            yfov: FRAMING_YFOV,
            aspect_ratio: Some(aspect),
        },
    }
}

/// World positions of the corners of every instance's object-space bounding box.
pub fn corners(scene: &Scene) -> Vec<Vec3> {
    let boxes: Vec<Option<[Vec3; 8]>> = (scene.meshes.par_iter())
        .map(|mesh| {
            let bounds = Bounds::of_points(&mesh.positions);
            (!bounds.is_empty()).then(|| box_corners(bounds.min, bounds.max))
        })
        .collect();
    let mut corners = Vec::with_capacity(scene.instances.len() * 8);
    for instance in &scene.instances {
        let corners_of_mesh = boxes.get(instance.mesh.0 as usize).copied().flatten();
        corners.extend(
            (corners_of_mesh.into_iter().flatten())
                .map(|p| instance.world_from_object.transform_point3(p)),
        );
    }
    corners
}

/// The corners of the box from `low` to `high`.
pub fn box_corners(low: Vec3, high: Vec3) -> [Vec3; 8] {
    std::array::from_fn(|i| {
        let pick = |bit: usize, low: f32, high: f32| if i >> bit & 1 == 1 { high } else { low };
        Vec3::new(
            pick(0, low.x, high.x),
            pick(1, low.y, high.y),
            pick(2, low.z, high.z),
        )
    })
}

/// The nearest place along the three-quarter direction from which all of `points` lie in view.
///
/// In camera axes, with `z` towards the viewer, a point is within the right edge when
/// `p.x − eye.x ≤ t (eye.z − p.z)` with `t` the tangent of the half angle. Both edges of one axis
/// together say `t·eye.z ≥ (max(p.x + t p.z) + max(−p.x + t p.z)) / 2`, with equality at
/// `eye.x = (max(p.x + t p.z) − max(−p.x + t p.z)) / 2`. The farther of the two axes decides.
fn framing_transform(points: &[Vec3], aspect: f32) -> Affine3A {
    let (sin_azimuth, cos_azimuth) = sin_cos(FRAMING_AZIMUTH);
    let (sin_elevation, cos_elevation) = sin_cos(FRAMING_ELEVATION);
    let back = DVec3::new(
        cos_elevation * sin_azimuth,
        sin_elevation,
        cos_elevation * cos_azimuth,
    );
    let back = Vec3A::from(back.as_vec3());
    let right = Vec3A::Y.cross(back).normalize();
    let up = back.cross(right);
    let world_from_axes = Mat3A::from_cols(right, up, back);

    let (sin, cos) = sin_cos(f64::from(FRAMING_YFOV) / 2.0);
    let tan_y = (sin / cos) as f32 * FRAMING_FILL;
    let tan = [tan_y * aspect, tan_y];
    let mut edges = [[f32::NEG_INFINITY; 2]; 2];
    let mut nearest = f32::NEG_INFINITY;
    for p in points {
        let p = world_from_axes.transpose() * Vec3A::from(*p);
        for axis in 0..2 {
            let lean = tan[axis] * p.z;
            edges[axis][0] = edges[axis][0].max(lean + p[axis]);
            edges[axis][1] = edges[axis][1].max(lean - p[axis]);
        }
        nearest = nearest.max(p.z);
    }
    let eye_on = |axis: usize| (edges[axis][0] - edges[axis][1]) / 2.0;
    let distance_of = |axis: usize| (edges[axis][0] + edges[axis][1]) / (2.0 * tan[axis]);
    let fitted = distance_of(0).max(distance_of(1));
    // Points that fill no area (one vertex, a line of sight) still need a step back.
    let eye_z = if fitted > nearest {
        fitted
    } else {
        nearest + 1.0
    };
    let eye = world_from_axes * Vec3A::new(eye_on(0), eye_on(1), eye_z);
    Affine3A {
        matrix3: world_from_axes,
        translation: eye,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn perspective(name: &str, aspect_ratio: Option<f32>) -> Camera {
        Camera {
            name: name.into(),
            world_from_camera: Affine3A::IDENTITY,
            projection: Projection::Perspective {
                yfov: 1.0,
                aspect_ratio,
            },
        }
    }

    #[test]
    fn a_name_wins_over_an_index() {
        let cameras = [perspective("1", None), perspective("top", None)];
        assert_eq!(choose(&cameras, "1").ok(), Some(&cameras[0]));
        assert_eq!(choose(&cameras, "0").ok(), Some(&cameras[0]));
        assert_eq!(choose(&cameras, "top").ok(), Some(&cameras[1]));
        let message = choose(&cameras, "2").unwrap_err().to_string();
        assert!(message.contains(r#"0 "1", 1 "top""#), "{message}");
    }

    #[test]
    fn authored_aspect_picks_a_size_within_the_default() {
        let size = |aspect| default_size(Some(&perspective("", aspect)));
        assert_eq!(size(None), DEFAULT_SIZE);
        assert_eq!(size(Some(1.0)), (540, 540));
        assert_eq!(size(Some(2.0)), (960, 480));
        assert_eq!(size(Some(0.5)), (270, 540));
        assert_eq!(size(Some(1e9)), (960, 1));
        assert_eq!(size(Some(0.0)), DEFAULT_SIZE);
        assert_eq!(size(Some(f32::NAN)), DEFAULT_SIZE);
        assert_eq!(default_size(None), DEFAULT_SIZE);
    }

    /// Largest |x| and |y| of the points in the frame, 1 at its edge.
    fn extent(points: &[Vec3], aspect: f32) -> (f32, f32) {
        let camera_from_world = framing_transform(points, aspect).inverse();
        let tan_y = (FRAMING_YFOV / 2.0).tan();
        points.iter().fold((0.0_f32, 0.0_f32), |(x, y), p| {
            let p = camera_from_world.transform_point3(*p);
            assert!(p.z < 0.0, "in front of the camera");
            let ndc = (p.x / (-p.z * tan_y * aspect), p.y / (-p.z * tan_y));
            (x.max(ndc.0.abs()), y.max(ndc.1.abs()))
        })
    }

    #[test]
    fn framing_fits_exactly() {
        for (low, high) in [
            (Vec3::ZERO, Vec3::ONE),
            (Vec3::new(-100.0, 0.0, -3.0), Vec3::new(-90.0, 400.0, 9.0)),
            (Vec3::splat(1e-4), Vec3::new(3e-4, 2e-4, 2e-4)),
        ] {
            for aspect in [0.3, 1.0, 16.0 / 9.0] {
                let (x, y) = extent(&box_corners(low, high), aspect);
                let reached = x.max(y);
                assert!(
                    (reached - FRAMING_FILL).abs() < 2e-3,
                    "{low} {high} {aspect}: {x} {y}"
                );
            }
        }
    }

    #[test]
    fn a_point_is_framed_too() {
        extent(&[Vec3::new(5.0, 6.0, 7.0)], 1.5);
        let camera = frame(corners(&Scene::default()), 1.5);
        assert!(camera.world_from_camera.is_finite());
    }
}
