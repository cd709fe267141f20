//! All lights of a scene in one table, and the structures through which they are chosen.
//!
//! Every triangle of an instance whose material emits is a light; so are punctual lights and the environment. The
//! triangles of one instance are consecutive, so that a hit finds its light by arithmetic; those that emit nothing
//! (the dark parts of an emissive texture) are never chosen. `shaders/light` samples the table: lights that are infinitely
//! far through an alias table, those that are somewhere through a tree. Double-sided materials emit from both sides, others from the front.

mod footprint;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::HashMap;
use std::f32::consts::PI;

use glam::Vec3;
use rayon::prelude::*;

use self::footprint::{Footprint, FootprintKey, strips_each};
use self::tree::{LightBounds, LightTree, TreeLight};
use super::environment::CompiledEnvironment;
use super::record::{
    AliasBin, Frame, INVALID, LIGHT_DIRECTIONAL, LIGHT_ENVIRONMENT, LIGHT_MEASURED,
    LIGHT_NODE_INDEX, LIGHT_NODE_LEAF, LIGHT_ONE_SIDED_TRIANGLE, LIGHT_POINT, LIGHT_SPOT,
    LIGHT_TRAIL_NONE, LIGHT_TRIANGLE, LIGHT_VARYING_TRIANGLE, Light, LightNode,
};
use super::textures::{self, TextureTable, Textures};
use crate::math::Bounds;
use crate::math::portable::sin_cos;
use crate::sampling::alias::AliasTable;
use crate::scene::Instance;
use crate::scene::light::{LightProfile, PunctualKind, PunctualLight};
use crate::scene::material::{AlphaMode, Material};
use crate::scene::mesh::Mesh;
use crate::scene::texture::TextureRef;

/// Irradiance from a directional light over that on a surface that faces it, as a mean over surfaces that see it.
const DIRECTIONAL_SHARE: f32 = 0.5;

/// Opens spot cones in the tree by more than rounding can close them.
const SPOT_MARGIN: f32 = 1e-5;

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
    /// What some of these were measured to shine, indexed by `ProfileId`.
    pub profiles: &'a [LightProfile],
    /// The environment.
    pub environment: Option<&'a CompiledEnvironment>,
}

/// The light table.
#[derive(Clone, Debug)]
pub struct LightTable {
    /// All lights: the infinitely far ones first.
    pub lights: Vec<Light>,
    /// Alias table over the infinitely far lights.
    pub bins: Vec<AliasBin>,
    /// Tree over the others.
    pub nodes: Vec<LightNode>,
    /// Index in `lights` of each instance's first triangle, or INVALID.
    pub first_lights: Vec<u32>,
    /// Index in `lights` of the environment, or INVALID.
    pub environment_light: u32,
    /// The profiles of measured lights, as `shaders/light/profile.wgsl` reads them; they live in the texel table.
    pub profile_words: Vec<u32>,
    /// Irradiance expected from each infinitely far light.
    distant_irradiances: Vec<f64>,
}

impl LightTable {
    /// Compiles the lights; `textures` still holds the images.
    pub fn build(sources: &LightSources<'_>, textures: &TextureTable) -> Self {
        let mut table = Self {
            lights: Vec::new(),
            bins: Vec::new(),
            nodes: Vec::new(),
            first_lights: vec![INVALID; sources.instances.len()],
            environment_light: INVALID,
            profile_words: Vec::new(),
            distant_irradiances: Vec::new(),
        };
        table.add_distant(sources);
        let mut local = table.add_punctual(sources);
        local.extend(table.add_triangles(sources, textures));
        let tree = LightTree::build(local);
        table.nodes = tree.nodes;
        for (index, trail) in tree.trails {
            table.lights[index as usize].trail = trail;
        }
        table
    }

    /// Adds the lights that are infinitely far, and how they are chosen.
    fn add_distant(&mut self, sources: &LightSources<'_>) {
        if let Some(environment) = sources.environment {
            self.environment_light = 0;
            self.lights.push(Light {
                kind: LIGHT_ENVIRONMENT,
                ..blank()
            });
            self.distant_irradiances
                .push(f64::from(PI * environment.mean_radiance()));
        }
        for light in sources
            .punctual
            .iter()
            .filter(|light| light.kind == PunctualKind::Directional)
        {
            let irradiance = mean(light.intensity);
            if irradiance > 0.0 {
                self.lights.push(punctual(light));
                self.distant_irradiances
                    .push(f64::from(DIRECTIONAL_SHARE * irradiance));
            }
        }
        if let Some(alias) = AliasTable::build(&self.distant_irradiances) {
            let pmf = |i: u32| alias.pmf()[i as usize] as f32;
            let bins = alias.bins().iter().zip(0..);
            self.bins = bins
                .map(|(bin, i)| AliasBin {
                    q: bin.q,
                    alias_index: bin.alias,
                    own_pmf: pmf(i),
                    alias_pmf: pmf(bin.alias),
                })
                .collect();
        }
    }

    /// Adds point and spot lights; returns them as the tree wants them.
    fn add_punctual(&mut self, sources: &LightSources<'_>) -> Vec<TreeLight> {
        let mut local = Vec::new();
        let first_words: Vec<u32> = (sources.profiles.iter())
            .map(|profile| append_profile(profile, &mut self.profile_words))
            .collect();
        for light in sources.punctual {
            let mut record = punctual(light);
            let mut brightest = 1.0;
            let (axis, cos_cone, cos_falloff) = match light.kind {
                PunctualKind::Directional => continue,
                PunctualKind::Point => (Vec3::Y, -1.0, 0.0),
                PunctualKind::Measured { profile, .. } => {
                    record.instance = first_words[profile.0 as usize];
                    brightest = sources.profiles[profile.0 as usize].largest();
                    (Vec3::Y, -1.0, 0.0)
                }
                PunctualKind::Spot {
                    inner_cone_angle,
                    outer_cone_angle,
                } => (
                    light.direction,
                    cosine(inner_cone_angle),
                    cosine(outer_cone_angle - inner_cone_angle) - SPOT_MARGIN,
                ),
            };
            let intensity = mean(light.intensity) * brightest;
            if intensity > 0.0 {
                let bounds = Bounds {
                    min: light.position,
                    max: light.position,
                };
                let one_sided = matches!(light.kind, PunctualKind::Spot { .. });
                let light_bounds = LightBounds {
                    bounds,
                    axis,
                    cos_cone,
                    cos_falloff,
                    one_sided,
                    intensity,
                };
                local.push(TreeLight {
                    index: self.lights.len() as u32,
                    light: light_bounds,
                });
                self.lights.push(record);
            }
        }
        local
    }

    /// Adds emissive triangles; returns those that emit as the tree wants them.
    fn add_triangles(
        &mut self,
        sources: &LightSources<'_>,
        textures: &TextureTable,
    ) -> Vec<TreeLight> {
        let mut local = Vec::new();
        let mut footprints = HashMap::new();
        let textured = sources.instances.iter().filter(|instance| {
            let material = &sources.materials[instance.material.0 as usize];
            material.emissive_texture.is_some()
        });
        let n_triangles =
            |instance: &Instance| sources.meshes[instance.mesh.0 as usize].triangles.len();
        let max_strips = strips_each(textured.map(n_triangles).sum());
        for (index, instance) in sources.instances.iter().enumerate() {
            let material = &sources.materials[instance.material.0 as usize];
            if material.unlit || material.emissive.max_element() <= 0.0 {
                continue;
            }
            let texture = material.emissive_texture.as_ref().map(|texture| {
                let footprint = footprints
                    .entry(FootprintKey::new(texture))
                    .or_insert_with(|| Footprint::build(textures.image(texture.image), texture));
                (texture, &*footprint, max_strips)
            });
            let triangles = triangle_lights(sources, index as u32, instance, material, texture);
            let first_light = self.lights.len() as u32;
            let before = local.len();
            for (light_index, (_, bounds)) in (first_light..).zip(&triangles) {
                if bounds.intensity > 0.0 {
                    local.push(TreeLight {
                        index: light_index,
                        light: *bounds,
                    });
                }
            }
            if local.len() > before {
                self.first_lights[index] = first_light;
                self.lights
                    .extend(triangles.iter().map(|(light, _)| *light));
            }
        }
        local
    }

    /// Moves the profiles of measured lights into the texel table.
    ///
    /// # Errors
    /// When they cannot be addressed there.
    pub fn place_profiles(&mut self, textures: &mut Textures) -> Result<(), textures::Error> {
        let words = std::mem::take(&mut self.profile_words);
        if words.is_empty() {
            return Ok(());
        }
        let first = textures.append(&words)?;
        for light in self
            .lights
            .iter_mut()
            .filter(|light| light.kind == LIGHT_MEASURED)
        {
            light.instance += first;
        }
        Ok(())
    }

    /// Writes the light sampler's fields of `frame`.
    pub fn describe(&self, frame: &mut Frame) {
        frame.light_count = self.lights.len() as u32;
        frame.environment_light = self.environment_light;
        frame.light_node_count = self.nodes.len() as u32;
        frame.distant_count = self.bins.len() as u32;
        frame.distant_irradiance = self.distant_irradiances.iter().sum::<f64>() as f32;
        frame.environment_pmf = if self.environment_light == INVALID {
            0.0
        } else {
            self.bins[self.environment_light as usize].own_pmf
        };
    }

    /// The first broken invariant, in words.
    ///
    /// # Errors
    /// A probability outside [0, 1], a number that is not finite, or tables that do not fit each other.
    pub fn validate(&self) -> Result<(), String> {
        let finite = |v: [f32; 3]| v.iter().all(|c| c.is_finite());
        for (i, light) in self.lights.iter().enumerate() {
            if !(finite(light.position)
                && finite(light.axis)
                && finite(light.shape)
                && finite(light.intensity))
            {
                return Err(format!("light {i} is not finite"));
            }
        }
        for (i, bin) in self.bins.iter().enumerate() {
            if ![bin.q, bin.own_pmf, bin.alias_pmf]
                .iter()
                .all(|p| (0.0..=1.0).contains(p))
            {
                return Err(format!("bin {i} has a probability outside [0, 1]"));
            }
        }
        for (i, node) in self.nodes.iter().enumerate() {
            let child = (node.child & LIGHT_NODE_INDEX) as usize;
            let limit = if node.child & LIGHT_NODE_LEAF != 0 {
                self.lights.len()
            } else {
                self.nodes.len() - 1
            };
            if child >= limit {
                return Err(format!(
                    "light node {i} refers to {child}, and there are {limit}"
                ));
            }
            if !(finite(node.center)
                && node.radius.is_finite()
                && node.intensity > 0.0
                && node.intensity.is_finite())
            {
                return Err(format!("light node {i} is not finite or dark"));
            }
        }
        Ok(())
    }
}

/// A light of no kind in particular, never chosen.
fn blank() -> Light {
    Light {
        trail: LIGHT_TRAIL_NONE,
        instance: INVALID,
        triangle: INVALID,
        ..Light::default()
    }
}

/// The record of a punctual light.
fn punctual(light: &PunctualLight) -> Light {
    let record = Light {
        position: light.position.to_array(),
        axis: light.direction.to_array(),
        intensity: light.intensity.to_array(),
        shape: [light.range.unwrap_or(0.0), 0.0, 0.0],
        ..blank()
    };
    match light.kind {
        PunctualKind::Directional => Light {
            kind: LIGHT_DIRECTIONAL,
            ..record
        },
        PunctualKind::Point => Light {
            kind: LIGHT_POINT,
            ..record
        },
        PunctualKind::Measured { azimuth_zero, .. } => Light {
            kind: LIGHT_MEASURED,
            shape: azimuth_zero.to_array(),
            ..record
        },
        PunctualKind::Spot {
            inner_cone_angle,
            outer_cone_angle,
        } => {
            let (inner, outer) = (cosine(inner_cone_angle), cosine(outer_cone_angle));
            let angle_scale = 1.0 / (inner - outer).max(0.001);
            let shape = [record.shape[0], angle_scale, -outer * angle_scale];
            Light {
                kind: LIGHT_SPOT,
                shape,
                ..record
            }
        }
    }
}

/// Puts `profile` at the end of `words`, in the form that `shaders/light/profile.wgsl` describes; the index of the
/// first word.
fn append_profile(profile: &LightProfile, words: &mut Vec<u32>) -> u32 {
    let first = words.len() as u32;
    let counts = [profile.polar.len(), profile.azimuths.len()].map(|count| count as u32);
    words.extend(counts);
    let numbers = [&profile.polar, &profile.azimuths, &profile.intensities];
    words.extend(numbers.into_iter().flatten().map(|number| number.to_bits()));
    first
}

/// The lights that the triangles of instance `index` are, as records and as the tree wants them. With the texture come
/// the sums of its image and how many strips each triangle may be cut into.
fn triangle_lights(
    sources: &LightSources<'_>,
    index: u32,
    instance: &Instance,
    material: &Material,
    texture: Option<(&TextureRef, &Footprint, f64)>,
) -> Vec<(Light, LightBounds)> {
    let mesh_index = instance.mesh.0 as usize;
    let mesh = &sources.meshes[mesh_index];
    let first_triangle = sources.first_triangles[mesh_index];
    let brightness = mean(material.emissive);
    let varying = texture.is_some()
        || material.alpha_mode != AlphaMode::Opaque
        || material.clearcoat.is_some();
    let kind = match (varying, material.double_sided) {
        (true, _) => LIGHT_VARYING_TRIANGLE,
        (false, true) => LIGHT_TRIANGLE,
        (false, false) => LIGHT_ONE_SIDED_TRIANGLE,
    };
    let mirrored = instance.world_from_object.matrix3.determinant() < 0.0;
    mesh.triangles
        .par_iter()
        .enumerate()
        .map(|(i, corners)| {
            let points = corners.map(|v| {
                instance
                    .world_from_object
                    .transform_point3(mesh.positions[v as usize])
            });
            // First edge × second edge is on the front; where the radiance varies, weights keep the order of corners.
            let [a, b, c] = points;
            let swapped = mirrored && kind == LIGHT_ONE_SIDED_TRIANGLE;
            let (first, second) = if swapped { (c, b) } else { (b, c) };
            let light = Light {
                kind,
                position: a.to_array(),
                axis: (first - a).to_array(),
                shape: (second - a).to_array(),
                intensity: material.emissive.to_array(),
                instance: index,
                triangle: first_triangle + i as u32,
                ..blank()
            };
            let covered = texture.map_or(1.0, |(texture, footprint, max_strips)| {
                let texcoords = &mesh.texcoords[texture.texcoord_set as usize];
                let corner_uv = |v: u32| texcoords.get(v as usize).copied().unwrap_or_default();
                footprint.mean(corners.map(|v| texture.transform(corner_uv(v))), max_strips) as f32
            });
            let cross = (b - a).cross(c - a) * if mirrored { -1.0 } else { 1.0 };
            let bounds = LightBounds {
                bounds: Bounds::of_points(&points),
                axis: cross.normalize_or(Vec3::Y),
                cos_cone: 1.0,
                cos_falloff: 0.0,
                one_sided: !material.double_sided,
                intensity: 0.5 * cross.length() * brightness * covered,
            };
            (light, bounds)
        })
        .collect()
}

/// Cosine of `angle`, radians.
fn cosine(angle: f32) -> f32 {
    sin_cos(f64::from(angle)).1 as f32
}

/// Mean of the channels.
fn mean(rgb: Vec3) -> f32 {
    rgb.element_sum() / 3.0
}
