//! The simulation itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::Costs;

/// What is rendered, by whom.
#[derive(Clone, Debug)]
pub struct Plan {
    pub workers: usize,
    /// Sequences; a worker fetches each once.
    pub shots: usize,
    /// Shards of each frame of a shot.
    pub shards: Vec<usize>,
    /// Mean time to trace a frame, seconds.
    pub frame_s: f64,
    /// Does a task that failed go on at once where it was, from its checkpoint? Otherwise the merge
    /// finds it missing when all others have ended, and it begins anew.
    pub retries_in_place: bool,
}

/// Where the time of all workers went, seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Until the last picture was written; not a sum over workers.
    pub wall_s: f64,
    /// Tracing what ends up in pictures.
    pub useful_s: f64,
    /// Dispatching, reading and compiling.
    pub start_s: f64,
    /// Bringing scenes to workers.
    pub transfer_s: f64,
    /// Writing shards and merging them.
    pub merge_s: f64,
    /// Tracing what was lost, and starting again.
    pub failure_s: f64,
    /// Nothing to do.
    pub idle_s: f64,
}

impl Outcome {
    /// All of it.
    pub fn total_s(&self) -> f64 {
        self.useful_s + self.start_s + self.transfer_s + self.merge_s + self.failure_s + self.idle_s
    }

    /// Part of the time that was useful.
    pub fn efficiency(&self) -> f64 {
        self.useful_s / self.total_s()
    }

    pub fn mean(of: &[Self]) -> Self {
        let mean = |part: fn(&Self) -> f64| of.iter().map(part).sum::<f64>() / of.len() as f64;
        Self {
            wall_s: mean(|o| o.wall_s),
            useful_s: mean(|o| o.useful_s),
            start_s: mean(|o| o.start_s),
            transfer_s: mean(|o| o.transfer_s),
            merge_s: mean(|o| o.merge_s),
            failure_s: mean(|o| o.failure_s),
            idle_s: mean(|o| o.idle_s),
        }
    }
}

/// A moment, in microseconds, so that moments have an order.
fn moment(seconds: f64) -> u64 {
    (seconds * 1e6) as u64
}

/// Something a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    Shard { frame: usize, is_retry: bool },
    Merge { frame: usize },
}

/// A frame under way.
#[derive(Clone, Debug, Default)]
struct Frame {
    cost_s: f64,
    shards: usize,
    unfinished: usize,
    lost: usize,
}

/// Runs `plan` to its end, with the luck of `seed`.
pub fn simulate(costs: &Costs, plan: &Plan, seed: u64) -> Outcome {
    let mut random = Random(seed);
    let in_shot = plan.shards.len();
    let n_frames = plan.shots * in_shot;
    let mut frames: Vec<Frame> = Vec::with_capacity(n_frames);
    let mut shot_s = plan.frame_s;
    for frame in 0..n_frames {
        if frame % in_shot == 0 && plan.shots > 1 {
            shot_s = plan.frame_s * (costs.shot_spread * random.normal()).exp();
        }
        let cost_s = match n_frames {
            1 => plan.frame_s,
            _ => shot_s * (costs.frame_spread * random.normal()).exp(),
        };
        let shards = plan.shards[frame % in_shot];
        frames.push(Frame {
            cost_s,
            shards,
            unfinished: shards,
            lost: 0,
        });
    }
    // Frames in order; what comes back goes first.
    let mut first: Vec<Task> = Vec::new();
    let (mut next_frame, mut next_shard) = (0, 0);
    let mut free: BinaryHeap<Reverse<(u64, usize)>> = (0..plan.workers)
        .map(|worker| Reverse((0, worker)))
        .collect();
    let mut running: BinaryHeap<Reverse<(u64, Task, bool)>> = BinaryHeap::new();
    let mut shot_of = vec![usize::MAX; plan.workers];
    let mut outcome = Outcome::default();
    let mut last = 0;
    loop {
        // What has ended by the time the next worker is free may have made work for it.
        let now = free.peek().map_or(u64::MAX, |Reverse((at, _))| *at);
        let more = !first.is_empty() || next_frame < n_frames;
        let ends = running.peek().map(|Reverse((at, ..))| *at);
        if let Some(at) = ends.filter(|at| *at <= now || !more) {
            let Some(Reverse((_, task, lost))) = running.pop() else {
                break;
            };
            last = last.max(at);
            if let Task::Shard { frame, .. } = task {
                let state = &mut frames[frame];
                state.unfinished -= 1;
                state.lost += usize::from(lost);
                if state.unfinished == 0 && state.lost > 0 {
                    state.unfinished = state.lost;
                    let retry = Task::Shard {
                        frame,
                        is_retry: true,
                    };
                    first.extend(std::iter::repeat_n(retry, std::mem::take(&mut state.lost)));
                } else if state.unfinished == 0 {
                    first.push(Task::Merge { frame });
                }
                // A worker that had nothing to do has it now.
                while let Some(Reverse((idle_since, _))) = free.peek() {
                    if *idle_since >= at || first.is_empty() {
                        break;
                    }
                    let Some(Reverse((_, worker))) = free.pop() else {
                        break;
                    };
                    free.push(Reverse((at, worker)));
                }
            }
            continue;
        }
        if !more {
            break;
        }
        let Some(Reverse((began, worker))) = free.pop() else {
            break;
        };
        let task = first.pop().unwrap_or_else(|| {
            let frame = next_frame;
            next_shard += 1;
            if next_shard == frames[frame].shards {
                (next_frame, next_shard) = (next_frame + 1, 0);
            }
            Task::Shard {
                frame,
                is_retry: false,
            }
        });
        let (took_s, lost) = match task {
            Task::Merge { frame } => {
                let merge_s = costs.merge_s + costs.merge_shard_s * frames[frame].shards as f64;
                outcome.merge_s += merge_s;
                outcome.start_s += costs.dispatch_s;
                (costs.dispatch_s + merge_s, false)
            }
            Task::Shard { frame, is_retry } => {
                let shot = frame / in_shot;
                let transfer_s = match shot_of[worker] == shot {
                    true => 0.0,
                    false => costs.transfer_s,
                };
                shot_of[worker] = shot;
                let spread = (1.0 + costs.shard_spread * random.normal()).max(0.1);
                let trace_s = frames[frame].cost_s / frames[frame].shards as f64 * spread;
                let write_s = costs.write_s / frames[frame].shards as f64 + costs.write_shard_s;
                let start_s = costs.dispatch_s + costs.start_s;
                outcome.transfer_s += transfer_s;
                let fails = !is_retry && random.uniform() < costs.failures;
                let done_s = trace_s * random.uniform();
                if fails && !plan.retries_in_place {
                    outcome.failure_s += start_s + done_s;
                    (transfer_s + start_s + done_s, true)
                } else {
                    let again_s = match fails {
                        true => costs.start_s + done_s.min(costs.checkpoint_s * random.uniform()),
                        false => 0.0,
                    };
                    outcome.failure_s += again_s;
                    outcome.start_s += start_s;
                    outcome.useful_s += trace_s;
                    outcome.merge_s += write_s;
                    (transfer_s + start_s + trace_s + again_s + write_s, false)
                }
            }
        };
        let ended = began + moment(took_s);
        running.push(Reverse((ended, task, lost)));
        free.push(Reverse((ended, worker)));
    }
    outcome.wall_s = last as f64 / 1e6;
    let spent = Outcome {
        idle_s: 0.0,
        ..outcome
    }
    .total_s();
    outcome.idle_s = (outcome.wall_s * plan.workers as f64 - spent).max(0.0);
    outcome
}

/// Random numbers from a seed.
/// Source: Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators" (SplitMix64).
struct Random(u64);

impl Random {
    /// In [0, 1).
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
