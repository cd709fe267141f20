//! What frames, shards and sequences will take, from what a sample of a frame took. Arithmetic
//! only; who takes the sample is [`crate::session`].
//!
//! How close it is: `benches/farm_simulation/estimate.sh` prints predicted / taken. November 2026, two threads of an AMD
//! EPYC with nothing else to do, 960 × 540, 8 samples a pixel, a sample of one second; a project scene, one of Khronos's
//! samples, and one of the project's tests:
//!
//! | scene | of it | time, s | all machines, s | memory, MB |
//! |---|---|---|---|---|
//! | skywell.glb | the frame | 6.6 / 6.8 = 0.97 | 6.6 / 6.8 = 0.97 | 80 / 80 = 1.00 |
//! | | 4 shards | 2.1 / 2.2 = 0.97 | 7.4 / 7.9 = 0.94 | |
//! | | 16 shards | 0.8 / 0.8 = 1.01 | 8.7 / 9.2 = 0.95 | |
//! | | 4 frames | 27.5 / 26.5 = 1.04 | 27.5 / 26.5 = 1.04 | 87 / 84 = 1.04 |
//! | SheenChair | the frame | 0.7 / 0.7 = 0.99 | 0.7 / 0.7 = 0.99 | 85 / 84 = 1.01 |
//! | | 4 shards | 0.5 / 0.5 = 1.02 | 1.5 / 1.5 = 1.00 | |
//! | | 16 shards | 0.3 / 0.4 = 0.83 | 3.4 / 3.4 = 0.99 | |
//! | | 4 frames | 2.7 / 2.8 = 0.95 | 2.7 / 2.8 = 0.95 | 92 / 84 = 1.10 |
//! | room.glb | the frame | 1.9 / 1.9 = 0.99 | 1.9 / 1.9 = 0.99 | 77 / 77 = 1.01 |
//! | | 4 shards | 0.8 / 0.7 = 1.07 | 2.3 / 2.4 = 0.95 | |
//! | | 16 shards | 0.4 / 0.4 = 1.03 | 2.7 / 3.2 = 0.86 | |
//! | | 4 frames | 7.5 / 7.6 = 0.99 | 7.5 / 7.6 = 0.99 | 82 / 81 = 1.01 |
//!
//! What takes half a second is told worse if others use the machine too: 0.7 was seen.

/// What a frame costs on one machine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrameCost {
    /// Starting, reading and compiling the scene, seconds; every shard pays it.
    pub start_s: f64,
    /// Tracing all of it, seconds.
    pub render_s: f64,
    /// Developing and writing the picture, seconds.
    pub write_s: f64,
    /// Writing all of it as shards but for [`Self::write_shard_s`], seconds.
    pub write_shards_s: f64,
    /// Writing a shard, however small, seconds.
    pub write_shard_s: f64,
    /// Getting ready to merge, seconds.
    pub ready_to_merge_s: f64,
    /// Reading and checking all of it as shards but for [`Self::read_shard_s`], seconds of one thread.
    pub read_shards_s: f64,
    /// Reading a shard, however small, seconds of one thread.
    pub read_shard_s: f64,
    /// Threads that read shards, one at a time each.
    pub threads: u32,
    /// CPU time of the frame on one machine, all threads together, in user mode, seconds; `None` if the system does
    /// not tell.
    pub user_cpu_s: Option<f64>,
    /// Most memory resident at once, bytes; `None` if the system does not tell.
    pub memory_bytes: Option<u64>,
}

/// The slowest shard's tracing over the mean's: shards see all parts of the frame and differ little
/// (1.03 was measured, on the README's picture in 16 shards); the rest is caution.
pub const IMBALANCE: f64 = 1.1;

/// What something will take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prediction {
    /// From start to the picture, with as many machines as there are shards, seconds.
    pub wall_s: f64,
    /// Work of all machines together, seconds.
    pub machine_s: f64,
}

impl Prediction {
    /// Energy of machines of so many watts, joules.
    #[must_use]
    pub fn energy_j(&self, watts: f64) -> f64 {
        self.machine_s * watts
    }

    /// Cost of machines at such a price an hour, in its currency.
    #[must_use]
    pub fn cost(&self, price_an_hour: f64) -> f64 {
        self.machine_s / 3600.0 * price_an_hour
    }
}

impl FrameCost {
    /// The frame in so many shards, each on a machine of its own, merged on one of them; 1 renders
    /// it whole.
    #[must_use]
    pub fn in_shards(&self, shards: u32) -> Prediction {
        if shards <= 1 {
            let alone = self.start_s + self.render_s + self.write_s;
            return Prediction {
                wall_s: alone,
                machine_s: alone,
            };
        }
        let n = f64::from(shards);
        let merge_s = self.merge_s(shards);
        Prediction {
            wall_s: self.start_s
                + (self.render_s * IMBALANCE + self.write_shards_s) / n
                + self.write_shard_s
                + merge_s,
            machine_s: (self.start_s + self.write_shard_s) * n
                + self.render_s
                + self.write_shards_s
                + merge_s,
        }
    }

    /// Merging so many shards, seconds.
    #[must_use]
    pub fn merge_s(&self, shards: u32) -> f64 {
        let read_s = self.read_shards_s + self.read_shard_s * f64::from(shards);
        let at_once = self.threads.min(shards).max(1);
        self.ready_to_merge_s + read_s / f64::from(at_once) + self.write_s
    }

    /// The mean of frames, with the most memory of any; all zero of none.
    #[must_use]
    pub fn mean(costs: &[Self]) -> Self {
        let n = costs.len().max(1) as f64;
        let mean = |part: fn(&Self) -> f64| costs.iter().map(part).sum::<f64>() / n;
        Self {
            start_s: mean(|c| c.start_s),
            render_s: mean(|c| c.render_s),
            write_s: mean(|c| c.write_s),
            write_shards_s: mean(|c| c.write_shards_s),
            write_shard_s: mean(|c| c.write_shard_s),
            ready_to_merge_s: mean(|c| c.ready_to_merge_s),
            read_shards_s: mean(|c| c.read_shards_s),
            read_shard_s: mean(|c| c.read_shard_s),
            threads: costs.iter().map(|c| c.threads).max().unwrap_or(0),
            user_cpu_s: (costs.iter().map(|c| c.user_cpu_s).sum::<Option<f64>>())
                .map(|sum| sum / n),
            memory_bytes: costs.iter().filter_map(|c| c.memory_bytes).max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: FrameCost = FrameCost {
        start_s: 2.0,
        render_s: 640.0,
        write_s: 1.0,
        write_shards_s: 3.2,
        write_shard_s: 0.25,
        ready_to_merge_s: 0.5,
        read_shards_s: 1.5,
        read_shard_s: 0.001,
        threads: 1,
        user_cpu_s: Some(1280.0),
        memory_bytes: Some(1 << 30),
    };

    #[test]
    fn one_shard_is_the_frame_itself() {
        assert_eq!(COST.in_shards(1).wall_s, 643.0);
        assert_eq!(COST.in_shards(1).machine_s, 643.0);
    }

    #[test]
    fn shards_take_less_time_and_more_work() {
        let alone = COST.in_shards(1);
        let many = COST.in_shards(64);
        assert!(
            (many.wall_s - (2.0 + 11.0 + 0.05 + 0.25 + 3.064)).abs() < 1e-9,
            "{many:?}"
        );
        assert!(
            (many.machine_s - (128.0 + 16.0 + 640.0 + 3.2 + 3.064)).abs() < 1e-9,
            "{many:?}"
        );
        assert!(many.wall_s < alone.wall_s && many.machine_s > alone.machine_s);
    }

    #[test]
    fn shards_are_read_side_by_side() {
        let cost = FrameCost { threads: 8, ..COST };
        assert!((cost.merge_s(64) - (0.5 + 1.564 / 8.0 + 1.0)).abs() < 1e-9);
        assert!((cost.merge_s(2) - (0.5 + 1.502 / 2.0 + 1.0)).abs() < 1e-9);
    }

    #[test]
    fn energy_and_cost_go_by_the_work_of_all_machines() {
        let hour = Prediction {
            wall_s: 60.0,
            machine_s: 3600.0,
        };
        assert_eq!(hour.energy_j(300.0), 1.08e6);
        assert_eq!(hour.cost(2.5), 2.5);
    }

    #[test]
    fn means() {
        let dear = FrameCost {
            render_s: 660.0,
            memory_bytes: Some(2 << 30),
            ..COST
        };
        let mean = FrameCost::mean(&[COST, dear]);
        assert_eq!((mean.render_s, mean.memory_bytes), (650.0, Some(2 << 30)));
        assert_eq!(mean.user_cpu_s, Some(1280.0));
        let nothing = FrameCost {
            user_cpu_s: Some(0.0),
            ..FrameCost::default()
        };
        assert_eq!(FrameCost::mean(&[]), nothing);
    }
}
