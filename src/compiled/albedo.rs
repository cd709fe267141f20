//! The table of directional albedos that energy compensation reads (`shaders/bsdf/albedo.wgsl`).
//!
//! `assets/albedo.bin` holds the nodes, made by `assets/albedo_table`; here they become pairs of neighbours, so that
//! a shader gets both ends of an interpolation with one load, and the averages over the hemisphere are added.

use super::record::{
    ALBEDO_ANISOTROPIC_AZIMUTHS, ALBEDO_ANISOTROPIC_COLUMNS, ALBEDO_ANISOTROPIC_FIRST,
    ALBEDO_ANISOTROPIC_ROWS, ALBEDO_ANISOTROPIC_STRENGTHS, ALBEDO_AVERAGE_FIRST,
    ALBEDO_GGX_COLUMNS, ALBEDO_GGX_ROWS, ALBEDO_GLASS_COLUMNS, ALBEDO_GLASS_FIRST,
    ALBEDO_GLASS_INDICES, ALBEDO_GLASS_ROWS, ALBEDO_SHEEN_COLUMNS, ALBEDO_SHEEN_FIRST,
    ALBEDO_SHEEN_ROWS, AlbedoPair,
};

/// Albedo per step of the stored numbers.
pub const UNIT: f64 = 1.0 / 65535.0;
/// Likewise for sheen, which reflects up to eight times what it meets at grazing angles.
pub const SHEEN_UNIT: f64 = 8.0 / 65535.0;

/// The stored nodes.
static NODES: &[u8] = include_bytes!("../../assets/albedo.bin");

/// The table in the order the shaders expect.
pub fn albedo_pairs() -> Vec<AlbedoPair> {
    let mut numbers = NODES
        .chunks_exact(2)
        .map(|b| f64::from(u16::from_le_bytes([b[0], b[1]])));
    let ggx_rows = ALBEDO_GGX_ROWS + 1;
    let anisotropic_rows = (ALBEDO_ANISOTROPIC_AZIMUTHS + 1)
        * (ALBEDO_ANISOTROPIC_ROWS + 1)
        * (ALBEDO_ANISOTROPIC_STRENGTHS + 1);
    let glass_rows = (ALBEDO_GLASS_ROWS + 1) * (ALBEDO_GLASS_INDICES + 1);
    let ggx = take_rows::<2>(&mut numbers, ALBEDO_GGX_COLUMNS, ggx_rows, UNIT);
    let sheen = take_rows::<1>(
        &mut numbers,
        ALBEDO_SHEEN_COLUMNS,
        ALBEDO_SHEEN_ROWS + 1,
        SHEEN_UNIT,
    );
    let anisotropic = take_rows::<2>(
        &mut numbers,
        ALBEDO_ANISOTROPIC_COLUMNS,
        anisotropic_rows,
        UNIT,
    );
    let glass = take_rows::<2>(&mut numbers, ALBEDO_GLASS_COLUMNS, glass_rows, UNIT);

    let mut pairs = Vec::new();
    pair_rows(&mut pairs, &ggx);
    debug_assert_eq!(pairs.len(), ALBEDO_AVERAGE_FIRST as usize);
    let averages: Vec<[f64; 2]> = ggx.iter().map(|row| hemisphere_average(row)).collect();
    pair_rows(&mut pairs, &[averages]);
    debug_assert_eq!(pairs.len(), ALBEDO_SHEEN_FIRST as usize);
    pair_rows(&mut pairs, &sheen);
    debug_assert_eq!(pairs.len(), ALBEDO_ANISOTROPIC_FIRST as usize);
    pair_rows(&mut pairs, &anisotropic);
    debug_assert_eq!(pairs.len(), ALBEDO_GLASS_FIRST as usize);
    pair_rows(&mut pairs, &glass);
    pairs
}

/// `rows` rows of `columns` + 1 nodes of `N` values, in units of `unit`; the values of a node that are not stored are 0.
fn take_rows<const N: usize>(
    numbers: &mut impl Iterator<Item = f64>,
    columns: u32,
    rows: u32,
    unit: f64,
) -> Vec<Vec<[f64; 2]>> {
    let mut node = || {
        let mut values = [0.0; 2];
        for value in values.iter_mut().take(N) {
            *value = numbers.next().unwrap_or(0.0) * unit;
        }
        values
    };
    (0..rows)
        .map(|_| (0..=columns).map(|_| node()).collect())
        .collect()
}

/// Appends neighbours along each row.
fn pair_rows(pairs: &mut Vec<AlbedoPair>, rows: &[Vec<[f64; 2]>]) {
    let narrow = |node: [f64; 2]| node.map(|x| x as f32);
    for row in rows {
        pairs.extend(row.windows(2).map(|pair| AlbedoPair {
            lower: narrow(pair[0]),
            upper: narrow(pair[1]),
        }));
    }
}

/// The exact cosine-weighted average over the hemisphere, 2∫ albedo μ dμ, of a row that is linear in x = μ^¼ between
/// its nodes: ∫ (a + b x) 8 x⁷ dx over each cell.
fn hemisphere_average(row: &[[f64; 2]]) -> [f64; 2] {
    let cells = (row.len() - 1) as f64;
    let mut sum = [0.0; 2];
    for (i, pair) in row.windows(2).enumerate() {
        let (x0, x1) = (i as f64 / cells, (i + 1) as f64 / cells);
        for k in 0..2 {
            let slope = (pair[1][k] - pair[0][k]) * cells;
            let offset = pair[0][k] - slope * x0;
            sum[k] += offset * (x1.powi(8) - x0.powi(8))
                + slope * (8.0 / 9.0) * (x1.powi(9) - x0.powi(9));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_every_node_and_no_more() {
        let nodes = |columns: u32, rows: u32, values: u32| (columns + 1) * rows * values;
        let expected = nodes(ALBEDO_GGX_COLUMNS, ALBEDO_GGX_ROWS + 1, 2)
            + nodes(ALBEDO_SHEEN_COLUMNS, ALBEDO_SHEEN_ROWS + 1, 1)
            + nodes(ALBEDO_ANISOTROPIC_COLUMNS, 9 * 11 * 13, 2)
            + nodes(ALBEDO_GLASS_COLUMNS, 17 * 41, 2);
        assert_eq!(NODES.len(), 2 * expected as usize);
        assert_eq!(albedo_pairs().len(), 57448);
    }

    #[test]
    fn averages_of_simple_rows_are_exact() {
        // albedo = 1 → 1; albedo = x = μ^¼ → 2∫ μ^(5/4) dμ = 8/9.
        let row: Vec<[f64; 2]> = (0..=64).map(|i| [1.0, f64::from(i) / 64.0]).collect();
        let average = hemisphere_average(&row);
        assert!((average[0] - 1.0).abs() < 1e-12);
        assert!((average[1] - 8.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn a_smooth_mirror_loses_nothing_head_on() {
        let pairs = albedo_pairs();
        let head_on = pairs[ALBEDO_GGX_COLUMNS as usize - 1].upper;
        assert!(
            (head_on[0] - 1.0).abs() < 1e-3 && head_on[1] < 1e-3,
            "{head_on:?}"
        );
    }
}
