//! Ranks of what a head gives to one interval at every promoter, and what follows from them.
//!
//! AUROC of a site: the share of its controls whose same interval gets less, ties half. Controls
//! are the other promoters of the universe, without those where a site of the same TF overlaps the
//! interval. A cell's AUROC is the mean over its sites.

use super::universe::TfSites;
use super::weights::AnchorWeights;
use std::ops::Range;

/// Sums of one head's weights from the oldest key on: the mean over an interval is one difference.
#[derive(Clone, Debug)]
pub struct Track {
    anchors: usize,
    /// `sums[column * anchors + anchor]`: the weights before `column`.
    sums: Vec<f64>,
}

impl Track {
    /// Of the head in a row.
    #[must_use]
    pub fn new(weights: &AnchorWeights, head: usize) -> Self {
        let anchors = weights.anchors;
        let mut sums = vec![0.0; (weights.context + 1) * anchors];
        for anchor in 0..anchors {
            let mut sum = 0.0;
            for (column, &weight) in weights.row(head, anchor).iter().enumerate() {
                sum += f64::from(weight);
                sums[(column + 1) * anchors + anchor] = sum;
            }
        }
        Self { anchors, sums }
    }

    /// The mean weight over `columns` at every anchor.
    #[must_use]
    pub fn means(&self, columns: &Range<usize>) -> Vec<f64> {
        let [before, through] = self.ends(columns);
        let width = columns.len() as f64;
        let sums = before.iter().zip(through);
        sums.map(|(before, through)| (through - before) / width)
            .collect()
    }

    /// The sums up to both ends of `columns`, by anchor.
    fn ends(&self, columns: &Range<usize>) -> [&[f64]; 2] {
        [columns.start, columns.end].map(|at| &self.sums[at * self.anchors..][..self.anchors])
    }
}

/// For each value twice the number of smaller ones, and one for each other that is equal.
#[must_use]
pub fn doubled_ranks(values: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
    let mut ranks = vec![0; values.len()];
    let mut below = 0;
    for tie in order.chunk_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]).is_eq()) {
        let rank = 2 * below + tie.len() - 1;
        for &index in tie {
            ranks[index as usize] = rank as u32;
        }
        below += tie.len();
    }
    ranks
}

/// 2 where `other` lies below `own`, 1 where it is level, 0 where it lies above.
fn doubled_below(other: u32, own: u32) -> u32 {
    u32::from(other < own) + u32::from(other <= own)
}

/// Adds to `sums` the AUROC of one site in every draw.
///
/// `ranks` are the [`doubled_ranks`] of its interval; `own` is the promoter at which the site lies
/// by draw, `others` those at which sites of the same TF overlap the interval; no two are the same.
pub fn add_site(ranks: &[u32], own: &[u32], others: &[&[u32]], sums: &mut [f64]) {
    let controls = ranks.len().saturating_sub(1 + others.len());
    if controls == 0 {
        for sum in sums {
            *sum += 0.5;
        }
        return;
    }
    let scale = 1.0 / (2 * controls) as f64;
    for (draw, sum) in sums.iter_mut().enumerate() {
        let rank = ranks[own[draw] as usize];
        let left_out: u32 = others
            .iter()
            .map(|other| doubled_below(ranks[other[draw] as usize], rank))
            .sum();
        *sum += f64::from(rank - left_out) * scale;
    }
}

/// As [`add_site`] where promoters may repeat, as sites that move on their own may meet.
pub fn add_site_with_repeats(ranks: &[u32], own: &[u32], others: &[&[u32]], sums: &mut [f64]) {
    let mut stamps = vec![u32::MAX; ranks.len()];
    for (draw, sum) in sums.iter_mut().enumerate() {
        let here = own[draw];
        let rank = ranks[here as usize];
        stamps[here as usize] = draw as u32;
        let (mut left_out, mut count) = (0, 1);
        for other in others {
            let promoter = other[draw] as usize;
            if stamps[promoter] != draw as u32 {
                stamps[promoter] = draw as u32;
                left_out += doubled_below(ranks[promoter], rank);
                count += 1;
            }
        }
        *sum += match ranks.len() - count {
            0 => 0.5,
            controls => f64::from(rank - left_out) / (2 * controls) as f64,
        };
    }
}

/// The promoters, other than its own, at which sites of the same TF overlap a counted place.
#[must_use]
pub fn left_out(sites: &TfSites, counted: usize) -> Vec<usize> {
    let own = sites.places[sites.counted[counted]].promoter;
    let mut others: Vec<usize> = sites.overlapping[counted]
        .iter()
        .map(|&place| sites.places[place].promoter)
        .filter(|&promoter| promoter != own)
        .collect();
    others.sort_unstable();
    others.dedup();
    others
}

/// The AUROC of one TF's sites as they lie; `None` where none is counted.
///
/// `anchors` are the universe's promoters as anchors of `track`.
#[must_use]
pub fn auroc(track: &Track, anchors: &[usize], sites: &TfSites) -> Option<f64> {
    let mut sum = 0.0;
    for (counted, &place) in sites.counted.iter().enumerate() {
        let place = &sites.places[place];
        let [before, through] = track.ends(&place.columns);
        let value = |promoter: usize| through[anchors[promoter]] - before[anchors[promoter]];
        let own = value(place.promoter);
        let doubled = |other: f64| u32::from(other < own) + u32::from(other <= own);
        let all: u32 = anchors
            .iter()
            .map(|&anchor| doubled(through[anchor] - before[anchor]))
            .sum();
        let others = left_out(sites, counted);
        let not_controls: u32 = others.iter().map(|&other| doubled(value(other))).sum();
        let controls = anchors.len().saturating_sub(1 + others.len());
        sum += if controls == 0 {
            0.5
        } else {
            // The site's own promoter is level with itself.
            f64::from(all - 1 - not_controls) / (2 * controls) as f64
        };
    }
    (!sites.counted.is_empty()).then(|| sum / sites.counted.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::universe::SiteAtPromoter;
    use super::*;
    use crate::analysis::random::Random;
    use crate::attention::HeadShape;

    /// The same by comparing every pair.
    fn naive(values: &[f64], own: usize, left_out: &[usize]) -> f64 {
        let controls: Vec<f64> = (0..values.len())
            .filter(|p| *p != own && !left_out.contains(p))
            .map(|p| values[p])
            .collect();
        let less: f64 = controls
            .iter()
            .map(|&c| {
                f64::from(u8::from(c < values[own]))
                    + 0.5 * f64::from(u8::from(c.total_cmp(&values[own]).is_eq()))
            })
            .sum();
        less / controls.len() as f64
    }

    #[test]
    fn ranks_and_sums_equal_comparing_every_pair() {
        let mut random = Random::new(3, 0);
        for round in 0..60 {
            let count = 8 + round;
            let values: Vec<f64> = (0..count).map(|_| random.below(12) as f64).collect();
            let ranks = doubled_ranks(&values);
            let mut promoters: Vec<u32> = (0..count as u32).collect();
            random.shuffle(&mut promoters);
            let (own, others) = (promoters[0], &promoters[1..4]);
            let slices: Vec<&[u32]> = others.chunks(1).collect();
            let [mut sum, mut repeated] = [[0.0], [0.0]];
            add_site(&ranks, &[own], &slices, &mut sum);
            let others: Vec<usize> = others.iter().map(|&o| o as usize).collect();
            let expected = naive(&values, own as usize, &others);
            assert!((sum[0] - expected).abs() < 1e-12);
            let own_slice = [own];
            let again = [slices[0], slices[1], slices[1], slices[2], &own_slice];
            add_site_with_repeats(&ranks, &[own], &again, &mut repeated);
            assert!((repeated[0] - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn a_track_gives_means_over_intervals() {
        let shape = HeadShape {
            layers: 1,
            heads: 1,
        };
        let mut weights = AnchorWeights::new(shape, 4, 3);
        for (anchor, row) in [[1.0, 2.0, 3.0, 4.0], [4.0, 0.0, 0.0, 0.0], [2.0; 4]]
            .iter()
            .enumerate()
        {
            weights.row_mut(0, anchor).copy_from_slice(row);
        }
        let track = Track::new(&weights, 0);
        assert_eq!(track.means(&(1..3)), [2.5, 0.0, 2.0]);
        assert_eq!(track.means(&(0..4)), [2.5, 1.0, 2.0]);
        let place = |promoter, columns, counted| SiteAtPromoter {
            site: 0,
            promoter,
            columns,
            counted,
        };
        let mut sites = TfSites {
            tf: 0,
            places: vec![place(2, 1..3, true), place(0, 2..3, false)],
            counted: vec![0],
            overlapping: vec![vec![]],
        };
        assert_eq!(auroc(&track, &[0, 1, 2], &sites), Some(0.5));
        // Promoter 0, where another site overlaps, is no control.
        sites.overlapping = vec![vec![1]];
        assert_eq!(auroc(&track, &[0, 1, 2], &sites), Some(1.0));
    }
}
