//! Renders with and without planted faults, to see what a comparison says of them.

use crate::scene_kit::{
    Kit, cuboid, emissive, glass, lambert, look, parallelogram, render, sphere,
};
use glam::{Affine2, Affine3A, Quat, Vec2, Vec3, Vec4};
use skywell::color::REC709;
use skywell::diff::{self, Comparison, Encoding, Options, Picture, Plane, Report};
use skywell::film::{Developed, Film};
use skywell::image::exr::{Attribute, Window};
use skywell::scene::ImageId;
use skywell::scene::camera::{Camera, Projection};
use skywell::scene::material::{Material, NormalMap};
use skywell::scene::texture::{Image, Pixels, TexelFilter, TextureRef, Wrap};
use skywell::settings::{Filter, Region, RenderSettings};
use std::collections::BTreeMap;
use std::path::Path;

/// What a scene is made of; faults are changes of it.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Radiance of the lamp.
    pub lamp: f32,
    /// Albedo of the floor, which its texture multiplies.
    pub albedo: f32,
    /// Is the floor's texture turned upside down?
    pub is_texture_flipped: bool,
    /// Does the wall follow its normal map?
    pub has_normal_map: bool,
    /// Index of refraction of the ball.
    pub ior: f32,
}

impl Recipe {
    /// As it should be.
    pub const RIGHT: Self = Self {
        lamp: 12.0,
        albedo: 0.7,
        is_texture_flipped: false,
        has_normal_map: true,
        ior: 1.5,
    };

    /// A room corner: a textured floor, a wall with a normal map, a glass ball, a metal one and a
    /// box, under a lamp and a dim sky.
    fn kit(&self) -> Kit {
        let texture = |image: u32, uv_transform| TextureRef {
            image: ImageId(image),
            texcoord_set: 0,
            uv_transform,
            wrap: [Wrap::Repeat, Wrap::Repeat],
            filter: TexelFilter::Linear,
        };
        let turn = if self.is_texture_flipped { -1.0 } else { 1.0 };
        let floor = Material {
            base_color_texture: Some(texture(0, Affine2::from_scale(Vec2::new(1.0, turn)))),
            ..lambert(self.albedo)
        };
        let wall = Material {
            normal: self.has_normal_map.then(|| NormalMap {
                texture: texture(1, Affine2::from_scale(Vec2::splat(4.0))),
                scale: 1.0,
            }),
            ..lambert(0.6)
        };
        let metal = Material {
            base_color: Vec3::new(0.9, 0.7, 0.4),
            roughness: 0.4,
            ..Material::default()
        };
        let at = |place: Vec3, size: f32| {
            Affine3A::from_scale_rotation_translation(Vec3::splat(size), Quat::IDENTITY, place)
        };
        let mut bumpy = parallelogram(Vec3::new(-4.0, -1.0, -2.0), Vec3::X * 8.0, Vec3::Y * 5.0);
        bumpy.tangents = vec![Vec4::new(1.0, 0.0, 0.0, 1.0); bumpy.positions.len()];
        let mut kit = Kit::default()
            .with(
                parallelogram(Vec3::new(-4.0, -1.0, -3.0), Vec3::Z * 8.0, Vec3::X * 8.0),
                floor,
            )
            .with(bumpy, wall)
            .with(
                cuboid(Vec3::new(0.9, -1.0, -1.2), Vec3::new(1.9, 0.4, -0.4)),
                lambert(0.5),
            )
            .with(
                parallelogram(Vec3::new(-1.0, 3.0, -0.5), Vec3::X * 2.0, Vec3::Z * 2.0),
                emissive(0.0, self.lamp),
            )
            .place(
                sphere(4),
                at(Vec3::new(-0.9, -0.3, 0.4), 0.7),
                glass(self.ior, Vec3::ONE, 1.0),
            )
            .place(sphere(4), at(Vec3::new(0.7, -0.55, 0.9), 0.45), metal)
            .in_constant_environment(0.15);
        kit.scene.images.push(ramp());
        kit.scene.images.push(bumps());
        kit
    }
}

/// Lighter to one side, with stripes along the other.
fn ramp() -> Image {
    let texel = |i: u32| {
        let (x, y) = (i % 16, i / 16);
        let stripe = if x % 4 < 2 { 60 } else { 0 };
        let level = (60 + 9 * y + stripe) as u8;
        [level, level, 255 - level, 255]
    };
    image("ramp", (0..256).flat_map(texel).collect())
}

/// A normal map of bumps.
fn bumps() -> Image {
    let texel = |i: u32| {
        let wave = |t: u32| (127.5 + 70.0 * (t as f32 / 16.0 * std::f32::consts::TAU).sin()) as u8;
        [wave(i % 16), wave(i / 16), 220, 255]
    };
    image("bumps", (0..256).flat_map(texel).collect())
}

fn image(name: &str, texels: Vec<u8>) -> Image {
    Image {
        name: name.into(),
        width: 16,
        height: 16,
        pixels: Pixels::Rgba8(texels),
    }
}

/// A frame's size and sampling.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Columns and rows.
    pub side: u32,
    /// Samples a pixel.
    pub samples: u32,
}

impl Frame {
    /// Renders a recipe.
    pub fn render(self, recipe: &Recipe, seed: u32) -> Picture {
        let camera = Camera {
            projection: Projection::Perspective {
                yfov: 0.75,
                aspect_ratio: None,
            },
            ..look(Vec3::new(0.3, 0.8, 5.5), Vec3::new(0.0, 0.0, 0.0), 1.0)
        };
        let settings = RenderSettings {
            samples: 0..self.samples,
            max_depth: 6,
            seed,
            filter: Filter::BlackmanHarris,
            variance: true,
            ..RenderSettings::new(self.side, self.side)
        };
        picture(&render(recipe.kit(), &camera, &settings), self.samples)
    }
}

/// A developed film as a file of it would be read.
pub fn picture(developed: &Developed, samples: u32) -> Picture {
    let Region { x0, y0, .. } = developed.region;
    let window = Window {
        x: x0.cast_signed(),
        y: y0.cast_signed(),
        width: developed.region.width() as usize,
        height: developed.region.height() as usize,
    };
    let planes = |prefix: &str, pixels: &[[f32; 4]]| -> Vec<Plane> {
        let plane = |(channel, letter)| Plane {
            name: format!("{prefix}{letter}"),
            is_half: false,
            samples: pixels.iter().map(|pixel| pixel[channel]).collect(),
        };
        "RGBA".chars().enumerate().map(plane).collect()
    };
    let mut all = planes("", &developed.pixels);
    all.extend(planes(
        "variance.",
        developed.variance.as_deref().unwrap_or(&[]),
    ));
    let samples = Attribute::Text(format!("0..{samples}"));
    Picture {
        encoding: Encoding::Linear,
        format: "OpenEXR",
        display: window,
        data: window,
        chromaticities: REC709,
        planes: all,
        attributes: BTreeMap::from([("skywell:samples".to_owned(), samples)]),
    }
}

/// Compares two pictures.
pub fn compare(reference: &Picture, test: &Picture, alpha: f64) -> Report {
    let options = Options {
        alpha,
        ..Options::default()
    };
    let names = [Path::new("reference"), Path::new("test")];
    let compared = diff::compare((names[0], reference), (names[1], test), &options);
    let Comparison { report, .. } = compared.expect("pictures of one size");
    report
}

/// A fault, and whether it may be told from noise.
pub struct Fault {
    /// What is wrong.
    pub name: &'static str,
    /// Must it be found?
    pub is_fault: bool,
    planting: Planting,
}

/// How a fault comes into a picture.
enum Planting {
    /// What is rendered is another scene.
    Scene(Recipe),
    /// The picture is changed, given its samples a pixel.
    Picture(fn(&mut Picture, u32)),
    /// The picture is of an estimator of the test's own, whose numbers are correlated.
    Sampler,
}

/// What faulty pictures are compared with.
pub struct Bench {
    frame: Frame,
    right: Picture,
    /// Right too, of the seed that faulty pictures have.
    reseeded: Picture,
}

impl Bench {
    /// Renders what is right.
    pub fn new(frame: Frame) -> Self {
        let [right, reseeded] = [1, 2].map(|seed| frame.render(&Recipe::RIGHT, seed));
        Self {
            frame,
            right,
            reseeded,
        }
    }

    /// Plants the fault and compares.
    pub fn compare(&self, fault: &Fault) -> Report {
        const ALPHA: f64 = 1e-3;
        match &fault.planting {
            Planting::Scene(recipe) => compare(&self.right, &self.frame.render(recipe, 2), ALPHA),
            Planting::Picture(change) => {
                let mut changed = self.reseeded.clone();
                change(&mut changed, self.frame.samples);
                compare(&self.right, &changed, ALPHA)
            }
            Planting::Sampler => {
                let right = penumbra(self.frame, 1, false);
                compare(&right, &penumbra(self.frame, 2, true), ALPHA)
            }
        }
    }
}

/// All faults.
pub fn faults() -> Vec<Fault> {
    let right = Recipe::RIGHT;
    let scene = |name, recipe| (name, Planting::Scene(recipe));
    let picture = |name, change| (name, Planting::Picture(change));
    let planted = [
        scene(
            "a light 2 % brighter",
            Recipe {
                lamp: right.lamp * 1.02,
                ..right
            },
        ),
        scene(
            "an albedo 1 % off",
            Recipe {
                albedo: right.albedo * 0.99,
                ..right
            },
        ),
        scene(
            "a texture flipped",
            Recipe {
                is_texture_flipped: true,
                ..right
            },
        ),
        scene(
            "a normal map ignored",
            Recipe {
                has_normal_map: false,
                ..right
            },
        ),
        picture("one tile shifted by a pixel", |picture, _| {
            shift_tile(picture)
        }),
        scene("an IOR of 1.45, not 1.50", Recipe { ior: 1.45, ..right }),
        picture("a firefly", add_firefly),
        picture("a seam one pixel wide", |picture, _| darken_column(picture)),
        ("a sampler with correlated dimensions", Planting::Sampler),
    ];
    let fault = |(name, planting), is_fault| Fault {
        name,
        is_fault,
        planting,
    };
    let mut all: Vec<Fault> = planted.into_iter().map(|it| fault(it, true)).collect();
    all.push(fault(picture("a wrong seed (no fault)", |_, _| {}), false));
    all
}

/// Moves a tile of a quarter of the picture's side one pixel to the right, variances too.
fn shift_tile(picture: &mut Picture) {
    let width = picture.data.width;
    let tile = width / 4;
    for plane in &mut picture.planes {
        for y in 2 * tile..3 * tile {
            plane.samples[y * width + tile..y * width + 2 * tile].rotate_right(1);
        }
    }
}

/// Adds one sample of great radiance to a pixel, as the film would: to its mean and its variance.
fn add_firefly(picture: &mut Picture, samples: u32) {
    const RADIANCE: f32 = 1e5;
    let width = picture.data.width;
    let pixel = width / 3 * width + width / 5;
    let n = samples as f32;
    for plane in &mut picture.planes {
        match plane.name.as_str() {
            "R" | "G" | "B" => plane.samples[pixel] += RADIANCE / n,
            "variance.R" | "variance.G" | "variance.B" => {
                plane.samples[pixel] += (RADIANCE / n).powi(2)
            }
            _ => {}
        }
    }
}

/// One column 5 % too dark, as where two tiles' filters are not added up.
fn darken_column(picture: &mut Picture) {
    let width = picture.data.width;
    for plane in picture
        .planes
        .iter_mut()
        .filter(|plane| "RGB".contains(&plane.name))
    {
        for row in plane.samples.chunks_mut(width) {
            row[width / 2] *= 0.95;
        }
    }
}

/// The penumbra of a square lamp behind an edge aslant, by an estimator of this test's own, as this
/// renderer's sampler does not let itself be broken: two numbers choose a point of the lamp. If
/// they are the same number twice, only the lamp's diagonal shines.
fn penumbra(frame: Frame, seed: u32, is_correlated: bool) -> Picture {
    let mut film = Film::new(Region::full(frame.side, frame.side), true).expect("pixels");
    for y in 0..frame.side {
        for x in 0..frame.side {
            let mut random = u64::from(seed) << 40 | u64::from(y) << 20 | u64::from(x);
            for sample in 0..frame.samples {
                let u = uniform(&mut random);
                let v = if is_correlated {
                    u
                } else {
                    uniform(&mut random)
                };
                let p = x as f32 / frame.side as f32 - 0.5;
                let is_seen = 0.3 * (u - 0.5) - 0.4 * (v - 0.5) < p;
                film.add_sample(x, y, sample, [f32::from(u8::from(is_seen)); 3], 1.0);
            }
        }
    }
    picture(&film.develop(), frame.samples)
}

/// In [0, 1). Source: Steele, Lea, Flood 2014 (SplitMix64).
fn uniform(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 40) as f32 / 16_777_216.0
}
