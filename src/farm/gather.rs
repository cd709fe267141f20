//! Shards become the frame again: which files belong together, what is wrong with the others, and the sum.
//!
//! Files are read row by row, one by each thread, so memory holds the frame's film and little else. Sums are exact, so
//! it is all one which thread adds first.

use super::cut::Deck;
use super::shard::{Frame, Shard, read, read_header};
use crate::film::{Film, FilmRow};
use crate::image;
use crate::integrator::DeviceKind;
use crate::output::SumsHeader;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Something that keeps shards from becoming a frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// No sound file of this shard was given.
    #[error("shard {index} of {count} is missing: render it and merge again")]
    Missing {
        /// The shard.
        index: u32,
        /// Of how many.
        count: u32,
    },
    /// The file cannot be read or is damaged.
    #[error(transparent)]
    Corrupt(#[from] image::Error),
    /// An OpenEXR file without exact sums, or of a kind this version does not know.
    #[error(
        "{}: not a shard, or its header is damaged: name files that render --shard has written",
        .0.display()
    )]
    NotAShard(PathBuf),
    /// It belongs to another frame than the others.
    #[error("{}: {what}: leave it out or render it again", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// Two sound files of one shard hold different sums.
    #[error(
        "{} and {}: both are shard {index}, and they differ: find out which is right, or render it \
         again",
        a.display(), b.display()
    )]
    Differs {
        /// The shard.
        index: u32,
        /// One file.
        a: PathBuf,
        /// The other.
        b: PathBuf,
    },
    /// The shards were rendered by different kinds of devices.
    #[error(
        "{}: rendered by a {device}, others by a {other}: their pixels differ by rounding; \
         --allow-mixed-devices merges them all the same",
        path.display()
    )]
    MixedDevices {
        /// The file.
        path: PathBuf,
        /// What rendered it.
        device: DeviceKind,
        /// What rendered most of the others.
        other: DeviceKind,
    },
}

/// A frame put together.
#[derive(Debug)]
pub struct Merged {
    /// Which frame.
    pub frame: Frame,
    /// All its samples.
    pub film: Film,
    /// What was authored and not honoured, one line each.
    pub warnings: Vec<String>,
    /// What the author says of the scene.
    pub xmp: Option<String>,
    /// What rendered the shards.
    pub device_kinds: BTreeSet<DeviceKind>,
    /// The GPUs that took part, by name.
    pub devices: Vec<String>,
    /// Number of shards.
    pub count: u32,
}

/// Why there is no frame.
#[derive(Debug)]
pub struct Incomplete {
    /// All that is wrong.
    pub problems: Vec<Problem>,
    /// Shards to be rendered, again or for the first time; `None` if nobody knows how many there are.
    pub missing: Option<Vec<u32>>,
}

/// A file that says it is a shard.
struct Candidate {
    path: PathBuf,
    shard: Shard,
    header: SumsHeader,
}

/// Adds up the shards in the files `paths`, in whatever order.
///
/// Which frame they make is decided by most of them; the rest is foreign. The same shard may be there more than once
/// if all copies are equal. `told` is told how many shards were looked at, and of how many, from any thread.
///
/// # Errors
/// All that is wrong, if anything is.
pub fn merge(
    paths: &[PathBuf],
    allow_mixed_devices: bool,
    told: &(dyn Fn(u32, u32) + Sync),
) -> Result<Merged, Incomplete> {
    let mut problems = Vec::new();
    let mut candidates = Vec::new();
    let paths: BTreeSet<&PathBuf> = paths.iter().collect();
    for path in paths {
        match read_header(path) {
            Ok(Some((shard, header))) if shard.is_sound() => candidates.push(Candidate {
                path: path.clone(),
                shard,
                header,
            }),
            Ok(_) => problems.push(Problem::NotAShard(path.clone())),
            Err(error) => problems.push(error.into()),
        }
    }
    let Some(chosen) = majority(&candidates) else {
        return Err(Incomplete {
            problems,
            missing: None,
        });
    };
    let (frame, cut) = (chosen.frame.clone(), chosen.cut.clone());
    let mut by_index: BTreeMap<u32, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        match foreign(&candidate.shard, &frame, &cut) {
            Some(what) => problems.push(Problem::Foreign {
                path: candidate.path,
                what,
            }),
            None => by_index
                .entry(candidate.shard.index)
                .or_default()
                .push(candidate),
        }
    }
    if !allow_mixed_devices {
        problems.extend(mixed_devices(&by_index));
    }
    let mut sum = match Film::new(frame.settings.region, frame.settings.variance) {
        Ok(film) => film,
        // A shard with a part has a region with pixels.
        Err(_) => {
            return Err(Incomplete {
                problems,
                missing: None,
            });
        }
    };
    let deck = cut.deck(frame.settings.region);
    let film = SharedFilm {
        rows: sum.rows().map(Mutex::new).collect(),
        y0: frame.settings.region.y0,
        is_sound: AtomicBool::new(problems.is_empty()),
    };
    let looked_at = Mutex::new(0);
    let found: Vec<Found<'_>> = (0..cut.count)
        .into_par_iter()
        .map(|index| {
            let copies = by_index.get(&index).map_or(&[][..], Vec::as_slice);
            let found = film.add_one(index, cut.count, copies, &deck);
            let mut looked_at = looked_at.lock().unwrap_or_else(PoisonError::into_inner);
            *looked_at += 1;
            told(*looked_at, cut.count);
            found
        })
        .collect();
    drop(film);

    let (mut warnings, mut xmp) = (Vec::new(), None);
    let mut device_kinds = BTreeSet::new();
    let mut devices = BTreeSet::new();
    let mut missing = Vec::new();
    for (index, found) in (0..).zip(found) {
        problems.extend(found.problems);
        let Some(shard) = found.shard else {
            missing.push(index);
            continue;
        };
        let rejected = &shard.rejected;
        sum.add_rejected(rejected.count(), rejected.first().iter().copied());
        device_kinds.insert(shard.device);
        devices.extend(shard.devices.iter().cloned());
        if warnings.is_empty() {
            warnings.clone_from(&shard.warnings);
        }
        xmp = xmp.or_else(|| shard.xmp.clone());
    }
    if problems.is_empty() {
        Ok(Merged {
            frame,
            film: sum,
            warnings,
            xmp,
            device_kinds,
            devices: devices.into_iter().collect(),
            count: cut.count,
        })
    } else {
        Err(Incomplete {
            problems,
            missing: Some(missing),
        })
    }
}

/// What the files of one shard hold.
struct Found<'a> {
    /// The shard; `None` if no file is sound, or two differ.
    shard: Option<&'a Shard>,
    problems: Vec<Problem>,
}

/// The frame's film, as threads share it.
struct SharedFilm<'a> {
    rows: Vec<Mutex<FilmRow<'a>>>,
    /// The first row of the full frame.
    y0: u32,
    /// Once something is wrong, files are still checked, so that all is named at once, but nothing is added.
    is_sound: AtomicBool,
}

impl SharedFilm<'_> {
    /// Adds shard `index` of `count` from the first of its sound `copies`; names what is wrong with the others. `deck`
    /// holds the frame's tiles.
    fn add_one<'c>(
        &self,
        index: u32,
        count: u32,
        copies: &'c [Candidate],
        deck: &Deck,
    ) -> Found<'c> {
        let mut problems = Vec::new();
        let mut sound: Option<&Candidate> = None;
        for copy in copies {
            // A second copy is checked, not added.
            let adds = sound.is_none() && self.is_sound.load(Ordering::Relaxed);
            match (self.read(copy, deck, adds), sound) {
                (Err(error), _) => problems.push(error.into()),
                (Ok(()), None) => sound = Some(copy),
                (Ok(()), Some(first)) if first.header.hash == copy.header.hash => {}
                (Ok(()), Some(first)) => {
                    problems.push(Problem::Differs {
                        index,
                        a: first.path.clone(),
                        b: copy.path.clone(),
                    });
                    sound = None;
                    break;
                }
            }
        }
        if sound.is_none() && problems.is_empty() {
            problems.push(Problem::Missing { index, count });
        }
        if !problems.is_empty() {
            self.is_sound.store(false, Ordering::Relaxed);
        }
        Found {
            shard: sound.map(|copy| &copy.shard),
            problems,
        }
    }

    /// Reads and checks a file; adds what it holds if `adds`.
    fn read(&self, copy: &Candidate, deck: &Deck, adds: bool) -> Result<(), image::Error> {
        let (cut, samples) = (&copy.shard.cut, copy.shard.frame.settings.samples.clone());
        let part = cut.deal(deck, samples, copy.shard.index);
        read(&copy.path, &copy.header, &part, |x, y, words| {
            if !adds {
                return Ok(());
            }
            let row = &self.rows[(y - self.y0) as usize];
            let mut row = row.lock().unwrap_or_else(PoisonError::into_inner);
            let mut pixels = (x..).zip(words.chunks_exact(copy.header.n_words()));
            let added = pixels.try_for_each(|(x, words)| row.add_words(x, words));
            added.map_err(|error| error.to_string())
        })
    }
}

/// The frame and cut most of the files are of; of equally many, one that does not depend on the files' order or names.
fn majority(candidates: &[Candidate]) -> Option<&Shard> {
    let mut groups: BTreeMap<String, (usize, &Shard)> = BTreeMap::new();
    for Candidate { shard, .. } in candidates {
        // Plain numbers and strings have no way to fail.
        let key = serde_json::to_string(&(&shard.frame, &shard.cut)).unwrap_or_default();
        groups.entry(key).or_insert((0, shard)).0 += 1;
    }
    let largest = groups.into_values().max_by_key(|(n, _)| *n);
    largest.map(|(_, shard)| shard)
}

/// In what a shard differs from the frame it should be of.
fn foreign(shard: &Shard, frame: &Frame, cut: &super::Cut) -> Option<&'static str> {
    let found = &shard.frame;
    if found.version != env!("CARGO_PKG_VERSION") {
        Some("rendered by another version of this program than this one")
    } else if found.scene_hash != frame.scene_hash {
        Some("of another scene than most of the shards")
    } else if found != frame {
        Some("rendered with other settings than most of the shards")
    } else if shard.cut != *cut {
        Some("a piece of another division of the frame than most of the shards")
    } else {
        None
    }
}

/// Names the files rendered by a kind of device that is not the most frequent one.
fn mixed_devices(by_index: &BTreeMap<u32, Vec<Candidate>>) -> Vec<Problem> {
    let all = || by_index.values().flatten();
    let n_of = |device: &DeviceKind| all().filter(|c| c.shard.device == *device).count();
    let kinds: BTreeSet<DeviceKind> = all().map(|c| c.shard.device).collect();
    // Of equally many, the CPU, whose pixels anyone can make again.
    let Some(other) = kinds.into_iter().rev().max_by_key(n_of) else {
        return Vec::new();
    };
    all()
        .filter(|candidate| candidate.shard.device != other)
        .map(|candidate| Problem::MixedDevices {
            path: candidate.path.clone(),
            device: candidate.shard.device,
            other,
        })
        .collect()
}

/// Numbers as ranges, `3,7,12-15`: as engines take them.
#[must_use]
pub fn compact(numbers: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let show = |(first, last): (u32, u32)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    ranges.into_iter().map(show).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn numbers_as_ranges() {
        assert_eq!(compact(&[]), "");
        assert_eq!(compact(&[3, 7, 12, 13, 14]), "3,7,12-14");
        assert_eq!(compact(&[0, 1]), "0-1");
    }
}
