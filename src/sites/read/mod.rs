//! Readers of site and motif files. A file's kind is told by its content; rows become physical sites.

pub mod jaspar;
pub mod layout;
mod meme;
mod motifs;
pub mod placed;
mod pssm;
pub mod table;
pub mod track;
mod transfac;
mod uniprobe;

pub use motifs::{motifs_from, motifs_from_bytes, read_motifs};

use super::check::{AssemblyCheck, check_assembly};
use super::site::{Site, SiteSet};
use crate::genome::read::mapping::ColumnMapping;
use crate::genome::read::seqids::Seqids;
use crate::genome::read::{FileKind, Input, ReadError, ReadReport};
use crate::genome::{FeatureSet, Genome, Remedy};
use crate::progress::{Cancel, Progress};
use std::path::Path;

/// How a site file is to be read, beyond what it says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct SiteOptions {
    /// Its columns, where people chose them.
    pub columns: Option<ColumnMapping>,
    /// What is done about places that do not fit.
    pub remedy: Remedy,
    /// Whether sites are used although their sequences do not match.
    pub accept_mismatches: bool,
}

/// What a site file held, and how well it fits the genome.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct SiteReport {
    /// Rows that were used, rows that were left out and why.
    pub read: ReadReport,
    /// Physical sites: transcription factor, left and right.
    pub sites: usize,
    /// Sites that the file lists on both strands.
    pub on_both_strands: usize,
    /// Transcription factors with at least one site.
    pub tfs: usize,
    /// The printed sequences against the genome.
    pub check: AssemblyCheck,
}

/// Reads binding sites on `genome` from RegulonDB's `RISet` or `BindingSiteSet`, EcoCyc's
/// `SmartTable`, a DBTBS-style or plain table, BED or GFF3.
///
/// Look at [`SiteReport::check`] before drawing them: a file for another assembly is read without
/// an error where its positions happen to exist.
///
/// # Errors
/// [`ReadError`] for another format, a line that is wrong, or no site at all.
///
/// ```no_run
/// use headlight::progress::{Cancel, Progress};
/// # use headlight::genome::read::{ReadError, read_genome};
/// use headlight::sites::read::read_sites;
/// # let genome = read_genome("g.fasta".as_ref(), &Progress::default(), &Cancel::default())?;
/// let (sites, report) =
///     read_sites("TF-RISet.tsv".as_ref(), &genome, &Progress::default(), &Cancel::default())?;
/// println!("{} sites of {} TFs; {}", sites.sites.len(), report.tfs, report.check);
/// # Ok::<(), ReadError>(())
/// ```
pub fn read_sites(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(SiteSet, SiteReport), ReadError> {
    sites_from(&mut Input::open(path, progress, cancel)?, genome)
}

/// Reads binding sites from an open file or from memory.
///
/// # Errors
/// As [`read_sites`].
pub fn sites_from(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(SiteSet, SiteReport), ReadError> {
    sites_with(input, genome, &SiteOptions::default())
}

/// Reads binding sites as `options` say.
///
/// # Errors
/// As [`read_sites`]; a column that the table lacks.
pub fn sites_with(
    input: &mut Input<'_>,
    genome: &Genome,
    options: &SiteOptions,
) -> Result<(SiteSet, SiteReport), ReadError> {
    let mut seqids = Seqids::lifted(genome, options.remedy);
    let columns = options.columns.as_ref();
    let (rows, report) = match FileKind::of(input.head()) {
        FileKind::RegulonDbTfRiSet | FileKind::BindingSiteSet | FileKind::SiteTable => {
            table::read(input, columns, genome, &mut seqids)?
        }
        _ if columns.is_some() => table::read(input, columns, genome, &mut seqids)?,
        FileKind::Bed | FileKind::Gff3 => track::read(input, &mut seqids)?,
        _ => {
            return Err(input.not(
                "binding sites as RegulonDB TF-RISet or BindingSiteSet, EcoCyc SmartTable, BED, GFF3 or a table with the columns tf, left and right",
                "Choose another file, name its columns in the first line, or say which columns are which.",
            ));
        }
    };
    seqids.require_match(input)?;
    finished(rows, report, options.remedy, genome, &seqids, input)
}

/// The annotation of a file, and its binding sites where it has any.
#[derive(Debug)]
pub struct Track {
    /// The file as annotation; an error where a feature lies outside the genome.
    pub features: Result<(FeatureSet, ReadReport), ReadError>,
    /// The file as sites; an error where it has none.
    pub sites: Result<(SiteSet, SiteReport), ReadError>,
}

/// Reads a BED or GFF3 file once, as annotation and as sites.
///
/// # Errors
/// [`ReadError`] for a line that is wrong, or when none of its sequences is in the genome.
pub fn track_from(
    input: &mut Input<'_>,
    genome: &Genome,
    remedy: Remedy,
) -> Result<Track, ReadError> {
    let mut seqids = Seqids::lifted(genome, remedy);
    let both = track::read_both(input, genome, &mut seqids)?;
    seqids.require_match(input)?;
    Ok(Track {
        features: both.features,
        sites: finished(both.rows, both.report, remedy, genome, &seqids, input),
    })
}

fn finished(
    mut rows: Vec<Site>,
    mut read: ReadReport,
    remedy: Remedy,
    genome: &Genome,
    seqids: &Seqids<'_>,
    input: &Input<'_>,
) -> Result<(SiteSet, SiteReport), ReadError> {
    placed::settle(&mut rows, remedy, genome, seqids, &mut read);
    read.take_names(seqids);
    if rows.is_empty() {
        return Err(input.problem(
            None,
            "at least one site with a place",
            read.nothing(),
            "Check that this is the right file for the open genome.",
        ));
    }
    read.records = rows.len();
    let sites = SiteSet::new(input.stem(), placed::merge(rows));
    let report = SiteReport {
        read,
        sites: sites.sites.len(),
        on_both_strands: sites.sites.iter().filter(|s| s.on_both_strands).count(),
        tfs: sites.tfs().len(),
        check: check_assembly(&sites, genome, remedy),
    };
    Ok((sites, report))
}
