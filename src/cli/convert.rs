//! `headlight convert`: the same content in another form. Rebuilds every embedded file from its source.

use super::inputs::{Inputs, SiteInput};
use super::interval_file::IntervalFormat;
use super::track_file::ending;
use super::{output, with_progress};
use crate::genome::read::{FileKind, read_anchors, read_annotated_genome, sniff};
use crate::genome::write::anchors::AnchorRow;
use crate::genome::write::annotation::{write_annotation_bed, write_annotation_gff};
use crate::genome::write::{write_gene_table, write_twobit};
use crate::genome::{FeatureSet, Genome};
use crate::job::open::{self, checked_sites};
use crate::job::{Outcome, genome_run};
use crate::model::checkpoint::{Overrides, read_checkpoint, read_metadata, safetensors_bytes};
use crate::model::metadata::Metadata;
use crate::progress::{Cancel, Progress};
use crate::sites::read::{SiteOptions, read_motifs};
use crate::sites::write::{write_jaspar, write_meme};
use crate::sites::{MotifLibrary, Pfm, Ppm};
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `headlight convert`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Genome, annotation, site, start site, motif or model file, or the folder of a run
    file: PathBuf,
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    site_input: SiteInput,
    /// JSON with the model's metadata, instead of what the checkpoint says
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// A genome becomes .2bit, annotation a gene table (.tsv.gz), .bed or .gff3, sites and start sites a table (.tsv), .bed or .gff3, motifs .meme or .jaspar, a model .safetensors, a run its overview (.safetensors.gz)
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let path = &arguments.file;
    let same = |path: &Path| std::fs::canonicalize(path).ok();
    if same(path).is_some_and(|input| same(&arguments.output) == Some(input)) {
        bail!(
            "{} would be replaced by itself in another form: name another file",
            path.display()
        );
    }
    let (progress, cancel) = (Progress::default(), Cancel::default());
    if genome_run::is_run(path) {
        let bytes = genome_run::open_overview(path)?.to_bytes()?;
        let packed = bytes_of(|out| {
            let mut packer = flate2::write::GzEncoder::new(out, flate2::Compression::best());
            packer.write_all(&bytes)?;
            packer.finish().map(drop)
        })?;
        return output::write(Some(&arguments.output), |out| {
            out.write_all(&packed).context("writing")
        })
        .map(|()| ExitCode::SUCCESS);
    }
    let kind = sniff(path)?;
    let options = arguments.site_input.options();
    let bytes = match kind {
        _ if options.columns.is_some() => sites(arguments, &options)?,
        FileKind::Fasta | FileKind::TwoBit | FileKind::GenBank => {
            let read = with_progress("reading", |progress, cancel| {
                read_annotated_genome(path, progress, cancel)
            })?;
            match read.features {
                Some((features, _)) if IntervalFormat::of(&arguments.output).is_track() => {
                    annotation(&features, &read.genome, &arguments.output)?
                }
                _ => {
                    ensure!(
                        ending(&arguments.output) == "2bit",
                        "{}: expected a name that ends in .2bit, or in .bed or .gff3 where the genome has features",
                        arguments.output.display()
                    );
                    bytes_of(|out| write_twobit(&read.genome, out))?
                }
            }
        }
        FileKind::Gff3 | FileKind::Bed | FileKind::GeneTable => track(arguments, &options)?,
        FileKind::RegulonDbTfRiSet | FileKind::BindingSiteSet | FileKind::SiteTable => {
            sites(arguments, &options)?
        }
        FileKind::AnchorTable => {
            let (genome, _) = arguments.inputs.open_genome()?;
            let anchors = read_anchors(path, &genome, &progress, &cancel)?.0;
            let rows: Vec<AnchorRow> = anchors.into_iter().map(AnchorRow::from).collect();
            let format = IntervalFormat::checked(&arguments.output)?;
            bytes_of(|out| format.write_anchors(&rows, &genome, out))?
        }
        kind if kind.is_motifs() => {
            let library = read_motifs(path, &progress, &cancel)?.0;
            motifs(&library, &arguments.output)?
        }
        FileKind::Safetensors | FileKind::PyTorch => {
            let stated = arguments
                .metadata
                .as_deref()
                .map(read_metadata)
                .transpose()?;
            let said = |field: fn(&Metadata) -> Option<usize>| stated.as_ref().and_then(field);
            let asked = arguments.inputs.model.overrides();
            let overrides = Overrides {
                context: asked.context.or(said(|metadata| metadata.context)),
                label_shift: asked.label_shift.or(said(|metadata| metadata.label_shift)),
            };
            let checkpoint = read_checkpoint(path, overrides)?;
            let metadata = stated.unwrap_or(checkpoint.metadata);
            safetensors_bytes(&checkpoint.weights, &metadata)
        }
        kind => bail!(
            "{} holds {}, which is not written in another form",
            path.display(),
            kind.label()
        ),
    };
    output::write(Some(&arguments.output), |out| {
        out.write_all(&bytes).context("writing")
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A file of intervals as what it is: sites, start sites or annotation.
fn track(arguments: &Arguments, options: &SiteOptions) -> anyhow::Result<Vec<u8>> {
    let (path, to) = (&arguments.file, &arguments.output);
    let (genome, _) = arguments.inputs.open_genome()?;
    let outcome = with_progress("reading", |progress, cancel| {
        open::open(path, &genome, options, progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    let format = IntervalFormat::of(to);
    Ok(match outcome {
        Outcome::Features { features, .. } => annotation(&features, &genome, to)?,
        Outcome::Anchors { anchors, .. } => {
            let rows: Vec<AnchorRow> = anchors.anchors.iter().copied().map(Into::into).collect();
            bytes_of(|out| format.write_anchors(&rows, &genome, out))?
        }
        _ => sites(arguments, options)?,
    })
}

/// Annotation as BED or GFF3 where the name asks for one, else as a gene table.
fn annotation(features: &FeatureSet, genome: &Genome, to: &Path) -> std::io::Result<Vec<u8>> {
    bytes_of(|out| match IntervalFormat::of(to) {
        IntervalFormat::Bed => write_annotation_bed(features, genome, out),
        IntervalFormat::Gff3 => write_annotation_gff(features, genome, out),
        IntervalFormat::Table => write_gene_table(features, genome, out),
    })
}

/// The checked sites of the file, in the form that the name of the output asks for.
fn sites(arguments: &Arguments, options: &SiteOptions) -> anyhow::Result<Vec<u8>> {
    let (genome, _) = arguments.inputs.open_genome()?;
    let (sites, _) = with_progress("reading the sites", |progress, cancel| {
        checked_sites(&arguments.file, &genome, options, progress, cancel)
            .map_err(anyhow::Error::from_boxed)
    })?;
    let format = IntervalFormat::checked(&arguments.output)?;
    Ok(bytes_of(|out| format.write_sites(&sites, &genome, out))?)
}

/// The motifs as the name asks for: JASPAR or MEME.
fn motifs(library: &MotifLibrary, path: &Path) -> anyhow::Result<Vec<u8>> {
    match ending(path).as_str() {
        "jaspar" | "pfm" => {
            let counts: Vec<Pfm> = library.motifs.iter().map(Ppm::whole_counts).collect();
            Ok(bytes_of(|out| write_jaspar(out, &counts))?)
        }
        "meme" | "txt" => Ok(bytes_of(|out| {
            write_meme(out, &library.motifs, &library.background)
        })?),
        _ => bail!(
            "{}: expected a name that ends in .meme or .jaspar, because {} holds motifs",
            path.display(),
            library.name
        ),
    }
}

fn bytes_of(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    Ok(bytes)
}
