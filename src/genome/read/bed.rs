//! BED with 3 to 12 columns: intervals, 0-based half-open, with name and strand where given.

use super::error::{ReadError, quoted};
use super::report::ReadReport;
use super::seqids::{Seqids, UNKNOWN};
use super::table::whole_number;
use super::text::Input;
use crate::genome::chunked::Chunked;
use crate::genome::contig::Genome;
use crate::genome::feature::{Feature, FeatureKind, FeatureNames, FeatureSet};
use crate::genome::locus::{Interval, Strand};

/// One line of BED, as it stands in the file.
#[derive(Clone, Debug)]
pub struct Record<'t> {
    /// The sequence that it lies on.
    pub chrom: &'t str,
    /// Its bases, 0-based half-open; never empty.
    pub interval: Interval,
    /// Its name; may be empty.
    pub name: &'t str,
    /// Its score as text; may be empty.
    pub score: &'t str,
    /// Its strand, where it has one.
    pub strand: Option<Strand>,
    /// Number of columns, of at most 16.
    pub columns: usize,
}

/// Whether a line could be a BED record: a name, then two positions in order.
pub(super) fn looks_like_record(line: &str) -> bool {
    let columns = split(line);
    let ends = columns
        .get(1)
        .and_then(|start| start.parse::<usize>().ok())
        .zip(columns.get(2).and_then(|end| end.parse::<usize>().ok()));
    (3..MOST_COLUMNS).contains(&columns.len()) && ends.is_some_and(|(start, end)| start <= end)
}

/// Columns beyond these are not looked at.
const MOST_COLUMNS: usize = 16;

fn split(line: &str) -> Vec<&str> {
    if line.contains('\t') {
        let columns = line.split('\t').map(str::trim);
        columns.take(MOST_COLUMNS).collect()
    } else {
        line.split_whitespace().take(MOST_COLUMNS).collect()
    }
}

fn is_no_record(line: &str) -> bool {
    let first = line.split_whitespace().next();
    line.starts_with('#') || matches!(first, None | Some("track" | "browser"))
}

/// Calls `with` for every record, with its line; intervals without bases are left out.
///
/// # Errors
/// [`ReadError`] naming the line of fewer than three columns or wrong positions; what `with` gives.
pub fn for_each_record(
    input: &mut Input<'_>,
    report: &mut ReadReport,
    mut with: impl FnMut(&Record<'_>, usize, &mut ReadReport, &Input<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut text = String::new();
    while let Some(line) = input.next_line(&mut text)? {
        if is_no_record(&text) {
            continue;
        }
        let columns = split(&text);
        if columns.len() < 3 {
            return Err(input.problem(
                Some(line),
                "three to twelve columns (sequence, start, end, name, score, strand …)",
                columns.len().to_string(),
                "Save it as BED with tabs.",
            ));
        }
        let ends = whole_number(columns[1]).zip(whole_number(columns[2]));
        let Some((start, end)) = ends.filter(|(start, end)| start <= end) else {
            return Err(input.problem(
                Some(line),
                "start and end as whole numbers from 0 on, in order",
                format!("{} and {}", quoted(columns[1]), quoted(columns[2])),
                "Correct the line.",
            ));
        };
        if start == end {
            report.skip("an interval without bases", line);
            continue;
        }
        let optional = |index: usize| columns.get(index).copied().unwrap_or_default();
        let named = |text: &'_ str| text != "." && text != "-";
        let record = Record {
            chrom: columns[0],
            interval: Interval::new(start, end),
            name: Some(optional(3)).filter(|t| named(t)).unwrap_or_default(),
            score: Some(optional(4)).filter(|t| named(t)).unwrap_or_default(),
            strand: Strand::from_sign(optional(5)),
            columns: columns.len(),
        };
        with(&record, line, report, input)?;
    }
    Ok(())
}

/// Reads the intervals of a BED file as features of `genome`.
///
/// One base is a TSS; a longer interval with name and strand is a gene; anything else is neither.
///
/// # Errors
/// [`ReadError`] naming the line of a wrong record or a place outside the genome; none of the
/// sequences is in the genome.
pub fn read(input: &mut Input<'_>, genome: &Genome) -> Result<(FeatureSet, ReadReport), ReadError> {
    let mut report = ReadReport::new("BED");
    let mut seqids = Seqids::new(genome);
    let mut features = Features::default();
    for_each_record(input, &mut report, |record, line, report, input| {
        let Some(contig) = seqids.contig(record.chrom) else {
            report.skip(UNKNOWN, line);
            return Ok(());
        };
        features.add(record, contig, line, &seqids, input)
    })?;
    seqids.require_match(input)?;
    Ok(features.finish(report, &seqids))
}

/// The features of a BED file while it is read.
#[derive(Default)]
pub struct Features {
    features: Chunked<Feature>,
}

impl Features {
    /// Takes one record on `contig`.
    ///
    /// # Errors
    /// [`ReadError`] where it ends beyond its contig.
    pub fn add(
        &mut self,
        record: &Record<'_>,
        contig: usize,
        line: usize,
        seqids: &Seqids<'_>,
        input: &Input<'_>,
    ) -> Result<(), ReadError> {
        seqids.check_end(contig, record.interval.end, input, line)?;
        let kind = match record.interval.len() {
            1 => FeatureKind::Tss,
            _ if record.strand.is_some() && !record.name.is_empty() => FeatureKind::Gene,
            _ => FeatureKind::Other,
        };
        let names = FeatureNames {
            name: record.name,
            ..FeatureNames::default()
        };
        let feature = Feature::new(kind, contig, record.interval, record.strand);
        self.features.push(feature.with_names(names));
        Ok(())
    }

    /// The features, with what was left out.
    #[must_use]
    pub fn finish(self, mut report: ReadReport, seqids: &Seqids<'_>) -> (FeatureSet, ReadReport) {
        report.take_names(seqids);
        report.records = self.features.len();
        (FeatureSet::new(self.features.into_vec()), report)
    }
}
