//! From the words a device sums in to a film.

use super::fault::Fault;
use crate::compiled::record::{FILM_ROWS, FILM_ROWS_WITH_SQUARES, REJECTED_CAPACITY, RejectedPath};
use crate::film::{Film, PixelSums, RejectedSample};
use crate::settings::Region;

/// The film of `tile` from its rows, `FILM_ROWS` or `FILM_ROWS_WITH_SQUARES` a pixel.
pub fn film(tile: Region, variance: bool, rows: &[[u32; 4]]) -> Result<Film, Fault> {
    let mut film = Film::new(tile, variance).map_err(|e| Fault::Refused(e.to_string()))?;
    let per_pixel = if variance {
        FILM_ROWS_WITH_SQUARES
    } else {
        FILM_ROWS
    } as usize;
    let coordinates = (tile.y0..tile.y1).flat_map(|y| (tile.x0..tile.x1).map(move |x| (x, y)));
    for ((x, y), rows) in coordinates.zip(rows.chunks_exact(per_pixel)) {
        let mut received = PixelSums {
            sums: std::array::from_fn(|channel| wide(rows[channel]).cast_signed()),
            count: rows[4][0],
            ..PixelSums::default()
        };
        if variance {
            received.squares = std::array::from_fn(|channel| wide(rows[5 + channel]));
        }
        film.add_sums(x, y, &received);
    }
    Ok(film)
}

/// Adds the list of rejected samples: a count, three words, and entries.
pub fn add_rejected(film: &mut Film, bytes: &[u8]) {
    let (head, entries) = bytes.split_at(16);
    let count: [u32; 4] = bytemuck::pod_read_unaligned(head);
    let known = count[0].min(REJECTED_CAPACITY) as usize;
    let named = entries
        .chunks_exact(size_of::<RejectedPath>())
        .take(known)
        .map(bytemuck::pod_read_unaligned::<RejectedPath>)
        .map(|entry| RejectedSample {
            x: entry.pixel & 0xffff,
            y: entry.pixel >> 16,
            sample: entry.sample_index,
            values: entry.values,
        });
    film.add_rejected(u64::from(count[0]), named);
}

/// A number of 128 bits from its words, lowest first.
fn wide(words: [u32; 4]) -> u128 {
    words
        .into_iter()
        .rev()
        .fold(0, |number, word| number << 32 | u128::from(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lowest_first() {
        assert_eq!(wide([1, 2, 3, 4]), 1 | 2 << 32 | 3 << 64 | 4 << 96);
        assert_eq!(wide([u32::MAX; 4]).cast_signed(), -1);
    }

    #[test]
    fn rejected_samples_keep_their_names() {
        let tile = Region::full(4, 4);
        let mut film = Film::new(tile, false).unwrap();
        let mut bytes = vec![0_u8; 16 + 2 * size_of::<RejectedPath>()];
        bytes[0] = 2;
        bytes[16] = 3;
        bytes[18] = 1;
        add_rejected(&mut film, &bytes);
        assert_eq!(film.rejected().count(), 2);
        let first = film.rejected().first();
        assert_eq!((first[1].x, first[1].y), (3, 1));
    }
}
