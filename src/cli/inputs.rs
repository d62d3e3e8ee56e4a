//! Arguments that many subcommands share: the genome, the model and where to look.

use super::with_progress;
use crate::genome::read::anchors::AnchorOptions;
use crate::genome::read::mapping::ColumnMapping;
use crate::genome::{FeatureSet, Genome, Interval, Locus, Remedy, Strand, find};
use crate::job::open::AnchorFile;
use crate::job::{example, open};
use crate::model::checkpoint::Overrides;
use crate::model::{ComputeDevice, Mode, Model, Settings};
use crate::sites::read::SiteOptions;
use anyhow::Context as _;
use clap::Args;
use std::path::{Path, PathBuf};

/// The genome and the model; the embedded example where they are not given.
#[derive(Clone, Debug, Default, Args)]
pub struct Inputs {
    /// Genome: FASTA, GenBank or 2bit, plain or gzip [default: the embedded E. coli K-12]
    #[arg(long, value_name = "FILE")]
    pub genome: Option<PathBuf>,
    /// Annotation of the genome, GFF3, GenBank or BED, for gene names
    #[arg(long, value_name = "FILE")]
    pub annotation: Option<PathBuf>,
    /// Another name of a sequence, as other files call it; may be repeated
    #[arg(long = "alias", value_name = "NAME=ALIAS", value_parser = alias)]
    pub aliases: Vec<(String, String)>,
    #[command(flatten)]
    pub model: ModelInput,
}

/// The model; the embedded one where it is not given.
#[derive(Clone, Debug, Default, Args)]
pub struct ModelInput {
    /// Model: safetensors or a PyTorch file [default: the embedded one]
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Segment and memory length [default: from the checkpoint's metadata, else 512]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub context: Option<u32>,
    /// How far downstream of a start site its output lies [default: from the metadata, else 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=65_536))]
    pub label_shift: Option<u32>,
    /// Borders of segments: as in the original evaluation, or joined [default: seamless; predict and attention: faithful]
    #[arg(long, value_enum)]
    pub mode: Option<ModeName>,
    /// Threads to compute with [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub threads: Option<u16>,
    /// What computes; gpu needs a program that was built with the feature gpu [default: cpu]
    #[arg(long, value_enum, value_name = "DEVICE")]
    pub device: Option<DeviceName>,
}

/// How the borders of segments are treated, as an argument.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum ModeName {
    /// As in the original evaluation: segments end in zero padding, runs start cold and never wrap.
    Faithful,
    /// Convolutions see across borders, and circular contigs wrap.
    Seamless,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Faithful => Self::Faithful,
            ModeName::Seamless => Self::Seamless,
        }
    }
}

/// What computes the network, as an argument.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum DeviceName {
    /// The processor.
    Cpu,
    /// The graphics processor.
    Gpu,
}

impl From<DeviceName> for ComputeDevice {
    fn from(name: DeviceName) -> Self {
        match name {
            DeviceName::Cpu => Self::Cpu,
            DeviceName::Gpu => Self::Gpu,
        }
    }
}

impl ModelInput {
    /// What was asked for instead of what the checkpoint says.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            context: self.context.map(|n| n as usize),
            label_shift: self.label_shift.map(|n| n as usize),
        }
    }

    /// What was asked for, or `default`.
    pub fn settings(&self, default: Mode) -> Settings {
        Settings::with_mode(self.mode.map_or(default, Mode::from))
    }

    /// Opens the model, on the device that was asked for, and sets the number of threads.
    pub fn open(&self) -> anyhow::Result<Model> {
        if let Some(threads) = self.threads {
            rayon::ThreadPoolBuilder::new()
                .num_threads(usize::from(threads))
                .build_global()
                .context("--threads")?;
        }
        let overrides = self.overrides();
        let model = match &self.model {
            Some(path) => Model::open(path, overrides)?,
            None => example::model(overrides)?,
        };
        let device = self.device.map_or(ComputeDevice::Cpu, ComputeDevice::from);
        Ok(model.compute_on(device)?)
    }
}

impl Inputs {
    /// Opens the genome, with its annotation where there is one.
    pub fn open_genome(&self) -> anyhow::Result<(Genome, FeatureSet)> {
        let (mut genome, own) = if let Some(path) = &self.genome {
            let read = with_progress("reading the genome", |progress, cancel| {
                open::genome(path, progress, cancel).map_err(anyhow::Error::from_boxed)
            })?;
            (read.genome, read.features.map(|(features, _)| features))
        } else {
            let genome = example::genome().map_err(anyhow::Error::from_boxed)?;
            let features = example::features(&genome).map_err(anyhow::Error::from_boxed)?;
            (genome, Some(features))
        };
        for (name, alias) in &self.aliases {
            genome.add_alias(name, alias).context("--alias")?;
        }
        let Some(path) = &self.annotation else {
            return Ok((genome, own.unwrap_or_default()));
        };
        let (features, report) = open::annotation(path, &genome)?;
        genome.learn_aliases(&report.aliases);
        Ok((genome, features))
    }
}

/// The place that `text` names, in words for people where there is none.
pub fn locus(text: &str, genome: &Genome, features: &FeatureSet) -> anyhow::Result<Locus> {
    Ok(find::find(text, genome, features)?)
}

/// The whole of every contig, or the one place that was asked for.
pub fn loci(
    text: Option<&str>,
    genome: &Genome,
    features: &FeatureSet,
) -> anyhow::Result<Vec<Locus>> {
    match text {
        Some(text) => Ok(vec![locus(text, genome, features)?]),
        None => Ok(genome
            .contigs
            .iter()
            .enumerate()
            .map(|(contig, sequence)| Locus {
                contig,
                interval: Interval::new(0, sequence.len()),
                strand: None,
            })
            .collect()),
    }
}

/// How a file of positions is read, beyond what it says itself.
#[derive(Clone, Debug, Default, Args)]
pub struct PlaceInput {
    /// Which column of a table says what, such as tf=Name,left=Start,right=End,strand=Str; numbers where it has no header
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    columns: Option<ColumnMapping>,
    /// The chosen columns count positions from 0, with exclusive ends
    #[arg(long, requires = "columns")]
    zero_based: bool,
    /// Lift positions from the other assembly of the open genome: U00096.2 to U00096.3, or back
    #[arg(long)]
    lift: bool,
    /// Move every position by this many bases
    #[arg(long, allow_hyphen_values = true, value_name = "BASES", default_value_t = 0, value_parser = clap::value_parser!(i32).range(-10_000..=10_000))]
    shift: i32,
}

impl PlaceInput {
    /// The columns that were chosen.
    fn columns(&self) -> Option<ColumnMapping> {
        self.columns.clone().map(|columns| ColumnMapping {
            zero_based: self.zero_based,
            ..columns
        })
    }

    /// Where positions go.
    fn remedy(&self) -> Remedy {
        Remedy {
            lift: self.lift,
            shift_bp: self.shift as isize,
            ignore_strand: false,
        }
    }

    /// Reads start sites of `genome` from `path`, with what was read and what was left out.
    pub fn anchors(&self, path: &Path, genome: &Genome) -> anyhow::Result<(AnchorFile, String)> {
        let columns = self.columns();
        let options = AnchorOptions {
            columns: columns.as_ref(),
            remedy: self.remedy(),
        };
        with_progress("reading the start sites", |progress, cancel| {
            open::anchor_file_with(path, genome, options, progress, cancel)
                .map_err(anyhow::Error::from_boxed)
        })
    }
}

/// How a site file is read, beyond what it says itself.
#[derive(Clone, Debug, Default, Args)]
pub struct SiteInput {
    #[command(flatten)]
    place: PlaceInput,
    /// Accept printed sequences on either strand
    #[arg(long)]
    ignore_strand: bool,
    /// Use sites although fewer than 95 % of their sequences equal the genome
    #[arg(long)]
    accept_mismatches: bool,
}

impl SiteInput {
    /// The same for a reader.
    pub fn options(&self) -> SiteOptions {
        SiteOptions {
            columns: self.place.columns(),
            remedy: Remedy {
                ignore_strand: self.ignore_strand,
                ..self.place.remedy()
            },
            accept_mismatches: self.accept_mismatches,
        }
    }
}

/// Reads `NC_000964.3=AL009126.3`.
pub fn alias(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, alias)) if !name.trim().is_empty() && !alias.trim().is_empty() => {
            Ok((name.trim().to_owned(), alias.trim().to_owned()))
        }
        _ => Err(format!(
            "'{text}' names no alias: expected such as NC_000964.3=AL009126.3"
        )),
    }
}

/// Reads `+`, `-` or `both`.
pub fn strands(text: &str) -> Result<Vec<Strand>, String> {
    match text {
        "both" => Ok(Strand::BOTH.to_vec()),
        other => strand(other).map(|strand| vec![strand]),
    }
}

/// Reads `+` or `-`.
pub fn strand(text: &str) -> Result<Strand, String> {
    Strand::from_sign(text).ok_or_else(|| format!("'{text}' is not a strand: expected + or -"))
}
