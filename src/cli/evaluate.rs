//! `headlight evaluate`: how well a model predicts labels.

use super::inputs::{Inputs, PlaceInput};
use super::{output, with_progress};
use crate::genome::read::{Input, activity};
use crate::job::evaluate::{
    EvaluateError, Part, Region, Task, evaluate_with_curves, regions, write_curves,
};
use crate::job::train::{check_labels, fits, training_slices};
use crate::model::{Mode, Model, Overrides};
use crate::progress::{Cancel, Progress};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `headlight evaluate`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Labels: TSV, BED or GFF3
    #[arg(long, value_name = "FILE")]
    labels: PathBuf,
    #[command(flatten)]
    place: PlaceInput,
    /// Where: a locus (1-based, closed) or a gene [default: the part of the model's split that --part names]
    #[arg(long, value_name = "REGION", conflicts_with = "part")]
    locus: Option<String>,
    /// Which part of the model's split [default: test; the whole genome where the model states none]
    #[arg(long, value_enum)]
    part: Option<PartName>,
    /// Score as the original evaluation: both strands joined and cut into this many cold streams
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    streams: Option<u16>,
    /// Another model to compare with, block by block
    #[arg(long, value_name = "MODEL")]
    against: Option<PathBuf>,
    /// Measured activity of promoters to correlate with: a table with position, strand and activity, or a reporter library with its sequences
    #[arg(long, value_name = "FILE")]
    activity: Option<PathBuf>,
    /// Write the points of the curves (ROC, precision over recall, calibration) to this file as TSV, of which `headlight figure` draws panels of the kind curves
    #[arg(long, value_name = "FILE")]
    curves: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A part of the split, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum PartName {
    /// What the weights were fitted to.
    Training,
    /// What they were chosen by.
    Validation,
    /// What neither saw.
    Test,
    /// The whole genome.
    All,
}

impl From<PartName> for Part {
    fn from(name: PartName) -> Self {
        match name {
            PartName::Training => Self::Training,
            PartName::Validation => Self::Validation,
            PartName::Test => Self::Test,
            PartName::All => Self::All,
        }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, features) = arguments.inputs.open_genome()?;
    let model = arguments.inputs.model.open()?;
    let other = match &arguments.against {
        Some(path) => Some(Model::open(path, Overrides::default())?),
        None => None,
    };
    let labels = arguments
        .place
        .anchors(&arguments.labels, &genome)?
        .0
        .anchors;
    for warning in check_labels(&genome, &labels).warnings {
        eprintln!("warning: {warning}");
    }
    let mut measured = Vec::new();
    if let Some(path) = &arguments.activity {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let mut input = Input::open(path, &progress, &cancel)?;
        let (promoters, report) = activity::read(&mut input, &genome)?;
        eprintln!("{report}");
        measured = promoters;
    }
    let split = model.metadata.split.clone();
    let split = split.filter(|split| fits(&genome, split));
    let region = match &arguments.locus {
        Some(text) => Region::Locus(text.clone()),
        None => Region::Part(arguments.part.map(Part::from)),
    };
    let (slices, _) = regions(&region, &genome, &features, split.as_ref())?;
    let training = split.map_or_else(Vec::new, |split| training_slices(&genome, &split));
    let settings = arguments.inputs.model.settings(Mode::Faithful);
    let task = Task {
        genome: &genome,
        labels: &labels,
        slices: &slices,
        training: &training,
        settings: &settings,
        streams: arguments.streams.map(usize::from),
        activity: &measured,
    };
    let (found, curves) = with_progress("evaluating", |progress, cancel| {
        evaluate_with_curves(&task, &model, other.as_ref(), progress, cancel)
            .map_err(anyhow::Error::from_boxed)
    })?;
    if found.positives == 0 {
        return Err(EvaluateError::NoLabels.into());
    }
    if let Some(path) = &arguments.curves {
        output::write(Some(path), |out| Ok(write_curves(&curves, &found, out)?))?;
    }
    output::write(None, |out| {
        if arguments.json {
            writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
        } else {
            found.write(out)?;
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
