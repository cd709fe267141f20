//! What statistical tests share: random numbers with fixed seeds and Pearson's test.
#![allow(dead_code, reason = "each test crate uses its part")]

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Tests fail below this probability of the data under the claim. Seeds are fixed, so a passing test stays passing.
pub const SIGNIFICANCE: f64 = 1e-4;

/// Uniform random numbers from a seed.
/// Source: Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators" (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [0, 1), multiples of 2⁻²⁴.
    pub fn uniform(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// In [low, high).
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// A uniform direction.
    pub fn direction(&mut self) -> [f32; 3] {
        let z = 2.0 * f64::from(self.uniform()) - 1.0;
        let phi = std::f64::consts::TAU * f64::from(self.uniform());
        let r = (1.0 - z * z).max(0.0).sqrt();
        [(r * phi.cos()) as f32, (r * phi.sin()) as f32, z as f32]
    }
}

/// Probability of counts at least this far from what is `expected`, both by cell; `expected` sums to the number of
/// samples. Cells in which fewer than ten are expected are pooled.
///
/// # Panics
/// If something fell where nothing can.
pub fn chi_square_probability(counts: &[u64], expected: &[f64]) -> f64 {
    assert_eq!(counts.len(), expected.len());
    let (mut statistic, mut cells) = (0.0, 0u32);
    let mut pool = (0.0, 0.0);
    let mut add = |count: f64, expected: f64| {
        statistic += (count - expected).powi(2) / expected;
        cells += 1;
    };
    for (&count, &expected) in counts.iter().zip(expected) {
        assert!(
            expected > 0.0 || count == 0,
            "{count} samples where there can be none"
        );
        if expected < 10.0 {
            pool.0 += count as f64;
            pool.1 += expected;
        } else {
            add(count as f64, expected);
        }
        if pool.1 >= 10.0 {
            add(pool.0, pool.1);
            pool = (0.0, 0.0);
        }
    }
    assert!(cells > 1, "too few samples for a test");
    let distribution = ChiSquared::new(f64::from(cells - 1)).expect("positive");
    1.0 - distribution.cdf(statistic)
}

/// Mean and standard error of the mean.
pub fn mean_and_error(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        n += 1.0;
        let delta = value - mean;
        mean += delta / n;
        squares += delta * (value - mean);
    }
    (mean, (squares / (n * (n - 1.0))).sqrt())
}
