//! From files to a scene that is ready to render: with light, one camera and a size.

use std::path::PathBuf;

use super::camera::{box_corners, choose, corners, default_size, frame};
use super::lighting::{Lighting, lighting};
use super::{EnvironmentPlan, Error, FramePlan, Observer, identity};
use crate::farm::pack::{self, Pack};
use crate::film::RejectedSamples;
use crate::image::{Panorama, decode_environment, read_environment};
use crate::math::Bounds;
use crate::output::Provenance;
use crate::scene::camera::Camera;
use crate::scene::light::Environment;
use crate::scene::{Scene, gltf, studio};
use crate::settings::{Region, RenderSettings};
use glam::Vec3;
use std::collections::BTreeSet;

/// What comes of reading.
pub struct Loaded {
    /// A scene with some light.
    pub scene: Scene,
    /// What it is seen by.
    pub camera: Camera,
    /// How to render it.
    pub settings: RenderSettings,
    /// What it is, for the picture's file.
    pub provenance: Provenance,
}

/// Reads the files of `plan` and decides what they leave open.
///
/// # Errors
/// When a file cannot be read, or the plan asks for what the scene has not.
pub fn load(plan: &FramePlan, observer: &dyn Observer) -> Result<Loaded, Error> {
    let pack = match pack::is_manifest(&plan.scene) {
        true => Some(Pack::open(&plan.scene, plan.cache.clone())?),
        false => None,
    };
    let mut scene = load_scene(plan, pack.as_ref())?;
    for warning in &scene.warnings {
        observer.warn(warning);
    }
    if scene.is_at_rest {
        observer.note("The scene is animated and shown at rest; --time SECONDS poses it.");
    }
    match lighting(&scene) {
        Lighting::Lights => {}
        Lighting::EmissionOnly => observer.note(
            "Lit by its own glowing surfaces alone; --environment FILE adds light from outside.",
        ),
        darkness @ (Lighting::Glow | Lighting::None) => {
            observer.note(match darkness {
                Lighting::Glow => {
                    "The scene glows, but has no light: lit by the built-in studio light."
                }
                _ => "The scene has no light: lit by the built-in studio light.",
            });
            scene.environment = Some(studio::studio_environment());
        }
    }
    let (camera, settings) = settle_camera(plan, &scene, pack.as_ref())?;
    if let Some(problem) = pack.as_ref().and_then(Pack::cache_problem) {
        observer.warn(&problem);
    }
    let provenance = Provenance {
        scene_hash: identity::scene_hash(&scene),
        settings_hash: identity::settings_hash(
            &settings,
            &plan.load_options(),
            &camera,
            scene.environment.as_ref(),
        ),
        settings: settings.clone(),
        xmp: scene.xmp.clone(),
        warnings: scene.warnings.clone(),
        device_kinds: BTreeSet::new(),
        rejected: RejectedSamples::default(),
        devices: Vec::new(),
    };
    Ok(Loaded {
        scene,
        camera,
        settings,
        provenance,
    })
}

/// Reads the scene and its environment, be they files or packed.
fn load_scene(plan: &FramePlan, pack: Option<&Pack>) -> Result<Scene, Error> {
    let options = plan.load_options();
    let mut scene = match pack {
        Some(pack) => unpacked(pack, gltf::load_from(pack, pack.scene(), &options))?,
        None => gltf::load(&plan.scene, &options)?,
    };
    if let Some(environment) = &plan.environment {
        let panorama = read_environment(&environment.path)?;
        add_environment(&mut scene, environment, panorama);
    } else if let Some((pack, packed)) = pack.and_then(|p| Some((p, p.environment()?))) {
        let environment = EnvironmentPlan {
            path: PathBuf::from(&packed.file.name),
            rotation: packed.rotation_deg.to_radians(),
            strength: packed.strength,
        };
        let panorama = decode_environment(&pack.bytes(&packed.file)?, &environment.path)?;
        add_environment(&mut scene, &environment, panorama);
    }
    Ok(scene)
}

/// What was `loaded` from `pack`, or why it could not be: a place that does not answer is not the scene's fault, nor is a
/// scene whole without a file that is in the pack.
fn unpacked<T>(pack: &Pack, loaded: Result<T, gltf::Error>) -> Result<T, Error> {
    match pack.take_failure() {
        Some(failure) => Err(failure.into()),
        None => Ok(loaded?),
    }
}

/// Lights the scene; what had to be mended joins its warnings.
fn add_environment(scene: &mut Scene, plan: &EnvironmentPlan, panorama: Panorama) {
    scene.warnings.extend(panorama.warnings);
    if let Some(own) = &scene.environment {
        scene.warnings.push(format!(
            "the scene's own environment, \"{}\", gives way to {}",
            own.name,
            plan.path.display()
        ));
    }
    scene.environment = Some(Environment {
        name: plan.path.display().to_string(),
        width: panorama.width,
        height: panorama.height,
        texels: panorama.texels,
        strength: plan.strength,
        rotation: plan.rotation,
    });
}

/// Picks or makes the camera, and sizes the frame.
fn settle_camera(
    plan: &FramePlan,
    scene: &Scene,
    pack: Option<&Pack>,
) -> Result<(Camera, RenderSettings), Error> {
    let authored = match &plan.camera {
        Some(wanted) => Some(choose(&scene.cameras, wanted)?),
        None => scene.cameras.first(),
    };
    let (width, height) = plan.size.unwrap_or_else(|| default_size(authored));
    let settings = plan.settings((width, height));
    if !Region::full(width, height).contains(settings.region) {
        return Err(Error::RegionOutsideFrame {
            region: settings.region,
            width,
            height,
        });
    }
    let camera = match authored {
        Some(camera) => camera.clone(),
        None => {
            let corners = match scene.animated_until_s {
                Some(end) => corners_in_motion(plan, pack, end)?,
                None => corners(scene),
            };
            frame(corners, width as f32 / height as f32)
        }
    };
    Ok((camera, settings))
}

/// Moments of an animation at which a camera is to see all of it, evenly from start to end.
const MOMENTS: u32 = 5;

/// What a camera has to see of a scene that moves until `end`, seconds: the same at all times, so
/// that the frames of a sequence show it from one place.
fn corners_in_motion(plan: &FramePlan, pack: Option<&Pack>, end: f32) -> Result<Vec<Vec3>, Error> {
    let (folder, name) = gltf::Folder::of(&plan.scene);
    let mut all = Vec::new();
    for moment in 0..MOMENTS {
        let options = gltf::LoadOptions {
            time: Some(f64::from(end) * f64::from(moment) / f64::from(MOMENTS - 1)),
            ..plan.load_options()
        };
        let scene = match pack {
            Some(pack) => unpacked(pack, gltf::load_shape(pack, pack.scene(), &options))?,
            None => gltf::load_shape(&folder, name, &options)?,
        };
        let bounds = Bounds::of_points(&corners(&scene));
        if !bounds.is_empty() {
            all.extend(box_corners(bounds.min, bounds.max));
        }
    }
    Ok(all)
}
