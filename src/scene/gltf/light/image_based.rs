//! `EXT_lights_image_based`: an environment as a cube of images.
//!
//! The largest images say what light comes from where, which is all that a path tracer needs. The
//! smaller ones and the spherical harmonics are made from them, for renderers that cannot add up
//! the light on rough and matte surfaces.
//!
//! The specification's figure shows the faces of OpenGL's cube map with their origin below, and
//! has images flipped, as glTF's origin is above: the first row is the upper one of the figure.

use super::super::error::Fault;
use super::super::properties::Properties;
use super::super::range::NON_NEGATIVE;
use super::{authored, named};
use crate::color::srgb_decode;
use crate::math::portable::sin_cos;
use crate::scene::light::Environment;
use crate::scene::texture::{Image, Texels};
use glam::{Quat, Vec3};
use gltf::json::Root;
use rayon::prelude::*;
use std::f64::consts::{PI, TAU};

const NAME: &str = "EXT_lights_image_based";
/// Rows at most of the panorama that is made of a cube.
const MAX_ROWS: usize = 2048;
/// Points along each side of a texel of the panorama at which the cube is looked at.
const POINTS: usize = 2;
/// Bytes of a texel of the panorama.
const TEXEL_BYTES: u64 = 12;

/// An image-based light whose images are not decoded yet.
#[derive(Debug)]
pub(in super::super) struct Cube {
    /// JSON pointer of the light.
    path: String,
    name: String,
    /// Its images by face: +X, −X, +Y, −Y, +Z, −Z.
    pub(in super::super) faces: [usize; 6],
    intensity: f32,
    /// Environment to world.
    rotation: Quat,
}

/// Reads the light of scene `scene_index`, if it has one.
///
/// # Errors
/// When the light is missing or has impossible properties.
pub(in super::super) fn read(
    root: &Root,
    scene_index: Option<usize>,
) -> Result<Option<Cube>, Fault> {
    let Some((index, scene)) = scene_index.and_then(|i| Some((i, root.scenes.get(i)?))) else {
        return Ok(None);
    };
    let extensions = scene.extensions.as_ref().map(|e| &e.others);
    let path = format!("/scenes/{index}");
    let Some(carrier) = Properties::extension(extensions, &path, NAME)? else {
        return Ok(None);
    };
    let light = named(&authored(root, NAME)?, &carrier)?;
    let rotation = match light.has("rotation") {
        true => Quat::from_array(light.vector4("rotation", 0.0, super::super::range::FINITE)?),
        false => Quat::IDENTITY,
    };
    let Some(rotation) = Some(rotation.normalize()).filter(|rotation| rotation.is_finite()) else {
        return Err(Fault::invalid(
            light.path("rotation"),
            "is no unit quaternion",
        ));
    };
    Ok(Some(Cube {
        path: light.own_path().to_owned(),
        name: light.text("name")?.unwrap_or(NAME).to_owned(),
        faces: faces(root, &light)?,
        intensity: light.number("intensity", 1.0, NON_NEGATIVE)?,
        rotation,
    }))
}

/// The images of the first level.
fn faces(root: &Root, light: &Properties<'_>) -> Result<[usize; 6], Fault> {
    let levels = light.arrays_of_integers("specularImages")?;
    let path = light.path("specularImages/0");
    let first = levels.first().map(Vec::as_slice).unwrap_or_default();
    let Ok(faces) = <[u32; 6]>::try_from(first) else {
        return Err(Fault::invalid(path, "is no array of 6 images"));
    };
    let n_images = root.images.len();
    match faces.iter().position(|&image| image as usize >= n_images) {
        Some(face) => Err(Fault::invalid(
            format!("{path}/{face}"),
            format!("there is no image {}", faces[face]),
        )),
        None => Ok(faces.map(|image| image as usize)),
    }
}

impl Cube {
    /// The panorama of this light, from the `images` of its faces. `take` allows bytes for what is
    /// at a JSON pointer, or says why not.
    ///
    /// # Errors
    /// When the images are not square, or memory is refused.
    pub(in super::super) fn panorama(
        &self,
        images: [&Image; 6],
        take: impl FnOnce(u64, &str) -> Result<(), Fault>,
    ) -> Result<Environment, Fault> {
        let size = images[0].width;
        if let Some(face) = images
            .iter()
            .position(|i| i.width != size || i.height != size)
        {
            return Err(Fault::invalid(
                format!("/images/{}", self.faces[face]),
                format!(
                    "has {} × {} pixels; the six images of a cube are squares of one size",
                    images[face].width, images[face].height
                ),
            ));
        }
        let height = (2 * size as usize).min(MAX_ROWS);
        let width = 2 * height;
        take((width * height) as u64 * TEXEL_BYTES, &self.path)?;
        let environment_from_world = self.rotation.inverse();
        let faces = Faces::new(images);
        let columns: Vec<[f32; 2]> = (0..width * POINTS)
            .map(|x| {
                let (sin, cos) = sin_cos(TAU * (fraction(x, width) - 0.5));
                [sin as f32, cos as f32]
            })
            .collect();
        let mut texels = vec![[0.0; 3]; width * height];
        let fill = |(y, row): (usize, &mut [[f32; 3]])| {
            let rows: [[f64; 2]; POINTS] = std::array::from_fn(|i| {
                let (sin, cos) = sin_cos(PI * fraction(y * POINTS + i, height));
                [sin, cos]
            });
            for (texel, columns) in row.iter_mut().zip(columns.chunks_exact(POINTS)) {
                let mut sum = Vec3::ZERO;
                for [sin_theta, cos_theta] in rows.map(|row| row.map(|v| v as f32)) {
                    for [sin_phi, cos_phi] in columns {
                        let world = Vec3::new(sin_theta * cos_phi, cos_theta, sin_theta * sin_phi);
                        sum += faces.radiance(environment_from_world * world);
                    }
                }
                *texel = (sum / (POINTS * POINTS) as f32).to_array();
            }
        };
        texels.par_chunks_mut(width).enumerate().for_each(fill);
        Ok(Environment {
            name: self.name.clone(),
            width,
            height,
            texels,
            strength: self.intensity,
            rotation: 0.0,
        })
    }
}

/// Where point `i` of `n` texels lies, in [0, 1].
fn fraction(i: usize, n: usize) -> f64 {
    (i as f64 + 0.5) / (n * POINTS) as f64
}

/// The faces of a cube, and what their numbers mean.
struct Faces<'a> {
    images: [&'a Image; 6],
    /// Linear values of 8-bit numbers.
    narrow: Vec<f32>,
    /// Linear values of 16-bit numbers.
    wide: Vec<f32>,
}

impl<'a> Faces<'a> {
    fn new(images: [&'a Image; 6]) -> Self {
        let curve = |max: u16| {
            let decode = |v: u16| srgb_decode(f32::from(v) / f32::from(max));
            (0..=max).map(decode).collect()
        };
        Self {
            images,
            narrow: curve(255),
            wide: curve(u16::MAX),
        }
    }

    /// Radiance from `direction` in the cube's space: interpolated between the four texels of a
    /// face that are nearest.
    fn radiance(&self, direction: Vec3) -> Vec3 {
        // OpenGL 4.6 §8.13, table 8.19: which face, and where on it.
        let Vec3 { x, y, z } = direction;
        let size = direction.abs();
        let (face, u, v, major) = if size.x >= size.y && size.x >= size.z {
            match x > 0.0 {
                true => (0, -z, -y, size.x),
                false => (1, z, -y, size.x),
            }
        } else if size.y >= size.z {
            match y > 0.0 {
                true => (2, x, z, size.y),
                false => (3, x, -z, size.y),
            }
        } else {
            match z > 0.0 {
                true => (4, x, -y, size.z),
                false => (5, -x, -y, size.z),
            }
        };
        let image = self.images[face];
        let place = |along: f32| {
            let texel = (along / major + 1.0) * 0.5 * image.width as f32 - 0.5;
            texel.clamp(0.0, (image.width - 1) as f32)
        };
        let (u, v) = (place(u), place(v));
        let (left, top) = (u as u32, v as u32);
        let next = |texel: u32| (texel + 1).min(image.width - 1);
        let row = |y: u32| {
            let (a, b) = (self.texel(image, left, y), self.texel(image, next(left), y));
            a + (b - a) * (u - left as f32)
        };
        let (above, below) = (row(top), row(next(top)));
        above + (below - above) * (v - top as f32)
    }

    /// Radiance of a texel: the colour, by sRGB's curve, over the alpha ("RGBD"; an image without
    /// alpha has 1 everywhere).
    fn texel(&self, image: &Image, x: u32, y: u32) -> Vec3 {
        let first = 4 * (y as usize * image.width as usize + x as usize);
        let (color, alpha) = match image.pixels.texels() {
            Texels::Narrow(values) => {
                let [r, g, b, a] = take4(values, first);
                let color = [r, g, b].map(|v| self.narrow[usize::from(v)]);
                (color, f32::from(a) / 255.0)
            }
            Texels::Wide(values) => {
                let [r, g, b, a] = take4(values, first);
                let color = [r, g, b].map(|v| self.wide[usize::from(v)]);
                (color, f32::from(a) / 65535.0)
            }
        };
        Vec3::from_array(color) / alpha.max(1.0 / 255.0)
    }
}

/// The four values from `first` on.
fn take4<T: Copy + Default>(values: &[T], first: usize) -> [T; 4] {
    let found = values.get(first..).and_then(|rest| rest.first_chunk());
    found.copied().unwrap_or_default()
}
