//! Cutting bytes where their content says so: an insertion or removal changes the pieces it
//! touches, and those before and after stay as they were.
//!
//! Source: Xia et al. 2016, "FastCDC: a Fast and Efficient Content-Defined Chunking Approach for
//! Data Deduplication", USENIX ATC; its gear hash and skipped minimum, without the two masks.

use std::ops::Range;

/// Shortest piece but for a file's last, bytes.
const MIN: usize = 256 << 10;
/// Longest piece, bytes.
pub(super) const MAX: usize = 4 << 20;
/// A cut falls where these bits of the hash are zero: once in 2²⁰ bytes after the shortest piece.
/// The highest bits, as they depend on the most bytes.
const MASK: u64 = ((1 << 20) - 1) << 44;
/// Bytes that the hash remembers: older ones are shifted out.
const WINDOW: usize = 64;

/// A random number for each byte.
const GEAR: [u64; 256] = gear();

/// Source: Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators" (SplitMix64).
const fn gear() -> [u64; 256] {
    let mut table = [0; 256];
    let mut state = 0_u64;
    let mut i = 0;
    while i < table.len() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        table[i] = z ^ (z >> 31);
        i += 1;
    }
    table
}

/// Length of the first piece of `bytes`, which are followed by more only if they are at least
/// [`MAX`]; 0 if there are none.
fn first(bytes: &[u8]) -> usize {
    let bytes = bytes.get(..MAX).unwrap_or(bytes);
    if bytes.len() <= MIN {
        return bytes.len();
    }
    let (skipped, rest) = bytes.split_at(MIN - WINDOW);
    let mut hash = 0_u64;
    for (i, &byte) in rest.iter().enumerate() {
        hash = (hash << 1).wrapping_add(GEAR[byte as usize]);
        if hash & MASK == 0 && i + 1 >= WINDOW {
            return skipped.len() + i + 1;
        }
    }
    bytes.len()
}

/// Cuts `bytes` into pieces. If they are not `last`, more follow: then what is left at the end,
/// less than [`MAX`], is not cut yet.
pub(super) fn cut(bytes: &[u8], last: bool) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) {
        if !last && rest.len() < MAX {
            break;
        }
        let end = start + first(rest);
        pieces.push(start..end);
        start = end;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Bytes without pattern.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u64;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .take(length)
        .collect()
    }

    fn hashes(bytes: &[u8]) -> HashSet<blake3::Hash> {
        let pieces = cut(bytes, true);
        pieces
            .into_iter()
            .map(|range| blake3::hash(&bytes[range]))
            .collect()
    }

    #[test]
    fn pieces_cover_all_bytes_in_order() {
        for length in [0, 1, MIN, MIN + 1, 9 << 20] {
            let bytes = noise(length);
            let mut end = 0;
            for range in cut(&bytes, true) {
                assert_eq!(range.start, end);
                assert!(range.len() <= MAX && !range.is_empty());
                end = range.end;
                assert!(range.len() >= MIN || end == length);
            }
            assert_eq!(end, length);
        }
    }

    #[test]
    fn zeros_are_cut_at_the_longest() {
        let pieces = cut(&vec![0; 3 * MAX], true);
        assert_eq!(pieces.len(), 3);
    }

    #[test]
    fn an_insertion_changes_the_piece_it_falls_in() {
        let bytes = noise(24 << 20);
        let before = hashes(&bytes);
        assert!(before.len() > 10, "{} pieces", before.len());
        for at in [0, 7 << 20, 20 << 20] {
            let mut changed = bytes.clone();
            changed.splice(at..at, *b"one more vertex");
            let new = hashes(&changed).difference(&before).count();
            assert!(new <= 2, "{new} new pieces");
        }
    }

    #[test]
    fn windows_give_the_same_pieces_as_the_whole() {
        let bytes = noise(20 << 20);
        let whole = cut(&bytes, true);
        let mut pieces = Vec::new();
        let mut start = 0;
        for end in [5 << 20, 6 << 20, 15 << 20, bytes.len()] {
            for range in cut(&bytes[start..end], end == bytes.len()) {
                pieces.push(pieces.last().map_or(0, |r: &Range<usize>| r.end)..start + range.end);
            }
            start = pieces.last().map_or(0, |range| range.end);
        }
        assert_eq!(pieces, whole);
    }
}
