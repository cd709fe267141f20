//! The stages: what Rust calls of the shaders, on batches of records, in the widest form the machine has.
//!
//! Generated from `shaders/` by the build script, one function per stage; see [`Tables`] for what they read.

use super::Simd;
use super::lanes as runtime;
use crate::record;
use runtime::memory::Table;

/// What every generated file may use besides its own lanes.
#[allow(unused_imports, reason = "the shaders decide what is used")]
mod prelude {
    pub use super::runtime::bits::{Bits, Fields};
    pub use super::runtime::common::{quotient_i32, quotient_u32, remainder_i32, remainder_u32};
    pub use super::runtime::exponent::Exponent;
    pub use super::runtime::math::{Math, Order};
    pub use super::runtime::matrix::Mat;
    pub use super::runtime::packing;
    pub use super::runtime::vector::{Vec2, Vec3, Vec4, vec2, vec3, vec4};
    pub use super::runtime::{Compare, Convert, Float, Int, Mask, Select, Uint, Zero};
    pub(super) use super::{Bound, record};
}

macro_rules! form {
    ($name:ident, $file:literal) => {
        #[allow(
            clippy::all,
            clippy::pedantic,
            dead_code,
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            unused_assignments,
            unused_imports,
            unused_mut,
            unused_parens,
            unused_unsafe,
            unused_variables,
            unsafe_code,
            reason = "generated: names are WGSL's, and masks are written out whether or not they are needed"
        )]
        mod $name {
            include!(concat!(env!("OUT_DIR"), $file));
        }
    };
}
#[cfg(target_arch = "x86_64")]
form!(avx2, "/avx2.rs");
#[cfg(target_arch = "x86_64")]
form!(avx512, "/avx512.rs");
form!(portable, "/portable.rs");

include!(concat!(env!("OUT_DIR"), "/stages.rs"));

/// # Panics
/// A row that some slice lacks, or an instruction set that the machine lacks: both would be undefined behaviour.
fn check(simd: Simd, indices: &[u32], lengths: &[usize]) {
    assert!(simd.is_available(), "this machine has no {}", simd.name());
    let rows = indices.iter().max().map_or(0, |&last| last as usize + 1);
    let shortest = lengths.iter().min().copied().unwrap_or(rows);
    assert!(
        rows <= shortest,
        "row {} of {shortest}",
        rows.saturating_sub(1)
    );
}
