//! The conformance kernels of `shaders/conformance`, in every form that the lane runtime has.

#[path = "../../src/kernel/lanes/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the suite does not use all of the runtime"
)]
mod lanes;

/// One set of kernels, with the files that stand for the three forms.
macro_rules! kernels {
    ($name:ident, $($form:ident = $file:literal),* $(; $($same:ident),*)?) => {
        #[allow(
            clippy::all,
            dead_code,
            missing_docs,
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            unsafe_code,
            unused,
            reason = "generated"
        )]
        pub mod $name {
            use super::lanes as runtime;
            use super::record;
            use runtime::memory::Table;
            use skywell_kernel::Simd;

            mod prelude {
                pub use super::runtime::bits::{Bits, Fields};
                pub use super::runtime::common::{quotient_i32, quotient_u32, remainder_i32, remainder_u32};
                pub use super::runtime::exponent::Exponent;
                pub use super::runtime::math::{Math, Order};
                pub use super::runtime::matrix::Mat;
                pub use super::runtime::packing;
                pub use super::runtime::vector::{Vec2, Vec3, Vec4, vec2, vec3, vec4};
                pub use super::runtime::{Compare, Convert, Float, Int, Mask, Select, Uint, Zero};
                pub(super) use super::{Bound, record};
            }
            $(
                mod $form {
                    include!(concat!(env!("OUT_DIR"), "/conformance/", $file));
                }
            )*
            $($(use portable as $same;)*)?
            include!(concat!(env!("OUT_DIR"), "/conformance/stages.rs"));

            fn check(simd: Simd, indices: &[u32], lengths: &[usize]) {
                assert!(simd.is_available());
                assert!(lengths.iter().all(|&n| indices.iter().all(|&i| (i as usize) < n)));
            }
        }
    };
}

/// Records of the suite.
#[allow(missing_docs, reason = "generated")]
pub mod record {
    include!(concat!(env!("OUT_DIR"), "/conformance/record.rs"));
}

#[cfg(target_arch = "x86_64")]
kernels!(
    native,
    avx512 = "avx512.rs",
    avx2 = "avx2.rs",
    portable = "portable.rs"
);
#[cfg(not(target_arch = "x86_64"))]
kernels!(native, portable = "portable.rs");
// arrays, which other machines run, under the name of the portable form
#[cfg(target_arch = "x86_64")]
kernels!(plain, portable = "array.rs"; avx512, avx2);

use record::{Answer, Query, Settings};
use skywell_kernel::Simd;

/// The suite's WGSL in one piece.
pub const WGSL: &str = include_str!(concat!(env!("OUT_DIR"), "/conformance/linked.wgsl"));

/// Runs one kernel on all queries, in rows out of order and with some left out of full groups.
type Run = fn(Simd, &Settings, &[Query]) -> Vec<Answer>;

macro_rules! stages {
    ($($name:ident: $ops:literal;)*) => {
        /// Every kernel of the suite: name, operations it knows, and the function for native and for plain forms.
        pub const STAGES: &[(&str, u32, Run, Run)] = &[$((
            stringify!($name),
            $ops,
            |simd, settings, queries| {
                let mut answers = vec![Answer::default(); queries.len()];
                let tables = native::Tables { rows: queries, ..native::Tables::empty(settings) };
                native::$name(simd, &tables, &order(queries.len()), queries, &mut answers);
                answers
            },
            |_, settings, queries| {
                let mut answers = vec![Answer::default(); queries.len()];
                let tables = plain::Tables { rows: queries, ..plain::Tables::empty(settings) };
                plain::$name(Simd::Portable, &tables, &order(queries.len()), queries, &mut answers);
                answers
            },
        ),)*];
    };
}
stages! {
    probe_unary: 30;
    probe_several: 20;
    probe_geometry: 12;
    probe_matrix: 10;
    probe_unsigned: 23;
    probe_signed: 22;
    probe_packing: 14;
    probe_loops: 1;
    probe_switches: 1;
    probe_uniform: 1;
    probe_arrays: 1;
    probe_variables: 1;
    probe_tables: 1;
}
#[cfg(not(target_arch = "x86_64"))]
use native as plain;

fn order(n: usize) -> Vec<u32> {
    (0..n as u32).rev().collect()
}

/// A small generator of test inputs (Steele, Lea and Flood 2014: SplitMix64's mixer).
pub struct Random(pub u64);

impl Random {
    /// Any 32 bits.
    pub fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 32) as u32
    }

    /// In [-1, 1).
    pub fn unit(&mut self) -> f32 {
        self.bits() as f32 / 2_147_483_648.0 - 1.0
    }

    /// One of the edge values, a number of ordinary size, one of any size, or any bits at all.
    pub fn float(&mut self) -> f32 {
        match self.bits() % 8 {
            0 => EDGES[self.bits() as usize % EDGES.len()],
            1 => f32::from_bits(self.bits()),
            2 => self.unit() * 2f32.powi((self.bits() % 60) as i32 - 30),
            3 => self.unit(),
            4 => (self.unit() * 16.0).round() * 0.5,
            _ => self.unit() * 50.0,
        }
    }
}

/// Floats at which functions change their ways.
pub const EDGES: [f32; 31] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    -1.5,
    2.5,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    f32::MAX,
    f32::MIN,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    1e-45,
    -1e-45,
    1e-40,
    88.72284,
    -87.33655,
    -103.9,
    -104.0,
    128.0,
    -126.0,
    -150.0,
    8_388_608.0,
    -8_388_609.0,
    2_147_483_648.0,
    -2_147_483_648.0,
    4_294_967_296.0,
];

/// `n` queries for a kernel with `ops` operations.
pub fn queries(seed: u64, n: usize, ops: u32) -> Vec<Query> {
    let mut random = Random(seed);
    let four = |r: &mut Random| [r.float(), r.float(), r.float(), r.float()];
    (0..n)
        .map(|_| Query {
            a: four(&mut random),
            b: four(&mut random),
            c: four(&mut random),
            op: random.bits() % ops,
            i: random.bits(),
            j: random.bits(),
            k: random.bits(),
        })
        .collect()
}

/// As [`queries`], of numbers of ordinary size alone: within [-3, 3], and within [-1, 1] for kernels of vectors.
pub fn ordinary_queries(seed: u64, n: usize, ops: u32, size: f32) -> Vec<Query> {
    let mut random = Random(seed);
    let mut queries = queries(seed, n, ops);
    for query in &mut queries {
        for x in query.a.iter_mut().chain(&mut query.b).chain(&mut query.c) {
            *x = random.unit() * size;
        }
    }
    queries
}

/// Settings that take every uniform branch of the suite, one after the other.
pub fn settings() -> Vec<Settings> {
    (0..4)
        .map(|op| Settings {
            a: 1.25,
            b: -0.75,
            c: 2.5,
            op,
            v: [0.5, -2.0, 3.0],
            i: 6,
        })
        .collect()
}

/// A word that two results of the same meaning share: every NaN is the same one.
pub fn canonical(bits: u32) -> u32 {
    if f32::from_bits(bits).is_nan() {
        f32::NAN.to_bits()
    } else {
        bits
    }
}
