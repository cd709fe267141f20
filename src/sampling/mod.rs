//! Tables that distributions are sampled through: built here, sampled in `shaders/light`.
//!
//! Nothing here knows lights or images; weights go in, tables of f32 come out, and what the tables say exactly (not
//! what the weights said before rounding) is what their densities are.

pub mod alias;
pub mod bilinear;
