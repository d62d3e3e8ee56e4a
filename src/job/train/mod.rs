//! Training as a job: steps, validations, the log, the best model, and going on where it stopped.
//!
//! The folder holds `state.safetensors` (all that the next step depends on), `model.safetensors`
//! (the best model so far), `log.jsonl` (one JSON object a line) and `curves.svg`.

mod check;
mod error;
mod folder;
mod log;
mod plan;
mod split;
mod window;

pub use check::{LabelReport, check_labels};
pub use error::TrainError;
pub use folder::{RunFolder, Watch, is_training_run};
pub use log::{Entry, read_log};
pub use plan::{Plan, Preset, TrainRequest, TrainingSpeed, metadata};
pub use split::{chosen_split, fits, slices, split, training_slices, within};

use super::scoring;
use crate::genome::{Anchor, Genome};
use crate::model::checkpoint;
use crate::model::metadata::{Metadata, Score, Split};
use crate::model::train::{
    Best, Classes, Corpus, Notes, Processor, Run, Settings, State, read_state, write_state,
};
use crate::model::{self, Kernel, Weights};
use crate::progress::{Cancel, Cancelled, Progress};
use log::Log;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use window::Window;

/// Steps between lines of the log.
const LOG_EVERY: u64 = 50;

/// The run is saved at least this often.
const SAVE_AFTER: Duration = Duration::from_mins(2);

/// The state of a run in its folder.
pub const STATE: &str = "state.safetensors";
/// The best model so far in a run's folder.
pub const MODEL: &str = "model.safetensors";
/// The log in a run's folder.
pub const LOG: &str = "log.jsonl";
/// The picture of the log.
pub const CURVES: &str = "curves.svg";

/// What to train.
#[derive(Clone, Debug)]
pub struct Task<'a> {
    /// The genome.
    pub genome: &'a Genome,
    /// Its labels.
    pub labels: &'a [Anchor],
    /// Which parts are learned from, choose and test.
    pub split: &'a Split,
    /// The settings.
    pub settings: &'a Settings,
    /// Weights to begin with instead of random ones; of the settings' sizes.
    pub start: Option<&'a Weights>,
    /// Where to compute.
    pub processor: Processor,
    /// What the best model says about itself; split, scores and training are filled in.
    pub metadata: &'a Metadata,
    /// The run's folder; made where it is missing.
    pub folder: &'a Path,
}

/// What happens during a run, for whoever shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A run was found in the folder; this many steps are done.
    Resumed(u64),
    /// An entry of the log.
    Entry(Entry),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Steps done.
    pub steps: u64,
    /// The best validation, and so the model.
    pub best: Option<Best>,
    /// Whether it ended because validation got no better.
    pub stopped_early: bool,
    /// Where the best model is.
    pub model: PathBuf,
}

impl Trained {
    /// How it ended, in a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        let early = if self.stopped_early {
            ", when validation got no better"
        } else {
            ""
        };
        let best = self.best.map_or_else(String::new, |best| {
            format!(
                " The best validation loss, {:.6}, came after {} steps.",
                best.loss, best.step
            )
        });
        format!("Training ended after {} steps{early}.{best}", self.steps)
    }
}

/// Trains until the last step, early stop, divergence or cancellation, which saves the run.
///
/// `progress` counts steps. The same settings, inputs and folder go on where a run stopped, and
/// give the same weights, bit for bit, as a run that never did.
///
/// # Errors
/// [`TrainError`], in words for people.
pub fn train(
    task: &Task<'_>,
    tell: &mut dyn FnMut(&Event),
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Trained, TrainError> {
    task.settings.check()?;
    if task
        .start
        .is_some_and(|start| start.config != task.settings.config)
    {
        return Err(TrainError::Start);
    }
    let training = Training::open(task)?;
    progress.set_total(task.settings.steps);
    if training.notes.step > 0 {
        progress.advance(training.notes.step);
        tell(&Event::Resumed(training.notes.step));
    }
    training.go_on(tell, progress, cancel)
}

/// A run under way.
struct Training<'a> {
    task: &'a Task<'a>,
    classes: Classes,
    corpus: Corpus,
    state: State,
    notes: Notes,
    log: Log,
    /// Held as long as the run goes on.
    _lock: std::fs::File,
}

impl<'a> Training<'a> {
    fn open(task: &'a Task<'a>) -> Result<Self, TrainError> {
        let (genome, settings) = (task.genome, task.settings);
        let learned = training_slices(genome, task.split);
        let chosen = slices(genome, task.split, &task.split.validation);
        for (part, slices) in [("training", &learned), ("validation", &chosen)] {
            let found: usize = slices.iter().map(|(_, interval)| 2 * interval.len()).sum();
            let expected = 2 * settings.longest() * settings.streams;
            if part == "training" && found < expected || found == 0 {
                return Err(TrainError::TooShort {
                    part,
                    found,
                    expected,
                });
            }
            if within(task.labels, slices).is_empty() {
                return Err(TrainError::NoLabels {
                    part,
                    count: task.labels.len(),
                });
            }
        }
        let classes = Classes::new(genome, task.labels, settings.config.label_shift);
        let corpus = Corpus::new(genome, &learned, &classes, settings.config.kernel_reach());
        std::fs::create_dir_all(task.folder).map_err(|source| TrainError::Io {
            path: task.folder.to_owned(),
            doing: "made",
            source,
        })?;
        let lock = lock(task.folder)?;
        let inputs = inputs(task);
        let path = task.folder.join(STATE);
        let (state, notes) = if path.exists() {
            let (state, notes) = read_state(&path)?;
            if let Some(what) = difference(&notes, settings, &inputs) {
                return Err(TrainError::OtherRun {
                    folder: task.folder.to_owned(),
                    what,
                });
            }
            (state, notes)
        } else {
            let notes = Notes {
                settings: settings.clone(),
                inputs,
                step: 0,
                position: 0,
                updates: 0,
                best: None,
            };
            (State::new(settings, task.start), notes)
        };
        let log = Log::open(&task.folder.join(LOG), notes.step)?;
        Ok(Self {
            task,
            classes,
            corpus,
            state,
            notes,
            log,
            _lock: lock,
        })
    }

    fn go_on(
        self,
        tell: &mut dyn FnMut(&Event),
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Trained, TrainError> {
        let Self {
            task,
            classes,
            corpus,
            state,
            mut notes,
            mut log,
            _lock,
        } = self;
        let settings = task.settings;
        let mut run = Run::new(settings, &corpus, state, task.processor)?;
        let (mut saved, mut saved_at) = (notes.step, Instant::now());
        let mut window = Window::new(notes.step);
        let no_better = |notes: &Notes| {
            let since = notes.best.map_or(0, |best| best.since);
            settings.patience > 0 && since >= settings.patience
        };
        let mut stopped_early = no_better(&notes);
        while run.state.step < settings.steps && !stopped_early {
            if cancel.is_cancelled() {
                save(task, &run.state, &mut notes)?;
                return Err(Cancelled.into());
            }
            let next = run.state.step + 1;
            if saved < run.state.step && next.is_multiple_of(settings.validate_every) {
                // A validation that is stopped takes its step back, and nothing else.
                save(task, &run.state, &mut notes)?;
                (saved, saved_at) = (run.state.step, Instant::now());
            }
            let report = run.step();
            let step = run.state.step;
            window.add(&report);
            if !report.loss.is_finite() || !report.norm.is_finite() || window.diverged(settings) {
                return Err(TrainError::Diverged { step, saved });
            }
            progress.advance(1);
            if step.is_multiple_of(LOG_EVERY) || step == settings.steps {
                let entry = window.take(step, &report);
                log.add(&entry)?;
                tell(&Event::Entry(entry));
            }
            let validates = step.is_multiple_of(settings.validate_every) || step == settings.steps;
            if validates {
                let entry = validate(task, &classes, &run.state, &mut notes, cancel);
                let entry = match entry {
                    Err(TrainError::Cancelled(_)) => {
                        // The step is taken back, so that going on validates.
                        return Err(Cancelled.into());
                    }
                    other => other?,
                };
                log.add(&entry)?;
                let _ = log::draw(&task.folder.join(LOG), &task.folder.join(CURVES));
                tell(&Event::Entry(entry));
                stopped_early = no_better(&notes);
            }
            if validates || saved_at.elapsed() > SAVE_AFTER {
                save(task, &run.state, &mut notes)?;
                (saved, saved_at) = (step, Instant::now());
            }
        }
        Ok(Trained {
            steps: run.state.step,
            best: notes.best,
            stopped_early,
            model: task.folder.join(MODEL),
        })
    }
}

fn save(task: &Task<'_>, state: &State, notes: &mut Notes) -> Result<(), TrainError> {
    notes.step = state.step;
    notes.position = state.position;
    notes.updates = state.adam.updates;
    Ok(write_state(&task.folder.join(STATE), state, notes)?)
}

/// Scores the validation slices and keeps the model where its loss is the best so far.
fn validate(
    task: &Task<'_>,
    classes: &Classes,
    state: &State,
    notes: &mut Notes,
    cancel: &Cancel,
) -> Result<Entry, TrainError> {
    let kernel = Kernel::new(&state.weights);
    let chosen = slices(task.genome, task.split, &task.split.validation);
    let scored = scoring::score(
        &kernel,
        task.genome,
        &chosen,
        classes,
        &model::Settings::default(),
        &Progress::default(),
        cancel,
    )?;
    let (loss, curves) = scoring::summary(&scored, task.settings.gamma);
    let better = notes.best.is_none_or(|best| loss < best.loss);
    if better {
        let score = |measure: &str, value: f64| Score {
            measure: measure.to_owned(),
            part: "validation, both strands".to_owned(),
            value: (value * 1e5).round() / 1e5,
        };
        let metadata = Metadata {
            split: Some(task.split.clone()),
            scores: vec![
                score("ROC AUC", curves.roc_auc),
                score("average precision", curves.average_precision),
            ],
            training: Some(description(task.settings, state.step)),
            ..task.metadata.clone()
        };
        checkpoint::write_safetensors(&task.folder.join(MODEL), &state.weights, &metadata)?;
        notes.best = Some(Best {
            step: state.step,
            loss,
            since: 0,
        });
    } else if let Some(best) = &mut notes.best {
        best.since += 1;
    }
    Ok(Entry::Validation {
        step: state.step,
        loss,
        roc_auc: curves.roc_auc,
        average_precision: curves.average_precision,
        best: better,
    })
}

/// The settings in words.
fn description(settings: &Settings, step: u64) -> String {
    let near = if settings.near_labels > 0.0 {
        format!(
            ", {:.0} % of segments drawn around labels with importance weights",
            100.0 * settings.near_labels
        )
    } else {
        String::new()
    };
    format!(
        "headlight train: Adam, peak learning rate {:e}, {} warm-up steps, cosine to {} steps, {} streams of segments of about {}{near}, dropout {}, focal loss gamma {}, seed {}; the weights after {step} steps",
        settings.peak_rate,
        settings.warm_up,
        settings.steps,
        settings.streams,
        settings.config.context,
        settings.dropout,
        settings.gamma,
        settings.seed,
    )
}

/// SHA-256 over what a run learns from.
fn inputs(task: &Task<'_>) -> String {
    let mut hash = Sha256::new();
    hash.update(&task.genome.checksum);
    for label in task.labels {
        hash.update(format!(
            "{} {} {}\n",
            label.contig, label.position, label.strand
        ));
    }
    hash.update(serde_json::to_string(task.split).unwrap_or_default());
    for number in task
        .start
        .iter()
        .flat_map(|start| start.learned())
        .flatten()
    {
        hash.update(number.to_le_bytes());
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What a run in the folder was asked otherwise.
fn difference(notes: &Notes, settings: &Settings, inputs: &str) -> Option<String> {
    if notes.inputs != inputs {
        return Some("genome, labels, split or first weights".to_owned());
    }
    let fields = |settings: &Settings| match serde_json::to_value(settings) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::default(),
    };
    let (before, now) = (fields(&notes.settings), fields(settings));
    now.into_iter()
        .find(|(name, value)| before.get(name) != Some(value))
        .map(|(name, value)| {
            let before = before
                .get(&name)
                .map(ToString::to_string)
                .unwrap_or_default();
            format!("settings ({name} {before}, now {value})")
        })
}

fn lock(folder: &Path) -> Result<std::fs::File, TrainError> {
    let path = folder.join("lock");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|source| TrainError::Io {
            path,
            doing: "written",
            source,
        })?;
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => Err(TrainError::Busy(folder.to_owned())),
        // Where a file system knows no locks nobody can be warned.
        Err(std::fs::TryLockError::Error(_)) | Ok(()) => Ok(file),
    }
}
