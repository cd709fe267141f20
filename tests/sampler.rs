//! The sampler of the shaders: stratification, independence, and use in any order.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod probes;
mod scene_kit;

use skywell::compiled::Compiled;
use skywell::compiled::record::{
    FILTER_BLACKMAN_HARRIS, FILTER_BOX, FILTER_GAUSSIAN, FilterAnswer, FilterQuery, SET_ALPHA,
    SET_BSDF, SET_BSDF_PICK, SET_FILTER, SET_HERO, SET_LIGHT, SET_LIGHT_PICK, SET_ROULETTE,
    SamplerAnswer, SamplerQuery,
};
use skywell::kernel::{self, Simd, Tables};
use skywell::scene::Scene;
use skywell::settings::RenderSettings;

/// Every set the path tracer draws from.
const SETS: [u32; 8] = [
    SET_FILTER,
    SET_LIGHT_PICK,
    SET_LIGHT,
    SET_BSDF_PICK,
    SET_BSDF,
    SET_ROULETTE,
    SET_ALPHA,
    SET_HERO,
];

fn query(pixel: u32, event: u32, set_name: u32, sample_index: u32) -> SamplerQuery {
    SamplerQuery {
        seed: 7,
        pixel,
        event,
        set_name,
        sample_index,
        ..SamplerQuery::default()
    }
}

/// Stages read tables; these need none.
fn nothing() -> Compiled {
    let camera = scene_kit::look(glam::Vec3::Z, glam::Vec3::ZERO, 1.0);
    Compiled::build(Scene::default(), &camera, &RenderSettings::new(1, 1)).unwrap()
}

fn ask(queries: &[SamplerQuery]) -> Vec<SamplerAnswer> {
    probes::ask(&probe!(probe_sampler), &Tables::from(&nothing()), queries)
}

/// Points of one set of one event of one pixel.
fn points(pixel: u32, event: u32, set: u32, samples: std::ops::Range<u32>) -> Vec<SamplerAnswer> {
    ask(&samples
        .map(|i| query(pixel, event, set, i))
        .collect::<Vec<_>>())
}

/// Which of `n` equal parts of [0, 1) holds `x`.
fn cell(x: f32, n: usize) -> usize {
    assert!((0.0..1.0).contains(&x), "{x}");
    (f64::from(x) * n as f64) as usize
}

/// Every aligned block of 2^m samples has one point in every elementary interval of area 2^-m.
#[test]
fn every_block_of_every_set_is_a_net() {
    for set in SETS {
        for (pixel, event) in [(0, 0), (17 | 5 << 16, 3), (0xffff_ffff, 1 << 12)] {
            for log_n in [0, 1, 3, 6, 10] {
                let n = 1usize << log_n;
                for block in [0, 1, 5, (u32::MAX >> log_n) - 1] {
                    let first = block << log_n;
                    let points = points(pixel, event, set, first..first + n as u32);
                    for log_columns in 0..=log_n {
                        let columns = 1 << log_columns;
                        let rows = n / columns;
                        let mut hits = vec![0; n];
                        for p in &points {
                            hits[cell(p.point[0], columns) * rows + cell(p.point[1], rows)] += 1;
                        }
                        assert!(
                            hits.iter().all(|&h| h == 1),
                            "set {set}, block {block}: {columns}×{rows}"
                        );
                    }
                    let mut hits = vec![0; n];
                    points.iter().for_each(|p| hits[cell(p.number, n)] += 1);
                    assert!(hits.iter().all(|&h| h == 1), "set {set}, block {block}");
                }
            }
        }
    }
}

/// The butterflies equal the product with the generator matrix of the second Sobol' dimension, column k of which is
/// row k of Pascal's triangle modulo 2 (by Lucas: j in k).
#[test]
fn second_dimension_is_pascals_triangle() {
    let indices = (0..32)
        .map(|k| 1 << k)
        .chain((1..2000).map(|i: u32| i.wrapping_mul(0x9e37_79b9)));
    let queries: Vec<_> = indices.map(|i| query(0, 0, SET_BSDF, i)).collect();
    for (query, answer) in queries.iter().zip(ask(&queries)) {
        let mut expected = 0;
        for k in (0..32).filter(|k| query.sample_index >> k & 1 == 1) {
            for j in (0..32).filter(|j| j & k == *j) {
                expected ^= 1 << j;
            }
        }
        assert_eq!(answer.sobol_y, expected, "index {}", query.sample_index);
    }
}

/// Forwards, backwards, alone and in company: the same numbers.
#[test]
fn samples_do_not_depend_on_order_or_width() {
    let queries: Vec<_> = (0..501)
        .map(|i| query(i * 31, i % 7, SETS[i as usize % 8], i * 977))
        .collect();
    let forwards = ask(&queries);
    let reversed: Vec<_> = queries.iter().rev().copied().collect();
    assert!(ask(&reversed).iter().rev().eq(forwards.iter()));
    for (query, answer) in queries.iter().zip(&forwards) {
        assert_eq!(ask(&[*query])[0], *answer);
    }
    for simd in Simd::available() {
        let indices: Vec<u32> = (0..queries.len() as u32).collect();
        let mut answers = vec![SamplerAnswer::default(); queries.len()];
        kernel::probe_sampler(
            simd,
            &Tables::from(&nothing()),
            &indices,
            &queries,
            &mut answers,
        );
        assert_eq!(answers, forwards, "{simd:?}");
    }
}

/// Correlation of two sequences, times the root of their length: normal with variance 1 if they are independent.
fn correlation_z(a: &[f32], b: &[f32]) -> f64 {
    let n = a.len() as f64;
    let mean = |v: &[f32]| v.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let moment = |v: &[f32], mv: f64, w: &[f32], mw: f64| {
        v.iter()
            .zip(w)
            .map(|(&x, &y)| (f64::from(x) - mv) * (f64::from(y) - mw))
            .sum::<f64>()
    };
    moment(a, ma, b, mb) / (moment(a, ma, a, ma) * moment(b, mb, b, mb)).sqrt() * n.sqrt()
}

/// A value that independent sequences exceed in one of 10⁴ runs of this file, for `tests` two-sided tests.
fn z_limit(tests: usize) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::standard().inverse_cdf(1.0 - 0.5e-4 / tests as f64)
}

/// Neighbouring pixels, events and sets are as independent as random numbers, for any one sample index.
#[test]
fn neighbours_are_not_correlated() {
    const N: u32 = 1 << 14;
    let column = |queries: Vec<SamplerQuery>| -> [Vec<f32>; 3] {
        let answers = ask(&queries);
        [
            answers.iter().map(|a| a.point[0]).collect(),
            answers.iter().map(|a| a.point[1]).collect(),
            answers.iter().map(|a| a.number).collect(),
        ]
    };
    let mut zs = Vec::new();
    for sample in [0, 1, 2, 63, 1 << 20] {
        let here = column((0..N).map(|p| query(p, 2, SET_LIGHT, sample)).collect());
        let others = [
            column((0..N).map(|p| query(p + 1, 2, SET_LIGHT, sample)).collect()),
            column(
                (0..N)
                    .map(|p| query(p + (1 << 16), 2, SET_LIGHT, sample))
                    .collect(),
            ),
            column((0..N).map(|p| query(p, 3, SET_LIGHT, sample)).collect()),
            column((0..N).map(|p| query(p, 2, SET_BSDF, sample)).collect()),
            column((0..N).map(|p| query(p, 2, SET_LIGHT, sample + 4)).collect()),
        ];
        for other in &others {
            for a in &here {
                zs.extend(other.iter().map(|b| correlation_z(a, b)));
            }
        }
        zs.push(correlation_z(&here[0], &here[1]));
    }
    let limit = z_limit(zs.len());
    let worst = zs.iter().fold(0.0f64, |w, z| w.max(z.abs()));
    assert!(
        worst < limit,
        "{worst} of {} tests exceeds {limit}",
        zs.len()
    );
}

/// Within a pixel, two sets seen together fill the square as evenly as random points or better, and no two line up.
///
/// Chi-square of counts in 16×16 cells. Sets that shared a shuffle would fill 16 of the cells and give 15 times the
/// number of points. Random points give 255 on average; independent nested permutations give 240 with a standard
/// deviation of 45 (simulated with true random bits at every node), as they are stratified within but not between.
#[test]
fn sets_of_one_pixel_do_not_line_up() {
    const N: usize = 4096;
    let mut statistics: Vec<f64> = Vec::new();
    for pixel in 0..20 {
        let sets: Vec<_> = SETS
            .iter()
            .map(|&s| points(pixel, 1, s, 0..N as u32))
            .collect();
        let next_event = points(pixel, 2, SETS[0], 0..N as u32);
        for (k, a) in sets.iter().enumerate() {
            for b in sets[k + 1..].iter().chain([&next_event]) {
                for axes in [[0, 0], [0, 1], [1, 0], [1, 1]] {
                    let mut counts = [0.0f64; 256];
                    for (p, q) in a.iter().zip(b) {
                        counts[cell(p.point[axes[0]], 16) * 16 + cell(q.point[axes[1]], 16)] += 1.0;
                    }
                    let mean = N as f64 / 256.0;
                    statistics.push(counts.iter().map(|c| (c - mean) * (c - mean) / mean).sum());
                }
            }
        }
    }
    let mean = statistics.iter().sum::<f64>() / statistics.len() as f64;
    assert!(mean < 255.0, "{mean}");
    let worst = statistics.iter().fold(0.0f64, |w, x| w.max(*x));
    assert!(
        worst < 240.0 + 10.0 * 45.0,
        "{worst} of {}",
        statistics.len()
    );
}

/// Mean squared error of integrating `f` (whose integral is `truth`) with 256 points of each of `sets` sets.
fn squared_error(
    f: impl Fn(f64, f64) -> f64,
    truth: f64,
    sets: u32,
    point: impl Fn(u32, u32) -> (f32, f32),
) -> f64 {
    let error = |set: u32| {
        let sum: f64 = (0..256)
            .map(|i| point(set, i))
            .map(|(x, y)| f(f64::from(x), f64::from(y)))
            .sum();
        (sum / 256.0 - truth).powi(2)
    };
    (0..sets).map(error).sum::<f64>() / f64::from(sets)
}

/// As good as an independent implementation of Owen-scrambled Sobol' points, and far better than random.
#[test]
fn integrates_like_sobol_burley() {
    type Integrand = fn(f64, f64) -> f64;
    let disk: Integrand = |x, y| f64::from(x * x + y * y < 1.0);
    let smooth: Integrand = |x, y| (x * y).exp();
    let smooth_truth = 1.317_902_151_454_403_8; // the sum of 1 / (k! (k + 1)²)
    for (name, f, truth, random) in [
        ("disk", disk, std::f64::consts::FRAC_PI_4, 0.168_5 / 256.0),
        ("smooth", smooth, smooth_truth, 0.105 / 256.0),
    ] {
        const SETS: u32 = 400;
        let all = ask(&(0..SETS * 256)
            .map(|i| query(i / 256, 0, SET_BSDF, i % 256))
            .collect::<Vec<_>>());
        let ours = squared_error(f, truth, SETS, |set, i| {
            let p = all[(set * 256 + i) as usize].point;
            (p[0], p[1])
        });
        let theirs = squared_error(f, truth, SETS, |set, i| {
            (
                sobol_burley::sample(i, 0, set),
                sobol_burley::sample(i, 1, set),
            )
        });
        // Means of 400 squared errors: 1.5 is more than four standard deviations of their ratio.
        assert!(ours < 1.5 * theirs, "{name}: {ours} against {theirs}");
        assert!(
            ours < 0.1 * random,
            "{name}: {ours} against {random} of random points"
        );
    }
}

fn filter_offsets(kind: u32, us: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let queries: Vec<_> = us
        .iter()
        .map(|&u| FilterQuery {
            u,
            kind,
            ..FilterQuery::default()
        })
        .collect();
    let nothing = nothing();
    let tables = Tables::from(&nothing);
    let answers: Vec<FilterAnswer> = probes::ask(&probe!(probe_filter), &tables, &queries);
    answers.iter().map(|a| a.offset).collect()
}

/// The share of offsets on every part of the axis is the filter's integral over it.
#[test]
fn filter_offsets_have_the_filters_distribution() {
    let gauss = |x: f64| (-0.5 * (x / 0.5).powi(2)).exp();
    let harris = |x: f64| {
        let t = std::f64::consts::TAU * (x / 3.0 + 0.5);
        0.35875 - 0.48829 * t.cos() + 0.14128 * (2.0 * t).cos() - 0.01168 * (3.0 * t).cos()
    };
    let n = 512;
    let at = |i: usize| (i as f32 + 0.5) / n as f32;
    let grid: Vec<[f32; 2]> = (0..n * n).map(|i| [at(i % n), at(i / n)]).collect();
    type Density<'a> = &'a dyn Fn(f64) -> f64;
    let filters: [(u32, f64, Density); 3] = [
        (FILTER_BOX, 0.5, &|_| 1.0),
        (FILTER_GAUSSIAN, 2.0, &gauss),
        (FILTER_BLACKMAN_HARRIS, 1.5, &harris),
    ];
    for (kind, radius, density) in filters {
        let offsets = filter_offsets(kind, &grid);
        let step = radius / 1000.0;
        let integral = |to: f64| {
            (0..)
                .map(|k| -radius + (f64::from(k) + 0.5) * step)
                .take_while(|x| *x < to)
                .map(density)
                .sum::<f64>()
        };
        let whole = integral(radius);
        for axis in 0..2 {
            assert!(
                offsets
                    .iter()
                    .all(|o| f64::from(o[axis]).abs() <= radius + 1e-6),
                "{kind}"
            );
            for k in 1..20 {
                let to = radius * (k as f64 / 10.0 - 1.0);
                let share = offsets.iter().filter(|o| f64::from(o[axis]) < to).count() as f64
                    / (n * n) as f64;
                let expected = integral(to) / whole;
                assert!(
                    (share - expected).abs() < 0.004,
                    "{kind}: {share} below {to}, not {expected}"
                );
            }
        }
    }
}

/// The ends of the unit interval stay finite.
#[test]
fn filter_offsets_at_the_edges_are_finite() {
    let below_one = 1.0 - f32::EPSILON / 2.0;
    for kind in [FILTER_BOX, FILTER_GAUSSIAN, FILTER_BLACKMAN_HARRIS] {
        let corners = [
            [0.0, 0.0],
            [0.0, below_one],
            [below_one, 0.0],
            [below_one, below_one],
        ];
        for offset in filter_offsets(kind, &corners) {
            assert!(offset.iter().all(|x| x.abs() <= 2.0), "{kind}: {offset:?}");
        }
    }
}

also_asks_gpu!(
    every_block_of_every_set_is_a_net,
    second_dimension_is_pascals_triangle,
    neighbours_are_not_correlated,
    sets_of_one_pixel_do_not_line_up,
    integrates_like_sobol_burley,
    filter_offsets_have_the_filters_distribution,
    filter_offsets_at_the_edges_are_finite,
);
