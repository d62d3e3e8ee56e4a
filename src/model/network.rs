//! The network in burn: for training, gradients and the GPU, and as the check on the CPU kernel.
//!
//! Straight from the definition: one segment at a time, full squares of attention.

mod attribute;
mod gradient;
mod strip;

use self::gradient::Kept;
pub(super) use self::strip::score_bytes;
use super::config::Config;
use super::weights::{LayerWeights, Weights};
use crate::genome::Base;
use burn::module::{Module, Param};
use burn::tensor::activation::softmax;
use burn::tensor::module::{conv1d, layer_norm};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

/// What a masked key weighs before softmax. After it, nothing.
const MASKED: f32 = -1e30;

const NORM_EPSILON: f64 = 1e-5;

/// The token of a base that is not known: its embedding is the mean of the four.
pub const TOKEN_N: u8 = 4;

/// The token of a base: A, T, C, G are 0 to 3, so that the complement is `token ^ 1`.
#[must_use]
pub fn token(base: Base) -> u8 {
    match base {
        Base::A => 0,
        Base::T => 1,
        Base::C => 2,
        Base::G => 3,
        Base::N => TOKEN_N,
    }
}

/// One layer. Every parameter has the shape that `PyTorch` gives it.
#[derive(Module, Debug)]
struct Layer {
    qkv: Param<Tensor<2>>,
    r: Param<Tensor<2>>,
    o: Param<Tensor<2>>,
    /// Weight and bias for queries, keys and values; empty without convolutions.
    convolutions: Vec<Convolution>,
    norm_weight: Param<Tensor<1>>,
    norm_bias: Param<Tensor<1>>,
}

/// A convolution along the sequence, shared by the heads of a layer.
#[derive(Module, Debug)]
struct Convolution {
    weight: Param<Tensor<3>>,
    bias: Param<Tensor<1>>,
}

/// The network, ready to run on a device.
#[derive(Module, Debug)]
pub struct Network {
    embedding: Param<Tensor<2>>,
    u: Param<Tensor<2>>,
    v: Param<Tensor<2>>,
    layers: Vec<Layer>,
    out: Param<Tensor<2>>,
    out_bias: Param<Tensor<1>>,
    /// Not learned.
    #[module(skip)]
    inverse_frequency: Vec<f32>,
    #[module(skip)]
    config: Config,
}

/// What one segment gives.
#[derive(Clone, Debug)]
pub struct Segment {
    /// `[batch, position, class]`.
    pub logits: Tensor<3>,
    /// For each layer `[batch, head, query, key]`; the keys are the memory, then the segment.
    pub attention: Vec<Tensor<4>>,
    /// What each layer remembers for the next segment: the newest `context` rows
    /// `[batch, position, d_model]` of its input.
    pub memories: Vec<Tensor<3>>,
}

/// What the layers of a step share.
#[derive(Clone, Debug)]
struct Frame {
    /// Codes of the keys' distances to the last query: `[key, d_model]`.
    positions: Tensor<2>,
    /// Which keys a query does not see: `[batch or 1, 1, query, key]`.
    masked: Tensor<4, Bool>,
    /// Zeros that a convolution sees on either side.
    padding: usize,
}

/// What is changed about the heads of a layer, `[1, head, 1, 1]`: 1 changes nothing.
#[derive(Clone, Debug)]
struct Factors {
    /// 0 where a head looks at every visible key alike.
    scores: Tensor<4>,
    /// 0 where a head's share of the layer's output is dropped or replaced.
    seen: Tensor<4>,
    /// What replaces that share, `[1, head, 1, d_head]`.
    outputs: Tensor<4>,
    /// What is added to scores by distance, `[1, head, 1, context]`, the farthest first.
    weights: Option<Tensor<4>>,
}

impl Network {
    /// The network with these weights.
    #[must_use]
    pub fn new(weights: &Weights, device: &Device) -> Self {
        let Config {
            heads,
            d_model,
            d_head,
            kernel,
            classes,
            ..
        } = weights.config;
        let wide = heads * d_head;
        let layer = |layer: &LayerWeights| Layer {
            qkv: parameter(&layer.qkv, [3 * wide, d_model], device),
            r: parameter(&layer.r, [wide, d_model], device),
            o: parameter(&layer.o, [d_model, wide], device),
            convolutions: layer
                .convolution
                .iter()
                .zip(&layer.convolution_bias)
                .filter(|_| kernel > 0)
                .map(|(weight, bias)| Convolution {
                    weight: parameter(weight, [d_head, d_head, kernel], device),
                    bias: parameter(bias, [d_head], device),
                })
                .collect(),
            norm_weight: parameter(&layer.norm_weight, [d_model], device),
            norm_bias: parameter(&layer.norm_bias, [d_model], device),
        };
        Self {
            embedding: parameter(&weights.embedding, [4, d_model], device),
            u: parameter(&weights.u, [heads, d_head], device),
            v: parameter(&weights.v, [heads, d_head], device),
            layers: weights.layers.iter().map(layer).collect(),
            out: parameter(&weights.out, [classes, d_model], device),
            out_bias: parameter(&weights.out_bias, [classes], device),
            inverse_frequency: weights.inverse_frequency.clone(),
            config: weights.config,
        }
    }

    /// The weights as plain arrays, the inverse of [`Self::new`].
    #[must_use]
    pub fn weights(&self) -> Weights {
        Weights {
            config: self.config,
            embedding: numbers(&self.embedding),
            u: numbers(&self.u),
            v: numbers(&self.v),
            inverse_frequency: self.inverse_frequency.clone(),
            layers: self.layers.iter().map(Layer::weights).collect(),
            out: numbers(&self.out),
            out_bias: numbers(&self.out_bias),
        }
    }

    /// Runs whole strands side by side from a cold start, segment by segment, each remembering
    /// the newest `context` rows, and hands over each segment with the position of its first base.
    ///
    /// All strands have the length of the first one.
    pub fn run_cold(&self, strands: &[&[Base]], mut take: impl FnMut(usize, Segment)) {
        let context = self.config.context;
        let length = strands.first().map_or(0, |strand| strand.len());
        let mut memories = Vec::new();
        for start in (0..length).step_by(context) {
            let end = length.min(start + context);
            let rows: Vec<&[Base]> = strands.iter().map(|strand| &strand[start..end]).collect();
            let segment = self.forward_segment(self.tokens(&rows), &memories, context);
            memories.clone_from(&segment.memories);
            take(start, segment);
        }
    }

    /// Stretches of equal length as tokens `[batch, position]` on the network's device.
    #[must_use]
    pub fn tokens(&self, stretches: &[&[Base]]) -> Tensor<2, Int> {
        let length = stretches.first().map_or(0, |stretch| stretch.len());
        let tokens: Vec<i32> = stretches
            .iter()
            .flat_map(|stretch| stretch.iter().map(|&base| token(base).into()))
            .collect();
        let data = TensorData::new(tokens, [stretches.len(), length]);
        Tensor::from_data(data, &self.embedding.device())
    }

    /// Runs one segment.
    ///
    /// `tokens` is `[batch, position]`, `memories` what the segment before remembered (empty at a
    /// cold start). A query sees its own position and as many before it as make `keys_seen`:
    /// the context in evaluation; training, which has no memory, sees whole segments.
    #[must_use]
    pub fn forward_segment(
        &self,
        tokens: Tensor<2, Int>,
        memories: &[Tensor<3>],
        keys_seen: usize,
    ) -> Segment {
        self.forward(tokens, memories, keys_seen, None)
    }

    /// [`Self::forward_segment`], with what dropout does to it.
    fn forward(
        &self,
        tokens: Tensor<2, Int>,
        memories: &[Tensor<3>],
        keys_seen: usize,
        dropped: Option<&Kept>,
    ) -> Segment {
        let [_, length] = tokens.dims();
        let device = tokens.device();
        let mut hidden = self.embed(tokens);

        let remembered = memories.first().map_or(0, |memory| memory.dims()[1]);
        let mut frame = Frame {
            positions: self.positions(remembered + length, &device),
            masked: mask(length, remembered + length, keys_seen, &device),
            padding: self.config.kernel_reach(),
        };
        if let Some(kept) = dropped {
            hidden = hidden * kept.embedding.clone();
            frame.positions = frame.positions * kept.codes.clone();
        }
        let mut attention = Vec::with_capacity(self.layers.len());
        let mut kept = Vec::with_capacity(self.layers.len());
        for (index, layer) in self.layers.iter().enumerate() {
            let input = match memories.get(index) {
                Some(memory) => Tensor::cat(vec![memory.clone(), hidden.clone()], 1),
                None => hidden.clone(),
            };
            let rows = input.dims()[1];
            let newest = rows.min(self.config.context);
            kept.push(input.clone().narrow(1, rows - newest, newest).detach());
            let dropped = dropped.map(|kept| &kept.layers[index]);
            let (output, weights) = self.attend(layer, input, hidden, &frame, None, dropped);
            hidden = output;
            attention.push(weights);
        }
        if let Some(kept) = dropped {
            hidden = hidden * kept.last.clone();
        }
        let logits = project(hidden, &self.out) + self.out_bias.val().unsqueeze::<3>();
        Segment {
            logits,
            attention,
            memories: kept,
        }
    }

    /// Rows of the embedding: `[batch, position]` becomes `[batch, position, d_model]`.
    fn embed(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [batch, length] = tokens.dims();
        let d_model = self.config.d_model;
        let table = self.embedding.val();
        let unknown = table.clone().mean_dim(0);
        Tensor::cat(vec![table, unknown], 0)
            .select(0, tokens.reshape([batch * length]))
            .mul_scalar((d_model as f64).sqrt())
            .reshape([batch, length, d_model])
    }

    /// One layer: `input` `[batch, key, d_model]` is the memory and then `hidden`
    /// `[batch, query, d_model]`. Gives the new hidden rows and the attention weights.
    ///
    /// Where the frame pads less than the convolutions reach, `input` has so many more rows on
    /// either side, which nothing but the convolutions sees.
    fn attend(
        &self,
        layer: &Layer,
        input: Tensor<3>,
        hidden: Tensor<3>,
        frame: &Frame,
        factors: Option<&Factors>,
        dropped: Option<&Tensor<3>>,
    ) -> (Tensor<3>, Tensor<4>) {
        let Config { heads, d_head, .. } = self.config;
        let [batch, given, _] = input.dims();
        let queries = hidden.dims()[1];
        let keys = given - 2 * (self.config.kernel_reach() - frame.padding);
        let wide = heads * d_head;

        let qkv = project(input, &layer.qkv);
        let part = |index: usize, first: usize| {
            let rows = given - first;
            let part = qkv
                .clone()
                .narrow(2, index * wide, wide)
                .narrow(1, first, rows)
                .reshape([batch, rows, heads, d_head]);
            convolve(part, layer.convolutions.get(index), frame.padding)
        };
        // The query's convolution sees the segment only; those of keys and values see the memory too.
        let q = part(0, keys - queries);
        let k = part(1, 0);
        let v = part(2, 0);

        let bias = |bias: &Param<Tensor<2>>| bias.val().reshape([1, heads, 1, d_head]);
        let content = (q.clone() + bias(&self.u)).matmul(k.swap_dims(2, 3));
        let r = frame
            .positions
            .clone()
            .matmul(layer.r.val().transpose())
            .reshape([keys, heads, d_head])
            .permute([1, 2, 0])
            .unsqueeze::<4>();
        let distance = shift((q + bias(&self.v)).matmul(r));
        let mut scores = (content + distance).div_scalar((d_head as f64).sqrt());
        if let Some(factors) = factors {
            scores = scores * factors.scores.clone();
            if let Some(weights) = &factors.weights {
                scores = scores + by_key(weights, queries, keys);
            }
        }
        let weights = softmax(scores.mask_fill(frame.masked.clone(), MASKED), 3);

        let mut seen = weights.clone().matmul(v);
        if let Some(factors) = factors {
            seen = seen * factors.seen.clone() + factors.outputs.clone();
        }
        let seen = seen.swap_dims(1, 2).reshape([batch, queries, wide]);
        let mut change = project(seen, &layer.o);
        if let Some(dropped) = dropped {
            change = change * dropped.clone();
        }
        let output = layer_norm(
            hidden + change,
            layer.norm_weight.val(),
            Some(layer.norm_bias.val()),
            NORM_EPSILON,
        );
        (output, weights)
    }

    /// The codes of the distances `count - 1` down to 0: `[count, d_model]`, sines then cosines.
    fn positions(&self, count: usize, device: &Device) -> Tensor<2> {
        let mut codes = Vec::with_capacity(count * self.config.d_model);
        for distance in (0..count).rev() {
            let angles = || {
                let frequencies = self.inverse_frequency.iter();
                frequencies.map(move |frequency| distance as f32 * frequency)
            };
            codes.extend(angles().map(f32::sin));
            codes.extend(angles().map(f32::cos));
        }
        let data = TensorData::new(codes, [count, self.config.d_model]);
        Tensor::from_data(data, device)
    }
}

impl Layer {
    fn weights(&self) -> LayerWeights {
        let mut weights = LayerWeights {
            qkv: numbers(&self.qkv),
            r: numbers(&self.r),
            o: numbers(&self.o),
            norm_weight: numbers(&self.norm_weight),
            norm_bias: numbers(&self.norm_bias),
            ..LayerWeights::default()
        };
        for (index, convolution) in self.convolutions.iter().enumerate() {
            weights.convolution[index] = numbers(&convolution.weight);
            weights.convolution_bias[index] = numbers(&convolution.bias);
        }
        weights
    }
}

fn parameter<const D: usize>(
    numbers: &[f32],
    shape: [usize; D],
    device: &Device,
) -> Param<Tensor<D>> {
    let data = TensorData::new(numbers.to_vec(), shape);
    Param::from_tensor(Tensor::from_data(data, device))
}

/// The numbers of a parameter. Every device of burn holds f32 as it is.
fn numbers<const D: usize>(parameter: &Param<Tensor<D>>) -> Vec<f32> {
    parameter.val().try_into_vec_as().unwrap_or_default()
}

/// `[batch, row, in]` times a matrix `[out, in]`, without bias.
fn project(rows: Tensor<3>, matrix: &Param<Tensor<2>>) -> Tensor<3> {
    let [batch, length, width] = rows.dims();
    let matrix = matrix.val();
    let outputs = matrix.dims()[0];
    rows.reshape([batch * length, width])
        .matmul(matrix.transpose())
        .reshape([batch, length, outputs])
}

/// Turns `[batch, row, head, d_head]` into `[batch, head, row, d_head]`, convolved along the rows
/// with `padding` zeros beyond both ends.
fn convolve(rows: Tensor<4>, convolution: Option<&Convolution>, padding: usize) -> Tensor<4> {
    let Some(convolution) = convolution else {
        return rows.swap_dims(1, 2);
    };
    let [batch, length, heads, d_head] = rows.dims();
    let weight = convolution.weight.val();
    let kept = length + 2 * padding + 1 - weight.dims()[2];
    let channels = rows
        .permute([0, 2, 3, 1])
        .reshape([batch * heads, d_head, length]);
    let options = ConvOptions::new([1], [padding], [1], 1);
    conv1d(channels, weight, Some(convolution.bias.val()), options)
        .reshape([batch, heads, d_head, kept])
        .swap_dims(2, 3)
}

/// Turns columns that count distances down into columns that are keys.
///
/// `[batch, head, query, key]`: row i of n moves left by n − 1 − i. One column of zeros in front
/// and one reshape do that; what comes in on the right belongs to keys after the query.
fn shift(scores: Tensor<4>) -> Tensor<4> {
    let [batch, heads, queries, keys] = scores.dims();
    let zeros = Tensor::zeros([batch, heads, queries, 1], &scores.device());
    Tensor::cat(vec![zeros, scores], 3)
        .reshape([batch, heads, keys + 1, queries])
        .narrow(2, 1, keys)
        .reshape([batch, heads, queries, keys])
}

/// Numbers by distance, `[1, head, 1, distance]` with the farthest first, as `[1, head, query, key]`;
/// the last key is the last query's own position. Farther keys get 0.
fn by_key(numbers: &Tensor<4>, queries: usize, keys: usize) -> Tensor<4> {
    let [_, heads, _, distances] = numbers.dims();
    let row = if keys > distances {
        let zeros = Tensor::zeros([1, heads, 1, keys - distances], &numbers.device());
        Tensor::cat(vec![zeros, numbers.clone()], 3)
    } else {
        numbers.clone().narrow(3, distances - keys, keys)
    };
    shift(row.repeat_dim(2, queries))
}

/// Which keys a query does not see: `[1, 1, query, key]`. The last key is the last query's own position.
fn mask(queries: usize, keys: usize, keys_seen: usize, device: &Device) -> Tensor<4, Bool> {
    let hidden: Vec<bool> = (keys - queries..keys)
        .flat_map(|query| (0..keys).map(move |key| key > query || query - key >= keys_seen))
        .collect();
    Tensor::from_data(TensorData::new(hidden, [1, 1, queries, keys]), device)
}
