//! The film: what every pixel has received, summed exactly.
//!
//! A [`Film`] holds, for each pixel of a region, the sum of its samples' radiance and alpha (and,
//! when asked, of their squares) as fixed-point integers. Integer addition is associative and
//! commutative, so the sums depend on *which* samples were added and on nothing else: neither on
//! the order, nor on threads, tiles, passes or how a frame was split and merged again.
//!
//! A worker renders into a small film of its own ([`Film::tile`]) and adds it to the frame's with
//! [`Film::merge`]. [`Film::develop`] divides the sums and yields pixels.
//!
//! # Samples that are not numbers
//!
//! A sample with a channel that is not finite, or as large as [`SAMPLE_LIMIT`], is not added; it is
//! counted, and the first few are remembered with their pixel and index ([`RejectedSamples`]). It
//! still counts as a sample: the pixel's mean divides by *all* samples taken. Leaving it out of the
//! divisor would fill the gap with the mean of the others, an estimate that looks right and is
//! not, and would make the film's value no longer linear in its samples. So a rejected sample
//! darkens its pixel by one part in the number of samples, and is reported.
//!
//! Not here: reconstruction filters (samples are placed by filter importance sampling, each
//! belongs to one pixel and weighs 1) and files (see `output`).

mod developed;
mod fixed;
mod rejected;
mod words;

pub use developed::Developed;
pub use fixed::SAMPLE_LIMIT;
pub use rejected::{RejectedSample, RejectedSamples};
pub use words::{FilmRow, word_names};

use crate::settings::Region;

/// Samples one pixel can hold: 2²³. With [`SAMPLE_LIMIT`] this keeps every sum within its integer.
pub const MAX_SAMPLES: u32 = 1 << 23;

/// What one pixel has received, as whoever sums elsewhere hands it in: see [`Film::add_sums`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PixelSums {
    /// RGBA, two's complement with 64 fractional bits.
    pub sums: [i128; 4],
    /// RGBA, sums of squares with 48 fractional bits, saturating; ignored by a film that keeps none.
    pub squares: [u128; 4],
    /// Samples taken, rejected ones included.
    pub count: u32,
}

/// Why a film cannot be made or merged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The region holds no pixel.
    #[error("the region {0} holds no pixel: give X0 < X1 and Y0 < Y1")]
    EmptyRegion(Region),
    /// A film was merged into one that does not contain it.
    #[error("a film of region {part} does not fit into one of region {whole}")]
    OutsideRegion {
        /// Region of the film to be added.
        part: Region,
        /// Region of the film added to.
        whole: Region,
    },
    /// One film keeps squares and the other does not.
    #[error("a film with variance and one without cannot be merged: render both alike")]
    VarianceDiffers,
    /// The sum would hold more samples than fit.
    #[error("pixel {x},{y} would hold more than {MAX_SAMPLES} samples: render fewer")]
    TooManySamples {
        /// Column.
        x: u32,
        /// Row.
        y: u32,
    },
    /// Words that no film of ours has written.
    #[error("pixel {x},{y}: sums too large to be true: the file is damaged, render it again")]
    Overflow {
        /// Column.
        x: u32,
        /// Row.
        y: u32,
    },
}

/// Exact sums of samples for every pixel of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Film {
    region: Region,
    /// `[y][x][RGBA]`, 64 fractional bits.
    sums: Vec<[i128; 4]>,
    /// `[y][x][RGBA]`, sums of squares, see [`fixed::square_to_fixed`]; empty when not kept.
    squares: Vec<[u128; 4]>,
    /// `[y][x]`, samples taken, rejected ones included.
    counts: Vec<u32>,
    variance: bool,
    rejected: RejectedSamples,
}

impl Film {
    /// A film without samples. `variance` keeps sums of squares too, from which
    /// [`Film::develop`] estimates the variance of each pixel's mean.
    ///
    /// # Errors
    /// [`Error::EmptyRegion`] if the region holds no pixel.
    ///
    /// # Examples
    /// ```
    /// use skywell::{film::Film, settings::Region};
    /// let region = Region { x0: 0, y0: 0, x1: 2, y1: 1 };
    /// let mut film = Film::new(region, false)?;
    /// film.add_sample(1, 0, 0, [0.5, 1.0, 2.0], 1.0);
    /// film.add_sample(1, 0, 1, [0.5, 0.0, 0.0], 1.0);
    /// assert_eq!(film.develop().pixels[1], [0.5, 0.5, 1.0, 1.0]);
    /// # Ok::<(), skywell::film::Error>(())
    /// ```
    pub fn new(region: Region, variance: bool) -> Result<Film, Error> {
        if region.x0 >= region.x1 || region.y0 >= region.y1 {
            return Err(Error::EmptyRegion(region));
        }
        let n_pixels = region.n_pixels() as usize;
        Ok(Film {
            region,
            sums: vec![[0; 4]; n_pixels],
            squares: vec![[0; 4]; if variance { n_pixels } else { 0 }],
            counts: vec![0; n_pixels],
            variance,
            rejected: RejectedSamples::default(),
        })
    }

    /// An empty film of part of this one, keeping what this one keeps: what one worker renders
    /// into before [`Film::merge`].
    ///
    /// # Errors
    /// [`Error::EmptyRegion`], [`Error::OutsideRegion`].
    pub fn tile(&self, region: Region) -> Result<Film, Error> {
        self.check_holds(region)?;
        Film::new(region, self.variance)
    }

    /// The pixels this film covers.
    pub fn region(&self) -> Region {
        self.region
    }

    /// Are sums of squares kept?
    pub fn has_variance(&self) -> bool {
        self.variance
    }

    /// Samples that could not be added.
    pub fn rejected(&self) -> &RejectedSamples {
        &self.rejected
    }

    /// Samples taken of the pixel in column `x`, row `y` of the full frame, rejected ones included.
    ///
    /// # Panics
    /// If the pixel lies outside the region.
    pub fn count(&self, x: u32, y: u32) -> u32 {
        self.counts[self.index(x, y)]
    }

    /// Fewest and most samples any pixel has; equal once every pass is complete.
    pub fn sample_counts(&self) -> (u32, u32) {
        self.counts
            .iter()
            .fold((u32::MAX, 0), |(low, high), &n| (low.min(n), high.max(n)))
    }

    /// Adds sample `sample` of the pixel in column `x`, row `y` of the full frame. `radiance` is
    /// linear RGB, premultiplied by `alpha`.
    ///
    /// # Panics
    /// If the pixel lies outside the region or already holds [`MAX_SAMPLES`].
    pub fn add_sample(&mut self, x: u32, y: u32, sample: u32, radiance: [f32; 3], alpha: f32) {
        let pixel = self.index(x, y);
        assert!(self.counts[pixel] < MAX_SAMPLES, "pixel {x},{y} is full");
        self.counts[pixel] += 1;
        let [r, g, b] = radiance;
        let values = [r, g, b, alpha];
        if !values.iter().all(|&value| fixed::is_representable(value)) {
            self.rejected.add(RejectedSample {
                x,
                y,
                sample,
                values: values.map(f32::to_bits),
            });
            return;
        }
        for (sum, value) in self.sums[pixel].iter_mut().zip(values) {
            *sum += fixed::to_fixed(value);
        }
        if self.variance {
            for (sum, value) in self.squares[pixel].iter_mut().zip(values) {
                *sum = sum.saturating_add(fixed::square_to_fixed(value));
            }
        }
    }

    /// Adds what the pixel in column `x`, row `y` of the full frame has received elsewhere.
    ///
    /// # Panics
    /// If the pixel lies outside the region or would hold more than [`MAX_SAMPLES`].
    pub fn add_sums(&mut self, x: u32, y: u32, received: &PixelSums) {
        let pixel = self.index(x, y);
        assert!(
            self.counts[pixel].saturating_add(received.count) <= MAX_SAMPLES,
            "pixel {x},{y} is full"
        );
        self.counts[pixel] += received.count;
        for (sum, more) in self.sums[pixel].iter_mut().zip(received.sums) {
            *sum += more;
        }
        if self.variance {
            for (sum, more) in self.squares[pixel].iter_mut().zip(received.squares) {
                *sum = sum.saturating_add(more);
            }
        }
    }

    /// Counts `count` samples that were rejected elsewhere; `named` are those of them that are known.
    pub fn add_rejected(&mut self, count: u64, named: impl IntoIterator<Item = RejectedSample>) {
        self.rejected.add_many(count, named);
    }

    /// Adds all samples of `part`, whose region lies within this film's. The caller sees to it
    /// that no sample is added twice.
    ///
    /// # Errors
    /// [`Error::OutsideRegion`], [`Error::VarianceDiffers`], [`Error::TooManySamples`]; this film
    /// is then unchanged.
    pub fn merge(&mut self, part: &Film) -> Result<(), Error> {
        self.check_holds(part.region)?;
        if self.variance != part.variance {
            return Err(Error::VarianceDiffers);
        }
        let width = part.region.width() as usize;
        for (row, y) in (part.region.y0..part.region.y1).enumerate() {
            let from = row * width;
            let into = self.index(part.region.x0, y);
            for (column, x) in (part.region.x0..part.region.x1).enumerate() {
                if self.counts[into + column] + part.counts[from + column] > MAX_SAMPLES {
                    return Err(Error::TooManySamples { x, y });
                }
            }
        }
        for (row, y) in (part.region.y0..part.region.y1).enumerate() {
            let from = row * width;
            let into = self.index(part.region.x0, y);
            let pairs = (into..into + width).zip(from..from + width);
            for (into, from) in pairs {
                self.counts[into] += part.counts[from];
                for channel in 0..4 {
                    self.sums[into][channel] += part.sums[from][channel];
                }
                if self.variance {
                    for channel in 0..4 {
                        let sum = &mut self.squares[into][channel];
                        *sum = sum.saturating_add(part.squares[from][channel]);
                    }
                }
            }
        }
        self.rejected.merge(&part.rejected);
        Ok(())
    }

    /// Divides the sums by the number of samples. A pixel without samples is black and clear.
    pub fn develop(&self) -> Developed {
        Developed::new(self)
    }

    fn check_holds(&self, part: Region) -> Result<(), Error> {
        let whole = self.region;
        if whole.contains(part) {
            Ok(())
        } else {
            Err(Error::OutsideRegion { part, whole })
        }
    }

    fn index(&self, x: u32, y: u32) -> usize {
        let Region { x0, y0, x1, y1 } = self.region;
        assert!(
            (x0..x1).contains(&x) && (y0..y1).contains(&y),
            "pixel {x},{y} lies outside region {}",
            self.region
        );
        (y - y0) as usize * self.region.width() as usize + (x - x0) as usize
    }
}

#[cfg(test)]
mod tests;
