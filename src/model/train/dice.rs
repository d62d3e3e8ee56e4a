//! Random numbers that a key and a count determine.

use crate::model::fused::train::dropout::{mix, scramble};

/// A stream of random numbers, `SplitMix64`.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// The stream of `key`.
    pub(super) fn new(key: u64) -> Self {
        Self {
            state: scramble(key),
        }
    }

    /// The stream for `purpose` in step `step` of a run with `seed`.
    pub(super) fn of_step(seed: u64, step: u64, purpose: u64) -> Self {
        Self::new(mix(mix(seed, step), purpose))
    }

    fn bits(&mut self) -> u64 {
        let bits = scramble(self.state);
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        bits
    }

    /// Uniform in 0…1, 1 excluded.
    pub(super) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in 0…`bound`, `bound` excluded; 0 where it is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// From the normal distribution of mean 0 and standard deviation 1 (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_right() {
        let mut dice = Dice::of_step(1, 2, 3);
        let normal: Vec<f64> = (0..100_000).map(|_| dice.normal()).collect();
        let mean = normal.iter().sum::<f64>() / 1e5;
        let variance = normal.iter().map(|x| x * x).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02);
        let mean = (0..100_000).map(|_| dice.below(11) as f64).sum::<f64>() / 1e5;
        assert!((mean - 5.0).abs() < 0.05);
        assert_eq!(dice.below(0), 0);
    }
}
