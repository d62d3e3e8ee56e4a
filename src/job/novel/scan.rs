//! Peaks of attention and predicted promoters between the genes of one genome.

use super::NovelRule;
use crate::analysis::anchors::{PeakRule, ProbabilityTrack, predicted};
use crate::analysis::novel::{Taken, summits};
use crate::analysis::peaks::SUPPRESSION_BP;
use crate::analysis::shuffle::intergenic_regions;
use crate::attention::{Expected, HeadId};
use crate::genome::{Anchor, FeatureSet, Genome, Interval, Locus, Strand};
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;

/// Shorter regions between genes are left out: there is little to shuffle in them.
pub(super) const LEAST_REGION_BP: usize = 20;

/// Bases read beside a region, so that promoters that lie over its ends are seen.
const PAD_BP: usize = 64;

/// Gaps up to this length are read too: a new start would cost more.
const JOIN_BP: usize = 512;

/// The longest window.
const WINDOW_BP: usize = 32_768;

/// A peak of one head on one strand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    /// Index of the contig.
    pub contig: usize,
    /// Its highest base, 0-based on the forward strand.
    pub position: usize,
    /// The strand that was read.
    pub strand: Strand,
    /// The statistic there.
    pub score: f32,
}

/// Bases that are read in one go, and the regions in them.
#[derive(Clone, Debug, PartialEq)]
struct Window {
    contig: usize,
    interval: Interval,
    regions: Vec<Interval>,
}

/// Where to look: regions between genes.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    windows: Vec<Window>,
}

impl Search {
    /// The regions between genes that lie in `within`, or all of them.
    pub fn new(genome: &Genome, features: &FeatureSet, within: Option<Locus>) -> Self {
        let mut search = Self::default();
        for (contig, sequence) in genome.contigs.iter().enumerate() {
            let allowed = match within {
                Some(locus) if locus.contig == contig => locus.interval,
                Some(_) => continue,
                None => Interval::new(0, sequence.len()),
            };
            let whole = Interval::new(0, sequence.len());
            let mut regions: Vec<Interval> = intergenic_regions(genome, contig, features)
                .into_iter()
                .flat_map(|region| {
                    let beyond = region.end.saturating_sub(whole.end);
                    [region.intersection(whole), Interval::new(0, beyond)]
                })
                .map(|region| region.intersection(allowed))
                .filter(|region| region.len() >= LEAST_REGION_BP)
                .collect();
            regions.sort_unstable();
            for region in regions {
                search.add(contig, region, whole);
            }
        }
        search
    }

    fn add(&mut self, contig: usize, region: Interval, whole: Interval) {
        // A contig without genes is one region: it is read in pieces.
        for start in region.range().step_by(WINDOW_BP) {
            let piece = Interval::new(start, (start + WINDOW_BP).min(region.end));
            let padded = Interval::new(piece.start.saturating_sub(PAD_BP), piece.end + PAD_BP)
                .intersection(whole);
            let near = |last: &&mut Window| {
                last.contig == contig
                    && padded.start <= last.interval.end + JOIN_BP
                    && padded.end - last.interval.start <= WINDOW_BP
            };
            match self.windows.last_mut().filter(near) {
                Some(last) => {
                    last.interval.end = last.interval.end.max(padded.end);
                    last.regions.push(piece);
                }
                None => self.windows.push(Window {
                    contig,
                    interval: padded,
                    regions: vec![piece],
                }),
            }
        }
    }

    /// Number of regions.
    pub fn regions(&self) -> usize {
        self.windows.iter().map(|window| window.regions.len()).sum()
    }

    /// Number of windows that regions share.
    pub fn windows(&self) -> usize {
        self.windows.len()
    }

    /// Bases of the regions that are not taken.
    pub fn free_bp(&self, taken: &Taken) -> usize {
        let of = |window: &Window| {
            let free = |region: &Interval| region.len() - taken.taken_bp(window.contig, *region);
            window.regions.iter().map(free).sum::<usize>()
        };
        self.windows.iter().map(of).sum()
    }

    /// Bases that are read, both strands together.
    pub fn bases(&self) -> u64 {
        let read = self.windows.iter().map(|window| window.interval.len());
        2 * read.sum::<usize>() as u64
    }
}

/// What is read and how.
pub(super) struct Scan<'a> {
    pub genome: &'a Genome,
    pub model: &'a Model,
    pub heads: &'a [HeadId],
    pub rule: NovelRule,
    pub expected: &'a Expected,
}

/// What was found on one genome.
pub(super) struct Scanned {
    /// Peaks of each head.
    pub heads: Vec<Vec<Candidate>>,
    /// Start sites that the model predicts, in the order of the genome.
    pub promoters: Vec<Anchor>,
}

/// What was found in one window on one strand.
struct Part {
    heads: Vec<Vec<Candidate>>,
    contig: usize,
    strand: Strand,
    /// Strand position of the first probability.
    first: usize,
    /// In strand order.
    probability: Vec<f32>,
}

impl Scan<'_> {
    /// Reads every window on both strands; `progress` advances by the bases read.
    pub fn run(
        &self,
        search: &Search,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Scanned, Cancelled> {
        let both: Vec<(&Window, Strand)> = search
            .windows
            .iter()
            .flat_map(|window| Strand::BOTH.map(|strand| (window, strand)))
            .collect();
        let parts: Vec<Part> = both
            .into_par_iter()
            .map(|(window, strand)| self.window(window, strand, progress, cancel))
            .collect::<Result<_, Cancelled>>()?;
        let tracks: Vec<ProbabilityTrack<'_>> = parts
            .iter()
            .map(|part| {
                let contig = &self.genome.contigs[part.contig];
                ProbabilityTrack {
                    contig: part.contig,
                    strand: part.strand,
                    contig_bp: contig.len(),
                    circular: contig.circular && self.rule.mode == Mode::Seamless,
                    first: part.first.cast_signed(),
                    probabilities: &part.probability,
                }
            })
            .collect();
        let rule = PeakRule {
            min_probability: self.rule.min_probability,
            ..PeakRule::default()
        };
        let shift = self.model.config().label_shift;
        let mut promoters: Vec<Anchor> = predicted(&tracks, shift, rule)
            .into_iter()
            .map(|found| found.anchor)
            .collect();
        promoters.sort_unstable();
        promoters.dedup();
        let mut heads: Vec<Vec<Candidate>> = vec![Vec::new(); self.heads.len()];
        for part in parts {
            for (all, more) in heads.iter_mut().zip(part.heads) {
                all.extend(more);
            }
        }
        Ok(Scanned { heads, promoters })
    }

    fn window(
        &self,
        window: &Window,
        strand: Strand,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Part, Cancelled> {
        let contig = &self.genome.contigs[window.contig];
        let silent = Progress::default();
        let tracks = predict::window_tracks(
            &self.model.kernel,
            StrandSequence::new(contig, strand),
            window.interval,
            self.expected,
            &Settings::with_mode(self.rule.mode),
            &silent,
            cancel,
        )?;
        let first = window.interval.start;
        let heads = self
            .heads
            .iter()
            .map(|&head| {
                let row = tracks.row(self.rule.statistic, head);
                let of_region = |region: &Interval| {
                    // A peak inside a gene beside the region silences its slope.
                    let from = region.start.saturating_sub(SUPPRESSION_BP).max(first);
                    let to = (region.end + SUPPRESSION_BP).min(window.interval.end);
                    let region = *region;
                    summits(&row[from - first..to - first])
                        .into_iter()
                        .map(move |(place, score)| Candidate {
                            contig: window.contig,
                            position: from + place,
                            strand,
                            score,
                        })
                        .filter(move |candidate| region.contains(candidate.position))
                };
                window.regions.iter().flat_map(of_region).collect()
            })
            .collect();
        let mut probability = tracks.probability;
        if strand == Strand::Reverse {
            probability.reverse();
        }
        progress.advance(window.interval.len() as u64);
        let on_strand = strand.flip_interval(window.interval, contig.len());
        Ok(Part {
            heads,
            contig: window.contig,
            strand,
            first: on_strand.start,
            probability,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Base, Contig, Feature, FeatureKind};

    fn genome(length: usize) -> Genome {
        Genome {
            contigs: vec![Contig {
                circular: true,
                sequence: std::iter::repeat_n(Base::A, length).collect(),
                ..Contig::default()
            }]
            .into(),
            ..Genome::default()
        }
    }

    fn genes(places: &[(usize, usize)]) -> FeatureSet {
        let gene = |&(start, end): &(usize, usize)| {
            Feature::new(FeatureKind::Gene, 0, Interval::new(start, end), None)
        };
        FeatureSet::new(places.iter().map(gene).collect())
    }

    #[test]
    fn near_regions_share_a_window_and_short_ones_are_left_out() {
        let genome = genome(10_000);
        let genes = genes(&[(100, 1_000), (1_200, 1_500), (1_510, 9_000)]);
        let search = Search::new(&genome, &genes, None);
        let interval = Interval::new;
        let windows: Vec<(Interval, Vec<Interval>)> = search
            .windows
            .iter()
            .map(|window| (window.interval, window.regions.clone()))
            .collect();
        assert_eq!(
            windows,
            [
                (interval(0, 164), vec![interval(0, 100)]),
                (interval(936, 1_264), vec![interval(1_000, 1_200)]),
                (interval(8_936, 10_000), vec![interval(9_000, 10_000)]),
            ]
        );
        assert_eq!(
            (search.regions(), search.free_bp(&Taken::default())),
            (3, 1_300)
        );
        let taken = Taken::around([(0, interval(1_003, 1_005)), (0, interval(300, 400))]);
        assert_eq!(search.free_bp(&taken), 1_300 - 8);
        assert_eq!(search.bases(), 2 * (164 + 328 + 1_064));
        let part = Locus {
            contig: 0,
            interval: interval(1_100, 9_500),
            strand: None,
        };
        let search = Search::new(&genome, &genes, Some(part));
        let regions: Vec<Interval> = search
            .windows
            .iter()
            .flat_map(|w| w.regions.clone())
            .collect();
        assert_eq!(regions, [interval(1_100, 1_200), interval(9_000, 9_500)]);
        let all_gene = super::tests::genes(&[(0, 10_000)]);
        assert_eq!(Search::new(&genome, &all_gene, None).regions(), 0);
    }

    #[test]
    fn a_long_region_is_read_in_pieces_that_cover_it() {
        let genome = genome(100_000);
        let search = Search::new(&genome, &FeatureSet::default(), None);
        assert_eq!(search.free_bp(&Taken::default()), 100_000);
        let read = |window: &Window| window.interval.len() <= WINDOW_BP + 2 * PAD_BP;
        assert!(search.windows.len() == 4 && search.windows.iter().all(read));
    }
}
