//! What one sample means: the kernels generated from `shaders/`, and the records that they and the renderer share.
//!
//! A package of its own because it takes long to compile and changes with the shaders alone.

pub mod gpu;
mod pages;
pub mod record;
pub mod simd;

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

pub use simd::Simd;
pub use stage::*;
