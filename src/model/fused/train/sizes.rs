//! The sizes of everything that training keeps.

use super::super::product::{PAD, padded};
use crate::model::config::Config;

/// Sizes that follow from a network, the longest segment and the rows of a tile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) config: Config,
    /// Rows of a tile.
    pub(super) tile: usize,
    /// Convolution taps: the kernel, or 1 where there is none.
    pub(super) taps: usize,
    /// `d_head`, padded.
    pub(super) width: usize,
    /// `d_model`, padded.
    pub(super) model: usize,
    /// Positions of the longest segment, in whole tiles.
    pub(super) longest: usize,
}

impl Sizes {
    pub(super) fn new(config: Config, longest: usize, tile: usize) -> Self {
        Self {
            config,
            tile,
            taps: config.kernel.max(1),
            width: padded(config.d_head),
            model: padded(config.d_model),
            longest: longest.max(1).next_multiple_of(tile),
        }
    }

    /// Tiles that cover `rows`.
    pub(super) fn tiles(&self, rows: usize) -> usize {
        rows.div_ceil(self.tile)
    }

    /// Width of all heads' outputs side by side.
    pub(super) fn wide(&self) -> usize {
        self.config.heads * self.width
    }

    /// Numbers of a folded matrix `[taps * d_model, width]` with room for the last tile.
    pub(super) fn panel(&self) -> usize {
        (self.taps * self.config.d_model + self.tile) * self.width
    }

    /// Numbers of a folded matrix, transposed tap by tap: `[taps * width, model]`, with room.
    pub(super) fn back_panel(&self) -> usize {
        (self.taps * self.width + self.tile) * self.model
    }

    /// Rows of the table of distances: row `longest − 1 − distance`, with room for whole vectors.
    pub(super) fn distances(&self) -> usize {
        self.longest + 2 * PAD
    }

    /// The row of distance 0.
    pub(super) fn nearest(&self) -> usize {
        self.longest - 1
    }

    /// Rows of a head of the distance table by column: whole tiles.
    pub(super) fn head_rows(&self) -> usize {
        self.tiles(self.config.d_head) * self.tile
    }

    /// Numbers of the input of a layer, padded for its convolutions, for `rows` positions.
    pub(super) fn input(&self, rows: usize) -> usize {
        (rows + 2 * self.config.kernel_reach()) * self.config.d_model + self.tile
    }

    /// Columns between rows of scores, not a multiple of a memory page.
    pub(super) fn stride(&self) -> usize {
        let stride = padded(self.longest) + 2 * PAD;
        if stride.is_multiple_of(128) {
            stride + PAD
        } else {
            stride
        }
    }
}
