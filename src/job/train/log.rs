//! The log of a run: one JSON object a line.

use super::TrainError;
use crate::figure::curves::{Curve, Point, curves_chart};
use crate::figure::svg::svg;
use crate::figure::{BaseColors, Provenance, Sheet, Theme};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Entry {
    /// Means over the steps since the entry before.
    Steps {
        /// Steps done.
        step: u64,
        /// Mean loss.
        loss: f64,
        /// Mean norm of the gradient before clipping.
        norm: f64,
        /// Learning rate of the last step.
        rate: f64,
        /// Positions a second.
        positions_per_second: f64,
    },
    /// A validation.
    Validation {
        /// Steps done.
        step: u64,
        /// Mean focal loss.
        loss: f64,
        /// Area under the ROC curve.
        roc_auc: f64,
        /// Average precision.
        average_precision: f64,
        /// Whether the loss is the lowest so far; the model is kept then.
        best: bool,
    },
}

impl Entry {
    /// Steps done when it was written.
    #[must_use]
    pub fn step(&self) -> u64 {
        match self {
            Self::Steps { step, .. } | Self::Validation { step, .. } => *step,
        }
    }
}

/// The entries of a log; a line cut short by a crash is left out.
///
/// # Errors
/// [`TrainError::Io`] where the file cannot be read.
pub fn read_log(path: &Path) -> Result<Vec<Entry>, TrainError> {
    let text = std::fs::read_to_string(path).map_err(|source| TrainError::Io {
        path: path.to_owned(),
        doing: "read",
        source,
    })?;
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

/// A log that is being written.
pub(super) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the log and drops what was written after `step`, which will be done again.
    pub(super) fn open(path: &Path, step: u64) -> Result<Self, TrainError> {
        let failed = |source| TrainError::Io {
            path: path.to_owned(),
            doing: "written",
            source,
        };
        let kept: Vec<Entry> = if path.exists() {
            let entries = read_log(path)?;
            entries
                .into_iter()
                .filter(|entry| entry.step() <= step)
                .collect()
        } else {
            Vec::new()
        };
        let mut log = Self {
            path: path.to_owned(),
            file: File::create(path).map_err(failed)?,
        };
        kept.iter().try_for_each(|entry| log.add(entry))?;
        Ok(log)
    }

    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), TrainError> {
        let mut line = serde_json::to_string(entry).unwrap_or_default();
        line.push('\n');
        self.file
            .write_all(line.as_bytes())
            .map_err(|source| TrainError::Io {
                path: self.path.clone(),
                doing: "written",
                source,
            })
    }
}

/// Draws the log as a picture.
pub(super) fn draw(log: &Path, picture: &Path) -> Result<(), TrainError> {
    let entries = read_log(log)?;
    let point = |x: u64, y: f64| Point { x: x as f64, y };
    let (mut loss, mut validation, mut roc, mut precision) = (vec![], vec![], vec![], vec![]);
    for entry in &entries {
        match *entry {
            Entry::Steps { step, loss: y, .. } => loss.push(point(step, y)),
            Entry::Validation {
                step,
                loss: y,
                roc_auc,
                average_precision,
                ..
            } => {
                validation.push(point(step, y));
                roc.push(point(step, roc_auc));
                precision.push(point(step, average_precision));
            }
        }
    }
    let sheet = Sheet {
        width: 640.0,
        height: 560.0,
        theme: Theme::default(),
        base_colors: BaseColors::default(),
    };
    let curves = [
        Curve {
            name: "loss while training",
            points: &loss,
        },
        Curve {
            name: "loss on validation",
            points: &validation,
        },
        Curve {
            name: "ROC AUC on validation",
            points: &roc,
        },
        Curve {
            name: "average precision on validation",
            points: &precision,
        },
    ];
    let scene = curves_chart("steps", &curves, &sheet);
    crate::model::train::write_whole(picture, svg(&scene, &Provenance::default()).as_bytes())?;
    Ok(())
}
