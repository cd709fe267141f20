//! The lanes: every form of the kernels gives the same bits, built-in functions are as exact as stated, control flow does
//! what WGSL says, and what the translator does not know is an error.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    unsafe_code,
    reason = "a test that cannot go on fails; the suite holds kernels"
)]

mod control;
mod functions;
mod gpu;
mod stages;
mod suite;
mod tolerance;
mod translator;

use skywell_kernel::Simd;
use suite::{STAGES, canonical, queries, settings};

#[test]
fn every_form_gives_the_same_bits() {
    for &(name, ops, native, plain) in STAGES {
        // not a multiple of any number of lanes
        let queries = queries(3, 20_011, ops);
        for settings in settings() {
            let words = |answers: Vec<suite::record::Answer>| -> Vec<u32> {
                answers.iter().flat_map(|a| a.bits.map(canonical)).collect()
            };
            let reference = words(plain(Simd::Portable, &settings, &queries));
            for simd in Simd::available() {
                let got = words(native(simd, &settings, &queries));
                if let Some(i) = (0..got.len()).find(|&i| got[i] != reference[i]) {
                    let query = queries[i / 4];
                    panic!(
                        "{name}, {}: {:#x} instead of {:#x} for {query:?}",
                        simd.name(),
                        got[i],
                        reference[i]
                    );
                }
            }
        }
    }
}

/// Integers and control flow must agree with the GPU bit by bit; floats within what WGSL allows its implementations.
#[test]
fn the_gpu_agrees() {
    let device = match gpu::device() {
        Ok(device) => device,
        Err(e) => {
            assert!(
                std::env::var_os("SKYWELL_REQUIRE_GPU").is_none(),
                "no GPU: {e}"
            );
            println!("skipped: no GPU: {e}");
            return;
        }
    };
    let mut report = String::new();
    for &(name, ops, native, _) in STAGES {
        let floats = match name {
            "probe_unary" | "probe_several" => Some(3.0),
            "probe_geometry" | "probe_matrix" => Some(1.0),
            _ => None,
        };
        let queries = match floats {
            Some(size) => suite::ordinary_queries(17, 6_000, ops, size),
            None => queries(17, 6_000, ops),
        };
        for settings in settings() {
            let cpu = native(Simd::detect(), &settings, &queries);
            let gpu = gpu::run(&device, name, &settings, &queries);
            for ((query, cpu), gpu) in queries.iter().zip(cpu).zip(gpu) {
                for k in 0..4 {
                    if !tolerance::agrees(name, query, k, cpu.bits[k], gpu.bits[k]) {
                        let (c, g) = (cpu.bits[k], gpu.bits[k]);
                        let (cf, gf) = (f32::from_bits(c), f32::from_bits(g));
                        report += &format!(
                            "{name}[{k}]: {c:#x} ({cf:e}) here, {g:#x} ({gf:e}) there, {query:?}\n"
                        );
                    }
                }
            }
        }
    }
    let first: Vec<_> = report.lines().take(40).collect();
    assert!(
        report.is_empty(),
        "{} differences:\n{}",
        report.lines().count(),
        first.join("\n")
    );
}
