//! Matrices: an array of columns.

use super::vector::{Vec2, Vec3, Vec4};
use super::{Float, Select, Zero};
use std::ops::{Add, Mul, Neg, Sub};

/// A WGSL matrix of `N` columns `C`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub struct Mat<C, const N: usize>(pub [C; N]);

impl<C: Zero, const N: usize> Zero for Mat<C, N> {
    #[inline(always)]
    fn zero() -> Self {
        Mat([C::zero(); N])
    }
}
impl<M: Copy, C: Select<M>, const N: usize> Select<M> for Mat<C, N> {
    #[inline(always)]
    fn select(mask: M, yes: Self, no: Self) -> Self {
        Mat(Select::select(mask, yes.0, no.0))
    }
}
impl<C: Copy + Add<Output = C>, const N: usize> Add for Mat<C, N> {
    type Output = Self;
    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        let mut i = 0;
        while i < N {
            self.0[i] = self.0[i] + other.0[i];
            i += 1;
        }
        self
    }
}
impl<C: Copy + Sub<Output = C>, const N: usize> Sub for Mat<C, N> {
    type Output = Self;
    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        let mut i = 0;
        while i < N {
            self.0[i] = self.0[i] - other.0[i];
            i += 1;
        }
        self
    }
}
impl<C: Copy + Neg<Output = C>, const N: usize> Neg for Mat<C, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(mut self) -> Self {
        let mut i = 0;
        while i < N {
            self.0[i] = -self.0[i];
            i += 1;
        }
        self
    }
}
impl<C: Copy, const N: usize> Mat<C, N> {
    /// Every element times `s`.
    #[inline(always)]
    pub fn scaled<T: Copy>(mut self, s: T) -> Self
    where
        C: Mul<T, Output = C>,
    {
        let mut i = 0;
        while i < N {
            self.0[i] = self.0[i] * s;
            i += 1;
        }
        self
    }
}

/// Products of matrices with columns of type `$C` (of `$rows` rows) with vectors and matrices.
macro_rules! products {
    ($($C:ident;)*) => { $(
        products! { $C by Vec2 2, Vec3 3, Vec4 4 }
    )* };
    ($C:ident by $($V:ident $n:literal),*) => { $(
        impl<T: Float> Mul<$V<T>> for Mat<$C<T>, $n> {
            type Output = $C<T>;
            #[inline(always)]
            fn mul(self, v: $V<T>) -> $C<T> {
                let v = v.to_array();
                let mut sum = self.0[0] * v[0];
                let mut i = 1;
                while i < $n {
                    sum = sum + self.0[i] * v[i];
                    i += 1;
                }
                sum
            }
        }
        impl<T: Float> Mat<$C<T>, $n> {
            /// `v * self` of WGSL: a row vector times the matrix.
            #[inline(always)]
            pub fn times_row(self, v: $C<T>) -> $V<T> {
                let mut r = [T::zero(); $n];
                let mut i = 0;
                while i < $n {
                    r[i] = v.dot(self.0[i]);
                    i += 1;
                }
                $V::from_array(r)
            }
        }
        impl<T: Float, const N: usize> Mul<Mat<$V<T>, N>> for Mat<$C<T>, $n> {
            type Output = Mat<$C<T>, N>;
            #[inline(always)]
            fn mul(self, other: Mat<$V<T>, N>) -> Mat<$C<T>, N> {
                let mut r = [$C::zero(); N];
                let mut i = 0;
                while i < N {
                    r[i] = self * other.0[i];
                    i += 1;
                }
                Mat(r)
            }
        }
    )* };
}
products! { Vec2; Vec3; Vec4; }

/// Transposes: `$V` columns of `$rows` rows, `$n` of them, become `$W` columns.
macro_rules! transposes {
    ($($V:ident $rows:literal, $W:ident $n:literal;)*) => { $(
        impl<T: Float> Mat<$V<T>, $n> {
            /// Rows become columns.
            #[inline(always)]
            pub fn transpose(self) -> Mat<$W<T>, $rows> {
                let mut r = [[T::zero(); $n]; $rows];
                let mut i = 0;
                while i < $n {
                    let column = self.0[i].to_array();
                    let mut j = 0;
                    while j < $rows {
                        r[j][i] = column[j];
                        j += 1;
                    }
                    i += 1;
                }
                Mat(r.map($W::from_array))
            }
        }
    )* };
}
transposes! {
    Vec2 2, Vec2 2; Vec2 2, Vec3 3; Vec2 2, Vec4 4;
    Vec3 3, Vec2 2; Vec3 3, Vec3 3; Vec3 3, Vec4 4;
    Vec4 4, Vec2 2; Vec4 4, Vec3 3; Vec4 4, Vec4 4;
}

impl<T: Float> Mat<Vec2<T>, 2> {
    /// WGSL's `determinant`.
    #[inline(always)]
    pub fn determinant(self) -> T {
        let [a, b] = self.0;
        a.x * b.y - b.x * a.y
    }
}
impl<T: Float> Mat<Vec3<T>, 3> {
    /// WGSL's `determinant`.
    #[inline(always)]
    pub fn determinant(self) -> T {
        let [a, b, c] = self.0;
        a.dot(b.cross(c))
    }
}
impl<T: Float> Mat<Vec4<T>, 4> {
    /// WGSL's `determinant`, by products of 2×2 minors of the upper and the lower two rows (Laplace).
    #[inline(always)]
    pub fn determinant(self) -> T {
        let [a, b, c, d] = self.0;
        let upper = |p: Vec4<T>, q: Vec4<T>| p.x * q.y - q.x * p.y;
        let lower = |p: Vec4<T>, q: Vec4<T>| p.z * q.w - q.z * p.w;
        upper(a, b) * lower(c, d) - upper(a, c) * lower(b, d)
            + upper(a, d) * lower(b, c)
            + upper(b, c) * lower(a, d)
            - upper(b, d) * lower(a, c)
            + upper(c, d) * lower(a, b)
    }
}
