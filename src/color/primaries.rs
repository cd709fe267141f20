//! Primaries and white points, and conversion to the working space.

/// A row-major matrix, `[row][column]`.
type Matrix = [[f64; 3]; 3];

/// CIE 1931 xy chromaticities of an RGB space's primaries and white.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chromaticities {
    /// Red primary.
    pub red: [f32; 2],
    /// Green primary.
    pub green: [f32; 2],
    /// Blue primary.
    pub blue: [f32; 2],
    /// White, the colour of `[1, 1, 1]`.
    pub white: [f32; 2],
}

/// Rec. 709, which is sRGB's too: the space Skywell renders in. Source: ITU-R BT.709-6 §1.
pub const REC709: Chromaticities = Chromaticities {
    red: [0.64, 0.33],
    green: [0.3, 0.6],
    blue: [0.15, 0.06],
    white: [0.3127, 0.329],
};

/// Cone response of the Bradford transform. Source: ICC.1:2022 annex E.3.
const BRADFORD: Matrix = [
    [0.8951, 0.2664, -0.1614],
    [-0.7502, 1.7135, 0.0367],
    [0.0389, -0.0685, 1.0296],
];

impl Chromaticities {
    /// Is this `other` within what four printed digits tell apart?
    #[must_use]
    pub fn is_close(&self, other: &Chromaticities) -> bool {
        let pairs = [
            (self.red, other.red),
            (self.green, other.green),
            (self.blue, other.blue),
            (self.white, other.white),
        ];
        (pairs.into_iter()).all(|(a, b)| (a[0] - b[0]).abs() < 1e-3 && (a[1] - b[1]).abs() < 1e-3)
    }

    /// CIE XYZ of linear RGB, white having Y = 1; `None` if the chromaticities span no space.
    #[must_use]
    pub fn xyz_from_rgb(&self) -> Option<[[f64; 3]; 3]> {
        let columns = [xyz_of(self.red)?, xyz_of(self.green)?, xyz_of(self.blue)?];
        let unscaled: Matrix =
            std::array::from_fn(|row| std::array::from_fn(|column| columns[column][row]));
        let scale = apply(&inverse(&unscaled)?, xyz_of(self.white)?);
        Some(unscaled.map(|row| std::array::from_fn(|column| row[column] * scale[column])))
    }

    /// Linear Rec. 709 of linear RGB of this space, white adapted to white by the Bradford
    /// transform; `None` if the chromaticities span no space.
    #[must_use]
    pub fn rec709_from_rgb(&self) -> Option<[[f32; 3]; 3]> {
        let to_cone = |white| Some(apply(&BRADFORD, xyz_of(white)?));
        let (from, to) = (to_cone(self.white)?, to_cone(REC709.white)?);
        let adapted: Matrix =
            std::array::from_fn(|cone| BRADFORD[cone].map(|weight| weight * to[cone] / from[cone]));
        let adaptation = product(&inverse(&BRADFORD)?, &adapted);
        let xyz = product(&adaptation, &self.xyz_from_rgb()?);
        let matrix = product(&inverse(&REC709.xyz_from_rgb()?)?, &xyz);
        let finite = matrix.iter().flatten().all(|x| x.is_finite());
        finite.then(|| matrix.map(|row| row.map(|x| x as f32)))
    }
}

/// XYZ of a chromaticity with Y = 1; `None` if it has none.
fn xyz_of([x, y]: [f32; 2]) -> Option<[f64; 3]> {
    let (x, y) = (f64::from(x), f64::from(y));
    let xyz = [x / y, 1.0, (1.0 - x - y) / y];
    xyz.iter().all(|v| v.is_finite()).then_some(xyz)
}

fn apply(matrix: &Matrix, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    a.map(|row| std::array::from_fn(|column| (0..3).map(|k| row[k] * b[k][column]).sum::<f64>()))
}

/// Inverse by cofactors; `None` if singular.
fn inverse(m: &Matrix) -> Option<Matrix> {
    let cofactor = |row: usize, column: usize| {
        let (r1, r2) = ((row + 1) % 3, (row + 2) % 3);
        let (c1, c2) = ((column + 1) % 3, (column + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant: f64 = (0..3)
        .map(|column| m[0][column] * cofactor(0, column))
        .sum();
    (determinant.abs() > 1e-9).then(|| {
        std::array::from_fn(|row| std::array::from_fn(|column| cofactor(column, row) / determinant))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACEScg. Source: S-2014-004.
    const AP1: Chromaticities = Chromaticities {
        red: [0.713, 0.293],
        green: [0.165, 0.83],
        blue: [0.128, 0.044],
        white: [0.32168, 0.33767],
    };

    fn assert_close<T: Into<f64> + Copy>(found: [[T; 3]; 3], expected: Matrix, within: f64) {
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            let found: f64 = (*found).into();
            assert!((found - expected).abs() < within, "{found} {expected}");
        }
    }

    #[test]
    fn rec709_to_xyz_is_the_published_matrix() {
        let expected = [
            [0.412_391, 0.357_584, 0.180_481],
            [0.212_639, 0.715_169, 0.072_192],
            [0.019_331, 0.119_195, 0.950_532],
        ];
        assert_close(REC709.xyz_from_rgb().unwrap(), expected, 1e-5);
    }

    #[test]
    fn acescg_to_rec709_is_the_published_matrix() {
        // As printed in many places for AP1 with Bradford adaptation.
        let expected = [
            [1.705_05, -0.621_79, -0.083_26],
            [-0.130_26, 1.140_80, -0.010_55],
            [-0.024_00, -0.128_97, 1.152_97],
        ];
        assert_close(AP1.rec709_from_rgb().unwrap(), expected, 2e-5);
    }

    #[test]
    fn rec709_stays_what_it_is() {
        let identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert_close(REC709.rec709_from_rgb().unwrap(), identity, 1e-7);
        assert!(REC709.is_close(&REC709));
        assert!(!REC709.is_close(&AP1));
    }

    #[test]
    fn senseless_chromaticities_are_refused() {
        let point = Chromaticities {
            green: REC709.red,
            ..REC709
        };
        let black = Chromaticities {
            white: [0.3, 0.0],
            ..REC709
        };
        let nan = Chromaticities {
            blue: [f32::NAN, 0.1],
            ..REC709
        };
        for senseless in [point, black, nan] {
            assert_eq!(senseless.rec709_from_rgb(), None, "{senseless:?}");
        }
    }
}
