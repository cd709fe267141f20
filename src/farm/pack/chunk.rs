//! Cutting bytes where their content says so: an insertion or removal changes the pieces it
//! touches, and those before and after stay as they were.
//!
//! Source: Xia et al. 2016, "FastCDC: a Fast and Efficient Content-Defined Chunking Approach for
//! Data Deduplication", USENIX ATC; its gear hash and skipped minimum, without the two masks.

use rayon::prelude::*;
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

/// Bytes that one thread looks through at a time.
const SEGMENT: usize = 1 << 20;
/// Bytes in a step of the search.
const STEP: usize = 16;

/// Where the content says that a piece may end: behind these bytes of `bytes[segment]`, ascending. The hash is that of
/// the bytes before, back to those of earlier segments.
fn ends(bytes: &[u8], segment: Range<usize>) -> Vec<usize> {
    let mut hash = 0_u64;
    let mut roll = |byte: u8| {
        hash = (hash << 1).wrapping_add(GEAR[byte as usize]);
        hash & MASK == 0
    };
    let before = segment.start.saturating_sub(WINDOW - 1)..segment.start;
    for &byte in &bytes[before] {
        roll(byte);
    }
    let mut found = Vec::new();
    let (steps, rest) = bytes[segment.clone()].as_chunks::<STEP>();
    // In steps of a known length, the hash stays in a register and nothing else is counted.
    for (i, step) in steps.iter().enumerate() {
        for (j, &byte) in step.iter().enumerate() {
            if roll(byte) {
                found.push(segment.start + i * STEP + j + 1);
            }
        }
    }
    for (i, &byte) in rest.iter().enumerate() {
        if roll(byte) {
            found.push(segment.end - rest.len() + i + 1);
        }
    }
    found
}

/// Cuts `bytes` into pieces, on all threads of the current rayon pool. If they are not `last`, more follow: then what is
/// left at the end, less than [`MAX`], is not cut yet.
pub(super) fn cut(bytes: &[u8], last: bool) -> Vec<Range<usize>> {
    let segments = (0..bytes.len()).into_par_iter().step_by(SEGMENT);
    let ends = segments.map(|start| ends(bytes, start..bytes.len().min(start + SEGMENT)));
    let ends: Vec<usize> = ends.collect::<Vec<_>>().concat();
    let mut ends = ends.into_iter().peekable();
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < bytes.len() && (last || bytes.len() - start >= MAX) {
        let longest = bytes.len().min(start + MAX);
        while ends.next_if(|end| *end < start + MIN).is_some() {}
        let end = ends.next_if(|end| *end <= longest).unwrap_or(longest);
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

    /// As it is done without threads: byte for byte from where the shortest piece may end.
    fn first(bytes: &[u8]) -> usize {
        let longest = bytes.len().min(MAX);
        let asks_for_cut = |end: &usize| {
            let window = &bytes[end - WINDOW..*end];
            let hash = (window.iter()).fold(0_u64, |hash, &byte| {
                (hash << 1).wrapping_add(GEAR[byte as usize])
            });
            hash & MASK == 0
        };
        (MIN..=longest).find(asks_for_cut).unwrap_or(longest)
    }

    #[test]
    fn segments_are_seamless() {
        let bytes = noise(SEGMENT * 5 + 77);
        let mut rest = bytes.as_slice();
        for range in cut(&bytes, true) {
            assert_eq!(range.len(), first(rest));
            rest = &rest[range.len()..];
        }
        assert!(rest.is_empty());
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
