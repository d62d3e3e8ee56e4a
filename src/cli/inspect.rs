//! `headlight inspect`: what a file holds, or what is wrong with it.

use super::inputs::{Inputs, SiteInput};
use super::{output, own_files, with_progress};
use crate::genome::locus::grouped;
use crate::genome::read::anchors::{AnchorOptions, read_with};
use crate::genome::read::mapping::ColumnMapping;
use crate::genome::read::{
    AnnotatedGenome, FileKind, Input, ReadError, ReadReport, read_annotated_genome,
    read_annotation, sniff,
};
use crate::genome::{FeatureKind, FeatureSet, Genome};
use crate::job::Outcome;
use crate::model::checkpoint::read_checkpoint;
use crate::progress::{Cancel, Progress};
use crate::sites::SiteSet;
use crate::sites::read::{SiteOptions, SiteReport, read_motifs, sites_with, track_from};
use anyhow::bail;
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `headlight inspect`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// The file to look into
    file: PathBuf,
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    site_input: SiteInput,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was found: named values in the order in which they are printed, and whether all is well.
struct Findings {
    values: Map<String, Value>,
    order: Vec<&'static str>,
    failed: bool,
}

impl Findings {
    fn new(kind: &str) -> Self {
        let mut findings = Self {
            values: Map::new(),
            order: Vec::new(),
            failed: false,
        };
        findings.add("kind", kind);
        findings
    }

    /// What a file of Headlight's own holds.
    fn own(own: own_files::Own) -> Self {
        let mut findings = Self::new(own.kind);
        for (name, value) in own.values {
            findings.add(name, value);
        }
        findings.failed = own.failed;
        findings
    }

    /// Writes them to the standard output.
    fn print(&self, json: bool) -> anyhow::Result<()> {
        output::write(None, |out| {
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&self.values)?)?;
            } else {
                for name in &self.order {
                    match &self.values[*name] {
                        Value::String(text) => writeln!(out, "{name}: {text}")?,
                        Value::Array(values) => {
                            writeln!(out, "{name}:")?;
                            for value in values {
                                let text = value
                                    .as_str()
                                    .map_or_else(|| value.to_string(), str::to_owned);
                                writeln!(out, "  {text}")?;
                            }
                        }
                        value => writeln!(out, "{name}: {value}")?,
                    }
                }
            }
            Ok(())
        })
    }

    fn add(&mut self, name: &'static str, value: impl Into<Value>) {
        self.order.push(name);
        self.values.insert(name.to_owned(), value.into());
    }
}

/// Runs the command. The exit code is 2 where the file does not go with the genome.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let findings = match own_files::read(&arguments.file)? {
        Some(own) => Findings::own(own),
        None => look_into(arguments)?,
    };
    findings.print(arguments.json)?;
    Ok(if findings.failed {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}

/// What a file that others write holds.
fn look_into(arguments: &Arguments) -> anyhow::Result<Findings> {
    let path = &arguments.file;
    let kind = sniff(path)?;
    let mut findings = Findings::new(kind.label());
    let options = arguments.site_input.options();
    match kind {
        _ if options.columns.is_some() => {
            let (genome, _) = arguments.inputs.open_genome()?;
            mapped(path, &genome, &options, &mut findings)?;
        }
        FileKind::Fasta | FileKind::TwoBit | FileKind::GenBank => genome(path, &mut findings)?,
        FileKind::Safetensors | FileKind::PyTorch => model(arguments, &mut findings)?,
        FileKind::Meme
        | FileKind::Jaspar
        | FileKind::Transfac
        | FileKind::Uniprobe
        | FileKind::RegulonDbPssm => motifs(path, &mut findings)?,
        FileKind::GeneTable => {
            let (genome, _) = arguments.inputs.open_genome()?;
            let (features, report) =
                read_annotation(path, &genome, &Progress::default(), &Cancel::default())?;
            annotation(&features, &report, &mut findings);
        }
        FileKind::Gff3 | FileKind::Bed => {
            let (genome, _) = arguments.inputs.open_genome()?;
            track(path, &genome, &options, &mut findings)?;
        }
        FileKind::RegulonDbTfRiSet | FileKind::BindingSiteSet | FileKind::SiteTable => {
            let (genome, _) = arguments.inputs.open_genome()?;
            let (found, report) = sites_with(&mut open(path)?, &genome, &options)?;
            sites(&found, &report, &options, &mut findings);
            findings.add("report", report.read.to_string());
        }
        FileKind::AnchorTable => {
            let (genome, _) = arguments.inputs.open_genome()?;
            anchors(path, &genome, &options, &mut findings)?;
        }
        FileKind::Unknown => {
            // The readers' own words say best what is wrong.
            let (genome, _) = arguments.inputs.open_genome()?;
            let (progress, cancel) = (Progress::default(), Cancel::default());
            let opened = crate::job::open::open(path, &genome, &options, &progress, &cancel);
            match opened.map_err(anyhow::Error::from_boxed)? {
                Outcome::UnknownTable(table) => bail!(
                    "{}: a table without the columns that are looked for. Say which column is \
                     which, as in --columns tf=…,left=…,right=…,strand=…; it has {}.",
                    path.display(),
                    table.column_names().join(", ")
                ),
                _ => bail!("{}: unknown content", path.display()),
            }
        }
    }
    Ok(findings)
}

fn genome(path: &Path, findings: &mut Findings) -> anyhow::Result<()> {
    let AnnotatedGenome { genome, features } = with_progress("reading", |progress, cancel| {
        read_annotated_genome(path, progress, cancel)
    })?;
    let mut counts = [0_usize; 5];
    for contig in &genome.contigs {
        for base in contig
            .sequence
            .bases(crate::genome::Interval::new(0, contig.len()))
        {
            counts[base as usize] += 1;
        }
    }
    let known: usize = counts[..4].iter().sum();
    findings.add("name", genome.name.as_str());
    findings.add("contigs", genome.contigs.len());
    findings.add("bases", genome.len());
    findings.add(
        "gc",
        if known == 0 {
            Value::Null
        } else {
            json!((counts[1] + counts[2]) as f64 / known as f64)
        },
    );
    findings.add("unknown_bases", counts[4]);
    findings.add("checksum", genome.checksum.as_str());
    let longest: Vec<Value> = genome
        .contigs
        .iter()
        .take(20)
        .map(|contig| {
            let shape = if contig.circular {
                "circular"
            } else {
                "linear"
            };
            json!(format!(
                "{} ({} bp, {shape}) {}",
                contig.name,
                grouped(contig.len()),
                contig.description()
            ))
        })
        .collect();
    findings.add("first_contigs", longest);
    if let Some((features, report)) = features {
        annotation(&features, &report, findings);
    }
    Ok(())
}

fn model(arguments: &Arguments, findings: &mut Findings) -> anyhow::Result<()> {
    let checkpoint = read_checkpoint(&arguments.file, arguments.inputs.model.overrides())?;
    let summary = checkpoint.summary();
    let config = summary.config;
    findings.add("format", summary.format.to_string());
    findings.add("layers", config.layers);
    findings.add("heads", config.heads);
    findings.add("d_model", config.d_model);
    findings.add("d_head", config.d_head);
    findings.add("kernel", config.kernel);
    findings.add("classes", config.classes);
    findings.add("context", config.context);
    findings.add("label_shift", config.label_shift);
    let assumed = |said: Option<usize>, name: &'static str| said.is_none().then_some(name);
    let assumed: Vec<&str> = [
        assumed(summary.metadata.context, "context"),
        assumed(summary.metadata.label_shift, "label_shift"),
    ]
    .into_iter()
    .flatten()
    .collect();
    // The tensors do not show these: without metadata they are the published network's.
    findings.add("assumed", assumed);
    findings.add("parameters", summary.parameters);
    findings.add("checksum", summary.checksum);
    findings.add("metadata", serde_json::to_value(&summary.metadata)?);
    findings.add("unused_tensors", summary.unused);
    Ok(())
}

fn motifs(path: &Path, findings: &mut Findings) -> anyhow::Result<()> {
    let (library, report) = read_motifs(path, &Progress::default(), &Cancel::default())?;
    findings.add("name", library.name.as_str());
    findings.add("motifs", library.len());
    findings.add("checksum", library.checksum.as_str());
    findings.add("background", library.background.to_vec());
    let names: Vec<Value> = library
        .motifs
        .iter()
        .take(20)
        .map(|motif| {
            let consensus = motif.counts(motif.sites.unwrap_or(1.0)).consensus();
            json!(format!(
                "{} ({} positions, {consensus})",
                motif.label(),
                motif.len()
            ))
        })
        .collect();
    findings.add("first_motifs", names);
    findings.add("report", report.to_string());
    Ok(())
}

fn open(path: &Path) -> Result<Input<'static>, ReadError> {
    Input::open(path, &Progress::default(), &Cancel::default())
}

fn annotation(features: &FeatureSet, report: &ReadReport, findings: &mut Findings) {
    let count = |kind| {
        let all = features.all().iter();
        all.filter(|feature| feature.kind == kind).count()
    };
    findings.add("features", features.all().len());
    findings.add("genes", count(FeatureKind::Gene));
    findings.add("coding_sequences", count(FeatureKind::Cds));
    findings.add("operons", count(FeatureKind::Operon));
    findings.add("start_sites", count(FeatureKind::Tss));
    findings.add("report", report.to_string());
}

/// A file that may hold annotation, sites or both. Finding no site is no failure.
fn track(
    path: &Path,
    genome: &Genome,
    options: &SiteOptions,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let track = track_from(&mut open(path)?, genome, options.remedy)?;
    if let Ok((found, report)) = &track.sites {
        sites(found, report, options, findings);
    }
    match track.features {
        Ok((features, report)) => annotation(&features, &report, findings),
        Err(error) if track.sites.is_err() => return Err(error.into()),
        Err(_) => {}
    }
    Ok(())
}

/// A table whose columns were chosen.
fn mapped(
    path: &Path,
    genome: &Genome,
    options: &SiteOptions,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let columns = options.columns.as_ref();
    if columns.is_some_and(ColumnMapping::is_for_sites) {
        let (found, report) = sites_with(&mut open(path)?, genome, options)?;
        sites(&found, &report, options, findings);
        findings.add("report", report.read.to_string());
        return Ok(());
    }
    anchors(path, genome, options, findings)
}

fn sites(sites: &SiteSet, report: &SiteReport, options: &SiteOptions, findings: &mut Findings) {
    let check = &report.check;
    findings.add("sites", report.sites);
    findings.add("on_both_strands", report.on_both_strands);
    findings.add("transcription_factors", report.tfs);
    let most: Vec<Value> = sites
        .tfs()
        .iter()
        .take(10)
        .map(|(tf, n)| json!(format!("{tf} ({n} sites)")))
        .collect();
    findings.add("most_sites", most);
    findings.add("compared", check.rate.compared);
    findings.add("matching", check.rate.matching);
    findings.add("matching_ignoring_strand", check.rate.matching_any_strand);
    findings.add("check", check.to_string());
    if check.is_ok() {
        return;
    }
    findings.failed |= !options.accept_mismatches;
    let tried = check.trials.iter().map(|trial| {
        let mark = if trial.passes() { ", which helps" } else { "" };
        json!(format!(
            "{}: {:.1} %{mark}",
            if trial.remedy.is_none() {
                "as it is".to_owned()
            } else {
                trial.remedy.to_string()
            },
            100.0 * trial.share()
        ))
    });
    findings.add("tried", tried.collect::<Vec<Value>>());
    let mismatches = check.mismatches.iter().map(|site| {
        json!(format!(
            "line {}: {} {} ({}) prints {}, the genome has {}",
            site.line, site.tf, site.place, site.strand, site.printed, site.genome
        ))
    });
    findings.add("mismatches", mismatches.collect::<Vec<Value>>());
}

fn anchors(
    path: &Path,
    genome: &Genome,
    options: &SiteOptions,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let options = AnchorOptions {
        columns: options.columns.as_ref(),
        remedy: options.remedy,
    };
    let (anchors, report) = read_with(&mut open(path)?, genome, options)?;
    findings.add("start_sites", anchors.len());
    findings.add("report", report.to_string());
    Ok(())
}
