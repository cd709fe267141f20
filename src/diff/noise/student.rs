//! Tails of the normal and of Student's distribution.

/// The number of standard deviations of a normal variable that is exceeded as rarely as `t` is by
/// Student's variable of `degrees` degrees of freedom (both two-sided). `t` and the result are not
/// negative.
///
/// Source: Wallace 1959, "Bounds on normal approximations to Student's and the chi-square
/// distributions", refined: 0 to 3 % below the exact value beyond t = 3 for 3 degrees and more,
/// 0 to 0.5 % for 15, so that tests err towards "noise".
#[must_use]
pub fn normal_equivalent(t: f64, degrees: f64) -> f64 {
    if t.is_infinite() {
        return t;
    }
    let correction = (8.0 * degrees + 1.0) / (8.0 * degrees + 3.0);
    correction * (degrees * (t * t / degrees).ln_1p()).sqrt()
}

/// Natural logarithm of the probability that a normal variable lies `z` or more standard
/// deviations from its mean, to either side; `z` at least 0.
///
/// A continued fraction for the tail (Abramowitz & Stegun 7.1.14), the series 7.1.6 for the
/// centre: relative error of the probability below 1e-12.
#[must_use]
pub fn ln_two_sided_tail(z: f64) -> f64 {
    if z.is_infinite() {
        return f64::NEG_INFINITY;
    }
    let x = z / std::f64::consts::SQRT_2;
    if x < 2.0 {
        // erf(x) = 2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1))
        let (mut term, mut sum) = (x, x);
        for n in 1..100 {
            term *= 2.0 * x * x / f64::from(2 * n + 1);
            sum += term;
        }
        let erf = std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum;
        return (1.0 - erf).max(f64::MIN_POSITIVE).ln();
    }
    // erfc(x) = exp(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …))))
    let fraction = (1..80)
        .rev()
        .fold(x, |below, n| x + f64::from(n) * 0.5 / below);
    -x * x - (std::f64::consts::PI.sqrt() * fraction).ln()
}

/// The inverse of [`ln_two_sided_tail`] for probabilities below 1, by bisection.
#[must_use]
pub fn deviations_of_ln_tail(ln_probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0 + (-2.0 * ln_probability).max(0.0).sqrt());
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if ln_two_sided_tail(middle) > ln_probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Probability that one of `n` independent tests is as extreme as one with this probability:
/// 1 − (1 − p)ⁿ (Šidák). Without independence it is at most n p, close to the same.
#[must_use]
pub fn of_many(ln_probability: f64, n: f64) -> f64 {
    let p = ln_probability.exp().min(1.0);
    if p >= 1.0 {
        return 1.0;
    }
    -(n * (-p).ln_1p()).exp_m1()
}

/// Logarithm of the probability each of `n` tests may have so that all together have `alpha`.
#[must_use]
pub fn ln_each_of_many(alpha: f64, n: f64) -> f64 {
    (-((-alpha).ln_1p() / n).exp_m1()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[test]
    fn normal_tails() {
        // Tables: P(|Z| ≥ 1), (≥ 3), (≥ 6); and 38, from the asymptotic series.
        for (z, p) in [
            (0.0, 1.0),
            (1.0, 0.317_310_507_9),
            (3.0, 0.002_699_796_063),
            (6.0, 1.973_175_29e-9),
        ] {
            let found = ln_two_sided_tail(z);
            assert!((found.exp() / p - 1.0).abs() < 1e-8, "{z}: {}", found.exp());
            if z > 0.0 {
                assert!((deviations_of_ln_tail(found) - z).abs() < 1e-9);
            }
        }
        assert!(
            (ln_two_sided_tail(38.0) + 725.864_2).abs() < 1e-3,
            "{}",
            ln_two_sided_tail(38.0)
        );
    }

    #[test]
    fn students_tails() {
        for degrees in [3.0, 6.0, 15.0, 62.0, 1000.0] {
            let student = StudentsT::new(0.0, 1.0, degrees).unwrap();
            for t in [1.0, 3.0, 8.0, 20.0] {
                let exact = 2.0 * student.sf(t);
                if exact < 1e-14 {
                    continue;
                }
                let z = normal_equivalent(t, degrees);
                let wanted = deviations_of_ln_tail(exact.ln());
                let allowed = if degrees < 15.0 { 0.03 } else { 0.005 };
                assert!(
                    z < wanted * 1.003 && z > wanted * (1.0 - allowed),
                    "ν {degrees}, t {t}: {z} for {wanted}"
                );
            }
        }
        assert_eq!(normal_equivalent(f64::INFINITY, 5.0), f64::INFINITY);
    }

    #[test]
    fn many_tests() {
        assert!((of_many((1e-9_f64).ln(), 1e6) - 1e-3).abs() < 1e-6);
        let each = ln_each_of_many(1e-3, 1e6);
        assert!((of_many(each, 1e6) - 1e-3).abs() < 1e-9);
        assert_eq!(of_many(0.0, 5.0), 1.0);
    }
}
