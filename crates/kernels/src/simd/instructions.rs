//! Sets of vector instructions, chosen at run time.

use pulp::{Scalar, Simd, WithSimd};

/// A set of vector instructions.
///
/// A set that the processor lacks runs as [`Instructions::Portable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// 16 lanes, 32 registers (x86-64-v4).
    Avx512,
    /// 8 lanes, 16 registers, with fused multiply-add (x86-64-v3).
    Avx2,
    /// 4 lanes on `aarch64` (NEON) and on `x86_64` (SSE 4.2, of 2008), one elsewhere.
    Portable,
}

const ALL: [Instructions; 3] = [Instructions::Avx512, Instructions::Avx2, Instructions::Portable];

impl Instructions {
    /// The widest set this processor has.
    #[must_use]
    pub fn best() -> Self {
        ALL.into_iter().find(|set| set.is_available()).unwrap_or(Self::Portable)
    }

    /// Whether this processor has the set.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => pulp::x86::V4::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::is_available(),
            Self::Portable => true,
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => false,
        }
    }

    /// Lanes of `f32` in a vector.
    #[must_use]
    pub fn lanes(self) -> usize {
        struct Lanes;
        impl WithSimd for Lanes {
            type Output = usize;
            fn with_simd<S: Simd>(self, _simd: S) -> usize {
                S::F32_LANES
            }
        }
        self.run(Lanes)
    }

    /// Vector registers.
    pub(crate) fn registers(self) -> usize {
        struct Registers;
        impl WithSimd for Registers {
            type Output = usize;
            fn with_simd<S: Simd>(self, _simd: S) -> usize {
                S::REGISTER_COUNT
            }
        }
        self.run(Registers)
    }

    /// Runs `operation` compiled for this set.
    #[inline]
    pub(crate) fn run<O: WithSimd>(self, operation: O) -> O::Output {
        #[cfg(target_arch = "x86_64")]
        {
            use pulp::x86::{V2, V3, V4};
            if self == Self::Avx512
                && let Some(simd) = V4::try_new()
            {
                return Simd::vectorize(simd, operation);
            }
            if self == Self::Avx2
                && let Some(simd) = V3::try_new()
            {
                return Simd::vectorize(simd, operation);
            }
            if let Some(simd) = V2::try_new() {
                return Simd::vectorize(simd, operation);
            }
        }
        #[cfg(target_arch = "aarch64")]
        if let Some(simd) = pulp::aarch64::Neon::try_new() {
            return Simd::vectorize(simd, operation);
        }
        Simd::vectorize(Scalar::new(), operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_set_is_available_and_the_portable_one_always_is() {
        assert!(Instructions::best().is_available());
        assert!(Instructions::Portable.is_available());
        assert!(Instructions::Portable.lanes() >= 1);
    }
}
