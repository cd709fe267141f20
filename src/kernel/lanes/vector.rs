//! Vectors, generic over the component: `f32` and the like for uniform values, `F` and the like for lanes.

use super::{Compare, Convert, Float, Select, Zero};
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Shl, Shr, Sub};

macro_rules! operator {
    ($V:ident ($($c:ident)*) $Trait:ident $method:ident) => {
        impl<T: $Trait<Output = T>> $Trait for $V<T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                $V { $($c: self.$c.$method(other.$c)),* }
            }
        }
    };
}

macro_rules! convert {
    ($V:ident ($($c:ident)*) $method:ident $T:ident) => {
        #[inline(always)]
        fn $method(self) -> $V<T::$T> {
            $V { $($c: self.$c.$method()),* }
        }
    };
}

macro_rules! compare {
    ($V:ident ($($c:ident)*) $method:ident) => {
        #[inline(always)]
        fn $method(self, other: Self) -> $V<T::M> {
            $V { $($c: self.$c.$method(other.$c)),* }
        }
    };
}

macro_rules! vector {
    ($V:ident $new:ident $n:literal ($x:ident $($c:ident)*) ($($all:ident)*) ($($i:literal)*)) => {
        /// A WGSL vector.
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $V<T> {
            $(#[allow(missing_docs, reason = "components are named as in WGSL")] pub $all: T,)*
        }
        /// A vector of its components.
        #[inline(always)]
        pub fn $new<T>($($all: T),*) -> $V<T> {
            $V { $($all),* }
        }
        impl<T: Copy> $V<T> {
            /// The same component everywhere.
            #[inline(always)]
            pub fn splat(value: T) -> Self {
                $V { $($all: value),* }
            }
            /// The components in order.
            #[inline(always)]
            pub fn to_array(self) -> [T; $n] {
                [$(self.$all),*]
            }
            /// The components in order.
            #[inline(always)]
            pub fn from_array(a: [T; $n]) -> Self {
                $V { $($all: a[$i]),* }
            }
            /// A choice per component.
            #[inline(always)]
            pub fn select_each<M>(mask: $V<M>, yes: Self, no: Self) -> Self
            where
                T: Select<M>,
            {
                $V { $($all: T::select(mask.$all, yes.$all, no.$all)),* }
            }
        }
        impl<T: Copy + BitAnd<Output = T>> $V<T> {
            /// WGSL's `all`.
            #[inline(always)]
            pub fn all_components(self) -> T {
                self.$x $(& self.$c)*
            }
        }
        impl<T: Copy + BitOr<Output = T>> $V<T> {
            /// WGSL's `any`.
            #[inline(always)]
            pub fn any_component(self) -> T {
                self.$x $(| self.$c)*
            }
        }
        impl<M: Copy, T: Select<M>> Select<M> for $V<T> {
            #[inline(always)]
            fn select(mask: M, yes: Self, no: Self) -> Self {
                $V { $($all: T::select(mask, yes.$all, no.$all)),* }
            }
        }
        impl<T: Zero> Zero for $V<T> {
            #[inline(always)]
            fn zero() -> Self {
                $V { $($all: T::zero()),* }
            }
        }
        operator! { $V ($($all)*) Add add }
        operator! { $V ($($all)*) Sub sub }
        operator! { $V ($($all)*) Mul mul }
        operator! { $V ($($all)*) Div div }
        operator! { $V ($($all)*) Rem rem }
        operator! { $V ($($all)*) BitAnd bitand }
        operator! { $V ($($all)*) BitOr bitor }
        operator! { $V ($($all)*) BitXor bitxor }
        impl<T: Copy + Mul<Output = T>> Mul<T> for $V<T> {
            type Output = Self;
            #[inline(always)]
            fn mul(self, s: T) -> Self {
                $V { $($all: self.$all * s),* }
            }
        }
        impl<T: Neg<Output = T>> Neg for $V<T> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                $V { $($all: -self.$all),* }
            }
        }
        impl<T: Not<Output = T>> Not for $V<T> {
            type Output = Self;
            #[inline(always)]
            fn not(self) -> Self {
                $V { $($all: !self.$all),* }
            }
        }
        impl<U, T: Shl<U, Output = T>> Shl<$V<U>> for $V<T> {
            type Output = Self;
            #[inline(always)]
            fn shl(self, amount: $V<U>) -> Self {
                $V { $($all: self.$all << amount.$all),* }
            }
        }
        impl<U, T: Shr<U, Output = T>> Shr<$V<U>> for $V<T> {
            type Output = Self;
            #[inline(always)]
            fn shr(self, amount: $V<U>) -> Self {
                $V { $($all: self.$all >> amount.$all),* }
            }
        }
        impl<T: Convert> Convert for $V<T> {
            type F = $V<T::F>;
            type I = $V<T::I>;
            type U = $V<T::U>;
            type M = $V<T::M>;
            convert! { $V ($($all)*) to_f32 F }
            convert! { $V ($($all)*) to_i32 I }
            convert! { $V ($($all)*) to_u32 U }
            convert! { $V ($($all)*) to_bool M }
            convert! { $V ($($all)*) cast_f32 F }
            convert! { $V ($($all)*) cast_i32 I }
            convert! { $V ($($all)*) cast_u32 U }
        }
        impl<T: Compare> Compare for $V<T> {
            type M = $V<T::M>;
            compare! { $V ($($all)*) equal }
            compare! { $V ($($all)*) not_equal }
            compare! { $V ($($all)*) less }
            compare! { $V ($($all)*) less_equal }
            compare! { $V ($($all)*) above }
            compare! { $V ($($all)*) above_equal }
        }
        impl<T: Copy + Add<Output = T> + Mul<Output = T>> $V<T> {
            /// Sum of products, from the first component on.
            #[inline(always)]
            pub fn dot(self, other: Self) -> T {
                self.$x * other.$x $(+ self.$c * other.$c)*
            }
        }
        impl<T: Float> $V<T> {
            /// Euclidean norm, unscaled.
            #[inline(always)]
            pub fn length(self) -> T {
                self.dot(self).root()
            }
            /// `self / length(self)`.
            #[inline(always)]
            pub fn normalize(self) -> Self {
                self * (T::splat(1.0) / self.length())
            }
            /// WGSL's `reflect(self, n)`.
            #[inline(always)]
            pub fn reflect(self, n: Self) -> Self {
                self - n * (T::splat(2.0) * n.dot(self))
            }
            /// WGSL's `refract(self, n, eta)`; zero for total internal reflection.
            #[inline(always)]
            pub fn refract(self, n: Self, eta: T) -> Self {
                let cosine = n.dot(self);
                let k = T::splat(1.0) - eta * eta * (T::splat(1.0) - cosine * cosine);
                let refracted = self * eta - n * (eta * cosine + k.root());
                Self::select(k.lt(T::splat(0.0)), Self::zero(), refracted)
            }
            /// WGSL's `faceForward(self, i, n)`.
            #[inline(always)]
            pub fn face_forward(self, i: Self, n: Self) -> Self {
                Self::select(n.dot(i).lt(T::splat(0.0)), self, -self)
            }
        }
    };
}
vector! { Vec2 vec2 2 (x y) (x y) (0 1) }
vector! { Vec3 vec3 3 (x y z) (x y z) (0 1 2) }
vector! { Vec4 vec4 4 (x y z w) (x y z w) (0 1 2 3) }

impl<T: Copy + Mul<Output = T> + Sub<Output = T>> Vec3<T> {
    /// Cross product.
    #[inline(always)]
    pub fn cross(self, b: Self) -> Self {
        vec3(
            self.y * b.z - self.z * b.y,
            self.z * b.x - self.x * b.z,
            self.x * b.y - self.y * b.x,
        )
    }
}

impl<M: Copy, T: Select<M>, const N: usize> Select<M> for [T; N] {
    #[inline(always)]
    fn select(mask: M, yes: Self, no: Self) -> Self {
        let mut r = no;
        let mut i = 0;
        while i < N {
            r[i] = T::select(mask, yes[i], no[i]);
            i += 1;
        }
        r
    }
}

impl<T: Zero, const N: usize> Zero for [T; N] {
    #[inline(always)]
    fn zero() -> Self {
        [T::zero(); N]
    }
}
