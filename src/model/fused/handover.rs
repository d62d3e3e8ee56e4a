//! Attention leaves a run: at once, or after the last layer with probabilities.

use std::ops::Range;

use rayon::prelude::*;

use super::attend::{Taker, Task};
use super::lanes::Lanes;
use super::stretch::{Run, softmax_of_second};
use crate::attention::{HeadId, ReceivedTile, Tile};
use crate::progress::Cancelled;

impl<S: Lanes> Run<'_, S> {
    /// Hands a tile to the sink, cut to the wanted queries over known bases.
    pub(super) fn pass_on(&self, tile: &Tile<'_>, rows: &Range<isize>, probability: &[f32]) {
        let wanted = rows.start.max(self.strip.queries.start)..rows.end.min(self.strip.queries.end);
        let mut row = 0;
        while row < tile.queries {
            let query = |row: usize| tile.first_query + row.cast_signed();
            let keep = |row: usize| wanted.contains(&query(row)) && self.known(query(row));
            if !keep(row) {
                row += 1;
                continue;
            }
            let mut end = row + 1;
            while end < tile.queries && keep(end) {
                end += 1;
            }
            let from = (query(row) - wanted.start).cast_unsigned();
            let part = Tile {
                first_query: query(row),
                queries: end - row,
                weights: &tile.weights[row * tile.stride..],
                probability: probability.get(from..from + end - row).unwrap_or(&[]),
                ..*tile
            };
            // A sink that panicked on another thread takes its run down with it; its lock is of no use.
            if let Ok(mut sink) = self.sink.lock() {
                sink.take(&part);
            }
            row = end;
        }
    }

    /// Computes the weights of finished queries again and hands them over with probabilities.
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
                        uniform: this.settings.uniform.contains(id),
                        mixes: false,
                        recalls: true,
                    };
                    let (set, frame) = (this.set, this.frame);
                    let factors = |query: isize| {
                        let index = usize::try_from(query - rows.start).ok();
                        match index.and_then(|index| probability.get(index)) {
                            Some(p) if !p.is_nan() => (1.0, *p),
                            _ => (0.0, 0.0),
                        }
                    };
                    let mut pass_on = |tile: &Tile<'_>| this.pass_on(tile, rows, &probability);
                    let mut receive = |received: &ReceivedTile<'_>| {
                        if let Ok(mut sink) = this.sink.lock() {
                            sink.take_received(received);
                        }
                    };
                    let taker = if this.received {
                        Taker::Received {
                            factors: &factors,
                            take: &mut receive,
                        }
                    } else {
                        Taker::Tiles(&mut pass_on)
                    };
                    set.vectorize(
                        #[inline(always)]
                        || {
                            frame.attend::<S, ROWS>(set, task, state, scratch, taker);
                        },
                    );
                    Ok(())
                })
        });
        self.scratch = scratch;
        result?;
        self.frame.cancel.check()
    }
}
