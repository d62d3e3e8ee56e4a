//! What lies beside a place: the nearest gene and the start site that it may belong to.

use crate::genome::{Anchor, FeatureKind, FeatureSet, Interval, Strand, TssOffset};

/// Upstream of a start site a place in this range may act on it.
const UPSTREAM_BP: isize = 300;
/// Downstream of a start site likewise.
const DOWNSTREAM_BP: isize = 50;

/// Genes and start sites, to be searched by place.
pub(super) struct Nearby<'a> {
    features: &'a FeatureSet,
    /// Sorted; true where it is annotated.
    anchors: Vec<(Anchor, bool)>,
}

/// A gene beside a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NearGene {
    /// Its name, or its locus tag.
    pub name: String,
    /// Bases between; 0 inside.
    pub distance: usize,
}

/// A start site beside a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NearTss {
    /// The start site.
    pub anchor: Anchor,
    /// Where the place lies relative to it.
    pub offset: TssOffset,
    /// Whether it is annotated, not predicted.
    pub known: bool,
}

impl<'a> Nearby<'a> {
    pub fn new(features: &'a FeatureSet, known: &[Anchor], predicted: &[Anchor]) -> Self {
        let mut anchors: Vec<(Anchor, bool)> = known
            .iter()
            .map(|anchor| (*anchor, true))
            .chain(predicted.iter().map(|anchor| (*anchor, false)))
            .collect();
        anchors.sort_unstable();
        Self { features, anchors }
    }

    /// The gene with the least distance.
    pub fn gene(&self, contig: usize, position: usize) -> Option<NearGene> {
        let distance = |interval: Interval| {
            if position < interval.start {
                interval.start - position
            } else {
                (position + 1).saturating_sub(interval.end)
            }
        };
        for reach in [300, 3_000, 30_000, 300_000, usize::MAX / 4] {
            let around = Interval::new(position.saturating_sub(reach), position + reach);
            let best = self
                .features
                .overlapping(contig, around)
                .into_iter()
                .filter(|feature| feature.kind == FeatureKind::Gene)
                .min_by_key(|gene| distance(gene.interval));
            if let Some(gene) = best {
                let name = match gene.shown_name() {
                    "" => "unnamed",
                    name => name,
                };
                return Some(NearGene {
                    name: name.to_owned(),
                    distance: distance(gene.interval),
                });
            }
        }
        None
    }

    /// The nearest start site for which the place lies within −300…+50, or else the nearest of all.
    pub fn tss(&self, contig: usize, position: usize) -> Option<NearTss> {
        let key = |entry: &(Anchor, bool)| (entry.0.contig, entry.0.position);
        let near = |&(anchor, known): &(Anchor, bool)| {
            let ahead = position.cast_signed() - anchor.position.cast_signed();
            let offset = match anchor.strand {
                Strand::Forward => ahead,
                Strand::Reverse => -ahead,
            };
            NearTss {
                anchor,
                offset: TssOffset(offset),
                known,
            }
        };
        let least = position.saturating_sub(UPSTREAM_BP.unsigned_abs());
        let from = self
            .anchors
            .partition_point(|entry| key(entry) < (contig, least));
        let most = position + UPSTREAM_BP.unsigned_abs();
        let fitting = self.anchors[from..]
            .iter()
            .take_while(|entry| key(entry) <= (contig, most))
            .map(near)
            .filter(|tss| (-UPSTREAM_BP..DOWNSTREAM_BP).contains(&tss.offset.0))
            .min_by_key(|tss| (tss.offset.0.abs(), !tss.known));
        let middle = self
            .anchors
            .partition_point(|entry| key(entry) < (contig, position));
        let beside = [middle.checked_sub(1), Some(middle)];
        fitting.or_else(|| {
            beside
                .into_iter()
                .flatten()
                .filter_map(|index| self.anchors.get(index))
                .filter(|(anchor, _)| anchor.contig == contig)
                .map(near)
                .min_by_key(|tss| (tss.offset.0.abs(), !tss.known))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Feature, FeatureNames};

    fn gene(name: &str, start: usize, end: usize) -> Feature {
        let strand = Some(Strand::Forward);
        let names = FeatureNames {
            name,
            locus_tag: "b0001",
            ..FeatureNames::default()
        };
        Feature::new(FeatureKind::Gene, 0, Interval::new(start, end), strand).with_names(names)
    }

    fn at(position: usize, strand: Strand) -> Anchor {
        Anchor {
            contig: 0,
            position,
            strand,
        }
    }

    #[test]
    fn the_nearest_gene_and_a_start_site_that_fits() {
        let features = FeatureSet::new(vec![gene("aaa", 100, 200), gene("", 5_000, 6_000)]);
        let known = [at(1_000, Strand::Forward), at(1_150, Strand::Reverse)];
        let nearby = Nearby::new(&features, &known, &[at(3_000, Strand::Forward)]);
        let name = |position| {
            let gene = nearby.gene(0, position).unwrap();
            (gene.name, gene.distance)
        };
        assert_eq!(name(150), ("aaa".to_owned(), 0));
        assert_eq!(name(200), ("aaa".to_owned(), 1));
        assert_eq!(name(4_900), ("b0001".to_owned(), 100));
        assert_eq!(nearby.gene(3, 4_900), None);
        let tss = |position| {
            let tss = nearby.tss(0, position).unwrap();
            (tss.anchor.position, tss.offset.number(), tss.known)
        };
        assert_eq!(tss(990), (1_000, -10, true));
        assert_eq!(tss(1_000), (1_000, 1, true));
        // 60 downstream of the first, 90 downstream of the second: neither fits, the nearest is told.
        assert_eq!(tss(1_060), (1_000, 61, true));
        // 260 upstream on the other strand fits, though another start site is as near.
        assert_eq!(tss(1_410), (1_150, -260, true));
        assert_eq!(tss(2_990), (3_000, -10, false));
        assert_eq!(nearby.tss(2, 10), None);
    }
}
