//! A training step on the CPU: losses and gradients of a batch, by hand.
//!
//! Segments start without memory and see themselves only, under a plain causal mask. What makes a
//! step fast: projection and convolution are folded into one matrix a step, and its gradient is
//! unfolded once a step; every product, there and back, is one vectorised loop over blocks that fit
//! the registers; a sequence stays on one thread, and a head's work in that core's cache; attention
//! weights are never kept but computed again.
//!
//! Sequences are dealt to a fixed number of groups, whose sums are added in order: gradients do not
//! depend on the number of threads.

mod attend;
mod backward;
pub(crate) mod dropout;
mod forward;
mod product;
mod sizes;
mod sums;
mod tables;
mod unfold;

use rayon::prelude::*;

use self::backward::Gradients;
use self::dropout::mix;
use self::forward::Tape;
use self::sizes::Sizes;
use self::sums::Sums;
use self::tables::{Codes, LayerTables};
use super::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use super::{AVX2_ROWS, AVX512_ROWS};
use super::{Instructions, KernelPath, PORTABLE_ROWS, lanes};
use crate::model::config::Config;
use crate::model::weights::Weights;

/// Most groups of sequences whose sums are kept apart.
const GROUPS: usize = 8;

/// A stretch to learn from.
#[derive(Clone, Copy, Debug)]
pub struct Example<'a> {
    /// Tokens in the order A, T, C, G, N.
    pub tokens: &'a [u8],
    /// The class of each position.
    pub classes: &'a [u8],
    /// How much each position counts; 1 where there is none.
    pub weights: &'a [f32],
    /// Decides what dropout leaves out.
    pub key: u64,
}

/// How losses are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// Exponent of the focal loss (1 − p)^γ · −ln p, whose first factor is taken as constant; 0 is
    /// the cross entropy.
    pub gamma: f32,
    /// Share of numbers that dropout leaves out: of embeddings, codes of distances, outputs of
    /// attention and the last rows.
    pub dropout: f32,
}

/// What a step reads.
#[derive(Debug)]
struct Step<'a> {
    sizes: Sizes,
    dropout: f32,
    gamma: f32,
    /// 1 / positions of the batch.
    share: f32,
    embedding: Vec<f32>,
    layers: Vec<LayerTables>,
    out: &'a [f32],
    out_bias: &'a [f32],
}

/// What one group of sequences is worked with.
#[derive(Clone, Debug)]
struct Worker {
    tape: Tape,
    gradients: Gradients,
    sums: Sums,
}

/// Computes losses and gradients.
#[derive(Debug)]
pub struct Learner {
    sizes: Sizes,
    instructions: Instructions,
    workers: Vec<Worker>,
}

impl Learner {
    /// For segments of up to `longest` bases.
    #[must_use]
    pub fn new(config: Config, longest: usize) -> Self {
        Self::with_path(config, longest, KernelPath::chosen())
            .unwrap_or_else(|| Self::with(config, longest, Instructions::Portable(lanes::Portable)))
    }

    /// The same for one path; `None` where this processor lacks it.
    #[must_use]
    pub fn with_path(config: Config, longest: usize, path: KernelPath) -> Option<Self> {
        Some(Self::with(config, longest, Instructions::detect(path)?))
    }

    fn with(config: Config, longest: usize, instructions: Instructions) -> Self {
        Self {
            sizes: Sizes::new(config, longest, instructions.rows()),
            instructions,
            workers: Vec::new(),
        }
    }

    /// Positions of the longest segment, in whole tiles.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.sizes.longest
    }

    /// The mean loss over all positions of `batch`, and its gradient, which replaces what is in
    /// `gradient`. `key` decides what dropout does to the codes of distances, which all share.
    ///
    /// Examples are cut to the longest segment that was announced.
    pub fn gradient(
        &mut self,
        weights: &Weights,
        batch: &[Example<'_>],
        objective: Objective,
        key: u64,
        gradient: &mut Weights,
    ) -> f64 {
        match self.instructions {
            Instructions::Portable(set) => {
                self.step::<_, PORTABLE_ROWS>(set, weights, batch, objective, key, gradient)
            }
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(set) => {
                self.step::<_, AVX2_ROWS>(set, weights, batch, objective, key, gradient)
            }
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(set) => {
                self.step::<_, AVX512_ROWS>(set, weights, batch, objective, key, gradient)
            }
        }
    }

    fn step<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        weights: &Weights,
        batch: &[Example<'_>],
        objective: Objective,
        key: u64,
        gradient: &mut Weights,
    ) -> f64 {
        let sizes = self.sizes;
        let positions: usize = batch.iter().map(|example| example.tokens.len()).sum();
        let codes = Codes::new(
            &sizes,
            &weights.inverse_frequency,
            mix(key, 1),
            objective.dropout,
        );
        let layers = weights
            .layers
            .par_iter()
            .map(|layer| {
                set.vectorize(
                    #[inline(always)]
                    || LayerTables::new::<S, ROWS>(set, &sizes, weights, layer, &codes),
                )
            })
            .collect();
        let step = Step {
            sizes,
            dropout: objective.dropout,
            gamma: objective.gamma,
            share: 1.0 / positions.max(1) as f32,
            embedding: embedding(weights),
            layers,
            out: &weights.out,
            out_bias: &weights.out_bias,
        };
        let groups = batch.len().clamp(1, GROUPS);
        while self.workers.len() < groups {
            self.workers.push(Worker {
                tape: Tape::new(&sizes),
                gradients: Gradients::new(&sizes),
                sums: Sums::new(&sizes),
            });
        }
        let workers = &mut self.workers[..groups];
        workers
            .par_iter_mut()
            .enumerate()
            .for_each(|(group, worker)| {
                worker.sums.clear();
                let first = group * batch.len() / groups;
                let end = (group + 1) * batch.len() / groups;
                for example in &batch[first..end] {
                    set.vectorize(
                        #[inline(always)]
                        || worker.learn::<S, ROWS>(set, &step, example),
                    );
                }
            });
        let (total, others) = workers.split_at_mut(1);
        let total = &mut total[0].sums;
        let mut others: Vec<_> = others
            .iter_mut()
            .map(|other| {
                total.loss += other.sums.loss;
                other.sums.parts().into_iter()
            })
            .collect();
        let pieces: Vec<(&mut [f32], Vec<&mut [f32]>)> = total
            .parts()
            .into_iter()
            .map(|part| (part, others.iter_mut().filter_map(Iterator::next).collect()))
            .collect();
        pieces.into_par_iter().for_each(|(total, others)| {
            for other in others {
                product::add(total, other);
            }
        });
        unfold::<S, ROWS>(set, &sizes, weights, total, &codes, gradient);
        total.loss * f64::from(step.share)
    }
}

/// `[5, d_model]`: A, T, C, G, N, times the square root of `d_model`.
fn embedding(weights: &Weights) -> Vec<f32> {
    let d_model = weights.config.d_model;
    let root = (d_model as f32).sqrt();
    let mut embedding: Vec<f32> = weights.embedding.iter().map(|x| x * root).collect();
    for m in 0..d_model {
        let sum: f32 = (0..4).map(|token| embedding[token * d_model + m]).sum();
        embedding.push(sum / 4.0);
    }
    embedding
}

/// The gradients of all weights from the sums over all positions.
fn unfold<S: Lanes, const ROWS: usize>(
    set: S,
    sizes: &Sizes,
    weights: &Weights,
    sums: &Sums,
    codes: &Codes,
    gradient: &mut Weights,
) {
    let layers: Vec<_> = weights
        .layers
        .par_iter()
        .zip(&sums.layers)
        .map(|(layer, sums)| {
            set.vectorize(
                #[inline(always)]
                || unfold::unfold::<S, ROWS>(set, sizes, layer, sums, codes),
            )
        })
        .collect();
    gradient.u.iter_mut().for_each(|x| *x = 0.0);
    gradient.v.iter_mut().for_each(|x| *x = 0.0);
    for (to, (layer, [u, v])) in gradient.layers.iter_mut().zip(layers) {
        *to = layer;
        product::add(&mut gradient.u, &u);
        product::add(&mut gradient.v, &v);
    }
    let d_model = sizes.config.d_model;
    let root = (d_model as f32).sqrt();
    for (index, x) in gradient.embedding.iter_mut().enumerate() {
        *x = root * (sums.embedding[index] + sums.embedding[4 * d_model + index % d_model] / 4.0);
    }
    gradient.out.copy_from_slice(&sums.out);
    gradient.out_bias.copy_from_slice(&sums.out_bias);
}

impl Worker {
    /// Adds the loss and the sums of one example.
    #[inline(always)]
    fn learn<S: Lanes, const ROWS: usize>(
        &mut self,
        set: S,
        step: &Step<'_>,
        example: &Example<'_>,
    ) {
        let longest = step.sizes.longest.min(example.tokens.len());
        let example = &Example {
            tokens: &example.tokens[..longest],
            ..*example
        };
        if longest == 0 {
            return;
        }
        self.tape.forward::<S, ROWS>(set, step, example);
        self.sums.loss += lose(step, example, &mut self.tape.logits);
        self.gradients
            .backward::<S, ROWS>(set, step, example, &mut self.tape, &mut self.sums);
    }
}

/// Replaces logits by the gradient of the loss; returns the weighted sum of the losses.
fn lose(step: &Step<'_>, example: &Example<'_>, logits: &mut [f32]) -> f64 {
    let classes = step.sizes.config.classes;
    let mut loss = 0.0;
    let positions = logits.chunks_exact_mut(classes).zip(example.tokens);
    for (position, (logits, _)) in positions.enumerate() {
        let weight = example.weights.get(position).copied().unwrap_or(1.0);
        let class = example.classes.get(position).copied().unwrap_or(0);
        let class = usize::from(class).min(classes - 1);
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|x| (x - largest).exp()).sum();
        let level = largest + sum.ln();
        let entropy = level - logits[class];
        let probability = (-entropy).exp();
        let factor = weight * (1.0 - probability).max(0.0).powf(step.gamma);
        loss += f64::from(factor * entropy);
        for (index, x) in logits.iter_mut().enumerate() {
            let hit = f32::from(u8::from(index == class));
            *x = step.share * factor * ((*x - level).exp() - hit);
        }
    }
    loss
}
