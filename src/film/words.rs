//! A film's exact sums as 32-bit words, for files from which it is put together again.
//!
//! A pixel is its count, then its sums of squares if they are kept, then its sums: for A, B, G and R in this order,
//! four words each, the lowest first. The names of the words ([`word_names`]) are in alphabetical order, as the
//! channels of an image file are.

use super::{Error, Film, MAX_SAMPLES};
use crate::settings::Region;

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

    /// Adds `words` to the pixel in column `x`, row `y` of the full frame, as [`FilmRow::add_words`] does.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// If the pixel lies outside the region.
    pub fn add_words(&mut self, x: u32, y: u32, words: &[u32]) -> Result<(), Error> {
        self.row(y).add_words(x, words)
    }

    /// Row `y` of the full frame.
    ///
    /// # Panics
    /// If it lies outside the region.
    fn row(&mut self, y: u32) -> FilmRow<'_> {
        let first = self.index(self.region.x0, y);
        let pixels = first..first + self.region.width() as usize;
        FilmRow {
            x0: self.region.x0,
            y,
            counts: &mut self.counts[pixels.clone()],
            sums: &mut self.sums[pixels.clone()],
            squares: if self.variance {
                &mut self.squares[pixels]
            } else {
                &mut []
            },
        }
    }

    /// All rows, top first, for threads that add to different ones at once.
    pub fn rows(&mut self) -> impl Iterator<Item = FilmRow<'_>> {
        let Region { x0, y0, .. } = self.region;
        let width = self.region.width() as usize;
        let mut squares = self.squares.chunks_exact_mut(width);
        let sums = self.sums.chunks_exact_mut(width);
        let pairs = self.counts.chunks_exact_mut(width).zip(sums);
        (y0..).zip(pairs).map(move |(y, (counts, sums))| FilmRow {
            x0,
            y,
            counts,
            sums,
            squares: squares.next().unwrap_or_default(),
        })
    }
}

/// A row of a film.
#[derive(Debug)]
pub struct FilmRow<'a> {
    /// Its first column and its row of the full frame.
    x0: u32,
    y: u32,
    counts: &'a mut [u32],
    sums: &'a mut [[i128; 4]],
    /// Empty when not kept.
    squares: &'a mut [[u128; 4]],
}

impl FilmRow<'_> {
    /// Adds the samples that `words` stand for, as written by [`Film::write_words`] of a film that keeps what this
    /// one keeps, to the pixel in column `x` of the full frame.
    ///
    /// # Errors
    /// [`Error::TooManySamples`], [`Error::Overflow`]; the pixel may then hold part of the sum.
    ///
    /// # Panics
    /// If the pixel lies outside the region.
    pub fn add_words(&mut self, x: u32, words: &[u32]) -> Result<(), Error> {
        let y = self.y;
        let pixel = (x - self.x0) as usize;
        let (count, rest) = words.split_first().ok_or(Error::Overflow { x, y })?;
        let count = self.counts[pixel].saturating_add(*count);
        if count > MAX_SAMPLES {
            return Err(Error::TooManySamples { x, y });
        }
        // Memory that is all zero and is read first, as adding does, is mapped to be read and again to be written, and
        // all threads are halted for that. So what is zero is written before.
        if self.counts[pixel] == 0 {
            self.sums[pixel] = [0; 4];
            if let Some(squares) = self.squares.get_mut(pixel) {
                *squares = [0; 4];
            }
        }
        self.counts[pixel] = count;
        let sums = rest.chunks_exact(SUM_WORDS).map(|words| {
            let words = words.iter().rev();
            words.fold(0_u128, |bits, &word| bits << 32 | u128::from(word))
        });
        let channels = CHANNELS.iter().map(|&(_, channel)| channel);
        let keeps_squares = !self.squares.is_empty();
        if keeps_squares {
            for (channel, bits) in channels.clone().zip(sums.clone()) {
                let sum = &mut self.squares[pixel][channel];
                *sum = sum.saturating_add(bits);
            }
        }
        let squares = if keeps_squares { CHANNELS.len() } else { 0 };
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

    #[test]
    fn words_make_the_same_film() {
        for variance in [false, true] {
            let region = Region::full(2, 2);
            let mut film = Film::new(region, variance).unwrap();
            film.add_sample(0, 0, 0, [1e12, -3.5, 1e-12], 1.0);
            film.add_sample(0, 0, 1, [-0.1, f32::NAN, 0.0], 1.0);
            film.add_sample(1, 1, 0, [0.1, 0.2, 0.3], 0.5);
            let mut again = Film::new(region, variance).unwrap();
            let mut by_rows = again.clone();
            for (x, y) in region.pixels() {
                let mut words = Vec::new();
                film.write_words(x, y, &mut words);
                assert_eq!(words.len(), word_names(variance).len());
                again.add_words(x, y, &words).unwrap();
                let row = &mut by_rows.rows().nth(y as usize).unwrap();
                row.add_words(x, &words).unwrap();
            }
            let rejected = film.rejected();
            for copy in [&mut again, &mut by_rows] {
                copy.add_rejected(rejected.count(), rejected.first().iter().copied());
                assert!(film == *copy);
            }
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
