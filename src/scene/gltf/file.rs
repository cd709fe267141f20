//! The bytes of a file: mapped where that pays, so that a large scene is never held twice.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

/// Smaller files are read: a map costs more than it saves.
const MIN_MAPPED: u64 = 1 << 20;
/// How much of a map is hashed before its pages are given back.
const WINDOW: usize = 32 << 20;
/// The least that is worth giving back.
const MIN_GIVEN_BACK: usize = 1 << 20;

/// The whole of a file.
#[derive(Debug)]
pub enum FileBytes {
    /// Copied into memory.
    Read(Vec<u8>),
    /// Mapped into the address space; only what is being looked at is resident.
    Mapped(memmap2::Mmap),
}

impl FileBytes {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.len() >= MIN_MAPPED {
            #[expect(unsafe_code, reason = "the system maps files this way only")]
            // SAFETY: the map is private and read only. Whoever shortens the file meanwhile ends
            // this process with a signal, and whoever writes into it changes what is read here, as
            // with any reader that takes its time; all that is read is checked as it is read, each
            // value once.
            return unsafe { memmap2::MmapOptions::new().map_copy_read_only(&file) }
                .map(Self::Mapped);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Self::Read(bytes))
    }

    /// Feeds all bytes to `hasher`; none of them stay resident for it.
    pub(super) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        for window in self.chunks(WINDOW) {
            hasher.update(window);
            self.give_back(window);
        }
    }

    /// The BLAKE3 of all bytes.
    pub(super) fn hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        self.hash_into(&mut hasher);
        hasher.finalize()
    }

    /// Gives the memory of `part` back to the system, if it is a part of this map. It may be
    /// looked at again: it is then read from the file once more.
    pub(super) fn give_back(&self, part: &[u8]) {
        #[cfg(unix)]
        if let Self::Mapped(map) = self {
            let start = (part.as_ptr() as usize).checked_sub(map.as_ptr() as usize);
            if let Some(start) = start.filter(|start| start + part.len() <= map.len()) {
                #[expect(unsafe_code, reason = "the system takes pages back this way only")]
                // SAFETY: the map is read only, so no page differs from the file; a page that is
                // looked at again is filled from the file again. A refusal costs memory, no more.
                let _kept = unsafe {
                    map.unchecked_advise_range(
                        memmap2::UncheckedAdvice::DontNeed,
                        start,
                        part.len(),
                    )
                };
            }
        }
    }

    /// As [`FileBytes::give_back`], when `part` is large enough for that to matter.
    pub(super) fn give_back_large(&self, part: &[u8]) {
        if part.len() >= MIN_GIVEN_BACK {
            self.give_back(part);
        }
    }
}

impl Deref for FileBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Read(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_of(length: usize) -> (tempfile::NamedTempFile, Vec<u8>) {
        let bytes: Vec<u8> = (0..length).map(|i| (i / 3) as u8).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        (file, bytes)
    }

    #[test]
    fn large_files_are_mapped_and_small_ones_read() {
        for (length, mapped) in [
            (0, false),
            (5, false),
            (MIN_MAPPED as usize, true),
            (WINDOW + 5, true),
        ] {
            let (file, bytes) = file_of(length);
            let opened = FileBytes::open(file.path()).unwrap();
            assert_eq!(matches!(opened, FileBytes::Mapped(_)), mapped, "{length}");
            assert!(*opened == *bytes);
        }
    }

    #[test]
    fn what_was_given_back_is_still_there() {
        let (file, bytes) = file_of(WINDOW + 12345);
        let opened = FileBytes::open(file.path()).unwrap();
        assert_eq!(opened.hash(), blake3::hash(&bytes));
        opened.give_back(&opened[1000..WINDOW]);
        opened.give_back(&bytes);
        opened.give_back(&[]);
        assert!(*opened == *bytes);
    }
}
