//! The numbers of a network as plain arrays, row-major as `PyTorch` stores them.

use super::config::Config;

/// The learned numbers of one layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerWeights {
    /// `qkv_net.weight` `[3 * heads * d_head, d_model]`: rows of Q, then K, then V.
    pub qkv: Vec<f32>,
    /// `r_net.weight` `[heads * d_head, d_model]`.
    pub r: Vec<f32>,
    /// `o_net.weight` `[d_model, heads * d_head]`.
    pub o: Vec<f32>,
    /// `motif_net_q`, `_k`, `_v` `.weight` `[d_head (out), d_head (in), kernel]`; empty without convolutions.
    pub convolution: [Vec<f32>; 3],
    /// `motif_net_q`, `_k`, `_v` `.bias` `[d_head]`; empty without convolutions.
    pub convolution_bias: [Vec<f32>; 3],
    /// `layer_norm.weight` `[d_model]`.
    pub norm_weight: Vec<f32>,
    /// `layer_norm.bias` `[d_model]`.
    pub norm_bias: Vec<f32>,
}

/// The learned numbers of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Sizes and settings.
    pub config: Config,
    /// `word_emb.emb_layers.0.weight` `[4, d_model]`, tokens in the order A, T, C, G.
    pub embedding: Vec<f32>,
    /// `r_w_bias` `[heads, d_head]`: u, added to the query for content.
    pub u: Vec<f32>,
    /// `r_r_bias` `[heads, d_head]`: v, added to the query for distance.
    pub v: Vec<f32>,
    /// `pos_emb.inv_freq` `[d_model / 2]`.
    pub inverse_frequency: Vec<f32>,
    /// The layers, first to last.
    pub layers: Vec<LayerWeights>,
    /// `out_layer.weight` `[classes, d_model]`.
    pub out: Vec<f32>,
    /// `out_layer.bias` `[classes]`.
    pub out_bias: Vec<f32>,
}

impl Weights {
    /// Every learned tensor, in the order in which a checkpoint holds them.
    #[must_use]
    pub fn learned(&self) -> Vec<&[f32]> {
        let mut tensors: Vec<&[f32]> = vec![&self.embedding, &self.u, &self.v];
        for layer in &self.layers {
            tensors.extend([&layer.qkv[..], &layer.r, &layer.o]);
            for (kernel, bias) in layer.convolution.iter().zip(&layer.convolution_bias) {
                tensors.extend([&kernel[..], bias]);
            }
            tensors.extend([&layer.norm_weight[..], &layer.norm_bias]);
        }
        tensors.extend([&self.out[..], &self.out_bias]);
        tensors
    }

    /// [`Self::learned`], to be changed.
    pub fn learned_mut(&mut self) -> Vec<&mut [f32]> {
        let mut tensors: Vec<&mut [f32]> = vec![&mut self.embedding, &mut self.u, &mut self.v];
        for layer in &mut self.layers {
            tensors.extend([&mut layer.qkv[..], &mut layer.r, &mut layer.o]);
            let convolutions = layer.convolution.iter_mut();
            for (kernel, bias) in convolutions.zip(&mut layer.convolution_bias) {
                tensors.extend([&mut kernel[..], bias]);
            }
            tensors.extend([&mut layer.norm_weight[..], &mut layer.norm_bias]);
        }
        tensors.extend([&mut self.out[..], &mut self.out_bias]);
        tensors
    }
}
