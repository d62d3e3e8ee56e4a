//! How attention leaves the kernel: tile by tile, never as a square.

use std::ops::Range;

use super::head::HeadId;

/// Attention weights of one head for a few neighbouring queries.
///
/// Positions are counted along the strand that is read (on − from its own 5′ end). They are
/// signed because a seamless run on a circular contig may reach left of its origin.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// The head.
    pub head: HeadId,
    /// Strand position of the first query.
    pub first_query: isize,
    /// Strand position of the key in the first column.
    pub first_key: isize,
    /// Number of queries (rows).
    pub queries: usize,
    /// Distance in `weights` from one row to the next.
    pub stride: usize,
    /// How many keys a query sees at most: its own position and `context - 1` before it.
    pub context: usize,
    /// `weights[row * stride + column]`: weight of key `first_key + column` for query `first_query + row`.
    /// Columns outside a query's band are 0; [`Self::row`] gives the band.
    pub weights: &'a [f32],
}

impl<'a> Tile<'a> {
    /// The keys that query `row` sees: strand position of the first and the weights up to its own position.
    ///
    /// The last weight is at distance 0. The weights sum to 1.
    #[must_use]
    pub fn row(&self, row: usize) -> (isize, &'a [f32]) {
        let query = self.first_query + row.cast_signed();
        let oldest = (query + 1 - self.context.cast_signed()).max(self.first_key);
        let from = row * self.stride + (oldest - self.first_key).cast_unsigned();
        let to = row * self.stride + (query - self.first_key).cast_unsigned();
        (oldest, &self.weights[from..=to])
    }
}

/// What a few neighbouring queries of one head give to each key.
#[derive(Clone, Copy, Debug)]
pub struct TileSums<'a> {
    /// The head.
    pub head: HeadId,
    /// Strand position of the first key.
    pub first_key: isize,
    /// Sum of the queries' weights, by key.
    pub plain: &'a [f32],
    /// Sum of weight times the model's probability at the query, by key.
    pub weighted: &'a [f32],
}

/// What one head does at one query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuerySummary {
    /// Distance to the key with the largest weight; the nearest of equals.
    pub distance: u32,
    /// The largest weight.
    pub weight: f32,
    /// Entropy of the weights in bits.
    pub entropy_bits: f32,
}

/// What a few neighbouring queries of one head do.
#[derive(Clone, Copy, Debug)]
pub struct TileSummary<'a> {
    /// The head.
    pub head: HeadId,
    /// Strand position of the first query.
    pub first_query: isize,
    /// One a query; `None` where the query's own bases touch an N, or nobody asked for it.
    pub queries: &'a [Option<QuerySummary>],
    /// Sum of the weights of those that are not `None` by distance, the oldest first and
    /// distance 0 last.
    pub by_distance: &'a [f32],
}

/// Takes attention as a run makes it and keeps what its maker wants.
///
/// A run hands every wanted query of every wanted head over exactly once, except queries whose own
/// bases touch an N, which leave all statistics. Queries of one head come in order; the order of
/// heads and layers is not stated.
pub trait AttentionSink: Send {
    /// Whether this head is wanted at all. The kernel may skip handing over those that are not.
    fn wants(&self, _head: HeadId) -> bool {
        true
    }

    /// Whether [`Self::take`] is to get a tile of these queries (strand positions). Tiles may come
    /// whole of which only one query is wanted.
    fn wants_queries(&self, _queries: Range<isize>) -> bool {
        true
    }

    /// The queries (strand positions) of which [`Self::take_summary`] is to be told.
    fn summarised(&self) -> Range<isize> {
        0..0
    }

    /// Whether [`Self::take_sums`] is to be called. Sums need probabilities, so they come after the
    /// last layer of the same piece, at the price of making the weights a second time.
    fn wants_sums(&self) -> bool {
        false
    }

    /// Whether [`Self::take_output`] is to be called. The processor's kernel alone does so.
    fn wants_outputs(&self) -> bool {
        false
    }

    /// Takes what a head gives to `query` (strand position), `[d_head]` before `o_net`.
    fn take_output(&mut self, _head: HeadId, _query: isize, _output: &[f32]) {}

    /// Whether [`Self::take_row`] is to be called; the CPU kernel alone does so.
    fn wants_rows(&self) -> bool {
        false
    }

    /// Takes a row that enters `layer` (0-based) at a strand position, `d_model` numbers.
    ///
    /// Every row that some wanted query depends on comes once, also of bases that are N.
    fn take_row(&mut self, _layer: usize, _position: isize, _row: &[f32]) {}

    /// Takes one tile.
    fn take(&mut self, _tile: &Tile<'_>) {}

    /// Takes one tile's summary.
    fn take_summary(&mut self, _summary: &TileSummary<'_>) {}

    /// Takes one tile's sums by key.
    fn take_sums(&mut self, _sums: &TileSums<'_>) {}
}

/// Wants nothing: for runs that only need probabilities.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAttention;

impl AttentionSink for NoAttention {
    fn wants(&self, _head: HeadId) -> bool {
        false
    }
}
