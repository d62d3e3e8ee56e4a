//! An evaluation as a window asks for it, and the region that both it and the command line mean.

use super::{Evaluation, NamedPoints, Task, evaluate_with_curves};
use crate::genome::find;
use crate::genome::{FeatureSet, Genome, Interval};
use crate::job::open::AnchorFile;
use crate::job::train::{fits, slices, training_slices};
use crate::job::{JobError, example};
use crate::model::checkpoint::{CheckpointError, Overrides};
use crate::model::metadata::Split;
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Progress};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A part of a model's split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// What the weights were fitted to.
    Training,
    /// What they were chosen by.
    Validation,
    /// What neither saw.
    Test,
    /// The whole genome.
    All,
}

impl Part {
    /// All of them, in the order of choosing less and less.
    pub const ALL: [Self; 4] = [Self::Test, Self::Validation, Self::Training, Self::All];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Training => "training part",
            Self::Validation => "validation part",
            Self::Test => "test part",
            Self::All => "whole genome",
        })
    }
}

/// Where a model is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Region {
    /// A part of its split; where none is named the test part, or the whole genome where the model
    /// states no split on it.
    Part(Option<Part>),
    /// A place, as people write it.
    Locus(String),
}

impl Default for Region {
    fn default() -> Self {
        Self::Part(None)
    }
}

/// Another model, which the open one is compared with on the same draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherModel {
    /// The embedded one.
    Embedded,
    /// A checkpoint.
    File(PathBuf),
}

impl OtherModel {
    /// Opens it, as `headlight evaluate --against` does.
    ///
    /// # Errors
    /// What is wrong with the checkpoint.
    pub fn open(&self) -> Result<Model, CheckpointError> {
        match self {
            Self::Embedded => example::model(Overrides::default()),
            // A typed path may have spaces at its ends.
            Self::File(path) => {
                let typed = path.to_str().map(|text| Path::new(text.trim()));
                Model::open(typed.unwrap_or(path), Overrides::default())
            }
        }
    }
}

impl fmt::Display for OtherModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("the embedded model"),
            // Models of runs are all called the same: their folders tell them apart.
            Self::File(path) => {
                let folder = path.parent().and_then(|folder| folder.file_name());
                let name = path.file_name().unwrap_or_default();
                if let Some(folder) = folder {
                    write!(f, "{}/", folder.display())?;
                }
                write!(f, "{}", name.display())
            }
        }
    }
}

/// An evaluation cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The model does not say what it was trained on.
    #[error(
        "the model states no split on this genome: name a place (--locus) instead of a part, or leave --part out"
    )]
    NoSplit,
    /// There is nothing to rank.
    #[error(
        "no label lies in the evaluated region: nothing can be measured; choose another place (--locus), another part (--part) or other labels (--labels)"
    )]
    NoLabels,
    /// The place is not to be found.
    #[error(transparent)]
    Place(#[from] find::FindError),
}

/// The slices of `genome` that `region` means, for a model of this `split`, and their words.
///
/// # Errors
/// [`EvaluateError::NoSplit`] and [`EvaluateError::Place`].
pub fn regions(
    region: &Region,
    genome: &Genome,
    features: &FeatureSet,
    split: Option<&Split>,
) -> Result<(Vec<(usize, Interval)>, String), EvaluateError> {
    let split = split.filter(|split| fits(genome, split));
    let part = match region {
        Region::Locus(text) => {
            let locus = find::find(text, genome, features)?;
            let words = format!("{}:{}", genome.contigs[locus.contig].name, locus.interval);
            return Ok((vec![(locus.contig, locus.interval)], words));
        }
        Region::Part(None) if split.is_none() => Part::All,
        Region::Part(part) => part.unwrap_or(Part::Test),
    };
    let chosen = match (split, part) {
        (_, Part::All) => {
            let contigs = genome.contigs.iter().enumerate();
            contigs
                .map(|(index, contig)| (index, Interval::new(0, contig.len())))
                .collect()
        }
        (None, _) => return Err(EvaluateError::NoSplit),
        (Some(split), Part::Training) => training_slices(genome, split),
        (Some(split), Part::Validation) => slices(genome, split, &split.validation),
        (Some(split), Part::Test) => slices(genome, split, &split.test),
    };
    Ok((chosen, part.to_string()))
}

/// What a window evaluates.
#[derive(Clone, Debug)]
pub struct EvaluateRequest {
    /// The genome.
    pub genome: Arc<Genome>,
    /// Its annotation, for places that are named by a gene.
    pub features: Arc<FeatureSet>,
    /// The model.
    pub model: Arc<Model>,
    /// Labels.
    pub labels: Arc<AnchorFile>,
    /// Where.
    pub region: Region,
    /// Another model to compare with, block by block.
    pub against: Option<OtherModel>,
}

/// What an evaluation has brought, with its curves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// Where, in words.
    pub region: String,
    /// The labels, in words.
    pub labels: String,
    /// The numbers.
    pub evaluation: Evaluation,
    /// The points of the curves.
    pub curves: Vec<NamedPoints>,
}

impl EvaluateRequest {
    /// Contigs and intervals, with their words.
    ///
    /// # Errors
    /// As [`regions`].
    pub fn slices(&self) -> Result<(Vec<(usize, Interval)>, String), EvaluateError> {
        let split = self.model.metadata.split.as_ref();
        regions(&self.region, &self.genome, &self.features, split)
    }

    /// Runs it, as `headlight evaluate` does. `progress` counts outputs.
    ///
    /// # Errors
    /// [`EvaluateError`], and when it was cancelled.
    pub fn run(&self, progress: &Progress, cancel: &Cancel) -> Result<Evaluated, JobError> {
        let (slices, words) = self.slices()?;
        let other = self.against.as_ref().map(OtherModel::open).transpose()?;
        let split = self.model.metadata.split.as_ref();
        let known = split.filter(|split| fits(&self.genome, split));
        let training = known.map_or_else(Vec::new, |split| training_slices(&self.genome, split));
        let task = Task {
            genome: &self.genome,
            labels: &self.labels.anchors,
            slices: &slices,
            training: &training,
            settings: &Settings::with_mode(Mode::Faithful),
            streams: None,
            activity: &[],
        };
        let (evaluation, curves) =
            evaluate_with_curves(&task, &self.model, other.as_ref(), progress, cancel)?;
        if evaluation.positives == 0 {
            return Err(EvaluateError::NoLabels.into());
        }
        Ok(Evaluated {
            region: words,
            labels: self.labels.name.clone(),
            evaluation,
            curves,
        })
    }
}
