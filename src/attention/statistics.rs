//! What a run says of a range of a strand: of every base, every query and every distance at once.

use std::ops::Range;

use super::expected::DistanceSums;
use super::head::{HeadId, HeadShape};
use super::tile::{AttentionSink, Tile, TileSummary, TileSums};
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
        let skipped = (self.queries.start - summary.first_query).max(0);
        let from = (summary.first_query + skipped - self.queries.start).cast_unsigned();
        let slots = (row + from.min(length))..(row + length);
        let found = summary.queries.iter().skip(skipped.cast_unsigned());
        for (slot, found) in slots.zip(found) {
            if let Some(found) = found {
                self.distances[slot] = u16::try_from(found.distance).unwrap_or(NO_DISTANCE - 1);
                self.weights[slot] = found.weight;
                self.entropies_bits[slot] = found.entropy_bits;
            }
        }
    }
}

/// Sums of weights by distance over chosen queries.
#[derive(Clone, Debug)]
pub struct ChosenSums {
    shape: HeadShape,
    context: usize,
    /// Strand positions, in order.
    queries: Vec<isize>,
    /// `[head row, distance]`.
    pub sums: Vec<f64>,
    /// Queries in the sums of the first head.
    pub count: u64,
}

impl ChosenSums {
    /// Nothing summed yet over `queries` (strand positions), each counted once.
    #[must_use]
    pub fn new(shape: HeadShape, context: usize, mut queries: Vec<isize>) -> Self {
        queries.sort_unstable();
        queries.dedup();
        Self {
            shape,
            context,
            queries,
            sums: vec![0.0; shape.len() * context],
            count: 0,
        }
    }

    fn within(&self, queries: &Range<isize>) -> &[isize] {
        let from = self.queries.partition_point(|query| *query < queries.start);
        let to = self.queries.partition_point(|query| *query < queries.end);
        self.queries.get(from..to).unwrap_or_default()
    }

    fn take(&mut self, tile: &Tile<'_>) {
        let end = tile.first_query + tile.queries.cast_signed();
        let row = self.shape.row(tile.head);
        let chosen = self.within(&(tile.first_query..end)).to_vec();
        if row == 0 {
            self.count += chosen.len() as u64;
        }
        let sums = &mut self.sums[row * self.context..][..self.context];
        for query in chosen {
            let (_, weights) = tile.row((query - tile.first_query).cast_unsigned());
            for (sum, weight) in sums.iter_mut().zip(weights.iter().rev()) {
                *sum += f64::from(*weight);
            }
        }
    }
}

/// What is wanted of a range of a strand; made in one run over its bases and the queries that see
/// them. The default wants nothing.
///
/// Queries and distances count within the range only, so that neighbouring ranges can be put together.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    /// What the bases receive.
    pub received: Option<ReceivedSums>,
    /// What the queries do.
    pub queries: Option<QueryTracks>,
    /// Sums of weights by distance over the same queries.
    pub distances: Option<DistanceSums>,
    /// Sums over chosen queries.
    pub chosen: Option<ChosenSums>,
}

impl AttentionSink for Statistics {
    fn wants(&self, _head: HeadId) -> bool {
        self.wants_sums() || !self.summarised().is_empty() || self.chosen.is_some()
    }

    fn wants_queries(&self, queries: Range<isize>) -> bool {
        let chosen = self.chosen.as_ref();
        chosen.is_some_and(|chosen| !chosen.within(&queries).is_empty())
    }

    fn summarised(&self) -> Range<isize> {
        self.queries
            .as_ref()
            .map_or(0..0, |tracks| tracks.queries.clone())
    }

    fn wants_sums(&self) -> bool {
        self.received.is_some()
    }

    fn take(&mut self, tile: &Tile<'_>) {
        if let Some(chosen) = &mut self.chosen {
            chosen.take(tile);
        }
    }

    fn take_summary(&mut self, summary: &TileSummary<'_>) {
        if let Some(tracks) = &mut self.queries {
            tracks.take(summary);
        }
        if let Some(sums) = &mut self.distances {
            sums.take_summary(summary);
        }
    }

    fn take_sums(&mut self, sums: &TileSums<'_>) {
        if let Some(received) = &mut self.received {
            received.take_sums(sums);
        }
    }
}
