//! `headlight novel`: peaks of attention that overlap nothing known.

use super::inputs::{self, Inputs, SiteInput};
use super::interval_file::IntervalFormat;
use super::predict::probability;
use super::{output, with_progress};
use crate::attention::{HeadId, Received};
use crate::genome::{Genome, anchor::Anchor};
use crate::job::figure::provenance;
use crate::job::novel::{NovelRequest, NovelRule, novel_sites};
use crate::job::open::{AnchorFile, anchor_file, checked_sites};
use crate::model::Mode;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `headlight novel`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Known binding sites: RegulonDB, EcoCyc, BED, GFF3 or a table; peaks that overlap one are left out
    #[arg(long, value_name = "FILE")]
    sites: PathBuf,
    #[command(flatten)]
    site_input: SiteInput,
    /// Known start sites, whose −10 and −35 boxes are left out; may be repeated
    #[arg(long, value_name = "FILE")]
    anchors: Vec<PathBuf>,
    /// Heads such as L4H5, separated by commas [default: those that pass the positional control over the start sites]
    #[arg(long, value_name = "HEADS", value_delimiter = ',')]
    heads: Vec<HeadId>,
    /// Where: a locus (1-based, closed) or a gene [default: the whole genome]
    #[arg(long, value_name = "REGION")]
    locus: Option<String>,
    /// What is peaked: the mean weight that a base receives, the same weighted by P(TSS), or that over its expectation
    #[arg(long, value_enum, default_value = "mean")]
    statistic: Statistic,
    /// Genomes with shuffled intergenic regions that the model reads for comparison
    #[arg(long, value_name = "N", default_value_t = NovelRule::default().decoys as u16, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    decoys: u16,
    /// The largest false discovery rate of a site that is listed
    #[arg(long, value_name = "X", default_value_t = 0.05, value_parser = probability)]
    fdr: f32,
    /// From this probability on a predicted start site has boxes that are left out
    #[arg(long, value_name = "P", default_value_t = NovelRule::default().min_probability, value_parser = probability)]
    threshold: f32,
    /// Permutations of the positional control, where it chooses the heads
    #[arg(long, value_name = "N", default_value_t = NovelRule::default().permutations as u32, value_parser = clap::value_parser!(u32).range(99..=1_000_000))]
    permutations: u32,
    /// Seed of the shuffles and of the control
    #[arg(long, value_name = "N", default_value_t = NovelRule::default().seed)]
    seed: u64,
    /// Write one JSON object, with what was counted for every head
    #[arg(long)]
    json: bool,
    /// File; its ending says the format: .bed, .gff3, .json, else TSV [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How attention is summed up, as an argument.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Statistic {
    /// Mean weight over the queries that see a base.
    Mean,
    /// Each query counts by its probability of a start site.
    Weighted,
    /// The same over what the head gives to any base at that distance, as log₂.
    OverExpected,
}

impl From<Statistic> for Received {
    fn from(statistic: Statistic) -> Self {
        match statistic {
            Statistic::Mean => Self::Mean,
            Statistic::Weighted => Self::Weighted,
            Statistic::OverExpected => Self::OverExpected,
        }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, features) = arguments.inputs.open_genome()?;
    let region = match &arguments.locus {
        Some(text) => Some(inputs::locus(text, &genome, &features)?),
        None => None,
    };
    let model = arguments.inputs.model.open()?;
    let options = arguments.site_input.options();
    let (sites, report) = with_progress("reading the sites", |progress, cancel| {
        checked_sites(&arguments.sites, &genome, &options, progress, cancel)
            .map_err(anyhow::Error::from_boxed)
    })?;
    eprintln!("{report}");
    let request = NovelRequest {
        promoters: promoters(&arguments.anchors, &genome)?,
        genome: Arc::new(genome),
        features: Arc::new(features),
        model: Arc::new(model),
        sites: Arc::new(sites),
        heads: Some(arguments.heads.clone()).filter(|heads| !heads.is_empty()),
        region,
        rule: NovelRule {
            statistic: arguments.statistic.into(),
            decoys: usize::from(arguments.decoys),
            fdr: f64::from(arguments.fdr),
            seed: arguments.seed,
            min_probability: arguments.threshold,
            permutations: arguments.permutations as usize,
            mode: arguments.inputs.model.settings(Mode::Seamless).mode,
        },
    };
    let novel = with_progress("looking for novel sites", |progress, cancel| {
        novel_sites(&request, progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    let path = arguments.output.as_deref();
    let ends_in_json = path.is_some_and(|path| path.extension().is_some_and(|end| end == "json"));
    output::write(path, |mut out| {
        if arguments.json || ends_in_json {
            let provenance = provenance(
                &request.genome,
                &request.model,
                &[
                    ("sites", request.sites.name.clone()),
                    (
                        "start sites",
                        request
                            .promoters
                            .as_ref()
                            .map_or("none".to_owned(), |file| file.name.clone()),
                    ),
                    (
                        "locus",
                        arguments
                            .locus
                            .clone()
                            .unwrap_or_else(|| "whole genome".to_owned()),
                    ),
                ],
            );
            let described: serde_json::Map<String, serde_json::Value> = provenance
                .entries()
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into()))
                .collect();
            let json = serde_json::json!({ "provenance": described, "novel": novel });
            writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?;
            return Ok(());
        }
        Ok(
            match path.map_or(IntervalFormat::Table, IntervalFormat::of) {
                IntervalFormat::Bed => novel.write_bed(&mut out),
                IntervalFormat::Gff3 => novel.write_gff(&mut out),
                IntervalFormat::Table => novel.write_tsv(&mut out),
            }?,
        )
    })?;
    eprintln!("{}", novel.caption());
    Ok(ExitCode::SUCCESS)
}

/// The start sites of all files together.
fn promoters(paths: &[PathBuf], genome: &Genome) -> anyhow::Result<Option<Arc<AnchorFile>>> {
    let (mut names, mut anchors) = (Vec::new(), Vec::<Anchor>::new());
    for path in paths {
        let (file, _) = with_progress("reading the start sites", |progress, cancel| {
            anchor_file(path, genome, progress, cancel).map_err(anyhow::Error::from_boxed)
        })?;
        names.push(file.name);
        anchors.extend(file.anchors);
    }
    anchors.sort_unstable();
    anchors.dedup();
    Ok((!names.is_empty()).then(|| Arc::new(AnchorFile::new(names.join(" and "), anchors))))
}
