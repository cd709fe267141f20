//! Makes `assets/albedo.bin`, the table of directional albedos: `cargo run --release --example albedo_table`.
//!
//! The file is a list of u16, little-endian: for each part of the table (GGX, sheen, anisotropic GGX, glass) the
//! nodes, fastest axis first, one or two values a node, in units of [`UNIT`] and rounded up. Nodes are raised until
//! linear interpolation nowhere falls below the true albedo, so that no compensation by it can gain energy.

#![expect(clippy::print_stdout, reason = "says what it wrote")]

mod model;

use model::{ALPHA_MIN, Ggx, Rule, SHEEN_ROUGHNESS_MIN, direction, gauss_legendre, sheen};
use rayon::prelude::*;
use skywell::compiled::albedo::{SHEEN_UNIT, UNIT};
use skywell::compiled::record::{
    ALBEDO_ANISOTROPIC_AZIMUTHS, ALBEDO_ANISOTROPIC_COLUMNS, ALBEDO_ANISOTROPIC_ROWS,
    ALBEDO_ANISOTROPIC_STRENGTHS, ALBEDO_GGX_COLUMNS, ALBEDO_GGX_ROWS, ALBEDO_GLASS_COLUMNS,
    ALBEDO_GLASS_INDICES, ALBEDO_GLASS_ROWS, ALBEDO_SHEEN_COLUMNS, ALBEDO_SHEEN_ROWS,
};

/// A part of the table: cells along each axis (fastest first), and the values at axis positions in [0, 1].
struct Part<F> {
    name: &'static str,
    cells: Vec<usize>,
    /// How often each cell is halved to look for places where interpolation falls below the truth.
    checks: usize,
    truth: F,
}

impl<const N: usize, F: Fn(&[f64]) -> [f64; N] + Sync> Part<F> {
    /// The raised nodes.
    fn build(&self) -> Vec<[f64; N]> {
        let nodes: Vec<usize> = self.cells.iter().map(|c| c + 1).collect();
        let mut table: Vec<[f64; N]> = (0..nodes.iter().product())
            .into_par_iter()
            .map(|i| (self.truth)(&position(i, &nodes, &self.cells)))
            .collect();
        let shifts = shifts(self.cells.len(), self.checks);
        let truths: Vec<Vec<[f64; N]>> = (0..self.cells.iter().product())
            .into_par_iter()
            .map(|cell| {
                let at = |shift: &Vec<f64>| {
                    let base = position(cell, &self.cells, &self.cells);
                    let point: Vec<f64> = (0..base.len())
                        .map(|d| base[d] + shift[d] / self.cells[d] as f64)
                        .collect();
                    (self.truth)(&point)
                };
                shifts.iter().map(at).collect()
            })
            .collect();
        let before = self.errors(&table, &shifts, &truths, &nodes);
        for _ in 0..8 {
            self.raise(&mut table, &nodes, &shifts, &truths);
        }
        let after = self.errors(&table, &shifts, &truths, &nodes);
        println!(
            "{}: interpolation minus truth {before:?} before raising, {after:?} after",
            self.name
        );
        table
    }

    /// Least, 99th percentile and greatest of interpolation minus truth, by value.
    fn errors(
        &self,
        table: &[[f64; N]],
        shifts: &[Vec<f64>],
        truths: &[Vec<[f64; N]>],
        nodes: &[usize],
    ) -> Vec<[f64; 3]> {
        let mut errors = vec![Vec::new(); N];
        for (cell, truths) in truths.iter().enumerate() {
            let corners = corners(cell, &self.cells, nodes);
            for (shift, truth) in shifts.iter().zip(truths) {
                let value = interpolate(table, &corners, shift);
                for k in 0..N {
                    errors[k].push(value[k] - truth[k]);
                }
            }
        }
        for list in &mut errors {
            list.sort_by(f64::total_cmp);
        }
        errors
            .iter()
            .map(|list| [list[0], list[list.len() * 99 / 100], list[list.len() - 1]])
            .collect()
    }

    /// Adds to the corners of each cell what interpolation lacks there.
    fn raise(
        &self,
        table: &mut [[f64; N]],
        nodes: &[usize],
        shifts: &[Vec<f64>],
        truths: &[Vec<[f64; N]>],
    ) {
        let mut lacks = vec![[0.0f64; N]; table.len()];
        for (cell, truths) in truths.iter().enumerate() {
            let corners = corners(cell, &self.cells, nodes);
            for (shift, truth) in shifts.iter().zip(truths) {
                let value = interpolate(table, &corners, shift);
                for &corner in &corners {
                    for k in 0..N {
                        lacks[corner][k] = lacks[corner][k].max(truth[k] - value[k]);
                    }
                }
            }
        }
        for (value, lack) in table.iter_mut().zip(lacks) {
            for k in 0..N {
                value[k] += 0.5 * lack[k];
            }
        }
    }
}

/// Position in [0, 1] per axis of entry `index` of a grid of `shape`, on axes of `cells` cells.
fn position(index: usize, shape: &[usize], cells: &[usize]) -> Vec<f64> {
    let mut rest = index;
    let mut out = Vec::new();
    for (&n, &c) in shape.iter().zip(cells) {
        out.push((rest % n) as f64 / c as f64);
        rest /= n;
    }
    out
}

/// Indices of the nodes around `cell`; bit d of the place in the list: the upper one along axis d.
fn corners(cell: usize, cells: &[usize], nodes: &[usize]) -> Vec<usize> {
    let mut rest = cell;
    let mut indices = vec![0];
    let mut stride = 1;
    for (&c, &n) in cells.iter().zip(nodes) {
        let at = rest % c;
        rest /= c;
        let lower: Vec<usize> = indices.iter().map(|i| i + at * stride).collect();
        let upper = lower.iter().map(|i| i + stride);
        indices = lower.iter().copied().chain(upper).collect();
        stride *= n;
    }
    indices
}

fn interpolate<const N: usize>(table: &[[f64; N]], corners: &[usize], shift: &[f64]) -> [f64; N] {
    let mut sum = [0.0; N];
    for (place, &corner) in corners.iter().enumerate() {
        let weight: f64 = shift
            .iter()
            .enumerate()
            .map(|(d, s)| if place >> d & 1 == 1 { *s } else { 1.0 - s })
            .product();
        for k in 0..N {
            sum[k] += weight * table[corner][k];
        }
    }
    sum
}

/// Points of the unit cube on a grid of `checks` + 1 a side, without the corners.
fn shifts(dimensions: usize, checks: usize) -> Vec<Vec<f64>> {
    let side = checks + 1;
    (0..side.pow(dimensions as u32))
        .map(|i| {
            (0..dimensions)
                .map(|d| (i / side.pow(d as u32) % side) as f64 / checks as f64)
                .collect::<Vec<f64>>()
        })
        .filter(|point| point.iter().any(|x| *x > 0.0 && *x < 1.0))
        .collect()
}

fn main() -> std::io::Result<()> {
    let smooth = Rule::new(32, 64);
    let turned = Rule::new(40, 40);
    // Total reflection begins abruptly.
    let abrupt = Rule::new(32, 96);
    let fine = gauss_legendre(128);
    let alpha_at = |x: f64| {
        let lowest = ALPHA_MIN.powf(0.25);
        (lowest + (1.0 - lowest) * x).powi(4)
    };
    let count = |cells: u32| cells as usize;

    let ggx = Part {
        name: "GGX",
        cells: vec![count(ALBEDO_GGX_COLUMNS), count(ALBEDO_GGX_ROWS)],
        checks: 4,
        truth: |x: &[f64]| {
            let alpha = alpha_at(x[1]);
            Ggx {
                alpha_x: alpha,
                alpha_y: alpha,
            }
            .reflection(direction(x[0].powi(4).max(1e-7), 0.0), &smooth)
        },
    };
    let sheens = Part {
        name: "sheen",
        cells: vec![count(ALBEDO_SHEEN_COLUMNS), count(ALBEDO_SHEEN_ROWS)],
        checks: 2,
        truth: |x: &[f64]| {
            let lowest = SHEEN_ROUGHNESS_MIN.sqrt();
            let roughness = (lowest + (1.0 - lowest) * x[1]).powi(2);
            [sheen(x[0].powi(4).min(1.0), roughness, &fine)]
        },
    };
    let anisotropic = Part {
        name: "anisotropic GGX",
        cells: vec![
            count(ALBEDO_ANISOTROPIC_COLUMNS),
            count(ALBEDO_ANISOTROPIC_AZIMUTHS),
            count(ALBEDO_ANISOTROPIC_ROWS),
            count(ALBEDO_ANISOTROPIC_STRENGTHS),
        ],
        checks: 2,
        truth: |x: &[f64]| {
            let alpha_y = alpha_at(x[2]);
            let alpha_x = alpha_y + (1.0 - alpha_y) * x[3] * x[3];
            let (low, high) = (alpha_y.powf(0.25), alpha_x.powf(0.25));
            let alpha_wo = (low + (high - low) * x[1]).powi(4);
            let squares = (
                alpha_wo * alpha_wo - alpha_y * alpha_y,
                alpha_x * alpha_x - alpha_y * alpha_y,
            );
            let phi = if squares.1 > 1e-12 {
                (squares.0 / squares.1).clamp(0.0, 1.0).sqrt().acos()
            } else {
                0.0
            };
            Ggx { alpha_x, alpha_y }.reflection(direction(x[0].powi(4).max(1e-7), phi), &turned)
        },
    };
    let glass = Part {
        name: "glass",
        cells: vec![
            count(ALBEDO_GLASS_COLUMNS),
            count(ALBEDO_GLASS_ROWS),
            count(ALBEDO_GLASS_INDICES),
        ],
        checks: 2,
        truth: |x: &[f64]| {
            let alpha = alpha_at(x[1]);
            let root = 2.0 * x[2] - 1.0;
            // Equal indices bend nothing: their rough interface is the limit from above.
            let e = if root == 0.0 {
                5e-4
            } else {
                0.5 * root * root.abs()
            };
            let wo = direction(x[0].powi(4).max(1e-7), 0.0);
            Ggx {
                alpha_x: alpha,
                alpha_y: alpha,
            }
            .interface(wo, (1.0 + e) / (1.0 - e), &abrupt)
        },
    };

    let mut bytes = Vec::new();
    append(&mut bytes, &ggx.build(), UNIT);
    append(&mut bytes, &sheens.build(), SHEEN_UNIT);
    append(&mut bytes, &anisotropic.build(), UNIT);
    append(&mut bytes, &glass.build(), UNIT);
    std::fs::write("assets/albedo.bin", bytes)
}

/// Appends `nodes` in units of `unit`, rounded up.
fn append<const N: usize>(bytes: &mut Vec<u8>, nodes: &[[f64; N]], unit: f64) {
    for value in nodes.iter().flatten() {
        let whole = (value / unit - 1e-3).ceil().clamp(0.0, 65535.0) as u16;
        bytes.extend_from_slice(&whole.to_le_bytes());
    }
}
