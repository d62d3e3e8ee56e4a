//! The weights in the form in which a step multiplies them, made once a step.

use super::super::lanes::Lanes;
use super::dropout;
use super::product::{Left, Right, Start, multiply_tiles};
use super::sizes::Sizes;
use crate::model::weights::{LayerWeights, Weights};

/// One layer.
#[derive(Clone, Debug)]
pub(super) struct LayerTables {
    /// Projection and convolution in one, `[part and head][taps * d_model, width]`; that of the
    /// queries is scaled so that scores come out as powers of 2.
    pub(super) panels: Vec<f32>,
    /// The same, transposed tap by tap, the last tap first: `[part and head][taps * width, model]`.
    pub(super) back_panels: Vec<f32>,
    /// `[part and head][width]`: bias of the convolution, for queries with u and scaled.
    pub(super) bias: Vec<f32>,
    /// `[head][width]`: v − u, scaled.
    pub(super) distance_bias: Vec<f32>,
    /// `[head][distances, width]`: `r_net` of the codes, the farthest first.
    pub(super) distances: Vec<f32>,
    /// The same by column: `[head][head_rows, distances]`.
    pub(super) distance_columns: Vec<f32>,
    /// `[head and column, model]`.
    pub(super) o: Vec<f32>,
    /// `[d_model, head and column]`.
    pub(super) o_back: Vec<f32>,
    pub(super) norm_weight: Vec<f32>,
    pub(super) norm_bias: Vec<f32>,
}

/// The convolutions of a layer in two forms, with room behind for the last tile.
pub(super) struct Convolutions {
    /// `[part][out, in, tap]`; the identity where there is none.
    plain: [Vec<f32>; 3],
    /// `[part][tap][in, width (out)]`.
    forward: [Vec<f32>; 3],
    /// `[part][tap][out, width (in)]`.
    pub(super) back: [Vec<f32>; 3],
}

/// What turns scores into powers of 2.
pub(super) fn scale(sizes: &Sizes) -> f32 {
    (std::f64::consts::LOG2_E / (sizes.config.d_head as f64).sqrt()) as f32
}

impl Convolutions {
    pub(super) fn new(sizes: &Sizes, layer: &LayerWeights) -> Self {
        let (d_head, taps, width) = (sizes.config.d_head, sizes.taps, sizes.width);
        let mut all = Self {
            plain: Default::default(),
            forward: Default::default(),
            back: Default::default(),
        };
        for part in 0..3 {
            let factor = if part == 0 { scale(sizes) } else { 1.0 };
            let mut plain = if sizes.config.kernel == 0 {
                (0..d_head * d_head)
                    .map(|i| f32::from(u8::from(i / d_head == i % d_head)))
                    .collect()
            } else {
                layer.convolution[part].clone()
            };
            for x in &mut plain {
                *x *= factor;
            }
            let mut forward = vec![0.0; taps * d_head * width];
            let mut back = forward.clone();
            for (index, x) in plain.iter().enumerate() {
                let (out, rest) = (index / (d_head * taps), index % (d_head * taps));
                let (input, tap) = (rest / taps, rest % taps);
                forward[(tap * d_head + input) * width + out] = *x;
                back[(tap * d_head + out) * width + input] = *x;
            }
            plain.resize((d_head + sizes.tile) * d_head * taps, 0.0);
            all.plain[part] = plain;
            all.forward[part] = forward;
            all.back[part] = back;
        }
        all
    }
}

/// The codes of distances, of which dropout may have taken some.
#[derive(Clone, Debug)]
pub(super) struct Codes {
    /// `[longest, model]`, the farthest first.
    pub(super) rows: Vec<f32>,
    /// `[d_model, distances]`.
    columns: Vec<f32>,
}

impl Codes {
    /// `factors` is `[longest, d_model]`.
    pub(super) fn new(sizes: &Sizes, inverse_frequency: &[f32], key: u64, rate: f32) -> Self {
        let d_model = sizes.config.d_model;
        let mut rows = vec![0.0; (sizes.longest + 1) * sizes.model];
        let mut columns = vec![0.0; d_model * sizes.distances()];
        let mut factors = vec![1.0; sizes.longest * d_model];
        dropout::factors(key, rate, &mut factors);
        for row in 0..sizes.longest {
            let distance = (sizes.nearest() - row) as f32;
            let angles = || inverse_frequency.iter().map(|f| f * distance);
            let codes = angles().map(f32::sin).chain(angles().map(f32::cos));
            for (column, code) in codes.enumerate() {
                let code = code * factors[row * d_model + column];
                rows[row * sizes.model + column] = code;
                columns[column * sizes.distances() + row] = code;
            }
        }
        Self { rows, columns }
    }
}

/// `numbers` with room behind for a tile's reading past the end.
pub(super) fn with_room(numbers: &[f32], room: usize) -> Vec<f32> {
    let mut all = Vec::with_capacity(numbers.len() + room);
    all.extend_from_slice(numbers);
    all.resize(numbers.len() + room, 0.0);
    all
}

impl LayerTables {
    #[inline(always)]
    pub(super) fn new<S: Lanes, const ROWS: usize>(
        set: S,
        sizes: &Sizes,
        weights: &Weights,
        layer: &LayerWeights,
        codes: &Codes,
    ) -> Self {
        let config = &sizes.config;
        let (heads, d_model, d_head) = (config.heads, config.d_model, config.d_head);
        let (taps, width, model, wide) = (sizes.taps, sizes.width, sizes.model, sizes.wide());
        let convolutions = Convolutions::new(sizes, layer);
        let qkv = with_room(&layer.qkv, (ROWS + 1) * d_model.max(model));
        let mut panels = vec![0.0; 3 * heads * sizes.panel()];
        let mut back_panels = vec![0.0; 3 * heads * sizes.back_panel()];
        let mut bias = vec![0.0; 3 * wide];
        let mut distance_bias = vec![0.0; wide];
        for panel in 0..3 * heads {
            let part = panel / heads;
            let projection = &qkv[panel * d_head * d_model..];
            // Tap follows tap, so that what a last tile writes past its own is written over.
            for tap in 0..taps {
                let left = Left {
                    numbers: projection,
                    row: 1,
                    step: d_model,
                };
                let right = Right {
                    numbers: &convolutions.forward[part][tap * d_head * width..],
                    stride: width,
                };
                let out = &mut panels[panel * sizes.panel()..][tap * d_model * width..];
                let tiles = sizes.tiles(d_model);
                multiply_tiles::<S, ROWS>(
                    set,
                    tiles,
                    d_head,
                    left,
                    right,
                    Start::Zero,
                    out,
                    width,
                    width,
                );
                let left = Left {
                    numbers: &convolutions.plain[part][taps - 1 - tap..],
                    row: d_head * taps,
                    step: taps,
                };
                let right = Right {
                    numbers: projection,
                    stride: d_model,
                };
                let out = &mut back_panels[panel * sizes.back_panel()..][tap * width * model..];
                let tiles = sizes.tiles(d_head);
                multiply_tiles::<S, ROWS>(
                    set,
                    tiles,
                    d_head,
                    left,
                    right,
                    Start::Zero,
                    out,
                    model,
                    model,
                );
            }
            for i in 0..d_head {
                let mut sum = layer.convolution_bias[part].get(i).copied().unwrap_or(0.0);
                if part == 0 {
                    let (u, v) = (weights.u[panel * d_head + i], weights.v[panel * d_head + i]);
                    sum = scale(sizes) * (sum + u);
                    distance_bias[panel * width + i] = scale(sizes) * (v - u);
                }
                bias[panel * width + i] = sum;
            }
        }
        let (mut o, mut o_back) = (vec![0.0; wide * model], vec![0.0; d_model * wide]);
        for (m, row) in layer.o.chunks_exact(heads * d_head).enumerate() {
            for (head, row) in row.chunks_exact(d_head).enumerate() {
                for (i, x) in row.iter().enumerate() {
                    o[(head * width + i) * model + m] = *x;
                    o_back[m * wide + head * width + i] = *x;
                }
            }
        }
        let (distances, distance_columns) = distances::<S, ROWS>(set, sizes, &layer.r, codes);
        Self {
            panels,
            back_panels,
            bias,
            distance_bias,
            distances,
            distance_columns,
            o,
            o_back,
            norm_weight: layer.norm_weight.clone(),
            norm_bias: layer.norm_bias.clone(),
        }
    }
}

/// The table of distances, by row and by column.
#[inline(always)]
fn distances<S: Lanes, const ROWS: usize>(
    set: S,
    sizes: &Sizes,
    r: &[f32],
    codes: &Codes,
) -> (Vec<f32>, Vec<f32>) {
    let (d_model, d_head) = (sizes.config.d_model, sizes.config.d_head);
    let (width, wide, apart) = (sizes.width, sizes.wide(), sizes.distances());
    let r = with_room(r, ROWS * d_model);
    let mut transposed = vec![0.0; d_model * wide];
    let mut rows = vec![0.0; sizes.config.heads * apart * width];
    let mut columns = vec![0.0; sizes.config.heads * sizes.head_rows() * apart];
    for head in 0..sizes.config.heads {
        let matrix = &r[head * d_head * d_model..];
        for i in 0..d_head {
            for code in 0..d_model {
                transposed[code * wide + head * width + i] = matrix[i * d_model + code];
            }
        }
        let left = Left {
            numbers: &codes.rows,
            row: sizes.model,
            step: 1,
        };
        let right = Right {
            numbers: &transposed[head * width..],
            stride: wide,
        };
        let out = &mut rows[head * apart * width..];
        let tiles = sizes.tiles(sizes.longest);
        multiply_tiles::<S, ROWS>(
            set,
            tiles,
            d_model,
            left,
            right,
            Start::Zero,
            out,
            width,
            width,
        );
        let left = Left {
            numbers: matrix,
            row: d_model,
            step: 1,
        };
        let right = Right {
            numbers: &codes.columns,
            stride: apart,
        };
        let out = &mut columns[head * sizes.head_rows() * apart..];
        let tiles = sizes.tiles(d_head);
        let across = apart / 16 * 16;
        multiply_tiles::<S, ROWS>(
            set,
            tiles,
            d_model,
            left,
            right,
            Start::Zero,
            out,
            apart,
            across,
        );
    }
    (rows, columns)
}
