//! Where heads look from given queries: collected while a model runs, never stored as a square.

use std::ops::Range;

use crate::attention::{AttentionSink, HeadId, HeadShape, Tile};
use crate::genome::TssOffset;

/// The strongest key of one query, and how spread its attention is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glance {
    /// Distance of the key with the largest weight, the nearest of equals.
    pub distance: u16,
    /// Its weight.
    pub weight: f32,
    /// Entropy of the query's weights in bits.
    pub entropy_bits: f32,
}

/// What one head does over many queries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeadAttention {
    /// One a query in the order of the queries; `None` for a query without finite weights.
    pub glances: Vec<Option<Glance>>,
    /// Sum of the weights by distance.
    sums: Vec<f64>,
    /// Sum of their squares by distance.
    squares: Vec<f64>,
}

/// What every head does over many queries: sums by distance and one [`Glance`] a query.
#[derive(Clone, Debug, PartialEq)]
pub struct AnchorAttention {
    /// Layers and heads.
    pub shape: HeadShape,
    /// Number of distances, the context length of the model.
    pub context: usize,
    /// By row of the head, layer by layer.
    pub heads: Vec<HeadAttention>,
}

impl AnchorAttention {
    /// Holds nothing yet.
    #[must_use]
    pub fn new(shape: HeadShape, context: usize) -> Self {
        let head = HeadAttention {
            glances: Vec::new(),
            sums: vec![0.0; context],
            squares: vec![0.0; context],
        };
        Self {
            shape,
            context,
            heads: vec![head; shape.len()],
        }
    }

    /// Appends the queries of `other` behind those at hand.
    ///
    /// The order of appending decides the last bits of the sums: keep it fixed.
    pub fn append(&mut self, other: &Self) {
        for (head, more) in self.heads.iter_mut().zip(&other.heads) {
            head.glances.extend_from_slice(&more.glances);
            for (sum, add) in head.sums.iter_mut().zip(&more.sums) {
                *sum += add;
            }
            for (sum, add) in head.squares.iter_mut().zip(&more.squares) {
                *sum += add;
            }
        }
    }

    /// The same with queries in another order: the new query `i` is the old `order[i]`, or has no
    /// glance where there is no such query. Queries that `order` leaves out stay in the sums.
    #[must_use]
    pub fn reordered(mut self, order: &[usize]) -> Self {
        for head in &mut self.heads {
            let glance = |&old: &usize| head.glances.get(old).copied().flatten();
            head.glances = order.iter().map(glance).collect();
        }
        self
    }

    /// The profile of `head`.
    #[must_use]
    pub fn profile(&self, head: HeadId) -> HeadProfile {
        let kept = &self.heads[self.shape.row(head)];
        let seen = || kept.glances.iter().flatten();
        let entropies = || seen().map(|glance| f64::from(glance.entropy_bits));
        let entropy = [
            entropies().sum(),
            entropies().map(|bits| bits * bits).sum::<f64>(),
        ];
        HeadProfile::from_sums(head, seen().count(), &kept.sums, &kept.squares, entropy)
    }
}

/// Mean attention of one head by distance, over many queries.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadProfile {
    /// The head.
    pub head: HeadId,
    /// Number of queries.
    pub n: usize,
    /// Mean weight by distance; the means sum to 1.
    pub mean: Vec<f64>,
    /// Standard deviation of the weight over the queries, by distance.
    pub deviation: Vec<f64>,
    /// Mean entropy of a query's weights in bits.
    pub entropy_bits: f64,
    /// Standard deviation of that entropy over the queries.
    pub entropy_deviation: f64,
}

impl HeadProfile {
    /// From sums over `n` queries: of the weights and of their squares by distance, and of the
    /// entropies and of their squares.
    pub(super) fn from_sums(
        head: HeadId,
        n: usize,
        sums: &[f64],
        squares: &[f64],
        [entropy, entropy_square]: [f64; 2],
    ) -> Self {
        let count = n.max(1) as f64;
        let spread = |sum: f64, square: f64| {
            let mean = sum / count;
            let deviation = if n > 1 {
                ((square - sum * mean).max(0.0) / (count - 1.0)).sqrt()
            } else {
                0.0
            };
            (mean, deviation)
        };
        let (mean, deviation) = sums
            .iter()
            .zip(squares)
            .map(|(&sum, &square)| spread(sum, square))
            .unzip();
        let (entropy_bits, entropy_deviation) = spread(entropy, entropy_square);
        Self {
            head,
            n,
            mean,
            deviation,
            entropy_bits,
            entropy_deviation,
        }
    }

    /// How many keys with equal weights would have the mean entropy: 2 to its power.
    #[must_use]
    pub fn effective_keys(&self) -> f64 {
        self.entropy_bits.exp2()
    }

    /// Distance with the largest mean weight (the nearest of equals) and that weight.
    #[must_use]
    pub fn peak(&self) -> (usize, f64) {
        let mut best = (0, f64::NEG_INFINITY);
        for (distance, &weight) in self.mean.iter().enumerate() {
            if weight > best.1 {
                best = (distance, weight);
            }
        }
        best
    }

    /// The peak's place relative to the TSS that the queries score.
    #[must_use]
    pub fn peak_position(&self, label_shift: usize) -> TssOffset {
        TssOffset::of_distance(label_shift, self.peak().0)
    }

    /// Mean weight on the query itself: a sink.
    #[must_use]
    pub fn self_share(&self) -> f64 {
        self.mean.first().copied().unwrap_or(0.0)
    }

    /// Mean weight on the oldest key that is seen: the other sink.
    #[must_use]
    pub fn edge_share(&self) -> f64 {
        self.mean.last().copied().unwrap_or(0.0)
    }

    /// Mean weight by position relative to the TSS, upstream first.
    pub fn by_position(&self, label_shift: usize) -> impl Iterator<Item = (TssOffset, f64)> {
        let position =
            move |(distance, &weight)| (TssOffset::of_distance(label_shift, distance), weight);
        self.mean.iter().enumerate().rev().map(position)
    }
}

/// Collects [`AnchorAttention`] for chosen queries of one run.
#[derive(Clone, Debug)]
pub struct AnchorSink {
    queries: Vec<isize>,
    found: AnchorAttention,
}

impl AnchorSink {
    /// Wants `queries`: strand positions, which are sorted and freed of repeats first.
    #[must_use]
    pub fn new(shape: HeadShape, context: usize, mut queries: Vec<isize>) -> Self {
        queries.sort_unstable();
        queries.dedup();
        let mut found = AnchorAttention::new(shape, context);
        for head in &mut found.heads {
            head.glances = vec![None; queries.len()];
        }
        Self { queries, found }
    }

    /// The queries in the order of the glances.
    #[must_use]
    pub fn queries(&self) -> &[isize] {
        &self.queries
    }

    /// What was collected, queries in the order of [`Self::queries`].
    #[must_use]
    pub fn into_attention(self) -> AnchorAttention {
        self.found
    }
}

impl AttentionSink for AnchorSink {
    fn wants_queries(&self, queries: Range<isize>) -> bool {
        let from = self.queries.partition_point(|&query| query < queries.start);
        self.queries
            .get(from)
            .is_some_and(|query| *query < queries.end)
    }

    fn take(&mut self, tile: &Tile<'_>) {
        let end = tile.first_query + tile.queries.cast_signed();
        let from = self
            .queries
            .partition_point(|&query| query < tile.first_query);
        let row = self.found.shape.row(tile.head);
        let Some(head) = self.found.heads.get_mut(row) else {
            return;
        };
        for (index, &query) in self.queries.iter().enumerate().skip(from) {
            if query >= end {
                break;
            }
            let (_, weights) = tile.row((query - tile.first_query).cast_unsigned());
            head.add(index, weights);
        }
    }
}

impl HeadAttention {
    /// Adds the weights of query `index`, oldest key first, the query itself last.
    fn add(&mut self, index: usize, weights: &[f32]) {
        let mut best: Option<(usize, f32)> = None;
        let mut entropy = 0.0_f64;
        if weights.is_empty() || weights.iter().any(|weight| !weight.is_finite()) {
            return;
        }
        for (distance, &weight) in weights.iter().rev().enumerate() {
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some((distance, weight));
            }
            let wide = f64::from(weight);
            if wide > 0.0 {
                entropy -= wide * wide.log2();
            }
            if let Some(sum) = self.sums.get_mut(distance) {
                *sum += wide;
                self.squares[distance] += wide * wide;
            }
        }
        self.glances[index] = best.map(|(distance, weight)| Glance {
            distance: u16::try_from(distance).unwrap_or(u16::MAX),
            weight,
            entropy_bits: entropy.max(0.0) as f32,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: HeadShape = HeadShape {
        layers: 1,
        heads: 2,
    };

    /// Hands over queries `first..first + queries` whose weight lies on one distance each.
    fn run(sink: &mut AnchorSink, first: isize, queries: usize, distance_of: fn(isize) -> usize) {
        let context = 4_usize;
        let first_key = first - 3;
        let stride = queries + 3;
        let mut weights = vec![f32::NAN; queries * stride];
        for row in 0..queries {
            let query = first + row.cast_signed();
            for distance in 0..context {
                let key = query - distance.cast_signed();
                let weight = if distance == distance_of(query) {
                    0.7
                } else {
                    0.1
                };
                weights[row * stride + (key - first_key).cast_unsigned()] = weight;
            }
        }
        for head in SHAPE.all() {
            sink.take(&Tile {
                head,
                first_query: first,
                first_key,
                queries,
                stride,
                context,
                weights: &weights,
            });
        }
    }

    fn distance_of(query: isize) -> usize {
        if query < 10 { 2 } else { 3 }
    }

    #[test]
    fn profiles_are_means_over_the_wanted_queries() {
        let mut sink = AnchorSink::new(SHAPE, 4, vec![11, 5, 6, 5, 99]);
        assert_eq!(sink.queries(), [5, 6, 11, 99]);
        run(&mut sink, -3, 9, distance_of);
        run(&mut sink, 6, 10, distance_of);
        let found = sink.into_attention();
        let distances: Vec<Option<u16>> = found.heads[1]
            .glances
            .iter()
            .map(|glance| glance.map(|glance| glance.distance))
            .collect();
        assert_eq!(distances, [Some(2), Some(2), Some(3), None]);
        let profile = found.profile(SHAPE.head(1));
        assert_eq!(profile.n, 3);
        let close = |found: f64, right: f64| (found - right).abs() < 1e-6;
        for (found, right) in profile.mean.iter().zip([0.1, 0.1, 0.5, 0.3]) {
            assert!(close(*found, right));
        }
        // Weights 0.7, 0.7, 0.1: standard deviation with n - 1 is 0.6 / √3.
        assert!(close(profile.deviation[2], 0.6 / 3.0_f64.sqrt()));
        assert!(close(profile.deviation[0], 0.0));
        let entropy = -(0.7 * 0.7_f64.log2() + 0.3 * 0.1_f64.log2());
        assert!(close(profile.entropy_bits, entropy));
        assert!(close(profile.effective_keys(), entropy.exp2()));
        assert_eq!(profile.peak().0, 2);
        assert_eq!(profile.peak_position(1), TssOffset(-1));
        assert!(close(profile.self_share(), 0.1) && close(profile.edge_share(), 0.3));
        let first = profile.by_position(1).next().map(|(offset, _)| offset);
        assert_eq!(first, Some(TssOffset(-2)));
    }

    #[test]
    fn runs_are_joined_as_if_they_were_one() {
        let collect = |queries: Vec<isize>| {
            let mut sink = AnchorSink::new(SHAPE, 4, queries);
            run(&mut sink, 0, 20, distance_of);
            sink.into_attention()
        };
        let mut joined = AnchorAttention::new(SHAPE, 4);
        joined.append(&collect(vec![3, 8]));
        joined.append(&collect(vec![12, 15]));
        let whole = collect(vec![3, 8, 12, 15]);
        for (joined, whole) in joined.heads.iter().zip(&whole.heads) {
            assert_eq!(joined.glances, whole.glances);
            for (found, right) in joined.sums.iter().zip(&whole.sums) {
                assert!((found - right).abs() < 1e-12);
            }
        }
        let (a, b) = (joined.profile(SHAPE.head(0)), whole.profile(SHAPE.head(0)));
        assert!((a.deviation[2] - b.deviation[2]).abs() < 1e-9);
        let turned = joined.clone().reordered(&[3, 2, 1, 0]);
        assert_eq!(turned.heads[0].glances[0], joined.heads[0].glances[3]);
    }

    #[test]
    fn weights_that_are_not_numbers_leave_the_statistics() {
        let mut sink = AnchorSink::new(SHAPE, 2, vec![0]);
        sink.take(&Tile {
            head: SHAPE.head(0),
            first_query: 0,
            first_key: 0,
            queries: 1,
            stride: 1,
            context: 2,
            weights: &[f32::NAN],
        });
        let profile = sink.into_attention().profile(SHAPE.head(0));
        assert_eq!(profile.n, 0);
        assert!(profile.mean.iter().all(|mean| *mean == 0.0));
    }
}
