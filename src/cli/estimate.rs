//! `skywell estimate`.

use std::io::Write;

use clap::Parser;

use super::args::{Cli, Command, EstimateArgs, ProgressArg, RenderArgs};
use super::interrupt::Interrupt;
use super::progress::{self, Reporter};
use super::{Failure, plan, submit};
use crate::farm::estimate::{FrameCost, Prediction};
use crate::session::{Estimate, estimate_frame};

/// Seconds a frame is sampled for, unless asked otherwise.
const SECONDS: f64 = 5.0;
/// Numbers of shards, unless asked otherwise.
const SHARDS: [u32; 5] = [1, 4, 16, 64, 256];

/// Samples frames and prints what they will take.
///
/// # Errors
/// Wrong usage, or whatever kept the frames from being sampled.
pub fn run(args: &EstimateArgs) -> Result<(), Failure> {
    let render = render_args(args)?;
    let plan = plan::resolve(&render)?;
    let frames = plan.frames();
    let chosen = match frames.as_slice() {
        [first, .., last] if frames.len() > 2 => vec![first, &frames[frames.len() / 2], last],
        few => few.iter().collect(),
    };
    let interrupt = Interrupt::watch().map_err(Failure::Signals)?;
    let reporter = Reporter::new(ProgressArg::None, &interrupt, chosen.len(), false);
    let mut estimates = Vec::new();
    for frame in chosen {
        estimates.push(estimate_frame(
            frame,
            args.seconds.unwrap_or(SECONDS),
            &reporter,
        )?);
        reporter.finish_frame();
    }
    let text = report(args, &estimates, frames.len());
    // A closed standard output is nobody's to tell.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// The arguments of `skywell render` for the same frames.
fn render_args(args: &EstimateArgs) -> Result<Box<RenderArgs>, Failure> {
    let mut words = vec![
        "skywell".into(),
        "render".into(),
        args.scene.clone().into_os_string(),
    ];
    if let Some(frames) = args.frames {
        let range = format!("{}-{}x{}", frames.first, frames.last, frames.step);
        words.extend(["--frames", &range, "-o", "frame.####.exr"].map(Into::into));
    }
    if let Some(fps) = args.fps {
        words.extend(["--fps".into(), fps.to_string().into()]);
    }
    words.extend(args.render_flags.iter().map(Into::into));
    match Cli::try_parse_from(words) {
        Ok(Cli {
            command: Command::Render(render),
            ..
        }) => Ok(render),
        Ok(_) => Err(submit::Error::RenderFlags("another subcommand".to_owned()).into()),
        Err(error) => Err(submit::Error::RenderFlags(error.to_string()).into()),
    }
}

/// What is printed.
fn report(args: &EstimateArgs, estimates: &[Estimate], n_frames: usize) -> String {
    let Some(first) = estimates.first() else {
        return String::new();
    };
    let costs: Vec<FrameCost> = estimates.iter().map(|estimate| estimate.cost).collect();
    let cost = FrameCost::mean(&costs);
    let measured = estimates
        .iter()
        .map(|estimate| estimate.watts)
        .sum::<Option<f64>>();
    let watts = args
        .watts
        .or(measured.map(|sum| sum / estimates.len() as f64));
    let mut text = format!(
        "{}: {}x{}, {} samples a pixel, {} threads, by 1 part of {}\n",
        args.scene.display(),
        first.width,
        first.height,
        first.spp,
        first.threads,
        first.parts
    );
    let memory = match cost.memory_bytes {
        Some(bytes) => format!(", {:.0} MB of memory", bytes as f64 / 1e6),
        None => String::new(),
    };
    let cpu = match cost.user_cpu_s {
        Some(seconds) => format!(", {seconds:.1} s of CPU time"),
        None => String::new(),
    };
    text += &format!(
        "a frame: {:.1} s to start, {:.1} s to render, {:.1} s to write{cpu}{memory}\n\n",
        cost.start_s, cost.render_s, cost.write_s
    );
    text += &line(["shards", "time", "machine time", "energy, Wh", "cost"].map(String::from));
    let shards = match args.shards.as_slice() {
        [] => &SHARDS[..],
        given => given,
    };
    let row = |name: String, prediction: Prediction, wall: String| {
        line([
            name,
            wall,
            show_time(prediction.machine_s),
            watts.map_or("-".into(), |w| {
                format!("{:.2}", prediction.energy_j(w) / 3600.0)
            }),
            args.price
                .map_or("-".into(), |p| format!("{:.4}", prediction.cost(p))),
        ])
    };
    for &shards in shards {
        let prediction = cost.in_shards(shards);
        text += &row(shards.to_string(), prediction, show_time(prediction.wall_s));
    }
    if args.frames.is_some() {
        text += &format!("\n{n_frames} frames, each in as many shards:\n");
        for &shards in shards {
            let frame = cost.in_shards(shards);
            let all = Prediction {
                wall_s: frame.wall_s * n_frames as f64,
                machine_s: frame.machine_s * n_frames as f64,
            };
            text += &row(shards.to_string(), all, show_time(all.wall_s));
        }
    }
    text
}

/// Tenths of seconds, or `1:05:31` from ten minutes up.
fn show_time(seconds: f64) -> String {
    if seconds < 600.0 {
        format!("{seconds:.1} s")
    } else {
        progress::show_time(seconds)
    }
}

fn line(cells: [String; 5]) -> String {
    let [name, rest @ ..] = cells;
    let rest: String = rest.iter().map(|cell| format!("{cell:>14}")).collect();
    format!("{name:>6}{rest}\n")
}
