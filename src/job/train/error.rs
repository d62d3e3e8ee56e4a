//! Why training cannot begin or go on.

use crate::model::checkpoint::CheckpointError;
use crate::model::train::{ProcessorError, SettingsError, StateError};
use crate::progress::Cancelled;
use std::path::PathBuf;

/// Why training cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no such processor.
    #[error(transparent)]
    Processor(#[from] ProcessorError),
    /// The weights to begin with are of another network.
    #[error(
        "the model to begin with has other sizes than the settings; give its --layers, --heads, --d-model, --d-head, --kernel, --context and --label-shift"
    )]
    Start,
    /// A part of the split has no label.
    #[error(
        "no label lies in the {part} part of the split ({count} labels in all): choose another start of the split (--split-start), or labels of this genome"
    )]
    NoLabels {
        /// Which part.
        part: &'static str,
        /// Labels in all.
        count: usize,
    },
    /// The genome is too short.
    #[error("the {part} part of the split has {found} bases: expected at least {expected}")]
    TooShort {
        /// Which part.
        part: &'static str,
        /// Bases of both strands.
        found: usize,
        /// Bases needed.
        expected: usize,
    },
    /// The folder holds another run.
    #[error(
        "{folder} holds a run with other {what}; choose another folder, or the same settings to go on", folder = folder.display()
    )]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        what: String,
    },
    /// There is no run.
    #[error(
        "{folder} holds no training run: expected a folder with state.safetensors or log.jsonl, as `headlight train -o` makes it", folder = .0.display()
    )]
    NoRun(PathBuf),
    /// Another process trains in the folder.
    #[error("another process is training in {folder}; stop it or choose another folder", folder = .0.display())]
    Busy(PathBuf),
    /// A file cannot be read or written.
    #[error("{path} could not be {doing}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// `read` or `written`.
        doing: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The model cannot be written.
    #[error(transparent)]
    Model(#[from] CheckpointError),
    /// The loss has left all bounds.
    #[error(
        "the loss diverged at step {step}; the last good state ({saved} steps) and the best model are in the folder: lower the peak learning rate (--peak-rate) or raise the warm-up (--warm-up) in a new run"
    )]
    Diverged {
        /// The step.
        step: u64,
        /// Steps of the state in the folder.
        saved: u64,
    },
    /// Somebody stopped it; the state is saved.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
