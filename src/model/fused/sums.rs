//! Sums of attention by key, for queries whose probability is known.
//!
//! The weights are made a second time, block by block in registers: the largest score and the sum
//! of every query are kept from the first time, so nothing but the sums is written.

use super::attend::{Band, OUTSIDE, Task};
use super::head::{Frame, HeadScratch, HeadState};
use super::lanes::Lanes;
use super::product;
use crate::attention::TileSums;

impl Frame<'_> {
    /// Sums the attention of the queries of a step, tile by tile.
    ///
    /// `probability` is that at a query; `None` if the query does not count.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "called once, by `hand_over`")]
    pub(super) fn sum<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        task: Task<'_>,
        state: &HeadState,
        scratch: &mut HeadScratch,
        probability: &dyn Fn(isize) -> Option<f32>,
        take: &mut dyn FnMut(&TileSums<'_>),
    ) {
        for tile in 0..task.step.tiles {
            if self.cancel.is_cancelled() {
                return;
            }
            let band = self.band::<ROWS>(task.step.first + (tile * ROWS).cast_signed());
            // What does not count has the weight 2^(score − ∞).
            let mut rows = TileRows {
                norms: [f32::INFINITY; ROWS],
                probability: [0.0; ROWS],
            };
            let mut some = false;
            for row in 0..ROWS {
                let query = band.query + row.cast_signed();
                if let Some(p) = probability(query) {
                    rows.norms[row] = state.norms[self.slot(query)];
                    rows.probability[row] = p;
                    some = true;
                }
            }
            if !some {
                continue;
            }
            if task.fixed.is_none() {
                self.recall::<ROWS>(state, &mut scratch.queries, band.query);
            }
            let mut column = 0;
            while column + 2 * S::LANES <= band.columns {
                self.sum_block::<S, ROWS, 2>(set, task, state, scratch, band, &rows, column);
                column += 2 * S::LANES;
            }
            while column < band.columns {
                self.sum_block::<S, ROWS, 1>(set, task, state, scratch, band, &rows, column);
                column += S::LANES;
            }
            let [plain, weighted] = &scratch.received;
            take(&TileSums {
                head: task.id,
                first_key: band.first,
                plain: &plain[band.column()..band.columns],
                weighted: &weighted[band.column()..band.columns],
            });
        }
    }

    #[inline(always)]
    #[allow(
        clippy::too_many_arguments,
        reason = "one block of `sum`, inlined into it"
    )]
    fn sum_block<S: Lanes, const ROWS: usize, const N: usize>(
        &self,
        set: S,
        task: Task<'_>,
        state: &HeadState,
        scratch: &mut HeadScratch,
        band: Band,
        rows: &TileRows<ROWS>,
        column: usize,
    ) {
        let context = self.tables.config.context;
        let stride = self.weight_stride(ROWS);
        let columns = std::array::from_fn(|n| column + n * S::LANES);
        let mut scores = if let Some(fixed) = task.fixed {
            let mut scores = [[set.splat(0.0); N]; ROWS];
            let columns_end = column + N * S::LANES;
            self.score_fixed::<ROWS>(fixed, band, column..columns_end, &mut scratch.weights);
            product::read_back(set, &mut scores, &scratch.weights, stride, columns);
            scores
        } else {
            self.scores::<S, ROWS, N>(set, state, &scratch.queries, band, columns)
        };
        // The last row sees the latest key and the least far back.
        let from = band.of_row(ROWS - 1, context).0;
        let to = band.of_row(0, context).1;
        if column < from || column + N * S::LANES > to + 1 {
            product::write(set, &scores, &mut scratch.weights, stride, columns);
            for row in 0..ROWS {
                let (from, to) = band.of_row(row, context);
                let row = &mut scratch.weights[row * stride..][..column + N * S::LANES];
                let end = from.clamp(column, row.len());
                row[column..end].fill(OUTSIDE);
                let start = (to + 1).clamp(column, row.len());
                row[start..].fill(OUTSIDE);
            }
            product::read_back(set, &mut scores, &scratch.weights, stride, columns);
        }
        let [plain, weighted] = product::weigh(set, &scores, &rows.norms, &rows.probability);
        product::write_columns(set, &plain, &mut scratch.received[0], columns);
        product::write_columns(set, &weighted, &mut scratch.received[1], columns);
    }
}

/// How the rows of a tile count.
struct TileRows<const ROWS: usize> {
    norms: [f32; ROWS],
    probability: [f32; ROWS],
}
