//! `headlight report`: one self-contained page about every head.

use super::inputs::Inputs;
use super::predict::probability;
use super::{output, with_progress};
use crate::analysis::anchors::PeakRule;
use crate::analysis::control::Permutations;
use crate::job::figure::provenance;
use crate::job::findings::{HeadsRequest, PREDICTED};
use crate::job::open::anchor_file;
use crate::job::report::{HeadTable, ReportRequest, TableKind, WINDOWS, report};
use crate::model::Mode;
use crate::progress::{Cancel, Progress};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `headlight report`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Start sites: BED, GFF3 or a table [default: the model's own top predictions in a sampled region]
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// Without --anchors: the least probability of a predicted start site
    #[arg(long, value_name = "P", default_value_t = PREDICTED.min_probability, value_parser = probability, conflicts_with = "anchors")]
    threshold: f32,
    /// Without --anchors: the most predicted start sites, the most likely first
    #[arg(long, value_name = "N", default_value_t = PREDICTED.count as u32, value_parser = clap::value_parser!(u32).range(1..=1_000_000), conflicts_with = "anchors")]
    count: u32,
    /// Permutations of the positional control; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    permutations: u32,
    /// Seed of the permutations
    #[arg(long, value_name = "N", default_value_t = Permutations::default().seed)]
    seed: u64,
    /// Known motifs that the heads resemble: the table of `headlight name`
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// Attention at known sites: the table of `headlight compare`
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// What happens without a head: the table of `headlight ablate`
    #[arg(long, value_name = "FILE")]
    ablate: Option<PathBuf>,
    /// Peaks where nothing is known: the table of `headlight novel`
    #[arg(long, value_name = "FILE")]
    novel: Option<PathBuf>,
    /// Windows listed for each head
    #[arg(long, value_name = "N", default_value_t = WINDOWS as u32, value_parser = clap::value_parser!(u32).range(..=1_000))]
    windows: u32,
    /// The page [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, _) = arguments.inputs.open_genome()?;
    let model = arguments.inputs.model.open()?;
    // Everything that can be wrong is told before the long work.
    let mut tables = Vec::new();
    for (kind, path) in [
        (TableKind::Names, &arguments.names),
        (TableKind::Compare, &arguments.compare),
        (TableKind::Ablate, &arguments.ablate),
        (TableKind::Novel, &arguments.novel),
    ] {
        if let Some(path) = path {
            let (progress, cancel) = (Progress::default(), Cancel::default());
            let shape = model.head_shape();
            tables.push(HeadTable::read(kind, path, shape, &progress, &cancel)?);
        }
    }
    let anchors = match &arguments.anchors {
        Some(path) => {
            let (file, _) = with_progress("reading the start sites", |progress, cancel| {
                anchor_file(path, &genome, progress, cancel).map_err(anyhow::Error::from_boxed)
            })?;
            Some(Arc::new(file))
        }
        None => None,
    };
    let mode = arguments.inputs.model.settings(Mode::Seamless).mode;
    let mut details = vec![
        (
            "start sites",
            anchors.as_ref().map_or_else(
                || "predicted by the model itself".to_owned(),
                |file| file.name.clone(),
            ),
        ),
        ("permutations", arguments.permutations.to_string()),
        ("seed", arguments.seed.to_string()),
        ("mode", mode.to_string()),
    ];
    details.extend(tables.iter().map(|table| ("table", table.name.clone())));
    let request = ReportRequest {
        provenance: provenance(&genome, &model, &details),
        heads: HeadsRequest {
            genome: Arc::new(genome),
            model: Arc::new(model),
            anchors,
            predicted: PeakRule {
                min_probability: arguments.threshold,
                count: arguments.count as usize,
                ..PREDICTED
            },
            permutations: Permutations {
                count: arguments.permutations as usize,
                seed: arguments.seed,
            },
            mode,
        },
        tables,
        windows: arguments.windows as usize,
    };
    let page = with_progress("heads", |progress, cancel| {
        report(&request, progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    output::write(arguments.output.as_deref(), |out| {
        Ok(out.write_all(page.as_bytes())?)
    })?;
    Ok(ExitCode::SUCCESS)
}
