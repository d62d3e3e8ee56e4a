//! Readers of site and motif files. A file's kind is told by its content; rows become physical sites.

pub mod jaspar;
mod meme;
mod motifs;
pub mod placed;
mod pssm;
pub mod regulondb;
pub mod table;
pub mod track;
mod transfac;
mod uniprobe;

pub use motifs::{motifs_from, motifs_from_bytes, read_motifs};

use super::check::{AssemblyCheck, check_assembly};
use super::site::SiteSet;
use crate::genome::Genome;
use crate::genome::read::{FileKind, Input, ReadError, ReadReport};
use crate::progress::{Cancel, Progress};
use std::path::Path;

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

/// Reads binding sites on `genome` from RegulonDB's `RISet`, a table, BED or GFF3.
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
    let (rows, mut read) = match FileKind::of(input.head()) {
        FileKind::RegulonDbTfRiSet => regulondb::read(input, genome)?,
        FileKind::SiteTable => table::read(input, genome)?,
        FileKind::Bed => track::read_bed(input, genome)?,
        FileKind::Gff3 => track::read_gff(input, genome)?,
        _ => {
            return Err(input.not(
                "binding sites as RegulonDB TF-RISet, BED, GFF3 or a table with the columns tf, left and right",
                "Choose another file, or name its columns in the first line.",
            ));
        }
    };
    if rows.is_empty() {
        return Err(input.problem(
            None,
            "at least one site with a place",
            read.nothing(),
            "Check that this is the right file for the open genome.",
        ));
    }
    read.records = rows.len();
    let (sites, on_both_strands) = placed::merge(rows, genome);
    let sites = SiteSet::new(input.stem(), sites);
    let report = SiteReport {
        read,
        sites: sites.sites.len(),
        on_both_strands,
        tfs: sites.tfs().len(),
        check: check_assembly(&sites, genome),
    };
    Ok((sites, report))
}
