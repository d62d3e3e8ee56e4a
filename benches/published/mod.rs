//! A network of the published sizes with made-up weights, and what its arithmetic costs.

use headlight::model::weights::LayerWeights;
use headlight::model::{Config, KernelPath, Weights};
use rayon::prelude::*;

/// The published network's sizes.
pub fn config(context: usize) -> Config {
    Config {
        layers: 6,
        heads: 6,
        d_model: 32,
        d_head: 32,
        kernel: 7,
        classes: 2,
        context,
        label_shift: 20,
    }
}

/// Repeatable numbers in −`width`…`width`.
pub fn numbers(seed: &mut u64, count: usize, width: f32) -> Vec<f32> {
    (0..count)
        .map(|_| {
            *seed ^= *seed << 13;
            *seed ^= *seed >> 7;
            *seed ^= *seed << 17;
            ((*seed >> 40) as f32 / (1 << 23) as f32 - 1.0) * width
        })
        .collect()
}

/// Made-up weights, the same each time.
pub fn weights(context: usize) -> Weights {
    let config = config(context);
    let (seed, wide) = (&mut 7, config.heads * config.d_head);
    let layer = |seed: &mut u64| LayerWeights {
        qkv: numbers(seed, 3 * wide * config.d_model, 0.3),
        r: numbers(seed, wide * config.d_model, 0.3),
        o: numbers(seed, config.d_model * wide, 0.12),
        convolution: std::array::from_fn(|_| {
            numbers(seed, config.d_head * config.d_head * config.kernel, 0.1)
        }),
        convolution_bias: std::array::from_fn(|_| numbers(seed, config.d_head, 0.1)),
        norm_weight: vec![1.0; config.d_model],
        norm_bias: vec![0.0; config.d_model],
    };
    Weights {
        config,
        embedding: numbers(seed, 4 * config.d_model, 0.3),
        u: numbers(seed, wide, 0.3),
        v: numbers(seed, wide, 0.3),
        inverse_frequency: (0..config.d_model / 2)
            .map(|i| 1e4_f32.powf(-2.0 * i as f32 / config.d_model as f32))
            .collect(),
        layers: (0..config.layers).map(|_| layer(seed)).collect(),
        out: numbers(seed, config.classes * config.d_model, 0.3),
        out_bias: vec![0.0; config.classes],
    }
}

/// Floating-point operations a position, as the published arithmetic counts them: folded
/// projections, a band of `context` keys at twice the head's width, values, output.
pub fn operations(config: &Config) -> f64 {
    let wide = config.heads * config.d_head;
    let projections = config.kernel * config.d_model * 3 * wide;
    let attention = config.context * (config.heads * config.d_model + 2 * wide);
    (2 * config.layers * (projections + attention + wide * config.d_model)) as f64
}

/// Operations a second of plain matrix products, one on each thread.
pub fn product_rate(path: KernelPath, threads: usize) -> f64 {
    let rate = |_| path.product_rate(4).unwrap_or(0.0);
    (0..3)
        .map(|_| (0..threads).into_par_iter().map(rate).sum::<f64>())
        .fold(0.0, f64::max)
}
