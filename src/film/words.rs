//! A film's exact sums as 32-bit words, for files from which it is put together again.
//!
//! A pixel is its count, then its sums of squares if they are kept, then its sums: for A, B, G and R in this order,
//! four words each, the lowest first. The names of the words ([`word_names`]) are in alphabetical order, as the
//! channels of an image file are.

use super::{Error, Film, MAX_SAMPLES};

/// Names of channels and their places in a pixel, in the order of words.
const CHANNELS: [(&str, usize); 4] = [("A", 3), ("B", 2), ("G", 1), ("R", 0)];
/// Words of a sum.
const SUM_WORDS: usize = 4;

/// Names of the words of a pixel, in their order.
#[must_use]
pub fn word_names(variance: bool) -> Vec<String> {
    let kinds: &[&str] = if variance {
        &["square", "sum"]
    } else {
        &["sum"]
    };
    let words = kinds.iter().flat_map(|kind| {
        CHANNELS.iter().flat_map(move |(channel, _)| {
            (0..SUM_WORDS).map(move |word| format!("{kind}.{channel}{word}"))
        })
    });
    std::iter::once("count".to_owned()).chain(words).collect()
}

impl Film {
    /// Appends the words of the pixel in column `x`, row `y` of the full frame.
    ///
    /// # Panics
    /// If the pixel lies outside the region.
    pub fn write_words(&self, x: u32, y: u32, words: &mut Vec<u32>) {
        let pixel = self.index(x, y);
        words.push(self.counts[pixel]);
        let mut push = |bits: u128| {
            words.extend((0..SUM_WORDS).map(|word| (bits >> (32 * word)) as u32));
        };
        if self.variance {
            CHANNELS
                .iter()
                .for_each(|&(_, channel)| push(self.squares[pixel][channel]));
        }
        CHANNELS
            .iter()
            .for_each(|&(_, channel)| push(self.sums[pixel][channel].cast_unsigned()));
    }

    /// Adds the samples that `words` stand for, as written by [`Film::write_words`] of a film that keeps what this
    /// one keeps, to the pixel in column `x`, row `y` of the full frame.
    ///
    /// # Errors
    /// [`Error::TooManySamples`], [`Error::Overflow`]; the pixel may then hold part of the sum.
    ///
    /// # Panics
    /// If the pixel lies outside the region.
    pub fn add_words(&mut self, x: u32, y: u32, words: &[u32]) -> Result<(), Error> {
        let pixel = self.index(x, y);
        let (count, rest) = words.split_first().ok_or(Error::Overflow { x, y })?;
        let count = self.counts[pixel].saturating_add(*count);
        if count > MAX_SAMPLES {
            return Err(Error::TooManySamples { x, y });
        }
        self.counts[pixel] = count;
        let sums = rest.chunks_exact(SUM_WORDS).map(|words| {
            let words = words.iter().rev();
            words.fold(0_u128, |bits, &word| bits << 32 | u128::from(word))
        });
        let channels = CHANNELS.iter().map(|&(_, channel)| channel);
        if self.variance {
            for (channel, bits) in channels.clone().zip(sums.clone()) {
                let sum = &mut self.squares[pixel][channel];
                *sum = sum.saturating_add(bits);
            }
        }
        let squares = if self.variance { CHANNELS.len() } else { 0 };
        for (channel, bits) in channels.zip(sums.skip(squares)) {
            let sum = &mut self.sums[pixel][channel];
            *sum = (sum.checked_add(bits.cast_signed())).ok_or(Error::Overflow { x, y })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Region;

    #[test]
    fn words_make_the_same_film() {
        for variance in [false, true] {
            let region = Region::full(2, 2);
            let mut film = Film::new(region, variance).unwrap();
            film.add_sample(0, 0, 0, [1e12, -3.5, 1e-12], 1.0);
            film.add_sample(0, 0, 1, [-0.1, f32::NAN, 0.0], 1.0);
            film.add_sample(1, 1, 0, [0.1, 0.2, 0.3], 0.5);
            let mut again = Film::new(region, variance).unwrap();
            for (x, y) in region.pixels() {
                let mut words = Vec::new();
                film.write_words(x, y, &mut words);
                assert_eq!(words.len(), word_names(variance).len());
                again.add_words(x, y, &words).unwrap();
            }
            let rejected = film.rejected();
            again.add_rejected(rejected.count(), rejected.first().iter().copied());
            assert!(film == again);
        }
    }

    #[test]
    fn names_are_sorted_and_fit_the_words() {
        for (variance, n) in [(false, 17), (true, 33)] {
            let names = word_names(variance);
            assert_eq!(names.len(), n);
            assert!(names.is_sorted());
        }
    }

    #[test]
    fn impossible_words_are_refused() {
        let mut film = Film::new(Region::full(1, 1), false).unwrap();
        let mut largest = vec![1, u32::MAX, u32::MAX, u32::MAX, u32::MAX >> 1];
        largest.resize(17, 0);
        film.add_words(0, 0, &largest).unwrap();
        let error = film.add_words(0, 0, &largest).unwrap_err();
        assert_eq!(error, Error::Overflow { x: 0, y: 0 });
        let mut full = vec![0; 17];
        full[0] = u32::MAX;
        let error = film.add_words(0, 0, &full).unwrap_err();
        assert_eq!(error, Error::TooManySamples { x: 0, y: 0 });
        assert!(film.add_words(0, 0, &[]).is_err());
    }
}
