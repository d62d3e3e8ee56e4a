//! The weights that training begins with, distributed as in the original code.

use super::dice::Dice;
use crate::model::config::Config;
use crate::model::weights::{LayerWeights, Weights};

/// Random weights of these sizes: normal around 0 with this standard `deviation` (0.02 as
/// published), the norms' weights 1 with bias 0, the convolutions uniform in
/// ±1/√(`d_head` · kernel).
#[must_use]
pub fn initial_weights(config: Config, seed: u64, deviation: f64) -> Weights {
    let mut dice = Dice::of_step(seed, u64::MAX, 0);
    let wide = config.heads * config.d_head;
    let mut normal = |count: usize, mean: f64| -> Vec<f32> {
        (0..count)
            .map(|_| (mean + deviation * dice.normal()) as f32)
            .collect()
    };
    let mut weights = Weights {
        config,
        embedding: normal(4 * config.d_model, 0.0),
        u: normal(wide, 0.0),
        v: normal(wide, 0.0),
        inverse_frequency: (0..config.d_model / 2)
            .map(|i| 1e4_f64.powf(-2.0 * i as f64 / config.d_model as f64) as f32)
            .collect(),
        layers: (0..config.layers)
            .map(|_| LayerWeights {
                qkv: normal(3 * wide * config.d_model, 0.0),
                r: normal(wide * config.d_model, 0.0),
                o: normal(config.d_model * wide, 0.0),
                norm_weight: vec![1.0; config.d_model],
                norm_bias: vec![0.0; config.d_model],
                ..LayerWeights::default()
            })
            .collect(),
        out: normal(config.classes * config.d_model, 0.0),
        out_bias: vec![0.0; config.classes],
    };
    if config.kernel > 0 {
        let bound = 1.0 / ((config.d_head * config.kernel) as f64).sqrt();
        let mut uniform = |count: usize| -> Vec<f32> {
            (0..count)
                .map(|_| (bound * (2.0 * dice.share() - 1.0)) as f32)
                .collect()
        };
        for layer in &mut weights.layers {
            let taps = config.d_head * config.d_head * config.kernel;
            layer.convolution = [(); 3].map(|()| uniform(taps));
            layer.convolution_bias = [(); 3].map(|()| uniform(config.d_head));
        }
    }
    weights
}
