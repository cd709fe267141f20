//! Built-in functions of floats, and of all numbers, on scalars, lanes and vectors of either.
//!
//! Generated code calls them by the trait's name (`Math::sin(x)`), because `x.sin()` would be the platform's for `f32`.

use super::transcendental as exact;
use super::vector::{Vec2, Vec3, Vec4};
use super::{Float, Int, Select, Uint};

/// WGSL's `%` of floats: `a - b * trunc(a / b)`.
#[inline(always)]
pub fn remainder<T: Float>(a: T, b: T) -> T {
    a - b * (a / b).round_to_zero()
}

/// Rounds to the nearest `f16`, ties to even, and back.
#[inline(always)]
fn quantize<T: Float>(x: T) -> T {
    super::packing::half_to_float::<T>(super::packing::float_to_half(x))
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($x:ident $(, $y:ident)*) = $e:expr;)*) => {
        /// Built-in functions of floats.
        pub trait Math: Copy {
            $($(#[$doc])* fn $name($x: Self $(, $y: Self)*) -> Self;)*
        }
        impl<T: Float> Math for T {
            $(#[inline(always)] fn $name($x: T $(, $y: T)*) -> T { $e })*
        }
        functions! { @vector Vec2 (x y) $($name($x $(, $y)*);)* }
        functions! { @vector Vec3 (x y z) $($name($x $(, $y)*);)* }
        functions! { @vector Vec4 (x y z w) $($name($x $(, $y)*);)* }
    };
    (@vector $V:ident $all:tt $($name:ident $args:tt;)*) => {
        impl<T: Float> Math for $V<T> {
            $(functions! { @method $V $all $name $args })*
        }
    };
    (@method $V:ident ($($c:ident)*) $name:ident ($x:ident)) => {
        #[inline(always)]
        fn $name($x: Self) -> Self { $V { $($c: T::$name($x.$c)),* } }
    };
    (@method $V:ident ($($c:ident)*) $name:ident ($x:ident, $y:ident)) => {
        #[inline(always)]
        fn $name($x: Self, $y: Self) -> Self { $V { $($c: T::$name($x.$c, $y.$c)),* } }
    };
    (@method $V:ident ($($c:ident)*) $name:ident ($x:ident, $y:ident, $z:ident)) => {
        #[inline(always)]
        fn $name($x: Self, $y: Self, $z: Self) -> Self { $V { $($c: T::$name($x.$c, $y.$c, $z.$c)),* } }
    };
}

functions! {
    /// In radians: see [`exact::sin_cos`].
    sin(x) = exact::sin_cos(x).0;
    /// In radians: see [`exact::sin_cos`].
    cos(x) = exact::sin_cos(x).1;
    /// Sine over cosine: at most 4 ulp for |x| ≤ 16π.
    tan(x) = { let (s, c) = exact::sin_cos(x); s / c };
    /// See [`exact::asin`].
    asin(x) = exact::asin(x);
    /// See [`exact::acos`].
    acos(x) = exact::acos(x);
    /// See [`exact::atan`].
    atan(x) = exact::atan(x);
    /// See [`exact::atan2`].
    atan2(y, x) = exact::atan2(y, x);
    /// See [`exact::sinh`].
    sinh(x) = exact::sinh(x);
    /// See [`exact::cosh`].
    cosh(x) = exact::cosh(x);
    /// See [`exact::tanh`].
    tanh(x) = exact::tanh(x);
    /// See [`exact::asinh`].
    asinh(x) = exact::asinh(x);
    /// See [`exact::acosh`].
    acosh(x) = exact::acosh(x);
    /// See [`exact::atanh`].
    atanh(x) = exact::atanh(x);
    /// See [`exact::exp`].
    exp(x) = exact::exp(x);
    /// See [`exact::exp2`].
    exp2(x) = exact::exp2(x);
    /// See [`exact::log`].
    log(x) = exact::log(x);
    /// See [`exact::log2`].
    log2(x) = exact::log2(x);
    /// See [`exact::pow`].
    pow(x, y) = exact::pow(x, y);
    /// Correctly rounded.
    sqrt(x) = x.root();
    /// `1 / sqrt(x)`, two roundings.
    inverse_sqrt(x) = T::splat(1.0) / x.root();
    /// Towards positive infinity.
    ceil(x) = x.round_up();
    /// Towards negative infinity.
    floor(x) = x.round_down();
    /// To nearest, ties to even.
    round(x) = x.round_to_even();
    /// Towards zero.
    trunc(x) = x.round_to_zero();
    /// `x - floor(x)`.
    fract(x) = x - x.round_down();
    /// Clamped to [0, 1]; NaN gives 0.
    saturate(x) = x.greater(T::splat(0.0)).lesser(T::splat(1.0));
    /// Radians of degrees.
    radians(x) = x * T::splat(std::f32::consts::PI / 180.0);
    /// Degrees of radians.
    degrees(x) = x * T::splat(180.0 / std::f32::consts::PI);
    /// To the nearest `f16` and back.
    quantize_to_f16(x) = quantize(x);
    /// `x >= edge ? 1 : 0`.
    step(edge, x) = T::select(edge.le(x), T::splat(1.0), T::splat(0.0));
    /// `a (1 - t) + b t`.
    mix(a, b, t) = a * (T::splat(1.0) - t) + b * t;
    /// `t² (3 - 2t)` with `t = saturate((x - low) / (high - low))`.
    smoothstep(low, high, x) = {
        let t = Math::saturate((x - low) / (high - low));
        t * t * (T::splat(3.0) - T::splat(2.0) * t)
    };
    /// `a b + c`, rounded twice.
    fma(a, b, c) = a * b + c;
    /// WGSL's `%`.
    fmod(a, b) = remainder(a, b);
}

/// Built-in functions of all numbers.
pub trait Order: Copy {
    /// The smaller one; a NaN on either side gives the second.
    fn min(a: Self, b: Self) -> Self;
    /// The larger one; a NaN on either side gives the second.
    fn max(a: Self, b: Self) -> Self;
    /// `min(max(x, low), high)`; NaN gives `low`.
    fn clamp(x: Self, low: Self, high: Self) -> Self {
        Self::min(Self::max(x, low), high)
    }
    /// Magnitude; that of −2³¹ is itself.
    fn abs(x: Self) -> Self;
    /// −1, 0 or 1; NaN gives 0.
    fn sign(x: Self) -> Self;
}

/// Implements [`Order`] for scalars and lanes by the primitives of their traits.
macro_rules! order_float {
    ($($T:ty),*) => { $(
        impl Order for $T {
            #[inline(always)]
            fn min(a: Self, b: Self) -> Self {
                a.lesser(b)
            }
            #[inline(always)]
            fn max(a: Self, b: Self) -> Self {
                a.greater(b)
            }
            #[inline(always)]
            fn abs(x: Self) -> Self {
                x.magnitude()
            }
            #[inline(always)]
            fn sign(x: Self) -> Self {
                let (zero, one) = (<$T>::splat(0.0), <$T>::splat(1.0));
                let negative = <$T>::select(Float::lt(x, zero), -one, zero);
                <$T>::select(Float::gt(x, zero), one, negative)
            }
        }
    )* };
}
macro_rules! order_int {
    ($($T:ty),*) => { $(
        impl Order for $T {
            #[inline(always)]
            fn min(a: Self, b: Self) -> Self {
                <$T>::select(Int::lt(a, b), a, b)
            }
            #[inline(always)]
            fn max(a: Self, b: Self) -> Self {
                <$T>::select(Int::lt(a, b), b, a)
            }
            #[inline(always)]
            fn abs(x: Self) -> Self {
                <$T>::select(Int::lt(x, <$T>::splat(0)), <$T>::splat(0).minus(x), x)
            }
            #[inline(always)]
            fn sign(x: Self) -> Self {
                let negative = <$T>::select(Int::lt(x, <$T>::splat(0)), <$T>::splat(-1), <$T>::splat(0));
                <$T>::select(Int::lt(<$T>::splat(0), x), <$T>::splat(1), negative)
            }
        }
    )* };
}
macro_rules! order_uint {
    ($($T:ty),*) => { $(
        impl Order for $T {
            #[inline(always)]
            fn min(a: Self, b: Self) -> Self {
                <$T>::select(Uint::lt(a, b), a, b)
            }
            #[inline(always)]
            fn max(a: Self, b: Self) -> Self {
                <$T>::select(Uint::lt(a, b), b, a)
            }
            #[inline(always)]
            fn abs(x: Self) -> Self {
                x
            }
            #[inline(always)]
            fn sign(x: Self) -> Self {
                <$T>::select(Uint::lt(<$T>::splat(0), x), <$T>::splat(1), <$T>::splat(0))
            }
        }
    )* };
}
macro_rules! order_vector {
    ($($V:ident ($($c:ident)*);)*) => { $(
        impl<T: Order> Order for $V<T> {
            #[inline(always)]
            fn min(a: Self, b: Self) -> Self {
                $V { $($c: T::min(a.$c, b.$c)),* }
            }
            #[inline(always)]
            fn max(a: Self, b: Self) -> Self {
                $V { $($c: T::max(a.$c, b.$c)),* }
            }
            #[inline(always)]
            fn clamp(x: Self, low: Self, high: Self) -> Self {
                $V { $($c: T::clamp(x.$c, low.$c, high.$c)),* }
            }
            #[inline(always)]
            fn abs(x: Self) -> Self {
                $V { $($c: T::abs(x.$c)),* }
            }
            #[inline(always)]
            fn sign(x: Self) -> Self {
                $V { $($c: T::sign(x.$c)),* }
            }
        }
    )* };
}
order_vector! { Vec2 (x y); Vec3 (x y z); Vec4 (x y z w); }
order_float!(f32, super::portable::F);
order_int!(i32, super::portable::I);
order_uint!(u32, super::portable::U);
#[cfg(target_arch = "x86_64")]
mod wide {
    use super::super::{avx2, avx512};
    use super::*;
    order_float!(avx2::F, avx512::F);
    order_int!(avx2::I, avx512::I);
    order_uint!(avx2::U, avx512::U);
}
#[cfg(all(test, target_arch = "x86_64"))]
mod tested {
    use super::super::array;
    use super::*;
    order_float!(array::F);
    order_int!(array::I);
    order_uint!(array::U);
}
