//! A run on disk: everything that the next step depends on, in one file.
//!
//! The file is safetensors: the weights under their usual names, the optimiser's two running means,
//! and as metadata the settings and the count of steps. It is written under another name, synced
//! and renamed, so that a full disk or a killed process leaves the one before.

use super::adam::Adam;
use super::run::State;
use super::settings::Settings;
use crate::model::checkpoint::{self, CheckpointError, Overrides};
use crate::model::metadata::Metadata;
use crate::model::weights::Weights;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The metadata key of the run's own notes.
const NOTES: &str = "headlight.run";

/// Largest state that is read.
const MAX_BYTES: u64 = 1 << 30;

/// Largest header that is read: notes and the names of three tensors.
const MAX_HEADER_BYTES: u64 = 1 << 20;

/// The best validation so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Steps done then.
    pub step: u64,
    /// Its loss.
    pub loss: f64,
    /// Validations since without a better one.
    pub since: u64,
}

/// What is written beside the numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    /// The settings of the run.
    pub settings: Settings,
    /// SHA-256 of genome, labels and split: what the run learns from.
    pub inputs: String,
    /// Steps done.
    pub step: u64,
    /// Where the streams stand.
    pub position: u64,
    /// Updates of the optimiser, fewer than steps where gradients were not finite.
    pub updates: u64,
    /// The best validation so far.
    pub best: Option<Best>,
}

/// A state that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file cannot be read or written.
    #[error("{path} could not be {doing}; free space or choose another folder", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// `read` or `written`.
        doing: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The weights in it cannot be read.
    #[error("the state of the run is damaged; remove the folder and start anew")]
    Weights(#[from] CheckpointError),
    /// The rest of it cannot be read.
    #[error("{path} is no state of a training run: {problem}; remove it and start anew", path = path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// Writes `bytes` to `path` whole or not at all, and through to the disk.
///
/// # Errors
/// [`StateError::Io`].
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    checkpoint::write_atomically(path, bytes).map_err(|source| StateError::Io {
        path: path.to_owned(),
        doing: "written",
        source,
    })
}

/// Writes a run.
///
/// # Errors
/// [`StateError`] where the file cannot be written; the one before is whole then.
pub fn write_state(path: &Path, state: &State, notes: &Notes) -> Result<(), StateError> {
    let bytes = |numbers: &[f32]| -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect()
    };
    let damaged = |error: &dyn std::fmt::Display| StateError::Damaged {
        path: path.to_owned(),
        problem: error.to_string(),
    };
    let weights = checkpoint::safetensors_bytes(&state.weights, &Metadata::default());
    let (mean, square) = (bytes(&state.adam.mean), bytes(&state.adam.square));
    let view = |bytes| TensorView::new(Dtype::F32, vec![state.adam.mean.len()], bytes);
    let tensors = [
        ("adam.mean", view(&mean).map_err(|error| damaged(&error))?),
        (
            "adam.square",
            view(&square).map_err(|error| damaged(&error))?,
        ),
        (
            "weights",
            TensorView::new(Dtype::U8, vec![weights.len()], &weights)
                .map_err(|error| damaged(&error))?,
        ),
    ];
    let text = serde_json::to_string(notes).map_err(|error| damaged(&error))?;
    let metadata = HashMap::from([(NOTES.to_owned(), text)]);
    let bytes = safetensors::serialize(tensors, Some(metadata)).map_err(|error| damaged(&error))?;
    write_whole(path, &bytes)
}

/// Reads what is written beside the numbers, without the numbers.
///
/// # Errors
/// As [`read_state`].
pub fn read_notes(path: &Path) -> Result<Notes, StateError> {
    /// Length of the number before a header.
    const LENGTH: usize = 8;
    let damaged = |problem: String| StateError::Damaged {
        path: path.to_owned(),
        problem,
    };
    let read = || {
        let mut file = std::fs::File::open(path)?;
        let mut length = [0; LENGTH];
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > MAX_HEADER_BYTES {
            return Err(std::io::Error::other("its header is too large"));
        }
        let mut header = Vec::new();
        file.take(length).read_to_end(&mut header)?;
        Ok(header)
    };
    let header = read().map_err(|source| StateError::Io {
        path: path.to_owned(),
        doing: "read",
        source,
    })?;
    let header: serde_json::Value =
        serde_json::from_slice(&header).map_err(|error| damaged(error.to_string()))?;
    let text = header["__metadata__"][NOTES]
        .as_str()
        .ok_or_else(|| damaged("it has no notes of a run".to_owned()))?;
    serde_json::from_str(text).map_err(|error| damaged(error.to_string()))
}

/// Reads a run back.
///
/// # Errors
/// [`StateError`] for a file that [`write_state`] has not written, or that was damaged since.
pub fn read_state(path: &Path) -> Result<(State, Notes), StateError> {
    let damaged = |problem: String| StateError::Damaged {
        path: path.to_owned(),
        problem,
    };
    let read = || {
        let length = std::fs::metadata(path)?.len();
        if length > MAX_BYTES {
            return Err(std::io::Error::other("the file is too large"));
        }
        std::fs::read(path)
    };
    let bytes = read().map_err(|source| StateError::Io {
        path: path.to_owned(),
        doing: "read",
        source,
    })?;
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes)
        .map_err(|error| damaged(error.to_string()))?;
    let text = header.metadata().as_ref().and_then(|map| map.get(NOTES));
    let text = text.ok_or_else(|| damaged("it has no notes of a run".to_owned()))?;
    let notes: Notes = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
    let file = safetensors::SafeTensors::deserialize(&bytes)
        .map_err(|error| damaged(error.to_string()))?;
    let tensor = |name: &str| {
        file.tensor(name)
            .map_err(|error| damaged(error.to_string()))
    };
    let config = notes.settings.config;
    let overrides = Overrides {
        context: Some(config.context),
        label_shift: Some(config.label_shift),
    };
    let name = path.display().to_string();
    let weights: Weights =
        checkpoint::read_checkpoint_bytes(&name, tensor("weights")?.data(), overrides)?.weights;
    let numbers = |name: &str| -> Result<Vec<f32>, StateError> {
        let view = tensor(name)?;
        if view.dtype() != Dtype::F32 {
            return Err(damaged(format!("{name} is not f32")));
        }
        let four = view.data().chunks_exact(4);
        Ok(four
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect())
    };
    let adam = Adam {
        updates: notes.updates,
        mean: numbers("adam.mean")?,
        square: numbers("adam.square")?,
    };
    let fresh = Adam::new(&weights);
    if weights.config != config
        || fresh.mean.len() != adam.mean.len()
        || fresh.square.len() != adam.square.len()
    {
        return Err(damaged("its sizes do not fit its settings".to_owned()));
    }
    let state = State {
        step: notes.step,
        position: notes.position,
        weights,
        adam,
    };
    Ok((state, notes))
}
