//! Which column of a site table says what: for each database, and as people choose.

use super::placed::{Ends, effect, evidence};
use crate::genome::Interval;
use crate::genome::read::mapping::Field;
use crate::genome::read::table::{BINDING_SITE_COLUMNS, Columns, Row, binding_site_strand, names};
use crate::sites::site::{Site, SiteRow};
use std::collections::BTreeMap;

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
    "regulated_operon",
    "operon",
    "transcription_units",
];
const REFERENCES: &[&str] = &["references", "reference", "pmids", "pmid", "tfrspmids"];

/// The columns of a site table.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    tf: usize,
    left: usize,
    right: usize,
    strand: Option<usize>,
    /// The sequence that a row lies on.
    pub contig: Option<usize>,
    sequence: Option<usize>,
    effect: Option<usize>,
    confidence: Option<usize>,
    codes: Vec<usize>,
    /// The first of these that is not empty counts.
    targets: Vec<usize>,
    /// Whether targets are named behind an identifier: `ECK120000734:pnp`.
    ids_before_names: bool,
    references: Vec<usize>,
    /// Whether positions count from 0 and ends are exclusive.
    pub zero_based: bool,
}

impl Layout {
    /// By the names of a header: RegulonDB's interactions, EcoCyc's `SmartTable`, DBTBS-style and
    /// plain tables.
    #[must_use]
    pub fn of(columns: &Columns) -> Option<Self> {
        let index = |any_of: &[&str]| columns.index(any_of);
        let several = |all: &[&str]| {
            let found = all.iter().filter_map(|name| columns.index(&[name]));
            found.collect::<Vec<usize>>()
        };
        let interactions = index(&["riid"]).is_some();
        Some(Self {
            tf: index(names::TF)?,
            left: index(names::LEFT)?,
            right: index(names::RIGHT)?,
            strand: index(names::STRAND),
            contig: index(names::CONTIG).filter(|_| !interactions),
            sequence: index(names::SEQUENCE),
            effect: index(EFFECT),
            confidence: index(if interactions {
                &["confidencelevel"]
            } else {
                EVIDENCE
            }),
            codes: if interactions {
                several(&["tfrsevidence", "rievidence"])
            } else {
                several(&["evidence"])
            },
            targets: if interactions {
                several(&["promotername", "targettuorgene", "firstgene"])
            } else {
                index(TARGET).into_iter().collect()
            },
            ids_before_names: interactions,
            references: if interactions {
                several(&["tfrspmids", "ripmids"])
            } else {
                index(REFERENCES).into_iter().collect()
            },
            // DBTBS-style: as in GenBank's own tools, ends are exclusive.
            zero_based: index(&["site_start"]).is_some() && index(&["genome_accession"]).is_some(),
        })
    }

    /// By the shape of a row of RegulonDB's `BindingSiteSet.txt`, which has no header.
    #[must_use]
    pub fn of_binding_site_set(line: &str) -> Option<Self> {
        let cells = line.split('\t').map(str::trim);
        let cells: Vec<&str> = cells.take(BINDING_SITE_COLUMNS).collect();
        let strand = binding_site_strand(&cells)?;
        // With the conformation came an identifier of the transcription unit before its name.
        let unit = strand + if strand == 6 { 3 } else { 2 };
        let codes = if strand == 6 { unit + 6 } else { unit + 5 };
        let confidence = match cells.get(codes + 1) {
            Some(_) => codes + 1,
            None => codes,
        };
        Some(Self {
            tf: 1,
            left: strand - 2,
            right: strand - 1,
            strand: Some(strand),
            effect: Some(unit + 1),
            targets: vec![unit + 2, unit],
            sequence: Some(unit + 4),
            codes: vec![codes],
            confidence: Some(confidence),
            ..Self::default()
        })
    }

    /// As people chose.
    #[must_use]
    pub fn chosen(columns: &BTreeMap<Field, usize>, zero_based: bool) -> Option<Self> {
        let index = |field| columns.get(&field).copied();
        Some(Self {
            tf: index(Field::Tf)?,
            left: index(Field::Left)?,
            right: index(Field::Right)?,
            strand: index(Field::Strand),
            contig: index(Field::Contig),
            sequence: index(Field::Sequence),
            effect: index(Field::Effect),
            confidence: index(Field::Evidence),
            codes: Vec::new(),
            targets: index(Field::Targets).into_iter().collect(),
            ids_before_names: false,
            references: index(Field::References).into_iter().collect(),
            zero_based,
        })
    }

    /// The cells that every row has.
    #[must_use]
    pub fn needed(&self) -> usize {
        self.tf.max(self.left).max(self.right) + 1
    }

    /// The transcription factor; empty where the row names none.
    #[must_use]
    pub fn tf<'t>(&self, row: &Row<'t>) -> &'t str {
        row.cell(Some(self.tf))
    }

    /// The two positions.
    #[must_use]
    pub fn ends(&self, row: &Row<'_>) -> Ends {
        let [left, right] = self.end_cells(row);
        Ends::parse(left, right, self.zero_based)
    }

    /// The two positions as they are written.
    #[must_use]
    pub fn end_cells<'t>(&self, row: &Row<'t>) -> [&'t str; 2] {
        [self.left, self.right].map(|column| row.cell(Some(column)))
    }

    /// The row at `left` and `right`, as a site.
    #[must_use]
    pub fn placed(&self, row: &Row<'_>, contig: usize, left: usize, right: usize) -> Site {
        let start = if self.zero_based {
            left
        } else {
            left.saturating_sub(1)
        };
        let sequence = bound_bases(row.cell(self.sequence));
        Site::new(self.tf(row), contig, Interval::new(start, right), None)
            .with_texts(&sequence, std::iter::empty())
            .with_row(self.site_row(row))
    }

    fn site_row(&self, row: &Row<'_>) -> SiteRow {
        let first_of = |columns: &[usize]| {
            let mut cells = columns.iter().map(|&column| row.cell(Some(column)));
            cells.find(|cell| !cell.is_empty())
        };
        let joined = |columns: &[usize]| {
            let cells = columns.iter().map(|&column| row.cell(Some(column)));
            let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
            cells.join(";")
        };
        let names = first_of(&self.targets).unwrap_or_default();
        let names = match names.split_once(':') {
            Some((_, name)) if self.ids_before_names => name,
            _ => names,
        };
        let names = names.split(['|']).flat_map(|names| names.split(" // "));
        let names = names.map(str::trim).filter(|name| !name.is_empty());
        let strand = row.text(self.strand);
        let both = matches!(strand, "both" | "+-" | "+/-" | "±");
        let mut said = SiteRow::new(row.line, row.strand(self.strand).filter(|_| !both));
        said.on_both_strands = both;
        said.evidence = evidence(row.cell(self.confidence));
        said.effect = effect(row.text(self.effect));
        said.with_texts(&joined(&self.codes), &joined(&self.references), names)
    }
}

/// The upper-case middle of a printed sequence; all of it where there are no lower-case flanks.
#[must_use]
pub fn bound_bases(printed: &str) -> String {
    let is_flank = |c: char| c.is_ascii_lowercase();
    let middle = printed.trim_matches(is_flank);
    if middle.is_empty() { printed } else { middle }.to_ascii_uppercase()
}

/// Whether a printed sequence is as long as a 0-based half-open interval says, and not as long as
/// a 1-based closed one does.
#[must_use]
pub fn is_half_open(row: &Site) -> bool {
    !row.sequence().is_empty() && row.sequence().len() + 1 == row.interval.len()
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
}
