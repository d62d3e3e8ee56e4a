//! The two x86-64 instruction sets.

#![allow(
    unsafe_code,
    reason = "vector instructions; a value of the type proves that the processor has them"
)]

use std::arch::x86_64::{
    __m256, __m512, _CMP_EQ_OQ, _CMP_GT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT,
    _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_max_ps, _mm_max_ss, _mm_movehl_ps, _mm_shuffle_ps,
    _mm256_add_epi32, _mm256_add_ps, _mm256_and_ps, _mm256_castps_si256, _mm256_castps256_ps128,
    _mm256_castsi256_ps, _mm256_cmp_ps, _mm256_extractf128_ps, _mm256_fmadd_ps, _mm256_loadu_ps,
    _mm256_max_ps, _mm256_movemask_ps, _mm256_mul_ps, _mm256_set1_ps, _mm256_slli_epi32,
    _mm256_storeu_ps, _mm256_sub_ps, _mm512_add_ps, _mm512_cmp_ps_mask, _mm512_fmadd_ps,
    _mm512_loadu_ps, _mm512_maskz_scalef_ps, _mm512_max_ps, _mm512_mul_ps, _mm512_reduce_add_ps,
    _mm512_reduce_max_ps, _mm512_roundscale_ps, _mm512_set1_ps, _mm512_storeu_ps, _mm512_sub_ps,
};

use super::denormals::FlushToZero;
use super::lanes::{EXP2, LEAST_POWER, Lanes};

/// AVX2 with fused multiply-add: 8 lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx2(());

impl Avx2 {
    /// The set, if this processor has it.
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }
}

/// AVX-512 (F and what every processor with F has by now): 16 lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx512(());

impl Avx512 {
    /// The set, if this processor has it.
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && Avx2::detect().is_some()).then_some(Self(()))
    }
}

#[target_feature(enable = "avx2,fma")]
fn with_avx2<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[target_feature(enable = "avx512f,avx2,fma")]
fn with_avx512<T>(work: impl FnOnce() -> T) -> T {
    work()
}

// SAFETY of every block below that calls an instruction: `self` exists only if `detect` found the
// instruction set, and loads and stores pass on the promise of their caller.

impl Lanes for Avx2 {
    const LANES: usize = 8;
    type Vector = __m256;

    #[inline(always)]
    fn vectorize<T>(self, work: impl FnOnce() -> T) -> T {
        let _flush = FlushToZero::new();
        // SAFETY: `self` proves the features.
        unsafe { with_avx2(work) }
    }
    #[inline(always)]
    fn splat(self, number: f32) -> __m256 {
        unsafe { _mm256_set1_ps(number) }
    }
    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> __m256 {
        unsafe { _mm256_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, vector: __m256) {
        unsafe { _mm256_storeu_ps(to, vector) }
    }
    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_sub_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_max_ps(a, b) }
    }
    #[inline(always)]
    fn exp2(self, power: __m256) -> __m256 {
        // As `lanes::exp2`, which explains the steps.
        let round = self.splat(12_582_912.0);
        let least = self.splat(LEAST_POWER);
        let clamped = self.max(power, least);
        let shifted = self.add(clamped, round);
        let fraction = self.sub(clamped, self.sub(shifted, round));
        let mut value = self.splat(EXP2[0]);
        for &coefficient in &EXP2[1..] {
            value = self.mul_add(value, fraction, self.splat(coefficient));
        }
        unsafe {
            let exponent = _mm256_slli_epi32::<23>(_mm256_castps_si256(shifted));
            let scaled =
                _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(value), exponent));
            _mm256_and_ps(scaled, _mm256_cmp_ps::<_CMP_GT_OQ>(power, least))
        }
    }
    #[inline(always)]
    fn sum(self, a: __m256) -> f32 {
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }
    #[inline(always)]
    fn largest(self, a: __m256) -> f32 {
        unsafe {
            let four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }
    #[inline(always)]
    fn meets(self, a: __m256, b: __m256) -> bool {
        unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_EQ_OQ>(a, b)) != 0 }
    }
}

impl Lanes for Avx512 {
    const LANES: usize = 16;
    type Vector = __m512;

    #[inline(always)]
    fn vectorize<T>(self, work: impl FnOnce() -> T) -> T {
        let _flush = FlushToZero::new();
        // SAFETY: `self` proves the features.
        unsafe { with_avx512(work) }
    }
    #[inline(always)]
    fn splat(self, number: f32) -> __m512 {
        unsafe { _mm512_set1_ps(number) }
    }
    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> __m512 {
        unsafe { _mm512_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, vector: __m512) {
        unsafe { _mm512_storeu_ps(to, vector) }
    }
    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_sub_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    fn exp2(self, power: __m512) -> __m512 {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        let whole = unsafe { _mm512_roundscale_ps::<NEAREST>(power) };
        let fraction = self.sub(power, whole);
        let mut value = self.splat(EXP2[0]);
        for &coefficient in &EXP2[1..] {
            value = self.mul_add(value, fraction, self.splat(coefficient));
        }
        unsafe {
            let kept = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(power, self.splat(LEAST_POWER));
            _mm512_maskz_scalef_ps(kept, value, whole)
        }
    }
    #[inline(always)]
    fn sum(self, a: __m512) -> f32 {
        unsafe { _mm512_reduce_add_ps(a) }
    }
    #[inline(always)]
    fn largest(self, a: __m512) -> f32 {
        unsafe { _mm512_reduce_max_ps(a) }
    }
    #[inline(always)]
    fn meets(self, a: __m512, b: __m512) -> bool {
        unsafe { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b) != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fused::lanes::exp2;

    fn agrees<S: Lanes>(set: S) {
        for step in 0_u16..2_000 {
            let power = -f32::from(step) * 0.06;
            let mut found = [0.0_f32; 16];
            set.vectorize(|| {
                // SAFETY: the array holds 16 numbers, as many as the widest vector.
                unsafe { set.store(found.as_mut_ptr(), set.exp2(set.splat(power))) }
            });
            assert!((found[0] - exp2(power)).abs() <= 3e-7 * found[0], "{power}");
        }
        let numbers: [f32; 16] = std::array::from_fn(|i| i as f32 - 3.0);
        // SAFETY: the array holds 16 numbers, as many as the widest vector.
        let (sum, largest) = set.vectorize(|| unsafe {
            let vector = set.load(numbers.as_ptr());
            (set.sum(vector), set.largest(vector))
        });
        let expected: f32 = numbers[..S::LANES].iter().sum();
        assert!((sum - expected).abs() < 1e-6);
        assert!((largest - numbers[S::LANES - 1]).abs() < 1e-6);
        // SAFETY: as above.
        let (one, none) = set.vectorize(|| unsafe {
            let vector = set.load(numbers.as_ptr());
            (
                set.meets(vector, set.splat(numbers[S::LANES - 1])),
                set.meets(vector, set.splat(0.5)),
            )
        });
        assert!(one && !none);
    }

    #[test]
    fn sets_agree_with_plain_rust() {
        Avx2::detect().into_iter().for_each(agrees);
        Avx512::detect().into_iter().for_each(agrees);
    }
}
