//! Random numbers that depend on nothing but their key, so that a step can be repeated.

/// Mixes `number` into `key`.
#[must_use]
pub(crate) fn mix(key: u64, number: u64) -> u64 {
    scramble(key ^ scramble(number.wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

/// The finalizer of `SplitMix64` (Steele, Lea and Flood 2014).
#[inline(always)]
pub(crate) fn scramble(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Fills `factors` with 0 (with probability `rate`) or 1 / (1 − rate).
#[inline(always)]
pub(crate) fn factors(key: u64, rate: f32, factors: &mut [f32]) {
    if rate <= 0.0 {
        factors.fill(1.0);
        return;
    }
    let threshold = (rate * 65_536.0) as u64;
    let kept = 1.0 / (1.0 - rate);
    for (index, four) in factors.chunks_mut(4).enumerate() {
        let mut bits = scramble(key.wrapping_add(index as u64));
        for factor in four {
            *factor = if bits & 0xffff < threshold { 0.0 } else { kept };
            bits >>= 16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_keep_the_mean_and_follow_their_key() {
        let mut found = vec![0.0; 100_003];
        factors(7, 0.1, &mut found);
        let mean = found.iter().sum::<f32>() / found.len() as f32;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        let mut again = vec![0.0; 100_003];
        factors(7, 0.1, &mut again);
        assert_eq!(found, again);
        factors(8, 0.1, &mut again);
        assert_ne!(found, again);
    }
}
