//! Rows of site files, and the physical sites that they are about.

use crate::genome::read::ReadReport;
use crate::genome::read::seqids::Seqids;
use crate::genome::read::table::whole_number;
use crate::genome::remedy::{Place, Remedy};
use crate::genome::{Genome, Interval, Strand};
use crate::sites::site::{Evidence, Site, SiteRow};
use std::collections::HashSet;

/// One row of a site file with a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRow {
    /// The transcription factor.
    pub tf: String,
    /// Index of the contig.
    pub contig: usize,
    /// The bound bases, 0-based half-open; not yet known to lie on the contig.
    pub interval: Interval,
    /// The bound bases as printed, upper case without flanks; may be empty.
    pub sequence: String,
    /// What else it says.
    pub row: SiteRow,
}

/// A row that says no more than its line and strand.
#[must_use]
pub fn bare_row(line: usize, strand: Option<Strand>) -> SiteRow {
    SiteRow {
        line,
        strand,
        on_both_strands: false,
        evidence: Evidence::Unknown,
        evidence_codes: Box::default(),
        effect: "",
        targets: Vec::new(),
        references: Box::default(),
    }
}

/// What the cells for left and right say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Two positions as they stand in the file, in order.
    At(usize, usize),
    /// No coordinates: empty, `NA`, `0`.
    Missing,
    /// Right is one before left: a point between two bases, whose site has no stated extent.
    Between,
    /// Left is negative: before the first base.
    Before,
    /// Anything else.
    Wrong,
}

impl Ends {
    /// Reads two positions; cells that say `NA` and the like arrive empty.
    ///
    /// Where positions count from 0 and ends are exclusive, 0 is a position and equal ends are a
    /// point between two bases.
    #[must_use]
    pub fn parse(left: &str, right: &str, zero_based: bool) -> Self {
        let missing = |text: &str| text.is_empty() || !zero_based && matches!(text, "0" | "0.0");
        if missing(left) || missing(right) {
            return Self::Missing;
        }
        if left.strip_prefix('-').and_then(whole_number).is_some() {
            return Self::Before;
        }
        match (whole_number(left), whole_number(right)) {
            (Some(left), Some(right)) if left == right + usize::from(!zero_based) => Self::Between,
            (Some(left), Some(right)) if left <= right => Self::At(left, right),
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

/// The evidence that a word or letter stands for, or the best of RegulonDB's codes `[…|S|…]`.
#[must_use]
pub fn evidence(text: &str) -> Evidence {
    match text.to_ascii_lowercase().as_str() {
        "c" | "confirmed" => Evidence::Confirmed,
        "s" | "strong" => Evidence::Strong,
        "w" | "weak" => Evidence::Weak,
        _ if text.contains("|C|") => Evidence::Confirmed,
        _ if text.contains("|S|") => Evidence::Strong,
        _ if text.contains("|W|") => Evidence::Weak,
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

/// Applies a remedy to rows and leaves out those that have no place on the genome.
pub fn settle(
    rows: &mut Vec<PlacedRow>,
    remedy: Remedy,
    genome: &Genome,
    seqids: &Seqids<'_>,
    report: &mut ReadReport,
) {
    let lifts = remedy.lifts(genome);
    rows.retain_mut(|row| {
        let reason = match remedy.place(row.interval, row.contig, &lifts) {
            Place::At(interval) => {
                row.interval = interval;
                match seqids.beyond(row.contig, interval.end) {
                    None => return true,
                    Some(reason) => reason,
                }
            }
            Place::Before => "before the first base".to_owned(),
            Place::NotThere => "on bases that the open assembly lacks".to_owned(),
        };
        report.skip(reason, row.row.line);
        false
    });
}

/// Rows about the same transcription factor and bases become one site, in the order of the genome.
///
/// Strand: the one that all rows with a strand give, else none. Evidence: the best. Effect: both
/// where rows differ. Sequence: of a row on the forward strand where there is one.
#[must_use]
pub fn merge(mut rows: Vec<PlacedRow>) -> Vec<Site> {
    let place = |row: &PlacedRow| (row.contig, row.interval);
    rows.sort_by(|a, b| (place(a), &a.tf, a.row.line).cmp(&(place(b), &b.tf, b.row.line)));
    let mut sites: Vec<Site> = Vec::new();
    for PlacedRow {
        tf,
        contig,
        interval,
        sequence,
        row,
    } in rows
    {
        let same = |site: &Site| (site.contig, site.interval, &site.tf) == (contig, interval, &tf);
        let again = sites.last().is_some_and(same);
        if !again {
            let mut site = Site::new(tf, contig, interval, None);
            // Most sites have one row.
            site.rows.reserve_exact(1);
            sites.push(site);
        }
        let Some(site) = sites.last_mut() else {
            continue;
        };
        let forward = |row: &SiteRow| row.strand == Some(Strand::Forward);
        let printed = !sequence.is_empty();
        let better = forward(&row) && !site.rows.iter().any(forward);
        if printed && (site.sequence.is_empty() || better) {
            site.sequence = sequence;
        }
        site.rows.push(row);
    }
    for site in &mut sites {
        summarise(site);
        site.rows.shrink_to_fit();
    }
    sites
}

/// Sets what follows from the rows behind a site.
fn summarise(site: &mut Site) {
    let rows = &site.rows;
    let any = |strand| {
        let on = |row: &SiteRow| row.on_both_strands || row.strand == Some(strand);
        rows.iter().any(on)
    };
    (site.strand, site.on_both_strands) = match (any(Strand::Forward), any(Strand::Reverse)) {
        (true, true) => (None, true),
        (true, false) => (Some(Strand::Forward), false),
        (false, true) => (Some(Strand::Reverse), false),
        (false, false) => (None, false),
    };
    let evidence = rows.iter().map(|row| row.evidence).max();
    site.evidence = evidence.unwrap_or(Evidence::Unknown);
    let sign = |sign: char| rows.iter().any(|row| row.effect.contains(sign));
    match (sign('+'), sign('-')) {
        (true, true) => "+-",
        (true, false) => "+",
        (false, true) => "-",
        (false, false) => "",
    }
    .clone_into(&mut site.effect);
    let mut seen = HashSet::new();
    let targets = rows.iter().flat_map(|row| &row.targets);
    site.targets = targets
        .filter(|target| seen.insert(target.as_str()))
        .cloned()
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_told_apart() {
        let one = |left, right| Ends::parse(left, right, false);
        assert_eq!(one("5", "9"), Ends::At(5, 9));
        assert_eq!(one("5.0", "9.0"), Ends::At(5, 9));
        for (left, right) in [("", ""), ("0", "0"), ("5", ""), ("", "9")] {
            assert_eq!(one(left, right), Ends::Missing);
        }
        assert_eq!(one("5", "4"), Ends::Between);
        assert_eq!(one("9", "5"), Ends::Wrong);
        assert_eq!(one("x", "5"), Ends::Wrong);
        assert_eq!(one("-7", "143"), Ends::Before);
        assert_eq!(Ends::parse("0", "5", true), Ends::At(0, 5));
        assert_eq!(Ends::parse("5", "5", true), Ends::Between);
        assert_eq!(Ends::parse("5", "4", true), Ends::Wrong);
    }

    #[test]
    fn codes_give_the_best_evidence() {
        assert_eq!(evidence("[GEA|W|x],[BPP|S|y]"), Evidence::Strong);
        assert_eq!(evidence("[CV(GEA)|C|z],[BPP|S|y]"), Evidence::Confirmed);
        assert_eq!(evidence("?"), Evidence::Unknown);
    }
}
