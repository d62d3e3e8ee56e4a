//! A training run: its state and one step of it.

use super::adam::Adam;
use super::corpus::Corpus;
use super::initial::initial_weights;
use super::settings::Settings;
use super::{Learner, Objective};
use crate::model::fused::train::dropout::mix;
use crate::model::weights::Weights;

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Mean loss over the positions of the batch, before the update.
    pub loss: f64,
    /// Norm of the gradient before it was clipped.
    pub norm: f64,
    /// The learning rate.
    pub rate: f64,
    /// Positions of the batch.
    pub positions: usize,
}

/// Everything that the next step depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Steps done.
    pub step: u64,
    /// Where the streams stand.
    pub position: u64,
    /// The weights.
    pub weights: Weights,
    /// The optimiser.
    pub adam: Adam,
}

impl State {
    /// The state before the first step: random weights, or those given, of the settings' sizes.
    #[must_use]
    pub fn new(settings: &Settings, weights: Option<&Weights>) -> Self {
        let weights = weights
            .filter(|weights| weights.config == settings.config)
            .cloned()
            .unwrap_or_else(|| {
                initial_weights(settings.config, settings.seed, settings.first_deviation)
            });
        Self {
            step: 0,
            position: 0,
            adam: Adam::new(&weights),
            weights,
        }
    }
}

/// Takes steps.
#[derive(Debug)]
pub struct Run<'a> {
    settings: &'a Settings,
    corpus: &'a Corpus,
    learner: Learner,
    gradient: Weights,
    /// The state after the last step.
    pub state: State,
}

impl<'a> Run<'a> {
    /// Goes on from `state`.
    #[must_use]
    pub fn new(settings: &'a Settings, corpus: &'a Corpus, state: State) -> Self {
        Self {
            settings,
            corpus,
            learner: Learner::new(settings.config, settings.longest()),
            gradient: state.weights.clone(),
            state,
        }
    }

    /// Takes one step. Where loss or gradient are not finite the weights stay as they are.
    pub fn step(&mut self) -> StepReport {
        let (settings, step) = (self.settings, self.state.step);
        let (batch, position) = self.corpus.batch(settings, step, self.state.position);
        let objective = Objective {
            gamma: settings.gamma,
            dropout: settings.dropout,
        };
        let key = mix(settings.seed, step);
        let examples = self.corpus.examples(&batch);
        let loss = self.learner.gradient(
            &self.state.weights,
            &examples,
            objective,
            key,
            &mut self.gradient,
        );
        let rate = settings.rate(step);
        let norm = self
            .state
            .adam
            .update(&mut self.state.weights, &self.gradient, rate, settings.clip);
        self.state.step += 1;
        self.state.position = position;
        StepReport {
            loss,
            norm,
            rate,
            positions: batch.positions(),
        }
    }
}
