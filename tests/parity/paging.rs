//! Scenes that do not fit one buffer of a device. Devices are asked for small buffers, so that small scenes do not.

use super::*;
use glam::{Vec2, Vec3};
use skywell::kernel::Tables;
use skywell::scene::ImageId;
use skywell::scene::material::Material;
use skywell::scene::mesh::Mesh;
use skywell::scene::texture::{Image, Pixels, TexelFilter, TextureRef, Wrap};

/// Squares along a side of the hills.
const SIDE: u32 = 190;

/// Hills of shared vertices.
fn hills() -> Mesh {
    let height = |x: f32, z: f32| 0.08 * ((9.0 * x).sin() * (7.0 * z).cos() + (31.0 * x * z).sin());
    let mut mesh = Mesh::default();
    for i in 0..=SIDE {
        for k in 0..=SIDE {
            let (u, v) = (i as f32 / SIDE as f32, k as f32 / SIDE as f32);
            let slope = |du, dv| (height(u + du, v + dv) - height(u - du, v - dv)) / 2e-3;
            let p = Vec3::new(u - 0.5, height(u, v), v - 0.5) * 6.0;
            mesh.positions.push(p);
            mesh.normals
                .push(Vec3::new(-slope(1e-3, 0.0), 1.0, -slope(0.0, 1e-3)).normalize());
            mesh.texcoords[0].push(Vec2::new(u, v));
        }
    }
    for i in 0..SIDE {
        for k in 0..SIDE {
            let a = i * (SIDE + 1) + k;
            let b = a + SIDE + 1;
            mesh.triangles.extend([[a, a + 1, b], [b, a + 1, b + 1]]);
        }
    }
    mesh
}

/// A picture in which no two places look alike.
fn marble(side: u32) -> Image {
    let texel = |i: u32| {
        let (x, y) = (i % side, i / side);
        let bits = x.wrapping_mul(1_103_515_245) ^ y.wrapping_mul(22_695_477);
        [
            (bits >> 8) as u8,
            (x * 255 / side) as u8,
            (y * 255 / side) as u8,
            255,
        ]
    };
    Image {
        name: "marble".into(),
        width: side,
        height: side,
        pixels: Pixels::Rgba8((0..side * side).flat_map(texel).collect()),
    }
}

fn landscape(settings: &RenderSettings) -> Compiled {
    let marbled = Material {
        base_color_texture: Some(TextureRef {
            image: ImageId(0),
            texcoord_set: 0,
            uv_transform: glam::Affine2::IDENTITY,
            wrap: [Wrap::Repeat; 2],
            filter: TexelFilter::Linear,
        }),
        ..lambert(0.9)
    };
    let mut kit = Kit::default()
        .with(hills(), marbled)
        .in_constant_environment(1.0);
    kit.scene.images.push(marble(512));
    let camera = look(Vec3::new(2.0, 4.0, 3.0), Vec3::ZERO, 5.0);
    Compiled::build(kit.scene, &camera, settings).unwrap()
}

#[test]
fn a_scene_in_many_pages_renders_as_in_one() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    let settings = RenderSettings {
        variance: false,
        ..frame()
    };
    let compiled = landscape(&settings);
    // as many buffers as every device allows: four pages, in which tables lie in the order of the shaders
    let page = 2 << 20;
    let tables = Tables::from(&compiled).bytes();
    let bytes_of = |name| tables.iter().find(|t| t.0 == name).unwrap().1.len() as u64;
    let geometry = bytes_of("vertices") + bytes_of("triangles");
    assert!(geometry > page, "{geometry} bytes of geometry fit one page");
    let all = tables.iter().map(|t| t.1.len() as u64).sum::<u64>();
    let all = all + GpuScene::new(&compiled).unwrap().bytes();
    assert!(all > 3 * page, "{all} bytes fit three pages");
    let adapter = adapter.at_baseline().within(8, page);
    assert_parity("four pages", &adapter, &compiled, &settings);
}

/// Less than the scene takes.
#[test]
fn a_scene_that_fits_no_pages_is_refused_by_the_name_of_what_is_large() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    let compiled = landscape(&frame());
    let scene = GpuScene::new(&compiled).unwrap();
    let adapter = adapter.within(8, 1 << 20);
    let refused = Gpu::new(Warm::start(adapter), &scene, false, None).unwrap_err();
    let said = refused.to_string();
    assert!(said.contains("where 4194304 fit"), "{said}");
    assert!(!refused.is_temporary());
}
