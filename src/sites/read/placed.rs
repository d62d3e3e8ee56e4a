//! Rows of site files, and the physical sites that they are about.

use crate::genome::read::seqids::Seqids;
use crate::genome::read::table::whole_number;
use crate::genome::{Genome, Interval, Strand};
use crate::sites::site::{Evidence, Site};
use std::collections::{BTreeMap, HashSet};

/// One row of a site file with a place in the genome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRow {
    /// The transcription factor.
    pub tf: String,
    /// Index of the contig.
    pub contig: usize,
    /// The bound bases, 0-based half-open.
    pub interval: Interval,
    /// The strand that the row gives.
    pub strand: Option<Strand>,
    /// How well it is supported.
    pub evidence: Evidence,
    /// `+`, `-`, `+-`, or empty.
    pub effect: &'static str,
    /// Promoters, genes or transcription units.
    pub targets: Vec<String>,
    /// The bound bases as printed, upper case without flanks; may be empty.
    pub sequence: String,
    /// Its 1-based line.
    pub line: usize,
}

/// What the cells for left and right say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// A place with at least one base.
    At(Interval),
    /// No coordinates: empty, `NA`, `0`.
    Missing,
    /// Right is one before left: a point between two bases, whose site has no stated extent.
    Between,
    /// Anything else.
    Wrong,
}

impl Ends {
    /// Reads 1-based inclusive coordinates; cells that say `NA` and the like arrive empty.
    #[must_use]
    pub fn parse(left: &str, right: &str) -> Self {
        let missing = |text: &str| text.is_empty() || text == "0" || text == "0.0";
        if missing(left) || missing(right) {
            return Self::Missing;
        }
        match (whole_number(left), whole_number(right)) {
            (Some(left), Some(right)) if left == right + 1 => Self::Between,
            (Some(left), Some(right)) => {
                Interval::from_closed(left, right).map_or(Self::Wrong, Self::At)
            }
            _ => Self::Wrong,
        }
    }
}

/// The contig of a row: by name, or the only one where the file names none.
pub fn contig_of(name: &str, seqids: &mut Seqids<'_>, genome: &Genome) -> Option<usize> {
    if name.is_empty() {
        (genome.contigs.len() == 1).then_some(0)
    } else {
        seqids.contig(name)
    }
}

/// The evidence that a word or letter stands for.
#[must_use]
pub fn evidence(text: &str) -> Evidence {
    match text.to_ascii_lowercase().as_str() {
        "c" | "confirmed" => Evidence::Confirmed,
        "s" | "strong" => Evidence::Strong,
        "w" | "weak" => Evidence::Weak,
        _ => Evidence::Unknown,
    }
}

/// The effect that a word or sign stands for; empty where not stated.
#[must_use]
pub fn effect(text: &str) -> &'static str {
    match text.to_ascii_lowercase().as_str() {
        "activator" | "activation" | "+" => "+",
        "repressor" | "repression" | "-" | "−" => "-",
        "dual" | "+-" | "-+" | "+/-" | "±" => "+-",
        _ => "",
    }
}

/// Rows about the same transcription factor and bases become one site; gives also how many are
/// listed on both strands.
///
/// Strand: the one that all rows with a strand give, else none. Evidence: the best. Effect: both
/// where rows differ. Sequence: of a row on the forward strand where there is one.
#[must_use]
pub fn merge(rows: Vec<PlacedRow>, genome: &Genome) -> (Vec<Site>, usize) {
    let mut by_place: BTreeMap<(usize, Interval, String), Vec<PlacedRow>> = BTreeMap::new();
    for mut row in rows {
        let tf = std::mem::take(&mut row.tf);
        by_place
            .entry((row.contig, row.interval, tf))
            .or_default()
            .push(row);
    }
    debug_assert!(by_place.keys().all(|key| key.0 < genome.contigs.len()));
    let mut on_both_strands = 0;
    let sites = by_place
        .into_iter()
        .map(|((contig, interval, tf), rows)| {
            let on = |strand| rows.iter().find(|row| row.strand == Some(strand));
            let forward = on(Strand::Forward);
            let strand = match (forward, on(Strand::Reverse)) {
                (Some(_), Some(_)) => {
                    on_both_strands += 1;
                    None
                }
                (Some(_), None) => Some(Strand::Forward),
                (None, Some(_)) => Some(Strand::Reverse),
                (None, None) => None,
            };
            let printed = forward.filter(|row| !row.sequence.is_empty());
            let sequence = printed
                .or_else(|| rows.iter().find(|row| !row.sequence.is_empty()))
                .map(|row| row.sequence.clone())
                .unwrap_or_default();
            let mut seen = HashSet::new();
            let targets: Vec<String> = rows
                .iter()
                .flat_map(|row| &row.targets)
                .filter(|target| !target.is_empty() && seen.insert(target.as_str()))
                .cloned()
                .collect();
            Site {
                tf,
                contig,
                interval,
                strand,
                evidence: rows
                    .iter()
                    .map(|row| row.evidence)
                    .max()
                    .unwrap_or(Evidence::Unknown),
                effect: joined_effect(&rows),
                targets,
                sequence,
                lines: rows.iter().map(|row| row.line).collect(),
            }
        })
        .collect();
    (sites, on_both_strands)
}

fn joined_effect(rows: &[PlacedRow]) -> String {
    let any = |sign: char| rows.iter().any(|row| row.effect.contains(sign));
    match (any('+'), any('-')) {
        (true, true) => "+-",
        (true, false) => "+",
        (false, true) => "-",
        (false, false) => "",
    }
    .to_owned()
}
