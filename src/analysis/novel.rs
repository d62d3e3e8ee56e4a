//! Peaks of attention where nothing is known: which of them are more than shuffled sequence gives.
//!
//! Targets are peaks on the genome, decoys those on genomes whose intergenic regions were shuffled
//! with their dinucleotides kept, found and filtered in the same way. At a score t the false
//! discovery rate is estimated as (1 + decoys ≥ t) / (targets ≥ t), and made monotone: a better
//! score never has a larger rate. Decoys are counted per base that was free to hold them, times the
//! bases that were free to hold targets: several shuffled genomes count as one, and what is left
//! out for being known need not be equally much in both.

use super::peaks;
use crate::genome::{Anchor, Genome, Interval};
use std::ops::RangeInclusive;

/// A peak is its highest base and this many on either side: what the first layer's convolution joins.
pub const HALF_WIDTH_BP: usize = 3;

/// Bases of a σ70 promoter that count as known, relative to the +1 base (−35 is −35): the −35 box
/// with the variation of the spacer, the −10 box with the TG before it and that of the discriminator.
pub const SIGMA_BOXES: [RangeInclusive<isize>; 2] = [-38..=-27, -15..=-5];

/// The highest bases of `scores`, none within [`peaks::SUPPRESSION_BP`] of a higher one, and none on
/// a slope: position and score, highest first.
#[must_use]
pub fn summits(scores: &[f32]) -> Vec<(usize, f32)> {
    let is_summit = |position: usize, score: f32| {
        let beside = [position.wrapping_sub(1), position + 1];
        beside
            .into_iter()
            .filter_map(|place| scores.get(place))
            .all(|other| other.is_nan() || *other <= score)
    };
    peaks::peaks(0, scores)
        .into_iter()
        .filter(|peak| peak.score.is_finite() && is_summit(peak.position, peak.score))
        .map(|peak| (peak.position, peak.score))
        .collect()
}

/// The estimated false discovery rate at the score of each target, in the order of `targets`.
///
/// Each of `decoys` counts `weight`: bases free for targets over bases free for decoys, of all
/// shuffled genomes together. Rates are at most 1, and never larger at a better score. NaN is the
/// worst score.
#[must_use]
pub fn false_discovery_rates(targets: &[f32], decoys: &[f32], weight: f64) -> Vec<f64> {
    let value = |score: f32| {
        if score.is_nan() {
            f32::NEG_INFINITY
        } else {
            score
        }
    };
    let descending = |scores: &[f32]| {
        let mut scores: Vec<f32> = scores.iter().copied().map(value).collect();
        scores.sort_unstable_by(|a, b| b.total_cmp(a));
        scores
    };
    let (ranked, decoys) = (descending(targets), descending(decoys));
    let reached = |scores: &[f32], least: f32| scores.partition_point(|score| *score >= least);
    let mut rates: Vec<f64> = ranked
        .iter()
        .map(|&score| {
            let false_ones = 1.0 + weight * reached(&decoys, score) as f64;
            (false_ones / reached(&ranked, score) as f64).min(1.0)
        })
        .collect();
    let mut least = 1.0_f64;
    for rate in rates.iter_mut().rev() {
        least = least.min(*rate);
        *rate = least;
    }
    targets
        .iter()
        .map(|&score| {
            let first = ranked.partition_point(|other| *other > value(score));
            rates.get(first).copied().unwrap_or(1.0)
        })
        .collect()
}

/// The −35 and −10 boxes of the promoter of a start site, on the forward strand.
///
/// On circular contigs they go on at the other end; what leaves a linear contig is cut.
#[must_use]
pub fn sigma_boxes(genome: &Genome, anchor: Anchor) -> Vec<Interval> {
    let Some(contig) = genome.contigs.get(anchor.contig) else {
        return Vec::new();
    };
    let length = contig.len();
    if anchor.position >= length {
        return Vec::new();
    }
    let tss = anchor.strand.flip(anchor.position, length).cast_signed();
    let whole = length.cast_signed();
    let mut found = Vec::new();
    for box_ in &SIGMA_BOXES {
        let turns: &[isize] = if contig.circular { &[0, whole] } else { &[0] };
        for turn in turns {
            let start = (tss + box_.start() + turn).clamp(0, whole).cast_unsigned();
            let end = (tss + box_.end() + 1 + turn)
                .clamp(0, whole)
                .cast_unsigned();
            if start < end {
                let interval = Interval::new(start, end);
                found.push(anchor.strand.flip_interval(interval, length));
            }
        }
    }
    found
}

/// Bases at which no peak counts as novel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// For each contig the intervals in order, none touching another.
    contigs: Vec<Vec<Interval>>,
}

impl Taken {
    /// Joins known intervals of contigs, given in any order, with [`HALF_WIDTH_BP`] on either side:
    /// a peak there overlaps what is known.
    #[must_use]
    pub fn around(known: impl IntoIterator<Item = (usize, Interval)>) -> Self {
        let mut contigs: Vec<Vec<Interval>> = Vec::new();
        for (contig, interval) in known.into_iter().filter(|(_, known)| !known.is_empty()) {
            if contigs.len() <= contig {
                contigs.resize(contig + 1, Vec::new());
            }
            contigs[contig].push(Interval::new(
                interval.start.saturating_sub(HALF_WIDTH_BP),
                interval.end + HALF_WIDTH_BP,
            ));
        }
        Self {
            contigs: contigs.into_iter().map(joined).collect(),
        }
    }

    /// What either of the two holds.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let count = self.contigs.len().max(other.contigs.len());
        let of = |taken: &Self, contig: usize| taken.contigs.get(contig).cloned();
        let contigs = (0..count).map(|contig| {
            let both = [of(self, contig), of(other, contig)];
            joined(both.into_iter().flatten().flatten().collect())
        });
        Self {
            contigs: contigs.collect(),
        }
    }

    /// Whether the base is taken.
    #[must_use]
    pub fn covers(&self, contig: usize, position: usize) -> bool {
        self.taken_bp(contig, Interval::new(position, position + 1)) == 1
    }

    /// How many bases of `interval` are taken.
    #[must_use]
    pub fn taken_bp(&self, contig: usize, interval: Interval) -> usize {
        let Some(intervals) = self.contigs.get(contig) else {
            return 0;
        };
        let first = intervals.partition_point(|taken| taken.end <= interval.start);
        intervals[first..]
            .iter()
            .take_while(|taken| taken.start < interval.end)
            .map(|taken| taken.intersection(interval).len())
            .sum()
    }
}

fn joined(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    let mut joined: Vec<Interval> = Vec::new();
    for interval in intervals {
        match joined.last_mut().filter(|last| interval.start <= last.end) {
            Some(last) => last.end = last.end.max(interval.end),
            None => joined.push(interval),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;
    use crate::genome::{Base, Contig, Strand};
    use proptest::prelude::*;

    /// Standard normal, by Box and Muller.
    fn normal(random: &mut Random) -> f64 {
        let mut uniform = || ((random.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
    }

    const TRACK_BP: usize = 12_000;

    /// A track of noise, with spikes of about `height` at every one of `places`.
    fn track(random: &mut Random, places: &[usize], height: f64) -> Vec<f32> {
        let mut track: Vec<f32> = (0..TRACK_BP).map(|_| normal(random) as f32).collect();
        for &place in places {
            track[place] += (height + normal(random)) as f32;
        }
        track
    }

    fn scores(summits: &[(usize, f32)]) -> Vec<f32> {
        summits.iter().map(|summit| summit.1).collect()
    }

    /// Share of false ones among what passes, and share of the true ones that pass.
    fn simulate(seed: u64, genomes: usize, planted: usize, level: f64) -> (f64, f64) {
        let mut random = Random::new(seed, 77);
        let places: Vec<usize> = (0..planted).map(|index| 50 + 200 * index).collect();
        let targets = summits(&track(&mut random, &places, 6.0));
        let mut decoys = Vec::new();
        for _ in 0..genomes {
            decoys.extend(scores(&summits(&track(&mut random, &[], 0.0))));
        }
        let rates = false_discovery_rates(&scores(&targets), &decoys, 1.0 / genomes as f64);
        let passing: Vec<usize> = targets
            .iter()
            .zip(&rates)
            .filter(|(_, rate)| **rate <= level)
            .map(|(summit, _)| summit.0)
            .collect();
        let is_true = |at: &&usize| places.iter().any(|place| place.abs_diff(**at) <= 3);
        let hits = passing.iter().filter(is_true).count();
        (
            (passing.len() - hits) as f64 / passing.len().max(1) as f64,
            hits as f64 / planted.max(1) as f64,
        )
    }

    #[test]
    fn the_realised_rate_stays_below_the_stated_one() {
        const RUNS: u64 = 200;
        for (genomes, planted, level) in [(1, 40, 0.1), (1, 20, 0.2), (4, 40, 0.05), (2, 0, 0.1)] {
            let runs: Vec<(f64, f64)> = (0..RUNS)
                .map(|seed| simulate(seed, genomes, planted, level))
                .collect();
            let count = RUNS as f64;
            let mean = runs.iter().map(|run| run.0).sum::<f64>() / count;
            let variance = runs.iter().map(|run| (run.0 - mean).powi(2)).sum::<f64>() / count;
            let error = (variance / count).sqrt();
            assert!(
                mean <= level + 2.0 * error,
                "{genomes} decoy genomes, {planted} planted: {mean} ± {error} at {level}"
            );
            let power = runs.iter().map(|run| run.1).sum::<f64>() / count;
            assert!(planted == 0 || power > 0.5, "{power} are found");
        }
    }

    proptest! {
        #[test]
        fn rates_are_monotone_and_follow_the_formula(
            targets in proptest::collection::vec(0_u8..30, 1..60),
            decoys in proptest::collection::vec(0_u8..30, 0..60),
            genomes in 1_usize..4,
        ) {
            let targets: Vec<f32> = targets.into_iter().map(f32::from).collect();
            let decoys: Vec<f32> = decoys.into_iter().map(f32::from).collect();
            let rates = false_discovery_rates(&targets, &decoys, 1.0 / genomes as f64);
            let plain = |t: f32| {
                let above = |scores: &[f32]| scores.iter().filter(|s| **s >= t).count() as f64;
                (1.0 + above(&decoys) / genomes as f64) / above(&targets)
            };
            for (score, rate) in targets.iter().zip(&rates) {
                prop_assert!((0.0..=1.0).contains(rate));
                let best = targets.iter().filter(|t| *t <= score).map(|t| plain(*t)).fold(1.0, f64::min);
                prop_assert!((rate - best).abs() < 1e-12);
                for (other, its) in targets.iter().zip(&rates) {
                    prop_assert!(other < score || its <= rate);
                }
            }
        }

        #[test]
        fn taken_bases_are_found_as_by_looking_at_each(
            intervals in proptest::collection::vec((0_usize..2, 0_usize..90, 0_usize..12), 0..12),
            start in 0_usize..100, length in 1_usize..9,
        ) {
            let intervals: Vec<(usize, Interval)> = intervals
                .into_iter().map(|(c, a, n)| (c, Interval::new(a, a + n))).collect();
            let taken = Taken::around(intervals.iter().copied());
            let plain = |contig: usize, position: usize| {
                let peak = Interval::new((position + 97) - HALF_WIDTH_BP, position + 97 + HALF_WIDTH_BP + 1);
                intervals.iter().any(|(c, i)| {
                    let moved = Interval::new(i.start + 97, i.end + 97);
                    *c == contig && !i.is_empty() && moved.overlaps(peak)
                })
            };
            let asked = Interval::new(start, start + length);
            for contig in 0..3 {
                prop_assert_eq!(taken.covers(contig, start), plain(contig, start));
                let count = asked.range().filter(|at| plain(contig, *at)).count();
                prop_assert_eq!(taken.taken_bp(contig, asked), count);
            }
            let (some, rest) = intervals.split_at(intervals.len() / 2);
            let [some, rest] = [some, rest].map(|part| Taken::around(part.iter().copied()));
            for contig in 0..3 {
                prop_assert_eq!(some.or(&rest).taken_bp(contig, asked), taken.taken_bp(contig, asked));
            }
        }
    }

    #[test]
    fn slopes_and_gaps_are_no_summits() {
        // From the peak at 20 the track falls to its end; 40 is alone; NaN is nothing.
        let mut track: Vec<f32> = (0..60).map(|x: u16| -f32::from(x.abs_diff(20))).collect();
        track[40] = 5.0;
        track[55] = f32::NAN;
        let found: Vec<usize> = summits(&track).into_iter().map(|summit| summit.0).collect();
        assert_eq!(found, [40, 20]);
        assert!(summits(&[]).is_empty() && summits(&[f32::NAN; 4]).is_empty());
    }

    #[test]
    fn boxes_lie_upstream_on_both_strands_and_wrap() {
        let genome = |circular| Genome {
            contigs: vec![Contig {
                circular,
                sequence: std::iter::repeat_n(Base::A, 1_000).collect(),
                ..Contig::default()
            }]
            .into(),
            ..Genome::default()
        };
        let at = |position, strand| Anchor {
            contig: 0,
            position,
            strand,
        };
        let boxes = |circular, anchor| sigma_boxes(&genome(circular), anchor);
        let interval = Interval::new;
        assert_eq!(
            boxes(false, at(100, Strand::Forward)),
            [interval(62, 74), interval(85, 96)]
        );
        assert_eq!(
            boxes(false, at(100, Strand::Reverse)),
            [interval(127, 139), interval(105, 116)]
        );
        assert_eq!(boxes(false, at(10, Strand::Forward)), [interval(0, 6)]);
        assert_eq!(
            boxes(true, at(10, Strand::Forward)),
            [interval(972, 984), interval(0, 6), interval(995, 1_000)]
        );
        assert!(boxes(true, at(1_000, Strand::Forward)).is_empty());
    }
}
