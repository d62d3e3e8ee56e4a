//! Attention of one head: scores, softmax and the weighted sum of values, tile by tile.

use super::head::{Frame, HeadScratch, HeadState, Queries};
use super::lanes::Lanes;
use super::product::{self, Left, PAD, Right, padded};
use crate::attention::{HeadId, ReceivedTile, Tile};

/// Who takes the attention of a head.
pub(super) enum Taker<'a> {
    /// Nobody.
    Nobody,
    /// Gets each tile, its weights summing to 1.
    Tiles(&'a mut dyn FnMut(&Tile<'_>)),
    /// Gets each tile's sums by key.
    Received {
        /// Whether a query counts (1 or 0), and its probability.
        factors: &'a dyn Fn(isize) -> (f32, f32),
        take: &'a mut dyn FnMut(&ReceivedTile<'_>),
    },
}

/// What to do with the queries of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) id: HeadId,
    pub(super) step: Queries,
    /// Look at every visible key alike.
    pub(super) uniform: bool,
    /// Mix the values: to `scratch.mixed`.
    pub(super) mixes: bool,
    /// The queries are those that the state has kept, not those just asked.
    pub(super) recalls: bool,
}

/// The keys that a tile sees, and the whole panels that hold them.
#[derive(Clone, Copy, Debug)]
struct Band {
    /// The first query.
    query: isize,
    /// The first and last key that some query of the tile sees.
    first: isize,
    last: isize,
    /// The first key of the first panel: column 0 of the weights.
    panel: isize,
    /// Columns of all panels.
    columns: usize,
}

impl Band {
    /// Column of the first key.
    fn column(self) -> usize {
        (self.first - self.panel).cast_unsigned()
    }
}

impl Frame<'_> {
    /// Fetches the kept queries of one tile to the front of `queries`.
    fn recall<const ROWS: usize>(&self, state: &HeadState, queries: &mut [f32], first: isize) {
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
        task: Task,
        state: &HeadState,
        scratch: &mut HeadScratch,
        mut taker: Taker<'_>,
    ) {
        let width = self.query_width();
        for tile in 0..task.step.tiles {
            if self.cancel.is_cancelled() {
                return;
            }
            let band = self.band::<ROWS>(task.step.first + (tile * ROWS).cast_signed());
            if !task.uniform {
                let at = if task.recalls {
                    self.recall::<ROWS>(state, &mut scratch.queries, band.query);
                    0
                } else {
                    tile * ROWS * width
                };
                let queries = &scratch.queries[at..];
                self.score::<S, ROWS>(set, state, queries, band, &mut scratch.weights);
            }
            let weights = &mut scratch.weights[..];
            let mut scale = self.soften::<S, ROWS>(set, band, task.uniform, weights);
            if matches!(taker, Taker::Tiles(_)) {
                let rows = weights.chunks_mut(self.weight_stride(ROWS));
                for (row, scale) in rows.zip(&mut scale) {
                    product::scale(set, &mut row[..band.columns], *scale);
                    *scale = 1.0;
                }
            }
            if task.mixes {
                let width = self.head_width();
                let out = &mut scratch.mixed[tile * ROWS * width..][..ROWS * width];
                self.mix::<S, ROWS>(set, state, band, weights, &scale, out);
            }
            self.give::<S, ROWS>(set, task.id, band, scratch, scale, &mut taker);
        }
    }

    /// The keys that a tile of ROWS queries from `query` on sees.
    #[inline(always)]
    fn band<const ROWS: usize>(&self, query: isize) -> Band {
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

    /// Turns scores into weights, up to the factor that it returns for each row; 0 outside the band.
    #[inline(always)]
    fn soften<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        band: Band,
        uniform: bool,
        weights: &mut [f32],
    ) -> [f32; ROWS] {
        let context = self.tables.config.context.cast_signed();
        let mut scale = [1.0; ROWS];
        for (row, weights) in weights
            .chunks_mut(self.weight_stride(ROWS))
            .take(ROWS)
            .enumerate()
        {
            let weights = &mut weights[..band.columns];
            let query = band.query + row.cast_signed();
            let oldest = (query + 1 - context).max(self.start).min(query);
            let from = (oldest.max(band.panel) - band.panel).cast_unsigned();
            let to = (query - band.panel).cast_unsigned();
            let sum = if uniform {
                weights.fill(0.0);
                weights[from..=to].fill(1.0);
                (to - from + 1) as f32
            } else {
                weights[..from].fill(f32::NEG_INFINITY);
                weights[to + 1..].fill(f32::NEG_INFINITY);
                let largest = product::largest(set, weights);
                product::exponentiate(set, weights, largest)
            };
            scale[row] = 1.0 / sum;
        }
        scale
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

    /// Hands a tile to whoever takes it.
    #[inline(always)]
    fn give<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        head: HeadId,
        band: Band,
        scratch: &mut HeadScratch,
        mut scale: [f32; ROWS],
        taker: &mut Taker<'_>,
    ) {
        let column = band.column();
        let stride = self.weight_stride(ROWS);
        match taker {
            Taker::Nobody => {}
            Taker::Tiles(take) => take(&Tile {
                head,
                first_query: band.query,
                first_key: band.first,
                queries: ROWS,
                stride,
                context: self.tables.config.context,
                weights: &scratch.weights[column..],
                probability: &[],
            }),
            Taker::Received { factors, take } => {
                let mut weighted = [0.0; ROWS];
                for row in 0..ROWS {
                    let (counts, probability) = factors(band.query + row.cast_signed());
                    scale[row] *= counts;
                    weighted[row] = scale[row] * probability;
                }
                let [plain_sums, weighted_sums] = &mut scratch.received;
                product::column_sums(
                    set,
                    &scratch.weights,
                    stride,
                    band.columns,
                    [&scale, &weighted],
                    [plain_sums, weighted_sums],
                );
                take(&ReceivedTile {
                    head,
                    first_key: band.first,
                    plain: &plain_sums[column..band.columns],
                    weighted: &weighted_sums[column..band.columns],
                });
            }
        }
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
        let positions = &self.tables.positions;
        let relative = (band.panel - band.query + positions.zero.cast_signed()).cast_unsigned();
        let (mut out, mut keys, mut codes) = ([0; N], [0; N], [0; N]);
        for n in 0..N {
            out[n] = column + n * S::LANES;
            let slot = self.slot(band.panel + (out[n] / PAD * PAD).cast_signed());
            keys[n] = slot * self.d_head() + out[n] % PAD;
            codes[n] = relative + out[n];
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
        product::write(set, &sums, weights, self.weight_stride(ROWS), out);
    }
}
