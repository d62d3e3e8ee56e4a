//! Attention against known binding sites: does a head look at the sites of a TF more than at the
//! same place of other promoters?
//!
//! x(s) is the mean weight that the query of a site's promoter gives to the site's bases. Its
//! controls are the same TSS-relative interval at the other promoters of the [`Universe`], see
//! [`ranks`]; what is drawn under each null, see [`draws`]; what p, q and `p_max` are, see
//! [`significance`].

pub mod draws;
pub mod interval;
pub mod place;
pub mod ranks;
pub mod significance;
pub mod table;
pub mod test;
pub mod universe;
pub mod weights;

pub use draws::{PromoterFacts, Recipients, ShiftInput, strata};
pub use place::{ContigShape, SitePlace, contig_shapes};
pub use table::{Cell, ComparedPromoter, ComparedSite, Comparison, Null, SiteInCell, TfCount};
pub use test::{Data, Draws, Source, Tested, test};
pub use universe::{SiteAtPromoter, TfSites, Universe, View, sites_at_promoters};
pub use weights::{AnchorWeights, WeightsSink};
