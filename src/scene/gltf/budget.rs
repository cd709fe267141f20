//! How much memory a file may ask for, and how much reading.
//!
//! A few bytes can stand for gigabytes: of compressed geometry, of an image, of the same buffer
//! read a thousand times. What a file of its size can reasonably become is granted; beyond, all
//! its parts together share a fixed sum, so that an enemy's file ends in an error before memory
//! does. The sum counts what stays, so its order, and thus the number of threads, does not matter.

use super::error::Fault;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes granted whatever the size of the file. Decoders take as much again while they are at it.
const BASE: u64 = 512 << 20;
/// Bytes granted for each byte of the file. Draco needs most: a regular grid of vertices with
/// normals, tangents and texture coordinates takes some 100 times its compressed size.
const PER_BYTE: u64 = 256;

/// Bytes of accessors that may be read whatever the size of the file: a second or two.
const READING_BASE: u64 = 1 << 30;
/// Bytes of accessors that may be read for each byte of the file: many primitives may share some.
const READING_PER_BYTE: u64 = 64;

/// Bytes granted beside for images of which little is in the file, because they show little.
const FLAT_IMAGES: u64 = 1 << 30;

/// Counts memory down.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicU64,
    left_to_read: AtomicU64,
    left_for_flat_images: AtomicU64,
}

impl Budget {
    /// For a scene read from `file_bytes` bytes.
    pub(super) fn new(file_bytes: u64) -> Self {
        let granted = |base: u64, per_byte| {
            base.saturating_add(file_bytes.saturating_mul(per_byte))
                .into()
        };
        Self {
            left: granted(BASE, PER_BYTE),
            left_to_read: granted(READING_BASE, READING_PER_BYTE),
            left_for_flat_images: AtomicU64::new(FLAT_IMAGES),
        }
    }

    /// Takes as much of `bytes` as is left of what is granted for flat images; the rest of them.
    pub(super) fn take_for_flat_image(&self, bytes: u64) -> u64 {
        let taken =
            self.left_for_flat_images
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    Some(left.saturating_sub(bytes))
                });
        bytes.saturating_sub(taken.unwrap_or_default())
    }

    /// Takes `bytes` for what is at the JSON pointer `path`.
    ///
    /// # Errors
    /// When there are not so many left.
    pub(super) fn take(&self, bytes: u64, path: &str) -> Result<(), Fault> {
        subtract(&self.left, bytes).map_err(|left| {
            let what = format!(
                "needs {bytes} bytes of memory, and only {left} of those are left that a file of this size may ask for"
            );
            Fault::invalid(path, what).cure(
                "if the file is not meant as an attack, export it uncompressed or in parts",
            )
        })
    }

    /// Takes `bytes` for reading the accessor at the JSON pointer `path` once.
    ///
    /// # Errors
    /// When there are not so many left.
    pub(super) fn take_reading(&self, bytes: u64, path: &str) -> Result<(), Fault> {
        subtract(&self.left_to_read, bytes).map_err(|left| {
            let what = format!(
                "has {bytes} bytes to be read once more, and only {left} of those are left that a file of this size may have read"
            );
            Fault::invalid(path, what).cure(
                "if the file is not meant as an attack, give those who share this accessor ones of their own",
            )
        })
    }
}

/// Subtracts `bytes` from what is `left`, or says how much that is.
fn subtract(left: &AtomicU64, bytes: u64) -> Result<(), u64> {
    let subtracted = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(bytes)
    });
    subtracted.map(|_before| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_share_one_sum() {
        let budget = Budget::new(2);
        budget.take(BASE, "/a").unwrap();
        budget.take(500, "/b").unwrap();
        let error = budget
            .take(13, "/c")
            .unwrap_err()
            .in_file("a.glb")
            .to_string();
        assert!(
            error.starts_with("a.glb: /c: needs 13 bytes") && error.contains("only 12 "),
            "{error}"
        );
        budget.take(12, "/d").unwrap();
        Budget::new(u64::MAX).take(u64::MAX, "/e").unwrap();
        budget.take_reading(READING_BASE, "/f").unwrap();
        assert!(budget.take_reading(2 * READING_PER_BYTE + 1, "/g").is_err());
        assert_eq!(budget.take_for_flat_image(FLAT_IMAGES - 1), 0);
        assert_eq!(budget.take_for_flat_image(5), 4);
        assert_eq!(budget.take_for_flat_image(5), 5);
    }
}
