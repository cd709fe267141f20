//! In how many shards to render each frame of a shot so that all workers end together.
//!
//! Few large shards leave workers idle at the end, many small ones pay for starting. So a shard is a fixed part of the
//! work that is left when its turn comes: large at first, small at last. Source: Polychronopoulos and Kuck 1987,
//! "Guided Self-Scheduling: A Practical Scheduling Scheme for Parallel Supercomputers", IEEE Transactions on Computers
//! C-36(12). Departs: by whole frames, and by [`EASE`].

/// A shard is the work that is left over this times the workers, as `[numerator, denominator]`: 1 would leave no room
/// for frames and shards that take longer than others. From 1.2 to 1.8 what `benches/farm_simulation` shows falls by
/// less than a percent.
const EASE: [u64; 2] = [5, 4];

/// Shards of each of `n_frames` frames of about the same cost, in the order of their rendering by `workers` workers;
/// never fewer than `least`, nor more than both that and the workers.
///
/// # Examples
/// ```
/// let shards: Vec<u32> = skywell::farm::tapered(100, 1000, 1).collect();
/// assert_eq!((shards[0], shards[50], shards[99]), (13, 25, 1000));
/// ```
pub fn tapered(n_frames: u32, workers: u32, least: u32) -> impl Iterator<Item = u32> {
    let least = least.max(1);
    let most = u64::from(workers.max(least));
    (0..n_frames).map(move |frame| {
        let left = u64::from(n_frames - frame);
        let wanted = (u64::from(workers) * EASE[0]).div_ceil(left * EASE[1]);
        // Not above `most`, which is a u32.
        wanted.clamp(u64::from(least), most) as u32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_grow_in_number_towards_the_end() {
        let shards: Vec<u32> = tapered(300, 64, 3).collect();
        assert_eq!(shards.len(), 300);
        assert!(shards.is_sorted());
        assert_eq!((shards[0], shards[299]), (3, 64));
    }

    #[test]
    fn extremes() {
        assert_eq!(tapered(2, 1, 5).collect::<Vec<_>>(), [5, 5]);
        assert_eq!(tapered(1, u32::MAX, 0).collect::<Vec<_>>(), [u32::MAX]);
        assert_eq!(tapered(0, 9, 1).count(), 0);
    }
}
