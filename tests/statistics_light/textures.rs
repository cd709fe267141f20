//! Texture look-ups against a plain reading of the specification in f64: every wrap mode, filter, encoding and width,
//! at coordinates inside, on borders, outside and far away.

use glam::{Affine2, Vec2};
use skywell::compiled::record::{TextureAnswer, TextureQuery};
use skywell::compiled::textures::{TextureTable, Textures};
use skywell::kernel::Tables;
use skywell::scene::texture::{Encoding, Image, Pixels, TexelFilter, Texels, TextureRef, Wrap};
use skywell::scene::{ImageId, Scene};

use crate::common::Random;
use crate::compile;
use crate::probe;
use crate::probes::ask;

const WRAPS: [Wrap; 3] = [Wrap::Repeat, Wrap::MirroredRepeat, Wrap::ClampToEdge];

/// An image of noise.
fn noise(width: u32, height: u32, wide: bool, random: &mut Random) -> Image {
    let n = (width * height * 4) as usize;
    let pixels = if wide {
        Pixels::Rgba16((0..n).map(|_| random.bits() as u16).collect())
    } else {
        Pixels::Rgba8((0..n).map(|_| random.bits() as u8).collect())
    };
    Image {
        name: String::new(),
        width,
        height,
        pixels,
    }
}

fn texture(wrap: [Wrap; 2], filter: TexelFilter) -> TextureRef {
    TextureRef {
        image: ImageId(0),
        texcoord_set: 0,
        uv_transform: Affine2::IDENTITY,
        wrap,
        filter,
    }
}

/// Looks `uvs` up in slot 0.
fn look_up(textures: &Textures, queries: &[TextureQuery]) -> Vec<[f32; 4]> {
    let nothing = compile(Scene::default());
    let tables = Tables {
        texture_slots: &textures.slots,
        texels: &textures.texels,
        ..Tables::from(&nothing)
    };
    let answers: Vec<TextureAnswer> = ask(&probe!(probe_texture), &tables, queries);
    answers.into_iter().map(|answer| answer.value).collect()
}

fn query(uv: [f32; 2]) -> TextureQuery {
    TextureQuery {
        uv_a: uv,
        ..TextureQuery::default()
    }
}

/// The texel number that number `i` wraps to.
fn wrap_texel(i: i64, size: i64, wrap: Wrap) -> i64 {
    match wrap {
        Wrap::Repeat => i.rem_euclid(size),
        Wrap::MirroredRepeat => {
            let i = i.rem_euclid(2 * size);
            if i < size { i } else { 2 * size - 1 - i }
        }
        Wrap::ClampToEdge => i.clamp(0, size - 1),
    }
}

/// Linear RGBA of a texel.
fn texel(image: &Image, encoding: Encoding, x: i64, y: i64) -> [f64; 4] {
    let first = (y as usize * image.width as usize + x as usize) * 4;
    std::array::from_fn(|channel| {
        let v = match image.pixels.texels() {
            Texels::Narrow(v) => f64::from(v[first + channel]) / 255.0,
            Texels::Wide(v) => f64::from(v[first + channel]) / 65535.0,
        };
        match encoding {
            Encoding::Srgb if channel < 3 && v > 0.04045 => ((v + 0.055) / 1.055).powf(2.4),
            Encoding::Srgb if channel < 3 => v / 12.92,
            _ => v,
        }
    })
}

/// The look-up as OpenGL's specification has it.
fn oracle(image: &Image, encoding: Encoding, texture: &TextureRef, uv: [f64; 2]) -> [f64; 4] {
    let size = [i64::from(image.width), i64::from(image.height)];
    let fetch = |x: i64, y: i64| {
        texel(
            image,
            encoding,
            wrap_texel(x, size[0], texture.wrap[0]),
            wrap_texel(y, size[1], texture.wrap[1]),
        )
    };
    // Far away, whole numbers of images are taken off first: texel numbers would not fit an i64.
    let near = |axis: usize| {
        let far = uv[axis].abs() > 1e6 && texture.wrap[axis] != Wrap::ClampToEdge;
        (if far {
            uv[axis].rem_euclid(2.0)
        } else {
            uv[axis].clamp(-1e9, 1e9)
        }) * size[axis] as f64
    };
    let position = [near(0), near(1)];
    if texture.filter == TexelFilter::Nearest {
        return fetch(position[0].floor() as i64, position[1].floor() as i64);
    }
    let [x, y] = position.map(|p| p - 0.5);
    let [fx, fy] = [x - x.floor(), y - y.floor()];
    let (i, j) = (x.floor() as i64, y.floor() as i64);
    std::array::from_fn(|c| {
        (1.0 - fy) * ((1.0 - fx) * fetch(i, j)[c] + fx * fetch(i + 1, j)[c])
            + fy * ((1.0 - fx) * fetch(i, j + 1)[c] + fx * fetch(i + 1, j + 1)[c])
    })
}

/// Compares look-ups of `uvs` in all wrap modes and encodings.
fn compare(image: &Image, filter: TexelFilter, uvs: &[[f32; 2]], tolerance: f64) {
    for wrap_u in WRAPS {
        for wrap_v in WRAPS {
            for encoding in [Encoding::Linear, Encoding::Srgb] {
                let texture = texture([wrap_u, wrap_v], filter);
                let mut table = TextureTable::new(vec![image.clone()]);
                assert_eq!(table.slot(&texture, encoding), 0);
                let textures = table.finish(u64::MAX).expect("small");
                let queries: Vec<_> = uvs.iter().map(|uv| query(*uv)).collect();
                for (uv, got) in uvs.iter().zip(look_up(&textures, &queries)) {
                    let want = oracle(image, encoding, &texture, uv.map(f64::from));
                    for (got, want) in got.into_iter().zip(want) {
                        assert!(
                            (f64::from(got) - want).abs() <= tolerance,
                            "{}×{} {filter:?} {wrap_u:?} {wrap_v:?} {encoding:?} at {uv:?}: {got}, not {want}",
                            image.width,
                            image.height
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn interpolation_matches_the_oracle() {
    let mut random = Random(1);
    for (width, height, wide) in [
        (1, 1, false),
        (2, 3, true),
        (5, 7, false),
        (64, 32, false),
        (129, 1, true),
    ] {
        let image = noise(width, height, wide, &mut random);
        let uvs: Vec<_> = (0..300)
            .map(|_| [random.between(-3.0, 4.0), random.between(-3.0, 4.0)])
            .collect();
        // f32 holds a coordinate near 4 to 2.4e-7; a texel of noise changes by 1 within 1 / size.
        let tolerance = 6e-6 + 5e-7 * f64::from(width.max(height));
        compare(&image, TexelFilter::Linear, &uvs, tolerance);
    }
}

#[test]
fn nearest_texels_match_the_oracle() {
    let mut random = Random(2);
    for (width, height, wide) in [
        (1, 1, true),
        (3, 5, false),
        (64, 32, false),
        (100, 30, true),
    ] {
        let image = noise(width, height, wide, &mut random);
        let size = [width as f32, height as f32];
        let uvs: Vec<[f32; 2]> = (0..300)
            .map(|_| {
                // Inside texels, away from borders that rounding may cross.
                std::array::from_fn(|axis| {
                    let texel = (random.between(-3.0, 4.0) * size[axis]).floor();
                    (texel + random.between(0.01, 0.99)) / size[axis]
                })
            })
            .collect();
        compare(&image, TexelFilter::Nearest, &uvs, 6e-6);
    }
}

#[test]
fn texel_borders_and_centres_are_exact() {
    let mut random = Random(3);
    let image = noise(8, 4, false, &mut random);
    // All halves of texels from two images before to two after, all of which f32 holds exactly.
    let uvs: Vec<_> = (-32..=48)
        .flat_map(|x| (-16..=24).map(move |y| [x as f32 / 16.0, y as f32 / 8.0]))
        .collect();
    compare(&image, TexelFilter::Nearest, &uvs, 6e-6);
    compare(&image, TexelFilter::Linear, &uvs, 6e-6);
}

#[test]
fn huge_and_tiny_coordinates_wrap() {
    let mut random = Random(4);
    let image = noise(4, 4, false, &mut random);
    let far = [
        1e-30f32, -1e-30, -1e-9, 0.99999994, 12345.25, -98765.5, 8388607.0, -4194303.5, 16777216.0,
        1e9, -3e20,
    ];
    let uvs: Vec<_> = far
        .iter()
        .flat_map(|u| far.iter().map(move |v| [*u, *v]))
        .collect();
    compare(&image, TexelFilter::Linear, &uvs, 1e-5);
    compare(&image, TexelFilter::Nearest, &uvs, 1e-5);
}

#[test]
fn coordinates_that_are_no_numbers_give_some_texel() {
    let image = noise(4, 4, false, &mut Random(5));
    for wrap in WRAPS {
        for filter in [TexelFilter::Nearest, TexelFilter::Linear] {
            let mut table = TextureTable::new(vec![image.clone()]);
            table.slot(&texture([wrap; 2], filter), Encoding::Linear);
            let textures = table.finish(u64::MAX).expect("small");
            let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
            let queries: Vec<_> = bad.iter().map(|v| query([*v, 0.5])).collect();
            // No panic, no read outside the table; whether the value is NaN is left to the film to report.
            assert_eq!(look_up(&textures, &queries).len(), 3);
        }
    }
}

#[test]
fn transforms_and_sets_of_coordinates_are_honoured() {
    let mut random = Random(6);
    let image = noise(16, 16, false, &mut random);
    let mut table = TextureTable::new(vec![image.clone()]);
    let mut slots = Vec::new();
    for set in 0..3 {
        let transform =
            Affine2::from_scale_angle_translation(Vec2::new(2.0, -0.5), 0.7, Vec2::new(0.3, 0.6));
        let texture = TextureRef {
            texcoord_set: set,
            uv_transform: transform,
            ..texture([Wrap::Repeat, Wrap::MirroredRepeat], TexelFilter::Linear)
        };
        assert_eq!(table.slot(&texture, Encoding::Linear), set);
        slots.push(texture);
    }
    let textures = table.finish(u64::MAX).expect("small");
    let queries: Vec<_> = (0..300)
        .map(|i| {
            let mut uv = || [random.between(-1.0, 2.0), random.between(-1.0, 2.0)];
            TextureQuery {
                uv_a: uv(),
                uv_b: uv(),
                uv_c: uv(),
                slot: i % 3,
                ..TextureQuery::default()
            }
        })
        .collect();
    for (query, got) in queries.iter().zip(look_up(&textures, &queries)) {
        let texture = &slots[query.slot as usize];
        let uv = [query.uv_a, query.uv_b, query.uv_c][query.slot as usize];
        let moved = texture
            .uv_transform
            .as_daffine2()
            .transform_point2(Vec2::from_array(uv).as_dvec2());
        let want = oracle(&image, Encoding::Linear, texture, moved.to_array());
        for (got, want) in got.into_iter().zip(want) {
            assert!(
                (f64::from(got) - want).abs() < 3e-5,
                "{query:?}: {got}, not {want}"
            );
        }
    }
}

#[test]
fn srgb_is_exact_at_both_ends_and_close_between() {
    let ramp: Vec<u16> = (0..=65535u16).flat_map(|v| [v, v, v, v]).collect();
    let image = Image {
        name: String::new(),
        width: 256,
        height: 256,
        pixels: Pixels::Rgba16(ramp),
    };
    let mut table = TextureTable::new(vec![image]);
    table.slot(
        &texture([Wrap::ClampToEdge; 2], TexelFilter::Nearest),
        Encoding::Srgb,
    );
    let textures = table.finish(u64::MAX).expect("small");
    let queries: Vec<_> = (0..65536)
        .map(|i| {
            query([
                ((i % 256) as f32 + 0.5) / 256.0,
                ((i / 256) as f32 + 0.5) / 256.0,
            ])
        })
        .collect();
    let mut largest = 0.0f64;
    for (i, value) in look_up(&textures, &queries).into_iter().enumerate() {
        let x = i as f64 / 65535.0;
        let want = if x <= 0.04045 {
            x / 12.92
        } else {
            ((x + 0.055) / 1.055).powf(2.4)
        };
        assert_eq!(value[3], i as f32 * (1.0 / 65535.0), "alpha is linear");
        if i == 0 || i == 65535 {
            assert_eq!(f64::from(value[0]), want);
        } else {
            largest = largest.max((f64::from(value[0]) / want - 1.0).abs());
        }
    }
    assert!(largest < 5.5e-6, "relative error {largest:e}");
}

crate::also_asks_gpu!(
    interpolation_matches_the_oracle,
    nearest_texels_match_the_oracle,
    texel_borders_and_centres_are_exact,
    huge_and_tiny_coordinates_wrap,
    coordinates_that_are_no_numbers_give_some_texel,
    transforms_and_sets_of_coordinates_are_honoured,
    srgb_is_exact_at_both_ends_and_close_between,
);
