//! Everything one frame needs to know before its scene is read.

use std::path::PathBuf;
use std::time::Duration;

use super::Backend;
use crate::farm::{CutBy, checkpoint_path, shard_path};
use crate::image::exr::Precision;
use crate::output::Display;
use crate::scene::gltf::LoadOptions;
use crate::settings::{Filter, Multiscatter, Region, RenderSettings};

/// Part of the memory that decoded images may take while the scene is read, when nobody knows yet what else it has.
const IMAGE_SHARE: u64 = 4;

/// One frame, from file to file. Fields that are `None` are decided by the scene.
#[derive(Clone, Debug, PartialEq)]
pub struct FramePlan {
    /// The .gltf or .glb file.
    pub scene: PathBuf,
    /// Scene of the file; `None` is the file's own choice.
    pub scene_index: Option<usize>,
    /// See [`LoadOptions::time`].
    pub time: Option<f64>,
    /// See [`LoadOptions::animation`].
    pub animation: Option<String>,
    /// See [`LoadOptions::variant`].
    pub variant: Option<String>,
    /// Camera by name or index; `None` is the first, or one that frames the scene.
    pub camera: Option<String>,
    /// Where pieces of a packed scene are kept for the next frame, if anywhere.
    pub cache: Option<PathBuf>,
    /// Image-based light to add.
    pub environment: Option<EnvironmentPlan>,
    /// Frame size, pixels; `None` follows the camera.
    pub size: Option<(u32, u32)>,
    /// Pixels to render; `None` is all.
    pub region: Option<Region>,
    /// Samples a pixel, at least 1.
    pub spp: u32,
    /// See [`RenderSettings::max_depth`].
    pub max_depth: u32,
    /// See [`RenderSettings::seed`].
    pub seed: u32,
    /// See [`RenderSettings::filter`].
    pub filter: Filter,
    /// See [`RenderSettings::background_visible`].
    pub background_visible: bool,
    /// See [`RenderSettings::multiscatter`].
    pub multiscatter: Multiscatter,
    /// See [`RenderSettings::variance`].
    pub variance: bool,
    /// The picture to write. A shard goes beside it, under [`shard_path`].
    pub output: OutputPlan,
    /// Which piece of the frame to render; `None` is all.
    pub shard: Option<ShardPlan>,
    /// Render nothing if the file to be written already holds what is asked for, by its header and checksum.
    pub skip_finished: bool,
    /// Work that may be lost when the process is killed. A checkpoint lies beside the file to be written until that
    /// is there.
    pub checkpoint: Duration,
    /// Where measurements go.
    pub stats: Option<PathBuf>,
    /// Threads; `None` is one a core.
    pub threads: Option<usize>,
    /// What renders.
    pub backend: Backend,
    /// GPUs, by index or part of the name; empty is the first that can.
    pub devices: Vec<String>,
    /// Bytes that the scene, the film and what is being traced may take, on the CPU and on each GPU. Less is traced at
    /// once, and texels lie in a temporary file, before anything fails.
    pub max_memory: Option<u64>,
}

/// A piece of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardPlan {
    /// Which one, from 0.
    pub index: u32,
    /// Of how many.
    pub count: u32,
    /// What is divided; `None` goes by the frame.
    pub by: Option<CutBy>,
}

/// An environment from the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentPlan {
    /// The .hdr or .exr file.
    pub path: PathBuf,
    /// Rotation about +Y, radians, counter-clockwise seen from above.
    pub rotation: f32,
    /// Radiance multiplier, at least 0.
    pub strength: f32,
}

/// A file and what goes into it.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputPlan {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub format: OutputFormat,
}

/// Picture formats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OutputFormat {
    /// Scene-linear EXR.
    Exr {
        /// Precision of the colours.
        precision: Precision,
    },
    /// Display PNG.
    Png(Display),
}

impl FramePlan {
    /// Work that may be lost, unless asked otherwise.
    pub const DEFAULT_CHECKPOINT: Duration = Duration::from_secs(60);

    /// The plan of a command without flags: `scene` rendered to `output`.
    #[must_use]
    pub fn new(scene: PathBuf, output: OutputPlan) -> Self {
        let defaults = RenderSettings::new(1, 1);
        Self {
            scene,
            scene_index: None,
            time: None,
            animation: None,
            variant: None,
            camera: None,
            cache: None,
            environment: None,
            size: None,
            region: None,
            spp: defaults.samples.len() as u32,
            max_depth: defaults.max_depth,
            seed: defaults.seed,
            filter: defaults.filter,
            background_visible: defaults.background_visible,
            multiscatter: defaults.multiscatter,
            variance: defaults.variance,
            output,
            shard: None,
            skip_finished: false,
            checkpoint: Self::DEFAULT_CHECKPOINT,
            stats: None,
            threads: None,
            backend: Backend::Auto,
            devices: Vec::new(),
            max_memory: None,
        }
    }

    /// What of the scene's file to load.
    pub(super) fn load_options(&self) -> LoadOptions {
        LoadOptions {
            scene_index: self.scene_index,
            time: self.time,
            animation: self.animation.clone(),
            variant: self.variant.clone(),
            image_memory: self.max_memory.map(|bytes| bytes / IMAGE_SHARE),
        }
    }

    /// The file that will be written: the picture, or the shard beside it.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        match &self.shard {
            Some(shard) => shard_path(&self.output.path, shard.index, shard.count),
            None => self.output.path.clone(),
        }
    }

    /// Where the checkpoint of this plan lies.
    #[must_use]
    pub fn checkpoint_path(&self) -> PathBuf {
        checkpoint_path(&self.target())
    }

    /// Render settings of a frame of `width × height` pixels.
    pub(super) fn settings(&self, (width, height): (u32, u32)) -> RenderSettings {
        RenderSettings {
            width,
            height,
            region: self.region.unwrap_or(Region::full(width, height)),
            samples: 0..self.spp,
            max_depth: self.max_depth,
            seed: self.seed,
            filter: self.filter,
            background_visible: self.background_visible,
            multiscatter: self.multiscatter,
            variance: self.variance,
        }
    }
}
