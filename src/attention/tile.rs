//! How attention leaves the kernel: tile by tile, never as a square.

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
    /// Columns outside a query's band hold no meaning; use [`Self::row`].
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

/// Takes attention as a run makes it and keeps what its maker wants.
///
/// A run hands every wanted query of every wanted head over exactly once, in no stated order
/// of layers. Runs on several threads give each thread a sink of its own.
pub trait AttentionSink: Send {
    /// Whether this head is wanted at all. The kernel may skip handing over those that are not.
    fn wants(&self, _head: HeadId) -> bool {
        true
    }

    /// Takes one tile.
    fn take(&mut self, tile: &Tile<'_>);
}

/// Wants nothing: for runs that only need probabilities.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAttention;

impl AttentionSink for NoAttention {
    fn wants(&self, _head: HeadId) -> bool {
        false
    }

    fn take(&mut self, _tile: &Tile<'_>) {}
}
