//! Scene tables as kernels see them.

use std::marker::PhantomData;

/// Words that an empty table is read from: one zero row, larger than any record.
static NOTHING: [u128; 16] = [0; 16];

/// A storage buffer: rows of 32-bit words.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    words: *const u32,
    last: u32,
    lifetime: PhantomData<&'a [u32]>,
}

impl<'a> Table<'a> {
    /// A table of `rows`; reads of an empty one give zeros.
    ///
    /// # Panics
    /// Tables of 16 GiB or more.
    #[inline]
    pub fn new<T: bytemuck::Pod>(rows: &'a [T]) -> Self {
        const {
            assert!(
                size_of::<T>().is_multiple_of(4)
                    && align_of::<T>() >= 4
                    && size_of::<T>() <= size_of_val(&NOTHING)
            )
        };
        assert!(
            size_of_val(rows) / 4 <= u32::MAX as usize,
            "a table is limited to 16 GiB"
        );
        let words = if rows.is_empty() {
            NOTHING.as_ptr().cast()
        } else {
            rows.as_ptr().cast()
        };
        let last = rows.len().saturating_sub(1) as u32;
        Self {
            words,
            last,
            lifetime: PhantomData,
        }
    }

    /// Index of the last row.
    #[inline(always)]
    pub fn last(self) -> u32 {
        self.last
    }

    /// Rows, at least one.
    #[inline(always)]
    pub fn length(self) -> u32 {
        self.last + 1
    }

    /// The first word of the first row.
    #[inline(always)]
    pub fn words(self) -> *const u32 {
        self.words
    }

    /// Word `word` of row `row` (clamped), the same for all lanes; `stride` is the table's, in words.
    #[inline(always)]
    pub fn word(self, row: u32, stride: u32, word: u32) -> u32 {
        let at = row.min(self.last) as usize * stride as usize + word as usize;
        // SAFETY: the row exists, and the generated code asks for words inside a row only
        unsafe { self.words.add(at).read() }
    }
}
