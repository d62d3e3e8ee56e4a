//! Attention leaves a run: as it is made, or summed by key once probabilities are known.

use std::ops::Range;

use rayon::prelude::*;

use super::attend::Task;
use super::head::Queries;
use super::lanes::Lanes;
use super::stretch::{Run, softmax_of_second};
use crate::attention::{HeadId, Tile, TileSummary, TileSums};
use crate::progress::Cancelled;

// A sink that panicked on another thread takes its run down with it; its lock is then of no use.

impl<S: Lanes> Run<'_, S> {
    /// Whether a query, one of the `rows` that are made now, was asked for and has known bases.
    pub(super) fn counts(&self, query: isize, rows: &Range<isize>) -> bool {
        rows.contains(&query) && self.strip.queries.contains(&query) && self.known(query)
    }

    /// Whether the sink wants a tile of these queries, of which `rows` are made now.
    pub(super) fn wants_queries(&self, queries: &Range<isize>, rows: &Range<isize>) -> bool {
        let start = queries.start.max(rows.start).max(self.strip.queries.start);
        let end = queries.end.min(rows.end).min(self.strip.queries.end);
        start < end
            && self
                .sink
                .lock()
                .is_ok_and(|sink| sink.wants_queries(start..end))
    }

    /// Hands a tile to the sink, cut to the queries that count.
    pub(super) fn pass_on(&self, tile: &Tile<'_>, rows: &Range<isize>) {
        let mut row = 0;
        while row < tile.queries {
            let keep = |row: usize| self.counts(tile.first_query + row.cast_signed(), rows);
            if !keep(row) {
                row += 1;
                continue;
            }
            let mut end = row + 1;
            while end < tile.queries && keep(end) {
                end += 1;
            }
            let part = Tile {
                first_query: tile.first_query + row.cast_signed(),
                queries: end - row,
                weights: &tile.weights[row * tile.stride..],
                ..*tile
            };
            if let Ok(mut sink) = self.sink.lock() {
                sink.take(&part);
            }
            row = end;
        }
    }

    /// Hands what a head gives to each query that counts to the sink.
    pub(super) fn pass_outputs_on(
        &self,
        head: HeadId,
        step: Queries,
        mixed: &[f32],
        rows: &Range<isize>,
    ) {
        let (width, stride) = (self.frame.d_head(), self.frame.head_width());
        for query in rows.clone().filter(|query| self.counts(*query, rows)) {
            let row = (query - step.first).cast_unsigned();
            if let Ok(mut sink) = self.sink.lock() {
                sink.take_output(head, query, &mixed[row * stride..][..width]);
            }
        }
    }

    /// Hands the summary of a tile to the sink.
    pub(super) fn summarise(&self, summary: &TileSummary<'_>) {
        if let Ok(mut sink) = self.sink.lock() {
            sink.take_summary(summary);
        }
    }

    /// Makes the weights of finished queries again and hands over their sums.
    pub(super) fn hand_over<const ROWS: usize>(
        &mut self,
        rows: &Range<isize>,
    ) -> Result<(), Cancelled> {
        let config = &self.frame.tables.config;
        let first = (rows.start - self.strip.queries.start).cast_unsigned() * config.classes;
        let probability: Vec<f32> = self.logits[first..]
            .chunks_exact(config.classes)
            .map(softmax_of_second)
            .collect();
        let step = self.tiles::<ROWS>(rows);
        let mut scratch = std::mem::take(&mut self.scratch);
        let this = &*self;
        let result = (0..config.layers).try_for_each(|layer| {
            this.layers[layer]
                .heads
                .par_iter()
                .zip(&mut scratch)
                .enumerate()
                .try_for_each(|(head, (state, scratch))| {
                    this.frame.cancel.check()?;
                    let id = HeadId { layer, head };
                    if !this.wants(id) {
                        return Ok(());
                    }
                    let task = Task {
                        id,
                        step,
                        fixed: this.fixed(id),
                        mixes: false,
                    };
                    let (set, frame) = (this.set, this.frame);
                    let probability = |query: isize| {
                        let index = usize::try_from(query - rows.start).ok()?;
                        probability.get(index).copied().filter(|p| !p.is_nan())
                    };
                    let mut take = |sums: &TileSums<'_>| {
                        if let Ok(mut sink) = this.sink.lock() {
                            sink.take_sums(sums);
                        }
                    };
                    set.vectorize(
                        #[inline(always)]
                        || frame.sum::<S, ROWS>(set, task, state, scratch, &probability, &mut take),
                    );
                    Ok(())
                })
        });
        self.scratch = scratch;
        result?;
        self.frame.cancel.check()
    }
}
