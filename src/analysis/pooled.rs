//! Attention of every head summed over sets of queries, and how two sets differ.
//!
//! A query may count in several sets. Sets that are to be compared are also summed by block of the
//! genome: blocks, not queries, are what is independent.

use super::curves::{Interval95, interval95};
use super::profile::HeadProfile;
use super::random::Random;
use crate::attention::{AttentionSink, HeadId, HeadShape, Tile};
use crate::progress::{Cancel, Cancelled};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// The most sets that can be summed at once.
pub const MOST_SETS: usize = 64;

/// One query and where it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PooledQuery {
    /// Strand position.
    pub query: isize,
    /// Bit `s` says that it counts in set `s`.
    pub sets: u64,
    /// Its block of the genome.
    pub block: usize,
}

/// Sums of one head over one set, or over one block of it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sums {
    n: usize,
    weights: Vec<f64>,
    entropy: f64,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.entropy += other.entropy;
        self.weights.resize(other.weights.len(), 0.0);
        for (sum, more) in self.weights.iter_mut().zip(&other.weights) {
            *sum += more;
        }
    }
}

/// What every head does over sets of queries.
#[derive(Clone, Debug, PartialEq)]
pub struct PooledAttention {
    shape: HeadShape,
    context: usize,
    /// `[set][head row]`.
    sets: Vec<Vec<Sums>>,
    /// Sums of squares alike: of weights by distance, and of entropies.
    squares: Vec<Vec<Sums>>,
    /// Bits of the sets that are summed by block too.
    blocked: u64,
    /// `(set, block)` to sums by head row.
    blocks: BTreeMap<(usize, usize), Vec<Sums>>,
}

/// How the intervals of a difference are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bootstrap {
    /// Times that the blocks are drawn anew.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            draws: 1_000,
            seed: 1,
        }
    }
}

/// How one head's mean attention differs between two sets.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadContrast {
    /// The head.
    pub head: HeadId,
    /// Difference of the mean weights by distance, first set less second.
    pub difference: Vec<f64>,
    /// Its 95 % interval over blocks, distance by distance.
    pub interval: Vec<Interval95>,
    /// How many standard errors a difference must reach at some distance so that one of no head
    /// without any difference would in 95 of 100 cases: the limit holds for all distances together.
    pub limit: f64,
    /// Whether the difference at each distance reaches that limit.
    pub exceeds: Vec<bool>,
    /// Difference of the mean entropies in bits.
    pub entropy_difference: f64,
    /// Its 95 % interval over blocks.
    pub entropy_interval: Interval95,
}

impl HeadContrast {
    /// The distance with the largest absolute difference, the nearest of equals.
    #[must_use]
    pub fn largest(&self) -> usize {
        let mut best = 0;
        for (distance, value) in self.difference.iter().enumerate() {
            if value.abs() > self.difference[best].abs() {
                best = distance;
            }
        }
        best
    }

    /// Half the sum of the absolute differences: the share of attention that lies elsewhere.
    #[must_use]
    pub fn moved_share(&self) -> f64 {
        self.difference.iter().map(|value| value.abs()).sum::<f64>() / 2.0
    }
}

impl PooledAttention {
    /// Holds nothing yet, for `sets` sets, of which those in `blocked` are summed by block too.
    #[must_use]
    pub fn new(shape: HeadShape, context: usize, sets: usize, blocked: u64) -> Self {
        let none = Sums {
            weights: vec![0.0; context],
            ..Sums::default()
        };
        let all = vec![vec![none; shape.len()]; sets.min(MOST_SETS)];
        Self {
            shape,
            context,
            squares: all.clone(),
            sets: all,
            blocked,
            blocks: BTreeMap::new(),
        }
    }

    /// Adds the queries of `other`. The order of adding decides the last bits: keep it fixed.
    pub fn append(&mut self, other: &Self) {
        let pairs = [
            (&mut self.sets, &other.sets),
            (&mut self.squares, &other.squares),
        ];
        for (sets, more) in pairs {
            for (heads, more) in sets.iter_mut().zip(more) {
                for (sums, more) in heads.iter_mut().zip(more) {
                    sums.add(more);
                }
            }
        }
        for (key, more) in &other.blocks {
            let heads = self
                .blocks
                .entry(*key)
                .or_insert_with(|| vec![Sums::default(); more.len()]);
            for (sums, more) in heads.iter_mut().zip(more) {
                sums.add(more);
            }
        }
    }

    /// Layers and heads.
    #[must_use]
    pub fn shape(&self) -> HeadShape {
        self.shape
    }

    /// Number of distances.
    #[must_use]
    pub fn context(&self) -> usize {
        self.context
    }

    /// The profile of `head` over `set`.
    #[must_use]
    pub fn profile(&self, set: usize, head: HeadId) -> HeadProfile {
        let row = self.shape.row(head);
        let (sums, squares) = (&self.sets[set][row], &self.squares[set][row]);
        let entropy = [sums.entropy, squares.entropy];
        HeadProfile::from_sums(head, sums.n, &sums.weights, &squares.weights, entropy)
    }

    /// How every head's attention over the set `first` differs from that over `second`, with
    /// intervals from drawing blocks of the genome with replacement, the same for all heads.
    ///
    /// Both sets are to be summed by block.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn contrasts(
        &self,
        first: usize,
        second: usize,
        bootstrap: Bootstrap,
        cancel: &Cancel,
    ) -> Result<Vec<HeadContrast>, Cancelled> {
        let mut blocks: Vec<usize> = self
            .blocks
            .keys()
            .filter(|(set, _)| *set == first || *set == second)
            .map(|(_, block)| *block)
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        let times: Vec<Vec<f64>> = (0..bootstrap.draws)
            .map(|draw| {
                let mut random = Random::new(bootstrap.seed, draw as u64);
                let mut times = vec![0.0; blocks.len()];
                for _ in 0..blocks.len() {
                    times[random.below(blocks.len())] += 1.0;
                }
                times
            })
            .collect();
        (0..self.shape.len())
            .into_par_iter()
            .map(|row| {
                let of = |set: usize| -> Vec<Option<&Sums>> {
                    let found = |block: &usize| self.blocks.get(&(set, *block));
                    blocks
                        .iter()
                        .map(|b| found(b).map(|heads| &heads[row]))
                        .collect()
                };
                self.contrast(
                    row,
                    [first, second],
                    &[of(first), of(second)],
                    &times,
                    cancel,
                )
            })
            .collect()
    }

    fn contrast(
        &self,
        row: usize,
        sets: [usize; 2],
        blocks: &[Vec<Option<&Sums>>; 2],
        times: &[Vec<f64>],
        cancel: &Cancel,
    ) -> Result<HeadContrast, Cancelled> {
        // Means over a draw: the weights by distance, then the entropy.
        let mean = |blocks: &[Option<&Sums>], times: &[f64]| -> Vec<f64> {
            let mut sums = vec![0.0; self.context + 1];
            let mut n = 0.0;
            for (sum, times) in blocks.iter().zip(times) {
                let (Some(block), true) = (sum, *times > 0.0) else {
                    continue;
                };
                n += times * block.n as f64;
                for (sum, more) in sums.iter_mut().zip(&block.weights) {
                    *sum += times * more;
                }
                sums[self.context] += times * block.entropy;
            }
            sums.iter().map(|sum| sum / n).collect()
        };
        let differ = |times: &[f64]| -> Vec<f64> {
            let [a, b] = [0, 1].map(|side: usize| mean(&blocks[side], times));
            a.iter().zip(b).map(|(a, b)| a - b).collect()
        };
        let head = self.shape.head(row);
        let [a, b] = sets.map(|set| self.profile(set, head));
        let difference: Vec<f64> = a.mean.iter().zip(&b.mean).map(|(a, b)| a - b).collect();
        let mut draws = Vec::with_capacity(times.len());
        for times in times {
            cancel.check()?;
            let draw = differ(times);
            // A draw without any query of one of the sets says nothing.
            if draw.iter().all(|value| value.is_finite()) {
                draws.push(draw);
            }
        }
        let column = |at: usize| draws.iter().map(move |draw| draw[at]);
        let errors: Vec<f64> = (0..self.context)
            .map(|at| standard_error(column(at)))
            .collect();
        let ratio = |at: usize, value: f64| value.abs() / errors[at];
        let mut largest: Vec<f64> = draws
            .iter()
            .map(|draw| {
                let ratios = (0..self.context).map(|at| ratio(at, draw[at] - difference[at]));
                ratios.fold(0.0, f64::max)
            })
            .collect();
        largest.sort_unstable_by(f64::total_cmp);
        let limit = largest
            .get((largest.len() * 95).div_ceil(100).max(1) - 1)
            .copied()
            .unwrap_or(f64::INFINITY);
        Ok(HeadContrast {
            head,
            interval: (0..self.context).map(|at| interval95(column(at))).collect(),
            exceeds: (0..self.context)
                .map(|at| ratio(at, difference[at]) > limit)
                .collect(),
            difference,
            limit,
            entropy_difference: a.entropy_bits - b.entropy_bits,
            entropy_interval: interval95(column(self.context)),
        })
    }
}

/// Standard deviation of draws. Differences below a millionth are rounding, whatever the draws say.
fn standard_error(values: impl Iterator<Item = f64> + Clone) -> f64 {
    const LEAST: f64 = 1e-6;
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let square = values
        .map(|value| (value - mean) * (value - mean))
        .sum::<f64>();
    (square / n).sqrt().max(LEAST)
}

/// Collects [`PooledAttention`] for chosen queries of one run.
#[derive(Clone, Debug)]
pub struct PooledSink {
    queries: Vec<PooledQuery>,
    found: PooledAttention,
}

impl PooledSink {
    /// Adds to `found` what the heads do at `queries`, each at another position.
    #[must_use]
    pub fn new(found: PooledAttention, mut queries: Vec<PooledQuery>) -> Self {
        queries.sort_unstable_by_key(|query| query.query);
        Self { queries, found }
    }

    /// What was collected.
    #[must_use]
    pub fn into_attention(self) -> PooledAttention {
        self.found
    }
}

impl AttentionSink for PooledSink {
    fn wants_queries(&self, queries: Range<isize>) -> bool {
        let from = self
            .queries
            .partition_point(|query| query.query < queries.start);
        self.queries
            .get(from)
            .is_some_and(|query| query.query < queries.end)
    }

    fn take(&mut self, tile: &Tile<'_>) {
        let end = tile.first_query + tile.queries.cast_signed();
        let from = self
            .queries
            .partition_point(|query| query.query < tile.first_query);
        let row = self.found.shape.row(tile.head);
        if row >= self.found.shape.len() {
            return;
        }
        for query in &self.queries[from..] {
            if query.query >= end {
                break;
            }
            let (_, weights) = tile.row((query.query - tile.first_query).cast_unsigned());
            self.found.add(row, query, weights);
        }
    }
}

impl PooledAttention {
    /// Adds the weights of one query, oldest key first, the query itself last.
    fn add(&mut self, row: usize, query: &PooledQuery, weights: &[f32]) {
        if weights.is_empty() || weights.iter().any(|weight| !weight.is_finite()) {
            return;
        }
        let by_distance: Vec<f64> = weights.iter().rev().copied().map(f64::from).collect();
        let entropy = by_distance
            .iter()
            .filter(|weight| **weight > 0.0)
            .map(|weight| -weight * weight.log2())
            .sum::<f64>()
            .max(0.0);
        let put = |sums: &mut Sums, square: bool| {
            let of = |value: f64| if square { value * value } else { value };
            sums.n += 1;
            sums.entropy += of(entropy);
            for (sum, weight) in sums.weights.iter_mut().zip(&by_distance) {
                *sum += of(*weight);
            }
        };
        for set in (0..self.sets.len()).filter(|set| query.sets >> set & 1 == 1) {
            put(&mut self.sets[set][row], false);
            put(&mut self.squares[set][row], true);
            if self.blocked >> set & 1 == 1 {
                let heads = self.blocks.entry((set, query.block)).or_insert_with(|| {
                    let none = Sums {
                        weights: vec![0.0; self.context],
                        ..Sums::default()
                    };
                    vec![none; self.shape.len()]
                });
                put(&mut heads[row], false);
            }
        }
    }
}
