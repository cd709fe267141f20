//! Deciding what to trace next. An integrator turns a compiled scene into film, whatever it runs
//! on, under the eyes of a [`RenderControl`].

mod control;
pub mod cpu;
pub mod gpu;
mod share;
mod tiles;

pub use control::{Progress, RenderControl, RenderStats, StageTimes, Unattended};
pub use share::{Pass, Worker, render};

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
