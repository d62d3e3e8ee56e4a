//! Readers of genome and annotation files. A file's kind is told by its content, gzip is
//! unpacked anywhere, and whatever is wrong is a [`ReadError`] that names file and line.

pub mod activity;
pub mod anchor_groups;
pub mod anchors;
pub mod bed;
mod collected;
mod delimited;
pub mod error;
pub mod fasta;
pub mod genbank;
pub mod genes;
pub mod gff;
pub mod kind;
pub mod mapping;
pub mod motif_kind;
pub mod preview;
pub mod promoters;
pub mod report;
pub mod seqids;
pub mod table;
pub mod text;
pub mod twobit;

pub use error::ReadError;
pub use kind::{FileKind, sniff};
pub use report::{ReadReport, Skipped};
pub use text::Input;

use super::anchor::Anchor;
use super::contig::Genome;
use super::feature::FeatureSet;
use crate::progress::{Cancel, Progress};
use std::path::Path;

/// Reads a genome from FASTA, GenBank or 2bit. `progress` counts the bytes of the file.
///
/// # Errors
/// [`ReadError`] naming file and, in FASTA, the line.
///
/// ```no_run
/// use headlight::genome::read::read_genome;
/// use headlight::progress::{Cancel, Progress};
/// let genome = read_genome("NC_000913.3.fasta".as_ref(), &Progress::default(), &Cancel::default())?;
/// println!("{}: {} bp", genome.name, genome.len());
/// # Ok::<(), headlight::genome::read::ReadError>(())
/// ```
pub fn read_genome(path: &Path, progress: &Progress, cancel: &Cancel) -> Result<Genome, ReadError> {
    genome_from(&mut Input::open(path, progress, cancel)?)
}

/// Reads a genome from an open file or from memory.
///
/// # Errors
/// As [`read_genome`].
pub fn genome_from(input: &mut Input<'_>) -> Result<Genome, ReadError> {
    Ok(annotated_genome_from(input)?.genome)
}

/// A genome with the annotation that its file brings along.
#[derive(Debug)]
pub struct AnnotatedGenome {
    /// The sequences.
    pub genome: Genome,
    /// Features and what was left out; `None` for files that hold sequence only.
    pub features: Option<(FeatureSet, ReadReport)>,
}

/// Reads a genome together with the features that a GenBank file holds.
///
/// # Errors
/// As [`read_genome`].
pub fn read_annotated_genome(
    path: &Path,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<AnnotatedGenome, ReadError> {
    annotated_genome_from(&mut Input::open(path, progress, cancel)?)
}

/// Reads a genome with its features from an open file or from memory.
///
/// # Errors
/// As [`read_genome`].
pub fn annotated_genome_from(input: &mut Input<'_>) -> Result<AnnotatedGenome, ReadError> {
    let genome = match FileKind::of(input.head()) {
        FileKind::TwoBit => twobit::read(input)?,
        FileKind::GenBank => {
            let (genome, features, report) = genbank::read(input)?;
            return Ok(AnnotatedGenome {
                genome,
                features: Some((features, report)),
            });
        }
        // Sequence without a header is for the FASTA reader to explain.
        FileKind::Fasta => fasta::read(input)?,
        FileKind::Unknown if looks_like_sequence(input.head()) => fasta::read(input)?,
        _ => {
            return Err(input.not(
                "a genome as FASTA, GenBank or 2bit",
                "Choose a FASTA, GenBank or 2bit file, plain or gzip.",
            ));
        }
    };
    Ok(AnnotatedGenome {
        genome,
        features: None,
    })
}

fn looks_like_sequence(head: &[u8]) -> bool {
    let line = head.trim_ascii_start().split(|&b| b == b'\n').next();
    line.is_some_and(|line| {
        let line = line.trim_ascii();
        !line.is_empty() && line.iter().all(|&b| super::Base::from_ascii(b).is_some())
    })
}

/// Reads annotation of `genome` from GFF3, GenBank, BED or Headlight's gene table.
///
/// # Errors
/// [`ReadError`] naming file and line.
pub fn read_annotation(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(FeatureSet, ReadReport), ReadError> {
    annotation_from(&mut Input::open(path, progress, cancel)?, genome)
}

/// Reads annotation from an open file or from memory.
///
/// # Errors
/// As [`read_annotation`].
pub fn annotation_from(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(FeatureSet, ReadReport), ReadError> {
    match FileKind::of(input.head()) {
        FileKind::Gff3 => gff::read(input, genome),
        FileKind::GenBank => genbank::read_features(input, genome),
        FileKind::Bed => bed::read(input, genome),
        FileKind::GeneTable => genes::read(input, genome),
        FileKind::Unknown if has_version_or_tabs(input.head()) => gff::read(input, genome),
        _ => Err(input.not(
            "annotation as GFF3, GenBank or BED",
            "Choose a GFF3, GenBank or BED file, plain or gzip.",
        )),
    }
}

/// Whether a file that no format recognised has columns: the GFF3 reader names what is wrong.
fn has_version_or_tabs(head: &[u8]) -> bool {
    let line = head
        .split(|&b| b == b'\n')
        .find(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#"));
    line.is_some_and(|line| line.split(|&b| b == b'\t').count() > 6)
}

/// Reads anchors (transcription start sites) on `genome` from BED, GFF3 or a table, see [`anchors`].
///
/// # Errors
/// [`ReadError`] naming file and line.
pub fn read_anchors(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(Vec<Anchor>, ReadReport), ReadError> {
    anchors::read(&mut Input::open(path, progress, cancel)?, genome)
}
