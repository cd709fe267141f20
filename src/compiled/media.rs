//! Solids: which instances bound them, what fills them, and which of two that overlap displaces the other.
//!
//! Instances of one glTF node and one material bound one solid together. Its number in the medium table is its
//! priority, lowest first: the smaller object (by the volume of its world bounding box) displaces the larger, as a
//! stone displaces the water and liquid gives way to the glass it touches only where it is the larger of the two.
//! `shaders/path/media.wgsl` tells how paths use the numbers.

use super::record::{INVALID, MEDIUM_NONE, Medium};
use crate::math::{Bounds, portable};
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
}

/// Instances that bound one solid together.
struct Solid {
    instances: Vec<usize>,
    bounds: Bounds,
    material: u32,
}

impl MediumTable {
    /// Numbers the solids of `scene`, whose instances have world bounds `bounds`.
    pub fn build(scene: &Scene, bounds: &[Bounds]) -> Self {
        let mut solids = find_solids(scene, bounds);
        solids.sort_by(|a, b| {
            let by_volume = a.bounds.volume().total_cmp(&b.bounds.volume());
            by_volume.then(a.instances[0].cmp(&b.instances[0]))
        });
        // More solids than numbers: those of one material share the number of the smallest, and count as one.
        let share = solids.len() > MEDIUM_NONE as usize;
        let mut table = Self {
            media: Vec::new(),
            of_instance: vec![INVALID; scene.instances.len()],
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
                table
                    .media
                    .push(medium(&scene.materials[solid.material as usize]));
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
            if !(medium.sigma_a.iter().all(absorbs) && medium.ior.iter().all(refracts)) {
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

/// What KHR_materials_volume, _ior and _dispersion say fills the solid.
fn medium(material: &Material) -> Medium {
    let ior = if material.ior == 0.0 {
        IOR_INFINITE
    } else {
        material.ior
    };
    let half_spread = (ior - 1.0) * DISPERSION_HALF_SPREAD * material.dispersion;
    let sigma_a = material.volume.as_ref().map_or(Vec3::ZERO, |v| {
        let absorb = |c: f32| {
            let depth = -portable::ln(c.clamp(f32::MIN_POSITIVE, 1.0).into()) as f32;
            (depth / v.attenuation_distance).max(0.0)
        };
        let color = v.attenuation_color;
        Vec3::new(absorb(color.x), absorb(color.y), absorb(color.z))
    });
    Medium {
        sigma_a: sigma_a.to_array(),
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
    use crate::scene::material::{Transmission, Volume};
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

    #[test]
    fn smaller_solids_come_first() {
        let scene = tetrahedra(&[3.0, 1.0, 2.0, 9.0]);
        let table = MediumTable::build(&scene, &bounds(&scene));
        assert_eq!(table.of_instance, [2, 0, 1, INVALID]);
        assert_eq!(table.media.len(), 3);
        assert_eq!(table.validate(), Ok(()));
    }

    #[test]
    fn damage_is_found() {
        let scene = tetrahedra(&[3.0, 9.0]);
        let damages: [fn(&mut MediumTable); 4] = [
            |t| t.of_instance[0] = 1,
            |t| t.media[0].sigma_a[1] = -1.0,
            |t| t.media[0].ior[2] = 0.0,
            |t| t.media = vec![t.media[0]; MEDIUM_NONE as usize + 1],
        ];
        for (i, damage) in damages.iter().enumerate() {
            let mut table = MediumTable::build(&scene, &bounds(&scene));
            assert_eq!(table.validate(), Ok(()));
            damage(&mut table);
            assert!(table.validate().is_err(), "damage {i}");
        }
    }

    #[test]
    fn instances_of_one_node_and_material_are_one_solid() {
        let mut scene = tetrahedra(&[3.0, 1.0, 2.0, 9.0]);
        scene.instances[1].node = 0;
        let table = MediumTable::build(&scene, &bounds(&scene));
        assert_eq!(table.of_instance, [1, 1, 0, INVALID]);
    }

    #[test]
    fn medium_follows_the_extensions() {
        let medium = medium(&water());
        assert_eq!(medium.ior[1], 1.33);
        assert!((medium.ior[2] - medium.ior[0] - 0.33 * 0.05 * 0.5).abs() < 1e-6);
        assert!((medium.sigma_a[0] - 4.0f32.ln() / 2.0).abs() < 1e-6);
        assert_eq!(medium.sigma_a[1], 0.0);
        assert!(medium.sigma_a[2] > 40.0 && medium.sigma_a[2].is_finite());
        let clear = Material {
            volume: Some(Volume {
                attenuation_distance: f32::INFINITY,
                ..water().volume.unwrap()
            }),
            ior: 0.0,
            ..water()
        };
        assert_eq!(super::medium(&clear).sigma_a, [0.0; 3]);
        assert!(super::medium(&clear).ior.iter().all(|n| n.is_finite()));
    }

    #[test]
    fn points_are_inside_what_winds_around_them() {
        let scene = tetrahedra(&[3.0, 1.0, 9.0]);
        let bounds = bounds(&scene);
        let table = MediumTable::build(&scene, &bounds);
        let around = |p| table.around(p, &scene.instances, &scene.meshes, &bounds);
        assert_eq!(around(Vec3::ZERO), [1 << 16, u32::MAX]);
        assert_eq!(around(Vec3::new(-0.7, 0.2, 0.2)), [0xffff_0001, u32::MAX]);
        // Within the bounding box of the large one, but beyond its slanted face.
        assert_eq!(around(Vec3::new(-1.6, 1.6, 1.6)), [u32::MAX, u32::MAX]);
    }
}
