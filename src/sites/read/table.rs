//! Site tables with a header: tf, left and right (1-based, inclusive), and as far as they are
//! there contig, strand, effect, evidence, targets and sequence.

use super::placed::{Ends, PlacedRow, contig_of, effect, evidence};
use super::regulondb::bound_bases;
use crate::genome::Genome;
use crate::genome::read::error::quoted;
use crate::genome::read::seqids::{Seqids, UNKNOWN};
use crate::genome::read::table::{Table, names};
use crate::genome::read::{Input, ReadError, ReadReport};

const EFFECT: &[&str] = &["effect", "function", "rifunction", "mode"];
const EVIDENCE: &[&str] = &[
    "evidence",
    "confidence",
    "confidencelevel",
    "evidence_level",
];
const TARGET: &[&str] = &[
    "targets",
    "target",
    "promoter",
    "promotername",
    "gene",
    "firstgene",
];

/// Reads the rows that have coordinates. Targets in one cell are separated by `|`.
///
/// # Errors
/// [`ReadError`] naming the line of a row that is cut short or of wrong coordinates; several sequences in the genome and none named in the file.
pub fn read(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(Vec<PlacedRow>, ReadReport), ReadError> {
    let mut report = ReadReport::new("table of sites");
    let mut seqids = Seqids::new(genome);
    let mut rows = Vec::new();
    let mut table = Table::open(input, "a header with the columns tf, left and right", |c| {
        [names::TF, names::LEFT, names::RIGHT]
            .iter()
            .all(|any_of| c.index(any_of).is_some())
    })?;
    let index = |any_of| table.columns.index(any_of);
    let [tf, left, right] = [names::TF, names::LEFT, names::RIGHT].map(index);
    let [contig, strand, sequence] = [names::CONTIG, names::STRAND, names::SEQUENCE].map(index);
    let [effects, confidence, targets] = [EFFECT, EVIDENCE, TARGET].map(index);
    let needed = tf.max(left).max(right).unwrap_or_default() + 1;
    table.demand_contig(contig, genome)?;
    while let Some(row) = table.next_row()? {
        let line = row.line;
        if row.count() < needed {
            let found = row.count().to_string();
            return Err(table.input().problem(
                Some(line),
                format!("at least {needed} tab-separated columns"),
                found,
                "Save the table with tabs, or download it again.",
            ));
        }
        let name = row.text(contig);
        let Some(contig) = contig_of(name, &mut seqids, genome) else {
            report.skip(UNKNOWN, line);
            continue;
        };
        let interval = match Ends::parse(row.cell(left), row.cell(right)) {
            _ if row.cell(tf).is_empty() => {
                report.skip("no transcription factor", line);
                continue;
            }
            Ends::Missing => {
                report.skip("no coordinates", line);
                continue;
            }
            Ends::Between => {
                report.skip("a point between two bases, not a site", line);
                continue;
            }
            Ends::Wrong => {
                let found = format!("{} and {}", quoted(row.cell(left)), quoted(row.cell(right)));
                return Err(table.input().problem(
                    Some(line),
                    "left and right as whole numbers from 1 on, in order",
                    found,
                    "Correct or remove the line.",
                ));
            }
            Ends::At(interval) => interval,
        };
        let placed = PlacedRow {
            tf: row.cell(tf).to_owned(),
            contig,
            interval,
            strand: row.strand(strand),
            evidence: evidence(row.cell(confidence)),
            effect: effect(row.text(effects)),
            targets: row
                .cell(targets)
                .split('|')
                .map(|target| target.trim().to_owned())
                .collect(),
            sequence: bound_bases(row.cell(sequence)),
            line,
        };
        match seqids.beyond(contig, interval.end) {
            Some(reason) => report.skip(reason, line),
            None => rows.push(placed),
        }
    }
    seqids.require_match(input)?;
    report.notes.extend(seqids.notes());
    Ok((rows, report))
}
