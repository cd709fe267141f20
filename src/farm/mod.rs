//! One frame on many machines: what is shipped to them, what engines are told, what it will cost.
//!
//! Nothing is rendered here and nothing scheduled: a shard is one command, and which machine runs
//! it when is an existing engine's business.

pub mod pack;
