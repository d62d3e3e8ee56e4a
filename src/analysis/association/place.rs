//! Where sites lie relative to start sites, and which start site each belongs to.

use crate::genome::{Anchor, Genome, Interval, Strand};
use std::ops::Range;

/// A site belongs to a promoter with its centre from here …
pub const FARTHEST_UPSTREAM_BP: isize = 300;
/// … to here; the +1 base is 1.
pub const FARTHEST_DOWNSTREAM_BP: isize = 50;

/// The bases of one site, apart from what else is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SitePlace {
    /// Number of its transcription factor.
    pub tf: usize,
    /// Index of the contig.
    pub contig: usize,
    /// Its bases on the forward strand; on a circular contig they may end past its end.
    pub interval: Interval,
    /// Whether it may be counted; one that may not still keeps its promoter out of the controls.
    pub eligible: bool,
}

/// Length and shape of a contig.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContigShape {
    /// Its length in bases.
    pub length_bp: usize,
    /// Whether its last base is followed by its first.
    pub circular: bool,
}

/// The shapes of a genome's contigs; circular ones count as linear where runs do not wrap.
#[must_use]
pub fn contig_shapes(genome: &Genome, wraps: bool) -> Vec<ContigShape> {
    let shape = |contig: &crate::genome::Contig| ContigShape {
        length_bp: contig.len(),
        circular: contig.circular && wraps,
    };
    genome.contigs.iter().map(shape).collect()
}

impl ContigShape {
    /// The offset `right - left` of two positions, the short way round on a circular contig.
    fn difference(self, left: usize, right: usize) -> isize {
        let plain = right.cast_signed() - left.cast_signed();
        let length = self.length_bp.max(1).cast_signed();
        if self.circular {
            (plain + length / 2).rem_euclid(length) - length / 2
        } else {
            plain
        }
    }

    /// The offsets of a site's bases from a start site, on the start site's strand; 0 is the +1 base.
    #[must_use]
    pub fn offsets(self, anchor: Anchor, site: Interval) -> Range<isize> {
        let width = site.len().cast_signed();
        let first = match anchor.strand {
            Strand::Forward => self.difference(anchor.position, site.start),
            Strand::Reverse => self.difference(site.start, anchor.position) - (width - 1),
        };
        first..first + width
    }
}

/// Twice the offset of the middle of some offsets.
fn doubled_centre(offsets: &Range<isize>) -> isize {
    offsets.start + offsets.end - 1
}

/// Start sites by place.
#[derive(Clone, Debug)]
pub struct AnchorIndex<'a> {
    anchors: &'a [Anchor],
    shapes: &'a [ContigShape],
    /// Numbers of the anchors of each contig.
    contigs: Vec<Range<usize>>,
}

impl<'a> AnchorIndex<'a> {
    /// Over anchors in the order of the genome.
    #[must_use]
    pub fn new(anchors: &'a [Anchor], shapes: &'a [ContigShape]) -> Self {
        let contigs = (0..shapes.len()).map(|contig| {
            anchors.partition_point(|anchor| anchor.contig < contig)
                ..anchors.partition_point(|anchor| anchor.contig <= contig)
        });
        Self {
            anchors,
            shapes,
            contigs: contigs.collect(),
        }
    }

    /// Numbers of the anchors within `reach_bp` of a site, each once.
    #[must_use]
    pub fn near(&self, site: &SitePlace, reach_bp: usize) -> Vec<usize> {
        let (Some(range), Some(shape)) =
            (self.contigs.get(site.contig), self.shapes.get(site.contig))
        else {
            return Vec::new();
        };
        let here = &self.anchors[range.clone()];
        let length = shape.length_bp.cast_signed();
        let first = site.interval.start.cast_signed() - reach_bp.cast_signed();
        let end = site.interval.end.cast_signed() + reach_bp.cast_signed();
        if shape.circular && end - first >= length {
            return range.clone().collect();
        }
        let turns: &[isize] = if shape.circular { &[0, -1, 1] } else { &[0] };
        let mut found = Vec::new();
        for turn in turns {
            let position = |anchor: &Anchor| anchor.position.cast_signed() + turn * length;
            let from = here.partition_point(|anchor| position(anchor) < first);
            let to = here.partition_point(|anchor| position(anchor) < end);
            found.extend((from..to).map(|index| range.start + index));
        }
        found
    }

    /// Offsets of a site from anchor `index`.
    #[must_use]
    pub fn offsets(&self, index: usize, site: &SitePlace) -> Range<isize> {
        self.shapes[site.contig].offsets(self.anchors[index], site.interval)
    }

    /// The anchor that a site belongs to: the nearest with the site's centre in −300…+50; of equally
    /// near ones the one that `is_named`, else the first in the order of the genome.
    pub fn owner(&self, site: &SitePlace, is_named: impl Fn(usize) -> bool) -> Option<usize> {
        let upstream = -2 * FARTHEST_UPSTREAM_BP;
        let downstream = 2 * (FARTHEST_DOWNSTREAM_BP - 1);
        self.near(site, FARTHEST_UPSTREAM_BP.unsigned_abs())
            .into_iter()
            .filter_map(|index| {
                let centre = doubled_centre(&self.offsets(index, site));
                (upstream..=downstream)
                    .contains(&centre)
                    .then_some((centre.unsigned_abs(), index))
            })
            .min_by_key(|&(distance, index)| (distance, !is_named(index), index))
            .map(|(_, index)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position: usize, strand: Strand) -> Anchor {
        Anchor {
            contig: 0,
            position,
            strand,
        }
    }

    fn site(start: usize, end: usize) -> SitePlace {
        SitePlace {
            tf: 0,
            contig: 0,
            interval: Interval::new(start, end),
            eligible: true,
        }
    }

    #[test]
    fn offsets_are_counted_on_the_strand_and_round_the_origin() {
        let shape = ContigShape {
            length_bp: 1000,
            circular: true,
        };
        let offsets = |position, strand, start, end| {
            shape.offsets(at(position, strand), Interval::new(start, end))
        };
        assert_eq!(offsets(500, Strand::Forward, 460, 464), -40..-36);
        assert_eq!(offsets(500, Strand::Reverse, 537, 541), -40..-36);
        assert_eq!(offsets(500, Strand::Reverse, 500, 501), 0..1);
        assert_eq!(offsets(10, Strand::Forward, 990, 994), -20..-16);
        assert_eq!(offsets(990, Strand::Reverse, 7, 11), -20..-16);
    }

    #[test]
    fn a_site_belongs_to_the_nearest_of_divergent_promoters() {
        let shapes = [ContigShape {
            length_bp: 10_000,
            circular: false,
        }];
        // Divergent, 200 bases apart, and one far downstream of the site.
        let anchors = [
            at(400, Strand::Forward),
            at(1000, Strand::Reverse),
            at(1200, Strand::Forward),
        ];
        let index = AnchorIndex::new(&anchors, &shapes);
        let owner = |start, end| index.owner(&site(start, end), |_| false);
        assert_eq!(owner(1050, 1061), Some(1));
        assert_eq!(owner(1140, 1151), Some(2));
        // In the middle both are as near: the named one, else the first.
        assert_eq!(owner(1095, 1106), Some(1));
        assert_eq!(index.owner(&site(1095, 1106), |index| index == 2), Some(2));
        // +50 is the last base downstream, −300 the last one upstream.
        assert_eq!(owner(449, 450), Some(0));
        assert_eq!(owner(450, 451), None);
        assert_eq!(owner(100, 101), Some(0));
        assert_eq!(owner(99, 100), None);
        assert_eq!(index.near(&site(1100, 1101), 150), [1, 2]);
    }
}
