//! Headlight's own compact gene table, for the embedded example: gzip, tab-separated, sorted.
//!
//! ```text
//! # headlight genes 1
//! contig  left  right  strand  name  locus_tag  synonyms  product
//! ```
//! `left` and `right` are 1-based and inclusive, synonyms are separated by `|`, an unknown strand
//! is `.`.

use super::error::{ReadError, quoted};
use super::report::ReadReport;
use super::seqids::{Seqids, UNKNOWN};
use super::table::{Table, whole_number};
use super::text::Input;
use crate::genome::chunked::Chunked;
use crate::genome::contig::Genome;
use crate::genome::feature::{Feature, FeatureKind, FeatureNames, FeatureSet};
use crate::genome::locus::Interval;

pub(crate) const FIRST_LINE: &str = "# headlight genes 1";
pub(crate) const COLUMNS: [&str; 8] = [
    "contig",
    "left",
    "right",
    "strand",
    "name",
    "locus_tag",
    "synonyms",
    "product",
];

/// Reads a gene table.
///
/// # Errors
/// [`ReadError`] naming the line of a missing column, a wrong number or a place outside the genome.
pub fn read(input: &mut Input<'_>, genome: &Genome) -> Result<(FeatureSet, ReadReport), ReadError> {
    let mut report = ReadReport::new("Headlight gene table");
    let mut seqids = Seqids::new(genome);
    let mut features = Chunked::default();
    let mut table = Table::open(
        input,
        "the columns contig, left, right, strand, name, locus_tag, synonyms, product",
        |columns| COLUMNS.iter().all(|name| columns.index(&[name]).is_some()),
    )?;
    let [
        contig,
        left,
        right,
        strand,
        name,
        locus_tag,
        synonyms,
        product,
    ] = COLUMNS.map(|name| table.columns.index(&[name]));
    while let Some(row) = table.next_row()? {
        let line = row.line;
        let ends = (whole_number(row.cell(left)), whole_number(row.cell(right)));
        let interval = match ends {
            (Some(left), Some(right)) => Interval::from_closed(left, right),
            _ => None,
        };
        let cells = [contig, name, locus_tag, synonyms, product].map(|c| row.text(c).to_owned());
        let strand = row.strand(strand);
        let found = format!("{} to {}", quoted(row.cell(left)), quoted(row.cell(right)));
        let [contig, name, locus_tag, synonyms, product] = cells;
        let Some(interval) = interval else {
            return Err(row.problem(
                "left and right as whole numbers from 1 on, in order",
                found,
                "Correct the line.",
            ));
        };
        let Some(contig) = seqids.contig(&contig) else {
            report.skip(UNKNOWN, line);
            continue;
        };
        seqids.check_end(contig, interval.end, table.input(), line)?;
        let synonyms = synonyms.split('|').filter(|s| !s.is_empty());
        let names = FeatureNames {
            name: &name,
            synonyms: &synonyms.map(str::to_owned).collect::<Vec<_>>(),
            locus_tag: &locus_tag,
            product: &product,
        };
        let gene = Feature::new(FeatureKind::Gene, contig, interval, strand);
        features.push(gene.with_names(names));
    }
    report.records = features.len();
    seqids.require_match(input)?;
    report.take_names(&seqids);
    Ok((FeatureSet::new(features.into_vec()), report))
}
