//! What nobody should be sent: files that are broken, contradictory, or meant to harm. Each goes
//! through the real command, which has 5 s of processor time and little more than 1 GiB of address
//! space, and must end in an error that names the place and a cure, or in a picture.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod bombs;
mod broken;
mod file;
mod run;
