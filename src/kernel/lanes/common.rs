//! What every back end composes in the same way of its primitives: operators, conversions, comparisons, memory access.
//!
//! [`common!`] is called once in each back end, where `F`, `I`, `U`, `M` and `L` are in scope.

use super::{Float, Int, Select, Uint};

/// Adds 1 bits in ever larger groups.
#[inline(always)]
pub fn ones_by_halves<U: Uint>(x: U) -> U {
    let k = U::splat;
    let x = x.minus(x.shift_right::<1>() & k(0x5555_5555));
    let x = (x & k(0x3333_3333)).plus(x.shift_right::<2>() & k(0x3333_3333));
    let x = x.plus(x.shift_right::<4>()) & k(0x0f0f_0f0f);
    x.times(k(0x0101_0101)).shift_right::<24>()
}

/// Counts what is left after the leading one has been copied to all lower bits.
#[inline(always)]
pub fn leading_zeros_by_halves<U: Uint>(x: U) -> U {
    let x = x | x.shift_right::<1>();
    let x = x | x.shift_right::<2>();
    let x = x | x.shift_right::<4>();
    let x = x | x.shift_right::<8>();
    let x = x | x.shift_right::<16>();
    U::splat(32).minus(ones_by_halves(x))
}

/// Nearest float of an unsigned integer: two exact halves, one rounding.
#[inline(always)]
pub fn float_by_halves<U: Uint>(x: U) -> U::F {
    let high = x.shift_right::<16>().signed().float();
    let low = (x & U::splat(0xffff)).signed().float();
    high * U::F::splat(65536.0) + low
}

/// From here on every float is an integer.
const INTEGERS_FROM: f32 = 8_388_608.0;

/// `magnitude` with the sign of `sign`.
#[inline(always)]
fn with_sign<T: Float>(magnitude: T, sign: T) -> T {
    (magnitude.bits() | (sign.bits() & T::U::splat(1 << 31))).as_float()
}

/// [`Float::round_to_zero`] by way of integers.
#[inline(always)]
pub fn round_to_zero_by_integers<T: Float>(x: T) -> T {
    let a = x.magnitude();
    let small = a.lt(T::splat(INTEGERS_FROM));
    let t = T::select(small, a, T::splat(0.0)).truncate().float();
    T::select(small, with_sign(t, x), x)
}

/// [`Float::round_down`] by way of integers.
#[inline(always)]
pub fn round_down_by_integers<T: Float>(x: T) -> T {
    let t = round_to_zero_by_integers(x);
    T::select(t.gt(x), t - T::splat(1.0), t)
}

/// [`Float::round_up`] by way of integers.
#[inline(always)]
pub fn round_up_by_integers<T: Float>(x: T) -> T {
    let t = round_to_zero_by_integers(x);
    let up = with_sign(t + T::splat(1.0), x);
    T::select(t.lt(x), up, t)
}

/// [`Float::round_to_even`] by letting an addition round.
#[inline(always)]
pub fn round_to_even_by_integers<T: Float>(x: T) -> T {
    let a = x.magnitude();
    let k = T::splat(INTEGERS_FROM);
    T::select(a.lt(k), with_sign((a + k) - k, x), x)
}

/// WGSL's `i32(f32)`: see [`super::Convert::to_i32`].
#[inline(always)]
pub fn float_to_i32<T: Float>(x: T) -> T::I {
    x.greater(T::splat(-2_147_483_648.0))
        .lesser(T::splat(2_147_483_520.0))
        .truncate()
}

/// WGSL's `u32(f32)`: see [`super::Convert::to_u32`].
#[inline(always)]
pub fn float_to_u32<T: Float>(x: T) -> T::U {
    let x = x.greater(T::splat(0.0)).lesser(T::splat(4_294_967_040.0));
    let big = x.ge(T::splat(2_147_483_648.0));
    let low = x - T::select(big, T::splat(2_147_483_648.0), T::splat(0.0));
    low.truncate().unsigned() ^ T::U::select(big, T::U::splat(1 << 31), T::U::splat(0))
}

/// Quotient by WGSL's rules: `x / 0` is `x`.
#[inline(always)]
pub fn quotient_u32(x: u32, y: u32) -> u32 {
    x.checked_div(y).unwrap_or(x)
}

/// Remainder by WGSL's rules: `x % 0` is 0.
#[inline(always)]
pub fn remainder_u32(x: u32, y: u32) -> u32 {
    x.checked_rem(y).unwrap_or(0)
}

/// Quotient by WGSL's rules: `x / 0` and the one overflow give `x`.
#[inline(always)]
pub fn quotient_i32(x: i32, y: i32) -> i32 {
    x.checked_div(y).unwrap_or(x)
}

/// Remainder by WGSL's rules: `x % 0` and the one overflow give 0.
#[inline(always)]
pub fn remainder_i32(x: i32, y: i32) -> i32 {
    x.checked_rem(y).unwrap_or(0)
}

macro_rules! common {
    () => {
        use super::common::{
            float_to_i32, float_to_u32, quotient_i32, quotient_u32, remainder_i32, remainder_u32,
        };
        use super::memory::Table;
        use super::vector::{Vec2, Vec3, Vec4};
        use super::{Compare, Convert, Zero};
        use std::ops::{Rem, Shl, Shr};

        macro_rules! operators {
            ($T:ident) => {
                impl Add for $T {
                    type Output = $T;
                    #[inline(always)]
                    fn add(self, other: $T) -> $T {
                        self.plus(other)
                    }
                }
                impl Sub for $T {
                    type Output = $T;
                    #[inline(always)]
                    fn sub(self, other: $T) -> $T {
                        self.minus(other)
                    }
                }
                impl Mul for $T {
                    type Output = $T;
                    #[inline(always)]
                    fn mul(self, other: $T) -> $T {
                        self.times(other)
                    }
                }
                impl Not for $T {
                    type Output = $T;
                    #[inline(always)]
                    fn not(self) -> $T {
                        self ^ $T::splat(!0)
                    }
                }
                impl Shl<U> for $T {
                    type Output = $T;
                    #[inline(always)]
                    fn shl(self, amount: U) -> $T {
                        self.cast_u32().shift_left_by(amount).into()
                    }
                }
                impl Shr<U> for $T {
                    type Output = $T;
                    #[inline(always)]
                    fn shr(self, amount: U) -> $T {
                        self.shift_right_by(amount)
                    }
                }
            };
        }
        operators!(I);
        operators!(U);

        impl From<U> for I {
            #[inline(always)]
            fn from(x: U) -> I {
                x.signed()
            }
        }
        impl Neg for I {
            type Output = I;
            #[inline(always)]
            fn neg(self) -> I {
                I::splat(0).minus(self)
            }
        }
        impl Div for U {
            type Output = U;
            #[inline(always)]
            fn div(self, other: U) -> U {
                per_lane(self, other, quotient_u32)
            }
        }
        impl Rem for U {
            type Output = U;
            #[inline(always)]
            fn rem(self, other: U) -> U {
                per_lane(self, other, remainder_u32)
            }
        }
        impl Div for I {
            type Output = I;
            #[inline(always)]
            fn div(self, other: I) -> I {
                per_lane(self.unsigned(), other.unsigned(), |x, y| {
                    quotient_i32(x as i32, y as i32) as u32
                })
                .signed()
            }
        }
        impl Rem for I {
            type Output = I;
            #[inline(always)]
            fn rem(self, other: I) -> I {
                per_lane(self.unsigned(), other.unsigned(), |x, y| {
                    remainder_i32(x as i32, y as i32) as u32
                })
                .signed()
            }
        }
        impl Rem for F {
            type Output = F;
            #[inline(always)]
            fn rem(self, other: F) -> F {
                super::math::remainder(self, other)
            }
        }

        /// Takes lanes apart, for what has no vector form.
        #[inline(always)]
        fn per_lane(a: U, b: U, f: impl Fn(u32, u32) -> u32) -> U {
            let (a, b) = (a.to_array(), b.to_array());
            let mut r = [0; L];
            let mut i = 0;
            while i < L {
                r[i] = f(a[i], b[i]);
                i += 1;
            }
            U::from_array(r)
        }

        impl U {
            /// One element per lane.
            #[inline(always)]
            pub fn to_array(self) -> [u32; L] {
                // SAFETY: the same size, and every bit pattern is a value
                unsafe { std::mem::transmute(self) }
            }
            /// One element per lane.
            #[inline(always)]
            pub fn from_array(lanes: [u32; L]) -> U {
                // SAFETY: the same size, and every bit pattern is a value
                unsafe { std::mem::transmute(lanes) }
            }
        }

        impl Zero for F {
            #[inline(always)]
            fn zero() -> F {
                F::splat(0.0)
            }
        }
        impl Zero for I {
            #[inline(always)]
            fn zero() -> I {
                I::splat(0)
            }
        }
        impl Zero for U {
            #[inline(always)]
            fn zero() -> U {
                U::splat(0)
            }
        }
        impl Zero for M {
            #[inline(always)]
            fn zero() -> M {
                M::splat(false)
            }
        }

        impl Convert for F {
            type F = F;
            type I = I;
            type U = U;
            type M = M;
            #[inline(always)]
            fn to_f32(self) -> F {
                self
            }
            #[inline(always)]
            fn to_i32(self) -> I {
                float_to_i32(self)
            }
            #[inline(always)]
            fn to_u32(self) -> U {
                float_to_u32(self)
            }
            #[inline(always)]
            fn to_bool(self) -> M {
                self.ne(F::splat(0.0))
            }
            #[inline(always)]
            fn cast_f32(self) -> F {
                self
            }
            #[inline(always)]
            fn cast_i32(self) -> I {
                self.bits().signed()
            }
            #[inline(always)]
            fn cast_u32(self) -> U {
                self.bits()
            }
        }
        impl Convert for I {
            type F = F;
            type I = I;
            type U = U;
            type M = M;
            #[inline(always)]
            fn to_f32(self) -> F {
                self.float()
            }
            #[inline(always)]
            fn to_i32(self) -> I {
                self
            }
            #[inline(always)]
            fn to_u32(self) -> U {
                self.unsigned()
            }
            #[inline(always)]
            fn to_bool(self) -> M {
                !Int::eq(self, I::splat(0))
            }
            #[inline(always)]
            fn cast_f32(self) -> F {
                self.unsigned().as_float()
            }
            #[inline(always)]
            fn cast_i32(self) -> I {
                self
            }
            #[inline(always)]
            fn cast_u32(self) -> U {
                self.unsigned()
            }
        }
        impl Convert for U {
            type F = F;
            type I = I;
            type U = U;
            type M = M;
            #[inline(always)]
            fn to_f32(self) -> F {
                self.float()
            }
            #[inline(always)]
            fn to_i32(self) -> I {
                self.signed()
            }
            #[inline(always)]
            fn to_u32(self) -> U {
                self
            }
            #[inline(always)]
            fn to_bool(self) -> M {
                !Uint::eq(self, U::splat(0))
            }
            #[inline(always)]
            fn cast_f32(self) -> F {
                self.as_float()
            }
            #[inline(always)]
            fn cast_i32(self) -> I {
                self.signed()
            }
            #[inline(always)]
            fn cast_u32(self) -> U {
                self
            }
        }
        impl Convert for M {
            type F = F;
            type I = I;
            type U = U;
            type M = M;
            #[inline(always)]
            fn to_f32(self) -> F {
                F::select(self, F::splat(1.0), F::splat(0.0))
            }
            #[inline(always)]
            fn to_i32(self) -> I {
                I::select(self, I::splat(1), I::splat(0))
            }
            #[inline(always)]
            fn to_u32(self) -> U {
                U::select(self, U::splat(1), U::splat(0))
            }
            #[inline(always)]
            fn to_bool(self) -> M {
                self
            }
            #[inline(always)]
            fn cast_f32(self) -> F {
                self.to_f32()
            }
            #[inline(always)]
            fn cast_i32(self) -> I {
                self.to_i32()
            }
            #[inline(always)]
            fn cast_u32(self) -> U {
                self.to_u32()
            }
        }

        impl Compare for F {
            type M = M;
            #[inline(always)]
            fn equal(self, other: F) -> M {
                Float::eq(self, other)
            }
            #[inline(always)]
            fn not_equal(self, other: F) -> M {
                Float::ne(self, other)
            }
            #[inline(always)]
            fn less(self, other: F) -> M {
                Float::lt(self, other)
            }
            #[inline(always)]
            fn less_equal(self, other: F) -> M {
                Float::le(self, other)
            }
            #[inline(always)]
            fn above(self, other: F) -> M {
                Float::gt(self, other)
            }
            #[inline(always)]
            fn above_equal(self, other: F) -> M {
                Float::ge(self, other)
            }
        }
        macro_rules! compare_integers {
            ($T:ident $Trait:ident) => {
                impl Compare for $T {
                    type M = M;
                    #[inline(always)]
                    fn equal(self, other: $T) -> M {
                        $Trait::eq(self, other)
                    }
                    #[inline(always)]
                    fn not_equal(self, other: $T) -> M {
                        !$Trait::eq(self, other)
                    }
                    #[inline(always)]
                    fn less(self, other: $T) -> M {
                        $Trait::lt(self, other)
                    }
                    #[inline(always)]
                    fn less_equal(self, other: $T) -> M {
                        !$Trait::lt(other, self)
                    }
                    #[inline(always)]
                    fn above(self, other: $T) -> M {
                        $Trait::lt(other, self)
                    }
                    #[inline(always)]
                    fn above_equal(self, other: $T) -> M {
                        !$Trait::lt(self, other)
                    }
                }
            };
        }
        compare_integers!(I Int);
        compare_integers!(U Uint);
        impl M {
            /// `self == other`.
            #[inline(always)]
            pub fn equal(self, other: M) -> M {
                !(self ^ other)
            }
            /// `self != other`.
            #[inline(always)]
            pub fn not_equal(self, other: M) -> M {
                self ^ other
            }
        }

        /// A uniform vector in every lane.
        #[inline(always)]
        pub fn lanes2(v: Vec2<f32>) -> Vec2<F> {
            Vec2 { x: F::splat(v.x), y: F::splat(v.y) }
        }
        /// A uniform vector in every lane.
        #[inline(always)]
        pub fn lanes3(v: Vec3<f32>) -> Vec3<F> {
            Vec3 { x: F::splat(v.x), y: F::splat(v.y), z: F::splat(v.z) }
        }
        /// A uniform vector in every lane.
        #[inline(always)]
        pub fn lanes4(v: Vec4<f32>) -> Vec4<F> {
            Vec4 { x: F::splat(v.x), y: F::splat(v.y), z: F::splat(v.z), w: F::splat(v.w) }
        }

        /// One row of words per lane: where to read in a table or in an array of records.
        #[derive(Clone, Copy)]
        pub struct Rows {
            base: *const u32,
            offsets: U,
            /// The one row that all lanes read, if they do.
            shared: Option<*const u32>,
        }
        impl Rows {
            /// Rows of a table. Lanes that are off read row 0; indices are clamped, as WGSL has it.
            #[inline(always)]
            pub fn of_table(table: Table<'_>, index: U, active: M, stride: u32) -> Rows {
                let index = U::select(active, index, U::splat(0)).lesser(U::splat(table.last()));
                Rows { base: table.words(), offsets: index * U::splat(stride), shared: None }
            }
            /// [`Rows::of_table`] for large rows that lanes often share: a shared row is read once. Lanes that are off
            /// then read it, too.
            #[inline(always)]
            pub fn of_table_often_shared(table: Table<'_>, index: U, active: M, stride: u32) -> Rows {
                let index = index.lesser(U::splat(table.last()));
                let first = index.to_array()[active.to_bits().trailing_zeros() as usize % L];
                let shared = !active.and_not(index.equal(U::splat(first))).any();
                let base = table.words();
                let index = U::select(active, index, U::splat(0));
                Rows {
                    base,
                    offsets: index * U::splat(stride),
                    // SAFETY: the row is one of the table's
                    shared: shared.then(|| unsafe { base.add(first as usize * stride as usize) }),
                }
            }
            /// Rows `indices` of an array of records of `stride` words.
            ///
            /// # Safety
            /// All of these rows are readable.
            #[inline(always)]
            pub unsafe fn of_records(base: *const u32, indices: &[u32; L], stride: u32) -> Rows {
                Rows { base, offsets: U::from_array(*indices) * U::splat(stride), shared: None }
            }
            /// Rows of a constant array of `N` elements.
            #[inline(always)]
            pub fn of_constant<T, const N: usize>(elements: &[T; N], index: U) -> Rows {
                let stride = (size_of::<T>() / 4) as u32;
                let index = index.lesser(U::splat(N as u32 - 1));
                Rows { base: elements.as_ptr().cast(), offsets: index * U::splat(stride), shared: None }
            }
            /// Word `word` of each row.
            #[inline(always)]
            pub fn word(&self, word: usize) -> U {
                let offsets = self.offsets.to_array();
                let mut r = [0; L];
                let mut i = 0;
                while i < L {
                    // SAFETY: offsets lie in the table, and `word` in its rows, by construction
                    r[i] = unsafe { self.base.add(offsets[i] as usize + word).read() };
                    i += 1;
                }
                U::from_array(r)
            }
            /// Words `word` to `word + 3` of each row.
            #[inline(always)]
            pub fn quad(&self, word: usize) -> [U; 4] {
                if let Some(row) = self.shared {
                    // SAFETY: as in `word`
                    let word = |k| U::splat(unsafe { row.add(word + k).read() });
                    return [word(0), word(1), word(2), word(3)];
                }
                // SAFETY: as in `word`; rows of what is read by quads are multiples of four words
                unsafe { load_quads(self.base.add(word), &self.offsets.to_array()) }
            }
        }

        /// Up to `L` indices that a stage works on at once.
        #[derive(Clone, Copy)]
        pub struct Group {
            /// Row of each lane; lanes that are off repeat the last row.
            pub indices: [u32; L],
            /// Lanes that are on.
            pub active: M,
        }
        impl Group {
            /// One lane per index; `indices` holds 1 to `L` of them.
            #[inline(always)]
            pub fn new(indices: &[u32]) -> Group {
                if let Ok(full) = <[u32; L]>::try_from(indices) {
                    return Group { indices: full, active: M::splat(true) };
                }
                let n = indices.len().min(L);
                let mut lanes = [indices.last().copied().unwrap_or(0); L];
                lanes[..n].copy_from_slice(&indices[..n]);
                Group { indices: lanes, active: M::from_bits((1 << n) - 1) }
            }
            /// Stores quad `quad` of the records of lanes that are on.
            ///
            /// # Safety
            /// All rows of lanes that are on are writable.
            #[inline(always)]
            pub unsafe fn store(&self, base: *mut u32, stride: u32, quad: usize, words: [U; 4]) {
                let offsets = (U::from_array(self.indices) * U::splat(stride)).to_array();
                // SAFETY: as the function's
                unsafe { store_quads(base.add(quad * 4), &offsets, self.active, words) }
            }
        }

        /// `array[index]` of an array in registers or on the stack; indices are clamped.
        #[inline(always)]
        pub fn array_get<T: Select<M>, const N: usize>(array: &[T; N], index: U) -> T {
            let mut r = array[N - 1];
            let mut i = 0;
            while i + 1 < N {
                r = T::select(index.equal(U::splat(i as u32)), array[i], r);
                i += 1;
            }
            r
        }
        /// `array[index] = value` in lanes that are on and whose index is in bounds.
        #[inline(always)]
        pub fn array_set<T: Select<M>, const N: usize>(array: &mut [T; N], index: U, active: M, value: T) {
            let mut i = 0;
            while i < N {
                array[i].set(active & index.equal(U::splat(i as u32)), value);
                i += 1;
            }
        }
    };
}
pub(super) use common;
