//! One head of one layer: projections, scores, softmax and the weighted sum of values.

use super::lanes::Lanes;
use super::prepare::{HeadTables, Tables};
use super::product::{self, Left, PAD, Right, padded};
use crate::progress::Cancel;

/// Hidden rows around `positions`, gathered so that every row and its neighbours lie in one piece.
///
/// What a convolution sees of the position with index i begins at row i; rows that it must not see
/// are 0. Where two runs of positions follow one another, the indices between them are `None`.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) positions: Vec<Option<isize>>,
    pub(super) rows: Vec<f32>,
}

/// What a head remembers between steps. Position p lies in slot `p modulo capacity`.
#[derive(Debug)]
pub(super) struct HeadState {
    /// Keys in panels of [`PAD`] positions: `[panel, d_head, PAD]`.
    pub(super) keys: Vec<f32>,
    /// `[slot, padded d_head]`.
    pub(super) values: Vec<f32>,
    /// `[slot, query width]`, kept where weights are made a second time.
    pub(super) queries: Vec<f32>,
    /// By slot what to take from the scores of the query there, so that the powers of 2 sum to 1;
    /// kept alike.
    pub(super) norms: Vec<f32>,
}

/// Room for the work of one head in one step.
#[derive(Debug)]
pub(super) struct HeadScratch {
    /// `[row, query width]`: content, then weights of cosines and sines.
    pub(super) queries: Vec<f32>,
    /// `[row of the tile, weight_stride]`.
    pub(super) weights: Vec<f32>,
    /// `[row, padded d_head]`: a head's output before `o_net`.
    pub(super) mixed: Vec<f32>,
    /// One block of a projection.
    block: Vec<f32>,
    /// What a tile gives to each key: plain, then weighted by probability.
    pub(super) received: [Vec<f32>; 2],
    /// What a tile gives to each distance.
    pub(super) by_distance: Vec<f32>,
}

impl HeadScratch {
    /// The head's output is the same at `rows` queries; each takes `width` numbers.
    pub(super) fn give(&mut self, output: &[f32], width: usize, rows: usize) {
        for row in self.mixed.chunks_exact_mut(width).take(rows) {
            row.fill(0.0);
            row.iter_mut().zip(output).for_each(|(to, x)| *to = *x);
        }
    }
}

/// What is the same for all heads and steps of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub(super) tables: &'a Tables,
    /// Slots of the rings, a multiple of [`PAD`].
    pub(super) capacity: usize,
    /// The first position that exists.
    pub(super) start: isize,
    /// Once it is set the heads leave their work unfinished.
    pub(super) cancel: &'a Cancel,
}

/// The queries of one step: whole tiles from `first` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queries {
    pub(super) first: isize,
    pub(super) tiles: usize,
}

impl Frame<'_> {
    pub(super) fn slot(&self, position: isize) -> usize {
        position
            .rem_euclid(self.capacity.cast_signed())
            .cast_unsigned()
    }

    pub(super) fn d_head(&self) -> usize {
        self.tables.config.d_head
    }

    pub(super) fn head_width(&self) -> usize {
        padded(self.d_head())
    }

    pub(super) fn query_width(&self) -> usize {
        self.head_width() + padded(2 * self.tables.positions.frequencies)
    }

    /// Room for the widest tile, not a multiple of a memory page.
    pub(super) fn weight_stride(&self, rows: usize) -> usize {
        let stride = padded(self.tables.config.context + rows + 2 * PAD);
        if stride.is_multiple_of(128) {
            stride + PAD
        } else {
            stride
        }
    }

    /// Nothing remembered yet; queries and what their softmax took are remembered on demand.
    pub(super) fn state(&self, remembers: bool) -> HeadState {
        let slots = if remembers { self.capacity } else { 0 };
        HeadState {
            keys: vec![0.0; self.capacity * self.d_head()],
            values: vec![0.0; self.capacity * self.head_width()],
            queries: vec![0.0; slots * self.query_width()],
            norms: vec![f32::INFINITY; slots],
        }
    }

    pub(super) fn scratch(&self, most_rows: usize, tile_rows: usize) -> HeadScratch {
        let width = padded(2 * self.tables.positions.frequencies).max(self.head_width());
        HeadScratch {
            queries: vec![0.0; (most_rows + 2 * tile_rows) * self.query_width()],
            // Diagonals are read a vector past the last row's end.
            weights: vec![0.0; tile_rows * self.weight_stride(tile_rows) + PAD],
            mixed: vec![0.0; (most_rows + 2 * tile_rows) * self.head_width()],
            block: vec![0.0; tile_rows * width],
            received: [(); 2].map(|()| vec![0.0; self.weight_stride(tile_rows)]),
            by_distance: vec![0.0; self.weight_stride(tile_rows)],
        }
    }

    /// Makes the keys and values of the piece's positions.
    #[inline(always)]
    pub(super) fn remember<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        head: &HeadTables,
        state: &mut HeadState,
        scratch: &mut HeadScratch,
        piece: &Piece,
    ) {
        let (d_head, width) = (self.d_head(), self.head_width());
        let block = &mut scratch.block[..];
        for (block_index, positions) in piece.positions.chunks(ROWS).enumerate() {
            let at = block_index * ROWS;
            self.project::<S, ROWS>(set, &head.k, &head.k_bias, piece, at, width, block);
            for (row, position) in positions.iter().enumerate() {
                let Some(position) = *position else { continue };
                let slot = self.slot(position);
                let panel = &mut state.keys[slot / PAD * PAD * d_head..][..d_head * PAD];
                let made = &block[row * width..][..d_head];
                for (key, x) in panel[slot % PAD..].iter_mut().step_by(PAD).zip(made) {
                    *key = *x;
                }
            }
            self.project::<S, ROWS>(set, &head.v, &head.v_bias, piece, at, width, block);
            for (row, position) in positions.iter().enumerate() {
                let Some(position) = *position else { continue };
                let slot = self.slot(position);
                state.values[slot * width..][..width]
                    .copy_from_slice(&block[row * width..][..width]);
            }
        }
    }

    /// ROWS rows of `piece` from row `at` on, times one of the folded matrices.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "inlined into its three callers")]
    fn project<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        matrix: &[f32],
        bias: &[f32],
        piece: &Piece,
        at: usize,
        width: usize,
        out: &mut [f32],
    ) {
        let d_model = self.tables.config.d_model;
        let depth = self.tables.taps * d_model;
        let left = Left {
            numbers: &piece.rows[at * d_model..],
            stride: d_model,
        };
        let right = Right {
            numbers: matrix,
            stride: width,
        };
        product::rows::<S, ROWS>(
            set,
            out,
            width,
            bias,
            1,
            |_| (depth, left, right),
            &[1.0; ROWS],
        );
    }

    /// Makes the queries of a step from `piece`, whose first position is that of the first tile.
    #[inline(always)]
    pub(super) fn ask<S: Lanes, const ROWS: usize>(
        &self,
        set: S,
        head: &HeadTables,
        state: &mut HeadState,
        scratch: &mut HeadScratch,
        piece: &Piece,
        step: Queries,
    ) {
        let (width, query_width) = (self.head_width(), self.query_width());
        let frequencies = self.tables.positions.frequencies;
        let codes_width = padded(2 * frequencies);
        let table_width = padded(frequencies);
        for tile in 0..step.tiles {
            let at = tile * ROWS;
            let rows = &mut scratch.queries[at * query_width..][..ROWS * query_width];
            let block = &mut scratch.block[..];
            self.project::<S, ROWS>(set, &head.q, &head.q_bias, piece, at, width, block);
            for row in 0..ROWS {
                rows[row * query_width..][..width].copy_from_slice(&block[row * width..][..width]);
            }
            let left = Left {
                numbers: rows,
                stride: query_width,
            };
            let right = Right {
                numbers: &head.r,
                stride: codes_width,
            };
            let term = |_| (self.d_head(), left, right);
            product::rows::<S, ROWS>(set, block, codes_width, &head.r_bias, 1, term, &[1.0; ROWS]);
            // Angles are taken relative to the tile's first query: sin(f(i − x)) and cos(f(i − x))
            // become sums of products with sin(fx) and cos(fx), which all rows share.
            for row in 0..ROWS {
                let (sines, cosines) =
                    block[row * codes_width..][..2 * frequencies].split_at(frequencies);
                let table = &self.tables.positions.queries[2 * row * table_width..];
                let (cos, sin) = table.split_at(table_width);
                let (to_cos, to_sin) =
                    rows[row * query_width + width..][..2 * frequencies].split_at_mut(frequencies);
                for f in 0..frequencies {
                    to_cos[f] = sines[f] * sin[f] + cosines[f] * cos[f];
                    to_sin[f] = cosines[f] * sin[f] - sines[f] * cos[f];
                }
            }
            if !state.queries.is_empty() {
                for row in 0..ROWS {
                    let slot = self.slot(step.first + (at + row).cast_signed());
                    state.queries[slot * query_width..][..query_width]
                        .copy_from_slice(&rows[row * query_width..][..query_width]);
                }
            }
        }
    }
}
