//! The lane runtime: what generated shader code is written against.
//!
//! A WGSL `f32`, `i32`, `u32` or `bool` becomes `F`, `I`, `U` or `M`, one value per lane, from the back end of the
//! instruction set: [`avx512`] (16 lanes), [`avx2`] (8), [`sse2`] (4, every x86-64) or [`array`] (4, everything else).
//! Values that are the same in every lane stay plain scalars. The traits here are implemented by both, so every built-in
//! function is written once ([`math`], [`transcendental`], [`bits`], [`packing`], [`vector`], [`matrix`]) from primitives
//! that give the same bits everywhere: IEEE operations, never fused, and integer operations.
//!
//! Used by generated code and by nothing else.

#[cfg(any(test, not(target_arch = "x86_64")))]
pub mod array;
#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod avx512;
pub mod bits;
pub mod common;
pub mod exponent;
pub mod math;
pub mod matrix;
pub mod memory;
pub mod packing;
pub mod scalar;
#[cfg(target_arch = "x86_64")]
pub mod sse2;
pub mod transcendental;
pub mod vector;

/// The four-lane form of this machine's architecture.
#[cfg(not(target_arch = "x86_64"))]
pub use array as portable;
#[cfg(target_arch = "x86_64")]
pub use sse2 as portable;

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

/// One bool per lane.
pub trait Mask:
    Copy
    + Select<Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
{
    /// The same in every lane.
    fn splat(value: bool) -> Self;
    /// Whether any lane is on.
    fn any(self) -> bool;
    /// Whether every lane is on.
    fn all(self) -> bool;
    /// `self & !other`.
    fn and_not(self, other: Self) -> Self;
}

/// A choice per lane between two values of any shader type.
pub trait Select<M>: Copy {
    /// `yes` where the mask is on, else `no`.
    fn select(mask: M, yes: Self, no: Self) -> Self;
    /// Assigns where the mask is on.
    #[inline(always)]
    fn set(&mut self, mask: M, value: Self) {
        *self = Self::select(mask, value, *self);
    }
}

/// WGSL's zero value.
pub trait Zero: Copy {
    /// Zero in every lane and component.
    fn zero() -> Self;
}

/// `f32`, or one `f32` per lane: the primitives that every back end gives.
pub trait Float:
    Zero
    + Select<Self::M>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Bools of the family.
    type M: Mask;
    /// Signed integers of the family.
    type I: Int<M = Self::M, F = Self, U = Self::U>;
    /// Unsigned integers of the family.
    type U: Uint<M = Self::M, F = Self, I = Self::I>;
    /// The same in every lane.
    fn splat(value: f32) -> Self;
    /// Correctly rounded square root.
    fn root(self) -> Self;
    /// Clears the sign bit.
    fn magnitude(self) -> Self;
    /// `self < other ? self : other`, so a NaN on either side gives `other`.
    fn lesser(self, other: Self) -> Self;
    /// `self > other ? self : other`, so a NaN on either side gives `other`.
    fn greater(self, other: Self) -> Self;
    /// Rounds to an integer towards negative infinity, keeping the sign of zero.
    fn round_down(self) -> Self;
    /// Rounds to an integer towards positive infinity, keeping the sign of zero.
    fn round_up(self) -> Self;
    /// Rounds to an integer towards zero, keeping the sign of zero.
    fn round_to_zero(self) -> Self;
    /// Rounds to the nearest integer, ties to even, keeping the sign of zero.
    fn round_to_even(self) -> Self;
    /// `self < other`.
    fn lt(self, other: Self) -> Self::M;
    /// `self <= other`.
    fn le(self, other: Self) -> Self::M;
    /// `self > other`.
    fn gt(self, other: Self) -> Self::M;
    /// `self >= other`.
    fn ge(self, other: Self) -> Self::M;
    /// `self == other`, false for NaN.
    fn eq(self, other: Self) -> Self::M;
    /// `self != other`, true for NaN.
    fn ne(self, other: Self) -> Self::M;
    /// Truncates; the argument must lie in [−2³¹, 2³¹).
    fn truncate(self) -> Self::I;
    /// The bit pattern.
    fn bits(self) -> Self::U;
}

/// `i32`, or one `i32` per lane. Arithmetic wraps.
pub trait Int:
    Zero + Select<Self::M> + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self>
{
    /// Bools of the family.
    type M: Mask;
    /// Floats of the family.
    type F: Float<M = Self::M, I = Self, U = Self::U>;
    /// Unsigned integers of the family.
    type U: Uint<M = Self::M, F = Self::F, I = Self>;
    /// The same in every lane.
    fn splat(value: i32) -> Self;
    /// Wrapping sum.
    fn plus(self, other: Self) -> Self;
    /// Wrapping difference.
    fn minus(self, other: Self) -> Self;
    /// Wrapping product.
    fn times(self, other: Self) -> Self;
    /// Arithmetic shift right by a constant below 32.
    fn shift_right<const N: i32>(self) -> Self;
    /// `self < other`.
    fn lt(self, other: Self) -> Self::M;
    /// `self == other`.
    fn eq(self, other: Self) -> Self::M;
    /// Nearest float.
    fn float(self) -> Self::F;
    /// The same bits, unsigned.
    fn unsigned(self) -> Self::U;
}

/// `u32`, or one `u32` per lane. Arithmetic wraps.
pub trait Uint:
    Zero + Select<Self::M> + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self>
{
    /// Bools of the family.
    type M: Mask;
    /// Floats of the family.
    type F: Float<M = Self::M, I = Self::I, U = Self>;
    /// Signed integers of the family.
    type I: Int<M = Self::M, F = Self::F, U = Self>;
    /// The same in every lane.
    fn splat(value: u32) -> Self;
    /// Wrapping sum.
    fn plus(self, other: Self) -> Self;
    /// Wrapping difference.
    fn minus(self, other: Self) -> Self;
    /// Wrapping product.
    fn times(self, other: Self) -> Self;
    /// Shift left by a constant below 32.
    fn shift_left<const N: i32>(self) -> Self;
    /// Logical shift right by a constant below 32.
    fn shift_right<const N: i32>(self) -> Self;
    /// Shift left by `amount & 31`.
    fn shift_left_by(self, amount: Self) -> Self;
    /// Logical shift right by `amount & 31`.
    fn shift_right_by(self, amount: Self) -> Self;
    /// `self < other`.
    fn lt(self, other: Self) -> Self::M;
    /// `self == other`.
    fn eq(self, other: Self) -> Self::M;
    /// Nearest float.
    fn float(self) -> Self::F;
    /// The float with these bits.
    fn as_float(self) -> Self::F;
    /// The same bits, signed.
    fn signed(self) -> Self::I;
    /// Leading zero bits, 32 for zero.
    fn leading_zeros(self) -> Self;
    /// One bits.
    fn ones(self) -> Self;
}

/// Conversions that WGSL writes as `f32(x)`, `i32(x)`, `u32(x)`, `bool(x)` and `bitcast`.
pub trait Convert: Copy {
    /// Floats of the same shape.
    type F;
    /// Signed integers of the same shape.
    type I;
    /// Unsigned integers of the same shape.
    type U;
    /// Bools of the same shape.
    type M;
    /// `f32(x)`: the nearest float; true is 1.
    fn to_f32(self) -> Self::F;
    /// `i32(x)`: floats are truncated and clamped to [−2³¹, 2³¹ − 128], NaN gives −2³¹.
    fn to_i32(self) -> Self::I;
    /// `u32(x)`: floats are truncated and clamped to [0, 2³² − 256], NaN gives 0.
    fn to_u32(self) -> Self::U;
    /// `bool(x)`: whether it is not zero.
    fn to_bool(self) -> Self::M;
    /// `bitcast<f32>`.
    fn cast_f32(self) -> Self::F;
    /// `bitcast<i32>`.
    fn cast_i32(self) -> Self::I;
    /// `bitcast<u32>`.
    fn cast_u32(self) -> Self::U;
}

/// Comparisons of lanes and of vectors, component by component.
pub trait Compare: Copy {
    /// Bools of the same shape.
    type M;
    /// `self == other`.
    fn equal(self, other: Self) -> Self::M;
    /// `self != other`.
    fn not_equal(self, other: Self) -> Self::M;
    /// `self < other`.
    fn less(self, other: Self) -> Self::M;
    /// `self <= other`.
    fn less_equal(self, other: Self) -> Self::M;
    /// `self > other`.
    fn above(self, other: Self) -> Self::M;
    /// `self >= other`.
    fn above_equal(self, other: Self) -> Self::M;
}
