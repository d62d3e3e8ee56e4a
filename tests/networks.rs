//! Networks and sequences for tests: random ones, and those of the reference files.

use crate::golden::arrays;
use headlight::genome::{Base, Contig};
use headlight::model::weights::LayerWeights;
use headlight::model::{Config, Weights};
use std::path::Path;

/// Small, repeatable random numbers.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    /// Uniform in −`width`…`width`.
    pub fn number(&mut self, width: f32) -> f32 {
        (self.below(1 << 24) as f32 / (1 << 23) as f32 - 1.0) * width
    }

    fn numbers(&mut self, count: usize, width: f32) -> Vec<f32> {
        (0..count).map(|_| self.number(width)).collect()
    }
}

/// Sizes of a network without the settings that tests seldom vary.
pub fn config(
    layers: usize,
    heads: usize,
    d_model: usize,
    d_head: usize,
    kernel: usize,
    context: usize,
) -> Config {
    Config {
        layers,
        heads,
        d_model,
        d_head,
        kernel,
        classes: 2,
        context,
        label_shift: 20,
    }
}

/// A network of random numbers whose attention is far from even.
pub fn random_weights(config: Config, seed: u64) -> Weights {
    let mut dice = Dice::new(seed);
    let (d_model, d_head) = (config.d_model, config.d_head);
    let wide = config.heads * d_head;
    let around = (1.0 / d_model as f32).sqrt() * 1.7;
    let layers = (0..config.layers)
        .map(|_| {
            let taps = d_head * d_head * config.kernel;
            let tap = (3.0 / (d_head * config.kernel.max(1)) as f32).sqrt();
            let bias = if config.kernel > 0 { d_head } else { 0 };
            LayerWeights {
                qkv: dice.numbers(3 * wide * d_model, around * 1.3),
                r: dice.numbers(wide * d_model, around),
                o: dice.numbers(d_model * wide, (3.0 / wide as f32).sqrt()),
                convolution: std::array::from_fn(|_| dice.numbers(taps, tap)),
                convolution_bias: std::array::from_fn(|_| dice.numbers(bias, 0.3)),
                norm_weight: dice.numbers(d_model, 0.3).iter().map(|x| 1.0 + x).collect(),
                norm_bias: dice.numbers(d_model, 0.3),
            }
        })
        .collect();
    Weights {
        config,
        embedding: dice.numbers(4 * d_model, 0.5),
        u: dice.numbers(wide, 0.8),
        v: dice.numbers(wide, 0.8),
        inverse_frequency: (0..d_model / 2)
            .map(|i| 1e4_f32.powf(-2.0 * i as f32 / d_model as f32))
            .collect(),
        layers,
        out: dice.numbers(config.classes * d_model, 0.5),
        out_bias: dice.numbers(config.classes, 0.5),
    }
}

/// The numbers of a reference file with tensors named as the original names them.
pub fn weights_of(path: &Path, context: usize) -> Weights {
    let tensors = arrays(path);
    let take = |name: &str| tensors[name].values.clone();
    let shape = |name: &str| tensors[name].shape.clone();
    let layers = (0..99)
        .take_while(|i| tensors.contains_key(&format!("layers.{i}.dec_attn.qkv_net.weight")))
        .map(|i| {
            let of = |name: &str| take(&format!("layers.{i}.dec_attn.{name}"));
            LayerWeights {
                qkv: of("qkv_net.weight"),
                r: of("r_net.weight"),
                o: of("o_net.weight"),
                convolution: ["q", "k", "v"].map(|part| of(&format!("motif_net_{part}.weight"))),
                convolution_bias: ["q", "k", "v"].map(|part| of(&format!("motif_net_{part}.bias"))),
                norm_weight: of("layer_norm.weight"),
                norm_bias: of("layer_norm.bias"),
            }
        })
        .collect::<Vec<_>>();
    let heads = shape("r_w_bias");
    let d_model = shape("word_emb.emb_layers.0.weight")[1];
    let kernel = shape("layers.0.dec_attn.motif_net_q.weight")[2];
    Weights {
        config: config(layers.len(), heads[0], d_model, heads[1], kernel, context),
        embedding: take("word_emb.emb_layers.0.weight"),
        u: take("r_w_bias"),
        v: take("r_r_bias"),
        inverse_frequency: take("pos_emb.inv_freq"),
        layers,
        out: take("out_layer.weight"),
        out_bias: take("out_layer.bias"),
    }
}

/// The model's tokens (A 0, T 1, C 2, G 3, anything else N) as bases.
pub fn bases(tokens: &[u8]) -> Vec<Base> {
    let order = [Base::A, Base::T, Base::C, Base::G];
    tokens
        .iter()
        .map(|&token| order.get(usize::from(token)).copied().unwrap_or(Base::N))
        .collect()
}

/// A contig of these tokens.
pub fn contig(tokens: &[u8], circular: bool) -> Contig {
    Contig {
        name: "test".to_owned(),
        circular,
        sequence: bases(tokens).into_iter().collect(),
        ..Contig::default()
    }
}

/// Random tokens.
pub fn random_tokens(length: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    (0..length).map(|_| dice.below(4) as u8).collect()
}
