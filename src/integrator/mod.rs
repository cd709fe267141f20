//! Deciding what to trace next. An integrator turns a compiled scene into film, whatever it runs
//! on, under the eyes of a [`RenderControl`].

mod control;
pub mod cpu;
pub mod gpu;
mod rounds;
mod share;
mod tiles;

pub use control::{Progress, RenderControl, RenderStats, StageTimes, Unattended};
pub use rounds::{Block, Work, render};
pub use share::{Pass, Worker};

use serde::{Deserialize, Serialize};

/// Kind of device that traced. Pictures of CPUs are the same to the byte; those of GPUs differ by rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DeviceKind {
    /// CPUs.
    #[serde(rename = "cpu")]
    Cpu,
    /// GPUs.
    #[serde(rename = "gpu")]
    Gpu,
    /// CPU and GPUs, each a part.
    #[serde(rename = "cpu+gpu")]
    CpuAndGpu,
}

impl DeviceKind {
    /// `cpu`, `gpu`, `cpu+gpu`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::CpuAndGpu => "cpu+gpu",
        }
    }
}

impl std::fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a compiled scene could not be rendered.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The film cannot take what was rendered.
    #[error(transparent)]
    Film(#[from] crate::film::Error),
    /// A GPU cannot go on.
    #[error(transparent)]
    Gpu(#[from] gpu::Error),
}
