//! Arguments of `skywell estimate`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::value;
use crate::farm::FrameRange;

/// Arguments of `skywell estimate`.
#[derive(Args, Debug)]
pub struct EstimateArgs {
    /// Scene to estimate: a .gltf or .glb file, or what `skywell pack` made of one.
    #[arg(value_name = "SCENE")]
    pub scene: PathBuf,

    /// Numbers of shards to predict a frame for, 1 to 100000 each [default: 1,4,16,64,256].
    #[arg(long, value_name = "N,N…", value_delimiter = ',',
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub shards: Vec<u32>,

    /// Frames of a sequence to predict, A-B, A-BxSTEP or A, from 0 [default: none].
    ///
    /// The first, the middle and the last are sampled, and their mean taken for all.
    #[arg(long, value_name = "A-B[xSTEP]", value_parser = value::frames)]
    pub frames: Option<FrameRange>,

    /// Frames a second, above 0 [default: 24].
    #[arg(long, value_name = "F", requires = "frames", value_parser = value::rate)]
    pub fps: Option<f64>,

    /// Power a machine draws while it renders, watts, above 0 [default: measured, if it tells].
    #[arg(long, value_name = "W", value_parser = value::positive)]
    pub watts: Option<f64>,

    /// Price of a machine an hour, above 0, in any currency [default: none].
    #[arg(long, value_name = "P", value_parser = value::positive)]
    pub price: Option<f64>,

    /// Time to render samples for, of each frame sampled, seconds, above 0 [default: 5].
    #[arg(long, value_name = "SECONDS", value_parser = value::positive)]
    pub seconds: Option<f64>,

    /// Further flags of `skywell render`, after `--`.
    #[arg(last = true, value_name = "RENDER FLAGS")]
    pub render_flags: Vec<String>,
}
