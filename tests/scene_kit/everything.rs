//! A scene with a bit of everything in it.

use super::{Kit, emissive, glass, lambert, look, parallelogram, scattering, somewhere, sphere};
use glam::{Vec2, Vec3};
use skywell::compiled::Compiled;
use skywell::scene::ImageId;
use skywell::scene::ProfileId;
use skywell::scene::camera::{Camera, Projection};
use skywell::scene::light::{AreaLight, AreaShape, LightProfile, PunctualKind, PunctualLight};
use skywell::scene::material::{AlphaMode, Clearcoat, Iridescence, Material, Sheen};
use skywell::scene::texture::{Image, Pixels, TexelFilter, TextureRef, Wrap};
use skywell::settings::RenderSettings;

fn checkers() -> Image {
    let texel = |i: u32| {
        if (i / 8 + i % 8).is_multiple_of(2) {
            [230, 120, 40, 255]
        } else {
            [30, 60, 200, 90]
        }
    };
    Image {
        name: "checkers".into(),
        width: 8,
        height: 8,
        pixels: Pixels::Rgba8((0..64).flat_map(texel).collect()),
    }
}

/// A bit of everything: textures, alpha, glass within glass, dispersion, layers, milk, fog, every kind of light.
pub fn everything(settings: &RenderSettings) -> Compiled {
    let texture = TextureRef {
        image: ImageId(0),
        texcoord_set: 0,
        uv_transform: glam::Affine2::from_scale(Vec2::splat(3.0)),
        wrap: [Wrap::Repeat, Wrap::MirroredRepeat],
        filter: TexelFilter::Linear,
    };
    let checkered = Material {
        base_color_texture: Some(texture),
        ..lambert(0.8)
    };
    let screen = Material {
        alpha_mode: AlphaMode::Blend,
        ..checkered.clone()
    };
    let mut amber = glass(1.5, Vec3::new(0.9, 0.6, 0.2), 0.5);
    amber.dispersion = 1.0;
    amber.roughness = 0.2;
    let lacquer = Material {
        base_color: Vec3::new(0.8, 0.1, 0.1),
        roughness: 0.4,
        clearcoat: Some(Clearcoat {
            factor: 1.0,
            texture: None,
            roughness: 0.05,
            roughness_texture: None,
            normal: None,
        }),
        sheen: Some(Sheen {
            color: Vec3::splat(0.3),
            color_texture: None,
            roughness: 0.5,
            roughness_texture: None,
        }),
        iridescence: Some(Iridescence {
            factor: 0.5,
            texture: None,
            ior: 1.3,
            thickness_min_nm: 100.0,
            thickness_max_nm: 400.0,
            thickness_texture: None,
        }),
        ..Material::default()
    };
    let at = |x: f32, y: f32, z: f32, s: f32| somewhere(Vec3::new(s, s, -s), Vec3::new(x, y, z));
    let mut kit = Kit::default()
        .with(
            parallelogram(Vec3::new(-9.0, -1.0, -9.0), Vec3::Z * 18.0, Vec3::X * 18.0),
            checkered,
        )
        .with(
            parallelogram(Vec3::new(-2.0, -1.0, 1.5), Vec3::X, Vec3::Y * 2.0),
            screen,
        )
        .place(sphere(3), at(0.0, 0.0, 0.0, 1.0), amber)
        .place(
            sphere(2),
            at(0.4, 0.2, 0.1, 0.5),
            glass(1.2, Vec3::splat(0.5), 1.0),
        )
        .place(sphere(2), at(1.8, -0.3, 0.4, 0.7), lacquer)
        .place(
            sphere(2),
            at(-1.7, -0.4, 0.2, 0.6),
            scattering(
                glass(1.3, Vec3::new(0.1, 0.2, 0.3), 0.3),
                Vec3::splat(0.9),
                0.5,
            ),
        )
        .place(
            sphere(2),
            at(0.9, -0.5, 1.6, 0.5),
            scattering(
                glass(1.0, Vec3::new(0.3, 0.2, 0.1), 1.0),
                Vec3::splat(0.8),
                -0.2,
            ),
        )
        .with(
            parallelogram(Vec3::new(-1.0, 3.0, -1.0), Vec3::X * 2.0, Vec3::Z * 2.0),
            emissive(0.1, 5.0),
        )
        .in_constant_environment(0.3);
    let light = |kind, intensity| PunctualLight {
        name: String::new(),
        position: Vec3::new(3.0, 2.0, 3.0),
        direction: Vec3::new(-1.0, -1.0, -1.0).normalize(),
        intensity,
        range: Some(20.0),
        kind,
    };
    kit.scene.images.push(checkers());
    kit.scene
        .lights
        .push(light(PunctualKind::Point, Vec3::new(3.0, 2.0, 1.0)));
    kit.scene
        .lights
        .push(light(PunctualKind::Directional, Vec3::splat(0.5)));
    let cone = PunctualKind::Spot {
        inner_cone_angle: 0.2,
        outer_cone_angle: 0.6,
    };
    kit.scene.lights.push(light(cone, Vec3::splat(9.0)));
    kit.scene.light_profiles.push(LightProfile {
        axis: Vec3::NEG_Z,
        azimuth_zero: Vec3::X,
        polar: vec![0.0, 0.2, 0.7, 1.5],
        azimuths: vec![-0.5, 1.0, 3.0],
        intensities: (0..12).map(|i| (i % 5) as f32).collect(),
    });
    let measured = PunctualKind::Measured {
        profile: ProfileId(0),
        azimuth_zero: Vec3::new(1.0, -1.0, 0.0).normalize(),
    };
    kit.scene.lights.push(light(measured, Vec3::splat(2.0)));
    kit.scene.area_lights.push(AreaLight {
        name: String::new(),
        world_from_light: somewhere(Vec3::splat(0.4), Vec3::new(-2.0, 1.0, 2.0)),
        shape: AreaShape::Disk,
        radiance: Vec3::new(4.0, 3.0, 2.0),
    });
    let camera = Camera {
        projection: Projection::Perspective {
            yfov: 0.8,
            aspect_ratio: None,
        },
        ..look(Vec3::new(1.0, 1.5, 6.0), Vec3::ZERO, 1.0)
    };
    Compiled::build(kit.scene, &camera, settings).unwrap()
}
