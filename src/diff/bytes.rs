//! Whether two files are the same, byte for byte, without decoding them.

use super::Error;
use rayon::prelude::*;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes read at a time: two of these stay in a core's cache.
const BLOCK: usize = 1 << 18;
/// Bytes one thread compares in a row.
const STRETCH: u64 = 1 << 24;

/// Are the files' bytes the same?
///
/// Files are read, not mapped into memory: a mapped file that somebody shortens ends the program.
///
/// # Errors
/// [`Error::Io`].
pub fn are_identical(a: &Path, b: &Path) -> Result<bool, Error> {
    let size = |path: &Path| {
        std::fs::metadata(path)
            .map(|m| m.len())
            .map_err(io_error(path))
    };
    let (size_a, size_b) = (size(a)?, size(b)?);
    if size_a != size_b {
        return Ok(false);
    }
    let differ = AtomicBool::new(false);
    (0..size_a.div_ceil(STRETCH))
        .into_par_iter()
        .try_for_each(|stretch| {
            let mut readers = [reader(a, stretch)?, reader(b, stretch)?];
            let mut blocks = [vec![0; BLOCK], vec![0; BLOCK]];
            let mut left = STRETCH.min(size_a - stretch * STRETCH);
            while left > 0 && !differ.load(Ordering::Relaxed) {
                let n = left.min(BLOCK as u64) as usize;
                for ((reader, block), path) in readers.iter_mut().zip(&mut blocks).zip([a, b]) {
                    reader.read_exact(&mut block[..n]).map_err(io_error(path))?;
                }
                if blocks[0][..n] != blocks[1][..n] {
                    differ.store(true, Ordering::Relaxed);
                }
                left -= n as u64;
            }
            Ok::<(), Error>(())
        })?;
    Ok(!differ.into_inner())
}

fn reader(path: &Path, stretch: u64) -> Result<File, Error> {
    let mut file = File::open(path).map_err(io_error(path))?;
    file.seek(SeekFrom::Start(stretch * STRETCH))
        .map_err(io_error(path))?;
    Ok(file)
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        let mut bytes = vec![7_u8; STRETCH as usize + 100];
        std::fs::write(&a, &bytes).unwrap();
        std::fs::write(&b, &bytes).unwrap();
        assert!(are_identical(&a, &b).unwrap());
        bytes[STRETCH as usize + 50] = 8;
        std::fs::write(&b, &bytes).unwrap();
        assert!(!are_identical(&a, &b).unwrap());
        bytes.pop();
        std::fs::write(&b, &bytes).unwrap();
        assert!(!are_identical(&a, &b).unwrap());
        assert!(are_identical(&a, &folder.path().join("none")).is_err());
    }
}
