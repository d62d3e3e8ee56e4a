//! Vectors of f32: one source, three instruction sets.

/// An instruction set, as proof that the processor has it: values are only made after asking.
///
/// Everything that should be compiled for the set must be inlined into [`Lanes::vectorize`].
pub(super) trait Lanes: Copy + Send + Sync {
    /// Numbers in a vector: at most 16 and a divisor of 16.
    const LANES: usize;
    /// A few f32 side by side.
    type Vector: Copy;

    /// Runs `work` with the instruction set switched on and denormals flushed to zero.
    fn vectorize<T>(self, work: impl FnOnce() -> T) -> T;
    /// The same number in each lane.
    fn splat(self, number: f32) -> Self::Vector;
    /// Reads [`Self::LANES`] numbers, aligned or not.
    ///
    /// # Safety
    /// They must lie within one allocation and be initialised.
    #[allow(unsafe_code, reason = "the inner loops read without checks")]
    unsafe fn load(self, from: *const f32) -> Self::Vector;
    /// Writes [`Self::LANES`] numbers, aligned or not.
    ///
    /// # Safety
    /// There must be room for them within one allocation.
    #[allow(unsafe_code, reason = "the inner loops write without checks")]
    unsafe fn store(self, to: *mut f32, vector: Self::Vector);
    /// `a + b`
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a - b`
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a * b`
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a * b + c`
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The larger of each lane.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// 2 to the power of each lane, which must be 0 or less; 0 below 2 to the power of −100.
    fn exp2(self, power: Self::Vector) -> Self::Vector;
    /// The sum of the lanes.
    fn sum(self, a: Self::Vector) -> f32;
    /// The largest lane.
    fn largest(self, a: Self::Vector) -> f32;
    /// Whether some lane equals that of `b`.
    fn meets(self, a: Self::Vector, b: Self::Vector) -> bool;
}

/// Powers below this count as nothing, on every path, so that no product is denormal.
pub(super) const LEAST_POWER: f32 = -100.0;

/// Polynomial for `2^x` on −0.5…0.5, highest power first, exactly 1 at 0; relative error below
/// 2.1e-7 (fitted at Chebyshev nodes).
pub(super) const EXP2: [f32; 6] = [
    1.339_086_7e-3,
    9.666_374e-3,
    5.550_357e-2,
    0.240_223_48,
    std::f32::consts::LN_2,
    1.0,
];

/// Plain Rust that any processor runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable;

/// Lane by lane.
#[inline(always)]
fn zip(a: [f32; 4], b: [f32; 4], with: impl Fn(f32, f32) -> f32) -> [f32; 4] {
    [
        with(a[0], b[0]),
        with(a[1], b[1]),
        with(a[2], b[2]),
        with(a[3], b[3]),
    ]
}

/// `2^power` for a power of 0 or less.
#[inline(always)]
pub(super) fn exp2(power: f32) -> f32 {
    // Adding and taking away 1.5 * 2^23 rounds to the nearest whole number.
    const ROUND: f32 = 12_582_912.0;
    let clamped = if power > LEAST_POWER {
        power
    } else {
        LEAST_POWER
    };
    let shifted = clamped + ROUND;
    let fraction = clamped - (shifted - ROUND);
    let mut value = EXP2[0];
    for coefficient in &EXP2[1..] {
        value = value * fraction + coefficient;
    }
    // The low bits of `shifted` hold the whole part; moved up they are an exponent.
    let scaled = f32::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 23));
    if power > LEAST_POWER { scaled } else { 0.0 }
}

impl Lanes for Portable {
    const LANES: usize = 4;
    type Vector = [f32; 4];

    #[inline(always)]
    fn vectorize<T>(self, work: impl FnOnce() -> T) -> T {
        work()
    }
    #[inline(always)]
    fn splat(self, number: f32) -> [f32; 4] {
        [number; 4]
    }
    #[inline(always)]
    #[allow(unsafe_code, reason = "reads through a pointer")]
    unsafe fn load(self, from: *const f32) -> [f32; 4] {
        // SAFETY: the caller promises four numbers; the read needs no alignment.
        unsafe { from.cast::<[f32; 4]>().read_unaligned() }
    }
    #[inline(always)]
    #[allow(unsafe_code, reason = "writes through a pointer")]
    unsafe fn store(self, to: *mut f32, vector: [f32; 4]) {
        // SAFETY: the caller promises room for four numbers; the write needs no alignment.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(vector) }
    }
    #[inline(always)]
    fn add(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn mul_add(self, a: [f32; 4], b: [f32; 4], c: [f32; 4]) -> [f32; 4] {
        zip(zip(a, b, |a, b| a * b), c, |ab, c| ab + c)
    }
    #[inline(always)]
    fn max(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn exp2(self, power: [f32; 4]) -> [f32; 4] {
        power.map(exp2)
    }
    #[inline(always)]
    fn sum(self, a: [f32; 4]) -> f32 {
        (a[0] + a[1]) + (a[2] + a[3])
    }
    #[inline(always)]
    fn largest(self, a: [f32; 4]) -> f32 {
        a.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
    #[inline(always)]
    #[allow(clippy::float_cmp, reason = "looks for the very number")]
    fn meets(self, a: [f32; 4], b: [f32; 4]) -> bool {
        a.iter().zip(b).any(|(a, b)| *a == b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_close() {
        for step in 0_u16..20_000 {
            let power = -f32::from(step) * 0.005;
            let exact = f64::from(power).exp2();
            let error = (f64::from(exp2(power)) / exact - 1.0).abs();
            assert!(power <= LEAST_POWER || error < 4e-7, "{power}: {error}");
        }
        assert_eq!(exp2(-100.5).to_bits(), 0);
        assert_eq!(exp2(f32::NEG_INFINITY).to_bits(), 0);
        assert_eq!(exp2(0.0).to_bits(), 1.0_f32.to_bits());
    }
}
