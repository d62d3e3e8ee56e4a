//! Anchors that the model itself predicts, and anchors thinned so that none counts twice.

use crate::genome::{Anchor, Strand};
use std::collections::BTreeMap;

/// Probabilities of consecutive outputs along one strand of a contig.
#[derive(Clone, Copy, Debug)]
pub struct ProbabilityTrack<'a> {
    /// Index of the contig in its genome.
    pub contig: usize,
    /// The strand that was read.
    pub strand: Strand,
    /// Length of the contig in bases.
    pub contig_bp: usize,
    /// Whether the contig is circular.
    pub circular: bool,
    /// Strand position of the first output.
    pub first: isize,
    /// Probability of a TSS by output; NaN where there is none.
    pub probabilities: &'a [f32],
}

/// Which outputs count as peaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeakRule {
    /// A peak silences its strand up to this many bases on either side.
    pub window_bp: usize,
    /// The least probability of a peak.
    pub min_probability: f32,
    /// The most peaks to keep, best first over all tracks.
    pub count: usize,
}

impl Default for PeakRule {
    fn default() -> Self {
        Self {
            window_bp: 50,
            min_probability: 0.0,
            count: usize::MAX,
        }
    }
}

/// A TSS that the model predicts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictedAnchor {
    /// Where: the TSS, not the output that scores it.
    pub anchor: Anchor,
    /// Its probability.
    pub probability: f32,
}

/// The peaks of `tracks` as TSSs, highest probability first.
///
/// Greedy: the highest output of a strand is kept and silences its neighbourhood, then the next.
/// Of equal outputs the first one on its strand wins. The output at p scores the TSS at
/// `p - label_shift` on its strand; what leaves a linear contig thereby is dropped, circular
/// contigs wrap, and a track over the whole of one is a ring.
#[must_use]
pub fn predicted(
    tracks: &[ProbabilityTrack<'_>],
    label_shift: usize,
    rule: PeakRule,
) -> Vec<PredictedAnchor> {
    let mut found = Vec::new();
    for track in tracks {
        let ring = track.circular && track.probabilities.len() == track.contig_bp;
        for output in peaks(track.probabilities, rule, ring) {
            let tss = track.first + output.cast_signed() - label_shift.cast_signed();
            let length = track.contig_bp.cast_signed();
            let tss = if track.circular && length > 0 {
                tss.rem_euclid(length)
            } else {
                tss
            };
            if (0..length).contains(&tss) {
                let position = track.strand.flip(tss.cast_unsigned(), track.contig_bp);
                found.push(PredictedAnchor {
                    anchor: Anchor {
                        contig: track.contig,
                        position,
                        strand: track.strand,
                    },
                    probability: track.probabilities[output],
                });
            }
        }
    }
    found.sort_by(|a, b| {
        b.probability
            .total_cmp(&a.probability)
            .then_with(|| order(&a.anchor).cmp(&order(&b.anchor)))
    });
    found.truncate(rule.count);
    found
}

/// Indices of the peaks of one strand, highest first.
fn peaks(values: &[f32], rule: PeakRule, ring: bool) -> Vec<usize> {
    let length = values.len();
    let mut candidates: Vec<usize> = (0..length)
        .filter(|&index| values[index] >= rule.min_probability)
        .collect();
    candidates.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    let mut silenced = vec![false; length];
    let mut kept = Vec::new();
    for index in candidates {
        if kept.len() == rule.count {
            break;
        }
        if silenced[index] {
            continue;
        }
        kept.push(index);
        let from = index.saturating_sub(rule.window_bp);
        let to = (index.saturating_add(rule.window_bp)).min(length - 1);
        silenced[from..=to].fill(true);
        if ring {
            let before = rule.window_bp.saturating_sub(index).min(length);
            silenced[length - before..].fill(true);
            let after = (index.saturating_add(rule.window_bp) + 1)
                .saturating_sub(length)
                .min(length);
            silenced[..after].fill(true);
        }
    }
    kept
}

/// Anchors of which no two on one strand lie nearer than `apart_bp`, in the order of the genome.
///
/// Greedy from the lowest forward position of each strand on. Neighbouring TSSs share their
/// promoter; counted apart they would pass for independent observations.
#[must_use]
pub fn thinned(anchors: &[Anchor], apart_bp: usize) -> Vec<Anchor> {
    let mut sorted = anchors.to_vec();
    sorted.sort_by_key(order);
    sorted.dedup();
    let mut last: BTreeMap<(usize, Strand), usize> = BTreeMap::new();
    sorted.retain(|anchor| {
        let key = (anchor.contig, anchor.strand);
        let keep = last
            .get(&key)
            .is_none_or(|&position| anchor.position - position >= apart_bp);
        if keep {
            last.insert(key, anchor.position);
        }
        keep
    });
    sorted
}

/// The order of the genome: contig, forward position, strand.
#[must_use]
pub fn order(anchor: &Anchor) -> (usize, usize, Strand) {
    (anchor.contig, anchor.position, anchor.strand)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn track(probabilities: &[f32], strand: Strand, circular: bool) -> ProbabilityTrack<'_> {
        ProbabilityTrack {
            contig: 0,
            strand,
            contig_bp: probabilities.len(),
            circular,
            first: 0,
            probabilities,
        }
    }

    fn positions(found: &[PredictedAnchor]) -> Vec<usize> {
        found.iter().map(|p| p.anchor.position).collect()
    }

    #[test]
    fn the_label_shift_is_undone_on_each_strand() {
        let mut values = vec![0.0; 100];
        values[60] = 0.9;
        let rule = PeakRule {
            min_probability: 0.5,
            ..PeakRule::default()
        };
        let find = |strand, circular| predicted(&[track(&values, strand, circular)], 20, rule);
        assert_eq!(positions(&find(Strand::Forward, false)), [40]);
        // Strand position 40 of the reverse strand is forward position 99 - 40.
        assert_eq!(positions(&find(Strand::Reverse, false)), [59]);
        values[60] = 0.0;
        values[5] = 0.9;
        let find = |strand, circular| predicted(&[track(&values, strand, circular)], 20, rule);
        assert!(find(Strand::Forward, false).is_empty());
        assert_eq!(positions(&find(Strand::Forward, true)), [85]);
        assert_eq!(positions(&find(Strand::Reverse, true)), [14]);
    }

    #[test]
    fn neighbours_are_silenced_and_ties_go_to_the_first() {
        let values = [0.1, 0.8, 0.8, 0.2, f32::NAN, 0.9, 0.3, 0.1, 0.1, 0.7];
        let rule = |window_bp, count| PeakRule {
            window_bp,
            min_probability: 0.15,
            count,
        };
        let find = |rule, ring| {
            positions(&predicted(
                &[track(&values, Strand::Forward, ring)],
                0,
                rule,
            ))
        };
        assert_eq!(find(rule(1, 9), false), [5, 1, 9, 3]);
        assert_eq!(find(rule(1, 2), false), [5, 1]);
        assert_eq!(find(rule(2, 9), false), [5, 1, 9]);
        // On a ring 9 is two bases before 1.
        assert_eq!(find(rule(2, 9), true), [5, 1]);
    }

    #[test]
    fn thinning_looks_at_each_strand_by_itself() {
        let at = |position, strand| Anchor {
            contig: 0,
            position,
            strand,
        };
        let anchors = [
            at(100, Strand::Forward),
            at(60, Strand::Forward),
            at(10, Strand::Forward),
            at(61, Strand::Reverse),
            at(59, Strand::Forward),
        ];
        let kept = thinned(&anchors, 50);
        assert_eq!(kept, [anchors[2], anchors[1], anchors[3]]);
    }

    proptest! {
        #[test]
        fn peaks_keep_their_distance_and_cover_everything(
            levels in proptest::collection::vec(0_u8..5, 1..120), window_bp in 0_usize..12, ring: bool,
        ) {
            let values: Vec<f32> = levels.into_iter().map(f32::from).collect();
            let rule = PeakRule { window_bp, min_probability: 1.0, count: usize::MAX };
            let kept = peaks(&values, rule, ring);
            let apart = |a: usize, b: usize| {
                let straight = a.abs_diff(b);
                if ring { straight.min(values.len() - straight) } else { straight }
            };
            for (i, &a) in kept.iter().enumerate() {
                prop_assert!(kept[i + 1..].iter().all(|&b| apart(a, b) > window_bp));
            }
            for index in (0..values.len()).filter(|&index| values[index] >= 1.0) {
                let near = kept.iter().any(|&k| apart(k, index) <= window_bp && values[k] >= values[index]);
                prop_assert!(near);
            }
        }
    }
}
