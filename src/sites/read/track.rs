//! Sites as BED (the name is the transcription factor) and as GFF3 (`TF_binding_site`), alone or
//! together with the annotation that such a file may hold instead.

use super::placed::{effect, evidence};
use crate::genome::chunked::Chunked;
use crate::genome::read::seqids::{Seqids, UNKNOWN};
use crate::genome::read::{FileKind, Input, ReadError, ReadReport, bed, gff};
use crate::genome::{FeatureSet, Genome};
use crate::sites::site::{Site, SiteRow};

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

/// Rows of sites while a file is read.
struct Rows {
    rows: Chunked<Site>,
    report: ReadReport,
}

impl Rows {
    fn new(format: &str) -> Self {
        Self {
            rows: Chunked::default(),
            report: ReadReport::new(format),
        }
    }

    fn add_bed(&mut self, record: &bed::Record<'_>, contig: Option<usize>, line: usize) {
        match contig {
            None => self.report.skip(UNKNOWN, line),
            Some(_) if record.name.is_empty() => {
                let reason = "no name, which would be the transcription factor";
                self.report.skip(reason, line);
            }
            Some(contig) => {
                let site = Site::new(record.name, contig, record.interval, None);
                let row = SiteRow::new(line, record.strand);
                self.rows.push(site.with_row(row));
            }
        }
    }

    fn add_gff(&mut self, record: &gff::Record<'_>, contig: Option<usize>, line: usize) {
        let report = &mut self.report;
        if !SITE_TYPES.contains(&record.kind) {
            report.skip(format!("type {}, no binding site", record.kind), line);
            return;
        }
        let Some(contig) = contig else {
            report.skip(UNKNOWN, line);
            return;
        };
        let Some(tf) = TF_ATTRIBUTES.iter().find_map(|name| record.attribute(name)) else {
            report.skip("no transcription factor", line);
            return;
        };
        let text = |name: &str| record.attribute(name).unwrap_or_default();
        let list = |name: &str| record.attributes(name).collect::<Vec<String>>();
        let mut row = SiteRow::new(line, record.strand);
        row.evidence = evidence(&text("evidence"));
        row.effect = effect(&text("effect"));
        let targets = list("target_gene");
        let targets = targets.iter().map(String::as_str);
        let row = row.with_texts("", &list("references").join(";"), targets);
        let site = Site::new(&tf, contig, record.interval, None);
        let sequence = text("sequence").to_ascii_uppercase();
        let site = site.with_texts(&sequence, std::iter::empty());
        self.rows.push(site.with_row(row));
    }
}

/// Reads the sites of a BED or GFF3 file.
///
/// # Errors
/// [`ReadError`] naming the line of a wrong record.
pub fn read(
    input: &mut Input<'_>,
    seqids: &mut Seqids<'_>,
) -> Result<(Vec<Site>, ReadReport), ReadError> {
    let rows = if FileKind::of(input.head()) == FileKind::Gff3 {
        let mut rows = Rows::new("GFF3");
        gff::for_each_record(input, seqids, |record, line, seqids, _| {
            rows.add_gff(record, seqids.contig(&record.seqid), line);
            Ok(())
        })?;
        rows
    } else {
        let mut rows = Rows::new("BED");
        let mut report = ReadReport::new("BED");
        bed::for_each_record(input, &mut report, |record, line, _, _| {
            rows.add_bed(record, seqids.contig(record.chrom), line);
            Ok(())
        })?;
        rows.report.skipped.extend(report.skipped);
        rows
    };
    Ok((rows.rows.into_vec(), rows.report))
}

/// Features and sites of one file, read in one go.
pub struct Both {
    /// The file as annotation.
    pub features: Result<(FeatureSet, ReadReport), ReadError>,
    /// The file as sites.
    pub rows: Vec<Site>,
    /// What was left out of the sites.
    pub report: ReadReport,
}

/// Reads a BED or GFF3 file as annotation and as sites at once.
///
/// # Errors
/// [`ReadError`] naming the line of a wrong record. A place outside the genome is an error of the
/// annotation alone.
pub fn read_both(
    input: &mut Input<'_>,
    genome: &Genome,
    seqids: &mut Seqids<'_>,
) -> Result<Both, ReadError> {
    let mut failed = None;
    if FileKind::of(input.head()) == FileKind::Gff3 {
        let mut rows = Rows::new("GFF3");
        let mut features = gff::Features::new(genome);
        gff::for_each_record(input, seqids, |record, line, seqids, input| {
            if failed.is_none() {
                failed = features.add(record, line, seqids, input).err();
            }
            rows.add_gff(record, seqids.contig(&record.seqid), line);
            Ok(())
        })?;
        let features = match failed {
            Some(error) => Err(error),
            None => features.finish(seqids, input),
        };
        Ok(Both {
            features,
            rows: rows.rows.into_vec(),
            report: rows.report,
        })
    } else {
        let mut rows = Rows::new("BED");
        let mut features = bed::Features::default();
        let mut report = ReadReport::new("BED");
        bed::for_each_record(input, &mut report, |record, line, report, input| {
            let contig = seqids.contig(record.chrom);
            rows.add_bed(record, contig, line);
            match contig {
                None => report.skip(UNKNOWN, line),
                Some(contig) if failed.is_none() => {
                    failed = features.add(record, contig, line, seqids, input).err();
                }
                Some(_) => {}
            }
            Ok(())
        })?;
        let points = report
            .skipped
            .iter()
            .filter(|(reason, _)| *reason != UNKNOWN);
        let points = points.map(|(reason, skipped)| (reason.clone(), skipped.clone()));
        rows.report.skipped.extend(points);
        Ok(Both {
            features: match failed {
                Some(error) => Err(error),
                None => Ok(features.finish(report, seqids)),
            },
            rows: rows.rows.into_vec(),
            report: rows.report,
        })
    }
}
