//! The promoters that are compared, and the sites at them.
//!
//! - The universe holds the start sites that at least one site of any TF belongs to, thinned
//!   greedily at 50 bases a strand; start sites that nobody studied would be a bias of curation.
//! - A site belongs to one promoter, see [`AnchorIndex::owner`].
//! - A site is *seen*, and only then counted, where the model sees all of its bases from its
//!   promoter's query: columns 0 to `context - 1`, which are the offsets `label_shift + 1 - context`
//!   to `label_shift` from the start site.

use super::place::{AnchorIndex, ContigShape, SitePlace};
use crate::analysis::anchors::thinned;
use crate::genome::Anchor;
use std::ops::Range;

/// What queries see of their promoter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct View {
    /// How many keys a query sees.
    pub context: usize,
    /// How far after the start site its query lies.
    pub label_shift: usize,
}

impl View {
    /// The offset of column 0, the oldest key; 0 is the +1 base.
    #[must_use]
    pub fn first_offset(self) -> isize {
        self.label_shift.cast_signed() + 1 - self.context.cast_signed()
    }

    /// The columns of some offsets where all of them are seen.
    fn columns(self, offsets: &Range<isize>) -> Option<Range<usize>> {
        let start = usize::try_from(offsets.start - self.first_offset()).ok()?;
        let end = usize::try_from(offsets.end - self.first_offset()).ok()?;
        (start < end && end <= self.context).then_some(start..end)
    }

    /// The columns of those offsets that are seen; empty where none is.
    fn part(self, offsets: &Range<isize>) -> Range<usize> {
        let clip = |offset: isize| {
            (offset - self.first_offset())
                .clamp(0, self.context.cast_signed())
                .cast_unsigned()
        };
        clip(offsets.start)..clip(offsets.end)
    }
}

/// Promoters that are compared, by the number of their anchor, and where each site belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Universe {
    /// Numbers of the anchors, in the order of the genome.
    pub promoters: Vec<usize>,
    /// For each site the promoter (a place in `promoters`) that it belongs to.
    pub owners: Vec<Option<usize>>,
}

impl Universe {
    /// Of `anchors` in the order of the genome, no two alike; `is_named` says whether a site (by its
    /// number) names an anchor (by its number) as the one it regulates.
    #[must_use]
    pub fn new(
        anchors: &[Anchor],
        shapes: &[ContigShape],
        sites: &[SitePlace],
        apart_bp: usize,
        is_named: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let index = AnchorIndex::new(anchors, shapes);
        let mut owning: Vec<usize> = sites
            .iter()
            .enumerate()
            .filter_map(|(number, site)| index.owner(site, |anchor| is_named(number, anchor)))
            .collect();
        owning.sort_unstable();
        owning.dedup();
        let owning: Vec<Anchor> = owning.into_iter().map(|anchor| anchors[anchor]).collect();
        let kept = thinned(&owning, apart_bp);
        let promoters: Vec<usize> = kept
            .iter()
            .filter_map(|anchor| anchors.binary_search(anchor).ok())
            .collect();
        // Sites of promoters that were thinned away go to the nearest one that is left; whoever is
        // left keeps those that it had.
        let index = AnchorIndex::new(&kept, shapes);
        let owners = sites
            .iter()
            .enumerate()
            .map(|(number, site)| index.owner(site, |place| is_named(number, promoters[place])));
        Self {
            owners: owners.collect(),
            promoters,
        }
    }
}

/// A site at one promoter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteAtPromoter {
    /// Number of the site.
    pub site: usize,
    /// Place of the promoter in the universe.
    pub promoter: usize,
    /// The columns that it covers, of those that are seen; never empty.
    pub columns: Range<usize>,
    /// Whether it belongs to this promoter, is seen as a whole and may be counted.
    pub counted: bool,
}

/// The sites of one TF at the promoters of the universe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TfSites {
    /// Number of the TF.
    pub tf: usize,
    /// Every site at every promoter from whose query some of it is seen.
    pub places: Vec<SiteAtPromoter>,
    /// Numbers of the places that are counted.
    pub counted: Vec<usize>,
    /// For each counted place the other places whose columns overlap its own.
    pub overlapping: Vec<Vec<usize>>,
}

/// The sites of the TFs `0..tfs` at the promoters of `universe`.
#[must_use]
pub fn sites_at_promoters(
    anchors: &[Anchor],
    shapes: &[ContigShape],
    sites: &[SitePlace],
    universe: &Universe,
    view: View,
    tfs: usize,
) -> Vec<TfSites> {
    let mut found: Vec<TfSites> = (0..tfs)
        .map(|tf| TfSites {
            tf,
            ..TfSites::default()
        })
        .collect();
    let kept: Vec<Anchor> = universe.promoters.iter().map(|&p| anchors[p]).collect();
    let index = AnchorIndex::new(&kept, shapes);
    let reach = view.context.max(view.label_shift + 1);
    for (number, site) in sites.iter().enumerate() {
        let Some(of_tf) = found.get_mut(site.tf) else {
            continue;
        };
        for promoter in index.near(site, reach) {
            let offsets = index.offsets(promoter, site);
            let columns = view.part(&offsets);
            if columns.is_empty() {
                continue;
            }
            let own = universe.owners[number] == Some(promoter);
            of_tf.places.push(SiteAtPromoter {
                site: number,
                promoter,
                columns,
                counted: own && site.eligible && view.columns(&offsets).is_some(),
            });
        }
    }
    for of_tf in &mut found {
        let places = &of_tf.places;
        of_tf.counted = (0..places.len()).filter(|&p| places[p].counted).collect();
        let overlaps = |a: &SiteAtPromoter, b: &SiteAtPromoter| {
            a.columns.start < b.columns.end && b.columns.start < a.columns.end
        };
        of_tf.overlapping = of_tf
            .counted
            .iter()
            .map(|&own| {
                (0..places.len())
                    .filter(|&other| other != own && overlaps(&places[own], &places[other]))
                    .collect()
            })
            .collect();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Interval, Strand};

    fn at(position: usize, strand: Strand) -> Anchor {
        Anchor {
            contig: 0,
            position,
            strand,
        }
    }

    fn site(tf: usize, start: usize, end: usize) -> SitePlace {
        SitePlace {
            tf,
            contig: 0,
            interval: Interval::new(start, end),
            eligible: true,
        }
    }

    #[test]
    fn promoters_without_sites_and_crowded_ones_are_left_out() {
        let shapes = [ContigShape {
            length_bp: 100_000,
            circular: true,
        }];
        let anchors = [
            at(1000, Strand::Forward),
            at(1030, Strand::Forward),
            at(5000, Strand::Forward),
            at(9000, Strand::Reverse),
        ];
        let sites = [
            site(0, 950, 960),
            site(0, 1020, 1026),
            site(1, 9040, 9050),
            site(1, 9100, 9112),
            site(1, 50_000, 50_010),
        ];
        let universe = Universe::new(&anchors, &shapes, &sites, 50, |_, _| false);
        // 1030 owned the second site until it was thinned away; 5000 owns none.
        assert_eq!(universe.promoters, [0, 3]);
        assert_eq!(universe.owners, [Some(0), Some(0), Some(1), Some(1), None]);
        let view = View {
            context: 128,
            label_shift: 20,
        };
        assert_eq!(view.first_offset(), -107);
        let found = sites_at_promoters(&anchors, &shapes, &sites, &universe, view, 2);
        assert_eq!(found[0].counted.len(), 1);
        // The second lies at +20…+25, of which one base is seen: it is no control, and not counted.
        assert_eq!(found[0].places[1].columns, 127..128);
        assert!(!found[0].places[1].counted);
        // −111…−100 is seen in part.
        assert_eq!(found[1].counted.len(), 1);
        assert_eq!(found[1].places[1].columns, 0..8);
        assert_eq!(found[1].places[0].columns, 58..68);
        assert!(found[1].overlapping[0].is_empty());
    }
}
