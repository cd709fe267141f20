//! Do drawn directions follow the density that `eval_bsdf` claims, and can everything that scatters be drawn?
//!
//! Chi-square over cells of the sphere (pooled to an expected count of at least 8, with one more cell for draws that
//! end the path), at a significance of 1 % over all tests of this file together (Šidák).

mod bsdf;
mod probes;

use bsdf::{
    Bench, brushed, coated, cube_point, direction, filmed, glass, over_sphere, query, roughened,
    sheened, translucent, white,
};
use glam::Vec3;
use skywell::compiled::record::BsdfQuery;
use skywell::scene::material::Material;
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::f32::consts::PI;

/// Cells along cos θ; twice as many along the azimuth.
const CELLS: u32 = 24;
/// Evaluations along each side of a cell.
const FINE: u32 = 16;
const DRAWS: u32 = 60_000;

/// Materials with every lobe, rough enough to be integrated over cells, with their index of refraction.
fn materials() -> Vec<(&'static str, Material, f32)> {
    let gold = Material {
        base_color: Vec3::new(1.0, 0.7, 0.3),
        ..white(1.0, 0.5)
    };
    let red = Material {
        base_color: Vec3::new(0.8, 0.1, 0.1),
        ..white(0.0, 0.5)
    };
    let tinted_glass = Material {
        base_color: Vec3::new(0.3, 0.9, 0.6),
        ..glass(0.7, 1.0, true)
    };
    vec![
        ("gold", gold.clone(), 1.0),
        ("rough metal", white(1.0, 1.0), 1.0),
        ("paint", red.clone(), 1.0),
        ("alloy", white(0.4, 0.6), 1.0),
        ("brushed", brushed(gold.clone(), 0.7, 0.6), 1.0),
        ("coat", coated(red.clone(), 1.0, 0.5), 1.0),
        ("coated gold", coated(gold, 0.6, 0.8), 1.0),
        (
            "sheen",
            sheened(red.clone(), Vec3::new(0.5, 0.9, 0.6), 0.5),
            1.0,
        ),
        ("film", filmed(white(1.0, 0.5), 500.0), 1.0),
        ("paper", translucent(red.clone(), 0.6), 1.0),
        ("clay", roughened(red.clone(), 1.0), 1.0),
        ("felt", roughened(translucent(red.clone(), 0.6), 0.5), 1.0),
        ("window", glass(0.6, 1.0, false), 1.0),
        ("glass from outside", glass(0.6, 1.0, true), 1.5),
        ("glass from inside", glass(0.6, 1.0, true), 1.0 / 1.5),
        ("tinted glass", tinted_glass, 1.33),
        ("half glass", glass(0.5, 0.5, true), 1.5),
        (
            "everything",
            coated(
                sheened(
                    translucent(brushed(glass(0.6, 0.4, true), 0.4, 1.0), 0.5),
                    Vec3::splat(0.6),
                    0.6,
                ),
                0.8,
                0.5,
            ),
            1.4,
        ),
    ]
}

const COSINES: [f32; 3] = [0.2, 0.6, 0.95];

fn setup(multiscatter: bool) -> (Vec<(&'static str, Material, f32)>, Bench) {
    let materials = materials();
    let plain: Vec<Material> = materials.iter().map(|m| m.1.clone()).collect();
    let bench = Bench::new(&plain, multiscatter);
    (materials, bench)
}

/// The cell of `wi`.
fn cell(wi: Vec3) -> usize {
    let row = ((1.0 - wi.z) * 0.5 * CELLS as f32) as u32;
    let azimuth = wi.y.atan2(wi.x).rem_euclid(2.0 * PI) / (2.0 * PI);
    let column = (azimuth * 2.0 * CELLS as f32) as u32;
    (row.min(CELLS - 1) * 2 * CELLS + column.min(2 * CELLS - 1)) as usize
}

/// Probability of each cell by `eval_bsdf`.
fn expected_shares(bench: &Bench, material: usize, wo: Vec3, eta: f32) -> Vec<f64> {
    let mut densities = vec![0.0; (2 * CELLS * CELLS) as usize];
    let solid_angle = over_sphere(bench, (material, wo, eta), CELLS * FINE, |wi, answer| {
        densities[cell(wi)] += f64::from(answer.pdf);
    });
    (densities.iter())
        .map(|density| density * f64::from(solid_angle))
        .collect()
}

/// The chance of a worse chi-square, pooling cells of small expectation.
fn p_value(observed: &[f64], expected: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..expected.len()).collect();
    order.sort_by(|&a, &b| expected[a].total_cmp(&expected[b]));
    let (mut statistic, mut cells) = (0.0, 0);
    let (mut pooled_observed, mut pooled_expected) = (0.0, 0.0);
    for index in order {
        pooled_observed += observed[index];
        pooled_expected += expected[index];
        if pooled_expected >= 8.0 {
            statistic += (pooled_observed - pooled_expected).powi(2) / pooled_expected;
            cells += 1;
            (pooled_observed, pooled_expected) = (0.0, 0.0);
        }
    }
    assert!(cells > 10, "only {cells} cells");
    // What was observed where next to nothing is expected must not be lost.
    assert!(
        pooled_observed <= 30.0 + 2.0 * pooled_expected,
        "{pooled_observed} where {pooled_expected} are due"
    );
    ChiSquared::new(f64::from(cells - 1)).map_or(0.0, |d| 1.0 - d.cdf(statistic))
}

#[test]
fn draws_follow_the_density() {
    let tests = 2 * materials().len() * COSINES.len();
    let significance = 1.0 - 0.99f64.powf(1.0 / tests as f64);
    for multiscatter in [false, true] {
        let (materials, bench) = setup(multiscatter);
        for (index, (name, _, eta)) in materials.iter().enumerate() {
            for cosine in COSINES {
                let wo = direction(cosine, 0.5);
                let mut expected = expected_shares(&bench, index, wo, *eta);
                let total: f64 = expected.iter().sum();
                assert!(
                    total <= 1.002,
                    "{name}, cos {cosine}: the density integrates to {total}"
                );
                expected.push((1.0 - total).max(0.0));
                let expected: Vec<f64> = expected.iter().map(|p| p * f64::from(DRAWS)).collect();

                // Independent numbers: evenly filling ones would fit too well.
                let mut state =
                    0x9e37_79b9_7f4a_7c15 ^ (index as u64) << 8 ^ u64::from(cosine.to_bits());
                let mut number = || {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    let word = (state >> 33) ^ (state >> 51);
                    (word & 0xff_ffff) as f32 / 16_777_216.0
                };
                let queries: Vec<BsdfQuery> = (0..DRAWS)
                    .map(|_| query(index, wo, Vec3::new(number(), number(), number()), *eta))
                    .collect();
                let mut observed = vec![0.0; expected.len()];
                for answer in bench.sample(&queries) {
                    let place = if answer.pdf > 0.0 {
                        cell(answer.wi.into())
                    } else {
                        expected.len() - 1
                    };
                    observed[place] += 1.0;
                }
                let p = p_value(&observed, &expected);
                assert!(
                    p > significance,
                    "{name}, cos {cosine}, multiscatter {multiscatter}: p = {p:e}"
                );
            }
        }
    }
}

#[test]
fn sampled_and_summed_albedos_agree() {
    for multiscatter in [false, true] {
        let (materials, bench) = setup(multiscatter);
        for (index, (name, _, eta)) in materials.iter().enumerate() {
            for cosine in COSINES {
                let wo = direction(cosine, 0.5);
                let mut sums = [0.0; 3];
                let solid_angle = over_sphere(&bench, (index, wo, *eta), 384, |_, answer| {
                    for (sum, f) in sums.iter_mut().zip(answer.f) {
                        *sum += f64::from(f);
                    }
                });
                let draws: Vec<BsdfQuery> = (0..65_536)
                    .map(|i| query(index, wo, cube_point(i, 2), *eta))
                    .collect();
                let drawn = bench.sample(&draws);
                for (k, sum) in sums.into_iter().enumerate() {
                    let summed = sum * f64::from(solid_angle);
                    let sampled = drawn
                        .iter()
                        .filter(|a| a.pdf > 0.0)
                        .map(|a| f64::from(a.f[k] / a.pdf))
                        .sum::<f64>()
                        / drawn.len() as f64;
                    assert!(
                        (summed - sampled).abs() <= 4e-3 + 4e-3 * summed,
                        "{name}, cos {cosine}, channel {k}, multiscatter {multiscatter}: {summed} summed, {sampled} sampled"
                    );
                }
            }
        }
    }
}

/// The value and density that come with a draw are those of `eval_bsdf` for its direction.
#[test]
fn draws_carry_their_value_and_density() {
    let (materials, bench) = setup(true);
    for (index, (name, _, eta)) in materials.iter().enumerate() {
        let wo = direction(0.5, 0.5);
        let draws: Vec<BsdfQuery> = (0..2000)
            .map(|i| query(index, wo, cube_point(i, 2), *eta))
            .collect();
        let drawn = bench.sample(&draws);
        let again: Vec<BsdfQuery> = drawn
            .iter()
            .map(|a| query(index, wo, a.wi.into(), *eta))
            .collect();
        for (a, b) in drawn.iter().zip(bench.eval(&again)) {
            if a.pdf > 0.0 {
                assert!(
                    (a.pdf - b.pdf).abs() <= 2e-3 * a.pdf + 1e-5,
                    "{name}: density {} and {}",
                    a.pdf,
                    b.pdf
                );
                assert!(
                    (a.f[1] - b.f[1]).abs() <= 2e-3 * a.f[1] + 1e-5,
                    "{name}: value {} and {}",
                    a.f[1],
                    b.f[1]
                );
            }
        }
    }
}

also_asks_gpu!(
    draws_follow_the_density,
    sampled_and_summed_albedos_agree,
    draws_carry_their_value_and_density,
);
