//! Samples a film cannot add: how many, and where to look.

use serde::{Deserialize, Serialize};

/// Samples remembered in detail.
const REMEMBERED: usize = 8;

/// A sample that is not finite or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RejectedSample {
    /// Row of the full frame.
    pub y: u32,
    /// Column of the full frame.
    pub x: u32,
    /// Index of the sample within its pixel.
    pub sample: u32,
    /// R, G, B and alpha as bits of `f32`: not-a-numbers compare equal to themselves.
    pub values: [u32; 4],
}

impl std::fmt::Display for RejectedSample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b, a] = self.values.map(f32::from_bits);
        let RejectedSample { x, y, sample, .. } = self;
        write!(f, "pixel {x},{y} sample {sample}: {r} {g} {b}, alpha {a}")
    }
}

/// All samples a film has rejected.
///
/// The remembered ones are the first by row, column and sample index, whatever order they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedSamples {
    count: u64,
    first: Vec<RejectedSample>,
}

impl RejectedSamples {
    /// Number of samples rejected.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first few, by row, column and sample index.
    pub fn first(&self) -> &[RejectedSample] {
        &self.first
    }

    pub(super) fn add(&mut self, sample: RejectedSample) {
        self.count += 1;
        self.remember(sample);
    }

    pub(super) fn add_many(&mut self, count: u64, named: impl IntoIterator<Item = RejectedSample>) {
        self.count = self.count.saturating_add(count);
        for sample in named {
            self.remember(sample);
        }
    }

    pub(super) fn merge(&mut self, other: &RejectedSamples) {
        self.add_many(other.count, other.first.iter().copied());
    }

    fn remember(&mut self, sample: RejectedSample) {
        let place = self.first.partition_point(|earlier| *earlier <= sample);
        if place < REMEMBERED {
            self.first.insert(place, sample);
            self.first.truncate(REMEMBERED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(index: u32) -> RejectedSample {
        RejectedSample {
            x: index % 7,
            y: index / 7,
            sample: 3,
            values: [f32::NAN.to_bits(), 0, 0, 0],
        }
    }

    #[test]
    fn remembers_the_first_in_frame_order_whatever_the_order_of_arrival() {
        let mut forwards = RejectedSamples::default();
        (0..50).for_each(|index| forwards.add(sample(index)));
        let mut backwards = RejectedSamples::default();
        (25..50)
            .rev()
            .for_each(|index| backwards.add(sample(index)));
        let mut rest = RejectedSamples::default();
        (0..25).rev().for_each(|index| rest.add(sample(index)));
        backwards.merge(&rest);
        assert_eq!(forwards, backwards);
        assert_eq!(forwards.count(), 50);
        assert_eq!(forwards.first(), (0..8).map(sample).collect::<Vec<_>>());
    }

    #[test]
    fn says_where() {
        assert_eq!(
            sample(9).to_string(),
            "pixel 2,1 sample 3: NaN 0 0, alpha 0"
        );
    }
}
