//! Arguments of the commands that compare pictures.

use std::path::PathBuf;

use clap::Args;

use crate::cli::value;

/// Arguments of `skywell diff`.
#[derive(Args, Debug)]
pub struct DiffArgs {
    /// What the picture should be: an .exr, .hdr or .png file.
    #[arg(value_name = "REFERENCE")]
    pub reference: PathBuf,

    /// What it is: a file of the same kind and size.
    #[arg(value_name = "TEST")]
    pub test: PathBuf,

    /// Print the report as JSON [default: as text].
    #[arg(long)]
    pub json: bool,

    /// Write a map of how visible the difference is to this file, PNG [default: none].
    ///
    /// FLIP of the layer that differs most: black 0, no visible difference; light yellow 1.
    #[arg(long, value_name = "FILE.png")]
    pub heatmap: Option<PathBuf>,

    /// Probability of taking noise for a change, 1e-12 to 0.5 [default: 0.001].
    ///
    /// For the comparison as a whole, over all pixels, windows and layers.
    #[arg(long, value_name = "P", value_parser = value::alpha)]
    pub alpha: Option<f64>,

    /// Mean FLIP, 0 to 1, above which pictures of unknown noise differ [default: 0.05].
    ///
    /// Applies to layers that store no variance, such as other renderers'.
    #[arg(long, value_name = "X", value_parser = value::share)]
    pub max_flip: Option<f64>,

    /// Samples a pixel of a REFERENCE that stores no variance, 2 or more [default: unknown].
    ///
    /// Its noise is then taken to be that of TEST, which must store variances, at this number of
    /// samples.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub reference_samples: Option<u32>,
}

/// Arguments of `skywell check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Suite to check: a TOML file that lists scenes, settings and how like its golden each must be.
    #[arg(value_name = "SUITE.toml")]
    pub suite: PathBuf,

    /// Folder for the report and the pictures, made if need be [default: ./check-report].
    ///
    /// report.html, junit.xml and report.json, and for each run its picture, its statistics and
    /// what it said.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Only runs whose CASE@BACKEND holds this text [default: all].
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,

    /// Every Nth case from the Ith, I from 0 [default: all].
    ///
    /// The runs of a case stay together.
    #[arg(long, value_name = "I/N", value_parser = value::part)]
    pub shard: Option<(usize, usize)>,

    /// Replace the goldens by what was rendered [default: compare only].
    ///
    /// Says what changes first. Goldens that are identical stay as they are; times and memory are
    /// recorded anew.
    #[arg(long)]
    pub bless: bool,

    /// Why goldens are replaced; kept beside them [default: none given].
    #[arg(long, value_name = "TEXT", requires = "bless")]
    pub reason: Option<String>,
}
