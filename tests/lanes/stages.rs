//! The renderer's own stages give the same bits in every form.

use super::suite::Random;
use skywell_kernel::record::{
    Frame, HIT_IN_MEDIUM, Hit, MEDIUM_LIT, MEDIUM_NONE, MEDIUM_SCATTERS, Medium, PathState,
    PixelSample, ShadowRay,
};
use skywell_kernel::{Simd, Tables};

/// The words of records, with every NaN as the same one.
fn words<T: bytemuck::Pod>(rows: &[T]) -> Vec<u32> {
    let words: &[u32] = bytemuck::cast_slice(rows);
    let nan = |w: u32| {
        if f32::from_bits(w).is_nan() {
            f32::NAN.to_bits()
        } else {
            w
        }
    };
    words.iter().map(|&w| nan(w)).collect()
}

#[test]
fn stages_give_the_same_bits_in_every_form() {
    let mut random = Random(7);
    let frame = Frame {
        width: 64,
        height: 48,
        camera_right: [1.0, 0.0, 0.0],
        camera_up: [0.0, 0.75, 0.0],
        camera_forward: [0.0, 0.0, -1.0],
        max_depth: 8,
        seed: 5,
        environment_light: u32::MAX,
        scene_radius: 1.0,
        ..Frame::default()
    };
    let milk = Medium {
        sigma_t: [0.7, 2.0, 9.0],
        anisotropy: 0.6,
        sigma_s: [0.6, 1.0, 9.0],
        flags: MEDIUM_SCATTERS | MEDIUM_LIT,
        ior: [1.0; 3],
        ..Medium::default()
    };
    let media = [milk];
    let tables = Tables {
        media: &media,
        ..Tables::empty(&frame)
    };
    let n = 203;
    let samples: Vec<PixelSample> = (0..n)
        .map(|_| PixelSample {
            pixel: random.bits() & 0x001f_003f,
            sample_index: random.bits() & 0xff,
            ..Default::default()
        })
        .collect();
    let hits: Vec<Hit> = (0..n)
        .map(|i| Hit {
            barycentric_b: random.unit().abs() * 0.5,
            barycentric_c: random.unit().abs() * 0.5,
            instance: if i % 5 == 0 { u32::MAX } else { 0 },
            triangle: random.bits() & 7,
        })
        .collect();
    // a ragged choice of rows
    let indices: Vec<u32> = (0..n as u32).filter(|i| i % 7 != 3).rev().collect();
    let run = |simd: Simd| {
        let mut paths = vec![PathState::default(); n];
        let mut shadows = vec![ShadowRay::default(); n];
        skywell_kernel::generate_camera_ray(simd, &tables, &indices, &samples, &mut paths);
        let rays = words(&paths);
        // All within the medium, a metre before the hit, but every fourth.
        for (i, path) in paths.iter_mut().enumerate() {
            path.media_a = if i % 4 == 1 {
                u32::MAX
            } else {
                MEDIUM_NONE << 16
            };
            path.origin = path.direction;
        }
        let mut met = hits.clone();
        skywell_kernel::scatter_in_medium(
            simd,
            &tables,
            &indices,
            &mut paths,
            &mut met,
            &mut shadows,
        );
        let scattered = (words(&paths), words(&met), words(&shadows));
        skywell_kernel::shade_surface(simd, &tables, &indices, &mut paths, &hits, &mut shadows);
        let in_medium = met.iter().filter(|hit| hit.instance == HIT_IN_MEDIUM);
        let n_scattered = in_medium.count();
        (n_scattered, rays, scattered, words(&paths), words(&shadows))
    };
    let reference = run(Simd::Portable);
    assert!(reference.1.iter().any(|&w| w != 0));
    assert!(
        (20..180).contains(&reference.0),
        "{} scattered",
        reference.0
    );
    for simd in Simd::available() {
        assert!(run(simd) == reference, "{}", simd.name());
    }
}
