//! Which picture a file holds: hashes of all that decides it, for provenance. Two files with equal
//! scene and settings hashes show the same picture, sample for sample.
//!
//! What is hashed are the bytes of the files and what was asked for, not what became of them: so it is known without
//! making sense of geometry and images, which takes most of the time of loading. What follows from both in a way of this
//! program, such as a camera that frames a scene without one, is covered by its version.

use super::EnvironmentPlan;
use serde::Serialize;

use crate::scene::camera::{Camera, Projection};
use crate::scene::gltf::LoadOptions;
use crate::settings::{Filter, Multiscatter, RenderSettings};

/// Light that was added to a scene.
#[derive(Clone, Copy, Debug)]
pub struct AddedLight {
    /// BLAKE3 of its file.
    pub hash: blake3::Hash,
    /// See [`EnvironmentPlan::rotation`].
    pub rotation: f32,
    /// See [`EnvironmentPlan::strength`].
    pub strength: f32,
}

impl AddedLight {
    /// The light of `plan`, whose file holds `bytes`.
    pub fn new(plan: &EnvironmentPlan, bytes: &[u8]) -> Self {
        Self {
            hash: blake3::hash(bytes),
            rotation: plan.rotation,
            strength: plan.strength,
        }
    }
}

/// BLAKE3 of what was authored: of the bytes of the scene's files, [`crate::scene::Scene::content_hash`], and of the
/// file of the light added.
pub fn scene_hash(content: &[u8; 32], light: Option<&AddedLight>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("skywell scene 2");
    hasher.update(content);
    if let Some(light) = light {
        hasher.update(light.hash.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// What beside the scene's bytes decides the picture. The region and the sample range are left
/// out: parts of one frame share its hash.
#[derive(Serialize)]
struct Canonical<'a> {
    version: &'a str,
    scene: &'a LoadOptions,
    /// `None` frames the scene.
    camera: Option<([f32; 12], [f32; 3])>,
    environment: Option<[f32; 2]>,
    width: u32,
    height: u32,
    max_depth: u32,
    seed: u32,
    filter: Filter,
    background_visible: bool,
    multiscatter: Multiscatter,
}

/// BLAKE3 of everything else that decides the picture, this program's version included. `camera` is the authored one that
/// was chosen, if there is any.
pub fn settings_hash(
    settings: &RenderSettings,
    scene: &LoadOptions,
    camera: Option<&Camera>,
    light: Option<&AddedLight>,
) -> [u8; 32] {
    let shape = |camera: &Camera| match camera.projection {
        Projection::Perspective { yfov, .. } => [0.0, yfov, 0.0],
        Projection::Orthographic { xmag, ymag } => [1.0, xmag, ymag],
    };
    let canonical = Canonical {
        version: env!("CARGO_PKG_VERSION"),
        scene,
        camera: camera.map(|c| (c.world_from_camera.to_cols_array(), shape(c))),
        environment: light.map(|light| [light.rotation, light.strength]),
        width: settings.width,
        height: settings.height,
        max_depth: settings.max_depth,
        seed: settings.seed,
        filter: settings.filter,
        background_visible: settings.background_visible,
        multiscatter: settings.multiscatter,
    };
    let mut hasher = blake3::Hasher::new_derive_key("skywell settings 2");
    // Writing plain numbers and strings as JSON into memory has no way to fail.
    let _ = serde_json::to_writer(&mut hasher, &canonical);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Region;
    use std::path::PathBuf;

    fn light(bytes: &[u8], strength: f32) -> AddedLight {
        let plan = EnvironmentPlan {
            path: PathBuf::from("sky.hdr"),
            rotation: 0.0,
            strength,
        };
        AddedLight::new(&plan, bytes)
    }

    fn camera() -> Camera {
        Camera {
            name: "front".into(),
            world_from_camera: glam::Affine3A::IDENTITY,
            projection: Projection::Perspective {
                yfov: 0.5,
                aspect_ratio: None,
            },
        }
    }

    #[test]
    fn parts_of_a_frame_share_a_hash() {
        let whole = RenderSettings::new(8, 8);
        let mut part = whole.clone();
        part.region = Region::full(4, 4);
        part.samples = 64..128;
        let hash = |settings| settings_hash(settings, &LoadOptions::default(), None, None);
        assert_eq!(hash(&whole), hash(&part));
    }

    #[test]
    fn what_decides_the_picture_decides_the_hash() {
        let base = RenderSettings::new(8, 8);
        let as_authored = LoadOptions::default();
        let hash = |settings: &RenderSettings, options: &LoadOptions| {
            settings_hash(settings, options, Some(&camera()), None)
        };
        let mut hashes = vec![
            hash(&base, &as_authored),
            settings_hash(&base, &as_authored, None, None),
        ];
        let changes: [fn(&mut RenderSettings); 6] = [
            |s| s.seed = 1,
            |s| s.max_depth = 3,
            |s| s.width = 9,
            |s| s.filter = Filter::Box,
            |s| s.background_visible = false,
            |s| s.multiscatter = Multiscatter::Off,
        ];
        for change in changes {
            let mut changed = base.clone();
            change(&mut changed);
            hashes.push(hash(&changed, &as_authored));
        }
        let choices: [fn(&mut LoadOptions); 4] = [
            |o| o.scene_index = Some(0),
            |o| o.time = Some(0.0),
            |o| o.animation = Some("walk".into()),
            |o| o.variant = Some("red".into()),
        ];
        for choose in choices {
            let mut chosen = as_authored.clone();
            choose(&mut chosen);
            hashes.push(hash(&base, &chosen));
        }
        let mut moved = camera();
        moved.world_from_camera.translation.x = 1.0;
        hashes.push(settings_hash(&base, &as_authored, Some(&moved), None));
        for light in [light(b"sky", 1.0), light(b"sky", 2.0)] {
            hashes.push(settings_hash(&base, &as_authored, None, Some(&light)));
        }
        let n = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), n);
    }

    #[test]
    fn the_environment_belongs_to_the_scene() {
        let content = [7; 32];
        let lit = |bytes| scene_hash(&content, Some(&light(bytes, 1.0)));
        assert_ne!(lit(b"sky"), scene_hash(&content, None));
        assert_ne!(lit(b"sky"), lit(b"sea"));
    }
}
