//! Site tables of any database: one row after the other, by a [`Layout`].

use super::layout::{Layout, is_half_open};
use super::placed::{Ends, contig_of};
use crate::genome::Genome;
use crate::genome::chunked::Chunked;
use crate::genome::read::error::quoted;
use crate::genome::read::mapping::ColumnMapping;
use crate::genome::read::seqids::{Seqids, UNKNOWN};
use crate::genome::read::table::{Table, is_binding_site_set};
use crate::genome::read::{FileKind, Input, ReadError, ReadReport};
use crate::sites::site::Site;

/// The chromosome that RegulonDB's coordinates are about.
const K_12: &str = "NC_000913.3";

/// Reads the rows that have coordinates. Targets in one cell are separated by `|`.
///
/// Where the file prints sequences that are all one base shorter than its intervals, it counts from
/// 0 with exclusive ends, and is read so.
///
/// # Errors
/// [`ReadError`] naming the line of a row that is cut short or of wrong coordinates; several
/// sequences in the genome and none named in the file; no such columns.
pub fn read(
    input: &mut Input<'_>,
    mapping: Option<&ColumnMapping>,
    genome: &Genome,
    seqids: &mut Seqids<'_>,
) -> Result<(Vec<Site>, ReadReport), ReadError> {
    let kind = FileKind::of(input.head());
    let (mut table, layout) = open(input, mapping, kind)?;
    let mut report = ReadReport::new(match kind {
        _ if mapping.is_some() => "table with chosen columns",
        FileKind::RegulonDbTfRiSet => "RegulonDB RISet",
        FileKind::BindingSiteSet => "RegulonDB BindingSiteSet",
        _ => "table of sites",
    });
    let regulon_db = matches!(kind, FileKind::RegulonDbTfRiSet | FileKind::BindingSiteSet);
    let mut only = None;
    if regulon_db && mapping.is_none() {
        only = Some(k_12(&table, genome)?);
    } else {
        table.demand_contig(layout.contig, genome)?;
    }
    let (mut rows, mut short) = (Chunked::default(), 0_usize);
    let width = table.columns.count();
    while let Some(row) = table.next_row()? {
        let line = row.line;
        row.require(layout.needed())?;
        short += usize::from(row.count() < width);
        let name = row.text(layout.contig);
        let Some(contig) = only.or_else(|| contig_of(name, seqids, genome)) else {
            report.skip(UNKNOWN, line);
            continue;
        };
        match layout.ends(&row) {
            _ if layout.tf(&row).is_empty() => report.skip("no transcription factor", line),
            Ends::Missing => report.skip("no coordinates", line),
            Ends::Between => report.skip("a point between two bases, not a site", line),
            Ends::Before => report.skip("before the first base", line),
            Ends::Wrong => {
                let [left, right] = layout.end_cells(&row);
                return Err(row.problem(
                    "left and right as whole numbers, in order",
                    format!("{} and {}", quoted(left), quoted(right)),
                    "Correct or remove the line, or choose other columns.",
                ));
            }
            Ends::At(left, right) => rows.push(layout.placed(&row, contig, left, right)),
        }
    }
    if short > 0 && kind == FileKind::RegulonDbTfRiSet {
        let note = format!("{short} rows have fewer columns than the header.");
        report.notes.push(note);
    }
    let mut rows = rows.into_vec();
    if !layout.zero_based && count_from_zero(&mut rows) {
        let note = "Positions count from 0 with exclusive ends, as the printed sequences show.";
        report.notes.push(note.to_owned());
    }
    Ok((rows, report))
}

fn open<'i, 'a>(
    input: &'i mut Input<'a>,
    mapping: Option<&ColumnMapping>,
    kind: FileKind,
) -> Result<(Table<'i, 'a>, Layout), ReadError> {
    let expected = match kind {
        FileKind::RegulonDbTfRiSet => {
            "RegulonDB’s header with regulatorName, tfrsLeft and tfrsRight"
        }
        _ => "a header with the columns tf, left and right",
    };
    let missing = |table: &Table<'_, '_>| {
        table.input().problem(
            None,
            expected,
            "a header without all of them",
            "Choose the columns by hand, or download the file again.",
        )
    };
    if let Some(mapping) = mapping {
        let (table, columns) = Table::open_mapped(input, mapping)?;
        let layout = Layout::chosen(&columns, mapping.zero_based);
        return match layout {
            Some(layout) => Ok((table, layout)),
            None => Err(missing(&table)),
        };
    }
    if kind == FileKind::BindingSiteSet {
        let (table, line) = Table::open_rows(input, is_binding_site_set)?;
        let layout = Layout::of_binding_site_set(&line);
        return match layout {
            Some(layout) => Ok((table, layout)),
            None => Err(missing(&table)),
        };
    }
    let is_interactions = kind == FileKind::RegulonDbTfRiSet;
    let table = Table::open(input, expected, |columns| {
        Layout::of(columns).is_some() && (!is_interactions || columns.index(&["riid"]).is_some())
    })?;
    match Layout::of(&table.columns) {
        Some(layout) => Ok((table, layout)),
        None => Err(missing(&table)),
    }
}

/// The contig of files that name none because they are about *E. coli* K-12.
fn k_12(table: &Table<'_, '_>, genome: &Genome) -> Result<usize, ReadError> {
    let only = (genome.contigs.len() == 1).then_some(0);
    only.or_else(|| genome.contig_index(K_12)).ok_or_else(|| {
        table.input().problem(
            None,
            format!("{K_12} among the sequences of the genome, because RegulonDB names none"),
            format!("{} others", genome.contigs.len()),
            "Open the chromosome of E. coli K-12.",
        )
    })
}

/// Reads rows that are nearly all one base too long for what they print as counted from 0.
fn count_from_zero(rows: &mut [Site]) -> bool {
    const SHARE: f64 = 0.95;
    let printed = rows.iter().filter(|row| !row.sequence().is_empty()).count();
    let half_open = rows.iter().filter(|row| is_half_open(row)).count();
    let counts = printed > 0 && half_open as f64 >= SHARE * printed as f64;
    if counts {
        for row in rows {
            row.interval.start += 1;
        }
    }
    counts
}
