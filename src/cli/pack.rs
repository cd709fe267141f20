//! `skywell pack`.

use std::time::{Duration, Instant};

use super::Failure;
use super::args::{PackArgs, ProgressArg};
use super::interrupt::Interrupt;
use super::progress::{Reporter, Task};
use crate::farm::pack::{EnvironmentSource, Place, Report, Source, pack};

/// Packs each scene, one after the other.
///
/// # Errors
/// Whatever keeps a scene from being packed; those before it are.
pub fn run(args: &PackArgs) -> Result<(), Failure> {
    let place = Place::parse(&args.output)?;
    let interrupt = Interrupt::default();
    let progress = args.progress.unwrap_or(ProgressArg::None);
    let reporter = Reporter::new(progress, &interrupt, args.scenes.len(), true);
    for scene in &args.scenes {
        let source = Source {
            scene: scene.clone(),
            environment: args.environment.as_ref().map(|path| EnvironmentSource {
                path: path.clone(),
                rotation_deg: args.environment_rotation.unwrap_or(0.0),
                strength: args.environment_strength.unwrap_or(1.0),
            }),
        };
        let began = Instant::now();
        let told = |bytes, of| reporter.count(Task::Pack, bytes, of);
        let packed = pack(&source, &place, &told).map_err(Failure::from);
        let report = packed.inspect_err(|failure| reporter.fail(&super::chain(failure)))?;
        reporter.finish_frame();
        for warning in &report.warnings {
            reporter.say(&format!("Warning: {warning}"));
        }
        reporter.say(&closing_line(&report, began.elapsed()));
    }
    Ok(())
}

/// `Packed DIR/shot.glb.pack: 3 files of 120.0 MB in 98 pieces; 2 pieces of 1.9 MB are new. 0.31 s.`
fn closing_line(report: &Report, elapsed: Duration) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    format!(
        "Packed {}: {} files of {:.1} MB in {} pieces; {} pieces of {:.1} MB are new. {:.2} s.",
        report.manifest,
        report.n_files,
        megabytes(report.bytes),
        report.n_pieces,
        report.n_new_pieces,
        megabytes(report.new_bytes),
        elapsed.as_secs_f64()
    )
}
