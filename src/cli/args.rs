//! The command line as typed: flags, their values and their help. Nothing is resolved here; that
//! is [`super::plan`]'s.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::value;
use crate::farm::FrameRange;

mod compare;
mod estimate;
mod farm;
mod submit;

pub use compare::{CheckArgs, DiffArgs};
pub use estimate::EstimateArgs;
pub use farm::{MergeArgs, PackArgs};
pub use submit::{JobArgs, OpenjdArgs, SlurmArgs, SubmitCommand};

/// A path-tracing renderer for film frames: glTF 2.0 in, OpenEXR out.
#[derive(Debug, Parser)]
#[command(
    name = "skywell",
    version,
    term_width = 79,
    after_help = "\
Exit codes: 0 done, 1 failed for good, 2 wrong usage, 65 shards missing or
corrupt, 75 try again elsewhere, 130 and 143 ended by Ctrl-C and SIGTERM with
what was rendered saved."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Render one frame of a glTF scene.
    ///
    /// Works without any flag: the file's first camera (or one that frames the scene), its lights
    /// (or a neutral studio light), and an EXR file in the current directory under the scene's
    /// name. Messages and progress go to standard error; nothing goes to standard output.
    ///
    /// Ctrl-C finishes the sample pass under way, saves what is there and says so; a second
    /// Ctrl-C quits at once. SIGTERM and SIGUSR1 save a checkpoint, from which the same command
    /// goes on; so does a run that was killed.
    Render(Box<RenderArgs>),
    /// Collect scenes, with all they need, into pieces to ship.
    ///
    /// Writes DIR/SCENE.pack, which `skywell render` takes for the scene, and the pieces it is made
    /// of, named by their content: the next frame or version of a scene adds only what changed.
    /// Every piece is checked as it is read.
    Pack(PackArgs),
    /// Say what a scene holds and what becomes of it.
    ///
    /// Lists scenes, cameras, lights, materials, animations, variants, sizes and bounds on standard
    /// output, and for every extension and material property whether it is honoured, approximated
    /// or ignored, and why.
    Info(InfoArgs),
    /// List the GPUs that --backend gpu can use, and why others cannot.
    ///
    /// One line each on standard output, best first, with the index that --devices takes; below
    /// it the driver, how large a scene may be, and what is missing for rendering, if anything.
    Devices,
    /// Say whether two pictures are the same, and how they differ.
    ///
    /// Three verdicts in order, and the first that decides ends the comparison: the pictures are
    /// identical; their differences are explained by noise, if both store variances (render with
    /// --variance); they differ, and FLIP says how visibly. Where noise is not known, a layer
    /// differs if its mean FLIP is above --max-flip.
    ///
    /// The report goes to standard output. Exit codes: 0 the same, 1 different, 2 they cannot be
    /// compared.
    Diff(DiffArgs),
    /// Render a suite of pictures and compare them with their goldens.
    ///
    /// Each case is rendered by a process of its own, and compared as `skywell diff` does. The
    /// report is one HTML page that needs no other file, with JUnit XML and JSON beside it.
    ///
    /// Exit codes: 0 all passed, 1 some did not, 2 the suite cannot be checked.
    Check(CheckArgs),
    /// Have an engine render frames in shards and merge them.
    ///
    /// Flags of `skywell render` may follow after `--`; they are checked before anything is
    /// submitted.
    #[command(subcommand)]
    Submit(SubmitCommand),
    /// Predict time, memory, energy and cost before paying for frames.
    ///
    /// Renders pieces strewn over the frame for some seconds on this machine and prints what all of
    /// it would take: here, in shards on as many machines like this one, and for a sequence.
    /// Flags of `skywell render` may follow after `--`.
    Estimate(Box<EstimateArgs>),
    /// Merge the shards of a frame into the picture that one machine would have made.
    ///
    /// To the byte, if a CPU rendered them. Shards may be named in any order, and more than once if
    /// they are equal. What is missing, damaged or of another scene or other settings is named,
    /// file by file, and nothing is written: exit code 65.
    Merge(Box<MergeArgs>),
}

/// Arguments of `skywell info`.
#[derive(Args, Debug)]
pub struct InfoArgs {
    /// Scene to look into: a .gltf or .glb file, or the .pack of a packed one.
    #[arg(value_name = "SCENE", required_unless_present = "extensions")]
    pub scene: Option<PathBuf>,

    /// Print JSON [default: lines for people].
    #[arg(long)]
    pub json: bool,

    /// End with exit code 1 unless all is honoured [default: code 0].
    #[arg(long)]
    pub strict: bool,

    /// Print the table of all extensions this program knows of, Markdown [default: off].
    #[arg(long, conflicts_with_all = ["scene", "json", "strict"])]
    pub extensions: bool,
}

/// How a picture is stored.
#[derive(Args, Debug, Default)]
pub struct PictureArgs {
    /// Store 16-bit half floats in the EXR file [default: 32-bit floats].
    ///
    /// Half floats end at 65504; brighter values are stored as that, and a warning counts them.
    /// Variances stay 32-bit floats.
    #[arg(long, help_heading = OUTPUT)]
    pub half: bool,

    /// Bits a channel of the PNG file [default: 8].
    ///
    /// An EXR file is not affected.
    #[arg(long, value_enum, value_name = "BITS", help_heading = OUTPUT)]
    pub png_bits: Option<PngBitsArg>,

    /// Exposure of the PNG file, stops, -32 to 32 [default: 0].
    ///
    /// Radiance is multiplied by two to this power before the view. An EXR file is not affected.
    #[arg(long, value_name = "STOPS", allow_negative_numbers = true,
          value_parser = value::exposure, help_heading = OUTPUT)]
    pub exposure: Option<f32>,

    /// View transform of the PNG file [default: pbr-neutral].
    ///
    /// An EXR file is not affected.
    #[arg(long, value_enum, value_name = "VIEW", help_heading = OUTPUT)]
    pub view: Option<ViewArg>,
}

/// Arguments of `skywell render`.
#[derive(Args, Debug)]
pub struct RenderArgs {
    /// Scene to render: a .gltf or .glb file, or what `skywell pack` made of one.
    ///
    /// Buffers and images a .gltf file names are looked for beside it. A packed scene may lie in an
    /// object store: s3://BUCKET/PREFIX/SCENE.pack.
    #[arg(value_name = "SCENE")]
    pub scene: PathBuf,

    /// File to write, .exr or .png [default: ./SCENE.exr].
    ///
    /// EXR keeps scene-linear radiance, float unless --half. PNG is developed through --exposure
    /// and --view. The file appears whole or not at all; an older one is replaced. The default is
    /// an EXR file in the current directory under the scene's name. With --frames, #### stands for
    /// the frame's number, padded to its length. With --shard, the shard goes beside it, under a
    /// name like OUT.shard0003-of-0064.exr.
    #[arg(short, long, value_name = "OUT", help_heading = OUTPUT)]
    pub output: Option<PathBuf>,

    /// Add the variance of the mean, per channel, to the EXR file [default: off].
    ///
    /// Layers variance.R, variance.G and variance.B, in squared radiance: the square root is the
    /// standard error of the pixel. Needs at least 2 samples a pixel.
    #[arg(long, help_heading = OUTPUT)]
    pub variance: bool,

    /// How the picture is stored.
    #[command(flatten)]
    pub picture: PictureArgs,

    /// Write measurements of the run to this file, JSON [default: none].
    ///
    /// Times are in seconds (_s), sizes in bytes (_bytes), rates per second of rendering (_per_s);
    /// the rest are counts. A value this system does not tell is null. With --frames the name needs
    /// a #### too.
    #[arg(long, value_name = "FILE.json", help_heading = OUTPUT)]
    pub stats: Option<PathBuf>,

    /// Scene of the file, 0 to its last [default: the file's own choice, or 0].
    #[arg(long, value_name = "N", help_heading = SCENE)]
    pub scene_index: Option<usize>,

    /// Moment of the scene's animations, seconds [default: at rest].
    ///
    /// Any finite number, from the animations' start; before their first keyframe and after their
    /// last, things stay as they are there. Without it everything rests as authored.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true,
          value_parser = value::seconds, help_heading = SCENE)]
    pub time: Option<f64>,

    /// Animation to apply, or all of them [default: all, unless they clash].
    ///
    /// A name wins over an index from 0. Where several animations move the same thing, the default
    /// is the first of them, and of all the last to move it wins. Without --time its moment is 0.
    #[arg(long, value_name = "NAME|INDEX|all", help_heading = SCENE)]
    pub animation: Option<String>,

    /// Variant of the materials, by name or by index from 0 [default: none].
    ///
    /// A name wins over an index.
    #[arg(long, value_name = "NAME", help_heading = SCENE)]
    pub variant: Option<String>,

    /// Camera, by name or by index from 0 [default: 0].
    ///
    /// A name wins over an index. A scene without a camera is framed whole from a three-quarter
    /// view.
    #[arg(long, value_name = "NAME|INDEX", help_heading = SCENE)]
    pub camera: Option<String>,

    /// Light the scene with an image of its surroundings, .hdr or .exr [default: none].
    ///
    /// Equirectangular, linear Rec.709 radiance, first row up. It adds to the scene's own lights.
    #[arg(long, value_name = "FILE", help_heading = SCENE)]
    pub environment: Option<PathBuf>,

    /// Turn the environment about the vertical axis, degrees [default: 0].
    ///
    /// Any finite number; counter-clockwise seen from above.
    #[arg(long, value_name = "DEG", allow_negative_numbers = true, requires = "environment",
          value_parser = value::finite, help_heading = SCENE)]
    pub environment_rotation: Option<f32>,

    /// Multiply the environment's radiance, 0 or more [default: 1].
    #[arg(long, value_name = "X", allow_negative_numbers = true, requires = "environment",
          value_parser = value::non_negative, help_heading = SCENE)]
    pub environment_strength: Option<f32>,

    /// Whether the environment shows behind the scene [default: visible].
    ///
    /// Hidden, it still lights and reflects, and alpha is 0 where nothing else is seen.
    #[arg(long, value_enum, value_name = "HOW", help_heading = SCENE)]
    pub background: Option<BackgroundArg>,

    /// Frame size, pixels, 1 to 32768 each way [default: 960x540].
    ///
    /// Where the camera has an aspect ratio of its own, the default is the largest size of that
    /// ratio within 960x540.
    #[arg(long, value_name = "WxH", value_parser = value::size, help_heading = PICTURE)]
    pub size: Option<(u32, u32)>,

    /// Render only these pixels, X0 to X1 and Y0 to Y1 [default: all].
    ///
    /// Counted from the top left; X1 and Y1 are one past the last. The pixels are the very ones
    /// the whole frame has; an EXR file keeps them in their place of it.
    #[arg(long, value_name = "X0,Y0,X1,Y1", value_parser = value::region, help_heading = PICTURE)]
    pub region: Option<[u32; 4]>,

    /// Samples a pixel, 1 to 1048576 [default: 64].
    ///
    /// Powers of two spread best.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 20),
          help_heading = PICTURE)]
    pub spp: Option<u32>,

    /// Scattering events of a path at most, 0 to 1024 [default: 16].
    ///
    /// 0 shows only what emits, 1 adds direct light. What light meets inside solids counts: wax and milk want hundreds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1024),
          help_heading = PICTURE)]
    pub max_depth: Option<u32>,

    /// Seed of all random numbers, 0 to 4294967295 [default: 0].
    ///
    /// The same seed gives the same bytes, on any machine and any number of threads.
    #[arg(long, value_name = "N", help_heading = PICTURE)]
    pub seed: Option<u32>,

    /// Pixel filter [default: blackman-harris].
    #[arg(long, value_enum, value_name = "FILTER", help_heading = PICTURE)]
    pub filter: Option<FilterArg>,

    /// Light scattered more than once within a rough surface [default: on].
    #[arg(long, value_enum, value_name = "HOW", help_heading = PICTURE)]
    pub multiscatter: Option<MultiscatterArg>,

    /// Frames of a sequence, A-B, A-BxSTEP or A, from 0 [default: one picture, no number].
    ///
    /// One after another into --output, whose name has #### for the number. A frame whose file is
    /// there already, by its header and checksum and not by its name, is not rendered again; one
    /// of another scene or other settings is. Each frame has random numbers of its own: the seed
    /// is --seed plus the frame's number.
    #[arg(long, value_name = "A-B[xSTEP]", conflicts_with = "time", value_parser = value::frames,
          help_heading = FARM)]
    pub frames: Option<FrameRange>,

    /// Frames a second, above 0 [default: 24]. A frame's time is its number divided by this.
    #[arg(long, value_name = "F", requires = "frames", value_parser = value::rate,
          help_heading = FARM)]
    pub fps: Option<f64>,

    /// Render shard I of N of each frame, I from 0, for `skywell merge` [default: all of it].
    ///
    /// A shard whose file is there already, by its header and checksum, is not rendered again.
    /// auto takes I and N from the array of Slurm, the indexed job of Kubernetes (set
    /// JOB_COMPLETIONS) or the layer of OpenCue that this runs in; auto/N takes N shards and the
    /// task's own number for I, so that some may be run again by number.
    #[arg(long, value_name = "I/N|auto[/N]", value_parser = value::shard, help_heading = FARM)]
    pub shard: Option<ShardArg>,

    /// What shards divide [default: tiles, or both where tiles would become too small].
    ///
    /// How a frame is cut depends on its size, samples and N alone, on any machine.
    #[arg(long, value_enum, value_name = "HOW", requires = "shard", help_heading = FARM)]
    pub shard_by: Option<ShardByArg>,

    /// Work that may be lost when the process is killed, seconds, 1 to 86400 [default: 60].
    ///
    /// After that time the film is saved beside the output, as OUT.checkpoint, and again each time
    /// it has passed. The same command goes on from there and gives the same bytes; then the
    /// checkpoint is removed.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400),
          help_heading = FARM)]
    pub checkpoint: Option<u64>,

    /// Keep the pieces of a packed scene in this folder, made if need be [default: none].
    ///
    /// The next frame, or version of the scene, fetches only what changed. Every piece is checked
    /// as it is read, from here too; what lies there may be removed at any time.
    #[arg(long, value_name = "DIR", help_heading = FARM)]
    pub cache: Option<PathBuf>,

    /// Threads, 1 to 1024 [default: one a core]. Never changes the picture.
    #[arg(long, value_name = "N", value_parser = value::threads, help_heading = RUN)]
    pub threads: Option<usize>,

    /// What renders [default: auto].
    ///
    /// CPU and GPU trace the same paths and differ by rounding alone; only the CPU's bytes are the
    /// same on every machine.
    #[arg(long, value_enum, value_name = "BACKEND", help_heading = RUN)]
    pub backend: Option<BackendArg>,

    /// GPUs to render on, by index or part of the name [default: the best].
    ///
    /// Separated by commas; they share the frame. `skywell devices` lists them. Goes with --backend
    /// gpu or cpu+gpu.
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = RUN)]
    pub devices: Vec<String>,

    /// Most memory for scene and film, such as 4G [default: unlimited].
    ///
    /// In bytes, or with K, M, G or T for powers of 1024; from 1M. Holds for the CPU and for each GPU.
    /// Before anything fails less is traced at once, and on the CPU textures lie in a temporary file
    /// (in the folder TMPDIR names); what does not fit at all is named.
    #[arg(long, value_name = "BYTES", value_parser = value::bytes, help_heading = RUN)]
    pub max_memory: Option<u64>,

    /// How progress is shown [default: auto].
    ///
    /// On standard error; openjd and alf on standard output, for the engines to read. Over all
    /// frames of --frames.
    #[arg(long, value_enum, value_name = "HOW", help_heading = RUN)]
    pub progress: Option<ProgressArg>,
}

const OUTPUT: &str = "Output";
const SCENE: &str = "Scene";
const PICTURE: &str = "Picture";
const FARM: &str = "Farm";
const RUN: &str = "Run";

/// `--png-bits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PngBitsArg {
    /// 256 levels a channel: for looking at.
    #[value(name = "8")]
    Eight,
    /// 65536 levels a channel: for further grading.
    #[value(name = "16")]
    Sixteen,
}

/// `--view`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ViewArg {
    /// Linear values, cut to [0, 1].
    None,
    /// The sRGB curve, cut to [0, 1].
    Srgb,
    /// Khronos PBR Neutral: keeps base colours, rolls highlights off; then the sRGB curve.
    PbrNeutral,
}

/// `--background`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BackgroundArg {
    /// Seen directly by the camera.
    Visible,
    /// Black and transparent behind the scene.
    Hidden,
}

/// `--filter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FilterArg {
    /// One pixel wide: sharp, each pixel on its own.
    Box,
    /// Standard deviation half a pixel, cut at 2 pixels.
    Gaussian,
    /// Radius 1.5 pixels: little aliasing, little blur.
    BlackmanHarris,
}

/// `--multiscatter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MultiscatterArg {
    /// Made up for: a white rough surface reflects all it receives.
    On,
    /// Left out, as in glTF's single-scatter lobes, which darken with roughness.
    Off,
}

/// `--shard`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardArg {
    /// Shard `index` of `count`.
    Given {
        /// From 0, less than `count`.
        index: u32,
        /// At least 1.
        count: u32,
    },
    /// As the environment says; of so many, if given.
    Auto(Option<u32>),
}

/// `--shard-by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShardByArg {
    /// Pixels: a shard has all samples of some, strewn over the frame in small tiles.
    Tiles,
    /// Samples: a shard has some of every pixel, and is as large as the frame.
    Samples,
    /// Both: a shard has some samples of some pixels.
    Both,
}

/// `--backend`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BackendArg {
    /// The first GPU that can, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
    /// The GPUs of --devices, or the best; an error if none can.
    Gpu,
    /// Both share the frame.
    #[value(name = "cpu+gpu")]
    CpuAndGpu,
}

/// `--progress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressArg {
    /// A bar on a terminal, plain lines elsewhere.
    Auto,
    /// A bar with rate and time left.
    Bar,
    /// A line every 15 seconds.
    Plain,
    /// For Open Job Description: `openjd_progress: 42`, and `openjd_fail: …`.
    Openjd,
    /// For Tractor: `ALF_PROGRESS 42%`.
    Alf,
    /// None; warnings and errors still show.
    None,
}
