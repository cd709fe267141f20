//! Asking the shaders' functions directly: on the CPU or, by the same bodies of tests, on a GPU.
//!
//! Test files declare this module at their root. On a GPU the functions of `shaders/probe` run behind an entry point of
//! one line, after the very text that the renderer loads for the tables at hand, which lie in one buffer. Any adapter
//! will do, a software one too. Without one such tests say that they are skipped, or fail if `SKYWELL_REQUIRE_GPU` is
//! set.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; one that is skipped says so"
)]

mod gpu;

use bytemuck::Pod;
use gpu::Gpu;
use skywell::kernel::{Simd, Tables};
use std::cell::Cell;
use std::sync::OnceLock;

thread_local! {
    /// Does this thread ask a GPU?
    static ON_GPU: Cell<bool> = const { Cell::new(false) };
}

/// A function to ask, as the CPU has it and by the name of its shader.
pub struct Probe<Q, A> {
    /// Of the function in `shaders/probe`.
    pub name: &'static str,
    /// In batches, on the CPU.
    pub on_cpu: fn(Simd, &Tables<'_>, &[u32], &[Q], &mut [A]),
}

/// The probe `kernel::$name`.
#[macro_export]
macro_rules! probe {
    ($name:ident) => {
        $crate::probes::Probe {
            name: stringify!($name),
            on_cpu: skywell::kernel::$name,
        }
    };
}

/// What `probe` answers to each of `queries`.
pub fn ask<Q: Pod, A: Pod + Default>(
    probe: &Probe<Q, A>,
    tables: &Tables<'_>,
    queries: &[Q],
) -> Vec<A> {
    if ON_GPU.get() {
        let gpu = the_gpu().expect("only bodies on a GPU ask one");
        return gpu.ask(probe.name, tables, queries);
    }
    let indices: Vec<u32> = (0..queries.len() as u32).collect();
    let mut answers = vec![A::default(); queries.len()];
    (probe.on_cpu)(Simd::detect(), tables, &indices, queries, &mut answers);
    answers
}

/// The GPU that all tests of this program ask, if there is one.
fn the_gpu() -> Option<&'static Gpu> {
    static GPU: OnceLock<Result<Gpu, String>> = OnceLock::new();
    match GPU.get_or_init(Gpu::open) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            assert!(
                std::env::var_os("SKYWELL_REQUIRE_GPU").is_none(),
                "no GPU: {error}"
            );
            println!("skipped: no GPU: {error}");
            None
        }
    }
}

/// Runs a test's body with all its questions put to a GPU.
pub fn on_gpu(body: fn()) {
    if the_gpu().is_some() {
        ON_GPU.set(true);
        body();
        ON_GPU.set(false);
    }
}

/// Runs tests of this file on a GPU too, by the same bodies.
#[macro_export]
macro_rules! also_asks_gpu {
    ($($body:ident),+ $(,)?) => {
        mod on_gpu {
            $(#[test]
            fn $body() {
                $crate::probes::on_gpu(super::$body);
            })+
        }
    };
}
