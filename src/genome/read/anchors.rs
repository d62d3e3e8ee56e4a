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
use crate::genome::chunked::Chunked;
use crate::genome::contig::Genome;
use crate::genome::lift::Lift;
use crate::genome::locus::{Interval, Strand};
use crate::genome::remedy::{Place, Remedy};

/// How a file of anchors is to be read, beyond what it says itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnchorOptions<'a> {
    /// Its columns, where people chose them: then it is a table, whatever it looks like.
    pub columns: Option<&'a ColumnMapping>,
    /// Where its positions go.
    pub remedy: Remedy,
}

/// Reads anchors of `genome`, sorted by contig, position and strand, each once.
///
/// # Errors
/// [`ReadError`] for another format, a line that is wrong, or no anchor at all.
pub fn read(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(Vec<Anchor>, ReadReport), ReadError> {
    read_with(input, genome, AnchorOptions::default())
}

/// Reads anchors as `options` say.
///
/// # Errors
/// As [`read`]; a column that the table lacks.
pub fn read_with(
    input: &mut Input<'_>,
    genome: &Genome,
    options: AnchorOptions<'_>,
) -> Result<(Vec<Anchor>, ReadReport), ReadError> {
    let columns = options.columns;
    let (label, read): (_, fn(&mut _, _, &mut Found<'_>) -> _) = match FileKind::of(input.head()) {
        _ if columns.is_some() => ("table of positions", from_table),
        FileKind::Bed => ("BED", from_bed),
        FileKind::Gff3 => ("GFF3", from_gff),
        FileKind::AnchorTable => ("table of positions", from_table),
        _ => {
            return Err(input.not(
                "positions as BED, GFF3 or a table with the columns position and strand",
                "Choose another file, name its columns in the first line, or say which columns are which.",
            ));
        }
    };
    let mut found = Found {
        anchors: Chunked::default(),
        report: ReadReport::new(label),
        seqids: Seqids::lifted(genome, options.remedy),
        remedy: options.remedy,
        lifts: options.remedy.lifts(genome),
    };
    read(input, columns, &mut found)?;
    found.seqids.require_match(input)?;
    let Found {
        anchors,
        mut report,
        seqids,
        ..
    } = found;
    let mut anchors = anchors.into_vec();
    report.take_names(&seqids);
    if anchors.is_empty() {
        return Err(input.problem(
            None,
            "at least one position with a strand",
            report.nothing(),
            "Check that this is the right file for the open genome.",
        ));
    }
    let records = anchors.len();
    anchors.sort_unstable();
    anchors.dedup();
    report.records = anchors.len();
    if anchors.len() < records {
        let repeats = records - anchors.len();
        report
            .notes
            .push(format!("{repeats} repeated positions were taken once."));
    }
    Ok((anchors, report))
}

/// Anchors while a file is read.
struct Found<'g> {
    anchors: Chunked<Anchor>,
    report: ReadReport,
    seqids: Seqids<'g>,
    remedy: Remedy,
    lifts: Vec<Option<Lift>>,
}

impl Found<'_> {
    /// The anchor that a record on `interval` means, where the genome has it; otherwise why not.
    fn placed(
        &self,
        contig: usize,
        interval: Interval,
        strand: Option<Strand>,
    ) -> Result<Anchor, String> {
        let base = gff::five_prime_base(interval, strand);
        let at = match self.remedy.place(base, contig, &self.lifts) {
            Place::At(at) => at,
            Place::Before => return Err("before the first base".to_owned()),
            Place::NotThere => return Err("on bases that the open assembly lacks".to_owned()),
        };
        if let Some(reason) = self.seqids.beyond(contig, at.end) {
            return Err(reason);
        }
        Ok(Anchor {
            contig,
            position: at.start,
            strand: strand.ok_or("no strand")?,
        })
    }

    fn add(&mut self, contig: usize, interval: Interval, strand: Option<Strand>, line: usize) {
        match self.placed(contig, interval, strand) {
            Ok(anchor) => self.anchors.push(anchor),
            Err(reason) => self.report.skip(reason, line),
        }
    }
}

fn from_bed(
    input: &mut Input<'_>,
    _: Option<&ColumnMapping>,
    found: &mut Found<'_>,
) -> Result<(), ReadError> {
    let mut report = std::mem::replace(&mut found.report, ReadReport::new("BED"));
    bed::for_each_record(input, &mut report, |record, line, report, _| {
        let Some(contig) = found.seqids.contig(record.chrom) else {
            report.skip(UNKNOWN, line);
            return Ok(());
        };
        match found.placed(contig, record.interval, record.strand) {
            Ok(anchor) => found.anchors.push(anchor),
            Err(reason) => report.skip(reason, line),
        }
        Ok(())
    })?;
    found.report = report;
    Ok(())
}

fn from_gff(
    input: &mut Input<'_>,
    _: Option<&ColumnMapping>,
    found: &mut Found<'_>,
) -> Result<(), ReadError> {
    // TSS features count; where there are none, every feature of one base does.
    let (mut stated, mut one_base) = (Vec::new(), Vec::new());
    gff::for_each_record(input, &mut found.seqids, |record, line, seqids, _| {
        let contig = seqids.contig(&record.seqid);
        let (interval, strand) = (record.interval, record.strand);
        match (contig, strand) {
            (None, _) => found.report.skip(UNKNOWN, line),
            (_, None) => found.report.skip("no strand", line),
            (Some(contig), _) if gff::is_tss(record.kind) => {
                stated.push((contig, interval, strand, line));
            }
            (Some(contig), _) if interval.len() == 1 => {
                one_base.push((contig, interval, strand, line));
            }
            _ => {
                let reason = format!("type {}, no start site", record.kind);
                found.report.skip(reason, line);
            }
        }
        Ok(())
    })?;
    for (contig, interval, strand, line) in if stated.is_empty() { one_base } else { stated } {
        found.add(contig, interval, strand, line);
    }
    Ok(())
}

fn from_table(
    input: &mut Input<'_>,
    mapping: Option<&ColumnMapping>,
    found: &mut Found<'_>,
) -> Result<(), ReadError> {
    let (mut table, [contig, position, strand]) = if let Some(mapping) = mapping {
        let (table, columns) = Table::open_mapped(input, mapping)?;
        let fields = [Field::Contig, Field::Position, Field::Strand];
        (table, fields.map(|field| columns.get(&field).copied()))
    } else {
        let table = Table::open(
            input,
            "a header with the columns position and strand",
            |c| c.index(names::POSITION).is_some() && c.index(names::STRAND).is_some(),
        )?;
        let fields = [names::CONTIG, names::POSITION, names::STRAND];
        let columns = fields.map(|any_of| table.columns.index(any_of));
        (table, columns)
    };
    let first = usize::from(mapping.is_none_or(|mapping| !mapping.zero_based));
    table.demand_contig(contig, found.seqids.genome())?;
    while let Some(row) = table.next_row()? {
        let line = row.line;
        let (name, text) = (row.text(contig), row.cell(position));
        let on = if contig.is_none() {
            Some(0)
        } else {
            found.seqids.contig(name)
        };
        let Some(on) = on else {
            found.report.skip(UNKNOWN, line);
            continue;
        };
        if text.is_empty() || first == 1 && text == "0" {
            found.report.skip("no position", line);
            continue;
        }
        let Some(position) = whole_number(text).and_then(|number| number.checked_sub(first)) else {
            return Err(row.problem(
                &format!("a position as a whole number from {first} on"),
                quoted(text),
                "Correct the line.",
            ));
        };
        let base = Interval::new(position, position.saturating_add(1));
        found.add(on, base, row.strand(strand), line);
    }
    Ok(())
}
