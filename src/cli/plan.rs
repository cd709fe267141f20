//! From flags to a plan: defaults filled in, values checked against each other. Nothing is read
//! and nothing rendered here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{
    BackendArg, BackgroundArg, FilterArg, MergeArgs, MultiscatterArg, PictureArgs, PngBitsArg,
    ProgressArg, RenderArgs, ShardArg, ShardByArg, ViewArg,
};
use crate::farm::{self, CutBy, FrameRange, pack};
use crate::image::exr::Precision;
use crate::output::{BitDepth, Display, View};
use crate::session::{
    Backend, EnvironmentPlan, FramePlan, MergePlan, OutputFormat, OutputPlan, ShardPlan,
};
use crate::settings::{Filter, Multiscatter, Region};

/// Why flags make no plan. All are wrong usage.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The output's name does not say what to write.
    #[error("{}: not a picture this program writes: end the name in .exr or .png", .0.display())]
    UnknownFormat(PathBuf),
    /// No name can be made of the scene's.
    #[error("{}: no file name to call the picture by: give one with --output", .0.display())]
    NoName(PathBuf),
    /// A file would be overwritten by the picture, or the picture by another output.
    #[error("{}: {what} would overwrite it: give another name with {flag}", .path.display())]
    Overwrites {
        /// The file in danger.
        path: PathBuf,
        /// What would be written there.
        what: &'static str,
        /// Flag that names it.
        flag: &'static str,
    },
    /// One sample has no variance.
    #[error("--variance needs at least 2 samples a pixel: give --spp 2 or more")]
    VarianceOfOne,
    /// Devices for a back end that uses none, or chooses itself.
    #[error("--devices goes with --backend gpu or cpu+gpu: give one of these too")]
    DevicesWithoutGpu,
    /// Several frames would go into one file.
    #[error("{}: every frame would overwrite it: put #### into the name given with {flag}", path.display())]
    NoNumber {
        /// The file.
        path: PathBuf,
        /// Flag that names it.
        flag: &'static str,
    },
    /// `--shard auto` where no engine tells.
    #[error(transparent)]
    Task(#[from] farm::TaskError),
    /// The merged picture would replace one of its shards.
    #[error("{}: it is one of the shards: give another name with --output", .0.display())]
    OverwritesShard(PathBuf),
}

/// What `skywell render` is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderPlan {
    /// The frame, but for what [`RenderPlan::frames`] sets.
    frame: FramePlan,
    /// The frames to make of it, if it is a sequence.
    pub sequence: Option<Sequence>,
    /// How to show progress.
    pub progress: ProgressArg,
    /// Flags that change nothing, one line each.
    pub warnings: Vec<String>,
}

/// `--frames`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence {
    /// Numbers.
    pub frames: FrameRange,
    /// Frames a second.
    pub fps: f64,
}

impl RenderPlan {
    /// Every frame to be made, in order; at least one.
    pub fn frames(&self) -> Vec<FramePlan> {
        let Some(sequence) = self.sequence else {
            return vec![self.frame.clone()];
        };
        let frames = sequence.frames.frames();
        frames.map(|number| self.numbered(number)).collect()
    }

    fn numbered(&self, number: u32) -> FramePlan {
        let mut frame = self.frame.clone();
        frame.time = self.sequence.map(|s| f64::from(number) / s.fps);
        frame.seed = frame.seed.wrapping_add(number);
        frame.output.path = farm::numbered(&frame.output.path, number);
        frame.stats = frame.stats.map(|path| farm::numbered(&path, number));
        frame
    }

    /// Is it work for a farm, which Ctrl-C does not make a picture of?
    pub fn is_farm_work(&self) -> bool {
        self.sequence.is_some() || self.frame.shard.is_some()
    }
}

/// What `skywell merge` is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeRequest {
    /// The shards and the picture.
    pub plan: MergePlan,
    /// Print what is missing?
    pub missing_list: bool,
    /// Flags that change nothing, one line each.
    pub warnings: Vec<String>,
}

/// Resolves the arguments of `skywell merge`.
///
/// # Errors
/// When the output's name says no format, or it would replace a shard.
pub fn resolve_merge(args: &MergeArgs) -> Result<MergeRequest, Error> {
    let mut warnings = Vec::new();
    let output = match &args.output {
        None => None,
        Some(path) => {
            let (format, unused) = picture_format(&args.picture, &[], path)?;
            warnings = unused;
            if args.shards.iter().any(|shard| same_file(shard, path)) {
                return Err(Error::OverwritesShard(path.clone()));
            }
            Some(OutputPlan {
                path: path.clone(),
                format,
            })
        }
    };
    Ok(MergeRequest {
        plan: MergePlan {
            shards: args.shards.clone(),
            output,
            allow_mixed_devices: args.allow_mixed_devices,
        },
        missing_list: args.missing_list,
        warnings,
    })
}

/// Resolves `args`.
///
/// # Errors
/// When the flags contradict each other or ask for what there is not.
pub fn resolve(args: &RenderArgs) -> Result<RenderPlan, Error> {
    let backend = args.backend.map_or(Backend::Auto, Backend::from);
    if !args.devices.is_empty() && matches!(backend, Backend::Auto | Backend::Cpu) {
        return Err(Error::DevicesWithoutGpu);
    }
    let sequence = args.frames.map(|frames| Sequence {
        frames,
        fps: args.fps.unwrap_or(DEFAULT_FPS),
    });
    let path = match &args.output {
        Some(path) => path.clone(),
        None => default_output(&args.scene, sequence.is_some())?,
    };
    if args.frames.is_some_and(|frames| frames.len() > 1) {
        check_numbered(&path, "--output")?;
        if let Some(stats) = &args.stats {
            check_numbered(stats, "--stats")?;
        }
    }
    let for_exr = [("--variance", args.variance)];
    let (format, mut warnings) = picture_format(&args.picture, &for_exr, &path)?;
    let shard = resolve_shard(args)?;
    if shard.is_some() {
        warnings.extend(useless_for_shards(&args.picture));
    }
    check_overwrites(args, &path)?;
    let mut frame = FramePlan::new(args.scene.clone(), OutputPlan { path, format });
    frame.scene_index = args.scene_index;
    frame.time = args.time;
    frame.animation = args.animation.clone();
    frame.variant = args.variant.clone();
    frame.camera = args.camera.clone();
    frame.cache = args.cache.clone();
    frame.environment = args.environment.as_ref().map(|path| EnvironmentPlan {
        path: path.clone(),
        rotation: args.environment_rotation.unwrap_or(0.0).to_radians(),
        strength: args.environment_strength.unwrap_or(1.0),
    });
    frame.size = args.size;
    frame.region = (args.region).map(|[x0, y0, x1, y1]| Region { x0, y0, x1, y1 });
    frame.spp = args.spp.unwrap_or(frame.spp);
    frame.max_depth = args.max_depth.unwrap_or(frame.max_depth);
    frame.seed = args.seed.unwrap_or(frame.seed);
    frame.filter = args.filter.map_or(frame.filter, Filter::from);
    frame.background_visible = args.background != Some(BackgroundArg::Hidden);
    frame.multiscatter = match args.multiscatter {
        Some(MultiscatterArg::Off) => Multiscatter::Off,
        Some(MultiscatterArg::On) | None => Multiscatter::On,
    };
    frame.variance = args.variance && matches!(format, OutputFormat::Exr { .. });
    if frame.variance && frame.spp < 2 {
        return Err(Error::VarianceOfOne);
    }
    frame.stats = args.stats.clone();
    frame.threads = args.threads;
    frame.backend = backend;
    frame.devices.clone_from(&args.devices);
    frame.max_memory = args.max_memory;
    frame.shard = shard;
    frame.skip_finished = shard.is_some() || sequence.is_some();
    frame.checkpoint = (args.checkpoint).map_or(frame.checkpoint, Duration::from_secs);
    Ok(RenderPlan {
        frame,
        sequence,
        progress: args.progress.unwrap_or(ProgressArg::Auto),
        warnings,
    })
}

/// Frames a second, unless asked otherwise: cinema's.
const DEFAULT_FPS: f64 = 24.0;

/// The shard asked for, by number or by the environment.
fn resolve_shard(args: &RenderArgs) -> Result<Option<ShardPlan>, Error> {
    let (index, count) = match args.shard {
        None => return Ok(None),
        Some(ShardArg::Given { index, count }) => (index, count),
        Some(ShardArg::Auto(count)) => farm::find_task(count, &|name| std::env::var(name).ok())?,
    };
    let by = args.shard_by.map(|by| match by {
        ShardByArg::Tiles => CutBy::Tiles,
        ShardByArg::Samples => CutBy::Samples,
        ShardByArg::Both => CutBy::Both,
    });
    Ok(Some(ShardPlan { index, count, by }))
}

/// Flags that say how a picture is stored, which a shard is not yet.
fn useless_for_shards(picture: &PictureArgs) -> Vec<String> {
    let given = [
        ("--half", picture.half),
        ("--exposure", picture.exposure.is_some()),
        ("--view", picture.view.is_some()),
        ("--png-bits", picture.png_bits.is_some()),
    ];
    (given.iter().filter(|(_, given)| *given))
        .map(|(flag, _)| format!("{flag} has no effect on a shard: give it to merge"))
        .collect()
}

fn check_numbered(path: &Path, flag: &'static str) -> Result<(), Error> {
    if farm::numbers_needed(path) {
        return Ok(());
    }
    let path = path.to_owned();
    Err(Error::NoNumber { path, flag })
}

/// The scene's name with .exr, in the current directory; with a place for the frame's number, if it needs one.
fn default_output(scene: &Path, numbered: bool) -> Result<PathBuf, Error> {
    let scene_file = if pack::is_manifest(scene) {
        scene.with_extension("")
    } else {
        scene.to_owned()
    };
    let stem = scene_file
        .file_stem()
        .ok_or_else(|| Error::NoName(scene.to_owned()))?;
    let mut name = stem.to_owned();
    name.push(if numbered { ".####.exr" } else { ".exr" });
    Ok(PathBuf::from(name))
}

/// What to write into `path`, and a warning for each flag that has no say in it; `for_exr` are further flags of EXR
/// files.
fn picture_format(
    args: &PictureArgs,
    for_exr: &[(&'static str, bool)],
    path: &Path,
) -> Result<(OutputFormat, Vec<String>), Error> {
    let extension = path.extension().map(|e| e.to_ascii_lowercase());
    let given_for_exr = [&[("--half", args.half)], for_exr].concat();
    let given_for_png = [
        ("--exposure", args.exposure.is_some()),
        ("--view", args.view.is_some()),
        ("--png-bits", args.png_bits.is_some()),
    ];
    let unused = |flags: &[(&str, bool)], format: &str| -> Vec<String> {
        (flags.iter().filter(|(_, given)| *given))
            .map(|(flag, _)| format!("{flag} has no effect on {format} file"))
            .collect()
    };
    match extension.as_ref().and_then(|e| e.to_str()) {
        Some("exr") => Ok((
            OutputFormat::Exr {
                precision: if args.half {
                    Precision::Half
                } else {
                    Precision::Float
                },
            },
            unused(&given_for_png, "an EXR"),
        )),
        Some("png") => Ok((
            OutputFormat::Png(Display {
                view: args.view.unwrap_or(ViewArg::PbrNeutral).into(),
                exposure_stops: args.exposure.unwrap_or(0.0),
                depth: match args.png_bits {
                    Some(PngBitsArg::Sixteen) => BitDepth::Sixteen,
                    Some(PngBitsArg::Eight) | None => BitDepth::Eight,
                },
            }),
            unused(&given_for_exr, "a PNG"),
        )),
        _ => Err(Error::UnknownFormat(path.to_owned())),
    }
}

/// A picture named after its scene may fall on the environment of the same name.
fn check_overwrites(args: &RenderArgs, output: &Path) -> Result<(), Error> {
    let overwrites = |path: &Path, what, flag| Error::Overwrites {
        path: path.to_owned(),
        what,
        flag,
    };
    if let Some(environment) = &args.environment
        && same_file(environment, output)
    {
        return Err(overwrites(environment, "the picture", "--output"));
    }
    let Some(stats) = &args.stats else {
        return Ok(());
    };
    let inputs = [Some(&args.scene), args.environment.as_ref()];
    for path in inputs.into_iter().flatten() {
        if same_file(path, stats) {
            return Err(overwrites(path, "the statistics", "--stats"));
        }
    }
    if stats == output || same_file(stats, output) {
        return Err(overwrites(output, "the statistics", "--stats"));
    }
    Ok(())
}

/// Do both names lead to one existing file?
fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

impl From<BackendArg> for Backend {
    fn from(backend: BackendArg) -> Self {
        match backend {
            BackendArg::Auto => Self::Auto,
            BackendArg::Cpu => Self::Cpu,
            BackendArg::Gpu => Self::Gpu,
            BackendArg::CpuAndGpu => Self::CpuAndGpu,
        }
    }
}

impl From<ViewArg> for View {
    fn from(view: ViewArg) -> Self {
        match view {
            ViewArg::None => Self::None,
            ViewArg::Srgb => Self::Srgb,
            ViewArg::PbrNeutral => Self::PbrNeutral,
        }
    }
}

impl From<FilterArg> for Filter {
    fn from(filter: FilterArg) -> Self {
        match filter {
            FilterArg::Box => Self::Box,
            FilterArg::Gaussian => Self::Gaussian,
            FilterArg::BlackmanHarris => Self::BlackmanHarris,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, Command};

    const FLOAT_EXR: OutputFormat = OutputFormat::Exr {
        precision: Precision::Float,
    };

    fn plan(flags: &[&str]) -> Result<RenderPlan, Error> {
        let words = ["skywell", "render"].iter().chain(flags);
        let Command::Render(args) = Cli::try_parse_from(words).unwrap().command else {
            panic!("another subcommand");
        };
        resolve(&args)
    }

    #[test]
    fn no_flags() {
        let plan = plan(&["some/where/shot.v2.glb"]).unwrap();
        let output = OutputPlan {
            path: "shot.v2.exr".into(),
            format: FLOAT_EXR,
        };
        assert_eq!(
            plan.frame,
            FramePlan::new("some/where/shot.v2.glb".into(), output)
        );
        assert!(plan.warnings.is_empty());
    }

    #[test]
    fn a_packed_scene_is_called_like_the_scene() {
        let path = plan(&["packs/shot.v2.glb.pack"]).unwrap().frame.output.path;
        assert_eq!(path, Path::new("shot.v2.exr"));
    }

    #[test]
    fn formats_go_by_the_name() {
        let format = |name| plan(&["a.glb", "-o", name]).map(|plan| plan.frame.output.format);
        assert_eq!(format("x.EXR"), Ok(FLOAT_EXR));
        assert!(matches!(
            format("x.png"),
            Ok(OutputFormat::Png(Display {
                depth: BitDepth::Eight,
                ..
            }))
        ));
        assert_eq!(format("x.tiff"), Err(Error::UnknownFormat("x.tiff".into())));
        assert_eq!(format("exr"), Err(Error::UnknownFormat("exr".into())));
        assert_eq!(plan(&[".."]), Err(Error::NoName("..".into())));
    }

    #[test]
    fn flags_without_effect_are_named() {
        let plan = plan(&["a.glb", "--exposure", "-1", "--view", "none"]).unwrap();
        assert_eq!(plan.warnings.len(), 2);
        assert!(plan.warnings[0].contains("--exposure"));
    }

    #[test]
    fn devices_are_of_gpus() {
        let flags = ["a.glb", "--devices", "0,radeon"];
        assert_eq!(plan(&flags), Err(Error::DevicesWithoutGpu));
        let flags = [&flags[..], &["--backend", "cpu+gpu"]].concat();
        let frame = plan(&flags).unwrap().frame;
        assert_eq!(frame.devices, ["0", "radeon"]);
        assert_eq!(frame.backend, Backend::CpuAndGpu);
    }

    #[test]
    fn variance_wants_two_samples() {
        let flags = ["a.glb", "--variance", "--spp", "1"];
        assert_eq!(plan(&flags), Err(Error::VarianceOfOne));
        assert!(plan(&["a.glb", "--variance", "--spp", "2"]).is_ok());
    }

    #[test]
    fn degrees_become_radians() {
        let flags = [
            "a.glb",
            "--environment",
            "e.hdr",
            "--environment-rotation",
            "-180",
        ];
        let environment = plan(&flags).unwrap().frame.environment.unwrap();
        assert_eq!(environment.rotation, -std::f32::consts::PI);
        assert_eq!(environment.strength, 1.0);
    }

    #[test]
    fn frames_have_numbers_seeds_and_skip_what_is_there() {
        let plan = plan(&["a.glb", "--frames", "8-9", "--seed", "5", "-o", "b.###.exr"]).unwrap();
        let frames = plan.frames();
        assert_eq!(frames[1].time, Some(9.0 / 24.0));
        let of = |frame: &FramePlan| (frame.output.path.display().to_string(), frame.seed);
        let found: Vec<_> = frames.iter().map(of).collect();
        assert_eq!(found, [("b.008.exr".into(), 13), ("b.009.exr".into(), 14)]);
        assert!(frames[0].skip_finished && plan.is_farm_work());
        assert_eq!(plan.sequence.unwrap().fps, 24.0);
    }

    #[test]
    fn frames_need_a_number_in_the_name() {
        let error = plan(&["a.glb", "--frames", "1-2", "-o", "b.exr"]).unwrap_err();
        assert!(error.to_string().contains("####"), "{error}");
        assert!(plan(&["a.glb", "--frames", "1-1", "-o", "b.exr"]).is_ok());
        let stats = ["a.glb", "--frames", "1-2", "--stats", "s.json"];
        assert!(plan(&stats).unwrap_err().to_string().contains("--stats"));
        let default = plan(&["some/a.glb", "--frames", "1-2"]).unwrap().frames();
        assert_eq!(default[1].output.path, Path::new("a.0002.exr"));
    }

    #[test]
    fn a_shard_goes_beside_its_frame() {
        let plan = plan(&["a.glb", "--frames", "7", "--shard", "3/64", "--half"]).unwrap();
        let frame = &plan.frames()[0];
        assert_eq!(frame.target(), Path::new("a.0007.shard0003-of-0064.exr"));
        assert!(
            frame
                .checkpoint_path()
                .ends_with("a.0007.shard0003-of-0064.exr.checkpoint")
        );
        assert!(plan.warnings[0].contains("give it to merge"));
    }

    #[test]
    fn inputs_are_safe() {
        let dir = tempfile::tempdir().unwrap();
        let sky = dir.path().join("sky.exr");
        std::fs::write(&sky, b"").unwrap();
        let sky = sky.to_str().unwrap();
        let error = plan(&["a.glb", "--environment", sky, "-o", sky]).unwrap_err();
        assert!(error.to_string().contains("the picture would overwrite it"));
        let error = plan(&[sky, "-o", "x.exr", "--stats", sky]).unwrap_err();
        assert!(error.to_string().contains("--stats"));
        let error = plan(&["a.glb", "-o", "x.exr", "--stats", "x.exr"]).unwrap_err();
        assert!(error.to_string().contains("--stats"));
    }
}
