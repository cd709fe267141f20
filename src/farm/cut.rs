//! How a frame is cut into shards: by tiles, by samples, or by both. A function of region, samples and number of
//! shards alone, so that every machine cuts alike.
//!
//! Tiles are small and dealt out like cards: along a Hilbert curve, each run of as many neighbouring tiles as there are
//! shards is shuffled, and every shard gets one of it. So each shard sees all parts of the frame in nearly equal
//! measure. Cutting by samples makes shards as large as the frame, which cost disk and network; it is chosen only where
//! tiles would become too small.

use super::hilbert::hilbert_index;
use crate::settings::Region;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Sides of tiles, pixels. Larger ones trace and compress better, smaller ones balance better.
const SIDES: [u32; 6] = [32, 16, 8, 4, 2, 1];
/// Tiles a shard should have, so that their costs average out.
const TILES_WANTED: u64 = 64;
/// Smallest side taken for the sake of [`TILES_WANTED`].
const SIDE_WANTED: u32 = 8;
/// Tiles a shard has at least while its side can be halved.
const TILES_MIN: u64 = 4;

/// What is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CutBy {
    /// Every shard has all samples of some pixels.
    Tiles,
    /// Every shard has some samples of all pixels.
    Samples,
    /// Every shard has some samples of some pixels.
    Both,
}

/// Why a frame cannot be cut so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CutError {
    /// There are fewer pieces than shards.
    #[error(
        "{pixels} pixels of {samples} samples cannot be cut into {count} shards {how}: \
         ask for fewer shards or cut another way with --shard-by"
    )]
    TooMany {
        /// Pixels.
        pixels: u64,
        /// Samples a pixel.
        samples: u32,
        /// Shards asked for.
        count: u32,
        /// `by tiles`, …
        how: &'static str,
    },
    /// There is no such shard.
    #[error("there is no shard {index} of {count}: shards count from 0 to {}", count - 1)]
    NoSuchShard {
        /// Shard asked for.
        index: u32,
        /// Shards.
        count: u32,
    },
}

/// A frame's division into shards.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cut {
    /// Shards, at least 1.
    pub count: u32,
    /// Side of the tiles, pixels.
    pub side: u32,
    /// Ranges the samples of a pixel are cut into; divides `count`. Shard `i` has range `i` modulo this.
    pub sample_ranges: u32,
}

/// The piece a shard is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its pixels, row by row; not overlapping.
    pub tiles: Vec<Region>,
    /// Its samples.
    pub samples: Range<u32>,
}

impl Cut {
    /// Cuts the pixels of `region` and their `samples` into `count` shards; `None` chooses what is divided.
    ///
    /// # Errors
    /// [`CutError::TooMany`].
    ///
    /// # Examples
    /// ```
    /// use skywell::farm::Cut;
    /// use skywell::settings::Region;
    /// let region = Region::full(960, 540);
    /// let cut = Cut::new(region, 64, 16, None)?;
    /// let pixels = |i| cut.part(region, 0..64, i).map(|p| p.n_pixels());
    /// assert_eq!((0..16).filter_map(pixels).sum::<u64>(), 960 * 540);
    /// # Ok::<(), skywell::farm::CutError>(())
    /// ```
    pub fn new(
        region: Region,
        samples: u32,
        count: u32,
        by: Option<CutBy>,
    ) -> Result<Cut, CutError> {
        let pixels = region.n_pixels();
        let too_many = |how| CutError::TooMany {
            pixels,
            samples,
            count,
            how,
        };
        let with = |sample_ranges: u32| {
            let tile_shards = u64::from(count / sample_ranges);
            side(region, tile_shards).map(|side| Cut {
                count,
                side,
                sample_ranges,
            })
        };
        // Ranges of samples that divide the shards evenly and are not empty.
        let ranges = || (1..=count.min(samples)).filter(|ranges| count.is_multiple_of(*ranges));
        match by {
            Some(CutBy::Tiles) => with(1).ok_or(too_many("by tiles")),
            Some(CutBy::Samples) if count <= samples => with(count).ok_or(too_many("by samples")),
            Some(CutBy::Samples) => Err(too_many("by samples")),
            Some(CutBy::Both) => {
                // As even a share of the two as there is.
                let evenness = |ranges: &u32| ranges.abs_diff(count / ranges);
                let mut choices: Vec<u32> = ranges().collect();
                choices.sort_by_key(evenness);
                let cut = choices.into_iter().find_map(with);
                cut.ok_or(too_many("by tiles and samples"))
            }
            None => {
                let enough = ranges().find(|ranges| {
                    let smallest = u64::from(count / ranges) * TILES_WANTED;
                    n_tiles(region, SIDE_WANTED) >= smallest
                });
                // Else as many pixels a shard as there can be.
                let cut = enough
                    .into_iter()
                    .chain(ranges().collect::<Vec<_>>().into_iter().rev());
                cut.into_iter().find_map(with).ok_or(too_many("at all"))
            }
        }
    }

    /// The piece that is shard `index` of a frame with these pixels and samples; `None` if there is no such shard, or
    /// the division is not one that [`Cut::new`] makes.
    #[must_use]
    pub fn part(&self, region: Region, samples: Range<u32>, index: u32) -> Option<Part> {
        let sound = self.has(region, &samples, index);
        sound.then(|| self.deal(&self.deck(region), samples, index))
    }

    /// Is there a shard `index` of a frame with these pixels and samples?
    pub(super) fn has(&self, region: Region, samples: &Range<u32>, index: u32) -> bool {
        let ranges = self.sample_ranges;
        index < self.count
            && SIDES.contains(&self.side)
            && (1..=samples.len()).contains(&(ranges as usize))
            && self.count.is_multiple_of(ranges)
            && n_tiles(region, self.side) >= u64::from(self.count / ranges)
    }

    /// The tiles of a frame with these pixels. For one deck all shards can be dealt.
    pub(super) fn deck(&self, region: Region) -> Deck {
        let columns = region.width().div_ceil(self.side);
        let rows = region.height().div_ceil(self.side);
        let order = columns.max(rows).next_power_of_two().ilog2();
        let mut tiles: Vec<(u64, u32)> = (0..columns * rows)
            .map(|tile| (hilbert_index(order, tile % columns, tile / columns), tile))
            .collect();
        tiles.sort_unstable();
        Deck {
            region,
            columns,
            tiles: tiles.into_iter().map(|(_, tile)| tile).collect(),
        }
    }

    /// The piece that is shard `index`, of which [`Self::has`] says that it is there; `deck` is that of its frame.
    pub(super) fn deal(&self, deck: &Deck, samples: Range<u32>, index: u32) -> Part {
        let ranges = self.sample_ranges;
        let bound = |i: u32| {
            let offset = samples.len() as u64 * u64::from(i) / u64::from(ranges);
            samples.start + offset as u32
        };
        let (players, player) = (self.count / ranges, index / ranges);
        let mut tiles: Vec<u32> = deck
            .tiles
            .chunks(players as usize)
            .zip(0..)
            .filter_map(|(run, round)| run.get(shuffled_place(players, round, player)).copied())
            .collect();
        tiles.sort_unstable();
        Part {
            tiles: (tiles.into_iter())
                .map(|tile| deck.region_of(tile, self.side))
                .collect(),
            samples: bound(index % ranges)..bound(index % ranges + 1),
        }
    }
}

/// Tiles in the order in which they are dealt out: along a Hilbert curve.
#[derive(Debug)]
pub(super) struct Deck {
    region: Region,
    /// Tiles in a row.
    columns: u32,
    /// Numbers, counted row by row.
    tiles: Vec<u32>,
}

impl Deck {
    /// The pixels of a tile.
    fn region_of(&self, tile: u32, side: u32) -> Region {
        let region = self.region;
        let (x0, y0) = (
            region.x0 + tile % self.columns * side,
            region.y0 + tile / self.columns * side,
        );
        Region {
            x0,
            y0,
            x1: region.x1.min(x0.saturating_add(side)),
            y1: region.y1.min(y0.saturating_add(side)),
        }
    }
}

impl Part {
    /// Pixels.
    #[must_use]
    pub fn n_pixels(&self) -> u64 {
        self.tiles.iter().map(Region::n_pixels).sum()
    }

    /// The smallest region that holds all tiles; `None` if there are none.
    #[must_use]
    pub fn bounds(&self) -> Option<Region> {
        self.tiles.iter().copied().reduce(|a, b| Region {
            x0: a.x0.min(b.x0),
            y0: a.y0.min(b.y0),
            x1: a.x1.max(b.x1),
            y1: a.y1.max(b.y1),
        })
    }
}

fn n_tiles(region: Region, side: u32) -> u64 {
    u64::from(region.width().div_ceil(side)) * u64::from(region.height().div_ceil(side))
}

/// Side of the tiles dealt to `shards` shards; `None` if there are more shards than pixels.
fn side(region: Region, shards: u64) -> Option<u32> {
    let has = |side: &u32, tiles: u64| n_tiles(region, *side) >= tiles * shards;
    let wanted = SIDES.iter().filter(|side| **side >= SIDE_WANTED);
    wanted
        .copied()
        .find(|side| has(side, TILES_WANTED))
        .or_else(|| {
            let small = SIDES.iter().filter(|side| **side <= SIDE_WANTED);
            small.copied().find(|side| has(side, TILES_MIN))
        })
        .or_else(|| has(&1, 1).then_some(1))
}

/// Where player `player` of `players` sits in round `round`: a shuffle by Fisher and Yates with SplitMix64 (Steele,
/// Lea, Flood 2014), the same on every machine.
fn shuffled_place(players: u32, round: u64, player: u32) -> usize {
    let mut state = round;
    let mut random = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state.wrapping_mul(0xd134_2543_de82_ef95);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mut place = player;
    // One player's way through the shuffle is enough: whom he changes places with, and who with him.
    for last in (1..players).rev() {
        let other = (random() % u64::from(last + 1)) as u32;
        if place == last {
            place = other;
        } else if place == other {
            place = last;
        }
    }
    place as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How often each sample of each pixel is taken by all shards together: once, if the cut is right.
    fn covers_once(region: Region, samples: Range<u32>, cut: &Cut) -> bool {
        let (width, n) = (region.width() as usize, samples.len());
        let mut taken = vec![0_u8; region.n_pixels() as usize * n];
        for index in 0..cut.count {
            let part = cut.part(region, samples.clone(), index).unwrap();
            assert!(!part.tiles.is_empty() && !part.samples.is_empty());
            for (x, y) in part.tiles.iter().copied().flat_map(Region::pixels) {
                let pixel = (y - region.y0) as usize * width + (x - region.x0) as usize;
                for sample in part.samples.clone() {
                    taken[pixel * n + (sample - samples.start) as usize] += 1;
                }
            }
        }
        taken.iter().all(|n| *n == 1)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn shards_are_the_frame(
            (x0, y0, width, height) in (0_u32..50, 0_u32..50, 1_u32..90, 1_u32..60),
            (first, n) in (0_u32..9, 1_u32..20),
            count in 1_u32..70,
            by in prop_oneof![
                Just(None), Just(Some(CutBy::Tiles)), Just(Some(CutBy::Samples)), Just(Some(CutBy::Both)),
            ],
        ) {
            let region = Region { x0, y0, x1: x0 + width, y1: y0 + height };
            match Cut::new(region, n, count, by) {
                Ok(cut) => prop_assert!(covers_once(region, first..first + n, &cut)),
                Err(_) => {
                    let too_many = match by {
                        Some(CutBy::Samples) => count > n,
                        _ => u64::from(count) > region.n_pixels(),
                    };
                    prop_assert!(too_many);
                }
            }
        }
    }

    #[test]
    fn large_frames_are_cut_by_tiles_and_small_ones_by_samples_too() {
        let cut = |width, height, samples, count| {
            let cut = Cut::new(Region::full(width, height), samples, count, None).unwrap();
            (cut.side, cut.sample_ranges)
        };
        assert_eq!(cut(960, 540, 64, 16), (16, 1));
        assert_eq!(cut(960, 540, 64, 64), (8, 1));
        assert_eq!(cut(3840, 2160, 256, 1000), (8, 1));
        assert_eq!(cut(960, 540, 256, 1000), (8, 8));
        assert_eq!(cut(64, 64, 4, 1), (8, 1));
        // A prime number of shards leaves no choice.
        assert_eq!(cut(64, 32, 4, 61), (2, 1));
    }

    #[test]
    fn impossible_cuts_are_refused() {
        let region = Region::full(4, 2);
        let refused = |samples, count, by| Cut::new(region, samples, count, by).is_err();
        assert!(refused(64, 9, Some(CutBy::Tiles)));
        assert!(refused(8, 9, Some(CutBy::Samples)));
        assert!(refused(1, 9, None));
        assert!(!refused(9, 9, None));
        let cut = Cut::new(region, 1, 2, None).unwrap();
        assert_eq!(cut.part(region, 0..1, 2), None);
        let unsound = Cut {
            count: 4,
            side: 3,
            sample_ranges: 0,
        };
        assert_eq!(unsound.part(region, 0..1, 0), None);
    }

    /// If one quarter of the frame cost all there is, no shard would take over 1.25 times the mean.
    #[test]
    fn shards_see_all_of_the_frame() {
        let region = Region::full(960, 540);
        let cut = Cut::new(region, 64, 16, None).unwrap();
        for index in 0..16 {
            let part = cut.part(region, 0..64, index).unwrap();
            for (left, top) in [(true, true), (true, false), (false, true), (false, false)] {
                let within = |tile: &&Region| (tile.x0 < 480) == left && (tile.y0 < 270) == top;
                let pixels: u64 = part.tiles.iter().filter(within).map(Region::n_pixels).sum();
                let share = pixels as f64 / (960.0 * 540.0 / 64.0);
                assert!((0.75..1.25).contains(&share), "shard {index}: {share}");
            }
        }
    }
}
