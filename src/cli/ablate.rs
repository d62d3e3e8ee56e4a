//! `headlight ablate`: what the model loses without a head.

use super::inputs::{self, Inputs, SiteInput};
use super::track_file::described;
use super::{output, with_progress};
use crate::analysis::causal::ablation::{write_ablations, write_groups};
use crate::attention::HeadId;
use crate::genome::read::read_anchors;
use crate::job::ablate::{How, Request, ablate, validation_sample};
use crate::job::figure::{locus_text, provenance};
use crate::job::open::checked_sites;
use crate::job::train::check_labels;
use crate::model::Mode;
use crate::model::train::Settings as Training;
use crate::progress::{Cancel, Progress};
use anyhow::ensure;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `headlight ablate`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    site_input: SiteInput,
    /// The heads, such as L4H5,L5H2: each by itself, and all of them together [default: all, each by itself]
    #[arg(long, value_name = "HEADS", default_value = "all", value_parser = heads)]
    heads: Heads,
    /// What is done to a head: zero drops it, mean puts its mean output in its place, uniform looks at every key alike, positional at its mean weights by distance; several with commas
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        value_delimiter = ',',
        default_value = "zero"
    )]
    how: Vec<HowName>,
    /// Labels: TSV, BED or GFF3
    #[arg(long, value_name = "FILE")]
    labels: PathBuf,
    /// Known sites: also the scores at the start sites of each transcription factor
    #[arg(long, value_name = "FILE")]
    sites: Option<PathBuf>,
    /// Where: a locus (1-based, closed) or a gene [default: eight blocks of 20 kb, evenly spread over the validation part of the model's split]
    #[arg(long, value_name = "REGION")]
    locus: Option<String>,
    /// Leave out the other heads of the same layers, which are ablated to compare with
    #[arg(long)]
    no_controls: bool,
    /// Seed of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write one JSON object
    #[arg(long)]
    json: bool,
    /// Where to write; - is standard output. With --sites a second table, X.tf.tsv beside X.tsv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Heads to ablate; every one where the list is empty.
#[derive(Clone, Debug)]
struct Heads(Vec<HeadId>);

fn heads(text: &str) -> Result<Heads, String> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(Heads(Vec::new()));
    }
    let names = text.split(',').map(str::trim);
    let heads = names.map(|name| name.parse::<HeadId>().map_err(|error| error.to_string()));
    heads.collect::<Result<_, _>>().map(Heads)
}

/// What is done to a head, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum HowName {
    /// Drop its share of the output.
    Zero,
    /// Its mean output over a sample of the genome.
    Mean,
    /// Every visible key alike.
    Uniform,
    /// Its mean weights by distance over a sample of the genome.
    Positional,
}

impl From<HowName> for How {
    fn from(name: HowName) -> Self {
        match name {
            HowName::Zero => Self::Zero,
            HowName::Mean => Self::Mean,
            HowName::Uniform => Self::Uniform,
            HowName::Positional => Self::Positional,
        }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, features) = arguments.inputs.open_genome()?;
    let model = arguments.inputs.model.open()?;
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let (labels, _) = read_anchors(&arguments.labels, &genome, &progress, &cancel)?;
    for warning in check_labels(&genome, &labels).warnings {
        eprintln!("warning: {warning}");
    }
    let sites = match &arguments.sites {
        None => None,
        Some(path) => {
            let options = arguments.site_input.options();
            let (sites, said) = with_progress("reading the sites", |progress, cancel| {
                checked_sites(path, &genome, &options, progress, cancel)
                    .map_err(anyhow::Error::from_boxed)
            })?;
            eprintln!("{said}");
            Some(sites)
        }
    };
    let slices = match &arguments.locus {
        Some(text) => {
            let locus = inputs::locus(text, &genome, &features)?;
            vec![(locus.contig, locus.interval)]
        }
        None => validation_sample(&genome, &model),
    };
    ensure!(
        !slices.is_empty(),
        "the model states no validation part on this genome: name a --locus"
    );
    let mut how: Vec<How> = Vec::new();
    for name in &arguments.how {
        if !how.contains(&How::from(*name)) {
            how.push(How::from(*name));
        }
    }
    let request = Request {
        genome: &genome,
        model: &model,
        labels: &labels,
        sites: sites.as_ref(),
        slices: &slices,
        heads: arguments.heads.0.clone(),
        how,
        controls: !arguments.no_controls,
        mode: arguments.inputs.model.settings(Mode::Faithful).mode,
        gamma: f64::from(Training::published(*model.config()).gamma),
        seed: arguments.seed,
    };
    let found = with_progress("ablating", |progress, cancel| {
        ablate(&request, progress, cancel)
    })?;
    let region: Vec<String> = slices
        .iter()
        .map(|(contig, interval)| locus_text(&genome.contigs[*contig], *interval))
        .collect();
    let details = [
        ("labels", arguments.labels.display().to_string()),
        ("region", region.join(", ")),
        ("mode", request.mode.to_string()),
        ("seed", request.seed.to_string()),
        ("focal loss gamma", request.gamma.to_string()),
    ];
    let to = arguments.output.as_deref();
    if arguments.json {
        let about = described(&provenance(&genome, &model, &details));
        let json = serde_json::json!({ "provenance": about, "ablation": found });
        output::write(to, |out| {
            Ok(writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?)
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    output::write(to, |mut out| Ok(write_ablations(&mut out, &found.rows)?))?;
    if sites.is_some() {
        let beside = to
            .filter(|path| path.as_os_str() != "-")
            .map(|path| path.with_extension("tf.tsv"));
        output::write(beside.as_deref(), |mut out| {
            Ok(write_groups(&mut out, &found.rows)?)
        })?;
    }
    eprintln!(
        "unchanged: loss {:.6}, average precision {:.5}, ROC AUC {:.4}; {} labelled outputs of {} in {} blocks of 20 kb ({})",
        found.loss,
        found.average_precision,
        found.roc_auc,
        found.positives,
        found.positions,
        found.blocks,
        region.join(", ")
    );
    Ok(ExitCode::SUCCESS)
}
