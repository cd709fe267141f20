//! Arguments of the subcommands that have to do with many machines.

use std::path::PathBuf;

use clap::Args;

use super::{PictureArgs, ProgressArg};
use crate::cli::value;

/// Arguments of `skywell pack`.
#[derive(Args, Debug)]
pub struct PackArgs {
    /// Scenes to pack: .gltf or .glb files.
    #[arg(value_name = "SCENE", required = true)]
    pub scenes: Vec<PathBuf>,

    /// Folder to pack into, or s3://BUCKET/PREFIX [default: none, must be given].
    ///
    /// The folder is made if need be. What is there of other scenes and versions is shared. An
    /// object store is reached as AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and
    /// AWS_ENDPOINT say, by a program that was built with --features s3.
    #[arg(short, long, value_name = "DIR")]
    pub output: String,

    /// Pack this image of the surroundings with each scene, .hdr or .exr [default: none].
    ///
    /// A render of the packed scene is lit by it unless told otherwise.
    #[arg(long, value_name = "FILE")]
    pub environment: Option<PathBuf>,

    /// Turn the environment about the vertical axis, degrees [default: 0].
    #[arg(long, value_name = "DEG", allow_negative_numbers = true, requires = "environment",
          value_parser = value::finite)]
    pub environment_rotation: Option<f32>,

    /// Multiply the environment's radiance, 0 or more [default: 1].
    #[arg(long, value_name = "X", allow_negative_numbers = true, requires = "environment",
          value_parser = value::non_negative)]
    pub environment_strength: Option<f32>,

    /// How progress is shown [default: none].
    ///
    /// As by `skywell render`; an engine that takes silence for a crash is told every 15 seconds.
    #[arg(long, value_enum, value_name = "HOW")]
    pub progress: Option<ProgressArg>,
}

/// Arguments of `skywell merge`.
#[derive(Args, Debug)]
pub struct MergeArgs {
    /// Files that `render --shard` has written, all of one frame.
    #[arg(value_name = "SHARD", required = true)]
    pub shards: Vec<PathBuf>,

    /// File to write, .exr or .png [default: none, only check the shards].
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,

    /// How the picture is stored.
    #[command(flatten)]
    pub picture: PictureArgs,

    /// Print the numbers of shards to render again on standard output [default: off].
    ///
    /// On one line, like 3,7,12-15: what `sbatch --array` takes. Nothing is printed if none is
    /// missing.
    #[arg(long)]
    pub missing_list: bool,

    /// Merge shards of CPUs with shards of GPUs [default: off, an error].
    ///
    /// They differ by rounding; the EXR file says what rendered it.
    #[arg(long)]
    pub allow_mixed_devices: bool,

    /// How progress is shown [default: none].
    ///
    /// As by `skywell render`; an engine that takes silence for a crash is told every 15 seconds.
    #[arg(long, value_enum, value_name = "HOW")]
    pub progress: Option<ProgressArg>,
}
