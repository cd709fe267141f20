//! One frame on many machines: how it is cut and put together again, what a worker leaves behind to go on from, what is
//! shipped to machines, what engines are told, what it will cost.
//!
//! Nothing is rendered here and nothing scheduled: a shard is one command, and which machine runs
//! it when is an existing engine's business.
//!
//! A *shard* is piece I of N of one frame. Which pixels and samples it is, is a function of the frame's settings and N
//! ([`Cut`]). Its file ([`Shard`]) says so, and which frame it belongs to; existence and names prove nothing. Film sums
//! are exact, so the pieces add up to the very film one machine would have made ([`merge`]).

mod checkpoint;
mod cut;
pub mod estimate;
mod frames;
mod gather;
mod hilbert;
pub mod pack;
mod shard;
pub mod submit;
mod taper;
mod task;

pub use checkpoint::{Checkpoint, checkpoint_path};
pub use cut::{Cut, CutBy, CutError, Part};
pub use frames::{FrameRange, numbered, numbers_needed, shard_path};
pub use gather::{Incomplete, Merged, Problem, compact, merge};
pub use shard::{Frame, Shard, read_finished, write};
pub use taper::tapered;
pub use task::{TaskError, find_task};
