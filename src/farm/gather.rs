//! Shards become the frame again: which files belong together, what is wrong with the others, and the sum.
//!
//! Files are read one at a time and row by row, so memory holds the frame's film and little else.

use super::cut::Deck;
use super::shard::{Frame, Shard, read, read_header};
use crate::film::Film;
use crate::image;
use crate::integrator::DeviceKind;
use crate::output::SumsHeader;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

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
/// if all copies are equal. `told` is told how many shards were looked at, and of how many.
///
/// # Errors
/// All that is wrong, if anything is.
pub fn merge(
    paths: &[PathBuf],
    allow_mixed_devices: bool,
    told: &dyn Fn(u32, u32),
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
    let (mut warnings, mut xmp) = (Vec::new(), None);
    let mut device_kinds = BTreeSet::new();
    let mut devices = BTreeSet::new();
    let mut missing = Vec::new();
    let deck = cut.deck(frame.settings.region);
    for index in 0..cut.count {
        let copies = by_index.remove(&index).unwrap_or_default();
        let before = problems.len();
        // Once something is wrong, files are still checked, so that all is named at once.
        let film = problems.is_empty().then_some(&mut sum);
        match add_one(&copies, &deck, film, &mut problems) {
            Some(shard) => {
                device_kinds.insert(shard.device);
                devices.extend(shard.devices.iter().cloned());
                if warnings.is_empty() {
                    warnings.clone_from(&shard.warnings);
                }
                xmp = xmp.or_else(|| shard.xmp.clone());
            }
            None => {
                missing.push(index);
                if problems.len() == before {
                    let count = cut.count;
                    problems.push(Problem::Missing { index, count });
                }
            }
        }
        told(index + 1, cut.count);
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

/// Adds one shard to `film` from the first of its sound `copies`; names what is wrong with the others. `None` if there
/// is none, or two that differ. `deck` holds the frame's tiles.
fn add_one<'a>(
    copies: &'a [Candidate],
    deck: &Deck,
    film: Option<&mut Film>,
    problems: &mut Vec<Problem>,
) -> Option<&'a Shard> {
    let mut film = film;
    let mut sound: Option<&Candidate> = None;
    for copy in copies {
        let (cut, samples) = (&copy.shard.cut, copy.shard.frame.settings.samples.clone());
        let part = cut.deal(deck, samples, copy.shard.index);
        // Film given only once: a second copy is checked, not added.
        let mut into = film.take_if(|_| sound.is_none());
        let result = read(
            &copy.path,
            &copy.header,
            &part,
            |x, y, words| match &mut into {
                Some(film) => film
                    .add_words(x, y, words)
                    .map_err(|error| error.to_string()),
                None => Ok(()),
            },
        );
        match (result, sound) {
            (Err(error), _) => problems.push(error.into()),
            (Ok(()), None) => {
                if let Some(film) = into {
                    let rejected = &copy.shard.rejected;
                    film.add_rejected(rejected.count(), rejected.first().iter().copied());
                }
                sound = Some(copy);
            }
            (Ok(()), Some(first)) if first.header.hash == copy.header.hash => {}
            (Ok(()), Some(first)) => {
                problems.push(Problem::Differs {
                    index: copy.shard.index,
                    a: first.path.clone(),
                    b: copy.path.clone(),
                });
                return None;
            }
        }
    }
    sound.map(|copy| &copy.shard)
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
