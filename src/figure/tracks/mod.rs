//! The genome view: tracks on one shared axis.
//!
//! The number of shapes is bounded by the width of the picture: what is too dense to be drawn
//! one by one is counted or reduced for each pixel, and says so.

mod arcs;
mod frame;
mod genes;
mod layout;
mod pages;
mod plan;
mod probability;
mod ruler;
mod sequence;
mod sites;
mod strip;
mod tss;

pub use arcs::Arcs;
pub use layout::{GenomeLayout, Hit, TrackKind};
pub use pages::{StripPage, TrackPage};
pub use probability::Probability;
pub use sites::SiteTrack;
pub use strip::HeadStrip;

use super::colormap::ColorScale;
use super::scene::Scene;
use super::theme::{BaseColors, Theme};
use super::viewport::Viewport;
use crate::attention::HeadId;
use crate::genome::{Contig, FeatureSet, Interval, Strand};
use plan::Plan;

/// Width of the column of track names.
pub const GUTTER_PT: f32 = 68.0;
/// Empty width right of the tracks.
pub const RIGHT_PT: f32 = 12.0;

/// What a genome view shows. Start from [`GenomeView::new`] and fill in what there is.
#[derive(Clone, Copy, Debug)]
pub struct GenomeView<'a> {
    /// Which part of which contig.
    pub viewport: Viewport,
    /// Width of the picture in points.
    pub width: f32,
    /// Height that the picture should fill if it can, in points: spacing and the rows of the head strip grow or
    /// shrink within limits, and the heights of the tracks do not depend on what comes into view.
    pub height: Option<f32>,
    /// Pixels for each point where it will be shown; values are reduced to whole pixels.
    pub pixels_per_point: f32,
    /// Light or dark.
    pub theme: Theme,
    /// Colours of the bases.
    pub base_colors: BaseColors,
    /// The strand whose heads are shown; its letters stand out.
    pub strand: Strand,
    /// A line above the ruler; for figures.
    pub title: Option<&'a str>,
    /// The sequence.
    pub contig: Option<&'a Contig>,
    /// Genes.
    pub features: Option<&'a FeatureSet>,
    /// Transcription start sites.
    pub tss: Option<&'a FeatureSet>,
    /// Sets of binding sites, a track each.
    pub sites: &'a [SiteTrack<'a>],
    /// The model's probability on both strands.
    pub probability: Option<Probability<'a>>,
    /// What the heads look at.
    pub strip: Option<HeadStrip<'a>>,
    /// Bases to be marked.
    pub selected: Option<Interval>,
    /// The head to be marked.
    pub selected_head: Option<HeadId>,
    /// The query whose keys are drawn as arcs.
    pub arcs: Option<Arcs<'a>>,
    /// The base through which a line is drawn, 0-based on the forward strand.
    pub pinned: Option<usize>,
    /// Whether the sites are outlined over the rows of the heads too.
    pub sites_over_heads: bool,
    /// Tracks that are not drawn.
    pub hidden: &'a [TrackKind],
    /// The order of the tracks below the ruler; those that it leaves out follow in the usual order.
    pub order: &'a [TrackKind],
    /// Heights of tracks over the usual ones.
    pub heights: &'a [(TrackKind, f32)],
}

impl GenomeView<'_> {
    /// An empty view.
    #[must_use]
    pub fn new(viewport: Viewport, width: f32, theme: Theme) -> Self {
        Self {
            viewport,
            width,
            height: None,
            pixels_per_point: 1.0,
            theme,
            base_colors: BaseColors::Safe,
            strand: Strand::Forward,
            title: None,
            contig: None,
            features: None,
            tss: None,
            sites: &[],
            probability: None,
            strip: None,
            selected: None,
            selected_head: None,
            arcs: None,
            pinned: None,
            sites_over_heads: false,
            hidden: &[],
            order: &[],
            heights: &[],
        }
    }

    /// The picture and where its tracks are.
    #[must_use]
    pub fn draw(&self) -> (Scene, GenomeLayout) {
        let plan = Plan::new(self);
        let scene = plan.draw(self);
        (scene, plan.layout)
    }

    /// Where the tracks are, without drawing them.
    #[must_use]
    pub fn layout(&self) -> GenomeLayout {
        Plan::new(self).layout
    }

    /// The colour scale and the rule of the head strip, if there is one.
    #[must_use]
    pub fn scale(&self) -> Option<(ColorScale, &str)> {
        self.strip.as_ref().map(|strip| (strip.scale, strip.rule))
    }

    fn shows(&self, kind: TrackKind) -> bool {
        !self.hidden.contains(&kind)
    }

    /// The height of a track over its usual one.
    fn stretch(&self, kind: TrackKind) -> f32 {
        let found = self.heights.iter().find(|(track, _)| *track == kind);
        found.map_or(1.0, |(_, height)| height.clamp(0.25, 8.0))
    }
}

/// The picture of a genome view.
#[must_use]
pub fn genome_view(view: &GenomeView<'_>) -> Scene {
    view.draw().0
}
