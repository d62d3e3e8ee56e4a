//! The assembly check: do the sequences that a site file prints stand where it says?
//!
//! A file for another assembly or organism has plausible coordinates in all the wrong places;
//! only its sequences tell.

use super::site::{Site, SiteRow, SiteSet};
use crate::genome::base::{reverse_complement, text};
use crate::genome::lift::Lift;
use crate::genome::locus::grouped;
use crate::genome::remedy::{Place, Remedy};
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
    /// At least 95 % match if positions are lifted from the other known assembly.
    OtherAssembly,
    /// Fewer than 95 % match in any of these ways.
    Failed,
}

/// What a remedy would give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Trial {
    /// The remedy, with what has been applied already.
    pub remedy: Remedy,
    /// The match rate under it.
    pub rate: MatchRate,
}

impl Trial {
    /// The share that counts under the remedy: strand-aware, unless it ignores strands.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.remedy.ignore_strand {
            self.rate.share_any_strand()
        } else {
            self.rate.share()
        }
    }

    /// Whether the check passes under it.
    #[must_use]
    pub fn passes(self) -> bool {
        self.share() >= REQUIRED_SHARE
    }
}

/// A site whose printed sequence is not what the genome has there.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Mismatch {
    /// The 1-based line of its first row.
    pub line: usize,
    /// Its transcription factor.
    pub tf: String,
    /// Its place, 1-based.
    pub place: String,
    /// Its strand as a table writes it.
    pub strand: &'static str,
    /// What the file prints.
    pub printed: String,
    /// What the genome has there on the site's strand.
    pub genome: String,
}

/// A match rate with its meaning and what helps. `Display` says it in one or two sentences.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AssemblyCheck {
    /// The counts.
    pub rate: MatchRate,
    /// Their meaning.
    pub verdict: Verdict,
    /// What was applied before the counts were taken.
    pub applied: Remedy,
    /// What else was tried, where the check did not pass: ignoring strands, moving by one, lifting.
    pub trials: Vec<Trial>,
    /// The first sites that do not match, where the check did not pass.
    pub mismatches: Vec<Mismatch>,
}

impl AssemblyCheck {
    /// Whether the sites may be drawn as they are: the check passed, or had nothing to compare.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::NothingToCompare)
    }

    /// Remedies under which the check passes, the mildest first.
    pub fn remedies(&self) -> impl Iterator<Item = Trial> {
        self.trials.iter().copied().filter(|trial| trial.passes())
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
            Verdict::Passed if self.applied.ignore_strand => write!(
                f,
                "{} printed sequences equal the genome on either strand.",
                counted(matching_any_strand)
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
            Verdict::OtherAssembly => write!(
                f,
                "Only {} printed sequences equal the genome; lifted from its other assembly they do.",
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
    rate_under(Remedy::default(), sites, genome)
}

/// Compares the printed sequences with the genome, and looks for the reason where they differ.
///
/// `applied` is what was done to the sites already; whatever is tried comes on top of it.
#[must_use]
pub fn check_assembly(sites: &SiteSet, genome: &Genome, applied: Remedy) -> AssemblyCheck {
    let rate = match_rate(sites, genome);
    let mut check = AssemblyCheck {
        rate,
        verdict: Verdict::Passed,
        applied,
        trials: Vec::new(),
        mismatches: Vec::new(),
    };
    let as_read = Trial {
        remedy: applied,
        rate,
    };
    if rate.compared == 0 {
        check.verdict = Verdict::NothingToCompare;
    } else if !as_read.passes() {
        check.trials = trials(sites, genome, applied, rate);
        let first = check.remedies().next().map(|trial| trial.remedy);
        check.verdict = match first {
            None => Verdict::Failed,
            Some(remedy) if remedy.lift != applied.lift => Verdict::OtherAssembly,
            Some(remedy) if remedy.shift_bp != applied.shift_bp => {
                Verdict::Shifted(remedy.shift_bp - applied.shift_bp)
            }
            Some(_) => Verdict::OtherStrands,
        };
        check.mismatches = mismatches(sites, genome);
    }
    check
}

/// What ignoring strands, moving by one and lifting would each give on top of `applied`; strands
/// are ignored where only that makes it pass.
fn trials(sites: &SiteSet, genome: &Genome, applied: Remedy, rate: MatchRate) -> Vec<Trial> {
    let strict_or_not = |extra: Remedy, rate: MatchRate| {
        let total = |ignore_strand| Remedy {
            lift: applied.lift || extra.lift,
            shift_bp: applied.shift_bp + extra.shift_bp,
            ignore_strand,
        };
        let trial = |ignore_strand| Trial {
            remedy: total(ignore_strand),
            rate,
        };
        let strict = trial(applied.ignore_strand);
        let loose = trial(true);
        if !strict.passes() && loose.passes() {
            loose
        } else {
            strict
        }
    };
    let none = Remedy::default();
    let mut trials = Vec::new();
    if !applied.ignore_strand {
        let remedy = Remedy {
            ignore_strand: true,
            ..applied
        };
        trials.push(Trial { remedy, rate });
    }
    let lifts = genome.contigs.iter().any(|c| Lift::onto(c).is_some());
    let extras = [
        Some(Remedy {
            shift_bp: -1,
            ..none
        }),
        Some(Remedy {
            shift_bp: 1,
            ..none
        }),
        (lifts && !applied.lift).then_some(Remedy { lift: true, ..none }),
    ];
    for extra in extras.into_iter().flatten() {
        trials.push(strict_or_not(extra, rate_under(extra, sites, genome)));
    }
    trials
}

fn rate_under(remedy: Remedy, sites: &SiteSet, genome: &Genome) -> MatchRate {
    let lifts = remedy.lifts(genome);
    let mut rate = MatchRate::default();
    for site in sites
        .sites
        .iter()
        .filter(|site| !site.sequence().is_empty())
    {
        rate.compared += 1;
        let Place::At(interval) = remedy.place(site.interval, site.contig(), &lifts) else {
            continue;
        };
        let (on_strand, on_either) = matches(site, interval, genome);
        rate.matching += usize::from(on_strand);
        rate.matching_any_strand += usize::from(on_either);
    }
    rate
}

/// The first sites that do not match on their strand.
fn mismatches(sites: &SiteSet, genome: &Genome) -> Vec<Mismatch> {
    const SHOWN: usize = 6;
    const LONGEST: usize = 60;
    let cut = |letters: &str| letters.chars().take(LONGEST).collect::<String>();
    sites
        .sites
        .iter()
        .filter(|site| !site.sequence().is_empty() && !matches(site, site.interval, genome).0)
        .take(SHOWN)
        .map(|site| {
            let strand = site.strand.unwrap_or(Strand::Forward);
            let shown = Interval::new(
                site.interval.start,
                site.interval.end.min(site.interval.start + LONGEST),
            );
            let contig = genome.contigs.get(site.contig());
            let bases = contig.map(|contig| contig.bases(shown, strand));
            Mismatch {
                line: site.rows().first().map_or(0, SiteRow::line),
                tf: site.tf().to_owned(),
                place: site.interval.to_string(),
                strand: site.strand_word(),
                printed: cut(site.sequence()),
                genome: text(&bases.unwrap_or_default()),
            }
        })
        .collect()
}

/// Whether the printed sequence equals the genome at `interval` on the site's strand, and on either.
fn matches(site: &Site, interval: Interval, genome: &Genome) -> (bool, bool) {
    if site.sequence().len() != interval.len() {
        return (false, false);
    }
    let Some(printed) = site
        .sequence()
        .bytes()
        .map(Base::from_ascii)
        .collect::<Option<Vec<Base>>>()
    else {
        return (false, false);
    };
    let Some(contig) = genome.contigs.get(site.contig()) else {
        return (false, false);
    };
    let forward = contig.bases(interval, Strand::Forward);
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
            .map(|start| {
                let there = Interval::new(start + shift, start + shift + 6);
                let letters = crate::genome::base::text(&contig.bases(there, printed));
                Site::new("X", 0, Interval::new(start, start + 6), Some(stated))
                    .with_texts(&letters, std::iter::empty())
            })
            .collect();
        SiteSet::new("s".to_owned(), sites)
    }

    fn check(sites: &SiteSet) -> AssemblyCheck {
        check_assembly(sites, &genome(), Remedy::default())
    }

    #[test]
    fn remedies_are_only_offered_where_they_work() {
        use Strand::{Forward, Reverse};
        let flags = |shift, printed, stated| -> Vec<String> {
            let check = check(&sites(shift, printed, stated));
            check
                .remedies()
                .map(|trial| trial.remedy.to_string())
                .collect()
        };
        assert_eq!(flags(0, Forward, Reverse), ["--ignore-strand"]);
        assert_eq!(flags(1, Forward, Forward), ["--shift 1"]);
        assert_eq!(flags(1, Forward, Reverse), ["--shift 1 --ignore-strand"]);
        assert!(flags(7, Forward, Forward).is_empty());
        let failed = check(&sites(7, Forward, Forward));
        assert_eq!((failed.trials.len(), failed.mismatches.len()), (3, 6));
        let first = &failed.mismatches[0];
        assert_eq!(
            (
                first.place.as_str(),
                first.genome.as_str(),
                first.printed.as_str()
            ),
            ("2-7", "CGGTTA", "ATTTGA")
        );
        let again = check_assembly(
            &sites(0, Forward, Reverse),
            &genome(),
            Remedy {
                ignore_strand: true,
                ..Remedy::default()
            },
        );
        assert!(again.is_ok(), "{again}");
    }

    #[test]
    fn verdicts_name_the_reason() {
        use Strand::{Forward, Reverse};
        let verdict = |shift, printed, stated| check(&sites(shift, printed, stated)).verdict;
        assert_eq!(verdict(0, Forward, Forward), Verdict::Passed);
        assert_eq!(verdict(0, Reverse, Reverse), Verdict::Passed);
        assert_eq!(verdict(0, Forward, Reverse), Verdict::OtherStrands);
        assert_eq!(verdict(1, Forward, Forward), Verdict::Shifted(1));
        assert_eq!(verdict(7, Forward, Forward), Verdict::Failed);
        let none = check(&SiteSet::default());
        assert!(none.is_ok() && none.verdict == Verdict::NothingToCompare);
        let failed = check(&sites(7, Forward, Forward));
        assert!(!failed.is_ok());
        assert!(
            failed
                .to_string()
                .starts_with("Only 0 of 29 (0.0 %) printed sequences")
        );
    }
}
