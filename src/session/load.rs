//! From files to a scene that is ready to render: with light, one camera and a size.

use std::path::PathBuf;

use super::camera::{box_corners, choose, corners, default_size, frame};
use super::identity::{self, AddedLight};
use super::lighting::{Lighting, lighting};
use super::{EnvironmentPlan, Error, FramePlan, Observer};
use crate::farm::pack::{self, Pack};
use crate::film::RejectedSamples;
use crate::image::{Panorama, decode_environment, environment_bytes};
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
    let pack = open_pack(plan)?;
    let options = plan.load_options();
    let mut scene = match &pack {
        Some(pack) => unpacked(pack, gltf::load_from(pack, pack.scene(), &options))?,
        None => gltf::load(&plan.scene, &options)?,
    };
    let light = light_file(plan, pack.as_ref())?;
    if let Some((light, bytes)) = &light {
        let panorama = decode_environment(bytes, &light.path)?;
        add_environment(&mut scene, light, panorama);
    }
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
    let (authored, settings) = settle(plan, &scene.cameras)?;
    let provenance = provenance(plan, &scene, authored, light, &settings);
    let camera = match authored {
        Some(camera) => camera.clone(),
        None => framing(plan, &scene, pack.as_ref(), &settings)?,
    };
    if let Some(problem) = pack.as_ref().and_then(Pack::cache_problem) {
        observer.warn(&problem);
    }
    Ok(Loaded {
        scene,
        camera,
        settings,
        provenance,
    })
}

/// What [`load`] would say the picture of `plan` is, but for warnings. Every byte of the files is read for it, but no
/// sense is made of geometry and images.
///
/// # Errors
/// Those of [`load`], but for what is wrong with geometry and images.
pub fn identify(plan: &FramePlan) -> Result<Provenance, Error> {
    let pack = open_pack(plan)?;
    let options = plan.load_options();
    let scene = match &pack {
        Some(pack) => unpacked(pack, gltf::identify(pack, pack.scene(), &options))?,
        None => {
            let (folder, name) = gltf::Folder::of(&plan.scene);
            gltf::identify(&folder, name, &options)?
        }
    };
    let light = light_file(plan, pack.as_ref())?;
    let (authored, settings) = settle(plan, &scene.cameras)?;
    Ok(provenance(plan, &scene, authored, light, &settings))
}

/// The scene's pack, if it is packed.
fn open_pack(plan: &FramePlan) -> Result<Option<Pack>, Error> {
    let is_packed = pack::is_manifest(&plan.scene);
    let open = || Pack::open(&plan.scene, plan.cache.clone());
    Ok(is_packed.then(open).transpose()?)
}

/// Light to be added to the scene, and the bytes of its file: what the plan asks for, or else the pack.
fn light_file(
    plan: &FramePlan,
    pack: Option<&Pack>,
) -> Result<Option<(EnvironmentPlan, Vec<u8>)>, Error> {
    if let Some(light) = &plan.environment {
        return Ok(Some((light.clone(), environment_bytes(&light.path)?)));
    }
    let Some((pack, packed)) = pack.and_then(|pack| Some((pack, pack.environment()?))) else {
        return Ok(None);
    };
    let light = EnvironmentPlan {
        path: PathBuf::from(&packed.file.name),
        rotation: packed.rotation_deg.to_radians(),
        strength: packed.strength,
    };
    Ok(Some((light, pack.bytes(&packed.file)?)))
}

fn provenance(
    plan: &FramePlan,
    scene: &Scene,
    authored: Option<&Camera>,
    light: Option<(EnvironmentPlan, Vec<u8>)>,
    settings: &RenderSettings,
) -> Provenance {
    let light = light.map(|(plan, bytes)| AddedLight::new(&plan, &bytes));
    let (light, options) = (light.as_ref(), plan.load_options());
    Provenance {
        scene_hash: identity::scene_hash(&scene.content_hash, light),
        settings_hash: identity::settings_hash(settings, &options, authored, light),
        settings: settings.clone(),
        xmp: scene.xmp.clone(),
        warnings: scene.warnings.clone(),
        device_kinds: BTreeSet::new(),
        rejected: RejectedSamples::default(),
        devices: Vec::new(),
    }
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

/// Picks one of the authored cameras, if there are any, and sizes the frame.
fn settle<'a>(
    plan: &FramePlan,
    cameras: &'a [Camera],
) -> Result<(Option<&'a Camera>, RenderSettings), Error> {
    let authored = match &plan.camera {
        Some(wanted) => Some(choose(cameras, wanted)?),
        None => cameras.first(),
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
    Ok((authored, settings))
}

/// A camera that sees all of the scene, now and whenever it moves.
fn framing(
    plan: &FramePlan,
    scene: &Scene,
    pack: Option<&Pack>,
    settings: &RenderSettings,
) -> Result<Camera, Error> {
    let corners = match scene.animated_until_s {
        Some(end) => corners_in_motion(plan, pack, end)?,
        None => corners(scene),
    };
    let aspect = settings.width as f32 / settings.height as f32;
    Ok(frame(corners, aspect))
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
