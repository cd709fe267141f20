//! Whether there is anything to see by.

use glam::Vec3;

use crate::scene::Scene;

/// What lights a scene, as far as its author said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lighting {
    /// Lights or an environment.
    Lights,
    /// Surfaces that emit, and nothing else.
    EmissionOnly,
    /// Nothing at all.
    None,
}

/// Looks for light: lights of no intensity and materials nothing wears do not count. A scene whose
/// every surface is unlit needs none; its surfaces count as emitting.
pub fn lighting(scene: &Scene) -> Lighting {
    let punctual = scene.lights.iter().map(|light| light.intensity);
    let area = scene.area_lights.iter().map(|light| light.radiance);
    let shines = punctual.chain(area).any(|light| light != Vec3::ZERO);
    if shines || scene.environment.is_some() {
        return Lighting::Lights;
    }
    let worn = || {
        (scene.instances.iter())
            .filter_map(|instance| scene.materials.get(instance.material.0 as usize))
    };
    let all_unlit = worn().next().is_some() && worn().all(|material| material.unlit);
    let emits = worn().any(|material| !material.unlit && material.emissive != Vec3::ZERO);
    if all_unlit || emits {
        Lighting::EmissionOnly
    } else {
        Lighting::None
    }
}
