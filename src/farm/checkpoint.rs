//! What a worker leaves behind to go on from when it is killed: the film so far, raw.
//!
//! The file lies beside the output under [`checkpoint_path`]: a line that tells its kind, a length and JSON that say
//! which picture it belongs to, the number of words and the words of every pixel of every block (see
//! [`crate::film::word_names`]), little-endian, and a BLAKE3 hash of all of it. It is replaced whole; of several
//! workers' checkpoints of one picture any will do. Written raw, as it is written every minute and read hardly ever.

use super::{Cut, Frame};
use crate::film::{Film, RejectedSamples, word_names};
use crate::integrator::{DeviceKind, Work};
use crate::output;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

const KIND: &[u8] = b"skywell checkpoint 1\n";
/// Bytes of JSON at most: more is not ours.
const MAX_JSON: u64 = 1 << 24;
/// Pixels written at a time.
const PIXELS_AT_A_TIME: usize = 4096;

/// Where the checkpoint of the output `path` lies: beside it, with `.checkpoint` added to its name.
#[must_use]
pub fn checkpoint_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".checkpoint");
    path.with_file_name(name)
}

/// Which picture a checkpoint belongs to: it is gone on from only if all is equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The frame.
    pub frame: Frame,
    /// The piece of it, if not all: how it is cut, and which one.
    pub shard: Option<(Cut, u32)>,
    /// What renders it.
    pub device: DeviceKind,
}

#[derive(Serialize, Deserialize)]
struct Record {
    checkpoint: Checkpoint,
    rejected: RejectedSamples,
}

impl Checkpoint {
    /// Writes `film`, of which `work` says what is done, in the place of an earlier checkpoint.
    ///
    /// # Errors
    /// Any [`output::Error`]; an earlier checkpoint is then still there.
    pub fn save(&self, path: &Path, film: &Film, work: &Work) -> Result<(), output::Error> {
        let record = Record {
            checkpoint: self.clone(),
            rejected: film.rejected().clone(),
        };
        output::write_whole(path, |file| {
            let json = serde_json::to_vec(&record)?;
            let mut hasher = blake3::Hasher::new();
            let mut put = |bytes: &[u8]| {
                hasher.update(bytes);
                file.write_all(bytes)
            };
            put(KIND)?;
            put(&(json.len() as u64).to_le_bytes())?;
            put(&json)?;
            let n_words = word_names(film.has_variance()).len();
            put(&(work.n_pixels() * n_words as u64).to_le_bytes())?;
            let mut words = Vec::with_capacity(PIXELS_AT_A_TIME * n_words);
            let mut bytes = Vec::with_capacity(words.capacity() * 4);
            let mut pixels = work.pixels();
            loop {
                words.clear();
                bytes.clear();
                for (x, y) in pixels.by_ref().take(PIXELS_AT_A_TIME) {
                    film.write_words(x, y, &mut words);
                }
                if words.is_empty() {
                    break;
                }
                bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
                put(&bytes)?;
            }
            file.write_all(hasher.finalize().as_bytes())
        })
    }

    /// Goes on from the checkpoint at `path`, if it is sound and of this picture: fills `film`, which is empty, and
    /// marks in `work` what is done. False, and both as they were, if not.
    pub fn resume(&self, path: &Path, film: &mut Film, work: &mut Work) -> bool {
        let mut again = film.tile(film.region());
        let Ok(again) = again.as_mut() else {
            return false;
        };
        let is_sound = self.read(path, again, work).unwrap_or(false);
        if is_sound {
            work.take_stock(again);
            std::mem::swap(film, again);
        }
        is_sound
    }

    /// Fills `film`; false if the checkpoint is another picture's or damaged.
    fn read(&self, path: &Path, film: &mut Film, work: &Work) -> io::Result<bool> {
        let mut file = Hashed {
            inner: BufReader::with_capacity(1 << 20, File::open(path)?),
            hasher: blake3::Hasher::new(),
        };
        let mut kind = [0; KIND.len()];
        file.get(&mut kind)?;
        let length = file.number()?;
        if kind != KIND || length > MAX_JSON {
            return Ok(false);
        }
        let mut json = vec![0; length as usize];
        file.get(&mut json)?;
        let Ok(record) = serde_json::from_slice::<Record>(&json) else {
            return Ok(false);
        };
        let n_words = word_names(film.has_variance()).len();
        if record.checkpoint != *self || file.number()? != work.n_pixels() * n_words as u64 {
            return Ok(false);
        }
        let most = work.samples.len();
        let mut bytes = vec![0; n_words * 4];
        let mut words = vec![0; n_words];
        for (x, y) in work.pixels() {
            file.get(&mut bytes)?;
            let (numbers, _) = bytes.as_chunks::<4>();
            for (word, number) in words.iter_mut().zip(numbers) {
                *word = u32::from_le_bytes(*number);
            }
            if film.add_words(x, y, &words).is_err() || film.count(x, y) as usize > most {
                return Ok(false);
            }
        }
        let rejected = &record.rejected;
        film.add_rejected(rejected.count(), rejected.first().iter().copied());
        let hash = file.hasher.finalize();
        let mut expected = [0; 32];
        file.inner.read_exact(&mut expected)?;
        Ok(hash == expected)
    }
}

/// A stream whose bytes are hashed as they are read.
struct Hashed {
    inner: BufReader<File>,
    hasher: blake3::Hasher,
}

impl Hashed {
    fn get(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(bytes)?;
        self.hasher.update(bytes);
        Ok(())
    }

    fn number(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.get(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Region, RenderSettings};

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            frame: Frame {
                version: "1".into(),
                scene_hash: "ab".into(),
                settings_hash: "cd".into(),
                settings: RenderSettings::new(70, 3),
            },
            shard: None,
            device: DeviceKind::Cpu,
        }
    }

    /// The left block has two samples, the right one.
    fn half_done(variance: bool) -> (Film, Work) {
        let region = Region::full(70, 3);
        let mut film = Film::new(region, variance).unwrap();
        let mut work = Work::new(&[region], 0..4);
        for (x, y) in region.pixels() {
            for sample in 0..(if x < 64 { 2 } else { 1 }) {
                film.add_sample(x, y, sample, [x as f32, f32::NAN, 0.25], 1.0);
            }
        }
        work.blocks[0].done = 2;
        work.blocks[1].done = 1;
        (film, work)
    }

    #[test]
    fn work_goes_on_where_it_was_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = checkpoint_path(&directory.path().join("frame.exr"));
        assert!(path.ends_with("frame.exr.checkpoint"));
        for variance in [false, true] {
            let (film, work) = half_done(variance);
            checkpoint().save(&path, &film, &work).unwrap();
            let mut again = Film::new(film.region(), variance).unwrap();
            let mut left = Work::new(&[film.region()], 0..4);
            assert!(checkpoint().resume(&path, &mut again, &mut left));
            assert!(again == film && left == work);
        }
    }

    /// As a failure in the middle of a round leaves it.
    #[test]
    fn work_goes_on_where_a_tile_was_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frame.exr.checkpoint");
        let (mut film, mut work) = half_done(false);
        film.add_sample(66, 1, 1, [1.0; 3], 1.0);
        work.take_stock(&film);
        assert_eq!(work.blocks.len(), 6);
        for _ in 0..2 {
            // once as it is cut and once as it is read back
            checkpoint().save(&path, &film, &work).unwrap();
            let mut again = Film::new(film.region(), false).unwrap();
            let mut left = Work::new(&[film.region()], 0..4);
            assert!(checkpoint().resume(&path, &mut again, &mut left));
            assert!(again == film && left == work);
            (film, work) = (again, left);
        }
    }

    #[test]
    fn a_checkpoint_that_is_foreign_or_damaged_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frame.exr.checkpoint");
        let (film, work) = half_done(false);
        let empty = Film::new(film.region(), false).unwrap();
        let resumes = |checkpoint: &Checkpoint| {
            let mut again = empty.clone();
            let mut left = Work::new(&[film.region()], 0..4);
            let resumes = checkpoint.resume(&path, &mut again, &mut left);
            assert!(resumes || (again == empty && left.level() == 0));
            resumes
        };
        assert!(!resumes(&checkpoint()));
        checkpoint().save(&path, &film, &work).unwrap();
        assert!(resumes(&checkpoint()));
        let mut foreign = checkpoint();
        foreign.frame.settings.seed = 1;
        assert!(!resumes(&foreign));
        let mut foreign = checkpoint();
        foreign.device = DeviceKind::Gpu;
        assert!(!resumes(&foreign));
        let bytes = std::fs::read(&path).unwrap();
        for at in (0..bytes.len()).step_by(37) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            std::fs::write(&path, &damaged).unwrap();
            assert!(!resumes(&checkpoint()), "byte {at}");
            std::fs::write(&path, &bytes[..at]).unwrap();
            assert!(!resumes(&checkpoint()), "{at} bytes");
        }
    }
}
