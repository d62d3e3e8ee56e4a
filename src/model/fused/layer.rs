//! One layer of a run: gathering its rows, running its heads, closing it.

use std::ops::Range;

use rayon::prelude::*;

use super::attend::{Summaries, Taker, Task};
use super::head::{HeadScratch, HeadState, Piece, Queries};
use super::lanes::Lanes;
use super::product::{self, Left, Right, padded};
use super::stretch::Run;
use super::strip::SignedLength;
use crate::attention::{HeadId, Tile, TileSummary};
use crate::progress::Cancelled;

impl<S: Lanes> Run<'_, S> {
    /// Gathers the rows around runs of positions of those that enter `layer`; 0 outside `visible`.
    fn gather<const ROWS: usize>(
        &self,
        layer: usize,
        runs: &[Range<isize>],
        visible: &Range<isize>,
    ) -> Piece {
        let config = &self.frame.tables.config;
        let (d_model, reach) = (config.d_model, config.kernel_reach());
        let mut piece = Piece::default();
        for run in runs.iter().filter(|run| !run.is_empty()) {
            // The rows around the run before come between.
            piece.positions.resize(piece.rows.len() / d_model, None);
            piece.positions.extend(run.clone().map(Some));
            for position in run.start - reach.cast_signed()..run.end + reach.cast_signed() {
                if visible.contains(&position) {
                    let slot = self.slot(position);
                    let row = &self.layers[layer].input[slot * d_model..][..d_model];
                    piece.rows.extend_from_slice(row);
                } else {
                    piece.rows.resize(piece.rows.len() + d_model, 0.0);
                }
            }
        }
        let rows = piece.positions.len().next_multiple_of(ROWS) + 2 * reach;
        piece.rows.resize(rows * d_model, 0.0);
        piece
    }

    /// What the convolutions of keys and of queries see at `position`.
    fn visible(&self, position: isize) -> (Range<isize>, Range<isize>) {
        let exists = &self.strip.exists;
        let Some(length) = self.strip.segment else {
            return (exists.clone(), exists.clone());
        };
        let length = length.cast_signed();
        let start = position.div_euclid(length) * length;
        let end = (start + length).min(exists.end);
        ((start - length).max(exists.start)..end, start..end)
    }

    /// One layer over `rows`, after making its `keys`.
    pub(super) fn layer<const ROWS: usize>(
        &mut self,
        layer: usize,
        keys: &Range<isize>,
        rows: &Range<isize>,
        has_memory: bool,
    ) -> Result<(), Cancelled> {
        if keys.is_empty() {
            return Ok(());
        }
        let (key_view, query_view) = self.visible(keys.start);
        let mut pieces = Vec::new();
        if !rows.is_empty() && has_memory && self.strip.segment.is_some() {
            // Now that the last segment is memory, its first rows no longer see the one before
            // it, and its last rows see this one.
            let memory = key_view.start..query_view.start;
            let reach = self.frame.tables.config.kernel_reach().cast_signed();
            let head = memory.start..memory.end.min(memory.start + reach);
            let tail = head.end.max(memory.end - reach)..memory.end;
            pieces.push(self.gather::<ROWS>(layer, &[head, tail], &key_view));
        }
        pieces.push(self.gather::<ROWS>(layer, std::slice::from_ref(keys), &key_view));
        let step = self.tiles::<ROWS>(rows);
        let asked = step.first..step.first + (step.tiles * ROWS).cast_signed();
        let asked = self.gather::<ROWS>(layer, &[asked], &query_view);

        let counts: Vec<bool> = if self.summarised.is_empty() {
            Vec::new()
        } else {
            let counts = |query| self.summarised.contains(&query) && self.counts(query, rows);
            rows.clone().map(counts).collect()
        };
        let mut states = std::mem::take(&mut self.layers[layer].heads);
        let mut scratch = std::mem::take(&mut self.scratch);
        let this = &*self;
        let result = states
            .par_iter_mut()
            .zip(&mut scratch)
            .enumerate()
            .try_for_each(|(head, (state, scratch))| {
                this.frame.cancel.check()?;
                let id = HeadId { layer, head };
                this.head::<ROWS>(id, state, scratch, &pieces, &asked, step, rows, &counts);
                Ok(())
            });
        self.layers[layer].heads = states;
        self.scratch = scratch;
        result?;
        // A head that was cancelled midway says nothing.
        self.frame.cancel.check()?;
        if !rows.is_empty() {
            self.finish::<ROWS>(layer, step, rows);
        }
        Ok(())
    }

    /// The tiles that cover `rows` on the grid that the strand, or the segment, fixes.
    pub(super) fn tiles<const ROWS: usize>(&self, rows: &Range<isize>) -> Queries {
        let height = ROWS.cast_signed();
        let grid = self.strip.segment.map_or(0, |length| {
            rows.start.div_euclid(length.cast_signed()) * length.cast_signed()
        });
        let first = grid + (rows.start - grid).div_euclid(height) * height;
        Queries {
            first,
            tiles: if rows.is_empty() {
                0
            } else {
                (first..rows.end).len_signed().div_ceil(ROWS)
            },
        }
    }

    /// All the work of one head in one step.
    #[allow(clippy::too_many_arguments, reason = "one head's share of `layer`")]
    fn head<const ROWS: usize>(
        &self,
        id: HeadId,
        state: &mut HeadState,
        scratch: &mut HeadScratch,
        pieces: &[Piece],
        asked: &Piece,
        step: Queries,
        rows: &Range<isize>,
        counts: &[bool],
    ) {
        let wanted = self.wants(id);
        let stand_in = self.settings.output_of(id);
        if let Some(output) = stand_in {
            let rows = step.tiles * ROWS;
            scratch.give(output, self.frame.head_width(), rows);
        }
        let mixes = stand_in.is_none() && !self.settings.heads_off.contains(id);
        if !wanted && !mixes {
            return;
        }
        let task = Task {
            id,
            step,
            fixed: self.fixed(id),
            mixes,
        };
        let head = &self.frame.tables.layers[id.layer].heads[id.head];
        let frame = self.frame;
        let set = self.set;
        set.vectorize(
            #[inline(always)]
            || {
                for piece in pieces {
                    frame.remember::<S, ROWS>(set, head, state, scratch, piece);
                }
                if step.tiles == 0 {
                    return;
                }
                frame.ask::<S, ROWS>(set, head, state, scratch, asked, step);
                let wants = |queries: Range<isize>| self.wants_queries(&queries, rows);
                let mut tiles = |tile: &Tile<'_>| self.pass_on(tile, rows);
                let mut summaries = |first: isize, queries: &[Option<_>], by_distance: &[f32]| {
                    self.summarise(&TileSummary {
                        head: id,
                        first_query: first,
                        queries,
                        by_distance,
                    });
                };
                let taker = wanted.then_some(Taker {
                    wants: &wants,
                    tiles: &mut tiles,
                    summaries: (!self.summarised.is_empty()).then_some(Summaries {
                        first: rows.start,
                        counts,
                        take: &mut summaries,
                    }),
                });
                frame.attend::<S, ROWS>(set, task, state, scratch, taker);
            },
        );
        if self.outputs && wanted && mixes {
            self.pass_outputs_on(id, step, &scratch.mixed, rows);
        }
    }

    /// The end of a layer: `o_net`, residual and norm; after the last layer the logits.
    fn finish<const ROWS: usize>(&mut self, layer: usize, step: Queries, rows: &Range<isize>) {
        let tables = self.frame.tables;
        let config = &tables.config;
        let (d_model, width) = (config.d_model, padded(config.d_model));
        let head_width = padded(config.d_head);
        let on: Vec<usize> = (0..config.heads)
            .filter(|&head| !self.settings.heads_off.contains(HeadId { layer, head }))
            .collect();
        let scratch = &self.scratch;
        let table = &tables.layers[layer];
        let mut sums = vec![0.0; step.tiles * ROWS * width];
        let set = self.set;
        set.vectorize(
            #[inline(always)]
            || {
                for (tile, out) in sums.chunks_exact_mut(ROWS * width).enumerate() {
                    let term = |index: usize| {
                        let head = on[index];
                        let left = Left {
                            numbers: &scratch[head].mixed[tile * ROWS * head_width..],
                            stride: head_width,
                        };
                        let right = Right {
                            numbers: &table.heads[head].o,
                            stride: width,
                        };
                        (config.d_head, left, right)
                    };
                    product::rows::<S, ROWS>(set, out, width, &[], on.len(), term, &[1.0; ROWS]);
                }
            },
        );
        let capacity = self.frame.capacity.cast_signed();
        for query in rows.clone() {
            let slot = query.rem_euclid(capacity).cast_unsigned();
            let row = (query - step.first).cast_unsigned();
            let sums = &mut sums[row * width..][..d_model];
            let input = &self.layers[layer].input[slot * d_model..][..d_model];
            sums.iter_mut().zip(input).for_each(|(sum, x)| *sum += x);
            normalise(sums, &table.norm_weight, &table.norm_bias);
            if layer + 1 < config.layers {
                self.layers[layer + 1].input[slot * d_model..][..d_model].copy_from_slice(sums);
                self.show_row(layer + 1, query);
                continue;
            }
            let known = self.known(query);
            for (weights, bias) in tables.out.chunks_exact(d_model).zip(&tables.out_bias) {
                let dot: f32 = weights.iter().zip(&*sums).map(|(w, x)| w * x).sum();
                self.logits.push(if known { dot + bias } else { f32::NAN });
            }
        }
    }
}

/// `LayerNorm` with ε = 1e-5.
fn normalise(row: &mut [f32], weight: &[f32], bias: &[f32]) {
    let count = row.len() as f32;
    let mean = row.iter().sum::<f32>() / count;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
    let scale = 1.0 / (variance + 1e-5).sqrt();
    for ((x, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
        *x = (*x - mean) * scale * weight + bias;
    }
}
