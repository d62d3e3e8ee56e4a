//! Anchors (transcription start sites) from BED, GFF3 or a table with a header.
//!
//! Tables name their columns: position (or `pos`, `tss`, `posTSS`) 1-based, strand, and contig
//! where the genome has several. An interval counts by its first base on its strand.

use super::error::{ReadError, quoted};
use super::kind::FileKind;
use super::mapping::{ColumnMapping, Field};
use super::report::ReadReport;
use super::seqids::{Seqids, UNKNOWN};
use super::table::{Table, names, whole_number};
use super::text::Input;
use super::{bed, gff};
use crate::genome::anchor::Anchor;
use crate::genome::contig::Genome;
use crate::genome::locus::{Interval, Strand};

/// Reads anchors of `genome`, sorted by contig, position and strand, each once.
///
/// # Errors
/// [`ReadError`] for another format, a line that is wrong, or no anchor at all.
pub fn read(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(Vec<Anchor>, ReadReport), ReadError> {
    read_mapped(input, genome, None)
}

/// Reads anchors as [`read`] does; with `mapping` the file is a table with those columns, whatever
/// it looks like.
///
/// # Errors
/// As [`read`]; a column that the table lacks.
pub fn read_mapped(
    input: &mut Input<'_>,
    genome: &Genome,
    mapping: Option<&ColumnMapping>,
) -> Result<(Vec<Anchor>, ReadReport), ReadError> {
    let (anchors, mut report) = match FileKind::of(input.head()) {
        _ if mapping.is_some() => from_table(input, genome, mapping)?,
        FileKind::Bed => from_bed(input, genome)?,
        FileKind::Gff3 => from_gff(input, genome)?,
        FileKind::AnchorTable => from_table(input, genome, None)?,
        _ => {
            return Err(input.not(
                "positions as BED, GFF3 or a table with the columns position and strand",
                "Choose another file, or name its columns in the first line.",
            ));
        }
    };
    if anchors.is_empty() {
        return Err(input.problem(
            None,
            "at least one position with a strand",
            report.nothing(),
            "Check that this is the right file for the open genome.",
        ));
    }
    let found = anchors.len();
    let mut anchors = anchors;
    anchors.sort_unstable();
    anchors.dedup();
    report.records = anchors.len();
    if anchors.len() < found {
        let repeats = found - anchors.len();
        report
            .notes
            .push(format!("{repeats} repeated positions were taken once."));
    }
    Ok((anchors, report))
}

type Found = (Vec<Anchor>, ReadReport);

fn anchor(contig: usize, interval: Interval, strand: Strand) -> Anchor {
    Anchor {
        contig,
        position: gff::five_prime_base(interval, Some(strand)).start,
        strand,
    }
}

fn from_bed(input: &mut Input<'_>, genome: &Genome) -> Result<Found, ReadError> {
    let mut report = ReadReport::new("BED");
    let mut seqids = Seqids::new(genome);
    let mut anchors = Vec::new();
    bed::for_each_record(input, &mut report, |record, line, report, _| {
        let Some(contig) = seqids.contig(record.chrom) else {
            report.skip(UNKNOWN, line);
            return Ok(());
        };
        match (record.strand, seqids.beyond(contig, record.interval.end)) {
            (_, Some(reason)) => report.skip(reason, line),
            (Some(strand), None) => anchors.push(anchor(contig, record.interval, strand)),
            (None, None) => report.skip("no strand", line),
        }
        Ok(())
    })?;
    seqids.require_match(input)?;
    report.take_names(&seqids);
    Ok((anchors, report))
}

fn from_gff(input: &mut Input<'_>, genome: &Genome) -> Result<Found, ReadError> {
    let mut report = ReadReport::new("GFF3");
    let mut seqids = Seqids::new(genome);
    // TSS features count; where there are none, every feature of one base does.
    let (mut stated, mut one_base) = (Vec::new(), Vec::new());
    for_each_on_genome(
        input,
        &mut seqids,
        &mut report,
        |record, contig, line, report| {
            let Some(strand) = record.strand else {
                report.skip("no strand", line);
                return;
            };
            let anchor = anchor(contig, record.interval, strand);
            if gff::is_tss(record.kind) {
                stated.push(anchor);
            } else if record.interval.len() == 1 {
                one_base.push(anchor);
            } else {
                report.skip(format!("type {}, no start site", record.kind), line);
            }
        },
    )?;
    seqids.require_match(input)?;
    report.take_names(&seqids);
    Ok((if stated.is_empty() { one_base } else { stated }, report))
}

fn for_each_on_genome(
    input: &mut Input<'_>,
    seqids: &mut Seqids<'_>,
    report: &mut ReadReport,
    mut with: impl FnMut(&gff::Record<'_>, usize, usize, &mut ReadReport),
) -> Result<(), ReadError> {
    gff::for_each_record(input, seqids, |record, line, seqids, _| {
        if let Some(contig) = seqids.contig(&record.seqid) {
            match seqids.beyond(contig, record.interval.end) {
                Some(reason) => report.skip(reason, line),
                None => with(record, contig, line, report),
            }
        } else {
            report.skip(UNKNOWN, line);
        }
        Ok(())
    })
}

fn from_table(
    input: &mut Input<'_>,
    genome: &Genome,
    mapping: Option<&ColumnMapping>,
) -> Result<Found, ReadError> {
    let mut report = ReadReport::new("table of positions");
    let mut seqids = Seqids::new(genome);
    let mut anchors = Vec::new();
    let (mut table, [contig, position, strand]) = if let Some(mapping) = mapping {
        let (table, found) = Table::open_mapped(input, mapping)?;
        let fields = [Field::Contig, Field::Position, Field::Strand];
        (table, fields.map(|field| found.get(&field).copied()))
    } else {
        let table = Table::open(
            input,
            "a header with the columns position and strand",
            |c| c.index(names::POSITION).is_some() && c.index(names::STRAND).is_some(),
        )?;
        let fields = [names::CONTIG, names::POSITION, names::STRAND];
        let found = fields.map(|any_of| table.columns.index(any_of));
        (table, found)
    };
    let first = usize::from(mapping.is_none_or(|mapping| !mapping.zero_based));
    table.demand_contig(contig, genome)?;
    while let Some(row) = table.next_row()? {
        let line = row.line;
        let (name, text) = (row.text(contig), row.cell(position));
        let on = if contig.is_none() {
            Some(0)
        } else {
            seqids.contig(name)
        };
        let Some(on) = on else {
            report.skip(UNKNOWN, line);
            continue;
        };
        if text.is_empty() || first == 1 && text == "0" {
            report.skip("no position", line);
            continue;
        }
        let Some(position) = whole_number(text).and_then(|number| number.checked_sub(first)) else {
            return Err(row.problem(
                &format!("a position as a whole number from {first} on"),
                quoted(text),
                "Correct the line.",
            ));
        };
        match (
            row.strand(strand),
            seqids.beyond(on, position.saturating_add(1)),
        ) {
            (_, Some(reason)) => report.skip(reason, line),
            (Some(strand), None) => anchors.push(Anchor {
                contig: on,
                position,
                strand,
            }),
            (None, None) => report.skip("no strand", line),
        }
    }
    seqids.require_match(input)?;
    report.take_names(&seqids);
    Ok((anchors, report))
}
