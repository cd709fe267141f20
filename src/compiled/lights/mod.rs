//! All lights of a scene in one table, and the probability with which each is chosen.
//!
//! Every triangle of an instance whose material emits is a light; so are punctual lights and the environment. The
//! triangles of one instance are consecutive, so that a hit finds its light by arithmetic; those that emit nothing
//! (the dark parts of an emissive texture) have probability 0. `shaders/light` samples the table.
//!
//! Lights are chosen by power: flux, in watts, of what reaches the scene. Emission is two-sided.
//! Source for powers: pbrt 4e, §§12.1–12.5.

mod footprint;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::f32::consts::PI;

use glam::Vec3;
use rayon::prelude::*;

use self::footprint::{Footprint, FootprintKey};
use super::environment::CompiledEnvironment;
use super::record::{
    AliasBin, INVALID, LIGHT_DIRECTIONAL, LIGHT_ENVIRONMENT, LIGHT_POINT, LIGHT_SPOT,
    LIGHT_TRIANGLE, Light,
};
use super::textures::TextureTable;
use crate::math::portable::sin_cos;
use crate::sampling::alias::AliasTable;
use crate::scene::light::{PunctualKind, PunctualLight};
use crate::scene::material::Material;
use crate::scene::mesh::Mesh;
use crate::scene::texture::{Encoding, TextureRef};
use crate::scene::{Instance, MeshId};

/// What lights are made of.
#[derive(Clone, Copy, Debug)]
pub struct LightSources<'a> {
    /// Geometry, indexed by `MeshId`.
    pub meshes: &'a [Mesh],
    /// Each mesh's first entry in the triangle table.
    pub first_triangles: &'a [u32],
    /// Placements, in the order of the instance table.
    pub instances: &'a [Instance],
    /// Materials, indexed by `MaterialId`.
    pub materials: &'a [Material],
    /// Punctual lights.
    pub punctual: &'a [PunctualLight],
    /// The environment.
    pub environment: Option<&'a CompiledEnvironment>,
    /// Radius of the scene's bounding sphere, metres: what distant lights shine on.
    pub scene_radius: f32,
}

/// The light table.
#[derive(Clone, Debug, Default)]
pub struct LightTable {
    /// All lights: the environment first, then punctual lights, then triangles.
    pub lights: Vec<Light>,
    /// Alias table over `lights`.
    pub bins: Vec<AliasBin>,
    /// Index in `lights` of each instance's first triangle, or INVALID.
    pub first_lights: Vec<u32>,
    /// Index in `lights` of the environment, or INVALID.
    pub environment_light: u32,
}

impl LightTable {
    /// Compiles the lights; emissive textures get their slots in `textures`.
    pub fn build(sources: &LightSources<'_>, textures: &mut TextureTable) -> Self {
        let mut lights = Vec::new();
        let mut powers: Vec<f64> = Vec::new();
        let disk = PI * sources.scene_radius * sources.scene_radius;
        let mut environment_light = INVALID;
        if let Some(environment) = sources.environment {
            environment_light = 0;
            lights.push(Light {
                kind: LIGHT_ENVIRONMENT,
                ..blank()
            });
            powers.push(f64::from(disk * 4.0 * PI * environment.mean_radiance()));
        }
        for light in sources.punctual {
            let (light, power) = punctual(light, disk);
            lights.push(light);
            powers.push(f64::from(power));
        }
        let mut footprints = HashMap::new();
        let mut first_lights = vec![INVALID; sources.instances.len()];
        for (index, instance) in sources.instances.iter().enumerate() {
            let material = &sources.materials[instance.material.0 as usize];
            if material.unlit || material.emissive.max_element() <= 0.0 {
                continue;
            }
            let texture = material.emissive_texture.as_ref().map(|texture| {
                let footprint = footprints
                    .entry(FootprintKey::new(texture))
                    .or_insert_with(|| Footprint::build(textures.image(texture.image), texture));
                (textures.slot(texture, Encoding::Srgb), texture, &*footprint)
            });
            let triangles = triangle_lights(sources, index as u32, instance, material, texture);
            if triangles.iter().any(|(_, power)| *power > 0.0) {
                first_lights[index] = lights.len() as u32;
                lights.extend(triangles.iter().map(|(light, _)| *light));
                powers.extend(triangles.iter().map(|(_, power)| *power));
            }
        }
        let mut table = Self {
            lights,
            bins: Vec::new(),
            first_lights,
            environment_light,
        };
        table.choose_by(&powers);
        table
    }

    /// Lets lights be chosen in proportion to `powers`. Without any power there is no light.
    fn choose_by(&mut self, powers: &[f64]) {
        let Some(alias) = AliasTable::build(powers) else {
            self.lights.clear();
            self.first_lights.fill(INVALID);
            self.environment_light = INVALID;
            return;
        };
        self.bins = alias
            .bins()
            .iter()
            .map(|bin| AliasBin {
                q: bin.q,
                alias_index: bin.alias,
                ..AliasBin::default()
            })
            .collect();
        for (light, pmf) in self.lights.iter_mut().zip(alias.pmf()) {
            light.pmf = *pmf as f32;
        }
    }

    /// Probability with which the environment is chosen; 0 without one.
    pub fn environment_pmf(&self) -> f32 {
        self.lights
            .get(self.environment_light as usize)
            .map_or(0.0, |light| light.pmf)
    }

    /// The first broken invariant, in words.
    ///
    /// # Errors
    /// A probability outside [0, 1], a number that is not finite, probabilities that do not sum to 1, or tables of
    /// different lengths.
    pub fn validate(&self) -> Result<(), String> {
        if self.bins.len() != self.lights.len() {
            return Err(format!(
                "{} lights, but {} bins",
                self.lights.len(),
                self.bins.len()
            ));
        }
        let finite = |v: [f32; 3]| v.iter().all(|c| c.is_finite());
        for (i, light) in self.lights.iter().enumerate() {
            if !(0.0..=1.0).contains(&light.pmf) {
                return Err(format!(
                    "light {i}: probability {} is outside [0, 1]",
                    light.pmf
                ));
            }
            if !(finite(light.position)
                && finite(light.axis)
                && finite(light.edge)
                && finite(light.intensity))
            {
                return Err(format!("light {i} is not finite"));
            }
        }
        let total: f64 = self.lights.iter().map(|light| f64::from(light.pmf)).sum();
        if !self.lights.is_empty() && (total - 1.0).abs() > 1e-4 {
            return Err(format!("the probabilities of the lights sum to {total}"));
        }
        Ok(())
    }
}

/// A light of no kind in particular, without texture.
fn blank() -> Light {
    Light {
        texture: INVALID,
        instance: INVALID,
        triangle: INVALID,
        ..Light::default()
    }
}

/// A punctual light and its power. `disk` is the area, m², that distant light falls through on its way to the scene.
fn punctual(light: &PunctualLight, disk: f32) -> (Light, f32) {
    let mut record = Light {
        position: light.position.to_array(),
        axis: light.direction.to_array(),
        intensity: light.intensity.to_array(),
        range: light.range.unwrap_or(0.0),
        ..blank()
    };
    let brightness = mean(light.intensity);
    let power = match light.kind {
        PunctualKind::Directional => {
            record.kind = LIGHT_DIRECTIONAL;
            disk * brightness
        }
        PunctualKind::Point => {
            record.kind = LIGHT_POINT;
            4.0 * PI * brightness
        }
        PunctualKind::Spot {
            inner_cone_angle,
            outer_cone_angle,
        } => {
            record.kind = LIGHT_SPOT;
            let cos = |angle: f32| sin_cos(f64::from(angle)).1 as f32;
            let (inner, outer) = (cos(inner_cone_angle), cos(outer_cone_angle));
            record.angle_scale = 1.0 / (inner - outer).max(0.001);
            record.angle_offset = -outer * record.angle_scale;
            // The squared ramp from the outer to the inner cone averages a third.
            2.0 * PI * ((1.0 - inner) + (inner - outer) / 3.0) * brightness
        }
    };
    (record, power)
}

/// The lights, with their powers, that the triangles of instance `index` are.
fn triangle_lights(
    sources: &LightSources<'_>,
    index: u32,
    instance: &Instance,
    material: &Material,
    texture: Option<(u32, &TextureRef, &Footprint)>,
) -> Vec<(Light, f64)> {
    let MeshId(mesh_index) = instance.mesh;
    let mesh = &sources.meshes[mesh_index as usize];
    let first_triangle = sources.first_triangles[mesh_index as usize];
    let brightness = mean(material.emissive);
    mesh.triangles
        .par_iter()
        .enumerate()
        .map(|(i, corners)| {
            let [a, b, c] = corners.map(|v| {
                instance
                    .world_from_object
                    .transform_point3(mesh.positions[v as usize])
            });
            let light = Light {
                kind: LIGHT_TRIANGLE,
                position: a.to_array(),
                axis: (b - a).to_array(),
                edge: (c - a).to_array(),
                intensity: material.emissive.to_array(),
                texture: texture.map_or(INVALID, |(slot, ..)| slot),
                instance: index,
                triangle: first_triangle + i as u32,
                ..blank()
            };
            let area = 0.5 * (b - a).cross(c - a).length();
            let covered = texture.map_or(1.0, |(_, texture, footprint)| {
                let texcoords = &mesh.texcoords[texture.texcoord_set as usize];
                let corner_uv = |v: u32| texcoords.get(v as usize).copied().unwrap_or_default();
                footprint.mean(corners.map(|v| texture.transform(corner_uv(v))))
            });
            (light, f64::from(2.0 * PI * area * brightness) * covered)
        })
        .collect()
}

/// Mean of the channels.
fn mean(rgb: Vec3) -> f32 {
    rgb.element_sum() / 3.0
}
