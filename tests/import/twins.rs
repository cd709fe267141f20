//! One model in several forms: what compression may change, and by how much. `variants.mjs` makes the forms.

use crate::samples::data;
use glam::{Vec2, Vec3};
use skywell::scene::Scene;
use skywell::scene::gltf::{LoadOptions, load};
use skywell::scene::texture::{Pixels, Texels};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// A corner of a triangle as the world shows it.
#[derive(Clone, Copy)]
struct Corner {
    position: Vec3,
    normal: Vec3,
    uv: Vec2,
}

/// How far two forms of a model differ at most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Difference {
    /// Of positions, as a part of the model's size.
    pub position: f32,
    /// Of normals: the length of the difference.
    pub normal: f32,
    /// Of texture coordinates.
    pub uv: f32,
    /// Of texels: the root of the mean square over an image, 1 being white.
    pub texels: f32,
}

impl Difference {
    fn max(self, other: Self) -> Self {
        Self {
            position: self.position.max(other.position),
            normal: self.normal.max(other.normal),
            uv: self.uv.max(other.uv),
            texels: self.texels.max(other.texels),
        }
    }

    fn within(self, limit: Self) -> bool {
        self.max(limit) == limit
    }
}

fn corners(scene: &Scene) -> Vec<Corner> {
    let mut corners = Vec::new();
    for instance in &scene.instances {
        let mesh = &scene.meshes[instance.mesh.0 as usize];
        let world = instance.world_from_object;
        let turn = glam::Mat3::from(world.matrix3).inverse().transpose();
        corners.extend(mesh.triangles.iter().flatten().map(|&i| {
            let i = i as usize;
            Corner {
                position: world.transform_point3(mesh.positions[i]),
                normal: (turn * mesh.normals[i]).normalize(),
                uv: mesh.texcoords[0].get(i).copied().unwrap_or_default(),
            }
        }));
    }
    corners
}

/// The largest distance from a corner of `from` to what is most like it in `to`.
fn farthest(from: &[Corner], to: &[Corner], size: f32) -> Difference {
    // Compression moves positions by less than a cell.
    let cell = size / 2000.0;
    let cell_of = |p: Vec3| (p / cell).floor().as_ivec3();
    let mut cells: HashMap<_, Vec<&Corner>> = HashMap::new();
    for corner in to {
        cells
            .entry(cell_of(corner.position))
            .or_default()
            .push(corner);
    }
    let mut worst = Difference::default();
    let mut seen = HashSet::new();
    let bits = |c: &Corner| {
        (
            c.position.to_array().map(f32::to_bits),
            c.normal.to_array().map(f32::to_bits),
            c.uv.to_array().map(f32::to_bits),
        )
    };
    for corner in from.iter().filter(|corner| seen.insert(bits(corner))) {
        let center = cell_of(corner.position);
        let near =
            (-1..=1).flat_map(|x| (-1..=1).flat_map(move |y| (-1..=1).map(move |z| (x, y, z))));
        let near = near.filter_map(|(x, y, z)| cells.get(&(center + glam::IVec3::new(x, y, z))));
        let difference = |other: &&Corner| Difference {
            position: corner.position.distance(other.position) / size,
            normal: corner.normal.distance(other.normal),
            uv: corner.uv.distance(other.uv),
            texels: 0.0,
        };
        let key = |d: &Difference| 100.0 * d.position + 0.2 * d.normal + d.uv;
        let closest = near
            .flatten()
            .map(difference)
            .min_by(|a, b| key(a).total_cmp(&key(b)));
        worst = worst.max(closest.unwrap_or(Difference {
            position: f32::INFINITY,
            ..Difference::default()
        }));
    }
    worst
}

/// Colours as much as they are opaque: what nobody sees may change.
fn values(pixels: &Pixels) -> Vec<f32> {
    let mut values: Vec<f32> = match pixels.texels() {
        Texels::Narrow(values) => values.iter().map(|&v| f32::from(v) / 255.0).collect(),
        Texels::Wide(values) => values.iter().map(|&v| f32::from(v) / 65535.0).collect(),
    };
    for pixel in values.chunks_exact_mut(4) {
        let alpha = pixel[3];
        pixel[..3].iter_mut().for_each(|color| *color *= alpha);
    }
    values
}

/// How far `variant` is from `plain`.
pub fn difference(plain: &Scene, variant: &Scene) -> Difference {
    let (a, b) = (corners(plain), corners(variant));
    let low = a.iter().fold(Vec3::INFINITY, |m, c| m.min(c.position));
    let high = a.iter().fold(Vec3::NEG_INFINITY, |m, c| m.max(c.position));
    let size = (high - low).max_element();
    let mut worst = farthest(&a, &b, size).max(farthest(&b, &a, size));
    assert_eq!(a.len(), b.len(), "corners");
    assert_eq!(plain.images.len(), variant.images.len());
    for (a, b) in plain.images.iter().zip(&variant.images) {
        assert_eq!((a.width, a.height), (b.width, b.height), "{}", b.name);
        let squares = values(&a.pixels)
            .into_iter()
            .zip(values(&b.pixels))
            .map(|(a, b)| (a - b) * (a - b));
        let mean = squares.sum::<f32>() / (4 * a.width * a.height) as f32;
        worst.texels = worst.texels.max(mean.sqrt());
    }
    worst
}

#[test]
fn other_forms_agree_with_the_plain_model() {
    let Some(data) = data() else { return };
    let folder = data.join("variants");
    let Ok(models) = std::fs::read_dir(&folder) else {
        println!(
            "SKIPPED: {} has no models: make them with tests/import/variants.mjs",
            folder.display()
        );
        return;
    };
    let mut wrong = Vec::new();
    for model in models
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
    {
        for entry in std::fs::read_dir(&model).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            let Some(name) = name
                .strip_suffix(".glb")
                .filter(|name| !name.starts_with("plain"))
            else {
                continue;
            };
            let is_ktx = name.starts_with("etc1s") || name.starts_with("uastc");
            let plain = open(&model.join(if is_ktx { "plain1k.glb" } else { "plain.glb" }));
            let found = difference(&plain, &open(&entry.path()));
            println!("{} {name}: {found:?}", model.file_name().unwrap().display());
            if !found.within(limit(name)) {
                wrong.push(format!("{}: {found:?}", entry.path().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn open(path: &Path) -> Scene {
    load(path, &LoadOptions::default()).unwrap()
}

/// What each form may change: steps of quantisation, rounding of lossy images. WebP without loss is
/// made from JPEG in part, which two decoders round differently.
fn limit(variant: &str) -> Difference {
    let exact = Difference {
        position: 1e-6,
        normal: 1e-6,
        uv: 0.0,
        texels: 0.0,
    };
    let quantised = Difference {
        position: 1e-4,
        normal: 0.025,
        uv: 1e-3,
        texels: 0.0,
    };
    match variant {
        "draco_edge" | "draco_seq" | "quantize" | "meshopt_medium" | "meshopt_high" => quantised,
        "instance" => exact,
        "webp_lossless" => Difference {
            texels: 0.003,
            ..exact
        },
        "webp" => Difference {
            texels: 0.06,
            ..exact
        },
        "etc1s" => Difference {
            texels: 0.09,
            ..exact
        },
        "uastc" | "uastc_raw" => Difference {
            texels: 0.01,
            ..exact
        },
        other => panic!("{other} is no known form"),
    }
}
