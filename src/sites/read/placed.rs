//! Rows of site files, each a [`Site`] of its own at first, and the physical sites that they are about.

use crate::genome::Genome;
use crate::genome::read::ReadReport;
use crate::genome::read::seqids::Seqids;
use crate::genome::read::table::whole_number;
use crate::genome::remedy::{Place, Remedy};
use crate::sites::site::{Effect, Evidence, Site, SiteRow};

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

/// The effect that a word or sign stands for.
#[must_use]
pub fn effect(text: &str) -> Effect {
    match text.to_ascii_lowercase().as_str() {
        "activator" | "activation" | "+" => Effect::Activation,
        "repressor" | "repression" | "-" | "−" => Effect::Repression,
        "dual" | "+-" | "-+" | "+/-" | "±" => Effect::Dual,
        _ => Effect::Unknown,
    }
}

/// Applies a remedy to rows and leaves out those that have no place on the genome.
pub fn settle(
    rows: &mut Vec<Site>,
    remedy: Remedy,
    genome: &Genome,
    seqids: &Seqids<'_>,
    report: &mut ReadReport,
) {
    let lifts = remedy.lifts(genome);
    rows.retain_mut(|row| {
        let reason = match remedy.place(row.interval, row.contig(), &lifts) {
            Place::At(interval) => {
                row.interval = interval;
                match seqids.beyond(row.contig(), interval.end) {
                    None => return true,
                    Some(reason) => reason,
                }
            }
            Place::Before => "before the first base".to_owned(),
            Place::NotThere => "on bases that the open assembly lacks".to_owned(),
        };
        report.skip(reason, row.rows().first().map_or(0, SiteRow::line));
        false
    });
}

/// Rows about the same transcription factor and bases become one site, in
/// the order of the genome.
#[must_use]
pub fn merge(mut rows: Vec<Site>) -> Vec<Site> {
    rows.sort_unstable_by(Site::order);
    // In place: there may be as many sites as rows.
    let (mut kept, mut first) = (0, 0);
    while first < rows.len() {
        let same = |row: &&Site| row.is_same_place(&rows[first]);
        let last = first + rows[first..].iter().take_while(same).count();
        if last - first > 1
            && let Some(site) = Site::merged(&mut rows[first..last])
        {
            rows[first] = site;
        }
        rows.swap(kept, first);
        (kept, first) = (kept + 1, last);
    }
    rows.truncate(kept);
    rows.shrink_to_fit();
    rows
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
