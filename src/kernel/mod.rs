//! What one sample means: the kernels generated from `shaders/`, and the traversal that is native to each back end.

pub mod simd;
pub mod traverse;

pub use simd::Simd;
