//! Positions that are no transcription start sites but resemble them: the comparison for profiles.

use super::anchors::order;
use super::random::Random;
use crate::genome::{Anchor, Base, Contig, Genome, Interval, Strand};
use std::collections::BTreeSet;

/// Bases that are turned into letters at once.
const PIECE_BP: usize = 1 << 16;

/// How positions are matched to anchors.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MatchRule {
    /// A matched position lies farther than this from every anchor, of either strand.
    pub apart_bp: usize,
    /// Classes of AT content, of equal numbers of anchors; a matched position is of its anchor's class.
    pub classes: usize,
    /// Random places tried for one anchor before it stays without.
    pub tries: usize,
    /// Seed of the draw.
    pub seed: u64,
}

impl Default for MatchRule {
    fn default() -> Self {
        Self {
            apart_bp: 100,
            classes: 5,
            tries: 10_000,
            seed: 1,
        }
    }
}

/// What of a genome an anchor's query sees, and its AT content.
#[derive(Debug)]
pub struct AtContent<'a> {
    genome: &'a Genome,
    label_shift: usize,
    context: usize,
    /// For each contig, the number of A and T, and of known bases, before each position.
    before: Vec<(Vec<u32>, Vec<u32>)>,
}

impl<'a> AtContent<'a> {
    /// Counts A and T of `genome`. Takes eight bytes a base.
    #[must_use]
    pub fn new(genome: &'a Genome, label_shift: usize, context: usize) -> Self {
        Self {
            genome,
            label_shift,
            context,
            before: genome.contigs.iter().map(counts).collect(),
        }
    }

    /// Share of A and T among the `context` bases that the query of `anchor` sees; `None` where they
    /// leave the contig or hold a base that is not known.
    #[must_use]
    pub fn of(&self, anchor: Anchor) -> Option<f64> {
        let contig = self.genome.contigs.get(anchor.contig)?;
        let length = contig.len();
        if anchor.position >= length || self.context > length {
            return None;
        }
        let query = anchor.strand.flip(anchor.position, length) + self.label_shift;
        let first = (query + 1).cast_signed() - self.context.cast_signed();
        let inside = first >= 0 && query < length;
        if !inside && !contig.circular {
            return None;
        }
        let first = first.rem_euclid(length.cast_signed()).cast_unsigned();
        let end = first + self.context;
        let pieces = [
            Interval::new(first, end.min(length)),
            Interval::new(0, end.saturating_sub(length)),
        ];
        let (at, known) = &self.before[anchor.contig];
        let (mut rich, mut sure) = (0, 0);
        for piece in pieces {
            let on = anchor.strand.flip_interval(piece, length);
            rich += at[on.end] - at[on.start];
            sure += known[on.end] - known[on.start];
        }
        (sure as usize == self.context).then(|| f64::from(rich) / self.context as f64)
    }
}

/// Numbers of A and T, and of known bases, before each position.
fn counts(contig: &Contig) -> (Vec<u32>, Vec<u32>) {
    let (mut at, mut known) = (vec![0_u32], vec![0_u32]);
    at.reserve_exact(contig.len());
    known.reserve_exact(contig.len());
    let (mut rich, mut sure) = (0, 0);
    for start in (0..contig.len()).step_by(PIECE_BP) {
        let piece = Interval::new(start, (start + PIECE_BP).min(contig.len()));
        for base in contig.bases(piece, Strand::Forward) {
            rich += u32::from(matches!(base, Base::A | Base::T));
            sure += u32::from(base != Base::N);
            at.push(rich);
            known.push(sure);
        }
    }
    (at, known)
}

/// The upper borders of classes of equal numbers of `values`, the last one left out.
#[must_use]
pub fn borders(values: &[f64], classes: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    (1..classes.max(1))
        .filter_map(|class| sorted.get(class * sorted.len() / classes.max(1)))
        .copied()
        .collect()
}

/// The class of a value: how many borders it reaches.
#[must_use]
pub fn class(value: f64, borders: &[f64]) -> usize {
    borders.iter().filter(|border| value >= **border).count()
}

/// One matched position for each of `anchors`, in their order; `None` for those without.
///
/// A matched position lies on the contig and strand of its anchor, in the class of its AT content
/// (classes of equal numbers of `anchors`), farther than `apart_bp` from every one of `all` anchors on
/// either strand, and is used once. Places are drawn evenly over the contig.
#[must_use]
pub fn matched(
    content: &AtContent<'_>,
    anchors: &[Anchor],
    all: &[Anchor],
    rule: MatchRule,
) -> Vec<Option<Anchor>> {
    let contents: Vec<Option<f64>> = anchors.iter().map(|&anchor| content.of(anchor)).collect();
    let known: Vec<f64> = contents.iter().flatten().copied().collect();
    let borders = borders(&known, rule.classes);
    let mut near: Vec<Vec<usize>> = vec![Vec::new(); content.genome.contigs.len()];
    for anchor in all {
        if let Some(positions) = near.get_mut(anchor.contig) {
            positions.push(anchor.position);
        }
    }
    for positions in &mut near {
        positions.sort_unstable();
    }
    let mut used: BTreeSet<(usize, usize, Strand)> = BTreeSet::new();
    anchors
        .iter()
        .zip(&contents)
        .enumerate()
        .map(|(index, (anchor, content_of_anchor))| {
            let wanted = class((*content_of_anchor)?, &borders);
            let contig = &content.genome.contigs[anchor.contig];
            let mut random = Random::new(rule.seed, index as u64);
            (0..rule.tries)
                .map(|_| Anchor {
                    position: random.below(contig.len()),
                    ..*anchor
                })
                .find(|place| {
                    !is_near(&near[place.contig], place.position, rule.apart_bp, contig)
                        && content
                            .of(*place)
                            .is_some_and(|at| class(at, &borders) == wanted)
                        && used.insert(order(place))
                })
        })
        .collect()
}

/// Whether one of the sorted `positions` lies within `apart_bp` of `place`, around a ring too.
#[must_use]
pub fn is_near(positions: &[usize], place: usize, apart_bp: usize, contig: &Contig) -> bool {
    let length = contig.len();
    let within = |from: usize, to: usize| {
        let first = positions.partition_point(|&position| position < from);
        positions.get(first).is_some_and(|&position| position <= to)
    };
    let straight = within(
        place.saturating_sub(apart_bp),
        place.saturating_add(apart_bp),
    );
    let around = contig.circular
        && (place < apart_bp && within((length + place).saturating_sub(apart_bp), length)
            || place.saturating_add(apart_bp) >= length
                && within(0, place.saturating_add(apart_bp) - length));
    straight || around
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_equal_numbers() {
        let values: Vec<f64> = (0..100).map(|value| f64::from(value * 37 % 100)).collect();
        let borders = borders(&values, 5);
        assert_eq!(borders, [20.0, 40.0, 60.0, 80.0]);
        let mut counts = [0; 5];
        for value in values {
            counts[class(value, &borders)] += 1;
        }
        assert_eq!(counts, [20; 5]);
        assert_eq!(class(1.0, &super::borders(&[], 5)), 0);
    }
}
