//! From files to a scene that is ready to render: with light, one camera and a size.

use std::path::PathBuf;

use super::camera::{choose, default_size, frame_scene};
use super::lighting::{Lighting, lighting};
use super::{EnvironmentPlan, Error, FramePlan, Observer, identity};
use crate::farm::pack::{self, Pack};
use crate::film::RejectedSamples;
use crate::image::{Panorama, decode_environment, read_environment};
use crate::output::Provenance;
use crate::scene::camera::Camera;
use crate::scene::light::Environment;
use crate::scene::{Scene, gltf, studio};
use crate::settings::{Region, RenderSettings};
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
    let mut scene = load_scene(plan)?;
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
        Lighting::None => {
            observer.note("The scene has no light: lit by the built-in studio light.");
            scene.environment = Some(studio::studio_environment());
        }
    }
    let (camera, settings) = settle_camera(plan, &scene)?;
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
fn load_scene(plan: &FramePlan) -> Result<Scene, Error> {
    let options = plan.load_options();
    let pack = match pack::is_manifest(&plan.scene) {
        true => Some(Pack::open(&plan.scene)?),
        false => None,
    };
    let mut scene = match &pack {
        Some(pack) => gltf::load_from(pack, pack.scene(), &options)?,
        None => gltf::load(&plan.scene, &options)?,
    };
    if let Some(environment) = &plan.environment {
        let panorama = read_environment(&environment.path)?;
        add_environment(&mut scene, environment, panorama);
    } else if let Some((pack, packed)) = pack.as_ref().and_then(|p| Some((p, p.environment()?))) {
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

/// Lights the scene; what had to be mended joins its warnings.
fn add_environment(scene: &mut Scene, plan: &EnvironmentPlan, panorama: Panorama) {
    scene.warnings.extend(panorama.warnings);
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
fn settle_camera(plan: &FramePlan, scene: &Scene) -> Result<(Camera, RenderSettings), Error> {
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
        None => frame_scene(scene, width as f32 / height as f32),
    };
    Ok((camera, settings))
}
