//! What the nulls draw: promoters for sites to lie at, or other places for all sites.
//!
//! | null | a draw |
//! |---|---|
//! | promoter | one permutation of the promoters within strata, for all heads and TFs. The sites of a promoter move together and keep their columns; so do sites of neighbours that reach into its view |
//! | matched | every site on its own moves to a promoter of the same part of the genome whose bases in the site's columns are in the same fifth by AT content |
//! | shift | all sites move round their contig by the same distance, then belong to promoters anew; the universe is made anew by the same rule |
//! | shuffle | nothing moves; the model reads a genome whose intergenic regions were shuffled |

use super::place::{ContigShape, SitePlace};
use super::universe::{TfSites, Universe, View, sites_at_promoters};
use super::weights::AnchorWeights;
use crate::analysis::random::Random;
use crate::genome::{Anchor, Interval};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// Sites never move by less than this in the circular shift.
pub const LEAST_SHIFT_BP: usize = 10_000;

/// Streams of random numbers of one seed that no draw shares.
const MATCHED_STREAM: u64 = 1 << 40;
const SHIFT_STREAM: u64 = 2 << 40;

/// What is known of a promoter beside what heads do there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PromoterFacts {
    /// Number of its part of the genome: training, held out, neither.
    pub part: usize,
    /// Number of its σ factor.
    pub sigma: usize,
    /// Share of A and T in −150…+20.
    pub at_content: f64,
    /// A and T among the columns before each column; one more than there are columns.
    pub at_before: Vec<u16>,
    /// Number of its block of the genome.
    pub block: usize,
}

impl PromoterFacts {
    fn at_within(&self, columns: &Range<usize>) -> u16 {
        let before = |column: usize| self.at_before.get(column).copied().unwrap_or(0);
        before(columns.end) - before(columns.start)
    }
}

/// Which fifth of all values each value is in; equal values are in the same one.
#[must_use]
pub fn fifths<T: PartialOrd + Copy>(values: &[T]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let borders: Vec<T> = (1..5)
        .filter_map(|k| sorted.get(k * values.len() / 5).copied())
        .collect();
    let fifth = |value: &T| borders.iter().filter(|border| *border <= value).count();
    values.iter().map(fifth).collect()
}

/// The promoters of every stratum: part of the genome, σ factor, fifth by AT content.
#[must_use]
pub fn strata(promoters: &[PromoterFacts]) -> Vec<Vec<u32>> {
    let at: Vec<f64> = promoters.iter().map(|p| p.at_content).collect();
    let mut members: BTreeMap<(usize, usize, usize), Vec<u32>> = BTreeMap::new();
    for (promoter, (facts, fifth)) in promoters.iter().zip(fifths(&at)).enumerate() {
        members
            .entry((facts.part, facts.sigma, fifth))
            .or_default()
            .push(promoter as u32);
    }
    members.into_values().collect()
}

/// Where something lies in every draw: `slots[slot * draws + draw]` is a promoter.
#[derive(Clone, Debug)]
pub struct Recipients {
    /// Number of draws.
    pub draws: usize,
    slots: Vec<u32>,
}

impl Recipients {
    /// The promoter of `slot` in every draw.
    #[must_use]
    pub fn of(&self, slot: usize) -> &[u32] {
        &self.slots[slot * self.draws..][..self.draws]
    }

    fn collect(
        slots: usize,
        draws: Range<usize>,
        draw: impl Fn(usize) -> Vec<u32> + Sync + Send,
    ) -> Self {
        let rows: Vec<Vec<u32>> = draws.clone().into_par_iter().map(draw).collect();
        let mut all = vec![0; slots * rows.len()];
        for (number, row) in rows.iter().enumerate() {
            for (slot, &promoter) in row.iter().enumerate() {
                all[slot * rows.len() + number] = promoter;
            }
        }
        Self {
            draws: rows.len(),
            slots: all,
        }
    }

    /// Everything where it is: one draw.
    #[must_use]
    pub fn identity(promoters: impl Iterator<Item = u32>) -> Self {
        Self {
            draws: 1,
            slots: promoters.collect(),
        }
    }

    /// Permutations of `promoters` promoters within strata; the slot is the promoter that gives its sites.
    #[must_use]
    pub fn permuted(strata: &[Vec<u32>], promoters: usize, seed: u64, draws: Range<usize>) -> Self {
        Self::collect(promoters, draws, |draw| {
            let mut random = Random::new(seed, draw as u64);
            let mut to: Vec<u32> = (0..promoters as u32).collect();
            for members in strata {
                let mut shuffled = members.clone();
                random.shuffle(&mut shuffled);
                for (from, recipient) in members.iter().zip(shuffled) {
                    to[*from as usize] = recipient;
                }
            }
            to
        })
    }

    /// A promoter of its class for every slot, each on its own.
    #[must_use]
    pub fn matched(classes: &[Vec<u32>], seed: u64, draws: Range<usize>) -> Self {
        Self::collect(classes.len(), draws, |draw| {
            let mut random = Random::new(seed, MATCHED_STREAM + draw as u64);
            let pick = |class: &Vec<u32>| class[random.below(class.len())];
            classes.iter().map(pick).collect()
        })
    }
}

/// The promoters that each place of `sites` may be drawn at; its own alone where it is not counted.
#[must_use]
pub fn classes(promoters: &[PromoterFacts], sites: &[TfSites]) -> Vec<Vec<u32>> {
    let of_place = |place: &super::universe::SiteAtPromoter| {
        if !place.counted {
            return vec![place.promoter as u32];
        }
        let at: Vec<u16> = promoters
            .iter()
            .map(|facts| facts.at_within(&place.columns))
            .collect();
        let fifths = fifths(&at);
        let (part, fifth) = (promoters[place.promoter].part, fifths[place.promoter]);
        (0..promoters.len())
            .filter(|&p| promoters[p].part == part && fifths[p] == fifth)
            .map(|p| p as u32)
            .collect()
    };
    let places: Vec<_> = sites.iter().flat_map(|of_tf| &of_tf.places).collect();
    places.into_par_iter().map(of_place).collect()
}

/// What the circular shift needs beside the universe as it is.
#[derive(Clone, Debug)]
pub struct ShiftInput {
    /// All start sites that a universe may hold, in the order of the genome.
    pub anchors: Vec<Anchor>,
    /// What heads do at each of them.
    pub weights: AnchorWeights,
    /// Contigs by index.
    pub shapes: Vec<ContigShape>,
    /// All sites under the filter; those of the TFs that are tested have the lowest numbers of TFs.
    pub sites: Vec<SitePlace>,
    /// What a query sees.
    pub view: View,
    /// Start sites of a universe lie at least this far apart on a strand.
    pub apart_bp: usize,
}

/// A universe with its sites, as one draw of the shift makes them.
#[derive(Clone, Debug)]
pub struct Shifted {
    /// Its promoters, as numbers of anchors.
    pub promoters: Vec<usize>,
    /// The sites of each tested TF.
    pub sites: Vec<TfSites>,
}

impl ShiftInput {
    /// Draw number `draw`: on each contig all sites move right by the same distance, at least 10 kb
    /// either way round; contigs of at most 20 kb stay as they are.
    ///
    /// A site that would lie over the end of a linear contig belongs to nobody.
    #[must_use]
    pub fn draw(&self, seed: u64, draw: usize, tfs: usize) -> Shifted {
        self.placed(&self.moved(seed, draw), tfs)
    }

    /// The sites where draw number `draw` puts them.
    #[must_use]
    pub fn moved(&self, seed: u64, draw: usize) -> Vec<SitePlace> {
        let mut random = Random::new(seed, SHIFT_STREAM + draw as u64);
        let distances: Vec<usize> = self
            .shapes
            .iter()
            .map(
                |shape| match shape.length_bp.checked_sub(2 * LEAST_SHIFT_BP) {
                    Some(room) if room > 0 => LEAST_SHIFT_BP + random.below(room + 1),
                    _ => 0,
                },
            )
            .collect();
        self.sites
            .iter()
            .filter_map(|site| {
                let shape = self.shapes.get(site.contig)?;
                let start = (site.interval.start + distances[site.contig]) % shape.length_bp.max(1);
                let interval = Interval::new(start, start + site.interval.len());
                let whole = shape.circular || interval.end <= shape.length_bp;
                whole.then_some(SitePlace { interval, ..*site })
            })
            .collect()
    }

    /// The universe of sites that lie as `sites` say.
    #[must_use]
    pub fn placed(&self, sites: &[SitePlace], tfs: usize) -> Shifted {
        // Promoters of other places are not named by anybody.
        let universe = Universe::new(&self.anchors, &self.shapes, sites, self.apart_bp, |_, _| {
            false
        });
        let sites = sites_at_promoters(
            &self.anchors,
            &self.shapes,
            sites,
            &universe,
            self.view,
            tfs,
        );
        Shifted {
            promoters: universe.promoters,
            sites,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_stay_within_strata_and_repeat_with_the_seed() {
        let facts: Vec<PromoterFacts> = (0..40)
            .map(|p| PromoterFacts {
                part: p % 2,
                at_content: (p / 2) as f64,
                ..PromoterFacts::default()
            })
            .collect();
        let strata = strata(&facts);
        assert_eq!(strata.len(), 10);
        let draws = Recipients::permuted(&strata, 40, 1, 0..30);
        let mut moved = 0;
        for draw in 0..30 {
            let mut seen = [false; 40];
            for promoter in 0..40 {
                let to = draws.of(promoter)[draw] as usize;
                assert!(
                    strata
                        .iter()
                        .any(|s| s.contains(&(promoter as u32)) && s.contains(&(to as u32)))
                );
                assert!(!std::mem::replace(&mut seen[to], true));
                moved += usize::from(to != promoter);
            }
        }
        assert!(moved > 600);
        // Draws do not depend on how they are cut into batches.
        let late = Recipients::permuted(&strata, 40, 1, 20..30);
        assert!((0..40).all(|p| late.of(p) == &draws.of(p)[20..]));
    }

    #[test]
    fn fifths_are_even_and_keep_equals_together() {
        assert_eq!(fifths(&[9, 1, 5, 7, 3]), [4, 0, 2, 3, 1]);
        let same = fifths(&[2.0; 9]);
        assert!(same.iter().all(|fifth| *fifth == same[0]));
        assert!(fifths::<u16>(&[]).is_empty());
    }
}
