//! How sure an AUROC is: a bootstrap over blocks of the genome.
//!
//! A draw takes blocks of 20 kb with repeats. Sites count as often as their block was drawn;
//! controls do so to first order, by what each block's controls add to the AUROC (the placements of
//! `DeLong` 1988), which is what makes 2,000 draws of every cell quick.

use crate::analysis::curves::{DRAWS, interval95};
use crate::analysis::random::Random;

/// The stream of random numbers that no draw of a null shares.
const STREAM: u64 = 3 << 40;

/// Blocks of promoters and how often each is taken in every draw.
#[derive(Clone, Debug)]
pub struct Blocks {
    of: Vec<usize>,
    count: usize,
    /// `times[draw * count + block]`.
    times: Vec<u16>,
}

impl Blocks {
    /// Of promoters whose blocks are numbered from 0.
    #[must_use]
    pub fn new(of: impl Iterator<Item = usize>, seed: u64) -> Self {
        let of: Vec<usize> = of.collect();
        let count = of.iter().max().map_or(0, |last| last + 1);
        let mut times = vec![0; DRAWS * count];
        let mut random = Random::new(seed, STREAM);
        for draw in times.chunks_exact_mut(count.max(1)) {
            for _ in 0..count {
                draw[random.below(count)] += 1;
            }
        }
        Self { of, count, times }
    }

    /// Number of blocks.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The block of a promoter.
    #[must_use]
    pub fn of(&self, promoter: usize) -> usize {
        self.of[promoter]
    }

    /// The middle 95 % of the mean of `values`, which lie in `blocks`, where the controls of each
    /// block add `influence`.
    #[must_use]
    pub fn interval(&self, values: &[f64], blocks: &[usize], influence: &[f64]) -> [f64; 2] {
        let mut sums = vec![[0.0, 0.0]; self.count];
        for (&value, &block) in values.iter().zip(blocks) {
            sums[block][0] += value;
            sums[block][1] += 1.0;
        }
        let draw = |times: &[u16]| {
            let (mut sum, mut count, mut moved) = (0.0, 0.0, 0.0);
            for ((&times, [value, sites]), influence) in times.iter().zip(&sums).zip(influence) {
                let times = f64::from(times);
                sum += times * value;
                count += times * sites;
                moved += times * influence;
            }
            // A draw without any of the sites says nothing and is left out as NaN.
            (sum / count + moved).clamp(0.0, 1.0)
        };
        let found = interval95(self.times.chunks_exact(self.count.max(1)).map(draw));
        [found.low, found.high]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_a_mean() {
        // One value a block: the bootstrap of a mean of 400 values with standard deviation 0.2887.
        let mut random = Random::new(5, 0);
        let values: Vec<f64> = (0..400)
            .map(|_| random.below(1_000_000) as f64 / 1e6)
            .collect();
        let blocks = Blocks::new(0..400, 1);
        let own: Vec<usize> = (0..400).collect();
        let [low, high] = blocks.interval(&values, &own, &vec![0.0; 400]);
        let mean = values.iter().sum::<f64>() / 400.0;
        let half = 1.96 * 0.2887 / 20.0;
        assert!((low - (mean - half)).abs() < 0.006, "{low} {mean}");
        assert!((high - (mean + half)).abs() < 0.006, "{high} {mean}");
        // All in one block: nothing varies.
        let one = Blocks::new(std::iter::repeat_n(0, 9), 1);
        let [low, high] = one.interval(&[0.5, 0.7], &[0, 0], &[0.0]);
        assert!((low - 0.6).abs() < 1e-12 && (high - 0.6).abs() < 1e-12);
    }
}
