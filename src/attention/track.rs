//! Per-head, per-base summaries of attention: how much each base receives.

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::expected::Expected;
use super::head::{HeadId, HeadShape};
use super::tile::{AttentionSink, TileSums};
use crate::genome::{Interval, Strand};

/// ε of [`Received::OverExpected`], in weighted attention summed over queries.
///
/// About one output in a thousand lies over a transcription start site, and the weights with which
/// the queries see one base sum to about 1: a base in a stretch where every query is as likely as
/// the genome's average has a sum near 0.001. Below that the ratio is drawn towards 1.
pub const EPSILON: f32 = 1e-3;

/// How the attention that a base receives is summed up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Received {
    /// Mean weight over the queries that see the base.
    Mean,
    /// Sum of weight times the model's probability at the query, undivided.
    #[default]
    Weighted,
    /// log2 of the weighted sum over what the head's mean weights by distance would give.
    OverExpected,
}

impl Received {
    /// All three, in the order of [`WindowTracks::tracks`].
    pub const ALL: [Self; 3] = [Self::Mean, Self::Weighted, Self::OverExpected];
}

/// What every base of a window receives from every head, on one strand.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowTracks {
    /// Name of the contig.
    pub contig: String,
    /// The strand that was read.
    pub strand: Strand,
    /// The bases, on the forward strand.
    pub interval: Interval,
    /// Layers and heads.
    pub shape: HeadShape,
    /// The model's probability at each base as the position of its output, in forward order;
    /// NaN where it touches an N.
    pub probability: Vec<f32>,
    /// `[head row, base]` in forward order, for each of [`Received::ALL`]; a base that no query
    /// sees is NaN in the mean.
    pub tracks: [Vec<f32>; 3],
}

impl WindowTracks {
    /// One head's track, a value a base in forward order.
    #[must_use]
    pub fn row(&self, received: Received, head: HeadId) -> &[f32] {
        let length = self.interval.len();
        &self.tracks[received as usize][self.shape.row(head) * length..][..length]
    }

    /// The same for fewer bases: those of `part` that it holds.
    #[must_use]
    pub fn part(&self, part: Interval) -> Self {
        let part = part.intersection(self.interval);
        let from = part.start.saturating_sub(self.interval.start);
        let columns = from..from + part.len();
        let rows = |track: &Vec<f32>| {
            track
                .chunks_exact(self.interval.len().max(1))
                .flat_map(|row| &row[columns.clone()])
                .copied()
                .collect()
        };
        Self {
            contig: self.contig.clone(),
            strand: self.strand,
            interval: part,
            shape: self.shape,
            probability: self.probability[columns.clone()].to_vec(),
            tracks: std::array::from_fn(|rule| rows(&self.tracks[rule])),
        }
    }
}

/// Sums the attention that each base of a window receives, as a run makes it.
#[derive(Clone, Debug)]
pub struct ReceivedSums {
    shape: HeadShape,
    /// Strand positions of the bases.
    bases: Range<isize>,
    /// `[head row, base]`.
    plain: Vec<f32>,
    weighted: Vec<f32>,
}

impl ReceivedSums {
    /// Nothing received yet by `bases` (strand positions).
    #[must_use]
    pub fn new(shape: HeadShape, bases: Range<isize>) -> Self {
        let count = shape.len() * (bases.end - bases.start).max(0).cast_unsigned();
        Self {
            shape,
            bases,
            plain: vec![0.0; count],
            weighted: vec![0.0; count],
        }
    }

    /// The tracks, given the probability at every query from the first base on, as far as queries
    /// that see a base reach. Rows are in strand order.
    #[must_use]
    pub fn into_tracks(mut self, probability: &[f32], expected: &Expected) -> [Vec<f32>; 3] {
        let length = (self.bases.end - self.bases.start).max(0).cast_unsigned();
        let context = expected.context;
        // Queries over N were not handed over: they count neither as seen nor as expected.
        let mut counted = vec![0_u32; probability.len() + 1];
        let mut weight = vec![0.0_f32; length + context];
        for (query, &p) in probability.iter().enumerate() {
            counted[query + 1] = counted[query] + u32::from(!p.is_nan());
            if let Some(slot) = weight.get_mut(query) {
                *slot = if p.is_nan() { 0.0 } else { p };
            }
        }
        let mut ratio = vec![0.0; self.plain.len()];
        let rows = length.max(1);
        self.plain
            .par_chunks_mut(rows)
            .zip(self.weighted.par_chunks(rows))
            .zip(ratio.par_chunks_mut(rows))
            .enumerate()
            .for_each(|(row, ((plain, weighted), ratio))| {
                for (base, sum) in plain.iter_mut().enumerate() {
                    let end = (base + context).min(probability.len());
                    let queries = counted[end] - counted[base.min(end)];
                    *sum = if queries == 0 {
                        f32::NAN
                    } else {
                        *sum / queries as f32
                    };
                }
                expect(ratio, expected.row(self.shape.head(row)), &weight);
                for (ratio, sum) in ratio.iter_mut().zip(weighted) {
                    *ratio = ((sum + EPSILON) / (*ratio + EPSILON)).log2();
                }
            });
        [self.plain, self.weighted, ratio]
    }
}

/// Adds to every base what queries of these weights are expected to give it.
fn expect(bases: &mut [f32], by_distance: &[f32], weight: &[f32]) {
    // Blocks stay in the first-level cache over all distances, and are read and written once for
    // as many distances as registers hold.
    const BLOCK: usize = 1024;
    const DISTANCES: usize = 8;
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (block, bases) in bases.chunks_mut(BLOCK).enumerate() {
                let weight = &weight[block * BLOCK..];
                let (eights, rest) = by_distance.as_chunks::<DISTANCES>();
                for (eight, first) in eights.iter().zip((0..).step_by(DISTANCES)) {
                    let queries: [&[f32]; DISTANCES] =
                        std::array::from_fn(|n| &weight[first + n..][..bases.len()]);
                    for (base, sum) in bases.iter_mut().enumerate() {
                        for (queries, expected) in queries.iter().zip(eight) {
                            *sum += queries[base] * expected;
                        }
                    }
                }
                for (expected, distance) in rest.iter().zip(eights.len() * DISTANCES..) {
                    for (sum, p) in bases.iter_mut().zip(&weight[distance..]) {
                        *sum += p * expected;
                    }
                }
            }
        },
    );
}

impl AttentionSink for ReceivedSums {
    fn wants_queries(&self, _queries: Range<isize>) -> bool {
        false
    }

    fn wants_sums(&self) -> bool {
        true
    }

    fn take_sums(&mut self, sums: &TileSums<'_>) {
        let first = sums.first_key;
        let end = first + sums.plain.len().cast_signed();
        let keys = first.max(self.bases.start)..end.min(self.bases.end);
        if keys.is_empty() {
            return;
        }
        let length = (self.bases.end - self.bases.start).cast_unsigned();
        let start = self.shape.row(sums.head) * length;
        let to = start + (keys.start - self.bases.start).cast_unsigned();
        let from = (keys.start - first).cast_unsigned();
        let count = (keys.end - keys.start).cast_unsigned();
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let pairs = [
                    (&mut self.plain, sums.plain),
                    (&mut self.weighted, sums.weighted),
                ];
                for (all, more) in pairs {
                    for (sum, x) in all[to..to + count].iter_mut().zip(&more[from..]) {
                        *sum += x;
                    }
                }
            },
        );
    }
}
