//! The assembly check: do the sequences that a site file prints stand where it says?
//!
//! A file for another assembly or organism has plausible coordinates in all the wrong places;
//! only its sequences tell.

use super::site::{Site, SiteSet};
use crate::genome::base::reverse_complement;
use crate::genome::locus::grouped;
use crate::genome::{Base, Genome, Interval, Strand};
use std::fmt;

/// The share of sequences that must match.
pub const REQUIRED_SHARE: f64 = 0.95;

/// How many sites print a sequence, and how many of those equal the genome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct MatchRate {
    /// Sites with a printed sequence.
    pub compared: usize,
    /// Of those, sites that equal the genome on their strand (either, where the file gives none).
    pub matching: usize,
    /// Of those, sites that equal the genome on either strand.
    pub matching_any_strand: usize,
}

impl MatchRate {
    /// The matching share in 0…1; 1 where nothing could be compared.
    #[must_use]
    pub fn share(self) -> f64 {
        share(self.matching, self.compared)
    }

    /// The share that matches on either strand in 0…1; 1 where nothing could be compared.
    #[must_use]
    pub fn share_any_strand(self) -> f64 {
        share(self.matching_any_strand, self.compared)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// What the match rate means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Verdict {
    /// The file prints no sequences.
    NothingToCompare,
    /// At least 95 % match.
    Passed,
    /// At least 95 % match if strands are ignored, fewer as stated.
    OtherStrands,
    /// At least 95 % match if every site is moved by this many bases.
    Shifted(isize),
    /// Fewer than 95 % match in any of these ways.
    Failed,
}

/// A match rate with its meaning. `Display` says it in one or two sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AssemblyCheck {
    /// The counts.
    pub rate: MatchRate,
    /// Their meaning.
    pub verdict: Verdict,
}

impl AssemblyCheck {
    /// Whether the sites may be drawn as they are: the check passed, or had nothing to compare.
    #[must_use]
    pub fn is_ok(self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::NothingToCompare)
    }
}

impl fmt::Display for AssemblyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MatchRate {
            compared,
            matching,
            matching_any_strand,
        } = self.rate;
        let counted = |part: usize| {
            let percent = 100.0 * share(part, compared);
            format!(
                "{} of {} ({percent:.1} %)",
                grouped(part),
                grouped(compared)
            )
        };
        match self.verdict {
            Verdict::NothingToCompare => f.write_str(
                "The file prints no sequences, so its places could not be checked against the genome.",
            ),
            Verdict::Passed => {
                write!(f, "{} printed sequences equal the genome.", counted(matching))
            }
            Verdict::OtherStrands => write!(
                f,
                "Only {} printed sequences equal the genome on their strand, but {} do on either: \
                 the file prints another strand than it states.",
                counted(matching),
                counted(matching_any_strand)
            ),
            Verdict::Shifted(bases) => write!(
                f,
                "Only {} printed sequences equal the genome; moved by {bases:+} they do: the file \
                 counts its positions in another way.",
                counted(matching)
            ),
            Verdict::Failed => write!(
                f,
                "Only {} printed sequences equal the genome: the file was made for another \
                 assembly or another organism.",
                counted(matching)
            ),
        }
    }
}

/// Compares the printed sequences of `sites` with `genome`.
#[must_use]
pub fn match_rate(sites: &SiteSet, genome: &Genome) -> MatchRate {
    shifted_rate(sites, genome, 0)
}

/// Compares the printed sequences with the genome, and looks for the reason where they differ.
#[must_use]
pub fn check_assembly(sites: &SiteSet, genome: &Genome) -> AssemblyCheck {
    let rate = match_rate(sites, genome);
    let verdict = if rate.compared == 0 {
        Verdict::NothingToCompare
    } else if rate.share() >= REQUIRED_SHARE {
        Verdict::Passed
    } else if rate.share_any_strand() >= REQUIRED_SHARE {
        Verdict::OtherStrands
    } else {
        [-1, 1]
            .into_iter()
            .find(|&bases| shifted_rate(sites, genome, bases).share_any_strand() >= REQUIRED_SHARE)
            .map_or(Verdict::Failed, Verdict::Shifted)
    };
    AssemblyCheck { rate, verdict }
}

fn shifted_rate(sites: &SiteSet, genome: &Genome, bases: isize) -> MatchRate {
    let mut rate = MatchRate::default();
    for site in sites.sites.iter().filter(|site| !site.sequence.is_empty()) {
        rate.compared += 1;
        let (on_strand, on_either) = matches(site, genome, bases);
        rate.matching += usize::from(on_strand);
        rate.matching_any_strand += usize::from(on_either);
    }
    rate
}

/// Whether the printed sequence equals the genome on the site's strand, and on either.
fn matches(site: &Site, genome: &Genome, shift: isize) -> (bool, bool) {
    if site.sequence.len() != site.interval.len() {
        return (false, false);
    }
    let Some(printed) = site
        .sequence
        .bytes()
        .map(Base::from_ascii)
        .collect::<Option<Vec<Base>>>()
    else {
        return (false, false);
    };
    let ends = (
        site.interval.start.checked_add_signed(shift),
        site.interval.end.checked_add_signed(shift),
    );
    let (Some(contig), (Some(start), Some(end))) = (genome.contigs.get(site.contig), ends) else {
        return (false, false);
    };
    let forward = contig.bases(Interval::new(start, end), Strand::Forward);
    let on_forward = same(&printed, &forward);
    let on_reverse = same(&printed, &reverse_complement(&forward));
    let on_strand = match site.strand {
        Some(Strand::Forward) => on_forward,
        Some(Strand::Reverse) => on_reverse,
        None => on_forward || on_reverse,
    };
    (on_strand, on_forward || on_reverse)
}

/// Equal where both are known; an unknown base on either side fits any.
fn same(printed: &[Base], genome: &[Base]) -> bool {
    let fits = |(a, b): (&Base, &Base)| a == b || *a == Base::N || *b == Base::N;
    printed.len() == genome.len() && printed.iter().zip(genome).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Contig;
    use crate::sites::Evidence;

    const LETTERS: &str = "ACGGTTACATTTGACACCGATCAGTTTAACCGGATCGGATTTACA";

    fn genome() -> Genome {
        let sequence = LETTERS.bytes().filter_map(Base::from_ascii).collect();
        Genome::new(
            "g",
            vec![Contig {
                name: "c".to_owned(),
                sequence,
                ..Contig::default()
            }],
        )
    }

    /// Sites of 6 bases that print what stands `shift` bases to the right, on the strand given.
    fn sites(shift: usize, printed: Strand, stated: Strand) -> SiteSet {
        let contig = &genome().contigs[0];
        let sites = (1..30)
            .map(|start| Site {
                tf: "X".to_owned(),
                contig: 0,
                interval: Interval::new(start, start + 6),
                strand: Some(stated),
                evidence: Evidence::Unknown,
                effect: String::new(),
                targets: Vec::new(),
                sequence: crate::genome::base::text(
                    &contig.bases(Interval::new(start + shift, start + shift + 6), printed),
                ),
                lines: vec![start],
            })
            .collect();
        SiteSet::new("s".to_owned(), sites)
    }

    #[test]
    fn verdicts_name_the_reason() {
        use Strand::{Forward, Reverse};
        let verdict = |shift, printed, stated| {
            check_assembly(&sites(shift, printed, stated), &genome()).verdict
        };
        assert_eq!(verdict(0, Forward, Forward), Verdict::Passed);
        assert_eq!(verdict(0, Reverse, Reverse), Verdict::Passed);
        assert_eq!(verdict(0, Forward, Reverse), Verdict::OtherStrands);
        assert_eq!(verdict(1, Forward, Forward), Verdict::Shifted(1));
        assert_eq!(verdict(7, Forward, Forward), Verdict::Failed);
        let none = check_assembly(&SiteSet::default(), &genome());
        assert!(none.is_ok() && none.verdict == Verdict::NothingToCompare);
        let failed = check_assembly(&sites(7, Forward, Forward), &genome());
        assert!(!failed.is_ok());
        assert!(
            failed
                .to_string()
                .starts_with("Only 0 of 29 (0.0 %) printed sequences")
        );
    }
}
