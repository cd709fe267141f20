//! Arguments of `skywell submit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::value;
use crate::farm::FrameRange;
use crate::farm::submit::Gpus;

/// Engines work can be submitted to.
#[derive(Debug, Subcommand)]
pub enum SubmitCommand {
    /// Submit array jobs of shards, and merges after them, to Slurm.
    ///
    /// Writes render.sh, merge.sh and submit.sh into a folder beside the output, under its name and
    /// .slurm, and runs submit.sh. Shards that machines lost are rendered again until they have
    /// been tried --attempts times. Names of files are relative to the current folder, which all
    /// machines must see.
    Slurm(Box<SlurmArgs>),
    /// Write a job bundle of Open Job Description, for AWS Deadline Cloud or the openjd command.
    ///
    /// Writes template.json, parameter_values.json and asset_references.json into a folder beside
    /// the output, under its name and .openjd.
    Openjd(Box<OpenjdArgs>),
}

/// What to render, in which pieces.
#[derive(Args, Debug)]
pub struct JobArgs {
    /// Scene to render: a .gltf or .glb file, or what `skywell pack` made of one.
    #[arg(value_name = "SCENE")]
    pub scene: PathBuf,

    /// Pictures to write, with #### for the frame's number [default: none, must be given].
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,

    /// Frames to render, A-B, A-BxSTEP or A, from 0 [default: none, must be given].
    #[arg(long, value_name = "A-B[xSTEP]", value_parser = value::frames)]
    pub frames: FrameRange,

    /// Frames a second, above 0 [default: 24].
    #[arg(long, value_name = "F", value_parser = value::rate)]
    pub fps: Option<f64>,

    /// Shards to render each frame in, 1 to 9999 [default: 1].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=9999))]
    pub shards: Option<u32>,

    /// Cores a shard is rendered on, 1 to 1024 [default: what the engine gives].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub cpus_per_task: Option<u32>,

    /// GPUs a shard is rendered on, how many or KIND:N [default: none].
    ///
    /// The shards are rendered with --backend gpu unless another one is given.
    #[arg(long, value_name = "[KIND:]N", value_parser = value::gpus)]
    pub gpus_per_task: Option<Gpus>,

    /// Print the files, write and submit nothing [default: off].
    #[arg(long)]
    pub dry_run: bool,

    /// Further flags of `skywell render`, after `--`.
    #[arg(last = true, value_name = "RENDER FLAGS")]
    pub render_flags: Vec<String>,
}

/// Arguments of `skywell submit slurm`.
#[derive(Args, Debug)]
pub struct SlurmArgs {
    /// What to render.
    #[command(flatten)]
    pub job: JobArgs,

    /// Machines that will work at once, 1 to 9999 [default: none, --shards for every frame].
    ///
    /// So that none is idle while others end, the frames are rendered in as many shards as that
    /// takes: the last in more than the first, none in fewer than --shards.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=9999))]
    pub workers: Option<u32>,

    /// Times a shard is started at most, 1 to 1000 [default: 5].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub attempts: Option<u32>,

    /// A further option of sbatch, like --partition=render; may be repeated [default: none].
    ///
    /// It goes into an #SBATCH line of render.sh and of merge.sh.
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true, value_parser = value::line)]
    pub sbatch: Vec<String>,
}

/// Arguments of `skywell submit openjd`.
#[derive(Args, Debug)]
pub struct OpenjdArgs {
    /// What to render.
    #[command(flatten)]
    pub job: JobArgs,
}
