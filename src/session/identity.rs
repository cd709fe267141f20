//! Which picture a file holds: hashes of all that decides it, for provenance. Two files with equal
//! scene and settings hashes show the same picture, sample for sample.

use serde::Serialize;

use crate::scene::Scene;
use crate::scene::camera::{Camera, Projection};
use crate::scene::gltf::LoadOptions;
use crate::scene::light::Environment;
use crate::settings::{Filter, Multiscatter, RenderSettings};

/// BLAKE3 of what was authored: the bytes of the scene's files and the environment's radiance.
pub fn scene_hash(scene: &Scene) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("skywell scene 1");
    hasher.update(&scene.content_hash);
    if let Some(environment) = &scene.environment {
        hash_environment(&mut hasher, environment);
    }
    *hasher.finalize().as_bytes()
}

fn hash_environment(hasher: &mut blake3::Hasher, environment: &Environment) {
    hasher.update(&(environment.width as u64).to_le_bytes());
    hasher.update(&(environment.height as u64).to_le_bytes());
    for row in environment.texels.chunks(environment.width.max(1)) {
        let bytes: Vec<u8> = (row.iter().flatten())
            .flat_map(|value| value.to_le_bytes())
            .collect();
        hasher.update(&bytes);
    }
}

/// What beside the scene's bytes decides the picture. The region and the sample range are left
/// out: parts of one frame share its hash.
#[derive(Serialize)]
struct Canonical<'a> {
    version: &'a str,
    scene: &'a LoadOptions,
    camera_world: [f32; 12],
    camera_shape: [f32; 3],
    environment: Option<[f32; 2]>,
    width: u32,
    height: u32,
    max_depth: u32,
    seed: u32,
    filter: Filter,
    background_visible: bool,
    multiscatter: Multiscatter,
}

/// BLAKE3 of everything else that decides the picture, this program's version included.
pub fn settings_hash(
    settings: &RenderSettings,
    scene: &LoadOptions,
    camera: &Camera,
    environment: Option<&Environment>,
) -> [u8; 32] {
    let canonical = Canonical {
        version: env!("CARGO_PKG_VERSION"),
        scene,
        camera_world: camera.world_from_camera.to_cols_array(),
        camera_shape: match camera.projection {
            Projection::Perspective { yfov, .. } => [0.0, yfov, 0.0],
            Projection::Orthographic { xmag, ymag } => [1.0, xmag, ymag],
        },
        environment: environment.map(|environment| [environment.rotation, environment.strength]),
        width: settings.width,
        height: settings.height,
        max_depth: settings.max_depth,
        seed: settings.seed,
        filter: settings.filter,
        background_visible: settings.background_visible,
        multiscatter: settings.multiscatter,
    };
    let mut hasher = blake3::Hasher::new_derive_key("skywell settings 1");
    // Writing plain numbers and strings as JSON into memory has no way to fail.
    let _ = serde_json::to_writer(&mut hasher, &canonical);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Region;

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
        let hash = |settings| settings_hash(settings, &LoadOptions::default(), &camera(), None);
        assert_eq!(hash(&whole), hash(&part));
    }

    #[test]
    fn what_decides_the_picture_decides_the_hash() {
        let base = RenderSettings::new(8, 8);
        let as_authored = LoadOptions::default();
        let plain = settings_hash(&base, &as_authored, &camera(), None);
        let mut hashes = vec![plain];
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
            hashes.push(settings_hash(&changed, &as_authored, &camera(), None));
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
            hashes.push(settings_hash(&base, &chosen, &camera(), None));
        }
        let mut moved = camera();
        moved.world_from_camera.translation.x = 1.0;
        hashes.push(settings_hash(&base, &as_authored, &moved, None));
        let n = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), n);
    }

    #[test]
    fn the_environment_belongs_to_the_scene() {
        let mut scene = Scene::default();
        let bare = scene_hash(&scene);
        scene.environment = Some(Environment {
            name: "sky".into(),
            width: 1,
            height: 1,
            texels: vec![[1.0, 2.0, 3.0]],
            strength: 1.0,
            rotation: 0.0,
        });
        assert_ne!(scene_hash(&scene), bare);
    }
}
