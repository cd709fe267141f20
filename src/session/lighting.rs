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
    /// Surfaces that emit as a screen or a coal does: to be seen, not to see by.
    Glow,
    /// Nothing at all.
    None,
}

/// Radiance up to which a surface glows. What is authored to light other surfaces has more, by
/// KHR_materials_emissive_strength; without that, other programs show emission on the surface alone.
const GLOW: f32 = 1.0;

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
    let emission = worn()
        .filter(|material| !material.unlit)
        .map(|material| material.emissive.max_element())
        .fold(0.0, f32::max);
    if all_unlit || emission > GLOW {
        Lighting::EmissionOnly
    } else if emission > 0.0 {
        Lighting::Glow
    } else {
        Lighting::None
    }
}
