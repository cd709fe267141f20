//! Numbers: boxes in space and unit vectors in few bits. Knows nothing of scenes; every room may use it.

mod bounds;
mod octahedral;

pub use bounds::Bounds;
pub use octahedral::{encode_normal, encode_tangent};
