//! Adam (Kingma and Ba 2015), with the global gradient norm clipped.

use crate::model::weights::Weights;

const DECAY: [f32; 2] = [0.9, 0.999];
const EPSILON: f32 = 1e-8;

/// The state of the optimiser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adam {
    /// Updates so far.
    pub updates: u64,
    /// Running means of the gradients, tensor after tensor as [`Weights::learned`] has them.
    pub mean: Vec<f32>,
    /// Running means of their squares.
    pub square: Vec<f32>,
}

impl Adam {
    /// The state before the first update of `weights`.
    #[must_use]
    pub fn new(weights: &Weights) -> Self {
        let count = weights.learned().into_iter().map(<[f32]>::len).sum();
        Self {
            updates: 0,
            mean: vec![0.0; count],
            square: vec![0.0; count],
        }
    }

    /// Moves `weights` against `gradient`, whose norm over all numbers is first brought down to
    /// `clip`. Returns the norm before; where it is not finite, nothing moves.
    pub fn update(
        &mut self,
        weights: &mut Weights,
        gradient: &Weights,
        rate: f64,
        clip: f64,
    ) -> f64 {
        let squares = gradient.learned().into_iter().flatten();
        let norm = squares.map(|x| f64::from(x * x)).sum::<f64>().sqrt();
        if !norm.is_finite() {
            return norm;
        }
        let factor = (clip / (norm + 1e-6)).min(1.0) as f32;
        self.updates += 1;
        let [first, second] = DECAY.map(|decay| 1.0 - f64::from(decay).powf(self.updates as f64));
        let size = (rate / first) as f32;
        let root = second.sqrt() as f32;
        let numbers = weights.learned_mut().into_iter().flatten();
        let gradients = gradient.learned().into_iter().flatten();
        let state = self.mean.iter_mut().zip(&mut self.square);
        for ((x, g), (mean, square)) in numbers.zip(gradients).zip(state) {
            let g = g * factor;
            *mean += (1.0 - DECAY[0]) * (g - *mean);
            *square = DECAY[1] * *square + (1.0 - DECAY[1]) * g * g;
            *x -= size * *mean / (square.sqrt() / root + EPSILON);
        }
        norm
    }
}
