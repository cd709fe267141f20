//! What one sample means: the kernels generated from `shaders/`, and the traversal that is native to each back end.

pub mod simd;
pub mod traverse;

#[allow(
    dead_code,
    unsafe_code,
    reason = "kernels use what the shaders need; SIMD instructions are unsafe functions"
)]
mod lanes;
#[expect(
    unsafe_code,
    reason = "a stage is called for an instruction set that was found present"
)]
mod stage;
mod tables;

pub use simd::Simd;
pub use stage::*;
