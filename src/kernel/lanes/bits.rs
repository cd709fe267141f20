//! Built-in functions on bit patterns.

use super::vector::{Vec2, Vec3, Vec4};
use super::{Convert, Int, Uint};

/// Built-in functions of `u32` and `i32`; those of `i32` work on the same bits unless said otherwise.
pub trait Bits: Copy {
    /// One bits.
    fn count_one_bits(x: Self) -> Self;
    /// Leading zero bits, 32 for zero.
    fn count_leading_zeros(x: Self) -> Self;
    /// Trailing zero bits, 32 for zero.
    fn count_trailing_zeros(x: Self) -> Self;
    /// Position of the highest bit that differs from the sign (from 0, for `u32`), or all ones.
    fn first_leading_bit(x: Self) -> Self;
    /// Position of the lowest one, or all ones.
    fn first_trailing_bit(x: Self) -> Self;
    /// Bit 0 becomes bit 31.
    fn reverse_bits(x: Self) -> Self;
}

/// `count` bits from bit `offset` on, both clamped to the word.
#[inline(always)]
fn field<U: Uint>(offset: U, count: U) -> (U, U) {
    let whole = U::splat(32);
    let offset = U::select(offset.lt(whole), offset, whole);
    let rest = whole.minus(offset);
    (offset, U::select(count.lt(rest), count, rest))
}

/// `amount` may be 32, which moves everything out.
#[inline(always)]
fn shift_left_to_32<U: Uint>(x: U, amount: U) -> U {
    U::select(
        amount.lt(U::splat(32)),
        x.shift_left_by(amount),
        U::splat(0),
    )
}

/// The lowest `count` bits set.
#[inline(always)]
fn low_ones<U: Uint>(count: U) -> U {
    shift_left_to_32(U::splat(1), count).minus(U::splat(1))
}

/// WGSL's `extractBits` of a `u32`.
#[inline(always)]
fn extract_bits<U: Uint>(x: U, offset: U, count: U) -> U {
    let (offset, count) = field(offset, count);
    let shifted = U::select(
        offset.lt(U::splat(32)),
        x.shift_right_by(offset),
        U::splat(0),
    );
    shifted & low_ones(count)
}

/// WGSL's `extractBits` of an `i32`, given as its bits: the field's highest bit is repeated.
#[inline(always)]
fn extract_bits_signed<U: Uint>(x: U, offset: U, count: U) -> U {
    let bits = extract_bits(x, offset, count);
    let (_, count) = field(offset, count);
    let none = count.eq(U::splat(0));
    let top = U::splat(1).shift_left_by(count.minus(U::splat(1)));
    let extended = (bits ^ top).minus(top);
    U::select(none, U::splat(0), extended)
}

/// WGSL's `insertBits`.
#[inline(always)]
fn insert_bits<U: Uint>(x: U, new: U, offset: U, count: U) -> U {
    let (offset, count) = field(offset, count);
    let mask = shift_left_to_32(low_ones(count), offset);
    let keep = mask ^ U::splat(!0);
    (x & keep) | (shift_left_to_32(new, offset) & mask)
}

#[inline(always)]
fn trailing_zeros<U: Uint>(x: U) -> U {
    // the lowest one alone, less one, is as many ones as there are zeros below it
    let lowest = x & U::splat(0).minus(x);
    lowest.minus(U::splat(1)).ones()
}

#[inline(always)]
fn first_leading<U: Uint>(x: U) -> U {
    U::splat(31).minus(x.leading_zeros())
}

#[inline(always)]
fn first_trailing<U: Uint>(x: U) -> U {
    U::select(x.eq(U::splat(0)), U::splat(!0), trailing_zeros(x))
}

#[inline(always)]
fn reverse<U: Uint>(x: U) -> U {
    let k = U::splat;
    let x = (x.shift_right::<1>() & k(0x5555_5555)) | (x & k(0x5555_5555)).shift_left::<1>();
    let x = (x.shift_right::<2>() & k(0x3333_3333)) | (x & k(0x3333_3333)).shift_left::<2>();
    let x = (x.shift_right::<4>() & k(0x0f0f_0f0f)) | (x & k(0x0f0f_0f0f)).shift_left::<4>();
    let x = (x.shift_right::<8>() & k(0x00ff_00ff)) | (x & k(0x00ff_00ff)).shift_left::<8>();
    x.shift_right::<16>() | x.shift_left::<16>()
}

/// WGSL's `extractBits` and `insertBits`; offsets and counts have no components.
pub trait Fields<U>: Copy {
    /// `count` bits from `offset` on, moved to bit 0; of an `i32` with the highest of them repeated.
    fn extract(x: Self, offset: U, count: U) -> Self;
    /// `x` with `count` bits from `offset` on taken from `new`.
    fn insert(x: Self, new: Self, offset: U, count: U) -> Self;
}

macro_rules! bits {
    ($($I:ty, $U:ty;)*) => { $(
        impl Bits for $U {
            #[inline(always)]
            fn count_one_bits(x: Self) -> Self {
                x.ones()
            }
            #[inline(always)]
            fn count_leading_zeros(x: Self) -> Self {
                Uint::leading_zeros(x)
            }
            #[inline(always)]
            fn count_trailing_zeros(x: Self) -> Self {
                trailing_zeros(x)
            }
            #[inline(always)]
            fn first_leading_bit(x: Self) -> Self {
                first_leading(x)
            }
            #[inline(always)]
            fn first_trailing_bit(x: Self) -> Self {
                first_trailing(x)
            }
            #[inline(always)]
            fn reverse_bits(x: Self) -> Self {
                reverse(x)
            }
        }
        impl Fields<$U> for $U {
            #[inline(always)]
            fn extract(x: Self, offset: $U, count: $U) -> Self {
                extract_bits(x, offset, count)
            }
            #[inline(always)]
            fn insert(x: Self, new: Self, offset: $U, count: $U) -> Self {
                insert_bits(x, new, offset, count)
            }
        }
        impl Fields<$U> for $I {
            #[inline(always)]
            fn extract(x: Self, offset: $U, count: $U) -> Self {
                extract_bits_signed(x.cast_u32(), offset, count).signed()
            }
            #[inline(always)]
            fn insert(x: Self, new: Self, offset: $U, count: $U) -> Self {
                insert_bits(x.cast_u32(), new.cast_u32(), offset, count).signed()
            }
        }
        impl Bits for $I {
            #[inline(always)]
            fn count_one_bits(x: Self) -> Self {
                x.cast_u32().ones().signed()
            }
            #[inline(always)]
            fn count_leading_zeros(x: Self) -> Self {
                Uint::leading_zeros(x.cast_u32()).signed()
            }
            #[inline(always)]
            fn count_trailing_zeros(x: Self) -> Self {
                trailing_zeros(x.cast_u32()).signed()
            }
            #[inline(always)]
            fn first_leading_bit(x: Self) -> Self {
                first_leading(x.cast_u32() ^ Int::shift_right::<31>(x).cast_u32()).signed()
            }
            #[inline(always)]
            fn first_trailing_bit(x: Self) -> Self {
                first_trailing(x.cast_u32()).signed()
            }
            #[inline(always)]
            fn reverse_bits(x: Self) -> Self {
                reverse(x.cast_u32()).signed()
            }
        }
    )* };
}
bits! { i32, u32; super::portable::I, super::portable::U; }
#[cfg(target_arch = "x86_64")]
bits! { super::avx2::I, super::avx2::U; super::avx512::I, super::avx512::U; }
#[cfg(all(test, target_arch = "x86_64"))]
bits! { super::array::I, super::array::U; }

macro_rules! vectors {
    ($($V:ident ($($c:ident)*);)*) => { $(
        impl<U: Copy, T: Fields<U>> Fields<U> for $V<T> {
            #[inline(always)]
            fn extract(x: Self, offset: U, count: U) -> Self {
                $V { $($c: T::extract(x.$c, offset, count)),* }
            }
            #[inline(always)]
            fn insert(x: Self, new: Self, offset: U, count: U) -> Self {
                $V { $($c: T::insert(x.$c, new.$c, offset, count)),* }
            }
        }
        impl<T: Bits> Bits for $V<T> {
            #[inline(always)]
            fn count_one_bits(x: Self) -> Self {
                $V { $($c: T::count_one_bits(x.$c)),* }
            }
            #[inline(always)]
            fn count_leading_zeros(x: Self) -> Self {
                $V { $($c: T::count_leading_zeros(x.$c)),* }
            }
            #[inline(always)]
            fn count_trailing_zeros(x: Self) -> Self {
                $V { $($c: T::count_trailing_zeros(x.$c)),* }
            }
            #[inline(always)]
            fn first_leading_bit(x: Self) -> Self {
                $V { $($c: T::first_leading_bit(x.$c)),* }
            }
            #[inline(always)]
            fn first_trailing_bit(x: Self) -> Self {
                $V { $($c: T::first_trailing_bit(x.$c)),* }
            }
            #[inline(always)]
            fn reverse_bits(x: Self) -> Self {
                $V { $($c: T::reverse_bits(x.$c)),* }
            }
        }
    )* };
}
vectors! { Vec2 (x y); Vec3 (x y z); Vec4 (x y z w); }
