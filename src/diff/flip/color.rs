//! The colour spaces FLIP works in. White is that of Rec. 709, D65.
//!
//! Source: Andersson et al. 2020, "FLIP: A Difference Evaluator for Alternating Images", §4.1–4.2.

/// XYZ from linear Rec. 709, IEC 61966-2-1 to seven digits.
const XYZ_FROM_RGB: [[f32; 3]; 3] = [
    [0.412_390_8, 0.357_584_3, 0.180_480_8],
    [0.212_639, 0.715_168_7, 0.072_192_3],
    [0.019_330_8, 0.119_194_8, 0.950_532_2],
];

/// The inverse.
const RGB_FROM_XYZ: [[f32; 3]; 3] = [
    [3.240_97, -1.537_383_2, -0.498_610_8],
    [-0.969_243_6, 1.875_967_5, 0.041_555_1],
    [0.055_630_1, -0.203_977, 1.056_971_5],
];

/// XYZ of R = G = B = 1.
const WHITE: [f32; 3] = [0.950_455_9, 1.0, 1.089_057_8];

fn multiply(matrix: &[[f32; 3]; 3], [x, y, z]: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| row[0] * x + row[1] * y + row[2] * z)
}

/// XYZ over the white's, from linear Rec. 709.
fn relative_xyz(rgb: [f32; 3]) -> [f32; 3] {
    let [x, y, z] = multiply(&XYZ_FROM_RGB, rgb);
    [x / WHITE[0], y / WHITE[1], z / WHITE[2]]
}

/// Lightness and the two opponent colours, linear in light.
pub fn ycxcz(rgb: [f32; 3]) -> [f32; 3] {
    let [x, y, z] = relative_xyz(rgb);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Linear Rec. 709, cut to `[0, 1]`, from [`ycxcz`].
pub fn clamped_rgb([lightness, cx, cz]: [f32; 3]) -> [f32; 3] {
    let y = (lightness + 16.0) / 116.0;
    let xyz = [
        (y + cx / 500.0) * WHITE[0],
        y * WHITE[1],
        (y - cz / 200.0) * WHITE[2],
    ];
    multiply(&RGB_FROM_XYZ, xyz).map(|channel| channel.clamp(0.0, 1.0))
}

/// CIELAB with its colours scaled by a hundredth of the lightness: differences of colour count
/// less in the dark (Hunt effect).
pub fn hunt_lab(rgb: [f32; 3]) -> [f32; 3] {
    const DELTA: f32 = 6.0 / 29.0;
    let f = |t: f32| {
        if t > DELTA * DELTA * DELTA {
            cube_root(t)
        } else {
            t / (3.0 * DELTA * DELTA) + 4.0 / 29.0
        }
    };
    let [x, y, z] = relative_xyz(rgb).map(f);
    let lightness = 116.0 * y - 16.0;
    let scale = 0.01 * lightness;
    [lightness, scale * 500.0 * (x - y), scale * 200.0 * (y - z)]
}

/// Difference of two colours of [`hunt_lab`]: city-block in lightness, Euclidean in colour.
pub fn hyab(a: [f32; 3], b: [f32; 3]) -> f32 {
    let (da, db) = (a[1] - b[1], a[2] - b[2]);
    (a[0] - b[0]).abs() + (da * da + db * db).sqrt()
}

/// Cube root of a positive normal number to within 2 ulp: a guess by dividing the exponent,
/// improved twice by Halley's rule. Branchless, so that loops of it become SIMD code.
fn cube_root(x: f32) -> f32 {
    /// 2/3 of the exponent's bias, shifted so that the guess is at most 4 % off.
    const MAGIC: u32 = 709_921_077;
    let mut y = f32::from_bits(x.to_bits() / 3 + MAGIC);
    for _ in 0..2 {
        let cube = y * y * y;
        y *= (cube + 2.0 * x) / (2.0 * cube + x);
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let rgb = [0.2, 0.5, 0.9];
        let back = clamped_rgb(ycxcz(rgb));
        assert!(
            rgb.iter().zip(back).all(|(a, b)| (a - b).abs() < 1e-5),
            "{back:?}"
        );
    }

    #[test]
    fn white_has_no_colour() {
        let [l, a, b] = hunt_lab([1.0; 3]);
        assert!((l - 100.0).abs() < 1e-3 && a.abs() < 1e-2 && b.abs() < 1e-2);
        assert!(hunt_lab([0.0; 3])[0].abs() < 1e-5);
    }

    #[test]
    fn cube_roots() {
        for i in 1..10_000 {
            let x = i as f32 * 2e-4;
            let expected = f64::from(x).cbrt();
            assert!(
                (f64::from(cube_root(x)) / expected - 1.0).abs() < 3e-7,
                "{x}"
            );
        }
    }
}
