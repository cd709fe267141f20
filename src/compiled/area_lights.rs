//! Area lights as what they are: surfaces that glow on one side and reflect nothing.

use std::f64::consts::TAU;

use glam::{Vec2, Vec3};

use crate::math::portable::sin_cos;
use crate::scene::light::{AreaLight, AreaShape};
use crate::scene::material::Material;
use crate::scene::mesh::Mesh;
use crate::scene::{Instance, MaterialId, MeshId, Scene};

/// Corners of the polygon that stands for a disk.
const DISK_CORNERS: u32 = 64;

/// No glTF node.
const NO_NODE: u32 = u32::MAX;

/// Turns the area lights of `scene` into geometry.
pub fn place(scene: &mut Scene) {
    let lights = std::mem::take(&mut scene.area_lights);
    for shape in [AreaShape::Rectangle, AreaShape::Disk] {
        let mut lights = lights
            .iter()
            .filter(|light| light.shape == shape)
            .peekable();
        if lights.peek().is_none() {
            continue;
        }
        let mesh = MeshId(scene.meshes.len() as u32);
        scene.meshes.push(match shape {
            AreaShape::Rectangle => rectangle(),
            AreaShape::Disk => disk(),
        });
        for light in lights {
            let material = MaterialId(scene.materials.len() as u32);
            scene.materials.push(glow(light));
            scene.instances.push(Instance {
                mesh,
                material,
                node: NO_NODE,
                world_from_object: light.world_from_light,
            });
        }
    }
}

/// Shines from the front, reflects nothing.
fn glow(light: &AreaLight) -> Material {
    Material {
        name: light.name.clone(),
        base_color: Vec3::ZERO,
        metallic: 0.0,
        specular: 0.0,
        emissive: light.radiance,
        ..Material::default()
    }
}

fn rectangle() -> Mesh {
    let corner = |x: f32, y: f32| Vec2::new(x, y) * 0.5;
    let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0)];
    let triangles = vec![[0, 1, 2], [0, 2, 3]];
    mesh(
        "rect",
        corners.map(|(x, y)| corner(x, y)).to_vec(),
        triangles,
    )
}

/// A regular polygon of the disk's area.
fn disk() -> Mesh {
    let angle = |i: u32| TAU * f64::from(i) / f64::from(DISK_CORNERS);
    // The polygon of radius r has the area n/2 r² sin(2π/n); the disk's is π/4.
    let radius = (0.25 * angle(1) / sin_cos(angle(1)).0).sqrt();
    let corner = |i: u32| {
        let (sin, cos) = sin_cos(angle(i));
        Vec2::new((radius * sin) as f32, (radius * cos) as f32)
    };
    let corners = (0..DISK_CORNERS).map(corner).collect();
    let triangles = (2..DISK_CORNERS).map(|i| [0, i - 1, i]).collect();
    mesh("disk", corners, triangles)
}

/// A polygon in the xy-plane that faces −Z.
fn mesh(name: &str, corners: Vec<Vec2>, triangles: Vec<[u32; 3]>) -> Mesh {
    Mesh {
        name: name.to_owned(),
        normals: vec![Vec3::NEG_Z; corners.len()],
        positions: corners
            .into_iter()
            .map(|corner| corner.extend(0.0))
            .collect(),
        triangles,
        ..Mesh::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Affine3A;

    /// Area of the mesh as seen from −Z.
    fn area(mesh: &Mesh) -> f32 {
        let triangle = |corners: &[u32; 3]| {
            let [a, b, c] = corners.map(|corner| mesh.positions[corner as usize]);
            -0.5 * (b - a).cross(c - a).z
        };
        mesh.triangles.iter().map(triangle).sum()
    }

    #[test]
    fn shapes_face_away_from_z_and_have_their_area() {
        assert_eq!(area(&rectangle()), 1.0);
        assert!((area(&disk()) - std::f32::consts::FRAC_PI_4).abs() < 1e-6);
        let radius = |p: &Vec3| p.length();
        assert!(
            disk()
                .positions
                .iter()
                .all(|p| (radius(p) - 0.5).abs() < 1e-3)
        );
    }

    #[test]
    fn lights_of_a_shape_share_its_mesh() {
        let light = |shape, x: f32| AreaLight {
            name: String::new(),
            world_from_light: Affine3A::from_translation(Vec3::X * x),
            shape,
            radiance: Vec3::splat(x),
        };
        let mut scene = Scene {
            area_lights: vec![
                light(AreaShape::Disk, 1.0),
                light(AreaShape::Rectangle, 2.0),
                light(AreaShape::Disk, 3.0),
            ],
            ..Scene::default()
        };
        place(&mut scene);
        let meshes: Vec<_> = scene.instances.iter().map(|i| i.mesh.0).collect();
        assert_eq!((scene.meshes.len(), meshes), (2, vec![0, 1, 1]));
        let worn = |i: &Instance| scene.materials[i.material.0 as usize].emissive.x;
        let glow: Vec<_> = scene.instances.iter().map(worn).collect();
        assert_eq!(glow, [2.0, 1.0, 3.0]);
        assert!(scene.area_lights.is_empty());
    }
}
