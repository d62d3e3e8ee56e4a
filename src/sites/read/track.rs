//! Sites as BED (the name is the transcription factor) and as GFF3 (`TF_binding_site`).

use super::placed::{PlacedRow, effect, evidence};
use crate::genome::read::seqids::{Seqids, UNKNOWN};
use crate::genome::read::{Input, ReadError, ReadReport, bed, gff};
use crate::genome::{Genome, Interval, Strand};
use crate::sites::site::Evidence;

/// GFF3 types that mean a binding site of a protein.
const SITE_TYPES: [&str; 5] = [
    "TF_binding_site",
    "protein_binding_site",
    "protein_bind",
    "binding_site",
    "SO:0000235",
];

/// Attributes that name the transcription factor, best first.
const TF_ATTRIBUTES: [&str; 6] = ["tf", "TF", "regulator", "bound_moiety", "Name", "ID"];

fn row(
    tf: &str,
    contig: usize,
    interval: Interval,
    strand: Option<Strand>,
    line: usize,
) -> PlacedRow {
    PlacedRow {
        tf: tf.to_owned(),
        contig,
        interval,
        strand,
        evidence: Evidence::Unknown,
        effect: "",
        targets: Vec::new(),
        sequence: String::new(),
        line,
    }
}

/// Reads BED intervals with a name as sites.
///
/// # Errors
/// [`ReadError`] naming the line of a wrong record; none of the sequences is in the genome.
pub fn read_bed(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(Vec<PlacedRow>, ReadReport), ReadError> {
    let mut report = ReadReport::new("BED");
    let mut seqids = Seqids::new(genome);
    let mut rows = Vec::new();
    bed::for_each_record(input, &mut report, |record, line, report, _| {
        let Some(contig) = seqids.contig(record.chrom) else {
            report.skip(UNKNOWN, line);
            return Ok(());
        };
        if let Some(reason) = seqids.beyond(contig, record.interval.end) {
            report.skip(reason, line);
        } else if record.name.is_empty() {
            report.skip("no name, which would be the transcription factor", line);
        } else {
            rows.push(row(
                record.name,
                contig,
                record.interval,
                record.strand,
                line,
            ));
        }
        Ok(())
    })?;
    seqids.require_match(input)?;
    report.notes.extend(seqids.notes());
    Ok((rows, report))
}

/// Reads GFF3 features of a binding-site type as sites.
///
/// # Errors
/// As [`read_bed`].
pub fn read_gff(
    input: &mut Input<'_>,
    genome: &Genome,
) -> Result<(Vec<PlacedRow>, ReadReport), ReadError> {
    let mut report = ReadReport::new("GFF3");
    let mut seqids = Seqids::new(genome);
    let mut rows = Vec::new();
    gff::for_each_record(input, &mut seqids, |record, line, seqids, _| {
        if !SITE_TYPES.contains(&record.kind) {
            report.skip(format!("type {}, no binding site", record.kind), line);
            return Ok(());
        }
        let Some(contig) = seqids.contig(&record.seqid) else {
            report.skip(UNKNOWN, line);
            return Ok(());
        };
        let Some(tf) = TF_ATTRIBUTES.iter().find_map(|name| record.attribute(name)) else {
            report.skip("no transcription factor", line);
            return Ok(());
        };
        let text = |name: &str| record.attribute(name).unwrap_or_default();
        if let Some(reason) = seqids.beyond(contig, record.interval.end) {
            report.skip(reason, line);
            return Ok(());
        }
        rows.push(PlacedRow {
            evidence: evidence(&text("evidence")),
            effect: effect(&text("effect")),
            sequence: text("sequence").to_ascii_uppercase(),
            targets: record.attributes("target_gene").collect(),
            ..row(&tf, contig, record.interval, record.strand, line)
        });
        Ok(())
    })?;
    seqids.require_match(input)?;
    report.notes.extend(seqids.notes());
    Ok((rows, report))
}
