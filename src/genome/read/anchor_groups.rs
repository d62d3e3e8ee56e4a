//! Groups of anchors that a table names itself, such as the σ factor of each promoter.

use super::error::ReadError;
use super::kind::FileKind;
use super::seqids::Seqids;
use super::table::{Table, names, whole_number};
use super::text::Input;
use crate::genome::anchor::Anchor;
use crate::genome::chunked::Chunked;
use crate::genome::contig::Genome;
use crate::progress::{Cancel, Progress};
use std::collections::BTreeMap;
use std::path::Path;

/// Column names of the σ factor.
const SIGMA: &[&str] = &[
    "sigmafactor",
    "sigma_factor",
    "sigmafactors",
    "sigma_factors",
    "sigma",
];

/// Factors of one promoter beyond these are not read.
const MOST_FACTORS: usize = 8;
/// A column with more names than these is not one of σ factors.
const MOST_GROUPS: usize = 200;

/// Anchors that a file puts together under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorGroup {
    /// The name as the file writes it, such as `sigma70`.
    pub name: String,
    /// The anchors, sorted, each once.
    pub anchors: Vec<Anchor>,
}

/// Reads the groups of a file, see [`read`].
///
/// # Errors
/// [`ReadError`] for a file that cannot be read.
pub fn read_anchor_groups(
    path: &Path,
    genome: &Genome,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<AnchorGroup>, ReadError> {
    read(&mut Input::open(path, progress, cancel)?, genome)
}

/// Reads the anchors of each σ factor from a table with such a column, by name; an anchor with
/// several of them is in several groups (at most 8). Files without the column have no groups, nor
/// have those with more than 200 names in it, and rows without
/// a place or a factor are in none: [`super::anchors::read`] says what is wrong with them.
///
/// # Errors
/// What reading the file gives.
pub fn read(input: &mut Input<'_>, genome: &Genome) -> Result<Vec<AnchorGroup>, ReadError> {
    if FileKind::of(input.head()) != FileKind::AnchorTable {
        return Ok(Vec::new());
    }
    let mut seqids = Seqids::new(genome);
    let mut table = Table::open(
        input,
        "a header with the columns position and strand",
        |c| c.index(names::POSITION).is_some() && c.index(names::STRAND).is_some(),
    )?;
    let [contig, position, strand, sigma] =
        [names::CONTIG, names::POSITION, names::STRAND, SIGMA].map(|any| table.columns.index(any));
    if sigma.is_none() {
        return Ok(Vec::new());
    }
    table.demand_contig(contig, genome)?;
    let mut groups: BTreeMap<String, Chunked<Anchor>> = BTreeMap::new();
    while let Some(row) = table.next_row()? {
        let on = match contig {
            None => Some(0),
            Some(_) => seqids.contig(row.text(contig)),
        };
        let place = whole_number(row.cell(position)).and_then(|number| number.checked_sub(1));
        let (Some(contig), Some(position), Some(strand)) = (on, place, row.strand(strand)) else {
            continue;
        };
        if seqids.beyond(contig, position.saturating_add(1)).is_some() {
            continue;
        }
        let anchor = Anchor {
            contig,
            position,
            strand,
        };
        let names = row.cell(sigma).split([',', ';', '/']).map(str::trim);
        for name in names.filter(|name| !name.is_empty()).take(MOST_FACTORS) {
            groups.entry(name.to_owned()).or_default().push(anchor);
        }
        if groups.len() > MOST_GROUPS {
            return Ok(Vec::new());
        }
    }
    Ok(groups
        .into_iter()
        .map(|(name, anchors)| {
            let mut anchors = anchors.into_vec();
            anchors.sort_unstable();
            anchors.dedup();
            AnchorGroup { name, anchors }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Strand;

    fn groups(text: &str) -> Result<Vec<AnchorGroup>, ReadError> {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let sequence = format!(">c\n{}\n", "A".repeat(100));
        let open = |name, bytes| Input::from_bytes(name, bytes, &progress, &cancel);
        let genome = super::super::genome_from(&mut open("c.fasta", sequence.as_bytes())?)?;
        read(&mut open("file.tsv", text.as_bytes())?, &genome)
    }

    #[test]
    fn an_anchor_with_two_factors_is_in_both_groups() {
        let found = groups(
            "1)pmId\t3)strand\t4)posTSS\t5)sigmaFactor\n\
             a\tforward\t10\tsigma70\nb\treverse\t20\tsigma70, sigma38\nc\tforward\t30\t\n\
             d\tforward\t\tsigma38\ne\tforward\t500\tsigma38\na\tforward\t10\tsigma70\n",
        )
        .unwrap();
        let at = |position, strand| Anchor {
            contig: 0,
            position,
            strand,
        };
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].name, "sigma38");
        assert_eq!(found[0].anchors, [at(19, Strand::Reverse)]);
        assert_eq!(
            found[1].anchors,
            [at(9, Strand::Forward), at(19, Strand::Reverse)]
        );
    }

    #[test]
    fn files_without_factors_have_no_groups() {
        assert!(groups("position\tstrand\n10\t+\n").unwrap().is_empty());
        assert!(groups("c\t9\t10\t.\t0\t+\n").unwrap().is_empty());
    }
}
