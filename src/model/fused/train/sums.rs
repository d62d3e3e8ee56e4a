//! The sums over positions from which the gradients are made.

use super::sizes::Sizes;

/// Sums of one layer.
#[derive(Clone, Debug)]
pub(super) struct LayerSums {
    /// Of the folded matrices: `[part and head][taps * d_model, width]`.
    pub(super) panels: Vec<f32>,
    /// Of their biases: `[part and head][width]`.
    pub(super) bias: Vec<f32>,
    /// Of the part of the query's bias that only distances see: `[head][width]`.
    pub(super) distance_bias: Vec<f32>,
    /// Of the table of distances: `[head][row][width]`.
    pub(super) distances: Vec<f32>,
    /// Of `o_net`: `[head and column][model]`.
    pub(super) o: Vec<f32>,
    pub(super) norm_weight: Vec<f32>,
    pub(super) norm_bias: Vec<f32>,
}

/// Sums of some sequences.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// `[token, d_model]`, of five tokens.
    pub(super) embedding: Vec<f32>,
    pub(super) layers: Vec<LayerSums>,
    /// `[class, d_model]`.
    pub(super) out: Vec<f32>,
    pub(super) out_bias: Vec<f32>,
    /// The weighted sum of the losses of all positions.
    pub(super) loss: f64,
}

impl Sums {
    pub(super) fn new(sizes: &Sizes) -> Self {
        let config = &sizes.config;
        let layer = LayerSums {
            panels: vec![0.0; 3 * config.heads * sizes.panel()],
            bias: vec![0.0; 3 * sizes.wide()],
            distance_bias: vec![0.0; sizes.wide()],
            distances: vec![0.0; config.heads * sizes.distances() * sizes.width],
            o: vec![0.0; sizes.tiles(sizes.wide()) * sizes.tile * sizes.model],
            norm_weight: vec![0.0; config.d_model],
            norm_bias: vec![0.0; config.d_model],
        };
        Self {
            embedding: vec![0.0; 5 * config.d_model],
            layers: vec![layer; config.layers],
            out: vec![0.0; config.classes * config.d_model],
            out_bias: vec![0.0; config.classes],
            loss: 0.0,
        }
    }

    pub(super) fn clear(&mut self) {
        self.parts().into_iter().for_each(|part| part.fill(0.0));
        self.loss = 0.0;
    }

    /// Everything but the loss, in a fixed order.
    pub(super) fn parts(&mut self) -> Vec<&mut [f32]> {
        let mut parts: Vec<&mut [f32]> =
            vec![&mut self.embedding, &mut self.out, &mut self.out_bias];
        for layer in &mut self.layers {
            parts.push(&mut layer.panels);
            parts.push(&mut layer.bias);
            parts.push(&mut layer.distance_bias);
            parts.push(&mut layer.distances);
            parts.push(&mut layer.o);
            parts.push(&mut layer.norm_weight);
            parts.push(&mut layer.norm_bias);
        }
        parts
    }
}
