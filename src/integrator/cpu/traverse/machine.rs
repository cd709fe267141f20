//! The handful of vector operations the walk is made of, on AVX2 and portably.
//!
//! `max` and `min` are SSE's: the second operand when neither is larger (equal zeros, NaN). Nothing
//! fuses a product into a sum.

/// `N` numbers.
pub trait Vector<const N: usize>: Copy {
    /// From memory.
    fn load(from: &[f32; N]) -> Self;
    /// All equal.
    fn splat(x: f32) -> Self;
    /// To memory.
    fn to_array(self) -> [f32; N];
    /// self + other
    fn add(self, other: Self) -> Self;
    /// self − other
    fn sub(self, other: Self) -> Self;
    /// self × other
    fn mul(self, other: Self) -> Self;
    /// self ÷ other
    fn div(self, other: Self) -> Self;
    /// self > other ? self : other
    fn max(self, other: Self) -> Self;
    /// self < other ? self : other
    fn min(self, other: Self) -> Self;
    /// Bit `i`: lane `i` of self ≤ lane `i` of other; false for NaN.
    fn le(self, other: Self) -> u32;
    /// Bit `i`: lane `i` of self = 0.
    fn is_zero(self) -> u32;
}

/// What the walk runs on.
pub trait Machine {
    /// One number for each child of a node.
    type Eight: Vector<8>;
    /// One number for each triangle of a block.
    type Four: Vector<4>;
}

/// Asks for the memory of `at`, which need not be readable.
#[inline(always)]
pub fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "a vector instruction every x86-64 has")]
    for offset in (0..size_of::<T>()).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: prefetching cannot fault and changes nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast::<i8>().wrapping_add(offset)) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Arrays, which any compiler can put into whatever vectors the target has.
pub struct Portable;

impl Machine for Portable {
    type Eight = [f32; 8];
    type Four = [f32; 4];
}

#[inline(always)]
fn lanes<const N: usize>(f: impl Fn(usize) -> f32) -> [f32; N] {
    std::array::from_fn(f)
}

impl<const N: usize> Vector<N> for [f32; N] {
    #[inline(always)]
    fn load(from: &[f32; N]) -> Self {
        *from
    }
    #[inline(always)]
    fn splat(x: f32) -> Self {
        [x; N]
    }
    #[inline(always)]
    fn to_array(self) -> [f32; N] {
        self
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        lanes(|i| self[i] + other[i])
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        lanes(|i| self[i] - other[i])
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        lanes(|i| self[i] * other[i])
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        lanes(|i| self[i] / other[i])
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        lanes(|i| {
            if self[i] > other[i] {
                self[i]
            } else {
                other[i]
            }
        })
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        lanes(|i| {
            if self[i] < other[i] {
                self[i]
            } else {
                other[i]
            }
        })
    }
    #[inline(always)]
    fn le(self, other: Self) -> u32 {
        (0..N).fold(0, |mask, i| mask | u32::from(self[i] <= other[i]) << i)
    }
    #[inline(always)]
    fn is_zero(self) -> u32 {
        (0..N).fold(0, |mask, i| mask | u32::from(self[i] == 0.0) << i)
    }
}

#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector instructions")]
mod avx2 {
    //! SAFETY, for every block here: `Avx2` is only named by the function that `super::super::run`
    //! calls after it found AVX2, and everything is inlined into that function. Loads and stores go
    //! through references to arrays of the vector's size, unaligned.

    use std::arch::x86_64::*;

    use super::{Machine, Vector};

    /// 256-bit nodes, 128-bit blocks.
    pub struct Avx2;

    impl Machine for Avx2 {
        type Eight = Eight;
        type Four = Four;
    }

    #[derive(Clone, Copy)]
    pub struct Eight(__m256);
    #[derive(Clone, Copy)]
    pub struct Four(__m128);

    macro_rules! vector {
        ($name:ident, $n:literal, $load:ident, $store:ident, $splat:ident, $zero:ident, $movemask:ident,
         $add:ident, $sub:ident, $mul:ident, $div:ident, $max:ident, $min:ident, $le:expr, $eq:expr) => {
            impl Vector<$n> for $name {
                #[inline(always)]
                fn load(from: &[f32; $n]) -> Self {
                    Self(unsafe { $load(from.as_ptr()) })
                }
                #[inline(always)]
                fn splat(x: f32) -> Self {
                    Self(unsafe { $splat(x) })
                }
                #[inline(always)]
                fn to_array(self) -> [f32; $n] {
                    let mut array = [0.0; $n];
                    unsafe { $store(array.as_mut_ptr(), self.0) };
                    array
                }
                #[inline(always)]
                fn add(self, other: Self) -> Self {
                    Self(unsafe { $add(self.0, other.0) })
                }
                #[inline(always)]
                fn sub(self, other: Self) -> Self {
                    Self(unsafe { $sub(self.0, other.0) })
                }
                #[inline(always)]
                fn mul(self, other: Self) -> Self {
                    Self(unsafe { $mul(self.0, other.0) })
                }
                #[inline(always)]
                fn div(self, other: Self) -> Self {
                    Self(unsafe { $div(self.0, other.0) })
                }
                #[inline(always)]
                fn max(self, other: Self) -> Self {
                    Self(unsafe { $max(self.0, other.0) })
                }
                #[inline(always)]
                fn min(self, other: Self) -> Self {
                    Self(unsafe { $min(self.0, other.0) })
                }
                #[inline(always)]
                fn le(self, other: Self) -> u32 {
                    unsafe { $movemask($le(self.0, other.0)) as u32 }
                }
                #[inline(always)]
                fn is_zero(self) -> u32 {
                    unsafe { $movemask($eq(self.0, $zero())) as u32 }
                }
            }
        };
    }

    vector!(
        Eight,
        8,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_set1_ps,
        _mm256_setzero_ps,
        _mm256_movemask_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps,
        _mm256_div_ps,
        _mm256_max_ps,
        _mm256_min_ps,
        |a, b| _mm256_cmp_ps::<_CMP_LE_OQ>(a, b),
        |a, b| _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b)
    );
    vector!(
        Four,
        4,
        _mm_loadu_ps,
        _mm_storeu_ps,
        _mm_set1_ps,
        _mm_setzero_ps,
        _mm_movemask_ps,
        _mm_add_ps,
        _mm_sub_ps,
        _mm_mul_ps,
        _mm_div_ps,
        _mm_max_ps,
        _mm_min_ps,
        _mm_cmple_ps,
        _mm_cmpeq_ps
    );
}
