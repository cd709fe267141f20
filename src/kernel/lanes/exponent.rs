//! Taking floats apart into significand and exponent.

use super::vector::{Vec2, Vec3, Vec4};
use super::{Float, Int, Select, Uint};

/// `frexp` and `ldexp`.
pub trait Exponent: Copy {
    /// Exponents of the same shape.
    type I;
    /// Significand with magnitude in [1/2, 1) and exponent, so that `x = significand · 2^exponent`; zero, ∞ and NaN are
    /// themselves with exponent 0.
    fn frexp(self) -> (Self, Self::I);
    /// `self · 2^exponent`, rounded once; the exponent is clamped to [−252, 254].
    fn ldexp(self, exponent: Self::I) -> Self;
}

impl<T: Float> Exponent for T {
    type I = T::I;
    #[inline(always)]
    fn frexp(self) -> (T, T::I) {
        let subnormal = self.magnitude().lt(T::splat(f32::MIN_POSITIVE));
        let x = T::select(subnormal, self * T::splat(8_388_608.0), self);
        let offset = T::I::select(subnormal, T::I::splat(-126 - 23), T::I::splat(-126));
        let field = (x.bits().shift_right::<23>() & T::U::splat(0xff)).signed();
        let fraction =
            ((x.bits() & T::U::splat(0x807f_ffff)) | T::U::splat(0x3f00_0000)).as_float();
        let whole = self.eq(T::splat(0.0)) | field.eq(T::I::splat(0xff));
        (
            T::select(whole, self, fraction),
            T::I::select(whole, T::I::splat(0), field.plus(offset)),
        )
    }
    #[inline(always)]
    fn ldexp(self, exponent: T::I) -> T {
        let low = T::I::splat(-252);
        let high = T::I::splat(254);
        let e = T::I::select(
            exponent.lt(low),
            low,
            T::I::select(high.lt(exponent), high, exponent),
        );
        let half = e.shift_right::<1>();
        let power = |n: T::I| {
            n.plus(T::I::splat(127))
                .unsigned()
                .shift_left::<23>()
                .as_float()
        };
        self * power(half) * power(e.minus(half))
    }
}

macro_rules! vectors {
    ($($V:ident ($($c:ident)*);)*) => { $(
        impl<T: Float> Exponent for $V<T> {
            type I = $V<T::I>;
            #[inline(always)]
            fn frexp(self) -> (Self, $V<T::I>) {
                let parts = $V { $($c: self.$c.frexp()),* };
                ($V { $($c: parts.$c.0),* }, $V { $($c: parts.$c.1),* })
            }
            #[inline(always)]
            fn ldexp(self, exponent: $V<T::I>) -> Self {
                $V { $($c: self.$c.ldexp(exponent.$c)),* }
            }
        }
    )* };
}
vectors! { Vec2 (x y); Vec3 (x y z); Vec4 (x y z w); }
