//! Solids: which instances bound them, what fills them, and which of two that overlap displaces the other.
//!
//! Instances of one glTF node and one material bound one solid together. Its number in the medium table is its
//! priority, lowest first: the smaller object (by the volume of its world bounding box) displaces the larger, as a
//! stone displaces the water and liquid gives way to the glass it touches only where it is the larger of the two.
//! `shaders/path/media.wgsl` tells how paths use the numbers.

use super::record::{INVALID, MEDIUM_LIT, MEDIUM_NONE, MEDIUM_SCATTERS, Medium};
use super::scattering::{ANISOTROPY_MAX, single_scatter_albedo};
use crate::math::{Bounds, portable};
use crate::scene::light::PunctualKind;
use crate::scene::material::Material;
use crate::scene::mesh::Mesh;
use crate::scene::{Instance, Scene};
use glam::{DVec3, Vec3};
use rayon::prelude::*;
use std::collections::HashMap;

/// The index of refraction that stands for KHR_materials_ior's 0, "infinite".
const IOR_INFINITE: f32 = 1e6;

/// KHR_materials_dispersion: half the spread of the index between red and blue is (ior − 1) · this · dispersion.
const DISPERSION_HALF_SPREAD: f32 = 0.025;

/// What fills the solids, and who bounds them.
#[derive(Debug, Default)]
pub struct MediumTable {
    /// Lowest index, highest priority.
    pub media: Vec<Medium>,
    /// By instance: index in `media`, or `INVALID` where the surface bounds no solid.
    pub of_instance: Vec<u32>,
    /// Some medium scatters light.
    pub scatters: bool,
}

/// Instances that bound one solid together.
struct Solid {
    instances: Vec<usize>,
    bounds: Bounds,
    material: u32,
}

/// A scene while its media are compiled: the images are gone already.
#[derive(Clone, Copy, Debug)]
pub struct MediumSources<'a> {
    /// The scene.
    pub scene: &'a Scene,
    /// World bounds of its instances.
    pub bounds: &'a [Bounds],
    /// By instance: do shadow rays stop to ask whether they may pass?
    pub non_opaque: &'a [bool],
    /// By material: the colour of a deep volume of it, black where nothing is scattered.
    pub multiscatter_colors: &'a [Vec3],
}

impl MediumTable {
    /// Numbers the solids of the scene.
    pub fn build(sources: &MediumSources<'_>) -> Self {
        let scene = sources.scene;
        let mut solids = find_solids(scene, sources.bounds);
        let lamps = Lamps::find(scene, sources.bounds);
        solids.sort_by(|a, b| {
            let by_volume = a.bounds.volume().total_cmp(&b.bounds.volume());
            by_volume.then(a.instances[0].cmp(&b.instances[0]))
        });
        // More solids than numbers: those of one material share the number of the smallest, and count as one.
        let share = solids.len() > MEDIUM_NONE as usize;
        let mut table = Self {
            media: Vec::new(),
            of_instance: vec![INVALID; scene.instances.len()],
            scatters: false,
        };
        let mut by_material: HashMap<u32, u32> = HashMap::new();
        for solid in &solids {
            let next = table.media.len() as u32;
            let number = if share {
                *by_material.entry(solid.material).or_insert(next)
            } else {
                next
            };
            if number == next {
                let material = solid.material as usize;
                let color = sources.multiscatter_colors[material];
                let mut medium = medium(&scene.materials[material], color);
                let lit = || lamps.shine_in(&solid.bounds) || sources.let_shadow_rays_out(solid);
                if medium.flags & MEDIUM_SCATTERS != 0 && (share || lit()) {
                    medium.flags |= MEDIUM_LIT;
                }
                table.scatters |= medium.flags & MEDIUM_SCATTERS != 0;
                table.media.push(medium);
            }
            for &instance in &solid.instances {
                table.of_instance[instance] = number;
            }
        }
        table
    }

    /// The first broken invariant, in words.
    ///
    /// # Errors
    /// More media than there are numbers, one that light cannot travel in, or an instance that names none of them.
    pub fn validate(&self) -> Result<(), String> {
        if self.media.len() > MEDIUM_NONE as usize {
            return Err(format!("{} media are too many", self.media.len()));
        }
        for (i, medium) in self.media.iter().enumerate() {
            let absorbs = |s: &f32| s.is_finite() && *s >= 0.0;
            let refracts = |n: &f32| n.is_finite() && *n > 0.0;
            let within = |(s, t): (&f32, &f32)| *s >= 0.0 && s <= t;
            if !(medium.sigma_t.iter().all(absorbs)
                && medium.sigma_s.iter().zip(&medium.sigma_t).all(within)
                && medium.anisotropy.abs() < 1.0
                && medium.ior.iter().all(refracts))
            {
                return Err(format!("medium {i} has impossible coefficients"));
            }
        }
        for (i, &medium) in self.of_instance.iter().enumerate() {
            if medium != INVALID && medium as usize >= self.media.len() {
                return Err(format!(
                    "instance {i} names medium {medium}, which is not there"
                ));
            }
        }
        Ok(())
    }

    /// The media around `point`, packed as `Frame::camera_media_a` and `_b`: those whose boundary winds around it.
    pub fn around(
        &self,
        point: Vec3,
        instances: &[Instance],
        meshes: &[Mesh],
        bounds: &[Bounds],
    ) -> [u32; 2] {
        let mut winding: HashMap<u32, f64> = HashMap::new();
        for (index, instance) in instances.iter().enumerate() {
            let medium = self.of_instance[index];
            if medium != INVALID && bounds[index].contains(point) {
                let mesh = &meshes[instance.mesh.0 as usize];
                *winding.entry(medium).or_default() += winding_number(point, instance, mesh);
            }
        }
        let mut inside: Vec<u32> = winding
            .into_iter()
            .filter_map(|(medium, turns)| (turns > 0.5).then_some(medium))
            .collect();
        inside.sort_unstable();
        inside.resize(4, MEDIUM_NONE);
        [inside[0] | inside[1] << 16, inside[2] | inside[3] << 16]
    }
}

impl MediumSources<'_> {
    /// May a shadow ray pass some part of the solid's boundary?
    fn let_shadow_rays_out(&self, solid: &Solid) -> bool {
        solid.instances.iter().any(|&i| self.non_opaque[i])
    }
}

/// Where lights are that can be within a solid.
struct Lamps {
    /// Bounds of what emits: of instances, and of point and spot lights.
    bounds: Vec<Bounds>,
    whole: Bounds,
}

impl Lamps {
    fn find(scene: &Scene, bounds: &[Bounds]) -> Self {
        let emits = |i: &Instance| scene.materials[i.material.0 as usize].emissive != Vec3::ZERO;
        let surfaces = scene.instances.iter().zip(bounds);
        let surfaces = surfaces.filter(|(i, _)| emits(i)).map(|(_, b)| *b);
        let lights = scene.lights.iter();
        let points = lights.filter(|light| light.kind != PunctualKind::Directional);
        let bounds: Vec<Bounds> = surfaces
            .chain(points.map(|light| Bounds::of_points([&light.position])))
            .collect();
        let whole = bounds
            .iter()
            .fold(Bounds::EMPTY, |all, bounds| all.union(*bounds));
        Self { bounds, whole }
    }

    /// May one of them be within `solid`?
    fn shine_in(&self, solid: &Bounds) -> bool {
        self.whole.meets(solid) && self.bounds.iter().any(|bounds| bounds.meets(solid))
    }
}

/// Does the material make its mesh the boundary of a solid that light enters?
fn is_solid(material: &Material) -> bool {
    let lets_light_in = material
        .transmission
        .as_ref()
        .is_some_and(|t| t.factor > 0.0)
        || material
            .diffuse_transmission
            .as_ref()
            .is_some_and(|t| t.factor > 0.0);
    let has_inside = material
        .volume
        .as_ref()
        .is_some_and(|v| v.thickness_factor > 0.0);
    lets_light_in && has_inside && !material.unlit
}

/// Groups the instances that bound solids, in the order of each group's first instance.
fn find_solids(scene: &Scene, bounds: &[Bounds]) -> Vec<Solid> {
    let mut solids: Vec<Solid> = Vec::new();
    let mut index_of: HashMap<(u32, u32), usize> = HashMap::new();
    for (index, instance) in scene.instances.iter().enumerate() {
        let material = instance.material.0;
        if !is_solid(&scene.materials[material as usize]) {
            continue;
        }
        let solid = *index_of
            .entry((instance.node, material))
            .or_insert_with(|| {
                solids.push(Solid {
                    instances: Vec::new(),
                    bounds: Bounds::EMPTY,
                    material,
                });
                solids.len() - 1
            });
        solids[solid].instances.push(index);
        solids[solid].bounds = solids[solid].bounds.union(bounds[index]);
    }
    solids
}

/// What KHR_materials_volume, _volume_scatter, _ior and _dispersion say fills the solid; `multiscatter_color` is what a
/// deep volume of it shows.
fn medium(material: &Material, multiscatter_color: Vec3) -> Medium {
    let ior = if material.ior == 0.0 {
        IOR_INFINITE
    } else {
        material.ior
    };
    let half_spread = (ior - 1.0) * DISPERSION_HALF_SPREAD * material.dispersion;
    let sigma_t = material.volume.as_ref().map_or(Vec3::ZERO, |v| {
        let attenuate = |c: f32| {
            let depth = -portable::ln(c.clamp(f32::MIN_POSITIVE, 1.0).into()) as f32;
            (depth / v.attenuation_distance).max(0.0)
        };
        let color = v.attenuation_color;
        Vec3::new(attenuate(color.x), attenuate(color.y), attenuate(color.z))
    });
    let scatter = |t: f32, color: f32| match color {
        0.0 => 0.0,
        _ => (f64::from(t) * single_scatter_albedo(color.into())) as f32,
    };
    let sigma_s: [f32; 3] = std::array::from_fn(|k| scatter(sigma_t[k], multiscatter_color[k]));
    let anisotropy = material
        .volume_scatter
        .as_ref()
        .map_or(0.0, |s| s.anisotropy);
    Medium {
        sigma_t: sigma_t.to_array(),
        sigma_s,
        anisotropy: anisotropy.clamp(-ANISOTROPY_MAX, ANISOTROPY_MAX),
        flags: if sigma_s == [0.0; 3] {
            0
        } else {
            MEDIUM_SCATTERS
        },
        ior: [ior - half_spread, ior, ior + half_spread],
        ..Medium::default()
    }
}

/// How often the instance's surface winds around `point`: 1 inside a closed mesh, 0 outside, in between for open ones.
///
/// Sums the solid angles of the triangles. Source: van Oosterom and Strackee 1983, "The Solid Angle of a Plane
/// Triangle".
fn winding_number(point: Vec3, instance: &Instance, mesh: &Mesh) -> f64 {
    let mirrored = instance.world_from_object.matrix3.determinant() < 0.0;
    let corner = |index: u32| -> DVec3 {
        let p = instance
            .world_from_object
            .transform_point3(mesh.positions[index as usize]);
        (p - point).as_dvec3()
    };
    let solid_angle = |t: &[u32; 3]| {
        let [a, b, c] = t.map(corner);
        let (la, lb, lc) = (a.length(), b.length(), c.length());
        let denominator = la * lb * lc + a.dot(b) * lc + b.dot(c) * la + c.dot(a) * lb;
        2.0 * a.dot(b.cross(c)).atan2(denominator)
    };
    // Summed in chunks of fixed size, so that the sum does not depend on the number of threads.
    let chunks: Vec<f64> = mesh
        .triangles
        .par_chunks(1 << 14)
        .map(|chunk| chunk.iter().map(solid_angle).sum())
        .collect();
    let turns = chunks.iter().sum::<f64>() / (4.0 * std::f64::consts::PI);
    if mirrored { -turns } else { turns }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::light::PunctualLight;
    use crate::scene::material::{Transmission, Volume, VolumeScatter};
    use crate::scene::{MaterialId, MeshId};
    use glam::Affine3A;

    fn water() -> Material {
        Material {
            ior: 1.33,
            dispersion: 0.5,
            transmission: Some(Transmission {
                factor: 1.0,
                texture: None,
            }),
            volume: Some(Volume {
                thickness_factor: 0.1,
                attenuation_distance: 2.0,
                attenuation_color: Vec3::new(0.25, 1.0, 0.0),
            }),
            ..Material::default()
        }
    }

    /// Unit tetrahedra scaled by `sizes`, all of water but the last, which is opaque.
    fn tetrahedra(sizes: &[f32]) -> Scene {
        let corners = [Vec3::ZERO, Vec3::X, Vec3::Y, Vec3::Z];
        let tetrahedron = Mesh {
            positions: corners.map(|c| c - 0.2).to_vec(),
            triangles: vec![[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]],
            ..Mesh::default()
        };
        let place = |(node, &size): (u32, &f32)| Instance {
            mesh: MeshId(0),
            material: MaterialId(u32::from(node as usize == sizes.len() - 1)),
            node,
            world_from_object: Affine3A::from_scale(Vec3::new(-size, size, size)),
        };
        Scene {
            meshes: vec![tetrahedron],
            instances: (0..).zip(sizes).map(place).collect(),
            materials: vec![water(), Material::default()],
            ..Scene::default()
        }
    }

    fn bounds(scene: &Scene) -> Vec<Bounds> {
        let mesh = Bounds::of_points(&scene.meshes[0].positions);
        let world = |i: &Instance| mesh.transformed(&i.world_from_object);
        scene.instances.iter().map(world).collect()
    }

    fn build(scene: &Scene) -> MediumTable {
        let colors = scene.materials.iter().map(|m| {
            let scatter = m.volume_scatter.as_ref();
            scatter.map_or(Vec3::ZERO, |s| s.multiscatter_color)
        });
        MediumTable::build(&MediumSources {
            scene,
            bounds: &bounds(scene),
            non_opaque: &crate::compiled::geometry::find_non_opaque(scene),
            multiscatter_colors: &colors.collect::<Vec<_>>(),
        })
    }

    #[test]
    fn smaller_solids_come_first() {
        let scene = tetrahedra(&[3.0, 1.0, 2.0, 9.0]);
        let table = build(&scene);
        assert_eq!(table.of_instance, [2, 0, 1, INVALID]);
        assert_eq!(table.media.len(), 3);
        assert_eq!(table.validate(), Ok(()));
    }

    #[test]
    fn damage_is_found() {
        let scene = tetrahedra(&[3.0, 9.0]);
        let damages: [fn(&mut MediumTable); 6] = [
            |t| t.of_instance[0] = 1,
            |t| t.media[0].sigma_t[1] = -1.0,
            |t| t.media[0].sigma_s[0] = 9.0,
            |t| t.media[0].anisotropy = -1.0,
            |t| t.media[0].ior[2] = 0.0,
            |t| t.media = vec![t.media[0]; MEDIUM_NONE as usize + 1],
        ];
        for (i, damage) in damages.iter().enumerate() {
            let mut table = build(&scene);
            assert_eq!(table.validate(), Ok(()));
            damage(&mut table);
            assert!(table.validate().is_err(), "damage {i}");
        }
    }

    #[test]
    fn instances_of_one_node_and_material_are_one_solid() {
        let mut scene = tetrahedra(&[3.0, 1.0, 2.0, 9.0]);
        scene.instances[1].node = 0;
        let table = build(&scene);
        assert_eq!(table.of_instance, [1, 1, 0, INVALID]);
    }

    #[test]
    fn medium_follows_the_extensions() {
        let medium = medium(&water(), Vec3::ZERO);
        assert_eq!(medium.ior[1], 1.33);
        assert!((medium.ior[2] - medium.ior[0] - 0.33 * 0.05 * 0.5).abs() < 1e-6);
        assert!((medium.sigma_t[0] - 4.0f32.ln() / 2.0).abs() < 1e-6);
        assert_eq!(medium.sigma_t[1], 0.0);
        assert!(medium.sigma_t[2] > 40.0 && medium.sigma_t[2].is_finite());
        let clear = Material {
            volume: Some(Volume {
                attenuation_distance: f32::INFINITY,
                ..water().volume.unwrap()
            }),
            ior: 0.0,
            ..water()
        };
        assert_eq!((medium.sigma_s, medium.flags), ([0.0; 3], 0));
        assert_eq!(super::medium(&clear, Vec3::ONE).sigma_t, [0.0; 3]);
        assert_eq!(super::medium(&clear, Vec3::ONE).flags, 0);
        assert!(
            super::medium(&clear, Vec3::ONE)
                .ior
                .iter()
                .all(|n| n.is_finite())
        );
    }

    fn milk() -> Material {
        Material {
            volume_scatter: Some(VolumeScatter {
                multiscatter_color: Vec3::new(1.0, 0.5, 0.0),
                multiscatter_color_texture: None,
                anisotropy: -1.0,
            }),
            metallic: 0.0,
            ..water()
        }
    }

    #[test]
    fn scattering_is_part_of_attenuation() {
        let medium = medium(&milk(), Vec3::new(1.0, 0.5, 0.0));
        assert_eq!(medium.sigma_t, super::medium(&water(), Vec3::ZERO).sigma_t);
        let albedo = medium.sigma_s[0] / medium.sigma_t[0];
        assert!((albedo - 1.0).abs() < 1e-6, "{albedo}");
        assert_eq!((medium.sigma_s[1], medium.sigma_s[2]), (0.0, 0.0));
        assert_eq!(medium.flags, MEDIUM_SCATTERS);
        assert_eq!(medium.anisotropy, -ANISOTROPY_MAX);
    }

    #[test]
    fn lights_are_looked_for_where_they_may_be_seen() {
        let lit = |change: fn(&mut Scene)| {
            let mut scene = tetrahedra(&[3.0, 9.0]);
            scene.materials[0] = milk();
            change(&mut scene);
            build(&scene).media[0].flags & MEDIUM_LIT != 0
        };
        let lamp = |kind, position| PunctualLight {
            name: String::new(),
            position,
            direction: Vec3::X,
            intensity: Vec3::ONE,
            range: None,
            kind,
        };
        let inside = Vec3::new(-0.7, 0.2, 0.2);
        assert!(!lit(|_| {}));
        assert!(lit(|scene| scene.materials[0].ior = 1.0));
        assert!(lit(|scene| scene.materials[1].emissive = Vec3::X));
        let with = |kind, position| {
            let mut scene = tetrahedra(&[3.0, 9.0]);
            scene.materials[0] = milk();
            scene.lights.push(lamp(kind, position));
            build(&scene).media[0].flags & MEDIUM_LIT != 0
        };
        assert!(with(PunctualKind::Point, inside));
        assert!(!with(PunctualKind::Point, Vec3::splat(7.0)));
        assert!(!with(PunctualKind::Directional, inside));
    }

    #[test]
    fn points_are_inside_what_winds_around_them() {
        let scene = tetrahedra(&[3.0, 1.0, 9.0]);
        let bounds = bounds(&scene);
        let table = build(&scene);
        let around = |p| table.around(p, &scene.instances, &scene.meshes, &bounds);
        assert_eq!(around(Vec3::ZERO), [1 << 16, u32::MAX]);
        assert_eq!(around(Vec3::new(-0.7, 0.2, 0.2)), [0xffff_0001, u32::MAX]);
        // Within the bounding box of the large one, but beyond its slanted face.
        assert_eq!(around(Vec3::new(-1.6, 1.6, 1.6)), [u32::MAX, u32::MAX]);
    }
}
