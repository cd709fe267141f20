//! 4 lanes as plain arrays, for machines other than x86-64; compilers make NEON and the like of it.

use super::common::common;
use super::{Float, Int, Mask, Select, Uint};
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

/// Lanes per value.
pub const L: usize = 4;
/// One `f32` per lane.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct F([f32; L]);
/// One `i32` per lane.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct I([i32; L]);
/// One `u32` per lane.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct U([u32; L]);
/// One `bool` per lane: all bits or none.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct M([u32; L]);

common!();

/// Applies an expression to the lanes of one, two or three values.
macro_rules! each {
    ($T:ident, $x:ident in $a:expr => $e:expr) => {{
        let a = $a;
        let mut r = [Default::default(); L];
        for i in 0..L {
            let $x = a.0[i];
            r[i] = $e;
        }
        $T(r)
    }};
    ($T:ident, $x:ident in $a:expr, $y:ident in $b:expr => $e:expr) => {{
        let (a, b) = ($a, $b);
        let mut r = [Default::default(); L];
        for i in 0..L {
            let ($x, $y) = (a.0[i], b.0[i]);
            r[i] = $e;
        }
        $T(r)
    }};
}

macro_rules! binary {
    ($($T:ident: $Trait:ident $method:ident $op:tt;)*) => { $(
        impl $Trait for $T {
            type Output = $T;
            #[inline(always)]
            fn $method(self, other: $T) -> $T {
                each!($T, x in self, y in other => x $op y)
            }
        }
    )* };
}
binary! {
    F: Add add +;
    F: Sub sub -;
    F: Mul mul *;
    F: Div div /;
    I: BitAnd bitand &;
    I: BitOr bitor |;
    I: BitXor bitxor ^;
    U: BitAnd bitand &;
    U: BitOr bitor |;
    U: BitXor bitxor ^;
    M: BitAnd bitand &;
    M: BitOr bitor |;
    M: BitXor bitxor ^;
}

/// All bits or none.
#[inline(always)]
fn full(value: bool) -> u32 {
    u32::from(value).wrapping_neg()
}

impl Not for M {
    type Output = M;
    #[inline(always)]
    fn not(self) -> M {
        each!(M, x in self => !x)
    }
}
impl Mask for M {
    #[inline(always)]
    fn splat(value: bool) -> M {
        M([full(value); L])
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.0 != [0; L]
    }
    #[inline(always)]
    fn all(self) -> bool {
        self.0 == [!0; L]
    }
    #[inline(always)]
    fn and_not(self, other: M) -> M {
        each!(M, x in self, y in other => x & !y)
    }
}
impl M {
    /// One bit per lane.
    #[inline(always)]
    pub fn to_bits(self) -> u32 {
        let mut bits = 0;
        for i in 0..L {
            bits |= (self.0[i] & 1) << i;
        }
        bits
    }
    /// One bit per lane.
    #[inline(always)]
    pub fn from_bits(bits: u32) -> M {
        let mut lanes = [0; L];
        for (i, lane) in lanes.iter_mut().enumerate() {
            *lane = full(bits >> i & 1 != 0);
        }
        M(lanes)
    }
}
macro_rules! select {
    ($($T:ident)*) => { $(
        impl Select<M> for $T {
            #[inline(always)]
            fn select(mask: M, yes: $T, no: $T) -> $T {
                let mut r = no;
                for i in 0..L {
                    r.0[i] = if mask.0[i] != 0 { yes.0[i] } else { no.0[i] };
                }
                r
            }
        }
    )* };
}
select! { F I U M }

impl Neg for F {
    type Output = F;
    #[inline(always)]
    fn neg(self) -> F {
        each!(F, x in self => -x)
    }
}

impl Float for F {
    type M = M;
    type I = I;
    type U = U;
    #[inline(always)]
    fn splat(value: f32) -> F {
        F([value; L])
    }
    #[inline(always)]
    fn root(self) -> F {
        each!(F, x in self => x.sqrt())
    }
    #[inline(always)]
    fn magnitude(self) -> F {
        each!(F, x in self => x.abs())
    }
    #[inline(always)]
    fn lesser(self, other: F) -> F {
        each!(F, x in self, y in other => if x < y { x } else { y })
    }
    #[inline(always)]
    fn greater(self, other: F) -> F {
        each!(F, x in self, y in other => if x > y { x } else { y })
    }
    #[inline(always)]
    fn round_down(self) -> F {
        each!(F, x in self => x.floor())
    }
    #[inline(always)]
    fn round_up(self) -> F {
        each!(F, x in self => x.ceil())
    }
    #[inline(always)]
    fn round_to_zero(self) -> F {
        each!(F, x in self => x.trunc())
    }
    #[inline(always)]
    fn round_to_even(self) -> F {
        each!(F, x in self => x.round_ties_even())
    }
    #[inline(always)]
    fn lt(self, other: F) -> M {
        each!(M, x in self, y in other => full(x < y))
    }
    #[inline(always)]
    fn le(self, other: F) -> M {
        each!(M, x in self, y in other => full(x <= y))
    }
    #[inline(always)]
    fn gt(self, other: F) -> M {
        each!(M, x in self, y in other => full(x > y))
    }
    #[inline(always)]
    fn ge(self, other: F) -> M {
        each!(M, x in self, y in other => full(x >= y))
    }
    #[inline(always)]
    fn eq(self, other: F) -> M {
        each!(M, x in self, y in other => full(x == y))
    }
    #[inline(always)]
    fn ne(self, other: F) -> M {
        each!(M, x in self, y in other => full(x != y))
    }
    #[inline(always)]
    fn truncate(self) -> I {
        each!(I, x in self => x as i32)
    }
    #[inline(always)]
    fn bits(self) -> U {
        each!(U, x in self => x.to_bits())
    }
}

impl Int for I {
    type M = M;
    type F = F;
    type U = U;
    #[inline(always)]
    fn splat(value: i32) -> I {
        I([value; L])
    }
    #[inline(always)]
    fn plus(self, other: I) -> I {
        each!(I, x in self, y in other => x.wrapping_add(y))
    }
    #[inline(always)]
    fn minus(self, other: I) -> I {
        each!(I, x in self, y in other => x.wrapping_sub(y))
    }
    #[inline(always)]
    fn times(self, other: I) -> I {
        each!(I, x in self, y in other => x.wrapping_mul(y))
    }
    #[inline(always)]
    fn shift_right<const N: i32>(self) -> I {
        each!(I, x in self => x >> N)
    }
    #[inline(always)]
    fn lt(self, other: I) -> M {
        each!(M, x in self, y in other => full(x < y))
    }
    #[inline(always)]
    fn eq(self, other: I) -> M {
        each!(M, x in self, y in other => full(x == y))
    }
    #[inline(always)]
    fn float(self) -> F {
        each!(F, x in self => x as f32)
    }
    #[inline(always)]
    fn unsigned(self) -> U {
        each!(U, x in self => x as u32)
    }
}
impl I {
    /// Arithmetic shift right by `amount & 31`.
    #[inline(always)]
    fn shift_right_by(self, amount: U) -> I {
        each!(I, x in self, n in amount => x >> (n & 31))
    }
}

impl Uint for U {
    type M = M;
    type F = F;
    type I = I;
    #[inline(always)]
    fn splat(value: u32) -> U {
        U([value; L])
    }
    #[inline(always)]
    fn plus(self, other: U) -> U {
        each!(U, x in self, y in other => x.wrapping_add(y))
    }
    #[inline(always)]
    fn minus(self, other: U) -> U {
        each!(U, x in self, y in other => x.wrapping_sub(y))
    }
    #[inline(always)]
    fn times(self, other: U) -> U {
        each!(U, x in self, y in other => x.wrapping_mul(y))
    }
    #[inline(always)]
    fn shift_left<const N: i32>(self) -> U {
        each!(U, x in self => x << N)
    }
    #[inline(always)]
    fn shift_right<const N: i32>(self) -> U {
        each!(U, x in self => x >> N)
    }
    #[inline(always)]
    fn shift_left_by(self, amount: U) -> U {
        each!(U, x in self, n in amount => x << (n & 31))
    }
    #[inline(always)]
    fn shift_right_by(self, amount: U) -> U {
        each!(U, x in self, n in amount => x >> (n & 31))
    }
    #[inline(always)]
    fn lt(self, other: U) -> M {
        each!(M, x in self, y in other => full(x < y))
    }
    #[inline(always)]
    fn eq(self, other: U) -> M {
        each!(M, x in self, y in other => full(x == y))
    }
    #[inline(always)]
    fn float(self) -> F {
        each!(F, x in self => x as f32)
    }
    #[inline(always)]
    fn as_float(self) -> F {
        each!(F, x in self => f32::from_bits(x))
    }
    #[inline(always)]
    fn signed(self) -> I {
        each!(I, x in self => x as i32)
    }
    #[inline(always)]
    fn leading_zeros(self) -> U {
        each!(U, x in self => x.leading_zeros())
    }
    #[inline(always)]
    fn ones(self) -> U {
        each!(U, x in self => x.count_ones())
    }
}
impl U {
    /// The smaller one, unsigned.
    #[inline(always)]
    pub fn lesser(self, other: U) -> U {
        each!(U, x in self, y in other => x.min(y))
    }
}

/// Loads four consecutive words per lane from `base` + `offsets`, giving each word of all lanes.
///
/// # Safety
/// Four words are readable at every offset.
#[inline(always)]
unsafe fn load_quads(base: *const u32, offsets: &[u32; L]) -> [U; 4] {
    let mut words = [U([0; L]); 4];
    for (lane, &offset) in offsets.iter().enumerate() {
        for (w, word) in words.iter_mut().enumerate() {
            // SAFETY: as the function's
            word.0[lane] = unsafe { base.add(offset as usize + w).read() };
        }
    }
    words
}

/// Stores four consecutive words per lane that is on.
///
/// # Safety
/// Four words are writable at the offsets of lanes that are on.
#[inline(always)]
unsafe fn store_quads(base: *mut u32, offsets: &[u32; L], mask: M, words: [U; 4]) {
    for (lane, &offset) in offsets.iter().enumerate() {
        if mask.0[lane] != 0 {
            for (w, word) in words.iter().enumerate() {
                // SAFETY: as the function's
                unsafe { base.add(offset as usize + w).write(word.0[lane]) };
            }
        }
    }
}
