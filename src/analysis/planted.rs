//! Random genomes with a motif planted before known anchors, to test against known truth.

use super::consensus::MotifRule;
use super::profile::Glance;
use super::random::Random;
use super::windows::Surroundings;
use crate::genome::{Anchor, Base, Contig, Genome, Strand, base::ACGT};
use std::ops::Range;

/// A circular random genome; before each of its anchors, on alternating strands, one motif.
pub(super) struct Planted {
    genome: Genome,
    anchors: Vec<Anchor>,
    distances: Vec<usize>,
}

/// Bases from one anchor to the next: further than a query of the tests sees.
const SPACING_BP: usize = 300;

impl Planted {
    /// `n` anchors; the middle of `motif` lies a random distance out of `distances` before each.
    pub(super) fn new(n: usize, motif: &[u8], distances: Range<usize>, seed: u64) -> Self {
        let mut random = Random::new(seed, 17);
        let length = n * SPACING_BP;
        let mut bases: Vec<Base> = (0..length).map(|_| ACGT[random.below(4)]).collect();
        let motif: Vec<Base> = motif.iter().filter_map(|&b| Base::from_ascii(b)).collect();
        let mut planted = Self {
            genome: Genome::default(),
            anchors: Vec::new(),
            distances: Vec::new(),
        };
        for index in 0..n {
            let position = index * SPACING_BP + SPACING_BP / 2;
            let strand = Strand::BOTH[index % 2];
            let distance = distances.start + random.below(distances.len());
            for (place, &base) in motif.iter().enumerate() {
                let before = distance + motif.len() / 2 - place;
                match strand {
                    Strand::Forward => bases[position - before] = base,
                    Strand::Reverse => bases[position + before] = base.complement(),
                }
            }
            planted.distances.push(distance);
            planted.anchors.push(Anchor {
                contig: 0,
                position,
                strand,
            });
        }
        planted.genome.contigs.push(Contig {
            circular: true,
            sequence: bases.into_iter().collect(),
            ..Contig::default()
        });
        planted
    }

    pub(super) fn genome(&self) -> &Genome {
        &self.genome
    }

    pub(super) fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// Where the motif's middle lies before each anchor.
    pub(super) fn distances(&self) -> &[usize] {
        &self.distances
    }

    /// The bases around the anchors for a model without label shift.
    pub(super) fn surroundings(&self, context: usize, rule: &MotifRule) -> Surroundings {
        Surroundings::new(&self.genome, &self.anchors, 0, context, rule.flank())
    }
}

/// Glances of a head that looks at `distances`.
pub(super) fn glances(distances: &[usize]) -> Vec<Option<Glance>> {
    distances
        .iter()
        .map(|&distance| {
            Some(Glance {
                distance: u16::try_from(distance).unwrap_or(u16::MAX),
                weight: 0.5,
                entropy_bits: 1.0,
            })
        })
        .collect()
}
