//! RegulonDB's regulatory interactions (`TF-RISet.tsv` of release 13, `RISet` of 11): one
//! interaction a row, so that a site stands on many rows.
//!
//! Columns are found by name; the header's cells carry numbers (`1)riId`). Comments begin with `#`
//! or `"#`. Coordinates may be missing (empty, `NA`, `0`). The sequence prints the site in upper
//! case between ten lower-case bases on either side.

use super::placed::{Ends, PlacedRow, effect, evidence};
use crate::genome::read::error::quoted;
use crate::genome::read::seqids::Seqids;
use crate::genome::read::table::{Row, Table, names};
use crate::genome::read::{Input, ReadError, ReadReport};
use crate::genome::{Genome, Interval};

/// The chromosome that RegulonDB's coordinates are about.
const K_12: &str = "NC_000913.3";

/// Columns by the names of releases 13 and 11.
struct Columns {
    tf: Option<usize>,
    left: Option<usize>,
    right: Option<usize>,
    strand: Option<usize>,
    sequence: Option<usize>,
    function: Option<usize>,
    promoter: Option<usize>,
    first_gene: Option<usize>,
    unit: Option<usize>,
    confidence: Option<usize>,
}

impl Columns {
    fn find(table: &Table<'_, '_>) -> Self {
        let index = |any_of: &[&str]| table.columns.index(any_of);
        Self {
            tf: index(&["regulatorname", "tfname"]),
            left: index(&["tfrsleft"]),
            right: index(&["tfrsright"]),
            strand: index(names::STRAND),
            sequence: index(&["tfrsseq"]),
            function: index(&["rifunction"]),
            promoter: index(&["promotername"]),
            first_gene: index(&["firstgene"]),
            unit: index(&["targettuorgene"]),
            confidence: index(&["confidencelevel"]),
        }
    }

    fn row(&self, row: Row<'_>, contig: usize, interval: Interval) -> PlacedRow {
        let unit = row.cell(self.unit);
        let unit = unit.split_once(':').map_or(unit, |(_, name)| name);
        let target = [row.cell(self.promoter), unit, row.cell(self.first_gene)]
            .into_iter()
            .find(|name| !name.is_empty());
        PlacedRow {
            tf: row.cell(self.tf).to_owned(),
            contig,
            interval,
            strand: row.strand(self.strand),
            evidence: evidence(row.cell(self.confidence)),
            effect: effect(row.text(self.function)),
            targets: target.map(str::to_owned).into_iter().collect(),
            sequence: bound_bases(row.cell(self.sequence)),
            line: row.line,
        }
    }
}

/// Reads the rows that have coordinates.
///
/// # Errors
/// [`ReadError`] naming the line of a row that is cut short or of wrong coordinates; a genome of several sequences, because the file names none.
pub fn read(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(Vec<PlacedRow>, ReadReport), ReadError> {
    let mut report = ReadReport::new("RegulonDB RISet");
    let seqids = Seqids::new(genome);
    let (mut rows, mut short) = (Vec::new(), 0_usize);
    let mut table = Table::open(
        input,
        "RegulonDB’s header with regulatorName, tfrsLeft and tfrsRight",
        |columns| columns.index(&["riid"]).is_some() && columns.index(&["tfrsleft"]).is_some(),
    )?;
    let columns = Columns::find(&table);
    let needed = [columns.tf, columns.left, columns.right];
    let Some(needed) = needed.into_iter().collect::<Option<Vec<usize>>>() else {
        return Err(table.input().problem(
            None,
            "the columns regulatorName, tfrsLeft and tfrsRight",
            "a header without all of them",
            "Download TF-RISet.tsv from RegulonDB again.",
        ));
    };
    let needed = needed.into_iter().max().unwrap_or_default() + 1;
    let only = (genome.contigs.len() == 1).then_some(0);
    let Some(contig) = only.or_else(|| genome.contig_index(K_12)) else {
        return Err(table.input().problem(
            None,
            format!("{K_12} among the sequences of the genome, because RegulonDB names none"),
            format!("{} others", genome.contigs.len()),
            "Open the chromosome of E. coli K-12.",
        ));
    };
    let width = table.columns.count();
    while let Some(row) = table.next_row()? {
        let line = row.line;
        if row.count() < needed {
            let found = row.count().to_string();
            return Err(table.input().problem(
                Some(line),
                format!("at least {needed} tab-separated columns"),
                found,
                "The file may be cut short: download it again.",
            ));
        }
        short += usize::from(row.count() < width);
        let (left, right) = (row.cell(columns.left), row.cell(columns.right));
        match Ends::parse(left, right) {
            _ if row.cell(columns.tf).is_empty() => report.skip("no transcription factor", line),
            Ends::Missing => report.skip("no coordinates", line),
            Ends::Between => report.skip("a point between two bases, not a site", line),
            Ends::Wrong => {
                let found = format!("{} and {}", quoted(left), quoted(right));
                return Err(table.input().problem(
                    Some(line),
                    "tfrsLeft and tfrsRight as whole numbers, in order",
                    found,
                    "Correct or remove the line.",
                ));
            }
            Ends::At(interval) => {
                let placed = columns.row(row, contig, interval);
                match seqids.beyond(contig, interval.end) {
                    Some(reason) => report.skip(reason, line),
                    None => rows.push(placed),
                }
            }
        }
    }
    if short > 0 {
        report
            .notes
            .push(format!("{short} rows have fewer columns than the header."));
    }
    Ok((rows, report))
}

/// The upper-case middle of a printed sequence; all of it where there are no lower-case flanks.
#[must_use]
pub fn bound_bases(printed: &str) -> String {
    let is_flank = |c: char| c.is_ascii_lowercase();
    let middle = printed.trim_matches(is_flank);
    if middle.is_empty() { printed } else { middle }.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_the_upper_case_middle() {
        assert_eq!(bound_bases("acgTTgAca"), "TTGA");
        assert_eq!(bound_bases("acgt"), "ACGT");
        assert_eq!(bound_bases(""), "");
    }

    #[test]
    fn coordinates_are_told_apart() {
        use crate::genome::Interval;
        assert_eq!(Ends::parse("5", "9"), Ends::At(Interval::new(4, 9)));
        assert_eq!(Ends::parse("5.0", "9.0"), Ends::At(Interval::new(4, 9)));
        for (left, right) in [("", ""), ("0", "0"), ("5", ""), ("", "9")] {
            assert_eq!(Ends::parse(left, right), Ends::Missing);
        }
        assert_eq!(Ends::parse("5", "4"), Ends::Between);
        assert_eq!(Ends::parse("9", "5"), Ends::Wrong);
        assert_eq!(Ends::parse("x", "5"), Ends::Wrong);
    }
}
