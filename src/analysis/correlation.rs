//! Rank correlation, and how sure it is.

use super::curves::{Interval95, interval95};
use super::random::Random;
use rayon::prelude::*;

/// Pairs of values ranked once, so that weighting them by block costs little.
#[derive(Clone, Debug)]
pub struct RankedPairs {
    /// For each side the indices of the pairs in rising order, cut into runs of equal values.
    sides: [Vec<Vec<u32>>; 2],
    blocks: Vec<u32>,
    /// Number of blocks.
    count: usize,
}

impl RankedPairs {
    /// Ranks pairs `(x, y)` that lie in `blocks`, one number below `count` a pair.
    ///
    /// Pairs with a value that is not finite are left out.
    #[must_use]
    pub fn new(pairs: &[(f64, f64)], blocks: &[u32], count: usize) -> Self {
        let (pairs, blocks): (Vec<(f64, f64)>, Vec<u32>) = pairs
            .iter()
            .zip(blocks)
            .filter(|((x, y), _)| x.is_finite() && y.is_finite())
            .map(|(pair, block)| (*pair, *block))
            .unzip();
        let side = |value: fn(&(f64, f64)) -> f64| {
            let of = |index: u32| value(&pairs[index as usize]);
            let mut order: Vec<u32> = (0..pairs.len() as u32).collect();
            order.sort_by(|&a, &b| of(a).total_cmp(&of(b)));
            order
                .chunk_by(|&a, &b| of(a).total_cmp(&of(b)).is_eq())
                .map(<[u32]>::to_vec)
                .collect()
        };
        Self {
            sides: [side(|pair| pair.0), side(|pair| pair.1)],
            blocks,
            count,
        }
    }

    /// Number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Spearman's correlation; ties have their mean rank. `None` with fewer than three pairs, or
    /// where all values of one side are equal.
    #[must_use]
    pub fn spearman(&self) -> Option<f64> {
        (self.len() >= 3)
            .then(|| self.weighted(&vec![1; self.count]))
            .flatten()
    }

    /// The middle 95 % of Spearman's correlation over `draws` bootstraps of blocks.
    #[must_use]
    pub fn interval(&self, draws: usize, seed: u64) -> Interval95 {
        let found: Vec<f64> = (0..draws)
            .into_par_iter()
            .filter_map(|draw| {
                let mut random = Random::new(seed, draw as u64);
                let mut times = vec![0_u32; self.count];
                for _ in 0..self.count {
                    times[random.below(self.count)] += 1;
                }
                self.weighted(&times)
            })
            .collect();
        interval95(found.into_iter())
    }

    /// Spearman's correlation where block b counts `times[b]` times.
    fn weighted(&self, times: &[u32]) -> Option<f64> {
        let weight = |index: u32| f64::from(times[self.blocks[index as usize] as usize]);
        let ranks = |runs: &[Vec<u32>]| {
            let mut ranks = vec![0.0; self.len()];
            let mut before = 0.0;
            for run in runs {
                let here: f64 = run.iter().map(|&index| weight(index)).sum();
                for &index in run {
                    ranks[index as usize] = before + here / 2.0;
                }
                before += here;
            }
            (ranks, before)
        };
        let [(x, total), (y, _)] = [ranks(&self.sides[0]), ranks(&self.sides[1])];
        let middle = total / 2.0;
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for (index, (x, y)) in x.iter().zip(&y).enumerate() {
            let (weight, x, y) = (weight(index as u32), x - middle, y - middle);
            xx += weight * x * x;
            yy += weight * y * y;
            xy += weight * x * y;
        }
        (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(pairs: &[(f64, f64)]) -> RankedPairs {
        let blocks: Vec<u32> = (0..pairs.len() as u32).collect();
        RankedPairs::new(pairs, &blocks, pairs.len())
    }

    #[test]
    fn known_correlations() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 7.0];
        let y = [2.0, 1.0, 4.0, 3.0, 7.0, 7.0, 5.0];
        let pairs: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
        let plain = |ranks_x: [f64; 7], ranks_y: [f64; 7]| {
            let mean = 4.0;
            let sum = |a: [f64; 7], b: [f64; 7]| -> f64 {
                a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
            };
            sum(ranks_x, ranks_y) / (sum(ranks_x, ranks_x) * sum(ranks_y, ranks_y)).sqrt()
        };
        let by_hand = plain(
            [1.0, 2.0, 3.0, 4.0, 5.5, 5.5, 7.0],
            [2.0, 1.0, 4.0, 3.0, 6.5, 6.5, 5.0],
        );
        let found = ranked(&pairs).spearman().expect("a value");
        assert!((found - by_hand).abs() < 1e-12, "{found} {by_hand}");
        let falling: Vec<(f64, f64)> = (0..9).map(|i| (f64::from(i), f64::from(-i * i))).collect();
        assert!((ranked(&falling).spearman().expect("a value") + 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_says_nothing_has_no_value() {
        assert_eq!(ranked(&[(1.0, 2.0), (2.0, 1.0)]).spearman(), None);
        assert_eq!(ranked(&[(1.0, 2.0); 5]).spearman(), None);
        let holes = [
            (1.0, f64::NAN),
            (1.0, 1.0),
            (2.0, 3.0),
            (f64::INFINITY, 0.0),
            (3.0, 2.0),
        ];
        assert_eq!(ranked(&holes).len(), 3);
        assert!(RankedPairs::new(&[], &[], 0).is_empty());
        assert!(RankedPairs::new(&[], &[], 0).interval(10, 1).low.is_nan());
    }

    #[test]
    fn intervals_cover_the_truth_as_often_as_they_say() {
        // Independent sides: the truth is 0. 300 sets of 60 pairs in 30 blocks.
        let mut covered = 0;
        for seed in 0..300 {
            let mut random = Random::new(seed, 4);
            let mut value = || random.below(1_000_000) as f64;
            let pairs: Vec<(f64, f64)> = (0..60).map(|_| (value(), value())).collect();
            let blocks: Vec<u32> = (0..60).map(|index| index / 2).collect();
            let ranked = RankedPairs::new(&pairs, &blocks, 30);
            let interval = ranked.interval(200, seed);
            covered += usize::from(interval.low <= 0.0 && 0.0 <= interval.high);
        }
        // 285 expected, standard deviation 3.8; percentile intervals of few blocks cover a little less.
        assert!((265..=298).contains(&covered), "{covered} of 300");
    }
}
