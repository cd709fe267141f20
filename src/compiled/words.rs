//! A table of words that may be too large for memory.

use crate::scene::spill::Spilled;
use std::io;
use std::ops::Deref;

/// Words written to a file at a time.
const WORDS_AT_A_TIME: usize = 1 << 16;

/// Words, in memory or in a file that the system brings in as it is looked at.
#[derive(Debug)]
pub enum Words {
    /// In memory.
    Memory(Vec<u32>),
    /// In a file.
    File(Spilled),
}

impl Words {
    /// None yet, of which there will be `n`: in a file if they take more than `memory` bytes.
    ///
    /// # Errors
    /// When no file can be made.
    pub fn new(n: usize, memory: u64) -> io::Result<Self> {
        if (n * size_of::<u32>()) as u64 > memory {
            Ok(Self::File(Spilled::new()?))
        } else {
            Ok(Self::Memory(Vec::with_capacity(n)))
        }
    }

    /// Puts `words` at the end.
    ///
    /// # Errors
    /// When the file has no room for them.
    pub fn extend(&mut self, mut words: impl Iterator<Item = u32>) -> io::Result<()> {
        match self {
            Self::Memory(all) => {
                all.extend(words);
                Ok(())
            }
            Self::File(spilled) => spilled.append(std::iter::from_fn(|| {
                let piece: Vec<u32> = words.by_ref().take(WORDS_AT_A_TIME).collect();
                (!piece.is_empty()).then(|| bytemuck::cast_slice(&piece).to_vec())
            })),
        }
    }

    /// Bytes of memory that they hold for themselves.
    pub fn bytes_in_memory(&self) -> usize {
        match self {
            Self::Memory(words) => size_of_val(words.as_slice()),
            Self::File(_) => 0,
        }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::Memory(Vec::new())
    }
}

impl Deref for Words {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Self::Memory(words) => words,
            Self::File(bytes) => bytemuck::cast_slice(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_wherever_they_lie() {
        let n = WORDS_AT_A_TIME + 7;
        let words = |memory| {
            let mut words = Words::new(n, memory).unwrap();
            assert!(words.is_empty());
            words.extend(0..n as u32).unwrap();
            words.extend([9, 8].into_iter()).unwrap();
            words
        };
        let (memory, file) = (words(u64::MAX), words(n as u64));
        assert!(matches!(
            (&memory, &file),
            (Words::Memory(_), Words::File(_))
        ));
        assert!(*memory == *file);
        assert_eq!(memory.len(), n + 2);
        assert_eq!(memory[n - 1..], [n as u32 - 1, 9, 8]);
        assert_eq!(
            (memory.bytes_in_memory(), file.bytes_in_memory()),
            (4 * (n + 2), 0)
        );
    }
}
