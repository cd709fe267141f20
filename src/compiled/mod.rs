//! What is rendered: flat tables of records that both back ends read.
//!
//! [`Compiled::build`] consumes a scene: every part is freed as soon as its table is made.

pub mod albedo;
mod area_lights;
pub mod bvh;
pub mod environment;
pub mod geometry;
mod huge_pages;
pub mod largest;
pub mod lights;
pub mod materials;
pub mod media;
mod scattering;
mod tables;
pub mod textures;
pub mod words;

pub use crate::kernel::record;

use crate::math::{Bounds, portable};
use crate::scene::camera::{Camera, Projection};
use crate::scene::{Instance, Scene};
use crate::settings::{Filter, Multiscatter, RenderSettings};
use bvh::{Accelerator, InstanceGeometry, MeshGeometry};
use environment::CompiledEnvironment;
use geometry::{GeometryTables, find_non_opaque};
use largest::Largest;
use lights::{LightSources, LightTable};
use materials::MaterialTable;
use media::{MediumSources, MediumTable};
use record::{AlbedoPair, Frame};
use scattering::{has_open_boundary, multiscatter_colors};
use textures::{TextureTable, Textures};

/// Why a scene cannot be made ready for rendering.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The acceleration structure cannot be built.
    #[error(transparent)]
    Accelerator(#[from] bvh::Error),
    /// There is no table of texels.
    #[error(transparent)]
    Textures(#[from] textures::Error),
    /// The frame's pixels cannot be addressed.
    #[error("a frame of {width} × {height} pixels is too large: at most 65535 a side")]
    FrameTooLarge {
        /// Columns asked for.
        width: u32,
        /// Rows asked for.
        height: u32,
    },
}

/// How much there is of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Triangles, counting every instance.
    pub triangles: u64,
    /// Triangles stored.
    pub unique_triangles: u64,
    /// Instances.
    pub instances: u64,
    /// Lights: punctual ones, emissive triangles counting every instance, the environment.
    pub lights: u64,
    /// Texels, bytes.
    pub texture_bytes: u64,
    /// Acceleration structure, bytes.
    pub bvh_bytes: u64,
}

/// A scene, a camera and settings, ready for rendering.
#[derive(Debug)]
pub struct Compiled {
    /// What is the same for every path.
    pub frame: Frame,
    /// Vertices and triangles.
    pub geometry: GeometryTables,
    /// The instance table.
    pub instances: Vec<record::Instance>,
    /// What fills solids.
    pub media: MediumTable,
    /// Lights and how they are chosen.
    pub lights: LightTable,
    /// The environment, unless there is none or it is black.
    pub environment: Option<CompiledEnvironment>,
    /// What surfaces are made of.
    pub materials: MaterialTable,
    /// Directional albedos of the lobes.
    pub albedo_pairs: Vec<AlbedoPair>,
    /// Texels, and how materials look at them.
    pub textures: Textures,
    /// Which triangles a ray might hit.
    pub accelerator: Accelerator,
    /// What was large in the scene.
    pub largest: Largest,
    /// Counting every instance.
    n_triangles: u64,
}

impl Compiled {
    /// Compiles `scene` as seen by `camera`, in the current rayon pool.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn build(scene: Scene, camera: &Camera, settings: &RenderSettings) -> Result<Self, Error> {
        Self::build_within(u64::MAX, scene, camera, settings)
    }

    /// As [`Compiled::build`]; if all tables together take more than `memory` bytes, the texels lie in a file.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn build_within(
        memory: u64,
        mut scene: Scene,
        camera: &Camera,
        settings: &RenderSettings,
    ) -> Result<Self, Error> {
        let largest = Largest::of(&scene);
        area_lights::place(&mut scene);
        let non_opaque = find_non_opaque(&scene);
        let multiscatter_colors = multiscatter_colors(&scene);
        let environment = scene
            .environment
            .take()
            .and_then(CompiledEnvironment::build);
        let mut textures = TextureTable::new(std::mem::take(&mut scene.images));
        let materials = MaterialTable::build(&scene.materials, &mut textures);
        // Lights look at texture coordinates, so they come before the meshes are packed.
        let first_triangles = geometry::first_triangles(&scene.meshes);
        let mut lights = LightTable::build(
            &LightSources {
                meshes: &scene.meshes,
                first_triangles: &first_triangles,
                instances: &scene.instances,
                materials: &scene.materials,
                punctual: &scene.lights,
                profiles: &scene.light_profiles,
                environment: environment.as_ref(),
            },
            &textures,
        );
        let geometry = GeometryTables::pack(&mut scene.meshes);
        let bounds = geometry.instance_bounds(&scene.instances);
        let media = MediumTable::build(&MediumSources {
            scene: &scene,
            bounds: &bounds,
            non_opaque: &non_opaque,
            multiscatter_colors: &multiscatter_colors,
        });
        let mut instances = geometry.instances(&scene, &non_opaque, &media.of_instance);
        let accelerator = build_accelerator(&scene, &geometry, &non_opaque)?;

        let mut frame = frame(camera, settings)?;
        let whole = bounds.iter().fold(Bounds::EMPTY, |all, b| all.union(*b));
        frame.scene_center = whole.center().to_array();
        let is_open = |i: &Instance| has_open_boundary(&scene.materials[i.material.0 as usize]);
        if scene.instances.iter().any(is_open) {
            frame.flags |= record::FRAME_OPEN_BOUNDARIES;
        }
        frame.scene_radius = 0.5 * whole.size().length();
        let eye = camera.world_from_camera.translation.into();
        [frame.camera_media_a, frame.camera_media_b] =
            media.around(eye, &scene.instances, &scene.meshes, &bounds);

        for (instance, first_light) in instances.iter_mut().zip(&lights.first_lights) {
            instance.first_light = *first_light;
        }
        let count = |i: &Instance| u64::from(geometry.meshes[i.mesh.0 as usize].n_triangles);
        let n_triangles = scene.instances.iter().map(count).sum();
        drop(scene);
        let held = geometry.bytes() + accelerator.memory_bytes();
        let held = held + environment.as_ref().map_or(0, CompiledEnvironment::bytes);
        let mut textures = textures.finish(memory.saturating_sub(held as u64))?;
        lights.place_profiles(&mut textures)?;
        lights.describe(&mut frame);
        if let Some(environment) = &environment {
            let first_word = textures.append(bytemuck::cast_slice(&environment.cumulative))?;
            environment.describe(&mut frame, first_word);
        }
        Ok(Self {
            frame,
            geometry,
            instances,
            media,
            lights,
            environment,
            materials,
            albedo_pairs: albedo::albedo_pairs(),
            textures,
            accelerator,
            largest,
            n_triangles,
        })
    }

    /// How much there is of what.
    pub fn sizes(&self) -> Sizes {
        Sizes {
            triangles: self.n_triangles,
            unique_triangles: self.geometry.triangles.len() as u64,
            instances: self.instances.len() as u64,
            lights: self.lights.lights.len() as u64,
            texture_bytes: self.textures.bytes() as u64,
            bvh_bytes: self.accelerator.memory_bytes() as u64,
        }
    }
}

fn build_accelerator(
    scene: &Scene,
    geometry: &GeometryTables,
    non_opaque: &[bool],
) -> Result<Accelerator, Error> {
    let meshes: Vec<MeshGeometry<'_>> = (scene.meshes.iter().zip(&geometry.meshes))
        .map(|(mesh, range)| MeshGeometry {
            positions: &mesh.positions,
            triangles: &mesh.triangles,
            first_triangle: range.first_triangle,
        })
        .collect();
    let instances: Vec<InstanceGeometry> = (scene.instances.iter().zip(non_opaque))
        .map(|(instance, &non_opaque)| InstanceGeometry {
            mesh: instance.mesh.0,
            world_from_object: instance.world_from_object,
            non_opaque,
        })
        .collect();
    Ok(Accelerator::build(&meshes, &instances)?)
}

/// What settings and camera say about every path.
fn frame(camera: &Camera, settings: &RenderSettings) -> Result<Frame, Error> {
    let (width, height) = (settings.width, settings.height);
    if width.max(height) > u32::from(u16::MAX) {
        return Err(Error::FrameTooLarge { width, height });
    }
    let aspect = width as f32 / height as f32;
    let half_height = match camera.projection {
        Projection::Perspective { yfov, .. } => {
            let (sin, cos) = portable::sin_cos(0.5 * f64::from(yfov));
            (sin / cos) as f32
        }
        Projection::Orthographic { ymag, .. } => ymag,
    };
    let matrix = camera.world_from_camera.matrix3;
    let flag = |flag: u32, holds: bool| if holds { flag } else { 0 };
    Ok(Frame {
        camera_origin: camera.world_from_camera.translation.to_array(),
        camera_right: (matrix.x_axis * (half_height * aspect)).to_array(),
        camera_up: (matrix.y_axis * half_height).to_array(),
        camera_forward: (-matrix.z_axis).normalize().to_array(),
        width,
        height,
        seed: settings.seed,
        flags: flag(
            record::FRAME_ORTHOGRAPHIC,
            matches!(camera.projection, Projection::Orthographic { .. }),
        ) | flag(
            record::FRAME_BACKGROUND_HIDDEN,
            !settings.background_visible,
        ) | flag(
            record::FRAME_MULTISCATTER,
            settings.multiscatter == Multiscatter::On,
        ),
        max_depth: settings.max_depth.min(record::PATH_COUNT_MAX),
        filter_kind: match settings.filter {
            Filter::Box => record::FILTER_BOX,
            Filter::Gaussian => record::FILTER_GAUSSIAN,
            Filter::BlackmanHarris => record::FILTER_BLACKMAN_HARRIS,
        },
        environment_light: record::INVALID,
        ..Frame::default()
    })
}
