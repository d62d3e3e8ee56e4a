//! Stacks the tracks of a genome view and draws them.

use super::frame::Frame;
use super::layout::{GenomeLayout, TrackKind};
use super::{GenomeView, genes, probability, ruler, sequence, sites, strip, tss};
use crate::figure::pen::Pen;
use crate::figure::scene::{Rect, Scene};
use crate::figure::{axis, legend};

/// How generously tracks are spaced.
struct Spacing {
    /// Points between two tracks.
    between: f32,
    /// Height of the probability track in points.
    probability: f32,
    /// Fewest and most lanes of a track of sites.
    site_lanes: (usize, usize),
}

impl Spacing {
    /// As high as its content, for figures.
    const FREE: Self = Self {
        between: 8.0,
        probability: 60.0,
        site_lanes: (2, 5),
    };
    /// For a window: the same height whatever comes into view, so that nothing jumps.
    const ROOMY: Self = Self {
        site_lanes: (4, 4),
        ..Self::FREE
    };
    /// For a low window.
    const COMPACT: Self = Self {
        between: 4.0,
        probability: 44.0,
        site_lanes: (3, 3),
    };
}

/// What will be drawn where.
pub(super) struct Plan<'a> {
    frame: Frame,
    pub layout: GenomeLayout,
    genes: Option<genes::Genes<'a>>,
    tss: Option<tss::Tss>,
    sites: Vec<sites::Sites<'a>>,
}

impl<'a> Plan<'a> {
    /// With the most generous spacing that leaves room to label the rows of the strip.
    pub fn new(view: &GenomeView<'a>) -> Self {
        if view.height.is_none() {
            return Self::spaced(view, &Spacing::FREE);
        }
        let roomy = Self::spaced(view, &Spacing::ROOMY);
        let rows_are_low = roomy
            .layout
            .rows
            .first()
            .is_some_and(|(_, _, height)| *height < strip::LABELLED_ROW_PT);
        if rows_are_low {
            Self::spaced(view, &Spacing::COMPACT)
        } else {
            roomy
        }
    }

    fn spaced(view: &GenomeView<'a>, spacing: &Spacing) -> Self {
        let frame = Frame::new(view);
        let shown = |kind: TrackKind| view.shows(kind);
        let genes = view
            .features
            .filter(|_| shown(TrackKind::Genes))
            .map(|set| genes::Genes::place(&frame, set));
        let tss = view
            .tss
            .filter(|_| shown(TrackKind::Tss))
            .map(|set| tss::Tss::place(&frame, set));
        let sites: Vec<_> = view
            .sites
            .iter()
            .enumerate()
            .map(|(index, track)| sites::Sites::place(&frame, index, track, spacing.site_lanes))
            .collect();

        let mut stack = Stack::new(&frame, spacing.between);
        if view.title.is_some() && shown(TrackKind::Title) {
            stack.add(TrackKind::Title, 16.0);
        }
        if shown(TrackKind::Ruler) {
            stack.add(TrackKind::Ruler, ruler::HEIGHT_PT);
        }
        if let Some(height) = view
            .contig
            .filter(|_| shown(TrackKind::Sequence))
            .and_then(|_| sequence::height(&frame))
        {
            stack.add(TrackKind::Sequence, height);
        }
        if let Some(genes) = &genes {
            stack.add(TrackKind::Genes, genes.height());
        }
        if tss.is_some() {
            stack.add(TrackKind::Tss, tss::HEIGHT_PT);
        }
        for (index, sites) in sites.iter().enumerate() {
            if shown(TrackKind::Sites(index)) {
                stack.add(TrackKind::Sites(index), sites.height());
            }
        }
        if view.probability.is_some() && shown(TrackKind::Probability) {
            stack.add(TrackKind::Probability, spacing.probability);
        }
        let mut rows = Vec::new();
        if let Some(strip) = view.strip.as_ref().filter(|_| shown(TrackKind::Heads)) {
            let room = view
                .height
                .map(|height| height - stack.y - legend::LEGEND_PT - 2.0 * spacing.between);
            let strip_rows = strip::rows(strip.heads, room);
            let y = stack.add(TrackKind::Heads, strip_rows.height);
            rows = strip_rows
                .tops
                .iter()
                .map(|(head, top)| (*head, y + top, strip_rows.each))
                .collect();
            stack.add(TrackKind::Legend, legend::LEGEND_PT);
        }
        let height = stack.y;
        let tracks = stack.tracks;
        let top = tracks.first().map_or(0.0, |(_, rect)| rect.y);
        Self {
            layout: GenomeLayout {
                viewport: view.viewport,
                plot: Rect::new(frame.left, top, frame.width, (height - top).max(0.0)),
                height,
                tracks,
                rows,
            },
            frame,
            genes,
            tss,
            sites,
        }
    }

    pub fn draw(&self, view: &GenomeView<'a>) -> Scene {
        let mut pen = Pen::default();
        let frame = &self.frame;
        let ticks = axis::ruler_ticks(&view.viewport, frame.width);
        ruler::grid(&mut pen, frame, &self.layout, &ticks);
        if let Some(selected) = view.selected {
            ruler::selection(&mut pen, frame, &self.layout, selected);
        }
        for (kind, rect) in &self.layout.tracks {
            match kind {
                TrackKind::Title => ruler::title(&mut pen, frame, *rect, view),
                TrackKind::Ruler => ruler::draw(&mut pen, frame, *rect, &ticks),
                TrackKind::Sequence => sequence::draw(&mut pen, frame, *rect, view),
                TrackKind::Genes => {
                    if let Some(genes) = &self.genes {
                        genes.draw(&mut pen, frame, *rect);
                    }
                }
                TrackKind::Tss => {
                    if let Some(tss) = &self.tss {
                        tss.draw(&mut pen, frame, *rect);
                    }
                }
                TrackKind::Sites(index) => self.sites[*index].draw(&mut pen, frame, *rect),
                TrackKind::Probability => {
                    if let Some(probability) = &view.probability {
                        probability::draw(&mut pen, frame, *rect, probability);
                    }
                }
                TrackKind::Heads => {
                    if let Some(strip) = &view.strip {
                        let legend = self.layout.track(TrackKind::Legend);
                        strip::draw(
                            &mut pen,
                            frame,
                            *rect,
                            legend,
                            strip,
                            view,
                            &self.layout.rows,
                        );
                    }
                }
                TrackKind::Legend => {}
            }
        }
        pen.scene(view.width, self.layout.height, Some(frame.palette.page))
    }
}

/// Tracks from top to bottom.
struct Stack {
    left: f32,
    width: f32,
    between: f32,
    y: f32,
    tracks: Vec<(TrackKind, Rect)>,
}

impl Stack {
    fn new(frame: &Frame, between: f32) -> Self {
        Self {
            between,
            left: frame.left,
            width: frame.width,
            y: 4.0,
            tracks: Vec::new(),
        }
    }

    /// Adds a track and gives its upper edge.
    fn add(&mut self, kind: TrackKind, height: f32) -> f32 {
        let y = self.y;
        self.tracks
            .push((kind, Rect::new(self.left, y, self.width, height)));
        self.y = y + height + self.between;
        y
    }
}
