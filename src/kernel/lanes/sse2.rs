//! 4 lanes: SSE2, which every x86-64 has.
//!
//! What SSE2 lacks (blends, roundings, 32-bit products) is composed of what it has.

use super::common::{
    common, float_by_halves, leading_zeros_by_halves, ones_by_halves, round_down_by_integers,
    round_to_even_by_integers, round_to_zero_by_integers, round_up_by_integers,
};
use super::{Float, Int, Mask, Select, Uint};
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

/// Lanes per value.
pub const L: usize = 4;
/// One `f32` per lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F(__m128);
/// One `i32` per lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct I(__m128i);
/// One `u32` per lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct U(__m128i);
/// One `bool` per lane: all bits or none.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct M(__m128i);

common!();

/// Calls an intrinsic.
macro_rules! op {
    ($wrap:ident, $intrinsic:expr) => {
        // SAFETY: SSE2 is part of x86-64
        unsafe { $wrap($intrinsic) }
    };
}

macro_rules! binary {
    ($($T:ident: $Trait:ident $method:ident $intrinsic:ident;)*) => { $(
        impl $Trait for $T {
            type Output = $T;
            #[inline(always)]
            fn $method(self, other: $T) -> $T {
                op!($T, $intrinsic(self.0, other.0))
            }
        }
    )* };
}
binary! {
    F: Add add _mm_add_ps;
    F: Sub sub _mm_sub_ps;
    F: Mul mul _mm_mul_ps;
    F: Div div _mm_div_ps;
    I: BitAnd bitand _mm_and_si128;
    I: BitOr bitor _mm_or_si128;
    I: BitXor bitxor _mm_xor_si128;
    U: BitAnd bitand _mm_and_si128;
    U: BitOr bitor _mm_or_si128;
    U: BitXor bitxor _mm_xor_si128;
    M: BitAnd bitand _mm_and_si128;
    M: BitOr bitor _mm_or_si128;
    M: BitXor bitxor _mm_xor_si128;
}

impl Not for M {
    type Output = M;
    #[inline(always)]
    fn not(self) -> M {
        self ^ M::splat(true)
    }
}
impl Mask for M {
    #[inline(always)]
    fn splat(value: bool) -> M {
        op!(M, _mm_set1_epi32(-i32::from(value)))
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.to_bits() != 0
    }
    #[inline(always)]
    fn all(self) -> bool {
        self.to_bits() == 0xf
    }
    #[inline(always)]
    fn and_not(self, other: M) -> M {
        op!(M, _mm_andnot_si128(other.0, self.0))
    }
}
impl M {
    /// One bit per lane.
    #[inline(always)]
    pub fn to_bits(self) -> u32 {
        // SAFETY: see `op`
        unsafe { _mm_movemask_ps(_mm_castsi128_ps(self.0)) as u32 }
    }
    /// One bit per lane.
    #[inline(always)]
    pub fn from_bits(bits: u32) -> M {
        // SAFETY: see `op`
        unsafe {
            let lane = _mm_setr_epi32(1, 2, 4, 8);
            M(_mm_cmpeq_epi32(
                _mm_and_si128(_mm_set1_epi32(bits as i32), lane),
                lane,
            ))
        }
    }
}
impl Select<M> for M {
    #[inline(always)]
    fn select(mask: M, yes: M, no: M) -> M {
        M(blend(mask.0, yes.0, no.0))
    }
}
impl Select<M> for F {
    #[inline(always)]
    fn select(mask: M, yes: F, no: F) -> F {
        U(blend(mask.0, yes.bits().0, no.bits().0)).as_float()
    }
}
impl Select<M> for I {
    #[inline(always)]
    fn select(mask: M, yes: I, no: I) -> I {
        I(blend(mask.0, yes.0, no.0))
    }
}
impl Select<M> for U {
    #[inline(always)]
    fn select(mask: M, yes: U, no: U) -> U {
        U(blend(mask.0, yes.0, no.0))
    }
}
impl Neg for F {
    type Output = F;
    #[inline(always)]
    fn neg(self) -> F {
        (self.bits() ^ U::splat(1 << 31)).as_float()
    }
}

impl Float for F {
    type M = M;
    type I = I;
    type U = U;
    #[inline(always)]
    fn splat(value: f32) -> F {
        op!(F, _mm_set1_ps(value))
    }
    #[inline(always)]
    fn root(self) -> F {
        op!(F, _mm_sqrt_ps(self.0))
    }
    #[inline(always)]
    fn magnitude(self) -> F {
        (self.bits() & U::splat(u32::MAX >> 1)).as_float()
    }
    #[inline(always)]
    fn lesser(self, other: F) -> F {
        op!(F, _mm_min_ps(self.0, other.0))
    }
    #[inline(always)]
    fn greater(self, other: F) -> F {
        op!(F, _mm_max_ps(self.0, other.0))
    }
    #[inline(always)]
    fn round_down(self) -> F {
        round_down_by_integers(self)
    }
    #[inline(always)]
    fn round_up(self) -> F {
        round_up_by_integers(self)
    }
    #[inline(always)]
    fn round_to_zero(self) -> F {
        round_to_zero_by_integers(self)
    }
    #[inline(always)]
    fn round_to_even(self) -> F {
        round_to_even_by_integers(self)
    }
    #[inline(always)]
    fn lt(self, other: F) -> M {
        op!(M, _mm_castps_si128(_mm_cmplt_ps(self.0, other.0)))
    }
    #[inline(always)]
    fn le(self, other: F) -> M {
        op!(M, _mm_castps_si128(_mm_cmple_ps(self.0, other.0)))
    }
    #[inline(always)]
    fn gt(self, other: F) -> M {
        op!(M, _mm_castps_si128(_mm_cmpgt_ps(self.0, other.0)))
    }
    #[inline(always)]
    fn ge(self, other: F) -> M {
        op!(M, _mm_castps_si128(_mm_cmpge_ps(self.0, other.0)))
    }
    #[inline(always)]
    fn eq(self, other: F) -> M {
        op!(M, _mm_castps_si128(_mm_cmpeq_ps(self.0, other.0)))
    }
    #[inline(always)]
    fn ne(self, other: F) -> M {
        op!(M, _mm_castps_si128(_mm_cmpneq_ps(self.0, other.0)))
    }
    #[inline(always)]
    fn truncate(self) -> I {
        op!(I, _mm_cvttps_epi32(self.0))
    }
    #[inline(always)]
    fn bits(self) -> U {
        op!(U, _mm_castps_si128(self.0))
    }
}

impl Int for I {
    type M = M;
    type F = F;
    type U = U;
    #[inline(always)]
    fn splat(value: i32) -> I {
        op!(I, _mm_set1_epi32(value))
    }
    #[inline(always)]
    fn plus(self, other: I) -> I {
        op!(I, _mm_add_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn minus(self, other: I) -> I {
        op!(I, _mm_sub_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn times(self, other: I) -> I {
        I(low_product(self.0, other.0))
    }
    #[inline(always)]
    fn shift_right<const N: i32>(self) -> I {
        op!(I, _mm_sra_epi32(self.0, _mm_cvtsi32_si128(N)))
    }
    #[inline(always)]
    fn lt(self, other: I) -> M {
        op!(M, _mm_cmpgt_epi32(other.0, self.0))
    }
    #[inline(always)]
    fn eq(self, other: I) -> M {
        op!(M, _mm_cmpeq_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn float(self) -> F {
        op!(F, _mm_cvtepi32_ps(self.0))
    }
    #[inline(always)]
    fn unsigned(self) -> U {
        U(self.0)
    }
}
impl I {
    /// Arithmetic shift right by `amount & 31`.
    #[inline(always)]
    fn shift_right_by(self, amount: U) -> I {
        per_lane(self.unsigned(), amount, |a, n| {
            ((a as i32) >> (n & 31)) as u32
        })
        .signed()
    }
}

impl Uint for U {
    type M = M;
    type F = F;
    type I = I;
    #[inline(always)]
    fn splat(value: u32) -> U {
        op!(U, _mm_set1_epi32(value as i32))
    }
    #[inline(always)]
    fn plus(self, other: U) -> U {
        op!(U, _mm_add_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn minus(self, other: U) -> U {
        op!(U, _mm_sub_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn times(self, other: U) -> U {
        U(low_product(self.0, other.0))
    }
    #[inline(always)]
    fn shift_left<const N: i32>(self) -> U {
        op!(U, _mm_sll_epi32(self.0, _mm_cvtsi32_si128(N)))
    }
    #[inline(always)]
    fn shift_right<const N: i32>(self) -> U {
        op!(U, _mm_srl_epi32(self.0, _mm_cvtsi32_si128(N)))
    }
    #[inline(always)]
    fn shift_left_by(self, amount: U) -> U {
        per_lane(self, amount, |a, n| a << (n & 31))
    }
    #[inline(always)]
    fn shift_right_by(self, amount: U) -> U {
        per_lane(self, amount, |a, n| a >> (n & 31))
    }
    #[inline(always)]
    fn lt(self, other: U) -> M {
        self.biased().lt(other.biased())
    }
    #[inline(always)]
    fn eq(self, other: U) -> M {
        op!(M, _mm_cmpeq_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn float(self) -> F {
        float_by_halves(self)
    }
    #[inline(always)]
    fn as_float(self) -> F {
        op!(F, _mm_castsi128_ps(self.0))
    }
    #[inline(always)]
    fn signed(self) -> I {
        I(self.0)
    }
    #[inline(always)]
    fn leading_zeros(self) -> U {
        leading_zeros_by_halves(self)
    }
    #[inline(always)]
    fn ones(self) -> U {
        ones_by_halves(self)
    }
}
impl U {
    /// Maps the order of unsigned to that of signed integers.
    #[inline(always)]
    fn biased(self) -> I {
        (self ^ U::splat(1 << 31)).signed()
    }
    /// The smaller one, unsigned.
    #[inline(always)]
    pub fn lesser(self, other: U) -> U {
        U::select(self.lt(other), self, other)
    }
}

/// `(mask & yes) | (!mask & no)`.
#[inline(always)]
fn blend(mask: __m128i, yes: __m128i, no: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64
    unsafe { _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no)) }
}

/// Low halves of the products of lanes.
#[inline(always)]
fn low_product(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64
    unsafe {
        let even = _mm_mul_epu32(a, b);
        let odd = _mm_mul_epu32(_mm_srli_epi64::<32>(a), _mm_srli_epi64::<32>(b));
        _mm_unpacklo_epi32(
            _mm_shuffle_epi32::<0b10_00>(even),
            _mm_shuffle_epi32::<0b10_00>(odd),
        )
    }
}

/// Transposes 4×4 words.
#[inline(always)]
fn transpose(r: [__m128i; 4]) -> [U; 4] {
    // SAFETY: SSE2 is part of x86-64
    unsafe {
        let (a, b) = (
            _mm_unpacklo_epi32(r[0], r[1]),
            _mm_unpackhi_epi32(r[0], r[1]),
        );
        let (c, d) = (
            _mm_unpacklo_epi32(r[2], r[3]),
            _mm_unpackhi_epi32(r[2], r[3]),
        );
        [
            U(_mm_unpacklo_epi64(a, c)),
            U(_mm_unpackhi_epi64(a, c)),
            U(_mm_unpacklo_epi64(b, d)),
            U(_mm_unpackhi_epi64(b, d)),
        ]
    }
}

/// Loads four consecutive words per lane from `base` + `offsets`, giving each word of all lanes.
///
/// # Safety
/// Four words are readable at every offset.
#[inline(always)]
unsafe fn load_quads(base: *const u32, offsets: &[u32; L]) -> [U; 4] {
    // SAFETY: as the function's
    unsafe {
        let row = |i: usize| _mm_loadu_si128(base.add(offsets[i] as usize).cast());
        transpose([row(0), row(1), row(2), row(3)])
    }
}

/// Stores four consecutive words per lane that is on.
///
/// # Safety
/// Four words are writable at the offsets of lanes that are on.
#[inline(always)]
unsafe fn store_quads(base: *mut u32, offsets: &[u32; L], mask: M, words: [U; 4]) {
    let rows = transpose([words[0].0, words[1].0, words[2].0, words[3].0]);
    let mut lane = 0;
    while lane < L {
        if mask.to_bits() >> lane & 1 != 0 {
            // SAFETY: as the function's
            unsafe { _mm_storeu_si128(base.add(offsets[lane] as usize).cast(), rows[lane].0) };
        }
        lane += 1;
    }
}
