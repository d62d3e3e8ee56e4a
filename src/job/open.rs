//! Opens a file of any kind: what it is, is found out from its content.

use super::{JobError, Outcome};
use crate::genome::anchor::Anchor;
use crate::genome::read::{FileKind, ReadError, read_anchors, read_annotation, read_genome, sniff};
use crate::genome::{Feature, FeatureKind, FeatureSet, Genome, Interval};
use crate::model::Model;
use crate::model::checkpoint::Overrides;
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::SiteSet;
use crate::sites::read::{read_motifs, read_sites};
use std::path::Path;

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
        let features = anchors.iter().map(|anchor| Feature {
            kind: FeatureKind::Tss,
            name: String::new(),
            synonyms: Vec::new(),
            locus_tag: String::new(),
            product: String::new(),
            contig: anchor.contig,
            interval: Interval::new(anchor.position, anchor.position + 1),
            strand: Some(anchor.strand),
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
        "{path}: its content is none that Headlight reads. Expected a genome (FASTA, 2bit), annotation (GFF3, BED), \
         known sites (RegulonDB TF-RISet.tsv, BED, GFF3, TSV), start sites (BED, GFF3, TSV), motifs (MEME, JASPAR, \
         TRANSFAC, UniPROBE) or a model (safetensors, PyTorch)."
    )]
    UnknownKind {
        /// The file.
        path: String,
    },
    /// The sites belong to another sequence.
    #[error("{path}: {explanation} Nothing of it is drawn.")]
    OtherAssembly {
        /// The file.
        path: String,
        /// What does not match, and what may be the reason.
        explanation: String,
    },
}

/// Opens `path` on the open `genome`.
///
/// # Errors
/// In words for people: the file, the line, what was expected and what to do next.
pub fn open(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    let name = file_name(path);
    let shown = path.display().to_string();
    let kind = sniff(path)?;
    cancel.check()?;
    match kind {
        FileKind::Fasta | FileKind::TwoBit => {
            Ok(Outcome::Genome(self::genome(path, progress, cancel)?))
        }
        FileKind::Safetensors | FileKind::PyTorch => Ok(Outcome::Model(Box::new(Model::open(
            path,
            Overrides::default(),
        )?))),
        FileKind::RegulonDbTfRiSet | FileKind::SiteTable => sites(path, genome, progress, cancel),
        FileKind::AnchorTable => anchors(path, genome, progress, cancel),
        FileKind::Gff3 | FileKind::Bed | FileKind::GeneTable => {
            let (features, report) =
                unless_cancelled(read_annotation(path, genome, progress, cancel))?;
            let count = |kind| {
                features
                    .all()
                    .iter()
                    .filter(|feature| feature.kind == kind)
                    .count()
            };
            let (start_sites, all) = (count(FeatureKind::Tss), features.all().len());
            if 2 * start_sites > all {
                return anchors(path, genome, progress, cancel);
            }
            let binding = read_sites(path, genome, progress, cancel)
                .map_or(0, |(sites, _)| sites.sites.len());
            if binding > 0
                && (2 * binding > all || count(FeatureKind::Gene) + count(FeatureKind::Cds) == 0)
            {
                sites(path, genome, progress, cancel)
            } else {
                Ok(Outcome::Features {
                    name,
                    features,
                    report: report.to_string(),
                })
            }
        }
        FileKind::Meme
        | FileKind::Jaspar
        | FileKind::Transfac
        | FileKind::Uniprobe
        | FileKind::RegulonDbPssm => {
            let (library, report) = unless_cancelled(read_motifs(path, progress, cancel))?;
            let report = report.to_string();
            Ok(Outcome::Motifs { library, report })
        }
        FileKind::Unknown => Err(explain(path, shown, genome, progress, cancel)),
    }
}

/// Why a file of unknown kind cannot be opened: the nearest reader's own words where it has some.
fn explain(
    path: &Path,
    shown: String,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> JobError {
    match read_genome(path, progress, cancel) {
        Err(error) if error.line().is_some() => return error.into(),
        _ => {}
    }
    match read_annotation(path, genome, progress, cancel) {
        Err(error) if error.line().is_some() => error.into(),
        _ => OpenError::UnknownKind { path: shown }.into(),
    }
}

/// Opens a genome.
///
/// # Errors
/// As [`open`].
pub fn genome(path: &Path, progress: &Progress, cancel: &Cancel) -> Result<Genome, JobError> {
    unless_cancelled(read_genome(path, progress, cancel))
}

/// Opens an annotation of `genome` without progress.
///
/// # Errors
/// As [`open`].
pub fn annotation(path: &Path, genome: &Genome) -> Result<(FeatureSet, String), ReadError> {
    let (features, report) =
        read_annotation(path, genome, &Progress::default(), &Cancel::default())?;
    Ok((features, report.to_string()))
}

/// Opens known sites and checks them against the sequence of `genome`.
///
/// # Errors
/// As [`open`]; also when fewer than 95 % of the printed sequences are what the genome has there.
pub fn checked_sites(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(SiteSet, String), JobError> {
    let (sites, report) = unless_cancelled(read_sites(path, genome, progress, cancel))?;
    if !report.check.is_ok() {
        let (path, explanation) = (path.display().to_string(), report.check.to_string());
        return Err(OpenError::OtherAssembly { path, explanation }.into());
    }
    let text = format!(
        "{} sites of {} TFs. {}",
        sites.sites.len(),
        report.tfs,
        report.check
    );
    Ok((sites, text))
}

fn sites(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    let (sites, report) = checked_sites(path, genome, progress, cancel)?;
    Ok(Outcome::Sites { sites, report })
}

fn anchors(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Outcome, JobError> {
    let (anchors, report) = anchor_file(path, genome, progress, cancel)?;
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
    let (anchors, report) = unless_cancelled(read_anchors(path, genome, progress, cancel))?;
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
