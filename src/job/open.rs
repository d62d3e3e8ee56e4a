//! Opens a file of any kind: what it is, is found out from its content.

use super::{JobError, Outcome, genome_run};
use crate::genome::anchor::Anchor;
use crate::genome::locus::grouped;
use crate::genome::read::anchors::AnchorOptions;
use crate::genome::read::preview::TablePreview;
use crate::genome::read::{
    AnnotatedGenome, FileKind, Input, ReadError, ReadReport, anchors, read_annotated_genome,
    read_annotation, read_genome, sniff,
};
use crate::genome::{Feature, FeatureKind, FeatureSet, Genome, Interval};
use crate::model::Model;
use crate::model::checkpoint::Overrides;
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::SiteSet;
use crate::sites::read::{SiteOptions, SiteReport, read_motifs, sites_with, track_from};
use std::path::{Path, PathBuf};

/// Columns of GFF3.
const GFF3_COLUMNS: usize = 9;

/// Annotated transcription start sites from one file.
#[derive(Clone, Debug)]
pub struct AnchorFile {
    /// What people call it: the file's name.
    pub name: String,
    /// The start sites.
    pub anchors: Vec<Anchor>,
    /// The same as features, for drawing.
    pub features: FeatureSet,
}

impl AnchorFile {
    /// Start sites under the name of their file.
    #[must_use]
    pub fn new(name: String, anchors: Vec<Anchor>) -> Self {
        let features = anchors.iter().map(|anchor| {
            let base = Interval::new(anchor.position, anchor.position + 1);
            Feature::new(FeatureKind::Tss, anchor.contig, base, Some(anchor.strand))
        });
        Self {
            name,
            features: FeatureSet::new(features.collect()),
            anchors,
        }
    }
}

/// A file that was read but is not to be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The content is of no known kind.
    #[error(
        "{path}: its content is none that Headlight reads. Expected a genome (FASTA, GenBank, 2bit), annotation (GFF3, GenBank, BED), \
         known sites (RegulonDB, EcoCyc, BED, GFF3, TSV), start sites (BED, GFF3, TSV), motifs (MEME, JASPAR, \
         TRANSFAC, UniPROBE) or a model (safetensors, PyTorch)."
    )]
    UnknownKind {
        /// The file.
        path: String,
    },
    /// The sites belong to another sequence.
    #[error("{path}: {explanation} {advice}")]
    OtherAssembly {
        /// The file.
        path: String,
        /// What does not match, and what may be the reason.
        explanation: String,
        /// What to do about it.
        advice: String,
    },
}

/// Sites that do not stand where their file says: nothing is drawn until somebody has decided.
#[derive(Clone, Debug)]
pub struct SitesInDoubt {
    /// The file.
    pub path: PathBuf,
    /// How it was read.
    pub options: SiteOptions,
    /// What it held, and what does not match.
    pub report: SiteReport,
}

/// Opens `path` on the open `genome`; sites and tables are read as `options` say.
///
/// # Errors
/// In words for people: the file, the line, what was expected and what to do next.
pub fn open(
    path: &Path,
    genome: &Genome,
    options: &SiteOptions,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    let name = file_name(path);
    let shown = path.display().to_string();
    if genome_run::is_run(path) {
        let overview = Box::new(genome_run::open_overview(path)?);
        return Ok(Outcome::Overview { name, overview });
    }
    let kind = sniff(path)?;
    cancel.check()?;
    let as_anchors = AnchorOptions {
        columns: options.columns.as_ref(),
        remedy: options.remedy,
    };
    if let Some(columns) = &options.columns {
        return if columns.is_for_sites() {
            sites(path, genome, options, progress, cancel)
        } else {
            anchors(path, genome, as_anchors, progress, cancel)
        };
    }
    match kind {
        FileKind::Fasta | FileKind::TwoBit | FileKind::GenBank => {
            let read = unless_cancelled(read_annotated_genome(path, progress, cancel))?;
            Ok(match read.features {
                None => Outcome::Genome(read.genome),
                Some((features, report)) => Outcome::AnnotatedGenome {
                    genome: read.genome,
                    features,
                    report: report.to_string(),
                },
            })
        }
        FileKind::Safetensors | FileKind::PyTorch => Ok(Outcome::Model(Box::new(Model::open(
            path,
            Overrides::default(),
        )?))),
        FileKind::RegulonDbTfRiSet | FileKind::BindingSiteSet | FileKind::SiteTable => {
            sites(path, genome, options, progress, cancel)
        }
        FileKind::AnchorTable => anchors(path, genome, as_anchors, progress, cancel),
        FileKind::GeneTable => {
            let (features, report) =
                unless_cancelled(read_annotation(path, genome, progress, cancel))?;
            Ok(Outcome::features(name, features, &report))
        }
        FileKind::Gff3 | FileKind::Bed => track(path, genome, options, progress, cancel),
        FileKind::Meme
        | FileKind::Jaspar
        | FileKind::Transfac
        | FileKind::Uniprobe
        | FileKind::RegulonDbPssm => {
            let (library, report) = unless_cancelled(read_motifs(path, progress, cancel))?;
            let report = report.to_string();
            Ok(Outcome::Motifs { library, report })
        }
        FileKind::Unknown => explain(path, shown, genome, progress, cancel),
    }
}

/// Opens BED or GFF3, read once, as what most of it is: start sites, known sites or annotation.
fn track(
    path: &Path,
    genome: &Genome,
    options: &SiteOptions,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    let mut input = unless_cancelled(Input::open(path, progress, cancel))?;
    let track = unless_cancelled(track_from(&mut input, genome, options.remedy))?;
    let (features, report) = match (track.features, track.sites) {
        (Ok((features, _)), Ok((sites, report))) if are_sites(&features, &sites) => {
            return Ok(sites_outcome(path, options, sites, report));
        }
        (Err(_), Ok((sites, report))) => {
            return Ok(sites_outcome(path, options, sites, report));
        }
        (Ok(features), _) => features,
        (Err(error), Err(_)) => return unless_cancelled(Err(error)),
    };
    let name = file_name(path);
    if mostly_start_sites(&features) {
        return Ok(Outcome::Anchors {
            anchors: AnchorFile::new(name, start_sites(&features)),
            report: report.to_string(),
        });
    }
    Ok(Outcome::features(name, features, &report))
}

/// Whether a file is one of sites rather than of the features that it could be read as too.
///
/// Every named interval of BED is both: wide ones are genes.
fn are_sites(features: &FeatureSet, sites: &SiteSet) -> bool {
    const WIDEST_SITE_BP: usize = 100;
    if mostly_start_sites(features) {
        return false;
    }
    let all = features.all();
    let is_gene = |feature: &Feature| matches!(feature.kind, FeatureKind::Gene | FeatureKind::Cds);
    let wide = |feature: &&Feature| feature.interval.len() > WIDEST_SITE_BP;
    2 * all.iter().filter(wide).count() <= all.len()
        && (2 * sites.sites.len() > all.len() || !all.iter().any(is_gene))
}

fn mostly_start_sites(features: &FeatureSet) -> bool {
    let all = features.all();
    2 * all.iter().filter(|f| f.kind == FeatureKind::Tss).count() > all.len()
}

/// The start sites among features, each once, in the order of the genome.
fn start_sites(features: &FeatureSet) -> Vec<Anchor> {
    let tss = features.all().iter().filter(|f| f.kind == FeatureKind::Tss);
    let mut anchors: Vec<Anchor> = tss
        .filter_map(|feature| {
            Some(Anchor {
                contig: feature.contig(),
                position: feature.interval.start,
                strand: feature.strand?,
            })
        })
        .collect();
    anchors.sort_unstable();
    anchors.dedup();
    anchors
}

/// A file of unknown kind: a table whose columns people may choose, or why it cannot be opened, in
/// the nearest reader's own words where it has some.
fn explain(
    path: &Path,
    shown: String,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    match read_genome(path, progress, cancel) {
        Err(error) if error.line().is_some() => return Err(error.into()),
        _ => {}
    }
    let mut input = unless_cancelled(Input::open(path, progress, cancel))?;
    let preview = TablePreview::read(&mut input).ok().flatten();
    // Nine columns may be GFF3 with a wrong line; any other table is for people to explain.
    if let Some(preview) = preview.filter(|table| table.first.len() != GFF3_COLUMNS) {
        return Ok(Outcome::UnknownTable(Box::new(preview)));
    }
    match read_annotation(path, genome, progress, cancel) {
        Err(error) if error.line().is_some() => Err(error.into()),
        _ => Err(OpenError::UnknownKind { path: shown }.into()),
    }
}

/// Opens a genome, with the annotation that its file brings along.
///
/// # Errors
/// As [`open`].
pub fn genome(
    path: &Path,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<AnnotatedGenome, JobError> {
    unless_cancelled(read_annotated_genome(path, progress, cancel))
}

/// Opens an annotation of `genome` without progress.
///
/// # Errors
/// As [`open`].
pub fn annotation(path: &Path, genome: &Genome) -> Result<(FeatureSet, ReadReport), ReadError> {
    read_annotation(path, genome, &Progress::default(), &Cancel::default())
}

/// Opens known sites and checks them against the sequence of `genome`.
///
/// # Errors
/// As [`open`]; also when fewer than 95 % of the printed sequences are what the genome has there,
/// unless the options accept that.
pub fn checked_sites(
    path: &Path,
    genome: &Genome,
    options: &SiteOptions,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(SiteSet, String), JobError> {
    let mut input = unless_cancelled(Input::open(path, progress, cancel))?;
    let (sites, report) = unless_cancelled(sites_with(&mut input, genome, options))?;
    if !report.check.is_ok() && !options.accept_mismatches {
        let (path, explanation) = (path.display().to_string(), report.check.to_string());
        let advice = report.check.remedies().next().map_or_else(
            || "Nothing of it is drawn.".to_owned(),
            |trial| format!("Nothing of it is drawn without {}.", trial.remedy),
        );
        return Err(OpenError::OtherAssembly {
            path,
            explanation,
            advice,
        }
        .into());
    }
    let text = sites_text(&sites, &report);
    Ok((sites, text))
}

fn sites_text(sites: &SiteSet, report: &SiteReport) -> String {
    let count = sites.sites.len();
    format!(
        "{} {} of {} {}. {}",
        grouped(count),
        if count == 1 { "site" } else { "sites" },
        grouped(report.tfs),
        if report.tfs == 1 { "TF" } else { "TFs" },
        report.check
    )
}

fn sites(
    path: &Path,
    genome: &Genome,
    options: &SiteOptions,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    let mut input = unless_cancelled(Input::open(path, progress, cancel))?;
    let (sites, report) = unless_cancelled(sites_with(&mut input, genome, options))?;
    Ok(sites_outcome(path, options, sites, report))
}

/// Sites that passed or were accepted; otherwise the report that asks.
fn sites_outcome(
    path: &Path,
    options: &SiteOptions,
    sites: SiteSet,
    report: SiteReport,
) -> Outcome {
    if report.check.is_ok() || options.accept_mismatches {
        let report = sites_text(&sites, &report);
        Outcome::Sites { sites, report }
    } else {
        Outcome::SitesInDoubt(Box::new(SitesInDoubt {
            path: path.to_owned(),
            options: options.clone(),
            report,
        }))
    }
}

fn anchors(
    path: &Path,
    genome: &Genome,
    options: AnchorOptions<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    let (anchors, report) = anchor_file_with(path, genome, options, progress, cancel)?;
    Ok(Outcome::Anchors { anchors, report })
}

/// Opens annotated start sites, with what was read and what was left out.
///
/// # Errors
/// As [`open`].
pub fn anchor_file(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(AnchorFile, String), JobError> {
    anchor_file_with(path, genome, AnchorOptions::default(), progress, cancel)
}

/// Opens annotated start sites as `options` say.
///
/// # Errors
/// As [`open`].
pub fn anchor_file_with(
    path: &Path,
    genome: &Genome,
    options: AnchorOptions<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(AnchorFile, String), JobError> {
    let mut input = unless_cancelled(Input::open(path, progress, cancel))?;
    let (anchors, report) = unless_cancelled(anchors::read_with(&mut input, genome, options))?;
    Ok((
        AnchorFile::new(file_name(path), anchors),
        report.to_string(),
    ))
}

/// The last part of a path, for labels.
#[must_use]
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// A cancelled reading ends as cancelled, not as failed.
fn unless_cancelled<T>(read: Result<T, ReadError>) -> Result<T, JobError> {
    match read {
        Err(ReadError::Cancelled(cancelled)) => Err(
            Box::<dyn std::error::Error + Send + Sync>::from(cancelled as Cancelled),
        ),
        other => Ok(other?),
    }
}
