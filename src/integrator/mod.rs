//! Deciding what to trace next. An integrator turns a compiled scene into film, whatever it runs
//! on, under the eyes of a [`RenderControl`].

mod control;

pub use control::{Progress, RenderControl, RenderStats, Unattended};
