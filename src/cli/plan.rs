//! From flags to a plan: defaults filled in, values checked against each other. Nothing is read
//! and nothing rendered here.

use std::path::{Path, PathBuf};

use super::args::{
    BackendArg, BackgroundArg, FilterArg, MultiscatterArg, PngBitsArg, ProgressArg, RenderArgs,
    ViewArg,
};
use crate::farm::pack;
use crate::image::exr::Precision;
use crate::output::{BitDepth, View};
use crate::session::{Backend, EnvironmentPlan, FramePlan, OutputFormat, OutputPlan};
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
}

/// What `skywell render` is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderPlan {
    /// The frame.
    pub frame: FramePlan,
    /// How to show progress.
    pub progress: ProgressArg,
    /// Flags that change nothing, one line each.
    pub warnings: Vec<String>,
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
    let path = match &args.output {
        Some(path) => path.clone(),
        None => default_output(&args.scene)?,
    };
    let (format, warnings) = output_format(args, &path)?;
    check_overwrites(args, &path)?;
    let mut frame = FramePlan::new(args.scene.clone(), OutputPlan { path, format });
    frame.scene_index = args.scene_index;
    frame.time = args.time;
    frame.animation = args.animation.clone();
    frame.variant = args.variant.clone();
    frame.camera = args.camera.clone();
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
    Ok(RenderPlan {
        frame,
        progress: args.progress.unwrap_or(ProgressArg::Auto),
        warnings,
    })
}

/// The scene's name with .exr, in the current directory.
fn default_output(scene: &Path) -> Result<PathBuf, Error> {
    let scene_file = if pack::is_manifest(scene) {
        scene.with_extension("")
    } else {
        scene.to_owned()
    };
    let stem = scene_file
        .file_stem()
        .ok_or_else(|| Error::NoName(scene.to_owned()))?;
    let mut name = stem.to_owned();
    name.push(".exr");
    Ok(PathBuf::from(name))
}

/// What to write into `path`, and a warning for each flag that has no say in it.
fn output_format(args: &RenderArgs, path: &Path) -> Result<(OutputFormat, Vec<String>), Error> {
    let extension = path.extension().map(|e| e.to_ascii_lowercase());
    let given_for_exr = [("--half", args.half), ("--variance", args.variance)];
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
            OutputFormat::Png {
                view: args.view.unwrap_or(ViewArg::PbrNeutral).into(),
                exposure: args.exposure.unwrap_or(0.0),
                depth: match args.png_bits {
                    Some(PngBitsArg::Sixteen) => BitDepth::Sixteen,
                    Some(PngBitsArg::Eight) | None => BitDepth::Eight,
                },
            },
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
            Ok(OutputFormat::Png {
                depth: BitDepth::Eight,
                ..
            })
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
