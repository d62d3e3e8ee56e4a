//! A training run: its state and one step of it.

use super::Objective;
use super::adam::Adam;
use super::corpus::Corpus;
use super::initial::initial_weights;
use super::processor::{Engine, Processor, ProcessorError};
use super::settings::Settings;
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
    engine: Engine,
    gradient: Weights,
    /// The state after the last step.
    pub state: State,
}

impl<'a> Run<'a> {
    /// Goes on from `state`.
    ///
    /// # Errors
    /// [`ProcessorError`] where there is no such processor.
    pub fn new(
        settings: &'a Settings,
        corpus: &'a Corpus,
        state: State,
        processor: Processor,
    ) -> Result<Self, ProcessorError> {
        Ok(Self {
            settings,
            corpus,
            engine: Engine::new(processor, settings)?,
            gradient: state.weights.clone(),
            state,
        })
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
        let loss = self.engine.gradient(
            &self.state.weights,
            &examples,
            objective,
            (key, settings.longest()),
            &mut self.gradient,
        );
        let rate = settings.rate(step);
        let norm =
            self.state
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Anchor, Base, Contig, Genome, Interval, Strand};
    use crate::model::config::Config;
    use crate::model::train::Classes;
    use burn::tensor::Device;

    /// The way of the graphics processor, run by burn on the CPU, against the way of the CPU.
    #[test]
    fn both_ways_take_the_same_steps() {
        let letters = [Base::A, Base::C, Base::G, Base::T];
        let sequence = (0..3_000_usize)
            .map(|i| letters[(i * i / 7 + i) % 4])
            .collect();
        let contig = Contig {
            sequence,
            ..Contig::default()
        };
        let genome = Genome::new("a", vec![contig]);
        let labels: Vec<Anchor> = (50..2_900)
            .step_by(97)
            .map(|position| Anchor {
                contig: 0,
                position,
                strand: Strand::Forward,
            })
            .collect();
        let config = Config {
            layers: 1,
            heads: 2,
            d_model: 8,
            d_head: 8,
            kernel: 3,
            classes: 2,
            context: 20,
            label_shift: 3,
        };
        let settings = Settings {
            streams: 4,
            steps: 50,
            warm_up: 5,
            peak_rate: 1e-3,
            near_labels: 0.5,
            // With dropout of codes both ways number distances from the longest segment.
            dropout: 0.0,
            first_deviation: 0.2,
            ..Settings::published(config)
        };
        let classes = Classes::new(&genome, &labels, config.label_shift);
        let corpus = Corpus::new(&genome, &[(0, Interval::new(0, 3_000))], &classes, 1);
        let state = State::new(&settings, None);
        let run = Run::new(&settings, &corpus, state.clone(), Processor::Cpu);
        let mut by_hand = run.unwrap();
        let mut by_burn = Run::new(&settings, &corpus, state, Processor::Cpu).unwrap();
        by_burn.engine = Engine::Burn(Device::flex().autodiff());
        for _ in 0..10 {
            let (a, b) = (by_hand.step(), by_burn.step());
            assert!((a.loss - b.loss).abs() < 1e-5, "{a:?} {b:?}");
            assert!((a.norm - b.norm).abs() < 1e-4, "{a:?} {b:?}");
        }
        #[cfg(not(feature = "gpu"))]
        assert_eq!(
            Engine::new(Processor::Gpu, &settings).err(),
            Some(ProcessorError::NotBuilt)
        );
    }
}
