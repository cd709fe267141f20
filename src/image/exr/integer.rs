//! A part of a file that holds whole numbers, bit for bit, read row by row: it may be larger than memory.

use super::Attribute;
use super::read::{attributes_of, check_headers, explain};
use crate::image::Error;
use ::exr::block::reader::ChunksReader;
use ::exr::meta::MetaData;
use ::exr::meta::attribute::SampleType;
use ::exr::meta::header::Header;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// A part to be written beside a picture.
#[derive(Debug)]
pub struct IntegerPart<'a> {
    /// Name of the part.
    pub name: &'a str,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Names and planes, `[y][x]`.
    pub channels: Vec<(String, Vec<u32>)>,
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// What a file says of its part of whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegerHeader {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Names of the planes, sorted.
    pub channels: Vec<String>,
    /// Attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// Reads what the header of the part called `name` says; `None` if there is no such part, or it holds other than
/// whole numbers.
///
/// # Errors
/// When the file is not an OpenEXR file or its headers are damaged.
pub fn read_integer_header(path: &Path, name: &str) -> Result<Option<IntegerHeader>, Error> {
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    let metadata = file.metadata().map_err(|source| Error::io(path, source))?;
    let meta = MetaData::read_from_unbuffered(file, false).map_err(|error| explain(path, error))?;
    check_headers(&meta, metadata.len(), path)?;
    let header = find(&meta, name).map(|index| &meta.headers[index]);
    Ok(header.map(|header| IntegerHeader {
        width: header.layer_size.width(),
        height: header.layer_size.height(),
        channels: (header.channels.list.iter())
            .map(|channel| channel.name.to_string())
            .collect(),
        attributes: attributes_of(header),
    }))
}

/// Gives each row of the part called `name` to `row`, from the top: all samples of its first channel, then of the
/// second … Ends when `row` returns false.
///
/// # Errors
/// When the file cannot be read, is damaged, or has no such part.
pub fn read_integer_rows(
    path: &Path,
    name: &str,
    mut row: impl FnMut(&[u32]) -> bool,
) -> Result<(), Error> {
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    let reader = ::exr::block::read(BufReader::new(file), false);
    let reader = reader.map_err(|error| explain(path, error))?;
    let headers = reader.headers();
    let missing = || Error::malformed(path, format!("there is no part \"{name}\""));
    let index = headers
        .iter()
        .position(|h| is_named(h, name))
        .ok_or_else(missing)?;
    let n_channels = headers[index].channels.list.len();
    let (width, height) = (
        headers[index].layer_size.width(),
        headers[index].layer_size.height(),
    );
    let chunks = reader
        .filter_chunks(false, |_, _, block| block.layer == index)
        .map_err(|error| explain(path, error))?;
    let mut next_row = 0;
    let mut numbers = Vec::with_capacity(width * n_channels);
    let mut blocks = chunks.sequential_decompressor(false);
    while let Some(block) = blocks.decompress_next_block() {
        let block = block.map_err(|error| explain(path, error))?;
        let (position, size) = (block.index.pixel_position, block.index.pixel_size);
        if block.index.layer != index || position.y() != next_row || size.width() != width {
            return Err(Error::malformed(path, "its blocks are out of order"));
        }
        next_row += size.height();
        let (words, _) = block.data.as_chunks::<4>();
        for line in words.chunks_exact(width * n_channels) {
            numbers.clear();
            numbers.extend(line.iter().map(|bytes| u32::from_ne_bytes(*bytes)));
            if !row(&numbers) {
                return Ok(());
            }
        }
    }
    if next_row == height {
        Ok(())
    } else {
        Err(Error::malformed(path, "rows are missing"))
    }
}

/// Index of the part of this name, if it holds whole numbers by scanlines.
fn find(meta: &MetaData, name: &str) -> Option<usize> {
    meta.headers.iter().position(|h| is_named(h, name))
}

fn is_named(header: &Header, name: &str) -> bool {
    let layer_name = header.own_attributes.layer_name.as_ref();
    let channels = &header.channels.list;
    layer_name.is_some_and(|layer| layer.as_slice() == name.as_bytes())
        && channels.iter().all(|c| c.sample_type == SampleType::U32)
        && !header.blocks.has_tiles()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::exr::{Channel, Exr, Precision, Window, read, write_with_integers};
    use std::io::Cursor;

    fn picture() -> Exr {
        let window = Window {
            x: 2,
            y: 1,
            width: 3,
            height: 2,
        };
        Exr {
            name: "picture".to_owned(),
            display: Window {
                x: 0,
                y: 0,
                width: 8,
                height: 8,
            },
            data: window,
            chromaticities: None,
            is_cube: false,
            channels: vec![Channel {
                name: "R".to_owned(),
                precision: Precision::Half,
                samples: vec![0.5; 6],
            }],
            attributes: BTreeMap::from([("skywell:a".to_owned(), Attribute::Integer(1))]),
        }
    }

    fn plane(seed: u32) -> Vec<u32> {
        (0..70 * 40_u32)
            .map(|i| (i ^ seed).wrapping_mul(0x9e37_79b9))
            .collect()
    }

    fn written() -> Vec<u8> {
        let part = IntegerPart {
            name: "numbers",
            width: 70,
            height: 40,
            channels: vec![("b".to_owned(), plane(2)), ("a".to_owned(), plane(1))],
            attributes: BTreeMap::from([
                ("skywell:z".to_owned(), Attribute::Text("天".to_owned())),
                ("skywell:b".to_owned(), Attribute::Integer(2)),
            ]),
        };
        let mut stream = Cursor::new(Vec::new());
        write_with_integers(&picture(), part, &mut stream).unwrap();
        stream.into_inner()
    }

    #[test]
    fn numbers_and_picture_come_back_and_the_bytes_are_the_same() {
        let bytes = written();
        assert_eq!(bytes, written());
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shard.exr");
        std::fs::write(&path, &bytes).unwrap();
        let parts = read(&path).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0], picture());
        assert_eq!(read_integer_header(&path, "picture").unwrap(), None);
        let header = read_integer_header(&path, "numbers").unwrap().unwrap();
        assert_eq!((header.width, header.height), (70, 40));
        assert_eq!(header.channels, ["a", "b"]);
        assert_eq!(header.attributes["skywell:b"], Attribute::Integer(2));
        let (mut a, mut b) = (Vec::<u32>::new(), Vec::<u32>::new());
        read_integer_rows(&path, "numbers", |row| {
            a.extend(&row[..70]);
            b.extend(&row[70..]);
            true
        })
        .unwrap();
        assert!(a == plane(1) && b == plane(2));
    }

    #[test]
    fn damage_is_an_error_or_changes_nothing() {
        let bytes = written();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shard.exr");
        for length in (0..bytes.len()).step_by(97) {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(
                read_integer_rows(&path, "numbers", |_| true).is_err(),
                "{length}"
            );
        }
        let mut damaged = bytes.clone();
        for at in (0..bytes.len()).step_by(61) {
            damaged[at] ^= 0x55;
            std::fs::write(&path, &damaged).unwrap();
            let _ = read_integer_header(&path, "numbers");
            let _ = read_integer_rows(&path, "numbers", |_| true);
            damaged[at] = bytes[at];
        }
    }
}
