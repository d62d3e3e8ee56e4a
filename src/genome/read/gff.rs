//! GFF3: one feature a line, nine tab-separated columns, attributes in the last.
//!
//! A version line is not needed; blank lines, comments and `###` are passed over, and `##FASTA`
//! or a line that begins with `>` ends the features. Lines of one feature with the same `ID` become
//! one feature. A gene takes its product from the CDS or RNA under it.

use super::collected::{Collected, Entry, once_each};
use super::error::{ReadError, quoted};
use super::report::ReadReport;
use super::seqids::{Seqids, UNKNOWN};
use super::table::whole_number;
use super::text::Input;
use crate::genome::contig::Genome;
use crate::genome::feature::{Feature, FeatureKind, FeatureNames, FeatureSet};
use crate::genome::locus::{Interval, Strand};
use std::borrow::Cow;

/// Feature types that only repeat what others say, or span a whole sequence.
const NOT_SHOWN: [&str; 9] = [
    "region",
    "chromosome",
    "supercontig",
    "contig",
    "scaffold",
    "exon",
    "mRNA",
    "start_codon",
    "stop_codon",
];

/// Feature types that are a whole sequence.
const SEQUENCE: [&str; 5] = ["region", "chromosome", "supercontig", "contig", "scaffold"];

/// One line of GFF3, as it stands in the file.
#[derive(Clone, Debug)]
pub struct Record<'t> {
    /// The sequence that it lies on, decoded.
    pub seqid: Cow<'t, str>,
    /// Its type, such as `gene`.
    pub kind: &'t str,
    /// Its bases, 0-based half-open; on a circular sequence the end may lie beyond the length.
    pub interval: Interval,
    /// Its strand.
    pub strand: Option<Strand>,
    attributes: &'t str,
}

impl<'t> Record<'t> {
    /// The decoded value of an attribute; `None` where it is absent or empty.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Cow<'t, str>> {
        self.raw_attribute(name).map(decoded)
    }

    /// The decoded values of an attribute that lists several.
    pub fn attributes(&self, name: &str) -> impl Iterator<Item = String> {
        self.raw_attribute(name)
            .into_iter()
            .flat_map(|values| values.split(','))
            .map(|value| decoded(value).into_owned())
            .filter(|value| !value.is_empty())
    }

    fn raw_attribute(&self, name: &str) -> Option<&'t str> {
        self.attributes
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }
}

/// Whether a line could be a GFF3 record: nine columns, positions in the fourth and fifth.
pub(super) fn looks_like_record(line: &str) -> bool {
    let columns: Vec<&str> = line.split('\t').take(10).collect();
    columns.len() == 9
        && whole_number(columns[3]).is_some()
        && whole_number(columns[4]).is_some()
        && matches!(columns[6], "+" | "-" | "." | "?")
}

/// What a line of GFF3 turned out to be.
enum Line<'t> {
    Record(Record<'t>),
    SequenceRegion { seqid: Cow<'t, str>, end: usize },
    Nothing,
    End,
}

/// Calls `with` for every record, with its line; matches the `##sequence-region` lines to the genome.
///
/// # Errors
/// [`ReadError`] naming the line of a wrong number of columns or wrong positions; what `with` gives.
pub fn for_each_record(
    input: &mut Input<'_>,
    seqids: &mut Seqids<'_>,
    mut with: impl FnMut(&Record<'_>, usize, &mut Seqids<'_>, &Input<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut text = String::new();
    while let Some(line) = input.next_line(&mut text)? {
        match parsed(&text, line, input)? {
            Line::Record(record) => {
                // Where no line of its own declares a sequence, its first feature may.
                let whole = record.interval.start == 0 && SEQUENCE.contains(&record.kind);
                if whole && seqids.contig(&record.seqid).is_none() {
                    seqids.declare(&record.seqid, record.interval.end);
                }
                with(&record, line, seqids, input)?;
            }
            Line::SequenceRegion { seqid, end } => seqids.declare(&seqid, end),
            Line::Nothing => {}
            Line::End => break,
        }
    }
    Ok(())
}

fn parsed<'t>(text: &'t str, line: usize, input: &Input<'_>) -> Result<Line<'t>, ReadError> {
    if let Some(region) = text.strip_prefix("##sequence-region") {
        let mut words = region.split_whitespace();
        let (seqid, start, end) = (words.next(), words.next(), words.next());
        let number = |word: Option<&str>| word.and_then(whole_number);
        return Ok(match (seqid, number(start), number(end)) {
            (Some(seqid), Some(1), Some(end)) => Line::SequenceRegion {
                seqid: decoded(seqid),
                end,
            },
            _ => Line::Nothing,
        });
    }
    if text.starts_with("##FASTA") || text.starts_with('>') {
        return Ok(Line::End);
    }
    if text.trim().is_empty() || text.starts_with('#') {
        return Ok(Line::Nothing);
    }
    let columns: Vec<&str> = text.split('\t').take(10).collect();
    let &[seqid, _, kind, start, end, _, strand, _, attributes] = columns.as_slice() else {
        return Err(input.problem(
            Some(line),
            "nine tab-separated columns",
            text.split('\t').count().to_string(),
            "Save it as GFF3 with tabs.",
        ));
    };
    let ends = whole_number(start.trim()).zip(whole_number(end.trim()));
    let Some(interval) = ends.and_then(|(start, end)| Interval::from_closed(start, end)) else {
        return Err(input.problem(
            Some(line),
            "start and end as whole numbers from 1 on, in order",
            format!("{} and {}", quoted(start), quoted(end)),
            "Correct the line.",
        ));
    };
    Ok(Line::Record(Record {
        seqid: decoded(seqid),
        kind: kind.trim(),
        interval,
        strand: Strand::from_sign(strand.trim()),
        attributes,
    }))
}

/// `%3B` and the like as what they stand for.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escape = bytes
            .get(index + 1..index + 3)
            .filter(|_| bytes[index] == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(escape.unwrap_or(bytes[index]));
        index += if escape.is_some() { 3 } else { 1 };
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

/// The parts of an interval that lie on a contig: beyond the end of a circular one it goes on at
/// its start.
///
/// # Errors
/// [`ReadError`] where it lies beyond the end of a linear contig, or twice around.
fn parts_on_contig(
    interval: Interval,
    contig: usize,
    (length_bp, circular): (usize, bool),
    seqids: &Seqids<'_>,
    input: &Input<'_>,
    line: usize,
) -> Result<Vec<Interval>, ReadError> {
    if interval.end > length_bp && circular && interval.start < length_bp {
        let beyond = interval.end - length_bp;
        if beyond <= interval.start {
            return Ok(vec![
                Interval::new(interval.start, length_bp),
                Interval::new(0, beyond),
            ]);
        }
    }
    seqids.check_end(contig, interval.end, input, line)?;
    Ok(vec![interval])
}

/// Reads the features of a GFF3 file that lie on `genome`.
///
/// # Errors
/// [`ReadError`] naming the line of a wrong number of columns, of wrong positions or of a place
/// outside the genome; none of the sequences is in the genome.
pub fn read(input: &mut Input<'_>, genome: &Genome) -> Result<(FeatureSet, ReadReport), ReadError> {
    let mut seqids = Seqids::new(genome);
    let mut features = Features::new(genome);
    for_each_record(input, &mut seqids, |record, line, seqids, input| {
        features.add(record, line, seqids, input)
    })?;
    seqids.require_match(input)?;
    features.finish(&seqids, input)
}

/// The features of a GFF3 file while it is read.
pub struct Features<'g> {
    genome: &'g Genome,
    report: ReadReport,
    collected: Collected,
}

impl<'g> Features<'g> {
    /// No feature yet.
    #[must_use]
    pub fn new(genome: &'g Genome) -> Self {
        Self {
            genome,
            report: ReadReport::new("GFF3"),
            collected: Collected::default(),
        }
    }

    /// Takes one record.
    ///
    /// # Errors
    /// [`ReadError`] where it lies outside its contig.
    pub fn add(
        &mut self,
        record: &Record<'_>,
        line: usize,
        seqids: &mut Seqids<'_>,
        input: &Input<'_>,
    ) -> Result<(), ReadError> {
        let report = &mut self.report;
        let Some(contig) = seqids.contig(&record.seqid) else {
            report.skip(UNKNOWN, line);
            return Ok(());
        };
        let text = |name: &str| record.attribute(name).unwrap_or_default();
        if NOT_SHOWN.contains(&record.kind) {
            let circular = text("Is_circular") == "true";
            if circular && !report.circular_contigs.contains(&contig) {
                report.circular_contigs.push(contig);
            }
            self.collected.adopt(&text("ID"), &text("Parent"));
            report.skip(format!("type {}, not shown by itself", record.kind), line);
            return Ok(());
        }
        report.records += 1;
        let on = &self.genome.contigs[contig];
        let shape = (
            on.len(),
            on.circular || report.circular_contigs.contains(&contig),
        );
        let kind = feature_kind(record.kind);
        let locus_tag = text("locus_tag");
        let names = FeatureNames {
            name: &name(record, kind, &locus_tag),
            synonyms: &synonyms(record),
            locus_tag: &locus_tag,
            product: &text("product"),
        };
        for part in parts_on_contig(record.interval, contig, shape, seqids, input, line)? {
            let interval = match kind {
                FeatureKind::Tss => five_prime_base(part, record.strand),
                _ => part,
            };
            self.collected.add(Entry {
                feature: Feature::new(kind, contig, interval, record.strand).with_names(names),
                id: text("ID").into_owned(),
                parent: text("Parent").into_owned(),
            });
        }
        Ok(())
    }

    /// The features with what was left out.
    ///
    /// # Errors
    /// [`ReadError`] where the file had none at all.
    pub fn finish(
        mut self,
        seqids: &Seqids<'_>,
        input: &Input<'_>,
    ) -> Result<(FeatureSet, ReadReport), ReadError> {
        self.report.take_names(seqids);
        let features = self.collected.finish(&mut self.report);
        if features.is_empty() && self.report.skipped.is_empty() {
            return Err(input.not(
                "GFF3 with at least one feature",
                "Check that this is the right file.",
            ));
        }
        Ok((FeatureSet::new(features), self.report))
    }
}

fn feature_kind(kind: &str) -> FeatureKind {
    match kind {
        "gene" | "pseudogene" => FeatureKind::Gene,
        "CDS" => FeatureKind::Cds,
        "operon" | "transcription_unit" => FeatureKind::Operon,
        _ if is_tss(kind) => FeatureKind::Tss,
        _ if kind.ends_with("_gene") => FeatureKind::Gene,
        _ => FeatureKind::Other,
    }
}

/// Whether a GFF3 type means a transcription start site.
#[must_use]
pub fn is_tss(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("TSS")
        || kind.eq_ignore_ascii_case("transcription_start_site")
        || kind == "SO:0000315"
}

/// The first base of an interval on its strand.
#[must_use]
pub fn five_prime_base(interval: Interval, strand: Option<Strand>) -> Interval {
    match strand {
        Some(Strand::Reverse) => Interval::new(interval.end.saturating_sub(1), interval.end),
        _ => Interval::new(interval.start, interval.start + 1),
    }
}

fn name(record: &Record<'_>, kind: FeatureKind, locus_tag: &str) -> String {
    let order: &[&str] = match kind {
        FeatureKind::Gene => &["Name", "gene"],
        FeatureKind::Cds => &["gene", "Name"],
        _ => &[
            "Name",
            "gene",
            "standard_name",
            "mobile_element_type",
            "Note",
            "product",
        ],
    };
    order
        .iter()
        .find_map(|name| record.attribute(name))
        .map(Cow::into_owned)
        .or_else(|| Some(locus_tag.to_owned()).filter(|tag| !tag.is_empty()))
        .or_else(|| record.attribute("ID").map(Cow::into_owned))
        .unwrap_or_default()
}

fn synonyms(record: &Record<'_>) -> Vec<String> {
    once_each(
        ["gene_synonym", "Alias", "old_locus_tag", "protein_id"]
            .iter()
            .flat_map(|name| record.attributes(name)),
    )
}
