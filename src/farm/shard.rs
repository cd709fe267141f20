//! What a shard's file says of itself, and whether a file is what it says.

use super::{Cut, Part};
use crate::film::{Film, RejectedSamples};
use crate::image;
use crate::integrator::DeviceKind;
use crate::output::{self, Provenance, hex, read_sums, read_sums_header, write_sums};
use crate::settings::RenderSettings;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Which frame: equal values are the same picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Version of the program that rendered it.
    pub version: String,
    /// [`Provenance::scene_hash`], hexadecimal.
    pub scene_hash: String,
    /// [`Provenance::settings_hash`], hexadecimal.
    pub settings_hash: String,
    /// Settings of the whole frame.
    pub settings: RenderSettings,
}

impl Frame {
    /// The frame `provenance` speaks of.
    #[must_use]
    pub fn of(provenance: &Provenance) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scene_hash: hex(&provenance.scene_hash),
            settings_hash: hex(&provenance.settings_hash),
            settings: provenance.settings.clone(),
        }
    }

    /// Hashes of scene and settings; `None` if what is there are none.
    #[must_use]
    pub fn hashes(&self) -> Option<[[u8; 32]; 2]> {
        Some([unhex(&self.scene_hash)?, unhex(&self.settings_hash)?])
    }
}

/// The bytes of 64 hexadecimal digits.
fn unhex(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

/// What a shard's file says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    /// The frame it is a piece of.
    pub frame: Frame,
    /// How that is cut.
    pub cut: Cut,
    /// Which piece it is, from 0.
    pub index: u32,
    /// What rendered it.
    pub device: DeviceKind,
    /// The GPUs that took part, by name.
    pub devices: Vec<String>,
    /// What was authored and not honoured, one line each.
    pub warnings: Vec<String>,
    /// What the author says of the scene, see [`Provenance::xmp`].
    pub xmp: Option<String>,
    /// Samples its film could not add.
    pub rejected: RejectedSamples,
}

impl Shard {
    /// Can what it says be?
    pub(super) fn is_sound(&self) -> bool {
        let RenderSettings {
            width,
            height,
            region,
            ref samples,
            ..
        } = self.frame.settings;
        let has_pixels = region.x0 < region.x1 && region.y0 < region.y1;
        has_pixels
            && crate::settings::Region::full(width, height).contains(region)
            && self.cut.has(region, samples, self.index)
            && self.frame.hashes().is_some()
    }

    /// The pixels and samples it is; `None` if what it says cannot be.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        let settings = &self.frame.settings;
        let (region, samples) = (settings.region, settings.samples.clone());
        let part = || self.cut.part(region, samples, self.index);
        self.is_sound().then(part).flatten()
    }
}

/// Writes a shard, whose film holds its part and no more.
///
/// # Errors
/// Any [`output::Error`]; an earlier file is then still there.
pub fn write(
    path: &Path,
    shard: &Shard,
    part: &Part,
    film: &Film,
    provenance: &Provenance,
) -> Result<(), output::Error> {
    // Plain numbers and strings have no way to fail.
    let record = serde_json::to_string(shard).unwrap_or_default();
    let mut provenance = provenance.clone();
    provenance.settings.samples = part.samples.clone();
    write_sums(path, film, &part.tiles, &provenance, &record)
}

/// Reads what a file says of itself, and the checksum of what it holds; `None` if it is not a shard.
pub(super) fn read_header(
    path: &Path,
) -> Result<Option<(Shard, output::SumsHeader)>, image::Error> {
    let Some(header) = read_sums_header(path)? else {
        return Ok(None);
    };
    let shard: Option<Shard> = serde_json::from_str(&header.record).ok();
    let fits = |shard: &Shard| shard.frame.settings.variance == header.has_variance();
    Ok(shard.filter(fits).map(|shard| (shard, header)))
}

/// Reads the sums of `part`, each pixel of which must have as many samples as it says, and gives them to `run` by pixels
/// of one row: column of the first and row of the frame, and the words of all.
pub(super) fn read(
    path: &Path,
    header: &output::SumsHeader,
    part: &Part,
    mut run: impl FnMut(u32, u32, &[u32]) -> Result<(), String>,
) -> Result<(), image::Error> {
    let expected = part.samples.len() as u32;
    let mut rows =
        (part.tiles.iter()).flat_map(|tile| (tile.y0..tile.y1).map(|y| (tile.x0..tile.x1, y)));
    // What is left of the row at hand.
    let (mut columns, mut y) = (0..0, 0);
    read_sums(path, header, part.n_pixels(), |mut words| {
        while !words.is_empty() {
            if columns.is_empty() {
                let more = || "it holds more pixels than it says".to_owned();
                (columns, y) = rows.next().ok_or_else(more)?;
            }
            let n = columns.len().min(words.len() / header.n_words());
            let these = words.split_off(..n * header.n_words()).unwrap_or_default();
            let counts = these.iter().step_by(header.n_words());
            if let Some((x, _)) = (columns.clone().zip(counts)).find(|(_, n)| **n != expected) {
                return Err(format!("pixel {x},{y} has not {expected} samples"));
            }
            run(columns.start, y, these)?;
            columns.start += n as u32;
        }
        Ok(())
    })
}

/// Is `path` a whole and sound file of this shard? Of what it says, `warnings` and `rejected` are left out, which
/// follow from the rest, and the names of devices.
#[must_use]
pub fn read_finished(path: &Path, wanted: &Shard) -> bool {
    let Ok(Some((found, header))) = read_header(path) else {
        return false;
    };
    let same = found.frame == wanted.frame
        && found.cut == wanted.cut
        && found.index == wanted.index
        && found.device == wanted.device;
    same && (wanted.part()).is_some_and(|part| read(path, &header, &part, |_, _, _| Ok(())).is_ok())
}
