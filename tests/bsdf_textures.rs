//! Textured materials: a texture of one colour does what its channels, multiplied into the factors, do; and a normal
//! map of one normal does what turning everything else does.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod bsdf;
mod probes;

use bsdf::{
    Bench, brushed, coated, direction_pairs, filmed, glass, query, sheened, translucent, white,
};
use glam::{Affine2, Mat3, Quat, Vec3};
use skywell::color::srgb_decode;
use skywell::compiled::record::BsdfAnswer;
use skywell::scene::ImageId;
use skywell::scene::material::{Material, NormalMap};
use skywell::scene::texture::{Image, Pixels, TexelFilter, TextureRef, Wrap};

/// The one texel of the images, all channels different.
const TEXEL: [u8; 4] = [51, 102, 153, 204];
/// The one texel of normal maps.
const NORMAL_TEXEL: [u8; 4] = [160, 110, 250, 255];
/// Relative error of looking colours up, and of single-precision scattering.
const TOLERANCE: f32 = 3e-4;

fn image(texel: [u8; 4]) -> Image {
    Image {
        name: String::new(),
        width: 1,
        height: 1,
        pixels: Pixels::Rgba8(texel.to_vec()),
    }
}

fn texture(index: u32) -> TextureRef {
    TextureRef {
        image: ImageId(index),
        texcoord_set: 0,
        uv_transform: Affine2::IDENTITY,
        wrap: [Wrap::Repeat; 2],
        filter: TexelFilter::Linear,
    }
}

/// Asserts that two answers are the same but for rounding.
fn assert_same(name: &str, a: &BsdfAnswer, b: &BsdfAnswer) {
    let near = |a: f32, b: f32| (a - b).abs() <= TOLERANCE * (a.abs().max(b.abs()) + 1e-3);
    let same = near(a.pdf, b.pdf) && (0..3).all(|c| near(a.f[c], b.f[c]));
    assert!(same, "{name}: {a:?} is not {b:?}");
}

/// Each textured material beside the plain one that it must equal.
fn pairs() -> Vec<(&'static str, Material, Material)> {
    let [r, g, b, a] = TEXEL.map(|c| f32::from(c) / 255.0);
    let color = Vec3::new(srgb_decode(r), srgb_decode(g), srgb_decode(b));
    let tint = Vec3::new(0.9, 0.6, 0.3);
    let map = || Some(texture(0));
    let base = Material {
        base_color: tint,
        ..white(0.0, 0.6)
    };
    let mut list = Vec::new();
    let mut add = |name,
                   material: &Material,
                   textured: &dyn Fn(&mut Material),
                   plain: &dyn Fn(&mut Material)| {
        let (mut one, mut other) = (material.clone(), material.clone());
        textured(&mut one);
        plain(&mut other);
        list.push((name, one, other));
    };
    add(
        "base colour",
        &base,
        &|m| m.base_color_texture = map(),
        &|m| m.base_color *= color,
    );
    add(
        "metallic-roughness",
        &white(0.9, 0.8),
        &|m| m.metallic_roughness_texture = map(),
        &|m| (m.metallic, m.roughness) = (0.9 * b, 0.8 * g),
    );
    add("specular", &base, &|m| m.specular_texture = map(), &|m| {
        m.specular *= a
    });
    add(
        "specular colour",
        &base,
        &|m| m.specular_color_texture = map(),
        &|m| m.specular_color *= color,
    );
    // The same diffuse colour and reflectance at normal incidence, said by both base layers.
    let (reflectance, glossiness) = (Vec3::new(0.5, 0.3, 0.2), 0.7);
    add(
        "specular-glossiness",
        &base,
        &|m| {
            m.specular_color = reflectance;
            m.specular_color_texture = map();
            m.glossiness = Some(glossiness);
        },
        &|m| {
            let reflectance = reflectance * color;
            m.base_color *= 1.0 - reflectance.max_element();
            m.specular_color = reflectance / 0.04;
            m.roughness = 1.0 - glossiness * a;
        },
    );
    let coat = coated(base.clone(), 0.9, 0.5);
    add(
        "clearcoat",
        &coat,
        &|m| m.clearcoat.as_mut().unwrap().texture = map(),
        &|m| m.clearcoat.as_mut().unwrap().factor *= r,
    );
    add(
        "clearcoat roughness",
        &coat,
        &|m| m.clearcoat.as_mut().unwrap().roughness_texture = map(),
        &|m| m.clearcoat.as_mut().unwrap().roughness *= g,
    );
    let sheen = sheened(base.clone(), tint, 0.7);
    add(
        "sheen colour",
        &sheen,
        &|m| m.sheen.as_mut().unwrap().color_texture = map(),
        &|m| m.sheen.as_mut().unwrap().color *= color,
    );
    add(
        "sheen roughness",
        &sheen,
        &|m| m.sheen.as_mut().unwrap().roughness_texture = map(),
        &|m| m.sheen.as_mut().unwrap().roughness *= a,
    );
    // Red and green hold the direction, from −1 to 1; blue the strength.
    let turn = (2.0 * g - 1.0).atan2(2.0 * r - 1.0);
    add(
        "anisotropy",
        &brushed(white(1.0, 0.4), 0.9, 0.3),
        &|m| m.anisotropy.as_mut().unwrap().texture = map(),
        &|m| {
            let anisotropy = m.anisotropy.as_mut().unwrap();
            (anisotropy.strength, anisotropy.rotation) = (0.9 * b, 0.3 + turn);
        },
    );
    let film = filmed(white(1.0, 0.3), 600.0);
    add(
        "iridescence",
        &film,
        &|m| m.iridescence.as_mut().unwrap().texture = map(),
        &|m| m.iridescence.as_mut().unwrap().factor *= r,
    );
    add(
        "iridescence thickness",
        &film,
        &|m| m.iridescence.as_mut().unwrap().thickness_texture = map(),
        &|m| {
            let film = m.iridescence.as_mut().unwrap();
            let (least, most) = (film.thickness_min_nm, film.thickness_max_nm);
            film.thickness_max_nm = least + (most - least) * g;
        },
    );
    add(
        "transmission",
        &glass(0.4, 0.9, false),
        &|m| m.transmission.as_mut().unwrap().texture = map(),
        &|m| m.transmission.as_mut().unwrap().factor *= r,
    );
    let leaf = translucent(base.clone(), 0.7);
    add(
        "diffuse transmission",
        &leaf,
        &|m| m.diffuse_transmission.as_mut().unwrap().texture = map(),
        &|m| m.diffuse_transmission.as_mut().unwrap().factor *= a,
    );
    add(
        "diffuse transmission colour",
        &leaf,
        &|m| m.diffuse_transmission.as_mut().unwrap().color_texture = map(),
        &|m| m.diffuse_transmission.as_mut().unwrap().color *= color,
    );
    list
}

#[test]
fn textures_multiply_their_factors() {
    for multiscatter in [false, true] {
        for (name, textured, plain) in pairs() {
            let bench = Bench::with_images(&[textured, plain], vec![image(TEXEL)], multiscatter);
            for (wo, above) in direction_pairs(64, 0.1) {
                for wi in [above, above * Vec3::new(1.0, 1.0, -1.0)] {
                    let queries = [0, 1].map(|material| query(material, wo, wi, 1.0));
                    let answers = bench.eval(&queries);
                    assert_same(name, &answers[0], &answers[1]);
                }
            }
        }
    }
}

#[test]
fn normal_maps_turn_the_surface() {
    let scale = 1.5;
    let [x, y, z] = [0, 1, 2].map(|c| 2.0 * f32::from(NORMAL_TEXEL[c]) / 255.0 - 1.0);
    let normal = Vec3::new(x * scale, y * scale, z).normalize();
    let map = || {
        Some(NormalMap {
            texture: texture(0),
            scale,
        })
    };
    let flat = white(0.5, 0.4);
    let bumpy = Material {
        normal: map(),
        ..flat.clone()
    };
    // Nothing but a coat.
    let black = Material {
        base_color: Vec3::ZERO,
        specular: 0.0,
        ..white(0.0, 0.5)
    };
    let flat_coat = coated(black, 1.0, 0.4);
    let mut bumpy_coat = flat_coat.clone();
    bumpy_coat.clearcoat.as_mut().unwrap().normal = map();

    let materials = [bumpy, flat, bumpy_coat, flat_coat];
    let bench = Bench::with_images(&materials, vec![image(NORMAL_TEXEL)], false);
    let local_from_world = Mat3::from_quat(Quat::from_rotation_arc(normal, Vec3::Z));
    let mut compared = 0;
    for (wo, wi) in direction_pairs(256, 0.1) {
        // Where the mirror image would go under the surface the normal is bent.
        let mirrored = normal * (2.0 * normal.dot(wo)) - wo;
        if normal.dot(wo).min(normal.dot(wi)) < 0.05 || mirrored.z < 0.05 {
            continue;
        }
        compared += 1;
        let mut turned = query(1, local_from_world * wo, local_from_world * wi, 1.0);
        turned.n = (local_from_world * Vec3::Z).to_array();
        let answers = bench.eval(&[query(0, wo, wi, 1.0), turned]);
        assert_same("base", &answers[0], &answers[1]);
        turned.material = 3;
        let mut answers = bench.eval(&[query(2, wo, wi, 1.0), turned]);
        // Which lobe is drawn from depends on the base's frame, too.
        answers[0].pdf = answers[1].pdf;
        assert_same("coat", &answers[0], &answers[1]);
    }
    assert!(compared > 100, "{compared} directions are too few");
}

also_asks_gpu!(
    textures_multiply_their_factors,
    normal_maps_turn_the_surface,
);
