//! `headlight run`: the model over the whole genome, kept on disk.

use super::inputs::{Inputs, PlaceInput};
use super::with_progress;
use crate::attention::store::{MANIFEST, Statistic};
use crate::genome::locus::grouped;
use crate::job::genome_run::GenomeRun;
use crate::model::Mode;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `headlight run`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// What to keep of every head besides the probability, separated by commas
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "received-weighted",
        value_name = "STATISTICS"
    )]
    keep: Vec<Keep>,
    /// Start sites (BED, GFF3 or a table) over whose queries the mean attention is kept apart
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceInput,
    /// Say how many bytes the run will take, and stop
    #[arg(long)]
    dry_run: bool,
    /// Folder to write to; a run that was interrupted there goes on where it was
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

/// What may be kept, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Keep {
    /// The probability alone
    None,
    /// Everything
    All,
    /// Attention that each base receives, mean over the queries that see it
    ReceivedMean,
    /// The same, weighted by the model's probability at the query
    ReceivedWeighted,
    /// log2 of the weighted one over what the head gives at that distance
    ReceivedOverExpected,
    /// Distance from each base as a query to the key that it looks at most
    LargestDistance,
    /// The weight of that key
    LargestWeight,
    /// Entropy of each base's attention as a query, in bits
    EntropyBits,
}

impl Keep {
    fn statistics(self) -> &'static [Statistic] {
        match self {
            Self::None => &[],
            Self::All => &Statistic::ALL,
            Self::ReceivedMean => &[Statistic::ReceivedMean],
            Self::ReceivedWeighted => &[Statistic::ReceivedWeighted],
            Self::ReceivedOverExpected => &[Statistic::ReceivedOverExpected],
            Self::LargestDistance => &[Statistic::LargestDistance],
            Self::LargestWeight => &[Statistic::LargestWeight],
            Self::EntropyBits => &[Statistic::EntropyBits],
        }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, _) = arguments.inputs.open_genome()?;
    let model = arguments.inputs.model.open()?;
    let anchors = match &arguments.anchors {
        Some(path) => {
            let (anchors, report) = arguments.place.anchors(path, &genome)?;
            eprintln!("{}: {report}", anchors.name);
            Some(Arc::new(anchors))
        }
        None => None,
    };
    let run = GenomeRun {
        genome: Arc::new(genome),
        model: Arc::new(model),
        mode: arguments.inputs.model.settings(Mode::Seamless).mode,
        statistics: arguments
            .keep
            .iter()
            .flat_map(|keep| keep.statistics())
            .copied()
            .collect(),
        anchors,
    };
    let manifest = run.manifest();
    let folder = arguments.output.display();
    let megabytes = grouped(manifest.bytes().div_ceil(1_000_000) as usize);
    let kept: Vec<_> = manifest.statistics.iter().map(|s| s.name()).collect();
    eprintln!("{folder}: {megabytes} MB for {}", kept.join(", "));
    if arguments.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    let folder = with_progress("both strands", |progress, cancel| {
        run.start(&arguments.output, progress, cancel)
    })?;
    eprintln!("finished: {}", folder.join(MANIFEST).display());
    Ok(ExitCode::SUCCESS)
}
