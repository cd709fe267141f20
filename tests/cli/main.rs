//! The real command in a fresh directory: what it writes, what it says, how it ends.

mod errors;
mod help;
#[cfg(unix)]
mod interrupt;
mod picture;
mod place;
mod scene;
mod stats;
