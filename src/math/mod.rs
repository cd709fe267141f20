//! Numbers: boxes in space, unit vectors in few bits, portable elementary functions. Knows nothing of scenes; every room
//! may use it.

mod bounds;
mod octahedral;
pub mod portable;

pub use bounds::Bounds;
pub use octahedral::{encode_normal, encode_tangent};
