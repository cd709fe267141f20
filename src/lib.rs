//! Skywell: a path-tracing renderer for film frames.
//!
//! # One way through
//!
//! `glTF → scene → compiled → integrator → film → output`
//!
//! Rooms, each using only rooms above it in this list:
//!
//! | level | room | what |
//! |---|---|---|
//! | 0 | `math`, [`color`] | numbers; colour spaces |
//! | 1 | `sampling`, [`image`] | discrete and image distributions; pixel arrays and their files |
//! | 2 | [`scene`], [`settings`] | what was authored; how to render it |
//! | 3 | `compiled` | flat tables of records, BVH |
//! | 4 | [`film`] | exact sums |
//! | 5 | `kernel` | the lane runtime and the kernels generated from `shaders/` |
//! | 6 | `integrator` | wavefront path tracing |
//! | 7 | [`output`] | developing a film into files |
//! | 8 | `session` | one frame from file to file |
//! | 9 | `cli` | the command line |

pub mod color;
pub mod compiled;
pub mod film;
pub mod image;
pub mod integrator;
pub mod kernel;
pub mod math;
pub mod output;
pub mod sampling;
pub mod scene;
pub mod settings;
