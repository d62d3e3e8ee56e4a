//! `headlight evaluate`: how well a model predicts labels.

use super::inputs::{self, Inputs, PlaceInput};
use super::{output, with_progress};
use crate::genome::read::{Input, activity};
use crate::genome::{Genome, Interval};
use crate::job::evaluate::{Correlation, Evaluation, Measured, SENSITIVITY_BP, Task, evaluate};
use crate::job::train::{check_labels, slices, training_slices};
use crate::model::metadata::Split;
use crate::model::{Mode, Model, Overrides};
use crate::progress::{Cancel, Progress};
use clap::Args;
use std::io::Write;
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
    part: Option<Part>,
    /// Score as the original evaluation: both strands joined and cut into this many cold streams
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    streams: Option<u16>,
    /// Another model to compare with, block by block
    #[arg(long, value_name = "MODEL")]
    against: Option<PathBuf>,
    /// Measured activity of promoters to correlate with: a table with position, strand and activity, or a reporter library with its sequences
    #[arg(long, value_name = "FILE")]
    activity: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A part of the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// What the weights were fitted to.
    Training,
    /// What they were chosen by.
    Validation,
    /// What neither saw.
    Test,
    /// The whole genome.
    All,
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
    let split = split.filter(|split| genome.contig_index(&split.contig).is_some());
    let regions = match &arguments.locus {
        Some(text) => {
            let locus = inputs::locus(text, &genome, &features)?;
            vec![(locus.contig, locus.interval)]
        }
        None => part(&genome, split.as_ref(), arguments.part)?,
    };
    let training = split.map_or_else(Vec::new, |split| training_slices(&genome, &split));
    let settings = arguments.inputs.model.settings(Mode::Faithful);
    let task = Task {
        genome: &genome,
        labels: &labels,
        slices: &regions,
        training: &training,
        settings: &settings,
        streams: arguments.streams.map(usize::from),
        activity: &measured,
    };
    let found = with_progress("evaluating", |progress, cancel| {
        evaluate(&task, &model, other.as_ref(), progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    anyhow::ensure!(
        found.positives > 0,
        "no label lies in the evaluated region: nothing can be measured; choose another --locus, --part or --labels"
    );
    output::write(None, |out| {
        if arguments.json {
            writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
        } else {
            print(&found, out)?;
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn part(
    genome: &Genome,
    split: Option<&Split>,
    part: Option<Part>,
) -> anyhow::Result<Vec<(usize, Interval)>> {
    let all = || {
        let contigs = genome.contigs.iter().enumerate();
        contigs
            .map(|(index, contig)| (index, Interval::new(0, contig.len())))
            .collect()
    };
    Ok(match (split, part) {
        (_, Some(Part::All)) | (None, None) => all(),
        (None, Some(_)) => anyhow::bail!(
            "the model states no split on this genome: name a --locus, or leave --part out"
        ),
        (Some(split), Some(Part::Training)) => training_slices(genome, split),
        (Some(split), Some(Part::Validation)) => slices(genome, split, &split.validation),
        (Some(split), Some(Part::Test) | None) => slices(genome, split, &split.test),
    })
}

fn print(found: &Evaluation, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}", found.model)?;
    writeln!(
        out,
        "{} positives among {} positions, both strands in one ranking: rate {:.6}",
        found.positives, found.positions, found.positive_rate
    )?;
    writeln!(
        out,
        "\nper position\tROC AUC\t95 % interval\taverage precision\t95 % interval"
    )?;
    line(out, "model", &found.measured)?;
    if let Some(against) = &found.against {
        line(out, &against.model, &against.measured)?;
    }
    if let Some(matrix) = &found.matrix {
        line(out, "matrix −45…+14", matrix)?;
    }
    line(out, "random order", &found.random)?;
    if let Some(against) = &found.against {
        let (roc, precision) = (
            against.roc_auc_difference_interval,
            against.average_precision_difference_interval,
        );
        writeln!(
            out,
            "difference\t{:+.4}\t{:+.4} to {:+.4}\t{:+.5}\t{:+.5} to {:+.5}",
            against.roc_auc_difference,
            roc.low,
            roc.high,
            against.average_precision_difference,
            precision.low,
            precision.high
        )?;
    }
    writeln!(
        out,
        "\nby peak\twithin (bp)\taverage precision\tbest F1\trecall\tprecision"
    )?;
    let against = found
        .against
        .iter()
        .flat_map(|a| a.peaks.iter().map(|peak| (&*a.model, peak)));
    let rows = found.peaks.iter().map(|peak| ("model", peak));
    let matrix = found
        .matrix_peaks
        .iter()
        .map(|peak| ("matrix −45…+14", peak));
    for (name, peak) in rows.chain(against).chain(matrix) {
        writeln!(
            out,
            "{name}\t{}\t{:.4}\t{:.4}\t{:.4}\t{:.4}",
            peak.tolerance_bp, peak.average_precision, peak.f1, peak.recall, peak.precision
        )?;
    }
    writeln!(
        out,
        "\nprobability from\tto\tpositions\tmean predicted\tobserved"
    )?;
    for bin in &found.calibration {
        writeln!(
            out,
            "{}\t{}\t{}\t{:.5}\t{:.5}",
            bin.from, bin.to, bin.positions, bin.predicted, bin.observed
        )?;
    }
    if let Some(activity) = &found.activity {
        writeln!(
            out,
            "\nmeasured activity of {} promoters\tSpearman\t95 % interval",
            activity.promoters
        )?;
        correlated(out, "model", &activity.model)?;
        let nearby = format!("model, best within {SENSITIVITY_BP} bp");
        correlated(out, &nearby, &activity.model_nearby)?;
        if let Some(matrix) = &activity.matrix {
            correlated(out, "matrix −45…+14", matrix)?;
        }
        if let Some(matrix) = &activity.matrix_nearby {
            let nearby = format!("matrix, best within {SENSITIVITY_BP} bp");
            correlated(out, &nearby, matrix)?;
        }
    }
    Ok(())
}

fn correlated(out: &mut dyn Write, name: &str, found: &Correlation) -> std::io::Result<()> {
    match found.spearman {
        Some(value) => writeln!(
            out,
            "{name}\t{value:+.3}\t{:+.3} to {:+.3}",
            found.interval.low, found.interval.high
        ),
        None => writeln!(out, "{name}\tNA\tNA"),
    }
}

fn line(out: &mut dyn Write, name: &str, measured: &Measured) -> std::io::Result<()> {
    let (roc, precision) = (
        measured.roc_auc_interval,
        measured.average_precision_interval,
    );
    writeln!(
        out,
        "{name}\t{:.4}\t{:.4} to {:.4}\t{:.5}\t{:.5} to {:.5}",
        measured.roc_auc,
        roc.low,
        roc.high,
        measured.average_precision,
        precision.low,
        precision.high
    )
}
