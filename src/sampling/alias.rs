//! Discrete distributions sampled in constant time.
//!
//! Source: Walker 1974; Vose 1991, "A Linear Algorithm for Generating Random Numbers with a Given Distribution".

/// One bin of an [`AliasTable`]: all bins are equally likely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Probability of the bin's own outcome once the bin is chosen, `[0, 1]`.
    pub q: f32,
    /// The outcome otherwise.
    pub alias: u32,
}

/// A discrete distribution over `0..n`.
#[derive(Clone, Debug, PartialEq)]
pub struct AliasTable {
    bins: Vec<Bin>,
    pmf: Vec<f64>,
}

impl AliasTable {
    /// The distribution proportional to `weights`, or `None` if they are not all finite and non-negative, sum to
    /// nothing, or are more than `u32` can count. An outcome of weight 0 is never drawn.
    pub fn build(weights: &[f64]) -> Option<Self> {
        let valid = weights.iter().all(|w| w.is_finite() && *w >= 0.0);
        let total: f64 = weights.iter().sum();
        if !valid || !total.is_finite() || total <= 0.0 || u32::try_from(weights.len()).is_err() {
            return None;
        }
        let n = weights.len();
        let mut share: Vec<f64> = weights.iter().map(|w| w / total * n as f64).collect();
        let mut bins: Vec<Bin> = (0..n as u32).map(|alias| Bin { q: 1.0, alias }).collect();
        let (mut poor, mut rich): (Vec<usize>, Vec<usize>) = (0..n).partition(|&i| share[i] < 1.0);
        // A bin that rounding leaves without a rich partner keeps q = 1, unless its outcome is impossible.
        let mut heaviest = 0;
        for i in 1..n {
            if weights[i] > weights[heaviest] {
                heaviest = i;
            }
        }
        while let Some(small) = poor.pop() {
            let Some(&large) = rich.last() else {
                if weights[small] == 0.0 {
                    bins[small] = Bin {
                        q: 0.0,
                        alias: heaviest as u32,
                    };
                }
                continue;
            };
            bins[small] = Bin {
                q: share[small] as f32,
                alias: large as u32,
            };
            share[large] -= 1.0 - share[small];
            if share[large] < 1.0 {
                rich.pop();
                poor.push(large);
            }
        }
        let mut pmf = vec![0.0; n];
        for (i, bin) in bins.iter().enumerate() {
            pmf[i] += f64::from(bin.q) / n as f64;
            pmf[bin.alias as usize] += (1.0 - f64::from(bin.q)) / n as f64;
        }
        Some(Self { bins, pmf })
    }

    /// The bins.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// Probability with which the table, as rounded, yields each outcome.
    pub fn pmf(&self) -> &[f64] {
        &self.pmf
    }

    /// The first broken invariant, in words.
    ///
    /// # Errors
    /// A probability outside `[0, 1]`, an alias out of range, or a sum that is not 1.
    pub fn validate(&self) -> Result<(), String> {
        for (i, bin) in self.bins.iter().enumerate() {
            if !(0.0..=1.0).contains(&bin.q) {
                return Err(format!("bin {i}: q = {} is outside [0, 1]", bin.q));
            }
            if bin.alias as usize >= self.bins.len() {
                return Err(format!(
                    "bin {i}: alias {} is outside 0..{}",
                    bin.alias,
                    self.bins.len()
                ));
            }
        }
        let total: f64 = self.pmf.iter().sum();
        if (total - 1.0).abs() > 1e-9 {
            return Err(format!("the probabilities sum to {total}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_to_draw_from_gives_no_table() {
        assert!(AliasTable::build(&[]).is_none());
        assert!(AliasTable::build(&[0.0, 0.0]).is_none());
        assert!(AliasTable::build(&[1.0, f64::NAN]).is_none());
        assert!(AliasTable::build(&[1.0, -1.0]).is_none());
        assert!(AliasTable::build(&[f64::MAX, f64::MAX]).is_none());
    }

    #[test]
    fn a_lone_outcome_is_certain() {
        let table = AliasTable::build(&[3.0]).expect("one positive weight");
        assert_eq!(table.bins(), &[Bin { q: 1.0, alias: 0 }]);
        assert_eq!(table.pmf(), &[1.0]);
    }

    proptest! {
        #[test]
        fn the_table_yields_the_weights(
            weights in prop::collection::vec(prop_oneof![Just(0.0), 1e-12..1e-6, 0.0..1.0, 1e3..1e9], 1..400)
        ) {
            let total: f64 = weights.iter().sum();
            prop_assume!(total > 0.0);
            let table = AliasTable::build(&weights).expect("a positive sum");
            prop_assert_eq!(table.validate(), Ok(()));
            for (weight, pmf) in weights.iter().zip(table.pmf()) {
                // One bin's q is rounded to f32, relative to a bin's share 1 / n.
                prop_assert!((pmf - weight / total).abs() <= 1e-7, "{} for {}", pmf, weight / total);
                prop_assert!(*weight > 0.0 || *pmf == 0.0, "an impossible outcome has probability {}", pmf);
            }
        }
    }
}
