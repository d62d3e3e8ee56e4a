//! `headlight train`: a model from a genome and labels.

use super::inputs::PlaceInput;
use super::{output, with_progress};
use crate::job::train::{Entry, Event, Task, check_labels, chosen_split, metadata, train};
use crate::job::{example, open};
use crate::model::metadata::Metadata;
use crate::model::train::{Processor, Settings};
use crate::model::{Config, Overrides, read_checkpoint};
use crate::progress::{Cancel, Progress};
use anyhow::Context as _;
use clap::Args;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `headlight train`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Genome: FASTA or 2bit, plain or gzip [default: the embedded E. coli K-12]
    #[arg(long, value_name = "FILE")]
    genome: Option<PathBuf>,
    /// Labels, such as transcription start sites: TSV, BED or GFF3
    #[arg(long, value_name = "FILE")]
    labels: PathBuf,
    #[command(flatten)]
    place: PlaceInput,
    /// Folder of the run; a run of the same settings in it goes on
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Steps in all
    #[arg(long, default_value_t = 85_000, value_name = "N")]
    steps: u64,
    /// Segment length in training, and memory in use
    #[arg(long, default_value_t = 512, value_name = "N")]
    context: usize,
    /// Seed of all that is random
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Model whose weights to begin with, of the same sizes [default: random weights]
    #[arg(long, value_name = "MODEL")]
    start_from: Option<PathBuf>,
    /// What to compute on
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// Layers
    #[arg(long, default_value_t = 6, value_name = "N")]
    layers: usize,
    /// Heads in each layer
    #[arg(long, default_value_t = 6, value_name = "N")]
    heads: usize,
    /// Width of the hidden rows
    #[arg(long, default_value_t = 32, value_name = "N")]
    d_model: usize,
    /// Width of one head
    #[arg(long, default_value_t = 32, value_name = "N")]
    d_head: usize,
    /// Width of the convolutions; 0 for none
    #[arg(long, default_value_t = 7, value_name = "N")]
    kernel: usize,
    /// How far downstream of a label its output lies, in bases
    #[arg(long, default_value_t = 20, value_name = "N")]
    label_shift: usize,
    /// Segments in a step
    #[arg(long, default_value_t = 10, value_name = "N")]
    streams: usize,
    /// Highest learning rate
    #[arg(long, default_value_t = 1e-4, value_name = "RATE")]
    peak_rate: f64,
    /// Steps over which the learning rate rises
    #[arg(long, default_value_t = 3_000, value_name = "N")]
    warm_up: u64,
    /// Dropout
    #[arg(long, default_value_t = 0.1, value_name = "SHARE")]
    dropout: f32,
    /// Exponent of the focal loss
    #[arg(long, default_value_t = 0.8, value_name = "GAMMA")]
    gamma: f32,
    /// What the global norm of the gradient is brought down to
    #[arg(long, default_value_t = 0.25, value_name = "NORM")]
    clip: f64,
    /// Share of segments drawn around labels, with importance weights; 0 reads the streams in order
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    near_labels: f64,
    /// Standard deviation of the first weights of embeddings and projections
    #[arg(long, default_value_t = 0.02, value_name = "DEVIATION")]
    first_deviation: f64,
    /// Steps between validations
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    validate_every: u64,
    /// Validations without a better loss after which to stop; 0 for never
    #[arg(long, default_value_t = 0, value_name = "N")]
    patience: u64,
    /// Where on the longest contig the training part of the split begins, 1-based [default: as the embedded model on its genome, else 1]
    #[arg(long, value_name = "POSITION")]
    split_start: Option<usize>,
    /// A few words that name the model
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Under which terms the weights may be used
    #[arg(long, value_name = "TEXT")]
    licence: Option<String>,
    /// Threads to compute with [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    threads: Option<u16>,
}

/// Where the network runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Device {
    /// The processor.
    Cpu,
    /// A graphics processor, in builds with the feature `gpu`.
    Gpu,
}

impl Arguments {
    fn settings(&self) -> Settings {
        Settings {
            config: Config {
                layers: self.layers,
                heads: self.heads,
                d_model: self.d_model,
                d_head: self.d_head,
                kernel: self.kernel,
                classes: 2,
                context: self.context,
                label_shift: self.label_shift,
            },
            seed: self.seed,
            steps: self.steps,
            warm_up: self.warm_up,
            peak_rate: self.peak_rate,
            streams: self.streams,
            gamma: self.gamma,
            dropout: self.dropout,
            clip: self.clip,
            near_labels: self.near_labels,
            first_deviation: self.first_deviation,
            validate_every: self.validate_every,
            patience: self.patience,
        }
    }
}

/// Prints a line for people. That nobody reads it any more is no reason to stop training.
macro_rules! say {
    ($($words:tt)*) => {
        print_line(&format!($($words)*))
    };
}

fn print_line(line: &str) {
    // A reader that has gone is no failure.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = arguments.settings();
    settings.check()?;
    if let Some(threads) = arguments.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(threads))
            .build_global()
            .context("--threads")?;
    }
    let genome = match &arguments.genome {
        Some(path) => with_progress("reading the genome", |progress, cancel| {
            let read = open::genome(path, progress, cancel);
            read.map(|read| read.genome)
                .map_err(anyhow::Error::from_boxed)
        })?,
        None => example::genome().map_err(anyhow::Error::from_boxed)?,
    };
    let (labels, report) = arguments.place.anchors(&arguments.labels, &genome)?;
    say!("labels: {report}");
    for warning in check_labels(&genome, &labels.anchors).warnings {
        say!("warning: {warning}");
    }
    let embedded = example::model(Overrides::default())?.metadata.split;
    let split_start = arguments.split_start.map(|start| start.saturating_sub(1));
    let split = chosen_split(&genome, split_start, embedded);
    let metadata = Metadata {
        name: arguments.name.clone(),
        licence: arguments.licence.clone(),
        ..metadata(&labels)
    };
    let labels = labels.anchors;
    let start = match &arguments.start_from {
        Some(path) => {
            let overrides = Overrides {
                context: Some(arguments.context),
                label_shift: Some(arguments.label_shift),
            };
            Some(read_checkpoint(path, overrides)?.weights)
        }
        None => None,
    };
    let task = Task {
        genome: &genome,
        labels: &labels,
        split: &split,
        settings: &settings,
        start: start.as_ref(),
        processor: match arguments.device {
            Device::Cpu => Processor::Cpu,
            Device::Gpu => Processor::Gpu,
        },
        metadata: &metadata,
        folder: &arguments.output,
    };
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let trained = train(&task, &mut tell, &progress, &cancel)?;
    if let Some(best) = trained.best {
        output::write(None, |out| {
            Ok(writeln!(
                out,
                "{} steps; best validation loss {:.6} after {} steps: {}",
                trained.steps,
                best.loss,
                best.step,
                trained.model.display()
            )?)
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says on standard error how it goes.
fn tell(event: &Event) {
    match event {
        Event::Resumed(step) => say!("going on after {step} steps"),
        Event::Entry(Entry::Steps {
            step,
            loss,
            rate,
            positions_per_second,
            ..
        }) => {
            if step % 500 == 0 {
                say!(
                    "step {step}: loss {loss:.5}, learning rate {rate:.2e}, {positions_per_second:.0} positions/s"
                );
            }
        }
        Event::Entry(Entry::Validation {
            step,
            loss,
            roc_auc,
            average_precision,
            best,
        }) => {
            let best = if *best { ", best so far" } else { "" };
            say!(
                "validation after {step}: loss {loss:.6}, ROC AUC {roc_auc:.4}, average precision {average_precision:.4}{best}"
            );
        }
    }
}
