//! Prints how far a comparison can be trusted: which verdict finds each of some planted faults, and
//! how often renders that differ only by their seeds are called different.
//!
//! `cargo bench --bench trust [-- COMPARISONS]`; 1,000 unless said otherwise.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a bench that cannot go on fails"
)]
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "../tests/scene_kit/mod.rs"]
mod scene_kit;
#[path = "../tests/trust_kit/mod.rs"]
mod trust_kit;

use skywell::diff::Report;
use trust_kit::{Bench, Frame, Recipe, compare, faults};

/// Rates of false alarm asked for.
const ALPHAS: [f64; 4] = [0.2, 0.05, 0.01, 0.001];

fn main() {
    print_faults();
    let asked = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok());
    print_alarms(asked.unwrap_or(1000));
}

fn print_faults() {
    let frame = Frame {
        side: 128,
        samples: 256,
    };
    println!(
        "Planted faults, {0}x{0} pixels, {1} samples, alpha 0.001\n",
        frame.side, frame.samples
    );
    println!("| fault | verdict | found by | p | mean FLIP |");
    println!("|---|---|---|---|---|");
    let bench = Bench::new(frame);
    for fault in faults() {
        let report = bench.compare(&fault);
        assert_eq!(report.same, !fault.is_fault, "{}: {report}", fault.name);
        println!("| {} | {} |", fault.name, finding(&report));
    }
}

/// `different | windows of 8x8 | 1e-9 | 0.01`
fn finding(report: &Report) -> String {
    let noise = report.noise.as_ref().unwrap();
    let first = noise.scales.iter().filter(|scale| scale.p <= noise.alpha);
    let scales: Vec<String> = first.map(|scale| scale.scale.to_string()).collect();
    let by = if scales.is_empty() {
        "nothing".to_owned()
    } else {
        scales.join(", ")
    };
    let flip = report.worst_layer().and_then(|layer| layer.flip);
    let flip = flip.map_or(String::new(), |flip| format!("{:.4}", flip.mean));
    format!("{} | {by} | {:.1e} | {flip}", report.verdict, noise.p)
}

fn print_alarms(n: u32) {
    let pairs = [
        (
            Frame {
                side: 48,
                samples: 16,
            },
            Frame {
                side: 48,
                samples: 16,
            },
        ),
        (
            Frame {
                side: 48,
                samples: 16,
            },
            Frame {
                side: 48,
                samples: 64,
            },
        ),
        (
            Frame {
                side: 48,
                samples: 64,
            },
            Frame {
                side: 48,
                samples: 16,
            },
        ),
        (
            Frame {
                side: 96,
                samples: 8,
            },
            Frame {
                side: 96,
                samples: 8,
            },
        ),
    ];
    println!("\nFalse alarms among comparisons of renders that differ by their seeds only\n");
    println!("| pixels | samples | comparisons | at 0.2 | at 0.05 | at 0.01 | at 0.001 |");
    println!("|---|---|---|---|---|---|---|");
    let each = n.div_ceil(pairs.len() as u32);
    let mut total = [0; 4];
    for (index, (a, b)) in pairs.into_iter().enumerate() {
        let mut alarms = [0; 4];
        for i in 0..each {
            let seed = 100_000 * (index as u32 + 1) + 2 * i;
            let (a, b) = (
                a.render(&Recipe::RIGHT, seed),
                b.render(&Recipe::RIGHT, seed + 1),
            );
            // The least rate at which this comparison would have raised an alarm.
            let p = compare(&a, &b, 1e-3).noise.unwrap().p;
            for (count, alpha) in alarms.iter_mut().zip(ALPHAS) {
                *count += u32::from(p <= alpha);
            }
        }
        let samples = format!("{} and {}", a.samples, b.samples);
        println!(
            "| {0}x{0} | {samples} | {each} | {1} |",
            a.side,
            show(alarms)
        );
        for (total, count) in total.iter_mut().zip(alarms) {
            *total += count;
        }
    }
    println!(
        "| all | | {} | {} |",
        each * pairs.len() as u32,
        show(total)
    );
}

fn show(counts: [u32; 4]) -> String {
    counts.map(|count| count.to_string()).join(" | ")
}
