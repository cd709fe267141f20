//! Which instruction set the kernels run on.

/// An instruction set. All give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Simd {
    /// AVX-512 F, BW, DQ, VL: 16 lanes.
    Avx512,
    /// AVX2: 8 lanes.
    Avx2,
    /// What every machine has: 4 lanes.
    Portable,
}

impl Simd {
    /// Every form this machine can run, widest first.
    pub fn available() -> Vec<Self> {
        [Self::Avx512, Self::Avx2, Self::Portable]
            .into_iter()
            .filter(|simd| simd.is_available())
            .collect()
    }

    /// The widest this machine has, or what `SKYWELL_SIMD=avx512|avx2|portable` asks for if the machine has it.
    pub fn detect() -> Self {
        let asked = std::env::var("SKYWELL_SIMD").ok();
        let available = Self::available();
        let named = |simd: &Self| asked.as_deref() == Some(simd.name());
        available
            .iter()
            .copied()
            .find(named)
            .or(available.first().copied())
            .unwrap_or(Self::Portable)
    }

    /// True when this machine can run it.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512cd")
                    && Self::Avx2.is_available()
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("bmi1")
                    && is_x86_feature_detected!("bmi2")
                    && is_x86_feature_detected!("lzcnt")
                    && is_x86_feature_detected!("popcnt")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => false,
            Self::Portable => true,
        }
    }

    /// Its name, as `SKYWELL_SIMD` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Portable => "portable",
        }
    }
}
