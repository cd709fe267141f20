//! Bytes that lie in a file instead of in memory.
//!
//! The system brings in what is looked at, and takes its memory back when it is needed elsewhere.

use memmap2::Mmap;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Deref;

/// Bytes in a temporary file that no folder lists: it is gone with the last who holds them, however the process ends.
#[derive(Debug)]
pub struct Spilled {
    file: File,
    /// `None` while there are no bytes: nothing cannot be mapped.
    map: Option<Mmap>,
}

impl Spilled {
    /// None yet. The file lies in the system's folder for temporary files (`TMPDIR`).
    ///
    /// # Errors
    /// When no file can be made there.
    pub fn new() -> io::Result<Self> {
        let file = tempfile::tempfile()?;
        Ok(Self { file, map: None })
    }

    /// Puts `pieces` at the end, one after the other. What is then in memory of them may be taken back.
    ///
    /// # Errors
    /// When there is no room for them. What was there before is then gone too.
    pub fn append<T: AsRef<[u8]>>(
        &mut self,
        pieces: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        self.map = None;
        for piece in pieces {
            self.file.write_all(piece.as_ref())?;
        }
        if self.file.metadata()?.len() > 0 {
            #[expect(unsafe_code, reason = "the system maps files this way only")]
            // SAFETY: nobody else knows the file, and it is written to only while it is not mapped
            let map = unsafe { Mmap::map(&self.file) }?;
            self.map = Some(map);
        }
        Ok(())
    }
}

impl Deref for Spilled {
    type Target = [u8];

    /// Begins where words of any size may.
    fn deref(&self) -> &[u8] {
        match &self.map {
            Some(map) => map,
            None => bytemuck::cast_slice::<u64, u8>(&[]),
        }
    }
}

impl PartialEq for Spilled {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_there_in_its_order() {
        let mut spilled = Spilled::new().unwrap();
        assert!(spilled.is_empty());
        assert!(bytemuck::cast_slice::<u8, u64>(&spilled).is_empty());
        spilled.append([[1_u8; 0]]).unwrap();
        assert!(spilled.is_empty());
        spilled.append([[1_u8, 2], [3, 4]]).unwrap();
        spilled.append([vec![5; 10_000]]).unwrap();
        assert_eq!(spilled.len(), 10_004);
        assert_eq!(spilled[..6], [1, 2, 3, 4, 5, 5]);
        assert_eq!(spilled.as_ptr() as usize % 16, 0);
    }
}
