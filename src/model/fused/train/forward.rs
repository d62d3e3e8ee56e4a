//! One sequence, from its bases to its logits, keeping what the way back needs.

use super::super::lanes::Lanes;
use super::super::product;
use super::attend::Attention;
use super::dropout::{self, mix};
use super::product::{Left, Right, Start, dot, multiply_tiles, total};
use super::sizes::Sizes;
use super::tables::LayerTables;
use super::{Example, Step};

/// What one layer keeps of one sequence.
#[derive(Clone, Debug)]
pub(super) struct LayerTape {
    /// Rows that enter, with zeros before and after for the convolutions: `[position, d_model]`.
    pub(super) input: Vec<f32>,
    /// `[head][position, width]`, scaled, with u.
    pub(super) content_queries: Vec<f32>,
    /// The same with v in the place of u.
    pub(super) distance_queries: Vec<f32>,
    /// `[head][position, width]`.
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
    /// `[head][position]`: the power of 2 that the weights of a query are divided by.
    pub(super) levels: Vec<f32>,
    /// `[position, head and column]`: outputs of the heads.
    pub(super) mixed: Vec<f32>,
    /// `[position, d_model]`: what dropout did to the output of `o_net`.
    pub(super) kept: Vec<f32>,
    /// `[position, d_model]`: rows of mean 0 and variance 1, before weight and bias.
    pub(super) normal: Vec<f32>,
    /// `[position]`: 1 / standard deviation.
    pub(super) spread: Vec<f32>,
}

/// What a worker keeps of the sequence that it is at.
#[derive(Clone, Debug)]
pub(super) struct Tape {
    pub(super) layers: Vec<LayerTape>,
    /// What dropout did to the embedding and to the last rows, `[position, d_model]`.
    pub(super) kept_first: Vec<f32>,
    pub(super) kept_last: Vec<f32>,
    /// The rows that the logits are made of, after dropout.
    pub(super) last: Vec<f32>,
    /// `[position, class]`.
    pub(super) logits: Vec<f32>,
    /// `[position, model]`, for products.
    pub(super) rows: Vec<f32>,
    pub(super) attention: Attention,
}

impl Tape {
    pub(super) fn new(sizes: &Sizes) -> Self {
        let config = &sizes.config;
        let hidden = sizes.longest * config.d_model;
        let heads = sizes.longest * sizes.wide();
        let layer = LayerTape {
            input: vec![0.0; sizes.input(sizes.longest)],
            content_queries: vec![0.0; heads],
            distance_queries: vec![0.0; heads],
            keys: vec![0.0; heads],
            values: vec![0.0; heads],
            levels: vec![0.0; sizes.longest * config.heads],
            mixed: vec![0.0; heads + sizes.tile],
            kept: vec![0.0; hidden],
            normal: vec![0.0; hidden],
            spread: vec![0.0; sizes.longest],
        };
        Self {
            layers: vec![layer; config.layers],
            kept_first: vec![0.0; hidden],
            kept_last: vec![0.0; hidden],
            last: vec![0.0; hidden],
            logits: vec![0.0; sizes.longest * config.classes],
            rows: vec![0.0; sizes.longest * sizes.model],
            attention: Attention::new(sizes),
        }
    }

    /// Runs `example`; its logits are in `logits` then.
    #[inline(always)]
    pub(super) fn forward<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        step: &Step<'_>,
        example: &Example<'_>,
    ) {
        let sizes = &step.sizes;
        let config = &sizes.config;
        let (d_model, reach) = (config.d_model, config.kernel_reach());
        let length = example.tokens.len();
        let hidden = length * d_model;
        let first = &mut self.layers[0].input;
        clear_around(first, sizes, length);
        let kept = &mut self.kept_first[..hidden];
        dropout::factors(mix(example.key, 0), step.dropout, kept);
        let rows = first[reach * d_model..].chunks_exact_mut(d_model);
        for ((row, kept), token) in rows.zip(kept.chunks_exact(d_model)).zip(example.tokens) {
            let from = &step.embedding[usize::from(*token).min(4) * d_model..][..d_model];
            for ((x, kept), from) in row.iter_mut().zip(kept).zip(from) {
                *x = kept * from;
            }
        }
        for index in 0..config.layers {
            let (before, after) = self.layers.split_at_mut(index + 1);
            let layer = &mut before[index];
            let out = match after.first_mut() {
                Some(next) => {
                    clear_around(&mut next.input, sizes, length);
                    &mut next.input[reach * d_model..][..hidden]
                }
                None => &mut self.last[..hidden],
            };
            layer.forward::<S, ROWS>(
                set,
                step,
                &step.layers[index],
                &mut self.attention,
                &mut self.rows,
                (length, mix(example.key, index as u64 + 1)),
                out,
            );
        }
        let kept = &mut self.kept_last[..hidden];
        dropout::factors(mix(example.key, u64::MAX), step.dropout, kept);
        let last = &mut self.last[..hidden];
        last.iter_mut().zip(kept).for_each(|(x, kept)| *x *= *kept);
        let logits = self.logits.chunks_exact_mut(config.classes);
        for (row, logits) in last.chunks_exact(d_model).zip(logits) {
            let classes = step.out.chunks_exact(d_model).zip(step.out_bias);
            for (logit, (weights, bias)) in logits.iter_mut().zip(classes) {
                *logit = bias + dot(row, weights);
            }
        }
    }
}

/// Zeros before the first row and after the last one of `length`.
#[inline(always)]
fn clear_around(input: &mut [f32], sizes: &Sizes, length: usize) {
    let d_model = sizes.config.d_model;
    let reach = sizes.config.kernel_reach();
    input[..reach * d_model].fill(0.0);
    let end = sizes.input(length.next_multiple_of(sizes.tile));
    input[(reach + length) * d_model..end].fill(0.0);
}

impl LayerTape {
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "inlined into its only caller")]
    fn forward<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        step: &Step<'_>,
        tables: &LayerTables,
        attention: &mut Attention,
        sums: &mut [f32],
        (length, key): (usize, u64),
        out: &mut [f32],
    ) {
        let sizes = &step.sizes;
        let config = &sizes.config;
        let (heads, d_model) = (config.heads, config.d_model);
        let (width, model, wide) = (sizes.width, sizes.model, sizes.wide());
        let tiles = sizes.tiles(length);
        let rows = tiles * ROWS;
        for head in 0..heads {
            let at = head * rows * width;
            for (part, to) in [&mut self.content_queries, &mut self.keys, &mut self.values]
                .into_iter()
                .enumerate()
            {
                let panel = part * heads + head;
                let left = Left {
                    numbers: &self.input,
                    row: d_model,
                    step: 1,
                };
                let right = Right {
                    numbers: &tables.panels[panel * sizes.panel()..],
                    stride: width,
                };
                let bias = Start::Bias(&tables.bias[panel * width..][..width]);
                let depth = sizes.taps * d_model;
                let to = &mut to[at..];
                multiply_tiles::<S, ROWS>(set, tiles, depth, left, right, bias, to, width, width);
            }
            let bias = &tables.distance_bias[head * width..][..width];
            let pairs = self.distance_queries[at..][..rows * width]
                .chunks_exact_mut(width)
                .zip(self.content_queries[at..].chunks_exact(width));
            for (to, from) in pairs {
                for ((to, from), bias) in to.iter_mut().zip(from).zip(bias) {
                    *to = from + bias;
                }
            }
            attention.forward::<S, ROWS>(set, sizes, tables, self, head, rows);
        }
        let left = Left {
            numbers: &self.mixed,
            row: wide,
            step: 1,
        };
        let right = Right {
            numbers: &tables.o,
            stride: model,
        };
        multiply_tiles::<S, ROWS>(
            set,
            tiles,
            wide,
            left,
            right,
            Start::Zero,
            sums,
            model,
            model,
        );
        let kept = &mut self.kept[..length * d_model];
        dropout::factors(key, step.dropout, kept);
        let input = &self.input[config.kernel_reach() * d_model..];
        for position in 0..length {
            let at = position * d_model..(position + 1) * d_model;
            let row = &mut sums[position * model..][..d_model];
            for ((x, kept), input) in row
                .iter_mut()
                .zip(&kept[at.clone()])
                .zip(&input[at.clone()])
            {
                *x = *x * kept + input;
            }
            let mean = total(row) / d_model as f32;
            for x in row.iter_mut() {
                *x -= mean;
            }
            let variance = dot(row, row) / d_model as f32;
            let spread = 1.0 / (variance + 1e-5).sqrt();
            self.spread[position] = spread;
            let normal = &mut self.normal[at.clone()];
            let affine = tables.norm_weight.iter().zip(&tables.norm_bias);
            let rows = normal.iter_mut().zip(&mut out[at]).zip(row);
            for (((normal, out), x), (weight, bias)) in rows.zip(affine) {
                *normal = *x * spread;
                *out = *normal * weight + bias;
            }
        }
    }
}

/// Divides rows by the sums of their weights.
#[inline(always)]
pub(super) fn scale_rows<S: Lanes>(
    set: S,
    out: &mut [f32],
    stride: usize,
    width: usize,
    factors: &[f32],
) {
    for (row, factor) in factors.iter().enumerate() {
        product::scale(set, &mut out[row * stride..][..width], *factor);
    }
}
