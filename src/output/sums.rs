//! A film's exact sums in an ordinary OpenEXR file, from which they can be had again.
//!
//! The file has two parts. `picture` is what a viewer shows: the developed film in its place of the frame, as 16-bit
//! floats, black where nothing was rendered. `sums` holds the words of [`crate::film::word_names`] for the pixels of
//! the film's tiles only, packed without gaps, tile after tile, row by row; what is left of the last row is zero. So
//! a file is as large as what was rendered, however its tiles are strewn over the frame. The attribute
//! `skywell:sums` of that part says what they are, in its writer's terms, and `skywell:sumsHash` guards both.

use super::provenance::hex;
use super::{Error, Provenance, exr, file};
use crate::film::{Film, word_names};
use crate::image;
use crate::image::exr::{
    Attribute, Exr, IntegerPart, Precision, read_integer_header, read_integer_rows,
    write_with_integers,
};
use crate::settings::Region;
use std::collections::BTreeMap;
use std::path::Path;

/// Name of the part.
const PART: &str = "sums";
/// Attribute that says what the sums are.
const RECORD: &str = "skywell:sums";
/// Attribute that guards them.
const HASH: &str = "skywell:sumsHash";
/// Pixels in a row of the part.
const ROW: usize = 1024;

/// Writes the sums of the pixels of `tiles`, which lie within `film`, and `record`, which says what they are.
///
/// The same content gives the same bytes.
///
/// # Errors
/// Any [`Error`]; an earlier file is then still there.
pub fn write_sums(
    path: &Path,
    film: &Film,
    tiles: &[Region],
    provenance: &Provenance,
    record: &str,
) -> Result<(), Error> {
    let n_pixels: u64 = tiles.iter().map(Region::n_pixels).sum();
    let (width, height) = shape(n_pixels);
    let names = word_names(film.has_variance());
    let mut planes = vec![vec![0; width * height]; names.len()];
    let mut words = Vec::with_capacity(names.len());
    let pixels = tiles.iter().copied().flat_map(Region::pixels);
    for (index, (x, y)) in pixels.enumerate() {
        words.clear();
        film.write_words(x, y, &mut words);
        for (plane, word) in planes.iter_mut().zip(&words) {
            plane[index] = *word;
        }
    }
    let mut hasher = hasher(record);
    for row in 0..height {
        for plane in &planes {
            update(&mut hasher, &plane[row * width..(row + 1) * width]);
        }
    }
    let hash = hex(hasher.finalize().as_bytes());
    let part = IntegerPart {
        name: PART,
        width,
        height,
        channels: names.into_iter().zip(planes).collect(),
        attributes: BTreeMap::from([
            (RECORD.to_owned(), Attribute::Text(record.to_owned())),
            (HASH.to_owned(), Attribute::Text(hash)),
        ]),
    };
    let mut picture: Exr = exr::picture(&film.develop(), provenance, Precision::Half).0;
    // The picture is for looking at and makes no claim to be checked.
    picture.attributes.remove(exr::PIXEL_HASH);
    "picture".clone_into(&mut picture.name);
    picture
        .channels
        .retain(|channel| channel.precision == Precision::Half);
    file::write_whole(path, |file| write_with_integers(&picture, part, file))
}

/// Columns and rows that `n_pixels` pixels are packed into.
fn shape(n_pixels: u64) -> (usize, usize) {
    let width = (n_pixels as usize).clamp(1, ROW);
    (width, (n_pixels as usize).div_ceil(width).max(1))
}

/// What a file says of its sums.
#[derive(Clone, Debug, PartialEq)]
pub struct SumsHeader {
    /// What the sums are, in their writer's terms.
    pub record: String,
    /// Guards record and sums: equal hashes are equal sums.
    pub hash: String,
    width: usize,
    height: usize,
    words: usize,
}

/// Reads what the file says; `None` if it is an OpenEXR file without sums.
///
/// # Errors
/// When it is no OpenEXR file, or damaged.
pub fn read_sums_header(path: &Path) -> Result<Option<SumsHeader>, image::Error> {
    let Some(header) = read_integer_header(path, PART)? else {
        return Ok(None);
    };
    let text = |name| match header.attributes.get(name) {
        Some(Attribute::Text(text)) => Ok(text.clone()),
        _ => Err(damaged(path, &format!("the attribute {name} is missing"))),
    };
    let known = [false, true].map(word_names);
    if !known.contains(&header.channels) {
        return Err(damaged(path, "its channels are not those of a film"));
    }
    Ok(Some(SumsHeader {
        record: text(RECORD)?,
        hash: text(HASH)?,
        width: header.width,
        height: header.height,
        words: header.channels.len(),
    }))
}

impl SumsHeader {
    /// Words of a pixel.
    #[must_use]
    pub fn n_words(&self) -> usize {
        self.words
    }

    /// Are sums of squares kept?
    #[must_use]
    pub fn has_variance(&self) -> bool {
        self.words == word_names(true).len()
    }
}

/// Reads the sums of `n_pixels` pixels and gives the words of each to `pixels`, some pixels at a time, in the order they
/// were written.
///
/// # Errors
/// When the file is damaged, or `pixels` says what is wrong. What was given before is then not to be trusted.
pub fn read_sums(
    path: &Path,
    header: &SumsHeader,
    n_pixels: u64,
    mut pixels: impl FnMut(&[u32]) -> Result<(), String>,
) -> Result<(), image::Error> {
    if shape(n_pixels) != (header.width, header.height) {
        return Err(damaged(path, "it holds other pixels than it says"));
    }
    let mut hasher = hasher(&header.record);
    let mut left = n_pixels as usize;
    let mut words = vec![0; header.width * header.words];
    let mut problem = None;
    read_integer_rows(path, PART, |row| {
        if row.len() != header.width * header.words {
            problem = Some("it holds other pixels than it says".to_owned());
            return false;
        }
        update(&mut hasher, row);
        let n = header.width.min(left);
        left -= n;
        for (column, words) in words.chunks_exact_mut(header.words).enumerate() {
            for (word, plane) in words.iter_mut().zip(row.chunks_exact(header.width)) {
                *word = plane[column];
            }
        }
        problem = pixels(&words[..n * header.words]).err();
        problem.is_none()
    })?;
    match problem {
        Some(problem) => Err(damaged(path, &problem)),
        None if hex(hasher.finalize().as_bytes()) == header.hash => Ok(()),
        None => Err(damaged(path, "its content is not what its checksum says")),
    }
}

fn hasher(record: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new_derive_key("skywell sums 1");
    hasher.update(&(record.len() as u64).to_le_bytes());
    hasher.update(record.as_bytes());
    hasher
}

fn update(hasher: &mut blake3::Hasher, words: &[u32]) {
    let mut bytes = Vec::with_capacity(words.len() * 4);
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    hasher.update(&bytes);
}

fn damaged(path: &Path, problem: &str) -> image::Error {
    image::Error::Malformed {
        path: path.to_owned(),
        problem: problem.to_owned(),
    }
}
