//! GFF3: one feature a line, nine tab-separated columns, attributes in the last.
//!
//! A version line is not needed; blank lines, comments and `###` are passed over, and `##FASTA`
//! or a line that begins with `>` ends the features. Lines of one gene with the same `ID` become
//! one gene. A gene takes its product from the CDS or RNA under it.

use super::error::{ReadError, quoted};
use super::report::ReadReport;
use super::seqids::{Seqids, UNKNOWN};
use super::table::whole_number;
use super::text::Input;
use crate::genome::contig::Genome;
use crate::genome::feature::{Feature, FeatureKind, FeatureSet};
use crate::genome::locus::{Interval, Strand, grouped};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

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
    let columns: Vec<&str> = line.split('\t').collect();
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
            Line::Record(record) => with(&record, line, seqids, input)?,
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
    let columns: Vec<&str> = text.split('\t').collect();
    let &[seqid, _, kind, start, end, _, strand, _, attributes] = columns.as_slice() else {
        return Err(input.problem(
            Some(line),
            "nine tab-separated columns",
            columns.len().to_string(),
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
    let mut report = ReadReport::new("GFF3");
    let mut seqids = Seqids::new(genome);
    let mut collected = Collected::default();
    for_each_record(input, &mut seqids, |record, line, seqids, input| {
        let Some(contig) = seqids.contig(&record.seqid) else {
            report.skip(UNKNOWN, line);
            return Ok(());
        };
        if NOT_SHOWN.contains(&record.kind) {
            let circular = record.attribute("Is_circular").as_deref() == Some("true");
            if circular && !report.circular_contigs.contains(&contig) {
                report.circular_contigs.push(contig);
            }
            collected.adopt(record);
            report.skip(format!("type {}, not shown by itself", record.kind), line);
            return Ok(());
        }
        report.records += 1;
        let on = &genome.contigs[contig];
        let shape = (
            on.len(),
            on.circular || report.circular_contigs.contains(&contig),
        );
        for part in parts_on_contig(record.interval, contig, shape, seqids, input, line)? {
            collected.add(record, contig, part);
        }
        Ok(())
    })?;
    seqids.require_match(input)?;
    report.notes.extend(seqids.notes());
    let features = collected.finish(&mut report);
    if features.is_empty() && report.skipped.is_empty() {
        return Err(input.not(
            "GFF3 with at least one feature",
            "Check that this is the right file.",
        ));
    }
    Ok((FeatureSet::new(features), report))
}

/// Features while the file is read, with what ties them to one another.
#[derive(Default)]
struct Collected {
    features: Vec<Feature>,
    /// Parts of one gene have one ID.
    gene_by_id: HashMap<String, usize>,
    gene_by_locus_tag: HashMap<String, usize>,
    /// Transcripts lie between a gene and its CDS.
    parent_by_id: HashMap<String, String>,
    /// Products wait until all genes are known.
    products: Vec<Product>,
    joined: usize,
}

struct Product {
    text: String,
    parent: String,
    locus_tag: String,
    from_cds: bool,
}

impl Collected {
    /// Remembers whose child a feature is.
    fn adopt(&mut self, record: &Record<'_>) {
        if let (Some(id), Some(parent)) = (record.attribute("ID"), record.attribute("Parent")) {
            self.parent_by_id
                .insert(id.into_owned(), parent.into_owned());
        }
    }

    fn add(&mut self, record: &Record<'_>, contig: usize, interval: Interval) {
        let kind = feature_kind(record.kind);
        let id = record.attribute("ID").unwrap_or_default();
        let text = |name: &str| record.attribute(name).unwrap_or_default().into_owned();
        let locus_tag = text("locus_tag");
        if kind == FeatureKind::Gene {
            if let Some(feature) = self.gene_by_id.get(&*id).map(|&i| &mut self.features[i])
                && (feature.contig, feature.strand) == (contig, record.strand)
                && !(interval.start == 0 && feature.interval.start > interval.end)
            {
                let hull = feature.interval;
                feature.interval =
                    Interval::new(hull.start.min(interval.start), hull.end.max(interval.end));
                self.joined += 1;
                return;
            }
            if !id.is_empty() {
                self.gene_by_id
                    .insert(id.clone().into_owned(), self.features.len());
            }
            if !locus_tag.is_empty() {
                self.gene_by_locus_tag
                    .insert(locus_tag.clone(), self.features.len());
            }
        } else {
            self.adopt(record);
        }
        let product = text("product");
        if kind != FeatureKind::Gene && !product.is_empty() {
            self.products.push(Product {
                text: product.clone(),
                parent: text("Parent"),
                locus_tag: locus_tag.clone(),
                from_cds: kind == FeatureKind::Cds,
            });
        }
        self.features.push(Feature {
            kind,
            name: name(record, kind, &locus_tag),
            synonyms: synonyms(record),
            locus_tag,
            product,
            contig,
            interval: if kind == FeatureKind::Tss {
                five_prime_base(interval, record.strand)
            } else {
                interval
            },
            strand: record.strand,
        });
    }

    fn finish(mut self, report: &mut ReadReport) -> Vec<Feature> {
        // A CDS says what a gene makes; an RNA speaks only where there is none.
        self.products.sort_by_key(|product| !product.from_cds);
        for product in std::mem::take(&mut self.products) {
            if let Some(gene) = self.gene_of(&product)
                && self.features[gene].product.is_empty()
            {
                self.features[gene].product = product.text;
            }
        }
        if self.joined > 0 {
            let joined = grouped(self.joined);
            report.notes.push(format!(
                "{joined} further parts of genes were joined to their first part."
            ));
        }
        self.features
    }

    fn gene_of(&self, product: &Product) -> Option<usize> {
        const DEEPEST: usize = 4;
        let mut parent = product.parent.as_str();
        for _ in 0..DEEPEST {
            if let Some(&gene) = self.gene_by_id.get(parent) {
                return Some(gene);
            }
            match self.parent_by_id.get(parent) {
                Some(grandparent) => parent = grandparent,
                None => break,
            }
        }
        self.gene_by_locus_tag.get(&product.locus_tag).copied()
    }
}

fn feature_kind(kind: &str) -> FeatureKind {
    match kind {
        "gene" | "pseudogene" => FeatureKind::Gene,
        "CDS" => FeatureKind::Cds,
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
    let mut seen = HashSet::new();
    ["gene_synonym", "Alias", "old_locus_tag", "protein_id"]
        .iter()
        .flat_map(|name| record.attributes(name))
        .filter(|synonym| seen.insert(synonym.clone()))
        .collect()
}
