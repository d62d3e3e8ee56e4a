//! Losses and gradients by automatic differentiation: on the GPU, and as the check on the
//! training step that the CPU runs.

use super::{Layer, Network};
use crate::model::fused::train::dropout::{factors, mix};
use crate::model::fused::train::{Example, Objective};
use crate::model::weights::{LayerWeights, Weights};
use burn::module::Param;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Gradients, Tensor, TensorData};

/// What dropout does to one batch: factors that are 0 or 1 / (1 − rate).
#[derive(Debug)]
pub(super) struct Kept {
    /// `[batch, position, d_model]`.
    pub(super) embedding: Tensor<3>,
    /// `[distance, d_model]`, the farthest first.
    pub(super) codes: Tensor<2>,
    /// Of each layer's attention output, `[batch, position, d_model]`.
    pub(super) layers: Vec<Tensor<3>>,
    /// `[batch, position, d_model]`.
    pub(super) last: Tensor<3>,
}

impl Network {
    /// The mean loss over all positions of `batch`, and its gradient.
    ///
    /// The network must be on a device with automatic differentiation; without it the gradient is
    /// 0. All examples have the length of the first. `longest` is the longest segment of the whole
    /// training, by which the codes of distances that dropout takes are numbered.
    #[must_use]
    pub fn gradient(
        &self,
        batch: &[Example<'_>],
        objective: Objective,
        key: u64,
        longest: usize,
    ) -> (f64, Weights) {
        let length = batch.first().map_or(0, |example| example.tokens.len());
        let device = self.embedding.device();
        let shape = [batch.len(), length, self.config.classes];
        let tokens: Vec<i32> = batch
            .iter()
            .flat_map(|example| example.tokens.iter().map(|&token| token.into()))
            .collect();
        let tokens = Tensor::from_data(TensorData::new(tokens, [batch.len(), length]), &device);
        let kept = (objective.dropout > 0.0)
            .then(|| self.kept(batch, objective.dropout, key, length, longest, &device));
        let logits = self.forward(tokens, &[], length, kept.as_ref()).logits;

        let mut hits = vec![0.0_f32; shape.iter().product()];
        let mut weights = vec![1.0_f32; batch.len() * length];
        for (row, example) in batch.iter().enumerate() {
            for (position, class) in example.classes.iter().enumerate().take(length) {
                let at = row * length + position;
                hits[at * shape[2] + usize::from(*class)] = 1.0;
                if let Some(weight) = example.weights.get(position) {
                    weights[at] = *weight;
                }
            }
        }
        let hits = Tensor::<3>::from_data(TensorData::new(hits, shape), &device);
        let weights = TensorData::new(weights, [batch.len(), length, 1]);
        let weights = Tensor::<3>::from_data(weights, &device);
        let entropy = (log_softmax(logits, 2) * hits).sum_dim(2).neg();
        let missed = entropy.clone().detach().neg().exp().neg().add_scalar(1.0);
        let factor = missed.clamp_min(0.0).powf_scalar(objective.gamma) * weights;
        let loss = (entropy * factor).mean();
        let gradients = loss.backward();
        let value: f32 = loss.try_into_scalar().unwrap_or(f32::NAN);
        (f64::from(value), self.gathered(&gradients))
    }

    fn kept(
        &self,
        batch: &[Example<'_>],
        rate: f32,
        key: u64,
        length: usize,
        longest: usize,
        device: &Device,
    ) -> Kept {
        let d_model = self.config.d_model;
        let place = |place: u64| {
            let mut numbers = vec![1.0; batch.len() * length * d_model];
            for (row, example) in numbers.chunks_mut(length * d_model).zip(batch) {
                factors(mix(example.key, place), rate, row);
            }
            Tensor::from_data(
                TensorData::new(numbers, [batch.len(), length, d_model]),
                device,
            )
        };
        let mut codes = vec![1.0; longest * d_model];
        factors(mix(key, 1), rate, &mut codes);
        let codes = codes.split_off(longest.saturating_sub(length) * d_model);
        Kept {
            embedding: place(0),
            codes: Tensor::from_data(TensorData::new(codes, [length, d_model]), device),
            layers: (1..=self.layers.len() as u64).map(place).collect(),
            last: place(u64::MAX),
        }
    }

    fn gathered(&self, gradients: &Gradients) -> Weights {
        Weights {
            config: self.config,
            embedding: of(&self.embedding, gradients),
            u: of(&self.u, gradients),
            v: of(&self.v, gradients),
            inverse_frequency: self.inverse_frequency.clone(),
            layers: self
                .layers
                .iter()
                .map(|layer| layer.gathered(gradients))
                .collect(),
            out: of(&self.out, gradients),
            out_bias: of(&self.out_bias, gradients),
        }
    }
}

impl Layer {
    fn gathered(&self, gradients: &Gradients) -> LayerWeights {
        let mut weights = LayerWeights {
            qkv: of(&self.qkv, gradients),
            r: of(&self.r, gradients),
            o: of(&self.o, gradients),
            norm_weight: of(&self.norm_weight, gradients),
            norm_bias: of(&self.norm_bias, gradients),
            ..LayerWeights::default()
        };
        for (index, convolution) in self.convolutions.iter().enumerate() {
            weights.convolution[index] = of(&convolution.weight, gradients);
            weights.convolution_bias[index] = of(&convolution.bias, gradients);
        }
        weights
    }
}

/// The gradient of a parameter; zeros where there is none.
fn of<const D: usize>(parameter: &Param<Tensor<D>>, gradients: &Gradients) -> Vec<f32> {
    let tensor = parameter.val();
    let count = tensor.dims().iter().product();
    tensor
        .grad(gradients)
        .and_then(|gradient| gradient.try_into_vec_as().ok())
        .unwrap_or_else(|| vec![0.0; count])
}
