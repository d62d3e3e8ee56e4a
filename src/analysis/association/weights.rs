//! The attention weights of every head from the queries of some anchors.

use crate::attention::{AttentionSink, HeadShape, Tile};
use std::ops::Range;

/// Attention weights by head, anchor and column: the oldest key first, the query itself last.
#[derive(Clone, Debug, PartialEq)]
pub struct AnchorWeights {
    /// Layers and heads.
    pub shape: HeadShape,
    /// How many keys a query sees: the number of columns.
    pub context: usize,
    /// Number of anchors.
    pub anchors: usize,
    /// `weights[(head row * anchors + anchor) * context + column]`; NaN where nothing was seen.
    pub weights: Vec<f32>,
}

impl AnchorWeights {
    /// Holds nothing yet.
    #[must_use]
    pub fn new(shape: HeadShape, context: usize, anchors: usize) -> Self {
        Self {
            shape,
            context,
            anchors,
            weights: vec![f32::NAN; shape.len() * anchors * context],
        }
    }

    /// The weights of one head from the query of one anchor.
    #[must_use]
    pub fn row(&self, head: usize, anchor: usize) -> &[f32] {
        &self.weights[(head * self.anchors + anchor) * self.context..][..self.context]
    }

    /// The same, to be filled.
    pub fn row_mut(&mut self, head: usize, anchor: usize) -> &mut [f32] {
        &mut self.weights[(head * self.anchors + anchor) * self.context..][..self.context]
    }

    /// Whether an anchor's query sees a whole context of known weights, in every head.
    #[must_use]
    pub fn is_seen(&self, anchor: usize) -> bool {
        (0..self.shape.len()).all(|head| {
            let row = self.row(head, anchor);
            row.iter().all(|weight| weight.is_finite())
        })
    }

    /// The same of fewer anchors.
    #[must_use]
    pub fn of(&self, anchors: &[usize]) -> Self {
        let mut some = Self::new(self.shape, self.context, anchors.len());
        for head in 0..self.shape.len() {
            for (new, &old) in anchors.iter().enumerate() {
                some.row_mut(head, new).copy_from_slice(self.row(head, old));
            }
        }
        some
    }
}

/// Collects [`AnchorWeights`] for chosen queries of one run.
#[derive(Clone, Debug)]
pub struct WeightsSink {
    queries: Vec<isize>,
    found: AnchorWeights,
}

impl WeightsSink {
    /// Wants `queries`: strand positions in order, none twice.
    #[must_use]
    pub fn new(shape: HeadShape, context: usize, queries: Vec<isize>) -> Self {
        Self {
            found: AnchorWeights::new(shape, context, queries.len()),
            queries,
        }
    }

    /// What was collected, anchors in the order of the queries.
    #[must_use]
    pub fn into_weights(self) -> AnchorWeights {
        self.found
    }
}

impl AttentionSink for WeightsSink {
    fn wants_queries(&self, queries: Range<isize>) -> bool {
        let from = self.queries.partition_point(|&query| query < queries.start);
        let next = self.queries.get(from);
        next.is_some_and(|query| *query < queries.end)
    }

    fn take(&mut self, tile: &Tile<'_>) {
        let end = tile.first_query + tile.queries.cast_signed();
        let from = self
            .queries
            .partition_point(|&query| query < tile.first_query);
        let row = self.found.shape.row(tile.head);
        let context = self.found.context;
        for (index, &query) in self.queries.iter().enumerate().skip(from) {
            if query >= end {
                break;
            }
            let (_, weights) = tile.row((query - tile.first_query).cast_unsigned());
            // A query near the start of a linear contig sees fewer keys: it stays unseen.
            if weights.len() == context {
                self.found.row_mut(row, index).copy_from_slice(weights);
            }
        }
    }
}
