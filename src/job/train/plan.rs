//! A run as somebody plans it, before there is a genome to run it on.

use super::split::{chosen_split, slices, training_slices};
use super::{Event, Task, TrainError, Trained, train};
use crate::genome::{Genome, Interval};
use crate::job::estimate::rate;
use crate::job::open::AnchorFile;
use crate::job::{JobError, scoring};
use crate::model::metadata::{Metadata, Split};
use crate::model::train::{Classes, Corpus, Processor, Run, Settings, State};
use crate::model::{self, Config, Kernel, Model};
use crate::progress::{Cancel, Progress};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Settings to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// A network that learns something within minutes.
    Small,
    /// The sizes of the embedded model, and about its training.
    Embedded,
    /// As published: hours to days on a processor.
    Published,
}

impl Preset {
    /// All of them, the quickest first.
    pub const ALL: [Self; 3] = [Self::Small, Self::Embedded, Self::Published];

    /// What it is called.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Small => "small: 2 layers x 4 heads, context 64",
            Self::Embedded => "as the embedded model: 6 x 6, context 128",
            Self::Published => "as published: 6 x 6, context 512",
        }
    }

    /// Its settings.
    #[must_use]
    pub fn settings(self) -> Settings {
        let wide = Config {
            layers: 6,
            heads: 6,
            d_model: 32,
            d_head: 32,
            kernel: 7,
            classes: 2,
            context: 512,
            label_shift: 20,
        };
        let published = Settings::published(wide);
        let quick = Settings {
            peak_rate: 1e-3,
            streams: 20,
            near_labels: 0.5,
            first_deviation: 0.1,
            warm_up: 300,
            validate_every: 500,
            ..published.clone()
        };
        match self {
            Self::Published => published,
            Self::Embedded => Settings {
                config: Config {
                    context: 128,
                    ..wide
                },
                steps: 6_000,
                ..quick
            },
            Self::Small => Settings {
                config: Config {
                    layers: 2,
                    heads: 4,
                    d_model: 32,
                    d_head: 16,
                    context: 64,
                    ..wide
                },
                steps: 2_000,
                warm_up: 100,
                peak_rate: 3e-3,
                ..quick
            },
        }
    }
}

/// A run as it is planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The settings.
    pub settings: Settings,
    /// Where on the longest contig the training part of the split begins, 0-based; as the embedded model on
    /// its genome, or at the first base, where nothing is said.
    pub split_start: Option<usize>,
    /// Whether to begin with the weights of the open model instead of random ones.
    pub from_open_model: bool,
    /// A few words that name the model; may be empty.
    pub name: String,
    /// The run's folder.
    pub folder: PathBuf,
}

/// A run on what is open.
#[derive(Clone, Debug)]
pub struct TrainRequest {
    /// The plan.
    pub plan: Plan,
    /// The genome.
    pub genome: Arc<Genome>,
    /// Its labels.
    pub labels: Arc<AnchorFile>,
    /// The model whose weights to begin with.
    pub start: Option<Arc<Model>>,
    /// Which parts are learned from, choose and test.
    pub split: Split,
}

/// How fast a run goes on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingSpeed {
    /// Steps a second.
    pub steps: f64,
    /// Outputs of a validation a second.
    pub validated: f64,
}

/// What a model says about itself that learned `labels`; split, scores and training are filled in later.
#[must_use]
pub fn metadata(labels: &AnchorFile) -> Metadata {
    Metadata {
        label_set: Some(format!(
            "{} labels of {}",
            labels.anchors.len(),
            labels.name
        )),
        source: Some("headlight train".to_owned()),
        ..Metadata::default()
    }
}

impl TrainRequest {
    /// The split that is used: the planned one, or that of the `embedded` model on its own genome.
    #[must_use]
    pub fn split_of(plan: &Plan, genome: &Genome, embedded: Option<Split>) -> Split {
        chosen_split(genome, plan.split_start, embedded)
    }

    /// Trains, or goes on where a run of the same settings in the folder stopped. `progress` counts steps.
    ///
    /// # Errors
    /// [`TrainError`]; a run that was stopped as [`Cancelled`](crate::progress::Cancelled).
    pub fn run(
        &self,
        tell: &mut dyn FnMut(&Event),
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Trained, JobError> {
        let name = self.plan.name.trim();
        let task = Task {
            genome: &self.genome,
            labels: &self.labels.anchors,
            split: &self.split,
            settings: &self.plan.settings,
            start: self.start.as_ref().map(|model| &model.weights),
            processor: Processor::Cpu,
            metadata: &Metadata {
                name: (!name.is_empty()).then(|| name.to_owned()),
                ..metadata(&self.labels)
            },
            folder: &self.plan.folder,
        };
        train(&task, tell, progress, cancel).map_err(|error| match error {
            TrainError::Cancelled(cancelled) => cancelled.into(),
            other => other.into(),
        })
    }

    /// Bases of both strands that are learned from, and of those that every validation scores.
    #[must_use]
    pub fn bases(&self) -> (usize, usize) {
        let of = |slices: Vec<(usize, Interval)>| -> usize {
            slices.iter().map(|(_, interval)| 2 * interval.len()).sum()
        };
        let genome = &self.genome;
        (
            of(training_slices(genome, &self.split)),
            of(slices(genome, &self.split, &self.split.validation)),
        )
    }

    /// Measures how fast it goes, for about half a second and at least one step, on the caller's threads.
    /// Nothing is written.
    ///
    /// # Errors
    /// [`TrainError`] of settings that cannot be used, and when it was cancelled.
    pub fn measure(&self, cancel: &Cancel) -> Result<TrainingSpeed, JobError> {
        /// Bases that are enough to take steps on.
        const ENOUGH_BP: usize = 100_000;
        let (genome, settings) = (&*self.genome, &self.plan.settings);
        settings.check()?;
        let mut slices: Vec<(usize, Interval)> = Vec::new();
        let mut left = ENOUGH_BP.max(2 * settings.longest() * settings.streams);
        for (contig, interval) in training_slices(genome, &self.split) {
            let count = interval.len().min(left);
            left -= count;
            slices.push((
                contig,
                Interval::new(interval.start, interval.start + count),
            ));
        }
        let labels = &self.labels.anchors;
        let classes = Classes::new(genome, labels, settings.config.label_shift);
        let corpus = Corpus::new(genome, &slices, &classes, settings.config.kernel_reach());
        if corpus.len() < 2 * settings.longest() {
            return Err(TrainError::TooShort {
                part: "training",
                found: corpus.len(),
                expected: 2 * settings.longest(),
            }
            .into());
        }
        let state = State::new(settings, None);
        let kernel = Kernel::new(&state.weights);
        let mut run = Run::new(settings, &corpus, state, Processor::Cpu)?;
        let steps = rate(cancel, |size| {
            for _ in 0..size {
                cancel.check()?;
                run.step();
            }
            Ok(size)
        })?;
        let (contig, interval) = slices[0];
        let validated = rate(cancel, |size| {
            let end = interval.end.min(interval.start + 1_024 * size);
            let part = [(contig, Interval::new(interval.start, end))];
            let (settings, silent) = (model::Settings::default(), Progress::default());
            scoring::score(&kernel, genome, &part, &classes, &settings, &silent, cancel)?;
            Ok(2 * part[0].1.len())
        })?;
        Ok(TrainingSpeed { steps, validated })
    }

    /// About how long all steps and validations take at this speed.
    #[must_use]
    pub fn takes(&self, speed: TrainingSpeed) -> Duration {
        let settings = &self.plan.settings;
        let validations = settings.steps.div_ceil(settings.validate_every.max(1)) as f64;
        let (_, validated) = self.bases();
        let seconds = settings.steps as f64 / speed.steps.max(1e-9)
            + validations * validated as f64 / speed.validated.max(1e-9);
        Duration::from_secs_f64(seconds.clamp(0.0, 1e9))
    }
}
