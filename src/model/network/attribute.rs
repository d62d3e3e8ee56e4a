//! One output taken apart: its gradient, and what it attends to through the layers.
//!
//! The gradient goes down layer by layer, a few hundred queries at a time, so that memory grows with
//! the context and not with its square times the layers. Only rows that the output depends on are made.

use std::ops::Range;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::{Frame, Layer, Network, TOKEN_N, convolve, project};
use crate::model::attribution::Attribution;
use crate::model::config::Config;
use crate::model::fused::{Needs, Strip, UNKNOWN};
use crate::model::weights::Weights;
use crate::progress::{Cancel, Cancelled};

/// Queries of a layer that are handled at a time.
const CHUNK: usize = 512;

/// Rows of one level, `[position, d_model]`, from some position on.
#[derive(Clone, Debug)]
struct Rows {
    positions: Range<isize>,
    numbers: Vec<f32>,
}

impl Rows {
    fn zeros(positions: Range<isize>, d_model: usize) -> Self {
        let count = (positions.end - positions.start).max(0).cast_unsigned();
        Self {
            numbers: vec![0.0; count * d_model],
            positions,
        }
    }

    fn row(&mut self, position: isize, d_model: usize) -> Option<&mut [f32]> {
        let inside = self.positions.contains(&position);
        let at = (position - self.positions.start).cast_unsigned();
        inside.then(|| &mut self.numbers[at * d_model..][..d_model])
    }
}

/// Some queries of a layer with the rows and keys that they see.
struct Chunk {
    queries: Range<isize>,
    /// The first key.
    keys: isize,
    /// `[1, row, d_model]`: the keys and what convolutions see around them.
    input: Tensor<3>,
    frame: Frame,
}

impl Network {
    /// The network with these weights, on the processor, for gradients with respect to its input.
    pub(in crate::model) fn for_attribution(weights: &Weights) -> Self {
        Self::new(weights, &Device::flex().autodiff()).no_grad()
    }

    /// Takes the first output of `strip`, which has no segments, apart.
    pub(in crate::model) fn attribute(
        &self,
        strip: &Strip,
        cancel: &Cancel,
    ) -> Result<Attribution, Cancelled> {
        let config = &self.config;
        let (d_model, context) = (config.d_model, config.context);
        let query = strip.queries.start;
        let needs = Needs::new(
            config.layers,
            context,
            config.kernel_reach(),
            &strip.exists,
            None,
            &(query..query + 1),
        );
        let mut levels = vec![self.embedded(strip, needs.rows[0].clone())];
        for (index, layer) in self.layers.iter().enumerate() {
            let mut rows = Rows::zeros(needs.rows[index + 1].clone(), d_model);
            for chunk in chunks(&rows.positions) {
                cancel.check()?;
                let chunk = self.chunk(&levels[index], chunk, &strip.exists);
                let (output, _) = self.layer(layer, &chunk, chunk.input.clone());
                let from = (chunk.queries.start - rows.positions.start).cast_unsigned();
                let made = numbers(output);
                rows.numbers[from * d_model..][..made.len()].copy_from_slice(&made);
            }
            levels.push(rows);
        }
        let logit_weights = self.logit_weights();
        let bias: Vec<f32> = numbers_of(self.out_bias.val());
        let last = &levels[config.layers].numbers;
        let score =
            dot(&logit_weights, last) + bias.get(1).zip(bias.first()).map_or(0.0, |(b, a)| b - a);

        let shape = config.head_shape();
        let mut found = Attribution {
            query,
            first: needs.rows[0].start,
            score,
            gradient: Vec::new(),
            rollout: Vec::new(),
            attention: vec![0.0; shape.len() * context],
            norm_weighted: vec![0.0; shape.len() * context],
            context,
            shape,
        };
        let mut gradient = Rows {
            positions: query..query + 1,
            numbers: logit_weights,
        };
        let mut rollout = Rows {
            positions: query..query + 1,
            numbers: vec![1.0],
        };
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let below = &levels[index];
            let mut next = Rows::zeros(below.positions.clone(), d_model);
            let mut rolled = Rows::zeros(below.positions.clone(), 1);
            for queries in chunks(&gradient.positions) {
                cancel.check()?;
                let chunk = self.chunk(below, queries, &strip.exists);
                let input = chunk.input.clone().require_grad();
                let (output, weights) = self.layer(layer, &chunk, input.clone());
                let from = (chunk.queries.start - gradient.positions.start).cast_unsigned();
                let count = (chunk.queries.end - chunk.queries.start).cast_unsigned();
                let wanted = gradient.numbers[from * d_model..][..count * d_model].to_vec();
                let wanted = TensorData::new(wanted, [1, count, d_model]);
                let wanted = Tensor::<3>::from_data(wanted, &output.device());
                let gradients = (output * wanted).sum().backward();
                let down = input.grad(&gradients).map(numbers_of).unwrap_or_default();
                let first = chunk.keys - config.kernel_reach().cast_signed();
                for (row, position) in down.chunks_exact(d_model).zip(first..) {
                    if let Some(sums) = next.row(position, d_model) {
                        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                    }
                }
                roll(
                    &chunk,
                    &weights,
                    &rollout.numbers[from..][..count],
                    &mut rolled,
                );
                if chunk.queries.contains(&query) {
                    self.look(index, layer, &chunk, weights, &mut found);
                }
            }
            gradient = next;
            rollout = rolled;
        }
        found.gradient = self.by_base(&gradient);
        found.rollout = rollout.numbers;
        Ok(found)
    }

    /// What the score takes from each number of the last row: logit 1 less logit 0.
    fn logit_weights(&self) -> Vec<f32> {
        let d_model = self.config.d_model;
        let weights: Vec<f32> = numbers_of(self.out.val());
        let mut classes = weights.chunks_exact(d_model.max(1));
        match (classes.next(), classes.next()) {
            (Some(none), Some(site)) => site.iter().zip(none).map(|(b, a)| b - a).collect(),
            _ => vec![0.0; d_model],
        }
    }

    /// Level 0.
    fn embedded(&self, strip: &Strip, positions: Range<isize>) -> Rows {
        let token = |position: isize| {
            let index = usize::try_from(position - strip.first).ok();
            let code = index.and_then(|index| strip.codes.get(index));
            i32::from(code.map_or(TOKEN_N, |&code| code.min(UNKNOWN)))
        };
        let tokens: Vec<i32> = positions.clone().map(token).collect();
        let count = tokens.len();
        let tokens = Tensor::from_data(
            TensorData::new(tokens, [1, count]),
            &self.embedding.device(),
        );
        Rows {
            positions,
            numbers: numbers(self.embed(tokens)),
        }
    }

    /// Gathers what `queries` see of the rows of the level below; zeros where no position exists.
    fn chunk(&self, below: &Rows, queries: Range<isize>, exists: &Range<isize>) -> Chunk {
        let Config {
            d_model, context, ..
        } = self.config;
        let reach = self.config.kernel_reach().cast_signed();
        let keys = (queries.start + 1 - context.cast_signed()).max(exists.start);
        let mut input = Rows::zeros(keys - reach..queries.end + reach, d_model);
        let from = input.positions.start.max(below.positions.start);
        let to = input.positions.end.min(below.positions.end);
        let width = (to - from).max(0).cast_unsigned() * d_model;
        let at = |start: isize| (from - start).max(0).cast_unsigned() * d_model;
        let (to_at, from_at) = (at(input.positions.start), at(below.positions.start));
        input.numbers[to_at..][..width].copy_from_slice(&below.numbers[from_at..][..width]);
        let device = self.embedding.device();
        let rows = input.numbers.len() / d_model.max(1);
        let count = (queries.end - queries.start).cast_unsigned();
        let seen = (queries.end - keys).cast_unsigned();
        Chunk {
            frame: Frame {
                positions: self.positions(seen, &device),
                masked: super::mask(count, seen, context, &device),
                padding: 0,
            },
            input: Tensor::from_data(TensorData::new(input.numbers, [1, rows, d_model]), &device),
            queries,
            keys,
        }
    }

    /// The new rows of a chunk's queries and the weights `[1, head, query, key]`.
    fn layer(&self, layer: &Layer, chunk: &Chunk, input: Tensor<3>) -> (Tensor<3>, Tensor<4>) {
        let reach = self.config.kernel_reach();
        let rows = input.dims()[1];
        let count = (chunk.queries.end - chunk.queries.start).cast_unsigned();
        let hidden = input.clone().narrow(1, rows - reach - count, count);
        self.attend(layer, input, hidden, &chunk.frame, None, None)
    }

    /// What the query itself attends to in a layer, plain and times the length of what it takes.
    fn look(
        &self,
        index: usize,
        layer: &Layer,
        chunk: &Chunk,
        weights: Tensor<4>,
        found: &mut Attribution,
    ) {
        let Config {
            heads,
            d_model,
            d_head,
            context,
            ..
        } = self.config;
        let [_, _, count, keys] = weights.dims();
        let row = (found.query - chunk.queries.start).cast_unsigned();
        let rows: Vec<f32> = numbers_of(weights.narrow(2, row.min(count - 1), 1));
        let wide = heads * d_head;
        let given = chunk.input.dims()[1];
        let values = project(chunk.input.clone(), &layer.qkv)
            .narrow(2, 2 * wide, wide)
            .reshape([1, given, heads, d_head]);
        let values = convolve(values, layer.convolutions.get(2), 0);
        // `o_net` holds a head's columns side by side.
        let o = layer
            .o
            .val()
            .reshape([d_model, heads, d_head])
            .permute([1, 2, 0]);
        let taken = values.matmul(o.unsqueeze::<4>());
        let norms: Vec<f32> = numbers_of(taken.powi_scalar(2).sum_dim(3).sqrt());
        for head in 0..heads {
            let at = (index * heads + head) * context;
            for (key, position) in (chunk.keys..=found.query).enumerate() {
                let distance = (found.query - position).cast_unsigned();
                if distance >= context || key >= keys {
                    continue;
                }
                let weight = rows[head * keys + key];
                found.attention[at + distance] = weight;
                found.norm_weighted[at + distance] = weight * norms[head * keys + key];
            }
        }
    }

    /// From the gradient with respect to rows of the embedding to that with respect to bases,
    /// A, C, G, T.
    fn by_base(&self, gradient: &Rows) -> Vec<[f32; 4]> {
        let d_model = self.config.d_model;
        let root = (d_model as f32).sqrt();
        let table: Vec<f32> = numbers_of(self.embedding.val());
        let of_token =
            |row: &[f32], token: usize| root * dot(row, &table[token * d_model..][..d_model]);
        // Tokens are A, T, C, G.
        gradient
            .numbers
            .chunks_exact(d_model)
            .map(|row| [0, 2, 3, 1].map(|token| of_token(row, token)))
            .collect()
    }
}

/// One layer of attention rollout: half of what a row has stays, half goes where the heads look.
fn roll(chunk: &Chunk, weights: &Tensor<4>, from: &[f32], to: &mut Rows) {
    let [_, heads, _, keys] = weights.dims();
    let mean: Vec<f32> = numbers_of(weights.clone().sum_dim(1).div_scalar(2.0 * heads as f64));
    let queries = chunk.queries.clone();
    for ((row, share), query) in mean.chunks_exact(keys).zip(from).zip(queries) {
        if *share == 0.0 {
            continue;
        }
        for (weight, key) in row.iter().zip(chunk.keys..) {
            if let Some([sum]) = to.row(key, 1) {
                *sum += share * weight;
            }
        }
        if let Some([sum]) = to.row(query, 1) {
            *sum += share / 2.0;
        }
    }
}

/// `positions` in pieces.
fn chunks(positions: &Range<isize>) -> impl Iterator<Item = Range<isize>> + use<> {
    let end = positions.end;
    positions
        .clone()
        .step_by(CHUNK)
        .map(move |start| start..end.min(start + CHUNK.cast_signed()))
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The numbers of rows. Every device of burn holds f32 as it is.
fn numbers(tensor: Tensor<3>) -> Vec<f32> {
    numbers_of(tensor)
}

fn numbers_of<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap_or_default()
}
