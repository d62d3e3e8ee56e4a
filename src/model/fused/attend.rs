//! Attention of one head: scores, softmax and the weighted sum of values, tile by tile.

use std::ops::Range;

use super::head::{Frame, HeadScratch, HeadState, Queries};
use super::lanes::Lanes;
use super::product::{self, Left, PAD, Right, Sums, padded};
use crate::attention::{HeadId, QuerySummary, Tile};

/// Who takes the attention of a head as it is made.
pub(super) struct Taker<'a> {
    /// Whether a tile of these queries is wanted.
    pub(super) wants: &'a dyn Fn(Range<isize>) -> bool,
    /// Gets each wanted tile, its weights summing to 1.
    pub(super) tiles: &'a mut dyn FnMut(&Tile<'_>),
    /// Gets what each tile's queries do, if anybody asks.
    pub(super) summaries: Option<Summaries<'a>>,
}

/// Gets a tile's first query, its queries and their sums by distance.
type TakeSummaries<'a> = &'a mut dyn FnMut(isize, &[Option<QuerySummary>], &[f32]);

/// Who takes what queries do: which queries count, and what gets a tile's first query, its
/// queries and the sums by distance of those that count.
pub(super) struct Summaries<'a> {
    /// Whether the query at `first` and those after it count; no others do.
    pub(super) first: isize,
    pub(super) counts: &'a [bool],
    pub(super) take: TakeSummaries<'a>,
}

/// What to do with the queries of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task<'a> {
    pub(super) id: HeadId,
    pub(super) step: Queries,
    /// Scores by distance, as powers of 2 and the farthest first, of a head that does not look.
    pub(super) fixed: Option<&'a [f32]>,
    /// Mix the values: to `scratch.mixed`.
    pub(super) mixes: bool,
}

/// The keys that a tile sees, and the whole panels that hold them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    /// The first query.
    pub(super) query: isize,
    /// The first and last key that some query of the tile sees.
    pub(super) first: isize,
    pub(super) last: isize,
    /// The first key of the first panel: column 0 of the weights.
    pub(super) panel: isize,
    /// Columns of all panels.
    pub(super) columns: usize,
}

/// The score of a key that a query does not see: its weight is 0, and 0 times it is 0.
pub(super) const OUTSIDE: f32 = -1e30;

impl Band {
    /// Column of the first key.
    pub(super) fn column(self) -> usize {
        (self.first - self.panel).cast_unsigned()
    }

    /// Columns of the first and last key that the query of `row` sees.
    #[inline(always)]
    pub(super) fn of_row(self, row: usize, context: usize) -> (usize, usize) {
        let query = self.query + row.cast_signed();
        let oldest = (query + 1 - context.cast_signed()).max(self.first);
        (
            (oldest.min(query) - self.panel).cast_unsigned(),
            (query - self.panel).cast_unsigned(),
        )
    }
}

/// What is known of the rows of a tile after their softmax.
struct Softened<const ROWS: usize> {
    /// The factor that makes the weights of each row sum to 1.
    scale: [f32; ROWS],
    /// Its largest score.
    largest: [f32; ROWS],
    /// Its entropy in bits, and the distance of its largest score, the nearest of equals, where
    /// asked for.
    entropy_bits: [f32; ROWS],
    distance: [u32; ROWS],
}

impl Frame<'_> {
    /// Fetches the kept queries of one tile to the front of `queries`.
    pub(super) fn recall<const ROWS: usize>(
        &self,
        state: &HeadState,
        queries: &mut [f32],
        first: isize,
    ) {
        let width = self.query_width();
        for (row, to) in queries.chunks_exact_mut(width).take(ROWS).enumerate() {
            let slot = self.slot(first + row.cast_signed());
            to.copy_from_slice(&state.queries[slot * width..][..width]);
        }
    }

    /// The attention of the queries of a step, tile by tile.
    #[inline(always)]
    pub(super) fn attend<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        task: Task<'_>,
        state: &mut HeadState,
        scratch: &mut HeadScratch,
        mut taker: Option<Taker<'_>>,
    ) {
        for tile in 0..task.step.tiles {
            if self.cancel.is_cancelled() {
                return;
            }
            let band = self.band::<ROWS>(task.step.first + (tile * ROWS).cast_signed());
            if let Some(fixed) = task.fixed {
                self.score_fixed::<ROWS>(fixed, band, 0..band.columns, &mut scratch.weights);
            } else {
                let queries = &scratch.queries[tile * ROWS * self.query_width()..];
                self.score::<S, ROWS>(set, state, queries, band, &mut scratch.weights);
            }
            let summaries = taker.as_mut().and_then(|taker| taker.summaries.as_mut());
            let softened = if let Some(summaries) = summaries {
                let weights = &mut scratch.weights[..];
                let softened = self.soften::<S, ROWS, true>(set, band, weights);
                self.summarise::<S, ROWS>(set, band, &softened, scratch, summaries);
                softened
            } else {
                self.soften::<S, ROWS, false>(set, band, &mut scratch.weights)
            };
            if !state.norms.is_empty() {
                for row in 0..ROWS {
                    let slot = self.slot(band.query + row.cast_signed());
                    state.norms[slot] = softened.largest[row] - softened.scale[row].log2();
                }
            }
            let weights = &mut scratch.weights[..];
            // Before anybody takes a tile, so that who takes what changes no number.
            if task.mixes {
                let width = self.head_width();
                let out = &mut scratch.mixed[tile * ROWS * width..][..ROWS * width];
                self.mix::<S, ROWS>(set, state, band, weights, &softened.scale, out);
            }
            if let Some(taker) = &mut taker
                && (taker.wants)(band.query..band.last + 1)
            {
                let rows = weights.chunks_mut(self.weight_stride(ROWS));
                for (row, scale) in rows.zip(softened.scale) {
                    product::scale(set, &mut row[..band.columns], scale);
                }
                (taker.tiles)(&Tile {
                    head: task.id,
                    first_query: band.query,
                    first_key: band.first,
                    queries: ROWS,
                    stride: self.weight_stride(ROWS),
                    context: self.tables.config.context,
                    weights: &weights[band.column()..],
                });
            }
        }
    }

    /// Says what the queries of a softened tile do.
    #[inline(always)]
    fn summarise<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        band: Band,
        softened: &Softened<ROWS>,
        scratch: &mut HeadScratch,
        summaries: &mut Summaries<'_>,
    ) {
        let mut factors = softened.scale;
        let ahead = band.query - summaries.first;
        let queries: [_; ROWS] = std::array::from_fn(|row| {
            let index = usize::try_from(ahead + row.cast_signed()).ok();
            if index.and_then(|index| summaries.counts.get(index)) != Some(&true) {
                factors[row] = 0.0;
                return None;
            }
            Some(QuerySummary {
                distance: softened.distance[row],
                weight: softened.scale[row],
                entropy_bits: softened.entropy_bits[row],
            })
        });
        let distances = self.by_distance::<S, ROWS>(set, band, &factors, scratch);
        (summaries.take)(band.query, &queries, &scratch.by_distance[..distances]);
    }

    /// Sums the weights of a tile by distance, the oldest first; returns how many distances.
    #[inline(always)]
    fn by_distance<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        band: Band,
        factors: &[f32; ROWS],
        scratch: &mut HeadScratch,
    ) -> usize {
        let (context, stride) = (self.tables.config.context, self.weight_stride(ROWS));
        let HeadScratch {
            weights,
            by_distance: sums,
            ..
        } = scratch;
        // The first query lies at this column, the others one further right each.
        let own = (band.query - band.panel).cast_unsigned();
        if own + 1 >= context {
            let first = own + 1 - context;
            product::diagonal_sums(set, weights, stride, first, context, factors, sums);
            return context;
        }
        // At the start of a strand the queries see unequally far.
        let distances = (own + ROWS).min(context);
        sums[..distances].fill(0.0);
        for (row, factor) in factors.iter().enumerate() {
            let (from, to) = band.of_row(row, context);
            let weights = weights[row * stride..][from..=to].iter().rev();
            for (sum, weight) in sums[..distances].iter_mut().rev().zip(weights) {
                *sum += weight * factor;
            }
        }
        distances
    }

    /// The keys that a tile of ROWS queries from `query` on sees.
    #[inline(always)]
    pub(super) fn band<const ROWS: usize>(&self, query: isize) -> Band {
        let context = self.tables.config.context.cast_signed();
        let last = query + ROWS.cast_signed() - 1;
        let first = (query + 1 - context).max(self.start).min(last);
        let panel = first.div_euclid(PAD.cast_signed()) * PAD.cast_signed();
        Band {
            query,
            first,
            last,
            panel,
            columns: padded((last - panel + 1).cast_unsigned()),
        }
    }

    /// Turns scores into weights, up to a factor for each row; 0 outside the band.
    #[inline(always)]
    fn soften<S: Lanes, const ROWS: usize, const SUMMARY: bool>(
        &self,
        set: S,
        band: Band,
        weights: &mut [f32],
    ) -> Softened<ROWS> {
        let mut softened = Softened {
            scale: [1.0; ROWS],
            largest: [0.0; ROWS],
            entropy_bits: [0.0; ROWS],
            distance: [0; ROWS],
        };
        let (context, stride) = (self.tables.config.context, self.weight_stride(ROWS));
        // All rows one way and then the other, so that they do not wait for one another.
        for (row, weights) in weights.chunks_mut(stride).take(ROWS).enumerate() {
            let weights = &mut weights[..band.columns];
            let (from, to) = band.of_row(row, context);
            weights[..from].fill(OUTSIDE);
            weights[to + 1..].fill(OUTSIDE);
            softened.largest[row] = product::largest(set, weights);
            if SUMMARY {
                let column = product::find_last(set, weights, softened.largest[row]);
                softened.distance[row] = (to - column.unwrap_or(to).min(to)) as u32;
            }
        }
        for (row, weights) in weights.chunks_mut(stride).take(ROWS).enumerate() {
            let weights = &mut weights[..band.columns];
            let largest = softened.largest[row];
            let (sum, weighed) = if SUMMARY {
                product::exponentiate_and_weigh(set, weights, largest)
            } else {
                (product::exponentiate(set, weights, largest), 0.0)
            };
            softened.scale[row] = 1.0 / sum;
            if SUMMARY {
                softened.entropy_bits[row] = (sum.log2() - weighed / sum).max(0.0);
            }
        }
        softened
    }

    /// The weighted sum of the values that a tile sees.
    #[inline(always)]
    fn mix<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        state: &HeadState,
        band: Band,
        weights: &[f32],
        scale: &[f32; ROWS],
        out: &mut [f32],
    ) {
        let width = self.head_width();
        let keys = (band.last - band.first + 1).cast_unsigned();
        let slot = self.slot(band.first);
        // The keys lie in one run of slots, or in two where the ring closes.
        let straight = keys.min(self.capacity - slot);
        let weights = &weights[band.column()..];
        let term = |part: usize| {
            let (skip, depth, slot) = if part == 0 {
                (0, straight, slot)
            } else {
                (straight, keys - straight, 0)
            };
            let left = Left {
                numbers: &weights[skip..],
                stride: self.weight_stride(ROWS),
            };
            let right = Right {
                numbers: &state.values[slot * width..],
                stride: width,
            };
            (depth, left, right)
        };
        let terms = if straight < keys { 2 } else { 1 };
        product::rows::<S, ROWS>(set, out, width, &[], terms, term, scale);
    }

    /// Scores, as powers of 2, of the queries of a tile with the keys of its panels.
    #[inline(always)]
    fn score<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        state: &HeadState,
        queries: &[f32],
        band: Band,
        weights: &mut [f32],
    ) {
        let mut column = 0;
        while column + 2 * S::LANES <= band.columns {
            self.score_block::<S, ROWS, 2>(set, state, queries, band, column, weights);
            column += 2 * S::LANES;
        }
        while column < band.columns {
            self.score_block::<S, ROWS, 1>(set, state, queries, band, column, weights);
            column += S::LANES;
        }
    }

    /// The scores of `columns` that a head has which does not look at keys.
    #[inline(always)]
    pub(super) fn score_fixed<const ROWS: usize>(
        &self,
        fixed: &[f32],
        band: Band,
        columns: Range<usize>,
        weights: &mut [f32],
    ) {
        let context = self.tables.config.context;
        let rows = weights.chunks_mut(self.weight_stride(ROWS)).take(ROWS);
        for (row, weights) in rows.enumerate() {
            let (from, to) = band.of_row(row, context);
            // The query's own key takes the last of `fixed`.
            let first = columns.start.max(from);
            let seen = first..columns.end.min(to + 1).max(first);
            for (weight, column) in weights[seen.clone()].iter_mut().zip(seen) {
                let index = (column + fixed.len()).wrapping_sub(to + 1);
                *weight = fixed.get(index).copied().unwrap_or(0.0);
            }
        }
    }

    #[inline(always)]
    fn score_block<S: Lanes, const ROWS: usize, const N: usize>(
        &self,
        set: S,
        state: &HeadState,
        queries: &[f32],
        band: Band,
        column: usize,
        weights: &mut [f32],
    ) {
        let columns = std::array::from_fn(|n| column + n * S::LANES);
        let sums = self.scores::<S, ROWS, N>(set, state, queries, band, columns);
        product::write(set, &sums, weights, self.weight_stride(ROWS), columns);
    }

    /// Scores of the keys in N vectors of columns, in registers.
    #[inline(always)]
    pub(super) fn scores<S: Lanes, const ROWS: usize, const N: usize>(
        &self,
        set: S,
        state: &HeadState,
        queries: &[f32],
        band: Band,
        columns: [usize; N],
    ) -> Sums<S, ROWS, N> {
        let positions = &self.tables.positions;
        let relative = (band.panel - band.query + positions.zero.cast_signed()).cast_unsigned();
        let (mut keys, mut codes) = ([0; N], [0; N]);
        for n in 0..N {
            let slot = self.slot(band.panel + (columns[n] / PAD * PAD).cast_signed());
            keys[n] = slot * self.d_head() + columns[n] % PAD;
            codes[n] = relative + columns[n];
        }
        let mut sums = [[set.splat(0.0); N]; ROWS];
        let stride = self.query_width();
        let content = Left {
            numbers: queries,
            stride,
        };
        let panels = Right {
            numbers: &state.keys,
            stride: PAD,
        };
        product::accumulate(set, &mut sums, self.d_head(), content, panels, keys);
        let distance = Left {
            numbers: &queries[self.head_width()..],
            stride,
        };
        let table = Right {
            numbers: &positions.keys,
            stride: positions.stride,
        };
        product::accumulate(
            set,
            &mut sums,
            2 * positions.frequencies,
            distance,
            table,
            codes,
        );
        sums
    }
}
