//! Plain scalars as members of the lane families: values that are the same in every lane.

use super::common::{float_to_i32, float_to_u32};
use super::{Convert, Float, Int, Mask, Select, Uint, Zero};

impl Mask for bool {
    #[inline(always)]
    fn splat(value: bool) -> bool {
        value
    }
    #[inline(always)]
    fn any(self) -> bool {
        self
    }
    #[inline(always)]
    fn all(self) -> bool {
        self
    }
    #[inline(always)]
    fn and_not(self, other: bool) -> bool {
        self & !other
    }
}

macro_rules! primitive {
    ($($T:ty = $zero:expr;)*) => { $(
        impl Select<bool> for $T {
            #[inline(always)]
            fn select(mask: bool, yes: $T, no: $T) -> $T {
                if mask { yes } else { no }
            }
        }
        impl Zero for $T {
            #[inline(always)]
            fn zero() -> $T {
                $zero
            }
        }
    )* };
}
primitive! { f32 = 0.0; i32 = 0; u32 = 0; bool = false; }

impl Float for f32 {
    type M = bool;
    type I = i32;
    type U = u32;
    #[inline(always)]
    fn splat(value: f32) -> f32 {
        value
    }
    #[inline(always)]
    fn root(self) -> f32 {
        self.sqrt()
    }
    #[inline(always)]
    fn magnitude(self) -> f32 {
        self.abs()
    }
    #[inline(always)]
    fn lesser(self, other: f32) -> f32 {
        if self < other { self } else { other }
    }
    #[inline(always)]
    fn greater(self, other: f32) -> f32 {
        if self > other { self } else { other }
    }
    #[inline(always)]
    fn round_down(self) -> f32 {
        self.floor()
    }
    #[inline(always)]
    fn round_up(self) -> f32 {
        self.ceil()
    }
    #[inline(always)]
    fn round_to_zero(self) -> f32 {
        self.trunc()
    }
    #[inline(always)]
    fn round_to_even(self) -> f32 {
        self.round_ties_even()
    }
    #[inline(always)]
    fn lt(self, other: f32) -> bool {
        self < other
    }
    #[inline(always)]
    fn le(self, other: f32) -> bool {
        self <= other
    }
    #[inline(always)]
    fn gt(self, other: f32) -> bool {
        self > other
    }
    #[inline(always)]
    fn ge(self, other: f32) -> bool {
        self >= other
    }
    #[inline(always)]
    fn eq(self, other: f32) -> bool {
        self == other
    }
    #[inline(always)]
    fn ne(self, other: f32) -> bool {
        self != other
    }
    #[inline(always)]
    fn truncate(self) -> i32 {
        self as i32
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        self.to_bits()
    }
}

impl Int for i32 {
    type M = bool;
    type F = f32;
    type U = u32;
    #[inline(always)]
    fn splat(value: i32) -> i32 {
        value
    }
    #[inline(always)]
    fn plus(self, other: i32) -> i32 {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn minus(self, other: i32) -> i32 {
        self.wrapping_sub(other)
    }
    #[inline(always)]
    fn times(self, other: i32) -> i32 {
        self.wrapping_mul(other)
    }
    #[inline(always)]
    fn shift_right<const N: i32>(self) -> i32 {
        self >> N
    }
    #[inline(always)]
    fn lt(self, other: i32) -> bool {
        self < other
    }
    #[inline(always)]
    fn eq(self, other: i32) -> bool {
        self == other
    }
    #[inline(always)]
    fn float(self) -> f32 {
        self as f32
    }
    #[inline(always)]
    fn unsigned(self) -> u32 {
        self as u32
    }
}

impl Uint for u32 {
    type M = bool;
    type F = f32;
    type I = i32;
    #[inline(always)]
    fn splat(value: u32) -> u32 {
        value
    }
    #[inline(always)]
    fn plus(self, other: u32) -> u32 {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn minus(self, other: u32) -> u32 {
        self.wrapping_sub(other)
    }
    #[inline(always)]
    fn times(self, other: u32) -> u32 {
        self.wrapping_mul(other)
    }
    #[inline(always)]
    fn shift_left<const N: i32>(self) -> u32 {
        self << N
    }
    #[inline(always)]
    fn shift_right<const N: i32>(self) -> u32 {
        self >> N
    }
    #[inline(always)]
    fn shift_left_by(self, amount: u32) -> u32 {
        self.wrapping_shl(amount)
    }
    #[inline(always)]
    fn shift_right_by(self, amount: u32) -> u32 {
        self.wrapping_shr(amount)
    }
    #[inline(always)]
    fn lt(self, other: u32) -> bool {
        self < other
    }
    #[inline(always)]
    fn eq(self, other: u32) -> bool {
        self == other
    }
    #[inline(always)]
    fn float(self) -> f32 {
        self as f32
    }
    #[inline(always)]
    fn as_float(self) -> f32 {
        f32::from_bits(self)
    }
    #[inline(always)]
    fn signed(self) -> i32 {
        self as i32
    }
    #[inline(always)]
    fn leading_zeros(self) -> u32 {
        u32::leading_zeros(self)
    }
    #[inline(always)]
    fn ones(self) -> u32 {
        self.count_ones()
    }
}

macro_rules! convert {
    ($($T:ty: $x:ident $f:expr, $i:expr, $u:expr, $b:expr, $cf:expr, $ci:expr, $cu:expr;)*) => { $(
        impl Convert for $T {
            type F = f32;
            type I = i32;
            type U = u32;
            type M = bool;
            #[inline(always)]
            fn to_f32(self) -> f32 {
                let $x = self;
                $f
            }
            #[inline(always)]
            fn to_i32(self) -> i32 {
                let $x = self;
                $i
            }
            #[inline(always)]
            fn to_u32(self) -> u32 {
                let $x = self;
                $u
            }
            #[inline(always)]
            fn to_bool(self) -> bool {
                let $x = self;
                $b
            }
            #[inline(always)]
            fn cast_f32(self) -> f32 {
                let $x = self;
                $cf
            }
            #[inline(always)]
            fn cast_i32(self) -> i32 {
                let $x = self;
                $ci
            }
            #[inline(always)]
            fn cast_u32(self) -> u32 {
                let $x = self;
                $cu
            }
        }
    )* };
}
convert! {
    f32: x x, float_to_i32(x), float_to_u32(x), x != 0.0, x, x.to_bits() as i32, x.to_bits();
    i32: x x as f32, x, x as u32, x != 0, f32::from_bits(x as u32), x, x as u32;
    u32: x x as f32, x as i32, x, x != 0, f32::from_bits(x), x as i32, x;
    bool: x f32::from(u8::from(x)), i32::from(x), u32::from(x), x, f32::from(u8::from(x)), i32::from(x), u32::from(x);
}
