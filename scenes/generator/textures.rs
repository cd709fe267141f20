//! Procedural textures, as PNG bytes. All tile.

use anyhow::Result;
use glam::{Vec2, Vec3, vec2, vec3};
use image::{ImageFormat, RgbImage};
use std::io::Cursor;

fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x8da6_b343)
        ^ (y as u32).wrapping_mul(0xd816_3841)
        ^ seed.wrapping_mul(0xcb1a_b31f);
    h = (h ^ (h >> 16)).wrapping_mul(0x7feb_352d);
    h = (h ^ (h >> 15)).wrapping_mul(0x846c_a68b);
    ((h ^ (h >> 16)) >> 8) as f32 / (1 << 24) as f32
}

/// Value noise with period `period` cells, in [0, 1].
fn noise(p: Vec2, period: i32, seed: u32) -> f32 {
    let cell = p.floor();
    let f = p - cell;
    let w = f * f * (3.0 - 2.0 * f);
    let (x, y) = (cell.x as i32, cell.y as i32);
    let at = |dx: i32, dy: i32| {
        hash(
            (x + dx).rem_euclid(period),
            (y + dy).rem_euclid(period),
            seed,
        )
    };
    let low = at(0, 0) + (at(1, 0) - at(0, 0)) * w.x;
    let high = at(0, 1) + (at(1, 1) - at(0, 1)) * w.x;
    low + (high - low) * w.y
}

/// Fractal noise over the unit square, `cells` across at its coarsest, in about [0, 1].
fn fractal(uv: Vec2, cells: Vec2, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut total) = (0.0, 1.0, 0.0);
    for octave in 0..octaves {
        let scale = (1 << octave) as f32;
        let stretch = cells.x.max(cells.y) * scale;
        sum += weight * noise(uv * cells * scale, stretch as i32, seed + octave);
        total += weight;
        weight *= 0.55;
    }
    sum / total
}

fn png(size: u32, pixel: impl Fn(Vec2) -> Vec3) -> Result<Vec<u8>> {
    let image = RgbImage::from_fn(size, size, |x, y| {
        let uv = vec2(
            (x as f32 + 0.5) / size as f32,
            (y as f32 + 0.5) / size as f32,
        );
        let c = pixel(uv).clamp(Vec3::ZERO, Vec3::ONE) * 255.0 + 0.5;
        image::Rgb([c.x as u8, c.y as u8, c.z as u8])
    });
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

fn smoothstep(a: f32, b: f32, x: f32) -> f32 {
    let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Lime plaster with damp stains (sRGB).
pub fn plaster() -> Result<Vec<u8>> {
    png(256, |uv| {
        let stain = fractal(uv, vec2(3., 3.), 5, 11);
        let grain = fractal(uv, vec2(40., 40.), 2, 12);
        vec3(0.90, 0.885, 0.85)
            - vec3(0.16, 0.165, 0.17) * smoothstep(0.45, 0.8, stain)
            - 0.04 * grain
    })
}

/// Weathered granite (sRGB).
pub fn stone() -> Result<Vec<u8>> {
    png(256, |uv| {
        let cloud = fractal(uv, vec2(4., 4.), 4, 21);
        let speck = fractal(uv, vec2(64., 64.), 1, 22);
        vec3(0.60, 0.60, 0.58) + 0.22 * (cloud - 0.5) + 0.16 * (speck - 0.5)
    })
}

fn stone_height(uv: Vec2) -> f32 {
    fractal(uv - uv.floor(), vec2(10., 10.), 4, 31)
}

/// Chiselled stone (tangent-space normals).
pub fn stone_normal() -> Result<Vec<u8>> {
    let size = 256;
    let step = 1.0 / size as f32;
    png(size, |uv| {
        let slope = |d: Vec2| (stone_height(uv + d) - stone_height(uv - d)) / (2.0 * step);
        // v runs down the image, the tangent frame's bitangent runs up it.
        let n = vec3(-slope(vec2(step, 0.)), slope(vec2(0., step)), 1.0 / 0.022).normalize();
        n * 0.5 + 0.5
    })
}

/// Dark lacquered timber, grain along v (sRGB).
pub fn timber() -> Result<Vec<u8>> {
    png(256, |uv| {
        let warp = fractal(uv, vec2(2., 2.), 3, 41);
        let grain = fractal(
            vec2((uv.x + 0.04 * warp).fract(), uv.y),
            vec2(32., 2.),
            3,
            42,
        );
        vec3(0.40, 0.22, 0.14) * (0.62 + 0.7 * grain)
    })
}

/// How far bronze has turned green, [0, 1].
fn verdigris(uv: Vec2) -> f32 {
    smoothstep(0.56, 0.68, fractal(uv, vec2(5., 5.), 5, 51))
}

/// Bronze under verdigris (sRGB).
pub fn bronze() -> Result<Vec<u8>> {
    png(256, |uv| {
        let tone = fractal(uv, vec2(8., 8.), 3, 52);
        vec3(0.80, 0.60, 0.36)
            .lerp(vec3(0.66, 0.45, 0.25), tone)
            .lerp(vec3(0.30, 0.50, 0.44), verdigris(uv))
    })
}

/// Metalness and roughness of the same bronze.
pub fn bronze_metallic_roughness() -> Result<Vec<u8>> {
    png(256, |uv| {
        let green = verdigris(uv);
        let wear = fractal(uv, vec2(12., 12.), 3, 53);
        vec3(0.0, 0.24 + 0.16 * wear + 0.45 * green, 1.0 - green)
    })
}

/// Cracks of glowing coal (sRGB, emissive).
pub fn embers() -> Result<Vec<u8>> {
    png(128, |uv| {
        let crack = 1.0 - (2.0 * fractal(uv, vec2(6., 6.), 3, 61) - 1.0).abs();
        let heat =
            smoothstep(0.72, 1.0, crack) * smoothstep(0.25, 0.7, fractal(uv, vec2(3., 3.), 2, 62));
        vec3(1.0, 0.55 * heat + 0.08, 0.25 * heat * heat) * heat.powf(0.6)
    })
}

/// Lit paper over bamboo hoops: brightest at the middle of v (sRGB, emissive).
pub fn lantern_glow() -> Result<Vec<u8>> {
    png(128, |uv| {
        let body = (std::f32::consts::PI * uv.y).sin().max(0.0).powf(0.8);
        let hoop = smoothstep(0.0, 0.12, ((uv.y * 14.0).fract() - 0.5).abs());
        let fibre = 0.9 + 0.2 * (fractal(uv, vec2(24., 24.), 3, 71) - 0.5);
        vec3(1.0, 0.56, 0.34) * (0.25 + 0.75 * body) * (0.55 + 0.45 * hoop) * fibre
    })
}

/// The sky above the court: broken cloud (sRGB, emissive).
pub fn sky() -> Result<Vec<u8>> {
    png(256, |uv| {
        let cloud = smoothstep(0.40, 0.72, fractal(uv, vec2(4., 4.), 6, 81));
        vec3(0.52, 0.70, 0.93).lerp(vec3(1.0, 0.99, 0.97), cloud)
    })
}
