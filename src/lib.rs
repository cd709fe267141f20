//! Skywell: a path-tracing renderer for film frames. This page is its architecture.
//!
//! # One way through
//!
//! `glTF → scene → compiled → integrator → film → output`
//!
//! Data flows one way; dependencies flow down the numbers. A room may use only rooms of a lower
//! number, which `tests/architecture.rs` holds.
//!
//! | level | room | what |
//! |---|---|---|
//! | 0 | [`kernel`] | the records, the lane runtime and the kernels generated from `shaders/` |
//! | 0 | [`math`], [`color`] | numbers; colour spaces and transfer curves |
//! | 1 | [`sampling`], [`image`] | discrete and image distributions; pixel arrays and their files |
//! | 2 | [`scene`], [`settings`] | what was authored, and its importer; how to render it |
//! | 3 | [`compiled`] | what is rendered: flat tables of records, acceleration structure, lights |
//! | 4 | [`film`] | exact sums of samples |
//! | 5 | [`integrator`] | what to trace next |
//! | 6 | [`diff`] | whether two pictures are the same, and how they differ |
//! | 6 | [`output`] | developing a film into files |
//! | 7 | [`check`] | suites of pictures, rendered and compared with their goldens |
//! | 7 | [`farm`] | one frame on many machines: shards, merging, checkpoints; packed scenes |
//! | 8 | [`session`] | one frame from file to file: where a program that uses this library starts |
//! | 9 | [`cli`] | the command line |
//!
//! # Light transport is written once
//!
//! `shaders/` holds it as WGSL: pure functions over values, one subject a file, read first by
//! whoever wants to know what a sample means. The build script (`src/shader_compiler`) links the
//! modules, validates them, generates the `#[repr(C)]` forms of their structs
//! ([`kernel::record`]), and translates every function into Rust in which each `f32`, `u32` and
//! `bool` is a SIMD vector and control flow is masks. One form is made for each instruction set
//! and the widest is chosen at run time. No lobe or light is written twice, so no copy can drift.
//! What translates badly stays native behind the same contract: traversal, queues, film sums.
//!
//! # A frame is a function of its input
//!
//! Scene and settings decide every bit of a picture; threads, tiles, regions, interruption and
//! instruction set decide none. That rests on five habits: random numbers are a function of pixel,
//! sample and dimension; film sums are integers, so their order does not matter; a sample belongs
//! to one pixel, as filters are importance-sampled; nothing that reaches the film uses fused
//! multiply-add or the platform's mathematical library; and ties between triangles at one distance
//! are broken by index.
//!
//! # Wavefronts
//!
//! Paths are traced some thousands at a time, stage by stage: generate, intersect, sort by
//! material, shade, look for light, until none is alive. Each stage is a small kernel over arrays
//! that stay in a core's cache. A GPU does the same by the hundred thousand: it loads the WGSL itself,
//! with the scene's tables in a few large buffers, and lengths of lists stay on the device.
//!
//! # What a failure owes its reader
//!
//! Each room has an `Error` that says what, where (file and JSON path) and what to do. The library
//! neither prints nor exits, and no input makes it panic. What is left out or mended is a warning,
//! repeated in the picture's metadata. Samples that are not finite are counted and named. Files
//! appear whole or not at all.

pub mod check;
pub mod cli;
pub mod color;
pub mod compiled;
pub mod diff;
pub mod farm;
pub mod film;
pub mod image;
pub mod integrator;
pub mod math;
pub mod output;
pub mod sampling;
pub mod scene;
pub mod session;
pub mod settings;

pub use skywell_kernel as kernel;
