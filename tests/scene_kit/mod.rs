//! Small scenes made in memory, and rendering them.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test or bench that cannot go on fails; one that is skipped says so"
)]
#![allow(dead_code, reason = "each test file uses some of it")]

pub mod everything;
pub mod gpu;
pub mod judge;

use glam::{Affine3A, Mat3A, Quat, Vec2, Vec3, Vec3A};
use skywell::compiled::Compiled;
use skywell::film::{Developed, Film};
use skywell::integrator::{Unattended, cpu};
use skywell::kernel::Simd;
use skywell::scene::camera::{Camera, Projection};
use skywell::scene::light::Environment;
use skywell::scene::material::{Material, Transmission, Volume, VolumeScatter};
use skywell::scene::mesh::Mesh;
use skywell::scene::{Instance, MaterialId, MeshId, Scene};
use skywell::settings::{Filter, Multiscatter, RenderSettings};

/// Pure Lambert reflection.
pub fn lambert(albedo: f32) -> Material {
    Material {
        base_color: Vec3::splat(albedo),
        metallic: 0.0,
        specular: 0.0,
        double_sided: true,
        ..Material::default()
    }
}

/// Lambert reflection that also emits `radiance`.
pub fn emissive(albedo: f32, radiance: f32) -> Material {
    Material {
        emissive: Vec3::splat(radiance),
        ..lambert(albedo)
    }
}

/// A smooth, colourless solid of index `ior` that lets `color` through `distance` metres.
pub fn glass(ior: f32, color: Vec3, distance: f32) -> Material {
    Material {
        metallic: 0.0,
        roughness: 0.0,
        ior,
        transmission: Some(Transmission {
            factor: 1.0,
            texture: None,
        }),
        volume: Some(Volume {
            thickness_factor: 1.0,
            attenuation_distance: distance,
            attenuation_color: color,
        }),
        ..Material::default()
    }
}

/// `material`, whose deep volume shows `color`, by events of mean cosine `anisotropy`.
pub fn scattering(material: Material, color: Vec3, anisotropy: f32) -> Material {
    Material {
        volume_scatter: Some(VolumeScatter {
            multiscatter_color: color,
            multiscatter_color_texture: None,
            anisotropy,
        }),
        ..material
    }
}

/// A mesh with flat normals on unshared vertices.
pub fn faceted(triangles: &[[Vec3; 3]]) -> Mesh {
    let mut mesh = Mesh::default();
    for corners in triangles {
        let first = mesh.positions.len() as u32;
        let [a, b, c] = *corners;
        let normal = (b - a).cross(c - a).normalize();
        for (p, uv) in [(a, Vec2::ZERO), (b, Vec2::X), (c, Vec2::ONE)] {
            mesh.positions.push(p);
            mesh.normals.push(normal);
            mesh.texcoords[0].push(uv);
        }
        mesh.triangles.push([first, first + 1, first + 2]);
    }
    mesh
}

/// The parallelogram from `corner` along `a` and `b`; its front has normal a × b.
pub fn parallelogram(corner: Vec3, a: Vec3, b: Vec3) -> Mesh {
    faceted(&[
        [corner, corner + a, corner + a + b],
        [corner, corner + a + b, corner + b],
    ])
}

/// The closed box between two corners, front outwards.
pub fn cuboid(low: Vec3, high: Vec3) -> Mesh {
    let size = high - low;
    let mut triangles = Vec::new();
    for axis in 0..3 {
        let (a, b) = (
            Vec3::AXES[(axis + 1) % 3] * size,
            Vec3::AXES[(axis + 2) % 3] * size,
        );
        let far = low + Vec3::AXES[axis] * size;
        triangles.extend([[far, far + a, far + a + b], [far, far + a + b, far + b]]);
        triangles.extend([[low, low + a + b, low + a], [low, low + b, low + a + b]]);
    }
    faceted(&triangles)
}

/// An icosahedron divided `levels` times and pushed onto the unit sphere.
pub fn sphere(levels: u32) -> Mesh {
    let g = (1.0 + 5.0_f32.sqrt()) / 2.0;
    let mut triangles = Vec::new();
    let corners: Vec<Vec3> = (0..3)
        .flat_map(|k| {
            [(-1.0, g), (1.0, g), (-1.0, -g), (1.0, -g)].map(|(one, golden)| {
                let mut v = Vec3::ZERO;
                v[k] = one;
                v[(k + 1) % 3] = golden;
                v.normalize()
            })
        })
        .collect();
    for i in 0..12 {
        for j in i + 1..12 {
            for k in j + 1..12 {
                let t = [corners[i], corners[j], corners[k]];
                let side = |a: Vec3, b: Vec3| a.distance(b) < 1.1;
                if side(t[0], t[1]) && side(t[1], t[2]) && side(t[2], t[0]) {
                    let outwards = (t[1] - t[0]).cross(t[2] - t[0]).dot(t[0]) > 0.0;
                    triangles.push(if outwards { t } else { [t[0], t[2], t[1]] });
                }
            }
        }
    }
    for _ in 0..levels {
        triangles = triangles
            .iter()
            .flat_map(|&[a, b, c]| {
                let (ab, bc, ca) = (
                    (a + b).normalize(),
                    (b + c).normalize(),
                    (c + a).normalize(),
                );
                [[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]
            })
            .collect();
    }
    faceted(&triangles)
}

/// A scene in the making.
#[derive(Default)]
pub struct Kit {
    pub scene: Scene,
}

impl Kit {
    /// Adds a mesh, placed by `world_from_object` and made of `material`.
    pub fn place(mut self, mesh: Mesh, world_from_object: Affine3A, material: Material) -> Self {
        let index = self.scene.meshes.len() as u32;
        self.scene.meshes.push(mesh);
        self.scene.materials.push(material);
        self.scene.instances.push(Instance {
            mesh: MeshId(index),
            material: MaterialId(self.scene.materials.len() as u32 - 1),
            node: self.scene.instances.len() as u32,
            world_from_object,
        });
        self
    }

    /// Adds a mesh in world coordinates.
    pub fn with(self, mesh: Mesh, material: Material) -> Self {
        self.place(mesh, Affine3A::IDENTITY, material)
    }

    /// Surrounds everything with the same radiance.
    pub fn in_constant_environment(mut self, radiance: f32) -> Self {
        self.scene.environment = Some(Environment {
            name: "constant".into(),
            width: 8,
            height: 4,
            texels: vec![[radiance; 3]; 32],
            strength: 1.0,
            rotation: 0.3,
        });
        self
    }
}

/// A parallel view of a square with sides of `size` metres around `target`, from `eye`.
pub fn look(eye: Vec3, target: Vec3, size: f32) -> Camera {
    let back = (eye - target).normalize();
    let aside = if back.y.abs() > 0.9 { Vec3::X } else { Vec3::Y };
    let right = aside.cross(back).normalize();
    Camera {
        name: String::new(),
        world_from_camera: Affine3A {
            matrix3: Mat3A::from_cols(right.into(), back.cross(right).into(), back.into()),
            translation: eye.into(),
        },
        projection: Projection::Orthographic {
            xmag: 0.5 * size,
            ymag: 0.5 * size,
        },
    }
}

/// A rotation, scale and translation that are nothing special.
pub fn somewhere(scale: Vec3, translation: Vec3) -> Affine3A {
    Affine3A::from_scale_rotation_translation(
        scale,
        Quat::from_axis_angle(Vec3::new(1.0, 2.0, -2.0) / 3.0, 1.1),
        translation,
    )
}

/// Settings for a frame of `side × side` pixels with a box filter, without energy compensation.
pub fn settings(side: u32, samples: u32, max_depth: u32) -> RenderSettings {
    RenderSettings {
        samples: 0..samples,
        max_depth,
        filter: Filter::Box,
        multiscatter: Multiscatter::Off,
        variance: true,
        ..RenderSettings::new(side, side)
    }
}

/// Renders with the widest instruction set.
pub fn render(kit: Kit, camera: &Camera, settings: &RenderSettings) -> Developed {
    let compiled = Compiled::build(kit.scene, camera, settings).unwrap();
    render_compiled(&compiled, settings, Simd::detect())
}

/// Renders what is compiled already; on a GPU within [`gpu::on_gpu`].
pub fn render_compiled(compiled: &Compiled, settings: &RenderSettings, simd: Simd) -> Developed {
    let mut film = Film::new(settings.region, settings.variance).unwrap();
    let samples = settings.samples.clone();
    match gpu::chosen() {
        Some(adapter) => gpu::render(&adapter, compiled, samples, &mut film),
        None => {
            cpu::render(compiled, samples, simd, &mut film, &Unattended).unwrap();
        }
    }
    assert_eq!(film.rejected().count(), 0, "samples that are not finite");
    film.develop()
}

/// World position seen by the middle of a sub-pixel: `x`, `y` in pixels from the top left corner.
pub fn seen(camera: &Camera, side: u32, x: f64, y: f64) -> Vec3A {
    let Projection::Orthographic { xmag, ymag } = camera.projection else {
        panic!("a parallel view")
    };
    let m = camera.world_from_camera;
    let s = f64::from(side);
    m.translation
        + m.matrix3.x_axis * ((2.0 * x / s - 1.0) as f32 * xmag)
        + m.matrix3.y_axis * ((1.0 - 2.0 * y / s) as f32 * ymag)
}
