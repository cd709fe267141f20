//! The real command in a fresh directory: what it writes, what it says, how it ends.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod diff;
mod errors;
mod gpu;
mod help;
mod info;
#[cfg(unix)]
mod interrupt;
#[cfg(target_os = "linux")]
mod memory;
mod pack;
mod picture;
mod place;
mod scene;
mod stats;
