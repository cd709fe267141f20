//! Built-in functions that pack small numbers into a word, and take them out again.

use super::vector::{Vec2, Vec4, vec2, vec4};
use super::{Float, Int, Select, Uint};

#[inline(always)]
fn ku<U: Uint>(value: u32) -> U {
    U::splat(value)
}

/// `x` in [−1, 1] as the nearest of `2·scale + 1` steps, in the low bits; NaN gives −scale.
#[inline(always)]
fn snorm<T: Float>(x: T, scale: f32) -> T::U {
    let x = x.greater(T::splat(-1.0)).lesser(T::splat(1.0));
    (T::splat(0.5) + T::splat(scale) * x)
        .round_down()
        .truncate()
        .unsigned()
}

/// `x` in [0, 1] as the nearest of `scale + 1` steps; NaN gives 0.
#[inline(always)]
fn unorm<T: Float>(x: T, scale: f32) -> T::U {
    let x = x.greater(T::splat(0.0)).lesser(T::splat(1.0));
    (T::splat(0.5) + T::splat(scale) * x)
        .round_down()
        .truncate()
        .unsigned()
}

/// `pack4x8snorm`.
#[inline(always)]
pub fn pack4x8snorm<T: Float>(v: Vec4<T>) -> T::U {
    let part = |x| snorm::<T>(x, 127.0) & ku(0xff);
    join8(vec4(part(v.x), part(v.y), part(v.z), part(v.w)))
}
/// `pack4x8unorm`.
#[inline(always)]
pub fn pack4x8unorm<T: Float>(v: Vec4<T>) -> T::U {
    join8(vec4(
        unorm(v.x, 255.0),
        unorm(v.y, 255.0),
        unorm(v.z, 255.0),
        unorm(v.w, 255.0),
    ))
}
/// `pack2x16snorm`.
#[inline(always)]
pub fn pack2x16snorm<T: Float>(v: Vec2<T>) -> T::U {
    (snorm(v.x, 32767.0) & ku(0xffff)) | snorm(v.y, 32767.0).shift_left::<16>()
}
/// `pack2x16unorm`.
#[inline(always)]
pub fn pack2x16unorm<T: Float>(v: Vec2<T>) -> T::U {
    unorm(v.x, 65535.0) | unorm(v.y, 65535.0).shift_left::<16>()
}
/// `pack2x16float`.
#[inline(always)]
pub fn pack2x16float<T: Float>(v: Vec2<T>) -> T::U {
    float_to_half(v.x) | float_to_half(v.y).shift_left::<16>()
}
/// `pack4xU8` of components whose upper bits are dropped.
#[inline(always)]
pub fn pack4xu8<U: Uint>(v: Vec4<U>) -> U {
    join8(vec4(
        v.x & ku(0xff),
        v.y & ku(0xff),
        v.z & ku(0xff),
        v.w & ku(0xff),
    ))
}
/// `pack4xI8`.
#[inline(always)]
pub fn pack4xi8<I: Int>(v: Vec4<I>) -> I::U {
    pack4xu8(vec4(
        v.x.unsigned(),
        v.y.unsigned(),
        v.z.unsigned(),
        v.w.unsigned(),
    ))
}
/// `pack4xU8Clamp`.
#[inline(always)]
pub fn pack4xu8_clamp<U: Uint>(v: Vec4<U>) -> U {
    let part = |x: U| U::select(x.lt(ku(255)), x, ku(255));
    join8(vec4(part(v.x), part(v.y), part(v.z), part(v.w)))
}
/// `pack4xI8Clamp`.
#[inline(always)]
pub fn pack4xi8_clamp<I: Int>(v: Vec4<I>) -> I::U {
    let part = |x: I| {
        let x = I::select(x.lt(I::splat(-128)), I::splat(-128), x);
        I::select(x.lt(I::splat(127)), x, I::splat(127))
    };
    pack4xi8(vec4(part(v.x), part(v.y), part(v.z), part(v.w)))
}
/// Four bytes as a word, `x` lowest.
#[inline(always)]
fn join8<U: Uint>(v: Vec4<U>) -> U {
    v.x | v.y.shift_left::<8>() | v.z.shift_left::<16>() | v.w.shift_left::<24>()
}

/// `unpack4xU8`.
#[inline(always)]
pub fn unpack4xu8<U: Uint>(x: U) -> Vec4<U> {
    let byte = ku(0xff);
    vec4(
        x & byte,
        x.shift_right::<8>() & byte,
        x.shift_right::<16>() & byte,
        x.shift_right::<24>(),
    )
}
/// `unpack4xI8`.
#[inline(always)]
pub fn unpack4xi8<U: Uint>(x: U) -> Vec4<U::I> {
    vec4(
        x.shift_left::<24>().signed().shift_right::<24>(),
        x.shift_left::<16>().signed().shift_right::<24>(),
        x.shift_left::<8>().signed().shift_right::<24>(),
        x.signed().shift_right::<24>(),
    )
}
/// `unpack4x8unorm`.
#[inline(always)]
pub fn unpack4x8unorm<U: Uint>(x: U) -> Vec4<U::F> {
    let v = unpack4xu8(x);
    let part = |x: U| x.signed().float() / U::F::splat(255.0);
    vec4(part(v.x), part(v.y), part(v.z), part(v.w))
}
/// `unpack4x8snorm`.
#[inline(always)]
pub fn unpack4x8snorm<U: Uint>(x: U) -> Vec4<U::F> {
    let v = unpack4xi8(x);
    let part = |x: U::I| (x.float() / U::F::splat(127.0)).greater(U::F::splat(-1.0));
    vec4(part(v.x), part(v.y), part(v.z), part(v.w))
}
/// `unpack2x16unorm`.
#[inline(always)]
pub fn unpack2x16unorm<U: Uint>(x: U) -> Vec2<U::F> {
    let part = |x: U| x.signed().float() / U::F::splat(65535.0);
    vec2(part(x & ku(0xffff)), part(x.shift_right::<16>()))
}
/// `unpack2x16snorm`.
#[inline(always)]
pub fn unpack2x16snorm<U: Uint>(x: U) -> Vec2<U::F> {
    let part = |x: U| {
        (x.signed().shift_right::<16>().float() / U::F::splat(32767.0)).greater(U::F::splat(-1.0))
    };
    vec2(part(x.shift_left::<16>()), part(x))
}
/// `unpack2x16float`.
#[inline(always)]
pub fn unpack2x16float<U: Uint>(x: U) -> Vec2<U::F> {
    vec2(
        half_to_float(x & ku(0xffff)),
        half_to_float(x.shift_right::<16>()),
    )
}

/// `dot4U8Packed`.
#[inline(always)]
pub fn dot4u8<U: Uint>(a: U, b: U) -> U {
    let (a, b) = (unpack4xu8(a), unpack4xu8(b));
    a.x.times(b.x)
        .plus(a.y.times(b.y))
        .plus(a.z.times(b.z))
        .plus(a.w.times(b.w))
}
/// `dot4I8Packed`.
#[inline(always)]
pub fn dot4i8<U: Uint>(a: U, b: U) -> U::I {
    let (a, b) = (unpack4xi8(a), unpack4xi8(b));
    a.x.times(b.x)
        .plus(a.y.times(b.y))
        .plus(a.z.times(b.z))
        .plus(a.w.times(b.w))
}

/// The `f16` nearest to `x` (ties to even) in the low 16 bits; too large becomes ∞, subnormals are kept.
#[inline(always)]
pub fn float_to_half<T: Float>(x: T) -> T::U {
    let sign = x.bits().shift_right::<16>() & ku(0x8000);
    let a = x.bits() & ku(0x7fff_ffff);
    // normal: rebias by −112 and round to 10 bits
    let odd = a.shift_right::<13>() & ku(1);
    let normal = a
        .minus(ku(112 << 23))
        .plus(ku(0xfff))
        .plus(odd)
        .shift_right::<13>();
    // subnormal: adding ½ rounds at the unit 2⁻²⁴, where the low bits then stand
    let subnormal = (a.as_float() + T::splat(0.5)).bits().minus(ku(0x3f00_0000));
    let half = T::U::select(a.lt(ku(0x3880_0000)), subnormal, normal);
    let half = T::U::select(a.lt(ku(0x4780_0000)), half, ku(0x7c00));
    let nan = ku::<T::U>(0x7f80_0000).lt(a);
    T::U::select(nan, ku(0x7e00), half) | sign
}

/// The float that an `f16` in the low 16 bits stands for, exactly.
#[inline(always)]
pub fn half_to_float<T: Float>(half: T::U) -> T {
    let sign = (half & ku(0x8000)).shift_left::<16>();
    let a = half & ku(0x7fff);
    let normal = a.shift_left::<13>().plus(ku(112 << 23));
    let special = a.shift_left::<13>() | ku(0x7f80_0000);
    let subnormal = (a.signed().float() * T::splat(5.960_464_5e-8)).bits();
    let bits = T::U::select(a.lt(ku(0x0400)), subnormal, normal);
    let bits = T::U::select(a.lt(ku(0x7c00)), bits, special);
    (bits | sign).as_float()
}
