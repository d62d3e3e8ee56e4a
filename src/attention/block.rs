//! The attention of one layer over a window, kept whole for the attention map.

use super::head::HeadId;
use super::tile::{AttentionSink, Tile};

/// Attention weights of one layer as `[head, query, distance]`.
///
/// `distance` 0 is the query itself, `context - 1` the oldest key that it sees; keys before the
/// start of the run weigh 0. A query that no tile has brought, because its own bases hold an N, is NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionBlock {
    /// 0-based layer.
    pub layer: usize,
    /// Number of heads.
    pub heads: usize,
    /// Strand position of the first query.
    pub first_query: isize,
    /// Number of queries.
    pub queries: usize,
    /// Number of distances, the context length of the model.
    pub context: usize,
    weights: Vec<f32>,
}

impl AttentionBlock {
    /// An empty block for `queries` positions from `first_query` on.
    #[must_use]
    pub fn new(
        layer: usize,
        heads: usize,
        first_query: isize,
        queries: usize,
        context: usize,
    ) -> Self {
        Self {
            layer,
            heads,
            first_query,
            queries,
            context,
            weights: vec![f32::NAN; heads * queries * context],
        }
    }

    /// The weights of one query, by distance.
    #[must_use]
    pub fn row(&self, head: usize, query: usize) -> &[f32] {
        let start = (head * self.queries + query) * self.context;
        &self.weights[start..start + self.context]
    }
}

impl AttentionSink for AttentionBlock {
    fn wants(&self, head: HeadId) -> bool {
        head.layer == self.layer
    }

    fn take(&mut self, tile: &Tile<'_>) {
        if tile.head.layer != self.layer {
            return;
        }
        for row in 0..tile.queries {
            let query = tile.first_query + row.cast_signed() - self.first_query;
            let Ok(query) = usize::try_from(query) else {
                continue;
            };
            if query >= self.queries {
                continue;
            }
            let (_, weights) = tile.row(row);
            let start = (tile.head.head * self.queries + query) * self.context;
            self.weights[start..start + self.context].fill(0.0);
            for (slot, weight) in self.weights[start..start + self.context]
                .iter_mut()
                .zip(weights.iter().rev())
            {
                *slot = *weight;
            }
        }
    }
}
