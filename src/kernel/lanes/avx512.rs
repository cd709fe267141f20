//! 16 lanes: AVX-512 F, BW, DQ, VL and CD, as every CPU with AVX-512 since Skylake-SP has them.
//!
//! Everything is `#[inline(always)]` and ends in functions that enable these features; see `Simd` for who may call those.

use super::common::{common, ones_by_halves};
use super::{Float, Int, Mask, Select, Uint};
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

/// Lanes per value.
pub const L: usize = 16;
/// One `f32` per lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F(__m512);
/// One `i32` per lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct I(__m512i);
/// One `u32` per lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct U(__m512i);
/// One `bool` per lane, as a bit.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct M(u16);

common!();

/// Calls an intrinsic whose instruction set the caller has enabled.
macro_rules! op {
    ($wrap:ident, $intrinsic:expr) => {
        // SAFETY: kernels of this back end run only where `Simd` found its features
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
    F: Add add _mm512_add_ps;
    F: Sub sub _mm512_sub_ps;
    F: Mul mul _mm512_mul_ps;
    F: Div div _mm512_div_ps;
    I: BitAnd bitand _mm512_and_si512;
    I: BitOr bitor _mm512_or_si512;
    I: BitXor bitxor _mm512_xor_si512;
    U: BitAnd bitand _mm512_and_si512;
    U: BitOr bitor _mm512_or_si512;
    U: BitXor bitxor _mm512_xor_si512;
}

impl BitAnd for M {
    type Output = M;
    #[inline(always)]
    fn bitand(self, other: M) -> M {
        M(self.0 & other.0)
    }
}
impl BitOr for M {
    type Output = M;
    #[inline(always)]
    fn bitor(self, other: M) -> M {
        M(self.0 | other.0)
    }
}
impl BitXor for M {
    type Output = M;
    #[inline(always)]
    fn bitxor(self, other: M) -> M {
        M(self.0 ^ other.0)
    }
}
impl Not for M {
    type Output = M;
    #[inline(always)]
    fn not(self) -> M {
        M(!self.0)
    }
}
impl Mask for M {
    #[inline(always)]
    fn splat(value: bool) -> M {
        M(if value { !0 } else { 0 })
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.0 != 0
    }
    #[inline(always)]
    fn all(self) -> bool {
        self.0 == !0
    }
    #[inline(always)]
    fn and_not(self, other: M) -> M {
        M(self.0 & !other.0)
    }
}
impl M {
    /// One bit per lane.
    #[inline(always)]
    pub fn to_bits(self) -> u32 {
        u32::from(self.0)
    }
    /// One bit per lane.
    #[inline(always)]
    pub fn from_bits(bits: u32) -> M {
        M(bits as u16)
    }
}
impl Select<M> for M {
    #[inline(always)]
    fn select(mask: M, yes: M, no: M) -> M {
        M((yes.0 & mask.0) | (no.0 & !mask.0))
    }
}
impl Select<M> for F {
    #[inline(always)]
    fn select(mask: M, yes: F, no: F) -> F {
        op!(F, _mm512_mask_blend_ps(mask.0, no.0, yes.0))
    }
}
impl Select<M> for I {
    #[inline(always)]
    fn select(mask: M, yes: I, no: I) -> I {
        op!(I, _mm512_mask_blend_epi32(mask.0, no.0, yes.0))
    }
}
impl Select<M> for U {
    #[inline(always)]
    fn select(mask: M, yes: U, no: U) -> U {
        op!(U, _mm512_mask_blend_epi32(mask.0, no.0, yes.0))
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
        op!(F, _mm512_set1_ps(value))
    }
    #[inline(always)]
    fn root(self) -> F {
        op!(F, _mm512_sqrt_ps(self.0))
    }
    #[inline(always)]
    fn magnitude(self) -> F {
        (self.bits() & U::splat(u32::MAX >> 1)).as_float()
    }
    #[inline(always)]
    fn lesser(self, other: F) -> F {
        op!(F, _mm512_min_ps(self.0, other.0))
    }
    #[inline(always)]
    fn greater(self, other: F) -> F {
        op!(F, _mm512_max_ps(self.0, other.0))
    }
    #[inline(always)]
    fn round_down(self) -> F {
        op!(
            F,
            _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0)
        )
    }
    #[inline(always)]
    fn round_up(self) -> F {
        op!(
            F,
            _mm512_roundscale_ps::<{ _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC }>(self.0)
        )
    }
    #[inline(always)]
    fn round_to_zero(self) -> F {
        op!(
            F,
            _mm512_roundscale_ps::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0)
        )
    }
    #[inline(always)]
    fn round_to_even(self) -> F {
        op!(
            F,
            _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)
        )
    }
    #[inline(always)]
    fn lt(self, other: F) -> M {
        op!(M, _mm512_cmp_ps_mask::<_CMP_LT_OQ>(self.0, other.0))
    }
    #[inline(always)]
    fn le(self, other: F) -> M {
        op!(M, _mm512_cmp_ps_mask::<_CMP_LE_OQ>(self.0, other.0))
    }
    #[inline(always)]
    fn gt(self, other: F) -> M {
        op!(M, _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0))
    }
    #[inline(always)]
    fn ge(self, other: F) -> M {
        op!(M, _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, other.0))
    }
    #[inline(always)]
    fn eq(self, other: F) -> M {
        op!(M, _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, other.0))
    }
    #[inline(always)]
    fn ne(self, other: F) -> M {
        op!(M, _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(self.0, other.0))
    }
    #[inline(always)]
    fn truncate(self) -> I {
        op!(I, _mm512_cvttps_epi32(self.0))
    }
    #[inline(always)]
    fn bits(self) -> U {
        op!(U, _mm512_castps_si512(self.0))
    }
}

impl Int for I {
    type M = M;
    type F = F;
    type U = U;
    #[inline(always)]
    fn splat(value: i32) -> I {
        op!(I, _mm512_set1_epi32(value))
    }
    #[inline(always)]
    fn plus(self, other: I) -> I {
        op!(I, _mm512_add_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn minus(self, other: I) -> I {
        op!(I, _mm512_sub_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn times(self, other: I) -> I {
        op!(I, _mm512_mullo_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn shift_right<const N: i32>(self) -> I {
        op!(I, _mm512_sra_epi32(self.0, _mm_cvtsi32_si128(N)))
    }
    #[inline(always)]
    fn lt(self, other: I) -> M {
        op!(M, _mm512_cmplt_epi32_mask(self.0, other.0))
    }
    #[inline(always)]
    fn eq(self, other: I) -> M {
        op!(M, _mm512_cmpeq_epi32_mask(self.0, other.0))
    }
    #[inline(always)]
    fn float(self) -> F {
        op!(F, _mm512_cvtepi32_ps(self.0))
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
        op!(I, _mm512_srav_epi32(self.0, (amount & U::splat(31)).0))
    }
}

impl Uint for U {
    type M = M;
    type F = F;
    type I = I;
    #[inline(always)]
    fn splat(value: u32) -> U {
        op!(U, _mm512_set1_epi32(value as i32))
    }
    #[inline(always)]
    fn plus(self, other: U) -> U {
        op!(U, _mm512_add_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn minus(self, other: U) -> U {
        op!(U, _mm512_sub_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn times(self, other: U) -> U {
        op!(U, _mm512_mullo_epi32(self.0, other.0))
    }
    #[inline(always)]
    fn shift_left<const N: i32>(self) -> U {
        op!(U, _mm512_sll_epi32(self.0, _mm_cvtsi32_si128(N)))
    }
    #[inline(always)]
    fn shift_right<const N: i32>(self) -> U {
        op!(U, _mm512_srl_epi32(self.0, _mm_cvtsi32_si128(N)))
    }
    #[inline(always)]
    fn shift_left_by(self, amount: U) -> U {
        op!(U, _mm512_sllv_epi32(self.0, (amount & U::splat(31)).0))
    }
    #[inline(always)]
    fn shift_right_by(self, amount: U) -> U {
        op!(U, _mm512_srlv_epi32(self.0, (amount & U::splat(31)).0))
    }
    #[inline(always)]
    fn lt(self, other: U) -> M {
        op!(M, _mm512_cmplt_epu32_mask(self.0, other.0))
    }
    #[inline(always)]
    fn eq(self, other: U) -> M {
        op!(M, _mm512_cmpeq_epi32_mask(self.0, other.0))
    }
    #[inline(always)]
    fn float(self) -> F {
        op!(F, _mm512_cvtepu32_ps(self.0))
    }
    #[inline(always)]
    fn as_float(self) -> F {
        op!(F, _mm512_castsi512_ps(self.0))
    }
    #[inline(always)]
    fn signed(self) -> I {
        I(self.0)
    }
    #[inline(always)]
    fn leading_zeros(self) -> U {
        op!(U, _mm512_lzcnt_epi32(self.0))
    }
    #[inline(always)]
    fn ones(self) -> U {
        ones_by_halves(self)
    }
}
impl U {
    /// The smaller one, unsigned.
    #[inline(always)]
    pub fn lesser(self, other: U) -> U {
        op!(U, _mm512_min_epu32(self.0, other.0))
    }
}

/// Transposes the 4×4 words that each quarter of the registers holds.
///
/// # Safety
/// AVX-512 F.
#[inline(always)]
unsafe fn transpose(r: [__m512i; 4]) -> [__m512i; 4] {
    // SAFETY: as the function's
    unsafe {
        let (a, b) = (
            _mm512_unpacklo_epi32(r[0], r[1]),
            _mm512_unpackhi_epi32(r[0], r[1]),
        );
        let (c, d) = (
            _mm512_unpacklo_epi32(r[2], r[3]),
            _mm512_unpackhi_epi32(r[2], r[3]),
        );
        [
            _mm512_unpacklo_epi64(a, c),
            _mm512_unpackhi_epi64(a, c),
            _mm512_unpacklo_epi64(b, d),
            _mm512_unpackhi_epi64(b, d),
        ]
    }
}

/// Loads four consecutive words per lane from `base` + `offsets`, giving each word of all lanes.
///
/// # Safety
/// Four words are readable at every offset; AVX-512 F.
#[inline(always)]
unsafe fn load_quads(base: *const u32, offsets: &[u32; L]) -> [U; 4] {
    // SAFETY: as the function's
    unsafe {
        let mut r = [_mm512_setzero_si512(); 4];
        let mut k = 0;
        while k < 4 {
            let row = |i: usize| _mm_loadu_si128(base.add(offsets[i] as usize).cast());
            let low = _mm512_castsi128_si512(row(k));
            let low = _mm512_inserti32x4::<1>(low, row(k + 4));
            let low = _mm512_inserti32x4::<2>(low, row(k + 8));
            r[k] = _mm512_inserti32x4::<3>(low, row(k + 12));
            k += 1;
        }
        let t = transpose(r);
        [U(t[0]), U(t[1]), U(t[2]), U(t[3])]
    }
}

/// Stores four consecutive words per lane that is on.
///
/// # Safety
/// Four words are writable at the offsets of lanes that are on; AVX-512 F.
#[inline(always)]
unsafe fn store_quads(base: *mut u32, offsets: &[u32; L], mask: M, words: [U; 4]) {
    // SAFETY: as the function's
    unsafe {
        let t = transpose([words[0].0, words[1].0, words[2].0, words[3].0]);
        let row = |lane: usize| match lane / 4 {
            0 => _mm512_castsi512_si128(t[lane % 4]),
            1 => _mm512_extracti32x4_epi32::<1>(t[lane % 4]),
            2 => _mm512_extracti32x4_epi32::<2>(t[lane % 4]),
            _ => _mm512_extracti32x4_epi32::<3>(t[lane % 4]),
        };
        let store =
            |lane: usize| _mm_storeu_si128(base.add(offsets[lane] as usize).cast(), row(lane));
        let mut lane = 0;
        if mask.all() {
            while lane < L {
                store(lane);
                lane += 1;
            }
        } else {
            while lane < L {
                if mask.to_bits() >> lane & 1 != 0 {
                    store(lane);
                }
                lane += 1;
            }
        }
    }
}
