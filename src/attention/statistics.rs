//! What a run says of a range of a strand: of every base, every query and every distance at once.

use std::ops::Range;

use super::expected::DistanceSums;
use super::head::HeadShape;
use super::tile::{AttentionSink, TileSummary, TileSums};
use super::track::ReceivedSums;

/// [`QueryTracks::distances`] where the query's own bases touch an N.
pub const NO_DISTANCE: u16 = u16::MAX;

/// What every head does at every query of a range, `[head row, query]` in strand order.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryTracks {
    shape: HeadShape,
    /// Strand positions.
    queries: Range<isize>,
    /// Distance to the key with the largest weight, the nearest of equals; [`NO_DISTANCE`] over N.
    pub distances: Vec<u16>,
    /// The largest weight; NaN over N.
    pub weights: Vec<f32>,
    /// Entropy of the weights in bits; NaN over N.
    pub entropies_bits: Vec<f32>,
}

impl QueryTracks {
    /// Nothing known yet of `queries` (strand positions).
    #[must_use]
    pub fn new(shape: HeadShape, queries: Range<isize>) -> Self {
        let count = shape.len() * (queries.end - queries.start).max(0).cast_unsigned();
        Self {
            shape,
            queries,
            distances: vec![NO_DISTANCE; count],
            weights: vec![f32::NAN; count],
            entropies_bits: vec![f32::NAN; count],
        }
    }

    /// Writes down what a tile says of the queries of the range.
    pub fn take(&mut self, summary: &TileSummary<'_>) {
        let length = (self.queries.end - self.queries.start)
            .max(0)
            .cast_unsigned();
        let row = self.shape.row(summary.head) * length;
        for (query, found) in (summary.first_query..).zip(summary.queries) {
            let Some(found) = found.filter(|_| self.queries.contains(&query)) else {
                continue;
            };
            let at = row + (query - self.queries.start).cast_unsigned();
            self.distances[at] = u16::try_from(found.distance).unwrap_or(NO_DISTANCE - 1);
            self.weights[at] = found.weight;
            self.entropies_bits[at] = found.entropy_bits;
        }
    }
}

/// All of it, made in one run over the bases of a range and the queries that see them.
///
/// Queries and distances count within the range only, so that neighbouring ranges can be put together.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// What the bases receive.
    pub received: ReceivedSums,
    /// What the queries do.
    pub queries: QueryTracks,
    /// Sums of weights by distance.
    pub distances: DistanceSums,
}

impl Statistics {
    /// Nothing known yet of `range` (strand positions).
    #[must_use]
    pub fn new(shape: HeadShape, context: usize, range: Range<isize>) -> Self {
        Self {
            received: ReceivedSums::new(shape, range.clone()),
            queries: QueryTracks::new(shape, range.clone()),
            distances: DistanceSums::new(shape, context),
        }
    }
}

impl AttentionSink for Statistics {
    fn wants_queries(&self, _queries: Range<isize>) -> bool {
        false
    }

    fn summarised(&self) -> Range<isize> {
        self.queries.queries.clone()
    }

    fn wants_sums(&self) -> bool {
        true
    }

    fn take_summary(&mut self, summary: &TileSummary<'_>) {
        self.queries.take(summary);
        self.distances.take_summary(summary);
    }

    fn take_sums(&mut self, sums: &TileSums<'_>) {
        self.received.take_sums(sums);
    }
}
