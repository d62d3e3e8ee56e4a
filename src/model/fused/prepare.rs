//! The network's numbers in the form in which the kernel multiplies them.

use super::product::{PAD, padded};
use crate::model::config::Config;
use crate::model::weights::{LayerWeights, Weights};

/// The numbers of one head, with projection and convolution folded into one matrix each.
#[derive(Clone, Debug)]
pub(super) struct HeadTables {
    /// `[taps * d_model, padded d_head]`, scaled so that scores come out as powers of 2.
    pub(super) q: Vec<f32>,
    /// Convolution bias + u, scaled alike.
    pub(super) q_bias: Vec<f32>,
    /// `[taps * d_model, padded d_head]`.
    pub(super) k: Vec<f32>,
    /// Convolution bias.
    pub(super) k_bias: Vec<f32>,
    /// `[taps * d_model, padded d_head]`.
    pub(super) v: Vec<f32>,
    /// Convolution bias.
    pub(super) v_bias: Vec<f32>,
    /// `[d_head, padded 2 * frequencies]`: turns a query into its weights of sines and cosines.
    pub(super) r: Vec<f32>,
    /// What (v − u) adds to those weights.
    pub(super) r_bias: Vec<f32>,
    /// `[d_head, padded d_model]`: this head's part of `o_net`.
    pub(super) o: Vec<f32>,
}

/// The numbers of one layer.
#[derive(Clone, Debug)]
pub(super) struct LayerTables {
    pub(super) heads: Vec<HeadTables>,
    pub(super) norm_weight: Vec<f32>,
    pub(super) norm_bias: Vec<f32>,
}

/// Sines and cosines of positions relative to the first query of a tile.
#[derive(Clone, Debug)]
pub(super) struct Positions {
    /// Number of frequencies; a position is coded by twice as many numbers.
    pub(super) frequencies: usize,
    /// `[2 * frequencies, stride]`: rows of cos, then rows of sin; column `zero + x` is relative position x.
    pub(super) keys: Vec<f32>,
    pub(super) stride: usize,
    pub(super) zero: usize,
    /// `[row of the tile, cos then sin]`, each padded to [`PAD`].
    pub(super) queries: Vec<f32>,
}

/// Everything that a run reads.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub(super) config: Config,
    /// Convolution taps: the kernel, or 1 where there is none.
    pub(super) taps: usize,
    /// `[5, d_model]`: A, T, C, G, N, times the square root of `d_model`.
    pub(super) embedding: Vec<f32>,
    pub(super) layers: Vec<LayerTables>,
    pub(super) positions: Positions,
    pub(super) out: Vec<f32>,
    pub(super) out_bias: Vec<f32>,
}

/// One of the three projections of a layer.
#[derive(Clone, Copy)]
pub(in crate::model) enum Part {
    Q = 0,
    K = 1,
    V = 2,
}

impl Tables {
    pub(super) fn new(weights: &Weights, rows: usize) -> Self {
        let config = weights.config;
        let root = (config.d_model as f32).sqrt();
        let mut embedding: Vec<f32> = weights.embedding.iter().map(|x| x * root).collect();
        for m in 0..config.d_model {
            let sum: f32 = (0..4)
                .map(|token| embedding[token * config.d_model + m])
                .sum();
            embedding.push(sum / 4.0);
        }
        Self {
            config,
            taps: config.kernel.max(1),
            embedding,
            layers: weights
                .layers
                .iter()
                .map(|layer| layer_tables(weights, layer))
                .collect(),
            positions: Positions::new(&weights.inverse_frequency, config.context, rows),
            out: weights.out.clone(),
            out_bias: weights.out_bias.clone(),
        }
    }
}

fn layer_tables(weights: &Weights, layer: &LayerWeights) -> LayerTables {
    LayerTables {
        heads: (0..weights.config.heads)
            .map(|head| head_tables(weights, layer, head))
            .collect(),
        norm_weight: layer.norm_weight.clone(),
        norm_bias: layer.norm_bias.clone(),
    }
}

fn head_tables(weights: &Weights, layer: &LayerWeights, head: usize) -> HeadTables {
    let Config {
        heads,
        d_model,
        d_head,
        ..
    } = weights.config;
    // Scores as powers of 2, so that the softmax needs no multiplication of its own.
    let scale = std::f64::consts::LOG2_E / (d_head as f64).sqrt();
    let (q, mut q_bias) = folded(weights, layer, head, Part::Q, scale);
    let (k, k_bias) = folded(weights, layer, head, Part::K, 1.0);
    let (v, v_bias) = folded(weights, layer, head, Part::V, 1.0);

    let codes = 2 * weights.inverse_frequency.len();
    let mut r = vec![0.0; d_head * padded(codes)];
    let mut r_bias = vec![0.0_f64; padded(codes)];
    let mut o = vec![0.0; d_head * padded(d_model)];
    for i in 0..d_head {
        let row = head * d_head + i;
        let (u, v) = (f64::from(weights.u[row]), f64::from(weights.v[row]));
        q_bias[i] = (f64::from(q_bias[i]) + scale * u) as f32;
        for code in 0..codes.min(d_model) {
            let weight = layer.r[row * d_model + code];
            r[i * padded(codes) + code] = weight;
            r_bias[code] += scale * (v - u) * f64::from(weight);
        }
        for m in 0..d_model {
            o[i * padded(d_model) + m] = layer.o[m * heads * d_head + row];
        }
    }
    HeadTables {
        q,
        q_bias,
        k,
        k_bias,
        v,
        v_bias,
        r,
        r_bias: r_bias.into_iter().map(|x| x as f32).collect(),
        o,
    }
}

/// Projection, then convolution, as one matrix `[taps * d_model, padded d_head]`, and its bias.
pub(in crate::model) fn folded(
    weights: &Weights,
    layer: &LayerWeights,
    head: usize,
    part: Part,
    scale: f64,
) -> (Vec<f32>, Vec<f32>) {
    let Config {
        heads,
        d_model,
        d_head,
        kernel,
        ..
    } = weights.config;
    let width = padded(d_head);
    let part = part as usize;
    let rows = (part * heads + head) * d_head;
    let projection = |i: usize| &layer.qkv[(rows + i) * d_model..][..d_model];
    let taps = kernel.max(1);
    let mut matrix = vec![0.0; taps * d_model * width];
    let mut bias = vec![0.0; width];
    let mut sums = vec![0.0_f64; d_model];
    for o in 0..d_head {
        for tap in 0..taps {
            sums.fill(0.0);
            for i in 0..d_head {
                let weight = if kernel == 0 {
                    f64::from(u8::from(i == o))
                } else {
                    f64::from(layer.convolution[part][(o * d_head + i) * kernel + tap])
                };
                for (sum, x) in sums.iter_mut().zip(projection(i)) {
                    *sum += weight * f64::from(*x);
                }
            }
            for (m, sum) in sums.iter().enumerate() {
                matrix[(tap * d_model + m) * width + o] = (scale * sum) as f32;
            }
        }
        if kernel > 0 {
            bias[o] = (scale * f64::from(layer.convolution_bias[part][o])) as f32;
        }
    }
    (matrix, bias)
}

impl Positions {
    fn new(inverse_frequency: &[f32], context: usize, rows: usize) -> Self {
        let frequencies = inverse_frequency.len();
        let zero = padded(context + PAD);
        let stride = zero + padded(rows + 2 * PAD);
        let mut keys = vec![0.0; 2 * frequencies * stride];
        let mut queries = vec![0.0; rows * 2 * padded(frequencies)];
        for (f, &frequency) in inverse_frequency.iter().enumerate() {
            for column in 0..stride {
                let x = column as f64 - zero as f64;
                let (sin, cos) = (f64::from(frequency) * x).sin_cos();
                keys[f * stride + column] = cos as f32;
                keys[(frequencies + f) * stride + column] = sin as f32;
            }
            for row in 0..rows {
                let (sin, cos) = (f64::from(frequency) * row as f64).sin_cos();
                queries[2 * row * padded(frequencies) + f] = cos as f32;
                queries[(2 * row + 1) * padded(frequencies) + f] = sin as f32;
            }
        }
        Self {
            frequencies,
            keys,
            stride,
            zero,
            queries,
        }
    }
}
