//! From naga's representation to lane-wide Rust.
//!
//! Every WGSL function becomes one Rust function per instruction set in which an `f32` is an `F`, one value per lane, and
//! control flow that lanes may take differently becomes masks ("single program, multiple data", as in ispc: Pharr and
//! Mark 2012). [`flow`] finds out which values are the same in every lane and stay plain scalars, which branches and loops
//! need masks, and which stores must spare lanes that are off; [`function`] and its companions write the text.
//!
//! A construct that is not known is an error at its place in the WGSL, never a guess.

mod access;
mod builtin;
mod constant;
mod expression;
mod flow;
mod function;
mod local_set;
mod names;
mod program;
mod statement;
mod structs;
mod types;

pub use names::identifier;
pub use program::{Form, translate};
