use super::*;
use crate::scene::light::Environment;
use crate::scene::{MaterialId, MeshId};
use glam::Affine3A;

fn triangle_mesh() -> Mesh {
    Mesh {
        positions: vec![Vec3::ZERO, Vec3::X, Vec3::Z, Vec3::new(2.0, 0.0, 0.0)],
        triangles: vec![[0, 1, 2], [1, 3, 2]],
        ..Mesh::default()
    }
}

fn point(intensity: f32) -> PunctualLight {
    PunctualLight {
        name: String::new(),
        position: Vec3::Y,
        direction: Vec3::NEG_Y,
        intensity: Vec3::splat(intensity),
        range: None,
        kind: PunctualKind::Point,
    }
}

#[test]
fn lights_that_shine_are_in_the_table() {
    let glowing = Material {
        emissive: Vec3::splat(3.0),
        ..Material::default()
    };
    let materials = [Material::default(), glowing];
    let place = |material| Instance {
        mesh: MeshId(0),
        material: MaterialId(material),
        node: 0,
        world_from_object: Affine3A::from_scale(Vec3::splat(2.0)),
    };
    let environment = CompiledEnvironment::build(Environment {
        name: String::new(),
        width: 4,
        height: 2,
        texels: vec![[1.0; 3]; 8],
        strength: 1.0,
        rotation: 0.0,
    });
    let sources = LightSources {
        meshes: &[triangle_mesh()],
        first_triangles: &[10],
        instances: &[place(0), place(1)],
        materials: &materials,
        punctual: &[point(1.0)],
        profiles: &[],
        environment: environment.as_ref(),
    };
    let table = LightTable::build(&sources, &TextureTable::new(Vec::new()));
    assert_eq!(table.validate(), Ok(()));
    assert_eq!(table.first_lights, [INVALID, 2]);
    assert_eq!(table.environment_light, 0);
    assert_eq!(
        (table.lights[3].instance, table.lights[3].triangle),
        (1, 11)
    );
    assert_eq!(table.nodes.len(), 5);
    // Point 1 W/sr; each triangle 2 m² of radiance 3.
    assert!((table.nodes[0].intensity - 13.0).abs() < 1e-5);
    assert_eq!(table.lights[0].trail, LIGHT_TRAIL_NONE);
    assert!(table.lights[1..].iter().all(|light| light.trail < 4));
    let mut frame = Frame::default();
    table.describe(&mut frame);
    assert_eq!(
        (
            frame.light_count,
            frame.light_node_count,
            frame.distant_count
        ),
        (4, 5, 1)
    );
    assert_eq!(frame.environment_pmf, 1.0);
    assert!((frame.distant_irradiance - PI).abs() < 1e-5);
}

#[test]
fn a_scene_without_light_has_none() {
    let sources = LightSources {
        meshes: &[],
        first_triangles: &[],
        instances: &[],
        materials: &[],
        punctual: &[point(0.0)],
        profiles: &[],
        environment: None,
    };
    let table = LightTable::build(&sources, &TextureTable::new(Vec::new()));
    assert!(table.lights.is_empty() && table.bins.is_empty());
    assert_eq!(table.environment_light, INVALID);
    assert!(table.nodes.is_empty());
    assert_eq!(table.validate(), Ok(()));
}
