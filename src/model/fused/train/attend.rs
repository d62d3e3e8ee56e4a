//! Attention of one head over one sequence, there and back, tile by tile.
//!
//! Scores are not kept: the way back computes them again from queries and keys, and divides by the
//! power of 2 that was kept for each query (as in Dao et al. 2022). A score's distance lies on a
//! diagonal, so the products with the table of distances read and write along diagonals.

use super::super::lanes::Lanes;
use super::super::product::{PAD, exponentiate, largest, padded};
use super::forward::{LayerTape, scale_rows};
use super::product::{Left, Right, Start, add, dot, multiply, powers, transpose, unsoften};
use super::sizes::Sizes;
use super::sums::LayerSums;
use super::tables::LayerTables;

/// Tiles of queries whose weights are kept at once on the way back.
const BLOCK: usize = 8;

/// Room for the work of one head.
#[derive(Clone, Debug)]
pub(super) struct Attention {
    /// `[d_head, stride]`.
    key_columns: Vec<f32>,
    value_columns: Vec<f32>,
    /// One tile of what distances give, the farthest of the last row first.
    by_distance: Vec<f32>,
    /// `[query of the block, stride]`.
    weights: Vec<f32>,
    /// `[query of the block, stride]`, with a margin of zeros before the first key.
    changes: Vec<f32>,
    /// `[position]`: mean change of a query's weights.
    means: Vec<f32>,
    /// One tile `[row, width]`.
    tile: Vec<f32>,
    /// Gradients of queries, keys and values, `[position, width]`, with zeros around as the
    /// convolutions need them.
    pub(super) gradients: [Vec<f32>; 3],
}

/// Zeros before the first key of a row of changes.
const MARGIN: usize = PAD;

impl Attention {
    pub(super) fn new(sizes: &Sizes) -> Self {
        let stride = sizes.stride();
        let columns = vec![0.0; (sizes.config.d_head + 1) * stride];
        let block = vec![0.0; (BLOCK * sizes.tile + 1) * stride];
        let around = sizes.longest + 2 * sizes.config.kernel_reach();
        Self {
            key_columns: columns.clone(),
            value_columns: columns,
            by_distance: vec![0.0; (sizes.tile + 1) * stride],
            weights: block.clone(),
            changes: block,
            means: vec![0.0; sizes.longest],
            tile: vec![0.0; sizes.tile * sizes.width],
            gradients: [(); 3].map(|()| vec![0.0; around * sizes.width + sizes.tile]),
        }
    }

    /// Scores of the tile of queries from `first` on with all keys up to its last query.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "inlined into its two callers")]
    fn score<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        sizes: &Sizes,
        tables: &LayerTables,
        layer: &LayerTape,
        (head, rows): (usize, usize),
        first: usize,
        at: usize,
    ) {
        let (width, stride, d_head) = (sizes.width, sizes.stride(), sizes.config.d_head);
        let query = (head * rows + first) * width;
        let columns = padded(first + ROWS);
        let farthest = first + ROWS - 1;
        let left = Left {
            numbers: &layer.distance_queries[query..],
            row: width,
            step: 1,
        };
        let table = &tables.distance_columns[head * sizes.head_rows() * sizes.distances()..];
        let right = Right {
            numbers: &table[sizes.nearest() - farthest..],
            stride: sizes.distances(),
        };
        let out = &mut self.by_distance;
        multiply::<S, ROWS>(set, d_head, left, right, Start::Zero, out, stride, columns);
        let left = Left {
            numbers: &layer.content_queries[query..],
            row: width,
            step: 1,
        };
        let right = Right {
            numbers: &self.key_columns,
            stride,
        };
        // Row i of the tile has distance 0 at column `first + i`.
        let start = Start::Rows(&self.by_distance[ROWS - 1..], stride - 1);
        let out = &mut self.weights[at..];
        multiply::<S, ROWS>(set, d_head, left, right, start, out, stride, columns);
    }

    /// Mixes the values for one head; everything is read from and written to `layer`.
    #[inline(always)]
    pub(super) fn forward<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        sizes: &Sizes,
        tables: &LayerTables,
        layer: &mut LayerTape,
        head: usize,
        rows: usize,
    ) {
        let (width, wide, stride) = (sizes.width, sizes.wide(), sizes.stride());
        let at = head * rows * width;
        let keys = &layer.keys[at..][..rows * width];
        transpose(
            keys,
            width,
            sizes.config.d_head,
            &mut self.key_columns,
            stride,
        );
        for first in (0..rows).step_by(ROWS) {
            self.score::<S, ROWS>(set, sizes, tables, layer, (head, rows), first, 0);
            let mut factors = [1.0; ROWS];
            for row in 0..ROWS {
                let weights = &mut self.weights[row * stride..][..padded(first + ROWS)];
                weights[first + row + 1..].fill(f32::NEG_INFINITY);
                let most = largest(set, weights);
                let sum = exponentiate(set, weights, most);
                factors[row] = 1.0 / sum;
                layer.levels[head * rows + first + row] = most + sum.log2();
            }
            let left = Left {
                numbers: &self.weights,
                row: stride,
                step: 1,
            };
            let right = Right {
                numbers: &layer.values[at..],
                stride: width,
            };
            let out = &mut layer.mixed[first * wide + head * width..];
            let depth = first + ROWS;
            multiply::<S, ROWS>(set, depth, left, right, Start::Zero, out, wide, width);
            scale_rows(set, out, wide, width, &factors);
        }
    }

    /// The gradients of one head's queries, keys and values from that of its output, `mixed`
    /// `[position, head and column]`.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "inlined into its only caller")]
    pub(super) fn backward<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        sizes: &Sizes,
        tables: &LayerTables,
        layer: &LayerTape,
        (head, rows): (usize, usize),
        mixed: &[f32],
        sums: &mut LayerSums,
    ) {
        let (width, wide, stride) = (sizes.width, sizes.wide(), sizes.stride());
        let d_head = sizes.config.d_head;
        let at = head * rows * width;
        let around = sizes.config.kernel_reach() * width;
        transpose(
            &layer.keys[at..][..rows * width],
            width,
            d_head,
            &mut self.key_columns,
            stride,
        );
        transpose(
            &layer.values[at..][..rows * width],
            width,
            d_head,
            &mut self.value_columns,
            stride,
        );
        for position in 0..rows {
            let at = position * wide + head * width;
            self.means[position] = dot(&mixed[at..][..width], &layer.mixed[at..][..width]);
        }
        for gradient in &mut self.gradients {
            gradient[..2 * around + rows * width + sizes.tile].fill(0.0);
        }
        for start in (0..rows).step_by(BLOCK * ROWS) {
            let end = rows.min(start + BLOCK * ROWS);
            for first in (start..end).step_by(ROWS) {
                self.backward_tile::<S, ROWS>(
                    set,
                    sizes,
                    tables,
                    layer,
                    (head, rows),
                    mixed,
                    (start, first),
                    sums,
                );
            }
            let [_, keys, values] = &mut self.gradients;
            for key in (0..end).step_by(ROWS) {
                let query = start.max(key);
                let depth = end - query;
                let left = Left {
                    numbers: &self.weights[(query - start) * stride + key..],
                    row: 1,
                    step: stride,
                };
                let right = Right {
                    numbers: &mixed[query * wide + head * width..],
                    stride: wide,
                };
                let out = &mut values[around + key * width..];
                multiply::<S, ROWS>(set, depth, left, right, Start::Kept, out, width, width);
                let left = Left {
                    numbers: &self.changes[(query - start) * stride + MARGIN + key..],
                    row: 1,
                    step: stride,
                };
                let right = Right {
                    numbers: &layer.content_queries[at + query * width..],
                    stride: width,
                };
                let out = &mut keys[around + key * width..];
                multiply::<S, ROWS>(set, depth, left, right, Start::Kept, out, width, width);
            }
            for nearest in (0..end).step_by(ROWS) {
                let query = start.max(nearest);
                let farthest = nearest + ROWS - 1;
                let left = Left {
                    numbers: &self.changes[(query - start) * stride + MARGIN + query - farthest..],
                    row: 1,
                    step: stride + 1,
                };
                let right = Right {
                    numbers: &layer.distance_queries[at + query * width..],
                    stride: width,
                };
                let out = &mut sums.distances
                    [(head * sizes.distances() + sizes.nearest() - farthest) * width..];
                multiply::<S, ROWS>(
                    set,
                    end - query,
                    left,
                    right,
                    Start::Kept,
                    out,
                    width,
                    width,
                );
            }
        }
    }

    /// Weights, changes and gradients of queries of the tile from `first` on, in the block from
    /// `start` on.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "inlined into its only caller")]
    fn backward_tile<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        sizes: &Sizes,
        tables: &LayerTables,
        layer: &LayerTape,
        (head, rows): (usize, usize),
        mixed: &[f32],
        (start, first): (usize, usize),
        sums: &mut LayerSums,
    ) {
        let (width, wide, stride) = (sizes.width, sizes.wide(), sizes.stride());
        let block = (first - start) * stride;
        let columns = padded(first + ROWS);
        self.score::<S, ROWS>(set, sizes, tables, layer, (head, rows), first, block);
        let left = Left {
            numbers: &mixed[first * wide + head * width..],
            row: wide,
            step: 1,
        };
        let right = Right {
            numbers: &self.value_columns,
            stride,
        };
        let out = &mut self.changes[block + MARGIN..];
        let d_head = sizes.config.d_head;
        multiply::<S, ROWS>(set, d_head, left, right, Start::Zero, out, stride, columns);
        for row in 0..ROWS {
            let weights = &mut self.weights[block + row * stride..][..columns];
            powers(set, weights, layer.levels[head * rows + first + row]);
            weights[first + row + 1..].fill(0.0);
            let changes = &mut self.changes[block + row * stride + MARGIN..][..columns];
            // Scores are powers of 2.
            unsoften(
                set,
                changes,
                weights,
                self.means[first + row],
                std::f32::consts::LN_2,
            );
        }
        let reach = sizes.config.kernel_reach();
        let gradient = &mut self.gradients[0][(reach + first) * width..][..ROWS * width];
        let all = &mut sums.bias[head * width..][..width];
        let by_distance = &mut sums.distance_bias[head * width..][..width];
        let left = Left {
            numbers: &self.changes[block + MARGIN..],
            row: stride,
            step: 1,
        };
        let right = Right {
            numbers: &layer.keys[head * rows * width..],
            stride: width,
        };
        let depth = first + ROWS;
        multiply::<S, ROWS>(set, depth, left, right, Start::Zero, gradient, width, width);
        let left = Left {
            numbers: &self.changes[block + MARGIN + 1 - ROWS..],
            row: stride + 1,
            step: 1,
        };
        let farthest = first + ROWS - 1;
        let right = Right {
            numbers: &tables.distances
                [(head * sizes.distances() + sizes.nearest() - farthest) * width..],
            stride: width,
        };
        let tile = &mut self.tile;
        multiply::<S, ROWS>(set, depth, left, right, Start::Zero, tile, width, width);
        add(gradient, tile);
        for (tile, gradient) in tile.chunks_exact(width).zip(gradient.chunks_exact(width)) {
            add(by_distance, tile);
            add(all, gradient);
        }
    }
}
