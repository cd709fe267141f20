//! Errors of the built-in functions against `f64`, and what they give at the edges.

use super::suite::record::{Answer, Query, Settings};
use super::suite::{EDGES, Random, STAGES};
use skywell_kernel::Simd;

/// Distance of `got` from `exact` in units of the last place of the nearest float; 0 where both are infinite or NaN.
fn ulps(got: f32, exact: f64) -> f64 {
    if got.is_nan() || exact.is_nan() {
        return if got.is_nan() && exact.is_nan() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let nearest = exact as f32;
    if nearest.is_infinite() || got.is_infinite() {
        // one step beyond the largest float is infinity
        return if nearest == got {
            0.0
        } else if nearest.abs() >= f32::MAX && got.abs() >= f32::MAX {
            1.0
        } else {
            f64::INFINITY
        };
    }
    let exponent = if nearest.abs() < f32::MIN_POSITIVE {
        -126
    } else {
        nearest.abs().log2().floor() as i32
    };
    (f64::from(got) - exact).abs() / 2f64.powi(exponent - 23)
}

fn run(stage: &str, queries: &[Query]) -> Vec<Answer> {
    let (.., run, _) = STAGES.iter().find(|s| s.0 == stage).unwrap();
    run(Simd::detect(), &Settings::default(), queries)
}

/// Operation of `probe_unary`, name, exact function, interval of arguments, largest error in ulp.
type Unary = (u32, &'static str, fn(f64) -> f64, f64, f64, f64);

const UNARY: &[Unary] = &[
    (8, "sqrt", f64::sqrt, 0.0, 1e30, 0.5001),
    (9, "inverse_sqrt", |x| 1.0 / x.sqrt(), 1e-30, 1e30, 1.5),
    (10, "sin", f64::sin, -50.3, 50.3, 2.0),
    (11, "cos", f64::cos, -50.3, 50.3, 2.0),
    (12, "tan", f64::tan, -50.3, 50.3, 4.0),
    (13, "asin", f64::asin, -1.0, 1.0, 3.0),
    (14, "acos", f64::acos, -1.0, 1.0, 3.0),
    (15, "atan", f64::atan, -1e4, 1e4, 3.0),
    (16, "sinh", f64::sinh, -89.0, 89.0, 3.0),
    (17, "cosh", f64::cosh, -89.0, 89.0, 2.0),
    (18, "tanh", f64::tanh, -10.0, 10.0, 3.0),
    (19, "asinh", f64::asinh, -1e5, 1e5, 4.0),
    (20, "acosh", f64::acosh, 1.0, 1e5, 4.0),
    (21, "atanh", f64::atanh, -1.0, 1.0, 4.0),
    (22, "exp", f64::exp, -104.0, 89.0, 1.5),
    (23, "exp2", f64::exp2, -150.0, 129.0, 1.5),
    (24, "log", f64::ln, 1e-45, 1e38, 1.5),
    (25, "log2", f64::log2, 1e-45, 1e38, 2.0),
];

#[test]
fn functions_of_one_float_are_as_exact_as_stated() {
    let mut random = Random(11);
    let mut report = String::new();
    for &(op, name, exact, low, high, bound) in UNARY {
        // evenly in the interval, evenly in the logarithm, and around the middle
        let mut x = Vec::new();
        for i in 0..40_000 {
            let u = f64::from(random.unit()) * 0.5 + 0.5;
            let v = match i % 4 {
                0 | 1 => low + u * (high - low),
                2 => high * 2f64.powf(-120.0 * u),
                _ => low + (high - low) * 2f64.powf(-30.0 * u),
            };
            x.push((v as f32).clamp(low as f32, high as f32));
        }
        let queries: Vec<Query> = x
            .chunks(4)
            .map(|c| Query {
                a: [c[0], c[1], c[2], c[3]],
                op,
                ..Query::default()
            })
            .collect();
        let answers = run("probe_unary", &queries);
        let mut worst = (0.0, 0.0);
        for (&x, &bits) in x.iter().zip(answers.iter().flat_map(|a| &a.bits)) {
            let error = ulps(f32::from_bits(bits), exact(f64::from(x)));
            if error > worst.0 {
                worst = (error, x);
            }
        }
        report += &format!(
            "{name}: {:.3} ulp at {:e}, allowed {bound}\n",
            worst.0, worst.1
        );
        if worst.0 > bound {
            report += "  TOO MUCH\n";
        }
    }
    println!("{report}");
    assert!(!report.contains("TOO MUCH"), "{report}");
}

/// The error of `sin` and `cos` far from zero, in absolute terms.
#[test]
fn sines_of_large_angles_are_close_and_stay_within_one() {
    let x: Vec<f32> = (0..4000).map(|i| i as f32 * 3.1).chain(EDGES).collect();
    for (op, exact) in [(10, f64::sin as fn(f64) -> f64), (11, f64::cos)] {
        let queries: Vec<Query> = x
            .iter()
            .map(|&x| Query {
                a: [x; 4],
                op,
                ..Query::default()
            })
            .collect();
        for (&x, answer) in x.iter().zip(run("probe_unary", &queries)) {
            let got = f32::from_bits(answer.bits[0]);
            if !x.is_finite() {
                assert!(got.is_nan(), "{op}: {x} gives {got}");
                continue;
            }
            assert!(got.abs() <= 1.0, "{op}: {x} gives {got}");
            let error = (f64::from(got) - exact(f64::from(x))).abs();
            assert!(
                x.abs() > 12_000.0 || error < 1.5e-7,
                "{op}: {x} is off by {error}"
            );
        }
    }
}

#[test]
fn pow_and_atan2_are_as_exact_as_stated() {
    let mut random = Random(5);
    let mut queries = Vec::new();
    for i in 0..40_000 {
        let x = if i % 2 == 0 {
            random.unit().abs()
        } else {
            2f32.powf(random.unit() * 120.0)
        };
        let y = if i % 3 == 0 {
            random.unit() * 4.0
        } else {
            random.unit() * 40.0
        };
        queries.push(Query {
            a: [x; 4],
            b: [y; 4],
            op: 8,
            ..Query::default()
        });
    }
    let worst = queries
        .iter()
        .zip(run("probe_several", &queries))
        .map(|(q, answer)| {
            (
                f64::from(q.a[0]).powf(f64::from(q.b[0])),
                f32::from_bits(answer.bits[0]),
                q,
            )
        })
        .filter(|(exact, ..)| *exact > f64::from(f32::MIN_POSITIVE))
        .map(|(exact, got, q)| (ulps(got, exact), q.a[0], q.b[0]))
        .fold((0.0, 0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    println!("pow: {worst:?}");
    assert!(worst.0 <= 2.0, "pow: {worst:?}");
    let queries: Vec<Query> = (0..40_000)
        .map(|_| Query {
            a: [random.unit(); 4],
            b: [random.unit() * 2f32.powi((random.bits() % 20) as i32 - 10); 4],
            op: 7,
            ..Query::default()
        })
        .collect();
    let worst = queries
        .iter()
        .zip(run("probe_several", &queries))
        .map(|(q, answer)| {
            ulps(
                f32::from_bits(answer.bits[0]),
                f64::from(q.a[0]).atan2(f64::from(q.b[0])),
            )
        })
        .fold(0.0, f64::max);
    println!("atan2: {worst}");
    assert!(worst <= 3.0, "atan2: {worst}");
}

#[test]
fn edges_are_what_ieee_says() {
    let one = |op: u32, x: f32| {
        f32::from_bits(
            run(
                "probe_unary",
                &[Query {
                    a: [x; 4],
                    op,
                    ..Query::default()
                }],
            )[0]
            .bits[2],
        )
    };
    let two = |op: u32, x: f32, y: f32| {
        f32::from_bits(
            run(
                "probe_several",
                &[Query {
                    a: [x; 4],
                    b: [y; 4],
                    op,
                    ..Query::default()
                }],
            )[0]
            .bits[1],
        )
    };
    let infinity = f32::INFINITY;
    for (op, x, expected) in [
        (22, -104.0, 0.0),
        (22, 89.0, infinity),
        (22, -infinity, 0.0),
        (22, 0.0, 1.0),
        (23, 3.0, 8.0),
        (23, -149.0, 1e-45),
        (23, 128.0, infinity),
        (24, 0.0, -infinity),
        (24, -0.0, -infinity),
        (24, infinity, infinity),
        (24, 1.0, 0.0),
        (25, 1024.0, 10.0),
        (25, 1e-45, -149.0),
        (2, -0.5, -1.0),
        (4, 2.5, 2.0),
        (4, -1.5, -2.0),
        (7, f32::NAN, 0.0),
        (7, 2.0, 1.0),
        (1, f32::NAN, 0.0),
        (14, 1.0, 0.0),
        (28, 65520.0, infinity),
        (28, 1.0 + 1.0 / 2048.0, 1.0),
    ] {
        assert_eq!(
            one(op, x).to_bits(),
            f32::to_bits(expected),
            "operation {op} of {x}: {}",
            one(op, x)
        );
    }
    for (op, x) in [
        (24, -1.0),
        (25, -2.0),
        (13, 1.5),
        (14, -1.5),
        (8, -1.0),
        (20, 0.5),
        (21, 2.0),
        (22, f32::NAN),
    ] {
        assert!(one(op, x).is_nan(), "operation {op} of {x}: {}", one(op, x));
    }
    // signs of zero
    for op in [2, 3, 4, 5, 8, 13, 15, 16, 18, 19] {
        assert_eq!(
            one(op, -0.0).to_bits(),
            (-0.0f32).to_bits(),
            "operation {op}"
        );
    }
    for (x, y, expected) in [
        (0.0, 0.0, 1.0),
        (f32::NAN, 0.0, 1.0),
        (1.0, f32::NAN, 1.0),
        (0.0, 2.0, 0.0),
        (0.0, -1.0, infinity),
        (infinity, 0.5, infinity),
        (infinity, -0.5, 0.0),
        (2.0, infinity, infinity),
        (0.5, infinity, 0.0),
        (2.0, 10.0, 1024.0),
        (1e30, 1e30, infinity),
        (1e-30, 1e30, 0.0),
    ] {
        assert_eq!(two(8, x, y), expected, "pow({x}, {y})");
    }
    assert!(two(8, -2.0, 2.0).is_nan());
    // the second operand is given where either is NaN
    assert_eq!(two(5, f32::NAN, 3.0), 3.0);
    assert_eq!(two(6, f32::NAN, 3.0), 3.0);
    assert!(two(5, 3.0, f32::NAN).is_nan());
    assert_eq!(two(7, 0.0, -1.0), std::f32::consts::PI);
    assert_eq!(two(7, -0.0, -1.0), -std::f32::consts::PI);
    assert_eq!(two(7, infinity, infinity), std::f32::consts::FRAC_PI_4);
}
