//! The walk of `shaders/traverse` on a GPU (or on lavapipe) against the CPU's: the same hits.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on fails"
)]

#[path = "../../src/shader_compiler/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the tests do not use all of the compiler"
)]
mod shader_compiler;

mod bytes_read;
mod gpu;
mod same_hits;
mod world;
